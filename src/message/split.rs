//! Splits a long message between its entries, so that every part fits into one message of a chat.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::document::{Appendix, Button, Document, Entry, Rest, Section, mark, marked};
use super::words::counted_by_kind;
use crate::rules::Counts;
use crate::text::{cut, cut_to_characters};

/// The most messages that one report becomes; what does not fit is counted in the last one.
const MOST_PARTS: usize = 5;

/// Characters of the longest line that is neither an entry nor a mention.
const LINE: usize = 400;

/// Characters of the longest title of a continuation; and what a count by month may take beyond that of all findings, since
/// other months may need their years.
const SPARE: usize = 80;

/// What fits into one message of a chat. All three are in one unit, the one that the chat counts in: characters or bytes.
pub(crate) struct Budget<'a> {
    /// The room in one message.
    pub message: usize,
    /// The most room that a line needs, with what the chat's form puts around it.
    pub line: &'a dyn Fn(&str) -> usize,
    /// The most room that an entry needs.
    pub entry: &'a dyn Fn(&Entry) -> usize,
}

/// One of the messages that a document becomes: all that it says, cut to fit. The notices and the lead are the document's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Part {
    /// The document's title in the first part, and what it holds in the others.
    pub title: String,
    /// Whom to call; in the first part.
    pub mention: Option<String>,
    /// Its entries. A heading is repeated where its section continues.
    pub sections: Vec<Section>,
    /// What follows the entries of the last part: how much is counted and not named, and the document's appendices.
    pub appendices: Vec<Appendix>,
    /// What goes below all that: what is muted, and in the last part the closing lines.
    pub below: Vec<String>,
    /// The buttons of the last part.
    pub buttons: Vec<Button>,
}

impl Budget<'_> {
    /// Cuts the texts of an entry until it needs no more than `most`.
    fn shorten(&self, entry: &mut Entry, most: usize) {
        let mut longest = 1_000;
        while (self.entry)(entry) > most && longest > 0 {
            longest = longest * 3 / 4;
            let Entry { name, news, aside, brief, lines, step, .. } = &mut *entry;
            for text in [name, news, aside, brief].into_iter().chain(lines).chain(step) {
                *text = cut_to_characters(text, longest);
            }
        }
    }

    /// The most room that a text of so many characters needs, in any of our languages.
    fn characters(&self, count: usize) -> usize {
        (self.line)(&"가".repeat(count))
    }
}

/// Splits `document` into messages that fit into `budget`. `mention` goes onto the first one.
///
/// The order is kept, so what is worse is never left out before what is better.
pub(crate) fn split(document: &Document, mention: Option<&str>, budget: &Budget<'_>) -> Vec<Part> {
    // Not cut: half a mention would notify nobody.
    let mention = mention.map(str::to_owned);
    let muted = document.muted.as_deref().map(|muted| cut_to_characters(muted, LINE));
    // What any part may hold besides its entries is reserved in every part.
    let mut reserved = (budget.line)(&document.title) + budget.characters(SPARE);
    for line in mention.iter().chain(&document.notices).chain(&document.lead).chain(&muted) {
        reserved += (budget.line)(line);
    }
    let room = budget.message.saturating_sub(reserved);

    let mut sections = document.sections.clone();
    let mut largest = 0;
    for section in &mut sections {
        let heading = (budget.line)(&heading(section)) + section.more.as_deref().map_or(0, budget.line);
        for entry in &mut section.entries {
            budget.shorten(entry, room / 2);
            largest = largest.max(heading + (budget.entry)(entry));
        }
    }
    let (mut last, tail) = last(document, budget, room.saturating_sub(largest));

    let packed = pack(&sections, budget, room, tail);
    let of = packed.len();
    let named = packed.iter().flatten().map(|section| section.entries.len()).sum();
    if let Some(more) = more(document, named) {
        last.appendices.insert(0, Appendix { heading: String::new(), lines: vec![more] });
    }
    let mut parts = Vec::new();
    for (sections, number) in packed.into_iter().zip(1..) {
        let mut part = if number == of { last.clone() } else { Part::default() };
        part.title = title(document, &sections, number, of);
        part.mention = mention.clone().filter(|_| number == 1);
        part.sections = sections;
        part.below.splice(0..0, muted.clone());
        parts.push(part);
    }
    parts
}

