//! The course of a run: list each account, judge, read details, decide what each webhook is told, post it.
//!
//! Opens nothing itself. Deciding and posting are separate: a dry run is a run that stops in between.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use futures_util::{StreamExt, future, stream};
use rustc_hash::FxHashSet;
use tokio::time::Instant;

use crate::certificate_manager;
use crate::channel::Payload;
use crate::chat;
use crate::global_edge::{self, ListError, Listing};
use crate::message::words::Taken;
use crate::message::{Missed, Style, Undelivered, compose, undelivered};
use crate::net::http;
use crate::net::redact::Redactor;
use crate::report::mute::Mute;
use crate::report::view::{Audience, NotifyPolicy, views};
use crate::report::{AccountFinding, AccountReport, Failure, Found, Mode, Mutes, Report};
use crate::rules::elsewhere::{self, Collector, Names};
use crate::rules::lifetime::Holdings;
use crate::rules::{Finding, Inventory, Judgement, Severity, Thresholds};
use crate::secret_store;
use crate::settings::secrets::{self, Label};
use crate::time::Clock;
use crate::time::zone::Zone;
use crate::webhook::Webhook;

/// How many findings have their details read: the most urgent ones.
const DETAILS: usize = 50;

/// How many details are read at once.
const DETAILS_AT_ONCE: usize = 4;

/// The month that an outlook ends before, counted from this one: it covers the next three.
const OUTLOOK_MONTHS: Months = Months::new(4);

/// What a run is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Where one severity ends and the next begins.
    pub thresholds: Thresholds,
    /// The present, or the time that the event wants to use instead.
    pub now: DateTime<Utc>,
    /// Whether it is the latter.
    pub simulated: bool,
    /// The date at that time, in the zone of the messages.
    pub today: NaiveDate,
    /// The end of an outlook, up to which healthy certificates are kept, if there is to be one.
    pub outlook: Option<DateTime<Utc>>,
}

impl Rules {
    /// Rules as of `now`, in `zone`.
    #[must_use]
    pub fn new(thresholds: Thresholds, now: DateTime<Utc>, simulated: bool, zone: Zone) -> Self {
        Self { thresholds, now, simulated, today: zone.local(now).date_naive(), outlook: None }
    }

    /// The same rules, with an outlook over the next three months of `zone`.
    #[must_use]
    pub fn with_outlook(self, zone: Zone) -> Self {
        let until = self.today.with_day(1).and_then(|month| month.checked_add_months(OUTLOOK_MONTHS));
        Self { outlook: until.map(|until| zone.start_of_day(until)), ..self }
    }
}

/// An account after its list was read, or could not be.
pub struct CheckedAccount {
    /// What it is called, before accounts with the same name are told apart.
    label: Label,
    /// How many certificates were judged.
    checked: u64,
    /// How many there are, by NCP's count.
    total: u64,
    /// How many pages the list had.
    pages: u64,
    /// Why it was not read completely, if it was not.
    failure: Option<Failure>,
    /// What was found.
    judgement: Judgement,
    /// The slots that were read if the list is incomplete: another reading may add to them.
    slots: FxHashSet<i64>,
    /// The client that can read its details.
    client: Option<global_edge::Client>,
    /// What Certificate Manager holds for it, if that was asked and answered, and the names that slots show.
    held: Option<(Holdings, Names)>,
}

impl CheckedAccount {
    /// An account whose keys could not be read.
    #[must_use]
    pub fn without_keys(label: Label, error: secret_store::Error) -> Self {
        Self {
            label,
            checked: 0,
            total: 0,
            pages: 0,
            failure: Some(Failure::Secret(error)),
            judgement: Judgement::default(),
            slots: FxHashSet::default(),
            client: None,
            held: None,
        }
    }

    /// Whether NCP refused the keys: they may have been rotated since they were read.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(&self.failure, Some(Failure::Api(global_edge::Error::Unauthorized { .. })))
    }

    /// This reading of an account, plus what an `earlier` incomplete one found beyond it. A complete reading needs nothing
    /// added.
    #[must_use]
    pub fn with_earlier(mut self, earlier: Self) -> Self {
        if self.failure.is_none() {
            return self;
        }
        self.judgement.add_earlier(earlier.judgement, &self.slots);
        self.slots.extend(earlier.slots);
        self.checked = self.slots.len() as u64;
        // A reading that got no page does not know the total.
        if self.pages == 0 {
            self.total = earlier.total;
        }
        self.pages = self.pages.max(earlier.pages);
        self
    }
}

