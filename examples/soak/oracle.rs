//! What must be reported to whom, by the contract alone: from the world and from what the servers really answered. Nothing here
//! calls the rules, reports or messages of the function; posts are read as their readers read them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::Value;

use crate::chats::{CHATS, Chat, Entry, Post, number_in};
use crate::faults::{Call, Meaning};
use crate::stage::{Ended, Outcome, Record, Seen};
use crate::world::{
    Account, AccountSecret, Detail, Elsewhere, HOOKS, Hook, Mute, Shape, Slot, Stated, World, next_months,
};

/// The most attempts at a call.
const ATTEMPTS: usize = 5;

/// The most details that are read.
const DETAILS: usize = 50;

/// The page size of a server when none is requested.
const DEFAULT_PAGE: usize = 15;

/// How many findings are named before the rest is counted.
const NAMED: usize = 20;

/// The most messages of a digest.
const PARTS: usize = 5;

/// English words that closing lines are known by.
mod words {
    pub(super) const LEFT_OUT: &str = "Left out of this channel";
    pub(super) const OLDER: &str = "in the weekly summary";
    pub(super) const DEPLOYED: &str = "Deployed in the last 7 days";
    pub(super) const SIMULATED: &str = "simulated";
    pub(super) const SAMPLE: &str = "test";
    pub(super) const EMPTY: &str = "0 certificates";
}

/// How urgent something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Info,
    Warning,
    Critical,
}

impl Level {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Critical].into_iter().find(|level| level.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A finding that must, or may, be reported.
#[derive(Debug, Clone)]
struct Found {
    account: usize,
    token: String,
    slot: Option<i64>,
    name: String,
    /// All names that routes are matched against.
    names: Vec<String>,
    level: Level,
    expiry: Option<DateTime<Utc>>,
    /// Whether the text is about the expiry.
    ends: bool,
    /// When its severity began, in every reading of the contract; `None` means unknown.
    since: Vec<Option<DateTime<Utc>>>,
    /// Whether it must be reported; otherwise it may be.
    certain: bool,
}

/// How the reading of an account must have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    label: String,
    /// The error types that it may have failed with; `None` among them means that it may have succeeded.
    ends: BTreeSet<Option<&'static str>>,
    /// The least and the most certificates that were judged.
    checked: (usize, usize),
    total: Option<u64>,
    pages: Option<usize>,
    /// The tokens of what must be judged, and of what may be.
    must: BTreeSet<String>,
    may: BTreeSet<String>,
}

impl End {
    fn is_ok(&self) -> bool {
        self.ends == BTreeSet::from([None])
    }

    fn has_failed(&self) -> bool {
        !self.ends.contains(&None)
    }
}

/// A certificate that must not be reported, because its dates and states are in order.
struct Healthy<'a> {
    account: usize,
    slot: &'a Slot,
    certain: bool,
}

/// What is known about an invocation before its messages are read.
struct Facts<'a> {
    world: &'a World,
    record: &'a Record,
    /// The time that certificates are judged at.
    now: DateTime<Utc>,
    is_simulated: bool,
    /// Whether the deadline was always far off.
    has_time: bool,
    warn: TimeDelta,
    critical: TimeDelta,
    /// The accounts that are read, in order: a secret that cannot be read is one account.
    ends: Vec<(Option<usize>, End)>,
    found: Vec<Found>,
    muted: Vec<Found>,
    healthy: Vec<Healthy<'a>>,
    problems: Vec<String>,
}

/// Everything that is wrong with an invocation.
pub(crate) fn check(world: &World, record: &Record) -> Vec<String> {
    let mut problems = Vec::new();
    let event = &record.invocation.event;
    leaks(world, record, &mut problems);
    let Some(ended) = &record.ended else {
        problems.push(format!("no answer within {:?}", record.took));
        return problems;
    };
    if record.took > record.invocation.deadline + record.stall {
        problems.push(format!("answered after {:?}, the deadline was {:?}", record.took, record.invocation.deadline));
    }
    if record.lines.iter().any(|line| line.contains("panicked")) {
        problems.push("it panicked".to_owned());
    }
    for seen in record.tape.iter().filter(|seen| seen.outcome == Outcome::Lost) {
        problems.push(format!("{:?} to an address that nobody named: {} {}", seen.call, seen.server, seen.key));
    }
    let early = match (world.settings.bad, &event.bad) {
        (Some(_), _) => Some("ConfigError"),
        (None, Some(_)) => Some("EventError"),
        (None, None) => None,
    };
    if let Some(kind) = early {
        let is_kind = matches!(ended, Err((found, _)) if found == kind);
        let called = record.tape.iter().find(|seen| !seen.is_early);
        if !is_kind {
            problems.push(format!("a {kind} must be the end"));
        }
        if let Some(called) = called {
            problems.push(format!("nothing is called after a {kind}, but {:?} was", called.call));
        }
        return problems;
    }
    // The servers answered what was under way when the time was up, but the function did not get it. For such a run only what
    // it said and how often it called are known.
    if record.invocation.deadline < Duration::from_secs(30) && record.took * 5 > record.invocation.deadline * 2 {
        retries(world, record, false, &mut problems);
        return problems;
    }
    let has_time =
        record.invocation.deadline >= Duration::from_secs(30) && record.took < record.invocation.deadline / 3;
    retries(world, record, has_time, &mut problems);
    let mut facts = Facts::new(world, record, has_time);
    problems.append(&mut facts.problems);
    let hooks_are_known = secret_is_known(record, HOOKS) && !world.hooks_are_bad;
    let outcome = Told { facts: &facts, problems: &mut problems }.hooks(ended, hooks_are_known);
    ending(&facts, ended, hooks_are_known, &outcome, &mut problems);
    metrics(&facts, ended, &outcome, &mut problems);
    heartbeat(&facts, ended, &mut problems);
    problems
}

/// The secrets that the function was given in this run. It cannot hide secrets that a server knows and it does not.
fn given<'a>(world: &'a World, record: &Record) -> Vec<&'a str> {
    let mut given: Vec<&str> = world.canaries.iter().take(2).map(String::as_str).collect();
    for secret in asked(world, record).into_iter().filter(|secret| secret_is_known(record, &secret.id)) {
        let is_current = |seen: &&Seen| !seen.is_early && seen.call == Call::Secret && seen.key == secret.id;
        let has_old_keys = record.invocation.keys_are_rotated
            && !record.tape.iter().filter(is_current).any(|seen| seen.outcome == Outcome::Good);
        let accounts = if secret.is_broken { &secret.accounts[..1] } else { &secret.accounts };
        for account in accounts.iter().map(|place| &world.accounts[*place]) {
            given.push(&account.keys.0);
            // A secret that is not JSON holds one key.
            given.extend((!has_old_keys && !secret.is_broken).then_some(account.keys.1.as_str()));
        }
    }
    if secret_is_known(record, HOOKS) {
        given.extend(world.hooks.iter().flat_map(|hook| [hook.secrets.0.as_str(), &hook.secrets.1]));
        given.extend(world.heartbeat.as_deref());
    }
    given
}

/// The secrets of the accounts that this run is about.
fn asked<'a>(world: &'a World, record: &Record) -> Vec<&'a AccountSecret> {
    match (&record.invocation.event.secrets, record.invocation.event.test) {
        (_, true) => Vec::new(),
        (None, false) => world.secrets.iter().collect(),
        (Some(places), false) => places.iter().map(|place| &world.secrets[*place]).collect(),
    }
}

/// No secret appears in a log, an error, a result, a metric or a message.
fn leaks(world: &World, record: &Record, problems: &mut Vec<String>) {
    let ended = match &record.ended {
        Some(Ok(result)) => result.to_string(),
        Some(Err((kind, message))) => format!("{kind}: {message}"),
        None => String::new(),
    };
    let posts = record.tape.iter().filter(|seen| !seen.body.is_null()).map(|seen| ("a message", seen.body.to_string()));
    let lines = record.lines.iter().map(|line| ("a log line", line.clone()));
    for (place, text) in posts.chain(lines).chain([("the answer", ended)]) {
        let mut plain = text.replace('\u{200b}', "").replace("\\u200b", "");
        while plain.contains("\\\\") {
            plain = plain.replace("\\\\", "\\");
        }
        for canary in given(world, record) {
            let spelt = |spell: fn(char) -> String| canary.chars().map(spell).collect::<String>();
            let percent = spelt(|c| format!("%{:02X}", u32::from(c)));
            let html = spelt(|c| format!("&#{};", u32::from(c)));
            if [canary, &percent, &html].into_iter().any(|one| plain.contains(one)) {
                problems.push(format!("the secret {canary} stands in {place}: {text}"));
            }
        }
    }
}

/// The attempts at each call, in order: a call is over when it succeeded, failed for good, or was made often enough.
fn calls<'a>(world: &World, seen: impl Iterator<Item = &'a Seen>) -> Vec<Vec<&'a Seen>> {
    let mut calls: Vec<Vec<&Seen>> = Vec::new();
    let mut open: BTreeMap<(Call, usize, &str), usize> = BTreeMap::new();
    for one in seen {
        let key = (one.call, one.server, one.key.as_str());
        let goes_on = open.get(&key).copied().filter(|place| {
            let call = &calls[*place];
            let last = call[call.len() - 1];
            match one.call {
                // A message is identified by its body.
                Call::Post => last.body == one.body,
                _ => {
                    call.len() < ATTEMPTS
                        && matches!(last.meaning(world), Meaning::Passing | Meaning::Unclear | Meaning::TooLate)
                }
            }
        });
        if let Some(place) = goes_on {
            calls[place].push(one);
        } else {
            open.insert(key, calls.len());
            calls.push(vec![one]);
        }
    }
    calls
}

