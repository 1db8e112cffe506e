//! The command line: the very same code as the function's, for a terminal.

mod args;
mod page;
mod progress;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::args::{Args, Check, Command, Demo, Preview};
use crate::clock::{self, Deadlines};
use crate::config::{Problems, Settings};
use crate::digest::{AccountElsewhere, Digest};
use crate::elsewhere::Elsewhere;
use crate::finding::{Reason, Severity};
use crate::message::{Document, Style, compose};
use crate::outcome::{Delivery, Failures, Report, Status};
use crate::redact::Redactor;
use crate::run::{self, Rules};
use crate::secrets::{self, Label};
use crate::signature::KeyPair;
use crate::simulator::{self, GlobalEdge};
use crate::webhook::{Kind, Webhook};
use crate::{api, http};

/// How long a command may take: nobody's deadline, so a generous one.
const TIME: Duration = Duration::from_mins(5);

/// Rows a page of the demo's simulator: the API's documented default, so that the demo has pages to read.
const DEMO_PAGE: usize = 15;

/// The exit status of monitoring plugins that says that the check itself failed.
const COULD_NOT_CHECK: u8 = 3;

/// A command that could not do what it should, in sentences.
#[derive(Debug)]
struct Trouble(Vec<String>);

impl From<Problems> for Trouble {
    fn from(problems: Problems) -> Self {
        Self(problems)
    }
}

impl From<String> for Trouble {
    fn from(problem: String) -> Self {
        Self(vec![problem])
    }
}

/// Runs the command line. `var` gives the value of an environment variable.
pub async fn main(args: impl IntoIterator<Item = OsString>, var: impl Fn(&str) -> Option<String>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are what was asked for; anything else is a command that cannot check.
            let status = if error.use_stderr() { COULD_NOT_CHECK } else { 0 };
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let ended = match args.command.unwrap_or_default() {
        Command::Demo(demo) => self::demo(demo).await,
        Command::Check(check) => self::check(check, var).await,
        Command::Preview(preview) => self::preview(preview, var).await,
    };
    ended.unwrap_or_else(|Trouble(problems)| {
        for problem in problems {
            terminal::complain(&problem);
        }
        ExitCode::from(COULD_NOT_CHECK)
    })
}

/// Shows the digest of a simulated account.
async fn demo(demo: Demo) -> Result<ExitCode, Trouble> {
    let settings = Settings { language: demo.language, ..Settings::default() };
    let digest = demo_digest(demo.count, demo.now, &settings).await?;
    show(&digest, &settings);
    terminal::hint(&[
        "This was a demo: a simulated account, read over signed HTTP by the same code as the function.",
        "Your own:   NCLOUD_ACCESS_KEY=… NCLOUD_SECRET_KEY=… cert-alert check",
        "In chat:    cert-alert preview --kind slack    (or teams)",
    ]);
    Ok(ExitCode::SUCCESS)
}

async fn demo_digest(count: usize, now: Option<DateTime<Utc>>, settings: &Settings) -> Result<Digest, Trouble> {
    let rules = rules(settings, now);
    let keys = KeyPair::new("demo-access-key", "demo-secret-key");
    let account = simulator::Account::demo(count, rules.now);
    let edge = GlobalEdge::start(account, keys.clone(), DEMO_PAGE, clock::wall).await;
    let edge = edge.map_err(|error| format!("the simulator found no free port: {error}"))?;
    let settings = Settings { api_url: edge.url(), ..settings.clone() };
    Ok(digest("demo", keys, rules, &settings, clock::start(), &Redactor::default()).await)
}

