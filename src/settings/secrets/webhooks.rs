//! The secret with the webhooks.

use chrono::NaiveDate;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::Map;

use super::{label, mutes};
use crate::chat::Kind;
use crate::net::http::{check_url, parse_url};
use crate::report::mute::Mute;
use crate::report::view::Routes;
use crate::rules::Severity;
use crate::secret_store::{Flaw, Mistake};
use crate::settings::fields::{Fields, is_path, object, unmarked};
use crate::text::pattern::Pattern;
use crate::text::quote::quoted;
use crate::webhook::{SecretUrl, Webhook};

/// What the secret with the webhooks holds.
#[derive(Debug, Clone)]
pub struct WebhookSecret {
    /// The webhooks.
    pub webhooks: Vec<Webhook>,
    /// What is not to be reported for now.
    pub mutes: Vec<Mute>,
    /// The URL to fetch after a complete run.
    pub heartbeat: Option<SecretUrl>,
}

/// Reads the secret with the webhooks: a bare URL, or a JSON object with a list. `today` is the date by which a mute ends too
/// far ahead.
///
/// # Errors
/// A sentence for everything that is wrong; never with a URL.
pub fn hooks(text: &SecretString, today: NaiveDate) -> Result<WebhookSecret, Vec<Flaw>> {
    let text = unmarked(text);
    let bare = text.trim();
    if bare.is_empty() {
        let text = "it is empty; accepted: a webhook's URL, or a JSON object with `webhooks`";
        return Err(vec![Flaw::whole(Mistake::Empty, text)]);
    }
    let mut problems = Vec::new();
    let mut read = WebhookSecret { webhooks: Vec::new(), mutes: Vec::new(), heartbeat: None };
    if bare.starts_with(['{', '[', '"']) || is_path(bare) {
        let left = object(text, "accepted: a webhook's URL, or a JSON object with `webhooks`")?;
        let mut take = Fields { left, at: String::new(), problems: &mut problems };
        let list = take.list("webhooks", "webhook");
        read.mutes = mutes::read(&mut take, today);
        read.heartbeat = take.url("heartbeat_url", check_url).map(|url| SecretUrl::new(&url));
        take.refuse_rest("webhooks, mutes, heartbeat_url");
        take.each("webhooks", list, "`url`", |fields| webhook(fields, &mut read.webhooks));
    } else {
        let left = Map::from_iter([("url".to_owned(), bare.into())]);
        webhook(Fields { left, at: String::new(), problems: &mut problems }, &mut read.webhooks);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    name_all(&mut read.webhooks);
    Ok(read)
}

/// Reads one webhook, and adds it to those before it.
fn webhook(mut take: Fields<'_>, webhooks: &mut Vec<Webhook>) {
    let url = take.needed("url", "accepted: the webhook's https URL");
    let before = take.problems.len();
    let kind = take.parsed("kind", &Kind::accepted("\""), Kind::named);
    let has_bad_kind = take.problems.len() > before;
    let mut target = None;
    match url.map(|url| self::target(&url, kind)) {
        // A bad kind is a problem already.
        Some(Err(TargetError::NoKind { .. } | TargetError::Unnamed { .. })) if has_bad_kind => {}
        Some(Err(error)) => take.problem("url", &error.to_string()),
        Some(Ok(found)) => target = Some(found),
        None => {}
    }
    let min_severity = take.parsed("min_severity", "\"info\", \"warning\", \"critical\"", Severity::named);
    let mention = take.text("mention").filter(|mention| !mention.is_empty());
    if let (Some((_, kind)), Some(mention)) = (&target, &mention)
        && let Err(accepted) = kind.channel().check_mention(mention)
    {
        take.problem("mention", &format!("is {}; accepted: {accepted}", quoted(mention)));
    }
    let name = take.text("name").map(|name| label::shown(&name)).unwrap_or_default();
    // In the form in which labels are shown.
    let accounts = take.texts("accounts").map(|labels| labels.iter().map(|label| label::shown(label)).collect());
    let names = take.texts("names").map(|names| names.iter().map(|name| Pattern::new(name)).collect());
    take.refuse_rest("url, name, kind, min_severity, mention, accounts, names");
    let Some((url, kind)) = target else { return };
    let url = SecretUrl::new(&url);
    if webhooks.iter().any(|other| other.url.is(&url)) {
        take.flaw(Mistake::Doubled, "url", "is also the URL of another webhook; list every webhook once");
    }
    let min_severity = min_severity.unwrap_or(Severity::Info);
    webhooks.push(Webhook { name, kind, url, min_severity, mention, routes: Routes { accounts, names } });
}

/// Why a URL is not that of a webhook. The text goes on after what the URL is called, and does not quote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    /// Any other reason, as a sentence.
    #[error("{0}")]
    Refused(String),
    #[error("holds two URLs; every webhook needs its own entry in `webhooks`")]
    TwoUrls,
    #[error("has the host {host} of {of_host}, but `kind` says {kind}")]
    OtherKind { kind: Kind, of_host: Kind, host: String },
    #[error("has the host {host} of {}; add `kind`: \"{of_host}\"", of_host.title())]
    Unnamed { of_host: Kind, host: String },
    #[error("has the host {host}, which does not reveal its kind; add `kind` (one of {})", Kind::accepted("\""))]
    NoKind { host: String },
}

