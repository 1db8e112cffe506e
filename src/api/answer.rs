//! What Global Edge sends with status 200: wire types that bear missing, unknown and odd fields.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use smol_str::SmolStr;

use super::Page;
use super::error::{Error, Said};
use super::list::ASKED;
use crate::certificate::{Certificate, Expiry, Status, read_date};
use crate::finding::Impact;
use crate::redact::Redactor;
use crate::untrusted;

/// The most characters that are shown of what a parser says.
const SHOWN: usize = 200;

/// Reads a page of the list, as Global Edge sends it with status 200.
///
/// # Errors
/// What Global Edge says instead of a page, or what is wrong with it: without what `redactor` knows.
pub fn page(body: &[u8], redactor: &Redactor) -> Result<Page, Error> {
    // Once for the whole page costs much less than text by text; and one bad byte costs no row.
    let body = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    let envelope: Envelope<'_> =
        serde_json::from_str(&body).map_err(|error| malformed(&error.to_string(), redactor))?;
    let said =
        |text: Text<'_>| untrusted::cut(&redactor.scrub(&untrusted::one_line(&text.0.unwrap_or_default())), SHOWN);
    if let Some(code) = refusal(envelope.code.as_ref()) {
        return Err(Error::of_code(Said { code: said(Text(Some(code.into()))), text: said(envelope.message) }));
    }
    let result = envelope.result.ok_or_else(|| malformed("`result` is missing", redactor))?;
    let (size, total) = result.pageable.map_or((None, None), |pageable| (pageable.offset.0, pageable.total_count.0));
    let total = total.and_then(|total| u64::try_from(total).ok());
    let Rows { mut rows, length } = result.content;
    for row in &mut rows {
        scrub(row, redactor);
    }
    Ok(Page {
        length,
        rows,
        size: size.and_then(|size| u64::try_from(size).ok()),
        total: total.ok_or_else(|| {
            malformed("`result.pageable.totalCount` is missing, so nobody can tell whether the list is whole", redactor)
        })?,
    })
}

/// Reads the detail of a slot. Its documentation is known in part, so every field is looked for and none is relied on.
///
/// # Errors
/// As for a page.
pub fn impact(body: &[u8], redactor: &Redactor) -> Result<Impact, Error> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string(), redactor))?;
    if let Some(code) = refusal(answer.get("code")) {
        return Err(Error::of_code(Said { code: untrusted::name(&redactor.scrub(&code)), text: String::new() }));
    }
    let result = answer["result"].as_object().ok_or_else(|| malformed("`result` is missing", redactor))?;
    let texts =
        |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| redactor.scrub(text).into_owned());

    let mut names: Vec<String> = Vec::new();
    let mut latest: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for certificate in result.get("certificates").and_then(Value::as_array).into_iter().flatten() {
        for name in certificate["sanDomains"].as_array().into_iter().flatten().filter_map(texts) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // A slot may still hold superseded certificates, so the latest of a region is the one in use there.
        if let Some(expiry) = certificate["expirationDate"].as_str().and_then(read_date) {
            let region = latest.entry(certificate["serviceRegion"].as_str().unwrap_or_default()).or_insert(expiry);
            *region = expiry.max(*region);
        }
    }
    let edges = result.get("linkedEdges");
    let rows = edges.and_then(|edges| edges["content"].as_array()).into_iter().flatten();
    Ok(Impact {
        edges: edges.and_then(|edges| edges["pageable"]["totalCount"].as_u64()),
        edge_names: rows.filter_map(|row| texts(&row["edgeName"]).or_else(|| texts(&row["name"]))).collect(),
        names,
        expiry: latest.into_values().min(),
    })
}

/// The code of an answer, if it is any other than that of success.
fn refusal(code: Option<&Value>) -> Option<String> {
    match code {
        None | Some(Value::Null) => None,
        Some(Value::String(code)) if code == "0000" => None,
        Some(Value::String(code)) => Some(code.clone()),
        Some(other) => Some(other.to_string()),
    }
}

fn malformed(what: &str, redactor: &Redactor) -> Error {
    Error::Malformed(untrusted::cut(&redactor.scrub(&untrusted::one_line(what)), SHOWN))
}

#[derive(Deserialize)]
struct Envelope<'a> {
    code: Option<Value>,
    #[serde(default, borrow)]
    message: Text<'a>,
    result: Option<ListResult>,
}

