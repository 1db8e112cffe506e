//! Whatever a server does to a list, what it served is found.

use std::cell::RefCell;
use std::collections::HashSet;

use proptest::prelude::*;

use super::tests::{refused, slots};
use super::{ListError, MOST_WITHOUT_NEWS, Page, read};
use crate::global_edge::{SIZES, wire};
use crate::ncp::{Error, ErrorReply};
use crate::net::disclosure::Secrets;

/// A server that does to a list everything that tests have thought of, and answers in text.
#[derive(Debug, Default)]
struct Wild {
    slots: RefCell<Vec<i64>>,
    cap: u64,
    /// Larger page sizes are refused.
    largest: u64,
    echo: Option<u64>,
    /// How many more certificates it counts than it has.
    miscount: i64,
    /// Pages that come without rows, with rows that have no slot, or not at all.
    empty: Vec<u64>,
    slotless: Vec<u64>,
    fails: Vec<u64>,
    /// Slots whose row is malformed, and in which way.
    bad: Vec<(i64, usize)>,
    /// How many rows move from the end to the beginning before each request.
    drift: usize,
    /// Before the request with this number, from 1, the row at one position is removed and another is inserted at another
    /// position.
    swaps: Vec<(usize, usize, usize)>,
    /// The requests, each with the slots that were served.
    heard: RefCell<Vec<Heard>>,
}

#[derive(Debug, Clone)]
struct Heard {
    number: u64,
    size: u64,
    served: Vec<i64>,
}

