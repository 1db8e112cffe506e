//! The two kinds of secrets: text → accounts' keys and webhooks. Strict: an unknown key is an error that names it, and
//! everything wrong with a secret is said at once.
//!
//! Pure; [`crate::aws`] reads the texts.

use std::fmt;

use reqwest::Url;
use rustc_hash::{FxHashMap, FxHashSet};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::config::{check_base, parse_url, quoted};
use crate::finding::Severity;
use crate::http;
use crate::redact::Remote;
use crate::signature::KeyPair;
use crate::untrusted;
use crate::webhook::{Kind, SecretUrl, Webhook};

/// The longest label of an account or webhook, in graphemes.
const LABEL: usize = 40;

/// What an account's secret holds.
#[derive(Debug, Clone)]
pub struct Account {
    /// What it is called; [`labels`] tells accounts of one name apart.
    pub label: Label,
    /// Its keys.
    pub keys: KeyPair,
    /// Its own Global Edge, if it has one.
    pub api_url: Option<Url>,
}

/// A secret that could not be had or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("secret `{id}`: {problem}")]
pub struct Error {
    /// The secret, as it was asked for.
    pub id: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no such secret in this region.
    NotFound,
    /// The function's role may not read it.
    AccessDenied,
    /// Its key may not be used to decrypt it.
    NotDecrypted,
    /// It is marked for deletion.
    Deleted,
    /// Secrets Manager could not be reached, or had a problem.
    Unavailable(Remote),
    /// It was read, but holds something else than it should.
    Invalid(Vec<String>),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("Secrets Manager has no such secret in this region"),
            Self::AccessDenied => f.write_str("the function may not read it"),
            Self::NotDecrypted => f.write_str("Secrets Manager could not decrypt it"),
            Self::Deleted => f.write_str("it is marked for deletion"),
            Self::Unavailable(why) => write!(f, "Secrets Manager could not be asked: {why}"),
            Self::Invalid(problems) => f.write_str(&problems.join("; ")),
        }
    }
}

impl Error {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self.problem {
            Problem::NotFound => "check the name or ARN, and the region",
            Problem::AccessDenied => "allow secretsmanager:GetSecretValue on it in the function's role",
            Problem::NotDecrypted => "allow kms:Decrypt with the secret's KMS key in the function's role, and see that the key is enabled",
            Problem::Deleted => "restore it, or set another one",
            Problem::Unavailable(_) => {
                "run the function again; if it stays so, check its way to Secrets Manager (a function in a VPC needs an endpoint \
                 or a NAT gateway)"
            }
            Problem::Invalid(_) => "correct the secret's value; the README shows both forms",
        }
        .to_owned()
    }
}

/// Reads the secret with an account's keys. `name` is what Secrets Manager calls the secret.
///
/// # Errors
/// A sentence for everything that is wrong with it; never with a value from it.
pub fn account(name: &str, text: &SecretString) -> Result<Account, Vec<String>> {
    let accepted = "accepted: a JSON object with `access_key` and `secret_key`, and optionally `name` and `api_url`";
    let Some(fields) = object(text) else {
        return Err(vec![format!("it is not a JSON object; {accepted}")]);
    };
    let mut problems = Vec::new();
    let mut take = Fields { left: fields, at: String::new(), problems: &mut problems };
    let access_key = take.key(["access_key", "accessKey"]);
    let secret_key = take.key(["secret_key", "secretKey"]);
    let label = take.text("name").map(|name| untrusted::cut(&untrusted::one_line(&name), LABEL));
    let api_url = take.text("api_url").and_then(|text| match base_url(&text) {
        Ok(url) => Some(url),
        Err(problem) => {
            take.problems.push(format!("`api_url`: {problem}"));
            None
        }
    });
    take.refuse_rest("access_key, secret_key, name, api_url");
    match (access_key, secret_key) {
        (Some(access_key), Some(secret_key)) if problems.is_empty() => Ok(Account {
            label: label.filter(|label| !label.is_empty()).map_or_else(|| Label::of_secret(name), Label::Given),
            keys: KeyPair::new(access_key, secret_key),
            api_url,
        }),
        _ => Err(problems),
    }
}

