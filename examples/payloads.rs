//! Writes the payloads of the demo account into a directory: what `tests/render/run` draws, and what can be pasted into Block
//! Kit Builder and the Adaptive Cards designer.
//!
//! ```sh
//! cargo run --example payloads -- target/payloads
//! ```
//!
//! One file for each kind of chat, language and scene, `slack-en-six.json`: an array of the payloads that would be posted, in
//! order. The time is fixed, so the same code always writes the same files.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use ncp_cert_alert::chat::{self, Kind};
use ncp_cert_alert::global_edge::signature::KeyPair;
use ncp_cert_alert::lambda::sample;
use ncp_cert_alert::message::words::{Language, Reader, Taken};
use ncp_cert_alert::message::{Document, Style, Undelivered, compose, undelivered};
use ncp_cert_alert::net::redact::{Redactor, Remote};
use ncp_cert_alert::report::mute::Mute;
use ncp_cert_alert::report::view::{Audience, NotifyPolicy, Routes, Scope, views};
use ncp_cert_alert::report::{AccountFinding, Found, Report};
use ncp_cert_alert::rules::elsewhere::Elsewhere;
use ncp_cert_alert::rules::lifetime::{Lifetime, Origin, Shares};
use ncp_cert_alert::rules::{Severity, Thresholds};
use ncp_cert_alert::run::{self, Rules};
use ncp_cert_alert::settings::Settings;
use ncp_cert_alert::settings::secrets::Label;
use ncp_cert_alert::simulator::{Account, GlobalEdge, Server, certificate};
use ncp_cert_alert::time::{self, zone::Zone};
use ncp_cert_alert::{global_edge, net::http};
use serde_json::json;

/// The chats that are drawn: those whose appearance is known.
const DRAWN: [Kind; 2] = [Kind::Slack, Kind::Teams];

/// Nine in the morning in Seoul.
const NOW: &str = "2026-11-23T00:00:00Z";

/// How many slots of the demo account have something to report; those after them are healthy.
const REPORTED: usize = 8;

/// How many hours of changes a daily run treats as news.
const FRESH: TimeDelta = TimeDelta::hours(26);

/// Names at their longest, and as no one should name things.
const ODD_NAMES: [&str; 6] = [
    "a-label-of-sixty-three-characters-which-is-the-most-that-dns-has.b.example.kr",
    "this.one.has.so.many.labels.that.no.narrow.window.holds.them.in.one.line.whatever.its.font.may.be.shop.example.kr",
    "*bold*_and_~struck~ [link](https://example.com/)",
    "<!channel> & <b>bold</b>",
    "쇼핑몰-결제-인증서.한국",
    "買い物かごの証明書.日本",
];

/// What is drawn: a report, or the notice that webhooks did not take it.
struct Scene {
    report: Report,
    scope: Scope,
    routes: Routes,
    mention: Option<&'static str>,
    is_notice: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: payloads DIRECTORY")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let now = NOW.parse()?;
    for (name, scene) in scenes(now).await? {
        for language in Language::ALL {
            let runbook_url = Some("https://wiki.example.com/certificates".parse()?);
            let style = Settings { language, runbook_url, ..Settings::default() }.style(Reader::Operator);
            for kind in DRAWN {
                let document = scene.document(&style)?;
                // A mention that calls people in Slack corresponds to an address in Teams.
                let mention = scene.mention.map(|mention| if kind == Kind::Slack { mention } else { "ops@example.kr" });
                let payloads: Vec<_> =
                    kind.payloads(&document, mention).into_iter().map(|payload| payload.body).collect();
                let file = format!("{kind}-{}-{name}.json", language.code());
                std::fs::write(directory.join(file), serde_json::to_string_pretty(&payloads)?)?;
            }
        }
    }
    Ok(())
}

