//! Reading a paged list whole: nothing lost, nothing doubled, whatever the server does with the page size and however the
//! list changes meanwhile.
//!
//! Knows pages, not HTTP: the pages come from a function.

use std::fmt;

use futures_util::{StreamExt, stream};
use rustc_hash::FxHashSet;

use super::{Error, Page};
use crate::certificate::Certificate;

/// How many rows a page is asked for. The API documents no maximum.
pub(super) const ASKED: u64 = 100;

/// The documented default page size: asked for when [`ASKED`] is refused.
const DEFAULT_SIZE: u64 = 15;

/// How many requests are in flight at once.
const IN_FLIGHT: usize = 4;

/// After this many pages in a row that brought nothing new, no further page is expected to: a bound for a server that counts
/// more certificates than it shows.
const BARREN: usize = 4;

/// After this many pages that failed for good, the rest is not asked for.
const FAILED_PAGES: usize = 3;

/// For how many slots room is made before they are read: what the server counts is not a promise.
const MOST_RESERVED: usize = 100_000;

/// What certificates are collected into.
pub trait Collect: Extend<Certificate> {}

impl<C: Extend<Certificate>> Collect for C {}

/// What was found, and whether that is all.
#[derive(Debug)]
pub struct Listing<C> {
    /// The certificates, each slot once.
    pub rows: C,
    /// How many there are in `rows`.
    pub checked: u64,
    /// How many there are, as the server counts.
    pub total: u64,
    /// How many pages were read in the reading that counted.
    pub pages: u64,
    /// Why the list is not whole, if it is not.
    pub stop: Option<Stop>,
}

/// Why a list is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A page could not be read.
    Page(Error),
    /// All pages were read, twice, and still are not the whole list.
    Incomplete(Incomplete),
}

/// A list whose count does not fit its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incomplete {
    /// How many certificates were found.
    pub checked: u64,
    /// How many there are, as the server counts.
    pub total: u64,
    /// How many rows had no readable `slotId`.
    pub unreadable: u64,
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "incomplete listing: {} of {}", self.checked, self.total)?;
        match self.unreadable {
            0 if self.checked >= self.total => write!(f, " (the list changed while it was read)"),
            0 => Ok(()),
            1 => write!(f, " (1 row has no readable slotId)"),
            many => write!(f, " ({many} rows have no readable slotId)"),
        }
    }
}

/// Reads the list; once more if the first reading is not whole.
pub(super) async fn read<C: Collect>(
    page: impl AsyncFn(u64, u64) -> Result<Page, Error>,
    new: impl Fn() -> C,
    progress: impl Fn(u64, u64),
) -> Listing<C> {
    let mut first = Reading::new(new());
    first.read(&page, None, &progress).await;
    if first.is_whole() || first.error.is_some() {
        return first.listing();
    }
    tracing::info!(checked = first.slots.len(), total = first.total, "the list is not whole and is read once more");
    let mut second = Reading { asked: first.asked, ..Reading::new(new()) };
    second.read(&page, Some(&mut first), &progress).await;
    if second.is_whole() {
        return second.listing();
    }
    // Neither reading is whole. What either of them found is reported: nothing that was seen may be missed.
    first.error = second.error;
    first.unreadable = second.unreadable;
    if second.pages > 0 {
        (first.pages, first.total) = (second.pages, second.total);
    }
    first.steady = false;
    first.listing()
}

/// One reading of the list.
struct Reading<C> {
    rows: C,
    slots: FxHashSet<i64>,
    /// The page size to ask for.
    asked: u64,
    total: Option<u64>,
    /// Whether every page reported the same total.
    steady: bool,
    unreadable: u64,
    pages: u64,
    error: Option<Error>,
}

impl<C: Collect> Reading<C> {
    fn new(rows: C) -> Self {
        Self {
            rows,
            slots: FxHashSet::default(),
            asked: ASKED,
            total: None,
            steady: true,
            unreadable: 0,
            pages: 0,
            error: None,
        }
    }

    fn is_whole(&self) -> bool {
        self.error.is_none() && self.steady && self.unreadable == 0 && self.total == Some(self.slots.len() as u64)
    }

