//! What `check` and `list` have for programs, described by `docs/check.schema.json` and `docs/list.schema.json`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::list::rows::{List, Row};
use crate::report::{AccountFinding, Found, Mode, Report};
use crate::response::{DeliveryResult, Response, RunStatus};
use crate::rules::{Reason, Reasons, Severity};

/// The version of this shape: adding a field does not change it.
const VERSION: u32 = 1;

/// The function's own result, with the findings and what failed.
pub(super) fn check(report: &Report, deliveries: Vec<DeliveryResult>, failures: &[String]) -> Value {
    let mut findings = Vec::new();
    for AccountFinding { account, found } in &report.findings {
        let mut value = json!({
            "severity": found.severity().as_str(),
            "reasons": ["elsewhere"],
            "account": account,
            "slotId": found.slot_id(),
            "commonName": found.common_name(),
            "expirationDate": found.expiry().map(timestamp),
            "daysLeft": found.expiry().map(|time| days_left(time - report.now)),
            "since": found.since(report.thresholds).map(timestamp),
        });
        match found {
            Found::Slot(finding) => {
                let certificate = &finding.certificate;
                value["reasons"] = finding.reasons.iter().map(|(found, _)| reason(found)).collect();
                value["certificateName"] = json!(certificate.certificate_name);
                value["serviceRegion"] = json!(certificate.service_region);
                value["provisionStatus"] = json!(certificate.status.as_str());
                value["edges"] = json!(finding.impact.as_ref().and_then(|impact| impact.edges));
            }
            Found::Elsewhere(elsewhere) => {
                value["certificateName"] = json!(elsewhere.name);
                // It is in no slot.
                for field in ["serviceRegion", "provisionStatus", "edges"] {
                    value[field] = Value::Null;
                }
            }
        }
        findings.push(value);
    }
    let response = Response { deliveries, ..Response::new(RunStatus::Clear, report) };
    let mut value = serde_json::to_value(response).expect("a response is JSON");
    value["schemaVersion"] = VERSION.into();
    value["checkedAt"] = timestamp(report.now).into();
    value["simulated"] = (report.mode == Mode::Simulated).into();
    value["status"] = status(report, failures).into();
    value["findings"] = findings.into();
    value["error"] = if failures.is_empty() { Value::Null } else { failures.join("; ").into() };
    value
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

/// The certificates of a list, in order. Names are as the API sent them.
pub(super) fn list(list: &List) -> Value {
    list.rows.iter().map(certificate).collect()
}

fn certificate(row: &Row) -> Value {
    let certificate = &row.certificate;
    let reasons: Vec<&str> = row.reasons.iter().flat_map(Reasons::iter).map(|(found, _)| reason(found)).collect();
    json!({
        "commonName": certificate.common_name,
        "expirationDate": row.expiry().map(timestamp),
        "daysLeft": row.left.map(days_left),
        "provisionStatus": certificate.status.as_str(),
        "serviceRegion": certificate.service_region,
        "slotId": certificate.slot_id,
        "certificateName": certificate.certificate_name,
        "provisionDate": certificate.provisioned.map(timestamp),
        "severity": row.severity().map_or("ok", Severity::as_str),
        "reasons": reasons,
    })
}

/// A point in time as programs read it: RFC 3339, in UTC.
pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Whole days, rounded down: negative once it has expired.
pub(super) fn days_left(left: TimeDelta) -> i64 {
    left.num_milliseconds().div_euclid(86_400_000)
}

/// What programs call a reason.
pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Expired => "expired",
        Reason::Expiring => "expiring",
        Reason::ExpiryUnknown => "expiry_unknown",
        Reason::NotRunning => "not_running",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::rows::tests::{certificate, list};

    #[test]
    fn a_certificate_is_an_object_and_what_is_unknown_is_null() {
        let certificates = list(vec![
            certificate(71, "a\n\"b\".kr", Some(TimeDelta::hours(-1)), "RUNNING"),
            certificate(72, "", None, ""),
        ]);
        let expected = json!([
            {
                "commonName": "a\n\"b\".kr", "expirationDate": "2026-11-22T23:00:00Z", "daysLeft": -1, "provisionStatus": "RUNNING",
                "serviceRegion": "KR_JP", "slotId": 71, "certificateName": "cert-71", "provisionDate": "2026-08-15T00:00:00Z",
                "severity": "critical", "reasons": ["expired"],
            },
            {
                "commonName": "", "expirationDate": null, "daysLeft": null, "provisionStatus": "", "serviceRegion": "KR_JP",
                "slotId": 72, "certificateName": "cert-72", "provisionDate": "2026-08-15T00:00:00Z",
                "severity": "warning", "reasons": ["expiry_unknown", "not_running"],
            },
        ]);
        assert_eq!(super::list(&certificates), expected);
    }
}
