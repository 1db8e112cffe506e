//! What holds in every world, by the contract: compared are what the servers sent and what was posted, returned and logged.
//! Nothing here calls the rules, reports or messages of the function, and no words of a message are known here: names,
//! numbers and the fields of a relay's message are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::chats::{CHATS, list};
use crate::faults::{Call, Meaning, Outcome, spelt};
use crate::forms;
use crate::stage::{Ended, Record, Seen, tokens};
use crate::world::{Account, HOOKS, Hook, LEVELS, Level, Slot, World};

/// The most messages of a digest.
const PARTS: usize = 5;

/// How many findings are named before the rest is counted.
const NAMED: usize = 20;

/// Something to report about a certificate.
#[derive(Debug)]
struct Found<'a> {
    slot: &'a Slot,
    account: &'a str,
    level: Level,
    expiry: Option<DateTime<Utc>>,
    /// Whether it is to be reported whatever `fresh_hours` says; `None` where the contract leaves that open.
    is_news: Option<bool>,
    /// Whether the function must have read it; otherwise it may have.
    is_certain: bool,
}

/// How the reading of an account must have ended.
#[derive(Debug)]
struct Reading {
    label: String,
    /// `None` where the answers leave that open.
    is_whole: Option<bool>,
}

/// What is known about an invocation before its messages are read.
struct Facts<'a> {
    world: &'a World,
    record: &'a Record,
    now: DateTime<Utc>,
    readings: Vec<Reading>,
    /// How many certificates must have been read, and how many may have been.
    checked: RangeInclusive<usize>,
    found: Vec<Found<'a>>,
    muted: Vec<Found<'a>>,
    problems: Vec<String>,
}

/// What was posted to one webhook, or would have been.
#[derive(Default)]
struct Delivery {
    /// The messages of the digest, each in its last form.
    digest: Vec<Value>,
    notices: Vec<Value>,
    /// Whether a message was not accepted, and whether it was one of the digest.
    has_failed: bool,
    is_digest_lost: bool,
    /// Whether a message was posted as plain text, which says less.
    is_plain: bool,
}

/// Everything that is wrong with an invocation.
pub(crate) fn check(world: &World, record: &Record) -> Vec<String> {
    let invocation = &record.invocation;
    let Some(ended) = &record.ended else { return vec!["no answer".to_owned()] };
    let mut facts = Facts::new(world, record);
    facts.leaks(ended);
    facts.require(record.took <= invocation.deadline + record.stall, "it answered after the deadline");
    let is_known = record.tape.iter().all(|seen| seen.outcome != Outcome::Lost);
    facts.require(is_known, "something was sent to an address that does not exist");
    let deliveries: Vec<Delivery> = (0..world.hooks.len()).map(|number| facts.delivery(number)).collect();
    let may_post = knows(record, HOOKS) && !invocation.options.contains_key("dry_run");
    let has_posted = record.tape.iter().any(|seen| seen.call == Call::Post);
    facts.require(may_post || !has_posted, "something was posted that must not be");
    if record.has_time() {
        facts.retries();
        if may_post || ended.is_ok() {
            for (hook, delivery) in world.hooks.iter().zip(&deliveries) {
                let problems = facts.digest(hook, delivery);
                facts.problems.extend(problems.into_iter().map(|problem| format!("{}: {problem}", hook.label)));
            }
            facts.notices(&deliveries);
        }
        facts.ending(ended, &deliveries);
    }
    facts.problems
}

/// Whether the function has read a secret, in init or later.
fn knows(record: &Record, id: &str) -> bool {
    let is_it = |seen: &&Seen| seen.call == Call::Secret && seen.key.trim_start_matches("early ") == id;
    record.tape.iter().filter(is_it).any(|seen| seen.meaning == Meaning::Success)
}

/// Whether a name matches a pattern with `*` at one of its ends.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        _ => name == pattern,
    }
}

/// The numbers in a text that stand alone.
fn numbers(text: &str) -> BTreeSet<usize> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter_map(|word| word.parse().ok()).collect()
}