    /// Reads all pages. What is new to `former` is added to it too.
    async fn read(
        &mut self,
        page: &impl AsyncFn(u64, u64) -> Result<Page, Error>,
        mut former: Option<&mut Self>,
        progress: &impl Fn(u64, u64),
    ) {
        let mut first = page(1, self.asked).await;
        if self.asked != DEFAULT_SIZE && first.as_ref().is_err_and(Error::is_field_validation) {
            self.asked = DEFAULT_SIZE;
            first = page(1, self.asked).await;
        }
        let (length, size, total) = match first {
            Ok(page) => {
                let shape = (page.length as u64, page.size.unwrap_or(self.asked), page.total);
                self.take(page, former.as_deref_mut());
                shape
            }
            Err(error) => {
                self.error = Some(error);
                return;
            }
        };
        progress(self.slots.len() as u64, total);
        self.slots.reserve(usize::try_from(total).unwrap_or(MOST_RESERVED).min(MOST_RESERVED));
        if length == 0 || length >= total {
            return;
        }
        // A server may cap the size and say so, or not say so. Any size up to what the first page really held leaves no gap
        // behind that page.
        let size = size.clamp(1, length);
        let mut pages = stream::iter(2..=total.div_ceil(size)).map(|number| page(number, size)).buffered(IN_FLIGHT);
        let (mut barren, mut failed) = (0, 0);
        while let Some(next) = pages.next().await {
            match next {
                Ok(page) => {
                    let (known, empty) = (self.slots.len(), page.length == 0);
                    self.take(page, former.as_deref_mut());
                    progress(self.slots.len() as u64, total);
                    barren = if self.slots.len() == known { barren + 1 } else { 0 };
                    if empty || barren == BARREN {
                        return;
                    }
                }
                Err(error) => {
                    failed += 1;
                    let hopeless = error.concerns_every_page() || failed == FAILED_PAGES;
                    self.error.get_or_insert(error);
                    if hopeless {
                        return;
                    }
                }
            }
        }
    }

    fn take(&mut self, page: Page, former: Option<&mut Self>) {
        self.pages += 1;
        self.steady &= self.total.is_none_or(|total| total == page.total);
        self.total = Some(page.total);
        self.unreadable += (page.length - page.rows.len()) as u64;
        let mut rows = page.rows;
        rows.retain(|row| self.slots.insert(row.slot_id));
        if let Some(former) = former {
            let new = rows.iter().filter(|row| former.slots.insert(row.slot_id));
            former.rows.extend(new.cloned());
        }
        self.rows.extend(rows);
    }