/// Shows the digest of a real account.
async fn check(check: Check, var: impl Fn(&str) -> Option<String>) -> Result<ExitCode, Trouble> {
    let settings = Settings::from_vars(check.settings.over(&var))?;
    let webhooks = if check.post { webhooks(&var)? } else { Vec::new() };
    let start = clock::start();
    let redactor = Redactor::default();
    webhooks.iter().for_each(|webhook| webhook.url.hide_by(&redactor));
    let digest = digest("ncloud", keys(&var)?, rules(&settings, check.now), &settings, start, &redactor).await;

    let mut failures = Failures::default();
    for (account, failure) in digest.failures() {
        failures.add_account(&account.name, failure);
    }
    let status = if digest.worst().is_none() { Status::Clear } else { Status::Alerted };
    let mut report = Report::new(status, &digest);
    if check.post {
        let style = Style::of(&settings);
        let until = Deadlines::new(start, TIME);
        let orders = run::orders(&digest, &webhooks, &style, Severity::Info, settings.notify_when_clear);
        let http = http::client();
        let mut deliveries = run::deliver(&http, orders, until.deliver, clock::wall, &redactor).await;
        run::tell_of_failures(&http, &mut deliveries, &style, until.notice, clock::wall, &redactor).await;
        for (webhook, error) in deliveries.iter().filter_map(|one| Some((one.webhook, one.failure.as_ref()?))) {
            failures.add_webhook(&webhook.name, webhook.kind, error);
        }
        report.deliveries = deliveries.iter().map(Delivery::from).collect();
    }
    if check.json {
        terminal::print_json(&json_of(&report, &digest, &failures));
    } else {
        show(&digest, &settings);
        for delivery in &report.deliveries {
            let Delivery { webhook, kind, status, messages } = delivery;
            terminal::hint(&[&format!("webhook {webhook} ({kind}): {status}, {messages} sent")]);
        }
    }
    if !failures.is_empty() {
        return Err(failures.message().into());
    }
    Ok(ExitCode::from(match digest.worst() {
        Some(Severity::Critical) => 2,
        Some(Severity::Warning) => 1,
        Some(Severity::Info) | None => 0,
    }))
}

/// Prints a payload.
async fn preview(preview: Preview, var: impl Fn(&str) -> Option<String>) -> Result<ExitCode, Trouble> {
    let settings = Settings::from_vars(preview.settings.over(&var))?;
    let digest = if preview.real {
        digest("ncloud", keys(&var)?, rules(&settings, preview.now), &settings, clock::start(), &Redactor::default())
            .await
    } else {
        demo_digest(preview.count, preview.now, &settings).await?
    };
    let payloads = payloads(preview.kind, &digest, &settings);
    let place = preview.part.checked_sub(1).filter(|place| *place < payloads.len());
    let Some(place) = place else {
        return Err(format!("--part is {}; the digest has {} message(s)", preview.part, payloads.len()).into());
    };
    let payload = &payloads[place];
    if let Some(file) = &preview.html {
        let [slack, teams] = [Kind::Slack, Kind::Teams].map(|kind| self::payloads(kind, &digest, &settings));
        let page = page::html(settings.language.code(), &slack, &teams);
        std::fs::write(file, page).map_err(|error| format!("--html: {} cannot be written: {error}", file.display()))?;
        terminal::hint(&[&format!("{} shows the messages; open it in a browser.", file.display())]);
        return Ok(status(&digest));
    }
    terminal::print_json(&if preview.card { preview.kind.card(payload) } else { payload.clone() });
    let how = match preview.kind {
        Kind::Slack => "Paste it into Block Kit Builder: https://app.slack.com/block-kit-builder",
        Kind::Teams => {
            "Paste its attachments[0].content (--card prints just that) into the Adaptive Cards designer: \
             https://adaptivecards.microsoft.com/designer"
        }
    };
    terminal::hint(&[&format!("Message {} of {}.", preview.part, payloads.len()), how]);
    Ok(status(&digest))
}

/// Whether what was shown is all that there is.
fn status(digest: &Digest) -> ExitCode {
    digest.failures().next().map_or(ExitCode::SUCCESS, |_| ExitCode::from(COULD_NOT_CHECK))
}

/// The messages of a kind, as they would be posted.
fn payloads(kind: Kind, digest: &Digest, settings: &Settings) -> Vec<Value> {
    let payloads = kind.payloads(&document(digest, settings), None);
    payloads.iter().map(|payload| serde_json::from_str(payload.body.get()).expect("a payload is JSON")).collect()
}

fn rules(settings: &Settings, now: Option<DateTime<Utc>>) -> Rules {
    Rules { thresholds: settings.thresholds, now: now.unwrap_or_else(clock::wall), simulated: now.is_some() }
}

async fn digest(
    name: &str,
    keys: KeyPair,
    rules: Rules,
    settings: &Settings,
    start: Instant,
    redactor: &Redactor,
) -> Digest {
    let deadlines = Deadlines::new(start, TIME);
    let client = api::Client::new(http::client(), settings.api_url.clone(), keys, clock::wall, redactor)
        .with_certificate_manager(settings.certificate_manager.as_ref());
    let progress = progress::Bar::new();
    let checked = run::check(Label::Given(name.to_owned()), client, rules, deadlines.list, |read, total| {
        progress.show(read, total)
    })
    .await;
    let digest = run::digest(vec![checked], rules, settings.details.then_some(deadlines.details)).await;
    progress.clear();
    digest
}

