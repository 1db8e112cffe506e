//! Nothing secret gets out: canaries in both keys and in every part of the webhooks' URLs, every way to fail, every log level.
//!
//! First it is made sure that each canary reached the server that it was for; else nothing would be shown by its absence.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::{ACCESS_KEY, SECRET_KEY, World, aws_error, days, invoke_within, keep, now, written};
use ncp_cert_alert::simulator::{Account, Fault, Reply, certificate};
use ncp_cert_alert::{clock, logging, secrets};
use serde_json::json;

/// Stands in every key and in every part of every webhook's URL.
const CANARY: &str = "CANARY";

/// What the servers do, by name.
const SCENES: [&str; 16] = [
    "all is well",
    "keys are echoed",
    "keys are echoed in a page",
    "keys are echoed in an HTML page",
    "keys are echoed in a detail",
    "URLs are echoed",
    "URLs are echoed decoded",
    "URLs are echoed with an invalid payload",
    "redirects",
    "connections break",
    "nobody answers",
    "nobody listens",
    "an account's secret is malformed",
    "the webhooks' secret is malformed",
    "secrets cannot be read",
    "secrets stand in the event",
];

/// A world in which everything that is secret holds the canary.
async fn world() -> World {
    let rows = (1..=3).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() - days(2)));
    let world = World::with(Account { rows: rows.collect(), ..Account::default() }, 2).await;
    let user = |url: String| url.replace("http://", "http://userCANARY01:passCANARY01@");
    world.webhooks(json!([
        {"url": user(world.slack.url()), "kind": "slack", "name": "ops"},
        {"url": user(world.teams.url()), "kind": "teams", "name": "web"},
    ]));
    assert!(ACCESS_KEY.contains(CANARY) && SECRET_KEY.contains(CANARY));
    assert!(world.slack.url().contains(CANARY) && world.teams.url().matches(CANARY).count() == 3);
    world
}

fn set(world: &mut World, scene: &str) {
    let echo = format!("{ACCESS_KEY} and {SECRET_KEY}");
    let urls =
        [world.slack.url(), world.teams.url()].map(|url| url.replace("http://", "http://userCANARY01:passCANARY01@"));
    let decoded = urls.clone().map(|url| url.replace("%2F", "/"));
    match scene {
        "keys are echoed" => {
            let body = json!({"error": {"errorCode": "200", "message": echo, "details": echo}}).to_string();
            world.edge.script_always("provisioning", Reply::new(401, body));
        }
        "keys are echoed in a page" => world.edge.change(|account| {
            for field in ["commonName", "certificateName", "serviceRegion", "provisionStatus", "expirationDate"] {
                let mut row = certificate(10, "x.example.kr", now() - days(2));
                row["slotId"] = json!(100 + account.rows.len());
                row[field] = json!(echo);
                account.rows.push(row);
            }
        }),
        "keys are echoed in an HTML page" => world.edge.script_always("provisioning", Reply::new(502, format!("<html>{echo}</html>"))),
        "keys are echoed in a detail" => {
            let detail = json!({"code": "0000", "result": {
                "certificates": [{"sanDomains": [echo]}],
                "linkedEdges": {"content": [{"edgeName": echo}], "pageable": {"totalCount": 1}},
            }});
            world.edge.script_always("/provisioning/", Reply::new(200, detail.to_string()));
        }
        "URLs are echoed" | "URLs are echoed decoded" | "URLs are echoed with an invalid payload" => {
            let said = if scene == "URLs are echoed decoded" { decoded } else { urls };
            let status = if scene == "URLs are echoed with an invalid payload" { 400 } else { 404 };
            let escaped = said.clone().map(|url| url.replace('/', "\\/"));
            let body = format!("no hook at {} ({}), nor Basic dXNlckNBTkFSWTAxOnBhc3NDQU5BUlkwMQ==", said.join(" or "), escaped.join(" or "));
            // Each hears of its own URL: nobody else could know it.
            world.slack.always(Reply::new(status, body.replace(&said[1], "").replace(&escaped[1], "")));
            world.teams.always(Reply::new(status, body.replace(&said[0], "").replace(&escaped[0], "")));
        }
        "redirects" => {
            world.slack.always(Reply::new(307, "").with("location", urls[0].clone()));
            world.teams.always(Reply::new(302, &urls[1]).with("location", urls[1].clone()));
            world.edge.script_always("provisioning", Reply::new(301, echo).with("location", "https://evil.example"));
        }
        "connections break" => {
            world.slack.always(Reply::Fault(Fault::Reset));
            world.teams.always(Reply::Fault(Fault::ResetInBody(urls[1].repeat(9))));
            world.edge.script_always("provisioning", Reply::Fault(Fault::ResetInBody(echo.repeat(9))));
        }
        "nobody answers" => {
            world.slack.always(Reply::Fault(Fault::Hang));
            world.teams.always(Reply::Fault(Fault::Drip(urls[1].repeat(9), Duration::from_millis(50))));
            world.edge.script_always("provisioning", Reply::Fault(Fault::Hang));
        }
        "nobody listens" => {
            let nobody = |url: &str| url.replace("127.0.0.1", "127.0.0.2");
            world.webhooks(json!([
                {"url": nobody(&urls[0]), "kind": "slack", "name": "ops"},
                {"url": nobody(&urls[1]), "kind": "teams", "name": "web"},
            ]));
        }
        "an account's secret is malformed" => world.secrets.set("prod", json!({"access_key": [ACCESS_KEY], SECRET_KEY: 1, "api_url": urls[0]})),
        "the webhooks' secret is malformed" => world.secrets.set(
            "hooks",
            json!({"webhooks": [{"url": urls[0], "kind": urls[0], "mention": urls[1], "min_severity": SECRET_KEY, urls[1].clone(): 1}, urls[1]]}),
        ),
        "secrets cannot be read" => {
            world.secrets.always("prod", Reply::new(200, world.secrets.answer("prod").replace('}', "")));
            world.secrets.always("hooks", aws_error(500, "InternalServiceError"));
        }
        "all is well" | "secrets stand in the event" => {}
        other => panic!("{other} is not a scene"),
    }
}