impl Wild {
    fn page(&self, number: u64, size: u64) -> Result<Page, Error> {
        assert!(number >= 1 && (1..=1000).contains(&size), "page {number} by {size}");
        let request = self.heard.borrow().len() + 1;
        let mut slots = self.slots.borrow_mut();
        for &(_, gone, new) in self.swaps.iter().filter(|swap| swap.0 == request) {
            if !slots.is_empty() {
                let (gone, new) = (gone % slots.len(), new % slots.len());
                slots.remove(gone);
                slots.insert(new, 1000 + i64::try_from(request).unwrap());
            }
        }
        if !slots.is_empty() {
            let drift = self.drift % slots.len();
            slots.rotate_right(drift);
        }
        let used = size.min(self.cap);
        let mut rows: Vec<i64> = slots
            .iter()
            .skip(usize::try_from((number - 1) * used).unwrap())
            .take(usize::try_from(used).unwrap())
            .copied()
            .collect();
        let (is_refused, fails) = (size > self.largest, self.fails.contains(&number));
        if is_refused || fails || self.empty.contains(&number) {
            rows.clear();
        }
        let bad = |slot: i64| self.bad.iter().find(|bad| bad.0 == slot).map(|bad| bad.1);
        let has_slots = !self.slotless.contains(&number);
        let served = rows.iter().copied().filter(|slot| has_slots && bad(*slot).is_none()).collect();
        self.heard.borrow_mut().push(Heard { number, size, served });
        if is_refused {
            return Err(Error::Refused {
                status: 400,
                reply: ErrorReply { code: "0040".into(), ..ErrorReply::default() },
            });
        }
        if fails {
            return Err(refused(500));
        }
        let row = |slot: i64| match bad(slot) {
            _ if !has_slots => r#"{"commonName":"no slot"}"#.to_owned(),
            None => format!(r#"{{"slotId":{slot},"commonName":"{slot}.example.kr"}}"#),
            Some(0) => format!(r#"{{"slotId":{slot},"slotId":{slot}}}"#),
            Some(1) => format!(r#"{{"slotId":{slot},"commonName":"\ud83d"}}"#),
            Some(2) => format!(r#"{{"slotId":{slot},"commonName":1e999}}"#),
            Some(3) => format!(r#"{{"slotId":{slot},"commonName":{{"a":1,"a":2}}}}"#),
            Some(4) => format!(r#"{{"slotId":[{slot}]}}"#),
            Some(_) => slot.to_string(),
        };
        let rows: Vec<String> = rows.into_iter().map(row).collect();
        let (echo, total) = (self.echo.unwrap_or(used), self.total(slots.len()));
        let body = format!(
            r#"{{"code":"0000","result":{{"content":[{}],"pageable":{{"offset":{echo},"totalCount":{total}}}}}}}"#,
            rows.join(",")
        );
        wire::page(body.as_bytes(), &Secrets::default())
    }

    fn total(&self, count: usize) -> u64 {
        u64::try_from(i64::try_from(count).unwrap() + self.miscount).unwrap_or_default()
    }

    /// The requests of each reading. A reading begins with page 1, at a size no smaller than that of the request before.
    fn readings(&self) -> Vec<Vec<Heard>> {
        let mut readings: Vec<Vec<Heard>> = Vec::new();
        for heard in self.heard.borrow().iter() {
            let former = readings.last().and_then(|reading| reading.last());
            let begins =
                heard.number == 1 && former.is_none_or(|former| former.number > 1 || former.size <= heard.size);
            if begins {
                readings.push(Vec::new());
            }
            readings.last_mut().unwrap().push(heard.clone());
        }
        readings
    }

    /// The positions that a page of this reading would have shown if it had not been empty.
    fn hidden(&self, reading: &[Heard]) -> HashSet<u64> {
        let is_last_of_its_number = |at: usize| reading.get(at + 1).is_none_or(|next| next.number > 1);
        let holes = reading.iter().enumerate().filter(|(at, heard)| {
            (self.empty.contains(&heard.number) || self.slotless.contains(&heard.number)) && is_last_of_its_number(*at)
        });
        holes
            .flat_map(|(_, heard)| {
                let used = heard.size.min(self.cap);
                (heard.number - 1) * used..heard.number * used
            })
            .collect()
    }
}

fn set(readings: &[Vec<Heard>]) -> HashSet<i64> {
    readings.iter().flatten().flat_map(|heard| heard.served.iter().copied()).collect()
}

fn some<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>, most: usize) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(value, 1..=most)]
}

prop_compose! {
    fn wild()(
        count in 0_i64..150,
        cap in prop_oneof![1_u64..40, 40_u64..2000],
        largest in prop_oneof![4 => Just(1000_u64), 1 => Just(999), 1 => Just(99), 1 => Just(15), 1 => Just(14)],
        echo in proptest::option::of(0_u64..2000),
        miscount in prop_oneof![6 => Just(0_i64), 1 => -2_i64..3, 1 => Just(1 << 40)],
        empty in some(1_u64..12, 5),
        slotless in some(1_u64..12, 5),
        fails in prop_oneof![3 => Just(Vec::new()), 1 => some(1_u64..12, 4)],
        bad in some((1_i64..150, 0_usize..6), 4),
        drift in prop_oneof![2 => Just(0_usize), 1 => 1_usize..150],
        swaps in some((1_usize..30, 0_usize..150, 0_usize..150), 3),
    ) -> Wild {
        let slots = RefCell::new((1..=count).rev().collect());
        Wild { slots, cap, largest, echo, miscount, empty, slotless, fails, bad, drift, swaps, ..Wild::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever the server does: what it served is found, once, and nothing else; a gap costs what it hides and nothing
    /// after it; the list is complete if and only if the readings hold it; and reading ends.
    #[test]
    fn whatever_the_server_does_what_it_served_is_found(server in wild()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let count = server.slots.borrow().len();
        let listing =
            runtime.block_on(read(async |number, size, _| server.page(number, size), |_, _| {}));
        let found: HashSet<i64> = slots(&listing).into_iter().collect();
        prop_assert_eq!(found.len(), listing.rows.len(), "each once");
        prop_assert_eq!(listing.checked, found.len() as u64);

        let readings = server.readings();
        prop_assert!(readings.len() <= 2, "{readings:?}");
        let (served, last) = (set(&readings), set(&readings[readings.len() - 1..]));
        // If the second reading is complete, what only the first one showed is gone.
        prop_assert!(found == served || listing.failure.is_none() && found == last, "{found:?} of {served:?}");
        let changes = !server.swaps.is_empty();
        if listing.failure.is_none() {
            prop_assert_eq!(listing.checked, listing.total);
            prop_assert_eq!(listing.total, server.total(count), "swaps leave the total as it is");
        }

        let failed = |reading: &[Heard]| reading.iter().any(|heard| server.fails.contains(&heard.number));
        let is_refused = server.largest < SIZES[2];
        prop_assert_eq!(
            matches!(listing.failure, Some(ListError::Page(_))),
            is_refused || readings.iter().any(|reading| failed(reading))
        );
        let hides = !server.slotless.is_empty() || !server.bad.is_empty();
        if !changes && !hides && server.miscount == 0 && server.fails.is_empty() && !is_refused {
            prop_assert_eq!(listing.failure.is_none(), served.len() == count, "{:?}", listing.failure);
        }
        if !changes && server.drift == 0 && server.miscount >= 0 && server.fails.is_empty() && !is_refused {
            for reading in &readings {
                let hidden = server.hidden(reading);
                for (position, slot) in (0..).zip(server.slots.borrow().iter()) {
                    let is_bad = server.bad.iter().any(|bad| bad.0 == *slot);
                    prop_assert!(is_bad || hidden.contains(&position) || found.contains(slot), "{slot} at {position}");
                }
            }
        }

        let most = 2 * (SIZES.len() + MOST_WITHOUT_NEWS + 4 + 12 * (count + server.swaps.len()));
        let requests = server.heard.borrow().len();
        prop_assert!(requests <= most, "{requests} of {most}");
    }
}