/// What is said of a URL that worked once.
const RETIRED_CONNECTOR: &str = "is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a \
                                 flow from the template \"Send webhook alerts to a channel\", and use its URL instead";

/// What is said of a URL that starts a Slack workflow.
const SLACK_WORKFLOW: &str = "is that of a Slack workflow, which accepts variables and no messages; create an incoming webhook in a Slack app \
                              and use its URL (https://hooks.slack.com/services/…) instead";

/// The URL of a webhook and its kind, which is `kind` if it is given.
pub(crate) fn target(text: &str, kind: Option<Kind>) -> Result<(Url, Kind), TargetError> {
    // Nothing of a second URL may ever be sent to the first.
    let schemes = text.to_ascii_lowercase().replace("https://", "http://");
    if schemes.matches("http://").count() > 1 {
        return Err(TargetError::TwoUrls);
    }
    let refused = |problem: String| Err(TargetError::Refused(problem));
    let mut url = match parse_url(text) {
        Ok(url) => url,
        Err(problem) => return refused(format!("is refused: {problem}; use the webhook's https URL")),
    };
    url.set_fragment(None);
    if let Err(problem) = check_url(&url) {
        return refused(format!("is refused: {problem}"));
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    let of_host = Kind::of_host(&host);
    let is_workflow = |path: &str| path.starts_with("/triggers/") || path.starts_with("/workflows/");
    if is_retired_connector(&url, &host) {
        return refused(RETIRED_CONNECTOR.to_owned());
    }
    if of_host == Some(Kind::Slack) && is_workflow(url.path()) {
        return refused(SLACK_WORKFLOW.to_owned());
    }
    if is_signed(&host) {
        let mangled = |lost| {
            refused(format!("lost something in copying: {lost}; copy the whole URL from the flow's trigger again"))
        };
        if text.contains("&amp;") {
            return mangled("it has `&amp;` in place of `&`");
        }
        if !url.query_pairs().any(|(name, value)| name == "sig" && !value.is_empty()) {
            return mangled("it has no `sig`");
        }
    }
    match (kind, of_host) {
        (Some(kind), Some(of_host)) if kind != of_host => Err(TargetError::OtherKind { kind, of_host, host }),
        (None, Some(of_host @ (Kind::LineWorks | Kind::Jandi | Kind::Dooray | Kind::Json))) => {
            Err(TargetError::Unnamed { of_host, host })
        }
        (Some(kind), _) | (None, Some(kind)) => Ok((url, kind)),
        (None, None) => Err(TargetError::NoKind { host }),
    }
}

/// Connector URLs stopped working in May 2026: first-generation ones, and those on tenants' own hosts.
fn is_retired_connector(url: &Url, host: &str) -> bool {
    let first = matches!(host, "outlook.office.com" | "outlook.office365.com") && url.path().starts_with("/webhook");
    first || host.ends_with(".webhook.office.com")
}

/// Whether URLs of this host carry a signature: those of flows, unless a gateway stands before them.
fn is_signed(host: &str) -> bool {
    let is_below = |domain| host.strip_suffix(domain).is_some_and(|name| name.ends_with('.'));
    is_below("logic.azure.com") || is_below("api.powerplatform.com") || host == "api.powerautomate.com"
}

/// Names webhooks without a name after their kind, numbered if there are several, and numbers those of one name.
pub(crate) fn name_all(webhooks: &mut [Webhook]) {
    for kind in Kind::ALL {
        let is_nameless = |webhook: &&mut Webhook| webhook.kind == kind && webhook.name.is_empty();
        let nameless: Vec<&mut Webhook> = webhooks.iter_mut().filter(is_nameless).collect();
        let are_several = nameless.len() > 1;
        for (number, webhook) in (1..).zip(nameless) {
            webhook.name = if are_several { format!("{kind} {number}") } else { kind.to_string() };
        }
    }
    let names = label::tell_apart(webhooks.iter().map(|webhook| webhook.name.clone()).collect());
    for (webhook, name) in webhooks.iter_mut().zip(names) {
        webhook.name = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_store::flaw;

    const SLACK: &str = "https://hooks.slack.com/services/T000/B000/secret0000";
    const TEAMS: &str = "https://x.00.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/f/triggers/manual/paths/invoke?api-version=1&sig=secret0000";
    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();

    fn hooks(text: &str) -> Result<Vec<Webhook>, String> {
        let read = super::hooks(&text.into(), TODAY).map_err(|problems| flaw::sentences(&problems).join("\n"));
        read.map(|hooks| hooks.webhooks)
    }

    fn one(fields: &str) -> Result<Vec<Webhook>, String> {
        hooks(&format!(r#"{{"webhooks":[{{{fields}}}]}}"#))
    }

    /// The fields next to one webhook.
    fn beside(fields: &str) -> Result<WebhookSecret, String> {
        let text = format!(r#"{{"webhooks":[{{"url":"{SLACK}"}}],{fields}}}"#);
        super::hooks(&text.into(), TODAY).map_err(|problems| flaw::sentences(&problems).join("\n"))
    }

    #[test]
    fn a_url_with_a_blank_inside_is_refused_and_not_repaired() {
        for inside in [" ", "\t", "\n", "\r\n", "\u{7}", "\u{a0}", "\u{200b}", "\u{2028}", "\u{fffd}"] {
            let url = SLACK.replace("T000", &format!("T000{inside}"));
            for problem in [
                hooks(&url).unwrap_err(),
                hooks(&serde_json::json!({"webhooks": [{"url": url}]}).to_string()).unwrap_err(),
            ] {
                assert!(
                    problem.contains("contains a space, a control character or an invisible one"),
                    "{inside:?}: {problem}"
                );
                assert!(!problem.contains("secret0000"), "{problem}");
            }
        }
        assert!(hooks(&format!("\n {SLACK} \r\n")).is_ok());
    }

    #[test]
    fn a_bare_url_is_one_webhook() {
        let webhooks = hooks(&format!(" {SLACK}\n")).unwrap();
        assert_eq!(
            (webhooks[0].name.as_str(), webhooks[0].kind, webhooks[0].min_severity),
            ("slack", Kind::Slack, Severity::Info)
        );
        assert_eq!(hooks(TEAMS).unwrap()[0].kind, Kind::Teams);
    }

    #[test]
    fn two_urls_in_one_string_are_refused_whatever_stands_between_them() {
        for between in [",", ", ", "\n", ";", "", "|", "&u="] {
            let two = format!("{SLACK}{between}{}", TEAMS.replace("https", "HTTPS"));
            let in_list = serde_json::json!({"webhooks": [{"url": two}]}).to_string();
            assert!(hooks(&two).unwrap_err().starts_with("`url` holds two URLs; every webhook needs its own entry"));
            assert!(hooks(&in_list).unwrap_err().starts_with("`webhooks[0].url` holds two URLs"), "{between}");
        }
        let encoded = r#""url":"https://relay.example.com/x?to=https%3A%2F%2Fb.example.com","kind":"json""#;
        assert!(one(encoded).is_ok());
    }

    #[test]
    fn a_flows_url_that_lost_its_end_in_copying_is_refused() {
        let cut = TEAMS.split('&').next().unwrap();
        for (url, said) in [
            (cut.to_owned(), "it has no `sig`"),
            (TEAMS.replace("secret0000", ""), "it has no `sig`"),
            (TEAMS.replace('&', "&amp;"), "it has `&amp;` in place of `&`"),
            ("https://prod-01.koreacentral.logic.azure.com/workflows/x".to_owned(), "it has no `sig`"),
            ("https://api.powerautomate.com/x".to_owned(), "it has no `sig`"),
        ] {
            let problem = hooks(&url).unwrap_err();
            let expected =
                format!("`url` lost something in copying: {said}; copy the whole URL from the flow's trigger again");
            assert_eq!(problem, expected);
        }
        assert!(hooks("https://corp.azure-api.net/teams").is_ok(), "a gateway may keep the signature to itself");
    }

    #[test]
    fn what_was_stored_by_mistake_is_said_to_be_that() {
        for (text, said) in [
            ("file://hooks.json", "it is a `file://` path in place of the file's content; store the content"),
            (r#""{\"webhooks\":[]}""#, "it is JSON inside a string; store the object itself"),
            (r#"{"webhooks":"[{}]"}"#, "`webhooks` is JSON inside a string; store the list itself"),
            ("{\"webhooks\": [}", "it cannot be read as JSON: line 1, column 15; accepted: a webhook's URL"),
        ] {
            assert!(hooks(text).unwrap_err().starts_with(said), "{}", hooks(text).unwrap_err());
        }
    }

    #[test]
    fn kinds_are_derived_from_hosts_and_never_from_paths() {
        for (host, kind) in [
            ("hooks.slack.com", Kind::Slack),
            ("hooks.slack-gov.com", Kind::Slack),
            ("prod-01.koreacentral.logic.azure.com:443", Kind::Teams),
            ("a.b.environment.api.powerplatform.com", Kind::Teams),
            ("api.powerautomate.com", Kind::Teams),
            ("corp.azure-api.net", Kind::Teams),
        ] {
            let webhooks = one(&format!(r#""url":"https://{host}/some/unknown/path?sig=x""#)).unwrap();
            assert_eq!(webhooks[0].kind, kind, "{host}");
        }
        for host in
            ["example.com", "hooks.slack.com.example.com", "logic.azure.com", "evilapi.powerplatform.com", "127.0.0.1"]
        {
            let problem = one(&format!(r#""url":"https://{host}/x/secret0000""#)).unwrap_err();
            assert!(problem.contains("add `kind`") && !problem.contains("secret0000"), "{problem}");
            assert_eq!(one(&format!(r#""url":"https://{host}/x","kind":"teams""#)).unwrap()[0].kind, Kind::Teams);
        }
    }

    #[test]
    fn other_kinds_are_named_and_a_host_helps_only_the_error() {
        for (kind, named, host) in [
            (Kind::LineWorks, "line_works", "webhook.worksmobile.com"),
            (Kind::Jandi, "jandi", "wh.jandi.com"),
            (Kind::Dooray, "dooray", "hook.dooray.com"),
        ] {
            let url = format!("https://{host}/x/secret0000");
            assert_eq!(one(&format!(r#""url":"{url}","kind":"{named}""#)).unwrap()[0].kind, kind);
            for problem in [one(&format!(r#""url":"{url}""#)).unwrap_err(), hooks(&url).unwrap_err()] {
                let fix = format!("has the host {host} of {}; add `kind`: \"{named}\"", kind.title());
                assert!(problem.contains(&fix) && !problem.contains("secret0000"), "{problem}");
            }
            let problem = one(&format!(r#""url":"{url}","kind":"slack""#)).unwrap_err();
            assert!(problem.contains(&format!("has the host {host} of {named}, but `kind` says slack")), "{problem}");
        }
        for kind in ["line_works", "jandi", "dooray", "json"] {
            let webhooks =
                one(&format!(r#""url":"https://relay.example.com/x","kind":"{kind}","mention":"@ops""#)).unwrap();
            assert_eq!((webhooks[0].kind.as_str(), webhooks[0].name.as_str()), (kind, kind));
        }
        insta::assert_snapshot!(one(r#""url":"https://relay.example.com/x","kind":"mattermost""#).unwrap_err(), @r#"`webhooks[0].kind` is `mattermost`; accepted: "slack", "teams", "line_works", "jandi", "dooray", "json""#);
        insta::assert_snapshot!(one(r#""url":"https://relay.example.com/x""#).unwrap_err(), @r#"`webhooks[0].url` has the host relay.example.com, which does not reveal its kind; add `kind` (one of "slack", "teams", "line_works", "jandi", "dooray", "json")"#);
    }

    #[test]
    fn every_field_of_a_webhook_is_read() {
        let webhooks = one(&format!(
            r#""url":"{SLACK}","name":"ops","kind":"slack","min_severity":"warning","mention":"<!subteam^S0123>""#
        ))
        .unwrap();
        let webhook = &webhooks[0];
        assert_eq!(
            (webhook.name.as_str(), webhook.min_severity, webhook.mention.as_deref()),
            ("ops", Severity::Warning, Some("<!subteam^S0123>"))
        );
    }

    #[test]
    fn webhooks_without_a_name_are_numbered_when_there_are_several() {
        let text = format!(
            r#"{{"webhooks":[{{"url":"{SLACK}1"}},{{"url":"{TEAMS}"}},{{"url":"{SLACK}2"}},{{"url":"{SLACK}3","name":"ops"}},{{"url":"{SLACK}4","name":"ops"}}]}}"#
        );
        let names: Vec<String> = hooks(&text).unwrap().into_iter().map(|webhook| webhook.name).collect();
        assert_eq!(names, ["slack 1", "teams", "slack 2", "ops", "ops (2)"]);
    }

    #[test]
    fn everything_wrong_with_webhooks_is_said_without_a_url() {
        insta::assert_snapshot!(hooks("").unwrap_err(), @"it is empty; accepted: a webhook's URL, or a JSON object with `webhooks`");
        insta::assert_snapshot!(hooks("hooks.slack.com/services/secret0000").unwrap_err(), @"`url` is refused: it is not a URL; use the webhook's https URL");
        insta::assert_snapshot!(hooks(r#"["https://hooks.slack.com/services/secret0000"]"#).unwrap_err(), @"it is not a JSON object; accepted: a webhook's URL, or a JSON object with `webhooks`");
        insta::assert_snapshot!(hooks(r#"{"webhooks":[],"webhook":1}"#).unwrap_err(), @"
        `webhooks` must be a list of at least one webhook
        unknown key `webhook`; accepted: webhooks, mutes, heartbeat_url
        ");
        let text = format!(
            r#"{{"webhooks":[
                {{"url":"{SLACK}"}}, {{"url":"{SLACK}"}}, 7, {{"name":"x"}},
                {{"url":"http://hooks.slack.com/services/secret0000"}},
                {{"url":"{SLACK}5","kind":"teams"}}, {{"url":"{SLACK}6","kind":"discord","channel":"x"}},
                {{"url":"{SLACK}7","min_severity":"high","mention":"@here"}},
                {{"url":"https://outlook.office.com/webhook/secret0000"}}, {{"url":"https://corp.webhook.office.com/webhookb2/secret0000"}},
                {{"url":"https://hooks.slack.com/triggers/T/1/secret0000"}}, {{"url":"https://hooks.slack.com/workflows/T/1/secret0000"}}
            ]}}"#
        );
        let problems = hooks(&text).unwrap_err();
        assert!(!problems.contains("secret0000"), "{problems}");
        insta::assert_snapshot!(problems, @r#"
        `webhooks[1].url` is also the URL of another webhook; list every webhook once
        `webhooks[2]` is not an object; accepted: an object with `url`
        `webhooks[3].url` is missing; accepted: the webhook's https URL
        `webhooks[4].url` is refused: plain http is accepted for loopback hosts only; use https
        `webhooks[5].url` has the host hooks.slack.com of slack, but `kind` says teams
        `webhooks[6].kind` is `discord`; accepted: "slack", "teams", "line_works", "jandi", "dooray", "json"
        unknown key `channel` in `webhooks[6]`; accepted: url, name, kind, min_severity, mention, accounts, names
        `webhooks[7].min_severity` is `high`; accepted: "info", "warning", "critical"
        `webhooks[7].mention` is `@here`; accepted: one or more of <!here>, <!channel>, <!everyone>, <@U…>, <!subteam^S…>
        `webhooks[8].url` is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a flow from the template "Send webhook alerts to a channel", and use its URL instead
        `webhooks[9].url` is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a flow from the template "Send webhook alerts to a channel", and use its URL instead
        `webhooks[10].url` is that of a Slack workflow, which accepts variables and no messages; create an incoming webhook in a Slack app and use its URL (https://hooks.slack.com/services/…) instead
        `webhooks[11].url` is that of a Slack workflow, which accepts variables and no messages; create an incoming webhook in a Slack app and use its URL (https://hooks.slack.com/services/…) instead
        "#);
    }

    #[test]
    fn routes_are_lists_of_at_least_one() {
        let webhooks = one(&format!(r#""url":"{SLACK}","accounts":[" shop "],"names":["*.Shop.kr","www.*"]"#)).unwrap();
        let Routes { accounts, names } = &webhooks[0].routes;
        assert_eq!(accounts.as_deref(), Some(&["shop".to_owned()][..]));
        let patterns: Vec<&str> = names.iter().flatten().map(Pattern::as_str).collect();
        assert_eq!(patterns, ["*.Shop.kr", "www.*"]);
        for none in ["", r#","accounts":null,"names":null"#] {
            assert!(one(&format!(r#""url":"{SLACK}"{none}"#)).unwrap()[0].routes.is_open());
        }
        for bad in ["[]", "\"shop\"", "[7]", "[\"\"]", "{}"] {
            let problems = one(&format!(r#""url":"{SLACK}","accounts":{bad},"names":{bad}"#)).unwrap_err();
            let expected = ["accounts", "names"]
                .map(|field| format!("`webhooks[0].{field}` must be a list of at least one string"));
            assert_eq!(problems, expected.join("\n"), "{bad}");
        }
    }

    #[test]
    fn a_heartbeat_is_a_url_like_a_webhooks() {
        for good in ["\"https://hc-ping.com/secret0000\"", "\" http://127.0.0.1:1/x \"", "null"] {
            assert_eq!(beside(&format!(r#""heartbeat_url":{good}"#)).unwrap().heartbeat.is_some(), good != "null");
        }
        for (bad, said) in [
            ("\"http://hc-ping.com/secret0000\"", "is refused: plain http is accepted for loopback hosts only"),
            ("\"hc-ping.com/secret0000\"", "is refused: it is not a URL"),
            ("\"\"", "is refused: it is not a URL"),
            ("\"https://hc-ping.com/secret 0000\"", "is refused: it contains a space"),
            ("[\"https://hc-ping.com/secret0000\"]", "is not a string"),
        ] {
            let problem = beside(&format!(r#""heartbeat_url":{bad}"#)).unwrap_err();
            assert!(problem.starts_with(&format!("`heartbeat_url` {said}")), "{bad}: {problem}");
            assert!(!problem.contains("secret") && !problem.contains("0000"), "{problem}");
        }
    }
}
