//! What Certificate Manager sends with status 200: the documented shape, and variants that its clients have met.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::certificate::{Expiry, read_date};
use crate::ncp::Error;
use crate::net::disclosure::Secrets;
use crate::rules::lifetime::Held;

/// The code for an account without certificates.
const NO_CERTIFICATE: &str = "2200";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    return_code: Option<Value>,
    return_message: Option<Value>,
    total_rows: Option<Value>,
    /// The rows, each as its text: one that cannot be read does not cost the others.
    #[serde(borrow)]
    ssl_certificate_list: Option<Vec<&'a RawValue>>,
}

/// Reads the list.
///
/// # Errors
/// What Certificate Manager says instead of a list, or what is wrong with the list.
pub fn read(body: &[u8], secrets: &Secrets) -> Result<Vec<Held>, Error> {
    // One bad byte costs the text it stands in.
    let body = String::from_utf8_lossy(body);
    let envelope: Envelope<'_> =
        serde_json::from_str(&body).map_err(|error| Error::unreadable(&body, &error, secrets))?;
    let code = text(envelope.return_code.as_ref());
    // Errors come with HTTP 200 as well. Success is "0"; a number or a missing code is accepted if there is a list.
    match code.trim() {
        "" | "0" => {}
        NO_CERTIFICATE => return Ok(Vec::new()),
        code => return Err(Error::of_code(code, &text(envelope.return_message.as_ref()), secrets)),
    }
    let Some(rows) = envelope.ssl_certificate_list else {
        let is_empty = text(envelope.total_rows.as_ref()) == "0";
        let missing = || Error::Malformed("`sslCertificateList` is missing".to_owned());
        return if is_empty { Ok(Vec::new()) } else { Err(missing()) };
    };
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        if let Ok(row) = serde_json::from_str(row.get()) {
            all.extend(held(&row, secrets));
        }
    }
    Ok(all)
}

/// `None` without a name: nothing can be matched to it, and no reader could find it.
fn held(row: &Value, secrets: &Secrets) -> Option<Held> {
    let field = |name: &str| text(row.get(name));
    let name = secrets.name(&field("certificateName"));
    (!name.is_empty()).then(|| Held {
        name,
        domain: secrets.name(&field("domainAddress")),
        issuer: secrets.name(&field("caInfo")),
        valid_from: read_date(&field("validStartDate")),
        end: Expiry::read(&field("validEndDate")),
        instances: instances(row.get("usedInstanceNoList")),
    })
}

/// How many instances a list names: an array, or texts separated by commas.
fn instances(list: Option<&Value>) -> usize {
    match list {
        Some(Value::Array(numbers)) => numbers.iter().filter(|number| !text(Some(number)).trim().is_empty()).count(),
        other => text(other).split(',').filter(|number| !number.trim().is_empty()).count(),
    }
}

/// A text, or a number as its text; anything else counts as missing.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use serde_json::json;

    const START: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn rows(body: &Value) -> Result<Vec<Held>, String> {
        read(body.to_string().as_bytes(), &Secrets::default()).map_err(|error| error.to_string())
    }

    fn row() -> Value {
        json!({
            "certificateNo": 1234,
            "certificateType": "EXTERNAL",
            "certificateName": "www-2026",
            "memberNo": "567",
            "dnInfo": "CN=www.example.kr",
            "domainAddress": "www.example.kr",
            "subDomainAddress": "example.kr",
            "regDate": "2026-11-23T00:00:00Z",
            "validStartDate": "2026-11-23T00:00:00Z",
            "validEndDate": "2027-01-09T00:00:00Z",
            "statusCode": 1,
            "statusName": "NORMAL",
            "caInfo": "Example CA",
            "usedInstanceNoList": [7, 8],
        })
    }

    fn answer(rows: &[Value]) -> Value {
        json!({"returnCode": "0", "returnMessage": "success", "totalRows": rows.len(), "sslCertificateList": rows})
    }

    fn with(field: &str, value: Value) -> Held {
        let mut row = row();
        row[field] = value;
        rows(&answer(&[row])).unwrap().pop().unwrap()
    }

    #[test]
    fn the_documented_shape_is_read() {
        let expected = Held {
            name: "www-2026".into(),
            domain: "www.example.kr".into(),
            issuer: "Example CA".into(),
            valid_from: Some(START),
            end: Expiry::At(START + TimeDelta::days(47)),
            instances: 2,
        };
        assert_eq!(rows(&answer(&[row()])), Ok(vec![expected]));
    }

    #[test]
    fn what_uses_a_certificate_is_counted_in_every_form() {
        for (list, expected) in [
            (Value::Null, 0),
            (json!([]), 0),
            (json!([null, ""]), 0),
            (json!([1, "2"]), 2),
            (json!(""), 0),
            (json!("12"), 1),
            (json!("12, 34"), 2),
            (json!(12), 1),
            (json!({}), 0),
        ] {
            assert_eq!(with("usedInstanceNoList", list.clone()).instances, expected, "{list}");
        }
    }

    #[test]
    fn an_error_comes_with_http_200_too() {
        let refused = json!({"returnCode": "1002", "returnMessage": "bad key\nAKIDEXAMPLEaccess00001", "sslCertificateList": [row()]});
        assert_eq!(rows(&refused), Err("NCP refused the request (HTTP 200, NCP code 1002, `bad key …`)".to_owned()));
        for code in [json!("2200"), json!(2200)] {
            assert_eq!(rows(&json!({"returnCode": code, "returnMessage": "No certificate was found."})), Ok(vec![]));
        }
        for code in [json!("0"), json!(0), Value::Null] {
            assert_eq!(rows(&json!({"returnCode": code, "sslCertificateList": [row()]})).unwrap().len(), 1);
        }
    }

    #[test]
    fn a_list_that_is_missing_is_empty_only_if_it_is_counted_so() {
        assert_eq!(rows(&json!({"returnCode": "0", "totalRows": 0})), Ok(vec![]));
        assert_eq!(rows(&json!({"returnCode": "0", "totalRows": "0", "sslCertificateList": null})), Ok(vec![]));
        for body in
            [json!({}), json!({"returnCode": "0"}), json!({"returnCode": "0", "totalRows": 3}), json!([]), json!("x")]
        {
            assert!(rows(&body).unwrap_err().starts_with("NCP's answer cannot be read: "), "{body}");
        }
        assert!(rows(&json!({"returnCode": "0", "sslCertificateList": {"0": row()}})).is_err());
        assert!(read(b"<html>", &Secrets::default()).is_err() && read(b"", &Secrets::default()).is_err());
    }

    #[test]
    fn one_bad_row_costs_that_row() {
        let good = row().to_string();
        for bad in
            [r"7", r"null", r#"{"certificateName":"\ud800"}"#, r#"{"certificateName":"x","certificateNo":1e999}"#, "{}"]
        {
            let body = format!(r#"{{"returnCode":"0","sslCertificateList":[{good},{bad},{good}]}}"#);
            assert_eq!(read(body.as_bytes(), &Secrets::default()).unwrap().len(), 2, "{bad}");
        }
        let mut body = answer(&[row()]).to_string().into_bytes();
        let index = body.windows(10).position(|bytes| bytes == b"Example CA").unwrap();
        body[index] = 0xff;
        assert_eq!(read(&body, &Secrets::default()).unwrap()[0].issuer, "\u{fffd}xample CA");
    }
}
