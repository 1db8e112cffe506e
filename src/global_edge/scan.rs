//! Where the values of a JSON text begin and end, even where part of it is not valid JSON.
//!
//! Damage stays within its own value as long as quotes and brackets are paired, whereas `serde_json` refuses the whole text
//! for one bad number, one lone surrogate or one raw control character.

/// The elements of the array `text`, each as its text; `None` if it is not an array. If the text is truncated, so is the last
/// element.
pub(super) fn elements(text: &str) -> Option<impl Iterator<Item = &str>> {
    let mut rest = start(text).strip_prefix('[')?;
    Some(std::iter::from_fn(move || value(&mut rest)))
}

/// The value under `name` in the object `text`, as its text. If there are several, the last one counts, as in most parsers.
pub(super) fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = start(text).strip_prefix('{')?;
    let mut found = None;
    while let Some(key) = value(&mut rest) {
        let Some(behind) = start(rest).strip_prefix(':') else { continue };
        rest = behind;
        // If the value is missing, the comma or bracket that follows is not a value.
        let value = if start(rest).starts_with([',', '}', ']']) { None } else { value(&mut rest) };
        if serde_json::from_str::<String>(key).is_ok_and(|key| key == name) {
            found = value;
        }
    }
    found
}

/// Whether `text` is an object, or the beginning of one.
pub(super) fn is_object(text: &str) -> bool {
    start(text).starts_with('{')
}

/// Strips what precedes the next token: blanks, a byte order mark, stray control characters.
fn start(text: &str) -> &str {
    text.trim_start_matches(|c: char| c <= ' ' || c == '\u{feff}')
}

/// Takes the next value off `rest`, with the commas before it; `None` at the end of the enclosing array or object.
fn value<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let mut text = start(rest);
    // An extra comma or a stray colon does no harm.
    while let Some(behind) = text.strip_prefix([',', ':']) {
        text = start(behind);
    }
    if text.is_empty() || text.starts_with([']', '}']) {
        *rest = text;
        return None;
    }
    let (value, behind) = text.split_at(length(text));
    *rest = behind;
    Some(value)
}

/// The length in bytes of the value at the start of `text`. Every boundary is at an ASCII character.
fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes[0] {
        b'"' => string(bytes),
        b'{' | b'[' => {
            let (mut at, mut depth) = (0, 0_usize);
            while let Some(byte) = bytes.get(at) {
                at += match byte {
                    b'"' => string(&bytes[at..]),
                    b'{' | b'[' => {
                        depth += 1;
                        1
                    }
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return at + 1;
                        }
                        1
                    }
                    _ => 1,
                };
            }
            at
        }
        _ => bytes.iter().position(|byte| b",:]}{[\"".contains(byte)).unwrap_or(bytes.len()),
    }
}

/// The length in bytes of the string at the start of `bytes`, quotes included.
fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn all(text: &str) -> Vec<&str> {
        elements(text).into_iter().flatten().map(str::trim_end).collect()
    }

    #[test]
    fn damage_stays_within_its_element() {
        let bad = [
            r#"{"a":1,"a":2}"#,
            r#""\ud83d""#,
            "1e999",
            "\"a\tb\0\"",
            r#"{"a":"]}\"","b":[{}]}"#,
            "NaN",
            r#"{"a":}"#,
            "-",
            "\"한글 \u{fffd}\"",
        ];
        for first in bad {
            for second in bad {
                assert_eq!(all(&format!("[{first}, 7 ,{second}]")), [first, "7", second]);
            }
        }
        assert_eq!(all("\u{feff} [,{}{},\0:1,] 2"), ["{}", "{}", "1"]);
    }

    #[test]
    fn what_breaks_off_is_there_as_far_as_it_goes() {
        for (text, expected) in
            [("[1, {\"a\": [2}", &["1", "{\"a\": [2}"][..]), ("[1, \"a\\", &["1", "\"a\\"]), ("[", &[]), ("[1", &["1"])]
        {
            assert_eq!(all(text), expected);
        }
        for text in ["", "{}", "7", "\"[1]\""] {
            assert!(elements(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_last_member_of_a_name_counts() {
        let text = r#"{"a": 1, "b": {"a": 2}, "\u0061": 3, "c", "a" 4, 5: 6, "d":, "e": "}", "x": 1e999}"#;
        for (name, expected) in [
            ("a", Some("3")),
            ("b", Some(r#"{"a": 2}"#)),
            ("d", None),
            ("e", Some("\"}\"")),
            ("x", Some("1e999")),
            ("y", None),
        ] {
            assert_eq!(member(text, name), expected, "{name}");
        }
        assert_eq!(member("[1]", "a"), None);
    }

    proptest! {
        /// In valid JSON it finds exactly the elements and members; and no text makes it hang or panic.
        #[test]
        fn it_finds_what_a_parser_finds(
            strings in proptest::collection::vec("[\\x00-\\x7f한\u{1f600}]{0,9}", 0..6),
            numbers in proptest::collection::vec(any::<i64>(), 0..3),
            noise in "[\\[\\]{}:,\"\\\\ a1\\x00]{0,40}",
        ) {
            let mut values: Vec<Value> = strings.iter().map(|text| Value::from(text.as_str())).collect();
            values.extend(numbers.iter().map(|&number| Value::from(number)));
            values.push(Value::from(values.clone()));
            values.push(values.iter().enumerate().map(|(number, value)| (format!("\"{number}"), value.clone())).collect());
            for text in [Value::from(values.clone()).to_string(), format!("{:#}", Value::from(values.clone()))] {
                let found: Vec<Value> = elements(&text).unwrap().map(|text| serde_json::from_str(text).unwrap()).collect();
                prop_assert_eq!(&found, &values);
            }
            let object = values.last().unwrap();
            for (name, value) in object.as_object().unwrap() {
                let text = object.to_string();
                let found: Value = serde_json::from_str(member(&text, name).unwrap()).unwrap();
                prop_assert_eq!(&found, value);
            }
            for text in [format!("[{noise}"), format!("{{{noise}")] {
                prop_assert!(elements(&text).map_or(0, Iterator::count) <= text.len());
                let _ = member(&text, "a");
            }
        }
    }
}
