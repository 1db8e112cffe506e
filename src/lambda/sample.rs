//! The report that the event's `test` posts: one finding of each kind, judged by the real rules.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::certificate::{Certificate, Expiry, Status};
use crate::report::{AccountFinding, AccountReport, Found, Mode, Mutes, Report};
use crate::rules::{Inventory, Thresholds};

/// A sample as of `now`, when it is the day `today` in the zone of the messages.
#[must_use]
pub fn report(thresholds: Thresholds, now: DateTime<Utc>, today: NaiveDate) -> Report {
    let mut inventory = Inventory::new(thresholds, now);
    let certificate = |slot_id, name: &str, left: TimeDelta| Certificate {
        slot_id,
        common_name: name.into(),
        certificate_name: format!("{}-sample", name.split('.').next().unwrap_or_default().replace('*', "wildcard"))
            .into(),
        service_region: "KR_JP".into(),
        status: Status::Running,
        expiry: Expiry::At(now + left),
        provisioned: Some(now - TimeDelta::days(60)),
    };
    let hours = TimeDelta::hours;
    inventory.extend([
        certificate(101, "expired.example.com", -hours(50)),
        certificate(102, "www.example.com", TimeDelta::days(thresholds.critical_days.into()) - hours(4)),
        certificate(103, "*.shop.example.com", TimeDelta::days(thresholds.warn_days.into()) - hours(4)),
        Certificate {
            status: Status::Publishing,
            provisioned: Some(now - TimeDelta::minutes(i64::from(thresholds.grace_minutes)) - hours(24)),
            ..certificate(104, "stuck.example.com", TimeDelta::days(i64::from(thresholds.warn_days) + 300))
        },
    ]);
    let judgement = inventory.close();
    let account = AccountReport {
        name: "sample".to_owned(),
        checked: judgement.checked,
        total: judgement.checked,
        pages: 1,
        failure: None,
        first_expiry: judgement.first_expiry,
        next: None,
        deployed: Vec::new(),
        upcoming: Vec::new(),
    };
    let found = |finding| AccountFinding { account: account.name.clone(), found: Found::Slot(finding) };
    let findings = judgement.findings.into_iter().map(found).collect();
    let mutes = Mutes::default();
    Report { now, today, mode: Mode::Sample, thresholds, accounts: vec![account], findings, mutes }
}