fn base_url(text: &str) -> Result<Url, &'static str> {
    let url = parse_url(text)?;
    check_base(&url).map(|()| url)
}

/// Reads the secret with the webhooks: a bare URL, or a JSON object with a list.
///
/// # Errors
/// As [`account`].
pub fn webhooks(text: &SecretString) -> Result<Vec<Webhook>, Vec<String>> {
    let bare = text.expose_secret().trim();
    if bare.is_empty() {
        return Err(vec!["it is empty; accepted: a webhook's URL, or a JSON object with `webhooks`".to_owned()]);
    }
    let mut problems = Vec::new();
    let mut webhooks: Vec<Option<Webhook>> = Vec::new();
    if bare.starts_with(['{', '[', '"']) {
        let Some(fields) = object(text) else {
            return Err(vec![
                "it is not a JSON object; accepted: a webhook's URL, or a JSON object with `webhooks`".to_owned(),
            ]);
        };
        let mut take = Fields { left: fields, at: String::new(), problems: &mut problems };
        let list = take.left.remove("webhooks");
        take.refuse_rest("webhooks");
        match list {
            Some(Value::Array(list)) if !list.is_empty() => {
                for (number, one) in list.into_iter().enumerate() {
                    let at = format!("webhooks[{number}]");
                    let Value::Object(fields) = one else {
                        problems.push(format!("`{at}` is not an object; accepted: an object with `url`"));
                        webhooks.push(None);
                        continue;
                    };
                    webhooks.push(webhook(Fields { left: fields, at: format!("{at}."), problems: &mut problems }));
                }
            }
            _ => problems.push("`webhooks` must be a list of at least one webhook".to_owned()),
        }
    } else {
        let fields = Map::from_iter([("url".to_owned(), Value::String(bare.to_owned()))]);
        webhooks.push(webhook(Fields { left: fields, at: String::new(), problems: &mut problems }));
    }
    for (number, one) in webhooks.iter().enumerate() {
        let twin =
            one.as_ref().and_then(|one| webhooks[..number].iter().flatten().find(|other| other.url.is(&one.url)));
        if twin.is_some() {
            problems
                .push(format!("`webhooks[{number}].url` is the URL of another webhook too; name every webhook once"));
        }
    }
    let mut webhooks: Vec<Webhook> = webhooks.into_iter().flatten().collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    name_the_nameless(&mut webhooks);
    let names = tell_apart(webhooks.iter().map(|webhook| webhook.name.clone()).collect());
    for (webhook, name) in webhooks.iter_mut().zip(names) {
        webhook.name = name;
    }
    Ok(webhooks)
}

/// Reads one webhook.
fn webhook(mut take: Fields<'_>) -> Option<Webhook> {
    let before = take.problems.len();
    let url = take.text("url");
    if url.is_none() && take.problems.len() == before {
        take.problem("url", "is missing; it takes the webhook's https URL");
    }
    let kind = take.text("kind");
    let kind = kind.and_then(|kind| {
        let known = Kind::named(&kind);
        if known.is_none() {
            take.problem("kind", &format!("is {}; accepted: \"slack\", \"teams\"", quoted(&kind)));
        }
        known
    });
    let unreadable_kind = take.problems.len() > before;
    let target = url.and_then(|url| match target(&url, kind, unreadable_kind) {
        Ok(target) => Some(target),
        Err(problem) => {
            take.problem("url", &problem);
            None
        }
    });
    let min_severity = take.text("min_severity").and_then(|text| {
        let known = Severity::named(&text);
        if known.is_none() {
            let accepted = "\"info\", \"warning\", \"critical\"";
            take.problem("min_severity", &format!("is {}; accepted: {accepted}", quoted(&text)));
        }
        known
    });
    let mention = take.text("mention").filter(|mention| !mention.is_empty());
    if let (Some((_, kind)), Some(mention)) = (&target, &mention)
        && let Err(accepted) = kind.check_mention(mention)
    {
        take.problem("mention", &format!("is {}; accepted: {accepted}", quoted(mention)));
    }
    let name = take.text("name").map(|name| untrusted::cut(&untrusted::one_line(&name), LABEL)).unwrap_or_default();
    take.refuse_rest("url, name, kind, min_severity, mention");
    let (url, kind) = target?;
    let min_severity = min_severity.unwrap_or(Severity::Info);
    Some(Webhook { name, kind, url: SecretUrl::new(&url), min_severity, mention })
}

