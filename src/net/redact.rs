//! Keeps the secrets of a run out of what remote servers say: servers echo what they were sent, in their own encodings.
//!
//! A whole run has one [`Redactor`], which knows all of its secrets. Secrets are read while lists are, so a server may reply
//! before all of them are known. Its text is therefore kept unchanged in a [`Remote`], which prints itself only through the
//! redactor, at the moment it is shown.

use std::borrow::Cow;
use std::fmt;
use std::hash::BuildHasher as _;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Url;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use secrecy::{ExposeSecret, SecretSlice};
use url::Position;

use crate::text;
use crate::text::quote::looks_like_a_key;

/// What a secret is replaced with.
const REDACTED: &str = "[redacted]";

/// What a remote text is replaced with while secrets of the run are still being read.
const WITHHELD: &str = "(not shown before all secrets are known)";

/// Shorter pieces are not looked for: they occur in any text (`v1`, `run`), and no secret is this short.
const SHORTEST: usize = 6;

/// So many characters of a key or token in a row are a part of it: a server may cut what it echoes, or its answer may break off.
const FRAGMENT: usize = 12;

/// Tokens shorter than this have no such parts: too little would be left to recognise them by.
const SHORTEST_TOKEN: usize = 16;

/// Words of known webhook URLs. Alone they reveal nothing, and many remote texts contain them (`channel_is_archived`).
const WORDS: [&str; 27] = [
    "automations",
    "channel",
    "channels",
    "connect-api",
    "direct",
    "environment",
    "environments",
    "gateway",
    "general",
    "incoming",
    "invoke",
    "manual",
    "message",
    "messages",
    "notifications",
    "notify",
    "powerautomate",
    "providers",
    "public",
    "request",
    "service",
    "services",
    "triggers",
    "webhook",
    "webhooks",
    "workflow",
    "workflows",
];

/// Names shorter than this are not searched for keys: NCP's access keys have 20 characters, its secret keys 40.
const SHORTEST_KEY: usize = 20;

/// How many bytes of a remote text are kept. Far less is shown, but white space and escapes take room.
const KEPT: usize = 8 << 10;

/// How many encodings may be nested (`%252541`); text that is still encoded after that reveals nothing.
const LAYERS: usize = 16;

/// The secrets of a run. Clones share them, including those learnt later.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    all: Needles,
    /// Those that no name contains by chance.
    unmistakable: Needles,
    /// Whether more secrets are to come.
    is_gathering: bool,
}

