//! A message as text, for chats that take little else.

use crate::message::{Appendix, Budget, Button, Document, Entry, Part, heading, split};
use crate::rules::Severity;
use crate::text::{defused, one_line};

/// Characters of a message that are no line: colours, blank lines, the name of a bot.
const FRAME: usize = 150;

/// What a chat does with text.
pub(super) struct Form {
    /// The most characters of a message, everything in it together.
    pub characters: usize,
    /// Defuses whatever the chat could read as markup or as a mention in a line, and keeps it readable.
    pub harmless: fn(&str) -> String,
}

/// One message.
pub(super) struct TextMessage {
    /// Its title, with its mark.
    pub title: String,
    /// What stands between the title and the first heading; it may be empty.
    pub opening: String,
    pub sections: Vec<TextSection>,
    pub links: Vec<Button>,
    /// The worst severity in it.
    pub worst: Option<Severity>,
}

/// A heading with a text.
pub(super) struct TextSection {
    pub heading: String,
    /// The text, of one or more lines.
    pub text: String,
    /// How urgent it is; `None` where there is nothing to do.
    pub severity: Option<Severity>,
}

impl TextMessage {
    /// Adds lines that have no heading: they continue what is above them.
    pub(super) fn append(&mut self, lines: &[String]) {
        let text = self.sections.last_mut().map_or(&mut self.opening, |last| &mut last.text);
        if !text.is_empty() && !lines.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&lines.join("\n"));
    }
}

/// The messages that a document becomes. `mention` is shown as text, in the first one: these chats document no way for a
/// webhook to call someone.
pub(super) fn messages(document: &Document, mention: Option<&str>, form: &Form) -> Vec<TextMessage> {
    let mention = mention.map(one_line);
    let line = |line: &str| (form.harmless)(line).chars().count() + 1;
    let entry = |entry: &Entry| lines_of(document, entry).iter().map(|text| line(text)).sum();
    let budget = Budget { message: form.characters - FRAME, line: &line, entry: &entry };
    let parts = split(document, mention.as_deref(), &budget);
    parts.into_iter().map(|part| message(document, part, form)).collect()
}

fn message(document: &Document, part: Part, form: &Form) -> TextMessage {
    let harmless = |lines: &[String]| lines.iter().map(|line| (form.harmless)(line)).collect::<Vec<_>>();
    let worst = part.sections.iter().map(|section| section.severity).max();
    let mut message = TextMessage {
        title: (form.harmless)(&part.title),
        opening: String::new(),
        sections: Vec::new(),
        links: part.buttons,
        worst: worst.or(document.worst),
    };
    let head = part.mention.iter().chain(&document.notices).chain(&document.lead);
    message.append(&harmless(&head.cloned().collect::<Vec<_>>()));
    for section in &part.sections {
        let mut lines: Vec<String> = section.entries.iter().flat_map(|entry| lines_of(document, entry)).collect();
        lines.extend(section.more.clone());
        message.sections.push(TextSection {
            heading: (form.harmless)(&heading(section)),
            text: harmless(&lines).join("\n"),
            severity: Some(section.severity),
        });
    }
    for Appendix { heading, lines } in &part.appendices {
        let lines = harmless(lines);
        if heading.is_empty() {
            message.append(&lines);
        } else {
            let heading = (form.harmless)(heading);
            message.sections.push(TextSection { heading, text: lines.join("\n"), severity: None });
        }
    }
    message.append(&harmless(&part.below));
    message
}

/// An entry: its name, the news, the date and what follows it; below that, what else is known, one line each.
fn lines_of(document: &Document, entry: &Entry) -> Vec<String> {
    let mut lines = vec![format!("• {}{}", entry.name, entry.after_name(document.language))];
    lines.extend(entry.lines.iter().chain(&entry.step).map(|line| format!("  {line}")));
    lines
}

/// The colour next to a text, in chats that have one.
pub(super) fn color(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "#D32F2F",
        Some(Severity::Warning) => "#F57C00",
        Some(Severity::Info) => "#1976D2",
        None => "#388E3C",
    }
}

