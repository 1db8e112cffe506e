//! What of a server's text is shown: words only, whatever the server echoes and however it encodes it.
//!
//! A key, a token or a URL does not read as words, so it becomes `…` without anything being known of it. A secret that does
//! (`correct-horse-battery`) is known to the run: a text that holds it letter for letter is not shown at all. What an answer
//! means is decided on its raw text, before it comes here.

use std::fmt;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::text;

/// What is shown in place of anything that is not a word.
const OMITTED: char = '…';

/// The shortest key that counts as a secret: shorter ones occur in any text.
const SHORTEST_KEY: usize = 8;

/// The shortest key that is looked for in names: no name holds one of this length by chance.
const SHORTEST_IN_NAME: usize = 16;

/// The shortest part of a webhook's URL that counts as a secret by itself.
const SHORTEST_PART: usize = 12;

/// The secrets of one run. They are all read before any list is, and do not print themselves.
#[derive(Clone, Default)]
pub struct Secrets {
    keys: Vec<SecretString>,
    urls: Vec<SecretString>,
}

impl Secrets {
    /// Adds an access key or secret key.
    pub fn add_key(&mut self, key: &str) {
        if key.len() >= SHORTEST_KEY {
            self.keys.push(key.into());
        }
    }

    /// Adds a URL that is a credential: the whole of it, and each long segment of its path and value of its query that is
    /// not made of words.
    pub fn add_url(&mut self, url: &Url) {
        self.urls.push(url.as_str().into());
        let segments = url.path().split('/').map(str::to_owned);
        let values = url.query_pairs().map(|(_, value)| value.into_owned());
        for part in segments.chain(values) {
            if part.len() >= SHORTEST_PART && words(&part).contains(OMITTED) {
                self.urls.push(part.into());
            }
        }
    }

    /// The words of what a server said, in at most `limit` graphemes on one line; empty if it holds a secret of the run.
    pub fn words_of(&self, said: &str, limit: usize) -> String {
        let line = text::one_line(said);
        if self.stand_in(said) || self.stand_in(&line) {
            return String::new();
        }
        text::cut(&words(&line), limit)
    }

    /// Whether a text holds a secret of the run, letter for letter.
    pub fn stand_in(&self, text: &str) -> bool {
        self.keys.iter().chain(&self.urls).any(|secret| text.contains(secret.expose_secret()))
    }

