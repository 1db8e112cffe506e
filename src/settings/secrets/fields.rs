//! Reading a secret: its text, its JSON, and the fields of an object, each problem with the place where it is.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::settings::checked_url;
use crate::text::json;
use crate::text::quote::{Problems, quoted};

/// The text of a secret without blanks around it, and without the byte order mark that some editors put before it.
pub(super) fn trimmed(text: &SecretString) -> &str {
    text.expose_secret().trim_start_matches('\u{feff}').trim()
}

/// The fields of a JSON object. A parser's own error would quote the secret, so it is dropped.
pub(super) fn object(text: &str, accepted: &str) -> Result<Map<String, Value>, Problems> {
    match json::parse_text(text) {
        // One of several accounts must not cost the others.
        Ok((Value::Object(fields), Some(doubled))) if !doubled.is_outermost && fields.contains_key("accounts") => {
            Ok(fields)
        }
        Ok((Value::Object(_), Some(doubled))) => Err(vec![doubled.to_string()]),
        Ok((Value::Object(fields), None)) => Ok(fields),
        _ => Err(vec![format!("it is not a JSON object; {accepted}")]),
    }
}

/// The fields of an object, removed one by one; those left at the end are unknown.
pub(super) struct Fields<'a> {
    pub(super) left: Map<String, Value>,
    /// Where the object is: a prefix for the names of its fields.
    pub(super) at: String,
    pub(super) problems: &'a mut Problems,
}

impl Fields<'_> {
    pub(super) fn problem(&mut self, field: &str, problem: &str) {
        self.problems.push(format!("`{}{field}` {problem}", self.at));
    }

    /// The value of a field; `null` counts as missing.
    pub(super) fn value(&mut self, field: &str) -> Option<Value> {
        self.left.remove(field).filter(|value| !value.is_null())
    }

    /// A text, trimmed.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        let value = self.value(field)?;
        if !value.is_string() {
            self.problem(field, "is not a string");
        }
        value.as_str().map(|text| text.trim().to_owned())
    }

    /// A text that must be there; `accepted` says what it takes.
    pub(super) fn needed(&mut self, field: &str, accepted: &str) -> Option<String> {
        let is_blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        if self.left.get(field).is_none_or(is_blank) {
            self.left.remove(field);
            self.problem(field, &format!("is missing; {accepted}"));
        }
        self.text(field)
    }

    /// A text in a known form.
    pub(super) fn parsed<T>(&mut self, field: &str, accepted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(field)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.problem(field, &format!("is {}; accepted: {accepted}", quoted(&text)));
        }
        parsed
    }

    /// A URL that `check` accepts. It may be a credential, so it is not quoted.
    pub(super) fn url(&mut self, field: &str, check: fn(&Url) -> Result<(), &'static str>) -> Option<Url> {
        let text = self.text(field)?;
        checked_url(&text, check).map_err(|problem| self.problem(field, &format!("is refused: {problem}"))).ok()
    }

    /// A boolean; `false` if missing.
    pub(super) fn truth(&mut self, field: &str) -> bool {
        let value = self.value(field);
        if !matches!(value, None | Some(Value::Bool(_))) {
            self.problem(field, "is not a boolean; accepted: true or false");
        }
        value == Some(Value::Bool(true))
    }

    /// A list of texts, with at least one: an empty one would match nothing.
    pub(super) fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        let list = self.value(field)?;
        let text = |value: &Value| value.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let texts: Option<Vec<String>> = list.as_array().and_then(|list| list.iter().map(text).collect());
        let texts = texts.filter(|texts| !texts.is_empty());
        if texts.is_none() {
            self.problem(field, "must be a list of at least one string");
        }
        texts
    }

    /// Reads each object of a list.
    pub(super) fn each(&mut self, field: &str, list: Vec<Value>, accepted: &str, mut read: impl FnMut(Fields<'_>)) {
        for (number, value) in list.into_iter().enumerate() {
            let at = format!("{field}[{number}]");
            match value {
                Value::Object(left) => read(Fields { left, at: format!("{at}."), problems: self.problems }),
                _ => self.problem(&at, &format!("is not an object; it takes {accepted}")),
            }
        }
    }

    pub(super) fn refuse_rest(&mut self, accepted: &str) {
        let place = match self.at.trim_end_matches('.') {
            "" => String::new(),
            at => format!(" in `{at}`"),
        };
        for (key, _) in std::mem::take(&mut self.left) {
            self.problems.push(format!("unknown key {}{place}; accepted: {accepted}", quoted(&key)));
        }
    }
}
