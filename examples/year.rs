//! A simulated year: what a channel is told about 60 certificates, by the schedules of the template, by a daily digest and by a
//! plain ladder of days.
//!
//! Prints the tables of `docs/attention.md`; `tests/attention.rs` holds the document to them. The rules, the choice of what is
//! reported and the naming of findings are the function's own: only the clock, the certificates and the missed runs are made up
//! here, and always the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use ncp_cert_alert::certificate::{Certificate, Expiry, Status};
use ncp_cert_alert::lambda::event;
use ncp_cert_alert::message::compose;
use ncp_cert_alert::message::words::Reader;
use ncp_cert_alert::report::view::{Audience, NotifyPolicy, Routes, views};
use ncp_cert_alert::report::{AccountFinding, AccountReport, Found, Mode, Mutes, Report};
use ncp_cert_alert::rules::lifetime::{Held, Holdings, Lifetime, Shares};
use ncp_cert_alert::rules::{Impact, Inventory, Severity, Thresholds};
use ncp_cert_alert::run::Rules;
use ncp_cert_alert::settings::Settings;
use ncp_cert_alert::time::zone::Zone;
use serde_json::{Value, json};

/// The year of the document.
pub(crate) const SEED: u64 = 2027;

/// `WARN_SHARE=30`, `CRITICAL_SHARE=10`: what the documents recommend.
pub(crate) const SHARES: Shares = Shares { warn: Some(30), critical: Some(10) };

/// The lives of the certificates, in days.
const LIVES: [i64; 3] = [47, 90, 365];

/// For how many days after its expiry an abandoned certificate is still in use.
const LINGERS: i64 = 14;

/// How long a deployment takes: the
/// [longest that is documented](https://guide.ncloud-docs.com/docs/en/globaledge-spec).
const DEPLOYMENT: TimeDelta = TimeDelta::minutes(60);

/// The hour of the runs, within how many minutes of it they start, and how many in a hundred do not.
const HOUR: u32 = 9;
const WINDOW_MINUTES: i64 = 60;
const MISSED_PERCENT: i64 = 5;

/// The numbers of days left at which a ladder reports.
const LADDER: [i64; 5] = [30, 14, 7, 3, 1];

/// When a certificate is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Habit {
    /// At two thirds of its life.
    OnTime,
    /// In its last five days.
    LastDays,
    /// Up to three days after its expiry.
    TooLate,
    /// On time so far, and never again; it is in use for [`LINGERS`] days after its expiry.
    GivenUp,
    /// The same, but nothing uses it.
    Unused,
}

impl Habit {
    const ALL: [Self; 5] = [Self::OnTime, Self::LastDays, Self::TooLate, Self::GivenUp, Self::Unused];

    /// How many of the twenty certificates with the same life have it.
    fn share(self) -> i64 {
        if self == Self::OnTime { 16 } else { 1 }
    }

    fn words(self) -> &'static str {
        match self {
            Self::OnTime => "at two thirds of its life",
            Self::LastDays => "in its last five days",
            Self::TooLate => "after its expiry",
            Self::GivenUp => "never, in use",
            Self::Unused => "never, not in use",
        }
    }

    fn ends(self) -> bool {
        matches!(self, Self::GivenUp | Self::Unused)
    }
}

/// One certificate, from its deployment on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deployed {
    pub(crate) from: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    /// When the next one took its place, if one did.
    pub(crate) replaced: Option<DateTime<Utc>>,
}

/// A slot, and all its certificates in the year.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    id: i64,
    pub(crate) life: i64,
    pub(crate) habit: Habit,
    pub(crate) certificates: Vec<Deployed>,
}

/// A run of the daily schedule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) at: DateTime<Utc>,
    pub(crate) day: NaiveDate,
    pub(crate) missed: bool,
}

impl Run {
    pub(crate) fn is_summary(&self) -> bool {
        self.day.weekday() == Weekday::Mon
    }
}

/// A year of 60 slots and 365 runs.
#[derive(Debug, Clone)]
pub(crate) struct Year {
    pub(crate) slots: Vec<Slot>,
    pub(crate) runs: Vec<Run>,
}

