//! Splits a long message at the borders of its entries, so that every part fits a channel's budget.

use super::{Document, Entry, Section};
use crate::finding::Counts;

/// The most messages that one digest becomes; what does not fit is counted in the last one.
pub(super) const MOST_PARTS: usize = 5;

/// One of the messages that a document becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// What is in it.
    pub slices: Vec<Slice<'a>>,
    /// What did not fit into all of them; counted in the last one.
    pub more: Counts,
}

/// A run of entries of one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice<'a> {
    /// The section that they belong to.
    pub section: &'a Section,
    /// The entries.
    pub entries: &'a [Entry],
}

impl Part<'_> {
    /// Whether it is the first one: the one that calls people.
    pub fn is_first(&self) -> bool {
        self.number == 1
    }

    /// Whether it is the last one: the one with everything that stands below the entries.
    pub fn is_last(&self) -> bool {
        self.number == self.of
    }

    /// The document's title, numbered if there are several parts.
    pub fn title(&self, document: &Document) -> String {
        format!("{}{}", document.title, self.number_of())
    }

    /// What stands behind the title: ` (1/3)`, or nothing if there is only one part.
    pub fn number_of(&self) -> String {
        if self.of == 1 { String::new() } else { format!(" ({}/{})", self.number, self.of) }
    }
}

/// Splits `document` greedily. `room` is what a message has left beside its fixed parts, in as many measures as the channel
/// has limits; `heading` and `entry` weigh what goes in, by the same measures. A heading is repeated where its section goes on.
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
    let severities = document.sections.iter().flat_map(|section| section.entries.iter().map(|_| section.severity));
    let more = Counts::of(severities.skip(told));
    let of = parts.len();
    parts.into_iter().zip(1..).map(|(slices, number)| Part { number, of, slices, more }).collect()
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
    use crate::finding::Severity;
    use crate::language::Language;
    use proptest::prelude::*;

    /// A document with sections of entries that have these weights.
    fn document(sections: &[Vec<usize>]) -> Document {
        let entry = |weight: &usize| Entry {
            name: "x".repeat(*weight),
            news: String::new(),
            date: None,
            lines: vec![],
            brief: String::new(),
        };
        let severities = Severity::WORST_FIRST.into_iter().chain(std::iter::repeat(Severity::Info));
        let sections = sections.iter().zip(severities).map(|(weights, severity)| Section {
            heading: String::new(),
            severity,
            entries: weights.iter().map(entry).collect(),
        });
        Document {
            title: "title".into(),
            worst: None,
            calls: false,
            notices: vec![],
            lead: None,
            sections: sections.collect(),
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
        assert_eq!((parts.len(), parts[0].slices.len(), parts[0].more), (1, 0, Counts::default()));
        assert_eq!(parts[0].title(&document), "title");
    }

    #[test]
    fn a_section_that_goes_on_keeps_its_heading() {
        let document = document(&[vec![4, 4, 4], vec![2]]);
        let parts = parts(&document, 11);
        let entries = |part: &Part<'_>| part.slices.iter().map(|slice| slice.entries.len()).collect::<Vec<_>>();
        assert_eq!(parts.iter().map(entries).collect::<Vec<_>>(), [vec![2], vec![1], vec![1]]);
        assert_eq!(parts[1].title(&document), "title (2/3)");
    }

    #[test]
    fn what_does_not_fit_into_the_last_part_is_counted() {
        let document = document(&[vec![7; 4], vec![7; 2], vec![7; 3]]);
        let parts = parts(&document, 10);
        assert_eq!(parts.len(), MOST_PARTS);
        assert_eq!(parts[0].more, Counts { critical: 0, warning: 1, info: 3 });
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
            prop_assert_eq!(told.len() + parts[0].more.total(), all.len());
            for part in &parts {
                let entries = part.slices.iter().map(|slice| slice.entries.len()).sum::<usize>();
                let weight = part.slices.iter().flat_map(|slice| slice.entries).map(|entry| entry.name.len()).sum::<usize>();
                prop_assert!(weight + 3 * part.slices.len() <= room);
                prop_assert!(entries + part.slices.len() <= 10);
                prop_assert!(part.of == 1 || entries > 0);
            }
            prop_assert!(parts[0].more.total() == 0 || parts.len() == MOST_PARTS);
        }
    }
}