impl Redactor {
    /// Knows these secrets; no others will follow.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let redactor = Self::default();
        for secret in secrets {
            redactor.learn(secret);
        }
        redactor
    }

    /// Knows no secrets yet: until [`Redactor::complete`] is called, no [`Remote`] shows what it holds.
    #[must_use]
    pub fn gathering() -> Self {
        Self(Arc::new(RwLock::new(Known { is_gathering: true, ..Known::default() })))
    }

    /// Declares that every secret of the run is known.
    pub fn complete(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).is_gathering = false;
    }

    /// Looks for this secret from now on, and for parts of it.
    pub fn learn(&self, secret: &str) {
        self.learn_whole(secret);
        self.0.write().unwrap_or_else(PoisonError::into_inner).all.add_fragments(secret.as_bytes());
    }

    /// Looks for this text from now on, but not for parts of it: those of a URL are words, or are learnt as tokens.
    fn learn_whole(&self, secret: &str) {
        let layers = layers(secret);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_unmistakable = secret.len() >= SHORTEST_KEY && looks_like_a_key(secret);
        for layer in layers {
            if is_unmistakable {
                known.unmistakable.add(&layer.bytes);
            }
            known.all.add(&layer.bytes);
        }
    }

    /// Looks for a URL whose path, query or user information is the credential: the whole URL, and every piece of it that a
    /// server could repeat, except for the words that all such URLs share.
    pub fn learn_url(&self, url: &Url) {
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let query = url.query().unwrap_or_default();
        for whole in [&url[..Position::AfterQuery], target, url.path(), query] {
            self.learn_whole(whole);
            self.learn_whole(whole.trim_start_matches('/'));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let (user, password) = (url.username(), url.password().unwrap_or_default());
            self.learn(user);
            self.learn(password);
            self.learn(&STANDARD.encode(format!("{}:{}", decoded(user), decoded(password))));
        }
        let mut pieces: Vec<String> = url.path().split('/').map(str::to_owned).collect();
        for pair in query.split('&').filter(|pair| !pair.starts_with("api-version=")) {
            pieces.push(pair.to_owned());
            pieces.extend(pair.split(['=', '/']).map(str::to_owned));
            pieces.extend(decoded(pair).split(['=', '/']).map(str::to_owned));
        }
        pieces.extend(url.query_pairs().filter(|(name, _)| name != "api-version").map(|(_, value)| value.into_owned()));
        for piece in pieces.iter().filter(|piece| !WORDS.contains(&piece.to_ascii_lowercase().as_str())) {
            self.learn(piece);
        }
    }

    /// Looks for anything that could be a key or a URL in the text of a secret that cannot be read as intended.
    pub fn learn_parts(&self, text: &str) {
        let is_part = |c: char| c.is_ascii_graphic() && !"\"',{}[]<>".contains(c);
        // In JSON a line break is a backslash and a letter, which must not become part of what follows it.
        let unescaped = ["\\n", "\\r", "\\t"].iter().fold(text.to_owned(), |text, escape| text.replace(escape, " "));
        let parts = text.split(|c| !is_part(c)).chain(unescaped.split(|c| !is_part(c)));
        for part in parts.filter(|part| part.len() >= 2 * SHORTEST) {
            match Url::parse(part) {
                Ok(url) if url.has_host() => self.learn_url(&url),
                _ => self.learn(part),
            }
        }
    }

    /// `text` without the known secrets, however they are encoded.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.len() < SHORTEST {
            return Cow::Borrowed(text);
        }
        self.0.read().unwrap_or_else(PoisonError::into_inner).all.scrub(text)
    }

    /// `name`, which is data rather than an echo, and is shown as it is: `www.global-shop.kr` stays whole even if a key is
    /// `global`. Only a long key that it contains letter for letter is removed, since no name contains one by chance.
    pub fn scrub_name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.len() < SHORTEST_KEY {
            return Cow::Borrowed(name);
        }
        self.0.read().unwrap_or_else(PoisonError::into_inner).unmistakable.scrub(name)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(…)")
    }
}

/// What a remote server said, unchanged. It prints itself on one short line, without the secrets of the run.
#[derive(Clone, Default)]
pub struct Remote {
    raw: String,
    /// Whether the text was longer than what is kept.
    is_cut: bool,
    /// The most graphemes that are shown.
    limit: usize,
    /// `None` for text that cannot hold a secret.
    redactor: Option<Redactor>,
}

