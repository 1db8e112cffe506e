//! Bad values in errors: quoted if they are short and cannot be a secret in the wrong place; else only their kind is named.

use crate::text::one_line;

/// The most characters of a bad value that an error quotes. The secret keys of NCP and AWS have 40.
const LONGEST: usize = 32;

/// From how many letters and digits in a row a value that holds both counts as a key.
const SHORTEST_KEY: usize = 16;

/// What is wrong with an input: one sentence per problem.
pub type Problems = Vec<String>;

/// A bad value.
pub(crate) fn quoted(value: &str) -> String {
    let shown = quoted_name(value);
    if shown.starts_with('`') && looks_like_a_key(&shown) { "(what looks like a key)".to_owned() } else { shown }
}

/// A bad value where a name is expected: of an option, a time zone or a secret. A name may look like a key.
pub(crate) fn quoted_name(value: &str) -> String {
    // Judged as it would be shown: without the invisible characters that could split a URL.
    let line = one_line(value);
    if line.contains("://") {
        "(a URL)".to_owned()
    } else if line.chars().count() > LONGEST {
        format!("(a text of more than {LONGEST} characters)")
    } else {
        format!("`{line}`")
    }
}

/// Whether `text` holds a long run of letters and digits, with both in it.
pub(crate) fn looks_like_a_key(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        run.len() >= SHORTEST_KEY
            && run.contains(|c: char| c.is_ascii_digit())
            && run.contains(|c: char| c.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_value_is_quoted_and_of_others_only_the_kind_is_named() {
        let (key, url, long) = ("(what looks like a key)", "(a URL)", "(a text of more than 32 characters)");
        let just_fits = "seventeen plus fifteen letters! ";
        for (value, shown, as_a_name) in [
            ("thirty", "`thirty`", "`thirty`"),
            ("thirty\u{200b}", "`thirty`", "`thirty`"),
            ("provisioningGraceMinutes", "`provisioningGraceMinutes`", "`provisioningGraceMinutes`"),
            ("12345678901234567890", "`12345678901234567890`", "`12345678901234567890`"),
            ("a23456789012345", "`a23456789012345`", "`a23456789012345`"),
            ("a234567890123456", key, "`a234567890123456`"),
            ("key=AKIDEXAMPLE000000001", key, "`key=AKIDEXAMPLE000000001`"),
            ("AKIDCANARY\u{2060}0000000000", key, "`AKIDCANARY0000000000`"),
            ("https:\u{200b}//hooks.example.com/x", url, url),
            ("https://hooks.slack.com/services/T000/B000/x", url, url),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", long, long),
            (&"가".repeat(33), long, long),
            (&"가".repeat(32), &format!("`{}`", "가".repeat(32)), &format!("`{}`", "가".repeat(32))),
            (just_fits, "`seventeen plus fifteen letters!`", "`seventeen plus fifteen letters!`"),
        ] {
            assert_eq!((quoted(value).as_str(), quoted_name(value).as_str()), (shown, as_a_name), "{value}");
        }
    }
}
