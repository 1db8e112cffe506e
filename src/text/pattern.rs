//! Name patterns, as used in routes and mutes.

/// A name pattern: `*` stands for any characters, including none; letter case is ignored.
///
/// ```
/// use ncp_cert_alert::text::pattern::Pattern;
///
/// let shops = Pattern::new("*.shop.example.kr");
/// assert!(shops.matches("WWW.shop.example.kr") && !shops.matches("shop.example.kr"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern as written, to be shown.
    text: String,
    /// The parts between the stars, in lower case.
    pieces: Vec<String>,
}

impl Pattern {
    /// Reads the pattern in `text`.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), pieces: text.to_lowercase().split('*').map(str::to_owned).collect() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `name` matches this pattern.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let [first, middle @ .., last] = self.pieces.as_slice() else { return Some(&name) == self.pieces.first() };
        let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
        // The earliest match leaves the most room for what comes after it.
        for piece in middle {
            let Some(start) = rest.find(piece.as_str()) else { return false };
            rest = &rest[start + piece.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_any_characters_and_case_does_not_count() {
        for (pattern, name, expected) in [
            ("www.example.kr", "WWW.Example.KR", true),
            ("www.example.kr", "www.example.kr.evil.com", false),
            ("*.example.kr", "a.b.example.kr", true),
            ("*.example.kr", "example.kr", false),
            ("*.example.kr", "*.example.kr", true),
            ("shop*", "shop", true),
            ("*shop*", "my-shop.kr", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
            ("*.한국", "쇼핑.한국", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_with_some_of_it_starred_matches(head in "[a-z.]{0,8}", middle in "[a-z.*]{0,8}", tail in "[a-z.]{0,8}") {
            let name = format!("{head}{middle}{tail}");
            let pattern = format!("{head}*{tail}");
            prop_assert!(Pattern::new(&pattern).matches(&name));
        }
    }
}
