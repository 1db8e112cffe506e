//! The Lambda function: an event in, a result or one error out.
//!
//! Everything that can be made once is made by [`Function::new`]; what went wrong there is the error of each invocation.

pub mod event;
pub mod logging;
pub mod metrics;
pub mod sample;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, future, stream};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::lambda::event::Options;
use crate::lambda::logging::WriteLine;
use crate::lambda::metrics::Ending;
use crate::message::Style;
use crate::message::words::Reader;
use crate::net::redact::Redactor;
use crate::net::retry::Timing;
use crate::report::Report;
use crate::response::{DeliveryResult, ErrorType, Failures, Messages, Response, RunStatus};
use crate::run::{self, CheckedAccount, Outbox, Rules};
use crate::secret_store::{self, Problem, Secret, SecretStore};
use crate::settings::Config;
use crate::settings::secrets::{self, AccountSecret, Label, WebhookSecret};
use crate::text::quote::Problems;
use crate::time::{self, Clock, Deadlines};
use crate::webhook::Webhook;
use crate::{certificate_manager, global_edge, net::http};

/// How many accounts are read at once.
pub const ACCOUNTS_AT_ONCE: usize = 16;

/// An invocation that comes within this time uses the secrets that init has read; a later one reads them again.
const FRESH: Duration = Duration::from_mins(1);

/// The time for an invocation that was given none: local emulators send a deadline in the past, which Lambda never does.
const UNTOLD: Duration = Duration::from_mins(1);

/// How long init waits for secrets. Lambda gives it 10 seconds.
const INIT: Duration = Duration::from_secs(5);

/// The function between invocations.
pub struct Function {
    settings: Result<(Config, secret_store::AwsSettings, SecretStore), Problems>,
    http: http::Client,
    clock: Clock,
    write: WriteLine,
    name: String,
    /// What init has read, for the first invocation.
    prefetched: Mutex<Option<Prefetched>>,
}

/// Secrets by their id, and when they were read.
struct Prefetched {
    at: Instant,
    secrets: Vec<(String, Secret)>,
}

/// What an invocation is to do: the settings, with the event's overrides.
struct Plan<'a> {
    config: &'a Config,
    store: &'a SecretStore,
    options: Options,
    rules: Rules,
    style: Style,
    /// Knows the secrets of this run: all of them, once accounts and webhooks have been read.
    redactor: Redactor,
}

impl Plan<'_> {
    fn ncp_secret_ids(&self) -> &[String] {
        self.options.ncp_secret_ids.as_ref().unwrap_or(&self.config.ncp_secret_ids)
    }

    fn webhook_secret_id(&self) -> &str {
        self.options.webhook_secret_id.as_ref().unwrap_or(&self.config.webhook_secret_id)
    }

    /// What is posted, and where.
    fn outboxes<'w>(&self, report: &Report, webhooks: &'w [Webhook]) -> Vec<Outbox<'w>> {
        let policy = self.options.policy(self.config.settings.notify_when_clear);
        run::outboxes(report, webhooks, &self.style, policy)
    }

    /// From now on what servers said may be shown, and what the schedule says about itself: whoever wrote it may have put a
    /// secret there.
    fn secrets_are_known(&self) {
        self.redactor.complete();
        for (field, value) in &self.options.schedule {
            tracing::info!(field, value = &*self.redactor.scrub(value), "started by a schedule");
        }
    }

    /// Metrics describe the present only.
    fn is_measured(&self) -> bool {
        !self.options.dry_run && !self.options.test && !self.rules.simulated
    }

    fn status(&self, report: &Report) -> RunStatus {
        match (self.options.dry_run, self.options.test) {
            (true, _) => RunStatus::DryRun,
            (false, true) => RunStatus::Test,
            (false, false) if report.findings.is_empty() => RunStatus::Clear,
            (false, false) => RunStatus::Alerted,
        }
    }
}

impl Function {
    /// Makes the clients. `var` gives the value of an environment variable; `timing` governs retries; metrics are passed to
    /// `write`.
    pub fn new(var: impl Fn(&str) -> Option<String>, clock: Clock, timing: Timing, write: WriteLine) -> Self {
        let http = http::client().with_timing(timing);
        let settings = match (Config::from_vars(&var), secret_store::AwsSettings::from_vars(&var)) {
            (Ok(config), Ok(aws)) => {
                let store = SecretStore::new(&aws, http.clone(), clock);
                Ok((config, aws, store))
            }
            (config, aws) => Err([config.err(), aws.err()].into_iter().flatten().flatten().collect()),
        };
        let name = var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        Self { settings, http, clock, write, name, prefetched: Mutex::new(None) }
    }

