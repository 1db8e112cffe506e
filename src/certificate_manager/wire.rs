//! What Certificate Manager sends with status 200: the documented shape, and variants that its clients have met.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::global_edge::{Error, ErrorReply, malformed};
use crate::net::redact::Redactor;
use crate::rules::lifetime::Held;

/// The code for an account without certificates.
const NO_CERTIFICATE: &str = "2200";

/// The range taken for milliseconds since 1970: from 2001 to 2286. Any other number is a day (`20261123`), a time in digits,
/// or seconds, and taken for milliseconds it would give a wrong date.
const MILLISECONDS: std::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    return_code: Option<Value>,
    return_message: Option<Value>,
    total_rows: Option<Value>,
    #[serde(borrow)]
    ssl_certificate_list: Option<&'a RawValue>,
}

pub(super) fn read(body: &[u8], redactor: &Redactor) -> Result<Vec<Held>, Error> {
    // One bad byte costs no row.
    let body = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    let envelope: Envelope<'_> = serde_json::from_str(&body).map_err(|error| malformed(&error))?;
    let code = text(envelope.return_code.as_ref());
    // Errors come with HTTP 200 as well. Success is "0"; a number or a missing code is accepted if there is a list.
    match code.trim() {
        "" | "0" => {}
        NO_CERTIFICATE => return Ok(Vec::new()),
        _ => {
            let reply = ErrorReply::new(&code, &text(envelope.return_message.as_ref()), redactor);
            return Err(Error::Refused { status: 200, reply });
        }
    }
    let Some(list) = envelope.ssl_certificate_list else {
        let is_empty = text(envelope.total_rows.as_ref()) == "0";
        return if is_empty {
            Ok(Vec::new())
        } else {
            Err(Error::Malformed("`sslCertificateList` is missing".to_owned()))
        };
    };
    let rows: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(|error| malformed(&error))?;
    // Row by row, so that a row that cannot be read does not cost the others.
    let rows = rows.into_iter().filter_map(|row| serde_json::from_str::<Value>(row.get()).ok());
    Ok(rows.filter_map(|row| held(&row, redactor)).collect())
}

