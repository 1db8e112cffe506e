//! The inventory as JSON: an array, described by `docs/list.schema.json`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::rows::{List, Row};
use crate::rules::{Reason, Reasons};

/// The certificates, in order. Names are as the API sent them.
pub(in crate::cli) fn json(list: &List) -> Value {
    list.rows.iter().map(object).collect()
}

fn object(row: &Row) -> Value {
    let certificate = &row.certificate;
    let reasons: Vec<&str> = row.reasons.iter().flat_map(Reasons::iter).map(|(one, _)| reason(one)).collect();
    json!({
        "commonName": certificate.common_name,
        "expirationDate": row.expiry().map(timestamp),
        "daysLeft": row.left.map(days_left),
        "provisionStatus": certificate.status.as_str(),
        "serviceRegion": certificate.service_region,
        "slotId": certificate.slot_id,
        "certificateName": certificate.certificate_name,
        "provisionDate": certificate.provisioned.map(timestamp),
        "severity": row.severity().map_or("ok", crate::rules::Severity::as_str),
        "reasons": reasons,
    })
}

/// A point in time as programs read it: RFC 3339, in UTC.
pub(in crate::cli) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Whole days, rounded down: negative once it has expired.
pub(in crate::cli) fn days_left(left: TimeDelta) -> i64 {
    left.num_milliseconds().div_euclid(86_400_000)
}

/// What programs call a reason.
pub(in crate::cli) fn reason(reason: Reason) -> &'static str {
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
        let list = list(vec![
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
        assert_eq!(json(&list), expected);
    }
}
