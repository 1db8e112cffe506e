//! Reads the sources of the crate: their string literals, and the lines that they log. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::LitStr;

/// Every file below `src/`: its path in the crate, such as `net::http`, and its text.
pub(crate) fn sources() -> BTreeMap<String, String> {
    fn read(folder: &Path, path: &[String], found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let path = [path, &[name]].concat();
            if file.is_dir() {
                read(&file, &path, found);
            } else if file.extension().is_some_and(|extension| extension == "rs") {
                found.insert(path.join("::"), fs::read_to_string(&file).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut found);
    found
}

/// The texts and log lines of the code.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) lines: Vec<Line>,
    /// Every string literal, documentation aside.
    pub(crate) literals: BTreeSet<String>,
}

/// A log line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) message: String,
    pub(crate) fields: BTreeSet<String>,
}

/// The texts and log lines of all sources.
pub(crate) fn written() -> Written {
    let mut written = Written::default();
    for (file, text) in sources() {
        written.read(TokenStream::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}")));
    }
    written
}

impl Written {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let Some((first, mut after)) = rest.split_first() {
            match rest {
                [TokenTree::Punct(hash), TokenTree::Group(attribute), behind @ ..] if hash.as_char() == '#' => {
                    after = behind;
                    let attribute = attribute.stream();
                    if is(&attribute, "cfg (test)") {
                        // The item ends with its closing brace, or with a semicolon.
                        let end = after.iter().position(|one| match one {
                            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                            TokenTree::Punct(one) => one.as_char() == ';',
                            _ => false,
                        });
                        after = &after[end.expect("an attribute belongs to an item") + 1..];
                    } else if !matches!(attribute.clone().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
                    {
                        self.read(attribute);
                    }
                }
                // The macros of `tracing`, imported or not.
                [TokenTree::Ident(level), TokenTree::Punct(call), TokenTree::Group(given), ..]
                    if call.as_char() == '!' && ["info", "warn", "error"].iter().any(|one| level == one) =>
                {
                    self.lines.push(line(given.stream()));
                }
                _ => match first {
                    TokenTree::Group(group) => self.read(group.stream()),
                    TokenTree::Literal(literal) => {
                        self.literals.extend(syn::parse_str::<LitStr>(&literal.to_string()).map(|text| text.value()));
                    }
                    TokenTree::Ident(_) | TokenTree::Punct(_) => {}
                },
            }
            rest = after;
        }
    }
}

/// Whether these are the tokens of `text`, regardless of spacing.
fn is(tokens: &TokenStream, text: &str) -> bool {
    TokenStream::from_str(text).is_ok_and(|expected| expected.to_string() == tokens.to_string())
}

/// The arguments of a `tracing` macro: `field`, `field = value`, with `%` or `?` before some values, and the message.
fn line(given: TokenStream) -> Line {
    let given: Vec<TokenTree> = given.into_iter().collect();
    let (mut message, mut fields) = (None, BTreeSet::new());
    for piece in given.split(|one| matches!(one, TokenTree::Punct(comma) if comma.as_char() == ',')) {
        let named = piece.iter().find(|one| !matches!(one, TokenTree::Punct(_)));
        match named {
            Some(TokenTree::Ident(name)) if message.is_none() => {
                fields.insert(name.to_string());
            }
            Some(TokenTree::Literal(text)) if message.is_none() => {
                message = Some(syn::parse_str::<LitStr>(&text.to_string()).expect("a message is a text").value());
            }
            // The arguments of the message.
            _ => {}
        }
    }
    Line { message: message.expect("a line has a message"), fields }
}

#[test]
fn lines_and_literals_are_read_and_those_of_tests_are_not() {
    let text = r#"
        /// Says "nothing".
        #[serde(rename = "wire")]
        fn f() {
            select! { _ = a => tracing::info!(call, error = %error, wait_ms = f("x", 1), "one, \"two\" {}", three) }
            if let Some(_) = b { error!("plain") }
        }
        #[cfg(test)]
        mod tests { fn g() { tracing::warn!(field, "of a test"); "of a test, too" } }
        fn h() { g("after") }
    "#;
    let mut written = Written::default();
    written.read(TokenStream::from_str(text).unwrap());
    let fields = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        written.lines,
        [
            Line { message: "one, \"two\" {}".to_owned(), fields: fields(&["call", "error", "wait_ms"]) },
            Line { message: "plain".to_owned(), fields: fields(&[]) },
        ]
    );
    assert_eq!(written.literals, fields(&["wire", "x", "one, \"two\" {}", "plain", "after"]));
}
