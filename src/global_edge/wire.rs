//! What Global Edge sends with status 200: values that may be missing, unknown or odd.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::pages::Page;
use crate::certificate::{Certificate, Expiry, Status, read_date, tls_version};
use crate::ncp::Error;
use crate::net::disclosure::Secrets;
use crate::rules::Impact;
use crate::text::json;

#[derive(Deserialize)]
struct Envelope<'a> {
    code: Option<Value>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<ListResult<'a>>,
}

#[derive(Deserialize)]
struct ListResult<'a> {
    /// The rows, each as its text: one that cannot be read does not cost the others.
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
    pageable: Option<Value>,
}

/// Reads a page of the list. A row that cannot be read is not an error; it counts in [`Page::length`].
///
/// # Errors
/// What Global Edge says instead of a page, or why the answer holds none.
pub fn page(body: &[u8], secrets: &Secrets) -> Result<Page, Error> {
    // One bad byte costs the text it stands in, not the page.
    let body = String::from_utf8_lossy(body);
    let body = body.trim_start_matches('\u{feff}');
    let envelope: Envelope<'_> =
        serde_json::from_str(body).map_err(|error| Error::unreadable(body, &error, secrets))?;
    if let Some(code) = refusal(envelope.code.as_ref()) {
        let message = envelope.message.and_then(|message| serde_json::from_str::<Value>(message.get()).ok());
        return Err(Error::of_code(&code, &text(message.as_ref()), secrets));
    }
    let result = envelope.result.ok_or_else(|| Error::Malformed("`result` is missing".to_owned()))?;
    let texts = result.content.unwrap_or_default();
    let mut rows = Vec::with_capacity(texts.len());
    for row in &texts {
        rows.extend(certificate(row.get(), secrets));
    }
    let total = result.pageable.and_then(|pageable| number(&pageable["totalCount"]));
    Ok(Page { rows, length: texts.len(), total: total.and_then(|total| u64::try_from(total).ok()) })
}

/// A row of the list; `None` without a slot, since it cannot be distinguished from another, or if it is damaged or says a thing twice.
fn certificate(row: &str, secrets: &Secrets) -> Option<Certificate> {
    let (row, None) = json::parse_text(row).ok()? else { return None };
    let field = |name: &str| text(row.get(name));
    let name = |name: &str| secrets.name(&field(name));
    Some(Certificate {
        slot_id: number(row.get("slotId")?)?,
        common_name: name("commonName"),
        certificate_name: name("certificateName"),
        service_region: name("serviceRegion"),
        status: Status::new(&name("provisionStatus")),
        expiry: Expiry::read(&name("expirationDate")),
        provisioned: read_date(&field("provisionDate")),
        tls_versions: secrets.name(&versions(row.get("tlsVersion"))),
        cipher_profile: name("cipherProfile"),
    })
}

/// The TLS versions of a row: `1.2,1.3` is documented; a list of texts says the same.
fn versions(value: Option<&Value>) -> String {
    let mut versions = String::new();
    let mut add = |text: &str| {
        for version in text.split(',').map(tls_version).filter(|version| !version.is_empty()) {
            versions.push_str(if versions.is_empty() { "" } else { "," });
            versions.push_str(&version);
        }
    };
    match value {
        Some(Value::Array(items)) => items.iter().for_each(|item| add(&text(Some(item)))),
        other => add(&text(other)),
    }
    versions
}