/// Lists an account and judges what is found, page by page; and queries Certificate Manager at the same time, if wanted.
pub async fn check(
    label: Label,
    client: global_edge::Client,
    rules: Rules,
    until: Instant,
    progress: impl Fn(u64, u64),
) -> CheckedAccount {
    let names = || client.certificate_manager().map(|_| Names::default());
    let inventory = || Inventory::new(rules.thresholds, rules.now).with_outlook(rules.outlook);
    let new = || Collector { inventory: inventory(), names: names() };
    let (list, name) = (client.list(until, new, progress), label.to_string());
    let (listing, holdings) = future::join(list, certificate_manager::holdings(&client, &name, until)).await;
    let Listing { rows: Collector { mut inventory, names }, checked, total, pages, stop } = listing;
    if let Some(holdings) = &holdings {
        inventory.learn(holdings);
    }
    let slots = if stop.is_some() { inventory.slots() } else { FxHashSet::default() };
    let judgement = inventory.close();
    let failure = stop.map(|stop| match stop {
        ListError::Page(error) => Failure::Api(error),
        ListError::Incomplete(incomplete) => Failure::Incomplete(incomplete),
    });
    let held = holdings.zip(names);
    CheckedAccount { label, checked, total, pages, failure, judgement, slots, client: Some(client), held }
}

/// Combines the accounts, and reads what an expiry of the most urgent findings would break, if `details` says until when.
/// What `mutes` silence is set aside.
pub async fn report(accounts: Vec<CheckedAccount>, rules: Rules, mutes: &[Mute], details: Option<Instant>) -> Report {
    let names = secrets::labels(accounts.iter().map(|account| &account.label));
    let mode = if rules.simulated { Mode::Simulated } else { Mode::Real };
    let Rules { thresholds, now, today, .. } = rules;
    let mut sources: Vec<Source> = Vec::new();
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    let mut reports: Vec<AccountReport> = Vec::new();
    for (place, (account, name)) in accounts.into_iter().zip(names).enumerate() {
        let CheckedAccount { checked, total, pages, failure, judgement, client, held, .. } = account;
        let Judgement { findings: found, first_expiry, next, deployed, upcoming, .. } = judgement;
        findings.extend(found.into_iter().map(|finding| (place, finding)));
        reports.push(AccountReport { name, checked, total, pages, failure, first_expiry, next, deployed, upcoming });
        sources.push(Source { client, held });
    }
    for (place, finding) in &mut findings {
        if let Some(client) = &sources[*place].client {
            client.scrub(&mut finding.certificate);
        }
    }
    if let Some(until) = details {
        findings = with_details(findings, &mut sources, rules, until).await;
    }
    let mut found: Vec<AccountFinding> = findings
        .into_iter()
        .map(|(place, finding)| AccountFinding { account: reports[place].name.clone(), found: Found::Slot(finding) })
        .collect();
    for (account, source) in reports.iter().zip(&sources) {
        // If an account was not read completely, a missing page may show what seems to be elsewhere.
        if let Some((holdings, names)) = source.held.as_ref().filter(|_| account.failure.is_none()) {
            let elsewhere = elsewhere::find(holdings, |name| names.has(name), thresholds, now);
            let found_there = |one| AccountFinding { account: account.name.clone(), found: Found::Elsewhere(one) };
            found.extend(elsewhere.into_iter().map(found_there));
        }
    }
    let report = Report { now, today, mode, thresholds, accounts: reports, findings: found, mutes: Mutes::default() };
    report.sorted().with_mutes(mutes)
}

/// Where to read more about an account.
struct Source {
    client: Option<global_edge::Client>,
    held: Option<(Holdings, Names)>,
}

/// The same findings, with what the details of the most urgent ones say. Each comes with the index of its account.
async fn with_details(
    mut findings: Vec<(usize, Finding)>,
    sources: &mut [Source],
    rules: Rules,
    until: Instant,
) -> Vec<(usize, Finding)> {
    findings.sort_by(|(_, a), (_, b)| a.urgency(b));
    let urgent = findings.iter().enumerate().filter(|(_, (_, finding))| finding.severity() >= Severity::Warning);
    let wanted: Vec<_> = urgent
        .take(DETAILS)
        .map(|(place, (account, finding))| (place, *account, finding.certificate.slot_id))
        .collect();
    let clients: Vec<Option<&global_edge::Client>> = sources.iter().map(|source| source.client.as_ref()).collect();
    let read = |(place, account, slot_id): (usize, usize, i64)| {
        let client = clients[account];
        async move {
            match client?.impact(slot_id, until).await {
                Ok(impact) => Some((place, impact)),
                Err(error) => {
                    tracing::info!(slot_id, error = %error, "a slot's detail could not be read; the message goes without it");
                    None
                }
            }
        }
    };
    let mut impacts: BTreeMap<_, _> =
        stream::iter(wanted).map(read).buffer_unordered(DETAILS_AT_ONCE).filter_map(async |read| read).collect().await;
    let detailed = findings.into_iter().enumerate().map(|(place, (account, finding))| {
        let Some(mut impact) = impacts.remove(&place) else { return (account, finding) };
        if let Some((holdings, names)) = &mut sources[account].held {
            // A slot for the whole world holds a certificate that the list does not name.
            impact.certificate_names.iter().for_each(|name| names.note(name));
            impact.origin = impact.expiry.and_then(|expiry| holdings.origin(&impact.certificate_name, expiry));
        }
        (account, finding.with_impact(impact, rules.thresholds, rules.now))
    });
    detailed.collect()
}