/// How many there must be, and how many there may be.
fn count<'a>(found: impl Iterator<Item = &'a Found<'a>>) -> RangeInclusive<usize> {
    found.fold(0..=0, |sum, found| sum.start() + usize::from(found.is_certain)..=sum.end() + 1)
}

impl<'a> Facts<'a> {
    fn new(world: &'a World, record: &'a Record) -> Self {
        let now = record.invocation.options.get("now").and_then(|now| now.as_str()?.parse().ok());
        let mut facts = Self {
            world,
            record,
            now: now.unwrap_or(world.now),
            readings: Vec::new(),
            checked: 0..=0,
            found: Vec::new(),
            muted: Vec::new(),
            problems: Vec::new(),
        };
        let is_test = facts.option("test").is_some();
        for (number, account) in world.accounts.iter().enumerate().filter(|_| !is_test) {
            let id = world.secret_id(account);
            if knows(record, &id) {
                facts.read(number, &id);
            } else if !facts.readings.iter().any(|reading| id.ends_with(&reading.label)) {
                facts.readings.push(Reading { label: id.replacen("ncp/", "", 1), is_whole: Some(false) });
            }
        }
        let found = std::mem::take(&mut facts.found).into_iter();
        (facts.muted, facts.found) = found.partition(|found| world.mutes.iter().any(|mute| facts.mutes(mute, found)));
        facts
    }

    fn require(&mut self, holds: bool, otherwise: &str) {
        self.problems.extend((!holds).then(|| otherwise.to_owned()));
    }

    fn option(&self, name: &str) -> Option<&Value> {
        self.record.invocation.options.get(name)
    }

    /// An option in days, or the setting that it replaces.
    fn days(&self, option: &str, setting: &str) -> TimeDelta {
        TimeDelta::days(self.option(option).and_then(Value::as_i64).unwrap_or_else(|| self.world.number(setting)))
    }

    /// No secret appears in a log, an error, a result, a metric or a message.
    fn leaks(&mut self, ended: &Ended) {
        let posts = self.record.tape.iter().filter(|seen| seen.call == Call::Post).map(|seen| seen.request.body());
        let mut all: String = posts.chain(&self.record.lines).map(String::as_str).collect();
        all.push_str(&match ended {
            Ok(result) => result.to_string(),
            Err((_, message)) => message.clone(),
        });
        // A part of one is enough to be a leak.
        let is_shown = |part: &str| spelt(part).iter().any(|spelling| all.contains(spelling));
        let is_leak = |canary: &&String| is_shown(&canary[..10]) || is_shown(&canary[canary.len() - 10..]);
        let shown = self.world.canaries.iter().filter(is_leak);
        self.problems.extend(shown.map(|canary| format!("the secret {canary} is shown, or a part of it")));
    }

    /// Judges the reading of an account's list by the answers to it, and what was on it.
    fn read(&mut self, number: usize, secret: &str) {
        let (account, tape) = (&self.world.accounts[number], &self.record.tape);
        let label = account.label.clone();
        let of = |call: Call| tape.iter().filter(move |seen| seen.call == call && seen.server == number);
        let of_secret = tape.iter().filter(|seen| seen.call == Call::Secret && seen.key == secret);
        let is_flawless = of_secret.chain(of(Call::List)).all(|seen| seen.outcome != Outcome::Faulty);
        let good = || of(Call::List).filter(|seen| seen.meaning == Meaning::Success);
        let served: BTreeSet<&String> = good().flat_map(|seen| &seen.tokens).collect();
        // A page is read if the last answer to it was one.
        let last: BTreeMap<&str, Meaning> = of(Call::List).map(|seen| (seen.key.as_str(), seen.meaning)).collect();
        let is_read = last.values().all(|meaning| *meaning == Meaning::Success);
        let is_all = served.len() == account.slots.len();
        let has_good_keys = account.keys == account.accepted;
        let mut is_whole = (account.is_honest() && is_read == is_all).then_some(is_all);
        if self.record.has_time() && account.is_honest() && is_flawless && has_good_keys && is_whole != Some(true) {
            let all = account.slots.len();
            self.problems.push(format!("nothing failed at {label}, and {} of {all} rows were read", served.len()));
        }
        let manager_failed = of(Call::Manager).last().is_some_and(|seen| seen.meaning != Meaning::Success);
        if !has_good_keys || good().next().is_none() || manager_failed {
            is_whole = Some(false);
        }
        let seen: BTreeSet<&String> = of(Call::List).flat_map(|seen| &seen.tokens).collect();
        for slot in account.slots.iter().filter(|slot| seen.contains(&slot.token)) {
            let is_certain = served.contains(&slot.token) && slot.odd.is_none() && !account.loses(slot);
            self.checked = self.checked.start() + usize::from(is_certain)..=self.checked.end() + 1;
            let found = self.judge(account, slot, is_certain);
            self.found.extend(found);
        }
        self.readings.push(Reading { label, is_whole });
    }

