//! Looking at what the hosts of all slots serve.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::Criteria;
use super::list::ListedAccount;
use crate::certificate::Expiry;
use crate::probe::{Probe, Target};
use crate::rules::Thresholds;
use crate::rules::served::{Cover, Remark, Sight, Slots};

/// How many hosts are looked at, those of the most urgent slots.
const HOSTS: usize = 100;

/// How many at once.
const AT_ONCE: usize = 8;

/// Looks at the hosts of the RUNNING slots, and at `further` ones that such a slot covers, until `until`.
pub async fn look(listed: &[ListedAccount], further: &[Target], criteria: &Criteria, until: Instant) -> Vec<Sight> {
    let Criteria { thresholds, now, .. } = *criteria;
    let accounts: Vec<Slots<'_>> = listed.iter().map(|account| Slots::of(&account.rows)).collect();
    let (due, uncovered) = targets(&accounts, further, thresholds, now);
    let (due, beyond) = due.split_at(due.len().min(HOSTS));

    let probe = Probe::default();
    let probe = &probe;
    let accounts = &accounts;
    let look = async |(index, target): (usize, &Target)| {
        let would_find = |seen| accounts.iter().any(|slots| slots.would_find(&target.name, seen, thresholds, now));
        (index, probe.look(target, until, would_find).await)
    };
    let looks = stream::iter(due.iter().enumerate()).map(look).buffer_unordered(AT_ONCE);
    let mut sights: Vec<(usize, Sight)> = looks.collect().await;
    sights.sort_by_key(|(index, _)| *index);
    let mut sights: Vec<Sight> = sights.into_iter().map(|(_, sight)| sight).collect();
    sights.extend(beyond.iter().map(|target| target.sight(None, Some(Remark::NotLooked))));
    sights.extend(uncovered.iter().map(|target| target.sight(None, Some(Remark::NoSlot))));
    sights
}

/// The hosts to look at, each once, those of the most urgent slots first; and those that no RUNNING slot's name covers.
fn targets(
    accounts: &[Slots<'_>],
    further: &[Target],
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> (Vec<Target>, Vec<Target>) {
    // When the first slot of a host expires. One of which that is not known is as urgent as the last warning.
    let unknown = now + TimeDelta::days(thresholds.warn_days.into());
    let expiry = |expiry: &Expiry| match expiry {
        Expiry::At(time) => *time,
        Expiry::NoEnd => DateTime::<Utc>::MAX_UTC,
        Expiry::Missing | Expiry::Unreadable(_) => unknown,
    };
    let running = || accounts.iter().flat_map(Slots::running);
    let mut due: HashMap<Target, DateTime<Utc>> = HashMap::new();
    for (certificate, cover) in running() {
        let Cover::Host(name) = cover else { continue };
        // An address that the settings name takes the place of where the host would be looked for.
        if further.iter().any(|target| target.address.is_some() && target.name == *name) {
            continue;
        }
        let expiry = expiry(&certificate.expiry);
        due.entry(Target::new(name.clone())).and_modify(|first| *first = expiry.min(*first)).or_insert(expiry);
    }
    let mut uncovered = Vec::new();
    for target in further {
        let covering = running().filter(|(_, cover)| cover.covers(&target.name));
        match covering.map(|(certificate, _)| expiry(&certificate.expiry)).min() {
            Some(expiry) => _ = due.insert(target.clone(), expiry),
            None => uncovered.push(target.clone()),
        }
    }
    let mut due: Vec<(Target, DateTime<Utc>)> = due.into_iter().collect();
    due.sort_by(|(a, first), (b, second)| (first, &a.name, a.port).cmp(&(second, &b.name, b.port)));
    (due.into_iter().map(|(target, _)| target).collect(), uncovered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Certificate, Status};

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn row(common_name: &str, expiry: Expiry, status: Status) -> Certificate {
        Certificate {
            slot_id: 1,
            common_name: common_name.into(),
            certificate_name: String::new(),
            service_region: "KR_JP".into(),
            status,
            expiry,
            provisioned: None,
            ..Certificate::default()
        }
    }

    #[test]
    fn each_host_is_looked_at_once_those_of_the_most_urgent_slots_first() {
        let in_days = |days| Expiry::At(NOW + TimeDelta::days(days));
        let accounts = [
            vec![
                row("later.kr", in_days(90), Status::Running),
                row("Soon.kr", in_days(3), Status::Running),
                row("unknown.kr", Expiry::Missing, Status::Running),
                row("endless.kr", Expiry::NoEnd, Status::Running),
                row("stuck.kr", in_days(1), Status::Publishing),
                row("moved.kr", in_days(200), Status::Running),
                row("*.wild.kr", in_days(2), Status::Running),
                row("", in_days(1), Status::Running),
            ],
            vec![row("later.kr", in_days(20), Status::Running), row("soon.kr", in_days(400), Status::Running)],
        ];
        let accounts: Vec<Slots<'_>> = accounts.iter().map(|rows| Slots::of(rows)).collect();
        let further = ["moved.kr=127.0.0.1:8443", "a.wild.kr", "wild.kr", "later.kr:8443", "later.kr", "stuck.kr"];
        let further: Vec<Target> = further.into_iter().filter_map(Target::parse).collect();
        let (due, uncovered) = targets(&accounts, &further, Thresholds::DEFAULT, NOW);
        let shown =
            |targets: Vec<Target>| targets.iter().map(|it| format!("{}:{}", it.name, it.port)).collect::<Vec<_>>();
        assert_eq!(
            shown(due),
            [
                "a.wild.kr:443",
                "soon.kr:443",
                "later.kr:443",
                "later.kr:8443",
                "unknown.kr:443",
                "moved.kr:8443",
                "endless.kr:443"
            ]
        );
        assert_eq!(shown(uncovered), ["wild.kr:443", "stuck.kr:443"]);
    }
}
