//! What Global Edge sends with status 200: wire types that tolerate missing, unknown and odd fields.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;
use smol_str::SmolStr;

use super::error::{Error, ErrorReply};
use super::pages::Page;
use super::scan;
use crate::certificate::{Certificate, Expiry, Status, read_date};
use crate::net::redact::Redactor;
use crate::rules::Impact;

/// Reads a page of the list, as Global Edge sends it with status 200.
///
/// # Errors
/// What Global Edge says instead of a page, or why the answer holds none; without what `redactor` knows. A row that cannot be
/// read is not an error; it counts in [`Page::length`].
pub fn page(body: &[u8], redactor: &Redactor) -> Result<Page, Error> {
    // Decoding the whole page at once costs much less than text by text; and one bad byte costs no row.
    let body = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    let (envelope, damage) = match serde_json::from_str(&body) {
        Ok(envelope) => (envelope, None),
        Err(error) => {
            let damage = malformed(&error);
            (Envelope::salvage(&body).ok_or_else(|| damage.clone())?, Some(damage))
        }
    };
    if let Some(code) = refusal(envelope.code.as_ref()) {
        return Err(Error::of_code(ErrorReply::new(&code, &envelope.message.0.unwrap_or_default(), redactor)));
    }
    let missing = |what: &str| damage.clone().unwrap_or_else(|| Error::Malformed(what.to_owned()));
    let result = envelope.result.ok_or_else(|| missing("`result` is missing"))?;
    let total = result.pageable.and_then(|pageable| pageable.total_count.0);
    let total = total.and_then(|total| u64::try_from(total).ok());
    let Rows { mut rows, length } = result.content;
    for row in &mut rows {
        scrub(row, redactor);
    }
    let total = total.ok_or_else(|| {
        missing("`result.pageable.totalCount` is missing, so nobody can tell whether the list is whole")
    });
    Ok(Page { rows, length, total })
}

/// Reads the detail of a slot. It is only partly documented, so every field is optional.
///
/// # Errors
/// As for a page.
pub fn impact(body: &[u8], redactor: &Redactor) -> Result<Impact, Error> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    if let Some(code) = refusal(answer.get("code")) {
        return Err(Error::of_code(ErrorReply::new(&code, "", redactor)));
    }
    let result = answer["result"].as_object().ok_or_else(|| Error::Malformed("`result` is missing".to_owned()))?;
    let texts = |value: &Value| {
        value.as_str().filter(|text| !text.is_empty()).map(|text| redactor.scrub_name(text).into_owned())
    };

    let mut names: Vec<String> = Vec::new();
    let mut certificate_names: Vec<String> = Vec::new();
    // By region; certificates that name none are under `None`.
    let mut latest: BTreeMap<Option<&str>, (DateTime<Utc>, String)> = BTreeMap::new();
    for certificate in result.get("certificates").and_then(Value::as_array).into_iter().flatten() {
        for name in certificate["sanDomains"].as_array().into_iter().flatten().filter_map(texts) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let held = texts(&certificate["cmCertificateName"]);
        certificate_names.extend(held.clone());
        // A slot may still hold superseded certificates, so the latest one of a region is the one in use there.
        if let Some(expiry) = certificate["expirationDate"].as_str().and_then(read_date) {
            let region = certificate["serviceRegion"].as_str().filter(|region| !region.is_empty());
            let one = (expiry, held.unwrap_or_default());
            let latest = latest.entry(region).or_insert_with(|| one.clone());
            if one.0 > latest.0 {
                *latest = one;
            }
        }
    }
    // A certificate without a region is in no known region, and may be a superseded one of any: treated as a region of its
    // own, it could make the slot look expired while every region has a valid certificate. It decides when the slot ends only
    // if no certificate names a region, so that they all count as one.
    if latest.len() > 1 {
        latest.remove(&None);
    }
    let (expiry, certificate_name) = latest.into_values().min().unzip();
    let linked = &result.get("linkedEdges").unwrap_or(&Value::Null);
    let rows = linked["content"].as_array().map_or(&[][..], Vec::as_slice);
    // There is no edge only if neither the count nor the rows name one: rows outweigh a smaller count, and rows that cannot
    // be read invalidate a count of zero.
    let unread = !linked["content"].is_array() && !linked["content"].is_null();
    let total = linked["pageable"]["totalCount"].as_u64().map(|total| total.max(rows.len() as u64));
    Ok(Impact {
        edges: total.filter(|total| *total > 0 || !unread),
        edge_names: rows.iter().filter_map(|row| texts(&row["edgeName"]).or_else(|| texts(&row["name"]))).collect(),
        names,
        expiry,
        certificate_name: certificate_name.unwrap_or_default(),
        certificate_names,
        origin: None,
    })
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

/// What a parser says, without the data that it would quote.
pub(crate) fn malformed(error: &serde_json::Error) -> Error {
    Error::Malformed(match error.classify() {
        Category::Data => {
            format!("a value is not of the documented kind at line {} column {}", error.line(), error.column())
        }
        Category::Io | Category::Syntax | Category::Eof => error.to_string(),
    })
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
    // `offset`, the page size, is ignored: the rows of a page show how large pages are.
    #[serde(default)]
    total_count: Number,
}

