//! Deciding what each webhook gets, and posting it. Deciding comes first: a dry run stops in between.

use futures_util::future;

use super::Task;
use crate::channel::Payload;
use crate::chat;
use crate::message::words::Taken;
use crate::message::{Missed, Style, Undelivered, compose, undelivered};
use crate::net::http;
use crate::report::Report;
use crate::report::view::{Audience, views};
use crate::webhook::Webhook;

/// What one webhook is to get.
#[derive(Debug, Clone)]
pub struct Outbox {
    /// The webhook.
    pub webhook: Webhook,
    /// The messages for it; empty if nothing is due.
    pub payloads: Vec<Payload>,
    /// What its readers will not know if it fails.
    pub missed: Missed,
}

/// How posting to one webhook ended.
#[derive(Debug)]
pub struct Delivery {
    /// The webhook.
    pub webhook: Webhook,
    /// How many messages it accepted.
    pub messages: usize,
    /// How many were due.
    pub of: usize,
    /// Why it did not accept all of them.
    pub failure: Option<chat::Error>,
    /// What its readers do not know if it failed.
    pub missed: Missed,
}

/// Decides what every webhook gets.
pub fn outboxes(task: &Task, report: &Report, webhooks: &[Webhook]) -> Vec<Outbox> {
    let audience = |webhook: &Webhook| Audience { routes: webhook.routes.clone(), least: webhook.min_severity };
    let audiences: Vec<Audience> = webhooks.iter().map(audience).collect();
    let policy = task.options.policy(task.settings.notify_when_clear);
    let mut outboxes = Vec::new();
    for (webhook, view) in webhooks.iter().zip(views(report, &audiences, policy)) {
        let webhook = webhook.clone();
        outboxes.push(match view {
            Some(view) => {
                let document = compose(&view, &task.style);
                let payloads = webhook.kind.payloads(&document, webhook.mention.as_deref());
                Outbox { webhook, payloads, missed: document.missed }
            }
            None => Outbox { webhook, payloads: Vec::new(), missed: Missed::default() },
        });
    }
    outboxes
}

/// Posts to all webhooks at the same time, and to each in order. Once a message has failed for good, the webhook's other
/// messages are not sent.
pub(super) async fn deliver(http: &http::Client, outboxes: Vec<Outbox>) -> Vec<Delivery> {
    let deliver = async |outbox: Outbox| {
        let Outbox { webhook, payloads, missed } = outbox;
        let mut delivery = Delivery { webhook, messages: 0, of: payloads.len(), failure: None, missed };
        for payload in &payloads {
            if let Err(error) = delivery.webhook.post(http, payload).await {
                let Webhook { name, kind, .. } = &delivery.webhook;
                tracing::error!(webhook = name, kind = %kind, error = %error, "a message could not be delivered");
                delivery.failure = Some(error);
                break;
            }
            delivery.messages += 1;
        }
        delivery
    };
    future::join_all(outboxes.into_iter().map(deliver)).await
}

/// Posts one short notice to the webhooks that work: it names those that do not, and what in `report` is muted.
pub(super) async fn notify_of_failures(
    http: &http::Client,
    report: &Report,
    deliveries: &mut [Delivery],
    style: &Style,
) {
    let mut failed = Vec::new();
    for delivery in &*deliveries {
        if let Some(error) = &delivery.failure {
            let Delivery { webhook, messages, of, missed, .. } = delivery;
            let taken = Taken { messages: *messages, of: *of };
            failed.push(Undelivered { name: &webhook.name, kind: webhook.kind, error, missed, taken });
        }
    }
    if failed.is_empty() {
        return;
    }
    let notice = undelivered(&failed, report, style);
    let notify = async |delivery: &mut Delivery| {
        let webhook = delivery.webhook.clone();
        let outbox = Outbox { payloads: webhook.kind.payloads(&notice, None), webhook, missed: Missed::default() };
        let notified = deliver(http, vec![outbox]).await;
        delivery.failure = notified.into_iter().find_map(|notified| notified.failure);
    };
    let working = deliveries.iter_mut().filter(|delivery| delivery.failure.is_none());
    future::join_all(working.map(notify)).await;
}