/// What can differ between years of one seed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Circumstances {
    /// By how much renewals at two thirds of a life are late, at most.
    pub(crate) delay: TimeDelta,
    /// Whether an abandoned certificate stays in use.
    pub(crate) stays_in_use: bool,
}

/// The way in which people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything, every day: `{}`.
    Digest,
    /// With 30, 14, 7, 3 and 1 days left, in a message for each certificate, as
    /// [monitors](https://github.com/louislam/uptime-kuma) send it.
    Ladder,
    /// The same, with one message for all certificates of a run.
    CollectedLadder,
    /// What is new or critical every day, and everything on Mondays: the two schedules of the template.
    Template,
}

/// A report: which certificate of which slot, when, and as what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The number of the run.
    run: usize,
    pub(crate) at: DateTime<Utc>,
    pub(crate) slot: usize,
    pub(crate) certificate: usize,
    pub(crate) severity: Severity,
}

/// What a channel was told in a year.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) messages: usize,
    pub(crate) told: Vec<Told>,
}

/// A number below `below`, always the same for the same keys (`SplitMix64`).
fn draw(keys: [u64; 4], below: i64) -> i64 {
    let mixed = keys.into_iter().fold(0_u64, |state, key| {
        let mut z = (state ^ key).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    });
    i64::try_from(mixed % below.unsigned_abs()).expect("less than an i64")
}

impl Year {
    /// The year of this seed.
    pub(crate) fn new(seed: u64, circumstances: Circumstances) -> Self {
        let first = NaiveDate::from_ymd_opt(2027, 1, 1).expect("a date");
        let runs = first.iter_days().take(365).map(|day| {
            let number = u64::from(day.ordinal());
            let minutes = draw([seed, 1, number, 0], WINDOW_MINUTES);
            let at = Zone::SEOUL.start_of_day(day) + TimeDelta::hours(HOUR.into()) + TimeDelta::minutes(minutes);
            Run { at, day, missed: draw([seed, 2, number, 0], 100) < MISSED_PERCENT }
        });
        let runs: Vec<Run> = runs.collect();
        let kinds = LIVES.into_iter().flat_map(|life| {
            let habits = Habit::ALL.into_iter().flat_map(|habit| (0..habit.share()).map(move |_| habit));
            habits.map(move |habit| (life, habit))
        });
        let slots = (1..).zip(kinds).map(|(id, (life, habit))| Slot::new(seed, id, life, habit, circumstances, &runs));
        Self { slots: slots.collect(), runs }
    }

    /// What a channel without routes is told.
    pub(crate) fn heard(&self, way: Way, shares: Shares, circumstances: Circumstances) -> Heard {
        let mut heard = Heard::default();
        for (run, Run { at, .. }) in self.runs.iter().enumerate().filter(|(_, run)| !run.missed) {
            let (named, messages) = match way {
                Way::Ladder => {
                    let steps = self.ladder(*at);
                    let messages = steps.len();
                    (steps, messages)
                }
                Way::CollectedLadder => {
                    let steps = self.ladder(*at);
                    let messages = usize::from(!steps.is_empty());
                    (steps, messages)
                }
                Way::Digest => self.run(run, &json!({}), shares, circumstances),
                Way::Template if self.runs[run].is_summary() => {
                    self.run(run, &json!({"summary": true}), shares, circumstances)
                }
                Way::Template => self.run(run, &json!({"fresh_hours": 26}), shares, circumstances),
            };
            heard.messages += messages;
            let told = named.into_iter().map(|(slot, severity)| {
                let certificate = self.slots[slot].at(*at).expect("what is told is there");
                Told { run, at: *at, slot, certificate, severity }
            });
            heard.told.extend(told);
        }
        heard
    }