/// Reads the detail of a slot. It is only partly documented, so every field is optional.
///
/// # Errors
/// As for a page.
pub fn detail(body: &[u8], secrets: &Secrets) -> Result<Impact, Error> {
    let body = String::from_utf8_lossy(body);
    let answer: Value = serde_json::from_str(&body).map_err(|error| Error::unreadable(&body, &error, secrets))?;
    if let Some(code) = refusal(answer.get("code")) {
        return Err(Error::of_code(&code, &text(answer.get("message")), secrets));
    }
    let result = &answer["result"];
    if !result.is_object() {
        return Err(Error::Malformed("`result` is missing".to_owned()));
    }
    let named = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| secrets.name(text));

    let mut impact = Impact::default();
    // By region; certificates that name none are under an empty text. A region with a date that cannot be read has no end.
    let mut regions: BTreeMap<&str, Option<(DateTime<Utc>, String)>> = BTreeMap::new();
    for certificate in result["certificates"].as_array().into_iter().flatten() {
        for name in certificate["sanDomains"].as_array().into_iter().flatten().filter_map(named) {
            if !impact.names.contains(&name) {
                impact.names.push(name);
            }
        }
        let held = named(&certificate["cmCertificateName"]);
        impact.certificate_names.extend(held.clone());
        let region = certificate["serviceRegion"].as_str().unwrap_or_default();
        let end = Expiry::read(&text(certificate.get("expirationDate"))).time();
        impact.ends.extend(end);
        let end = end.map(|end| (end, held.unwrap_or_default()));
        // A slot may still hold superseded certificates, so the latest one of a region is the one in use there.
        let latest = regions.entry(region).or_insert_with(|| end.clone());
        *latest = latest.take().zip(end).map(|(latest, end)| if end.0 > latest.0 { end } else { latest });
    }
    // A certificate without a region may be a superseded one of any: treated as a separate region, it could make the slot
    // look expired while every region has a valid certificate.
    if regions.len() > 1 {
        regions.remove("");
    }
    if let Some((expiry, name)) = regions.into_values().flatten().min() {
        (impact.expiry, impact.certificate_name) = (Some(expiry), name);
    }

    // There is no edge only if neither the count nor the rows name one: rows outweigh a smaller count, and rows that cannot
    // be read invalidate a count of zero.
    let linked = &result["linkedEdges"];
    let rows = linked["content"].as_array().map_or(&[][..], Vec::as_slice);
    let is_unreadable = !linked["content"].is_array() && !linked["content"].is_null();
    if let Some(total) = linked["pageable"]["totalCount"].as_u64() {
        let edges = total.max(rows.len() as u64);
        impact.edges = (edges > 0 || !is_unreadable).then_some(edges);
    }
    impact.edge_names = rows.iter().filter_map(|row| named(&row["edgeName"]).or_else(|| named(&row["name"]))).collect();
    Ok(impact)
}

/// The code of an answer, unless it means success.
fn refusal(code: Option<&Value>) -> Option<String> {
    match code {
        None | Some(Value::Null) => None,
        Some(Value::String(code)) if code == "0000" => None,
        Some(Value::String(code)) => Some(code.clone()),
        Some(other) => Some(other.to_string()),
    }
}

