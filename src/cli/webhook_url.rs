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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_url_that_cannot_be_used_is_refused_in_the_words_of_the_command_line() {
        let one_of =
            |title: &str, kind: &str| format!("the URL is one of {title}, by its host; write `{kind}=` before it");
        for (text, expected) in [
            (
                "https://chat.example.kr/CANARY",
                format!("the host of the URL does not tell its kind; write {}", forms()),
            ),
            ("https://wh.jandi.com/CANARY", one_of("JANDI", "jandi")),
            ("slack=https://hook.dooray.com/CANARY", one_of("Dooray!", "dooray")),
            ("teams=https://hooks.slack.com/services/T/B/CANARY", one_of("Slack", "slack")),
            ("slack=https://a.kr/1,ftp://a.kr/CANARY", "URL 2 is refused: only https URLs are accepted".to_owned()),
            (
                "slack=https://a.kr/CANARY, slack=https://a.kr/CANARY",
                "URL 2 stands there twice; name every webhook once".to_owned(),
            ),
        ] {
            let problems = webhooks(|_| Some(text.to_owned())).unwrap_err();
            assert_eq!(problems, [format!("WEBHOOK_URL: {expected}")], "{text}");
        }
        let unset = webhooks(|_| Some(" , ".to_owned())).unwrap_err();
        assert!(
            unset[0].starts_with("WEBHOOK_URL is not set; it takes slack=https://… or teams=https://… (or line_works=")
        );
    }

    #[test]
    fn webhooks_are_named_after_their_kinds() {
        let text = "slack=https://a.kr/1, json=https://a.kr/2,https://hooks.slack.com/services/T/B/x";
        let webhooks = webhooks(|_| Some(text.to_owned())).unwrap();
        let names: Vec<&str> = webhooks.iter().map(|webhook| webhook.name.as_str()).collect();
        assert_eq!(names, ["slack 1", "json", "slack 2"]);
    }
}
