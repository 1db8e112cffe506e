//! What an invocation returns: the result, or one error that names everything that failed.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::message::words::{Advice, Language};
use crate::report::{self, Failure, Report};
use crate::rules::Counts;
use crate::run::{self, Delivery, Ended, Outbox, Task};
use crate::text;

/// How many accounts and webhooks an error names with what happened; of the others it has the names alone.
const EXPLAINED: usize = 20;

/// The result of an invocation in which nothing failed.
#[derive(Debug, Clone, Serialize)]
pub struct Response {
    /// How it ended.
    pub status: RunStatus,
    /// How many certificates were judged.
    pub checked: u64,
    /// How many there are, by NCP's count.
    pub total: u64,
    /// How many pages the lists had.
    pub pages: u64,
    /// How many findings are critical.
    pub critical: usize,
    /// How many are warnings.
    pub warning: usize,
    /// How many are for information.
    pub info: usize,
    /// How many findings are muted; they count towards no severity. Left out if zero.
    #[serde(skip_serializing_if = "is_zero")]
    pub muted: usize,
    /// How many hosts were looked at; only where that is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probed: Option<usize>,
    /// The accounts.
    pub accounts: Vec<AccountResult>,
    /// The webhooks.
    pub deliveries: Vec<DeliveryResult>,
    /// What would have been posted; under `dry_run` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Messages>>,
}

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Something was found.
    Alerted,
    /// Nothing was found.
    Clear,
    /// Nothing was posted, as asked.
    DryRun,
    /// A sample was posted.
    Test,
}

impl RunStatus {
    /// As results and the log have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerted => "alerted",
            Self::Clear => "clear",
            Self::DryRun => "dry_run",
            Self::Test => "test",
        }
    }
}

impl Serialize for RunStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One account in a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountResult {
    /// Its label.
    pub name: String,
    /// `ok`, or `failed` where a result includes failures too (the command line's).
    pub status: &'static str,
    /// How many certificates were judged.
    pub checked: u64,
    /// How many there are, by NCP's count.
    pub total: u64,
    /// How many pages its list had.
    pub pages: u64,
}

/// One webhook in a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryResult {
    /// Its label.
    pub webhook: String,
    /// What kind of chat it belongs to.
    pub kind: &'static str,
    /// `delivered`, or `skipped` when nothing was due for it.
    pub status: &'static str,
    /// How many messages it accepted.
    pub messages: usize,
}

impl From<&run::Delivery> for DeliveryResult {
    fn from(delivery: &run::Delivery) -> Self {
        let status = match (&delivery.failure, delivery.messages) {
            (Some(_), _) => "failed",
            (None, 0) => "skipped",
            (None, _) => "delivered",
        };
        let run::Delivery { webhook, messages, .. } = delivery;
        Self { webhook: webhook.name.clone(), kind: webhook.kind.as_str(), status, messages: *messages }
    }
}

/// What would have been posted to one webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Messages {
    /// Its label.
    pub webhook: String,
    /// What kind of chat it belongs to.
    pub kind: &'static str,
    /// The bodies, in order.
    pub payloads: Vec<Box<RawValue>>,
}

impl From<Outbox> for Messages {
    fn from(outbox: Outbox) -> Self {
        let payloads = outbox.payloads.into_iter().map(|payload| payload.body).collect();
        Self { webhook: outbox.webhook.name, kind: outbox.webhook.kind.as_str(), payloads }
    }
}

impl Response {
    /// What a run answers, which is also logged.
    ///
    /// # Errors
    /// Everything that failed.
    pub fn of(ended: Ended, task: &Task) -> Result<Self, Failures> {
        let failures = Failures::of(&ended);
        if !failures.is_empty() {
            tracing::error!(error = failures.message(), "the run has failures");
        }
        let status = match &task.options {
            options if options.dry_run => RunStatus::DryRun,
            options if options.test => RunStatus::Test,
            _ if ended.report.findings.is_empty() => RunStatus::Clear,
            _ => RunStatus::Alerted,
        };
        let response = Self {
            deliveries: ended.deliveries.iter().map(DeliveryResult::from).collect(),
            messages: ended.held_back.map(|outboxes| outboxes.into_iter().map(Messages::from).collect()),
            ..Self::new(status, &ended.report)
        };
        response.log(&failures);
        if failures.is_empty() { Ok(response) } else { Err(failures) }
    }

    /// The result for a report, before anything was posted. A sample has checked nothing.
    pub fn new(status: RunStatus, report: &Report) -> Self {
        if report.mode == report::Mode::Sample {
            return Self::empty(status);
        }
        let Counts { critical, warning, info } = report.counts();
        let account = |account: &report::AccountReport| AccountResult {
            name: account.name.clone(),
            status: if account.failure.is_none() { "ok" } else { "failed" },
            checked: account.checked,
            total: account.total,
            pages: account.pages,
        };
        Self {
            checked: report.checked(),
            total: report.accounts.iter().map(|account| account.total).sum(),
            pages: report.accounts.iter().map(|account| account.pages).sum(),
            critical,
            warning,
            info,
            muted: report.mutes.muted.len(),
            probed: report.looked.as_ref().map(report::Looked::tried),
            accounts: report.accounts.iter().map(account).collect(),
            ..Self::empty(status)
        }
    }

    fn empty(status: RunStatus) -> Self {
        Self {
            status,
            checked: 0,
            total: 0,
            pages: 0,
            critical: 0,
            warning: 0,
            info: 0,
            muted: 0,
            probed: None,
            accounts: Vec::new(),
            deliveries: Vec::new(),
            messages: None,
        }
    }

