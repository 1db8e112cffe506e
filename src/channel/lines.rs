//! A message as lines of text, for chats that take little else: laid out and split. What goes below the entries is in the last
//! part only, so that the parts before it have room for entries.

use crate::message::{Block, Button, Document, Entry, Part, Section, Slice, TITLE_ROOM, mark, split};
use crate::rules::Severity;
use crate::text::{self, cut_to_characters, defused};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Its title, with its mark.
    pub title: String,
    /// What goes below the title: whom to call, notices, what is said where there is nothing to list.
    pub head: Vec<String>,
    /// The groups, with the lines of their entries.
    pub groups: Vec<Group>,
    /// How much is counted and not named.
    pub more: Option<String>,
    /// What follows the findings: headings, which may be empty, with lines.
    pub blocks: Vec<Block>,
    /// What goes below all that: what is muted, what to do, coverage, rules.
    pub below: Vec<String>,
    /// The links.
    pub links: Vec<Button>,
    /// The worst severity in it.
    pub worst: Option<Severity>,
}

/// Entries under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The heading, with its mark.
    pub heading: String,
    /// How urgent everything in it is.
    pub severity: Severity,
    /// The lines of its entries.
    pub lines: Vec<String>,
}

/// A heading with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Titled {
    /// The heading.
    pub heading: String,
    /// The text, of one or more lines.
    pub text: String,
    /// How urgent it is; `None` where there is nothing to do.
    pub severity: Option<Severity>,
}

impl Message {
    /// The message below its title: an opening, which may be empty, and texts with headings. Whatever has no heading of its own
    /// continues the text before it, and so do `links`.
    pub(super) fn sections(&self, links: &[String]) -> (String, Vec<Titled>) {
        let mut opening = self.head.join("\n");
        let titled = |group: &Group| Titled {
            heading: group.heading.clone(),
            text: group.lines.join("\n"),
            severity: Some(group.severity),
        };
        let mut sections: Vec<Titled> = self.groups.iter().map(titled).collect();
        let mut go_on = |sections: &mut Vec<Titled>, lines: &[String]| {
            let text = sections.last_mut().map_or(&mut opening, |last| &mut last.text);
            if !(text.is_empty() || lines.is_empty()) {
                text.push_str("\n\n");
            }
            text.push_str(&lines.join("\n"));
        };
        go_on(&mut sections, self.more.as_slice());
        for block in &self.blocks {
            if block.heading.is_empty() {
                go_on(&mut sections, &block.lines);
            } else {
                let (heading, text) = (block.heading.clone(), block.lines.join("\n"));
                sections.push(Titled { heading, text, severity: None });
            }
        }
        go_on(&mut sections, &self.below);
        go_on(&mut sections, links);
        (opening, sections)
    }
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

/// What a chat does with text.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// The most characters of a message, everything in it together.
    pub characters: usize,
    /// Defuses whatever the chat could read as markup or as a mention in a line, and keeps it readable.
    pub harmless: fn(&str) -> String,
}

/// The messages that a document becomes. `mention` is shown as text, in the first one: these chats document no way for a
/// webhook to call someone.
pub(super) fn messages(document: &Document, mention: Option<&str>, form: Form) -> Vec<Message> {
    Layout { document, mention, form }.messages()
}

struct Layout<'a> {
    document: &'a Document,
    mention: Option<&'a str>,
    form: Form,
}