/// The digest in words, whatever its severity: nobody at a terminal wants to be spared.
fn document(digest: &Digest, settings: &Settings) -> Document {
    let view = digest.view(Severity::Info, true).expect("with all-clear wanted there is always something to say");
    compose(&view, &Style::of(settings))
}

fn show(digest: &Digest, settings: &Settings) {
    terminal::print(&document(digest, settings));
}

/// Keys under the names that NCP's own tools read.
fn keys(var: impl Fn(&str) -> Option<String>) -> Result<KeyPair, Trouble> {
    let mut problems = Vec::new();
    let mut key = |name: &str| {
        let value = var(name).unwrap_or_default();
        if value.is_empty() {
            problems.push(format!("{name} is not set; it takes a key of your NCP account"));
        } else if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.push(format!("{name} contains a space or another character that no key contains; paste it again"));
        }
        value
    };
    let (access_key, secret_key) = (key("NCLOUD_ACCESS_KEY"), key("NCLOUD_SECRET_KEY"));
    if problems.is_empty() { Ok(KeyPair::new(access_key, secret_key)) } else { Err(problems.into()) }
}

/// `WEBHOOK_URL`: URLs with commas between them, `slack=` or `teams=` before one whose host does not tell its kind.
fn webhooks(var: impl Fn(&str) -> Option<String>) -> Result<Vec<Webhook>, Trouble> {
    let text = var("WEBHOOK_URL").unwrap_or_default();
    let one = |text: &str| {
        let kind =
            Kind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.as_str())?.strip_prefix('=')?)));
        match kind {
            Some((kind, url)) => json!({"url": url, "kind": kind.as_str()}),
            None => json!({"url": text}),
        }
    };
    let list: Vec<Value> = text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(one).collect();
    if list.is_empty() {
        return Err("WEBHOOK_URL is not set; it takes the webhooks' URLs, separated by commas".to_owned().into());
    }
    let secret = json!({"webhooks": list}).to_string().into();
    let problems =
        |problems: Problems| Trouble(problems.iter().map(|problem| format!("WEBHOOK_URL: {problem}")).collect());
    secrets::webhooks(&secret).map_err(problems)
}

/// The result as programs read it: the function's own, with the findings and what failed.
fn json_of(report: &Report, digest: &Digest, failures: &Failures) -> Value {
    let findings = digest.findings.iter().map(|one| {
        let (finding, certificate) = (&one.finding, &one.finding.certificate);
        let reasons: Vec<&str> = finding.reasons.iter().map(|(reason, _)| word(reason)).collect();
        json!({
            "severity": finding.severity().as_str(),
            "reasons": reasons,
            "account": digest.accounts[one.account].name,
            "slotId": certificate.slot_id,
            "commonName": certificate.common_name,
            "certificateName": certificate.certificate_name,
            "serviceRegion": certificate.service_region,
            "provisionStatus": certificate.status.as_str(),
            "expirationDate": finding.expiry.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            "daysLeft": finding.expiry.map(|time| (time - digest.now).num_milliseconds().div_euclid(86_400_000)),
            "edges": finding.impact.as_ref().and_then(|impact| impact.edges),
            "issuer": finding.origin.as_ref().map(|origin| origin.issuer.as_str()),
            "lifetimeDays": finding.origin.as_ref().map(|origin| origin.lifetime.length().num_days()),
        })
    });
    let mut value = serde_json::to_value(report).expect("a report is JSON");
    value["findings"] = findings.collect();
    value["elsewhere"] = digest.elsewhere.iter().map(|one| json_of_elsewhere(one, digest)).collect();
    value["error"] = if failures.is_empty() { Value::Null } else { failures.message().into() };
    value
}

fn json_of_elsewhere(one: &AccountElsewhere, digest: &Digest) -> Value {
    let Elsewhere { name, domain, expiry, severity, origin, instances } = &one.elsewhere;
    json!({
        "severity": severity.as_str(),
        "account": digest.accounts[one.account].name,
        "certificateName": name,
        "domain": domain,
        "expirationDate": expiry.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        "daysLeft": (*expiry - digest.now).num_milliseconds().div_euclid(86_400_000),
        "issuer": origin.as_ref().map(|origin| origin.issuer.as_str()),
        "instances": instances,
    })
}

fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::Expired => "expired",
        Reason::Expiring => "expiring",
        Reason::ExpiryUnknown => "expiry unknown",
        Reason::NotRunning => "not running",
    }
}