    /// Writes the line that sums up the run.
    fn log(&self, failures: &Failures) {
        let Self {
            status, checked, total, pages, critical, warning, info, muted, probed, accounts, deliveries, ..
        } = self;
        let delivered = deliveries.iter().map(|delivery| delivery.messages).sum::<usize>();
        let accounts = accounts.len();
        let failures = failures.0.len();
        tracing::info!(
            status = status.as_str(),
            checked,
            total,
            pages,
            critical,
            warning,
            info,
            muted,
            probed,
            accounts,
            delivered,
            failures,
            "the run has ended"
        );
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The kind of a failed invocation, in order of precedence: of several, the first is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorType {
    /// A setting is bad.
    ConfigError,
    /// The event is bad.
    EventError,
    /// A secret cannot be read or used.
    SecretError,
    /// NCP's API failed.
    ApiError,
    /// A list does not match its own count.
    IncompleteListing,
    /// A webhook failed.
    DeliveryError,
    /// This program has a defect.
    InternalError,
}

impl ErrorType {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ConfigError,
        Self::EventError,
        Self::SecretError,
        Self::ApiError,
        Self::IncompleteListing,
        Self::DeliveryError,
        Self::InternalError,
    ];
}

/// Everything that failed in an invocation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failures(Vec<Failed>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failed {
    kind: ErrorType,
    /// The account or webhook; empty for anything else.
    subject: String,
    /// What happened and the likely fix.
    text: String,
}

impl Failures {
    /// Adds a failure; `text` names what it concerns, what happened and the likely fix.
    pub fn add(&mut self, kind: ErrorType, text: impl Into<String>) {
        self.push(kind, "", &text.into());
    }

    /// Adds several of a kind.
    pub fn add_all(&mut self, kind: ErrorType, texts: impl IntoIterator<Item = String>) {
        texts.into_iter().for_each(|text| self.add(kind, text));
    }

    /// What failed in a run.
    pub fn of(ended: &Ended) -> Self {
        let phrases = Language::English.phrases();
        let mut failures = Self::default();
        for (account, failure) in ended.report.failures() {
            let kind = match failure {
                Failure::Secret(_) => ErrorType::SecretError,
                Failure::Api(_) | Failure::CertificateManager(_) => ErrorType::ApiError,
                Failure::Incomplete(_) => ErrorType::IncompleteListing,
            };
            failures.push_advice(kind, &format!("account `{}`", account.name), &phrases.failure(failure));
        }
        if let Some(error) = &ended.unknown_webhooks {
            failures.push_advice(ErrorType::SecretError, "", &phrases.secret(error));
        }
        for Delivery { webhook, failure, .. } in &ended.deliveries {
            if let Some(error) = failure {
                let subject = format!("webhook `{}` ({})", webhook.name, webhook.kind);
                let advice = phrases.undelivered(webhook.kind, error);
                failures.push_advice(ErrorType::DeliveryError, &subject, &advice);
            }
        }
        failures
    }

    fn push_advice(&mut self, kind: ErrorType, subject: &str, advice: &Advice) {
        self.push(kind, subject, &advice.in_one_line());
    }

    fn push(&mut self, kind: ErrorType, subject: &str, text: &str) {
        self.0.push(Failed { kind, subject: text::one_line(subject), text: text::one_line(text) });
    }

    /// Whether nothing failed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first kind, in the order of [`ErrorType`].
    pub fn kind(&self) -> Option<ErrorType> {
        self.0.iter().map(|failed| failed.kind).min()
    }

    /// All of it on one line.
    pub fn message(&self) -> String {
        let mut failures: Vec<&Failed> = self.0.iter().collect();
        failures.sort_by_key(|failed| failed.kind);
        let (mut explained, mut named) = (Vec::new(), Vec::new());
        for Failed { subject, text, .. } in failures {
            if subject.is_empty() {
                explained.push(text.clone());
            } else if explained.len() < EXPLAINED {
                explained.push(format!("{subject}: {text}"));
            } else {
                named.push(subject.as_str());
            }
        }
        let explained = explained.join("; ");
        if named.is_empty() { explained } else { format!("{explained}; +{} more: {}", named.len(), named.join(", ")) }
    }
}

impl From<Failures> for lambda_runtime::Diagnostic {
    fn from(failures: Failures) -> Self {
        let error_type = failures.kind().map(|kind| format!("{kind:?}")).unwrap_or_default();
        Self { error_type, error_message: failures.message() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_kind_that_happened_is_named_and_the_text_names_all() {
        let mut failures = Failures::default();
        failures.add(ErrorType::DeliveryError, "webhook `ops`: gone");
        failures.add(ErrorType::ApiError, "account `prod`:\nno answer");
        let diagnostic = lambda_runtime::Diagnostic::from(failures);
        assert_eq!(diagnostic.error_type, "ApiError");
        assert_eq!(diagnostic.error_message, "account `prod`: no answer; webhook `ops`: gone");
    }

    #[test]
    fn of_many_failures_each_is_named_and_the_first_are_explained() {
        let mut failures = Failures::default();
        failures.push(ErrorType::DeliveryError, "webhook `ops` (slack)", "gone");
        for number in 1..=22 {
            failures.push(ErrorType::ApiError, &format!("account `shop {number}`"), "no answer");
        }
        failures.add(ErrorType::SecretError, "secret `hooks`: missing");
        let message = failures.message();
        let (explained, named) = message.split_once("; +4 more: ").unwrap();
        assert_eq!(named, "account `shop 20`, account `shop 21`, account `shop 22`, webhook `ops` (slack)");
        assert!(explained.starts_with("secret `hooks`: missing; account `shop 1`: "), "{explained}");
        assert_eq!(explained.matches("account `shop").count(), 19);
    }
}
