//! Certificate Manager, on the same port, in the documented shape.
//!
//! Sources: those of [`crate::certificate_manager`].

use chrono::{DateTime, SecondsFormat, Utc};
use hyper::Request;
use serde_json::{Value, json};

/// The path of its list.
pub const PATH: &str = "/api/v1/certificates";

/// A row of the list: a certificate with this name and this lifetime, used by `instances`.
pub fn held(name: &str, domain: &str, from: DateTime<Utc>, until: DateTime<Utc>, instances: &[u64]) -> Value {
    json!({
        "certificateNo": 20_000 + name.len(),
        "certificateType": "EXTERNAL",
        "certificateName": name,
        "memberNo": "1234567",
        "dnInfo": format!("CN={domain}"),
        "domainAddress": domain,
        "subDomainAddress": "",
        "regDate": date(from),
        "updateDate": date(from),
        "issueDate": date(from),
        "validStartDate": date(from),
        "validEndDate": date(until),
        "statusCode": "1",
        "statusName": "NORMAL",
        "externalYn": "Y",
        "caInfo": "Example CA",
        "usedInstanceNoList": instances,
    })
}

fn date(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Status and body of the answer to `request`: all `rows`, however many.
pub(super) fn answer<B>(rows: &[Value], request: &Request<B>) -> (u16, Value) {
    let is_json =
        |name| request.headers().get(name).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_json("content-type") || !is_json("accept") {
        return (400, json!({"returnCode": "2000", "returnMessage": "Content-Type and Accept are required."}));
    }
    let count = rows.len();
    (200, json!({"returnCode": "0", "returnMessage": "success", "totalRows": count, "sslCertificateList": rows}))
}
