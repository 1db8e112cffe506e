//! Splits a long message between its entries, so that every part fits a channel's budget.

use chrono::NaiveDate;

use std::collections::BTreeMap;

use super::document::{Document, Entry, Rest, Section, mark, marked};
use super::words::LISTED_MONTHS;
use super::words::counted_by_kind;
use crate::rules::Counts;

/// The most messages that one report becomes; what does not fit is counted in the last one.
pub(super) const MOST_PARTS: usize = 5;

/// Room that a part's title can take beyond the document's own: ` (1/5)`, or the title of a continuation.
pub const TITLE_ROOM: usize = 150;

/// One of the messages that a document becomes: with all that it says, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Its title: the document's in the first part, and what it holds in the others.
    pub title: String,
    /// Its entries.
    pub slices: Vec<Slice<'a>>,
    /// How much is counted and not named; in the last part.
    pub more: Option<String>,
}

/// A run of entries of one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice<'a> {
    /// The section that they belong to.
    pub section: &'a Section,
    /// The entries.
    pub entries: &'a [Entry],
}

impl<'a> Part<'a> {
    /// A message with everything but the entries, and with the longest possible count, to be weighed.
    #[must_use]
    pub fn bare(document: &'a Document) -> Self {
        // As many as are in those months, and some without one.
        let most = Counts { critical: 999_999, warning: 999_999, info: 999_999 };
        // More months than a count lists.
        let months = (0..=LISTED_MONTHS).filter_map(|month| {
            NaiveDate::from_ymd_opt(2026, 12, 1)?.checked_add_months(chrono::Months::new(u32::try_from(month).ok()?))
        });
        let more = document.language.phrases().more(most, &months.map(|month| (month, 99_999)).collect::<Vec<_>>());
        Self { number: 1, of: 1, title: title(document, &[], 1, 1), slices: vec![], more: Some(more) }
    }

    /// Whether it is the first one: the one that calls people.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.number == 1
    }

    /// Whether it is the last one: the one with everything that goes below the entries.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.number == self.of
    }
}

/// Splits `document` greedily. `room` is what a message has left besides its fixed parts, in as many measures as the channel
/// has limits; `heading` and `entry` weigh what goes in by the same measures. A heading is repeated where its section
/// continues.
///
/// The order is kept, so what is worse is never left out before what is better.
pub fn split<'a, const N: usize>(
    document: &'a Document,
    room: [usize; N],
    heading: impl Fn(&Section) -> [usize; N],
    entry: impl Fn(&Section, &Entry) -> [usize; N],
) -> Vec<Part<'a>> {
    let mut parts: Vec<Vec<Slice<'a>>> = vec![vec![]];
    let mut used = [0; N];
    'entries: for section in &document.sections {
        // The entries of this section that are in the current part.
        let mut run = 0..0;
        for (place, one) in section.entries.iter().enumerate() {
            let opening = if run.is_empty() { heading(section) } else { [0; N] };
            let mut weight = sum(opening, entry(section, one));
            let is_fresh = run.is_empty() && parts.last().is_some_and(Vec::is_empty);
            if !is_fresh && !fits(sum(used, weight), room) {
                close(&mut parts, section, run);
                run = place..place;
                if parts.len() == MOST_PARTS {
                    break 'entries;
                }
                parts.push(vec![]);
                used = [0; N];
                weight = sum(heading(section), entry(section, one));
            }
            used = sum(used, weight);
            run = run.start..place + 1;
        }
        close(&mut parts, section, run);
    }
    let told = parts.iter().flatten().map(|slice| slice.entries.len()).sum();
    let of = parts.len();
    let more = more(document, told);
    let part = |(slices, number): (Vec<Slice<'a>>, usize)| {
        let title = title(document, &slices, number, of);
        Part { number, of, title, slices, more: more.clone().filter(|_| number == of) }
    };
    parts.into_iter().zip(1..).map(part).collect()
}

/// How much is counted and not named: what did not fit after the first `told` entries, and what was not meant to be named.
fn more(document: &Document, told: usize) -> Option<String> {
    let entries =
        document.sections.iter().flat_map(|section| section.entries.iter().map(|one| (section.severity, one)));
    let cut = entries.skip(told).map(|(severity, one)| Rest { severity, month: one.month });
    let rest: Vec<Rest> = cut.chain(document.rest.iter().copied()).collect();
    let counts = Counts::of(rest.iter().map(|one| one.severity));
    let months: Vec<_> = by_month(&rest).into_iter().collect();
    (!rest.is_empty()).then(|| document.language.phrases().more(counts, &months))
}

/// How much is counted and not named where there is room for every entry.
#[must_use]
pub fn unnamed(document: &Document) -> Option<String> {
    more(document, usize::MAX)
}

/// A part's title: a reader who sees only this one knows what is in it.
fn title(document: &Document, slices: &[Slice<'_>], number: usize, of: usize) -> String {
    let phrases = document.language.phrases();
    let whole = marked(document.mark, &document.title);
    match (number, of) {
        (_, 1) => return whole,
        (1, _) => return phrases.numbered(&whole, number, of),
        _ => {}
    }
    let groups = counted_by_kind(slices.iter().flat_map(|slice| slice.entries).map(|entry| entry.group));
    let groups: Vec<String> = groups.into_iter().map(|(group, count)| phrases.counted(group, count)).collect();
    let worst = slices.iter().map(|slice| slice.section.severity).max();
    let text = phrases.continued(number, of, &groups.join(phrases.comma()));
    crate::text::cut(&marked(mark(worst), &text), TITLE_ROOM / 2)
}

/// How many of `rest` there are by month, the earliest first.
fn by_month(rest: &[Rest]) -> BTreeMap<NaiveDate, usize> {
    let mut months = BTreeMap::new();
    for month in rest.iter().filter_map(|one| one.month) {
        *months.entry(month).or_default() += 1;
    }
    months
}

/// Puts a run of entries into the last part.
fn close<'a>(parts: &mut [Vec<Slice<'a>>], section: &'a Section, run: std::ops::Range<usize>) {
    if let Some(last) = parts.last_mut().filter(|_| !run.is_empty()) {
        last.push(Slice { section, entries: &section.entries[run] });
    }
}