/// What is drawn, by name.
async fn scenes(now: DateTime<Utc>) -> Result<BTreeMap<&'static str, Scene>, Box<dyn Error>> {
    let usual = Rules::new(Thresholds::DEFAULT, now, false, Zone::SEOUL);
    // The whole demo account has something to report when looking a year ahead.
    let year = Rules { thresholds: Thresholds { warn_days: 365, ..usual.thresholds }, ..usual };
    let good = [("prod", true)];
    let demo = |count| Account::demo(count, now);
    let mut clear = demo(REPORTED + 30);
    clear.rows.truncate(30);
    let told = |report, scope| Scene { report, scope, routes: Routes::default(), mention: None, is_notice: false };
    let all = |report| told(report, Scope::All);
    let six = read(&demo(6), &good, usual, &[]).await?;
    let nobodys = Routes { accounts: Some(vec!["other".to_owned()]), names: None };
    let clear_week = read(&renewed(clear.clone(), now), &good, usual.with_outlook(Zone::SEOUL), &[]).await?;
    let odd = read(&odd(now), &good, Rules { simulated: true, ..usual }, &[]).await?;
    let week = read(&renewed(demo(60), now), &good, usual.with_outlook(Zone::SEOUL), &mutes()?).await?;
    Ok(BTreeMap::from([
        ("one", all(read(&demo(1), &good, usual, &[]).await?)),
        ("six", all(six.clone())),
        ("forty", all(read(&demo(40), &good, year, &[]).await?)),
        ("many", all(read(&demo(120), &good, year, &[]).await?)),
        ("clear", all(read(&clear, &good, usual, &[]).await?)),
        ("failed", all(read(&demo(6), &[("prod", true), ("shop", false)], usual, &[]).await?)),
        ("muted", told(read(&renewed(demo(30), now), &good, usual, &mutes()?).await?, Scope::News(FRESH))),
        ("summary", told(week, Scope::Summary)),
        ("quiet", told(clear_week, Scope::Summary)),
        ("empty", all(read(&Account::default(), &good, usual, &[]).await?)),
        ("calm", all(calm(now, usual).await?)),
        ("lifetimes", Scene { routes: nobodys, ..all(lifetimes(now, usual).await?) }),
        ("odd", Scene { mention: Some("<!here>"), ..all(odd) }),
        ("sample", all(sample::report(usual.thresholds, now, usual.today))),
        ("undelivered", Scene { is_notice: true, ..all(six.clone()) }),
        ("week", Scene { is_notice: true, ..told(six.clone(), Scope::Summary) }),
    ]))
}

/// A report as a run makes it over HTTP. Each of `accounts` has a name, and says whether its keys are good; all of them contain
/// `account`.
async fn read(
    account: &Account,
    accounts: &[(&str, bool)],
    rules: Rules,
    mutes: &[Mute],
) -> Result<Report, Box<dyn Error>> {
    let until = time::monotonic() + Duration::from_mins(1);
    let keys = KeyPair::new("demo-access-key", "demo-secret-key");
    let edge = GlobalEdge { account: account.clone(), keys: keys.clone(), max_size: 100 };
    let server = Server::start(edge, time::wall).await?;
    let mut checked = Vec::new();
    for (name, has_keys) in accounts {
        let keys = if *has_keys { keys.clone() } else { KeyPair::new("demo-access-key", "another-secret-key") };
        let client = global_edge::Client::new(http::client(), server.url(), keys, time::wall, &Redactor::default());
        checked.push(run::check(Label::given(*name), client, rules, until, |_, _| ()).await);
    }
    Ok(run::report(checked, rules, mutes, Some(until)).await)
}

/// The same account after three of its healthy certificates were deployed: last night, and in the days before.
fn renewed(mut account: Account, now: DateTime<Utc>) -> Account {
    let healthy = account.rows.iter_mut().rev().skip(REPORTED + 1);
    for (row, hours) in healthy.zip([9, 50, 120]) {
        let deployed = now - TimeDelta::hours(hours);
        row["provisionDate"] = json!(deployed.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    account
}

fn mutes() -> Result<Vec<Mute>, Box<dyn Error>> {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day);
    let mute = |what, until: Option<NaiveDate>, why: Option<&str>| {
        Mute::new(what, until?, why.map(str::to_owned), false, str::to_owned)
    };
    let mutes = [
        mute("static.example.kr", day(12, 31), Some("OPS-123: the site closes at the end of the year")),
        mute("prod/73", day(11, 30), None),
        mute("*.legacy.example.kr", day(12, 15), None),
        mute("old.example.kr", day(11, 20), Some("OPS-98")),
    ];
    mutes.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| "a mute".into())
}