/// Passing failures are retried, final ones are not, and nothing too often.
fn retries(world: &World, record: &Record, has_time: bool, problems: &mut Vec<String>) {
    // By secret: how many attempts could have been followed by another, and how many readings ended with one of them.
    let mut secrets: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for call in calls(world, record.tape.iter()) {
        let first = call[0];
        let name = format!("{:?} {} {}", first.call, first.server, first.key);
        if call.len() > ATTEMPTS {
            problems.push(format!("{} attempts at {name}", call.len()));
        }
        let meanings: Vec<Meaning> = call.iter().map(|one| one.meaning(world)).collect();
        for (place, meaning) in meanings.iter().enumerate() {
            let is_last = place + 1 == meanings.len();
            match meaning {
                Meaning::Success | Meaning::Final | Meaning::OtherForm | Meaning::TooLate if !is_last => {
                    problems
                        .push(format!("{name} was made again after {:?}, that is {meaning:?}", call[place].outcome));
                }
                Meaning::Passing if is_last && has_time && call.len() < 2 && first.call != Call::Secret => {
                    problems.push(format!("{name} was not made again after {:?}", call[place].outcome));
                }
                _ => {}
            }
        }
        if first.call == Call::Secret && !first.is_early {
            let passing = meanings.iter().filter(|meaning| **meaning == Meaning::Passing).count();
            let failed = meanings.last() == Some(&Meaning::Passing);
            let read = secrets.entry(name.clone()).or_default();
            *read = (read.0 + passing, read.1 + usize::from(failed));
        }
        let is_signed = matches!(first.call, Call::List | Call::Detail | Call::Manager);
        if is_signed && record.invocation.clock_ticks {
            let stamps: BTreeSet<&str> = call.iter().map(|one| one.stamp.as_str()).collect();
            if stamps.len() < call.len() {
                problems.push(format!("{name} was made again with the timestamp of another attempt"));
            }
        }
    }
    // The SDK counts its attempts over all calls; a single one is still too few. Accounts of one secret may read it at the same
    // time, and then nobody can tell whose attempt is whose: there must be two for each reading that failed.
    for (name, (attempts, failed)) in secrets {
        if has_time && attempts < 2 * failed {
            problems.push(format!("{name}: {failed} readings failed after {attempts} attempts"));
        }
    }
}

/// Whether a secret was read, in init or later.
fn secret_is_known(record: &Record, id: &str) -> bool {
    record.tape.iter().any(|seen| {
        let is_it = seen.call == Call::Secret && seen.key.trim_start_matches("early ") == id;
        is_it && seen.outcome == Outcome::Good
    })
}

impl<'a> Facts<'a> {
    fn new(world: &'a World, record: &'a Record, has_time: bool) -> Self {
        let invocation = &record.invocation;
        let event = &invocation.event;
        let ticking = TimeDelta::milliseconds(500 * i64::from(invocation.clock_ticks));
        let days = |event: Option<i64>, setting: i64| TimeDelta::days(event.unwrap_or(setting));
        let mut facts = Self {
            world,
            record,
            now: event.now.unwrap_or(invocation.now + ticking),
            is_simulated: event.now.is_some(),
            has_time,
            warn: days(event.warn_days, world.settings.warn_days),
            critical: days(event.critical_days, world.settings.critical_days),
            ends: Vec::new(),
            found: Vec::new(),
            muted: Vec::new(),
            healthy: Vec::new(),
            problems: Vec::new(),
        };
        if !event.test {
            facts.read_accounts();
            facts.judge();
            facts.mute();
        }
        facts
    }

    fn read_accounts(&mut self) {
        for secret in asked(self.world, self.record) {
            let label = secret.id.rsplit('/').next().unwrap_or_default().to_owned();
            let unread = End {
                label,
                ends: [Some("SecretError")].into(),
                checked: (0, 0),
                total: None,
                pages: Some(0),
                must: BTreeSet::new(),
                may: BTreeSet::new(),
            };
            if secret.is_broken || !secret_is_known(self.record, &secret.id) {
                self.ends.push((None, unread));
                continue;
            }
            for &place in &secret.accounts {
                let account = &self.world.accounts[place];
                if account.is_bad {
                    self.ends.push((Some(place), End { label: account.label.clone(), ..unread.clone() }));
                    continue;
                }
                let end = self.listing(place, account, &secret.id);
                self.ends.push((Some(place), end));
            }
        }
    }

    /// How the reading of an account's list must have ended, given what was served.
    fn listing(&mut self, place: usize, account: &Account, secret: &str) -> End {
        let (world, tape) = (self.world, &self.record.tape);
        let of_account = |seen: &&Seen| seen.call == Call::List && seen.server == place;
        let shapes: BTreeMap<&str, &Slot> = slots(account).map(|slot| (slot.token.as_str(), slot)).collect();
        let is_row =
            |token: &String, shape: fn(Shape) -> bool| shapes.get(token.as_str()).is_some_and(|slot| shape(slot.shape));
        let pages = || tape.iter().filter(of_account).filter(|seen| seen.outcome == Outcome::Good);
        let served: BTreeSet<String> =
            pages().filter_map(|seen| seen.page.as_ref()).flat_map(|page| page.tokens.clone()).collect();
        let halves: BTreeSet<String> = tape
            .iter()
            .filter(of_account)
            .filter(|seen| seen.outcome != Outcome::Good)
            .filter_map(|seen| seen.page.as_ref())
            .flat_map(|page| page.tokens.clone())
            .filter(|token| !served.contains(token))
            .collect();
        let good = |tokens: &BTreeSet<String>| -> BTreeSet<String> {
            tokens.iter().filter(|token| is_row(token, |shape| shape == Shape::Good)).cloned().collect()
        };
        let odd: Vec<&String> =
            served.iter().filter(|token| is_row(token, |shape| matches!(shape, Shape::Odd(_)))).collect();
        let slotless = served.iter().any(|token| is_row(token, |shape| shape == Shape::Slotless));
        let must = good(&served);
        let halves_may = halves.iter().filter(|token| is_row(token, |shape| shape != Shape::Slotless)).count();
        let checked = (must.len(), must.len() + odd.len() + halves_may);

        // Keys that were rotated in the meantime are read again, and the new ones are used.
        let stale = tape.iter().position(|seen| of_account(&seen) && seen.outcome == Outcome::Stale);
        let (mut keys_failed, mut keys_may_have_failed) = (false, false);
        if let Some(stale) = stale {
            let again: Vec<&Seen> =
                tape[stale..].iter().filter(|seen| seen.call == Call::Secret && seen.key == secret).collect();
            let was_asked = !again.is_empty();
            let was_read = again.iter().any(|seen| seen.outcome == Outcome::Good);
            // A secret with several accounts is read for each, which the tape does not show.
            let is_shared = world.secrets.iter().any(|one| one.id == secret && one.accounts.len() > 1);
            keys_may_have_failed = is_shared && again.iter().any(|seen| seen.outcome != Outcome::Good);
            if !was_asked && self.has_time {
                self.problems.push(format!("the keys of {} were refused, and not read again", account.label));
            }
            keys_failed = account.keys != account.taken_keys || !was_read;
            let goes_on = tape[stale + 1..].iter().any(|seen| of_account(&seen) && seen.outcome != Outcome::Stale);
            if !keys_failed && !keys_may_have_failed && !goes_on && self.has_time {
                self.problems.push(format!("the new keys of {} were read and not used", account.label));
            }
        }
        let calls = calls(world, tape.iter().filter(of_account));
        // By page and size: how the last call for it ended, and whether an earlier one ended otherwise.
        let mut last: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for call in &calls {
            let end = call[call.len() - 1];
            if matches!(end.outcome, Outcome::Refused | Outcome::Stale) {
                continue;
            }
            let failed = end.meaning(world) != Meaning::Success;
            let entry = last.entry(end.key.as_str()).or_insert((failed, false));
            entry.1 |= entry.0 && !failed;
            entry.0 = failed;
        }
        let failed_now = last.values().any(|(failed, _)| *failed);
        let failed_before = last.values().any(|(_, before)| *before);
        let totals: BTreeSet<u64> = pages().filter_map(|seen| seen.page.as_ref()).map(|page| page.total).collect();
        let total = pages().filter_map(|seen| seen.page.as_ref()).next_back().map(|page| page.total);
        let has_no_page = total.is_none();
        let count = |count: usize| count as u64;
        let readable = count(checked.0)..=count(must.len() + odd.len());
        let can_be_whole = total.is_some_and(|total| readable.contains(&total)) && !slotless;

        let mut ends = BTreeSet::new();
        if keys_failed || has_no_page {
            ends.insert(Some("ApiError"));
        } else if failed_now {
            ends.insert(Some("ApiError"));
            // A second reading that fails after a first one that held everything except for a passing lie.
            if failed_before || totals.len() > 1 {
                ends.extend([None, Some("IncompleteListing")]);
            }
        } else if failed_before {
            ends.extend([None, Some("IncompleteListing"), Some("ApiError")]);
        } else if totals.len() > 1 {
            // The list changed while it was read: the last reading may have been whole.
            ends.extend([None, Some("IncompleteListing")]);
        } else if keys_may_have_failed {
            ends.extend([None, Some("IncompleteListing"), Some("ApiError")]);
        } else if can_be_whole && odd.is_empty() {
            ends.insert(None);
        } else if can_be_whole {
            ends.extend([None, Some("IncompleteListing")]);
        } else {
            ends.insert(Some("IncompleteListing"));
        }
        // A server that reports the same total whatever the list holds may be right in the end.
        if account.total_is_off_by != 0 && !account.changes.is_empty() && !keys_failed && !has_no_page {
            ends.extend([None, Some("IncompleteListing")]);
        }
        let is_plain = totals.len() == 1 && calls.iter().all(|call| call.len() == 1) && stale.is_none();
        let keys: BTreeSet<&str> = pages().map(|seen| seen.key.as_str()).collect();
        let once = is_plain
            && keys.len() == pages().count()
            && ends == BTreeSet::from([None])
            && account.deviations.empty_pages.is_empty();
        let page_count = once.then(|| pages().count());
        // An honest list is read to the end; an empty page costs no more than itself.
        let is_honest = account.total_is_off_by == 0 && account.deviations.rotation == 0 && account.changes.is_empty();
        let all_failed = last.values().any(|(failed, before)| *failed || *before);
        if is_honest && !all_failed && !keys_failed && !has_no_page && self.has_time {
            let largest =
                pages().filter_map(|seen| seen.page.as_ref()).map(|page| page.tokens.len()).max().unwrap_or_default();
            let costs = account.deviations.empty_pages.len() * largest.max(DEFAULT_PAGE);
            if served.len() + costs < account.slots.len() {
                let (read, all) = (served.len(), account.slots.len());
                self.problems.push(format!("of {} only {read} of {all} rows were asked for", account.label));
            }
        }
        // What left the list while it was read was served, but is not on it.
        let (must, gone): (BTreeSet<String>, BTreeSet<String>) = must
            .into_iter()
            .partition(|token| !account.has_lost(token) || totals.len() < 2 && account.total_is_off_by == 0);
        let checked = (must.len(), checked.1);
        let may = halves.into_iter().chain(gone).chain(odd.into_iter().cloned()).collect();
        End { label: account.label.clone(), ends, checked, total, pages: page_count, must, may }
    }

