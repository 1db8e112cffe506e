//! The story of a run: list each account, judge, read details, decide what each webhook is told, post it.
//!
//! Opens nothing itself. Deciding and posting are apart: a dry run is a run that stops in between.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::api::{self, Listing, Stop};
use crate::clock::Clock;
use crate::digest::{AccountFinding, AccountReport, Digest, Failure, Kind};
use crate::finding::{Inventory, Judgement, Severity, Thresholds};
use crate::message::{Style, compose, undelivered};
use crate::secrets::tell_apart;
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
    /// What is reported of it.
    report: AccountReport,
    /// Its findings.
    judgement: Judgement,
    /// Where its details can be read.
    client: Option<api::Client>,
}

impl Checked {
    /// An account whose keys could not be had.
    pub fn without_keys(name: String, error: crate::secrets::Error) -> Self {
        let report = AccountReport {
            name,
            checked: 0,
            total: 0,
            pages: 0,
            failure: Some(Failure::Secret(error)),
            first_expiry: None,
            next: None,
        };
        Self { report, judgement: Judgement::default(), client: None }
    }

    /// Whether NCP refused the keys: they may have been rotated since they were read.
    pub fn is_unauthorized(&self) -> bool {
        matches!(&self.report.failure, Some(Failure::Api(api::Error::Unauthorized { .. })))
    }
}

/// Lists an account and judges what is found, page by page.
pub async fn check(
    name: String,
    client: api::Client,
    rules: Rules,
    until: Instant,
    progress: impl Fn(u64, u64),
) -> Checked {
    let new = || Inventory::new(rules.thresholds, rules.now);
    let Listing { rows, checked, total, pages, stop } = client.list(until, new, progress).await;
    let mut judgement = rows.close();
    let failure = stop.map(|stop| match stop {
        Stop::Page(error) => Failure::Api(error),
        Stop::Incomplete(incomplete) => Failure::Incomplete(incomplete),
    });
    let (first_expiry, next) = (judgement.first_expiry, judgement.next.take());
    let report = AccountReport { name, checked, total, pages, failure, first_expiry, next };
    Checked { report, judgement, client: Some(client) }
}

/// Puts the accounts together, and reads what an expiry of the most urgent findings would break, if `details` says until when.
pub async fn digest(accounts: Vec<Checked>, rules: Rules, details: Option<Instant>) -> Digest {
    let names = tell_apart(accounts.iter().map(|account| account.report.name.clone()).collect());
    let kind = if rules.simulated { Kind::Simulated } else { Kind::Real };
    let mut digest =
        Digest { now: rules.now, kind, thresholds: rules.thresholds, accounts: Vec::new(), findings: Vec::new() };
    let mut clients = Vec::new();
    for (account, (checked, name)) in accounts.into_iter().zip(names).enumerate() {
        let findings = checked.judgement.findings.into_iter();
        digest.findings.extend(findings.map(|finding| AccountFinding { account, finding }));
        digest.accounts.push(AccountReport { name, ..checked.report });
        clients.push(checked.client);
    }
    digest.sort();
    if let Some(until) = details {
        read_details(&mut digest, &clients, until).await;
    }
    digest
}

async fn read_details(digest: &mut Digest, clients: &[Option<api::Client>], until: Instant) {
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
        if let Some(impact) = impacts.remove(&place) {
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
    http: &reqwest::Client,
    orders: Vec<Order<'a>>,
    until: Instant,
    clock: Clock,
) -> Vec<Delivery<'a>> {
    let deliveries = orders.into_iter().map(|order| async move {
        let mut delivery = Delivery { webhook: order.webhook, messages: 0, failure: None };
        for payload in &order.payloads {
            match order.webhook.post(http, payload, until, clock).await {
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
    futures_util::future::join_all(deliveries).await
}

/// Tells the webhooks that work about those that do not: one short notice that names them all.
pub async fn tell_of_failures(
    http: &reqwest::Client,
    deliveries: &mut [Delivery<'_>],
    style: &Style,
    until: Instant,
    clock: Clock,
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
    let told = deliver(http, working.iter().map(order).collect(), until, clock).await;
    for (place, told) in working.into_iter().zip(told) {
        deliveries[place].failure = told.failure;
    }
}
