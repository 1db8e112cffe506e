//! The Lambda function: an event in, a result or one error out.
//!
//! Everything that can be made once is made by [`Function::new`]; what went wrong there is the error of each invocation.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, future, stream};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::aws::{self, Secret, SecretsManager};
use crate::clock::{self, Clock, Deadlines};
use crate::config::{Config, Problems};
use crate::digest::Digest;
use crate::event::{self, Options};
use crate::finding::Severity;
use crate::logging::Write;
use crate::message::Style;
use crate::metrics::{self, Ending};
use crate::outcome::{Delivery, ErrorType, Failures, Messages, Report, Status};
use crate::redact::Redactor;
use crate::retry::Timing;
use crate::run::{self, Checked, Order, Rules};
use crate::secrets::{self, Account, Label, Problem};
use crate::webhook::Webhook;
use crate::{api, http, sample};

/// How many accounts are read at once.
pub const ACCOUNTS_AT_ONCE: usize = 16;

/// Secrets that init has read are used by an invocation that comes this soon; a later one reads them again.
const FRESH: Duration = Duration::from_mins(1);

/// The time of an invocation that was told none: local emulators send a deadline in the past, which Lambda never does.
const UNTOLD: Duration = Duration::from_mins(1);

/// How long init waits for secrets. Lambda gives it 10 seconds.
const INIT: Duration = Duration::from_secs(5);

/// The function between invocations.
pub struct Function {
    settings: Result<(Config, aws::Settings, SecretsManager), Problems>,
    http: http::Client,
    clock: Clock,
    write: Write,
    name: String,
    /// What init has read, for the first invocation.
    prefetched: Mutex<Option<Prefetched>>,
}

/// Secrets by their id, and when they were read.
struct Prefetched {
    at: Instant,
    secrets: Vec<(String, Secret)>,
}

/// What an invocation is to do: the settings, but for what the event overrides.
struct Plan<'a> {
    config: &'a Config,
    secrets_manager: &'a SecretsManager,
    options: Options,
    rules: Rules,
    style: Style,
    /// Knows the secrets of this run: all of them, once accounts and webhooks were read.
    redactor: Redactor,
}

impl Plan<'_> {
    fn ncp_secret_ids(&self) -> &[String] {
        self.options.ncp_secret_ids.as_ref().unwrap_or(&self.config.ncp_secret_ids)
    }

    fn webhook_secret_id(&self) -> &str {
        self.options.webhook_secret_id.as_ref().unwrap_or(&self.config.webhook_secret_id)
    }

    /// What is posted, to whom.
    fn orders<'w>(&self, digest: &Digest, webhooks: &'w [Webhook]) -> Vec<Order<'w>> {
        let least = self.options.min_severity.unwrap_or(Severity::Info);
        let when_clear = self.options.notify_when_clear.unwrap_or(self.config.settings.notify_when_clear);
        run::orders(digest, webhooks, &self.style, least, when_clear)
    }

    /// Metrics tell of the present only.
    fn is_measured(&self) -> bool {
        !self.options.dry_run && !self.options.test && !self.rules.simulated
    }

    fn status(&self, digest: &Digest) -> Status {
        match (self.options.dry_run, self.options.test) {
            (true, _) => Status::DryRun,
            (false, true) => Status::Test,
            (false, false) if digest.worst().is_none() => Status::Clear,
            (false, false) => Status::Alerted,
        }
    }
}

impl Function {
    /// Makes the clients. `var` gives the value of an environment variable; calls are made again by `timing`; metrics are handed
    /// to `write`.
    pub fn new(var: impl Fn(&str) -> Option<String>, clock: Clock, timing: Timing, write: Write) -> Self {
        let http = http::client().with_timing(timing);
        let settings = match (Config::from_vars(&var), aws::Settings::from_vars(&var)) {
            (Ok(config), Ok(aws)) => {
                let secrets_manager = SecretsManager::new(&aws, http.clone());
                Ok((config, aws, secrets_manager))
            }
            (config, aws) => Err([config.err(), aws.err()].into_iter().flatten().flatten().collect()),
        };
        let name = var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        Self { settings, http, clock, write, name, prefetched: Mutex::new(None) }
    }

    /// Reads the secrets while Lambda still gives init its full processor. What fails here is tried again by the invocation.
    pub async fn prefetch(&self) {
        let Ok((config, _, secrets_manager)) = &self.settings else { return };
        let redactor = &Redactor::gathering();
        let at = clock::start();
        let ids = config.ncp_secret_ids.iter().chain([&config.webhook_secret_id]);
        let read =
            ids.map(|id| async move { Some((id.clone(), secrets_manager.read(id, at + INIT, redactor).await.ok()?)) });
        let secrets = future::join_all(read).await.into_iter().flatten().collect();
        *self.prefetched.lock().await = Some(Prefetched { at, secrets });
    }

