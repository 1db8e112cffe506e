//! The command line: the same code as the function's, for a terminal.

mod args;
mod json;
mod list;
mod man;
mod plugin;
mod progress;
mod terminal;
mod webhook_url;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{CommandFactory as _, Parser};
use reqwest::Url;
use serde_json::Value;
use tokio::time::Instant;

use self::args::{Args, Check, Command, Demo, Format, Preview, SettingsArgs};
use self::list::{List, Words};
use self::terminal::Detail;
use crate::certificate::Certificate;
use crate::chat::Kind;
use crate::global_edge::signature::KeyPair;
use crate::global_edge::{ListError, Listing};
use crate::message::words::{Advice, Reader};
use crate::message::{Document, Style, compose};
use crate::net::http;
use crate::net::redact::Redactor;
use crate::report::view::{Audience, NotifyPolicy, Scope, views};
use crate::report::{Failure, Report};
use crate::response::DeliveryResult;
use crate::rules::Severity;
use crate::run::{self, Rules};
use crate::settings::Settings;
use crate::settings::secrets::Label;
use crate::simulator::{self, Account, GlobalEdge};
use crate::text::quote::Problems;
use crate::time::{self, Deadlines};
use crate::{certificate_manager, global_edge};

/// How long a command may take: nothing sets a deadline, so this is generous.
const TIME: Duration = Duration::from_mins(5);

/// Rows per page of the demo's simulator: the API's documented default, so that the demo has pages to read.
const DEMO_PAGE: usize = 15;

/// The exit status by which monitoring plugins say that the check itself failed.
const COULD_NOT_CHECK: u8 = 3;

/// What `check` calls its account.
const ACCOUNT: &str = "ncloud";

/// A command that could not do what it should, in sentences.
#[derive(Debug)]
struct CliError(Vec<String>);

impl From<Problems> for CliError {
    fn from(problems: Problems) -> Self {
        Self(problems)
    }
}

impl From<String> for CliError {
    fn from(problem: String) -> Self {
        Self(vec![problem])
    }
}

/// Runs the command line. `var` gives the value of an environment variable.
pub async fn main(args: impl IntoIterator<Item = OsString>, var: impl Fn(&str) -> Option<String>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are what was asked for; with anything else the command cannot check.
            let status = if error.use_stderr() { COULD_NOT_CHECK } else { 0 };
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let command = args.command.unwrap_or(Command::Demo(args.demo));
    // A monitoring system shows what is on standard output.
    let is_plugin = matches!(&command, Command::Check(check) if check.format.plugin);
    let ended = match command {
        Command::Demo(demo) => self::demo(demo, var).await,
        Command::List(list) => self::list(list, var).await,
        Command::Check(check) => self::check(check, var).await,
        Command::Preview(preview) => self::preview(preview, var).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "cert-alert", &mut script);
            terminal::print_raw(&script).map(|()| 0).map_err(CliError::from)
        }
        Command::Man => {
            let page = man::page().map_err(|error| error.to_string());
            page.and_then(|page| terminal::print_raw(&page)).map(|()| 0).map_err(CliError::from)
        }
    };
    ExitCode::from(ended.unwrap_or_else(|CliError(problems)| {
        if is_plugin {
            // The exit status says so in any case.
            let _ = terminal::print_text(&plugin::trouble(&problems));
        } else {
            terminal::complain(&problems);
        }
        COULD_NOT_CHECK
    }))
}

/// The settings of the environment and of the options.
fn settings(typed: &SettingsArgs, var: impl Fn(&str) -> Option<String>) -> Result<Settings, CliError> {
    Settings::from_vars(typed.over(var))
        .map_err(|problems| CliError(problems.iter().map(|problem| typed.as_typed(problem)).collect()))
}