/// What goes below the entries of the last part, as far as there is room, and how much room it needs with the count of what is not
/// named. Links and what to do come before what was deployed; lines that do not fit are counted.
fn last(document: &Document, budget: &Budget<'_>, room: usize) -> (Part, usize) {
    let more = more(document, 0).map_or(0, |more| (budget.line)(&more) + budget.characters(SPARE));
    let dropped = |lines: usize| document.language.phrases().lines_dropped(lines);
    let lines = document.closing.len() + document.appendices.iter().map(|appendix| appendix.lines.len()).sum::<usize>();
    let mut used = more + (budget.line)(&dropped(lines));
    let mut fits = |weight: usize| {
        let fits = used + weight <= room;
        used += if fits { weight } else { 0 };
        fits
    };
    let mut part = Part { buttons: document.buttons.clone(), ..Part::default() };
    // A chat may need the URL twice.
    part.buttons.retain(|button| fits((budget.line)(button.label) + 2 * (budget.line)(&button.url)));
    let mut fitting = |lines: &[String]| {
        let mut lines: Vec<String> = lines.iter().map(|line| cut_to_characters(line, LINE)).collect();
        lines.retain(|line| fits((budget.line)(line)));
        lines
    };
    part.below = fitting(&document.closing);
    for Appendix { heading, lines } in &document.appendices {
        if let [heading] = &fitting(std::slice::from_ref(heading))[..] {
            part.appendices.push(Appendix { heading: heading.clone(), lines: fitting(lines) });
        }
    }
    part.appendices.retain(|appendix| !appendix.lines.is_empty());
    let kept = part.below.len() + part.appendices.iter().map(|appendix| appendix.lines.len()).sum::<usize>();
    if kept < lines {
        part.below.push(dropped(lines - kept));
    }
    (part, used)
}

/// Fills one part after another with entries. The last entry, and whatever is in the last part that there can be, leaves room
/// for `tail`.
fn pack(sections: &[Section], budget: &Budget<'_>, room: usize, tail: usize) -> Vec<Vec<Section>> {
    let mut ahead: usize = sections.iter().map(|section| section.entries.len()).sum();
    let (mut parts, mut part, mut used) = (Vec::new(), Vec::<Section>::new(), 0);
    'sections: for section in sections {
        let heading = (budget.line)(&heading(section)) + section.more.as_deref().map_or(0, budget.line);
        let mut is_open = false;
        for entry in &section.entries {
            ahead -= 1;
            let weight = (budget.entry)(entry) + if is_open { 0 } else { heading };
            let below = if ahead == 0 || parts.len() + 1 == MOST_PARTS { tail } else { 0 };
            if !part.is_empty() && used + weight + below > room {
                if parts.len() + 1 == MOST_PARTS {
                    break 'sections;
                }
                parts.push(std::mem::take(&mut part));
                (used, is_open) = (0, false);
            }
            if let Some(open) = part.last_mut().filter(|_| is_open) {
                open.entries.push(entry.clone());
            } else {
                used += heading;
                part.push(Section { entries: vec![entry.clone()], more: None, ..section.clone() });
            }
            used += (budget.entry)(entry);
            is_open = true;
        }
        if let Some(open) = part.last_mut().filter(|_| is_open) {
            open.more.clone_from(&section.more);
        }
    }
    parts.push(part);
    parts
}

/// The heading of a section after its sign.
pub(crate) fn heading(section: &Section) -> String {
    marked(mark(Some(section.severity)), &section.heading)
}

/// How much is counted and not named: what did not fit after the first `named` entries, and what was not meant to be named.
fn more(document: &Document, named: usize) -> Option<String> {
    let mut all = Vec::new();
    for section in &document.sections {
        all.extend(section.entries.iter().map(|entry| Rest { severity: section.severity, month: entry.month }));
    }
    let rest: Vec<Rest> = all.into_iter().skip(named).chain(document.rest.iter().copied()).collect();
    let mut months: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for month in rest.iter().filter_map(|finding| finding.month) {
        *months.entry(month).or_default() += 1;
    }
    let counts = Counts::of(rest.iter().map(|finding| finding.severity));
    let months: Vec<(NaiveDate, usize)> = months.into_iter().collect();
    (!rest.is_empty()).then(|| document.language.phrases().more(counts, &months))
}