    /// Judges every certificate that was served.
    fn judge(&mut self) {
        let ends = self.ends.clone();
        let mut judged = Vec::new();
        for (place, end) in ends.iter().filter_map(|(place, end)| Some(((*place)?, end))) {
            let account = &self.world.accounts[place];
            let manager_is_known =
                self.world.settings.manager
                    && account.deviations.certificate_manager.tells_lifetimes()
                    && self.record.tape.iter().any(|seen| {
                        seen.call == Call::Manager && seen.server == place && seen.outcome == Outcome::Good
                    });
            for slot in slots(account).filter(|slot| end.must.contains(&slot.token) || end.may.contains(&slot.token)) {
                let certain = end.must.contains(&slot.token);
                let lifetime = match (slot.expiry, slot.valid_from.filter(|_| manager_is_known)) {
                    (Stated::At(until), Some(from)) => Some(until - from),
                    _ => None,
                };
                judged.push((place, slot, lifetime, certain, self.finding(place, slot, lifetime, None)));
            }
            for one in account.elsewhere.iter().filter(|_| manager_is_known && !end.has_failed()) {
                let certain = end.is_ok();
                self.found.extend(self.elsewhere(place, one, certain));
            }
        }
        // Details of the most urgent are read.
        let urgent =
            judged.iter().filter(|(.., found)| found.as_ref().is_some_and(|one| one.level >= Level::Warning)).count();
        let details = calls(self.world, self.record.tape.iter().filter(|seen| seen.call == Call::Detail));
        let wanted = if self.world.settings.details { urgent.min(DETAILS) } else { 0 };
        let certain = judged.iter().all(|(.., certain, _)| *certain);
        if self.has_time && certain && details.len() != wanted {
            self.problems.push(format!("{} details were asked for, {wanted} should have been", details.len()));
        }
        let known: BTreeSet<(usize, &str)> = details
            .iter()
            .filter(|call| call[call.len() - 1].outcome == Outcome::Good)
            .map(|call| (call[0].server, call[0].key.as_str()))
            .collect();
        for (place, slot, lifetime, certain, found) in judged {
            let id = slot.id.to_string();
            let detail = slot.detail.as_ref().filter(|_| known.contains(&(place, id.as_str())));
            let found = if detail.is_some() { self.finding(place, slot, lifetime, detail) } else { found };
            match found {
                Some(found) => self.found.push(Found { certain, ..found }),
                None => self.healthy.push(Healthy { account: place, slot, certain }),
            }
        }
    }

    /// The thresholds of a certificate with this lifetime.
    fn lines(&self, lifetime: Option<TimeDelta>) -> (TimeDelta, TimeDelta) {
        let settings = &self.world.settings;
        let line = |days: TimeDelta, percent: Option<i64>| match (lifetime, percent) {
            (Some(lifetime), Some(percent)) => {
                let share = lifetime * i32::try_from(percent).unwrap_or_default() / 100;
                days.min(share)
            }
            _ => days,
        };
        (line(self.warn, settings.warn_share), line(self.critical, settings.critical_share))
    }

    /// The table of section 5.
    fn finding(
        &self,
        account: usize,
        slot: &Slot,
        lifetime: Option<TimeDelta>,
        detail: Option<&Detail>,
    ) -> Option<Found> {
        let (warn, critical) = self.lines(lifetime);
        let grace = TimeDelta::minutes(self.world.settings.grace_minutes);
        let listed = match slot.expiry {
            Stated::At(time) => Some(time),
            Stated::Missing | Stated::Unreadable(_) => None,
        };
        let told = detail.and_then(|detail| detail.expiry);
        let expiry = listed.map(|listed| told.map_or(listed, |told| told.min(listed)));
        // Each reason: how urgent it is, and when it began.
        let mut reasons: Vec<(Level, Option<DateTime<Utc>>)> = Vec::new();
        let mut ends = false;
        let leaving = matches!(slot.status, Some("DELETING" | "DELETED"));
        if leaving {
            reasons.push((Level::Info, slot.provisioned));
        } else {
            match expiry {
                Some(time) if time <= self.now => reasons.push((Level::Critical, Some(time))),
                Some(time) if time - self.now <= critical => reasons.push((Level::Critical, Some(time - critical))),
                Some(time) if time - self.now <= warn => reasons.push((Level::Warning, Some(time - warn))),
                Some(_) => {}
                None => reasons.push((Level::Warning, None)),
            }
            ends = expiry.is_some() && !reasons.is_empty();
            match slot.status {
                Some("RUNNING") => {}
                Some("READY" | "PUBLISHING") => reasons.push(match slot.provisioned {
                    Some(since) if self.now - since < grace => (Level::Info, Some(since)),
                    Some(since) => (Level::Warning, Some(since + grace)),
                    None => (Level::Warning, None),
                }),
                _ => reasons.push((Level::Warning, None)),
            }
        }
        let highest = reasons.iter().map(|(level, _)| *level).max()?;
        let calmed = detail.is_some_and(|detail| detail.is_unused) && highest == Level::Critical;
        let began: Vec<Option<DateTime<Utc>>> =
            reasons.iter().filter(|(level, _)| *level == highest).map(|(_, began)| *began).collect();
        // With several reasons the contract does not say which one counts as the beginning, nor when a reduced severity began.
        let mut since = if began.contains(&None) {
            began
        } else {
            vec![began.iter().min().copied()?, began.iter().max().copied()?]
        };
        // A detail is read for what the list made a finding; the contract does not say which date marks its beginning.
        if let Some(time) = listed.filter(|_| listed != expiry) {
            let by_list = if time <= self.now {
                time
            } else if time - self.now <= critical {
                time - critical
            } else {
                time - warn
            };
            since.push(Some(by_list));
        }
        if calmed {
            since.extend(expiry.map(|time| Some(time - warn)));
            since.extend(expiry.map(|time| Some(time - critical)));
        }
        let mut names = vec![slot.name.clone()];
        names.extend(detail.into_iter().flat_map(|detail| detail.alternative_names.clone()));
        Some(Found {
            account,
            token: slot.token.clone(),
            slot: Some(slot.id),
            name: slot.name.clone(),
            names,
            level: if calmed { Level::Warning } else { highest },
            expiry,
            ends,
            since,
            certain: true,
        })
    }

    fn elsewhere(&self, account: usize, one: &Elsewhere, certain: bool) -> Option<Found> {
        let (warn, critical) = self.lines(Some(one.until - one.from));
        let left = one.until - self.now;
        let (level, since) = match left {
            left if left <= TimeDelta::zero() => (Level::Critical, one.until),
            left if left <= critical => (Level::Critical, one.until - critical),
            left if left <= warn => (Level::Warning, one.until - warn),
            _ => return None,
        };
        Some(Found {
            account,
            token: one.token.clone(),
            slot: None,
            name: one.domain.clone(),
            names: vec![one.domain.clone()],
            level,
            expiry: Some(one.until),
            ends: true,
            since: vec![Some(since)],
            certain,
        })
    }

    fn today(&self) -> chrono::NaiveDate {
        (self.now + TimeDelta::minutes(self.world.settings.zone.1)).date_naive()
    }

    fn label(&self, account: usize) -> &'a str {
        &self.world.accounts[account].label
    }

    fn concerns(&self, mute: &Mute, found: &Found) -> bool {
        let is_account = mute.account.as_ref().is_none_or(|account| account == self.label(found.account));
        let is_slot = mute.subject.bytes().all(|byte| byte.is_ascii_digit());
        is_account
            && if is_slot {
                found.slot.is_some_and(|slot| slot.to_string() == mute.subject)
            } else {
                matches(&mute.subject, &found.name)
            }
    }

    fn mute(&mut self) {
        let today = self.today();
        let mutes = &self.world.mutes;
        let is_muted = |found: &Found| {
            mutes.iter().any(|mute| {
                mute.until >= today && (mute.critical || found.level < Level::Critical) && self.concerns(mute, found)
            })
        };
        // Mutes are in the webhooks' secret: without it there are none.
        if secret_is_known(self.record, HOOKS) && !self.world.hooks_are_bad {
            let (silent, told) = self.found.iter().cloned().partition(is_muted);
            (self.muted, self.found) = (silent, told);
        }
        self.found.sort_by_key(|one| std::cmp::Reverse(one.level));
    }

    /// The finding of the certificate that a token belongs to, unless it is in order or muted.
    fn found(&self, token: &str) -> Option<&Found> {
        self.found.iter().find(|one| one.token == token)
    }
}

/// The slots of an account, including those added while its list is read.
fn slots(account: &Account) -> impl Iterator<Item = &Slot> {
    let inserted = account.changes.iter().filter_map(|(_, change)| match change {
        crate::world::Change::Insert(slot) => Some(&**slot),
        crate::world::Change::Remove(_) => None,
    });
    account.slots.iter().chain(inserted)
}

impl Account {
    /// Whether a slot is removed while the list is read.
    fn has_lost(&self, token: &str) -> bool {
        self.changes.iter().any(|(_, change)| matches!(change, crate::world::Change::Remove(gone) if gone == token))
    }
}

/// Whether a name matches a pattern: `*` stands for any characters, letter case does not count.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), name.to_lowercase().chars().collect());
    // Which beginnings of the name the pattern matches so far.
    let mut ends = vec![false; name.len() + 1];
    ends[0] = true;
    for letter in pattern {
        if letter == '*' {
            let first = ends.iter().position(|end| *end).unwrap_or(ends.len());
            ends[first..].fill(true);
        } else {
            for end in (1..ends.len()).rev() {
                ends[end] = ends[end - 1] && name[end - 1] == letter;
            }
            ends[0] = false;
        }
    }
    ends[name.len()]
}

/// Whether something must, may or must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Must,
    May,
    No,
}

/// What one webhook should be told.
struct View<'a> {
    must: Vec<&'a Found>,
    may: Vec<&'a Found>,
    /// How many are below its level or not news, at least and at most.
    left_out: (usize, usize),
    older: (usize, usize),
    /// The labels of accounts that failed for it, and of those that may have.
    failures: Vec<&'a str>,
    failures_may: Vec<&'a str>,
    clear: Due,
}

/// What was posted to one webhook, and what became of it.
struct Delivery {
    posts: Vec<Post>,
    /// Whether all that was due was taken.
    failed: Due,
    /// How many messages were taken, notices aside.
    taken: usize,
}

/// How the deliveries went.
#[derive(Default)]
struct Outcomes {
    deliveries: Vec<(Due, usize)>,
}

struct Told<'a, 'b> {
    facts: &'b Facts<'a>,
    problems: &'b mut Vec<String>,
}