/// The URL of a webhook and its kind, or what is wrong with it: without the URL.
fn target(text: &str, kind: Option<Kind>, unreadable_kind: bool) -> Result<(Url, Kind), String> {
    let mut url = parse_url(text).map_err(|problem| format!("is refused: {problem}; use the webhook's https URL"))?;
    url.set_fragment(None);
    http::check_url(&url).map_err(|problem| format!("is refused: {problem}"))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    if is_retired_connector(&url, &host) {
        return Err("is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a \
                    flow from the template \"Send webhook alerts to a channel\", and use its URL instead"
            .to_owned());
    }
    let of_host = Kind::of_host(&host);
    let is_workflow = |path: &str| path.starts_with("/triggers/") || path.starts_with("/workflows/");
    if of_host == Some(Kind::Slack) && is_workflow(url.path()) {
        return Err("is that of a Slack workflow, which takes variables and no messages; create an incoming webhook in a Slack \
                    app and use its URL (https://hooks.slack.com/services/…) instead"
            .to_owned());
    }
    match (kind, of_host) {
        (Some(kind), Some(of_host)) if kind != of_host => {
            Err(format!("is one of {of_host}, by its host {host}, but `kind` says {kind}"))
        }
        (Some(kind), _) | (None, Some(kind)) => Ok((url, kind)),
        (None, None) if unreadable_kind => Err(format!("has the host {host}, which does not tell its kind")),
        (None, None) => {
            Err(format!("has the host {host}, which does not tell its kind; add `kind`: \"slack\" or \"teams\""))
        }
    }
}

/// Connector URLs stopped working in May 2026: those of the first generation, and the tenants' own hosts.
fn is_retired_connector(url: &Url, host: &str) -> bool {
    let first = matches!(host, "outlook.office.com" | "outlook.office365.com") && url.path().starts_with("/webhook");
    first || host.ends_with(".webhook.office.com")
}

/// Webhooks without a name are called by their kind, numbered when there are several.
fn name_the_nameless(webhooks: &mut [Webhook]) {
    for kind in Kind::ALL {
        let mut nameless: Vec<&mut Webhook> =
            webhooks.iter_mut().filter(|webhook| webhook.kind == kind && webhook.name.is_empty()).collect();
        if let [one] = nameless.as_mut_slice() {
            one.name = kind.to_string();
            continue;
        }
        for (number, one) in nameless.into_iter().zip(1..).map(|(one, number)| (number, one)) {
            one.name = format!("{kind} {number}");
        }
    }
}

/// The same names, with a number behind every one that was there before.
fn tell_apart(names: Vec<String>) -> Vec<String> {
    let mut taken = FxHashSet::default();
    // Where to go on counting: the numbers before are taken.
    let mut next: FxHashMap<String, usize> = FxHashMap::default();
    let told = names.into_iter().map(|name| {
        let mut free = name.clone();
        if taken.contains(&free) {
            let number = next.entry(name.clone()).or_insert(2);
            while taken.contains(&free) {
                free = format!("{name} ({number})");
                *number += 1;
            }
        }
        taken.insert(free.clone());
        free
    });
    told.collect()
}

/// What an account is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// By its own secret.
    Given(String),
    /// After the name of its secret, of which as much of the path is shown as tells it from others.
    OfSecret(String),
}

impl Label {
    /// After this secret: its name or ARN, without the random suffix of the latter.
    pub fn of_secret(id: &str) -> Self {
        let name = name_of(id);
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        Self::OfSecret(if parts.is_empty() { name.to_owned() } else { parts.join("/") })
    }