    /// Handles one invocation, to be answered before `deadline`. The function goes on even if this panics.
    ///
    /// # Errors
    /// Everything that failed, after everything else was done.
    pub async fn handle(&self, event: &Value, deadline: DateTime<Utc>) -> Result<Report, Failures> {
        guarded(self.invocation(event, deadline).boxed_local()).await
    }

    async fn invocation(&self, event: &Value, deadline: DateTime<Utc>) -> Result<Report, Failures> {
        let start = clock::start();
        let left = (deadline - (self.clock)()).to_std().ok().filter(|left| !left.is_zero()).unwrap_or(UNTOLD);
        let deadlines = Deadlines::new(start, left);
        let plan = self.plan(event).inspect_err(|failures| {
            tracing::error!(error = failures.message(), "the run could not start");
        })?;
        for (field, value) in &plan.options.schedule {
            tracing::info!(field, value, "the schedule says of itself");
        }
        let mut prefetched = self.prefetched.lock().await.take().filter(|prefetched| prefetched.at.elapsed() < FRESH);
        let mut take = |id: &str| {
            let secrets = &mut prefetched.as_mut()?.secrets;
            let place = secrets.iter().position(|(one, _)| one == id)?;
            Some(secrets.swap_remove(place).1)
        };
        let id = plan.webhook_secret_id();
        let webhooks = secret(&plan, id, take(id), deadlines.list, read_webhooks);
        if plan.options.test {
            let digest = sample::digest(plan.rules.thresholds, plan.rules.now);
            let webhooks = webhooks.await;
            plan.redactor.complete();
            self.tell(&plan, &digest, webhooks, deadlines).await
        } else {
            let accounts: Vec<_> = plan.ncp_secret_ids().iter().map(|id| (id, take(id))).collect();
            // Not in order: a slow account must not hold up those behind it.
            let accounts = stream::iter(accounts.into_iter().enumerate())
                .map(async |(place, (id, prefetched))| {
                    (place, self.account(&plan, id, prefetched, deadlines.list).await)
                })
                .buffer_unordered(ACCOUNTS_AT_ONCE)
                .collect::<BTreeMap<_, _>>();
            let (webhooks, accounts) = future::join(webhooks, accounts).await;
            plan.redactor.complete();
            let accounts = accounts.into_values().collect();
            let details = plan.config.settings.details.then_some(deadlines.details);
            let digest = run::digest(accounts, plan.rules, details).await;
            self.tell(&plan, &digest, webhooks, deadlines).await
        }
    }