/// Shows the digest of a simulated account.
async fn demo(demo: Demo, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let settings = settings(&demo.settings, var)?;
    let report = demo_report(demo.count, demo.now, &settings).await?;
    show(&report, &document(&report, &settings), demo.verbose)?;
    let details = if demo.verbose { "" } else { " Details: -v" };
    terminal::hint(&[
        &format!("A demo: a simulated account, read by the same code as the function.{details}"),
        "Your own:  NCLOUD_ACCESS_KEY=… NCLOUD_SECRET_KEY=… cert-alert check",
        "More:      cert-alert list --demo, cert-alert preview --kind slack, --help",
    ]);
    Ok(0)
}

async fn demo_report(count: usize, now: Option<DateTime<Utc>>, settings: &Settings) -> Result<Report, CliError> {
    let rules = rules(settings, now);
    let (edge, keys) = demo_edge(count, rules.now).await?;
    // Certificate Manager's too: a demo calls no other server.
    let certificate_manager = settings.certificate_manager.as_ref().map(|_| edge.url());
    let settings = Settings { api_url: edge.url(), certificate_manager, ..settings.clone() };
    Ok(report("demo", keys, rules, &settings, time::monotonic(), &Redactor::default()).await)
}

/// A Global Edge with a simulated account, and the keys that it accepts.
async fn demo_edge(count: usize, now: DateTime<Utc>) -> Result<(simulator::Server, KeyPair), CliError> {
    let keys = KeyPair::new("demo-access-key", "demo-secret-key");
    let edge = GlobalEdge { account: Account::estate(count, now), keys: keys.clone(), max_size: DEMO_PAGE };
    let server = simulator::Server::start(edge, time::wall).await;
    let server = server.map_err(|error| format!("the simulator found no free port: {error}"))?;
    Ok((server, keys))
}

/// Shows every certificate.
async fn list(list: args::List, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let args::List { format, demo, count, now, settings } = list;
    let settings = self::settings(&settings, &var)?;
    let rules = rules(&settings, now);
    let (listing, name) = if demo {
        let (edge, keys) = demo_edge(count, rules.now).await?;
        (certificates(edge.url(), keys).await, "demo")
    } else {
        (certificates(settings.api_url.clone(), keys(&var)?).await, ACCOUNT)
    };
    let failure = listing.stop.map(|stop| match stop {
        ListError::Page(error) => Failure::Api(error),
        ListError::Incomplete(incomplete) => Failure::Incomplete(incomplete),
    });
    let failure = failure.map(|failure| settings.language.phrases().failure(&failure, Reader::Terminal));
    let list = List {
        total: listing.total.max(listing.checked),
        simulated: demo || rules.simulated,
        failure,
        ..List::new(listing.rows, &settings, rules.now)
    };
    let written = print_list(&list, &format);
    if let Some(failure) = &list.failure {
        let account = settings.language.phrases().account(name);
        terminal::complain(&[format!("{account}: {}", sentences(failure, &settings))]);
    }
    written?;
    Ok(if list.failure.is_none() { 0 } else { COULD_NOT_CHECK })
}

/// Reads the whole list of an account.
async fn certificates(base: Url, keys: KeyPair) -> Listing<Vec<Certificate>> {
    let client = global_edge::Client::new(http::client(), base, keys, time::wall, &Redactor::default());
    let until = Deadlines::new(time::monotonic(), TIME).notice;
    let progress = progress::Bar::new();
    let listing = client.list(until, Vec::new, |read, total| progress.show(read, total)).await;
    progress.clear();
    listing
}

fn print_list(list: &List, format: &Format) -> Result<(), CliError> {
    let Format { json, csv, html } = format;
    if *json {
        terminal::print_json(&json::list(list))?;
    } else if *csv {
        terminal::print_raw(list::csv(list).as_bytes())?;
    } else if let Some(file) = html {
        let page = list::html(list);
        std::fs::write(file, page).map_err(|error| format!("--html: {} cannot be written: {error}", file.display()))?;
        terminal::hint(&[&format!("{} shows the certificates; open it in a browser.", file.display())]);
    } else {
        let list::Table { text, hidden } = list::table(list, terminal::width());
        terminal::print_text(&text)?;
        let words = Words::of(list.language);
        let mut below = format!("{} · {}", words.certificates(list.rows.len()), words.zone(list.zone.name()));
        if !hidden.is_empty() {
            below = format!("{below} · {}", words.hidden(&hidden.join(", ")));
        }
        terminal::hint(&[&below]);
    }
    Ok(())
}

