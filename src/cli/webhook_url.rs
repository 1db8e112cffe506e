//! `WEBHOOK_URL`: URLs separated by commas, with the kind before a URL whose host does not reveal it (`jandi=https://…`).

use crate::chat::Kind;
use crate::report::view::Routes;
use crate::rules::Severity;
use crate::settings::secrets::webhooks::{TargetError, name_all, target};
use crate::text::quote::{Problems, quoted};
use crate::webhook::{SecretUrl, Webhook};

/// The webhooks that the variable names.
///
/// # Errors
/// A sentence for each that cannot be used.
pub(super) fn webhooks(var: impl Fn(&str) -> Option<String>) -> Result<Vec<Webhook>, Problems> {
    let text = var("WEBHOOK_URL").unwrap_or_default();
    let entries: Vec<&str> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    if entries.is_empty() {
        return Err(vec![format!("WEBHOOK_URL is not set; set it to {}, several with commas between them", forms())]);
    }
    let mut webhooks: Vec<Webhook> = Vec::new();
    let mut problems = Vec::new();
    for (number, entry) in (1..).zip(&entries) {
        match webhook(entry) {
            Ok(webhook) if !webhooks.iter().any(|other| other.url.is(&webhook.url)) => webhooks.push(webhook),
            Ok(_) => problems.push(format!("WEBHOOK_URL: URL {number} is listed twice; list every webhook once")),
            Err(problem) => problems.push(format!("WEBHOOK_URL: URL {number} {problem}")),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    name_all(&mut webhooks);
    Ok(webhooks)
}

/// Reads an entry. What is wrong goes on after what the entry is called.
fn webhook(entry: &str) -> Result<Webhook, String> {
    let (kind, url) = with_kind(entry)?;
    let (url, kind) = target(url, kind).map_err(|error| match error {
        TargetError::OtherKind { of_host, .. } | TargetError::Unnamed { of_host, .. } => {
            format!("is one of {}, by its host; write `{of_host}=` before it", of_host.title())
        }
        TargetError::NoKind { .. } => format!("has a host that does not reveal its kind; write {}", forms()),
        TargetError::TwoUrls => "holds two URLs; write a comma between them".to_owned(),
        TargetError::Refused(problem) => problem,
    })?;
    let (min_severity, routes) = (Severity::Info, Routes::default());
    Ok(Webhook { name: String::new(), kind, url: SecretUrl::new(&url), min_severity, mention: None, routes })
}

/// What the variable holds: a URL with its kind before it.
fn forms() -> String {
    let [slack, teams, others @ ..] = Kind::ALL;
    let others = others.map(|kind| format!("{kind}=")).join(", ");
    format!("{slack}=https://… or {teams}=https://… (or {others})")
}

/// An entry's kind, if one stands before its URL, and the URL.
fn with_kind(entry: &str) -> Result<(Option<Kind>, &str), String> {
    if let Some((before, url)) = entry.split_once('=')
        && let Some(kind) = Kind::named(before)
    {
        return Ok((Some(kind), url));
    }
    match ["http://", "https://"].iter().filter_map(|scheme| entry.find(scheme)).min() {
        None | Some(0) => Ok((None, entry)),
        Some(start) => {
            Err(format!("has {} before it, which names no kind; write {}", quoted(&entry[..start]), forms()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_url_that_cannot_be_used_is_refused_in_the_words_of_the_command_line() {
        for (text, expected) in [
            (
                "https://chat.example.kr/CANARY",
                format!("1 has a host that does not reveal its kind; write {}", forms()),
            ),
            ("https://wh.jandi.com/CANARY", "1 is one of JANDI, by its host; write `jandi=` before it".to_owned()),
            (
                "slack=https://hook.dooray.com/CANARY",
                "1 is one of Dooray!, by its host; write `dooray=` before it".to_owned(),
            ),
            (
                "teams=https://hooks.slack.com/services/T/B/CANARY",
                "1 is one of Slack, by its host; write `slack=` before it".to_owned(),
            ),
            ("slack=https://a.kr/1,ftp://a.kr/CANARY", "2 is refused: only https URLs are accepted".to_owned()),
            ("kakao=https://a.kr/CANARY", format!("1 has `kakao=` before it, which names no kind; write {}", forms())),
            ("slack:https://a.kr/CANARY", format!("1 has `slack:` before it, which names no kind; write {}", forms())),
            (
                "https://hooks.slack.com/CANARY;http://127.0.0.1/CANARY",
                "1 holds two URLs; write a comma between them".to_owned(),
            ),
            (
                "slack=https://a.kr/CANARY, slack=https://a.kr/CANARY",
                "2 is listed twice; list every webhook once".to_owned(),
            ),
        ] {
            let problems = webhooks(|_| Some(text.to_owned())).unwrap_err();
            assert_eq!(problems, [format!("WEBHOOK_URL: URL {expected}")], "{text}");
        }
        let unset = webhooks(|_| Some(" , ".to_owned())).unwrap_err();
        assert!(
            unset[0]
                .starts_with("WEBHOOK_URL is not set; set it to slack=https://… or teams=https://… (or line_works=")
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
