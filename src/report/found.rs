//! What was found, on Global Edge or elsewhere.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use crate::rules::elsewhere::Elsewhere;
use crate::rules::{Finding, Severity};

/// What was found, and in which account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFinding {
    /// The label of the account.
    pub account: String,
    /// What was found.
    pub found: Found,
}

/// What was found, on Global Edge or elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are slots")]
pub enum Found {
    /// A slot of Global Edge.
    Slot(Finding),
    /// A certificate that Certificate Manager holds and something other than Global Edge uses.
    Elsewhere(Elsewhere),
}

impl Found {
    /// How urgent it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Slot(finding) => finding.severity(),
            Self::Elsewhere(elsewhere) => elsewhere.severity,
        }
    }

    /// When it expires, or what is served for it does, if known.
    pub fn expiry(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Slot(finding) => finding.first_end(),
            Self::Elsewhere(elsewhere) => elsewhere.expiry,
        }
    }

    /// The domain that it is for; empty if the API gave none.
    pub fn common_name(&self) -> &str {
        match self {
            Self::Slot(finding) => &finding.certificate.common_name,
            Self::Elsewhere(elsewhere) => &elsewhere.domain,
        }
    }

    /// All names that it is for, as far as known.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let impact = match self {
            Self::Slot(finding) => finding.impact.as_ref(),
            Self::Elsewhere(_) => None,
        };
        let others = impact.into_iter().flat_map(|impact| impact.names.iter().map(String::as_str));
        std::iter::once(self.common_name()).chain(others)
    }

    /// The slot, if it is one.
    pub fn slot_id(&self) -> Option<i64> {
        match self {
            Self::Slot(finding) => Some(finding.certificate.slot_id),
            Self::Elsewhere(_) => None,
        }
    }

    /// The finding, if it is a slot.
    pub fn slot(&self) -> Option<&Finding> {
        match self {
            Self::Slot(finding) => Some(finding),
            Self::Elsewhere(_) => None,
        }
    }

    /// Since when it has been in its present state, if that follows from its dates.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Slot(finding) => finding.since(),
            Self::Elsewhere(elsewhere) => elsewhere.since,
        }
    }

    /// Whether it came into its present state within this time before `now`, or at an unknown time.
    pub fn is_news(&self, now: DateTime<Utc>, within: TimeDelta) -> bool {
        self.since().is_none_or(|since| now - since <= within)
    }

    /// The order in which findings are listed: by severity; within it, those used elsewhere last; then by their own order.
    pub fn urgency(&self, other: &Self) -> Ordering {
        let by_severity = other.severity().cmp(&self.severity());
        by_severity.then_with(|| match (self, other) {
            (Self::Slot(a), Self::Slot(b)) => a.urgency(b),
            (Self::Elsewhere(a), Self::Elsewhere(b)) => a.urgency(b),
            (Self::Slot(_), Self::Elsewhere(_)) => Ordering::Less,
            (Self::Elsewhere(_), Self::Slot(_)) => Ordering::Greater,
        })
    }
}
