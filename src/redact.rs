//! Takes keys and webhook URLs out of text that a remote server sent: servers echo what they were sent.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::untrusted;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// Shorter pieces are not looked for: they are words of any text (`v1`, `run`), and no secret is this short.
const SHORTEST: usize = 6;

/// The secrets that one remote server has seen, and so could send back.
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Vec<SecretString>,
}

impl Redactor {
    /// Looks for these texts.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<&str> = secrets.into_iter().filter(|secret| secret.len() >= SHORTEST).collect();
        // The longest first, so that a whole URL goes before the pieces of it.
        needles.sort_unstable_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
        Self { needles: needles.into_iter().map(SecretString::from).collect() }
    }

    /// Looks for a URL whose path, query or user information is the credential: whole, and in every piece that a server
    /// could repeat, percent-encoded or not.
    pub fn for_url(url: &Url) -> Self {
        let mut pieces =
            vec![url.as_str().to_owned(), url.path().to_owned(), url.path().trim_start_matches('/').to_owned()];
        pieces.extend(url.path_segments().into_iter().flatten().map(str::to_owned));
        if let Some(query) = url.query() {
            pieces.push(query.to_owned());
            pieces.push(format!("{}?{query}", url.path()));
            pieces.extend(query.split('&').map(str::to_owned));
            pieces.extend(query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned()));
            pieces.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let password = url.password().unwrap_or_default();
            pieces.extend([url.username().to_owned(), password.to_owned()]);
            pieces.push(STANDARD.encode(format!("{}:{password}", url.username())));
        }
        let decoded: Vec<String> = pieces.iter().filter_map(|piece| percent_decoded(piece)).collect();
        Self::new(pieces.iter().chain(&decoded).map(String::as_str))
    }

    /// `text` without the secrets.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        // Most texts are shorter than a key. The shortest needle is the last one.
        if self.needles.last().is_none_or(|shortest| text.len() < shortest.expose_secret().len()) {
            return Cow::Borrowed(text);
        }
        let scrubbed = self.replaced(text);
        if scrubbed.is_ascii() {
            return scrubbed;
        }
        // Invisible characters inside a secret hide it here, and are dropped before the text is shown.
        match self.replaced(&untrusted::one_line(&scrubbed)) {
            Cow::Owned(again) => Cow::Owned(again),
            Cow::Borrowed(_) => scrubbed,
        }
    }

    fn replaced<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for needle in self.needles.iter().map(SecretString::expose_secret) {
            if text.contains(needle) {
                text = Cow::Owned(text.replace(needle, REDACTED));
            }
        }
        text
    }
}

/// `text` with `%XX` resolved, if there was any and the result is text.
fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_a_url_is_taken_out() {
        let url = Url::parse("https://user1234:pass1234@host.example/a/flow-id-77?sp=%2Ftriggers%2Frun&sig=s3cr3t-sig")
            .unwrap();
        let redactor = Redactor::for_url(&url);
        for echo in [
            "https://user1234:pass1234@host.example/a/flow-id-77?sp=%2Ftriggers%2Frun&sig=s3cr3t-sig",
            "no flow flow-id-77",
            "bad s3cr3t-sig",
            "path /triggers/run is unknown",
            "user1234",
            "pass1234",
            "Basic dXNlcjEyMzQ6cGFzczEyMzQ=",
        ] {
            let shown = redactor.scrub(echo);
            assert!(shown.contains(REDACTED), "{shown}");
            for secret in ["flow-id", "s3cr3t", "triggers/run", "user1234", "pass1234", "dXNlcjEyMzQ6"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }

    #[test]
    fn a_text_that_is_a_secret_and_nothing_else_is_taken_out() {
        let redactor = Redactor::new(["AKIDEXAMPLE", "SKEXAMPLESKEXAMPLE"]);
        for secret in ["AKIDEXAMPLE", "SKEXAMPLESKEXAMPLE"] {
            assert_eq!(redactor.scrub(secret), REDACTED);
        }
        assert_eq!(redactor.scrub("AKIDEXAMPL"), "AKIDEXAMPL");
    }

    #[test]
    fn a_secret_with_invisible_characters_in_it_is_taken_out() {
        let redactor = Redactor::new(["AKIDEXAMPLE"]);
        assert_eq!(redactor.scrub("key AKID\u{200b}EXAM\u{2060}PLE is unknown"), "key [redacted] is unknown");
        assert!(matches!(redactor.scrub("한국어\u{200b}"), Cow::Borrowed(_)));
        assert_eq!(Redactor::new(["redacted"]).scrub("한국어 redacted"), "한국어 [[redacted]]");
    }

    #[test]
    fn other_text_is_left_alone_and_not_copied() {
        let redactor = Redactor::new(["AKIDEXAMPLE", "v1"]);
        assert!(matches!(redactor.scrub("api v1 says no"), Cow::Borrowed("api v1 says no")));
    }
}