/// `line` for a chat that reads Markdown, or something like it, in a text, and documents no way to escape it: a backslash would
/// show as it is. Characters that could begin or end markup become lookalikes, and a name stays readable: `*.example.kr` and
/// `www_example_kr` stay as they are, since nothing in their line can pair with them.
pub(super) fn without_markdown(line: &str) -> String {
    let line = defused(line);
    let mut safe = String::with_capacity(line.len());
    let (mut before, mut asterisks) = (None, 0);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let is_first = safe.trim_start().is_empty();
        let repeats = next.is_none_or(|next| next.is_whitespace() || next == character);
        let is_inside = before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric);
        let opens_word = before.is_none_or(char::is_whitespace);
        asterisks += usize::from(character == '*');
        safe.push(match character {
            '*' if asterisks == 1 && opens_word && next == Some('.') => '*',
            '*' => '∗',
            '_' if !is_inside => '＿',
            '~' => '∼',
            '`' => 'ˋ',
            '\\' => '＼',
            '@' => '＠',
            '#' if is_first => '＃',
            '>' if is_first => '＞',
            '|' if is_first => '｜',
            '-' if is_first && repeats => '‐',
            '+' if is_first && repeats => '＋',
            '=' if is_first && repeats => '＝',
            other => other,
        });
        before = Some(character);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::words::{Group, Language};
    use crate::message::{Facts, Missed, Rest, Section};
    use proptest::prelude::*;

    #[test]
    fn nothing_in_a_line_is_markdown_and_names_stay_readable() {
        for (line, safe) in [
            ("• *.example.kr — expired", "• *.example.kr — expired"),
            ("www_example_kr_2026, _dmarc.example.kr", "www_example_kr_2026, ＿dmarc.example.kr"),
            ("*.a.kr, *.b.kr", "*.a.kr, ∗.b.kr"),
            ("*a* **b** (*.c.kr)", "∗a∗ ∗∗b∗∗ (∗.c.kr)"),
            ("_a_ __b__ _c", "＿a＿ ＿＿b＿＿ ＿c"),
            ("~~a~~ `b` \\*c", "∼∼a∼∼ ˋbˋ ＼∗c"),
            ("[[a]](b) ![c](d) [e]", "[[a]] (b) ![c] (d) [e]"),
            ("@all <@U1> a@b.kr", "＠all < ＠U1> a＠b.kr"),
            ("# a # b", "＃ a # b"),
            ("  > a > b", "  ＞ a > b"),
            ("| a | b", "｜ a | b"),
            ("- a - b", "‐ a - b"),
            ("---", "‐--"),
            ("+ a", "＋ a"),
            ("+12 more", "+12 more"),
            ("===", "＝=="),
            ("37 certificates checked · 1-2", "37 certificates checked · 1-2"),
        ] {
            assert_eq!(without_markdown(line), safe);
        }
    }

    /// A document with entries and lines of these lengths.
    fn document(entries: &[Vec<usize>], rest: usize, below: &[usize]) -> Document {
        let line = |length: &usize| "x".repeat(*length);
        let entry = |length: &usize| Entry {
            group: Group::Expired,
            name: "n.kr".to_owned(),
            news: "expired".to_owned(),
            date: None,
            aside: String::new(),
            lines: vec![line(length)],
            step: None,
            details: vec![],
            brief: String::new(),
            month: None,
            facts: Facts::default(),
        };
        let section = |lengths: &Vec<usize>| Section {
            heading: "Act today".to_owned(),
            severity: Severity::Critical,
            entries: lengths.iter().map(entry).collect(),
            more: None,
        };
        let sections: Vec<Section> = entries.iter().filter(|lengths| !lengths.is_empty()).map(section).collect();
        let lines: Vec<String> = below.iter().map(line).collect();
        Document {
            mark: "🔴",
            title: "A title".to_owned(),
            worst: Some(Severity::Critical),
            calls: true,
            missed: Missed::default(),
            notices: vec!["A notice".to_owned()],
            lead: sections.is_empty().then(|| "A lead".to_owned()),
            sections,
            rest: vec![Rest { severity: Severity::Warning, month: None }; rest],
            appendices: vec![Appendix { heading: "An appendix".to_owned(), lines: lines.clone() }],
            muted: Some("What is muted".to_owned()),
            closing: lines,
            buttons: vec![Button { label: "A button", url: "https://console.example.kr/".to_owned() }],
            language: Language::English,
        }
    }

    /// As the chat with the most around its texts counts: a colour for each, and every URL twice.
    fn characters(message: &TextMessage) -> usize {
        let mut texts = vec!["ncp-cert-alert", &message.title, &message.opening];
        for section in &message.sections {
            texts.extend([&section.heading, &section.text, color(section.severity)]);
        }
        for link in &message.links {
            texts.extend([link.label, &link.url, &link.url, color(message.worst)]);
        }
        texts.iter().map(|text| text.chars().count() + 1).sum()
    }

    proptest! {
        #[test]
        fn every_message_is_within_the_limit_and_every_entry_is_named_or_counted(
            entries in prop::collection::vec(prop::collection::vec(0..600_usize, 0..12), 0..5),
            rest in 0..3_usize,
            below in prop::collection::vec(0..900_usize, 0..8),
            limit in 1_800..4_000_usize,
        ) {
            let document = document(&entries, rest, &below);
            let messages = messages(&document, Some("@ops"), &Form { characters: limit, harmless: without_markdown });
            prop_assert!((1..=5).contains(&messages.len()));
            let texts = |message: &TextMessage| -> Vec<String> {
                let sections = message.sections.iter().map(|section| section.text.clone());
                std::iter::once(message.opening.clone()).chain(sections).collect()
            };
            let count = |text: &str| {
                messages.iter().flat_map(texts).map(|shown| shown.matches(text).count()).sum::<usize>()
            };
            for message in &messages {
                prop_assert!(characters(message) <= limit, "{} of {limit}", characters(message));
                prop_assert!(texts(message).iter().any(|text| text.contains("What is muted")));
                prop_assert!(message.sections.iter().all(|section| !section.text.is_empty()));
            }
            let (named, all) = (count("• "), entries.iter().map(Vec::len).sum::<usize>());
            let (last, others) = messages.split_last().unwrap();
            let more = format!("+{} more", all - named + rest);
            prop_assert_eq!(texts(last).iter().any(|text| text.contains(&more)), named < all || rest > 0);
            prop_assert!(named == all || messages.len() == 5);
            prop_assert_eq!((count(" more: "), last.links.len()), (usize::from(named < all || rest > 0), 1));
            prop_assert!(others.iter().all(|message| message.links.is_empty()));
            prop_assert!(messages[0].opening.starts_with("＠ops"));
            prop_assert_eq!(count("＠ops"), 1);
        }

        #[test]
        fn no_line_keeps_the_power_of_markup(line in "[*_~`@#>|<(!\\[\\] a.]{0,24}") {
            let safe = without_markdown(&line);
            for power in ["**", "__", "~", "`", "@", "](", "<a"] {
                prop_assert!(!safe.contains(power), "{power} in {safe}");
            }
            prop_assert_eq!(safe.matches('a').count(), line.matches('a').count());
            prop_assert!(!safe.trim_start().starts_with(['#', '>', '|']));
        }
    }
}