/// What one webhook is to get.
#[derive(Debug, Clone)]
pub struct Outbox<'a> {
    /// The webhook.
    pub webhook: &'a Webhook,
    /// The messages for it; empty if nothing is due.
    pub payloads: Vec<Payload>,
    /// What its readers will not know if it fails.
    pub missed: Missed,
}

/// Decides what every webhook gets.
#[must_use]
pub fn outboxes<'a>(report: &Report, webhooks: &'a [Webhook], style: &Style, policy: NotifyPolicy) -> Vec<Outbox<'a>> {
    let audiences: Vec<Audience> = webhooks
        .iter()
        .map(|webhook| Audience { routes: webhook.routes.clone(), least: webhook.min_severity })
        .collect();
    let outbox = |(webhook, view): (&'a Webhook, Option<_>)| match view {
        Some(view) => {
            let document = compose(&view, style);
            let payloads = webhook.kind.payloads(&document, webhook.mention.as_deref());
            Outbox { webhook, payloads, missed: document.missed }
        }
        None => Outbox { webhook, payloads: Vec::new(), missed: Missed::default() },
    };
    webhooks.iter().zip(views(report, &audiences, policy)).map(outbox).collect()
}

/// How posting to one webhook ended.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// The webhook.
    pub webhook: &'a Webhook,
    /// How many messages it took.
    pub messages: usize,
    /// How many were due.
    pub of: usize,
    /// Why it did not take all of them.
    pub failure: Option<chat::Error>,
    /// What its readers do not know if it failed.
    pub missed: Missed,
}

/// Posts to all webhooks at the same time, and to each in order. Once a message has failed for good, the webhook's other
/// messages are not sent.
pub async fn deliver<'a>(
    http: &http::Client,
    outboxes: Vec<Outbox<'a>>,
    until: Instant,
    clock: Clock,
    redactor: &Redactor,
) -> Vec<Delivery<'a>> {
    let deliveries = outboxes.into_iter().map(|outbox| async move {
        let Outbox { webhook, payloads, missed } = outbox;
        let mut delivery = Delivery { webhook, messages: 0, of: payloads.len(), failure: None, missed };
        for payload in &payloads {
            match webhook.post(http, payload, until, clock, redactor).await {
                Ok(()) => delivery.messages += 1,
                Err(error) => {
                    let (webhook, kind) = (&webhook.name, webhook.kind);
                    tracing::error!(webhook, kind = %kind, error = %error, "a webhook did not take a message");
                    delivery.failure = Some(error);
                    break;
                }
            }
        }
        delivery
    });
    future::join_all(deliveries).await
}

/// Tells the webhooks that work about those that do not: one short notice that names them all, and what in `report` is muted.
pub async fn tell_of_failures(
    http: &http::Client,
    report: &Report,
    deliveries: &mut [Delivery<'_>],
    style: &Style,
    until: Instant,
    clock: Clock,
    redactor: &Redactor,
) {
    let failed = deliveries.iter().filter_map(|one| {
        let Delivery { webhook, messages, of, failure, missed } = one;
        let (error, taken) = (failure.as_ref()?, Taken { messages: *messages, of: *of });
        Some(Undelivered { name: &webhook.name, kind: webhook.kind, error, missed, taken })
    });
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        return;
    }
    let notice = undelivered(&failed, report, style);
    let working: Vec<usize> = (0..deliveries.len()).filter(|place| deliveries[*place].failure.is_none()).collect();
    let outbox = |place: &usize| {
        let webhook = deliveries[*place].webhook;
        Outbox { webhook, payloads: webhook.kind.payloads(&notice, None), missed: Missed::default() }
    };
    let told = deliver(http, working.iter().map(outbox).collect(), until, clock, redactor).await;
    for (place, told) in working.into_iter().zip(told) {
        deliveries[place].failure = told.failure;
    }
}
