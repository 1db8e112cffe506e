//! Reading a whole paged list, with nothing lost and nothing duplicated, whatever the server does with the page size and
//! however the list changes meanwhile.
//!
//! Knows pages, not HTTP: a function supplies the pages.

use std::collections::HashSet;
use std::fmt;

use futures_util::future;

use super::{SIZES, ends_search};
use crate::certificate::Certificate;
use crate::ncp::Error;

/// How many requests are in flight at once.
const IN_FLIGHT: u64 = 4;

/// After this many pages in a row without anything new, reading stops: a server may count more certificates than it shows.
const MOST_WITHOUT_NEWS: usize = 20;

/// The most pages to request: 150,000 certificates at the documented default size.
const MOST_PAGES: u64 = 10_000;

/// One page of the list, as far as it matters here.
#[derive(Debug)]
pub struct Page {
    /// The certificates that could be read.
    pub rows: Vec<Certificate>,
    /// How many rows the page had, including those that could not be read.
    pub length: usize,
    /// How many certificates there are in all, if the page says so. Its rows count all the same.
    pub total: Option<u64>,
}

/// What was found, and whether it is complete.
#[derive(Debug)]
pub struct Listing {
    /// The rows. A slot has several if one reading showed it with different values.
    pub rows: Vec<Certificate>,
    /// How many slots they are of.
    pub checked: u64,
    /// How many certificates there are, by the server's count.
    pub total: u64,
    /// How many pages the reading that counted had.
    pub pages: u64,
    /// Why the list is incomplete, if it is.
    pub failure: Option<ListError>,
}

/// Why a list is incomplete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListError {
    /// A page could not be read.
    Page(Error),
    /// All pages were read, twice, and still do not make up the whole list.
    Incomplete(Incomplete),
}

/// A list whose count does not match its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incomplete {
    /// How many certificates were found.
    pub checked: u64,
    /// How many there are, by the server's count.
    pub total: u64,
    /// How many rows could not be read.
    pub unreadable: u64,
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "incomplete listing: {} of {}", self.checked, self.total)?;
        match self.unreadable {
            0 if self.checked >= self.total => write!(f, " (the list changed while it was read)"),
            0 => Ok(()),
            1 => write!(f, " (1 row cannot be read)"),
            many => write!(f, " ({many} rows cannot be read)"),
        }
    }
}

/// Reads the list, and reads it once more if the first reading is incomplete.
///
/// `page` is given a page's number, the page size, and whether a smaller size comes next if this one fails.
pub(super) async fn read(
    page: impl AsyncFn(u64, u64, bool) -> Result<Page, Error>,
    progress: impl Fn(u64, u64),
) -> Listing {
    let (first_page, size) = first_page(&page).await;
    let first = Reading::new(first_page, size, &page, &progress).await;
    if first.is_whole() || first.error.is_some() {
        let is_whole = first.is_whole();
        return first.listing(is_whole);
    }
    tracing::info!(checked = first.slots.len(), total = first.total, "the list is incomplete and is read once more");
    let second = Reading::new(page(1, size, false).await, size, &page, &progress).await;
    let (is_second_whole, is_second_steady) = (second.is_whole(), second.is_steady());
    let is_same_list = first.is_steady() && first.total == second.total;
    let both: HashSet<i64> = first.slots.union(&second.slots).copied().collect();
    let is_union_whole = first.total == Some(both.len() as u64);
    // Slots that the second reading lacks have left the list since, unless the total says that nothing has.
    if is_second_whole && (is_union_whole || !is_same_list) {
        return second.listing(true);
    }
    // What either reading found is reported: nothing that was seen may be missed. If the two together hold the whole list,
    // only its order changed from page to page.
    let mut union = if second.pages > 0 {
        second
    } else {
        Reading { error: second.error, ..Reading { pages: first.pages, total: first.total, ..Reading::default() } }
    };
    union.rows.extend(first.rows.into_iter().filter(|row| !union.slots.contains(&row.slot_id)));
    union.slots = both;
    union.listing(is_same_list && is_second_steady && is_union_whole)
}

