//! The story of a run: list each account, judge, read details, decide what each webhook is told, post it.
//!
//! Opens nothing itself. Deciding and posting are apart: a dry run is a run that stops in between.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, future, stream};
use rustc_hash::FxHashSet;
use tokio::time::Instant;

use crate::api::{self, Listing, Stop};
use crate::certificate_manager;
use crate::clock::Clock;
use crate::digest::{AccountElsewhere, AccountFinding, AccountReport, Digest, Failure, Kind};
use crate::elsewhere::{self, Names, Roll};
use crate::finding::{Inventory, Judgement, Severity, Thresholds};
use crate::http;
use crate::lifetime::Holdings;
use crate::message::{Style, compose, undelivered};
use crate::redact::Redactor;
use crate::secrets::{self, Label};
use crate::webhook::{self, Payload, Webhook};

/// How many findings have their details read: the most urgent ones.
const DETAILS: usize = 50;

/// How many details are read at once.
const DETAILS_AT_ONCE: usize = 4;

/// What a run is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The lines between severities.
    pub thresholds: Thresholds,
    /// The present, or the time that the event wants to be taken for it.
    pub now: DateTime<Utc>,
    /// Whether it is the latter.
    pub simulated: bool,
}

/// An account after its list was read, or was not.
pub struct Checked {
    /// What it is called, before accounts of one name are told apart.
    label: Label,
    /// What is reported of it.
    report: AccountReport,
    /// Its findings.
    judgement: Judgement,
    /// The slots that were read, where the list was not read whole: another reading may add to them.
    slots: FxHashSet<i64>,
    /// Where its details can be read.
    client: Option<api::Client>,
    /// What Certificate Manager holds for it, if that was asked and answered, and which of that slots show.
    held: Option<(Holdings, Names)>,
}

impl Checked {
    /// An account whose keys could not be had.
    pub fn without_keys(label: Label, error: secrets::Error) -> Self {
        let report = AccountReport {
            name: label.to_string(),
            checked: 0,
            total: 0,
            pages: 0,
            failure: Some(Failure::Secret(error)),
            first_expiry: None,
            next: None,
        };
        let judgement = Judgement::default();
        Self { label, report, judgement, slots: FxHashSet::default(), client: None, held: None }
    }

    /// Whether NCP refused the keys: they may have been rotated since they were read.
    pub fn is_unauthorized(&self) -> bool {
        matches!(&self.report.failure, Some(Failure::Api(api::Error::Unauthorized { .. })))
    }

    /// This reading of an account, with what an `earlier` one that broke off had found beyond it: what was seen is told. A whole
    /// reading needs nothing added.
    #[must_use]
    pub fn with_earlier(mut self, earlier: Self) -> Self {
        if self.report.failure.is_none() {
            return self;
        }
        self.judgement.add_earlier(earlier.judgement, &self.slots);
        self.slots.extend(earlier.slots);
        let report = &mut self.report;
        report.checked = self.slots.len() as u64;
        // A reading that got no page does not know the total.
        if report.pages == 0 {
            report.total = earlier.report.total;
        }
        report.pages = report.pages.max(earlier.report.pages);
        (report.first_expiry, report.next) = (self.judgement.first_expiry, self.judgement.next.clone());
        self
    }
}

/// Lists an account and judges what is found, page by page; and asks Certificate Manager at the same time, if that is wanted.
pub async fn check(
    label: Label,
    client: api::Client,
    rules: Rules,
    until: Instant,
    progress: impl Fn(u64, u64),
) -> Checked {
    let names = || client.certificate_manager().map(|_| Names::default());
    let new = || Roll { inventory: Inventory::new(rules.thresholds, rules.now), names: names() };
    let (list, name) = (client.list(until, new, progress), label.to_string());
    let (listing, holdings) = future::join(list, certificate_manager::holdings(&client, &name, until)).await;
    let Listing { rows: Roll { mut inventory, names }, checked, total, pages, stop } = listing;
    if let Some(holdings) = &holdings {
        inventory.learn(holdings);
    }
    let slots = if stop.is_some() { inventory.slots() } else { FxHashSet::default() };
    let judgement = inventory.close();
    let failure = stop.map(|stop| match stop {
        Stop::Page(error) => Failure::Api(error),
        Stop::Incomplete(incomplete) => Failure::Incomplete(incomplete),
    });
    let (first_expiry, next) = (judgement.first_expiry, judgement.next.clone());
    let report = AccountReport { name, checked, total, pages, failure, first_expiry, next };
    Checked { label, report, judgement, slots, client: Some(client), held: holdings.zip(names) }
}

