//! Text from outside (names, remote answers), made safe to show.
//!
//! Whatever a certificate is called, and whatever a server answers, it is shown as one line of plain text: it cannot break
//! the layout, reorder the text around it, or be read as a template by the program that displays the message.

pub mod json;
pub mod pattern;
pub mod quote;

use unicode_segmentation::UnicodeSegmentation;

/// The longest name that is shown, in graphemes. A DNS name may have 253 characters; the slot number tells truncated ones
/// apart.
pub const NAME_LIMIT: usize = 120;

/// `text` as a name that can be shown: see [`one_line`]; longer ones end in an ellipsis.
///
/// ```
/// use ncp_cert_alert::text::name;
///
/// assert_eq!(name("*.example.kr\n"), "*.example.kr");
/// assert_eq!(name("a {{b}} ${c}"), "a { {b}} $ {c}");
/// ```
pub fn name(text: &str) -> String {
    cut(&one_line(text), NAME_LIMIT)
}

/// Which of `names` someone who wrote `text` may have meant: the nearest of those that are, apart from letter case, `_` and `-`, the
/// same or differ by at most two typing slips, or by one where the name is so short that two would turn it into any word.
pub(crate) fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let distance = |name: &str| strsim::osa_distance(&plain(text), &plain(name));
    let is_near = |name: &&str| distance(name) <= if name.len() < 4 { 1 } else { 2 };
    names.into_iter().filter(is_near).min_by_key(|name| distance(name))
}

/// `text` on one line: control characters and line breaks become blanks, characters that are invisible or change the
/// direction of what follows are dropped, runs of blanks become one, and template openings (`{{`, `${`) are pulled apart.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars().filter(|&c| !is_invisible(c)) {
        let blank = character.is_whitespace() || character.is_control();
        match (blank, line.chars().next_back()) {
            (true, None | Some(' ')) => {}
            (true, Some(_)) => line.push(' '),
            (false, Some('{' | '$')) if character == '{' => line.push_str(" {"),
            (false, _) => line.push(character),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The first `limit` graphemes of `text`, with an ellipsis in place of the last one if there are more. A grapheme can carry
/// any number of combining marks, so the characters are limited too.
pub fn cut(text: &str, limit: usize) -> String {
    let most = 2 * limit + 8;
    let (mut kept, mut characters) = (0, 0);
    for (count, (start, grapheme)) in text.grapheme_indices(true).enumerate() {
        characters += grapheme.chars().count();
        if count == limit || characters > most {
            return format!("{}…", text[..kept].trim_end());
        }
        // One grapheme of `limit`, and one character of `most`, are left for the ellipsis.
        if count + 1 < limit && characters < most {
            kept = start + grapheme.len();
        }
    }
    text.to_owned()
}

/// The first `limit` characters of `text`, in whole graphemes, with an ellipsis if there are more: for limits that count
/// characters, since one grapheme can have any number of them.
pub fn cut_to_characters(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let (mut kept, mut characters) = (0, 0);
    for (start, grapheme) in text.grapheme_indices(true) {
        characters += grapheme.chars().count();
        // One character is left for the ellipsis.
        if characters >= limit {
            break;
        }
        kept = start + grapheme.len();
    }
    format!("{}…", text[..kept].trim_end())
}

/// Pulls apart what a chat program could read as a mention, a tag or a link if it parsed text although it should not:
/// `<!here>`, `<@U1>`, `<at>`, `](`. Used where a channel documents literal text, as a second line of defence.
pub fn defused(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        let opens = match safe.chars().next_back() {
            Some('<') => character.is_ascii_alphabetic() || matches!(character, '!' | '@' | '#' | '/'),
            Some(']') => character == '(',
            _ => false,
        };
        if opens {
            safe.push(' ');
        }
        safe.push(character);
    }
    safe
}

/// `text` with its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Characters without a visible shape: zero-width ones, direction marks and overrides, tags, soft hyphens, fillers.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        u32::from(character),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
            | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x16FE4 | 0x1BCA0..=0x1BCA3 | 0x1D159 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plain_name_is_shown_as_it_is() {
        assert_eq!(name("*.example.co.kr"), "*.example.co.kr");
        assert_eq!(name("한국어 이름"), "한국어 이름");
    }

    #[test]
    fn line_breaks_controls_and_overrides_lose_their_power() {
        assert_eq!(name("a\r\nb\u{7}c\u{2028}d"), "a b c d");
        assert_eq!(name("safe\u{202e}gpj.exe\u{200b}\u{2066}"), "safegpj.exe");
        assert_eq!(name("{{{x}}} $${y}"), "{ { {x}}} $$ {y}");
        assert_eq!(name("{\u{200b}{"), "{ {");
    }

    #[test]
    fn a_name_is_cut_by_grapheme_at_the_limit_and_not_before() {
        let exact = "가".repeat(NAME_LIMIT);
        assert_eq!(name(&exact), exact);
        let over = "가".repeat(255);
        assert_eq!(name(&over), format!("{}…", "가".repeat(NAME_LIMIT - 1)));
        assert_eq!(cut("👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀", 2), "👩🏽‍🚀…");
        assert!(name(&format!("e{}", "\u{301}".repeat(100_000))).chars().count() <= 2 * NAME_LIMIT + 8);
    }

    #[test]
    fn a_text_is_cut_at_a_number_of_characters_between_graphemes() {
        for (text, limit, cut) in [
            ("abcd", 4, "abcd"),
            ("abcde", 4, "abc…"),
            ("가나다라마", 4, "가나다…"),
            ("ab e\u{301}\u{301}", 6, "ab e\u{301}\u{301}"),
            ("ab e\u{301}\u{301}", 5, "ab…"),
            ("e\u{301}\u{301}\u{301}\u{301}", 4, "…"),
        ] {
            assert_eq!(cut_to_characters(text, limit), cut, "{text} at {limit}");
        }
    }

    #[test]
    fn mentions_tags_and_links_are_pulled_apart() {
        assert_eq!(defused("<!channel> <@U1> <at>x</at> [a](b)"), "< !channel> < @U1> < at>x< /at> [a] (b)");
        assert_eq!(defused("1 < 2 <3"), "1 < 2 <3");
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_its_line(text in any::<String>()) {
            let shown = name(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible(c)));
            let opens = ["{{", "${", "  "].iter().any(|text| shown.contains(text));
            prop_assert!(!opens);
            prop_assert!(shown.graphemes(true).count() <= NAME_LIMIT);
            prop_assert_eq!(name(&shown), shown);
        }
    }
}