/// How much is counted and not named where there is room for every entry.
#[cfg(feature = "cli")]
pub(crate) fn unnamed(document: &Document) -> Option<String> {
    more(document, usize::MAX)
}

/// A part's title: a reader who sees only this one knows what is in it.
fn title(document: &Document, sections: &[Section], number: usize, of: usize) -> String {
    let phrases = document.language.phrases();
    let whole = marked(document.mark, &document.title);
    match (number, of) {
        (_, 1) => return whole,
        (1, _) => return phrases.numbered(&whole, number, of),
        _ => {}
    }
    let groups = counted_by_kind(sections.iter().flat_map(|section| &section.entries).map(|entry| entry.group));
    let groups: Vec<String> = groups.into_iter().map(|(group, count)| phrases.counted(group, count)).collect();
    let worst = sections.iter().map(|section| section.severity).max();
    let text = phrases.continued(number, of, &groups.join(phrases.texts().comma));
    cut(&marked(mark(worst), &text), SPARE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::document::{Facts, Missed};
    use crate::message::words::{Group, Language};
    use crate::rules::Severity;
    use proptest::prelude::*;

    /// A document with sections of entries that have these weights.
    fn document(sections: &[Vec<usize>]) -> Document {
        let entry = |weight: &usize| Entry {
            group: Group::Within(30),
            name: "x".repeat(*weight),
            news: String::new(),
            date: None,
            aside: String::new(),
            lines: vec![],
            step: None,
            details: vec![],
            brief: String::new(),
            month: NaiveDate::from_ymd_opt(2026, 12, 1),
            facts: Facts::default(),
        };
        let severities = Severity::WORST_FIRST.into_iter().chain(std::iter::repeat(Severity::Info));
        let sections = sections.iter().zip(severities).map(|(weights, severity)| Section {
            heading: String::new(),
            severity,
            entries: weights.iter().map(entry).collect(),
            more: None,
        });
        Document {
            mark: "🔴",
            title: "title".into(),
            worst: None,
            calls: false,
            missed: Missed::default(),
            notices: vec![],
            lead: None,
            sections: sections.collect(),
            rest: vec![],
            appendices: vec![],
            muted: None,
            closing: vec![],
            buttons: vec![],
            language: Language::English,
        }
    }

    /// The weights of the entries that come to stand under each heading of each part, where a heading takes 3.
    fn packed(document: &Document, room: usize, tail: usize) -> Vec<Vec<Vec<usize>>> {
        let budget = Budget { message: 0, line: &|_| 3, entry: &|entry| entry.name.len() };
        let weights = |section: &Section| section.entries.iter().map(budget.entry).collect();
        let parts = pack(&document.sections, &budget, room, tail);
        parts.iter().map(|part| part.iter().map(weights).collect()).collect()
    }

    /// The parts of a document where a message holds so many characters.
    fn parts(document: &Document, message: usize) -> Vec<Part> {
        let line = |line: &str| line.chars().count();
        split(document, Some("@ops"), &Budget { message, line: &line, entry: &|entry| line(&entry.name) })
    }

    #[test]
    fn a_message_without_entries_is_one_part() {
        let parts = parts(&document(&[]), 1_000);
        assert_eq!((parts.len(), parts[0].sections.len(), parts[0].appendices.len()), (1, 0, 0));
        assert_eq!((parts[0].title.as_str(), parts[0].mention.as_deref()), ("🔴 title", Some("@ops")));
    }

    #[test]
    fn what_fits_just_so_stays_together_and_what_fits_nowhere_stands_alone() {
        assert_eq!(packed(&document(&[vec![4, 4], vec![2]]), 16, 0), [vec![vec![4, 4], vec![2]]]);
        assert_eq!(packed(&document(&[vec![4, 4], vec![2]]), 15, 0), [vec![vec![4, 4]], vec![vec![2]]]);
        assert_eq!(packed(&document(&[vec![50, 1, 50]]), 10, 0), [vec![vec![50]], vec![vec![1]], vec![vec![50]]]);
    }

    #[test]
    fn the_last_entry_makes_room_for_what_goes_below_it() {
        assert_eq!(packed(&document(&[vec![4, 4]]), 14, 3), [vec![vec![4, 4]]]);
        assert_eq!(packed(&document(&[vec![4, 4]]), 14, 4), [vec![vec![4]], vec![vec![4]]]);
        assert_eq!(packed(&document(&[vec![4; 12]]), 14, 4).concat().concat().len(), 9, "2 in each, 1 in the last");
    }

    #[test]
    fn parts_are_numbered_and_say_what_they_hold() {
        let parts = parts(&document(&[vec![100; 6], vec![100]]), 450);
        let titles: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
        assert_eq!(
            titles,
            ["🔴 title (1/3)", "🔴 (2/3) continued: 3 within 30 days", "🟠 (3/3) continued: 1 within 30 days"]
        );
        let mentions: Vec<bool> = parts.iter().map(|part| part.mention.is_some()).collect();
        assert_eq!(mentions, [true, false, false]);
    }

    #[test]
    fn what_does_not_fit_into_the_last_part_is_counted_there() {
        let mut document = document(&[vec![100; 6], vec![100; 6], vec![100; 7]]);
        document.appendices.push(Appendix { heading: "deployed".into(), lines: vec!["a.kr".into()] });
        document.buttons.push(Button { label: "console", url: "x".repeat(400) });
        let parts = parts(&document, 475);
        assert_eq!(parts.len(), MOST_PARTS);
        assert!(parts[..4].iter().all(|part| part.appendices.is_empty()));
        let last = &parts[4];
        assert_eq!(last.appendices[0].lines, ["+5 more: 5 info (5 in Dec 2026)"]);
        assert_eq!(last.appendices[1..], document.appendices);
        assert_eq!(last.buttons, [], "what fits nowhere is left out");
    }

    #[test]
    fn lines_that_do_not_fit_are_counted() {
        let mut document = document(&[vec![100]]);
        document.closing = vec!["a".repeat(60), "b".repeat(390), "c".repeat(60)];
        document.appendices.push(Appendix { heading: "deployed".into(), lines: vec!["d".repeat(390)] });
        let last = &parts(&document, 460)[0];
        assert_eq!(last.below, ["a".repeat(60), "c".repeat(60), "+2 lines that do not fit".to_owned()]);
        assert_eq!(last.appendices, []);
    }

    #[test]
    fn a_long_mention_stays_whole() {
        let mention = "<@U012AB3CD>".repeat(40);
        let line = |line: &str| line.chars().count();
        let budget = Budget { message: 2_000, line: &line, entry: &|entry| line(&entry.name) };
        let parts = split(&document(&[vec![4]]), Some(&mention), &budget);
        assert_eq!(parts[0].mention.as_deref(), Some(mention.as_str()));
    }

    #[test]
    fn long_texts_are_cut() {
        let mut document = document(&[vec![1_900]]);
        document.closing = vec!["y".repeat(900)];
        let parts = parts(&document, 2_000);
        let lengths = [&parts[0].sections[0].entries[0].name, &parts[0].below[0]].map(|text| text.chars().count());
        assert_eq!(lengths, [750, LINE]);
    }

    proptest! {
        #[test]
        fn packing_loses_nothing_keeps_the_order_and_the_budget(
            weights in proptest::collection::vec(proptest::collection::vec(1_usize..40, 1..30), 0..5),
            tail in 0_usize..50,
            room in 93_usize..200,
        ) {
            let packed = packed(&document(&weights), room, tail);
            prop_assert!((1..=MOST_PARTS).contains(&packed.len()));
            let (named, all) = (packed.concat().concat(), weights.concat());
            prop_assert!(named.len() == all.len() || packed.len() == MOST_PARTS);
            prop_assert_eq!(&named[..], &all[..named.len()]);
            for (part, number) in packed.iter().zip(1..) {
                let below = if number == packed.len() { tail } else { 0 };
                prop_assert!(part.concat().iter().sum::<usize>() + 3 * part.len() + below <= room);
                prop_assert!(packed.len() == 1 || !part.concat().is_empty());
            }
        }
    }
}
