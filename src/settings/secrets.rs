//! The two kinds of secrets: text → accounts' keys and webhooks. Strict: an unknown key is an error that names it, and
//! everything wrong with a secret is reported at once.
//!
//! Pure; [`crate::secret_store`] reads the texts.

use std::fmt;

use chrono::{Days, NaiveDate};
use reqwest::Url;
use rustc_hash::{FxHashMap, FxHashSet};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::chat::Kind;
use crate::global_edge::signature::KeyPair;
use crate::net::http::{self, check_base, parse_url};
use crate::report::mute::{self, Mute};
use crate::report::view::Routes;
use crate::rules::Severity;
use crate::secret_store::id;
use crate::text::pattern::Pattern;
use crate::text::quote::quoted;
use crate::text::{self, json};
use crate::webhook::{SecretUrl, Webhook};

/// The longest label of an account or webhook, in graphemes.
const LABEL: usize = 40;

/// What an account's secret holds.
#[derive(Debug, Clone)]
pub struct AccountSecret {
    /// What it is called; [`labels`] tells accounts with the same name apart.
    pub label: Label,
    /// Its keys.
    pub keys: KeyPair,
    /// Its own Global Edge, if it has one.
    pub api_url: Option<Url>,
}

/// An account from a secret that holds several, or what is wrong with it; preceded by what it is called.
pub type AccountEntry = (Label, Result<AccountSecret, Vec<String>>);