/// Shows the digest of a real account.
async fn check(check: Check, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let settings = settings(&check.settings, &var)?;
    let keys = keys(&var);
    // Both at once, so that all problems are reported together.
    let webhooks = if check.post { webhook_url::webhooks(&var) } else { Ok(Vec::new()) };
    let webhooks = webhooks.map_err(CliError::from);
    let (keys, webhooks) = match (keys, webhooks) {
        (Ok(keys), Ok(webhooks)) => (keys, webhooks),
        (keys, webhooks) => {
            let problems = keys.err().into_iter().chain(webhooks.err());
            return Err(CliError(problems.flat_map(|CliError(problems)| problems).collect()));
        }
    };
    let start = time::monotonic();
    let redactor = Redactor::gathering();
    for webhook in &webhooks {
        webhook.url.hide_by(&redactor);
    }
    keys.hide_by(&redactor);
    redactor.complete();
    let report = report(ACCOUNT, keys, rules(&settings, check.now), &settings, start, &redactor).await;
    let phrases = settings.language.phrases();

    let unread = report.failures().map(|(account, failure)| {
        let advice = phrases.failure(failure, Reader::Terminal);
        format!("{}: {}", phrases.account(&account.name), sentences(&advice, &settings))
    });
    let unread: Vec<String> = unread.collect();
    let mut undelivered = Vec::new();
    let mut deliveries = Vec::new();
    if check.post {
        let style = style(&settings);
        let until = Deadlines::new(start, TIME);
        let when_clear = settings.notify_when_clear;
        let policy = NotifyPolicy { least: Severity::Info, when_clear, scope: Scope::All };
        let outboxes = run::outboxes(&report, &webhooks, &style, policy);
        let http = http::client();
        let mut posted = run::deliver(&http, outboxes, until.deliver, time::wall, &redactor).await;
        let until = until.notice;
        run::tell_of_failures(&http, &report, &mut posted, &style, until, time::wall, &redactor).await;
        for (webhook, error) in posted.iter().filter_map(|one| Some((one.webhook, one.failure.as_ref()?))) {
            let advice = phrases.undelivered(webhook.kind, error, Reader::Terminal);
            let name = phrases.webhook(&webhook.name, webhook.kind);
            undelivered.push(format!("{name}: {}", sentences(&advice, &settings)));
        }
        deliveries = posted.iter().map(DeliveryResult::from).collect();
    }
    let failures = [unread.as_slice(), &undelivered].concat();
    let status = if failures.is_empty() { health(&report) } else { COULD_NOT_CHECK };

    let document = document(&report, &settings);
    if check.format.json {
        terminal::print_json(&json::check(&report, deliveries, &failures))?;
        // Programs read standard output, people read standard error.
        terminal::complain(&failures);
        return Ok(status);
    }
    if check.format.plugin {
        terminal::print_text(&plugin::output(&report, &document, &undelivered, status))?;
        return Ok(status);
    }
    show(&report, &document, check.verbose)?;
    for DeliveryResult { webhook, kind, status, messages } in deliveries.iter().filter(|one| one.status != "failed") {
        terminal::hint(&[&format!("webhook {webhook} ({kind}): {status}, {messages} sent")]);
    }
    // The digest has already said which account could not be read, unless it went elsewhere.
    let unsaid = if terminal::is_watched_beside_output() { &failures } else { &undelivered };
    terminal::complain(unsaid);
    Ok(status)
}

/// The exit status of a digest whose accounts could be read, as monitoring plugins define it.
fn health(report: &Report) -> u8 {
    match report.worst() {
        Some(Severity::Critical) => 2,
        Some(Severity::Warning) => 1,
        // An account without certificates may be the wrong one.
        Some(Severity::Info) | None => u8::from(report.checked() == 0),
    }
}