    /// Reads the secrets while Lambda still gives init its full processor. What fails here is retried by the invocation.
    pub async fn prefetch(&self) {
        let Ok((config, _, store)) = &self.settings else { return };
        let redactor = &Redactor::gathering();
        let at = time::monotonic();
        let ids = config.ncp_secret_ids.iter().chain([&config.webhook_secret_id]);
        let read = ids.map(|id| async move { Some((id.clone(), store.read(id, at + INIT, redactor).await.ok()?)) });
        let secrets = future::join_all(read).await.into_iter().flatten().collect();
        *self.prefetched.lock().await = Some(Prefetched { at, secrets });
    }

    /// Handles one invocation, to be answered before `deadline`. The function stays usable even if this panics.
    ///
    /// # Errors
    /// Everything that failed, reported after everything else is done.
    pub async fn handle(&self, event: &event::Payload, deadline: DateTime<Utc>) -> Result<Response, Failures> {
        guarded(self.invocation(event, deadline).boxed_local()).await
    }

    async fn invocation(&self, event: &event::Payload, deadline: DateTime<Utc>) -> Result<Response, Failures> {
        let start = time::monotonic();
        let left = (deadline - (self.clock)()).to_std().ok().filter(|left| !left.is_zero()).unwrap_or(UNTOLD);
        let deadlines = Deadlines::new(start, left);
        let plan = self.plan(event).inspect_err(|failures| {
            tracing::error!(error = failures.message(), "the run could not start");
        })?;
        let mut prefetched = self.prefetched.lock().await.take().filter(|prefetched| prefetched.at.elapsed() < FRESH);
        let mut take = |id: &str| {
            let secrets = &mut prefetched.as_mut()?.secrets;
            let place = secrets.iter().position(|(one, _)| one == id)?;
            Some(secrets.swap_remove(place).1)
        };
        let id = plan.webhook_secret_id();
        let hooks = secret(&plan, id, take(id), deadlines.list, |secret: &Secret, redactor: &Redactor| {
            read_hooks(secret, redactor, plan.rules.today)
        });
        if plan.options.test {
            let report = sample::report(plan.rules.thresholds, plan.rules.now, plan.rules.today);
            let hooks = hooks.await;
            plan.secrets_are_known();
            self.tell(&plan, &report, hooks, deadlines).await
        } else {
            let secrets: Vec<_> = plan.ncp_secret_ids().iter().map(|id| (id.as_str(), take(id))).collect();
            let (hooks, accounts) = future::join(hooks, self.accounts(&plan, secrets, deadlines.list)).await;
            plan.secrets_are_known();
            let mutes = hooks.as_ref().map_or(&[][..], |hooks| &hooks.mutes);
            let details = plan.config.settings.details.then_some(deadlines.details);
            let report = run::report(accounts, plan.rules, mutes, details).await;
            self.tell(&plan, &report, hooks, deadlines).await
        }
    }

    /// Reads the accounts of these secrets and lists their certificates, not one after another: a slow account must not hold up
    /// those after it.
    async fn accounts(
        &self,
        plan: &Plan<'_>,
        secrets: Vec<(&str, Option<Secret>)>,
        until: Instant,
    ) -> Vec<CheckedAccount> {
        let checked: BTreeMap<_, _> = stream::iter(secrets.into_iter().enumerate())
            .map(async |(place, (id, prefetched))| {
                let entries = match secret(plan, id, prefetched, until, read_accounts).await {
                    Ok(entries) => {
                        entries.into_iter().map(|(label, read)| (label, read.map_err(Problem::Invalid))).collect()
                    }
                    Err(error) => vec![(Label::of_secret(id), Err(error.problem))],
                };
                let numbered = entries.into_iter().enumerate();
                stream::iter(
                    numbered.map(move |(number, entry)| (AccountPosition { id, secret: place, number }, entry)),
                )
            })
            .buffer_unordered(ACCOUNTS_AT_ONCE)
            .flatten()
            .map(async |(place, (label, read))| {
                ((place.secret, place.number), self.account(plan, place, label, read, until).await)
            })
            .buffer_unordered(ACCOUNTS_AT_ONCE)
            .collect()
            .await;
        checked.into_values().collect()
    }

