//! The command line as a person or a monitoring system runs it: the real binary, against the simulator and webhooks.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::process::Output;

use common::{ACCESS_KEY, SECRET_KEY, World, days, now};
use ncp_cert_alert::simulator::{Account, Reply, certificate};
use serde_json::{Value, json};

/// Runs the binary with these arguments and, of the environment, just this.
async fn cert_alert(arguments: &[&str], vars: &[(&str, String)]) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cert-alert"));
    command.args(arguments).env_clear().envs(vars.iter().map(|(name, value)| (name, value)));
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The environment of someone who checks this world's account.
fn vars(world: &World) -> Vec<(&'static str, String)> {
    vec![
        ("NCLOUD_ACCESS_KEY", ACCESS_KEY.to_owned()),
        ("NCLOUD_SECRET_KEY", SECRET_KEY.to_owned()),
        ("NCP_API_URL", world.edge.url().to_string()),
    ]
}

const NOW: [&str; 2] = ["--now", "2026-11-23T00:00:00Z"];

async fn check(world: &World, arguments: &[&str]) -> Output {
    cert_alert(&[&["check"], &NOW[..], arguments].concat(), &vars(world)).await
}

#[cfg(unix)]
#[tokio::test]
async fn a_variable_that_is_not_utf_8_is_a_bad_value_and_not_an_unset_one() {
    use std::os::unix::ffi::OsStrExt;

    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cert-alert"));
    let odd = std::ffi::OsStr::from_bytes(b"3\xff0");
    command.arg("check").env_clear().env("WARN_DAYS", odd).env("RUNBOOK_URL", odd);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(3));
    for problem in [
        "WARN_DAYS is not valid UTF-8; accepted: a whole number from 1 to 3650",
        "RUNBOOK_URL is not valid UTF-8; accepted: an https URL",
    ] {
        assert!(stderr(&output).contains(problem), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn without_arguments_the_demo_is_shown() {
    let output = cert_alert(&[], &[]).await;
    assert_eq!(output.status.code(), Some(0));
    let shown = stdout(&output);
    for part in [
        "1 expired, 2 expiring within 7 days",
        "37 of 37 certificates, 3 pages, account demo",
        "www.example.kr",
        "in 17 hours",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colours in a pipe");
    let korean = cert_alert(&["demo", "--language", "ko", "--count", "3"], &[]).await;
    assert!(stdout(&korean).contains("인증서 3개 확인"));
}

#[tokio::test]
async fn the_exit_status_is_that_of_monitoring_plugins() {
    for (left, status) in [(days(90), 0), (days(20), 1), (days(3), 2), (-days(3), 2)] {
        let world = World::of([certificate(1, "www.example.kr", now() + left)]).await;
        assert_eq!(check(&world, &[]).await.status.code(), Some(status), "{left}");
    }
    let world = World::of([certificate(1, "www.example.kr", now() - days(3))]).await;
    world
        .edge
        .script_always("pageNo", Reply::new(401, r#"{"error":{"errorCode":"210","message":"Permission Denied"}}"#));
    let output = check(&world, &[]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("give the key's owner a Global Edge view (list) permission"),
        "{}",
        stderr(&output)
    );
    assert!(!stderr(&output).contains("CANARY") && !stdout(&output).contains("CANARY"));
    for arguments in
        [&["check", "--bogus"][..], &["chekc"], &["check", "--warn-days", "soon"], &["preview", "--kind", "irc"]]
    {
        assert_eq!(cert_alert(arguments, &vars(&world)).await.status.code(), Some(3), "{arguments:?}");
    }
    assert_eq!(cert_alert(&["--help"], &[]).await.status.code(), Some(0));
}

#[tokio::test]
async fn information_is_no_reason_to_worry_a_monitoring_system() {
    let mut row = certificate(1, "www.example.kr", now() + days(90));
    row["provisionStatus"] = json!("DELETING");
    let world = World::of([row]).await;
    assert_eq!(check(&world, &[]).await.status.code(), Some(0));
}

#[tokio::test]
async fn programs_get_json_whatever_happens() {
    let world = World::with(Account::demo(20, now()), 15).await;
    let output = check(&world, &["--json"]).await;
    assert_eq!(output.status.code(), Some(2));
    let value: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        (&value["status"], &value["checked"], &value["pages"], &value["error"]),
        (&json!("alerted"), &json!(20), &json!(2), &json!(null))
    );
    let first = &value["findings"][0];
    assert_eq!(
        (&first["severity"], &first["reasons"], &first["commonName"], &first["daysLeft"], &first["edges"]),
        (&json!("critical"), &json!(["expired"]), &json!("www.example.kr"), &json!(-3), &json!(2))
    );

    world.edge.script_always("pageNo=2", Reply::new(403, r#"{"code":"0032","message":"request not allowed"}"#));
    let output = check(&world, &["--json"]).await;
    assert_eq!(output.status.code(), Some(3));
    let value: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((&value["checked"], &value["accounts"][0]["status"]), (&json!(15), &json!("failed")));
    assert!(value["error"].as_str().unwrap().contains("code 0032"));
}

#[tokio::test]
async fn options_win_over_the_environment_and_all_bad_settings_are_named() {
    let world = World::of([certificate(1, "www.example.kr", now() + days(40))]).await;
    let vars = [vars(&world), vec![("WARN_DAYS", "50".to_owned()), ("MESSAGE_LANGUAGE", "ja".to_owned())]].concat();
    let with = async |arguments: &[&str]| cert_alert(&[&["check"], &NOW[..], arguments].concat(), &vars).await;
    assert_eq!(with(&[]).await.status.code(), Some(1));
    let output = with(&["--warn-days", "35", "--message-language", "en", "--time-zone", "Europe/Berlin"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("All clear") && stdout(&output).contains("CET (Europe/Berlin)"));
    let output = with(&["--warn-days", "x", "--time-zone", "Mars"]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("WARN_DAYS is `x`") && stderr(&output).contains("TIME_ZONE is `Mars`"));
}

#[tokio::test]
async fn a_check_can_post() {
    let world = World::of([certificate(1, "www.example.kr", now() - days(3))]).await;
    let urls = format!("slack={}, teams={}", world.slack.url(), world.teams.url());
    let vars = [vars(&world), vec![("WEBHOOK_URL", urls)]].concat();
    let post = async || cert_alert(&[&["check", "--post", "--json"], &NOW[..]].concat(), &vars).await;
    let output = post().await;
    assert_eq!(output.status.code(), Some(2));
    let value: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        value["deliveries"][1],
        json!({"webhook": "teams", "kind": "teams", "status": "delivered", "messages": 1})
    );
    assert!(world.slack.text().contains("www.example.kr") && world.teams.text().contains("www.example.kr"));

    world.slack.always(Reply::new(404, "no_service"));
    let output = post().await;
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("webhook `slack` (slack): it does not exist any more (HTTP 404, `no_service`)"),
        "{}",
        stderr(&output)
    );
    let shown = format!("{}{}", stdout(&output), stderr(&output));
    assert!(!shown.contains("CANARY"), "{shown}");

    let output = cert_alert(&["check", "--post"], &self::vars(&world)).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("WEBHOOK_URL is not set"));
}

#[tokio::test]
async fn a_preview_is_the_payload_that_is_posted() {
    let world = World::of([certificate(1, "www.example.kr", now() - days(3))]).await;
    let urls = format!("slack={},teams={}", world.slack.url(), world.teams.url());
    let vars = [vars(&world), vec![("WEBHOOK_URL", urls)]].concat();
    cert_alert(&[&["check", "--post"], &NOW[..]].concat(), &vars).await;
    for (kind, hook) in [("slack", &world.slack), ("teams", &world.teams)] {
        let output = cert_alert(&[&["preview", "--real", "--kind", kind], &NOW[..]].concat(), &vars).await;
        assert_eq!(output.status.code(), Some(0));
        let payload: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(payload, hook.accepted()[0]);
        assert!(stderr(&output).contains("https://"), "it says where to paste it");
    }
    let card = cert_alert(&["preview", "--kind", "teams", "--card"], &[]).await;
    let card: Value = serde_json::from_str(&stdout(&card)).unwrap();
    assert_eq!((&card["type"], &card["version"]), (&json!("AdaptiveCard"), &json!("1.4")));
    let page = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("preview.html");
    let output = cert_alert(&["preview", "--html", page.to_str().unwrap(), "--language", "ko"], &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("www.example.kr") && page.contains("콘솔 열기") && page.contains("Microsoft Teams"));

    let beyond = cert_alert(&["preview", "--part", "9"], &[]).await;
    assert_eq!(beyond.status.code(), Some(3));
    assert!(stderr(&beyond).contains("--part is 9"));
}