#[derive(Deserialize)]
struct ListResult {
    #[serde(default)]
    content: Rows,
    pageable: Option<Pageable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pageable {
    #[serde(default)]
    offset: Number,
    #[serde(default)]
    total_count: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Row<'a> {
    slot_id: Number,
    #[serde(borrow)]
    common_name: Text<'a>,
    certificate_name: Text<'a>,
    service_region: Text<'a>,
    expiration_date: Text<'a>,
    provision_status: Text<'a>,
    provision_date: Text<'a>,
}

impl Row<'_> {
    /// `None` without a slot: such a row can not be told from another.
    fn certificate(self) -> Option<Certificate> {
        let name = |text: Text<'_>| SmolStr::new(text.0.unwrap_or_default());
        let expiry = match self.expiration_date.0.as_deref().map(read_date) {
            None => Expiry::Missing,
            Some(Some(time)) => Expiry::At(time),
            Some(None) => Expiry::Unreadable(self.expiration_date.0.unwrap_or_default().into_owned()),
        };
        Some(Certificate {
            slot_id: self.slot_id.0?,
            expiry,
            provisioned: self.provision_date.0.as_deref().and_then(read_date),
            status: Status::new(&self.provision_status.0.unwrap_or_default()),
            common_name: name(self.common_name),
            certificate_name: name(self.certificate_name),
            service_region: name(self.service_region),
        })
    }
}

/// Takes what `redactor` knows out of every text of a certificate.
fn scrub(certificate: &mut Certificate, redactor: &Redactor) {
    let Certificate { common_name, certificate_name, service_region, status, expiry, .. } = certificate;
    for name in [common_name, certificate_name, service_region] {
        if let Cow::Owned(scrubbed) = redactor.scrub(name) {
            *name = scrubbed.into();
        }
    }
    if let Status::Undocumented(text) = status {
        *text = redactor.scrub(text).into_owned();
    }
    if let Expiry::Unreadable(text) = expiry {
        *text = redactor.scrub(text).into_owned();
    }
}

/// A row, or `None` for what is not even an object, or has no slot.
struct MaybeRow(Option<Certificate>);

/// The rows of a page that are certificates, and how many rows there are; `null` is none.
#[derive(Default)]
struct Rows {
    rows: Vec<Certificate>,
    length: usize,
}

/// A text; a number or a truth value is taken as its text, anything else as missing.
#[derive(Default)]
struct Text<'a>(Option<Cow<'a, str>>);

/// A whole number; its decimal text is taken too, anything else as missing.
#[derive(Default)]
struct Number(Option<i64>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(|value| {
            Self(match value {
                Scalar::Text(text) => Some(text),
                Scalar::Number(number) => Some(number.to_string().into()),
                Scalar::Fraction(number) => Some(number.to_string().into()),
                Scalar::Truth(truth) => Some(truth.to_string().into()),
                Scalar::Other => None,
            })
        })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(|value| {
            Self(match value {
                Scalar::Number(number) => Some(number),
                Scalar::Text(text) => text.trim().parse().ok(),
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "checked to be a whole number that a double holds exactly"
                )]
                Scalar::Fraction(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(number as i64),
                Scalar::Fraction(_) | Scalar::Truth(_) | Scalar::Other => None,
            })
        })
    }
}

impl<'de> Deserialize<'de> for MaybeRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(RowsVisitor)
    }
}

