//! What `check` has for programs, described by `docs/check.schema.json`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::report::{AccountFinding, Found, Mode, Report};
use crate::response::{DeliveryResult, Response, RunStatus};
use crate::rules::served::Validity;
use crate::rules::{Reason, Reasons};

/// The version of the shape: adding a field does not change it.
const SCHEMA_VERSION: u32 = 1;

/// The function's own result, with the findings and what failed.
pub(super) fn check(report: &Report, deliveries: Vec<DeliveryResult>, failures: &[String]) -> Value {
    let mut findings = Vec::new();
    for AccountFinding { account, found } in &report.findings {
        // The certificate's own date; what is served stands by itself.
        let expiry = found.slot().map_or_else(|| found.expiry(), |finding| finding.expiry);
        let mut value = json!({
            "severity": found.severity().as_str(),
            "reasons": ["elsewhere"],
            "account": account,
            "slotId": found.slot_id(),
            "commonName": found.common_name(),
            "expirationDate": expiry.map(timestamp),
            "daysLeft": expiry.map(|time| days_left(time - report.now)),
            "since": found.since().map(timestamp),
            "serviceRegion": null,
            "provisionStatus": null,
            "edges": null,
        });
        match found {
            Found::Slot(finding) => {
                let certificate = &finding.certificate;
                value["reasons"] = reasons(&finding.reasons).into();
                let served = finding.served.iter().filter(|served| served.reason.is_some());
                let served: Vec<Value> = served.map(|served| self::served(&served.host, served.validity)).collect();
                if !served.is_empty() {
                    value["served"] = served.into();
                }
                value["certificateName"] = json!(certificate.certificate_name);
                value["serviceRegion"] = json!(certificate.service_region);
                value["provisionStatus"] = json!(certificate.status.as_str());
                value["edges"] = json!(finding.impact.as_ref().and_then(|impact| impact.edges));
            }
            Found::Elsewhere(elsewhere) => value["certificateName"] = json!(elsewhere.name),
        }
        findings.push(value);
    }
    let response = Response { deliveries, ..Response::new(RunStatus::Clear, report) };
    let mut value = serde_json::to_value(response).expect("a response is JSON");
    value["schemaVersion"] = SCHEMA_VERSION.into();
    value["checkedAt"] = timestamp(report.now).into();
    value["simulated"] = (report.mode == Mode::Simulated).into();
    value["status"] = status(report, failures).into();
    value["findings"] = findings.into();
    value["error"] = if failures.is_empty() { Value::Null } else { failures.join("; ").into() };
    value
}

/// What stands in its place when nothing could be checked: a setting is bad, or a key is missing.
pub(super) fn trouble(problems: &[String], now: DateTime<Utc>) -> Value {
    json!({
        "schemaVersion": SCHEMA_VERSION,
        "checkedAt": timestamp(now),
        "simulated": false,
        "status": "failed",
        "checked": 0, "total": 0, "pages": 0, "critical": 0, "warning": 0, "info": 0,
        "accounts": [],
        "deliveries": [],
        "findings": [],
        "error": problems.join("; "),
    })
}

/// Never `clear` unless everything was read and there was something to read.
fn status(report: &Report, failures: &[String]) -> &'static str {
    if !failures.is_empty() {
        "failed"
    } else if !report.findings.is_empty() || report.checked() == 0 {
        "alerted"
    } else {
        "clear"
    }
}

/// A point in time as programs read it: RFC 3339, in UTC, by the second.
pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Whole days, as people read them: rounded down while there is time left; `-2` is "2 days ago", and less than a day ago `-1`,
/// so that what has expired is negative.
pub(super) fn days_left(left: TimeDelta) -> i64 {
    if left > TimeDelta::zero() { left.num_days() } else { left.num_days().min(-1) }
}

/// What was served at a host.
pub(super) fn served(host: &str, Validity { begins, ends }: Validity) -> Value {
    json!({"host": host, "validFrom": timestamp(begins), "validUntil": timestamp(ends)})
}

/// What programs call the reasons for a finding, each once.
pub(super) fn reasons(reasons: &Reasons) -> Vec<&'static str> {
    let mut names: Vec<&str> = reasons.iter().map(|(reason, _)| name(reason)).collect();
    names.dedup();
    names
}

fn name(reason: Reason) -> &'static str {
    match reason {
        Reason::ServedEnds | Reason::ServedOlder => "served",
        Reason::Expired => "expired",
        Reason::Expiring => "expiring",
        Reason::ExpiryUnknown => "expiry_unknown",
        Reason::NotRunning => "not_running",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_people_read_them() {
        let hours = TimeDelta::hours;
        let now = "2026-11-23T00:00:00.999Z".parse().unwrap();
        for (left, days) in [(71, 2), (48, 2), (23, 0), (1, 0), (0, -1), (-1, -1), (-47, -1), (-48, -2), (-71, -2)] {
            assert_eq!(days_left(hours(left)), days, "{left}");
        }
        assert_eq!(timestamp(now), "2026-11-23T00:00:00Z");
    }
}
