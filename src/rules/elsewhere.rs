//! Certificates in Certificate Manager that expire and that something other than Global Edge uses.
//!
//! They have no slot, no status and no region: a different kind of finding, listed last within its severity.
//!
//! Which numbers of `usedInstanceNoList` are load balancers or CDN+ and which are Global Edge is [not
//! documented](https://api.ncloud-docs.com/docs/en/security-certificatemanager-getcertificatelist). So a certificate counts
//! as used elsewhere if something uses it and no slot shows its name; if a slot does, that slot's own finding reports it.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::certificate::Certificate;
use crate::rules::inventory::Inventory;
use crate::rules::lifetime::{Held, Holdings, LONGEST, Origin, Thresholds};
use crate::rules::severity::Severity;

/// A certificate that expires and is used elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its name in Certificate Manager.
    pub name: SmolStr,
    /// The domain that it is for; empty if the API gave none.
    pub domain: SmolStr,
    /// When it expires.
    pub expiry: DateTime<Utc>,
    /// How urgent that is, by the same cutoffs as on Global Edge.
    pub severity: Severity,
    /// Since when: the date it crossed its cutoff, or expired.
    pub since: DateTime<Utc>,
    /// Where it comes from, if known.
    pub origin: Option<Origin>,
    /// How many instances use it.
    pub instances: usize,
}

impl Elsewhere {
    /// The order in which they are listed: severity (worst first), expiry, domain, name.
    #[must_use]
    pub fn urgency(&self, other: &Self) -> Ordering {
        let behind = |one: &Self| (one.expiry, one.domain.clone(), one.name.clone());
        other.severity.cmp(&self.severity).then_with(|| behind(self).cmp(&behind(other)))
    }
}