/// Any JSON value, as far as a field can use it.
enum Scalar<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    Fraction(f64),
    Truth(bool),
    Other,
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(text.to_owned().into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Fraction(number))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Truth(truth))
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Scalar<'de>, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = Rows;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_none<E>(self) -> Result<Rows, E> {
        Ok(Rows::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Rows, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Rows, A::Error> {
        let mut found = Rows { rows: Vec::with_capacity(usize::try_from(ASKED).unwrap_or_default()), length: 0 };
        while let Some(MaybeRow(row)) = sequence.next_element()? {
            found.length += 1;
            found.rows.extend(row);
        }
        Ok(found)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = MaybeRow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MaybeRow, A::Error> {
        Row::deserialize(MapAccessDeserializer::new(map)).map(|row| MaybeRow(row.certificate()))
    }

    fn visit_str<E>(self, _: &str) -> Result<MaybeRow, E> {
        Ok(MaybeRow(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<MaybeRow, E> {
        Ok(MaybeRow(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<MaybeRow, E> {
        Ok(MaybeRow(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<MaybeRow, E> {
        Ok(MaybeRow(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<MaybeRow, E> {
        Ok(MaybeRow(None))
    }

    fn visit_unit<E>(self) -> Result<MaybeRow, E> {
        Ok(MaybeRow(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<MaybeRow, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(MaybeRow(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Page, Error> {
        page(body.as_bytes(), &Redactor::new(["AKIDEXAMPLE"]))
    }

    #[test]
    fn a_byte_that_is_no_text_costs_no_row() {
        let body = r#"{"result": {"content": [{"slotId": 1, "commonName": "a?.kr", "cipherProfile": "?"}],
            "pageable": {"totalCount": 1}}}"#;
        let body: Vec<u8> = body.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
        let page = page(&body, &Redactor::new([])).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.rows[0].slot_id, page.rows[0].common_name.as_str()), (1, "a\u{fffd}.kr"));
    }

    #[test]
    fn the_documented_sample_is_read() {
        let page =
            read(include_str!("../../tests/data/documented-list.json")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.length, page.size, page.total), (2, Some(15), 2));
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
            }
        );
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
        assert_eq!((page.total, page.size), (3, None));
    }

    #[test]
    fn rows_without_a_slot_are_counted_but_not_read() {
        let body = r#"{"code":"0000","result":{"content":[{"commonName":"a"},null,7,"x",[1],{"slotId":{}},{"slotId":9}],"pageable":{"totalCount":7,"offset":15}}}"#;
        let page = read(body).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.length, page.rows.len(), page.total), (7, 1, 7));
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for (body, expected) in [
            ("", "NCP's answer cannot be read: EOF while parsing a value at line 1 column 0"),
            ("<html>", "NCP's answer cannot be read: expected value at line 1 column 1"),
            (r#"{"code":"0000"}"#, "NCP's answer cannot be read: `result` is missing"),
            (
                r#"{"code":"0000","result":{"content":[]}}"#,
                "NCP's answer cannot be read: `result.pageable.totalCount` is missing, so nobody can tell whether the list is whole",
            ),
            (
                r#"{"code":"0032","message":"no, AKIDEXAMPLE"}"#,
                "NCP refused the request (HTTP 200, code 0032, `no, [redacted]`)",
            ),
            (
                r#"{"code":"9999","message":"Unknown Error"}"#,
                "NCP has a problem (HTTP 200, code 9999, `Unknown Error`)",
            ),
            (r#"{"code":0,"result":{}}"#, "NCP refused the request (HTTP 200, code 0)"),
            (r#"{"code":[],"result":{}}"#, "NCP refused the request (HTTP 200, code [])"),
        ] {
            assert_eq!(read(body).map(|_| ()).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_detail_tells_edges_names_and_the_earliest_end_of_its_regions() {
        let body = r#"{"code":"0000","result":{"slotId":68,"certificates":[
            {"serviceRegion":"KR_JP","sanDomains":["a.kr","b.kr"],"expirationDate":"2026-12-01T00:00:00Z"},
            {"serviceRegion":"KR_JP","sanDomains":["a.kr"],"expirationDate":"2025-12-01T00:00:00Z"},
            {"serviceRegion":"GLOBAL","sanDomains":["c.kr"],"expirationDate":"2026-11-30T00:00:00Z"},
            {"serviceRegion":"GLOBAL","expirationDate":"soon"}],
            "linkedEdges":{"content":[{"edgeName":"shop"},{"id":7}],"pageable":{"pageNo":1,"offset":15,"totalCount":2}}}}"#;
        let read = impact(body.as_bytes(), &Redactor::default()).unwrap();
        assert_eq!(
            read,
            Impact {
                edges: Some(2),
                edge_names: vec!["shop".into()],
                names: vec!["a.kr".into(), "b.kr".into(), "c.kr".into()],
                expiry: Some("2026-11-30T00:00:00Z".parse().unwrap()),
            }
        );
    }

    #[test]
    fn a_detail_without_the_fields_says_nothing() {
        for body in [r#"{"result":{}}"#, r#"{"code":"0000","result":{"certificates":7,"linkedEdges":{"content":[]}}}"#]
        {
            assert_eq!(impact(body.as_bytes(), &Redactor::default()), Ok(Impact::default()), "{body}");
        }
        assert!(impact(b"{}", &Redactor::default()).is_err());
    }
}