impl Remote {
    /// Keeps `text`, of which at most `limit` graphemes will be shown, without what `redactor` knows by then.
    #[must_use]
    pub fn new(text: &str, limit: usize, redactor: &Redactor) -> Self {
        let kept = &text[..text.floor_char_boundary(KEPT)];
        let raw = if text::one_line(kept).is_empty() { String::new() } else { kept.to_owned() };
        Self { raw, is_cut: kept.len() < text.len(), limit, redactor: Some(redactor.clone()) }
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The original text, to be examined and never shown.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

/// Text that does not come from a remote server.
impl From<&str> for Remote {
    fn from(text: &str) -> Self {
        Self { raw: text.to_owned(), is_cut: false, limit: 0, redactor: None }
    }
}

impl PartialEq for Remote {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for Remote {}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(redactor) = &self.redactor else { return f.write_str(&text::one_line(&self.raw)) };
        if self.raw.len() >= SHORTEST && redactor.0.read().unwrap_or_else(PoisonError::into_inner).is_gathering {
            return f.write_str(WITHHELD);
        }
        let line = text::one_line(&redactor.scrub(&self.raw));
        let shown = text::cut(&line, self.limit);
        if self.is_cut && shown == line {
            // The kept text ends here, perhaps in the middle of a secret.
            return write!(f, "{}…", line.rsplit_once(' ').map_or("", |(whole, _)| whole));
        }
        f.write_str(&shown)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// What is looked for, indexed by its first bytes, so that a text is read once however many secrets there are.
struct Needles {
    by_start: FxHashMap<[u8; SHORTEST], Vec<SecretSlice<u8>>>,
    /// The bytes that any of them starts with. This alone rules out most positions in most texts.
    first: [bool; 256],
    /// The hashes of all parts of tokens that have [`FRAGMENT`] bytes.
    fragments: FxHashSet<u64>,
}

impl Default for Needles {
    fn default() -> Self {
        Self { by_start: FxHashMap::default(), first: [false; 256], fragments: FxHashSet::default() }
    }
}

impl Needles {
    fn add(&mut self, needle: &[u8]) {
        if let Some(start) = needle.first_chunk::<SHORTEST>() {
            let alike = self.by_start.entry(*start).or_default();
            // Not across all of them: thousands of keys with the same start must not be compared with each other.
            if alike.last().is_none_or(|last| last.expose_secret() != needle) {
                alike.push(needle.to_vec().into());
                self.first[usize::from(start[0])] = true;
            }
        }
    }

    fn add_fragments(&mut self, secret: &[u8]) {
        // A path is no token, but a key may have a slash.
        let tokens = secret.split(|byte| *byte == b'/').filter(|token| {
            token.len() >= SHORTEST_TOKEN && token.iter().all(|byte| byte.is_ascii_graphic() && !b"%\\&".contains(byte))
        });
        self.fragments.extend(tokens.flat_map(|token| token.windows(FRAGMENT)).map(hash));
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.by_start.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        if text.bytes().all(|byte| byte.is_ascii_graphic() && !b"%\\&".contains(&byte)) {
            self.find(text.as_bytes(), |span| found.push(span));
        } else {
            for layer in layers(text) {
                self.find(&layer.bytes, |span| found.push(layer.spans[span.start].0..layer.spans[span.end - 1].1));
            }
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_unstable_by_key(|span| span.start);
        let (mut scrubbed, mut done) = (String::with_capacity(text.len()), 0);
        let mut spans = found.into_iter().peekable();
        while let Some(Range { start, mut end }) = spans.next() {
            while let Some(next) = spans.next_if(|next| next.start <= end) {
                end = end.max(next.end);
            }
            scrubbed.push_str(&text[done..start]);
            scrubbed.push_str(REDACTED);
            done = end;
        }
        scrubbed.push_str(&text[done..]);
        Cow::Owned(scrubbed)
    }

    /// Every place in `text` that matches something that is looked for: the longest match.
    fn find(&self, text: &[u8], mut found: impl FnMut(Range<usize>)) {
        let windows = text.windows(SHORTEST).enumerate().filter(|(_, window)| self.first[usize::from(window[0])]);
        for (start, window) in windows {
            let alike = window.first_chunk().and_then(|start| self.by_start.get(start));
            let alike = alike.into_iter().flatten().map(ExposeSecret::expose_secret);
            let longest = alike.filter(|needle| text[start..].starts_with(needle)).map(<[u8]>::len).max();
            if let Some(length) = longest {
                found(start..start + length);
            }
        }
        if !self.fragments.is_empty() {
            for (start, part) in text.windows(FRAGMENT).enumerate() {
                if self.fragments.contains(&hash(part)) {
                    found(start..start + FRAGMENT);
                }
            }
        }
    }
}

fn hash(bytes: &[u8]) -> u64 {
    FxBuildHasher.hash_one(bytes)
}

/// A text in one of its readings: the bytes that count, and the span of the original text that each comes from.
struct Layer {
    bytes: Vec<u8>,
    spans: Vec<(usize, usize)>,
}

impl Layer {
    fn with_capacity(length: usize) -> Self {
        Self { bytes: Vec::with_capacity(length), spans: Vec::with_capacity(length) }
    }

    /// Adds a character, unless it only splits a secret.
    fn push(&mut self, character: char, span: (usize, usize)) {
        if !parts(character) {
            let mut bytes = [0; 4];
            for byte in plain(character).encode_utf8(&mut bytes).bytes() {
                self.bytes.push(byte);
                self.spans.push(span);
            }
        }
    }

    /// The same text with one layer of encoding resolved, if there was any.
    fn decoded(&self, controls: Controls) -> Option<Self> {
        let mut decoded = Self::with_capacity(self.bytes.len());
        let mut place = 0;
        while place < self.bytes.len() {
            let rest = &self.bytes[place..];
            let (spelt, length) = match spelt(rest, controls) {
                Some((spelt, length)) => (spelt, length),
                // Percent escapes of single bytes may together make an invisible character.
                None => char_at(rest)
                    .filter(|(c, _)| parts(*c))
                    .map_or((Spelling::Byte(rest[0]), 1), |(c, length)| (Spelling::Character(c), length)),
            };
            let span = (self.spans[place].0, self.spans[place + length - 1].1);
            match spelt {
                Spelling::Character(character) => decoded.push(character, span),
                Spelling::Byte(byte) if byte.is_ascii() => decoded.push(char::from(byte), span),
                Spelling::Byte(byte) => {
                    decoded.bytes.push(byte);
                    decoded.spans.push(span);
                }
            }
            place += length;
        }
        (decoded.bytes.len() < self.bytes.len()).then_some(decoded)
    }
}

/// `text` in all of its readings: first without invisible characters, then with one layer of encoding after the other
/// resolved. All are searched, since what precedes a secret may read as the start of an escape: after `\`, the `n` of a key is
/// a line break in one reading, and an `n` in the other.
fn layers(text: &str) -> impl Iterator<Item = Layer> {
    let readings = if text.contains('\\') { &[Controls::Escaped, Controls::Plain][..] } else { &[Controls::Escaped] };
    readings.iter().flat_map(move |controls| {
        let mut first = Layer::with_capacity(text.len());
        for (place, character) in text.char_indices() {
            first.push(character, (place, place + character.len_utf8()));
        }
        let mut next = Some(first);
        std::iter::from_fn(move || {
            let layer = next.take()?;
            next = layer.decoded(*controls);
            Some(layer)
        })
        .take(LAYERS)
        // Undecoded, both readings are the same.
        .skip(usize::from(*controls == Controls::Plain))
    })
}

/// What a backslash and a letter are, such as `\n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Controls {
    /// A control character.
    Escaped,
    /// A backslash and a letter.
    Plain,
}

/// Whether a character only splits a secret: blanks do too, since defusing puts them between `{` and `{`.
fn parts(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || text::is_invisible(character)
        || ('\u{fe00}'..='\u{fe0f}').contains(&character)
}

/// A full-width letter counts as the plain letter.
fn plain(character: char) -> char {
    match u32::from(character) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFF01 + 0x21).unwrap_or(character),
        _ => character,
    }
}

/// What an escape stands for.
enum Spelling {
    Character(char),
    /// A percent escape encodes a byte; several may make a character.
    Byte(u8),
}

impl Spelling {
    fn code(code: u32) -> Option<Self> {
        char::from_u32(code).map(Self::Character)
    }
}

/// What the escape at the start of `text` stands for, if there is one, and the length of the escape.
fn spelt(text: &[u8], controls: Controls) -> Option<(Spelling, usize)> {
    match text.first()? {
        b'%' if text.get(1) == Some(&b'u') => Some((Spelling::code(hex(text.get(2..6)?)?)?, 6)),
        b'%' => Some((Spelling::Byte(u8::try_from(hex(text.get(1..3)?)?).ok()?), 3)),
        b'\\' => escape(text, controls),
        b'&' => entity(text),
        _ => None,
    }
}

/// JSON's escapes, and those of related syntaxes: `\x2B`, `\u{2B}`, `\053`, `\_`.
fn escape(text: &[u8], controls: Controls) -> Option<(Spelling, usize)> {
    let character = |c| Some((Spelling::Character(c), 2));
    let octal = text.get(1..4).and_then(|digits| u32::from_str_radix(str::from_utf8(digits).ok()?, 8).ok());
    match text.get(1)? {
        b'0'..=b'3' if octal.is_some() => Some((Spelling::code(octal?)?, 4)),
        b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'0' if controls == Controls::Escaped => character('\n'),
        // What JSON escapes, and what Markdown does.
        same @ (b'/' | b'\\' | b'"' | b'\'') => character(char::from(*same)),
        same if b"_*~`-.+!#()[]{}=".contains(same) => character(char::from(*same)),
        b'x' => Some((Spelling::code(hex(text.get(2..4)?)?)?, 4)),
        b'u' if text.get(2) == Some(&b'{') => {
            let digits = text[3..].iter().take(7).position(|byte| *byte == b'}')?;
            Some((Spelling::code(hex(&text[3..3 + digits])?)?, digits + 4))
        }
        b'u' => {
            let first = hex(text.get(2..6)?)?;
            let second = text.get(6..12).filter(|next| next.starts_with(b"\\u")).and_then(|next| hex(&next[2..]));
            match (first, second) {
                (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) => {
                    Some((Spelling::code(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))?, 12))
                }
                _ => Some((Spelling::code(first)?, 6)),
            }
        }
        _ => None,
    }
}