#[tokio::test]
async fn no_canary_is_shown_at_trace() {
    no_canary_is_shown_at("TRACE").await;
}

#[tokio::test]
async fn no_canary_is_shown_at_debug() {
    no_canary_is_shown_at("DEBUG").await;
}

#[tokio::test]
async fn no_canary_is_shown_at_info() {
    no_canary_is_shown_at("INFO").await;
}

#[tokio::test]
async fn no_canary_is_shown_at_error() {
    no_canary_is_shown_at("ERROR").await;
}

async fn no_canary_is_shown_at(level: &str) {
    let vars = |name: &str| match name {
        "AWS_LAMBDA_LOG_FORMAT" => Some("JSON".to_owned()),
        "AWS_LAMBDA_LOG_LEVEL" => Some(level.to_owned()),
        _ => None,
    };
    let subscriber = logging::subscriber(logging::Format::from_vars(vars), clock::wall, keep);
    let _listening = tracing::subscriber::set_default(subscriber);
    for scene in SCENES {
        let mut world = world().await;
        set(&mut world, scene);
        let event = match scene {
            "secrets stand in the event" => {
                json!({"webhook_secret_id": [world.slack.url()], "now": ACCESS_KEY, SECRET_KEY: 1, "min_severity": world.teams.url()})
            }
            // Without a simulated date, so that metrics are written.
            _ => json!({"detail-type": "Scheduled Event", "detail": {}}),
        };
        let function = world.function();
        function.prefetch().await;
        let limit = Duration::from_secs(if scene == "all is well" { 12 } else { 4 });
        let ended = invoke_within(&function, event, limit).await;
        let written = written();

        // The canaries were where they belong.
        let is_posted = !matches!(
            scene,
            "nobody listens"
                | "the webhooks' secret is malformed"
                | "secrets cannot be read"
                | "secrets stand in the event"
        );
        for hook in [&world.slack, &world.teams] {
            // A hook asserts that the path and the query are its own.
            assert_eq!(!hook.posts().is_empty(), is_posted, "{scene}");
            assert_eq!(hook.authorization().is_some(), is_posted, "{scene}: user and password");
        }
        if scene == "all is well" {
            // The simulator checks the signature by both keys.
            assert!(ended.is_ok() && world.edge.requests().len() > 2);
            assert!(written.iter().any(|line| line.contains("RunsCompleted")));
        }
        if level != "ERROR" || ended.is_err() {
            assert!(!written.is_empty(), "{scene} at {level}");
        }

        // And nowhere else.
        let shown =
            [format!("{ended:?}"), written.join("\n"), json!([world.slack.posts(), world.teams.posts()]).to_string()];
        for text in shown {
            assert!(!text.contains(CANARY) && !text.contains("dXNlckNBTkFS"), "{scene} at {level}: {text}");
        }
    }
}

#[tokio::test]
async fn nothing_that_holds_a_secret_prints_it() {
    let world = world().await;
    let text = |id: &str| {
        let answer: serde_json::Value = serde_json::from_str(&world.secrets.answer(id)).unwrap();
        secrecy::SecretString::from(answer["SecretString"].as_str().unwrap())
    };
    let webhooks = secrets::webhooks(&text("hooks")).unwrap();
    let account = secrets::account("prod", &text("prod")).unwrap();
    let error = secrets::account("prod", &text("hooks")).unwrap_err();
    let printed = format!("{webhooks:?} {account:?} {:?} {error:?}", text("prod"));
    assert!(printed.contains("ops") && !printed.contains(CANARY), "{printed}");
}