    fn listing(self) -> Listing<C> {
        let whole = self.is_whole();
        let (checked, total) = (self.slots.len() as u64, self.total.unwrap_or_default());
        let incomplete = Incomplete { checked, total, unreadable: self.unreadable };
        let stop = self.error.map(Stop::Page).or((!whole).then_some(Stop::Incomplete(incomplete)));
        Listing { rows: self.rows, checked, total, pages: self.pages, stop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Said;
    use crate::certificate::{Expiry, Status};
    use proptest::prelude::*;
    use std::cell::{Cell, RefCell};

    /// A list on a server that can cap, lie, change and fail.
    struct Server {
        slots: RefCell<Vec<i64>>,
        cap: u64,
        /// Whether the page size that is echoed is the one that was used.
        honest: bool,
        refuses: Option<u64>,
        requests: Cell<usize>,
        /// Before the request with this number, the list changes so.
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
                honest: true,
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
                    Change::Insert(place, slot) if due => {
                        let place = place.min(slots.len());
                        slots.insert(place, slot);
                    }
                    Change::Remove(place) if due && !slots.is_empty() => {
                        let place = place % slots.len();
                        slots.remove(place);
                    }
                    _ => {}
                }
                !due
            });
            assert!(number >= 1, "page 0 is not documented");
            if self.refuses.is_some_and(|size| asked > size) {
                return Err(Error::Refused { status: 400, said: Said { code: "0040".into(), text: String::new() } });
            }
            if self.fails.contains(&number) {
                return Err(Error::Refused { status: 500, said: Said::default() });
            }
            let size = asked.min(self.cap);
            let slots = self.slots.borrow();
            let start = usize::try_from((number - 1) * size).unwrap();
            let rows: Vec<_> = slots.iter().skip(start).take(size.try_into().unwrap()).map(|&slot| row(slot)).collect();
            let size = Some(if self.honest { size } else { asked });
            Ok(Page { length: rows.len(), rows, size, total: slots.len() as u64 + self.phantoms })
        }

        async fn list(&self) -> Listing<Vec<Certificate>> {
            read(async |number, size| self.page(number, size), Vec::new, |_, _| {}).await
        }
    }

    fn row(slot_id: i64) -> Certificate {
        Certificate {
            slot_id,
            common_name: format!("{slot_id}.example.kr").into(),
            certificate_name: "".into(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::Missing,
            provisioned: None,
        }
    }

    fn slots(listing: &Listing<Vec<Certificate>>) -> Vec<i64> {
        let mut slots: Vec<i64> = listing.rows.iter().map(|row| row.slot_id).collect();
        slots.sort_unstable();
        slots
    }

    fn assert_whole(server: &Server, listing: &Listing<Vec<Certificate>>) {
        let mut expected = server.slots.borrow().clone();
        expected.sort_unstable();
        assert_eq!(slots(listing), expected);
        assert_eq!((listing.checked, listing.total), (expected.len() as u64, expected.len() as u64));
        assert_eq!(listing.stop, None);
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
        for count in [1, 15, 16, 37, 100, 101, 1000, 5000] {
            for cap in [1000, 100, 50, 37, 16, 15, 7] {
                for honest in [true, false] {
                    let server = Server { honest, ..Server::new(count, cap) };
                    let listing = server.list().await;
                    assert_whole(&server, &listing);
                    let pages = u64::try_from(count).unwrap().div_ceil(cap.min(ASKED));
                    assert_eq!((listing.pages, server.requests.get() as u64), (pages, pages), "{count} by {cap}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_refused_page_size_falls_back_to_the_documented_default() {
        let server = Server { refuses: Some(15), ..Server::new(37, 100) };
        let listing = server.list().await;
        assert_whole(&server, &listing);
        assert_eq!((listing.pages, server.requests.get()), (3, 4));
    }

    #[tokio::test]
    async fn a_count_that_never_fits_is_reported_with_what_was_found() {
        let server = Server { phantoms: 1, ..Server::new(36, 15) };
        let listing = server.list().await;
        assert_eq!((listing.checked, listing.total, listing.pages), (36, 37, 3));
        assert_eq!(slots(&listing).len(), 36);
        let stop = Stop::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 0 });
        assert_eq!(listing.stop, Some(stop));
        assert_eq!(server.requests.get(), 6, "read twice, not more");
    }

    #[tokio::test]
    async fn an_absurd_count_does_not_keep_the_reading_going() {
        let server = Server { phantoms: 1 << 40, ..Server::new(36, 15) };
        let listing = server.list().await;
        assert_eq!(listing.checked, 36);
        assert!(server.requests.get() < 30);
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
        // Before page 2 of each reading the row at its start moves away: 16 (place 15) is never seen in the first one.
        server.changes.borrow_mut().extend([(2, Change::Remove(0)), (5, Change::Remove(0))]);
        let listing = server.list().await;
        assert!(matches!(listing.stop, Some(Stop::Incomplete(_))), "{:?}", listing.stop);
        let seen = slots(&listing);
        assert_eq!(seen, (1..=31).collect::<Vec<_>>(), "removed ones were seen too");
    }

    #[tokio::test]
    async fn pages_that_were_read_count_when_another_fails_for_good() {
        let server = Server { fails: vec![2], ..Server::new(61, 15) };
        let listing = server.list().await;
        assert_eq!((listing.checked, listing.total), (46, 61));
        assert!(matches!(listing.stop, Some(Stop::Page(Error::Refused { status: 500, .. }))));

        let server = Server { fails: vec![1], ..Server::new(61, 15) };
        let listing = server.list().await;
        assert_eq!((listing.checked, listing.total, listing.pages), (0, 0, 0));
        assert!(matches!(listing.stop, Some(Stop::Page(_))));
    }

    /// A page with these slots and as many rows that have none.
    fn page_of(slots: impl IntoIterator<Item = i64>, without: usize, size: u64, total: u64) -> Page {
        let rows: Vec<Certificate> = slots.into_iter().map(row).collect();
        Page { length: rows.len() + without, rows, size: Some(size), total }
    }

    /// What is read from pages by the number of their request, from 1; and how many requests that took.
    async fn read_from(page: impl Fn(u64, u64) -> Result<Page, Error>) -> (Listing<Vec<Certificate>>, u64) {
        let requests = Cell::new(0);
        let numbered = async |number, _| {
            requests.set(requests.get() + 1);
            page(requests.get(), number)
        };
        let listing = read(numbered, Vec::new, |_, _| {}).await;
        (listing, requests.get())
    }

    fn refused(status: u16) -> Error {
        Error::Refused { status, said: Said::default() }
    }

    #[test]
    fn what_is_missing_is_said_in_numbers() {
        for (checked, total, unreadable, expected) in [
            (36, 37, 0, "incomplete listing: 36 of 37"),
            (37, 37, 0, "incomplete listing: 37 of 37 (the list changed while it was read)"),
            (38, 37, 0, "incomplete listing: 38 of 37 (the list changed while it was read)"),
            (36, 37, 1, "incomplete listing: 36 of 37 (1 row has no readable slotId)"),
            (33, 37, 4, "incomplete listing: 33 of 37 (4 rows have no readable slotId)"),
        ] {
            assert_eq!(Incomplete { checked, total, unreadable }.to_string(), expected);
        }
    }

    #[tokio::test]
    async fn a_row_without_a_slot_is_missing_whatever_the_count_says() {
        for total in [2, 3] {
            let (listing, requests) = read_from(|_, _| Ok(page_of([1, 2], 1, 100, total))).await;
            assert_eq!((slots(&listing), requests), (vec![1, 2], 2));
            assert_eq!(listing.stop, Some(Stop::Incomplete(Incomplete { checked: 2, total, unreadable: 1 })));
        }
    }

    #[tokio::test]
    async fn an_empty_page_of_a_list_that_is_not_empty_is_an_incomplete_listing() {
        let (listing, requests) = read_from(|_, _| Ok(page_of([], 0, 100, 5))).await;
        assert_eq!(listing.stop, Some(Stop::Incomplete(Incomplete { checked: 0, total: 5, unreadable: 0 })));
        assert_eq!(requests, 2);
    }

    #[tokio::test]
    async fn the_second_reading_asks_for_the_size_that_was_accepted() {
        let server = Server { refuses: Some(15), phantoms: 1, ..Server::new(37, 100) };
        let listing = server.list().await;
        assert_eq!((listing.checked, server.requests.get()), (37, 1 + 3 + 3));
    }

    #[tokio::test]
    async fn a_second_reading_that_fails_at_once_leaves_what_the_first_one_found() {
        let (listing, requests) = read_from(|request, _| match request {
            1 => Ok(page_of(1..=15, 0, 15, 31)),
            2 => Ok(page_of(16..=30, 0, 15, 31)),
            3 => Ok(page_of([], 0, 15, 31)),
            _ => Err(refused(500)),
        })
        .await;
        assert_eq!((listing.checked, listing.total, listing.pages, requests), (30, 31, 3, 4));
        assert_eq!(listing.stop, Some(Stop::Page(refused(500))));
    }

    #[tokio::test]
    async fn the_pages_and_the_total_are_those_of_the_second_reading() {
        let (listing, _) = read_from(|request, number| match (request, number) {
            (1, _) => Ok(page_of(1..=15, 0, 15, 17)),
            (2, _) => Ok(page_of([16], 0, 15, 17)),
            (_, 1) => Ok(page_of(1..=15, 0, 15, 33)),
            (_, 2) => Ok(page_of(16..=30, 0, 15, 33)),
            _ => Ok(page_of([31], 1, 15, 33)),
        })
        .await;
        assert_eq!((listing.checked, listing.total, listing.pages), (31, 33, 3));
        assert_eq!(listing.stop, Some(Stop::Incomplete(Incomplete { checked: 31, total: 33, unreadable: 1 })));
    }

    #[tokio::test]
    async fn pages_that_bring_nothing_new_end_the_reading_after_a_few() {
        let (listing, requests) = read_from(|_, _| Ok(page_of(1..=15, 0, 15, 1500))).await;
        let pages = 1 + BARREN as u64;
        assert_eq!((listing.checked, listing.total, listing.pages), (15, 1500, pages));
        assert!((2 * pages..2 * (pages + IN_FLIGHT as u64)).contains(&requests), "{requests}");

        // One that brings something is no reason to end, however many in all did not.
        let (listing, _) = read_from(|_, number| {
            let new = i64::try_from(number).unwrap() / 4;
            Ok(page_of((1..=14).chain([100 + new]), 0, 15, 15 * 24))
        })
        .await;
        assert_eq!((listing.checked, listing.pages), (14 + 7, 24));
    }

    #[tokio::test]
    async fn a_few_failed_pages_are_passed_over_and_more_end_the_reading() {
        let page = |fails: fn(u64) -> bool| {
            move |_, number| {
                let first = i64::try_from(number).unwrap() * 10;
                if fails(number) { Err(refused(500)) } else { Ok(page_of(first..first + 10, 0, 10, 1000)) }
            }
        };
        let (listing, requests) = read_from(page(|number| number == 2 || number == 50)).await;
        assert_eq!((listing.checked, listing.pages, requests), (980, 98, 100));
        assert_eq!(listing.stop, Some(Stop::Page(refused(500))));

        let (listing, requests) = read_from(page(|number| number > 10)).await;
        assert_eq!((listing.checked, listing.pages), (100, 10));
        let asked = 10 + FAILED_PAGES as u64;
        assert!((asked..asked + IN_FLIGHT as u64).contains(&requests), "{requests}");
    }

    #[tokio::test]
    async fn a_failure_that_would_meet_every_page_ends_the_reading() {
        let (listing, requests) = read_from(|_, number| match number {
            1 => Ok(page_of(1..=10, 0, 10, 1000)),
            _ => Err(Error::QuotaExceeded { said: Said::default() }),
        })
        .await;
        assert_eq!(listing.checked, 10);
        assert!(requests <= 1 + IN_FLIGHT as u64, "{requests}");
    }

    #[tokio::test]
    async fn progress_is_told_after_every_page() {
        let told = RefCell::new(Vec::new());
        let server = Server::new(37, 15);
        read(
            async |number, size| server.page(number, size),
            Vec::new,
            |checked, total| told.borrow_mut().push((checked, total)),
        )
        .await;
        assert_eq!(told.into_inner(), [(15, 37), (30, 37), (37, 37)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// However the list changes: nothing is doubled, what stood there all the time is found, and a listing that says it is
        /// whole holds exactly what the server held at some time of that reading, if the list only grew or only shrank.
        #[test]
        fn a_changing_list_loses_and_doubles_nothing(
            count in 0_i64..120,
            cap in 1_u64..40,
            honest: bool,
            changes in proptest::collection::vec((1_usize..20, 0_usize..120, proptest::bool::ANY), 0..4),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let server = Server { honest, ..Server::new(count, cap) };
            let before: FxHashSet<i64> = server.slots.borrow().iter().copied().collect();
            for (number, &(when, place, insert)) in changes.iter().enumerate() {
                let change = if insert { Change::Insert(place, 10_000 + i64::try_from(number).unwrap()) } else { Change::Remove(place) };
                server.changes.borrow_mut().push((when, change));
            }
            let listing = runtime.block_on(server.list());
            let found = slots(&listing);
            let unique: FxHashSet<i64> = found.iter().copied().collect();
            prop_assert_eq!(unique.len(), found.len());
            prop_assert_eq!(listing.checked, found.len() as u64);
            let after: FxHashSet<i64> = server.slots.borrow().iter().copied().collect();
            if changes.is_empty() {
                prop_assert_eq!(&unique, &after);
            }
            if listing.stop.is_none() {
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