/// Reads the secret with the keys of an account, or of several (`accounts`). `name` is what Secrets Manager calls the secret.
/// If one of several is bad, the others can still be used.
///
/// # Errors
/// A sentence for everything that is wrong with the secret as a whole; never with a value from it.
pub fn accounts(name: &str, text: &SecretString) -> Result<Vec<AccountEntry>, Vec<String>> {
    let accepted = "accepted: a JSON object with `access_key` and `secret_key`, and optionally `name` and `api_url`; or with \
                    `accounts`, a list of such objects";
    let mut fields = object(unmarked(text), accepted)?;
    let Some(list) = fields.remove("accounts").filter(|list| !list.is_null()) else {
        let account = account(fields, Some(name))?;
        return Ok(vec![(account.label.clone(), Ok(account))]);
    };
    let mut problems = Vec::new();
    let mut beside = Fields { left: fields, at: String::new(), problems: &mut problems };
    beside.refuse_rest("accounts alone");
    let list = match list {
        Value::Array(list) if !list.is_empty() => list,
        _ => {
            problems.push("`accounts` must be a list of at least one account".to_owned());
            Vec::new()
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let entry = |(number, one): (usize, Value)| {
        let Value::Object(fields) = one else {
            let problem =
                format!("`accounts[{number}]` is not an object; it takes `name`, `access_key` and `secret_key`");
            return (Label::given(format!("accounts[{number}]")), Err(vec![problem]));
        };
        let given = fields.get("name").and_then(Value::as_str).map(shown_label).filter(|label| !label.is_empty());
        let label = Label::given(given.unwrap_or_else(|| format!("accounts[{number}]")));
        let at = |problem: String| format!("`accounts[{number}]`: {problem}");
        let read = account(fields, None).map_err(|problems| problems.into_iter().map(at).collect());
        (label, read)
    };
    Ok(list.into_iter().enumerate().map(entry).collect())
}

/// Reads the keys of one account. If it has no name of its own, it is named after `secret`; without that, a name is required.
fn account(fields: Map<String, Value>, secret: Option<&str>) -> Result<AccountSecret, Vec<String>> {
    let mut problems = Vec::new();
    let mut take = Fields { left: fields, at: String::new(), problems: &mut problems };
    let access_key = take.key(["access_key", "accessKey"]);
    let secret_key = take.key(["secret_key", "secretKey"]);
    let before = take.problems.len();
    let label = take.text("name").map(|name| shown_label(&name)).filter(|label| !label.is_empty());
    let label = label.map(Label::given).or_else(|| secret.map(Label::of_secret));
    if label.is_none() && take.problems.len() == before {
        take.problem("name", "is missing; each of several accounts needs one of its own");
    }
    let api_url = take.text("api_url").and_then(|text| match base_url(&text) {
        Ok(url) => Some(url),
        Err(problem) => {
            take.problems.push(format!("`api_url`: {problem}"));
            None
        }
    });
    take.refuse_rest("access_key, secret_key, name, api_url");
    match (label, access_key, secret_key) {
        (Some(label), Some(access_key), Some(secret_key)) if problems.is_empty() => {
            Ok(AccountSecret { label, keys: KeyPair::new(access_key, secret_key), api_url })
        }
        _ => Err(problems),
    }
}

fn base_url(text: &str) -> Result<Url, &'static str> {
    let url = parse_url(text)?;
    check_base(&url).map(|()| url)
}

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

/// Reads the secret with the webhooks: a bare URL, or a JSON object with a list. `today` is the date that mutes are checked
/// against.
///
/// # Errors
/// As [`accounts`].
pub fn hooks(text: &SecretString, today: NaiveDate) -> Result<WebhookSecret, Vec<String>> {
    let (mut mutes, mut heartbeat) = (Vec::new(), None);
    let bare = unmarked(text);
    if bare.is_empty() {
        return Err(vec!["it is empty; accepted: a webhook's URL, or a JSON object with `webhooks`".to_owned()]);
    }
    let mut problems = Vec::new();
    let mut webhooks: Vec<Option<Webhook>> = Vec::new();
    if bare.starts_with(['{', '[', '"']) {
        let fields = object(bare, "accepted: a webhook's URL, or a JSON object with `webhooks`")?;
        let mut take = Fields { left: fields, at: String::new(), problems: &mut problems };
        let list = take.left.remove("webhooks");
        mutes = read_mutes(&mut take, today);
        heartbeat = take.text("heartbeat_url").and_then(|text| {
            let url = parse_url(&text).and_then(|url| http::check_url(&url).map(|()| SecretUrl::new(&url)));
            url.map_err(|problem| take.problem("heartbeat_url", &format!("is refused: {problem}"))).ok()
        });
        take.refuse_rest("webhooks, mutes, heartbeat_url");
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
    Ok(WebhookSecret { webhooks, mutes, heartbeat })
}

/// Reads the list of mutes.
fn read_mutes(take: &mut Fields<'_>, today: NaiveDate) -> Vec<Mute> {
    let list = match take.left.remove("mutes") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => {
            take.problem("mutes", "is not a list");
            return Vec::new();
        }
    };
    if list.len() > mute::MOST {
        take.problem("mutes", &format!("has {} entries; accepted: at most {}", list.len(), mute::MOST));
        return Vec::new();
    }
    let mut mutes = Vec::new();
    for (number, one) in list.into_iter().enumerate() {
        let at = format!("mutes[{number}]");
        match one {
            Value::Object(fields) => {
                let fields = Fields { left: fields, at: format!("{at}."), problems: take.problems };
                mutes.extend(read_mute(fields, today));
            }
            _ => take.problem(&at, "is not an object; it takes `what` and `until`"),
        }
    }
    mutes
}

fn read_mute(mut take: Fields<'_>, today: NaiveDate) -> Option<Mute> {
    let before = take.problems.len();
    let what = take.text("what");
    if what.is_none() && take.problems.len() == before {
        take.problem("what", "is missing; it takes a slot, a name pattern, or either behind an account (`prod/71`)");
    }
    let before = take.problems.len();
    let until = take.text("until");
    if until.is_none() && take.problems.len() == before {
        take.problem("until", "is missing; a mute needs a last day, such as \"2026-12-31\"");
    }
    let until = until.and_then(|text| {
        let last = today.checked_add_days(Days::new(mute::MOST_DAYS)).unwrap_or(NaiveDate::MAX);
        match read_day(&text) {
            Some(day) if day <= last => Some(day),
            Some(_) => {
                take.problem("until", &format!("is {}, more than {} days ahead", quoted(&text), mute::MOST_DAYS));
                None
            }
            None => {
                take.problem("until", &format!("is {}; accepted: a date such as \"2026-12-31\"", quoted(&text)));
                None
            }
        }
    });
    let why = take.text("why").filter(|why| !why.is_empty());
    let critical = take.truth("critical");
    take.refuse_rest("what, until, why, critical");
    let (what, until, critical) = (what?, until?, critical?);
    let mute = Mute::new(&what, until, why, critical, shown_label);
    if mute.is_none() {
        take.problem("what", &format!("is {}; accepted: `71`, `*.example.kr`, `prod/71`", quoted(&what)));
    }
    mute
}

/// A day in the ISO 8601 form, and no other.
fn read_day(text: &str) -> Option<NaiveDate> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_plain)
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
            take.problem("kind", &format!("is {}; accepted: {}", quoted(&kind), Kind::accepted("\"")));
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
        && let Err(accepted) = kind.channel().check_mention(mention)
    {
        take.problem("mention", &format!("is {}; accepted: {accepted}", quoted(mention)));
    }
    let name = take.text("name").map(|name| shown_label(&name)).unwrap_or_default();
    let accounts = take.texts("accounts");
    // In the form in which labels are shown.
    let accounts = accounts.map(|labels| labels.iter().map(|label| shown_label(label)).collect());
    let names = take.texts("names").map(|names| names.iter().map(|name| Pattern::new(name)).collect());
    take.refuse_rest("url, name, kind, min_severity, mention, accounts, names");
    let (url, kind) = target?;
    let min_severity = min_severity.unwrap_or(Severity::Info);
    let routes = Routes { accounts, names };
    Some(Webhook { name, kind, url: SecretUrl::new(&url), min_severity, mention, routes })
}

