//! The command line: the same code as the function's, for a terminal.

mod args;
mod doctor;
mod json;
mod list;
mod man;
mod plugin;
mod progress;
mod proxy;
mod run;
mod terminal;
mod webhook_url;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{CommandFactory as _, Parser};
use serde_json::Value;

use self::args::{Args, Check, Command, Demo, Format, Preview};
use self::list::List;
use crate::chat::Kind;
use crate::event::Options;
use crate::lambda::logging;
use crate::message::words::Advice;
use crate::message::{Document, compose};
use crate::ncp::signature::KeyPair;
use crate::net::http;
use crate::report::Report;
use crate::report::view::{Audience, NotifyPolicy, views};
use crate::response::DeliveryResult;
use crate::run::{Criteria, Delivery, Ended, JudgedAccount, RunSecrets, Task, judge, look};
use crate::settings::Settings;
use crate::settings::secrets::AccountSecret;
use crate::simulator::{self, Account, GlobalEdge};
use crate::text::{self, quote::Problems};
use crate::time::{self, Deadlines};

/// How long a command may take: nothing sets a deadline, so this is generous.
const TIME: Duration = Duration::from_mins(5);

/// Rows per page of the demo's simulator: the API's documented default, so that the demo has pages to read.
const DEMO_PAGE: usize = 15;

/// The exit status by which monitoring plugins say that the check itself failed.
const COULD_NOT_CHECK: u8 = 3;

/// What `check` calls its account, and the demo its own.
const ACCOUNT: &str = "ncloud";
const DEMO: &str = "demo";

/// Why a command could not do what it should, in sentences.
type CliError = Problems;

/// Runs the command line. `var` gives the value of an environment variable.
pub async fn main(
    args: impl IntoIterator<Item = OsString>,
    var: impl Fn(&str) -> Option<String> + 'static,
) -> ExitCode {
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
    // Programs and monitoring systems read what is on standard output.
    let (is_json, is_plugin) = match &command {
        Command::Check(Check { format, .. }) => (format.json, format.plugin),
        _ => (false, false),
    };
    if !matches!(command, Command::Run(_)) {
        // What the function would warn of in its log. Errors are what the command itself is about.
        let levels = |name: &str| (name == "AWS_LAMBDA_LOG_LEVEL").then(|| "WARN".to_owned());
        logging::listen(logging::Format::from_vars(levels), time::wall, terminal::warn);
    }
    let ended = match command {
        Command::Demo(demo) => self::demo(demo, var).await,
        Command::List(list) => self::list(list, var).await,
        Command::Check(check) => self::check(check, var).await,
        Command::Doctor(doctor) => self::doctor::doctor(doctor, var).await,
        Command::Run(run) => self::run::run(run, var).await,
        Command::Preview(preview) => self::preview(preview, var).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "cert-alert", &mut script);
            terminal::print_raw(&script).map(|()| 0)
        }
        Command::Man => {
            let page = man::page().expect("memory takes every byte");
            terminal::print_raw(&page).map(|()| 0)
        }
    };
    ExitCode::from(ended.unwrap_or_else(|problems| {
        if is_plugin {
            // The exit status says so in any case.
            let _ = terminal::print_text(&plugin::trouble(&problems));
        } else {
            if is_json {
                let _ = terminal::print_json(&json::trouble(&problems, time::wall()));
            }
            terminal::complain(&problems);
        }
        COULD_NOT_CHECK
    }))
}

/// Shows the digest of a simulated account.
async fn demo(demo: Demo, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let settings = Settings::from_vars(demo.settings.over(var))?;
    let report = demo_report(demo.count, demo.now, &settings).await?;
    terminal::print(&document(&report, &settings), report.failures().count(), demo.verbose)?;
    let said = |text: words::Text| text.in_language(settings.language);
    let details = if demo.verbose { "" } else { said(words::DETAILS) };
    terminal::hint(&[&format!("{}{details}", said(words::DEMO)), said(words::YOUR_OWN), said(words::MORE)]);
    Ok(0)
}