/// Puts the accounts together, and reads what an expiry of the most urgent findings would break, if `details` says until when.
pub async fn digest(accounts: Vec<Checked>, rules: Rules, details: Option<Instant>) -> Digest {
    let names = secrets::labels(accounts.iter().map(|account| &account.label));
    let kind = if rules.simulated { Kind::Simulated } else { Kind::Real };
    let mut digest = Digest {
        now: rules.now,
        kind,
        thresholds: rules.thresholds,
        accounts: Vec::new(),
        findings: Vec::new(),
        elsewhere: Vec::new(),
    };
    let (mut clients, mut held) = (Vec::new(), Vec::new());
    for (account, (checked, name)) in accounts.into_iter().zip(names).enumerate() {
        let mut findings = checked.judgement.findings;
        if let Some(client) = &checked.client {
            findings.iter_mut().for_each(|finding| client.scrub(&mut finding.certificate));
        }
        digest.findings.extend(findings.into_iter().map(|finding| AccountFinding { account, finding }));
        digest.accounts.push(AccountReport { name, ..checked.report });
        clients.push(checked.client);
        held.push(checked.held);
    }
    digest.sort();
    if let Some(until) = details {
        read_details(&mut digest, &clients, &mut held, until).await;
    }
    for (account, held) in held.iter().enumerate() {
        // Of an account that was not read whole, a page that is missing may show what seems to be elsewhere.
        if let Some((holdings, names)) = held.as_ref().filter(|_| digest.accounts[account].failure.is_none()) {
            let found = elsewhere::find(holdings, |name| names.has(name), rules.thresholds, rules.now);
            digest.elsewhere.extend(found.into_iter().map(|elsewhere| AccountElsewhere { account, elsewhere }));
        }
    }
    digest.sort();
    digest
}

async fn read_details(
    digest: &mut Digest,
    clients: &[Option<api::Client>],
    held: &mut [Option<(Holdings, Names)>],
    until: Instant,
) {
    let (thresholds, now) = (digest.thresholds, digest.now);
    let urgent = digest.findings.iter().enumerate().filter(|(_, one)| one.finding.severity() >= Severity::Warning);
    let wanted: Vec<_> =
        urgent.take(DETAILS).map(|(place, one)| (place, one.account, one.finding.certificate.slot_id)).collect();
    let read = |(place, account, slot_id): (usize, usize, i64)| async move {
        let client: &api::Client = clients[account].as_ref()?;
        match client.impact(slot_id, until).await {
            Ok(impact) => Some((place, impact)),
            Err(error) => {
                tracing::info!(slot_id, error = %error, "the detail of a slot could not be read; the message goes without it");
                None
            }
        }
    };
    let mut impacts: BTreeMap<_, _> =
        stream::iter(wanted).map(read).buffer_unordered(DETAILS_AT_ONCE).filter_map(async |read| read).collect().await;
    for (place, one) in digest.findings.iter_mut().enumerate() {
        if let Some(mut impact) = impacts.remove(&place) {
            if let Some((holdings, names)) = &mut held[one.account] {
                // A slot for the whole world holds a certificate that the list does not name.
                impact.certificate_names.iter().for_each(|name| names.note(name));
                impact.origin = impact.expiry.and_then(|expiry| holdings.origin(&impact.certificate_name, expiry));
            }
            one.finding = one.finding.clone().with_impact(impact, thresholds, now);
        }
    }
    digest.sort();
}

/// What one webhook is to get.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// The webhook.
    pub webhook: &'a Webhook,
    /// The messages for it; none is: nothing is due.
    pub payloads: Vec<Payload>,
}

/// Decides what every webhook gets: nothing below its own level, nor below `least`.
pub fn orders<'a>(
    digest: &Digest,
    webhooks: &'a [Webhook],
    style: &Style,
    least: Severity,
    notify_when_clear: bool,
) -> Vec<Order<'a>> {
    let payloads = |webhook: &Webhook| {
        let view = digest.view(webhook.min_severity.max(least), notify_when_clear)?;
        Some(webhook.kind.payloads(&compose(&view, style), webhook.mention.as_deref()))
    };
    webhooks.iter().map(|webhook| Order { webhook, payloads: payloads(webhook).unwrap_or_default() }).collect()
}

/// How the posting to one webhook ended.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// The webhook.
    pub webhook: &'a Webhook,
    /// How many messages it took.
    pub messages: usize,
    /// Why it did not take all of them.
    pub failure: Option<webhook::Error>,
}

/// Posts to all webhooks at the same time, to each in order. After one message of a webhook has failed for good, its others
/// are not sent.
pub async fn deliver<'a>(
    http: &http::Client,
    orders: Vec<Order<'a>>,
    until: Instant,
    clock: Clock,
    redactor: &Redactor,
) -> Vec<Delivery<'a>> {
    let deliveries = orders.into_iter().map(|order| async move {
        let mut delivery = Delivery { webhook: order.webhook, messages: 0, failure: None };
        for payload in &order.payloads {
            match order.webhook.post(http, payload, until, clock, redactor).await {
                Ok(()) => delivery.messages += 1,
                Err(error) => {
                    let (webhook, kind) = (&order.webhook.name, order.webhook.kind);
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

/// Tells the webhooks that work about those that do not: one short notice that names them all.
pub async fn tell_of_failures(
    http: &http::Client,
    deliveries: &mut [Delivery<'_>],
    style: &Style,
    until: Instant,
    clock: Clock,
    redactor: &Redactor,
) {
    let failed =
        deliveries.iter().filter_map(|one| Some((one.webhook.name.as_str(), one.webhook.kind, one.failure.as_ref()?)));
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        return;
    }
    let notice = undelivered(&failed, style);
    let working: Vec<usize> = (0..deliveries.len()).filter(|place| deliveries[*place].failure.is_none()).collect();
    let order = |place: &usize| {
        let webhook = deliveries[*place].webhook;
        Order { webhook, payloads: webhook.kind.payloads(&notice, None) }
    };
    let told = deliver(http, working.iter().map(order).collect(), until, clock, redactor).await;
    for (place, told) in working.into_iter().zip(told) {
        deliveries[place].failure = told.failure;
    }
}
