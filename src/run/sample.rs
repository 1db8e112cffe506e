//! The report that the event's `test` posts: one finding of each kind, judged by the real rules.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::certificate::{Certificate, Expiry, Status};
use crate::report::{AccountFinding, AccountReport, Found, Mode, Mutes, Report};
use crate::rules::{Thresholds, judge_all};

/// A sample as of `now`, when it is the day `today` in the zone of the messages.
pub fn report(thresholds: Thresholds, now: DateTime<Utc>, today: NaiveDate) -> Report {
    let (hours, days) = (TimeDelta::hours, TimeDelta::days);
    let certificate = |slot_id, name: &str, left: TimeDelta| {
        let host = name.split('.').next().unwrap_or_default().replace('*', "wildcard");
        Certificate {
            slot_id,
            common_name: name.to_owned(),
            certificate_name: format!("{host}-sample"),
            service_region: "KR_JP".to_owned(),
            status: Status::Running,
            expiry: Expiry::At(now + left),
            provisioned: Some(now - days(60)),
            ..Certificate::default()
        }
    };
    let grace = TimeDelta::minutes(thresholds.grace_minutes.into());
    let rows = vec![
        certificate(101, "expired.example.com", -hours(50)),
        certificate(102, "www.example.com", days(thresholds.critical_days.into()) - hours(4)),
        certificate(103, "*.shop.example.com", days(thresholds.warn_days.into()) - hours(4)),
        Certificate {
            status: Status::Publishing,
            provisioned: Some(now - grace - hours(24)),
            ..certificate(104, "stuck.example.com", days(i64::from(thresholds.warn_days) + 300))
        },
    ];
    let checked = rows.len() as u64;
    let judgement = judge_all(rows, None, thresholds, now, None);
    let account = AccountReport {
        name: "sample".to_owned(),
        checked,
        total: checked,
        pages: 1,
        failure: None,
        unread: vec![],
        has_lifetimes: false,
        first_expiry: judgement.first_expiry,
        next: None,
        deployed: Vec::new(),
        upcoming: Vec::new(),
        old_tls: Vec::new(),
    };
    let mut findings = Vec::new();
    for finding in judgement.findings {
        findings.push(AccountFinding { account: account.name.clone(), found: Found::Slot(finding) });
    }
    let (mode, mutes) = (Mode::Sample, Mutes::default());
    let (has_chosen_accounts, accounts, looked) = (false, vec![account], None);
    Report { now, today, mode, has_chosen_accounts, thresholds, accounts, findings, mutes, looked }
}