    /// A run of the function with this event: which slots its message names, as what, and how many messages there are.
    fn run(&self, run: usize, event: &Value, shares: Shares, told: Circumstances) -> (Vec<(usize, Severity)>, usize) {
        let now = self.runs[run].at;
        let options = event::read(event).expect("the template's own event");
        let thresholds = Thresholds { shares, ..Thresholds::DEFAULT };
        let rules = Rules::new(thresholds, now, false, Zone::SEOUL).with_outlook(Zone::SEOUL);
        let report = self.report(rules, told);
        let policy: NotifyPolicy = options.policy(false);
        let audience = Audience { routes: Routes::default(), least: Severity::Info };
        let Some(view) = views(&report, &[audience], policy).pop().flatten() else { return (Vec::new(), 0) };
        // A long message names the most urgent and counts the rest by month: the latter do not count as told.
        let document = compose(&view, &Settings::default().style(Reader::Operator));
        let named = view.findings.len() - document.rest.len();
        let slot = |one: &AccountFinding| {
            let id = one.found.slot_id().expect("nothing is elsewhere");
            (self.slots.iter().position(|slot| slot.id == id).expect("a slot of ours"), one.found.severity())
        };
        (view.findings[..named].iter().map(|one| slot(one)).collect(), 1)
    }

    /// What a run finds.
    fn report(&self, rules: Rules, circumstances: Circumstances) -> Report {
        let Rules { thresholds, now, today, outlook, .. } = rules;
        let mut inventory = Inventory::new(thresholds, now).with_outlook(outlook);
        let mut held = Vec::new();
        for slot in &self.slots {
            let Some(number) = slot.at(now) else { continue };
            let Deployed { from, until, .. } = slot.certificates[number];
            let name = format!("slot-{}-{number}", slot.id);
            inventory.add(Certificate {
                slot_id: slot.id,
                common_name: format!("{}.example.kr", slot.id).into(),
                certificate_name: name.clone().into(),
                service_region: "KR_JP".into(),
                status: if now - from < DEPLOYMENT { Status::Publishing } else { Status::Running },
                expiry: Expiry::At(until),
                provisioned: Some(from),
            });
            held.push(Held {
                name: name.into(),
                domain: "example.kr".into(),
                issuer: "Example CA".into(),
                valid_from: Some(from),
                valid_until: Some(until),
                instances: 1,
                is_dedicated: true,
            });
        }
        // Certificate Manager is read only for shares.
        if thresholds.shares != Shares::NONE {
            inventory.learn(&Holdings::new(held));
        }
        let judgement = inventory.close();
        let findings = judgement.findings.into_iter().map(|finding| {
            let slot = self.slots.iter().find(|slot| slot.id == finding.certificate.slot_id).expect("a slot of ours");
            let impact = Impact { edges: Some(slot.edges(now, circumstances)), ..Impact::default() };
            let is_read = finding.severity() >= Severity::Warning;
            let finding = if is_read { finding.with_impact(impact, thresholds, now) } else { finding };
            AccountFinding { account: "prod".to_owned(), found: Found::Slot(finding) }
        });
        let account = AccountReport {
            name: "prod".to_owned(),
            checked: judgement.checked,
            total: judgement.checked,
            pages: 1,
            failure: None,
            first_expiry: judgement.first_expiry,
            next: judgement.next,
            deployed: judgement.deployed,
            upcoming: judgement.upcoming,
        };
        let report = Report {
            now,
            today,
            mode: Mode::Real,
            thresholds,
            findings: findings.collect(),
            accounts: vec![account],
            mutes: Mutes::default(),
        };
        report.sorted()
    }

    /// What a ladder reports.
    fn ladder(&self, now: DateTime<Utc>) -> Vec<(usize, Severity)> {
        let left = |slot: &Slot| Some(slot.certificates[slot.at(now)?].until - now);
        let lines = Thresholds::DEFAULT.cutoffs(None);
        // A step is taken on the day that begins at its line, as a warning is: "30 days" are 30 days or less.
        let is_step = |left: TimeDelta| {
            LADDER.iter().any(|days| TimeDelta::days(days - 1) < left && left <= TimeDelta::days(*days))
        };
        let steps = self.slots.iter().enumerate().filter_map(|(place, slot)| Some((place, left(slot)?)));
        let severity = |left| if left <= lines.critical { Severity::Critical } else { Severity::Warning };
        steps.filter(|(_, left)| is_step(*left)).map(|(place, left)| (place, severity(left))).collect()
    }

