//! What an answer looks like, without one value of the account: the names of its fields, their types, which are null, dates as
//! patterns, and the values of three enumerations and of codes.
//!
//! Pure. Whoever attaches a report to a public issue relies on this file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::certificate::{Expiry, read_date};
use crate::net::disclosure::Secrets;

/// The longest name of a field that is shown.
const LONGEST_NAME: usize = 40;

/// The longest value that is shown.
const LONGEST_VALUE: usize = 20;

/// The longest code that is shown; NCP's have up to four digits.
const LONGEST_CODE: usize = 6;

/// The longest pattern of a date.
const LONGEST_PATTERN: usize = 40;

/// The field whose values distinguish nulls: a slot that waits may lack what a running one has.
const STATUS: &str = "provisionStatus";

/// Fields whose values are words of NCP's, and no names or numbers of an account.
const ENUMERATIONS: [&str; 3] = [STATUS, "serviceRegion", "tlsVersion"];

/// Fields that say whether a call succeeded.
const CODES: [&str; 3] = ["code", "errorCode", "returnCode"];

/// Parts of the names of fields that hold dates.
const DATED: [&str; 4] = ["date", "time", "valid", "expir"];

/// What stood in one place: of one answer, or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The types, as [`kind`] calls them.
    pub(super) types: BTreeSet<&'static str>,
    /// Dates as patterns, each with what it is taken for if that is no date.
    pub(super) dates: BTreeSet<String>,
    /// The values of an enumeration or of a code.
    pub(super) values: BTreeSet<String>,
    /// The statuses of the slots in which it was null.
    null_in: BTreeSet<String>,
    /// The fields of an object, by their names as they are shown.
    fields: BTreeMap<String, Self>,
    /// The elements of a list.
    items: Option<Box<Self>>,
    /// How many values stood here, and how many of them were objects. The report does not say.
    seen: usize,
    objects: usize,
}

impl Shape {
    /// The shape of a body: of JSON, or of what is not JSON.
    pub(super) fn of_body(body: &[u8], secrets: &Secrets) -> Self {
        let mut shape = Self::default();
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str(text) {
            Ok(value) => shape.add("", &value, secrets),
            Err(_) if text.is_empty() => shape.add_type("nothing"),
            Err(_) if text.starts_with('<') => shape.add_type("HTML or XML"),
            Err(_) => shape.add_type("no JSON"),
        }
        shape
    }

    /// Adds a value that stood in the field `name`.
    pub(super) fn add(&mut self, name: &str, value: &Value, secrets: &Secrets) {
        self.add_type(kind(value));
        match value {
            Value::Object(fields) => {
                self.objects += 1;
                let status = fields.get(STATUS).and_then(|status| shown_value(STATUS, status, secrets));
                for (name, value) in fields {
                    let field = self.fields.entry(shown_name(name, secrets)).or_default();
                    field.add(name, value, secrets);
                    if value.is_null() {
                        field.null_in.extend(status.clone());
                    }
                }
            }
            Value::Array(items) => {
                let all = self.items.get_or_insert_default();
                for item in items {
                    all.add(name, item, secrets);
                }
            }
            Value::String(_) | Value::Number(_) => {
                self.values.extend(shown_value(name, value, secrets));
                self.dates.extend(date(name, value));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Adds what another answer showed in the same place.
    pub(super) fn merge(&mut self, other: Self) {
        self.types.extend(other.types);
        self.dates.extend(other.dates);
        self.values.extend(other.values);
        self.null_in.extend(other.null_in);
        for (name, field) in other.fields {
            self.fields.entry(name).or_default().merge(field);
        }
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
        self.seen += other.seen;
        self.objects += other.objects;
    }

    fn add_type(&mut self, kind: &'static str) {
        self.seen += 1;
        self.types.insert(kind);
    }

    /// What stands below it: a field for each name, and the elements of a list for `[]`.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |shape, name| match *name {
            "[]" => shape.items.as_deref().filter(|items| items.seen > 0),
            name => shape.fields.get(name),
        })
    }

    /// For the report. Where there is nothing but types, they are all.
    pub(super) fn json(&self) -> Value {
        self.within(self.seen)
    }