impl<'a> Envelope<'a> {
    /// What can be read of an answer that is not valid JSON throughout: of the list, each row by itself. `None` if nothing in
    /// it looks like the answer to a list call.
    fn salvage(body: &'a str) -> Option<Self> {
        if !scan::is_object(body) {
            return None;
        }
        let code = scan::member(body, "code");
        let code = code.map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
        let message =
            scan::member(body, "message").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let result = scan::member(body, "result").filter(|text| scan::is_object(text));
        let result = result.and_then(|result| {
            let content = scan::member(result, "content").filter(|text| !text.starts_with("null"));
            let content = content.map_or(Some(Rows::default()), |text| scan::elements(text).map(Rows::each))?;
            Some(ListResult { content, pageable: scan::member(result, "pageable").map(Pageable::salvage) })
        });
        (code.is_some() || result.is_some()).then_some(Self { code, message, result })
    }
}

impl Pageable {
    fn salvage(text: &str) -> Self {
        // If the answer is truncated within a number, the rest of that number is unknown.
        let is_closed = text.ends_with('}');
        let total = scan::member(text, "totalCount").filter(|_| is_closed);
        Self { total_count: total.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default() }
    }
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
    /// `None` without a slot: such a row cannot be told from another.
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

/// Removes what `redactor` knows from the texts of a certificate; from its names, which are data, only whole keys.
pub(super) fn scrub(certificate: &mut Certificate, redactor: &Redactor) {
    let Certificate { common_name, certificate_name, service_region, status, expiry, .. } = certificate;
    for name in [common_name, certificate_name, service_region] {
        if let Cow::Owned(scrubbed) = redactor.scrub_name(name) {
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

/// An object that is a row, or `None` if it has no slot.
struct MaybeRow(Option<Certificate>);

/// The rows of a page that are certificates, and how many rows there are; `null` counts as no rows.
#[derive(Default)]
struct Rows {
    rows: Vec<Certificate>,
    length: usize,
}

impl Rows {
    /// Enough room for most accounts' pages.
    const ROOM: usize = 100;

    /// Reads each row by itself, so that one that is not JSON does not cost the others.
    fn each<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for text in texts {
            found.length += 1;
            found.rows.extend(serde_json::from_str(text).ok().and_then(|MaybeRow(row)| row));
        }
        found
    }
}

/// A string; a number or a boolean is taken as its text, anything else counts as missing.
#[derive(Default)]
struct Text<'a>(Option<Cow<'a, str>>);

/// A whole number; its decimal text is accepted too, anything else counts as missing.
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
        deserializer.deserialize_map(RowVisitor)
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
        let mut found = Rows { rows: Vec::with_capacity(Rows::ROOM), length: 0 };
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
        assert_eq!((page.length, page.total), (2, Ok(2)));
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
        assert_eq!(page.total, Ok(3));
    }

    #[test]
    fn rows_without_a_slot_are_counted_but_not_read() {
        let body = r#"{"code":"0000","result":{"content":[{"commonName":"a"},null,7,"x",[1],{"slotId":{}},{"slotId":9}],"pageable":{"totalCount":7,"offset":15}}}"#;
        let page = read(body).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((page.length, page.rows.len(), page.total), (7, 1, Ok(7)));
    }

    /// The texts of malformed rows, each malformed in another way.
    const BAD_ROWS: [&str; 14] = [
        r#"{"slotId": 5, "slotId": 6}"#,
        r#"{"slotId": 5, "commonName": "a", "commonName": "b"}"#,
        r#"{"slotId": 5, "commonName": "\ud83d"}"#,
        r#"{"slotId": 5, "commonName": 1e999}"#,
        r#"{"slotId": 1e999}"#,
        "{\"slotId\": 5, \"commonName\": \"a\u{1}b\"}",
        "{\"slotId\": 5, \"commonName\": \"a\nb\"}",
        r#"{"slotId": 5, "commonName": "\x"}"#,
        r#"{"slotId": 5, "commonName": NaN}"#,
        r#"{"slotId": 05}"#,
        r#"{"slotId": {"slotId": 5}}"#,
        r#"[{"slotId": 5}]"#,
        r#""slotId""#,
        "undefined",
    ];

