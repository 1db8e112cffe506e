//! The inventory for programs, described by `docs/list.schema.json`.

use serde_json::{Value, json};

use super::{List, Row};
use crate::cli::json::{days_left, reasons, timestamp};
use crate::rules::served::{Remark, Sight};

/// The version of the shape: adding a field does not change it.
const SCHEMA_VERSION: u32 = 1;

/// A list, in order. Names are as the API sent them.
pub(in crate::cli) fn json(list: &List) -> Value {
    json!({
        "schemaVersion": SCHEMA_VERSION,
        "checkedAt": timestamp(list.now),
        "complete": list.failure.is_none(),
        "error": list.failure,
        "certificates": list.rows.iter().map(|row| certificate(row, list.is_probed)).collect::<Value>(),
    })
}

fn certificate(row: &Row, is_probed: bool) -> Value {
    let certificate = &row.certificate;
    let reasons = row.finding.as_ref().map(|finding| reasons(&finding.reasons)).unwrap_or_default();
    let mut value = json!({
        "commonName": certificate.common_name,
        "expirationDate": row.expiry().map(timestamp),
        "daysLeft": row.left.map(days_left),
        "provisionStatus": certificate.status.as_str(),
        "serviceRegion": certificate.service_region,
        "slotId": certificate.slot_id,
        "certificateName": certificate.certificate_name,
        "provisionDate": certificate.provisioned.map(timestamp),
        "tlsVersions": certificate.tls_versions().collect::<Vec<_>>(),
        "cipherProfile": certificate.cipher_profile,
        "severity": row.severity_name(),
        "reasons": reasons,
    });
    if is_probed {
        value["served"] = row.served.iter().map(served).collect();
    }
    value
}

fn served(sight: &Sight) -> Value {
    json!({
        "host": sight.host(),
        "validFrom": sight.seen.map(|seen| timestamp(seen.begins)),
        "validUntil": sight.seen.map(|seen| timestamp(seen.ends)),
        "remark": sight.remark.map(Remark::as_str),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Certificate;
    use crate::cli::list::tests::{certificate, list};
    use chrono::TimeDelta;

    #[test]
    fn a_list_says_whether_it_is_whole_and_what_is_unknown_is_null() {
        let mut certificates = list(vec![
            certificate(71, "a\n\"b\".kr", Some(TimeDelta::milliseconds(-1)), "RUNNING"),
            Certificate { tls_versions: String::new(), cipher_profile: String::new(), ..certificate(72, "", None, "") },
        ]);
        let rows = json!([
            {
                "commonName": "a\n\"b\".kr", "expirationDate": "2026-11-22T23:59:59Z", "daysLeft": -1, "provisionStatus": "RUNNING",
                "serviceRegion": "KR_JP", "slotId": 71, "certificateName": "cert-71", "provisionDate": "2026-08-15T00:00:00Z",
                "tlsVersions": ["1.2", "1.3"], "cipherProfile": "GE-DEFAULT-v1",
                "severity": "critical", "reasons": ["expired"],
            },
            {
                "commonName": "", "expirationDate": null, "daysLeft": null, "provisionStatus": "", "serviceRegion": "KR_JP",
                "slotId": 72, "certificateName": "cert-72", "provisionDate": "2026-08-15T00:00:00Z",
                "tlsVersions": [], "cipherProfile": "",
                "severity": "warning", "reasons": ["expiry_unknown", "not_running"],
            },
        ]);
        let expected = |complete: bool, error: Value| {
            let checked_at = "2026-11-23T00:00:00Z";
            json!({"schemaVersion": 1, "checkedAt": checked_at, "complete": complete, "error": error, "certificates": rows})
        };
        assert_eq!(super::json(&certificates), expected(true, Value::Null));
        certificates.failure = Some("no answer. Try again".to_owned());
        assert_eq!(super::json(&certificates), expected(false, json!("no answer. Try again")));
    }
}
