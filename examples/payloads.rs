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

use chrono::{DateTime, Utc};
use ncp_cert_alert::clock;
use ncp_cert_alert::config::Settings;
use ncp_cert_alert::digest::Digest;
use ncp_cert_alert::finding::{Severity, Thresholds};
use ncp_cert_alert::language::Language;
use ncp_cert_alert::message::{Document, Style, compose, undelivered};
use ncp_cert_alert::redact::{Redactor, Remote};
use ncp_cert_alert::run::{self, Rules};
use ncp_cert_alert::secrets::Label;
use ncp_cert_alert::signature::KeyPair;
use ncp_cert_alert::simulator::{Account, GlobalEdge, certificate};
use ncp_cert_alert::webhook::{self, Kind};
use ncp_cert_alert::{api, http, sample};
use serde_json::json;

/// Nine in the morning in Seoul.
const NOW: &str = "2026-11-23T00:00:00Z";

/// How many slots of the demo account have something to report; those after them are healthy.
const REPORTED: usize = 8;

/// Names as they are at their longest, and as nobody should name things.
const ODD_NAMES: [&str; 6] = [
    "a-label-of-sixty-three-characters-which-is-the-most-that-dns-has.b.example.kr",
    "this.one.has.so.many.labels.that.no.narrow.window.holds.them.in.one.line.whatever.its.font.may.be.shop.example.kr",
    "*bold*_and_~struck~ [link](https://example.com/)",
    "<!channel> & <b>bold</b>",
    "쇼핑몰-결제-인증서.한국",
    "買い物かごの証明書.日本",
];

/// A digest that is drawn, or the notice that webhooks failed.
enum Scene {
    Digest { digest: Box<Digest>, mention: Option<&'static str> },
    Undelivered,
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
            let style = Style::of(&Settings { language, runbook_url, ..Settings::default() });
            for kind in Kind::ALL {
                let (document, mention) = match &scene {
                    Scene::Digest { digest, mention } => (document(digest, &style)?, *mention),
                    Scene::Undelivered => (notice(&style), None),
                };
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
    let usual = Thresholds::DEFAULT;
    // The whole demo account is worth a word when a year ahead is.
    let year = Thresholds { warn_days: 365, ..usual };
    let good = [("prod", true)];
    let mut clear = Account::demo(REPORTED + 30, now);
    clear.rows.truncate(30);
    let plain = |digest: Digest| Scene::Digest { digest: Box::new(digest), mention: None };
    let odd = digest(&odd(now), &good, usual, true, now).await?;
    Ok(BTreeMap::from([
        ("one", plain(digest(&Account::demo(1, now), &good, usual, false, now).await?)),
        ("six", plain(digest(&Account::demo(6, now), &good, usual, false, now).await?)),
        ("many", plain(digest(&Account::demo(120, now), &good, year, false, now).await?)),
        ("clear", plain(digest(&clear, &good, usual, false, now).await?)),
        ("failed", plain(digest(&Account::demo(6, now), &[("prod", true), ("shop", false)], usual, false, now).await?)),
        ("odd", Scene::Digest { digest: Box::new(odd), mention: Some("<!here>") }),
        ("sample", plain(sample::digest(usual, now))),
        ("undelivered", Scene::Undelivered),
    ]))
}

/// Accounts as a run reads them over HTTP: each a name, and whether its keys are good. All of them have what is in `account`.
async fn digest(
    account: &Account,
    accounts: &[(&str, bool)],
    thresholds: Thresholds,
    simulated: bool,
    now: DateTime<Utc>,
) -> Result<Digest, Box<dyn Error>> {
    let rules = Rules { thresholds, now, simulated };
    let until = clock::start() + Duration::from_mins(1);
    let keys = KeyPair::new("demo-access-key", "demo-secret-key");
    let edge = GlobalEdge::start(account.clone(), keys.clone(), 100, clock::wall).await?;
    let mut checked = Vec::new();
    for (name, has_keys) in accounts {
        let keys = if *has_keys { keys.clone() } else { KeyPair::new("demo-access-key", "another-secret-key") };
        let client = api::Client::new(http::client(), edge.url(), keys, clock::wall, &Redactor::default());
        checked.push(run::check(Label::Given((*name).to_owned()), client, rules, until, |_, _| ()).await);
    }
    Ok(run::digest(checked, rules, Some(until)).await)
}

fn odd(now: DateTime<Utc>) -> Account {
    let rows = (1..).zip(ODD_NAMES).map(|(slot, name)| {
        let mut row = certificate(slot, name, now + chrono::TimeDelta::days(slot));
        row["provisionStatus"] =
            json!(if slot % 2 == 0 { "RUNNING" } else { "SUSPENDED_BY_SOMEONE_FOR_A_LONG_REASON" });
        row
    });
    Account { rows: rows.collect(), ..Account::default() }
}

fn document(digest: &Digest, style: &Style) -> Result<Document, Box<dyn Error>> {
    let view = digest.view(Severity::Info, true).ok_or("with all-clear wanted there is always something to say")?;
    Ok(compose(&view, style))
}

fn notice(style: &Style) -> Document {
    let gone = webhook::Error::Refused { status: 404, retry_after: None, said: "no_service".into() };
    let busy = webhook::Error::Refused { status: 503, retry_after: None, said: Remote::default() };
    undelivered(&[("ops", Kind::Slack, &gone), ("web", Kind::Teams, &busy)], style)
}
