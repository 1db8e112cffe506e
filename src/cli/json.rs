//! The result of `check` as programs read it, described by `docs/check.schema.json`.

use serde_json::{Value, json};

use super::list::{days_left, reason, timestamp};
use crate::report::{Found, Mode, Report};
use crate::response::{DeliveryResult, Response, RunStatus};

/// The version of this shape: adding a field does not change it.
const VERSION: u32 = 1;

/// The function's own result, with the findings and what failed.
pub(super) fn check(report: &Report, deliveries: Vec<DeliveryResult>, failures: &[String]) -> Value {
    let findings = report.findings.iter().map(|one| {
        let found = &one.found;
        let mut value = json!({
            "severity": found.severity().as_str(),
            "reasons": ["elsewhere"],
            "account": one.account,
            "slotId": found.slot_id(),
            "commonName": found.common_name(),
            "expirationDate": found.expiry().map(timestamp),
            "daysLeft": found.expiry().map(|time| days_left(time - report.now)),
            "since": found.since(report.thresholds).map(timestamp),
        });
        match found {
            Found::Slot(finding) => {
                let certificate = &finding.certificate;
                value["reasons"] = finding.reasons.iter().map(|(one, _)| reason(one)).collect();
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
        value
    });
    let response = Response { deliveries, ..Response::new(RunStatus::Clear, report) };
    let mut value = serde_json::to_value(response).expect("a response is JSON");
    value["schemaVersion"] = VERSION.into();
    value["checkedAt"] = timestamp(report.now).into();
    value["simulated"] = (report.mode == Mode::Simulated).into();
    value["status"] = status(report, failures).into();
    value["findings"] = findings.collect();
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