    /// When this certificate is renewed: one that is abandoned in the end was renewed on time until then.
    fn habit(&self, slot: usize, number: usize) -> Habit {
        let Slot { habit, certificates, .. } = &self.slots[slot];
        if habit.ends() && certificates[number].replaced.is_some() { Habit::OnTime } else { *habit }
    }

    /// The certificates of [`Year::due`], judged by days alone, with this life and habit.
    fn due_of(&self, life: i64, habit: Habit) -> impl Iterator<Item = (usize, usize)> {
        let is_one =
            move |slot: usize, number: usize| (self.slots[slot].life, self.habit(slot, number)) == (life, habit);
        self.due(Shares::NONE).filter(move |(slot, number)| is_one(*slot, *number))
    }

    /// The certificates that became a warning in the year, and whose renewal or expiry is in it too: slot and number.
    pub(crate) fn due(&self, shares: Shares) -> impl Iterator<Item = (usize, usize)> {
        let thresholds = Thresholds { shares, ..Thresholds::DEFAULT };
        let (first, last) = (self.runs[0].at, self.runs[self.runs.len() - 1].at);
        let all = self.slots.iter().enumerate().flat_map(|(place, slot)| {
            slot.certificates.iter().enumerate().map(move |(number, one)| (place, number, *one))
        });
        all.filter_map(move |(place, number, one)| {
            let line = one.until - thresholds.cutoffs(Lifetime::between(one.from, one.until)).warning;
            let end = one.replaced.unwrap_or(one.until).min(one.until);
            (first <= line && line < end && end <= last).then_some((place, number))
        })
    }
}

impl Slot {
    fn new(seed: u64, id: i64, life: i64, habit: Habit, circumstances: Circumstances, runs: &[Run]) -> Self {
        let (first, last) = (runs[0].at, runs[runs.len() - 1].at);
        let draw = |what: u64, which: usize, below: TimeDelta| {
            let keys = [seed, what, id.unsigned_abs(), which as u64];
            TimeDelta::seconds(draw(keys, below.num_seconds().max(1)))
        };
        let days = TimeDelta::days;
        let life_time = days(life);
        // From its expiry to the deployment of its successor.
        let renewal = |which: usize| match habit {
            Habit::OnTime | Habit::GivenUp | Habit::Unused => draw(4, which, circumstances.delay) - life_time / 3,
            Habit::LastDays => -draw(4, which, days(5)),
            Habit::TooLate => draw(4, which, days(3)),
        };
        // One expiry is drawn; the others precede and follow it.
        let middle = first + days(40) + draw(3, 0, days(280));
        let mut untils = vec![middle];
        for which in 1.. {
            let from = *untils.last().expect("one") - life_time;
            if from <= first {
                break;
            }
            untils.push(from - renewal(which));
        }
        untils.reverse();
        for which in 1_000.. {
            let from = *untils.last().expect("one") + renewal(which);
            if habit.ends() || from > last {
                break;
            }
            untils.push(from + life_time);
        }
        let froms: Vec<DateTime<Utc>> = untils.iter().map(|until| *until - life_time).collect();
        let certificates = untils.iter().enumerate().map(|(number, until)| {
            let replaced = froms.get(number + 1).copied();
            Deployed { from: froms[number], until: *until, replaced }
        });
        Self { id, life, habit, certificates: certificates.collect() }
    }

    /// The number of the certificate that it has at that time.
    fn at(&self, now: DateTime<Utc>) -> Option<usize> {
        self.certificates.iter().rposition(|one| one.from <= now)
    }

    /// How many edges use it.
    fn edges(&self, now: DateTime<Utc>, circumstances: Circumstances) -> u64 {
        let end = self.certificates.last().map(|one| one.until + TimeDelta::days(LINGERS));
        let is_used = match self.habit {
            Habit::Unused => false,
            Habit::GivenUp => circumstances.stays_in_use || end.is_some_and(|end| now < end),
            Habit::OnTime | Habit::LastDays | Habit::TooLate => true,
        };
        is_used.into()
    }
}