/// The URL of a webhook and its kind, or what is wrong with it, without quoting the URL.
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
        (None, Some(of_host)) if of_host.channel().must_be_named() && !unreadable_kind => {
            Err(format!("has the host {host}, which is one of {}; add `kind`: \"{of_host}\"", of_host.title()))
        }
        (Some(kind), _) | (None, Some(kind)) => Ok((url, kind)),
        (None, None) if unreadable_kind => Err(format!("has the host {host}, which does not tell its kind")),
        (None, None) => {
            let accepted = Kind::accepted("\"");
            Err(format!("has the host {host}, which does not tell its kind; add `kind` (one of {accepted})"))
        }
    }
}

/// Connector URLs stopped working in May 2026: first-generation ones, and those on tenants' own hosts.
fn is_retired_connector(url: &Url, host: &str) -> bool {
    let first = matches!(host, "outlook.office.com" | "outlook.office365.com") && url.path().starts_with("/webhook");
    first || host.ends_with(".webhook.office.com")
}

/// Webhooks without a name are named after their kind, and numbered if there are several.
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

/// The same names, each repeated one with a number after it.
fn tell_apart(names: Vec<String>) -> Vec<String> {
    let mut taken = FxHashSet::default();
    // Where to continue counting: lower numbers are taken.
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
pub struct Label(String);

impl Label {
    /// As its secret says.
    pub fn given(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// After the name of its secret or parameter, without the path.
    #[must_use]
    pub fn of_secret(id: &str) -> Self {
        let name = id::name(id);
        Self::given(name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_label(&self.0))
    }
}

fn shown_label(name: &str) -> String {
    text::cut(&text::one_line(name), LABEL)
}

/// The labels of all accounts, each unique: the same name again gets a number.
pub fn labels<'a>(accounts: impl IntoIterator<Item = &'a Label>) -> Vec<String> {
    tell_apart(accounts.into_iter().map(Label::to_string).collect())
}

/// The text of a secret without blanks around it, and without the byte order mark that some editors put before it.
fn unmarked(text: &SecretString) -> &str {
    text.expose_secret().trim_start_matches('\u{feff}').trim()
}

/// The fields of a JSON object. A parser's own error would quote the secret, so it is dropped.
fn object(text: &str, accepted: &str) -> Result<Map<String, Value>, Vec<String>> {
    match json::parse_text(text) {
        // One of several accounts must not cost the others.
        Ok((Value::Object(fields), Some(doubled))) if !doubled.is_outermost && fields.contains_key("accounts") => {
            Ok(fields)
        }
        Ok((Value::Object(_), Some(doubled))) => Err(vec![doubled.to_string()]),
        Ok((Value::Object(fields), None)) => Ok(fields),
        _ => Err(vec![format!("it is not a JSON object; {accepted}")]),
    }
}

/// The fields of an object, removed one by one; those left at the end are unknown.
struct Fields<'a> {
    left: Map<String, Value>,
    /// Where the object is: a prefix for the names of its fields.
    at: String,
    problems: &'a mut Vec<String>,
}