impl Told<'_, '_> {
    fn hooks(&mut self, ended: &Ended, hooks_are_known: bool) -> Outcomes {
        let Facts { world, record, .. } = self.facts;
        let event = &record.invocation.event;
        let posts = |hook: usize| -> Vec<&Seen> {
            record.tape.iter().filter(|seen| seen.call == Call::Post && seen.server == hook).collect()
        };
        let may_post = hooks_are_known && !event.dry_run;
        if !may_post && record.tape.iter().any(|seen| seen.call == Call::Post) {
            self.problems.push("something was posted that must not be".to_owned());
        }
        if !hooks_are_known {
            return Outcomes::default();
        }
        if event.test && record.tape.iter().any(|seen| matches!(seen.call, Call::List | Call::Detail | Call::Manager)) {
            self.problems.push("a test called NCP".to_owned());
        }
        let mut deliveries = Vec::new();
        for (place, hook) in world.hooks.iter().enumerate() {
            let chat = &CHATS[hook.chat];
            let delivery = if event.dry_run {
                let Ok(result) = ended else { return Outcomes::default() };
                self.dry(result, place, hook, chat)
            } else {
                self.delivery(&posts(place), hook, chat)
            };
            deliveries.push(delivery);
        }
        let mut outcomes = Outcomes::default();
        for (hook, delivery) in world.hooks.iter().zip(&mut deliveries) {
            self.digest(hook, delivery);
        }
        self.notices(&mut deliveries);
        outcomes.deliveries = deliveries.iter().map(|one| (one.failed, one.taken)).collect();
        outcomes
    }

    fn problem(&mut self, hook: &Hook, problem: impl std::fmt::Display) {
        self.problems.push(format!("{} ({}): {problem}", hook.label, CHATS[hook.chat].kind));
    }

    fn read(&mut self, hook: &Hook, chat: &Chat, body: &Value) -> Post {
        (chat.read)(body).unwrap_or_else(|problem| {
            self.problem(hook, format!("a payload beyond its limits: {problem}"));
            Post::default()
        })
    }

    fn dry(&mut self, result: &Value, place: usize, hook: &Hook, chat: &Chat) -> Delivery {
        let messages = &result["messages"][place];
        if messages["webhook"] != hook.label.as_str() || messages["kind"] != chat.kind {
            self.problem(hook, format!("a dry run names {messages}"));
        }
        let payloads = messages["payloads"].as_array().cloned().unwrap_or_default();
        let posts: Vec<Post> = payloads.iter().map(|body| self.read(hook, chat, body)).collect();
        Delivery { taken: posts.len(), posts, failed: Due::No }
    }

    /// Reads what was posted to a webhook, and what became of each message.
    fn delivery(&mut self, seen: &[&Seen], hook: &Hook, chat: &Chat) -> Delivery {
        let world = self.facts.world;
        let mut posts: Vec<Post> = Vec::new();
        let (mut failed, mut taken) = (false, 0);
        let mut is_other_form = false;
        let mut bodies: Vec<&Value> = Vec::new();
        for call in calls(world, seen.iter().copied()) {
            let body = &call[0].body;
            if bodies.contains(&body) {
                self.problem(hook, format!("a message was posted, then others, then it again: {body}"));
            }
            bodies.push(body);
            let post = self.read(hook, chat, body);
            if failed {
                self.problem(hook, format!("after a message failed for good, another was posted: {}", post.title));
            }
            let meaning = call[call.len() - 1].meaning(world);
            if is_other_form {
                if !post.is_plain {
                    self.problem(hook, "a refused message is posted once more as plain text, nothing else");
                }
                // It takes the place of the message that was refused.
                posts.pop();
            }
            is_other_form = meaning == Meaning::OtherForm && !is_other_form;
            failed = meaning != Meaning::Success && !is_other_form;
            taken += usize::from(meaning == Meaning::Success && !is_notice(&post));
            posts.push(post);
        }
        if is_other_form && self.facts.has_time {
            self.problem(hook, "a message that was refused as malformed was not posted as plain text");
        }
        Delivery { posts, failed: if failed || is_other_form { Due::Must } else { Due::No }, taken }
    }

    /// Checks a digest against what its readers must be told.
    fn digest(&mut self, hook: &Hook, delivery: &mut Delivery) {
        let event = &self.facts.record.invocation.event;
        let posts: Vec<Post> = delivery.posts.iter().filter(|post| !is_notice(post)).cloned().collect();
        if event.test {
            self.sample(hook, delivery, &posts);
            return;
        }
        let view = self.facts.view(hook);
        let is_due = !view.must.is_empty() || !view.failures.is_empty() || view.clear == Due::Must;
        let may_be = is_due || !view.may.is_empty() || !view.failures_may.is_empty() || view.clear == Due::May;
        if posts.is_empty() {
            if is_due && delivery.failed == Due::No {
                if self.facts.has_time {
                    let what: Vec<_> = view.must.iter().map(|one| &one.token).collect();
                    self.problem(
                        hook,
                        format!(
                            "nothing was posted; due are {what:?}, failures {:?}, clear {:?}",
                            view.failures, view.clear
                        ),
                    );
                }
                delivery.failed = Due::May;
            }
            return;
        }
        if !may_be {
            self.problem(hook, format!("nothing is due, but this was posted: {}", posts[0].text()));
            return;
        }
        for (number, post) in (1..).zip(&posts) {
            let part = post.part();
            if part.0 != number || part.1 > PARTS || part.1 != posts[0].part().1 {
                self.problem(hook, format!("message {number} calls itself {part:?}: {}", post.title));
            }
        }
        let of = posts[0].part().1;
        let is_whole = delivery.failed == Due::No && posts.len() == of;
        if delivery.failed == Due::No && posts.len() != of {
            if self.facts.has_time {
                self.problem(hook, format!("{} of {of} messages were posted", posts.len()));
            }
            delivery.failed = Due::Must;
        }
        self.entries(hook, &view, &posts, is_whole);
        self.around(hook, &view, &posts, is_whole);
    }

    fn sample(&mut self, hook: &Hook, delivery: &mut Delivery, posts: &[Post]) {
        if posts.is_empty() && delivery.failed == Due::No {
            if self.facts.has_time {
                self.problem(hook, "a test posts a sample to every webhook");
            }
            delivery.failed = Due::May;
        }
        for post in posts {
            let text = post.text();
            if !tokens(&text).is_empty() {
                self.problem(hook, format!("a sample names a certificate: {text}"));
            }
            if self.is_english() && !text.to_lowercase().contains(words::SAMPLE) {
                self.problem(hook, format!("a sample does not say so: {text}"));
            }
        }
    }

    fn is_english(&self) -> bool {
        self.facts.world.settings.language == "en"
    }

    /// The entries: nothing false, nothing doubled, and when the digest is whole, nothing missed.
    fn entries(&mut self, hook: &Hook, view: &View<'_>, posts: &[Post], is_whole: bool) {
        let facts = self.facts;
        let of = posts[0].part().1;
        let entries: Vec<&Entry> = posts.iter().flat_map(|post| &post.entries).collect();
        let mut told: Vec<&str> = Vec::new();
        let mut failures: Vec<&str> = Vec::new();
        let mut levels: Vec<Level> = Vec::new();
        for entry in &entries {
            levels.push(entry.level);
            let tokens = tokens(&entry.text);
            let [token] = tokens.iter().collect::<Vec<_>>()[..] else {
                // Its own name is followed by that of its secret, which may be named after another account.
                let place = |end: &&End| entry.text.find(&end.label).unwrap_or(usize::MAX);
                let named = facts.ends.iter().map(|(_, end)| end).min_by_key(place);
                let Some(end) = named.filter(|end| tokens.is_empty() && holds(&entry.text, &end.label)) else {
                    self.problem(hook, format!("an entry about nothing that is known: {}", entry.text));
                    continue;
                };
                let is_due = view.failures.iter().chain(&view.failures_may).any(|label| *label == end.label);
                if !is_due {
                    self.problem(hook, format!("a failure that is none, or not its own: {}", entry.text));
                }
                if failures.contains(&end.label.as_str()) {
                    self.problem(hook, format!("the failure of {} is told twice", end.label));
                }
                if entry.level != Level::Critical {
                    self.problem(hook, format!("the failure of {} is not told as critical", end.label));
                }
                failures.push(&end.label);
                continue;
            };
            let Some(found) = view.must.iter().chain(&view.may).find(|one| one.token == *token) else {
                let why = match facts.found(token) {
                    Some(found) => format!("not for it: {found:?}"),
                    None if facts.muted.iter().any(|one| one.token == *token) => "muted".to_owned(),
                    None => "nothing is wrong with it".to_owned(),
                };
                self.problem(hook, format!("{token} is told, {why}: {}", entry.text));
                continue;
            };
            if told.contains(&found.token.as_str()) {
                self.problem(hook, format!("{token} is told twice"));
            }
            if found.level != entry.level {
                self.problem(
                    hook,
                    format!("{token} is told as {:?}, it is {:?}: {}", entry.level, found.level, entry.text),
                );
            }
            if self.is_english()
                && found.ends
                && let Some(expiry) = found.expiry
                && !says_when(&entry.text, expiry - facts.now)
            {
                self.problem(
                    hook,
                    format!("{token} has {} left, and this is told: {}", expiry - facts.now, entry.text),
                );
            }
            if let Some(told) = &entry.facts {
                let since: Vec<Option<i64>> =
                    found.since.iter().map(|since| since.map(|time| time.timestamp())).collect();
                let is_so = told.expires == found.expiry
                    && told.slot == found.slot
                    && told.account.as_deref() == Some(facts.label(found.account))
                    && since.contains(&told.since.map(|time| time.timestamp()));
                if !is_so {
                    self.problem(hook, format!("{token} is told with {told:?}, must be {found:?}"));
                }
            }
            told.push(&found.token);
        }
        if levels.windows(2).any(|pair| pair[0] < pair[1]) {
            self.problem(hook, format!("what is worse stands behind what is better: {levels:?}"));
        }
        for post in posts {
            self.ordered(hook, &post.entries);
        }
        if !is_whole {
            return;
        }
        for label in view.failures.iter().filter(|label| !failures.contains(label)) {
            self.problem(hook, format!("the failure of {label} is missed"));
        }
        let (named, counted) = (told.len(), posts.iter().filter_map(|post| post.more).sum::<u64>());
        let counted = usize::try_from(counted).unwrap_or(usize::MAX);
        let untold: Vec<&&Found> = view.must.iter().filter(|one| !told.contains(&one.token.as_str())).collect();
        let is_plain = posts.iter().any(|post| post.is_plain);
        let range = view.must.len()..=view.must.len() + view.may.len();
        if !is_plain && !range.contains(&(named + counted)) {
            let missed: Vec<&str> = untold.iter().map(|one| one.token.as_str()).take(8).collect();
            self.problem(hook, format!("{named} named and {counted} counted are not {range:?}; not named: {missed:?}"));
        }
        if untold.is_empty() || of == PARTS {
            return;
        }
        let is_summary = facts.record.invocation.event.summary;
        let worst = untold.iter().map(|one| one.level).max();
        if named < NAMED || is_summary || worst == Some(Level::Critical) {
            let missed: Vec<_> = untold.iter().map(|one| (&one.token, one.level)).take(8).collect();
            self.problem(hook, format!("only {named} of {} are named, not {missed:?}", view.must.len()));
        }
        let least = told.iter().filter_map(|token| facts.found(token)).map(|one| one.level).min();
        if worst > least {
            self.problem(hook, format!("{worst:?} is cut before {least:?}"));
        }
    }