    /// The label with the last `parts` parts of the path.
    fn with_parts(&self, parts: usize) -> &str {
        match self {
            Self::Given(name) => name,
            Self::OfSecret(path) => {
                path.rmatch_indices('/').nth(parts.saturating_sub(1)).map_or(path, |(slash, _)| &path[slash + 1..])
            }
        }
    }
}

/// The shortest form: without any path.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_label(self.with_parts(1)))
    }
}

fn shown_label(name: &str) -> String {
    untrusted::cut(&untrusted::one_line(name), LABEL)
}

/// The labels of all accounts, each another: of the names of secrets as much of the path as tells them apart
/// (`tenants/1/ncp`, `tenants/2/ncp`: `1/ncp`, `2/ncp`), and a number behind what is the same even so.
pub fn labels<'a>(accounts: impl IntoIterator<Item = &'a Label>) -> Vec<String> {
    let mut told: Vec<(&Label, usize)> = accounts.into_iter().map(|label| (label, 1)).collect();
    let mut undecided: Vec<usize> = (0..told.len()).collect();
    while !undecided.is_empty() {
        let mut alike: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for place in undecided {
            let (label, parts) = told[place];
            alike.entry(label.with_parts(parts)).or_default().push(place);
        }
        undecided = Vec::new();
        for places in alike.into_values().filter(|places| places.len() > 1) {
            let longer = |place: &usize| {
                let (label, parts) = told[*place];
                label.with_parts(parts + 1).len() > label.with_parts(parts).len()
            };
            if places.iter().any(longer) {
                for place in &places {
                    told[*place].1 += 1;
                }
                undecided.extend(places);
            }
        }
    }
    tell_apart(told.into_iter().map(|(label, parts)| shown_label(label.with_parts(parts))).collect())
}

/// The name of a secret: an ARN ends in it and a random suffix.
fn name_of(id: &str) -> &str {
    match id.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(5)) {
        Some(name) => match name.rsplit_once('-') {
            Some((name, suffix)) if suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()) => name,
            _ => name,
        },
        None => id,
    }
}

/// The fields of a JSON object. A parser's own error would quote the secret, so it is not kept.
fn object(text: &SecretString) -> Option<Map<String, Value>> {
    match serde_json::from_str(text.expose_secret()) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}

/// The fields of an object, taken out one by one; what is left in the end is unknown.
struct Fields<'a> {
    left: Map<String, Value>,
    /// Where the object stands: goes before the names of its fields.
    at: String,
    problems: &'a mut Vec<String>,
}