    /// Settings and event → what is to be done.
    fn plan(&self, event: &Value) -> Result<Plan<'_>, Failures> {
        let mut failures = Failures::default();
        let options = event::read(event).map_err(|problems| failures.add_all(ErrorType::EventError, problems));
        let settings = self.settings.as_ref();
        let settings = settings.map_err(|problems| failures.add_all(ErrorType::ConfigError, problems.iter().cloned()));
        let (Ok(options), Ok((config, aws, secrets_manager))) = (options, settings) else { return Err(failures) };
        let thresholds = options.thresholds(config).map_err(|problem| {
            failures.add(ErrorType::EventError, problem);
            failures
        })?;
        let (now, simulated) = (options.now.unwrap_or_else(self.clock), options.now.is_some());
        let style = Style::of(&config.settings);
        let redactor = Redactor::gathering();
        aws.hide_by(&redactor);
        Ok(Plan { config, secrets_manager, rules: Rules { thresholds, now, simulated }, style, options, redactor })
    }

    /// Reads an account's keys and lists its certificates. When NCP refuses the keys, they are read once more: they may have
    /// been rotated in the meantime. What was found until then counts, unless the account is read whole with the new ones.
    async fn account(&self, plan: &Plan<'_>, id: &str, prefetched: Option<Secret>, until: Instant) -> Checked {
        let account = match secret(plan, id, prefetched, until, read_account).await {
            Ok(account) => account,
            Err(error) => return Checked::without_keys(Label::of_secret(id), error),
        };
        let keys = account.keys.clone();
        let checked = self.check(plan, account, until).await;
        if !checked.is_unauthorized() {
            return checked;
        }
        match secret(plan, id, None, until, read_account).await {
            Ok(renewed) if !renewed.keys.is(&keys) => {
                tracing::info!(account = %renewed.label, "the keys were rotated meanwhile; the new ones are tried");
                self.check(plan, renewed, until).await.with_earlier(checked)
            }
            Ok(_) | Err(_) => checked,
        }
    }

    async fn check(&self, plan: &Plan<'_>, account: Account, until: Instant) -> Checked {
        let base = account.api_url.unwrap_or_else(|| plan.config.settings.api_url.clone());
        let client = api::Client::new(self.http.clone(), base, account.keys, self.clock, &plan.redactor)
            .with_certificate_manager(plan.config.settings.certificate_manager.as_ref());
        run::check(account.label, client, plan.rules, until, |_, _| {}).await
    }

    /// Posts what is due, and answers.
    async fn tell(
        &self,
        plan: &Plan<'_>,
        digest: &Digest,
        webhooks: Result<Vec<Webhook>, secrets::Error>,
        deadlines: Deadlines,
    ) -> Result<Report, Failures> {
        let mut failures = Failures::default();
        for (account, failure) in digest.failures() {
            failures.add_account(&account.name, failure);
        }
        if !failures.is_empty() {
            tracing::error!(error = failures.message(), "accounts could not be read whole");
        }
        let webhooks = match webhooks {
            Ok(webhooks) => webhooks,
            Err(error) => {
                tracing::error!(error = %error, "nobody can be told");
                failures.add(ErrorType::SecretError, format!("{error}: {}", error.fix()));
                Vec::new()
            }
        };
        let orders = plan.orders(digest, &webhooks);
        let mut report = Report::new(plan.status(digest), digest);
        let mut deliveries = Vec::new();
        if plan.options.dry_run {
            report.messages = Some(orders.into_iter().map(Messages::from).collect());
        } else {
            deliveries = run::deliver(&self.http, orders, deadlines.deliver, self.clock, &plan.redactor).await;
            let until = deadlines.notice;
            run::tell_of_failures(&self.http, &mut deliveries, &plan.style, until, self.clock, &plan.redactor).await;
        }
        let undelivered = deliveries.iter().filter_map(|one| Some((one.webhook, one.failure.as_ref()?)));
        for (webhook, error) in undelivered.clone() {
            failures.add_webhook(&webhook.name, webhook.kind, error);
        }
        if plan.is_measured() {
            let ending = Ending { deliveries_failed: undelivered.count(), completed: failures.is_empty() };
            (self.write)(&metrics::line(&self.name, digest, ending, (self.clock)()));
        }
        report.deliveries = deliveries.iter().map(Delivery::from).collect();
        report.log(&failures);
        if failures.is_empty() { Ok(report) } else { Err(failures) }
    }
}

/// Turns a panic into an error. Of its text only what stands in the source is shown: what was put in at run time may be a secret.
async fn guarded(invocation: LocalBoxFuture<'_, Result<Report, Failures>>) -> Result<Report, Failures> {
    AssertUnwindSafe(invocation).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&'static str>().copied().unwrap_or("its text is withheld");
        let mut failures = Failures::default();
        let fix = "report this as a bug, with the log line that says where";
        failures.add(ErrorType::InternalError, format!("ncp-cert-alert has a defect and panicked ({text}): {fix}"));
        Err(failures)
    })
}

/// Reads a secret, unless init has read it, and then what it holds.
async fn secret<T>(
    plan: &Plan<'_>,
    id: &str,
    prefetched: Option<Secret>,
    until: Instant,
    parse: impl FnOnce(&Secret, &Redactor) -> Result<T, Vec<String>>,
) -> Result<T, secrets::Error> {
    let secret = match prefetched {
        Some(secret) => Ok(secret),
        None => plan.secrets_manager.read(id, until, &plan.redactor).await,
    };
    let read = secret.and_then(|secret| {
        let parsed = parse(&secret, &plan.redactor);
        parsed.map_err(|problems| {
            plan.redactor.learn_parts(secret.text.expose_secret());
            Problem::Invalid(problems)
        })
    });
    read.map_err(|problem| secrets::Error { id: id.to_owned(), problem })
}

fn read_account(secret: &Secret, redactor: &Redactor) -> Result<Account, Vec<String>> {
    let account = secrets::account(&secret.name, &secret.text)?;
    account.keys.hide_by(redactor);
    Ok(account)
}

fn read_webhooks(secret: &Secret, redactor: &Redactor) -> Result<Vec<Webhook>, Vec<String>> {
    let webhooks = secrets::webhooks(&secret.text)?;
    webhooks.iter().for_each(|webhook| webhook.url.hide_by(redactor));
    Ok(webhooks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_without_what_was_put_into_its_text() {
        let secret = "SKCANARY";
        let formatted = async { if secret.is_empty() { Err(Failures::default()) } else { panic!("{secret}?") } };
        let shown = guarded(formatted.boxed_local()).await.unwrap_err().message();
        assert!(!shown.contains("CANARY") && shown.contains("its text is withheld"), "{shown}");
        let constant = async { if secret.is_empty() { Err(Failures::default()) } else { panic!("a constant") } };
        let shown = guarded(constant.boxed_local()).await.unwrap_err().message();
        assert!(shown.contains("(a constant)"), "{shown}");
    }
}
