//! Holds values to the JSON Schemas in `docs/`.

use serde_json::Value;

/// Holds a value to a JSON Schema. A keyword that this does not know is an error, and so is a field that the schema does not
/// describe.
#[track_caller]
pub fn assert_valid(schema: &str, value: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let violations = violations(&schema, value, "");
    assert!(violations.is_empty(), "{violations:?} in {value:#}");
}

/// The ways in which a value violates a schema.
pub fn violations(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other}"),
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (keyword, wanted) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" => wanted.is_string(),
            "type" => wanted.as_str().map_or_else(|| list(wanted).iter().any(|name| is(name.as_str().unwrap())), is),
            "const" => value == wanted,
            "enum" => list(wanted).contains(value),
            "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
            "format" if wanted == "date-time" => {
                value.as_str().is_none_or(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
            }
            "format" if wanted == "color" => value.as_str().is_none_or(|text| {
                text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
            }),
            "required" => list(wanted).iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "items" => {
                let items = list(value);
                let inner =
                    items.iter().enumerate().flat_map(|(place, one)| violations(wanted, one, &format!("{at}/{place}")));
                found.extend(inner);
                true
            }
            "properties" => {
                for (name, one) in value.as_object().into_iter().flatten() {
                    match wanted.get(name) {
                        Some(schema) => found.extend(violations(schema, one, &format!("{at}/{name}"))),
                        None => found.push(format!("{at}/{name} is not described")),
                    }
                }
                true
            }
            other => panic!("the keyword {other}"),
        };
        if !holds {
            found.push(format!("{at}: {keyword} is {wanted}"));
        }
    }
    found
}
