//! What a run has to say: the findings, failures and counts of all accounts, as a value; and what of it each webhook is told.

use chrono::{DateTime, Utc};

use crate::api::{self, Incomplete};
use crate::elsewhere::Elsewhere;
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
    /// What expires in Certificate Manager and is used by something other than Global Edge, the most urgent first.
    pub elsewhere: Vec<AccountElsewhere>,
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
    /// The earliest expiry of all its certificates, as the list has them.
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

/// A certificate that is used elsewhere, and in which account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountElsewhere {
    /// The place of the account in [`Digest::accounts`].
    pub account: usize,
    /// The certificate.
    pub elsewhere: Elsewhere,
}

/// What one webhook is told of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<'a> {
    /// The whole.
    pub digest: &'a Digest,
    /// The findings from the webhook's level up, in order.
    pub findings: Vec<&'a AccountFinding>,
    /// What is used elsewhere, from that level up, in order.
    pub elsewhere: Vec<&'a AccountElsewhere>,
    /// How many findings are below that level.
    pub left_out: Counts,
}

impl Digest {
    /// Puts the findings of several accounts into one order.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.finding.urgency(&b.finding).then(a.account.cmp(&b.account)));
        self.elsewhere.sort_by(|a, b| a.elsewhere.urgency(&b.elsewhere).then(a.account.cmp(&b.account)));
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counts {
        Counts::of(self.severities())
    }

    /// The severity of everything that was found.
    fn severities(&self) -> impl Iterator<Item = Severity> {
        let findings = self.findings.iter().map(|one| one.finding.severity());
        findings.chain(self.elsewhere.iter().map(|one| one.elsewhere.severity))
    }

    /// The worst that was found, if anything was.
    pub fn worst(&self) -> Option<Severity> {
        self.severities().max()
    }

    /// Whether nothing was found and every account was read whole.
    pub fn is_empty(&self) -> bool {
        self.worst().is_none() && self.failures().next().is_none()
    }

    /// The accounts that were not read whole.
    pub fn failures(&self) -> impl Iterator<Item = (&AccountReport, &Failure)> {
        self.accounts.iter().filter_map(|account| Some((account, account.failure.as_ref()?)))
    }

    /// How many certificates were judged.
    pub fn checked(&self) -> u64 {
        self.accounts.iter().map(|account| account.checked).sum()
    }

    /// The earliest expiry of all certificates, those of slots that are on their way out aside: of the lists, and of the
    /// findings, whose dates a detail may have brought forward.
    pub fn first_expiry(&self) -> Option<DateTime<Utc>> {
        let findings = self.findings.iter().map(|one| &one.finding);
        let found = findings.filter(|one| !one.certificate.status.is_leaving()).filter_map(|one| one.expiry);
        self.accounts.iter().filter_map(|account| account.first_expiry).chain(found).min()
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
        let told: Vec<_> = self.findings.iter().filter(|one| one.finding.severity() >= level).collect();
        let clear = self.is_empty() && notify_when_clear && level == Severity::Info;
        let elsewhere: Vec<_> = self.elsewhere.iter().filter(|one| one.elsewhere.severity >= level).collect();
        let due = !told.is_empty() || !elsewhere.is_empty() || self.failures().next().is_some() || clear;
        due.then(|| View {
            digest: self,
            findings: told,
            elsewhere,
            left_out: Counts::of(self.severities().filter(|severity| *severity < level)),
        })
    }
}
