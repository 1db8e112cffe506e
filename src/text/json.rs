//! JSON in which no key stands twice. Parsers keep the last of them, so what a person wrote before it would be lost in silence.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::text::quote::quoted;

/// A key that an object has twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubled {
    /// The key.
    pub key: String,
    /// Whether the object is the whole value, and not within it.
    pub is_outermost: bool,
}

impl fmt::Display for Doubled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key {} stands twice in one object; write it once", quoted(&self.key))
    }
}

/// A value, and the first key that an object in it has twice; one of the outermost object comes before all others.
///
/// # Errors
/// The parser's, which may quote the text.
pub fn parse<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(Value, Option<Doubled>), D::Error> {
    let doubled = RefCell::new(None);
    let value = Watched { doubled: &doubled, is_outermost: true }.deserialize(deserializer)?;
    Ok((value, doubled.into_inner()))
}

/// [`parse`] for a text.
///
/// # Errors
/// The parser's, which may quote the text.
pub fn parse_text(text: &str) -> Result<(Value, Option<Doubled>), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = parse(&mut deserializer)?;
    deserializer.end()?;
    Ok(parsed)
}

/// Reads a value, and notes the first key that stands twice.
#[derive(Clone, Copy)]
struct Watched<'a> {
    doubled: &'a RefCell<Option<Doubled>>,
    is_outermost: bool,
}

impl Watched<'_> {
    /// For what is within the value.
    fn inner(self) -> Self {
        Self { is_outermost: false, ..self }
    }

    fn note(self, key: &str) {
        let mut doubled = self.doubled.borrow_mut();
        if doubled.as_ref().is_none_or(|noted| self.is_outermost && !noted.is_outermost) {
            *doubled = Some(Doubled { key: key.to_owned(), is_outermost: self.is_outermost });
        }
    }
}

impl<'de> DeserializeSeed<'de> for Watched<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Watched<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(self.inner())? {
            list.push(element);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if object.contains_key(&key) {
                self.note(&key);
            }
            object.insert(key, fields.next_value_seed(self.inner())?);
        }
        Ok(object.into())
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
        for bad in ["", "{", "{} {}", r#"{"a": 1e999}"#, r#"{"\ud800": 1}"#] {
            assert!(parse_text(bad).is_err(), "{bad}");
        }
    }
}