    /// Under one heading the earliest expiry comes first, and entries without one come last.
    fn ordered(&mut self, hook: &Hook, entries: &[Entry]) {
        let expiry = |entry: &Entry| {
            let token = tokens(&entry.text).into_iter().next()?;
            let found = self.facts.found(&token)?;
            Some((found.expiry.is_none(), found.expiry))
        };
        let unordered = entries.windows(2).find(|pair| {
            let is_one_heading = pair[0].heading == pair[1].heading && pair[0].level == pair[1].level;
            is_one_heading && expiry(&pair[0]).zip(expiry(&pair[1])).is_some_and(|(one, next)| one > next)
        });
        if let Some(pair) = unordered {
            self.problem(hook, format!("not in order: {} | {}", pair[0].text, pair[1].text));
        }
    }

    /// Everything around the entries.
    fn around(&mut self, hook: &Hook, view: &View<'_>, posts: &[Post], is_whole: bool) {
        let (facts, english) = (self.facts, self.is_english());
        let event = &facts.record.invocation.event;
        let chat = &CHATS[hook.chat];
        let worst = posts
            .iter()
            .flat_map(|post| &post.entries)
            .filter(|entry| !tokens(&entry.text).is_empty())
            .map(|entry| entry.level)
            .max();
        let has_failures = !view.failures.is_empty() || !view.failures_may.is_empty();
        for (number, post) in posts.iter().enumerate() {
            let text = post.text();
            let is_called = text.contains(chat.mention);
            let calls = number == 0 && hook.mentions && worst == Some(Level::Critical);
            let may_call = calls || number == 0 && hook.mentions && has_failures;
            if is_called && !may_call || !is_called && calls {
                self.problem(hook, format!("the mention is there: {is_called}, message {number}: {text}"));
            }
            if facts.is_simulated && english && !text.to_lowercase().contains(words::SIMULATED) {
                self.problem(hook, format!("a message does not say that its date is simulated: {text}"));
            }
            // A message must not show its readers what belongs to others, except for what is muted.
            for token in tokens(&text) {
                let foreign = facts
                    .found(&token)
                    .filter(|found| !view.must.iter().chain(&view.may).any(|one| one.token == found.token));
                if foreign.is_some() {
                    self.problem(hook, format!("{token} is not for it, but named: {text}"));
                }
            }
            let muted: Vec<&Found> = facts.muted.iter().filter(|one| one.certain).collect();
            let visible = facts.muted.iter().filter(|one| text.contains(&one.token)).count();
            let room = if chat.says_all { 3 } else { 1 };
            if visible < muted.len().min(room) {
                self.problem(hook, format!("{} are muted, {visible} of them visible: {text}", muted.len()));
            }
        }
        let Some(last) = posts.last().filter(|_| is_whole) else { return };
        let text = last.text();
        if english {
            let counted =
                |word: &str| last.rest.lines().filter(|line| line.contains(word)).map(sum).next().unwrap_or_default();
            for (word, (least, most)) in [(words::LEFT_OUT, view.left_out), (words::OLDER, view.older)] {
                let counted = counted(word);
                let is_cut = counted == 0 && !chat.says_all;
                if !is_cut && !(least..=most).contains(&counted) {
                    self.problem(hook, format!("{counted} `{word}`, must be {least} to {most}: {text}"));
                }
            }
            let empty = facts.ends.iter().filter(|(_, end)| {
                end.is_ok() && end.total == Some(0) && hook.takes_account(&end.label) && chat.says_all
            });
            for (_, end) in empty {
                if !text.contains(words::EMPTY) || facts.ends.len() > 1 && !text.contains(&end.label) {
                    self.problem(hook, format!("{} has 0 certificates, which is not said: {text}", end.label));
                }
            }
        }
        if event.summary && chat.says_all {
            self.summary(hook, last);
        }
    }

    /// What was deployed, what is coming up, and mutes to be removed.
    fn summary(&mut self, hook: &Hook, last: &Post) {
        let facts = self.facts;
        let own: Vec<&Healthy<'_>> = facts
            .healthy
            .iter()
            .filter(|one| {
                hook.takes(facts.label(one.account), std::slice::from_ref(&one.slot.name))
                    && one.slot.status == Some("RUNNING")
            })
            .collect();
        let has_odd = facts.world.accounts.iter().flat_map(slots).any(|slot| matches!(slot.shape, Shape::Odd(_)));
        let is_certain =
            own.iter().all(|one| one.certain) && !has_odd && facts.ends.iter().all(|(_, end)| end.ends.len() == 1);
        if is_certain && self.is_english() && !last.is_plain {
            let is_recent = |one: &&&Healthy<'_>| {
                one.slot.provisioned.is_some_and(|since| since <= facts.now && facts.now - since <= TimeDelta::days(7))
            };
            let recent: Vec<_> = own.iter().filter(is_recent).collect();
            let line = last.rest.lines().find(|line| line.contains(words::DEPLOYED));
            let told = line.and_then(|line| line.split(words::DEPLOYED).nth(1)).and_then(number_in);
            if told != Some(recent.len() as u64) {
                self.problem(
                    hook,
                    format!("{} were deployed in the last 7 days, told are {told:?}: {}", recent.len(), last.rest),
                );
            }
            let named = recent.iter().filter(|one| last.rest.contains(&one.slot.token)).count();
            if named < recent.len().min(10) {
                self.problem(hook, format!("{named} of {} deployments are named: {}", recent.len(), last.rest));
            }
            let offset = TimeDelta::minutes(facts.world.settings.zone.1);
            for month in next_months(facts.today()) {
                let is_then = |one: &&&Healthy<'_>| match one.slot.expiry {
                    Stated::At(time) => {
                        let day = (time + offset).date_naive();
                        (day.year(), day.month()) == (month.year(), month.month())
                    }
                    Stated::Missing | Stated::Unreadable(_) => false,
                };
                let count = own.iter().filter(is_then).count();
                let heading = format!("{}: ", month.format("%b"));
                let line = last.rest.lines().find_map(|line| line.split_once(&heading)).map(|(_, behind)| behind);
                let told =
                    line.map(|behind| number_in(behind.split('(').next().unwrap_or_default()).unwrap_or_default());
                if told != Some(count as u64) {
                    self.problem(hook, format!("{count} expire in {heading}, told are {told:?}: {}", last.rest));
                }
            }
        }
        let today = facts.today();
        let is_sure = facts.found.iter().chain(&facts.muted).all(|one| one.certain)
            && facts.ends.iter().all(|(_, end)| end.is_ok());
        let useless: Vec<String> = facts
            .world
            .mutes
            .iter()
            .filter(|mute| {
                let is_about_something = facts.found.iter().chain(&facts.muted).any(|one| facts.concerns(mute, one));
                mute.until < today || !is_about_something && is_sure
            })
            .map(Mute::what)
            .collect();
        if useless.len() <= 10
            && let Some(missing) = useless.iter().find(|what| !last.rest.contains(what.as_str()))
        {
            self.problem(hook, format!("the mute {missing} is of no use, which is not said: {}", last.rest));
        }
    }

    /// The working webhooks are told about the failed ones, once.
    fn notices(&mut self, deliveries: &mut [Delivery]) {
        let hooks = &self.facts.world.hooks;
        let digest_failed =
            |delivery: &Delivery| delivery.failed != Due::No && !delivery.posts.last().is_some_and(is_notice);
        let failed: Vec<&Hook> =
            hooks.iter().zip(&*deliveries).filter(|(_, one)| digest_failed(one)).map(|(hook, _)| hook).collect();
        let certain = deliveries.iter().filter(|one| digest_failed(one)).all(|one| one.failed == Due::Must);
        for (hook, delivery) in hooks.iter().zip(deliveries) {
            let notices: Vec<Post> = delivery.posts.iter().filter(|post| is_notice(post)).cloned().collect();
            if digest_failed(delivery) {
                if !notices.is_empty() {
                    self.problem(hook, "it does not work, and is sent a notice all the same");
                }
                continue;
            }
            match notices.as_slice() {
                [] if failed.is_empty() => {}
                [] if certain && self.facts.has_time => self.problem(hook, "is not told which webhooks failed"),
                [] => delivery.failed = Due::May,
                [notice] if failed.is_empty() => {
                    self.problem(hook, format!("a notice of a failure that was none: {}", notice.text()));
                }
                [notice] => {
                    let text = notice.text();
                    for other in &failed {
                        if !holds(&text, &other.label) {
                            self.problem(hook, format!("the notice does not name {}: {text}", other.label));
                        }
                    }
                }
                _ => self.problem(hook, format!("{} notices", notices.len())),
            }
        }
    }
}

/// Whether a message is about webhooks that failed.
fn is_notice(post: &Post) -> bool {
    post.entries.iter().any(|entry| {
        entry.text.match_indices("hook").any(|(at, _)| {
            let digits = entry.text[at + 4..].trim_start_matches(|c: char| c.is_ascii_digit());
            digits.len() < entry.text[at + 4..].len() && digits.starts_with('q')
        })
    })
}

impl Hook {
    /// Whether its routes take a certificate with these names in this account.
    fn takes(&self, account: &str, names: &[String]) -> bool {
        self.takes_account(account)
            && self
                .names
                .as_ref()
                .is_none_or(|patterns| names.iter().any(|name| patterns.iter().any(|pattern| matches(pattern, name))))
    }

    fn takes_account(&self, account: &str) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.iter().any(|one| one == account))
    }

    fn is_routed(&self) -> bool {
        self.accounts.is_some() || self.names.is_some()
    }
}