    /// The same, of a field that `objects` might have.
    fn within(&self, objects: usize) -> Value {
        let Self { types, dates, values, null_in, fields, items, .. } = self;
        let mut types: Vec<&str> = types.iter().copied().collect();
        if self.seen < objects {
            types.push("absent");
        }
        let mut all = Map::new();
        for (name, texts) in [("dates", dates), ("values", values), ("nullIn", null_in)] {
            if !texts.is_empty() {
                all.insert(name.to_owned(), json!(texts));
            }
        }
        if !fields.is_empty() {
            let fields = fields.iter().map(|(name, field)| (name.clone(), field.within(self.objects)));
            all.insert("fields".to_owned(), fields.collect::<Map<_, _>>().into());
        }
        if let Some(items) = items.as_ref().filter(|items| items.seen > 0) {
            all.insert("items".to_owned(), items.json());
        }
        let types = types.join(" | ").into();
        if all.is_empty() {
            return types;
        }
        all.insert("types".to_owned(), types);
        all.into()
    }
}

/// The type of a value, and as much of its form as says nothing of what it is.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(text) if text.is_empty() => "empty text",
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => "digits",
        Value::String(_) => "text",
        Value::Array(items) if items.is_empty() => "empty list",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// A field's name; as a pattern if it may be more than a name.
pub(super) fn shown_name(name: &str, secrets: &Secrets) -> String {
    let is_name = !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_name && !secrets.stand_in(name) { name.to_owned() } else { format!("({})", pattern(name)) }
}

/// The value of an enumeration, as a pattern if it may be more than that; or a code.
pub(super) fn shown_value(name: &str, value: &Value, secrets: &Secrets) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_open = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'_');
    let may_be_shown = text.bytes().all(is_open) && !secrets.stand_in(&text);
    if CODES.contains(&name) {
        return Some(text).filter(|text| may_be_shown && text.len() <= LONGEST_CODE);
    }
    if text.is_empty() || !ENUMERATIONS.contains(&name) {
        return None;
    }
    Some(if may_be_shown && text.len() <= LONGEST_VALUE { text } else { format!("({})", pattern(&text)) })
}

/// The pattern of what is a date, or stands where one should be; and what it is taken for, if not for a date.
fn date(name: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let name = name.to_ascii_lowercase();
    let is_dated = DATED.iter().any(|part| name.contains(part));
    if text.trim().is_empty() || !is_dated && (value.is_number() || read_date(&text).is_none()) {
        return None;
    }
    let meaning = match Expiry::read(&text) {
        Expiry::NoEnd => NO_END,
        Expiry::Unreadable(_) if read_date(&text).is_some() => PLACEHOLDER,
        Expiry::Unreadable(_) => UNREADABLE,
        Expiry::At(_) | Expiry::Missing => "",
    };
    Some(format!("{}{meaning}", pattern(&text)))
}

/// What follows the pattern of a date that has another meaning.
const NO_END: &str = " (no end)";
const PLACEHOLDER: &str = " (placeholder)";
const UNREADABLE: &str = " (not readable)";

/// A text with `9` in place of each digit and `a` or `A` in place of each letter, except for the `T` and `Z` of ISO 8601.
fn pattern(text: &str) -> String {
    let characters: Vec<char> = text.chars().take(LONGEST_PATTERN).collect();
    let is_digit =
        |place: Option<usize>| place.and_then(|place| characters.get(place)).is_some_and(char::is_ascii_digit);
    let of = |(place, character): (usize, &char)| match character {
        'T' if is_digit(place.checked_sub(1)) && is_digit(Some(place + 1)) => 'T',
        'Z' if is_digit(place.checked_sub(1)) && place + 1 == characters.len() => 'Z',
        '0'..='9' => '9',
        letter if letter.is_lowercase() => 'a',
        letter if letter.is_alphabetic() => 'A',
        ' ' | '-' | ':' | '.' | '/' | '+' | ',' | '_' => *character,
        _ => '?',
    };
    characters.iter().enumerate().map(of).collect()
}