async fn demo_report(count: usize, now: Option<DateTime<Utc>>, settings: &Settings) -> Result<Report, CliError> {
    let present = time::wall();
    let (server, keys) = demo_edge(count, now.unwrap_or(present)).await?;
    let settings = at_demo(&server, settings.clone());
    let http = proxy::client(|_| None)?;
    Ok(digest(RunSecrets::of(DEMO, keys, Vec::new()), &settings, http, now, present).await?.report)
}

/// The settings with the simulator in place of NCP. Certificate Manager's too: a demo calls no other server.
fn at_demo(server: &simulator::Server, settings: Settings) -> Settings {
    let certificate_manager = settings.certificate_manager.as_ref().map(|_| server.url());
    Settings { api_url: server.url(), certificate_manager, probe: None, ..settings }
}

/// A Global Edge with a simulated account, and the keys that it accepts.
async fn demo_edge(count: usize, now: DateTime<Utc>) -> Result<(simulator::Server, KeyPair), CliError> {
    let keys = KeyPair::new("demo-access-key", "demo-secret-key");
    let edge = GlobalEdge { account: Account::estate(count, now), keys: keys.clone(), max_size: DEMO_PAGE };
    let server = simulator::Server::start(edge, time::wall).await;
    let server = server.map_err(|error| vec![format!("the simulator found no free port: {error}")])?;
    Ok((server, keys))
}

/// Shows every certificate.
async fn list(list: args::List, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let args::List { format, demo, count, now, settings } = list;
    let mut settings = Settings::from_vars(settings.over(&var))?;
    let present = now.unwrap_or_else(time::wall);
    let criteria = Criteria::new(settings.thresholds, present, now.is_some(), settings.zone);
    let (keys, name, _server) = if demo {
        let (server, keys) = demo_edge(count, criteria.now).await?;
        settings = at_demo(&server, settings);
        (keys, DEMO, Some(server))
    } else {
        (keys(&var)?, ACCOUNT, None)
    };
    let deadlines = Deadlines::new(time::monotonic(), TIME);
    let http = proxy::client(&var)?.until(deadlines.list);
    let http = http.with_secrets(RunSecrets::of(name, keys.clone(), Vec::new()).known());
    let progress = progress::Bar::new(settings.language);
    let account = AccountSecret { label: name.to_owned(), keys, api_url: None, certificate_manager_url: None };
    let mut listed =
        crate::run::list_account(&settings, account, &http, &|read, total| progress.show(read, total)).await;
    progress.clear();
    let phrases = settings.language.phrases();
    let failure = listed.failure.as_ref().map(|failure| sentences(&phrases.failure(failure), &settings));
    // What a slot's detail, or what is served, makes better or worse, `check` shows as that; so does the list.
    let sights = match &settings.probe {
        Some(further) => Some(look(std::slice::from_ref(&listed), further, &criteria, deadlines.probe).await),
        None => None,
    };
    let details = settings.details.then_some(deadlines.details);
    let judged = judge(std::slice::from_mut(&mut listed), sights.as_deref().unwrap_or_default(), &criteria, details);
    let JudgedAccount { slots, unread, has_lifetimes } = judged.await.pop().expect("each account is judged");
    let unread: Vec<_> = unread.iter().map(|(_, error)| error).collect();
    let list = List {
        total: listed.total.max(listed.checked),
        simulated: demo || criteria.simulated,
        failure,
        unread: phrases.unread_details(&unread),
        thresholds: criteria.thresholds.applied(has_lifetimes),
        ..List::new(slots, &settings, criteria.now)
    };
    let list = match sights {
        Some(sights) => list.with_sights(&sights),
        None => list,
    };
    let written = print_list(&list, &format);
    if let Some(failure) = &list.failure {
        terminal::complain(&[format!("{}: {failure}", phrases.account(name))]);
    }
    written?;
    Ok(if list.failure.is_none() { 0 } else { COULD_NOT_CHECK })
}

