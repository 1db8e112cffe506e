//! Writes what whole runs of the function post to Slack and Teams into a directory: what `tests/render/run` draws, and what can be
//! pasted into Block Kit Builder and the Adaptive Cards designer.
//!
//! ```sh
//! cargo run --example payloads -- target/payloads
//! ```
//!
//! One file for each kind of chat, language and scene, `slack-en-six.json`: an array of the payloads that are posted, in order. The
//! time is fixed, so the same code always writes the same files.

#[path = "../tests/common/mod.rs"]
#[expect(clippy::unwrap_used, reason = "shared with the tests")]
mod common;

use std::error::Error;
use std::path::Path;

use chrono::TimeDelta;
use common::servers::{GlobalEdge, Reply};
use common::{ACCESS_KEY, SECRET_KEY, World, days, now};
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::message::words::Language;
use ncp_cert_alert::ncp::signature::KeyPair;
use ncp_cert_alert::simulator::{Account, certificate, held};
use serde_json::{Value, json};

/// Names at their longest, and as no one should name things.
const ODD_NAMES: [&str; 6] = [
    "a-label-of-sixty-three-characters-which-is-the-most-that-dns-has.b.example.kr",
    "this.one.has.so.many.labels.that.no.narrow.window.holds.them.in.one.line.whatever.its.font.may.be.shop.example.kr",
    "*bold*_and_~struck~ [link](https://example.com/)",
    "<!channel> & <b>bold</b>",
    "쇼핑몰-결제-인증서.한국",
    "買い物かごの証明書.日本",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: payloads DIRECTORY")?;
    std::fs::create_dir_all(&directory)?;
    let write = |kind: &str, language: Language, scene: &str, payloads: &[Value]| {
        let file = Path::new(&directory).join(format!("{kind}-{}-{scene}.json", language.code()));
        std::fs::write(file, format!("{:#}", Value::from(payloads)))
    };
    for language in Language::ALL {
        for scene in SCENES {
            let (world, event) = set(scene, language).await?;
            invoke(&world, &event).await;
            for hook in world.hooks() {
                write(hook.kind, language, scene, &hook.accepted())?;
            }
        }
        // The notice of a webhook that fails is the last message of the other.
        for (kind, broken) in [("slack", "teams"), ("teams", "slack")] {
            let (world, event) = set("six", language).await?;
            world.hook(broken).always(Reply::new(404, "no_service"));
            invoke(&world, &event).await;
            write(kind, language, "undelivered", &world.hook(kind).accepted()[1..])?;
        }
    }
    Ok(())
}

/// What is drawn.
const SCENES: [&str; 13] = [
    "one",
    "six",
    "forty",
    "many",
    "clear",
    "failed",
    "muted",
    "summary",
    "quiet",
    "empty",
    "lifetimes",
    "odd",
    "sample",
];

/// The world of a scene, and the event that is sent.
async fn set(scene: &str, language: Language) -> Result<(World, Value), Box<dyn Error>> {
    let mut event = json!({"notify_when_clear": true});
    let count = match scene {
        "one" => 1,
        "forty" => 40,
        "many" => 120,
        "muted" | "clear" | "quiet" => 30,
        "summary" => 60,
        _ => 6,
    };
    let mut account = Account::demo(count, now());
    let mut world = World::of([]).await;
    world.set("MESSAGE_LANGUAGE", language.code());
    world.set("RUNBOOK_URL", "https://wiki.example.com/certificates");
    match scene {
        // The whole demo account has something to report when looking a year ahead.
        "forty" | "many" => world.set("WARN_DAYS", 365),
        // There is no such secret.
        "failed" => world.set("NCP_SECRET_ID", "prod,shop"),
        "muted" | "summary" => {
            let mutes = json!([
                {"what": "static.example.kr", "until": "2026-12-31", "why": "OPS-123: the site closes at the end of the year"},
                {"what": "prod/73", "until": "2026-11-30"},
                {"what": "old.example.kr", "until": "2026-11-20", "why": "OPS-98"},
            ]);
            world.beside_webhooks("mutes", mutes);
        }
        "empty" => account.rows.clear(),
        "lifetimes" => {
            for (name, left) in [("lb.example.kr", 5), ("cdn.example.kr", 20)] {
                account.held.push(held(name, name, now() - days(27), now() + days(left), &[1, 2]));
            }
            world.set("CERTIFICATE_MANAGER", true);
            world.set("WARN_SHARE", 30);
            world.set("CRITICAL_SHARE", 10);
        }
        "odd" => {
            account.rows = (1..).zip(ODD_NAMES).map(|(slot, name)| odd(slot, name)).collect();
            world.webhooks(json!([
                {"url": world.slack.url(), "kind": "slack", "mention": "<!here>"},
                {"url": world.teams.url(), "kind": "teams", "mention": "ops@example.kr"},
            ]));
            event["now"] = json!(now());
        }
        "sample" => event["test"] = json!(true),
        _ => {}
    }
    if ["clear", "quiet"].contains(&scene) {
        account.rows.retain(|row| row["slotId"].as_i64().is_some_and(|slot| slot > 78));
    }
    if ["muted", "summary", "quiet"].contains(&scene) {
        // Three healthy certificates were deployed: last night, and in the days before.
        for (row, hours) in account.rows.iter_mut().zip([9, 50, 120]) {
            row["provisionDate"] = json!(now() - TimeDelta::hours(hours));
        }
    }
    match scene {
        "muted" => event["fresh_hours"] = json!(26),
        "summary" | "quiet" => event["summary"] = json!(true),
        _ => {}
    }
    world.edge = GlobalEdge::start(account, KeyPair::new(ACCESS_KEY, SECRET_KEY), 100, now).await?;
    for name in ["NCP_API_URL", "CERTIFICATE_MANAGER_URL"] {
        world.set(name, world.edge.url());
    }
    Ok((world, event))
}

fn odd(slot: i64, name: &str) -> Value {
    let mut row = certificate(slot, name, now() + days(slot));
    row["provisionStatus"] = json!(if slot % 2 == 0 { "RUNNING" } else { "SUSPENDED_BY_SOMEONE_FOR_A_LONG_REASON" });
    row
}

/// One invocation at nine in the morning in Seoul, by the function's own clock.
async fn invoke(world: &World, event: &Value) {
    let vars = world.vars.clone();
    let function = Function::new(move |name| vars.get(name).cloned(), now, world.timing, |_| ());
    // What failed is in the messages.
    let _ = function.handle(&event.clone().into(), now() + TimeDelta::minutes(1)).await;
}
