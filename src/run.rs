//! The course of a run: read the secrets, list every account, look at what is served, judge, read details, decide what each webhook gets, post it.
//!
//! [`run`] is all of it, on one screen. The function and the command line call it with secrets, options, a clock and a client.

mod assemble;
mod list;
mod look;
mod post;
pub mod sample;
mod secrets;

use std::time::Duration;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use tokio::time::Instant;

pub use self::assemble::{JudgedAccount, assemble, judge};
pub use self::list::{ListedAccount, list_account};
pub use self::look::look;
pub use self::post::{Delivery, Outbox, outboxes};
pub use self::secrets::{AccountEntry, Prefetched, RunSecrets, read_accounts, read_webhooks};
use crate::event::Options;
use crate::message::Style;
use crate::net::http;
use crate::report::{Looked, Report};
use crate::rules::Thresholds;
use crate::secret_store::{self, SecretStore};
use crate::settings::Settings;
use crate::time::Deadlines;
use crate::time::zone::Zone;
use crate::webhook::ping;

/// The month that an outlook ends before, counted from this one: it covers the rest of this one and the next three.
const OUTLOOK_MONTHS: Months = Months::new(4);

/// What a run judges by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criteria {
    /// Where one severity ends and the next begins.
    pub thresholds: Thresholds,
    /// The present, or the time that the event wants to use instead.
    pub now: DateTime<Utc>,
    /// Whether it is the latter.
    pub simulated: bool,
    /// The date at that time, in the zone of the messages.
    pub today: NaiveDate,
    /// The end of an outlook on healthy certificates, if there is to be one.
    pub outlook: Option<DateTime<Utc>>,
    /// Whether the event chooses the accounts.
    pub has_chosen_accounts: bool,
}

impl Criteria {
    /// Criteria as of `now`, in `zone`; without an outlook, of the accounts of the settings.
    pub fn new(thresholds: Thresholds, now: DateTime<Utc>, simulated: bool, zone: Zone) -> Self {
        let today = zone.local(now).date_naive();
        Self { thresholds, now, simulated, today, outlook: None, has_chosen_accounts: false }
    }
}

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Task {
    /// The settings.
    pub settings: Settings,
    /// What the event wants beyond them.
    pub options: Options,
    /// What it judges by: settings and options together.
    pub criteria: Criteria,
    /// How its messages look.
    pub style: Style,
    /// The AWS region that it runs in, if it runs in one: where a look at what is served is from.
    pub region: Option<String>,
}

impl Task {
    /// A run with these settings and options. `real` is the present.
    ///
    /// # Errors
    /// If the thresholds of settings and options contradict each other.
    pub fn new(settings: &Settings, options: Options, real: DateTime<Utc>) -> Result<Self, String> {
        let zone = settings.zone;
        let thresholds = options.thresholds(settings.thresholds)?;
        let (now, simulated) = (options.now.unwrap_or(real), options.now.is_some());
        let mut criteria = Criteria::new(thresholds, now, simulated, zone);
        criteria.has_chosen_accounts = options.ncp_secret_ids.is_some();
        if options.summary {
            let end = criteria.today.with_day(1).and_then(|month| month.checked_add_months(OUTLOOK_MONTHS));
            criteria.outlook = end.map(|end| zone.start_of_day(end));
        }
        Ok(Self { settings: settings.clone(), options, criteria, style: settings.style(), region: None })
    }

    /// Metrics and the heartbeat are about the present, and about what was really posted.
    pub fn is_real(&self) -> bool {
        !self.options.dry_run && !self.options.test && !self.criteria.simulated
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What was found, and what could not be read.
    pub report: Report,
    /// Why the webhooks are not known, if they are not: nothing was posted.
    pub unknown_webhooks: Option<secret_store::Error>,
    /// What was due for each webhook, under a dry run; nothing was posted.
    pub held_back: Option<Vec<Outbox>>,
    /// How posting to each webhook ended.
    pub deliveries: Vec<Delivery>,
}

impl Ended {
    /// Whether every account was read whole and every due message was accepted.
    pub fn is_complete(&self) -> bool {
        let is_read = self.report.failures().next().is_none() && self.unknown_webhooks.is_none();
        is_read && self.deliveries.iter().all(|delivery| delivery.failure.is_none())
    }
}

/// The time for a run that was given none: local emulators send a deadline in the past, which Lambda never does.
pub const USUAL_TIME: Duration = Duration::from_mins(1);

/// A whole run. `store` is where rotated keys are read again; `progress` is called with the number of certificates of an account
/// that were read and their total.
pub async fn run(
    task: &Task,
    secrets: RunSecrets,
    http: &http::Client,
    store: Option<&SecretStore>,
    deadlines: Deadlines,
    progress: impl Fn(u64, u64),
) -> Ended {
    // From here on no text that is shown holds a secret of the run.
    let mut known = secrets.known();
    let http = http.with_secrets(known.clone());
    let RunSecrets { accounts, webhooks } = secrets;

    let mutes = webhooks.as_ref().map_or(&[][..], |webhooks| &webhooks.mutes);
    let report = if task.options.test {
        let Criteria { thresholds, now, today, .. } = task.criteria;
        sample::report(thresholds, now, today)
    } else {
        let listed = list::all(task, accounts, &http.until(deadlines.list), store, progress).await;
        for account in &listed {
            account.add_keys_to(&mut known);
        }
        let looked = match &task.settings.probe {
            Some(further) => {
                let sights = look(&listed, further, &task.criteria, deadlines.probe).await;
                Some(Looked { sights, region: task.region.clone() })
            }
            None => None,
        };
        let details = task.settings.details.then_some(deadlines.details);
        assemble(listed, looked, &task.criteria, mutes, details).await
    };

    let (webhooks, heartbeat, unknown_webhooks) = match webhooks {
        Ok(secret) => (secret.webhooks, secret.heartbeat, None),
        Err(error) => (Vec::new(), None, Some(error)),
    };
    for webhook in &webhooks {
        for (label, nearest) in report.unknown_labels(webhook.routes.accounts.as_deref().unwrap_or_default()) {
            let labels: Vec<&str> = report.accounts.iter().map(|account| account.name.as_str()).collect();
            let (webhook, labels) = (&webhook.name, labels.join(", "));
            tracing::warn!(webhook, label, nearest, labels, "no account has this label, which a webhook is limited to");
        }
    }
    let outboxes = outboxes(task, &report, &webhooks);
    if task.options.dry_run {
        return Ended { report, unknown_webhooks, held_back: Some(outboxes), deliveries: Vec::new() };
    }
    let http = http.with_secrets(known);
    let mut deliveries = post::deliver(&http.until(deadlines.deliver), outboxes).await;
    post::notify_of_failures(&http.until(deadlines.notice), &report, &mut deliveries, &task.style).await;
    let ended = Ended { report, unknown_webhooks, held_back: None, deliveries };
    if let Some(url) = heartbeat.filter(|_| task.is_real() && ended.is_complete())
        && let Err(error) = ping(&http.until(deadlines.notice), &url).await
    {
        tracing::warn!(error = %error, "the heartbeat could not be sent; the run itself is complete");
    }
    ended
}

/// When each part of a run must end that has this much time from `start` on.
pub fn deadlines(start: Instant, left: Option<Duration>) -> Deadlines {
    Deadlines::new(start, left.filter(|left| !left.is_zero()).unwrap_or(USUAL_TIME))
}
