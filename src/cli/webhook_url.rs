//! `WEBHOOK_URL`: URLs separated by commas, with the kind before one whose host does not show it (`jandi=https://…`).

use crate::chat::Kind;
use crate::report::view::Routes;
use crate::rules::Severity;
use crate::settings::secrets::webhooks::{TargetError, name_all, target};
use crate::text::quote::Problems;
use crate::webhook::{SecretUrl, Webhook};

/// The webhooks that the variable names.
///
/// # Errors
/// A sentence for each that cannot be used.
pub(super) fn webhooks(var: impl Fn(&str) -> Option<String>) -> Result<Vec<Webhook>, Problems> {
    let text = var("WEBHOOK_URL").unwrap_or_default();
    let entries: Vec<&str> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    if entries.is_empty() {
        return Err(vec![format!("WEBHOOK_URL is not set; it takes {}, several with commas between them", forms())]);
    }
    let mut webhooks: Vec<Webhook> = Vec::new();
    let mut problems = Vec::new();
    for (number, entry) in (1..).zip(&entries) {
        let place = if entries.len() == 1 { "the URL".to_owned() } else { format!("URL {number}") };
        let (kind, url) = with_kind(entry);
        let problem = match target(url, kind) {
            Ok((url, kind)) => {
                let url = SecretUrl::new(&url);
                if !webhooks.iter().any(|other| other.url.is(&url)) {
                    let (min_severity, routes) = (Severity::Info, Routes::default());
                    webhooks.push(Webhook { name: String::new(), kind, url, min_severity, mention: None, routes });
                    continue;
                }
                format!("{place} stands there twice; name every webhook once")
            }
            Err(TargetError::OtherKind { of_host, .. } | TargetError::Unnamed { of_host, .. }) => {
                format!("{place} is one of {}, by its host; write `{of_host}=` before it", of_host.title())
            }
            Err(TargetError::NoKind { .. }) => {
                format!("the host of {place} does not tell its kind; write {}", forms())
            }
            Err(error) => format!("{place} {error}"),
        };
        problems.push(format!("WEBHOOK_URL: {problem}"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    name_all(&mut webhooks);
    Ok(webhooks)
}

/// What the variable takes: a URL with its kind before it.
fn forms() -> String {
    let [slack, teams, others @ ..] = Kind::ALL;
    let others = others.map(|kind| format!("{kind}=")).join(", ");
    format!("{slack}=https://… or {teams}=https://… (or {others})")
}

/// An entry's kind, if one stands before its URL, and the URL.
fn with_kind(entry: &str) -> (Option<Kind>, &str) {
    match entry.split_once('=') {
        Some((before, url)) if Kind::named(before).is_some() => (Kind::named(before), url),
        _ => (None, entry),
    }
}