    /// Settings and event → what to do.
    fn plan(&self, event: &event::Payload) -> Result<Plan<'_>, Failures> {
        let mut failures = Failures::default();
        let options = event.options().map_err(|problems| failures.add_all(ErrorType::EventError, problems));
        let settings = self.settings.as_ref();
        let settings = settings.map_err(|problems| failures.add_all(ErrorType::ConfigError, problems.iter().cloned()));
        let (Ok(options), Ok((config, aws, store))) = (options, settings) else { return Err(failures) };
        let thresholds = options.thresholds(config).map_err(|problem| {
            failures.add(ErrorType::EventError, problem);
            failures
        })?;
        let (now, simulated) = (options.now.unwrap_or_else(self.clock), options.now.is_some());
        let zone = config.settings.zone;
        let rules = Rules::new(thresholds, now, simulated, zone);
        let rules = if options.summary { rules.with_outlook(zone) } else { rules };
        let style = config.settings.style(Reader::Operator);
        let redactor = Redactor::gathering();
        aws.hide_by(&redactor);
        Ok(Plan { config, store, options, rules, style, redactor })
    }

    /// Lists the certificates of an account. When NCP refuses its keys, they are read once more, since they may have been
    /// rotated in the meantime. What was found until then counts, unless the whole account is read with the new ones.
    async fn account(
        &self,
        plan: &Plan<'_>,
        place: AccountPosition<'_>,
        label: Label,
        read: Result<AccountSecret, Problem>,
        until: Instant,
    ) -> CheckedAccount {
        let account = match read {
            Ok(account) => account,
            Err(problem) => {
                return CheckedAccount::without_keys(label, secret_store::Error { id: place.id.to_owned(), problem });
            }
        };
        let keys = account.keys.clone();
        let checked = self.check(plan, account, until).await;
        if !checked.is_unauthorized() {
            return checked;
        }
        let renewed = secret(plan, place.id, None, until, read_accounts).await.unwrap_or_default();
        let renewed = same_account(renewed, &label, place.number).and_then(|(_, read)| read.ok());
        match renewed {
            Some(renewed) if !renewed.keys.is(&keys) => {
                tracing::info!(account = %label, "the keys were rotated meanwhile; the new ones are tried");
                self.check(plan, renewed, until).await.with_earlier(checked)
            }
            Some(_) | None => checked,
        }
    }

    async fn check(&self, plan: &Plan<'_>, account: AccountSecret, until: Instant) -> CheckedAccount {
        let base = account.api_url.unwrap_or_else(|| plan.config.settings.api_url.clone());
        let client = global_edge::Client::new(self.http.clone(), base, account.keys, self.clock, &plan.redactor)
            .with_certificate_manager(plan.config.settings.certificate_manager.as_ref().map(certificate_manager::list));
        run::check(account.label, client, plan.rules, until, |_, _| {}).await
    }

    /// Posts what is due, and returns the result.
    async fn tell(
        &self,
        plan: &Plan<'_>,
        report: &Report,
        hooks: Result<WebhookSecret, secret_store::Error>,
        deadlines: Deadlines,
    ) -> Result<Response, Failures> {
        let mut failures = Failures::default();
        for (account, failure) in report.failures() {
            failures.add_account(&account.name, failure, Reader::Operator);
        }
        if !failures.is_empty() {
            tracing::error!(error = failures.message(), "accounts could not be read whole");
        }
        let (webhooks, heartbeat) = match hooks {
            Ok(hooks) => (hooks.webhooks, hooks.heartbeat),
            Err(error) => {
                tracing::error!(error = %error, "the webhooks are not known, so nothing is posted");
                failures.add_secret(&error);
                (Vec::new(), None)
            }
        };
        let outboxes = plan.outboxes(report, &webhooks);
        let mut response = Response::new(plan.status(report), report);
        let mut deliveries = Vec::new();
        if plan.options.dry_run {
            response.messages = Some(outboxes.into_iter().map(Messages::from).collect());
        } else {
            deliveries = run::deliver(&self.http, outboxes, deadlines.deliver, self.clock, &plan.redactor).await;
            let until = deadlines.notice;
            let (deliveries, style) = (&mut deliveries, &plan.style);
            run::tell_of_failures(&self.http, report, deliveries, style, until, self.clock, &plan.redactor).await;
        }
        let undelivered = deliveries.iter().filter_map(|one| Some((one.webhook, one.failure.as_ref()?)));
        for (webhook, error) in undelivered.clone() {
            failures.add_webhook(&webhook.name, webhook.kind, error, Reader::Operator);
        }
        if plan.is_measured() {
            let ending = Ending { deliveries_failed: undelivered.count(), completed: failures.is_empty() };
            (self.write)(&metrics::line(&self.name, report, ending, (self.clock)()));
            if let Some(url) = heartbeat.filter(|_| failures.is_empty()) {
                let ping = Webhook::ping(&self.http, &url, deadlines.notice, self.clock, &plan.redactor);
                if let Err(error) = ping.await {
                    tracing::warn!(error = %error, "the heartbeat could not be sent; the run itself is complete");
                }
            }
        }
        response.deliveries = deliveries.iter().map(DeliveryResult::from).collect();
        response.log(&failures);
        if failures.is_empty() { Ok(response) } else { Err(failures) }
    }
}