impl Layout<'_> {
    fn messages(&self) -> Vec<Message> {
        let document = self.document;
        let head = self.head(true);
        let standing = self.lines(&document.standing);
        let title = (self.form.harmless)(&format!("{} {}", document.mark, document.title));
        let fixed = weight([&title]) + TITLE_ROOM + weight(&head) + weight(&standing);
        let room = self.form.characters.saturating_sub(fixed);

        let heading = |section: &Section| weight([&self.heading(section)]) + 1;
        let entry = |one: &Entry| weight(&self.entry(one, room / 2));
        let entries = || document.sections.iter().flat_map(|section| &section.entries);
        let highest = document.sections.iter().map(heading).max().unwrap_or_default()
            + entries().map(entry).max().unwrap_or_default();
        let tail = self.tail(room.saturating_sub(highest));
        // What goes below the entries is in the last part only. Where there is no room for it beside them, entries make room:
        // it is weighed together with one of them.
        let split_with = |bearer: Option<&Entry>| {
            let with =
                |one: &Entry| if bearer.is_some_and(|bearer| std::ptr::eq(one, bearer)) { tail.weight() } else { 0 };
            split(document, [room], |section| [heading(section)], |_, one| [entry(one) + with(one)])
        };
        let has_room = |parts: &[Part<'_>]| {
            let slices = parts.last().into_iter().flat_map(|part| &part.slices);
            let used = |slice: &Slice<'_>| heading(slice.section) + slice.entries.iter().map(entry).sum::<usize>();
            slices.map(used).sum::<usize>() + tail.weight() <= room
        };
        let mut parts = split_with(None);
        if !has_room(&parts) {
            let first_of_last = parts.last().and_then(|part| part.slices.first()?.entries.first());
            parts = split_with(entries().last());
            // There can be no more parts: what does not fit into the last one is counted.
            if !has_room(&parts) {
                parts = split_with(first_of_last);
            }
        }
        parts.iter().map(|part| self.message(part, room / 2, &standing, &tail)).collect()
    }

    fn message(&self, part: &Part<'_>, longest: usize, standing: &[String], tail: &Tail) -> Message {
        let group = |slice: &Slice<'_>| Group {
            heading: self.heading(slice.section),
            severity: slice.section.severity,
            lines: slice.entries.iter().flat_map(|one| self.entry(one, longest)).collect(),
        };
        let tail = if part.is_last() { tail.clone() } else { Tail::default() };
        let worst = part.slices.iter().map(|slice| slice.section.severity).max();
        Message {
            title: (self.form.harmless)(&part.title),
            head: self.head(part.is_first()),
            groups: part.slices.iter().map(group).collect(),
            more: part.more.as_deref().map(self.form.harmless),
            blocks: tail.blocks,
            below: standing.iter().cloned().chain(tail.closing).collect(),
            links: tail.links,
            worst: worst.or(self.document.worst),
        }
    }

    /// What goes below the title.
    fn head(&self, is_first: bool) -> Vec<String> {
        let mention = self.mention.filter(|_| is_first).map(text::one_line);
        let document = self.document;
        let lines: Vec<String> =
            mention.into_iter().chain(document.notices.clone()).chain(document.lead.clone()).collect();
        self.lines(&lines)
    }

    fn heading(&self, section: &Section) -> String {
        (self.form.harmless)(&format!("{} {}", mark(Some(section.severity)), section.heading))
    }

    /// An entry: its name, the news, the date and what follows it; below that, what else is known, one line each. In all no
    /// longer than `longest`.
    fn entry(&self, entry: &Entry, longest: usize) -> Vec<String> {
        let dash = self.document.language.phrases().dash();
        let behind = entry.date.as_ref().map_or("", |date| &date.behind);
        let first = format!("• {}{dash}{}{behind}{}", entry.name, entry.news, entry.aside);
        let rest = entry.lines.iter().map(|line| format!("  {line}"));
        let lines = std::iter::once(first).chain(rest).map(|line| (self.form.harmless)(&line));
        within(lines, longest)
    }

    /// What goes below the entries of the last message, within `room`. What to do takes precedence over what was deployed.
    fn tail(&self, room: usize) -> Tail {
        let document = self.document;
        let links = document.buttons.clone();
        let more = Part::bare(document).more.map_or(0, |more| weight([&more]));
        let taken = more + links.iter().map(link_weight).sum::<usize>();
        let closing = within(self.lines(&document.closing).into_iter(), room.saturating_sub(taken));
        let mut left = room.saturating_sub(taken + weight(&closing));
        let mut blocks = Vec::new();
        for block in &document.blocks {
            let heading = (self.form.harmless)(&block.heading);
            let above = weight([&heading]) + 1;
            let kept = within(self.lines(&block.lines).into_iter(), left.saturating_sub(above));
            if kept.is_empty() {
                break;
            }
            left -= above + weight(&kept);
            blocks.push(Block { heading, lines: kept });
        }
        Tail { more, blocks, closing, links }
    }

    /// Lines that are not entries: harmless, and none so long that it crowds out the others.
    fn lines(&self, lines: &[String]) -> Vec<String> {
        let longest = self.form.characters / 6;
        lines.iter().map(|line| cut_to_characters(&(self.form.harmless)(line), longest)).collect()
    }
}

/// What goes below the entries of the last message.
#[derive(Clone, Default)]
struct Tail {
    /// The room that the longest count of unnamed findings takes.
    more: usize,
    blocks: Vec<Block>,
    closing: Vec<String>,
    links: Vec<Button>,
}

impl Tail {
    fn weight(&self) -> usize {
        let block = |block: &Block| weight([&block.heading]) + 1 + weight(&block.lines);
        self.more
            + self.blocks.iter().map(block).sum::<usize>()
            + weight(&self.closing)
            + self.links.iter().map(link_weight).sum::<usize>()
    }
}

/// What a link takes of a limit: its label, its URL, and what the chat's form of a link puts around them.
fn link_weight(link: &Button) -> usize {
    length(&link.label) + 2 * length(&link.url) + 10
}

/// As many of `lines` as fit, then as much of the next one as there is room for, and nothing after it.
fn within(lines: impl Iterator<Item = String>, room: usize) -> Vec<String> {
    let (mut kept, mut left) = (Vec::new(), room);
    for line in lines {
        let taken = weight([&line]);
        if taken <= left {
            left -= taken;
            kept.push(line);
            continue;
        }
        // A shorter piece says nothing.
        if left > 20 {
            kept.push(cut_to_characters(&line, left - 1));
        }
        break;
    }
    kept
}

