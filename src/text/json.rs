//! JSON in which no key stands twice. Parsers keep the last of them, so what a person wrote before it would be lost in silence.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::quote::quoted;

/// A key that an object has twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubled {
    pub key: String,
    /// Whether the object is the whole value, and not within it.
    pub is_outermost: bool,
}

impl fmt::Display for Doubled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key {} occurs twice in one object; write it once", quoted(&self.key))
    }
}

/// A value, and the first key that an object in it has twice; one of the outermost object comes before all others.
///
/// # Errors
/// The parser's, which may quote the text.
pub(crate) fn parse<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(Value, Option<Doubled>), D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    parse_text(raw.get()).map_err(D::Error::custom)
}

/// [`parse`] for a text.
///
/// # Errors
/// The parser's, which may quote the text.
pub(crate) fn parse_text(text: &str) -> Result<(Value, Option<Doubled>), serde_json::Error> {
    Ok((serde_json::from_str(text)?, doubled(text.trim_ascii_start(), true)))
}

/// For each element of the list `field` of the object that `text` is, the first key that an object in it has twice.
pub(crate) fn doubled_in_each(text: &str, field: &str) -> Vec<Option<Doubled>> {
    let Ok(Fields(fields)) = serde_json::from_str(text) else { return Vec::new() };
    let list = fields.iter().find(|(key, _)| key == field);
    let elements = list.and_then(|(_, list)| serde_json::from_str::<Vec<Box<RawValue>>>(list.get()).ok());
    elements.unwrap_or_default().iter().map(|element| doubled(element.get(), true)).collect()
}

/// The first key that an object in this text, which is JSON, has twice.
fn doubled(text: &str, is_outermost: bool) -> Option<Doubled> {
    if text.starts_with('[') {
        let elements: Vec<Box<RawValue>> = serde_json::from_str(text).ok()?;
        return elements.iter().find_map(|element| doubled(element.get(), false));
    }
    if !text.starts_with('{') {
        return None;
    }
    let Fields(fields) = serde_json::from_str(text).ok()?;
    let mut keys = BTreeSet::new();
    for (key, _) in &fields {
        if !keys.insert(key) {
            return Some(Doubled { key: key.clone(), is_outermost });
        }
    }
    fields.iter().find_map(|(_, value)| doubled(value.get(), false))
}

/// The fields of an object, doubled ones too.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = object.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_read_as_usual_and_the_first_doubled_key_is_named() {
        let text = r#"{"a": [1, -2, 0.5, "x", true, null, {"b": {}, "c": {"b": 1}}], "d": "\u00e9"}"#;
        assert_eq!(parse_text(text).unwrap(), (serde_json::from_str(text).unwrap(), None));
        let doubled = |key: &str, is_outermost| Some(Doubled { key: key.to_owned(), is_outermost });
        let text = r#"{"a": [{"b": 1, "b": 2}, {"c": 1, "c": 1}]}"#;
        assert_eq!(parse_text(text).unwrap(), (json!({"a": [{"b": 2}, {"c": 1}]}), doubled("b", false)));
        let text = r#"{"a": [{"b": 1, "b": 2}], "a": 3}"#;
        assert_eq!(parse_text(text).unwrap(), (json!({"a": 3}), doubled("a", true)));
        let each = doubled_in_each(
            r#"{"x": [{"a": 1, "a": 1}], "y": [{"a": 1}, 7, {"b": 1, "b": {}}, [{"c": 1, "c": 1}]]}"#,
            "y",
        );
        assert_eq!(each, [None, None, doubled("b", true), doubled("c", false)]);
        assert_eq!([doubled_in_each("{", "y"), doubled_in_each(r#"{"y": 7}"#, "y")], [vec![], vec![]]);
        for bad in ["", "{", "{} {}", r#"{"a": 1e999}"#, r#"{"\ud800": 1}"#] {
            assert!(parse_text(bad).is_err(), "{bad}");
        }
    }
}