/// Finds what expires and is used elsewhere, in order. `is_shown` says whether Global Edge shows a name.
pub fn find(
    holdings: &Holdings,
    is_shown: impl Fn(&str) -> bool,
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> Vec<Elsewhere> {
    let used = holdings.rows().iter().filter(|held| held.instances > 0 && !held.is_dedicated);
    let judged = used.filter(|held| !is_shown(&held.name)).filter_map(|held| {
        let expiry = held.valid_until?;
        let origin = holdings.origin(&held.name, expiry);
        let (severity, since) = severity(held, expiry, origin.as_ref(), thresholds, now)?;
        let Held { name, domain, instances, .. } = held.clone();
        Some(Elsewhere { name, domain, expiry, severity, since, origin, instances })
    });
    let mut found: Vec<Elsewhere> = judged.collect();
    found.sort_by(Elsewhere::urgency);
    // Rows listed twice are one certificate.
    found.dedup();
    found
}

fn severity(
    held: &Held,
    expiry: DateTime<Utc>,
    origin: Option<&Origin>,
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> Option<(Severity, DateTime<Utc>)> {
    let left = expiry - now;
    // Dates like 1970-01-01 mean that there is no date; and nothing ends before it starts.
    let is_nonsense = left < -LONGEST || held.valid_from.is_some_and(|from| from >= expiry);
    let cutoffs = thresholds.cutoffs(origin.map(|origin| origin.lifetime));
    if is_nonsense || left > cutoffs.warning.max(TimeDelta::zero()) {
        None
    } else if left <= TimeDelta::zero() {
        Some((Severity::Critical, expiry))
    } else if left <= cutoffs.critical {
        Some((Severity::Critical, expiry - cutoffs.critical))
    } else {
        Some((Severity::Warning, expiry - cutoffs.warning))
    }
}

/// The certificates of a list as they arrive: judged, and recorded by their names in Certificate Manager if that is queried
/// too.
#[derive(Debug)]
pub struct Collector {
    /// Those that were judged.
    pub inventory: Inventory,
    /// The names that slots show.
    pub names: Option<Names>,
}

/// The names of certificates, as hashes: a list can have a hundred thousand.
#[derive(Debug, Default)]
pub struct Names {
    hasher: RandomState,
    hashes: FxHashSet<u64>,
}

impl Names {
    /// Records a name.
    pub fn note(&mut self, name: &str) {
        self.hashes.insert(self.hasher.hash_one(name));
    }

    /// Whether the name was recorded.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.hashes.contains(&self.hasher.hash_one(name))
    }
}

impl Extend<Certificate> for Collector {
    fn extend<I: IntoIterator<Item = Certificate>>(&mut self, certificates: I) {
        for certificate in certificates {
            // The expiry of a slot on its way out is not reported, so such a slot does not count as showing the name.
            if let Some(names) = self.names.as_mut().filter(|_| !certificate.status.is_leaving()) {
                names.note(&certificate.certificate_name);
            }
            self.inventory.add(certificate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Expiry, Status};
    use crate::rules::lifetime::Shares;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn held(name: &str, left: i64) -> Held {
        let expiry = NOW + TimeDelta::days(left);
        Held {
            name: name.into(),
            domain: format!("{name}.example.kr").into(),
            issuer: "Example CA".into(),
            valid_from: Some(expiry - TimeDelta::days(200)),
            valid_until: Some(expiry),
            instances: 1,
            is_dedicated: false,
        }
    }

    fn found(rows: impl IntoIterator<Item = Held>, thresholds: Thresholds) -> Vec<(String, Severity)> {
        let found = find(&Holdings::new(rows), |name| name == "shown", thresholds, NOW);
        found.into_iter().map(|one| (one.name.to_string(), one.severity)).collect()
    }

    #[test]
    fn what_expires_and_is_used_where_no_slot_shows_it_is_found_the_most_urgent_first() {
        let rows = [held("later", 31), held("warning", 30), held("critical", 7), held("expired", -3), held("shown", 1)];
        let expected =
            [("expired", Severity::Critical), ("critical", Severity::Critical), ("warning", Severity::Warning)]
                .map(|(name, severity)| (name.to_owned(), severity));
        assert_eq!(found(rows, Thresholds::DEFAULT), expected);
    }

    #[test]
    fn what_nothing_uses_what_is_for_global_edge_alone_and_what_has_no_sane_end_is_not_found() {
        let rows = [
            Held { instances: 0, ..held("unused", 3) },
            Held { is_dedicated: true, ..held("dedicated", 3) },
            Held { valid_until: None, ..held("endless", 3) },
            Held { valid_from: None, valid_until: DateTime::from_timestamp_millis(0), ..held("epoch", 3) },
            Held { valid_from: Some(NOW + TimeDelta::days(4)), ..held("backwards", 3) },
        ];
        assert_eq!(found(rows, Thresholds::DEFAULT), []);
    }

    #[test]
    fn two_certificates_of_one_name_are_told_each_and_by_days_alone() {
        let thresholds = Thresholds { shares: Shares { warn: Some(5), critical: Some(1) }, ..Thresholds::DEFAULT };
        assert_eq!(found([held("a", 20)], thresholds), [], "5 % of 200 days are 10");
        let doubled = [held("a", 20), held("a", 21), held("a", 20)];
        assert_eq!(found(doubled, thresholds), vec![("a".to_owned(), Severity::Warning); 2]);
    }

    #[test]
    fn it_is_so_since_its_line_or_since_it_expired() {
        let shares = Shares { warn: Some(10), critical: Some(1) };
        let ages = |thresholds| -> Vec<(String, i64)> {
            let rows = [held("warning", 19), held("critical", 1), held("expired", -3)];
            let found = find(&Holdings::new(rows), |_| false, thresholds, NOW);
            found.into_iter().map(|one| (one.name.to_string(), (NOW - one.since).num_days())).collect()
        };
        let of = |ages: [i64; 3]| ["expired", "critical", "warning"].map(str::to_owned).into_iter().zip(ages);
        assert_eq!(ages(Thresholds::DEFAULT), of([3, 6, 11]).collect::<Vec<_>>());
        // Of 200 days these are 20 and 2.
        assert_eq!(ages(Thresholds { shares, ..Thresholds::DEFAULT }), of([3, 1, 1]).collect::<Vec<_>>());
    }

    #[test]
    fn with_critical_days_at_zero_only_the_expired_are_critical() {
        let thresholds = Thresholds { critical_days: 0, ..Thresholds::DEFAULT };
        let expected = [("gone", Severity::Critical), ("soon", Severity::Warning)];
        assert_eq!(
            found([held("gone", 0), held("soon", 1)], thresholds),
            expected.map(|(name, severity)| (name.to_owned(), severity))
        );
    }

    #[test]
    fn a_slot_on_its_way_out_shows_nothing() {
        let certificate = |name: &str, status| Certificate {
            slot_id: 1,
            common_name: "www.example.kr".into(),
            certificate_name: name.into(),
            service_region: "KR_JP".into(),
            status,
            expiry: Expiry::Missing,
            provisioned: None,
        };
        let mut roll = Collector { inventory: Inventory::new(Thresholds::DEFAULT, NOW), names: Some(Names::default()) };
        roll.extend([certificate("here", Status::Running), certificate("leaving", Status::Deleting)]);
        let names = roll.names.unwrap();
        assert!(names.has("here") && !names.has("leaving") && !names.has("other"));
        assert_eq!(roll.inventory.close().checked, 2);
    }
}