/// What a field of a row is documented to hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// A date.
    Date,
    /// A date that every row has.
    NeededDate,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Some of these, with commas between them.
    SomeOf(&'static [&'static str]),
    /// Anything.
    Any,
}

/// What of `rows` departs from what is `documented`, a few words each: a field and what stands in it.
pub(super) fn departures(rows: &Shape, documented: &[(&str, Form)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, form) in documented {
        let mut say = |what: &str| found.push(format!("`{name}` {what}"));
        let Some(field) = rows.fields.get(*name) else {
            say("missing");
            continue;
        };
        let expected: &[&str] = match form {
            Form::Number => &["integer", "digits"],
            Form::Text => &["text", "digits", "empty text", "null"],
            // One that no row has is worth a word.
            Form::Date if !field.dates.is_empty() => &["text", "digits", "integer", "empty text", "null"],
            Form::Date | Form::NeededDate => &["text", "digits", "integer"],
            Form::OneOf(_) | Form::SomeOf(_) => &["text"],
            Form::Any => continue,
        };
        field.types.iter().filter(|kind| !expected.contains(*kind)).for_each(|kind| say(kind));
        if matches!(form, Form::NeededDate) && field.seen < rows.objects {
            say("missing in some");
        }
        field
            .dates
            .iter()
            .filter(|date| date.ends_with(UNREADABLE) || date.ends_with(PLACEHOLDER))
            .for_each(|d| say(d));
        let is_known = |value: &&String| match form {
            Form::OneOf(known) => known.contains(&value.as_str()),
            Form::SomeOf(known) => value.split(',').all(|part| known.contains(&part)),
            _ => true,
        };
        field.values.iter().filter(|value| !is_known(value)).for_each(|value| say(value));
    }
    found
}