fn sum<const N: usize>(a: [usize; N], b: [usize; N]) -> [usize; N] {
    std::array::from_fn(|index| a[index] + b[index])
}

fn fits<const N: usize>(used: [usize; N], room: [usize; N]) -> bool {
    used.iter().zip(room).all(|(used, room)| *used <= room)
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
            blocks: vec![],
            standing: vec![],
            closing: vec![],
            buttons: vec![],
            language: Language::English,
        }
    }

    fn parts(document: &Document, room: usize) -> Vec<Part<'_>> {
        split(document, [room, 10], |_| [3, 1], |_, entry| [entry.name.len(), 1])
    }

    #[test]
    fn a_message_without_entries_is_one_part() {
        let document = document(&[]);
        let parts = parts(&document, 10);
        assert_eq!((parts.len(), parts[0].slices.len(), &parts[0].more), (1, 0, &None));
        assert_eq!(parts[0].title, "🔴 title");
    }

    #[test]
    fn a_section_that_goes_on_keeps_its_heading() {
        let document = document(&[vec![4, 4, 4], vec![2]]);
        let parts = parts(&document, 11);
        let entries = |part: &Part<'_>| part.slices.iter().map(|slice| slice.entries.len()).collect::<Vec<_>>();
        assert_eq!(parts.iter().map(entries).collect::<Vec<_>>(), [vec![2], vec![1], vec![1]]);
        let titles: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
        assert_eq!(
            titles,
            ["🔴 title (1/3)", "🔴 (2/3) continued: 1 within 30 days", "🟠 (3/3) continued: 1 within 30 days"]
        );
    }

    #[test]
    fn what_does_not_fit_into_the_last_part_is_counted() {
        let document = document(&[vec![7; 4], vec![7; 2], vec![7; 3]]);
        let parts = parts(&document, 10);
        assert_eq!(parts.len(), MOST_PARTS);
        assert_eq!(parts[0].more, None, "it stands in the last one");
        assert_eq!(parts[4].more.as_deref(), Some("+4 more: 1 warning, 3 info (4 in Dec)"));
    }

    #[test]
    fn the_first_and_the_last_part_are_told_from_the_others() {
        let long = document(&[vec![7; 3]]);
        let places =
            |parts: &[Part<'_>]| parts.iter().map(|part| (part.is_first(), part.is_last())).collect::<Vec<_>>();
        assert_eq!(places(&parts(&long, 10)), [(true, false), (false, false), (false, true)]);
        assert_eq!(places(&parts(&long, 100)), [(true, true)]);
    }

    #[test]
    fn what_fits_just_so_stays_together_and_what_fits_nowhere_stands_alone() {
        let counts = |parts: &[Part<'_>]| {
            parts.iter().map(|part| part.slices.iter().map(|slice| slice.entries.len()).sum()).collect::<Vec<usize>>()
        };
        assert_eq!(counts(&parts(&document(&[vec![4, 4], vec![2]]), 16)), [3]);
        assert_eq!(counts(&parts(&document(&[vec![4, 4], vec![2]]), 15)), [2, 1]);
        // The other measure: ten headings and entries at most.
        assert_eq!(counts(&parts(&document(&[vec![1; 9]]), 1000)), [9]);
        assert_eq!(counts(&parts(&document(&[vec![1; 10]]), 1000)), [9, 1]);
        assert_eq!(counts(&parts(&document(&[vec![50, 1, 50]]), 10)), [1, 1, 1]);
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing_keeps_the_order_and_the_budget(
            weights in proptest::collection::vec(proptest::collection::vec(1_usize..40, 1..30), 0..5),
            room in 45_usize..200,
        ) {
            let document = document(&weights);
            let parts = parts(&document, room);
            prop_assert!((1..=MOST_PARTS).contains(&parts.len()));
            let told: Vec<&Entry> = parts.iter().flat_map(|part| &part.slices).flat_map(|slice| slice.entries).collect();
            let all: Vec<&Entry> = document.sections.iter().flat_map(|section| &section.entries).collect();
            prop_assert!(told.iter().zip(&all).all(|(a, b)| std::ptr::eq(*a, *b)));
            let left = all.len() - told.len();
            let more = parts.last().and_then(|part| part.more.clone()).unwrap_or_default();
            let counted = format!("+{left} more");
            prop_assert!(if left == 0 { more.is_empty() } else { more.starts_with(&counted) }, "{}", more);
            for part in &parts {
                let entries = part.slices.iter().map(|slice| slice.entries.len()).sum::<usize>();
                let weight = part.slices.iter().flat_map(|slice| slice.entries).map(|entry| entry.name.len()).sum::<usize>();
                prop_assert!(weight + 3 * part.slices.len() <= room);
                prop_assert!(entries + part.slices.len() <= 10);
                prop_assert!(part.of == 1 || entries > 0);
            }
            prop_assert!(left == 0 || parts.len() == MOST_PARTS);
        }
    }
}
