//! What a run has to say: the findings, failures and counts of all accounts, as a value.

mod found;
pub mod mute;
pub mod view;

use chrono::{DateTime, NaiveDate, Utc};

pub use self::found::{AccountFinding, Found};

use crate::global_edge::Incomplete;
use crate::ncp;
use crate::report::mute::Mute;
use crate::rules::served::Sight;
use crate::rules::{Counts, Healthy, Next, Severity, Thresholds};
use crate::secret_store;
use crate::text;

/// What one run has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The time that certificates were judged at.
    pub now: DateTime<Utc>,
    /// The date at that time, in the zone of the messages.
    pub today: NaiveDate,
    /// Whether it is real, simulated or a sample.
    pub mode: Mode,
    /// Whether the event chose the accounts, so that others are not in it.
    pub has_chosen_accounts: bool,
    /// Where one severity ends and the next begins.
    pub thresholds: Thresholds,
    /// The accounts, in the order in which they are configured.
    pub accounts: Vec<AccountReport>,
    /// The findings of all accounts, most urgent first; without those that are muted.
    pub findings: Vec<AccountFinding>,
    /// What is muted, and which mutes can be removed.
    pub mutes: Mutes,
    /// What was seen of what is served, if it was looked at.
    pub looked: Option<Looked>,
}

/// What was seen of what is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The hosts, those of the most urgent slots first.
    pub sights: Vec<Sight>,
    /// The AWS region that they were looked at from, if it was one.
    pub region: Option<String>,
}

impl Looked {
    /// How many hosts were tried.
    pub fn tried(&self) -> usize {
        self.sights.iter().filter(|sight| sight.was_tried()).count()
    }
}

/// How a report came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By checking, as of now.
    Real,
    /// By checking, as of a time other than now.
    Simulated,
    /// As a sample: nothing was checked.
    Sample,
}

/// What was read of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// Its label.
    pub name: String,
    /// How many certificates were judged.
    pub checked: u64,
    /// How many there are, by NCP's count.
    pub total: u64,
    /// How many pages the list had.
    pub pages: u64,
    /// Why it was not read completely, if it was not.
    pub failure: Option<Failure>,
    /// The slots whose details were asked for and could not be read, and why.
    pub unread: Vec<(i64, ncp::Error)>,
    /// Whether the lifetime of any of its certificates is known, so that a share of it was applied.
    pub has_lifetimes: bool,
    /// The earliest expiry of all its certificates.
    pub first_expiry: Option<DateTime<Utc>>,
    /// The first healthy certificate to expire.
    pub next: Option<Next>,
    /// Healthy certificates that were deployed within [`crate::rules::DEPLOYED_WITHIN`], latest first.
    pub deployed: Vec<Healthy>,
    /// Healthy certificates that expire soon enough for an outlook, earliest first; empty if none was requested.
    pub upcoming: Vec<Healthy>,
    /// The domains of its RUNNING slots that accept TLS 1.0 or 1.1, in order.
    pub old_tls: Vec<String>,
}

/// Why an account was not read completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Its keys could not be read.
    Secret(secret_store::Error),
    /// A call failed.
    Api(ncp::Error),
    /// The list was read, but Certificate Manager, which was to be asked, was not.
    CertificateManager(ncp::Error),
    /// The list does not match its own count.
    Incomplete(Incomplete),
}

/// What is muted on the day of a report, and which mutes are no longer of use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mutes {
    /// The findings that are not reported, each with the mute that silences it.
    pub muted: Vec<(AccountFinding, Mute)>,
    /// Mutes that match a critical finding and do not hold for it.
    pub overruled: Vec<Mute>,
    /// Mutes whose day is over.
    pub ended: Vec<Mute>,
    /// Mutes that still hold but match no finding, except those that may concern an account that was not read completely.
    pub idle: Vec<Mute>,
}

impl Report {
    /// The same report, with the findings of all accounts in one order.
    pub fn sorted(mut self) -> Self {
        let position = |name: &str| self.accounts.iter().position(|account| account.name == name);
        self.findings
            .sort_by(|a, b| a.found.urgency(&b.found).then_with(|| position(&a.account).cmp(&position(&b.account))));
        self
    }