/// What happened and what to do about it, as sentences.
fn sentences(advice: &Advice, settings: &Settings) -> String {
    let mut fix = advice.fix.chars();
    let fix: String = fix.next().map(|first| first.to_uppercase().chain(fix).collect()).unwrap_or_default();
    settings.language.phrases().sentences(&[&advice.what, &fix])
}

/// Prints a payload.
async fn preview(preview: Preview, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let settings = settings(&preview.settings, &var)?;
    let report = if preview.real {
        let rules = rules(&settings, preview.now);
        report(ACCOUNT, keys(&var)?, rules, &settings, time::monotonic(), &Redactor::default()).await
    } else {
        demo_report(preview.count, preview.now, &settings).await?
    };
    let payloads = payloads(preview.kind, &report, &settings);
    let place = preview.part.checked_sub(1).filter(|place| *place < payloads.len());
    let Some(place) = place else {
        return Err(format!("--part is {}; the digest has {} message(s)", preview.part, payloads.len()).into());
    };
    let payload = &payloads[place];
    terminal::print_json(&if preview.card { preview.kind.channel().card(payload) } else { payload.clone() })?;
    let how = match preview.kind {
        Kind::Slack => Some("Paste it into Block Kit Builder: https://app.slack.com/block-kit-builder"),
        Kind::Teams => Some(
            "Paste its attachments[0].content (--card prints just that) into the Adaptive Cards designer: \
             https://adaptivecards.microsoft.com/designer",
        ),
        // The others have no designer.
        _ => None,
    };
    let place = format!("Message {} of {}.", preview.part, payloads.len());
    terminal::hint(&std::iter::once(place.as_str()).chain(how).collect::<Vec<_>>());
    Ok(0)
}

/// The messages of a kind, as they would be posted.
fn payloads(kind: Kind, report: &Report, settings: &Settings) -> Vec<Value> {
    let payloads = kind.payloads(&document(report, settings), None);
    payloads.iter().map(|payload| serde_json::from_str(payload.body.get()).expect("a payload is JSON")).collect()
}

fn rules(settings: &Settings, now: Option<DateTime<Utc>>) -> Rules {
    Rules::new(settings.thresholds, now.unwrap_or_else(time::wall), now.is_some(), settings.zone)
}

async fn report(
    name: &str,
    keys: KeyPair,
    rules: Rules,
    settings: &Settings,
    start: Instant,
    redactor: &Redactor,
) -> Report {
    let deadlines = Deadlines::new(start, TIME);
    let client = global_edge::Client::new(http::client(), settings.api_url.clone(), keys, time::wall, redactor)
        .with_certificate_manager(settings.certificate_manager.as_ref().map(certificate_manager::list));
    let progress = progress::Bar::new();
    let show = |read, total| progress.show(read, total);
    let checked = run::check(Label::given(name), client, rules, deadlines.list, show).await;
    let report = run::report(vec![checked], rules, &[], settings.details.then_some(deadlines.details)).await;
    progress.clear();
    report
}

/// How a report looks to people at a terminal, and to those they post it to.
fn style(settings: &Settings) -> Style {
    settings.style(Reader::Terminal)
}

/// The report in words, whatever its severity: people at a terminal want to see everything.
fn document(report: &Report, settings: &Settings) -> Document {
    let view = views(report, &[Audience::EVERYBODY], NotifyPolicy::EVERYTHING).pop().flatten();
    compose(&view.expect("with all-clear wanted there is always something to say"), &style(settings))
}

fn show(report: &Report, document: &Document, verbose: bool) -> Result<(), CliError> {
    let brief = Detail::Brief { failures: report.failures().count() };
    Ok(terminal::print(document, if verbose { Detail::Full } else { brief })?)
}

/// Keys, under the names that NCP's own tools read.
fn keys(var: impl Fn(&str) -> Option<String>) -> Result<KeyPair, CliError> {
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