/// `None` without a name: nothing can be matched to it, and no reader could find it.
fn held(row: &Value, redactor: &Redactor) -> Option<Held> {
    let field = |name: &str| text(row.get(name));
    // Names are data, and are compared with those of Global Edge.
    let named = |name: &str| SmolStr::new(redactor.scrub_name(&field(name)));
    let name = named("certificateName");
    // As the second version of the API has it: NORMAL_GLOBAL_EDGE_DEDICATED, whose code is 3. Source:
    // https://api.ncloud-docs.com/docs/en/security-certificatemanager-getcertificatelist
    let is_dedicated = field("statusCode").trim() == "3"
        || ["certificateType", "statusName"].iter().any(|name| {
            let letters: String = field(name).chars().filter(char::is_ascii_alphabetic).collect();
            letters.to_ascii_lowercase().contains("globaledge")
        });
    (!name.is_empty()).then(|| Held {
        name,
        domain: named("domainAddress"),
        issuer: SmolStr::new(redactor.scrub(&field("caInfo"))),
        valid_from: read_date(&field("validStartDate")),
        valid_until: read_date(&field("validEndDate")),
        instances: instances(row.get("usedInstanceNoList")),
        is_dedicated,
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

pub(super) fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let milliseconds = text.parse().ok().filter(|number| MILLISECONDS.contains(number))?;
        return DateTime::from_timestamp_millis(milliseconds);
    }
    // The parser below accepts `2026-1-2` too, which no known form uses.
    if text.as_bytes().get(4) != Some(&b'-') || text.as_bytes().get(7) != Some(&b'-') || text.len() < 19 {
        return None;
    }
    let without_zone = |form: &str| NaiveDateTime::parse_from_str(text, form).map(|time| time.and_utc());
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .or_else(|_| without_zone("%Y-%m-%dT%H:%M:%S%.f"))
        .or_else(|_| without_zone("%Y-%m-%d %H:%M:%S"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use serde_json::json;

    const START: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn rows(body: &Value) -> Result<Vec<Held>, String> {
        let redactor = Redactor::new(["AKIDEXAMPLEaccess00001"]);
        read(body.to_string().as_bytes(), &redactor).map_err(|error| error.to_string())
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
            valid_until: Some(START + TimeDelta::days(47)),
            instances: 2,
            is_dedicated: false,
        };
        assert_eq!(rows(&answer(&[row()])), Ok(vec![expected]));
    }

    #[test]
    fn a_date_is_read_in_every_form_that_is_accepted_and_in_no_other() {
        for date in [
            json!("2026-11-23T00:00:00Z"),
            json!("2026-11-23T00:00:00.000Z"),
            json!("2026-11-23T09:00:00+09:00"),
            json!("2026-11-23T09:00:00.0+09:00"),
            json!("2026-11-23T00:00:00"),
            json!("2026-11-23T00:00:00.000"),
            json!("2026-11-23 00:00:00"),
            json!(" 2026-11-23 00:00:00 "),
            json!(1_795_392_000_000_i64),
            json!("1795392000000"),
        ] {
            assert_eq!(with("validStartDate", date.clone()).valid_from, Some(START), "{date}");
        }
        for date in [
            Value::Null,
            json!(""),
            json!("soon"),
            json!("2026-11-23"),
            json!("20261123"),
            json!("20261123000000"),
            json!("2026/11/23 00:00:00"),
            json!("23-11-2026 00:00:00"),
            json!("2026-11-23 00:00:00.0"),
            json!("2026-1-2 00:00:00"),
            json!("2026-11-23 9:00:00 AM"),
            json!("2026-11-23T00:00:00+0900"),
            json!("2026-13-23T00:00:00Z"),
            json!("Mon Nov 23 00:00:00 KST 2026"),
            json!(1_795_392_000),
            json!("1795392000"),
            json!(1_795_392_000_000.5),
            json!(-1_795_392_000_000_i64),
            json!(17_953_920_000_000_i64),
            json!({"time": 1_795_392_000_000_i64}),
            json!([2026, 11, 23, 0, 0]),
            json!(true),
        ] {
            assert_eq!(with("validStartDate", date.clone()).valid_from, None, "{date}");
        }
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
    fn a_certificate_for_global_edge_alone_is_known_as_such() {
        for (field, value) in
            [("statusName", "NORMAL_GLOBAL_EDGE_DEDICATED"), ("certificateType", "Global Edge Dedicated")]
        {
            assert!(with(field, json!(value)).is_dedicated);
        }
        assert!(!with("statusName", Value::Null).is_dedicated);
    }

    #[test]
    fn an_error_comes_with_http_200_too() {
        let refused = json!({"returnCode": "1002", "returnMessage": "bad key\nAKIDEXAMPLEaccess00001", "sslCertificateList": [row()]});
        assert_eq!(
            rows(&refused),
            Err("NCP refused the request (HTTP 200, code 1002, `bad key [redacted]`)".to_owned())
        );
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
        assert!(read(b"<html>", &Redactor::default()).is_err() && read(b"", &Redactor::default()).is_err());
    }

    #[test]
    fn one_bad_row_costs_that_row() {
        let good = row().to_string();
        for bad in
            [r"7", r"null", r#"{"certificateName":"\ud800"}"#, r#"{"certificateName":"x","certificateNo":1e999}"#, "{}"]
        {
            let body = format!(r#"{{"returnCode":"0","sslCertificateList":[{good},{bad},{good}]}}"#);
            assert_eq!(read(body.as_bytes(), &Redactor::default()).unwrap().len(), 2, "{bad}");
        }
        let mut body = answer(&[row()]).to_string().into_bytes();
        let place = body.windows(10).position(|bytes| bytes == b"Example CA").unwrap();
        body[place] = 0xff;
        assert_eq!(read(&body, &Redactor::default()).unwrap()[0].issuer, "\u{fffd}xample CA");
    }

    #[test]
    fn a_key_that_is_echoed_is_kept_nowhere() {
        for field in ["certificateName", "domainAddress", "caInfo"] {
            let shown = format!("{:?}", with(field, json!("x AKIDEXAMPLEaccess00001 y")));
            assert!(shown.contains("[redacted]") && !shown.contains("AKIDEXAMPLEaccess00001"), "{shown}");
        }
    }

    #[test]
    fn a_name_keeps_what_a_webhook_has_in_its_path_too() {
        let redactor = Redactor::default();
        redactor.learn_url(&"https://relay.example.kr/hooks/shopping-mall/x".parse().unwrap());
        let row = json!({"certificateName": "shopping-mall-2026", "domainAddress": "shopping-mall.kr"});
        let held = &read(answer(&[row]).to_string().as_bytes(), &redactor).unwrap()[0];
        assert_eq!((held.name.as_str(), held.domain.as_str()), ("shopping-mall-2026", "shopping-mall.kr"));
    }

    #[test]
    fn what_is_dedicated_to_global_edge_is_known_by_its_type_status_or_code() {
        for (field, value) in [
            ("statusCode", json!(3)),
            ("statusCode", json!("3")),
            ("statusName", json!("NORMAL_GLOBAL_EDGE_DEDICATED")),
        ] {
            assert!(with(field, value).is_dedicated, "{field}");
        }
        assert!(!with("statusCode", json!(1)).is_dedicated);
    }
}