    /// The table of section 5.
    fn judge(&self, account: &'a Account, slot: &'a Slot, is_certain: bool) -> Option<Found<'a>> {
        let (warn, critical) = (self.days("warn_days", "WARN_DAYS"), self.days("critical_days", "CRITICAL_DAYS"));
        let grace = TimeDelta::minutes(self.world.number("PROVISIONING_GRACE_MINUTES"));
        let last = |is: &dyn Fn(&&Seen) -> bool| self.record.tape.iter().rfind(is).map(|seen| seen.meaning);
        let detail = last(&|seen| seen.call == Call::Detail && seen.key == slot.id.to_string());
        let has_detail = detail == Some(Meaning::Success);
        let expiry = if has_detail { slot.expiry.min(slot.detailed) } else { slot.expiry };
        // Each reason: how urgent it is, and since when, if that is known.
        let mut reasons = Vec::new();
        let is_leaving = matches!(slot.status, Some("DELETING" | "DELETED"));
        match expiry.map(|expiry| (expiry, expiry - self.now)) {
            _ if is_leaving => reasons.push((Level::Info, slot.provisioned)),
            None => reasons.push((Level::Warning, None)),
            Some((expiry, left)) if left <= TimeDelta::zero() => reasons.push((Level::Critical, Some(expiry))),
            Some((expiry, left)) if left <= critical => reasons.push((Level::Critical, Some(expiry - critical))),
            Some((expiry, left)) if left <= warn => reasons.push((Level::Warning, Some(expiry - warn))),
            Some(_) => {}
        }
        match (slot.status, slot.provisioned) {
            (Some("RUNNING" | "DELETING" | "DELETED"), _) => {}
            (Some("READY" | "PUBLISHING"), Some(since)) if self.now - since < grace => {
                reasons.push((Level::Info, Some(since)));
            }
            (Some("READY" | "PUBLISHING"), Some(since)) => reasons.push((Level::Warning, Some(since + grace))),
            _ => reasons.push((Level::Warning, None)),
        }
        let served = self.served(slot, expiry, has_detail);
        reasons.extend(served);
        let (level, since) = *reasons.iter().max_by_key(|(level, _)| *level)?;
        // Where Certificate Manager could not be read, something else may use it.
        let manager_failed = last(&|seen| seen.call == Call::Manager).is_some_and(|end| end != Meaning::Success);
        let ends = served.is_some_and(|(level, _)| level == Level::Critical);
        let is_calmed = has_detail && slot.is_unused && !manager_failed && level == Level::Critical && !ends;
        let expiry = if ends { slot.served } else { expiry };
        let level = if is_calmed { Level::Warning } else { level };
        // With several reasons, a calmed severity, a date from the detail or a later deployment, more than one date may count.
        let is_late = since.is_some_and(|since| slot.provisioned.is_some_and(|provisioned| provisioned > since));
        let is_plain = reasons.len() == 1 && !is_calmed && expiry == slot.expiry && !is_late;
        let is_news = match self.option("fresh_hours").and_then(Value::as_i64) {
            Some(hours) if level < Level::Critical => {
                is_plain.then(|| since.is_none_or(|since| self.now - since <= TimeDelta::hours(hours)))
            }
            _ => Some(true),
        };
        Some(Found { slot, account: &account.label, level, expiry, is_news, is_certain })
    }

    /// What is served, where it is looked at: it ends soon, or it is older than the slot. `own` is when the slot ends.
    fn served(
        &self,
        slot: &Slot,
        own: Option<DateTime<Utc>>,
        has_detail: bool,
    ) -> Option<(Level, Option<DateTime<Utc>>)> {
        let end = slot.served.filter(|_| self.world.is_on("PROBE") && slot.status == Some("RUNNING"))?;
        let (day, critical) = (TimeDelta::days(1), self.days("critical_days", "CRITICAL_DAYS"));
        if own.is_some_and(|own| own - end <= day) {
            return None;
        }
        if end - self.now <= critical {
            return Some((Level::Critical, None));
        }
        let grace = TimeDelta::minutes(self.world.number("PROVISIONING_GRACE_MINUTES"));
        let since = slot.provisioned.map(|since| since + grace).filter(|since| *since <= self.now)?;
        let is_in_slot = slot.detailed.is_some_and(|detailed| (detailed - end).abs() <= day);
        let is_explained = has_detail && (slot.is_unused || is_in_slot);
        (own.is_some() && !is_explained).then_some((Level::Warning, Some(since)))
    }

    fn mutes(&self, mute: &Value, found: &Found<'_>) -> bool {
        let today = (self.now + TimeDelta::minutes(self.world.offset)).date_naive();
        let (what, until) = (mute["what"].as_str().unwrap_or_default(), mute["until"].as_str().unwrap_or_default());
        let (account, subject) = what.split_once('/').unwrap_or((found.account, what));
        let is_subject = found.slot.id.to_string() == subject || matches(subject, &found.slot.name);
        let holds = until >= today.to_string().as_str() && (mute["critical"] == true || found.level < Level::Critical);
        knows(self.record, HOOKS) && holds && account == found.account && is_subject
    }

    /// What may pass is tried again.
    fn retries(&mut self) {
        let mut calls: BTreeMap<(Call, usize, &str), Vec<Meaning>> = BTreeMap::new();
        for seen in &self.record.tape {
            // A message is identified by its text.
            let key = if seen.call == Call::Post { seen.request.body() } else { &seen.key };
            calls.entry((seen.call, seen.server, key)).or_default().push(seen.meaning);
        }
        for ((call, server, key), meanings) in calls {
            let failed = meanings.iter().rev().take_while(|meaning| **meaning != Meaning::Success).count();
            if meanings.last() == Some(&Meaning::Passing) && failed < 2 {
                self.problems.push(format!("{call:?} {server} {key} was not made again after a failure that may pass"));
            }
        }
    }

    /// Reads what was posted to a webhook, or would have been: no message twice, and nothing after one that failed for good.
    fn delivery(&mut self, number: usize) -> Delivery {
        let (hook, record) = (&self.world.hooks[number], self.record);
        let mut delivery = Delivery::default();
        if let (Some(_), Some(Ok(result))) = (self.option("dry_run"), &record.ended) {
            delivery.digest = list(&result["messages"][number]["payloads"]).to_vec();
            delivery.digest.iter().for_each(|payload| self.payload(hook, payload));
            return delivery;
        }
        let is_own = |seen: &&Seen| seen.call == Call::Post && seen.server == number;
        let posts: Vec<&Seen> = record.tape.iter().filter(is_own).collect();
        let (mut bodies, mut is_refused) = (BTreeSet::new(), false);
        for attempts in posts.chunk_by(|this, next| this.request.body() == next.request.body()) {
            let (first, last) = (attempts[0], attempts[attempts.len() - 1]);
            let body = first.request.body();
            let is_over = |seen: &&Seen| !matches!(seen.meaning, Meaning::Passing | Meaning::Unanswered);
            if !bodies.insert(body) || attempts[..attempts.len() - 1].iter().any(is_over) {
                self.problems.push(format!("{}: posted again: {body}", hook.label));
            }
            // What was sent whole and not answered may have arrived: it is sent once more at most.
            let unanswered = attempts.iter().filter(|seen| seen.meaning == Meaning::Unanswered).count();
            self.require(unanswered <= 2, "a message that may have arrived was sent more than twice");
            let payload: Value = serde_json::from_str(body).unwrap_or_default();
            let form = || forms::check(CHATS[hook.chat].kind, &payload);
            let is_formed = std::panic::catch_unwind(AssertUnwindSafe(form)).is_ok();
            self.require(is_formed, "a payload is not in the documented form");
            self.payload(hook, &payload);
            let is_named = |other: &Hook| other.label != hook.label && body.contains(&other.label);
            let is_notice = self.world.hooks.iter().any(is_named);
            let of = if is_notice { &mut delivery.notices } else { &mut delivery.digest };
            let is_plain = payload.get("blocks").is_none();
            if is_refused && is_plain {
                // Plain text stands in for the message that was refused.
                of.pop();
                (delivery.has_failed, delivery.is_plain) = (false, true);
            }
            if delivery.has_failed {
                self.problems.push(format!("{}: after one message failed for good, another: {body}", hook.label));
            }
            of.push(payload);
            delivery.has_failed = last.meaning != Meaning::Success;
            is_refused = last.meaning == Meaning::OtherForm && !is_plain;
        }
        delivery.is_digest_lost = delivery.has_failed && delivery.notices.is_empty();
        delivery
    }

    /// A payload is within its limits and names nothing that was not served.
    fn payload(&mut self, hook: &Hook, payload: &Value) {
        let excesses = CHATS[hook.chat].excesses(payload);
        self.problems.extend(excesses.into_iter().map(|excess| format!("{}: {excess}: {payload}", hook.label)));
        let served: BTreeSet<&String> = self.record.tape.iter().flat_map(|seen| &seen.tokens).collect();
        let unknown: Vec<String> =
            tokens(&payload.to_string()).into_iter().filter(|token| !served.contains(token)).collect();
        self.require(unknown.is_empty(), &format!("{}: {unknown:?} were not served: {payload}", hook.label));
    }

    /// Whether a webhook gets what its routes, and those of all others, match.
    fn is_for(&self, hook: &Hook, account: &str, name: Option<&str>) -> bool {
        let is_match = |hook: &Hook| {
            let has = |field: &str, is: &dyn Fn(&str) -> bool| {
                let all = hook.entry[field].as_array();
                all.is_none_or(|all| all.iter().any(|value| is(value.as_str().unwrap_or_default())))
            };
            let is_named = |pattern: &str| name.is_none_or(|name| matches(pattern, name));
            has("accounts", &|label| label == account) && has("names", &is_named)
        };
        let hooks = &self.world.hooks;
        let is_routed = |hook: &Hook| hook.entry["accounts"].is_array() || hook.entry["names"].is_array();
        let all_are_routed = hooks.iter().all(is_routed);
        is_match(hook) || all_are_routed && !hooks.iter().any(is_match)
    }

    /// A webhook gets what is due to it, named or counted, and nothing else.
    fn digest(&self, hook: &Hook, delivery: &Delivery) -> Vec<String> {
        let (messages, chat) = (&delivery.digest, &CHATS[hook.chat]);
        let texts: Vec<String> = messages.iter().map(Value::to_string).collect();
        let all = texts.concat();
        let named = tokens(&all);
        let mut problems = Vec::new();
        let mut require = |holds: bool, problem: String| problems.extend((!holds).then_some(problem));
        if self.option("test").is_some() {
            let calls_ncp = self.record.tape.iter().any(|seen| matches!(seen.call, Call::List | Call::Detail));
            require(!messages.is_empty() && named.is_empty() && !calls_ncp, "a test posts a sample".to_owned());
            return problems;
        }
        let asked = |severity: Option<&Value>| {
            LEVELS.into_iter().find(|level| severity == Some(&json!(level))).unwrap_or(Level::Info)
        };
        let least = asked(self.option("min_severity")).max(asked(hook.entry.get("min_severity")));
        let own = |found: &&Found<'_>| self.is_for(hook, found.account, Some(&found.slot.name));
        let (due, left_out): (Vec<&Found<'_>>, Vec<_>) =
            self.found.iter().filter(own).partition(|found| found.level >= least && found.is_news != Some(false));
        let must: Vec<&Found<'_>> =
            due.iter().copied().filter(|found| found.is_certain && found.is_news == Some(true)).collect();
        let failed = |reading: &&Reading| reading.is_whole != Some(true) && self.is_for(hook, &reading.label, None);
        let failures: Vec<&Reading> = self.readings.iter().filter(failed).collect();
        let is_wanted = match self.option("notify_when_clear") {
            Some(wanted) => *wanted == true,
            None => self.world.is_on("NOTIFY_WHEN_CLEAR") || self.option("summary").is_some(),
        };
        let is_clear = self.found.is_empty() && self.readings.iter().all(|reading| reading.is_whole == Some(true));
        let clear_is_wanted = is_wanted && least == Level::Info;
        let has_failed = failures.iter().any(|reading| reading.is_whole == Some(false));
        let is_due = !must.is_empty() || has_failed || clear_is_wanted && is_clear;
        let may_be = !due.is_empty() || !failures.is_empty() || clear_is_wanted;
        if messages.is_empty() {
            require(!is_due, format!("nothing was posted; due are {must:?} and {failures:?}"));
            return problems;
        }
        require(may_be, "nothing is due, and something was posted".to_owned());
        require(messages.len() <= PARTS, format!("{} messages", messages.len()));
        let is_named = |found: &&Found<'_>| named.contains(&found.slot.token);
        let is_due_here = |found: &Found<'_>| due.iter().any(|due| due.slot.token == found.slot.token);
        let rest: Vec<&Found<'_>> = self.found.iter().filter(|found| is_named(found) && !is_due_here(found)).collect();
        require(rest.is_empty(), format!("named, and not due here: {rest:?}"));
        // A mention is in the first message only, and only where something is critical.
        let is_critical = |found: &[&Found<'_>]| found.iter().any(|found| found.level == Level::Critical);
        for (number, text) in texts.iter().enumerate() {
            let is_first = number == 0 && hook.entry["mention"].is_string();
            let (must_call, may_call) = (is_first && is_critical(&must), is_critical(&due) || !failures.is_empty());
            let calls = text.contains(chat.mention());
            require(calls || !must_call, format!("no mention in message {number}"));
            require(!calls || is_first && may_call, format!("a mention in message {number}"));
        }
        let wrong = if chat.kind == "json" { relayed(messages, &due, &failures) } else { Vec::new() };
        require(wrong.is_empty(), wrong.join("\n"));
        if delivery.is_digest_lost || delivery.is_plain {
            return problems;
        }
        // It was accepted whole: everything that is due is named or counted.
        for reading in failures.iter().filter(|reading| reading.is_whole == Some(false)) {
            require(all.contains(&reading.label), format!("the failure of {} is missing", reading.label));
        }
        let numbers = numbers(&all);
        let unnamed: Vec<&Found<'_>> = must.iter().copied().filter(|found| !is_named(found)).collect();
        let may_be_unnamed = due.iter().filter(|found| !is_named(found)).count();
        if let Some(worst) = unnamed.iter().map(|found| found.level).max() {
            let entries = due.len() - may_be_unnamed + failures.len();
            let may_be_cut = entries >= NAMED && worst < Level::Critical && self.option("summary").is_none();
            let is_behind = !must.iter().any(|found| is_named(found) && found.level < worst);
            let is_counted = numbers.range(unnamed.len()..=may_be_unnamed).next().is_some();
            let is_right = (may_be_cut || messages.len() == PARTS) && is_behind && is_counted;
            require(is_right, format!("neither named nor rightly counted: {unnamed:?}"));
        }
        // The other kinds have no room for all closing lines.
        let is_roomy = matches!(chat.kind, "json" | "slack" | "teams");
        for level in LEVELS.into_iter().filter(|level| *level < least && is_roomy) {
            let count = count(left_out.iter().copied().filter(|found| found.level == level));
            let is_counted = numbers.range(count.clone()).next().is_some();
            require(is_counted || *count.start() == 0, format!("{count:?} left out as {level:?} are not counted"));
        }
        problems
    }

    /// The webhooks that work get one notice, which names those that do not; a notice is about nothing else.
    fn notices(&mut self, deliveries: &[Delivery]) {
        let hooks: Vec<(&Hook, &Delivery)> = self.world.hooks.iter().zip(deliveries).collect();
        let some_are_lost = deliveries.iter().any(|delivery| delivery.is_digest_lost);
        for (hook, delivery) in &hooks {
            let due = usize::from(some_are_lost && !delivery.is_digest_lost);
            let is_right = |notice: &Value| {
                let text = notice.to_string();
                hooks.iter().all(|(hook, delivery)| text.contains(&hook.label) == delivery.is_digest_lost)
            };
            let notices = &delivery.notices;
            let is_right = notices.len() == due && notices.iter().all(is_right);
            self.require(is_right, &format!("{}: {due} notices are due, not {notices:?}", hook.label));
        }
    }

    /// It fails if and only if something failed, and counts what was served.
    fn ending(&mut self, ended: &Ended, deliveries: &[Delivery]) {
        let undelivered = self.world.hooks.iter().zip(deliveries).filter(|(_, delivery)| delivery.has_failed);
        let undelivered: Vec<&str> = undelivered.map(|(hook, _)| hook.label.as_str()).collect();
        let unread = self.readings.iter().filter(|reading| reading.is_whole == Some(false));
        let unread: Vec<String> = unread.map(|reading| reading.label.clone()).collect();
        let must_fail = !knows(self.record, HOOKS) || !undelivered.is_empty() || !unread.is_empty();
        let may_fail = must_fail || self.readings.iter().any(|reading| reading.is_whole.is_none());
        self.require(ended.is_err() || !must_fail, "something failed, and it returns success");
        self.require(ended.is_ok() || may_fail, "nothing failed, and it returns an error");
        if let Err((kind, message)) = ended {
            let is_named = unread
                .iter()
                .map(String::as_str)
                .chain(undelivered.iter().copied())
                .all(|label| message.contains(label));
            let is_kind = match kind.as_str() {
                "SecretError" | "ApiError" | "IncompleteListing" => may_fail,
                "DeliveryError" => !undelivered.is_empty() && unread.is_empty(),
                _ => false,
            };
            self.require(is_named && is_kind && !message.contains('\n'), &format!("a wrong {kind}: {message}"));
        }
        let Some(result) = ended.as_ref().ok().filter(|_| self.option("test").is_none()) else { return };
        let of = |level: Level| count(self.found.iter().filter(|found| found.level == level));
        let counts = [
            ("checked", self.checked.clone()),
            ("critical", of(Level::Critical)),
            ("warning", of(Level::Warning)),
            ("info", of(Level::Info)),
            ("muted", count(self.muted.iter())),
        ];
        for (field, range) in counts {
            let number = result.get(field).map_or(Some(0), Value::as_u64).and_then(|number| number.try_into().ok());
            let is_right = number.is_some_and(|number| range.contains(&number));
            self.require(is_right, &format!("`{field}` is {number:?}, must be {range:?}"));
        }
    }
}

/// What is wrong with the findings that a relay reads: each is one that may be reported here, with its own facts, once.
fn relayed(messages: &[Value], due: &[&Found<'_>], failures: &[&Reading]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut named = BTreeSet::new();
    let groups = messages.iter().flat_map(|message| list(&message["groups"]));
    for (group, finding) in
        groups.flat_map(|group| list(&group["findings"]).iter().map(move |finding| (group, finding)))
    {
        let name = finding["name"].as_str().unwrap_or_default();
        let found = due.iter().find(|found| name.contains(&found.slot.token));
        let is_right = match found {
            Some(found) => {
                let expiry = found.expiry.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
                group["severity"] == json!(found.level)
                    && finding["slot"] == found.slot.id
                    && finding["account"] == found.account
                    && finding["expires"] == Value::from(expiry)
            }
            None => group["severity"] == "critical" && failures.iter().any(|reading| name.contains(&reading.label)),
        };
        if !is_right || !named.insert(name) {
            problems.push(format!("wrong, or there twice: {finding}; by the answers it is {found:?}"));
        }
    }
    problems
}