/// An HTML entity: decimal, hexadecimal, or the name of a character that occurs in keys and URLs or is invisible. As in
/// browsers, numbers and the oldest names need no semicolon.
/// Source: <https://html.spec.whatwg.org/multipage/named-characters.html>.
fn entity(text: &[u8]) -> Option<(Spelling, usize)> {
    let closed = |length: usize| length + usize::from(text.get(length) == Some(&b';'));
    if text.get(1) == Some(&b'#') {
        let is_hex = matches!(text.get(2), Some(b'x' | b'X'));
        let start = if is_hex { 3 } else { 2 };
        let is_digit = |byte: &&u8| if is_hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        let digits = text[start..].iter().take(12).take_while(is_digit).count();
        let number = str::from_utf8(&text[start..start + digits]).ok()?;
        let code = u32::from_str_radix(number, if is_hex { 16 } else { 10 }).ok()?;
        return Some((Spelling::code(code)?, closed(start + digits)));
    }
    let name = text[1..].iter().take(24).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = str::from_utf8(&text[1..=name]).ok()?;
    let open = ["amp", "AMP", "lt", "LT", "gt", "GT", "quot", "QUOT", "nbsp", "shy"];
    let (name, length) = match open.into_iter().find(|open| name.starts_with(open)) {
        Some(open) if text.get(1 + name.len()) != Some(&b';') => (open, 1 + open.len()),
        _ if text.get(1 + name.len()) == Some(&b';') => (name, 2 + name.len()),
        _ => return None,
    };
    let character = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "sol" => '/',
        "bsol" => '\\',
        "plus" => '+',
        "equals" => '=',
        "quest" => '?',
        "percnt" => '%',
        "num" => '#',
        "hyphen" | "dash" => '-',
        "colon" => ':',
        "semi" => ';',
        "comma" => ',',
        "period" => '.',
        "lowbar" | "UnderBar" => '_',
        "commat" => '@',
        "dollar" => '$',
        "excl" => '!',
        "ast" | "midast" => '*',
        "lpar" => '(',
        "rpar" => ')',
        "lsqb" | "lbrack" => '[',
        "rsqb" | "rbrack" => ']',
        "lcub" | "lbrace" => '{',
        "rcub" | "rbrace" => '}',
        "verbar" | "vert" | "VerticalLine" => '|',
        "grave" | "DiacriticalGrave" => '`',
        "Hat" => '^',
        // Blanks and what is invisible: all of them, since each may split a secret.
        "Tab"
        | "NewLine"
        | "nbsp"
        | "NonBreakingSpace"
        | "shy"
        | "zwj"
        | "zwnj"
        | "lrm"
        | "rlm"
        | "NoBreak"
        | "af"
        | "ApplyFunction"
        | "ic"
        | "InvisibleComma"
        | "it"
        | "InvisibleTimes"
        | "ZeroWidthSpace"
        | "NegativeMediumSpace"
        | "NegativeThickSpace"
        | "NegativeThinSpace"
        | "NegativeVeryThinSpace"
        | "ensp"
        | "emsp"
        | "emsp13"
        | "emsp14"
        | "thinsp"
        | "ThinSpace"
        | "hairsp"
        | "VeryThinSpace"
        | "numsp"
        | "puncsp"
        | "MediumSpace"
        | "ThickSpace" => '\n',
        _ => return None,
    };
    Some((Spelling::Character(character), length))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