    /// A name from data as it is, unless it holds a key.
    pub fn name(&self, name: &str) -> String {
        let holds = |key: &SecretString| {
            let key = key.expose_secret();
            key.len() >= SHORTEST_IN_NAME && name.contains(key)
        };
        if self.keys.iter().any(holds) { OMITTED.to_string() } else { name.to_owned() }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// `text` with `…` in place of each run of characters between blanks and punctuation that is no word.
fn words(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut token = String::new();
    for character in text.chars().chain([' ']) {
        if !is_boundary(character) {
            token.push(character);
            continue;
        }
        if is_shown(&token) {
            shown.push_str(&token);
        } else if !shown.ends_with(OMITTED) {
            shown.push(OMITTED);
        }
        token.clear();
        shown.push(character);
    }
    // The blank that ended the last token.
    shown.pop();
    shown
}

/// Blanks, quotes, brackets, stops, commas and colons.
fn is_boundary(character: char) -> bool {
    character.is_whitespace() || "\"`“”‘’«»()[]{}<>.!?;…,:。、，：；（）「」『』【】《》！？".contains(character)
}

/// Whether all of a token may be shown: words, numbers of up to four digits, and an apostrophe or quotation mark around them.
/// Letters of Korean and Japanese stand next to Latin words and numbers without a blank (`API를`, `30일`).
fn is_shown(token: &str) -> bool {
    let token = token.trim_matches('\'');
    token.split(is_korean_or_japanese).all(|part| part.is_empty() || is_number(part) || is_word(part))
}

fn is_number(part: &str) -> bool {
    part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// `denied`, `Denied`, `AccessDenied`, `accessKey`, `HTTP`, `a`, `I`; with `-`, `_` and `'` between letters.
fn is_word(part: &str) -> bool {
    let is_joiner = |c: char| matches!(c, '-' | '_' | '\'');
    if part.starts_with(is_joiner) || part.ends_with(is_joiner) {
        return false;
    }
    let letters: String = part.chars().filter(|&c| !is_joiner(c)).collect();
    if !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    match letters.as_str() {
        "a" | "I" => return true,
        _ if letters.len() < 2 => return false,
        _ => {}
    }
    let is_capital = |c: char| c.is_ascii_uppercase();
    let is_abbreviation = letters.len() <= 4 && letters.chars().all(is_capital);
    // Behind each capital there are small letters, so the letters split into words.
    let is_split_into_words = letters.split(is_capital).skip(1).all(|small| !small.is_empty());
    is_abbreviation || is_split_into_words
}

/// Hangul, kana and the ideographs that Korean and Japanese share.
fn is_korean_or_japanese(character: char) -> bool {
    matches!(u32::from(character), 0x1100..=0x11FF | 0x3005..=0x30FF | 0x3131..=0x318E | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7A3 | 0xFF66..=0xFF9D)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_shown_and_anything_else_is_not() {
        for shown in [
            "You may not list certificates.",
            "AccessDeniedException: not authorized to perform (HTTP 403)",
            "invalid_blocks",
            "can't read a \"Content-Type\", says I",
            "권한이 없습니다. API를 30일 후에",
            "権限がありません。4時間",
            "www.example.kr",
            "",
        ] {
            assert_eq!(words(shown), shown);
        }
        for (said, shown) in [
            ("bad key AKIDEXAMPLE0000001 given", "bad key … given"),
            ("key=abc token%41b a\\u0041b c&amp;d", "… … … …;…"),
            ("https://hooks.slack.com/services/T0/B0/x", "https:….slack.…"),
            ("UPPERCASE text", "… text"),
            ("12345 of 1234", "… of 1234"),
            ("x-1 _a a_ B", "… … … …"),
            ("aB3xY9 ①", "… …"),
        ] {
            assert_eq!(words(said), shown, "{said}");
        }
    }

    #[test]
    fn a_text_that_repeats_a_secret_is_not_shown_even_if_it_reads_as_words() {
        let mut secrets = Secrets::default();
        secrets.add_key("correcthorse");
        secrets.add_key("short");
        secrets.add_url(
            &"https://relay.example.kr/hooks/global-edge-certificates/k9Xb2Qw7LmN4?key=aB3xY9aB3xY9".parse().unwrap(),
        );
        assert_eq!(secrets.words_of("wrong key correcthorse", 99), "");
        assert_eq!(
            secrets.words_of("short of certificates for global-edge-certificates", 99),
            "short of certificates for global-edge-certificates"
        );
        for part in [
            "k9Xb2Qw7LmN4",
            "aB3xY9aB3xY9",
            "https://relay.example.kr/hooks/global-edge-certificates/k9Xb2Qw7LmN4?key=aB3xY9aB3xY9",
        ] {
            assert_eq!(secrets.words_of(&format!("no such hook ({part})"), 99), "", "{part}");
        }
    }

    #[test]
    fn what_is_shown_is_one_short_line() {
        let secrets = Secrets::default();
        assert_eq!(secrets.words_of("Bad\u{7}\n gateway {{x", 99), "Bad gateway { {…");
        assert_eq!(secrets.words_of("one two three", 8), "one two…");
    }

    #[test]
    fn a_name_is_data_unless_it_holds_a_long_key() {
        let mut secrets = Secrets::default();
        secrets.add_key("AKIDEXAMPLE00001");
        secrets.add_key("example123");
        assert_eq!(secrets.name("www.example123.kr"), "www.example123.kr");
        assert_eq!(secrets.name("x AKIDEXAMPLE00001.kr"), "…");
        assert_eq!(secrets.name("xn--AKIDEXAMPLE0000.kr"), "xn--AKIDEXAMPLE0000.kr");
    }

    proptest! {
        /// No key of letters and digits survives, wherever it stands and whatever stands around it.
        #[test]
        fn no_key_survives(before in "\\PC{0,9}", key in "[A-Z0-9]{5,9}[a-z]{0,3}[A-Z0-9]{5,9}", after in "\\PC{0,9}") {
            let text = format!("{before}{key}{after}");
            prop_assert!(!words(&text).contains(&key));
        }
    }
}