    #[test]
    fn a_bad_row_costs_that_row_and_no_other() {
        for bad in BAD_ROWS {
            for place in 0..3 {
                let mut rows: Vec<String> =
                    [1, 2].map(|slot| format!(r#"{{"slotId":{slot},"commonName":"é"}}"#)).into();
                rows.insert(place, bad.to_owned());
                let rows = rows.join(",\n");
                let body = format!(
                    r#"{{"code":"0000","message":"Success","result":{{"content":[{rows}],"pageable":{{"totalCount":3}}}}}}"#
                );
                let page = read(&body).unwrap_or_else(|error| panic!("{bad}: {error}"));
                let slots: Vec<_> = page.rows.iter().map(|row| (row.slot_id, row.common_name.as_str())).collect();
                assert_eq!((slots, page.length, page.total), (vec![(1, "é"), (2, "é")], 3, Ok(3)), "{bad}");
            }
        }
    }

    #[test]
    fn damage_around_the_rows_costs_no_row() {
        for body in [
            r#"{"code":"0000","message":"\ud83d","result":{"content":[{"slotId":1}],"pageable":{"totalCount":1}}}"#,
            r#"{"code":"0000","code":"0000","result":{"content":[{"slotId":1}],"pageable":{"totalCount":1}}}"#,
            r#"{"code":"0000","result":{"pageable":{"totalCount":2,"totalCount":1,"pageNo":1e999},"content":[{"slotId":1}]}}"#,
            "\u{feff}{\"result\":{\"content\":[{\"slotId\":1}],\"pageable\":{\"totalCount\":1}}}\0 garbage",
            r#"{"result":{"content":[{"slotId":1},],"pageable":{"totalCount":"1",}}"#,
        ] {
            let page = read(body).unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!((page.rows.len(), page.length, page.total), (1, 1, Ok(1)), "{body}");
        }
    }

    #[test]
    fn rows_without_a_total_are_read_and_the_total_is_an_error() {
        let missing = "NCP's answer cannot be read: `result.pageable.totalCount` is missing, so nobody can tell whether the list is whole";
        for (body, rows, expected) in [
            (r#"{"code":"0000","result":{"content":[]}}"#, (0, 0), missing),
            (r#"{"result":{"content":[{"slotId":1}],"pageable":{"totalCount":-1}}}"#, (1, 1), missing),
            (
                // It may have been 1000.
                r#"{"result":{"content":[{"slotId":1}],"pageable":{"totalCount":1"#,
                (1, 1),
                "NCP's answer cannot be read: EOF while parsing an object at line 1 column 62",
            ),
            (
                r#"{"result":{"content":[{"slotId":1},{"slotId":2},{"slotId":3"#,
                (2, 3),
                "NCP's answer cannot be read: EOF while parsing an object at line 1 column 59",
            ),
            (
                r#"{"result":{"content":[{"slotId":1}],"pageable":{"totalCount":1e999}}}"#,
                (1, 1),
                "NCP's answer cannot be read: number out of range at line 1 column 66",
            ),
        ] {
            let page = read(body).unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!((page.rows.len(), page.length), rows, "{body}");
            assert_eq!(page.total.unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for (body, expected) in [
            ("", "NCP's answer cannot be read: EOF while parsing a value at line 1 column 0"),
            ("<html>", "NCP's answer cannot be read: expected value at line 1 column 1"),
            (r#"{"code":"0000"}"#, "NCP's answer cannot be read: `result` is missing"),
            (
                r#"{"code":"0032","message":"no, AKIDEXAMPLE"}"#,
                "NCP refused the request (HTTP 200, code 0032, `no, [redacted]`)",
            ),
            (
                r#"{"code":"9999","message":"Unknown Error"}"#,
                "NCP has a problem (HTTP 200, code 9999, `Unknown Error`)",
            ),
            (
                r#"{"code":"0000","result":{"content":{"slotId":1}}}"#,
                "NCP's answer cannot be read: a value is not of the documented kind at line 1 column 35",
            ),
            (r#"{"code":"0032","message":"\ud83d, AKIDEXAMPLE"}"#, "NCP refused the request (HTTP 200, code 0032)"),
            (
                r#"{"code":1e999,"result":{"content":[],"pageable":{"totalCount":0}}}"#,
                "NCP refused the request (HTTP 200, code 1e999)",
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
            {"serviceRegion":"KR_JP","cmCertificateName":"a-2026","sanDomains":["a.kr","b.kr"],"expirationDate":"2026-12-01T00:00:00Z"},
            {"serviceRegion":"KR_JP","sanDomains":["a.kr"],"expirationDate":"2025-12-01T00:00:00Z"},
            {"serviceRegion":"GLOBAL","cmCertificateName":"c-2026","sanDomains":["c.kr"],"expirationDate":"2026-11-30T00:00:00Z"},
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
                certificate_name: "c-2026".into(),
                certificate_names: vec!["a-2026".into(), "c-2026".into()],
                origin: None,
            }
        );
    }

    #[test]
    fn a_certificate_without_a_region_is_no_region_of_its_own() {
        let end = |certificates: &str| {
            let body = format!(r#"{{"result":{{"certificates":[{certificates}]}}}}"#);
            impact(body.as_bytes(), &Redactor::default()).unwrap().expiry.map(|end| end.format("%F").to_string())
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
            impact(body.as_bytes(), &Redactor::default()).unwrap().edges
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
            assert_eq!(impact(body.as_bytes(), &Redactor::default()), Ok(Impact::default()), "{body}");
        }
        assert!(impact(b"{}", &Redactor::default()).is_err());
    }
}