impl Facts<'_> {
    /// What a webhook should be told.
    fn view(&self, hook: &Hook) -> View<'_> {
        let event = &self.record.invocation.event;
        let hooks = &self.world.hooks;
        let least = hook.level.max(event.least.unwrap_or(Level::Info));
        let all_are_routed = hooks.iter().all(Hook::is_routed);
        let is_for = |found: &&Found| {
            let takes = |hook: &Hook| hook.takes(self.label(found.account), &found.names);
            takes(hook) || all_are_routed && !hooks.iter().any(takes)
        };
        let own: Vec<&Found> = self.found.iter().filter(is_for).collect();
        let mut view = View {
            must: Vec::new(),
            may: Vec::new(),
            left_out: (0, 0),
            older: (0, 0),
            failures: Vec::new(),
            failures_may: Vec::new(),
            clear: Due::No,
        };
        let count = |range: &mut (usize, usize), certain: bool| {
            range.0 += usize::from(certain);
            range.1 += 1;
        };
        for found in &own {
            if found.level < least {
                count(&mut view.left_out, found.certain);
                continue;
            }
            let is_news = |since: &Option<DateTime<Utc>>, hours: i64| {
                since.is_none_or(|since| self.now - since <= TimeDelta::hours(hours))
            };
            let news: BTreeSet<bool> = match event.fresh_hours.filter(|_| found.level < Level::Critical) {
                None => [true].into(),
                Some(hours) => found.since.iter().map(|since| is_news(since, hours)).collect(),
            };
            match (news.contains(&true), news.contains(&false)) {
                (true, false) if found.certain => view.must.push(found),
                (true, false) => view.may.push(found),
                (true, true) => {
                    view.may.push(found);
                    count(&mut view.older, false);
                }
                (false, _) => count(&mut view.older, found.certain),
            }
        }
        for (_, end) in &self.ends {
            let takes = |hook: &Hook| hook.takes_account(&end.label);
            let is_own = takes(hook) || all_are_routed && !hooks.iter().any(takes);
            if !is_own {
                continue;
            }
            if end.has_failed() {
                view.failures.push(&end.label);
            } else if !end.is_ok() {
                view.failures_may.push(&end.label);
            }
        }
        let wanted =
            event.notify_when_clear.unwrap_or(self.world.settings.notify_when_clear == Some(true) || event.summary);
        let is_sure = own.is_empty() && view.failures.is_empty();
        view.clear = match (wanted && least == Level::Info, is_sure) {
            (true, true) if !view.failures_may.is_empty() => Due::May,
            // Nothing is selected at all; where only others are told something, the contract leaves it open.
            (true, true) if self.found.is_empty() && self.ends.iter().all(|(_, end)| end.is_ok()) => Due::Must,
            (true, true) => Due::May,
            (true, false) if own.iter().all(|one| !one.certain) && view.failures.is_empty() => Due::May,
            _ => Due::No,
        };
        view
    }
}

/// The tokens of certificates in a text.
fn tokens(text: &str) -> BTreeSet<String> {
    let is_token = |bytes: &[u8]| {
        matches!(bytes[0], b'c' | b'e') && bytes[1..6].iter().all(u8::is_ascii_digit) && bytes[6] == b'q'
    };
    let found = text.as_bytes().windows(7).filter(|window| is_token(window));
    found.map(|window| String::from_utf8_lossy(window).into_owned()).collect()
}

/// Whether a label occurs in a text, and not as part of a longer one.
fn holds(text: &str, label: &str) -> bool {
    text.match_indices(label).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The sum of all whole numbers in a line.
fn sum(line: &str) -> usize {
    line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<usize>().ok()).sum()
}

/// Whether an English text says in days, or in hours below one day, how much time is left.
fn says_when(text: &str, left: TimeDelta) -> bool {
    let noun = |number: i64, noun: &str| if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") };
    let span = |span: TimeDelta| match (span.num_days(), span.num_hours()) {
        (0, 0) => "1 hour".to_owned(),
        (0, hours) => noun(hours, "hour"),
        (days, _) => noun(days, "day"),
    };
    if left <= TimeDelta::zero() {
        return text.contains(&format!("{} ago", span(-left)));
    }
    let span = span(left);
    [format!(" in {span}"), format!(" {span} left"), format!("in less than {span}")]
        .iter()
        .any(|words| text.contains(words.as_str()))
}

/// How the invocation ended: it fails if and only if something failed, and counts what was served.
fn ending(facts: &Facts<'_>, ended: &Ended, hooks_are_known: bool, outcome: &Outcomes, problems: &mut Vec<String>) {
    let Facts { world, record, .. } = facts;
    let event = &record.invocation.event;
    let must_fail = !hooks_are_known
        || facts.ends.iter().any(|(_, end)| end.has_failed())
        || outcome.deliveries.iter().any(|(failed, _)| *failed == Due::Must);
    let may_fail = must_fail
        || facts.ends.iter().any(|(_, end)| !end.is_ok())
        || outcome.deliveries.iter().any(|(failed, _)| *failed == Due::May);
    let result = match ended {
        Ok(_) if must_fail => {
            problems.push("something failed, and it answers success".to_owned());
            return;
        }
        Ok(result) => result,
        Err((kind, message)) if !may_fail => {
            problems.push(format!("nothing failed, and it answers {kind}: {message}"));
            return;
        }
        Err((kind, message)) => {
            failure(facts, kind, message, hooks_are_known, outcome, problems);
            return;
        }
    };
    let status = match (event.dry_run, event.test) {
        (true, _) => "dry_run",
        (false, true) => "test",
        (false, false) if facts.found.iter().any(|one| one.certain) => "alerted",
        (false, false) if facts.found.is_empty() => "clear",
        (false, false) => result["status"].as_str().unwrap_or_default(),
    };
    if result["status"] != status {
        problems.push(format!("the status is {}, must be {status}", result["status"]));
    }
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let mut within = |what: &str, value: &Value, (least, most): (usize, usize)| {
        if !(least..=most).contains(&number(value)) {
            problems.push(format!("`{what}` is {value}, must be {least} to {most}"));
        }
    };
    let checked = facts.ends.iter().fold((0, 0), |sum, (_, end)| (sum.0 + end.checked.0, sum.1 + end.checked.1));
    within("checked", &result["checked"], checked);
    for level in [Level::Critical, Level::Warning, Level::Info] {
        within(level.as_str(), &result[level.as_str()], facts.count(level));
    }
    let muted = result.get("muted").cloned().unwrap_or_else(|| 0.into());
    within("muted", &muted, counts(facts.muted.iter()));
    let accounts = result["accounts"].as_array().map_or(&[][..], Vec::as_slice);
    if accounts.len() != facts.ends.len() {
        problems.push(format!("{} accounts in the result, must be {}", accounts.len(), facts.ends.len()));
    }
    for (told, (_, end)) in accounts.iter().zip(&facts.ends) {
        let is_it = told["name"] == end.label.as_str() && told["status"] == "ok" && told["checked"] == told["total"];
        let is_counted = (end.checked.0..=end.checked.1).contains(&number(&told["checked"]));
        let is_total = end.total.is_none_or(|total| told["total"] == total);
        let has_pages = end.pages.is_none_or(|pages| number(&told["pages"]) == pages);
        if !(is_it && is_counted && is_total && has_pages) {
            problems.push(format!("the account {told} must be {end:?}"));
        }
    }
    let deliveries = result["deliveries"].as_array().map_or(&[][..], Vec::as_slice);
    if event.dry_run {
        if !deliveries.is_empty() {
            problems.push(format!("a dry run has deliveries: {deliveries:?}"));
        }
        return;
    }
    for (told, (hook, (_, taken))) in deliveries.iter().zip(world.hooks.iter().zip(&outcome.deliveries)) {
        let status = if *taken == 0 { "skipped" } else { "delivered" };
        let is_it = told["webhook"] == hook.label.as_str()
            && told["kind"] == CHATS[hook.chat].kind
            && told["status"] == status
            && number(&told["messages"]) == *taken;
        if !is_it {
            problems.push(format!("the delivery {told} must be {} with {taken} messages, {status}", hook.label));
        }
    }
    if deliveries.len() != world.hooks.len() {
        problems.push(format!("{} deliveries, must be {}", deliveries.len(), world.hooks.len()));
    }
}

/// The error: its type is that of the first failure, its message names all.
fn failure(
    facts: &Facts<'_>,
    kind: &str,
    message: &str,
    hooks_are_known: bool,
    outcome: &Outcomes,
    problems: &mut Vec<String>,
) {
    const ORDER: [&str; 4] = ["SecretError", "ApiError", "IncompleteListing", "DeliveryError"];
    let rank = |kind: &str| ORDER.iter().position(|one| *one == kind).unwrap_or(ORDER.len());
    let ranks = |end: &End| -> Vec<usize> { end.ends.iter().flatten().map(|kind| rank(kind)).collect() };
    // The first that certainly happened, and the first that may have.
    let mut must = vec![];
    let mut may = vec![];
    if !hooks_are_known {
        must.push(0);
    }
    for (_, end) in &facts.ends {
        must.extend(end.has_failed().then(|| ranks(end).into_iter().max()).flatten());
        may.extend(ranks(end));
    }
    for (failed, _) in &outcome.deliveries {
        must.extend((*failed == Due::Must).then_some(3));
        may.extend((*failed == Due::May).then_some(3));
    }
    let is_possible = must.contains(&rank(kind)) || may.contains(&rank(kind));
    if !is_possible || must.iter().min().is_some_and(|first| rank(kind) > *first) {
        problems.push(format!("the error is a {kind}, must be one of {must:?} or {may:?} of {ORDER:?}: {message}"));
    }
    if message.contains('\n') {
        problems.push(format!("the error is more than one line: {message}"));
    }
    let failed = facts.ends.iter().filter(|(_, end)| end.has_failed()).map(|(_, end)| &end.label);
    let hooks = facts.world.hooks.iter().zip(&outcome.deliveries).filter(|(_, (failed, _))| *failed == Due::Must);
    for label in failed.chain(hooks.map(|(hook, _)| &hook.label)) {
        if !holds(message, label) {
            problems.push(format!("the error does not name {label}: {message}"));
        }
    }
}

fn counts<'a>(found: impl Iterator<Item = &'a Found>) -> (usize, usize) {
    found.fold((0, 0), |(least, most), one| (least + usize::from(one.certain), most + 1))
}

impl Facts<'_> {
    fn count(&self, level: Level) -> (usize, usize) {
        counts(self.found.iter().filter(|one| one.level == level))
    }

    /// Whether the run describes the present.
    fn is_measured(&self) -> bool {
        let event = &self.record.invocation.event;
        !event.dry_run && !event.test && !self.is_simulated
    }
}