impl Heard {
    /// When a certificate was first reported as a warning or worse.
    pub(crate) fn first(&self, slot: usize, certificate: usize) -> Option<DateTime<Utc>> {
        let told = self.told.iter().filter(|told| told.severity >= Severity::Warning);
        told.filter(|told| (told.slot, told.certificate) == (slot, certificate)).map(|told| told.at).min()
    }

    /// The times that each certificate was reported without a change of severity, as the numbers of the runs.
    pub(crate) fn stretches(&self) -> Vec<Vec<usize>> {
        let mut stretches: BTreeMap<_, Vec<(Severity, Vec<usize>)>> = BTreeMap::new();
        for told in &self.told {
            let of = stretches.entry((told.slot, told.certificate)).or_default();
            match of.last_mut() {
                Some((severity, runs)) if *severity == told.severity => runs.push(told.run),
                _ => of.push((told.severity, vec![told.run])),
            }
        }
        stretches.into_values().flatten().map(|(_, runs)| runs).collect()
    }

    /// The certificates that expired in the year, or came within the critical days of it, and were not reported before they
    /// expired.
    pub(crate) fn unannounced(&self, year: &Year) -> usize {
        let critical = Thresholds::DEFAULT.cutoffs(None).critical;
        let missed = year.due(Shares::NONE).filter(|(slot, number)| {
            let one = year.slots[*slot].certificates[*number];
            let is_close = one.replaced.is_none_or(|replaced| replaced > one.until - critical);
            is_close && self.first(*slot, *number).is_none_or(|first| first >= one.until)
        });
        missed.count()
    }

    /// The certificates that were a warning, by days or by these shares, and were never reported.
    pub(crate) fn unheard(&self, year: &Year, shares: Shares) -> usize {
        year.due(shares).filter(|(slot, number)| self.first(*slot, *number).is_none()).count()
    }

    /// How long before its expiry each certificate with this life and habit, and due by these shares, was first reported: in
    /// minutes, the shortest first, and before those the ones that were never reported.
    fn warnings(&self, year: &Year, life: i64, habit: Habit, shares: Shares) -> Vec<Option<i64>> {
        let by_shares: BTreeSet<(usize, usize)> = year.due(shares).collect();
        let due = year.due_of(life, habit).filter(|one| by_shares.contains(one));
        let minutes = due.map(|(slot, number)| {
            let first = self.first(slot, number)?;
            Some((year.slots[slot].certificates[number].until - first).num_minutes())
        });
        let mut minutes: Vec<Option<i64>> = minutes.collect();
        minutes.sort_unstable();
        minutes
    }

    /// How often a certificate with a life of 47 days, renewed on time, was reported as a warning or worse.
    pub(crate) fn needless(&self, year: &Year) -> usize {
        let is_short =
            |told: &&Told| (year.slots[told.slot].life, year.habit(told.slot, told.certificate)) == (47, Habit::OnTime);
        self.told.iter().filter(|told| told.severity >= Severity::Warning).filter(is_short).count()
    }
}