/// What lines take of a limit: their characters and the separators between them.
fn weight<'a>(lines: impl IntoIterator<Item = &'a String>) -> usize {
    lines.into_iter().map(|line| length(line) + 1).sum()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// `line` for a chat that reads Markdown, or something like it, in a text, and documents no way to escape it: a backslash would
/// show as it is. Characters that could begin or end markup become lookalikes, and a name stays readable: `*.example.kr` and
/// `www_example_kr` stay as they are, since nothing in their line can pair with them.
pub(super) fn without_markdown(line: &str) -> String {
    let line = defused(line);
    let start = line.find(|c: char| !c.is_whitespace()).unwrap_or_default();
    let mut safe = String::with_capacity(line.len());
    let (mut before, mut asterisks, mut underscores) = (None, 0, 0);
    let mut characters = line.char_indices().peekable();
    while let Some((place, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let opens_word = before.is_none_or(char::is_whitespace);
        let is_inside = before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric);
        let repeats = next.is_none_or(|next| next.is_whitespace() || next == character);
        safe.push(match character {
            '*' => {
                asterisks += 1;
                if asterisks == 1 && opens_word && next == Some('.') { '*' } else { '∗' }
            }
            '_' if is_inside => '_',
            '_' => {
                underscores += 1;
                let is_label = opens_word && next.is_some_and(char::is_alphanumeric);
                if underscores == 1 && is_label { '_' } else { '＿' }
            }
            '~' => '∼',
            '`' => 'ˋ',
            '\\' => '＼',
            '@' => '＠',
            '#' if place == start => '＃',
            '>' if place == start => '＞',
            '|' if place == start => '｜',
            '-' if place == start && repeats => '‐',
            '+' if place == start && repeats => '＋',
            '=' if place == start && repeats => '＝',
            other => other,
        });
        before = Some(character);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::words::{Group as Kind, Language};
    use crate::message::{Facts, Missed, Rest};
    use proptest::prelude::*;

    #[test]
    fn nothing_in_a_line_is_markdown_and_names_stay_readable() {
        for (line, safe) in [
            ("• *.example.kr — expired", "• *.example.kr — expired"),
            ("www_example_kr_2026, _dmarc.example.kr", "www_example_kr_2026, _dmarc.example.kr"),
            ("*.a.kr, *.b.kr", "*.a.kr, ∗.b.kr"),
            ("*a* **b** (*.c.kr)", "∗a∗ ∗∗b∗∗ (∗.c.kr)"),
            ("_a_ __b__ _c", "_a＿ ＿＿b＿＿ ＿c"),
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
            group: Kind::Expired,
            name: "n.kr".to_owned(),
            news: "expired".to_owned(),
            date: None,
            aside: String::new(),
            lines: vec![line(length)],
            details: vec![],
            brief: String::new(),
            month: None,
            facts: Facts::default(),
        };
        let section = |lengths: &Vec<usize>| Section {
            heading: "Act today".to_owned(),
            severity: Severity::Critical,
            entries: lengths.iter().map(entry).collect(),
        };
        let sections: Vec<Section> = entries.iter().filter(|one| !one.is_empty()).map(section).collect();
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
            blocks: vec![Block { heading: "A block".to_owned(), lines: lines.clone() }],
            standing: vec!["What stands".to_owned()],
            closing: lines,
            buttons: vec![Button { label: "A button".to_owned(), url: "https://console.example.kr/".to_owned() }],
            language: Language::English,
        }
    }

    fn characters(message: &Message) -> usize {
        let links: Vec<String> = message.links.iter().map(|link| format!("[[{}]]({})", link.label, link.url)).collect();
        let (opening, sections) = message.sections(&links);
        let sections = sections.iter().map(|one| length(&one.heading) + length(&one.text) + 3).sum::<usize>();
        length(&message.title) + 1 + length(&opening) + sections
    }

    proptest! {
        #[test]
        fn every_message_is_within_the_limit_and_every_entry_is_told_or_counted(
            entries in prop::collection::vec(prop::collection::vec(0..600_usize, 0..12), 0..5),
            rest in 0..3_usize,
            below in prop::collection::vec(0..900_usize, 0..8),
            limit in 1_800..4_000_usize,
        ) {
            let document = document(&entries, rest, &below);
            let messages = messages(&document, Some("@ops"), Form { characters: limit, harmless: without_markdown });
            prop_assert!((1..=5).contains(&messages.len()));
            for message in &messages {
                prop_assert!(characters(message) <= limit, "{} of {limit}", characters(message));
                prop_assert_eq!(message.below.first().map(String::as_str), Some("What stands"));
                prop_assert!(message.groups.iter().all(|group| !group.lines.is_empty()));
            }
            let told = messages.iter().flat_map(|one| &one.groups).flat_map(|group| &group.lines);
            let told = told.filter(|line| line.starts_with('•')).count();
            let all: usize = entries.iter().map(Vec::len).sum();
            let (last, others) = messages.split_last().unwrap();
            prop_assert_eq!(last.more.is_some(), told < all || rest > 0);
            prop_assert!(told == all || messages.len() == 5);
            prop_assert_eq!(last.links.len(), 1);
            prop_assert!(others.iter().all(|one| one.links.is_empty() && one.blocks.is_empty() && one.more.is_none()));
            let calls = |one: &Message| one.head.iter().any(|line| line == "＠ops");
            prop_assert!(calls(&messages[0]) && !messages[1..].iter().any(calls));
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