/// The fields of `rows` that are not documented.
pub(super) fn new_fields(rows: &Shape, documented: &[(&str, Form)]) -> Vec<String> {
    let is_new = |name: &&String| !documented.iter().any(|(known, _)| known == name);
    rows.fields.keys().filter(is_new).map(|name| format!("`{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(value: &Value) -> Shape {
        Shape::of_body(value.to_string().as_bytes(), &Secrets::default())
    }

    fn row() -> Value {
        json!({
            "slotId": 69, "commonName": "www.example.kr", "serviceRegion": "KR_JP", "tlsVersion": "1.2,1.3",
            "certificateName": "www-2026", "expirationDate": "2026-12-24T00:00:00Z", "provisionStatus": "RUNNING",
            "provisionDate": "2026-11-23T00:00:00.58Z",
        })
    }

    #[test]
    fn what_is_met_is_shown_by_its_form() {
        let mut waiting = row();
        waiting["provisionStatus"] = json!("READY");
        waiting["provisionDate"] = Value::Null;
        waiting["slotId"] = json!("70");
        waiting["new_1"] = json!([{"edgeName": "main"}, true, 1.5]);
        waiting["expirationDate"] = json!("9999-12-31T23:59:59+09:00");
        waiting.as_object_mut().unwrap().remove("commonName");
        let report = shape(&json!({"code": "0000", "content": [row(), waiting]})).json();
        insta::assert_snapshot!(format!("{report:#}"), @r#"
        {
          "fields": {
            "code": {
              "types": "digits",
              "values": [
                "0000"
              ]
            },
            "content": {
              "items": {
                "fields": {
                  "(aaa_9)": {
                    "items": {
                      "fields": {
                        "edgeName": "text"
                      },
                      "types": "boolean | number | object"
                    },
                    "types": "list | absent"
                  },
                  "certificateName": "text",
                  "commonName": "text | absent",
                  "expirationDate": {
                    "dates": [
                      "9999-99-99T99:99:99+99:99 (no end)",
                      "9999-99-99T99:99:99Z"
                    ],
                    "types": "text"
                  },
                  "provisionDate": {
                    "dates": [
                      "9999-99-99T99:99:99.99Z"
                    ],
                    "nullIn": [
                      "READY"
                    ],
                    "types": "null | text"
                  },
                  "provisionStatus": {
                    "types": "text",
                    "values": [
                      "READY",
                      "RUNNING"
                    ]
                  },
                  "serviceRegion": {
                    "types": "text",
                    "values": [
                      "KR_JP"
                    ]
                  },
                  "slotId": "digits | integer",
                  "tlsVersion": {
                    "types": "text",
                    "values": [
                      "1.2,1.3"
                    ]
                  }
                },
                "types": "object"
              },
              "types": "list"
            }
          },
          "types": "object"
        }
        "#);
    }

    #[test]
    fn a_body_that_is_not_json_is_called_by_its_kind() {
        let types = |body: &str| Shape::of_body(body.as_bytes(), &Secrets::default()).json();
        for (body, kind) in [
            ("", "nothing"),
            ("\u{feff} <html>www.example.kr</html>", "HTML or XML"),
            ("down for maintenance", "no JSON"),
            ("\"x\"", "text"),
            ("[]", "empty list"),
        ] {
            assert_eq!(types(body), kind, "{body}");
        }
    }

    #[test]
    fn rows_as_documented_depart_in_nothing_and_others_in_what_they_are() {
        const DOCUMENTED: [(&str, Form); 6] = [
            ("slotId", Form::Number),
            ("commonName", Form::Text),
            ("tlsVersion", Form::SomeOf(&["1.2", "1.3"])),
            ("expirationDate", Form::NeededDate),
            ("provisionStatus", Form::OneOf(&["RUNNING", "READY"])),
            ("provisionDate", Form::Date),
        ];
        let with = |changes: &[(&str, Value)]| {
            let mut changed = row();
            for (field, value) in changes {
                changed[*field] = value.clone();
            }
            departures(shape(&json!([row(), changed])).at(&["[]"]).unwrap(), &DOCUMENTED).join(", ")
        };
        assert_eq!(with(&[]), "");
        for (field, value, expected) in [
            ("slotId", json!([1]), "`slotId` list"),
            ("slotId", json!("69"), ""),
            ("commonName", json!(true), "`commonName` boolean"),
            ("commonName", Value::Null, ""),
            ("tlsVersion", json!("1.2,1.4"), "`tlsVersion` 1.2,1.4"),
            ("expirationDate", Value::Null, "`expirationDate` null"),
            ("expirationDate", json!(""), "`expirationDate` empty text"),
            ("expirationDate", json!("24/12/2026"), "`expirationDate` 99/99/9999 (not readable)"),
            ("expirationDate", json!("1970-01-01T00:00:00Z"), "`expirationDate` 9999-99-99T99:99:99Z (placeholder)"),
            ("expirationDate", json!("9999-12-31T23:59:59Z"), ""),
            ("expirationDate", json!(1_795_392_000_000_u64), ""),
            ("expirationDate", json!({"at": 1}), "`expirationDate` object"),
            ("provisionStatus", json!("SUSPENDED"), "`provisionStatus` SUSPENDED"),
            ("provisionStatus", json!("suspended"), "`provisionStatus` (aaaaaaaaa)"),
            ("provisionDate", Value::Null, ""),
        ] {
            assert_eq!(with(&[(field, value.clone())]), expected, "{field}: {value}");
        }
        let alone = |field: &str, value: Option<Value>| {
            let mut row = row();
            row.as_object_mut().unwrap().remove(field);
            row.as_object_mut().unwrap().extend(value.map(|value| (field.to_owned(), value)));
            departures(shape(&json!([row])).at(&["[]"]).unwrap(), &DOCUMENTED).join(", ")
        };
        assert_eq!(alone("commonName", None), "`commonName` missing");
        assert_eq!(alone("provisionDate", Some(Value::Null)), "`provisionDate` null");
        let short = json!([row(), {"slotId": 1}]);
        let short = departures(shape(&short).at(&["[]"]).unwrap(), &DOCUMENTED).join(", ");
        assert_eq!(short, "`expirationDate` missing in some");
        let shape = shape(&json!([{"slotId": 1, "new_1": 2, "brandNew": 3}]));
        assert_eq!(new_fields(shape.at(&["[]"]).unwrap(), &DOCUMENTED), ["`(aaa_9)`", "`brandNew`"]);
    }

    #[test]
    fn a_secret_of_the_run_is_no_name_and_no_value() {
        let mut secrets = Secrets::default();
        secrets.add_key("AKIDEXAMPLE");
        let value =
            json!({"AKIDEXAMPLE": 1, "provisionStatus": "X.AKIDEXAMPLE", "code": "AKIDEXAMPLE", "errorCode": "200"});
        let shown = Shape::of_body(value.to_string().as_bytes(), &secrets).json().to_string();
        assert!(!shown.contains("AKID") && shown.contains("200"), "{shown}");
    }

    /// Whether `text` is nothing but a pattern: no letter and no digit of what it was made of.
    fn is_pattern(text: &str) -> bool {
        let text = [NO_END, PLACEHOLDER, UNREADABLE].iter().fold(text, |text, note| text.trim_end_matches(note));
        let text = text.replace("9T9", "9-9");
        let text = text.strip_suffix("9Z").map_or(text.clone(), |rest| format!("{rest}9-"));
        text.chars().all(|character| "aA9 -:./+,_?".contains(character))
    }

    /// An answer with these values in all places that hold values of an account.
    fn answer(text: &str, number: i64) -> Value {
        json!({
            "code": "0000",
            "message": text,
            "error": {"errorCode": "200", "message": text, "details": [text]},
            "result": {
                "content": [{
                    "slotId": number, "commonName": text, "certificateName": text, "cipherProfile": text,
                    "provisionStatus": "RUNNING", "domains": [text, [text]], "owner": {"memberNo": text, "count": number},
                }],
                "pageable": {"pageNo": number, "offset": number, "totalCount": number},
            },
            "sslCertificateList": [{"certificateNo": number, "dnInfo": text, "caInfo": text, "usedInstanceNoList": [number, text]}],
        })
    }

    proptest! {
        /// No text and no number of an account makes a difference to the report, so none of it is in there.
        #[test]
        fn no_value_of_an_account_is_in_a_report(text in "\\PC{1,60}", number in any::<i64>()) {
            let is_free = !text.bytes().all(|byte| byte.is_ascii_digit()) && read_date(&text).is_none();
            let text = if is_free { text } else { "www.example.kr".to_owned() };
            prop_assert_eq!(shape(&answer(&text, number)).json(), shape(&answer("x", 1)).json());
        }

        /// What stands where a date is expected, or is one, is shown as a pattern only.
        #[test]
        fn a_date_is_a_pattern(text in "[0-9A-Za-z가-힣 :.,/@TZ-]{0,50}|20[0-9]{2}-1[0-2]-[0-2][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z") {
            for field in ["expirationDate", "validEndDate", "updateTime", "commonName"] {
                let shape = shape(&json!({field: text}));
                for date in &shape.at(&[field]).unwrap().dates {
                    prop_assert!(is_pattern(date), "{text}: {date}");
                }
            }
        }

        /// Of names of fields, values of enumerations and codes no more is shown than what is promised; the rest is a pattern.
        #[test]
        fn an_odd_name_value_or_code_is_a_pattern(text in "[A-Z0-9.,_a-z가 @-]{1,60}|[A-Z0-9_]{1,24}|[a-zA-Z]{1,50}") {
            let secrets = Secrets::default();
            let name = shown_name(&text, &secrets);
            let is_name = text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
            prop_assert!(if is_name { name == text } else { is_pattern(name.trim_matches(['(', ')'])) }, "{name}");
            let is_open = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b".,_".contains(&byte));
            for field in ENUMERATIONS {
                let value = shown_value(field, &json!(text), &secrets).unwrap();
                let is_value = is_open && text.len() <= 20;
                prop_assert!(if is_value { value == text } else { is_pattern(value.trim_matches(['(', ')'])) }, "{value}");
            }
            let code = shown_value("code", &json!(text), &secrets);
            prop_assert_eq!(code, Some(text.clone()).filter(|_| is_open && text.len() <= 6));
            prop_assert_eq!(shown_value("commonName", &json!(text), &secrets), None);
        }
    }
}