/// The character that `bytes` start with, if it is not ASCII, and its length.
fn char_at(bytes: &[u8]) -> Option<(char, usize)> {
    let length = match bytes.first()? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let character = str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?;
    Some((character, length))
}

/// `text` with its percent escapes resolved.
fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    const KEY: &str = "AKIDEXAMPLE+x/0001==";

    /// A secret in every encoding that a server may echo it in.
    fn spellings(secret: &str) -> Vec<String> {
        let each = |spell: &dyn Fn(char) -> String| secret.chars().map(spell).collect::<String>();
        let every_other = |spell: &dyn Fn(char) -> String| {
            let spelt = |(place, c): (usize, char)| if place % 2 == 0 { spell(c) } else { c.to_string() };
            secret.chars().enumerate().map(spelt).collect::<String>()
        };
        let apart = |by: &str| secret.chars().map(String::from).collect::<Vec<_>>().join(by);
        let percent = |c: char| format!("%{:02x}", u32::from(c));
        let json = |c: char| format!("\\u{:04X}", u32::from(c));
        let named = |c: char| match c {
            '+' => "&plus;".to_owned(),
            '/' => "&sol;".to_owned(),
            '=' => "&equals;".to_owned(),
            '{' => "&lcub;".to_owned(),
            '$' => "&dollar;".to_owned(),
            other => other.to_string(),
        };
        vec![
            secret.to_owned(),
            each(&percent),
            each(&percent).to_uppercase().replace('%', "%25"),
            every_other(&percent),
            each(&json),
            every_other(&json),
            each(&json).replace('\\', "\\\\"),
            secret.replace('/', "\\/"),
            each(&|c| format!("&#{};", u32::from(c))),
            each(&|c| format!("&#x{:X};", u32::from(c))),
            each(&|c| format!("&amp;#{};", u32::from(c))),
            every_other(&|c| format!("&#x{:x};", u32::from(c))),
            each(&named),
            apart("\u{200b}"),
            apart("&zwnj;"),
            apart("&emsp13;"),
            apart("&NegativeThinSpace;"),
            apart("\u{2800}"),
            each(&|c| if "_*~-.+=".contains(c) { format!("\\{c}") } else { c.to_string() }),
            apart("%E2%80%8B"),
            apart("\u{ad}\n"),
            each(&|c| format!("\\x{:02x}", u32::from(c))),
            each(&|c| format!("\\u{{{:x}}}", u32::from(c))),
            each(&|c| format!("\\{:03o}", u32::from(c))),
            each(&|c| format!("%u{:04x}", u32::from(c))),
            each(&|c| match u32::from(c) {
                visible @ 0x21..=0x7E => char::from_u32(visible - 0x21 + 0xFF01).unwrap().to_string(),
                _ => c.to_string(),
            }),
            text::one_line(secret),
            secret.chars().enumerate().fold(String::new(), |mut text, (place, c)| {
                match place % 3 {
                    0 => text.push_str(&percent(c)),
                    1 => text.push_str(&json(c)),
                    _ => write!(text, "&#{};", u32::from(c)).unwrap(),
                }
                text
            }),
        ]
    }

    #[test]
    fn a_secret_is_taken_out_in_every_spelling_and_nothing_else_is() {
        for secret in [KEY, "sig${{CANARY}}{{x", "T0CANARY%2Fb", "back\\nslash\\/key"] {
            let redactor = Redactor::new([secret]);
            for spelling in spellings(secret) {
                let said = format!("key `{spelling}` is unknown");
                assert_eq!(redactor.scrub(&said), "key `[redacted]` is unknown", "{secret} as {spelling}");
                // What precedes it may read as the start of an escape.
                for before in ["\\", "%", "%2", "&", "&#", "\\u00"] {
                    let shown = redactor.scrub(&format!("{before}{secret}")).into_owned();
                    assert!(shown.ends_with("[redacted]"), "{before}{secret}: {shown}");
                }
            }
        }
    }

    #[test]
    fn a_part_of_a_token_is_taken_out_too() {
        let (key, token) = ("ncp_iam_BPKexample0000001", "Xa9Qk2Lm7Zp4Rt8Vb3Nc6");
        let redactor = Redactor::new([key]);
        redactor.learn_url(&format!("https://hooks.slack.com/services/T000/B000/{token}").parse().unwrap());
        for secret in [key, token] {
            for part in [&secret[..secret.len() - 1], &secret[1..], &secret[..12], &secret[4..17]] {
                for text in [format!("no service for {part}… here"), part.to_owned()] {
                    let shown = redactor.scrub(&text);
                    assert!(shown.contains("[redacted]") && !shown.contains(&part[..6]), "{text}: {shown}");
                }
            }
        }
        // The host and the words of the path stay.
        for text in ["no route to hooks.slack.com", "https://hooks.slack.com/services/ is gone"] {
            assert_eq!(redactor.scrub(text), text);
        }
    }

    #[test]
    fn a_backslash_before_a_secret_hides_nothing_of_it() {
        let key = "ncp_iam_BPKexample0000001";
        let redactor = Redactor::new([key]);
        for spelt in
            [key.to_owned(), key.replacen('_', "%5F", 1), key.replace('_', "\\u005f"), key.replace('_', "&#95;")]
        {
            for before in ["user\\", "\\\\", "%5C"] {
                let text = format!("{before}{spelt} is unknown");
                assert!(redactor.scrub(&text).ends_with("[redacted] is unknown"), "{text}: {}", redactor.scrub(&text));
            }
        }
    }

    #[test]
    fn every_piece_of_a_url_is_taken_out() {
        let url =
            Url::parse("https://user1234:pass1234@host.example/a/flow-id-77?sp=%2Ftriggers%2Frun77&sig=s3cr3t-s%2Big")
                .unwrap();
        let redactor = Redactor::default();
        redactor.learn_url(&url);
        for echo in [
            url.as_str(),
            "no flow flow-id-77",
            "bad s3cr3t-s%2Big",
            "bad s3cr3t-s+ig",
            "path /triggers/run77 is unknown",
            "user1234",
            "pass1234",
            "Basic dXNlcjEyMzQ6cGFzczEyMzQ=",
        ] {
            for spelling in spellings(echo) {
                let shown = redactor.scrub(&spelling);
                assert!(shown.contains(REDACTED), "{shown}");
                for secret in ["flow-id", "s3cr3t", "run77", "user1234", "pass1234", "dXNlcjEyMzQ6"] {
                    assert!(!shown.contains(secret), "{shown}");
                }
            }
        }
        assert_eq!(redactor.scrub("host.example says run"), "host.example says run");
    }

    #[test]
    fn the_words_of_webhook_urls_stay_readable() {
        let redactor = Redactor::default();
        for url in [
            "https://hooks.slack.com/services/T00000001/B00000001/abcdefghijklmnopqrstuvwx",
            "https://x.logic.azure.com/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcDEF0123",
            "https://relay.example/channel/",
        ] {
            redactor.learn_url(&Url::parse(url).unwrap());
        }
        for said in [
            "channel_is_archived",
            "the workflows service could not invoke the manual triggers of 2016-06-01",
            "MissingApiVersionParameter: the api-version query parameter (?api-version=) is required for all requests",
        ] {
            assert_eq!(redactor.scrub(said), said);
        }
        assert_eq!(
            redactor.scrub("no abcDEF0123 of B00000001 at /channel/"),
            "no [redacted] of [redacted] at [redacted]"
        );
    }

    #[test]
    fn a_name_keeps_the_words_of_secrets_and_loses_whole_keys() {
        let redactor = Redactor::new(["global", "www.global-shop.kr", "AKIDEXAMPLE000000001"]);
        redactor.learn_url(&Url::parse("https://relay.example/certificates/shopping-malls").unwrap());
        for name in ["www.global-shop.kr", "certificates.shopping-malls.kr", "*.akidexample000000001.kr", "%41 & b"] {
            assert_eq!(redactor.scrub_name(name), name);
        }
        assert_eq!(redactor.scrub_name("x-AKID%45XAMPLE000000001.kr"), "x-[redacted].kr");
    }

    #[test]
    fn what_is_said_is_shown_when_all_secrets_are_known_and_without_those_of_later() {
        let redactor = Redactor::gathering();
        let said = Remote::new("no\r\nhook \\/T0\\/secret0000", 40, &redactor);
        assert_eq!(format!("{said} {said:?}"), format!("{WITHHELD} {WITHHELD:?}"));
        assert_eq!(Remote::new("0040", 40, &redactor).to_string(), "0040");
        redactor.learn("/T0/secret0000");
        redactor.complete();
        assert_eq!(said.to_string(), "no hook [redacted]");
        assert_eq!(said.raw(), "no\r\nhook \\/T0\\/secret0000");
        assert!(Remote::new(" \r\n", 40, &redactor).is_empty());
    }

    #[test]
    fn a_text_is_cut_behind_the_redaction_and_never_inside_of_a_secret() {
        let redactor = Redactor::new([KEY]);
        for before in 0..60 {
            let said = Remote::new(&format!("{}{KEY} and more, much more", "x".repeat(before)), 40, &redactor);
            assert!(!said.to_string().contains("AK"), "{said}");
        }
        for before in (KEPT - 30)..=KEPT {
            let said = Remote::new(&format!("said:{}{KEY}", " ".repeat(before - 5)), 40, &redactor).to_string();
            assert!(!said.contains('A'), "{said}");
        }
        assert_eq!(Remote::new(&"x".repeat(3 * KEPT), 40, &redactor).to_string().chars().count(), 40);
    }

    #[test]
    fn other_text_is_left_alone_and_not_copied() {
        let redactor = Redactor::new(["AKIDEXAMPLE", "v1"]);
        assert!(matches!(redactor.scrub("api v1 says no, 100% & more \\o/"), Cow::Borrowed(_)));
        assert!(matches!(redactor.scrub("한국어\u{200b}"), Cow::Borrowed(_)));
        assert_eq!(redactor.scrub("AKIDEXAMPL"), "AKIDEXAMPL");
        assert_eq!(format!("{redactor:?}"), "Redactor(…)");
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_hidden_in_all_of_its_parts() {
        let redactor = Redactor::default();
        redactor
            .learn_parts("{\"access_key\": \"AKIDEXAMPLE01\", \"url\": \"https://h.example/hook-1234?sig=abcdefgh\"");
        assert_eq!(redactor.scrub("AKIDEXAMPLE01 hook-1234 abcdefgh"), "[redacted] [redacted] [redacted]");

        // One key pasted after another.
        let redactor = Redactor::default();
        redactor.learn_parts(r#"{"secret_key": "AKIDEXAMPLE01\nSKEXAMPLE0002"}"#);
        assert_eq!(redactor.scrub("AKIDEXAMPLE01 or SKEXAMPLE0002"), "[redacted] or [redacted]");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_redactor(text in any::<String>(), secret in "[!-~]{6,40}") {
            let redactor = Redactor::new([secret.as_str()]);
            let _ = redactor.scrub(&text);
            for spelling in spellings(&secret) {
                let shown = text::one_line(&redactor.scrub(&spelling));
                prop_assert!(!shown.contains(&secret) || REDACTED.contains(&secret), "{}: {}", spelling, shown);
            }
        }

        #[test]
        fn a_text_of_escapes_is_read_to_its_end(text in "[%\\\\&#;xu{}0-9a-fA-F\u{ff05}\u{200b}é]{0,60}") {
            let _ = Redactor::new(["abcdef", "%41%42%"]).scrub(&text);
        }
    }
}