impl Fields<'_> {
    fn problem(&mut self, field: &str, problem: &str) {
        self.problems.push(format!("`{}{field}` {problem}", self.at));
    }

    /// A text, trimmed; `null` is as good as none.
    fn text(&mut self, field: &str) -> Option<String> {
        match self.left.remove(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.trim().to_owned()),
            Some(_) => {
                self.problem(field, "is not a string");
                None
            }
        }
    }

    /// A key, under either of its spellings. It goes into a header, so it is visible ASCII.
    fn key(&mut self, spellings: [&str; 2]) -> Option<String> {
        let [field, other] = spellings;
        let values = spellings.map(|spelling| self.left.remove(spelling));
        let value = match values {
            [Some(_), Some(_)] => {
                self.problem(field, &format!("stands beside `{other}`; one of them is enough"));
                return None;
            }
            [first, second] => first.or(second),
        };
        match value {
            None | Some(Value::Null) => self.problem(field, "is missing"),
            Some(Value::String(key)) if key.is_empty() => self.problem(field, "is empty"),
            Some(Value::String(key)) if key.bytes().all(|byte| byte.is_ascii_graphic()) => return Some(key),
            Some(Value::String(_)) => {
                self.problem(
                    field,
                    "contains a space, a line break or another character that no key contains; paste it again",
                );
            }
            Some(_) => self.problem(field, "is not a string"),
        }
        None
    }

    fn refuse_rest(&mut self, accepted: &str) {
        for key in std::mem::take(&mut self.left).into_iter().map(|(key, _)| key) {
            let known =
                if self.at.is_empty() { String::new() } else { format!(" in `{}`", self.at.trim_end_matches('.')) };
            self.problems.push(format!("unknown key {}{known}; accepted: {accepted}", quoted(&key)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SLACK: &str = "https://hooks.slack.com/services/T000/B000/secret0000";
    const TEAMS: &str = "https://x.00.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/f/triggers/manual/paths/invoke?api-version=1&sig=secret0000";

    fn keys(text: &str) -> Result<Account, String> {
        account("team/ncp/prod", &text.into()).map_err(|problems| problems.join("\n"))
    }

    fn hooks(text: &str) -> Result<Vec<Webhook>, String> {
        webhooks(&text.into()).map_err(|problems| problems.join("\n"))
    }

    fn one(fields: &str) -> Result<Vec<Webhook>, String> {
        hooks(&format!(r#"{{"webhooks":[{{{fields}}}]}}"#))
    }

    #[test]
    fn keys_are_read_in_both_spellings() {
        for text in [
            r#"{"access_key":"AK","secret_key":"SK"}"#,
            r#"{"accessKey":"AK","secretKey":"SK","name":null}"#,
            "{\"access_key\":\"AK\",\"secret_key\":\"SK\",\"name\":\" \u{200b}\"}",
        ] {
            let account = keys(text).unwrap();
            assert_eq!(
                (account.label.to_string().as_str(), account.keys.access_key(), account.keys.secret_key()),
                ("prod", "AK", "SK")
            );
        }
        let account = keys(
            r#"{"access_key":"AK","secret_key":"SK","name":"shop","api_url":"https://edge.apigw.gov-ntruss.com"}"#,
        )
        .unwrap();
        assert_eq!(
            (account.label.to_string().as_str(), account.api_url.unwrap().host_str()),
            ("shop", Some("edge.apigw.gov-ntruss.com"))
        );
    }

    #[test]
    fn everything_wrong_with_keys_is_said_without_a_value() {
        insta::assert_snapshot!(keys("AKIDEXAMPLE").unwrap_err(), @"it is not a JSON object; accepted: a JSON object with `access_key` and `secret_key`, and optionally `name` and `api_url`");
        insta::assert_snapshot!(keys("{}").unwrap_err(), @"
        `access_key` is missing
        `secret_key` is missing
        ");
        insta::assert_snapshot!(keys(r#"{"access_key":"AK\n","accessKey":"AK","secret_key":7,"region":"KR","name":[],"api_url":"http://edge.example.com"}"#).unwrap_err(), @"
        `access_key` stands beside `accessKey`; one of them is enough
        `secret_key` is not a string
        `name` is not a string
        `api_url`: plain http is accepted for loopback hosts only; use https
        unknown key `region`; accepted: access_key, secret_key, name, api_url
        ");
        insta::assert_snapshot!(keys(r#"{"access_key":"AK 1","secret_key":""}"#).unwrap_err(), @"
        `access_key` contains a space, a line break or another character that no key contains; paste it again
        `secret_key` is empty
        ");
    }

    #[test]
    fn an_account_is_named_after_its_secret() {
        for (id, name) in [
            ("prod", "prod"),
            ("team/ncp/prod", "prod"),
            ("prod-AbCdEf", "prod-AbCdEf"),
            ("arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ncp/prod-a-AbC12f", "prod-a"),
            ("arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:prod", "prod"),
        ] {
            assert_eq!(Label::of_secret(id).to_string(), name);
        }
    }

    #[test]
    fn accounts_are_told_apart_by_as_much_of_the_path_as_it_takes_and_then_by_number() {
        let told = |ids: &[&str]| labels(&ids.iter().map(|id| Label::of_secret(id)).collect::<Vec<_>>());
        assert_eq!(told(&["tenants/1/ncp"]), ["ncp"]);
        assert_eq!(told(&["tenants/1/ncp", "tenants/2/ncp", "prod"]), ["1/ncp", "2/ncp", "prod"]);
        assert_eq!(told(&["ncp", "a/ncp", "b/x/ncp", "c/x//ncp/"]), ["ncp", "a/ncp", "b/x/ncp", "c/x/ncp"]);
        assert_eq!(told(&["x/ncp", "a/x/ncp", "b/y/ncp"]), ["x/ncp", "a/x/ncp", "y/ncp"]);
        let arn = |region: &str| format!("arn:aws:secretsmanager:{region}:123456789012:secret:a/ncp-AbC12f");
        assert_eq!(told(&[&arn("ap-northeast-2"), &arn("us-east-1"), "ncp"]), ["a/ncp", "a/ncp (2)", "ncp"]);
        let given = ["a", "b", "a", "a (2)", "a"].map(|name| Label::Given(name.to_owned()));
        assert_eq!(labels(&given), ["a", "b", "a (2)", "a (2) (2)", "a (3)"]);
    }

    /// Were it not linear, this test would not end within the day.
    #[test]
    fn thousands_of_accounts_are_told_apart_at_once() {
        let alike = vec![Label::of_secret("tenants/ncp"); 40_000];
        let told = labels(&alike);
        assert_eq!((told[0].as_str(), told[39_999].as_str()), ("tenants/ncp", "tenants/ncp (40000)"));
        let paths: Vec<_> = (0..40_000).map(|tenant| Label::of_secret(&format!("tenants/{tenant}/ncp"))).collect();
        assert_eq!(labels(&paths)[39_999], "39999/ncp");
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
            let keys = serde_json::json!({"access_key": "AK", "secret_key": "SK", "api_url": format!("https://edge{inside}.example.com")});
            assert!(self::keys(&keys.to_string()).unwrap_err().contains("contains a space"), "{inside:?}");
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
        unknown key `webhook`; accepted: webhooks
        `webhooks` must be a list of at least one webhook
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
        `webhooks[2]` is not an object; accepted: an object with `url`
        `webhooks[3].url` is missing; it takes the webhook's https URL
        `webhooks[4].url` is refused: plain http is accepted for loopback hosts only; use https
        `webhooks[5].url` is one of slack, by its host hooks.slack.com, but `kind` says teams
        `webhooks[6].kind` is `discord`; accepted: "slack", "teams"
        unknown key `channel` in `webhooks[6]`; accepted: url, name, kind, min_severity, mention
        `webhooks[7].min_severity` is `high`; accepted: "info", "warning", "critical"
        `webhooks[7].mention` is `@here`; accepted: one or more of <!here>, <!channel>, <!everyone>, <@U…>, <!subteam^S…>
        `webhooks[8].url` is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a flow from the template "Send webhook alerts to a channel", and use its URL instead
        `webhooks[9].url` is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a flow from the template "Send webhook alerts to a channel", and use its URL instead
        `webhooks[10].url` is that of a Slack workflow, which takes variables and no messages; create an incoming webhook in a Slack app and use its URL (https://hooks.slack.com/services/…) instead
        `webhooks[11].url` is that of a Slack workflow, which takes variables and no messages; create an incoming webhook in a Slack app and use its URL (https://hooks.slack.com/services/…) instead
        `webhooks[1].url` is the URL of another webhook too; name every webhook once
        "#);
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let webhooks = hooks(SLACK).unwrap();
        let account = keys(r#"{"access_key":"AKIDEXAMPLE","secret_key":"secret0000"}"#).unwrap();
        let printed = format!("{webhooks:?} {account:?}");
        assert!(!printed.contains("secret0000") && !printed.contains("AKID") && !printed.contains("T000"), "{printed}");
    }

    proptest! {
        #[test]
        fn no_text_panics_a_parser(text in any::<String>()) {
            let _ = keys(&text);
            let _ = hooks(&text);
            let _ = hooks(&format!("https://hooks.slack.com/{text}"));
        }
    }
}
