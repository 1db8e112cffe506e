//! Certificates in Certificate Manager that expire, that something uses, and that no finding of Global Edge's list is about.
//!
//! They have no slot, no status and no region: a different kind of finding, listed last within its severity.
//!
//! Which numbers of `usedInstanceNoList` are load balancers and which are Global Edge is [not
//! documented](https://api.ncloud-docs.com/docs/en/security-certificatemanager-getcertificatelist).

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::certificate::Expiry;
use crate::rules::finding::{Dated, Finding};
use crate::rules::lifetime::{Holdings, Origin, Thresholds};
use crate::rules::severity::Severity;

/// A certificate that expires, or whose end is unknown, and is used elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its name in Certificate Manager.
    pub name: String,
    /// The domain that it is for; empty if the API gave none.
    pub domain: String,
    /// When it expires, if known.
    pub expiry: Option<DateTime<Utc>>,
    /// How urgent that is, by the same cutoffs as on Global Edge.
    pub severity: Severity,
    /// Since when: the date it crossed its cutoff, or expired.
    pub since: Option<DateTime<Utc>>,
    /// Where it comes from, if known.
    pub origin: Option<Origin>,
    /// How many instances use it.
    pub instances: usize,
}

impl Elsewhere {
    /// The order in which they are listed: severity (worst first), expiry (unknown last), domain, name.
    pub fn urgency(&self, other: &Self) -> Ordering {
        let behind = |found: &Self| (found.expiry.is_none(), found.expiry, found.domain.clone(), found.name.clone());
        other.severity.cmp(&self.severity).then_with(|| behind(self).cmp(&behind(other)))
    }
}

/// Finds what expires and is used elsewhere, in order. `findings` are those of the account's list.
pub fn find(holdings: &Holdings, findings: &[&Finding], thresholds: Thresholds, now: DateTime<Utc>) -> Vec<Elsewhere> {
    let is_reported = |name: &str| {
        findings.iter().filter(|finding| finding.is_about_expiry()).any(|finding| {
            let detailed = finding.impact.iter().flat_map(|impact| &impact.certificate_names);
            detailed.chain([&finding.certificate.certificate_name]).any(|other| other == name)
        })
    };
    let mut found: Vec<Elsewhere> = Vec::new();
    for held in holdings.rows() {
        if held.instances == 0 || is_reported(&held.name) {
            continue;
        }
        let (expiry, origin, severity, since) = match held.end {
            Expiry::NoEnd => continue,
            Expiry::Missing | Expiry::Unreadable(_) => (None, None, Severity::Warning, None),
            Expiry::At(expiry) => {
                let dated = Dated { expiry, origin: holdings.origin(&held.name, expiry) };
                let Some((severity, since)) = dated.severity(thresholds, now) else { continue };
                (Some(expiry), dated.origin, severity, Some(since))
            }
        };
        let (name, domain, instances) = (held.name.clone(), held.domain.clone(), held.instances);
        found.push(Elsewhere { name, domain, expiry, severity, since, origin, instances });
    }
    found.sort_by(Elsewhere::urgency);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Certificate, Status};
    use crate::rules::inventory::judge_all;
    use crate::rules::lifetime::{Held, Shares};
    use chrono::TimeDelta;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn held(name: &str, left: i64) -> Held {
        let expiry = NOW + TimeDelta::days(left);
        Held {
            name: name.into(),
            domain: format!("{name}.example.kr"),
            issuer: "Example CA".into(),
            valid_from: Some(expiry - TimeDelta::days(200)),
            end: Expiry::At(expiry),
            instances: 1,
        }
    }

    /// Names, severities and ages of what is found.
    fn found(rows: Vec<Held>, thresholds: Thresholds) -> Vec<(String, Severity, Option<i64>)> {
        let found = find(&Holdings::new(rows), &[], thresholds, NOW);
        found.into_iter().map(|it| (it.name, it.severity, it.since.map(|since| (NOW - since).num_days()))).collect()
    }

    #[test]
    fn what_expires_and_is_used_is_found_the_most_urgent_first() {
        let rows = vec![
            held("later", 31),
            held("warning", 30),
            held("critical", 7),
            held("expired", -3),
            Held { instances: 0, ..held("unused", 3) },
            Held { end: Expiry::NoEnd, ..held("endless", 3) },
            Held { end: Expiry::Missing, ..held("unknown", 3) },
        ];
        let expected = [
            ("expired", Severity::Critical, Some(3)),
            ("critical", Severity::Critical, Some(0)),
            ("warning", Severity::Warning, Some(0)),
            ("unknown", Severity::Warning, None),
        ];
        let expected = expected.map(|(name, severity, age)| (name.to_owned(), severity, age));
        assert_eq!(found(rows, Thresholds::DEFAULT), expected);
    }

    #[test]
    fn a_share_of_the_lifetime_counts_and_two_certificates_of_one_name_are_judged_by_days_alone() {
        let thresholds = Thresholds { shares: Shares { warn: Some(5), critical: Some(1) }, ..Thresholds::DEFAULT };
        assert_eq!(found(vec![held("a", 20)], thresholds), [], "5 % of 200 days are 10");
        assert_eq!(found(vec![held("a", 9)], thresholds), [("a".to_owned(), Severity::Warning, Some(1))]);
        assert_eq!(found(vec![held("a", 20), held("a", 21), held("a", 20)], thresholds).len(), 2);
    }

    #[test]
    fn what_a_finding_of_the_list_is_about_is_reported_there() {
        let row = |name: &str, left: i64, status| Certificate {
            slot_id: left,
            common_name: "www.example.kr".into(),
            certificate_name: name.into(),
            service_region: "KR_JP".into(),
            status,
            expiry: Expiry::At(NOW + TimeDelta::days(left)),
            provisioned: None,
            ..Certificate::default()
        };
        let rows = vec![
            row("listed", 3, Status::Running),
            row("healthy", 90, Status::Running),
            row("stuck", 91, Status::Missing),
            row("leaving", 4, Status::Deleting),
        ];
        let findings = judge_all(rows, None, Thresholds::DEFAULT, NOW, None).findings;
        let names = ["listed", "healthy", "stuck", "leaving"];
        let holdings = Holdings::new(names.map(|name| held(name, 3)));
        let found = find(&holdings, &findings.iter().collect::<Vec<_>>(), Thresholds::DEFAULT, NOW);
        let found: Vec<&str> = found.iter().map(|elsewhere| elsewhere.name.as_str()).collect();
        assert_eq!(found, ["healthy", "leaving", "stuck"]);
    }
}