impl Fields<'_> {
    fn problem(&mut self, field: &str, problem: &str) {
        self.problems.push(format!("`{}{field}` {problem}", self.at));
    }

    /// A text, trimmed; `null` counts as missing.
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

    /// A boolean; `false` if missing.
    fn truth(&mut self, field: &str) -> Option<bool> {
        match self.left.remove(field) {
            None | Some(Value::Null) => Some(false),
            Some(Value::Bool(truth)) => Some(truth),
            Some(_) => {
                self.problem(field, "is not a boolean; accepted: true or false");
                None
            }
        }
    }

    /// A list of texts, with at least one: an empty one would match nothing.
    fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        let list = match self.left.remove(field) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(list)) => list,
            Some(_) => Vec::new(),
        };
        let text = |value: &Value| value.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let texts: Option<Vec<String>> = list.iter().map(text).collect();
        let texts = texts.filter(|texts| !texts.is_empty());
        if texts.is_none() {
            self.problem(field, "must be a list of at least one string");
        }
        texts
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

    fn keys(text: &str) -> Result<AccountSecret, String> {
        let entries = accounts("team/ncp/prod", &text.into()).map_err(|problems| problems.join("\n"))?;
        let [(_, account)] = <[_; 1]>::try_from(entries).unwrap_or_else(|_| panic!("one account"));
        account.map_err(|problems| problems.join("\n"))
    }

    fn hooks(text: &str) -> Result<Vec<Webhook>, String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let read = super::hooks(&text.into(), today).map_err(|problems| problems.join("\n"));
        read.map(|hooks| hooks.webhooks)
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
        insta::assert_snapshot!(keys("AKIDEXAMPLE").unwrap_err(), @"it is not a JSON object; accepted: a JSON object with `access_key` and `secret_key`, and optionally `name` and `api_url`; or with `accounts`, a list of such objects");
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
    fn a_key_that_stands_twice_is_refused_and_a_byte_order_mark_is_passed_over() {
        let twice = |key: &str| format!("the key `{key}` stands twice in one object; write it once");
        let account = r#"{"access_key":"AK","secret_key":"SK"}"#;
        assert_eq!(
            keys(r#"{"access_key":"AK","access_key":"AL","secret_key":"SK"}"#).unwrap_err(),
            twice("access_key")
        );
        let hook = format!(r#"{{"url":"{SLACK}","url":"{SLACK}"}}"#);
        assert_eq!(hooks(&format!(r#"{{"webhooks":[{hook}]}}"#)).unwrap_err(), twice("url"));
        assert_eq!(hooks(r#"{"webhooks":[],"webhooks":[]}"#).unwrap_err(), twice("webhooks"));
        assert!(keys(&format!("\u{feff}{account}")).is_ok());
        assert_eq!(hooks(&format!("\u{feff}{SLACK}\n")).unwrap().len(), 1);
    }

    #[test]
    fn an_account_is_named_after_its_secret() {
        for (id, name) in [
            ("prod", "prod"),
            ("team/ncp/prod", "prod"),
            ("prod-AbCdEf", "prod-AbCdEf"),
            ("arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ncp/prod-a-AbC12f", "prod-a"),
            ("arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:prod", "prod"),
            ("ssm:/team/ncp/prod", "prod"),
            ("ssm:prod", "prod"),
            ("arn:aws:ssm:ap-northeast-2:123456789012:parameter/team/ncp/prod", "prod"),
            ("arn:aws:ssm:ap-northeast-2:123456789012:parameter/prod-AbC12f", "prod-AbC12f"),
        ] {
            assert_eq!(Label::of_secret(id).to_string(), name);
        }
    }

    #[test]
    fn accounts_of_one_name_are_told_apart_by_a_number() {
        let told = |ids: &[&str]| labels(&ids.iter().map(|id| Label::of_secret(id)).collect::<Vec<_>>());
        assert_eq!(told(&["tenants/1/ncp"]), ["ncp"]);
        assert_eq!(told(&["tenants/1/ncp", "prod", "c/x//ncp/"]), ["ncp", "prod", "ncp (2)"]);
        let parameter = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/tenants/3/ncp";
        assert_eq!(told(&["ssm:/tenants/1/ncp", "ncp", parameter]), ["ncp", "ncp (2)", "ncp (3)"]);
        let given = ["a", "b", "a", "a (2)", "a"].map(Label::given);
        assert_eq!(labels(&given), ["a", "b", "a (2)", "a (2) (2)", "a (3)"]);
    }

    /// If it were not linear, this test would run for more than a day.
    #[test]
    fn thousands_of_accounts_are_told_apart_at_once() {
        let alike = vec![Label::of_secret("tenants/ncp"); 40_000];
        let told = labels(&alike);
        assert_eq!((told[0].as_str(), told[39_999].as_str()), ("ncp", "ncp (40000)"));
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
    fn other_kinds_are_named_and_a_host_helps_only_the_error() {
        for (kind, named, host) in [
            (Kind::LineWorks, "line_works", "webhook.worksmobile.com"),
            (Kind::Jandi, "jandi", "wh.jandi.com"),
            (Kind::Dooray, "dooray", "hook.dooray.com"),
        ] {
            let url = format!("https://{host}/x/secret0000");
            assert_eq!(one(&format!(r#""url":"{url}","kind":"{named}""#)).unwrap()[0].kind, kind);
            for problem in [one(&format!(r#""url":"{url}""#)).unwrap_err(), hooks(&url).unwrap_err()] {
                let fix = format!("has the host {host}, which is one of {}; add `kind`: \"{named}\"", kind.title());
                assert!(problem.contains(&fix) && !problem.contains("secret0000"), "{problem}");
            }
            let problem = one(&format!(r#""url":"{url}","kind":"slack""#)).unwrap_err();
            assert!(
                problem.contains(&format!("is one of {named}, by its host {host}, but `kind` says slack")),
                "{problem}"
            );
        }
        for kind in ["line_works", "jandi", "dooray", "json"] {
            let webhooks =
                one(&format!(r#""url":"https://relay.example.com/x","kind":"{kind}","mention":"@ops""#)).unwrap();
            assert_eq!((webhooks[0].kind.as_str(), webhooks[0].name.as_str()), (kind, kind));
        }
        insta::assert_snapshot!(one(r#""url":"https://relay.example.com/x","kind":"mattermost""#).unwrap_err(), @r#"
        `webhooks[0].kind` is `mattermost`; accepted: "slack", "teams", "line_works", "jandi", "dooray", "json"
        `webhooks[0].url` has the host relay.example.com, which does not tell its kind
        "#);
        insta::assert_snapshot!(one(r#""url":"https://relay.example.com/x""#).unwrap_err(), @r#"`webhooks[0].url` has the host relay.example.com, which does not tell its kind; add `kind` (one of "slack", "teams", "line_works", "jandi", "dooray", "json")"#);
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
        unknown key `webhook`; accepted: webhooks, mutes, heartbeat_url
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
        `webhooks[6].kind` is `discord`; accepted: "slack", "teams", "line_works", "jandi", "dooray", "json"
        unknown key `channel` in `webhooks[6]`; accepted: url, name, kind, min_severity, mention, accounts, names
        `webhooks[7].min_severity` is `high`; accepted: "info", "warning", "critical"
        `webhooks[7].mention` is `@here`; accepted: one or more of <!here>, <!channel>, <!everyone>, <@U…>, <!subteam^S…>
        `webhooks[8].url` is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a flow from the template "Send webhook alerts to a channel", and use its URL instead
        `webhooks[9].url` is that of an Office 365 connector, which Microsoft has retired; in Teams open the Workflows app, create a flow from the template "Send webhook alerts to a channel", and use its URL instead
        `webhooks[10].url` is that of a Slack workflow, which takes variables and no messages; create an incoming webhook in a Slack app and use its URL (https://hooks.slack.com/services/…) instead
        `webhooks[11].url` is that of a Slack workflow, which takes variables and no messages; create an incoming webhook in a Slack app and use its URL (https://hooks.slack.com/services/…) instead
        `webhooks[1].url` is the URL of another webhook too; name every webhook once
        "#);
    }

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();

    /// The fields next to one webhook.
    fn beside(fields: &str) -> Result<WebhookSecret, String> {
        let text = format!(r#"{{"webhooks":[{{"url":"{SLACK}"}}],{fields}}}"#);
        super::hooks(&text.into(), TODAY).map_err(|problems| problems.join("\n"))
    }

    #[test]
    fn mutes_are_read_with_an_end_at_most_a_year_ahead() {
        let hooks = beside(
            r#""mutes":[{"what":" prod/71 ","until":"2026-11-23","why":" OPS-123 ","critical":true},
                {"what":"*.old.example.kr","until":"2027-11-24","why":"","critical":null},
                {"what":"71","until":"2020-02-29"}]"#,
        )
        .unwrap();
        let read: Vec<_> = hooks
            .mutes
            .iter()
            .map(|mute| (mute.what.as_str(), mute.why.as_deref(), mute.critical, mute.has_ended(TODAY)))
            .collect();
        let expected = [
            ("prod/71", Some("OPS-123"), true, false),
            ("*.old.example.kr", None, false, false),
            ("71", None, false, true),
        ];
        assert_eq!(read, expected);
        for none in [r#""mutes":[]"#, r#""mutes":null"#] {
            assert!(beside(none).unwrap().mutes.is_empty());
        }
        let many = |count: usize| vec![r#"{"what":"71","until":"2026-12-31"}"#; count].join(",");
        assert_eq!(beside(&format!(r#""mutes":[{}]"#, many(100))).unwrap().mutes.len(), 100);
        let problem = beside(&format!(r#""mutes":[{}]"#, many(101))).unwrap_err();
        assert_eq!(problem, "`mutes` has 101 entries; accepted: at most 100");
    }

    #[test]
    fn everything_wrong_with_mutes_names_the_entry() {
        insta::assert_snapshot!(beside(r#""mutes":{"what":"71"}"#).unwrap_err(), @"`mutes` is not a list");
        let text = r#""mutes":[
            {"what":"71"}, {"until":"2026-12-31"}, "71", {"what":71,"until":20261231}, {"what":"71","until":null},
            {"what":"71","until":"2027-11-25"}, {"what":"71","until":"31.12.2026"}, {"what":"71","until":"2026-02-29"},
            {"what":"71","until":"2026-12-31T00:00:00Z"}, {"what":"71","until":"+2026-1-1"}, {"what":"","until":"2026-12-31"},
            {"what":"prod/","until":"2026-12-31"}, {"what":"71","until":"2026-12-31","forever":true,"why":7,"critical":"yes"},
            {"what":"https://hooks.slack.com/services/T/B/secret0000/","until":"2026-12-31"}
        ]"#;
        let problems = beside(text).unwrap_err();
        assert!(!problems.contains("secret0000"), "{problems}");
        insta::assert_snapshot!(problems, @r#"
        `mutes[0].until` is missing; a mute needs a last day, such as "2026-12-31"
        `mutes[1].what` is missing; it takes a slot, a name pattern, or either behind an account (`prod/71`)
        `mutes[2]` is not an object; it takes `what` and `until`
        `mutes[3].what` is not a string
        `mutes[3].until` is not a string
        `mutes[4].until` is missing; a mute needs a last day, such as "2026-12-31"
        `mutes[5].until` is `2027-11-25`, more than 366 days ahead
        `mutes[6].until` is `31.12.2026`; accepted: a date such as "2026-12-31"
        `mutes[7].until` is `2026-02-29`; accepted: a date such as "2026-12-31"
        `mutes[8].until` is `2026-12-31T00:00:00Z`; accepted: a date such as "2026-12-31"
        `mutes[9].until` is `+2026-1-1`; accepted: a date such as "2026-12-31"
        `mutes[10].what` is ``; accepted: `71`, `*.example.kr`, `prod/71`
        `mutes[11].what` is `prod/`; accepted: `71`, `*.example.kr`, `prod/71`
        `mutes[12].why` is not a string
        `mutes[12].critical` is not a boolean; accepted: true or false
        unknown key `forever` in `mutes[12]`; accepted: what, until, why, critical
        `mutes[13].what` is (a URL); accepted: `71`, `*.example.kr`, `prod/71`
        "#);
    }

    #[test]
    fn a_mute_means_the_account_as_it_is_shown() {
        let long = "a rather long name of an account, longer than any label";
        let mute = |account: &str| {
            let hooks = beside(&format!(r#""mutes":[{{"what":"{account}/71","until":"2026-12-31"}}]"#)).unwrap();
            let mute = hooks.mutes.into_iter().next().unwrap();
            format!("{mute:?}").replace(&mute.what, "")
        };
        let routed = one(&format!(r#""url":"{SLACK}","accounts":["{long}"]"#)).unwrap();
        let label = shown_label(long);
        assert_ne!(label, long);
        assert_eq!(routed[0].routes.accounts, Some(vec![label.clone()]));
        assert!(mute(long).contains(&label), "{}", mute(long));
        assert_eq!(mute(long), mute(&label));
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

    /// What an account in a secret is called, and its access key or what is wrong with it.
    type Read = (String, Result<String, String>);

    fn several(text: &str) -> Result<Vec<Read>, String> {
        let entries = accounts("team/ncp", &text.into()).map_err(|problems| problems.join("\n"))?;
        let told = |(label, read): AccountEntry| {
            let key = read.map(|account| {
                assert_eq!(account.label, label);
                account.keys.access_key().to_owned()
            });
            (label.to_string(), key.map_err(|problems| problems.join("\n")))
        };
        Ok(entries.into_iter().map(told).collect())
    }

    #[test]
    fn a_secret_may_hold_many_accounts() {
        let read = several(
            r#"{"accounts":[{"name":"shop","access_key":"AK1","secret_key":"SK1"},{"name":" web ","accessKey":"AK2","secretKey":"SK2","api_url":"https://edge.apigw.gov-ntruss.com"}]}"#,
        );
        let expected = [("shop", "AK1"), ("web", "AK2")].map(|(name, key)| (name.to_owned(), Ok(key.to_owned())));
        assert_eq!(read, Ok(expected.to_vec()));
        // Accounts with the same name are told apart by number.
        let twins = [r#"{"name":"shop","access_key":"AK","secret_key":"SK"}"#; 3].join(",");
        let entries = accounts("x", &format!(r#"{{"accounts":[{twins}]}}"#).into()).unwrap();
        assert_eq!(labels(entries.iter().map(|(label, _)| label)), ["shop", "shop (2)", "shop (3)"]);
    }

    #[test]
    fn a_bad_account_of_several_costs_itself_alone_and_is_named() {
        let read = several(
            r#"{"accounts":[{"name":"shop","access_key":"AK1"},7,{"access_key":"AK2","secret_key":"SK2"},
                {"name":"web","access_key":"AK3","secret_key":"SK3"},{"name":7,"access_key":"AK 4","secret_key":"SK4","key":1}]}"#,
        )
        .unwrap();
        let told: Vec<String> = read.into_iter().map(|(name, read)| format!("{name}: {read:?}")).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        shop: Err("`accounts[0]`: `secret_key` is missing")
        accounts[1]: Err("`accounts[1]` is not an object; it takes `name`, `access_key` and `secret_key`")
        accounts[2]: Err("`accounts[2]`: `name` is missing; each of several accounts needs one of its own")
        web: Ok("AK3")
        accounts[4]: Err("`accounts[4]`: `access_key` contains a space, a line break or another character that no key contains; paste it again\n`accounts[4]`: `name` is not a string\n`accounts[4]`: unknown key `key`; accepted: access_key, secret_key, name, api_url")
        "#);
    }

    #[test]
    fn a_secret_with_a_list_holds_nothing_else_and_at_least_one_account() {
        insta::assert_snapshot!(several(r#"{"accounts":[{"name":"a","access_key":"A","secret_key":"S"}],"access_key":"AK","name":"x"}"#).unwrap_err(), @"
        unknown key `access_key`; accepted: accounts alone
        unknown key `name`; accepted: accounts alone
        ");
        for bad in [r#"{"accounts":[]}"#, r#"{"accounts":{}}"#, r#"{"accounts":"shop"}"#] {
            assert_eq!(several(bad).unwrap_err(), "`accounts` must be a list of at least one account");
        }
        assert_eq!(
            several(r#"{"access_key":"AK","secret_key":"SK","accounts":null}"#),
            Ok(vec![("ncp".to_owned(), Ok("AK".to_owned()))])
        );
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
