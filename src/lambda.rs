//! The Lambda function: an event in, a result or one error out.
//!
//! Everything that can be made once is made by [`Function::new`]; what went wrong there is the error of each invocation.

pub mod logging;
pub mod metrics;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tokio::sync::Mutex;

use crate::event;
use crate::lambda::logging::WriteLine;
use crate::net::http;
use crate::net::retry::Timing;
use crate::response::{ErrorType, Failures, Response};
use crate::run::{self, Prefetched, RunSecrets, Task};
use crate::secret_store::{AwsSettings, SecretStore};
use crate::settings::Config;
use crate::text::quote::Problems;
use crate::time::{self, Clock};

/// How long init waits for secrets. Lambda gives it 10 seconds.
const INIT_LIMIT: Duration = Duration::from_secs(5);

/// The function between invocations.
pub struct Function {
    settings: Result<(Config, SecretStore), Problems>,
    http: http::Client,
    write: WriteLine,
    name: String,
    /// The region that it runs in, outside of which it is not known what clients see.
    region: Option<String>,
    /// Whether secrets may be files and environment variables.
    is_anywhere: bool,
    /// What init has read, for the first invocation.
    prefetched: Mutex<Option<Prefetched>>,
}

impl Function {
    /// Makes the clients. `var` gives the value of an environment variable; `timing` governs retries; metrics are passed to
    /// `write`.
    pub fn new(var: impl Fn(&str) -> Option<String>, clock: Clock, timing: Timing, write: WriteLine) -> Self {
        let http = http::Client::new(timing, clock);
        let (config, aws) = (Config::from_vars(&var), AwsSettings::from_vars(&var));
        let mut problems: Problems = config.iter().flat_map(Config::local_ids).collect();
        problems.extend(config.as_ref().err().into_iter().chain(aws.as_ref().err()).flatten().cloned());
        let settings = match config {
            Ok(config) if problems.is_empty() => Ok((config, SecretStore::new(aws, &http))),
            _ => Err(problems),
        };
        let name = var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        let region = var("AWS_REGION");
        Self { settings, http, write, name, region, is_anywhere: false, prefetched: Mutex::new(None) }
    }

    /// The function outside Lambda, with this client: it reads files and environment variables too, needs AWS only for secrets that are kept
    /// there, and writes no metrics.
    #[cfg(feature = "cli")]
    pub fn anywhere(var: impl Fn(&str) -> Option<String> + 'static, http: http::Client) -> Self {
        let settings = Config::from_vars(&var).map(|config| {
            let store = SecretStore::new(AwsSettings::from_vars(&var), &http).with_local(Box::new(var));
            (config, store)
        });
        let (name, region) = (String::new(), None);
        Self { settings, http, write: |_| {}, name, region, is_anywhere: true, prefetched: Mutex::new(None) }
    }

    /// Reads the secrets while Lambda still gives init its full processor. What fails here is retried by the invocation.
    pub async fn prefetch(&self) {
        let Ok((config, store)) = &self.settings else { return };
        let ids = config.ncp_secret_ids.iter().chain([&config.webhook_secret_id]);
        let prefetched = Prefetched::read(ids, store, time::monotonic() + INIT_LIMIT).await;
        *self.prefetched.lock().await = Some(prefetched);
    }

    /// Handles one invocation, to be answered before `deadline`. The function stays usable even if this panics.
    ///
    /// # Errors
    /// Everything that failed, reported after everything else is done.
    pub async fn handle(&self, event: &event::Payload, deadline: DateTime<Utc>) -> Result<Response, Failures> {
        guarded(self.invocation(event, deadline).boxed_local()).await
    }

    async fn invocation(&self, event: &event::Payload, deadline: DateTime<Utc>) -> Result<Response, Failures> {
        let deadlines = run::deadlines(time::monotonic(), (deadline - self.http.now()).to_std().ok());
        let (task, config, store) = self.task(event).inspect_err(|failures| {
            tracing::error!(error = failures.message(), "the run could not start");
        })?;
        let accounts = match &task.options.ncp_secret_ids {
            // A sample reads no account.
            _ if task.options.test => &[][..],
            Some(ids) => ids,
            None => &config.ncp_secret_ids,
        };
        let webhooks = task.options.webhook_secret_id.as_ref().unwrap_or(&config.webhook_secret_id);
        let prefetched = self.prefetched.lock().await.take();
        // Mutes are checked against the real date, whatever `now` the event gives.
        let today = config.settings.zone.local(self.http.now()).date_naive();
        let secrets = RunSecrets::read(accounts, webhooks, store, prefetched.as_ref(), deadlines.list, today).await;
        task.options.log_schedule(&secrets.known());

        let ended = run::run(&task, secrets, &self.http, Some(store), deadlines, |_, _| {}).await;
        if task.is_real() {
            (self.write)(&metrics::line(&self.name, &ended, self.http.now()));
        }
        Response::of(ended, &task)
    }

    /// Settings and event → what to do.
    fn task(&self, event: &event::Payload) -> Result<(Task, &Config, &SecretStore), Failures> {
        let mut failures = Failures::default();
        let options = event.options().map_err(|problems| failures.add_all(ErrorType::EventError, problems));
        let settings = self.settings.as_ref();
        let settings = settings.map_err(|problems| failures.add_all(ErrorType::ConfigError, problems.iter().cloned()));
        let (Ok(options), Ok((config, store))) = (options, settings) else { return Err(failures) };
        if !self.is_anywhere {
            failures.add_all(ErrorType::EventError, options.local_ids());
        }
        if !failures.is_empty() {
            return Err(failures);
        }
        match Task::new(&config.settings, options, self.http.now()) {
            Ok(task) => Ok((Task { region: self.region.clone(), ..task }, config, store)),
            Err(problem) => {
                failures.add(ErrorType::EventError, problem);
                Err(failures)
            }
        }
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