    /// Removes the findings that `mutes` silence.
    pub fn with_mutes(mut self, mutes: &[Mute]) -> Self {
        let mute_of = |one: &AccountFinding| mutes.iter().find(|mute| mute.silences(one, self.today)).cloned();
        let concerns = |mute: &&Mute| self.findings.iter().any(|finding| mute.concerns(finding));
        let (ended, holding): (Vec<&Mute>, Vec<&Mute>) = mutes.iter().partition(|mute| mute.has_ended(self.today));
        // A mute that may concern an account that was not read completely may still be of use.
        let may_concern_unread = |mute: &Mute| self.failures().any(|(account, _)| mute.may_concern(&account.name));
        let is_idle = |mute: &&Mute| !concerns(mute) && !may_concern_unread(mute);
        let idle = holding.iter().copied().filter(is_idle).cloned().collect();
        let mut shown = Vec::with_capacity(self.findings.len());
        let mut silenced = Vec::new();
        for finding in &self.findings {
            match mute_of(finding) {
                Some(mute) => silenced.push((finding.clone(), mute)),
                None => shown.push(finding.clone()),
            }
        }
        let is_critical = |one: &&AccountFinding| one.found.severity() == Severity::Critical;
        let is_overruled = |mute: &&&Mute| shown.iter().filter(is_critical).any(|one| mute.concerns(one));
        let overruled = holding.iter().filter(is_overruled).map(|mute| (*mute).clone()).collect();
        self.mutes = Mutes { muted: silenced, overruled, ended: ended.into_iter().cloned().collect(), idle };
        self.findings = shown;
        self
    }

    /// Those of `labels` that no account is called, each with the label nearest to it by spelling, if one is near. None where the
    /// report does not know all labels: the event chose the accounts, or the secret of one could not be read.
    pub fn unknown_labels<'a>(&'a self, labels: &'a [String]) -> Vec<(&'a str, Option<&'a str>)> {
        let is_unread = self.failures().any(|(_, failure)| matches!(failure, Failure::Secret(_)));
        if self.has_chosen_accounts || self.mode == Mode::Sample || is_unread {
            return Vec::new();
        }
        let known = || self.accounts.iter().map(|account| account.name.as_str());
        let is_unknown = |label: &&str| !known().any(|name| name.to_lowercase() == label.to_lowercase());
        let unknown = labels.iter().map(String::as_str).filter(is_unknown);
        unknown.map(|label| (label, text::nearest(label, known()))).collect()
    }

    /// How many findings there are at each severity, without those that are muted.
    pub fn counts(&self) -> Counts {
        Counts::of(self.findings.iter().map(|finding| finding.found.severity()))
    }

    /// The worst severity of what was found or went wrong; an account that was not read completely is critical.
    pub fn worst(&self) -> Option<Severity> {
        let failed = self.failures().next().map(|_| Severity::Critical);
        self.findings.iter().map(|finding| finding.found.severity()).chain(failed).max()
    }

    /// The accounts that were not read completely.
    pub fn failures(&self) -> impl Iterator<Item = (&AccountReport, &Failure)> {
        self.accounts.iter().filter_map(|account| Some((account, account.failure.as_ref()?)))
    }

    /// How many certificates were judged.
    pub fn checked(&self) -> u64 {
        self.accounts.iter().map(|account| account.checked).sum()
    }

    /// The earliest expiry of all certificates except those of slots on their way out: of the lists, and of the findings,
    /// whose dates a detail may have brought forward.
    pub fn first_expiry(&self) -> Option<DateTime<Utc>> {
        let muted = self.mutes.muted.iter().map(|(one, _)| one);
        let slots = self.findings.iter().chain(muted).filter_map(|finding| finding.found.slot());
        let found = slots.filter(|slot| !slot.certificate.status.is_leaving()).filter_map(|slot| slot.expiry);
        self.accounts.iter().filter_map(|account| account.first_expiry).chain(found).min()
    }
}