/// The first page, and the size that was asked for: smaller than the first of [`SIZES`] if that fails, or if a list that is
/// not empty comes without rows.
async fn first_page(page: &impl AsyncFn(u64, u64, bool) -> Result<Page, Error>) -> (Result<Page, Error>, u64) {
    let [larger @ .., smallest] = SIZES;
    for size in larger {
        let first = page(1, size, true).await;
        let is_final = match &first {
            Ok(page) => page.length > 0 || page.total.is_none_or(|total| total == 0),
            Err(error) => ends_search(error),
        };
        if is_final {
            return (first, size);
        }
    }
    (page(1, smallest, false).await, smallest)
}

/// One reading of the list.
#[derive(Debug, Default)]
struct Reading {
    rows: Vec<Certificate>,
    slots: HashSet<i64>,
    total: Option<u64>,
    /// Whether a page reported another total than the one before.
    has_changed: bool,
    unreadable: u64,
    pages: u64,
    error: Option<Error>,
}

impl Reading {
    /// Reads all pages, beginning with the one that is there already.
    async fn new(
        first: Result<Page, Error>,
        asked: u64,
        page: &impl AsyncFn(u64, u64, bool) -> Result<Page, Error>,
        progress: &impl Fn(u64, u64),
    ) -> Self {
        let mut reading = Self::default();
        let mut answers = vec![first];
        let mut number = 1;
        // A server may cap the page size, with or without saying so. The number of rows on the first page that is not empty
        // is a size that the server evidently grants, and leaves no gap behind that page.
        let mut size = None;
        let mut lengths = Vec::new();
        let mut without_news = 0;
        loop {
            for answer in answers {
                let known = reading.slots.len();
                match answer {
                    Ok(page) => {
                        lengths.push(page.length as u64);
                        if size.is_none() && page.length > 0 {
                            size = Some(asked.min(page.length as u64));
                        }
                        reading.take(page);
                        progress(reading.slots.len() as u64, reading.total.unwrap_or_default());
                    }
                    Err(error) => {
                        reading.error.get_or_insert(error);
                    }
                }
                without_news = if reading.slots.len() == known { without_news + 1 } else { 0 };
            }
            // As long as no page had a row, a page may have as little as one row.
            let last = reading.total.unwrap_or_default().div_ceil(size.unwrap_or(1)).min(MOST_PAGES);
            // Pages that are shorter than the first push rows behind the last one, which are read as long as there are any.
            let is_short = |length: &u64| *length > 0 && size.is_some_and(|size| *length < size);
            let has_short_page =
                lengths.iter().take(usize::try_from(last).unwrap_or(usize::MAX).saturating_sub(1)).any(is_short);
            let is_behind_the_end = number >= last && (without_news > 0 || !has_short_page);
            let is_over = reading.error.is_some() || reading.has_all() || number >= MOST_PAGES;
            if is_over || is_behind_the_end || without_news >= MOST_WITHOUT_NEWS {
                return reading;
            }
            let ahead = if size.is_some() { last.saturating_sub(number).clamp(1, IN_FLIGHT) } else { 1 };
            let numbers = number + 1..=number + ahead;
            answers = future::join_all(numbers.map(|number| page(number, size.unwrap_or(asked), false))).await;
            number += ahead;
        }
    }

    /// Adds a page.
    fn take(&mut self, page: Page) {
        self.pages += 1;
        self.unreadable += (page.length - page.rows.len()) as u64;
        for row in page.rows {
            if self.slots.insert(row.slot_id) || !self.rows.contains(&row) {
                self.rows.push(row);
            }
        }
        if let Some(total) = page.total {
            self.has_changed |= self.total.is_some_and(|former| former != total);
            self.total = Some(total);
        } else {
            let missing = "`result.pageable.totalCount` is missing, so it is not known whether the list is complete";
            self.error.get_or_insert(Error::Malformed(missing.to_owned()));
        }
    }

    /// Whether there are as many rows as there should be, readable or not.
    fn has_all(&self) -> bool {
        self.total.is_some_and(|total| self.slots.len() as u64 + self.unreadable >= total)
    }

