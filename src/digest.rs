//! What a run has to say: the findings, failures and counts of all accounts, as a value; and what of it each webhook is told.

use chrono::{DateTime, Utc};

use crate::api::{self, Incomplete};
use crate::finding::{Counts, Finding, Next, Severity, Thresholds};
use crate::secrets;

/// What one run has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The time that was judged by.
    pub now: DateTime<Utc>,
    /// Whether it is to be taken at its word.
    pub kind: Kind,
    /// The lines between severities.
    pub thresholds: Thresholds,
    /// The accounts, in the order in which they are set.
    pub accounts: Vec<AccountReport>,
    /// The findings of all accounts, the most urgent first.
    pub findings: Vec<AccountFinding>,
}

/// Whether a digest is to be taken at its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is.
    Real,
    /// It was judged as of another time than the present.
    Simulated,
    /// It is a sample; nothing was checked.
    Sample,
}

/// How one account fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// Its label.
    pub name: String,
    /// How many certificates were judged.
    pub checked: u64,
    /// How many there are, as NCP counts.
    pub total: u64,
    /// How many pages the list had.
    pub pages: u64,
    /// Why it was not read whole, if it was not.
    pub failure: Option<Failure>,
    /// The earliest expiry of all its certificates.
    pub first_expiry: Option<DateTime<Utc>>,
    /// The first to expire of those that are healthy.
    pub next: Option<Next>,
}

/// Why an account was not read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Its keys could not be had.
    Secret(secrets::Error),
    /// A call failed.
    Api(api::Error),
    /// The list does not fit its own count.
    Incomplete(Incomplete),
}

/// A finding, and in which account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFinding {
    /// The place of the account in [`Digest::accounts`].
    pub account: usize,
    /// The finding.
    pub finding: Finding,
}

/// What one webhook is told of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<'a> {
    /// The whole.
    pub digest: &'a Digest,
    /// The findings from the webhook's level up, in order.
    pub findings: Vec<&'a AccountFinding>,
    /// How many findings are below that level.
    pub left_out: Counts,
}

impl Digest {
    /// Puts the findings of several accounts into one order.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.finding.urgency(&b.finding).then(a.account.cmp(&b.account)));
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counts {
        Counts::of(self.findings.iter().map(|one| one.finding.severity()))
    }

    /// Whether nothing was found and every account was read whole.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.failures().next().is_none()
    }

    /// The accounts that were not read whole.
    pub fn failures(&self) -> impl Iterator<Item = (&AccountReport, &Failure)> {
        self.accounts.iter().filter_map(|account| Some((account, account.failure.as_ref()?)))
    }

    /// How many certificates were judged.
    pub fn checked(&self) -> u64 {
        self.accounts.iter().map(|account| account.checked).sum()
    }

    /// The earliest expiry of all certificates.
    pub fn first_expiry(&self) -> Option<DateTime<Utc>> {
        self.accounts.iter().filter_map(|account| account.first_expiry).min()
    }

    /// The first to expire of the healthy certificates.
    pub fn next(&self) -> Option<&Next> {
        self.accounts
            .iter()
            .filter_map(|account| account.next.as_ref())
            .min_by_key(|next| (next.expiry, &next.common_name))
    }

    /// What a webhook of this level is told; `None` is: nothing.
    ///
    /// A failed account counts as critical, so everybody hears of it. That all is clear goes to those who hear everything, and
    /// only if that is wanted.
    pub fn view(&self, level: Severity, notify_when_clear: bool) -> Option<View<'_>> {
        let (told, left_out): (Vec<_>, Vec<_>) = self.findings.iter().partition(|one| one.finding.severity() >= level);
        let clear = self.is_empty() && notify_when_clear && level == Severity::Info;
        let due = !told.is_empty() || self.failures().next().is_some() || clear;
        due.then(|| View {
            digest: self,
            findings: told,
            left_out: Counts::of(left_out.iter().map(|one| one.finding.severity())),
        })
    }
}