/// A text; a number or a boolean as its text; anything else counts as missing.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// A whole number, or its decimal text; anything else counts as missing.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| {
            let number = number.as_f64()?;
            #[expect(clippy::cast_possible_truncation, reason = "a whole number that a double holds exactly")]
            (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Page, Error> {
        page(body.as_bytes(), &Secrets::default())
    }

    #[test]
    fn a_byte_that_is_no_text_costs_no_row() {
        let body = r#"{"result": {"content": [{"slotId": 1, "commonName": "a?.kr", "cipherProfile": "?"}],
            "pageable": {"totalCount": 1}}}"#;
        let body: Vec<u8> = body.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
        let page = page(&body, &Secrets::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.rows[0].slot_id, page.rows[0].common_name.as_str()), (1, "a\u{fffd}.kr"));
    }

    #[test]
    fn the_documented_sample_is_read() {
        let page =
            read(include_str!("../../tests/data/documented-list.json")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.length, page.total), (2, Some(2)));
        assert_eq!(
            page.rows[1],
            Certificate {
                slot_id: 68,
                common_name: "h************.kr".into(),
                certificate_name: "cert*******l".into(),
                service_region: "KR_JP".into(),
                status: Status::Running,
                expiry: Expiry::At("2025-11-05T23:59:59Z".parse().unwrap()),
                provisioned: Some("2025-08-07T00:34:58.990Z".parse().unwrap()),
                tls_versions: "1.2,1.3".into(),
                cipher_profile: "GE-DEFAULT-v1".into(),
            }
        );
    }

    #[test]
    fn versions_of_tls_are_read_in_every_form_and_a_wrong_type_costs_that_field_only() {
        for (sent, versions, is_old) in [
            (r#""1.2,1.3""#, &["1.2", "1.3"][..], false),
            (r#""1.0,1.1,1.2,1.3""#, &["1.0", "1.1", "1.2", "1.3"], true),
            (r#"" TLSv1.1, TLSv1.2 ,""#, &["1.1", "1.2"], true),
            (r#""TLSv1""#, &["1.0"], true),
            (r#""TLS1.2""#, &["1.2"], false),
            (r#""TLS_MIN_VERSION_1_2""#, &["TLS_MIN_VERSION_1_2"], false),
            (r#"["TLSv1.0", 1.2, null, {"a": 1}]"#, &["1.0", "1.2"], true),
            ("1.1", &["1.1"], true),
            ("null", &[], false),
            (r#"{"min": "1.0"}"#, &[], false),
            (r#""""#, &[], false),
        ] {
            let body = format!(
                r#"{{"result": {{"content": [{{"slotId": 7, "commonName": "a.kr", "tlsVersion": {sent}, "cipherProfile": {sent}}}]}}}}"#
            );
            let page = read(&body).unwrap_or_else(|error| panic!("{sent}: {error}"));
            let row = &page.rows[0];
            assert_eq!((row.slot_id, row.common_name.as_str()), (7, "a.kr"), "{sent}");
            assert_eq!(
                (row.tls_versions().collect::<Vec<_>>(), row.accepts_old_tls()),
                (versions.to_vec(), is_old),
                "{sent}"
            );
        }
    }

    #[test]
    fn missing_odd_and_unknown_fields_do_not_lose_a_row() {
        let body = r#"{"code":"0000","extra":[1],"result":{"content":[
            {"slotId":1},
            {"slotId":"2","commonName":null,"expirationDate":7,"provisionStatus":["RUNNING"],"new":{"a":[1]}},
            {"slotId":3.0,"expirationDate":"soon"}],
            "pageable":{"totalCount":"3"}}}"#;
        let page = read(body).unwrap_or_else(|error| panic!("{error}"));
        let read: Vec<_> = page.rows.iter().map(|row| (row.slot_id, row.expiry.clone(), row.status.clone())).collect();
        assert_eq!(
            read,
            [
                (1, Expiry::Missing, Status::Missing),
                (2, Expiry::Unreadable("7".into()), Status::Missing),
                (3, Expiry::Unreadable("soon".into()), Status::Missing),
            ]
        );
        assert_eq!(page.total, Some(3));
    }

    #[test]
    fn rows_without_a_slot_are_counted_but_not_read() {
        let body = r#"{"code":"0000","result":{"content":[{"commonName":"a"},null,7,"x",[1],{"slotId":{}},{"slotId":9}],"pageable":{"totalCount":7,"offset":15}}}"#;
        let page = read(body).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.length, page.rows.len(), page.total), (7, 1, Some(7)));
    }

    #[test]
    fn a_bad_row_costs_that_row_and_no_other() {
        for bad in [
            r#"{"slotId": 5, "slotId": 6}"#,
            r#"{"slotId": 5, "commonName": "a", "commonName": "b"}"#,
            r#"{"slotId": 5, "commonName": "\ud83d"}"#,
            r#"{"slotId": 5, "commonName": 1e999}"#,
            r#"{"slotId": {"slotId": 5}}"#,
            r#"[{"slotId": 5}]"#,
            r#""slotId""#,
            r#"{"commonName":"a"}"#,
            "null",
        ] {
            let body = format!(
                r#"{{"code":"0000","result":{{"content":[{{"slotId":1}},{bad},{{"slotId":2}}],"pageable":{{"totalCount":3}}}}}}"#
            );
            let page = read(&body).unwrap_or_else(|error| panic!("{bad}: {error}"));
            let slots: Vec<_> = page.rows.iter().map(|row| row.slot_id).collect();
            assert_eq!((slots, page.length, page.total), (vec![1, 2], 3, Some(3)), "{bad}");
        }
    }

    #[test]
    fn a_page_that_does_not_say_the_total_keeps_its_rows() {
        for body in [
            r#"{"code":"0000","result":{"content":[{"slotId":1}]}}"#,
            r#"{"result":{"content":[{"slotId":1}],"pageable":{"totalCount":-1}}}"#,
            "\u{feff}{\"result\":{\"content\":[{\"slotId\":1}],\"pageable\":{}}}",
        ] {
            let page = read(body).unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!((page.rows.len(), page.length, page.total), (1, 1, None), "{body}");
        }
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for (body, expected) in [
            ("", "NCP's answer cannot be read: EOF while parsing a value at line 1 column 0"),
            ("{]", "NCP's answer cannot be read: key must be a string at line 1 column 2"),
            ("<html>", "a web page came in place of NCP's answer (HTTP 200, no reason given)"),
            (
                "\u{feff}\n<html><title>Service maintenance AKIDEXAMPLE000001</title>",
                "a web page came in place of NCP's answer (HTTP 200, `Service maintenance …`)",
            ),
            (r#"{"code":"0000"}"#, "NCP's answer cannot be read: `result` is missing"),
            (
                r#"{"code":"0032","message":"no, AKIDEXAMPLE"}"#,
                "NCP refused the request (HTTP 200, NCP code 0032, `no, …`)",
            ),
            (
                r#"{"code":"9999","message":"Unknown Error"}"#,
                "NCP has a problem (HTTP 200, NCP code 9999, `Unknown Error`)",
            ),
            (
                r#"{"code":"0000","result":{"content":{"slotId":1}}}"#,
                "NCP's answer cannot be read: a value is not of the documented kind at line 1 column 35",
            ),
            (r#"{"code":"0032","message":"\ud83d, AKIDEXAMPLE"}"#, "NCP refused the request (HTTP 200, NCP code 0032)"),
            (r#"{"code":0,"result":{}}"#, "NCP refused the request (HTTP 200, NCP code 0)"),
        ] {
            assert_eq!(read(body).map(|_| ()).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_detail_has_edges_names_and_the_earliest_end_of_its_regions() {
        let body = r#"{"code":"0000","result":{"slotId":68,"certificates":[
            {"serviceRegion":"KR_JP","cmCertificateName":"a-2026","sanDomains":["a.kr","b.kr"],"expirationDate":"2026-12-01T00:00:00Z"},
            {"serviceRegion":"KR_JP","sanDomains":["a.kr"],"expirationDate":"2025-12-01T00:00:00Z"},
            {"serviceRegion":"GLOBAL","cmCertificateName":"c-2026","sanDomains":["c.kr"],"expirationDate":"2026-11-30T00:00:00Z"},
            {"serviceRegion":"CN","expirationDate":"2026-01-01T00:00:00Z"},
            {"serviceRegion":"CN","expirationDate":null}],
            "linkedEdges":{"content":[{"edgeName":"shop"},{"id":7}],"pageable":{"pageNo":1,"offset":15,"totalCount":2}}}}"#;
        let read = detail(body.as_bytes(), &Secrets::default()).unwrap();
        assert_eq!(
            read,
            Impact {
                edges: Some(2),
                edge_names: vec!["shop".into()],
                names: vec!["a.kr".into(), "b.kr".into(), "c.kr".into()],
                expiry: Some("2026-11-30T00:00:00Z".parse().unwrap()),
                certificate_name: "c-2026".into(),
                certificate_names: vec!["a-2026".into(), "c-2026".into()],
                ends: ["2026-12-01", "2025-12-01", "2026-11-30", "2026-01-01"]
                    .map(|day| format!("{day}T00:00:00Z").parse().unwrap())
                    .into(),
            }
        );
    }

    #[test]
    fn a_certificate_without_a_region_is_no_region_of_its_own() {
        let end = |certificates: &str| {
            let body = format!(r#"{{"result":{{"certificates":[{certificates}]}}}}"#);
            detail(body.as_bytes(), &Secrets::default()).unwrap().expiry.map(|end| end.format("%F").to_string())
        };
        let [kr, superseded, newer] = [
            r#"{"serviceRegion":"KR_JP","expirationDate":"2027-12-01T00:00:00Z"}"#,
            r#"{"expirationDate":"2025-12-01T00:00:00Z"}"#,
            r#"{"serviceRegion":"","expirationDate":"2026-12-01T00:00:00Z"}"#,
        ];
        assert_eq!(end(&format!("{kr},{superseded}")).as_deref(), Some("2027-12-01"));
        assert_eq!(end(&format!("{superseded},{newer},{kr}")).as_deref(), Some("2027-12-01"));
        assert_eq!(end(&format!("{superseded},{newer}")).as_deref(), Some("2026-12-01"), "together one region");
        assert_eq!(end(superseded).as_deref(), Some("2025-12-01"));
    }

    #[test]
    fn no_edge_uses_a_slot_only_if_neither_count_nor_rows_name_one() {
        let edges = |linked: &str| {
            let body = format!(r#"{{"result":{{"linkedEdges":{linked}}}}}"#);
            detail(body.as_bytes(), &Secrets::default()).unwrap().edges
        };
        for none in [r#"{"pageable":{"totalCount":0}}"#, r#"{"content":[],"pageable":{"totalCount":0}}"#] {
            assert_eq!(edges(none), Some(0), "{none}");
        }
        assert_eq!(edges(r#"{"content":[{"edgeName":"shop"},{"id":7}],"pageable":{"totalCount":0}}"#), Some(2));
        assert_eq!(edges(r#"{"content":[{"edgeName":"shop"}],"pageable":{"totalCount":9}}"#), Some(9));
        for unknown in ["{}", "7", r#"{"content":[]}"#, r#"{"content":{"edgeName":"a"},"pageable":{"totalCount":0}}"#] {
            assert_eq!(edges(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_detail_without_the_fields_says_nothing() {
        for body in [r#"{"result":{}}"#, r#"{"code":"0000","result":{"certificates":7,"linkedEdges":{"content":[]}}}"#]
        {
            assert_eq!(detail(body.as_bytes(), &Secrets::default()), Ok(Impact::default()), "{body}");
        }
        assert!(detail(b"{}", &Secrets::default()).is_err());
    }
}