/// Turns a panic into an error. Only text from the source code is shown: what was put in at run time may be a secret.
async fn guarded(invocation: LocalBoxFuture<'_, Result<Response, Failures>>) -> Result<Response, Failures> {
    AssertUnwindSafe(invocation).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&'static str>().copied().unwrap_or("its text is withheld");
        let mut failures = Failures::default();
        let fix = "report this as a bug, with the log line that says where";
        failures.add(ErrorType::InternalError, format!("ncp-cert-alert has a defect and panicked ({text}): {fix}"));
        Err(failures)
    })
}

/// The position of an account.
#[derive(Debug, Clone, Copy)]
struct AccountPosition<'a> {
    /// Its secret.
    id: &'a str,
    /// The position of the secret among all.
    secret: usize,
    /// Its own position in the secret.
    number: usize,
}

/// The account with this label in a secret that was read again. If several have the label, it is the one at the same position:
/// another one's keys would report another account under its name.
fn same_account(entries: Vec<secrets::AccountEntry>, label: &Label, number: usize) -> Option<secrets::AccountEntry> {
    let is_only = entries.iter().filter(|(one, _)| one == label).count() == 1;
    let found = entries.into_iter().enumerate().find(|(place, (one, _))| one == label && (is_only || *place == number));
    found.map(|(_, entry)| entry)
}

/// Reads a secret, unless init has read it already, and parses what it holds.
async fn secret<T>(
    plan: &Plan<'_>,
    id: &str,
    prefetched: Option<Secret>,
    until: Instant,
    parse: impl FnOnce(&Secret, &Redactor) -> Result<T, Vec<String>>,
) -> Result<T, secret_store::Error> {
    let secret = match prefetched {
        Some(secret) => Ok(secret),
        None => plan.store.read(id, until, &plan.redactor).await,
    };
    let read = secret.and_then(|secret| {
        let parsed = parse(&secret, &plan.redactor);
        parsed.map_err(|problems| {
            plan.redactor.learn_parts(secret.text.expose_secret());
            Problem::Invalid(problems)
        })
    });
    read.map_err(|problem| secret_store::Error { id: id.to_owned(), problem })
}

fn read_accounts(secret: &Secret, redactor: &Redactor) -> Result<Vec<secrets::AccountEntry>, Vec<String>> {
    let entries = secrets::accounts(&secret.name, &secret.text)?;
    if entries.iter().any(|(_, read)| read.is_err()) {
        redactor.learn_parts(secret.text.expose_secret());
    }
    entries.iter().filter_map(|(_, read)| read.as_ref().ok()).for_each(|account| account.keys.hide_by(redactor));
    Ok(entries)
}

fn read_hooks(secret: &Secret, redactor: &Redactor, today: NaiveDate) -> Result<WebhookSecret, Vec<String>> {
    let hooks = secrets::hooks(&secret.text, today)?;
    let urls = hooks.webhooks.iter().map(|webhook| &webhook.url).chain(&hooks.heartbeat);
    urls.for_each(|url| url.hide_by(redactor));
    Ok(hooks)
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