    /// Whether nothing contradicts the total: no page failed, all reported the same total, and there are no rows without a
    /// slot on top of as many slots as there should be.
    fn is_steady(&self) -> bool {
        let rows = self.slots.len() as u64 + self.unreadable;
        self.error.is_none() && !self.has_changed && self.total.is_some_and(|total| rows <= total)
    }

    fn is_whole(&self) -> bool {
        self.is_steady() && self.total == Some(self.slots.len() as u64)
    }

    fn listing(self, is_whole: bool) -> Listing {
        let checked = self.slots.len() as u64;
        let total = self.total.unwrap_or(checked);
        let incomplete = Incomplete { checked, total, unreadable: self.unreadable };
        let failure = self.error.map(ListError::Page).or((!is_whole).then_some(ListError::Incomplete(incomplete)));
        Listing { rows: self.rows, checked, total, pages: self.pages, failure }
    }
}

#[cfg(test)]
mod wild;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Expiry, Status};
    use crate::ncp::ErrorReply;
    use crate::net::http::{ConnectError, HttpError};
    use proptest::prelude::*;
    use std::cell::{Cell, RefCell};

    /// A list on a server that can cap, lie, change and fail.
    struct Server {
        slots: RefCell<Vec<i64>>,
        cap: u64,
        refuses: Option<u64>,
        requests: Cell<usize>,
        /// The change to the list before the request with this number.
        changes: RefCell<Vec<(usize, Change)>>,
        phantoms: u64,
        fails: Vec<u64>,
    }

    #[derive(Debug, Clone, Copy)]
    enum Change {
        Insert(usize, i64),
        Remove(usize),
    }

    impl Server {
        fn new(count: i64, cap: u64) -> Self {
            Self {
                slots: RefCell::new((1..=count).rev().collect()),
                cap,
                refuses: None,
                requests: Cell::new(0),
                changes: RefCell::default(),
                phantoms: 0,
                fails: Vec::new(),
            }
        }

        fn page(&self, number: u64, asked: u64) -> Result<Page, Error> {
            self.requests.set(self.requests.get() + 1);
            self.changes.borrow_mut().retain(|&(when, change)| {
                let due = when <= self.requests.get();
                let mut slots = self.slots.borrow_mut();
                match change {
                    Change::Insert(index, slot) if due => {
                        let index = index.min(slots.len());
                        slots.insert(index, slot);
                    }
                    Change::Remove(index) if due && !slots.is_empty() => {
                        let index = index % slots.len();
                        slots.remove(index);
                    }
                    _ => {}
                }
                !due
            });
            assert!(number >= 1, "page 0 is not documented");
            if self.refuses.is_some_and(|size| asked > size) {
                return Err(Error::Refused {
                    status: 400,
                    reply: ErrorReply { code: "0040".into(), text: String::new() },
                });
            }
            if self.fails.contains(&number) {
                return Err(Error::Refused { status: 500, reply: ErrorReply::default() });
            }
            let size = asked.min(self.cap);
            let slots = self.slots.borrow();
            let start = usize::try_from((number - 1) * size).unwrap();
            let rows: Vec<_> = slots.iter().skip(start).take(size.try_into().unwrap()).map(|&slot| row(slot)).collect();
            Ok(Page { length: rows.len(), rows, total: Some(slots.len() as u64 + self.phantoms) })
        }

        async fn list(&self) -> Listing {
            read(async |number, size, _| self.page(number, size), |_, _| {}).await
        }
    }

    fn row(slot_id: i64) -> Certificate {
        Certificate {
            slot_id,
            common_name: format!("{slot_id}.example.kr"),
            certificate_name: String::new(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::Missing,
            provisioned: None,
            ..Certificate::default()
        }
    }

    pub(super) fn slots(listing: &Listing) -> Vec<i64> {
        let mut slots: Vec<i64> = listing.rows.iter().map(|row| row.slot_id).collect();
        slots.sort_unstable();
        slots
    }

    fn assert_whole(server: &Server, listing: &Listing) {
        let mut expected = server.slots.borrow().clone();
        expected.sort_unstable();
        assert_eq!(slots(listing), expected);
        assert_eq!((listing.checked, listing.total), (expected.len() as u64, expected.len() as u64));
        assert_eq!(listing.failure, None);
    }

    #[tokio::test]
    async fn a_slot_that_the_second_reading_lacks_has_left_the_list_only_if_the_total_says_so() {
        let read = async |totals: [u64; 2]| {
            let asked = Cell::new(0);
            let page = async |_: u64, _: u64, _: bool| {
                let number = asked.replace(asked.get() + 1);
                let slots = [14..=28, 16..=28, 1..=15, 15..=27][number].clone();
                let rows: Vec<_> = slots.map(row).collect();
                Ok(Page { length: rows.len(), rows, total: Some(totals[number / 2]) })
            };
            let listing = super::read(page, |_, _| {}).await;
            (slots(&listing).len(), listing.failure)
        };
        assert_eq!(read([28, 27]).await, (27, None));
        let incomplete = Incomplete { checked: 28, total: 27, unreadable: 0 };
        assert_eq!(read([27, 27]).await, (28, Some(ListError::Incomplete(incomplete))));
    }

    #[tokio::test]
    async fn an_empty_list_is_one_page_and_no_error() {
        let server = Server::new(0, 100);
        let listing = server.list().await;
        assert_whole(&server, &listing);
        assert_eq!((listing.pages, server.requests.get()), (1, 1));
    }

    #[tokio::test]
    async fn every_certificate_is_counted_once_whatever_the_cap() {
        for count in [1, 15, 16, 37, 100, 101, 1000, 1001, 5000] {
            for cap in [5000, 1000, 100, 50, 37, 16, 15, 7, 1] {
                let server = Server::new(count, cap);
                let listing = server.list().await;
                assert_whole(&server, &listing);
                let pages = u64::try_from(count).unwrap().div_ceil(cap.min(SIZES[0]));
                assert_eq!((listing.pages, server.requests.get() as u64), (pages, pages), "{count} by {cap}");
            }
        }
    }

    #[tokio::test]
    async fn a_refused_page_size_falls_back_to_smaller_ones() {
        for (refuses, pages, requests) in [(999, 3, 1 + 3), (100, 3, 1 + 3), (99, 17, 2 + 17), (15, 17, 2 + 17)] {
            let server = Server { refuses: Some(refuses), ..Server::new(251, 5000) };
            let listing = server.list().await;
            assert_whole(&server, &listing);
            assert_eq!((listing.pages, server.requests.get()), (pages, requests), "above {refuses}");
        }
        // The default is documented, so a refusal of it is an error.
        let server = Server { refuses: Some(14), ..Server::new(251, 5000) };
        let listing = server.list().await;
        assert!(
            matches!(listing.failure, Some(ListError::Page(Error::Refused { status: 400, .. }))),
            "{:?}",
            listing.failure
        );
        assert_eq!(server.requests.get(), 3);
    }

    #[tokio::test]
    async fn a_first_page_that_fails_in_nearly_any_way_is_asked_for_once_more_and_smaller() {
        let reply = ErrorReply::default;
        let unavailable = |status| Error::Unavailable { status, retry_after: None, reply: reply() };
        let rate_limited = Error::RateLimited { retry_after: None, reply: reply() };
        for (error, sizes) in [
            (refused(400), &[1000, 100][..]),
            (refused(413), &[1000, 100]),
            (unavailable(500), &[1000, 100]),
            (unavailable(504), &[1000, 100]),
            (Error::Http(HttpError::TimedOut), &[1000, 100]),
            (Error::Http(HttpError::Interrupted), &[1000, 100]),
            (Error::Http(HttpError::TooLarge { limit: 1 }), &[1000, 100]),
            (Error::WebPage { reply: reply() }, &[1000, 100]),
            (Error::Malformed(String::new()), &[1000, 100]),
            (Error::Unauthorized { skew: None, reply: reply() }, &[1000]),
            (Error::PermissionDenied { status: 403, reply: reply() }, &[1000]),
            (Error::NotFound { reply: reply() }, &[1000]),
            (rate_limited, &[1000]),
            (Error::Http(HttpError::Connect(ConnectError::Refused)), &[1000]),
        ] {
            let asked = RefCell::new(Vec::new());
            let page = async |_: u64, size: u64, _: bool| {
                asked.borrow_mut().push(size);
                if size > 100 { Err(error.clone()) } else { Ok(page_of([1, 2], 0, 2)) }
            };
            let listing = super::read(page, |_, _| {}).await;
            assert_eq!((&*asked.borrow(), listing.failure.is_none()), (&sizes.to_vec(), sizes.len() > 1), "{error}");
        }
    }

    #[tokio::test]
    async fn a_count_that_never_fits_is_reported_with_what_was_found() {
        let server = Server { phantoms: 1, ..Server::new(36, 15) };
        let listing = server.list().await;
        assert_eq!((listing.checked, listing.total, listing.pages), (36, 37, 3));
        assert_eq!(slots(&listing).len(), 36);
        let failure = ListError::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 0 });
        assert_eq!(listing.failure, Some(failure));
        assert_eq!(server.requests.get(), 6, "read twice, not more");
    }

    #[tokio::test]
    async fn a_change_during_the_first_reading_is_healed_by_the_second() {
        for change in [Change::Insert(0, 1000), Change::Remove(0), Change::Insert(40, 1000), Change::Remove(60)] {
            let server = Server::new(61, 15);
            server.changes.borrow_mut().push((3, change));
            let listing = server.list().await;
            assert_whole(&server, &listing);
        }
    }

    #[tokio::test]
    async fn what_either_unsteady_reading_found_is_reported() {
        let server = Server::new(31, 15);
        // Before page 2 of each reading, the first row is removed: 16 (index 15) is never seen in the first reading.
        server.changes.borrow_mut().extend([(2, Change::Remove(0)), (5, Change::Remove(0))]);
        let listing = server.list().await;
        assert!(matches!(listing.failure, Some(ListError::Incomplete(_))), "{:?}", listing.failure);
        let seen = slots(&listing);
        assert_eq!(seen, (1..=31).collect::<Vec<_>>(), "removed ones were seen too");
    }

    /// A page with these slots, and this many rows without one.
    fn page_of(slots: impl IntoIterator<Item = i64>, without: usize, total: u64) -> Page {
        let rows: Vec<Certificate> = slots.into_iter().map(row).collect();
        Page { length: rows.len() + without, rows, total: Some(total) }
    }

    /// What is read when pages are served by the number of their request, from 1; and how many requests that took.
    async fn read_from(page: impl Fn(u64, u64) -> Result<Page, Error>) -> (Listing, u64) {
        read_with(|request, number, _| page(request, number)).await
    }

    /// As above, by page size too.
    async fn read_with(page: impl Fn(u64, u64, u64) -> Result<Page, Error>) -> (Listing, u64) {
        let requests = Cell::new(0);
        let numbered = async |number, size, _: bool| {
            requests.set(requests.get() + 1);
            page(requests.get(), number, size)
        };
        let listing = read(numbered, |_, _| {}).await;
        (listing, requests.get())
    }

    pub(super) fn refused(status: u16) -> Error {
        Error::Refused { status, reply: ErrorReply::default() }
    }

    #[test]
    fn what_is_missing_is_said_in_numbers() {
        for (checked, total, unreadable, expected) in [
            (36, 37, 0, "incomplete listing: 36 of 37"),
            (37, 37, 0, "incomplete listing: 37 of 37 (the list changed while it was read)"),
            (38, 37, 0, "incomplete listing: 38 of 37 (the list changed while it was read)"),
            (36, 37, 1, "incomplete listing: 36 of 37 (1 row cannot be read)"),
            (33, 37, 4, "incomplete listing: 33 of 37 (4 rows cannot be read)"),
        ] {
            assert_eq!(Incomplete { checked, total, unreadable }.to_string(), expected);
        }
    }

    #[tokio::test]
    async fn a_row_without_a_slot_is_missing_whatever_the_count_says() {
        for total in [2, 3] {
            let (listing, requests) = read_from(|_, _| Ok(page_of([1, 2], 1, total))).await;
            assert_eq!((slots(&listing), requests), (vec![1, 2], 2));
            assert_eq!(listing.failure, Some(ListError::Incomplete(Incomplete { checked: 2, total, unreadable: 1 })));
        }
    }

    #[tokio::test]
    async fn an_empty_page_or_one_without_slots_costs_no_other() {
        for cap in [7, 15, 100] {
            for holes in [&[1][..], &[2], &[4], &[1, 2, 3], &[2, 3, 4, 5, 6], &[1, 3, 5]] {
                for without in [0, 1] {
                    let server = Server::new(105, cap);
                    let page = |_, number, size| {
                        let page = server.page(number, size)?;
                        let length = page.length * without;
                        Ok(if holes.contains(&number) { Page { rows: Vec::new(), length, ..page } } else { page })
                    };
                    let (listing, _) = read_with(page).await;
                    let index = |slot: i64| u64::try_from(105 - slot).unwrap();
                    let expected: Vec<i64> =
                        (1..=105).filter(|slot| !holes.contains(&(index(*slot) / cap.min(105) + 1))).collect();
                    let found = slots(&listing);
                    // If a first page is empty, the next size may find some of its rows.
                    assert!(expected.iter().all(|slot| found.contains(slot)), "{cap} {holes:?} {without} {found:?}");
                    assert_eq!(listing.failure.is_some(), found.len() < 105);
                }
            }
        }
    }

    #[tokio::test]
    async fn rows_behind_pages_that_got_shorter_are_read() {
        // Rows on each page, whatever is asked for.
        for lengths in [&[15, 10, 10, 1][..], &[15, 15, 3, 15, 3], &[15, 1, 1, 1, 1, 17]] {
            let count: i64 = lengths.iter().sum();
            let (listing, _) = read_from(|_, number| {
                let index = usize::try_from(number - 1).unwrap();
                let before: i64 = lengths.iter().take(index).sum();
                let length = lengths.get(index).copied().unwrap_or_default();
                Ok(page_of(before + 1..=before + length, 0, u64::try_from(count).unwrap()))
            })
            .await;
            assert_eq!((listing.failure, listing.checked), (None, u64::try_from(count).unwrap()), "{lengths:?}");
        }
    }

    #[tokio::test]
    async fn the_second_reading_asks_for_the_size_that_was_accepted() {
        let server = Server { refuses: Some(15), phantoms: 1, ..Server::new(37, 100) };
        let listing = server.list().await;
        assert_eq!((listing.checked, server.requests.get()), (37, 2 + 3 + 3));
    }

    #[tokio::test]
    async fn the_pages_and_the_total_are_those_of_the_second_reading() {
        let (listing, _) = read_from(|request, number| match (request, number) {
            (1, _) => Ok(page_of(1..=15, 0, 17)),
            (2, _) => Ok(page_of([16], 0, 17)),
            (_, 1) => Ok(page_of(1..=15, 0, 33)),
            (_, 2) => Ok(page_of(16..=30, 0, 33)),
            _ => Ok(page_of([31], 1, 33)),
        })
        .await;
        assert_eq!((listing.checked, listing.total, listing.pages), (31, 33, 3));
        assert_eq!(listing.failure, Some(ListError::Incomplete(Incomplete { checked: 31, total: 33, unreadable: 1 })));
    }

    #[tokio::test]
    async fn a_server_that_makes_up_rows_without_end_is_left_after_many_pages() {
        let page = |_, number: u64| Ok(page_of([i64::try_from(number).unwrap()], 0, 1 << 40));
        let (listing, requests) = read_from(page).await;
        assert_eq!((listing.checked, requests), (MOST_PAGES, 2 * MOST_PAGES));
    }

    #[tokio::test]
    async fn two_readings_that_are_whole_together_are_whole() {
        let pages = |totals: [u64; 4], without: [usize; 4]| {
            let readings = Cell::new(0);
            move |_: u64, number: u64| {
                readings.set(readings.get() + u64::from(number == 1));
                let index = usize::try_from(2 * (readings.get() - 1) + number.min(2) - 1).unwrap();
                if number > 2 {
                    return Ok(page_of([], 0, totals[index]));
                }
                let slots = [1..=15, 2..=16, 15..=29, 16..=30][index].clone();
                Ok(page_of(slots, without[index], totals[index]))
            }
        };
        let (listing, requests) = read_from(pages([30; 4], [0; 4])).await;
        assert_eq!((slots(&listing), requests), ((1..=30).collect(), 4));
        assert_eq!((listing.failure, listing.checked, listing.total, listing.pages), (None, 30, 30, 2));

        // A row that could not be read in one reading was read in the other.
        let (listing, _) = read_from(pages([30; 4], [0, 1, 1, 0])).await;
        assert_eq!((listing.failure, listing.checked), (None, 30));

        for (totals, checked, total) in [
            ([30, 31, 30, 30], 30, 30),
            ([30, 30, 30, 31], 30, 31),
            ([29, 29, 30, 30], 30, 30),
            ([31; 4], 30, 31),
            ([29; 4], 30, 29),
        ] {
            let (listing, _) = read_from(pages(totals, [0; 4])).await;
            let failure = ListError::Incomplete(Incomplete { checked, total, unreadable: 0 });
            assert_eq!((slots(&listing), listing.failure), ((1..=30).collect(), Some(failure)), "{totals:?}");
        }
        // More rows than the total: those without a slot are too many.
        let (listing, _) = read_from(pages([30; 4], [0, 0, 16, 0])).await;
        assert!(matches!(listing.failure, Some(ListError::Incomplete(_))), "{:?}", listing.failure);
    }

    #[tokio::test]
    async fn at_most_four_requests_are_in_flight() {
        let (server, flying, most) = (Server::new(300, 15), Cell::new(0), Cell::new(0));
        let page = async |number, size, _: bool| {
            flying.set(flying.get() + 1);
            most.set(flying.get().max(most.get()));
            tokio::task::yield_now().await;
            flying.set(flying.get() - 1);
            server.page(number, size)
        };
        let listing = read(page, |_, _| {}).await;
        assert_whole(&server, &listing);
        assert_eq!(most.get(), 4);
    }

    #[tokio::test]
    async fn progress_is_reported_after_every_page() {
        let progress = RefCell::new(Vec::new());
        let server = Server::new(37, 15);
        read(
            async |number, size, _| server.page(number, size),
            |checked, total| progress.borrow_mut().push((checked, total)),
        )
        .await;
        assert_eq!(progress.into_inner(), [(15, 37), (30, 37), (37, 37)]);
    }

    proptest! {
        /// However the list changes: nothing is duplicated, what was there all the time is found, and a listing that claims
        /// to be complete holds exactly what the server held at some time during that reading, if the list only grew or only
        /// shrank.
        #[test]
        fn a_changing_list_loses_and_doubles_nothing(
            count in 0_i64..120,
            cap in 1_u64..40,
            changes in proptest::collection::vec((1_usize..20, 0_usize..120, proptest::bool::ANY), 0..4),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let server = Server::new(count, cap);
            let before: HashSet<i64> = server.slots.borrow().iter().copied().collect();
            for (number, &(when, index, insert)) in changes.iter().enumerate() {
                let change = if insert { Change::Insert(index, 10_000 + i64::try_from(number).unwrap()) } else { Change::Remove(index) };
                server.changes.borrow_mut().push((when, change));
            }
            let listing = runtime.block_on(server.list());
            let found = slots(&listing);
            let unique: HashSet<i64> = found.iter().copied().collect();
            prop_assert_eq!(unique.len(), found.len());
            prop_assert_eq!(listing.checked, found.len() as u64);
            let after: HashSet<i64> = server.slots.borrow().iter().copied().collect();
            if changes.is_empty() {
                prop_assert_eq!(&unique, &after);
            }
            if listing.failure.is_none() {
                prop_assert_eq!(listing.checked, listing.total);
                let mixed = changes.iter().any(|change| change.2) && changes.iter().any(|change| !change.2);
                if !mixed {
                    for slot in before.intersection(&after) {
                        prop_assert!(unique.contains(slot), "{slot} stood there all the time");
                    }
                }
            }
        }
    }
}