/// One line of metrics, with what was found, however the run ended.
fn metrics(facts: &Facts<'_>, ended: &Ended, outcome: &Outcomes, problems: &mut Vec<String>) {
    let lines: Vec<Value> = facts
        .record
        .lines
        .iter()
        .filter(|line| line.contains("\"_aws\""))
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let [line] = lines.as_slice() else {
        if lines.len() != usize::from(facts.is_measured()) {
            problems.push(format!("{} lines of metrics", lines.len()));
        }
        return;
    };
    if !facts.is_measured() {
        problems.push(format!("metrics of a run that does not tell of the present: {line}"));
        return;
    }
    let all = |count: fn(&End) -> (usize, usize)| {
        facts.ends.iter().map(|(_, end)| count(end)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let undelivered = outcome.deliveries.iter().fold((0, 0), |(least, most), (failed, _)| {
        (least + usize::from(*failed == Due::Must), most + usize::from(*failed != Due::No))
    });
    let completed = usize::from(ended.is_ok());
    let ranges = [
        ("CertificatesChecked", all(|end| end.checked)),
        ("CertificatesCritical", facts.count(Level::Critical)),
        ("CertificatesWarning", facts.count(Level::Warning)),
        ("CertificatesInfo", facts.count(Level::Info)),
        ("AccountsFailed", all(|end| (usize::from(end.has_failed()), usize::from(!end.is_ok())))),
        ("DeliveriesFailed", undelivered),
        ("RunsCompleted", (completed, completed)),
    ];
    for (name, (least, most)) in ranges {
        let value = line[name].as_u64().and_then(|value| usize::try_from(value).ok());
        if !value.is_some_and(|value| (least..=most).contains(&value)) {
            problems.push(format!("{name} is {}, must be {least} to {most}", line[name]));
        }
    }
    // Over all certificates with a date; whether odd rows were read is unknown.
    let is_sure = facts.ends.iter().all(|(_, end)| end.may.is_empty()) && facts.found.iter().all(|one| one.certain);
    let read = facts.ends.iter().filter_map(|(place, _)| *place);
    let by_token: BTreeMap<&str, &Slot> =
        read.flat_map(|place| slots(&facts.world.accounts[place])).map(|slot| (slot.token.as_str(), slot)).collect();
    let has_odd = by_token.values().any(|slot| matches!(slot.shape, Shape::Odd(_)));
    if is_sure && !has_odd {
        let leaves =
            |token: &str| by_token.get(token).is_some_and(|slot| matches!(slot.status, Some("DELETING" | "DELETED")));
        let of_found = facts.found.iter().chain(&facts.muted).filter(|one| one.slot.is_some() && !leaves(&one.token));
        let of_healthy = facts.healthy.iter().map(|one| match one.slot.expiry {
            Stated::At(time) => Some(time),
            Stated::Missing | Stated::Unreadable(_) => None,
        });
        let first = of_found.map(|one| one.expiry).chain(of_healthy).flatten().min();
        let days = first.map(|first| (first - facts.now).num_milliseconds().div_euclid(86_400_000));
        let told = line["DaysToFirstExpiry"].as_i64();
        if told != days {
            problems.push(format!("DaysToFirstExpiry is {told:?}, must be {days:?}"));
        }
    }
}

/// A complete run pings a dead man's switch, once; no other run does.
fn heartbeat(facts: &Facts<'_>, ended: &Ended, problems: &mut Vec<String>) {
    let pings: Vec<&Seen> = facts.record.tape.iter().filter(|seen| seen.call == Call::Heartbeat).collect();
    let is_due = facts.world.heartbeat.is_some() && facts.is_measured() && ended.is_ok();
    if pings.iter().filter(|ping| ping.outcome == Outcome::Good).count() > 1 {
        problems.push("more than one ping".to_owned());
    }
    match (is_due, pings.is_empty()) {
        (false, false) => problems.push("a ping that is not due".to_owned()),
        (true, true) if facts.has_time => problems.push("no ping after a complete run".to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Faults, Flaw, Wait};
    use crate::servers::Deviations;
    use crate::stage::Listed;
    use crate::world::{Event, Invocation, Profile, Settings};
    use serde_json::json;

    const SECOND: TimeDelta = TimeDelta::seconds(1);

    fn now() -> DateTime<Utc> {
        "2026-11-23T00:00:00Z".parse().unwrap()
    }

    fn days(days: i64) -> TimeDelta {
        TimeDelta::days(days)
    }

    /// A slot that serves the certificate `c0000<number>q` with this much time left.
    fn slot(number: i64, left: TimeDelta) -> Slot {
        let mut worlds = (0..).map(World::new);
        let some = worlds.find_map(|world| world.accounts.first()?.slots.first().cloned()).unwrap();
        let token = format!("c{number:05}q");
        Slot {
            id: number,
            name: format!("{token}.pay.example.kr"),
            token,
            expiry: Stated::At(now() + left),
            status: Some("RUNNING"),
            provisioned: Some(now() - days(100)),
            shape: Shape::Good,
            detail: None,
            valid_from: None,
            ..some
        }
    }

    fn hook(label: &str) -> Hook {
        Hook {
            label: label.to_owned(),
            chat: 0,
            secrets: ("T0SECRETPART".to_owned(), format!("hookSECRET{label}")),
            level: Level::Info,
            mentions: false,
            accounts: None,
            names: None,
        }
    }

    /// A world with one account that has these slots, and one webhook; without details.
    fn world(slots: Vec<Slot>) -> World {
        let settings = Settings {
            warn_days: 30,
            critical_days: 7,
            grace_minutes: 120,
            language: "en",
            zone: ("Asia/Seoul", 540),
            notify_when_clear: None,
            details: false,
            manager: false,
            warn_share: None,
            critical_share: None,
            bad: None,
        };
        let keys = ("accessKEY00000000001".to_owned(), "secretKEY0000000000000000000000000000001".to_owned());
        let account = Account {
            label: "acct0q".to_owned(),
            taken_keys: keys.clone(),
            keys,
            slots,
            cap: 1000,
            deviations: Deviations::default(),
            total_is_off_by: 0,
            changes: Vec::new(),
            elsewhere: Vec::new(),
            is_bad: false,
        };
        let secret = AccountSecret { id: "ncp/acct0q".to_owned(), accounts: vec![0], is_list: false, is_broken: false };
        World {
            settings,
            accounts: vec![account],
            secrets: vec![secret],
            hooks: vec![hook("hook0q")],
            mutes: Vec::new(),
            heartbeat: None,
            hooks_are_bad: false,
            percent: 0,
            now: now(),
            profile: Profile::All,
            ..World::new(0)
        }
    }

    fn seen(call: Call, server: usize, key: &str) -> Seen {
        let (body, stamp) = (Value::Null, String::new());
        Seen { call, server, key: key.to_owned(), body, stamp, outcome: Outcome::Good, page: None, is_early: false }
    }

    /// A message for Slack with these headings and entries.
    fn message(title: &str, groups: &[(&str, &[&str])], closing: &str) -> Value {
        let run = |text: &str, bold: bool| json!({"type": "text", "text": text, "style": {"bold": bold}});
        let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": title}})];
        for (heading, entries) in groups {
            let mut runs = vec![run(heading, true)];
            for entry in *entries {
                let (name, news) = entry.split_once(':').unwrap();
                runs.extend([run("\n", false), run(name, true), run(&format!(":{news}"), false)]);
            }
            blocks.push(json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]}));
        }
        blocks.push(json!({"type": "context", "elements": [{"type": "plain_text", "text": closing}]}));
        json!({"text": title, "blocks": blocks})
    }

    fn post(hook: usize, body: Value) -> Seen {
        Seen { body, ..seen(Call::Post, hook, "post") }
    }

    /// A run of that world in which everything went well: one page, these messages to the first webhook, and these counts.
    fn record(world: &World, messages: Vec<Value>, [critical, warning, info]: [u64; 3]) -> Record {
        let count = world.accounts[0].slots.len() as u64;
        let tokens = world.accounts[0].slots.iter().map(|slot| slot.token.clone()).collect();
        let page = Seen { page: Some(Listed { tokens, total: count }), ..seen(Call::List, 0, "1/1000") };
        let sent = messages.len();
        let mut tape = vec![seen(Call::Secret, 0, HOOKS), seen(Call::Secret, 0, "ncp/acct0q"), page];
        tape.extend(messages.into_iter().map(|body| post(0, body)));
        let first = world.accounts[0].slots.iter().filter_map(|slot| match slot.expiry {
            Stated::At(time) => Some((time - now()).num_milliseconds().div_euclid(86_400_000)),
            _ => None,
        });
        let metrics = json!({
            "_aws": {}, "CertificatesChecked": count, "CertificatesCritical": critical, "CertificatesWarning": warning,
            "CertificatesInfo": info, "AccountsFailed": 0, "DeliveriesFailed": 0, "RunsCompleted": 1,
            "DaysToFirstExpiry": first.min(),
        });
        let status = if critical + warning + info > 0 { "alerted" } else { "clear" };
        let result = json!({
            "status": status, "checked": count, "total": count, "pages": 1,
            "critical": critical, "warning": warning, "info": info,
            "accounts": [{"name": "acct0q", "status": "ok", "checked": count, "total": count, "pages": 1}],
            "deliveries": [{
                "webhook": "hook0q", "kind": "slack", "messages": sent,
                "status": if sent == 0 { "skipped" } else { "delivered" },
            }],
        });
        let invocation = Invocation {
            number: 0,
            event: Event::default(),
            deadline: Duration::from_mins(1),
            faults: Faults { seed: 0, percent: 0 },
            now: now(),
            clock_ticks: false,
            keys_are_rotated: false,
        };
        Record {
            invocation,
            tape,
            ended: Some(Ok(result)),
            lines: vec![metrics.to_string()],
            took: Duration::from_millis(20),
            stall: Duration::ZERO,
        }
    }

    /// One expired, one within 30 days, one healthy: what is reported about them, with nothing wrong.
    fn good() -> (World, Record) {
        let world = world(vec![slot(1, -days(2)), slot(2, days(20)), slot(3, days(200))]);
        let record = record(&world, vec![told()], [1, 1, 0]);
        (world, record)
    }

    const EXPIRED: &str = "c00001q.pay.example.kr: expired 2 days ago";
    const EXPIRING: &str = "c00002q.pay.example.kr: expires in 20 days";

    fn told() -> Value {
        message(
            "🔴 c00001q.pay.example.kr expired 2 days ago",
            &[("🔴 Act today (1)", &[EXPIRED]), ("🟠 Within 30 days (1)", &[EXPIRING])],
            "3 certificates checked",
        )
    }

    /// Fails unless the oracle reports this problem in the good world after this change; it may report more.
    #[track_caller]
    fn says(expected: &str, change: impl FnOnce(&mut World, &mut Record)) {
        let (mut world, mut record) = good();
        change(&mut world, &mut record);
        let problems = check(&world, &record);
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:#?}");
    }

    fn repost(record: &mut Record, body: Value) {
        record.tape.last_mut().unwrap().body = body;
    }

    #[test]
    fn a_run_that_tells_what_there_is_passes() {
        let (world, record) = good();
        assert_eq!(check(&world, &record), [""; 0]);
    }

    #[test]
    fn a_quiet_world_is_quiet() {
        let world = world(vec![slot(1, days(31)), slot(2, days(30) + SECOND)]);
        assert_eq!(check(&world, &record(&world, Vec::new(), [0, 0, 0])), [""; 0]);
        let clear = message("✅ All clear", &[], "2 certificates checked");
        let problems = check(&world, &record(&world, vec![clear], [0, 0, 0]));
        assert!(problems[0].contains("nothing is due"), "{problems:#?}");
    }

    #[test]
    fn what_is_missed_is_said() {
        says("only 1 of 2 are named", |_, record| {
            repost(record, message("t", &[("🔴 Act today (1)", &[EXPIRED])], "closing"));
        });
        says("nothing was posted", |_, record| {
            record.tape.pop();
        });
    }

    #[test]
    fn what_is_false_or_doubled_is_said() {
        let with = |heading: &'static str, entry: &'static str| {
            move |_: &mut World, record: &mut Record| {
                let groups: [(&str, &[&str]); 3] =
                    [("🔴 Act today (1)", &[EXPIRED]), ("🟠 Within 30 days (1)", &[EXPIRING]), (heading, &[entry])];
                repost(record, message("t", &groups, "closing"));
            }
        };
        says("nothing is wrong with it", with("🔵 Other (1)", "c00003q.pay.example.kr: expires in 200 days"));
        says("c00002q is told twice", with("🟠 Other (1)", EXPIRING));
        says("is told as Info, it is Warning", with("🔵 Other (1)", EXPIRING));
        says("about nothing that is known", with("🔵 Other (1)", "www.example.kr: expired 2 days ago"));
        says("what is worse stands behind", with("🔴 Other (1)", EXPIRED));
        says("and this is told", with("🟠 Other (1)", "c00002q.pay.example.kr: expires in 19 days"));
        says("a failure that is none", with("🔴 NOT checked (1)", "account acct0q: incomplete listing"));
        says("was posted, then others", |_, record| {
            let first = record.tape.last().unwrap().clone();
            record.tape.push(post(0, message("another", &[], "closing")));
            record.tape.push(first);
        });
    }

    #[test]
    fn a_message_is_never_sent_again_once_it_was_taken() {
        says("was made again after Good", |_, record| {
            let again = record.tape.last().unwrap().clone();
            record.tape.push(again);
        });
        says("was made again after Flawed(Broken)", |_, record| {
            let again = record.tape.last().unwrap().clone();
            record.tape.last_mut().unwrap().outcome = Outcome::Flawed(Flaw::Broken);
            record.tape.push(again);
        });
        says("was not made again after", |_, record| {
            record.tape.last_mut().unwrap().outcome = Outcome::Flawed(Flaw::Status(503));
        });
        says("was made again after", |_, record| {
            let again = record.tape.last().unwrap().clone();
            record.tape.last_mut().unwrap().outcome = Outcome::Flawed(Flaw::TooMany(Some(Wait::Absurd)));
            record.tape.push(again);
        });
    }

    #[test]
    fn it_fails_if_and_only_if_something_failed() {
        let error = || Some(Err(("ApiError".to_owned(), "account `acct0q`: no".to_owned())));
        says("nothing failed, and it answers", |_, record| record.ended = error());
        says("something failed, and it answers success", |_, record| {
            record.tape[2].outcome = Outcome::Flawed(Flaw::Status(403));
            record.tape[2].page = None;
        });
        says("something failed, and it answers success", |_, record| {
            record.tape.last_mut().unwrap().outcome = Outcome::Flawed(Flaw::Status(404));
        });
        says("the error is a ApiError", |_, record| {
            record.tape.last_mut().unwrap().outcome = Outcome::Flawed(Flaw::Status(404));
            record.ended = error();
        });
        says("the error does not name hook0q", |_, record| {
            record.tape.last_mut().unwrap().outcome = Outcome::Flawed(Flaw::Status(404));
            record.ended = Some(Err(("DeliveryError".to_owned(), "a webhook failed".to_owned())));
        });
        says("no answer", |_, record| record.ended = None);
        says("answered after", |_, record| record.took = Duration::from_secs(61));
    }

    #[test]
    fn a_list_is_read_to_its_end() {
        let half = |_: &mut World, record: &mut Record| record.tape[2].page.as_mut().unwrap().tokens.truncate(1);
        says("only 1 of 3 rows were asked for", half);
        // A list that says itself that it is incomplete is incomplete, and that must be reported.
        says("the failure of acct0q is missed", |world, record| {
            world.accounts[0].total_is_off_by = 5;
            record.tape[2].page.as_mut().unwrap().total = 8;
        });
        says("were refused, and not read again", |_, record| record.tape[2].outcome = Outcome::Stale);
    }

    #[test]
    fn a_secret_is_asked_for_again_by_each_of_its_readers() {
        let failed = Outcome::Flawed(Flaw::Status(500));
        says("1 readings failed after 1 attempts", |_, record| record.tape[1].outcome = failed.clone());
        // Four attempts may be two of each of two readers, in whatever order they came.
        let after = |attempts: usize| {
            let (world, mut record) = good();
            record.tape[1].outcome = failed.clone();
            let again = record.tape[1].clone();
            record.tape.splice(2..2, std::iter::repeat_n(again, attempts - 1));
            let mut problems = Vec::new();
            retries(&world, &record, true, &mut problems);
            problems.retain(|problem| problem.contains("readings failed"));
            problems.len()
        };
        assert_eq!([after(1), after(2), after(4)], [1, 0, 0]);
    }

    #[test]
    fn counts_are_those_of_what_was_served() {
        says("`critical` is 2, must be 1 to 1", |_, record| {
            let Some(Ok(result)) = &mut record.ended else { return };
            result["critical"] = json!(2);
        });
        says("CertificatesChecked is 3, must be 4 to 4", |world, record| {
            world.accounts[0].slots.push(slot(4, days(300)));
            let page = record.tape[2].page.as_mut().unwrap();
            (page.total, page.tokens) = (4, (1..=4).map(|number| format!("c{number:05}q")).collect());
        });
        says("DaysToFirstExpiry is", |_, record| {
            record.lines[0] = record.lines[0].replace("\"DaysToFirstExpiry\":-2", "\"DaysToFirstExpiry\":20");
        });
        says("0 lines of metrics", |_, record| record.lines.clear());
        says("metrics of a run that does not tell of the present", |_, record| {
            record.invocation.event.now = Some(now());
        });
    }

    #[test]
    fn secrets_are_found_in_every_spelling() {
        for spelt in [
            "hookSECREThook0q",
            "&#104;&#111;&#111;&#107;&#83;&#69;&#67;&#82;&#69;&#84;&#104;&#111;&#111;&#107;&#48;&#113;",
        ] {
            says("stands in a log line", |_, record| record.lines.push(format!("{{\"message\":\"{spelt}\"}}")));
        }
        says("stands in a message", |_, record| {
            repost(record, message("t", &[], "secretKEY0000000000000000000000000000001"));
        });
        says("stands in the answer", |_, record| {
            record.ended = Some(Err(("ApiError".to_owned(), "accessKEY0000\u{200b}0000001".to_owned())));
        });
    }

    #[test]
    fn what_is_muted_is_not_told_and_visible() {
        let mute = |until: i64, critical: bool, subject: &str| Mute {
            account: None,
            subject: subject.to_owned(),
            until: now().date_naive() + days(until),
            critical,
        };
        says("c00002q is told, muted", |world, _| world.mutes = vec![mute(0, false, "2")]);
        says("0 of them visible", |world, record| {
            world.mutes = vec![mute(0, false, "C00002q*")];
            repost(record, message("t", &[("🔴 Act today (1)", &[EXPIRED])], "closing"));
        });
        // It has ended, by its date or because the certificate is critical: the report is right.
        for mute in [mute(-1, false, "2"), mute(9, false, "1"), mute(9, true, "3")] {
            let (mut world, record) = good();
            world.mutes = vec![mute];
            assert_eq!(check(&world, &record), [""; 0]);
        }
    }

    #[test]
    fn levels_routes_and_freshness_say_who_is_told() {
        says("c00002q is told, not for it", |world, _| world.hooks[0].level = Level::Critical);
        says("0 `Left out of this channel`, must be 1 to 1", |world, record| {
            world.hooks[0].level = Level::Critical;
            repost(record, message("t", &[("🔴 Act today (1)", &[EXPIRED])], "closing"));
        });
        // A warning ten days old is not news of the last day.
        says("c00002q is told, not for it", |_, record| record.invocation.event.fresh_hours = Some(239));
        says("0 `in the weekly summary`, must be 1 to 1", |_, record| {
            record.invocation.event.fresh_hours = Some(26);
            repost(record, message("t", &[("🔴 Act today (1)", &[EXPIRED])], "closing"));
        });
        let (world, mut record) = good();
        record.invocation.event.fresh_hours = Some(240);
        assert_eq!(check(&world, &record), [""; 0]);
        // A finding that no route takes goes to everyone if all webhooks have routes; otherwise to those that take everything.
        let (mut world, record) = good();
        world.hooks[0].names = Some(vec!["*.shop.example.kr".to_owned()]);
        assert_eq!(check(&world, &record), [""; 0]);
        says("not for it", |world, _| {
            world.hooks[0].names = Some(vec!["c00001q*".to_owned()]);
            world.hooks.push(hook("hook1q"));
        });
    }

    #[test]
    fn a_mention_is_for_what_is_critical() {
        says("the mention is there: false", |world, _| world.hooks[0].mentions = true);
        says("the mention is there: true", |_, record| {
            repost(
                record,
                message("t", &[("🔴 Act today (1)", &[EXPIRED]), ("🟠 W (1)", &[EXPIRING])], CHATS[0].mention),
            );
        });
    }

    #[test]
    fn every_boundary_is_that_of_the_contract() {
        let level = |left: TimeDelta| {
            let world = world(vec![slot(1, left)]);
            let record = record(&world, Vec::new(), [0, 0, 0]);
            let facts = Facts::new(&world, &record, true);
            facts.found.first().map(|found| found.level)
        };
        assert_eq!(level(TimeDelta::zero()), Some(Level::Critical));
        assert_eq!(level(days(7)), Some(Level::Critical));
        assert_eq!(level(days(7) + SECOND), Some(Level::Warning));
        assert_eq!(level(days(30)), Some(Level::Warning));
        assert_eq!(level(days(30) + SECOND), None);
    }

    #[test]
    fn patterns_are_those_of_the_contract() {
        for (pattern, name) in [("*", ""), ("*.e.kr", "A.E.kr"), ("a*c", "abc"), ("a*b*c", "aXbYc"), ("a.kr", "A.KR")] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.e.kr", "e.kr"), ("a*c", "ab"), ("a", "ab"), ("", "a"), ("a*a", "a")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