fn odd(now: DateTime<Utc>) -> Account {
    let rows = (1..).zip(ODD_NAMES).map(|(slot, name)| {
        let mut row = certificate(slot, name, now + TimeDelta::days(slot));
        row["provisionStatus"] =
            json!(if slot % 2 == 0 { "RUNNING" } else { "SUSPENDED_BY_SOMEONE_FOR_A_LONG_REASON" });
        row
    });
    Account { rows: rows.collect(), ..Account::default() }
}

/// Warnings: no edge uses one, and another slot could take over from a second one.
async fn calm(now: DateTime<Utc>, rules: Rules) -> Result<Report, Box<dyn Error>> {
    let mut account = Account::demo(9, now);
    // What is critical in the demo account lasts longer here, except for what no edge uses.
    for row in account.rows.iter_mut().filter(|row| row["slotId"].as_i64().is_some_and(|slot| slot < 72)) {
        row["expirationDate"] = json!((now + TimeDelta::days(12)).to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    for detail in account.details.values_mut() {
        detail["certificates"] = json!([]);
    }
    account.details.insert(70, json!({"slotId": 70, "linkedEdges": {"content": [], "pageable": {"totalCount": 0}}}));
    read(&account, &[("prod", true)], rules, &[]).await
}

/// What Certificate Manager reports: how long certificates are valid, who issued them, and what is used elsewhere.
async fn lifetimes(now: DateTime<Utc>, rules: Rules) -> Result<Report, Box<dyn Error>> {
    let mut report = read(&Account::demo(5, now), &[("prod", true)], rules, &[]).await?;
    let origin = || {
        let lifetime = Lifetime::between(now, now + TimeDelta::days(47))?;
        Some(Origin { lifetime, issuer: "Example CA".into() })
    };
    for one in &mut report.findings {
        if let Found::Slot(finding) = &mut one.found {
            finding.origin = origin();
        }
    }
    let elsewhere = [("lb.example.kr", 5, Severity::Critical), ("cdn.example.kr", 20, Severity::Warning)];
    let elsewhere = elsewhere.map(|(domain, left, severity)| AccountFinding {
        account: "prod".to_owned(),
        found: Found::Elsewhere(Elsewhere {
            name: domain.replace('.', "-").into(),
            domain: domain.into(),
            expiry: now + TimeDelta::days(left),
            severity,
            since: now - TimeDelta::days(2),
            origin: origin(),
            instances: 2,
        }),
    });
    report.findings.extend(elsewhere);
    report.thresholds.shares = Shares { warn: Some(30), critical: Some(10) };
    Ok(report.sorted())
}

impl Scene {
    fn document(&self, style: &Style) -> Result<Document, Box<dyn Error>> {
        let audience = Audience { routes: self.routes.clone(), least: Severity::Info };
        let policy = NotifyPolicy { least: Severity::Info, when_clear: true, scope: self.scope };
        let view = views(&self.report, &[audience], policy).pop().flatten();
        let document = compose(&view.ok_or("with all-clear wanted there is always something to say")?, style);
        if !self.is_notice {
            return Ok(document);
        }
        let gone = chat::Error::Refused { status: 404, retry_after: None, reply: "no_service".into() };
        let busy = chat::Error::Refused { status: 503, retry_after: None, reply: Remote::default() };
        let one =
            |name, kind, error| Undelivered { name, kind, error, missed: &document.missed, taken: Taken::default() };
        let both = [one("ops", Kind::Slack, &gone), one("web", Kind::Teams, &busy)];
        // The digest reached neither of two channels; the summary failed to reach one.
        let failed = if self.scope == Scope::Summary { &both[..1] } else { &both };
        Ok(undelivered(failed, &self.report, style))
    }
}