fn print_list(list: &List, format: &Format) -> Result<(), CliError> {
    let Format { json, csv, html } = format;
    if *json {
        terminal::print_json(&list::json(list))?;
    } else if *csv {
        terminal::print_raw(list::csv(list).as_bytes())?;
    } else if let Some(file) = html {
        let page = list::html(list);
        let written = std::fs::write(file, page);
        written.map_err(|error| vec![format!("--html: {} cannot be written: {error}", file.display())])?;
        let written = words::WRITTEN.in_language(list.language);
        terminal::hint(&[&written.replace("{}", &file.display().to_string())]);
    } else {
        terminal::print_text(&list::table(list))?;
        terminal::hint(&[&format!("{} · {}", list.coverage(), list.rules())]);
        list.unread.iter().for_each(|unread| terminal::hint(&[unread]));
    }
    Ok(())
}

/// Shows the digest of an account.
async fn check(check: Check, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let mut settings = Settings::from_vars(check.settings.over(&var))?;
    let (keys, name, _server) = if check.demo {
        let (server, keys) = demo_edge(check.count, check.now.unwrap_or_else(time::wall)).await?;
        settings = at_demo(&server, settings);
        (Ok(keys), DEMO, Some(server))
    } else {
        (keys(&var), ACCOUNT, None)
    };
    // Both at once, so that all problems are reported together.
    let webhooks = if check.post { webhook_url::webhooks(&var) } else { Ok(Vec::new()) };
    let (keys, webhooks) = match (keys, webhooks) {
        (Ok(keys), Ok(webhooks)) => (keys, webhooks),
        (keys, webhooks) => {
            return Err([keys.err(), webhooks.err()].into_iter().flatten().flatten().collect());
        }
    };
    let http = proxy::client(&var)?;
    let ended = digest(RunSecrets::of(name, keys, webhooks), &settings, http, check.now, time::wall()).await?;
    let report = &ended.report;
    let phrases = settings.language.phrases();
    let mut unread = Vec::new();
    for (account, failure) in report.failures() {
        let advice = phrases.failure(failure);
        unread.push(format!("{}: {}", phrases.account(&account.name), sentences(&advice, &settings)));
    }
    let mut undelivered = Vec::new();
    for Delivery { webhook, failure, .. } in &ended.deliveries {
        if let Some(error) = failure {
            let advice = phrases.undelivered(webhook.kind, error);
            let name = phrases.webhook(&webhook.name, webhook.kind);
            undelivered.push(format!("{name}: {}", sentences(&advice, &settings)));
        }
    }
    let deliveries: Vec<DeliveryResult> = ended.deliveries.iter().map(DeliveryResult::from).collect();
    let failures = [unread.as_slice(), &undelivered].concat();
    let health = health(report, &failures);
    // A demo that has shown what it should has succeeded.
    let status = if check.demo { 0 } else { health };

    let document = document(report, &settings);
    if check.format.json {
        terminal::print_json(&json::check(report, deliveries, &failures))?;
        // Programs read standard output, people read standard error.
        terminal::complain(&failures);
        return Ok(status);
    }
    if check.format.plugin {
        terminal::print_text(&plugin::output(report, &document, &undelivered, health))?;
        return Ok(status);
    }
    terminal::print(&document, report.failures().count(), check.verbose)?;
    for Delivery { webhook, messages, .. } in ended.deliveries.iter().filter(|delivery| delivery.failure.is_none()) {
        let text = if *messages > 0 { words::DELIVERED } else { words::NOT_DUE }.in_language(settings.language);
        let text = text.replace('#', &messages.to_string());
        terminal::hint(&[&text.replace("{}", &phrases.webhook(&webhook.name, webhook.kind))]);
    }
    // The digest has already said which account could not be read.
    terminal::complain(&undelivered);
    Ok(status)
}