/// A number of tenths, as a decimal.
fn decimal(number: usize, of: usize) -> String {
    let tenths = (number * 10 + of / 2) / of.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The worst and the median of these minutes, in days. Nothing is worse than what never came.
fn worst_and_median(minutes: &[Option<i64>]) -> String {
    let days = |minutes: Option<i64>| match minutes {
        Some(minutes) => decimal(usize::try_from(minutes).expect("told before the expiry"), 24 * 60),
        None => "never".to_owned(),
    };
    match minutes {
        [] => "none".to_owned(),
        all => format!("{} / {}", days(all[0]), days(all[all.len() / 2])),
    }
}

/// The tables of the document.
pub(crate) fn tables() -> String {
    let usual = Circumstances::default();
    let (year, none) = (Year::new(SEED, usual), Shares::NONE);
    let heard = |way, shares| year.heard(way, shares, usual);
    let digest = heard(Way::Digest, none);
    let ladder = heard(Way::Ladder, none);
    let collected = heard(Way::CollectedLadder, none);
    let template = heard(Way::Template, none);
    let digest_by_shares = heard(Way::Digest, SHARES);
    let by_shares = heard(Way::Template, SHARES);
    let in_use = Circumstances { stays_in_use: true, ..usual };
    let stuck = year.heard(Way::Template, none, in_use);

    let mut lines: Vec<String> = Vec::new();
    let missed = year.runs.iter().filter(|run| run.missed).count();
    lines.push(format!(
        "{} certificates, {} runs, of which {missed} were missed.\n",
        year.slots.len(),
        year.runs.len()
    ));
    lines.push(
        "| | messages a month | findings told a month | told again unchanged: mean | worst | runs on end, worst | \
         warnings not told | unannounced |"
            .to_owned(),
    );
    lines.push("|---|--:|--:|--:|--:|--:|--:|--:|".to_owned());
    let held: BTreeSet<usize> = (0..year.runs.len()).filter(|run| !year.runs[*run].missed).collect();
    for (name, heard, shares) in [
        ("daily digest", &digest, none),
        ("ladder of 30, 14, 7, 3, 1 days", &ladder, none),
        ("the same ladder, in one message a run", &collected, none),
        ("**the template's schedules**", &template, none),
        ("daily digest, with shares", &digest_by_shares, SHARES),
        ("**the template's schedules, with shares**", &by_shares, SHARES),
        ("the template's schedules, if what is given up stays in use", &stuck, none),
    ] {
        let stretches = heard.stretches();
        let repeats = |runs: &Vec<usize>| runs.len() - 1;
        let on_end = stretches.iter().map(|runs| longest_row(runs, &held)).max().unwrap_or_default();
        lines.push(format!(
            "| {name} | {} | {} | {} | {} | {on_end} | {} | {} |",
            decimal(heard.messages, 12),
            decimal(heard.told.len(), 12),
            decimal(stretches.iter().map(repeats).sum(), stretches.len()),
            stretches.iter().map(repeats).max().unwrap_or_default(),
            heard.unheard(&year, shares),
            heard.unannounced(&year),
        ));
    }

    lines.push("\nDays from the first warning to the expiry, worst / median:\n".to_owned());
    lines.push(
        "| life | renewed | certificates | daily digest | ladder | the template's | the template's, with shares |"
            .to_owned(),
    );
    lines.push("|--:|---|--:|--:|--:|--:|--:|".to_owned());
    for (life, habit) in LIVES.into_iter().flat_map(|life| Habit::ALL.map(|habit| (life, habit))) {
        let columns = [(&digest, none), (&ladder, none), (&template, none), (&by_shares, SHARES)];
        let cells = columns.map(|(heard, shares)| worst_and_median(&heard.warnings(&year, life, habit, shares)));
        lines.push(format!(
            "| {life} | {} | {} | {} |",
            habit.words(),
            year.due_of(life, habit).count(),
            cells.join(" | ")
        ));
    }

    lines.push(
        "\nHow often the template's schedules told a warning of a 47-day certificate that is renewed on time:\n"
            .to_owned(),
    );
    lines.push("| renewed | days alone | `WARN_SHARE=33` | `WARN_SHARE=30` |".to_owned());
    lines.push("|---|--:|--:|--:|".to_owned());
    for (words, delay) in [("at two thirds of the life", 0), ("up to 12 hours later", 12), ("up to a day later", 24)] {
        let late = Circumstances { delay: TimeDelta::hours(delay), ..usual };
        let year = Year::new(SEED, late);
        let cells = [None, Some(33), Some(30)].map(|warn| {
            let shares = Shares { warn, critical: warn.and(SHARES.critical) };
            year.heard(Way::Template, shares, late).needless(&year).to_string()
        });
        lines.push(format!("| {words} | {} |", cells.join(" | ")));
    }
    lines.join("\n")
}

/// The longest run of consecutive entries of `held` that are in `runs`.
fn longest_row(runs: &[usize], held: &BTreeSet<usize>) -> usize {
    let runs: BTreeSet<usize> = runs.iter().copied().collect();
    let mut longest = 0;
    let mut row = 0;
    for run in held {
        row = if runs.contains(run) { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    longest
}

#[expect(clippy::print_stdout, reason = "the tables are its output")]
fn main() {
    println!("{}", tables());
}
