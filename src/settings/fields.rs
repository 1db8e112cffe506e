//! The fields of a JSON object that a person wrote: a secret or an event, each problem with its place.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::secret_store::{Flaw, Mistake};
use crate::settings::checked_url;
use crate::text::json::{self, Doubled};
use crate::text::quote::quoted;

/// The text of a secret without the byte order mark that some editors put before it.
pub(crate) fn unmarked(text: &SecretString) -> &str {
    text.expose_secret().trim_start_matches('\u{feff}')
}

/// Whether the command line of AWS was to read a file, and stored its path.
pub(crate) fn is_path(text: &str) -> bool {
    text.starts_with("file://") || text.starts_with("fileb://")
}

/// The fields of a JSON object in which no key occurs twice.
pub(crate) fn object(text: &str, accepted: &str) -> Result<Map<String, Value>, Vec<Flaw>> {
    match object_with_doubled(text, accepted)? {
        (fields, None) => Ok(fields),
        (_, Some(doubled)) => Err(vec![Flaw::doubled(&doubled)]),
    }
}

/// The fields of an object, and the first key that an object in it has twice.
pub(crate) type WithDoubled = (Map<String, Value>, Option<Doubled>);

/// The fields of a JSON object, doubled ones too. A parser's own error would quote the secret, so
/// only its place is given.
pub(crate) fn object_with_doubled(text: &str, accepted: &str) -> Result<WithDoubled, Vec<Flaw>> {
    let flaw = match json::parse_text(text) {
        Ok((Value::Object(fields), doubled)) => return Ok((fields, doubled)),
        Ok((value, _)) if is_json(&value) => {
            Flaw::whole(Mistake::JsonInString, "it is JSON inside a string; store the object itself")
        }
        Ok(_) => Flaw::whole(Mistake::NotAnObject, format!("it is not a JSON object; {accepted}")),
        Err(_) if is_path(text.trim()) => {
            Flaw::whole(Mistake::PathStored, "it is a `file://` path in place of the file's content; store the content")
        }
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let text = format!("it cannot be read as JSON: line {line}, column {column}; {accepted}");
            Flaw::whole(Mistake::NotJson { line, column }, text)
        }
    };
    Err(vec![flaw])
}

/// A value in an error: as it was written, unless it is long or may be a secret.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
    }
}

/// Whether a value is a text that should have been JSON.
fn is_json(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with(['{', '[']))
}

/// The fields of an object, removed one by one; those left at the end are unknown.
pub(crate) struct Fields<'a> {
    pub(crate) left: Map<String, Value>,
    /// Where the object is: a prefix for the names of its fields.
    pub(crate) at: String,
    pub(crate) problems: &'a mut Vec<Flaw>,
}

impl Fields<'_> {
    /// Adds a problem that has no words in other languages.
    pub(crate) fn problem(&mut self, field: &str, problem: &str) {
        self.flaw(Mistake::Other, field, problem);
    }

    pub(crate) fn flaw(&mut self, mistake: Mistake, field: &str, problem: &str) {
        self.problems.push(Flaw::of(mistake, &format!("`{}{field}`", self.at), problem));
    }

    /// The value of a field; `null` counts as missing.
    pub(crate) fn value(&mut self, field: &str) -> Option<Value> {
        self.left.remove(field).filter(|value| !value.is_null())
    }

    /// A text, trimmed.
    pub(crate) fn text(&mut self, field: &str) -> Option<String> {
        let value = self.value(field)?;
        if !value.is_string() {
            self.flaw(Mistake::WrongType, field, "is not a string");
        }
        value.as_str().map(|text| text.trim().to_owned())
    }

    /// A text that must be there; `accepted` says what is accepted.
    pub(crate) fn needed(&mut self, field: &str, accepted: &str) -> Option<String> {
        let is_blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        if self.left.get(field).is_none_or(is_blank) {
            self.left.remove(field);
            self.flaw(Mistake::Missing, field, &format!("is missing; {accepted}"));
        }
        self.text(field)
    }

    /// A text in a known form.
    pub(crate) fn parsed<T>(&mut self, field: &str, accepted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(field)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.problem(field, &format!("is {}; accepted: {accepted}", quoted(&text)));
        }
        parsed
    }

    /// What was read of a field, or what is wrong with it.
    pub(crate) fn checked<T>(&mut self, field: &str, read: Option<Result<T, String>>) -> Option<T> {
        read?.map_err(|problem| self.problem(field, &problem)).ok()
    }

    /// A URL that `check` accepts. It may be a credential, so it is not quoted.
    pub(crate) fn url(&mut self, field: &str, check: fn(&Url) -> Result<(), &'static str>) -> Option<Url> {
        let read = checked_url(&self.text(field)?, check);
        read.map_err(|problem| self.flaw(Mistake::BadUrl, field, &format!("is refused: {problem}"))).ok()
    }

    /// A boolean.
    pub(crate) fn truth(&mut self, field: &str) -> Option<bool> {
        let value = self.value(field)?;
        if !value.is_boolean() {
            self.flaw(Mistake::WrongType, field, &format!("is {}; accepted: true or false", shown(&value)));
        }
        value.as_bool()
    }

    /// A whole number.
    pub(crate) fn number(&mut self, field: &str, least: u32, most: u32) -> Option<u32> {
        let value = self.value(field)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let accepted = format!("a whole number from {least} to {most}");
            self.problem(field, &format!("is {}; accepted: {accepted}", shown(&value)));
        }
        number
    }

    /// A list of texts, with at least one: an empty one would match nothing.
    pub(crate) fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        let list = self.value(field)?;
        let text = |value: &Value| value.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let texts: Option<Vec<String>> = list.as_array().and_then(|list| list.iter().map(text).collect());
        let texts = texts.filter(|texts| !texts.is_empty());
        if texts.is_none() {
            self.flaw(Mistake::WrongType, field, "must be a list of at least one string");
        }
        texts
    }

    /// A list that must not be empty.
    pub(crate) fn list(&mut self, field: &str, of: &str) -> Vec<Value> {
        match self.value(field) {
            Some(Value::Array(list)) if !list.is_empty() => return list,
            Some(value) if is_json(&value) => {
                self.flaw(Mistake::JsonInString, field, "is JSON inside a string; store the list itself");
            }
            _ => self.flaw(Mistake::WrongType, field, &format!("must be a list of at least one {of}")),
        }
        Vec::new()
    }

    /// Reads each object of a list.
    pub(crate) fn each(&mut self, field: &str, list: Vec<Value>, accepted: &str, mut read: impl FnMut(Fields<'_>)) {
        for (number, value) in list.into_iter().enumerate() {
            let at = format!("{field}[{number}]");
            match value {
                Value::Object(left) => read(Fields { left, at: format!("{at}."), problems: self.problems }),
                _ => self.flaw(
                    Mistake::WrongType,
                    &at,
                    &format!("is not an object; accepted: an object with {accepted}"),
                ),
            }
        }
    }

    pub(crate) fn refuse_rest(&mut self, accepted: &str) {
        let within = match self.at.trim_end_matches('.') {
            "" => String::new(),
            at => format!(" in `{at}`"),
        };
        for (key, value) in std::mem::take(&mut self.left) {
            let hint = if is_json(&value) { " (its value is JSON inside a string: store that alone)" } else { "" };
            let field = quoted(&key);
            let text = format!("unknown key {field}{within}{hint}; accepted: {accepted}");
            self.problems.push(Flaw::whole(Mistake::UnknownKey, text).about(&field));
        }
    }
}