/// The run of the function, at a terminal.
async fn digest(
    secrets: RunSecrets,
    settings: &Settings,
    http: http::Client,
    now: Option<DateTime<Utc>>,
    present: DateTime<Utc>,
) -> Result<Ended, CliError> {
    let options = Options { now, ..Options::default() };
    let task = Task::new(settings, options, present).map_err(|problem| vec![problem])?;
    let deadlines = Deadlines::new(time::monotonic(), TIME);
    let progress = progress::Bar::new(settings.language);
    let ended = crate::run::run(&task, secrets, &http, None, deadlines, |read, total| progress.show(read, total)).await;
    progress.clear();
    Ok(ended)
}

/// The exit status of a digest, as monitoring plugins define it: what is known to be critical comes before what is not known.
fn health(report: &Report, failures: &[String]) -> u8 {
    let counts = report.counts();
    if counts.critical > 0 {
        2
    } else if !failures.is_empty() {
        COULD_NOT_CHECK
    } else {
        // An account without certificates may be the wrong one.
        u8::from(counts.warning > 0 || report.checked() == 0)
    }
}

/// What happened and what to do about it, as sentences.
fn sentences(advice: &Advice, settings: &Settings) -> String {
    settings.language.phrases().sentences(&[&advice.what, &text::capitalised(&advice.fix)])
}

/// Prints a payload.
async fn preview(preview: Preview, var: impl Fn(&str) -> Option<String>) -> Result<u8, CliError> {
    let settings = Settings::from_vars(preview.settings.over(&var))?;
    let report = if preview.real {
        let (secrets, http) = (RunSecrets::of(ACCOUNT, keys(&var)?, Vec::new()), proxy::client(&var)?);
        digest(secrets, &settings, http, preview.now, time::wall()).await?.report
    } else {
        demo_report(preview.count, preview.now, &settings).await?
    };
    let payloads = payloads(preview.kind, &report, &settings);
    let Some(payload) = preview.part.checked_sub(1).and_then(|before| payloads.get(before)) else {
        return Err(vec![format!("--part is {}; the digest has {} message(s)", preview.part, payloads.len())]);
    };
    terminal::print_json(&if preview.card { preview.kind.card(payload) } else { payload.clone() })?;
    let (how, designer) = match preview.kind {
        Kind::Slack => (words::BLOCK_KIT, "https://app.slack.com/block-kit-builder"),
        Kind::Teams => (words::DESIGNER, "https://adaptivecards.microsoft.com/designer"),
        _ => (words::NO_DESIGNER, ""),
    };
    let part = words::PART.in_language(settings.language).replace("{}", &preview.part.to_string());
    let part = part.replace('#', &payloads.len().to_string());
    terminal::hint(&[&part, &how.in_language(settings.language).replace("{}", designer)]);
    Ok(0)
}

/// The messages of a kind, as they would be posted.
fn payloads(kind: Kind, report: &Report, settings: &Settings) -> Vec<Value> {
    let payloads = kind.payloads(&document(report, settings), None);
    payloads.iter().map(|payload| serde_json::from_str(payload.body.get()).expect("a payload is JSON")).collect()
}

/// The report in words, whatever its severity: people at a terminal want to see everything.
fn document(report: &Report, settings: &Settings) -> Document {
    let view = views(report, &[Audience::EVERYBODY], NotifyPolicy::EVERYTHING).pop().flatten();
    compose(&view.expect("with all-clear wanted there is always something to say"), &settings.style())
}

/// Keys, under the names that NCP's own tools read.
fn keys(var: impl Fn(&str) -> Option<String>) -> Result<KeyPair, CliError> {
    let mut problems = Vec::new();
    let mut key = |name: &str| {
        let value = var(name).unwrap_or_default();
        if value.is_empty() {
            problems.push(format!("{name} is not set; set it to a key of your NCP account"));
        } else if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.push(format!("{name} contains a space or another character that no key contains; paste it again"));
        }
        value
    };
    let (access_key, secret_key) = (key("NCLOUD_ACCESS_KEY"), key("NCLOUD_SECRET_KEY"));
    if problems.is_empty() { Ok(KeyPair::new(access_key, secret_key)) } else { Err(problems) }
}
