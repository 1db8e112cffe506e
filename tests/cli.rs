//! The command line as a person or a monitoring system runs it: the real binary, against the simulator and webhooks.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::process::Output;

use common::schema::{assert_valid, violations};
use common::servers::tls::{self, Host, Manner};
use common::servers::{Reply, Server};
use common::{ACCESS_KEY, SECRET_KEY, World, days, now};
use ncp_cert_alert::simulator::{Account, certificate, held};
use serde_json::{Value, json};

/// Runs the binary with these arguments and only these environment variables.
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

const CHECK_SCHEMA: &str = include_str!("../docs/check.schema.json");
const LIST_SCHEMA: &str = include_str!("../docs/list.schema.json");

#[test]
fn the_check_of_schemas_finds_what_is_wrong() {
    let schema: Value = serde_json::from_str(LIST_SCHEMA).unwrap();
    let row = json!({
        "commonName": "a.kr", "expirationDate": null, "daysLeft": -1, "provisionStatus": "", "serviceRegion": "", "slotId": 1,
        "certificateName": "", "provisionDate": "2026-11-23T00:00:00Z", "tlsVersions": ["1.2"], "cipherProfile": "",
        "severity": "ok", "reasons": ["not_running"],
    });
    let good = json!({
        "schemaVersion": 1, "checkedAt": "2026-11-23T00:00:00Z", "complete": true, "error": null, "certificates": [row],
    });
    assert_eq!(violations(&schema, &good, ""), Vec::<String>::new());
    for (field, bad) in [
        ("expirationDate", json!("soon")),
        ("daysLeft", json!(1.5)),
        ("severity", json!(null)),
        ("reasons", json!(["not running"])),
        ("slotId", json!("1")),
        ("other", json!(1)),
    ] {
        let mut value = good.clone();
        value["certificates"][0][field] = bad;
        assert_eq!(violations(&schema, &value, "").len(), 1, "{field}");
    }
    let mut short = good;
    short["certificates"][0].as_object_mut().unwrap().remove("slotId");
    assert_eq!(violations(&schema, &short, "").len(), 1);
}

/// What a program reads, held against its schema.
fn valid(schema: &str, output: &Output) -> Value {
    let value = serde_json::from_str(&stdout(output)).unwrap();
    assert_valid(schema, &value);
    value
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
        "WARN_DAYS is `3\u{fffd}0`; accepted: a whole number from 1 to 3650",
        "RUNBOOK_URL is `3\u{fffd}0`, which is refused: ",
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
        "Certificate expired: www.example.kr (2 days ago) · +2 urgent, +5 other",
        "37 certificates checked",
        "www.example.kr",
        "in 17 hours",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colours in a pipe");
}

#[tokio::test]
async fn the_exit_status_is_that_of_monitoring_plugins() {
    for (left, status) in [(days(90), 0), (days(20), 1), (days(3), 2), (-days(3), 2)] {
        let world = World::of([certificate(1, "www.example.kr", now() + left)]).await;
        assert_eq!(check(&world, &[]).await.status.code(), Some(status), "{left}");
    }
    let mut leaving = certificate(1, "www.example.kr", now() + days(90));
    leaving["provisionStatus"] = json!("DELETING");
    assert_eq!(check(&World::of([leaving]).await, &[]).await.status.code(), Some(0), "information is no warning");
    let world = World::of([certificate(1, "www.example.kr", now() - days(3))]).await;
    world
        .edge
        .script_always("pageNo", Reply::new(401, r#"{"error":{"errorCode":"210","message":"Permission Denied"}}"#));
    let output = check(&world, &[]).await;
    assert_eq!(output.status.code(), Some(3));
    // What is known to be critical comes before what is not known.
    let vars_of_both = [vars(&world), vec![("WEBHOOK_URL", "slack=http://127.0.0.1:1/".to_owned())]].concat();
    world.edge.heal();
    let posted = cert_alert(&["check", "--post", NOW[0], NOW[1]], &vars_of_both).await;
    assert_eq!(posted.status.code(), Some(2));
    assert!(stdout(&output).contains("Check that the key's owner may view Global Edge (list)"), "{}", stdout(&output));
    assert!(!stderr(&output).contains("CANARY") && !stdout(&output).contains("CANARY"));
    for arguments in
        [&["check", "--bogus"][..], &["chekc"], &["check", "--warn-days", "soon"], &["preview", "--kind", "irc"]]
    {
        assert_eq!(cert_alert(arguments, &vars(&world)).await.status.code(), Some(3), "{arguments:?}");
    }
    assert_eq!(cert_alert(&["--help"], &[]).await.status.code(), Some(0));
}

/// The environment of `run` in this world, with its secrets as a file and as a variable.
fn anywhere(world: &World, file: &std::path::Path) -> Vec<(&'static str, String)> {
    std::fs::write(file, json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "name": "prod"}).to_string())
        .unwrap();
    let webhooks = json!({"webhooks": [
        {"url": world.slack.url(), "kind": "slack", "name": "ops"},
        {"url": world.teams.url(), "kind": "teams", "name": "web", "min_severity": "critical"},
    ]});
    vec![
        ("NCP_API_URL", world.edge.url().to_string()),
        ("NCP_SECRET_ID", format!("file:{}", file.display())),
        ("WEBHOOK_SECRET_ID", "env:HOOKS".to_owned()),
        ("HOOKS", webhooks.to_string()),
    ]
}

#[tokio::test]
async fn a_run_anywhere_posts_and_returns_what_the_function_does() {
    let file = std::env::temp_dir().join(format!("cert-alert-{}-keys.json", std::process::id()));
    let rows = (1..=9).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() + days(slot * 4)));
    let world = World::of(rows).await;
    let vars = anywhere(&world, &file);
    for event in [json!({}), json!({"fresh_hours": 30}), json!({"summary": true}), json!({"test": true})] {
        let mut event = event;
        event["now"] = json!("2026-11-23T00:00:00Z");
        let posts = || [world.slack.bodies(), world.teams.bodies()];
        world.secrets.set("hooks", serde_json::from_str::<Value>(&vars[3].1).unwrap());
        let result = world.invoke(event.clone()).await.unwrap();
        let posted = posts();
        world.slack.forget();
        world.teams.forget();
        let output = cert_alert(&["run", "--event", &event.to_string()], &vars).await;
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(serde_json::from_str::<Value>(&stdout(&output)).unwrap(), result, "{event}");
        assert_eq!(posts(), posted, "{event}");
        assert!(stderr(&output).contains("the run has ended"));
        world.slack.forget();
        world.teams.forget();
    }
    // The options for the common events.
    let dry =
        cert_alert(&["run", "--summary", "--dry-run", "--event", r#"{"now":"2026-11-23T00:00:00Z"}"#], &vars).await;
    let result: Value = serde_json::from_str(&stdout(&dry)).unwrap();
    assert_eq!((&result["status"], result["messages"].as_array().unwrap().len()), (&json!("dry_run"), 2));
    assert!(world.slack.posts().is_empty());

    // What fails is an error in JSON.
    let failed = async |arguments: &[&str], vars: &[(&str, String)]| {
        let output = cert_alert(&[&["run"], arguments].concat(), vars).await;
        let error: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        (error["errorType"].as_str().unwrap().to_owned(), error["errorMessage"].as_str().unwrap().to_owned())
    };
    let (kind, message) = failed(&["--event", r#"{"dryrun": true}"#], &vars).await;
    assert!(kind == "EventError" && message.contains("`dryrun`"), "{kind}: {message}");
    let (kind, _) = failed(&["--event", "{"], &vars).await;
    assert_eq!(kind, "EventError");
    let (kind, message) = failed(&["--test", "--event", r#"{"test": false}"#], &vars).await;
    assert!(kind == "EventError" && message.contains("write it once"), "{message}");
    let (kind, message) = failed(&[], &[]).await;
    assert!(kind == "ConfigError" && message.contains("NCP_SECRET_ID is not set"), "{message}");
    let aws = [vars.clone(), vec![("WEBHOOK_SECRET_ID", "hooks".to_owned())]].concat();
    let (kind, message) = failed(&[], &aws).await;
    assert!(kind == "SecretError" && message.contains("AWS_REGION is not set"), "{kind}: {message}");
    std::fs::remove_file(&file).unwrap();
    let (kind, message) = failed(&[], &vars).await;
    assert!(kind == "SecretError" && message.contains("the file cannot be read"), "{kind}: {message}");
}

#[tokio::test]
async fn programs_get_json_that_says_clear_only_of_what_was_read_whole() {
    let status = async |world: &World| -> (Value, Option<i32>) {
        let output = check(world, &["--json"]).await;
        let value = valid(CHECK_SCHEMA, &output);
        assert_eq!((&value["schemaVersion"], &value["checkedAt"]), (&json!(1), &json!("2026-11-23T00:00:00Z")));
        (value, output.status.code())
    };
    let world = World::of([certificate(1, "www.example.kr", now() + days(90))]).await;
    let (value, code) = status(&world).await;
    assert_eq!((&value["status"], &value["error"], code), (&json!("clear"), &Value::Null, Some(0)));
    let real = valid(CHECK_SCHEMA, &cert_alert(&["check", "--json"], &vars(&world)).await);
    assert_eq!(real["simulated"], false);

    let (value, code) = status(&World::of([]).await).await;
    assert_eq!((&value["status"], code), (&json!("alerted"), Some(1)), "it may be the wrong account");

    let (value, _) = status(&World::of(odd_account()).await).await;
    let reasons: Vec<&Value> =
        value["findings"].as_array().unwrap().iter().map(|finding| &finding["reasons"]).collect();
    for expected in [json!(["expiry_unknown"]), json!(["expiring", "not_running"])] {
        assert!(reasons.contains(&&expected), "{value}");
    }

    let world = World::with(Account::demo(20, now()), 15).await;
    let (value, code) = status(&world).await;
    assert_eq!((&value["status"], &value["checked"], &value["pages"]), (&json!("alerted"), &json!(20), &json!(2)));
    let first = &value["findings"][0];
    assert_eq!(
        (&first["severity"], &first["reasons"], &first["commonName"], &first["daysLeft"], &first["edges"], code),
        (&json!("critical"), &json!(["expired"]), &json!("www.example.kr"), &json!(-2), &json!(2), Some(2))
    );

    world.edge.script_always("pageNo=2", Reply::new(403, r#"{"code":"0032","message":"request not allowed"}"#));
    let (value, code) = status(&world).await;
    assert_eq!((&value["checked"], &value["accounts"][0]["status"]), (&json!(15), &json!("failed")));
    assert_eq!((&value["status"], code), (&json!("failed"), Some(3)), "the findings of page 1 are not all");
    assert!(value["error"].as_str().unwrap().contains("code 0032"), "{value}");
}

#[tokio::test]
async fn programs_read_what_expires_elsewhere_in_the_same_shape() {
    let world = World::of([certificate(1, "www.example.kr", now() + days(90))]).await;
    let (from, until) = (now() - days(40), now() + days(3));
    world.edge.change(|account| account.held = vec![held("lb-cert", "lb.example.kr", from, until, &[11])]);
    let url = world.edge.url().to_string();
    let lifetimes = ["--json", "--certificate-manager", "true", "--certificate-manager-url", &url];
    let output = check(&world, &lifetimes).await;
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let value = valid(CHECK_SCHEMA, &output);
    let [finding] = value["findings"].as_array().unwrap().as_slice() else { panic!("one finding: {value}") };
    assert_eq!(
        (&finding["reasons"], &finding["certificateName"], &finding["daysLeft"], &finding["slotId"]),
        (&json!(["elsewhere"]), &json!("lb-cert"), &json!(3), &json!(null))
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_served_is_seen_from_here() {
    let shown = tls::self_signed(&["www.example.kr"], now() - days(300), now() + days(3));
    let host = Host::start(Manner::Shows(vec![shown])).await;
    let mut row = certificate(71, "www.example.kr", now() + days(200));
    row["provisionDate"] = json!("2026-11-13T00:00:00Z");
    let world = World::of([row]).await;
    let looking = ["--probe", "--probe-hosts", &host.entry("www.example.kr")];

    let output = check(&world, &[&looking[..], &["-v"]].concat()).await;
    assert_eq!(output.status.code(), Some(2));
    for part in ["the certificate that is served expires in 3 days", "seen from here", "Check where the DNS"] {
        assert!(stdout(&output).contains(part), "{part} in {}", stdout(&output));
    }
    let value = valid(CHECK_SCHEMA, &check(&world, &[&looking[..], &["--json"]].concat()).await);
    let found = &value["findings"][0];
    assert_eq!((&value["probed"], &found["reasons"], &found["daysLeft"]), (&json!(1), &json!(["served"]), &json!(200)));
    let port = host.port();
    assert_eq!(
        found["served"],
        json!([{
            "host": format!("www.example.kr:{port}"), "validFrom": "2026-01-27T00:00:00Z", "validUntil": "2026-11-26T00:00:00Z"
        }])
    );
    let listed = valid(LIST_SCHEMA, &list(&world, &[&looking[..], &["--json"]].concat()).await);
    let row = &listed["certificates"][0];
    for field in ["severity", "reasons", "daysLeft"] {
        assert_eq!(row[field], found[field], "{field}");
    }
    let plugin = stdout(&check(&world, &[&looking[..], &["--plugin"]].concat()).await);
    assert!(plugin.starts_with("CERTIFICATES CRITICAL - ") && plugin.contains("days_to_first_expiry=200"), "{plugin}");
}

#[tokio::test]
async fn a_list_shows_what_is_served_where_it_was_looked_at() {
    let shown = tls::self_signed(&["www.example.kr"], now() - days(300), now() + days(3));
    let (host, other) = (Host::start(Manner::Shows(vec![shown])).await, Host::start(Manner::PlainHttp).await);
    let mut row = certificate(71, "www.example.kr", now() + days(200));
    row["provisionDate"] = json!("2026-11-13T00:00:00Z");
    let world = World::of([row, certificate(72, "*.example.kr", now() + days(90))]).await;
    let hosts = [host.entry("www.example.kr"), other.entry("shop.example.kr")].join(",");
    let (port, other_port) = (host.port(), other.port());
    let looking = |more: &'static [&'static str]| [&["--probe", "--probe-hosts", &hosts], more].concat();

    let table = stdout(&list(&world, &looking(&[])).await);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].ends_with("SERVED UNTIL"), "{table}");
    assert!(lines[1].ends_with(&format!("shop.example.kr:{other_port}: does not speak TLS 1.2 or 1.3")), "{table}");
    let seen = format!("www.example.kr:{port}: 2026-11-26 09:00, has an unknown issuer or an incomplete chain");
    assert!(lines[2].ends_with(&seen) && !lines[1].contains("www"), "{table}");

    let value = valid(LIST_SCHEMA, &list(&world, &looking(&["--json"])).await);
    let certificates = value["certificates"].as_array().unwrap();
    assert_eq!((&certificates[1]["severity"], &certificates[1]["reasons"]), (&json!("critical"), &json!(["served"])));
    assert_eq!(
        certificates[1]["served"],
        json!([{
            "host": format!("www.example.kr:{port}"), "validFrom": "2026-01-27T00:00:00Z", "validUntil": "2026-11-26T00:00:00Z",
            "remark": "unknown_issuer"
        }])
    );
    assert_eq!(certificates[0]["served"][0]["remark"], "no_tls");
    let csv = stdout(&list(&world, &looking(&["--csv"])).await);
    assert!(csv.lines().next().unwrap().ends_with(",served"), "{csv}");
    assert!(csv.contains(&format!(",www.example.kr:{port} 2026-11-26T00:00:00Z unknown_issuer\r\n")), "{csv}");

    let without = valid(LIST_SCHEMA, &list(&world, &["--json"]).await);
    assert_eq!(
        (&without["certificates"][1]["served"], &without["certificates"][1]["severity"]),
        (&Value::Null, &json!("ok"))
    );
}

#[tokio::test]
async fn output_that_is_lost_is_an_error() {
    for arguments in
        [&["demo"][..], &["list", "--demo", "--csv"], &["list", "--demo", "--json"], &["preview"], &["man"]]
    {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cert-alert"));
        command.args(arguments).env_clear().stdout(std::fs::File::create("/dev/full").unwrap());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(stderr(&output).contains("the output cannot be written"), "{arguments:?}: {}", stderr(&output));
    }
}

#[tokio::test]
async fn programs_get_names_as_ncp_sent_them_and_terminals_nothing_to_obey() {
    let name = "a\u{7f}b\u{9b}c\u{202e}d.kr";
    let world = World::of([certificate(1, name, now() + days(3))]).await;
    let settings = vars(&world);
    for (arguments, place) in
        [(&["check", "--json"][..], "/findings/0/commonName"), (&["list", "--json"], "/certificates/0/commonName")]
    {
        let output = cert_alert(&[arguments, &NOW].concat(), &settings).await;
        let text = stdout(&output);
        assert!(text.contains(r"a\u007fb\u009bc\u202ed.kr"), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value.pointer(place), Some(&json!(name)));
    }
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
    let output = with(&["--critical-days", "60", "--time-zone", "Mars"]).await;
    assert_eq!(output.status.code(), Some(3));
    let said = stderr(&output);
    assert!(said.contains("CRITICAL_DAYS is `60`, more than WARN_DAYS, which is `50`"), "{said}");
    assert!(said.contains("TIME_ZONE is `Mars`"), "{said}");
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

    // What the function's log would warn of, people at a terminal see too.
    world.slack.script([Reply::new(400, "invalid_blocks")]);
    let said = stderr(&post().await);
    assert!(said.contains("cert-alert: the message was refused and is posted as plain text error="), "{said}");

    world.slack.always(Reply::new(404, "no_service"));
    let output = post().await;
    assert!(!stderr(&output).contains("ERROR") && !stderr(&output).contains("WARN"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2), "what is critical is known all the same");
    let said = stderr(&output);
    assert!(said.contains("channel slack (Slack): the webhook no longer exists (HTTP 404, `no_service`)"), "{said}");
    assert!(said.contains("Create a new incoming webhook in Slack"), "{said}");
    let shown = format!("{}{}", stdout(&output), stderr(&output));
    assert!(!shown.contains("CANARY"), "{shown}");

    let output = cert_alert(&["check", "--post"], &self::vars(&world)).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("WEBHOOK_URL is not set; set it to slack=https://… or teams=https://…"));
}

#[tokio::test]
async fn everything_that_is_missing_is_reported_at_once() {
    let said = stderr(&cert_alert(&["check", "--post"], &[]).await);
    for name in ["NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY", "WEBHOOK_URL"] {
        assert!(said.contains(&format!("{name} is not set")), "{said}");
    }
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

    let beyond = cert_alert(&["preview", "--part", "9"], &[]).await;
    assert_eq!(beyond.status.code(), Some(3));
    assert!(stderr(&beyond).contains("--part is 9"));
}

/// The account of the tests below: one of every kind, and names that no one should choose.
fn odd_account() -> Vec<Value> {
    let mut no_date = certificate(4, "unknown.example.kr", now() + days(1));
    no_date["expirationDate"] = Value::Null;
    no_date["tlsVersion"] = json!("TLSv1.1,TLSv1.2");
    no_date["cipherProfile"] = json!("GE-OLD");
    let mut leaving = certificate(5, "old.example.kr", now() - days(9));
    leaving["provisionStatus"] = json!("DELETING");
    let mut odd = certificate(6, "=1+1|a\n\"b\",쇼핑", now() + days(20));
    odd["provisionStatus"] = json!("MAYBE");
    vec![
        certificate(1, "www.example.kr", now() + days(90)),
        certificate(2, "api.example.kr", now() - days(2)),
        certificate(3, "shop.example.kr", now() + days(3)),
        no_date,
        leaving,
        odd,
    ]
}

async fn list(world: &World, arguments: &[&str]) -> Output {
    cert_alert(&[&["list"], &NOW[..], arguments].concat(), &vars(world)).await
}

#[tokio::test]
async fn a_list_has_every_certificate_in_every_form() {
    let world = World::of(odd_account()).await;
    let json = list(&world, &["--json"]).await;
    assert_eq!(json.status.code(), Some(0), "{}", stderr(&json));
    let json = valid(LIST_SCHEMA, &json);
    assert_eq!((&json["complete"], &json["error"]), (&json!(true), &Value::Null));
    let json = &json["certificates"];
    let slots: Vec<i64> = json.as_array().unwrap().iter().filter_map(|row| row["slotId"].as_i64()).collect();
    assert_eq!(slots, [5, 2, 3, 6, 1, 4], "the soonest expiry first, the unknown one last");
    assert_eq!((&json[1]["daysLeft"], &json[1]["severity"]), (&json!(-2), &json!("critical")));
    assert_eq!((&json[5]["tlsVersions"], &json[5]["cipherProfile"]), (&json!(["1.1", "1.2"]), &json!("GE-OLD")));
    assert_eq!((&json[4]["daysLeft"], &json[4]["severity"]), (&json!(90), &json!("ok")));

    let csv = list(&world, &["--csv"]).await;
    let lines: Vec<String> = stdout(&csv).split("\r\n").map(str::to_owned).collect();
    assert_eq!(
        (lines.len(), lines.last().map(String::as_str)),
        (8, Some("")),
        "a heading, six lines, and the last end"
    );
    assert!(lines[0].starts_with("commonName,expirationDate,daysLeft,"));
    assert!(lines[4].starts_with("\"'=1+1|a \"\"b\"\",쇼핑\",2026-12-13T00:00:00Z,20,MAYBE,"), "{}", lines[4]);

    assert!(lines[6].ends_with(",warning,1.1 1.2,GE-OLD"), "{}", lines[6]);

    let table = list(&world, &[]).await;
    assert_eq!((table.status.code(), stdout(&table).lines().count()), (Some(0), 7));
    assert!(stdout(&table).lines().nth(2).unwrap().starts_with("api.example.kr"));
    assert!(stdout(&table).trim_end().ends_with("1.1,1.2 GE-OLD"), "{}", stdout(&table));
    assert!(!stdout(&table).contains('\u{1b}'), "no colours in a pipe");
    assert!(
        stderr(&table).contains("6 certificates checked · Warning at 30 days, critical at 7 · times in Asia/Seoul")
    );

    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("list.html");
    let output = list(&world, &["--html", file.to_str().unwrap(), "--language", "ko"]).await;
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), String::new()));
    let page = std::fs::read_to_string(file).unwrap();
    for slot in 1..=6 {
        assert!(page.contains(&format!(">{slot}</td>")), "slot {slot}");
    }
    assert!(page.contains(">1.1,1.2 GE-OLD</td>"));
    assert!(page.contains("앞으로 12개월의 만료 일정") && !page.contains("<script"));

    let unwritable = list(&world, &["--html", "/nowhere/at/all.html"]).await;
    assert_eq!(unwritable.status.code(), Some(3));
    assert!(stderr(&unwritable).contains("--html: /nowhere/at/all.html cannot be written"));
    assert_eq!(list(&world, &["--json", "--csv"]).await.status.code(), Some(3), "one form at a time");
}

/// A slot that no edge uses is no emergency, and a detail may have an earlier date than the list.
#[tokio::test]
async fn a_list_judges_as_a_check_does() {
    let world = World::with(Account::demo(20, now()), 100).await;
    world.edge.change(|account| {
        account.details.get_mut(&72).unwrap()["certificates"][0]["expirationDate"] = json!("2026-11-25");
    });
    let value = valid(CHECK_SCHEMA, &check(&world, &["--json"]).await);
    let mut reported: BTreeMap<i64, [Value; 3]> = BTreeMap::new();
    for finding in value["findings"].as_array().unwrap() {
        let facts = ["severity", "expirationDate", "reasons"].map(|field| finding[field].clone());
        reported.insert(finding["slotId"].as_i64().unwrap(), facts);
    }
    let said = |slot: i64| (reported[&slot][0].as_str().unwrap(), reported[&slot][1].as_str().unwrap());
    assert_eq!(said(75), ("warning", "2026-11-22T19:00:00Z"), "expired, and no edge uses it");
    assert_eq!(said(72), ("critical", "2026-11-25T00:00:00Z"), "a date of the detail");

    let json = valid(LIST_SCHEMA, &list(&world, &["--json"]).await);
    let csv = stdout(&list(&world, &["--csv"]).await);
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("judged.html");
    list(&world, &["--html", file.to_str().unwrap()]).await;
    let page = std::fs::read_to_string(file).unwrap();
    let table = stdout(&list(&world, &["--time-zone", "UTC"]).await);
    let rows = json["certificates"].as_array().unwrap();
    assert_eq!(rows.len(), 20);
    for row in rows {
        let slot = row["slotId"].as_i64().unwrap();
        let [severity, expiry, reasons] = ["severity", "expirationDate", "reasons"].map(|field| row[field].clone());
        match reported.get(&slot) {
            Some(facts) => assert_eq!(&[severity.clone(), expiry.clone(), reasons], facts, "slot {slot}"),
            None => assert_eq!((severity.as_str(), reasons), (Some("ok"), json!([])), "slot {slot}"),
        }
        let (severity, expiry) = (severity.as_str().unwrap(), expiry.as_str().unwrap());
        let line = csv.lines().find(|line| line.contains(&format!(",{slot},"))).unwrap();
        assert!(line.contains(expiry) && line.contains(&format!(",{severity},")), "{line}");
        let line = page.lines().find(|line| line.contains(&format!("<td>{slot}</td>"))).unwrap();
        assert!(line.contains(&format!("<tr class=\"{severity}\">")), "{line}");
        let line = table.lines().find(|line| line.contains(&format!("  {slot}  "))).unwrap();
        assert!(line.contains(&expiry.replace('T', " ")[..16]), "{line}");
    }

    assert!(page.contains("<td>RUNNING · no edge uses it</td>") && table.contains("RUNNING · no edge uses it  KR_JP"));

    // Without its detail a slot may look worse than it is, so that is said.
    world.edge.change(|account| account.details.clear());
    let without = list(&world, &[]).await;
    assert!(stderr(&without).contains("certificates without details: "), "{}", stderr(&without));
}

/// Every line around a digest, a list or a payload, and every line of the digest.
#[tokio::test]
async fn what_is_printed_is_in_the_language_of_the_settings() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("language.html");
    let page = ["list", "--demo", "--html", file.to_str().unwrap()];
    for (language, script) in [("ko", '가'..='힣'), ("ja", 'ぁ'..='鿿')] {
        let is_written = |line: &str| line.is_empty() || line.contains(|c| script.contains(&c));
        for arguments in [&["demo", "-v"][..], &["demo"], &["list", "--demo"], &page, &["preview"]] {
            let output = cert_alert(&[arguments, &["--language", language]].concat(), &[]).await;
            let (shown, hints) = (stdout(&output), stderr(&output));
            let digest = if arguments[0] == "demo" { shown.as_str() } else { "" };
            let heading =
                if arguments.len() == 2 && arguments[0] == "list" { shown.lines().next().unwrap() } else { "" };
            assert!(hints.lines().count() > 0, "{arguments:?}");
            for line in hints.lines().chain(digest.lines()).chain([heading]) {
                assert!(is_written(line), "{language} {arguments:?}: {line}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_applies_the_share_of_a_lifetime_as_check_does_and_claims_none_that_it_did_not() {
    let until = now() + days(20);
    let row = certificate(1, "www.example.kr", until);
    let name = row["certificateName"].as_str().unwrap().to_owned();
    let world = World::of([row]).await;
    let url = world.edge.url().to_string();
    let shares = ["--certificate-manager", "true", "--certificate-manager-url", &url, "--warn-share", "33"];
    let claim = "Warning at 30 days or 33% of the lifetime";
    let severity = async |arguments: &[&str]| {
        let output = list(&world, &[arguments, &["--json"]].concat()).await;
        let table = list(&world, arguments).await;
        let checked = check(&world, arguments).await;
        let listed: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let claims = [stderr(&table), stdout(&checked)].map(|text| text.contains(claim));
        (listed["certificates"][0]["severity"].clone(), checked.status.code(), claims)
    };
    let warning = (json!("warning"), Some(1), [false, false]);
    assert_eq!(severity(&[]).await, warning);
    assert_eq!(severity(&shares).await, warning, "its lifetime is not known");
    world.edge.change(|account| account.held = vec![held(&name, "www.example.kr", until - days(47), until, &[7])]);
    assert_eq!(severity(&shares).await, (json!("ok"), Some(0), [true, true]), "a third of 47 days is 15");
    assert_eq!(severity(&["--warn-days", "30"]).await, warning);
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_shown_as_far_as_it_goes_and_fails() {
    let world = World::with(Account::demo(20, now()), 15).await;
    world.edge.script_always("pageNo=2", Reply::new(403, r#"{"code":"0032","message":"request not allowed"}"#));
    let output = list(&world, &["--json"]).await;
    assert_eq!(output.status.code(), Some(3));
    let json = valid(LIST_SCHEMA, &output);
    assert_eq!((json["certificates"].as_array().map(Vec::len), &json["complete"]), (Some(15), &json!(false)));
    assert!(json["error"].as_str().unwrap().contains("code 0032"), "{json}");
    assert_eq!(stderr(&output).matches("code 0032").count(), 1, "{}", stderr(&output));
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("part.html");
    assert_eq!(list(&world, &["--html", file.to_str().unwrap()]).await.status.code(), Some(3));
    let page = std::fs::read_to_string(file).unwrap();
    assert!(page.contains("15 of 20 certificates checked") && page.contains("role=\"alert\""), "{page}");

    world.edge.script_always("pageNo", Reply::new(401, r#"{"error":{"errorCode":"200","message":"m"}}"#));
    let output = list(&world, &["--csv"]).await;
    assert_eq!((output.status.code(), stdout(&output).lines().count()), (Some(3), 1));
    assert!(stderr(&output).contains("Check that access key and secret key belong together"), "{}", stderr(&output));
    let missing = cert_alert(&["list"], &[]).await;
    assert_eq!(missing.status.code(), Some(3));
    assert!(stderr(&missing).contains("NCLOUD_ACCESS_KEY is not set"));
}

#[tokio::test]
async fn the_simulated_inventory_needs_nothing() {
    let output = cert_alert(&["list", "--demo", "--count", "300", "--json"], &[]).await;
    assert_eq!(output.status.code(), Some(0));
    let json = valid(LIST_SCHEMA, &output);
    assert_eq!(json["certificates"].as_array().map(Vec::len), Some(300));
    let demo = stdout(&cert_alert(&["demo", "--count", "300"], &[]).await);
    assert!(demo.lines().filter(|line| line.starts_with("   ")).count() > 20, "more than eight findings: {demo}");
    assert!(demo.contains("+11 urgent, +25 other") && demo.contains("   +17 more: "), "20 are named: {demo}");
}

#[tokio::test]
async fn a_plugin_prints_a_line_with_its_state_and_figures_and_then_the_details() {
    let plugin = async |world: &World| check(world, &["--plugin"]).await;
    let world = World::of(odd_account()).await;
    let output = plugin(&world).await;
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    let (first, details) = text.split_once('\n').unwrap();
    let (news, figures) = first.split_once(" | ").unwrap();
    assert!(
        news.starts_with("CERTIFICATES CRITICAL - ")
            && news.contains("Certificate expired: api.example.kr (2 days ago) · +1 urgent"),
        "{news}"
    );
    assert_eq!(figures, "checked=6 critical=2 warning=2 days_to_first_expiry=-2");
    assert_eq!(text.matches('|').count(), 1, "what a name holds begins no figures: {text}");
    assert!(details.contains("CRITICAL: api.example.kr: expired 2 days ago"), "{details}");
    assert!(details.contains("WARNING: =1+1¦a \"b\",쇼핑: "), "{details}");

    for (left, state, status) in [(days(90), "OK", 0), (days(20), "WARNING", 1)] {
        let world = World::of([certificate(1, "www.example.kr", now() + left)]).await;
        let output = plugin(&world).await;
        assert!(stdout(&output).starts_with(&format!("CERTIFICATES {state} - ")), "{}", stdout(&output));
        assert_eq!(output.status.code(), Some(status));
        assert!(stdout(&output).contains(&format!("warning={status} days_to_first_expiry={}", left.num_days())));
    }
    let world = World::of([]).await;
    let output = plugin(&world).await;
    assert_eq!(output.status.code(), Some(1));
    let first = stdout(&output).lines().next().unwrap().to_owned();
    assert!(
        first.starts_with("CERTIFICATES WARNING - ") && first.ends_with(" | checked=0 critical=0 warning=0"),
        "{first}"
    );

    let world = World::of(odd_account()).await;
    world.edge.script_always("pageNo", Reply::new(401, r#"{"error":{"errorCode":"200","message":"a|b"}}"#));
    let output = plugin(&world).await;
    assert_eq!((output.status.code(), stderr(&output)), (Some(3), String::new()));
    assert!(
        stdout(&output).starts_with("CERTIFICATES UNKNOWN - ")
            && stdout(&output).contains(" | checked=0 critical=0 warning=0\n")
            && stdout(&output).contains("\nUNKNOWN: ")
            && !stdout(&output).contains("CRITICAL"),
        "{}",
        stdout(&output)
    );
    let output = cert_alert(&["check", "--plugin", "--warn-days", "x"], &[]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(stdout(&output).starts_with("CERTIFICATES UNKNOWN - WARN_DAYS is `x`"), "{}", stdout(&output));
}

#[tokio::test]
async fn a_failed_check_says_what_to_do_once_and_in_the_chosen_language() {
    let world = World::of([]).await;
    world.edge.script_always("pageNo", Reply::new(401, r#"{"error":{"errorCode":"200","message":"m"}}"#));
    let output = check(&world, &["--language", "ko"]).await;
    assert_eq!(output.status.code(), Some(3));
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(said.matches("액세스 키와 시크릿 키가 한 쌍인지").count(), 1, "{said}");
    // No server listens there.
    let vars = [vars(&world), vec![("NCP_API_URL", "http://127.0.0.1:1".to_owned())]].concat();
    let refused = async |command| {
        let output = cert_alert(&[command], &vars).await;
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(3));
        assert!(said.contains("Check NCP_API_URL and the internet access"), "{said}");
    };
    // Both at once: a connection that cannot be made is tried for some seconds.
    futures_util::future::join_all(["check", "list"].map(refused)).await;
}

#[tokio::test]
async fn a_digest_has_a_line_a_finding_and_details_when_asked() {
    let brief = stdout(&cert_alert(&["demo", NOW[0], NOW[1]], &[]).await);
    let lines: Vec<&str> = brief.trim().lines().collect();
    assert!(lines.len() < 24, "it fits a screen: {brief}");
    assert_eq!(brief.matches("Certificate expired:").count(), 1, "{brief}");
    assert!(lines.contains(&"   www.example.kr     expired 2 days ago, Sat 21 Nov"), "{brief}");
    assert!(!brief.contains("shop-front"));
    let full = stdout(&cert_alert(&["demo", "-v", NOW[0], NOW[1]], &[]).await);
    assert!(full.contains("2 edges use it: shop-front, shop-api") && full.contains("slot 69"), "{full}");

    let world = World::of([certificate(1, "www.example.kr", now() + days(90))]).await;
    let clear = stdout(&check(&world, &[]).await);
    assert_eq!(clear.matches("All clear").count(), 1, "{clear}");
}

#[tokio::test]
async fn the_demo_needs_no_argument_and_accepts_every_setting() {
    let short = cert_alert(&["--count", "3", "--language", "ko", NOW[0], NOW[1]], &[]).await;
    let long = cert_alert(&["demo", "--count", "3", "--message-language", "ko", NOW[0], NOW[1]], &[]).await;
    assert_eq!((short.status.code(), stdout(&short)), (Some(0), stdout(&long)));
    assert!(stdout(&short).contains("인증서 3개 확인"));
    let settings = ["--warn-days", "9", "--critical-days", "1", "--time-zone", "UTC", "--certificate-details", "false"];
    let output = stdout(&cert_alert(&[&["demo", NOW[0], NOW[1]], &settings[..]].concat(), &[]).await);
    assert!(output.contains("Warning at 9 days, critical at 1 · times in UTC") && output.contains("UTC"), "{output}");
    let bad = cert_alert(&["--warn-days", "x"], &[]).await;
    assert_eq!(bad.status.code(), Some(3));
    assert_eq!(cert_alert(&["--count", "3", "check"], &[]).await.status.code(), Some(3), "not both");
}

#[tokio::test]
async fn the_demo_asks_only_its_own_certificate_manager() {
    let other = World::of([]).await;
    let url = other.edge.url().to_string();
    let lifetimes = ["--certificate-manager", "true", "--certificate-manager-url", &url, "--warn-share", "10"];
    for command in [["demo", "-v"].as_slice(), &["preview"]] {
        let output = stdout(&cert_alert(&[command, &lifetimes, &NOW].concat(), &[]).await);
        assert!(other.edge.requests().is_empty(), "{command:?}: {:?}", other.edge.requests());
        assert!(output.contains("issued by Example CA"), "{output}");
    }
}

#[tokio::test]
async fn help_completions_and_the_manual_cover_everything() {
    let help = stdout(&cert_alert(&["--help"], &[]).await);
    for part in ["NCLOUD_ACCESS_KEY", "WEBHOOK_URL", "[WARN_DAYS, default: 30]", "Examples:", "[default: 37]"] {
        assert!(help.contains(part), "{part} in {help}");
    }
    let man = stdout(&cert_alert(&["man"], &[]).await);
    for part in [".TH cert", "SH \"CHECK\"", "\\-\\-plugin", "WARN_DAYS, default: 30", "NCLOUD_SECRET_KEY"] {
        assert!(man.contains(part), "{part} in {man}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = cert_alert(&["completions", shell], &[]).await;
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("time-zone"), "{shell}");
    }
    assert_eq!(cert_alert(&["completions", "tcsh"], &[]).await.status.code(), Some(3));
}

#[tokio::test]
async fn a_preview_that_shows_a_failure_has_shown_what_it_should() {
    let world = World::of([certificate(1, "www.example.kr", now() - days(3))]).await;
    world.edge.script_always("pageNo", Reply::new(401, r#"{"error":{"errorCode":"200","message":"m"}}"#));
    let output = cert_alert(&["preview", "--real"], &vars(&world)).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Check that access key and secret key belong together"));
}

#[tokio::test]
async fn a_demo_of_check_succeeds_and_programs_are_answered_whatever_is_missing() {
    let checked = cert_alert(&["check", "--demo", "--count", "3", "--json", NOW[0], NOW[1]], &[]).await;
    let value: Value = serde_json::from_str(&stdout(&checked)).unwrap();
    assert_eq!((checked.status.code(), &value["status"], &value["checked"]), (Some(0), &json!("alerted"), &json!(3)));
    let plugin = cert_alert(&["check", "--demo", "--plugin", NOW[0], NOW[1]], &[]).await;
    assert_eq!(plugin.status.code(), Some(0));
    assert!(stdout(&plugin).starts_with("CERTIFICATES CRITICAL - "), "{}", stdout(&plugin));
    assert_eq!(cert_alert(&["check", "--demo", "--post"], &[]).await.status.code(), Some(3));

    for (arguments, problem) in [
        (&["check", "--json"][..], "NCLOUD_ACCESS_KEY is not set"),
        (&["check", "--json", "--warn-days", "none"], "WARN_DAYS"),
    ] {
        let output = cert_alert(arguments, &[]).await;
        let value: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_valid(CHECK_SCHEMA, &value);
        assert_eq!((output.status.code(), &value["status"]), (Some(3), &json!("failed")));
        assert!(value["error"].as_str().unwrap().contains(problem) && stderr(&output).contains(problem), "{value}");
    }
}

/// A proxy that answers every CONNECT with `answer`, closes the connection, and keeps what it was asked, with the first bytes that
/// follow.
fn proxy(answer: &'static str) -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = asked.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut bytes = [0; 4096];
            let mut read = connection.read(&mut bytes).unwrap_or(0);
            let _ = connection.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes());
            if answer.starts_with("200") {
                read += connection.read(&mut bytes[read..]).unwrap_or(0);
            }
            keep.lock().unwrap().push(String::from_utf8_lossy(&bytes[..read]).into_owned());
        }
    });
    (address, asked)
}

#[tokio::test]
async fn what_goes_out_goes_through_the_proxy_and_a_refusal_of_it_is_said() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().to_string();
    let cases = [
        ("407 Proxy Authentication Required", "the proxy asks for a user name and password"),
        ("403 Forbidden by hunter2hunter2", "the proxy made no connection to the host"),
        ("200 Connection established", "no connection could be made"),
        ("", "the proxy could not be reached"),
    ];
    let commands = [("check", "HTTPS_PROXY"), ("list", "all_proxy"), ("doctor", "https_proxy")];
    let case = async |((answer, said), (command, name)): ((&'static str, &str), (&str, &'static str))| {
        let (mut address, asked) = proxy(answer);
        if answer.is_empty() {
            address.clone_from(&closed);
        }
        let vars = [
            ("NCLOUD_ACCESS_KEY", ACCESS_KEY.to_owned()),
            ("NCLOUD_SECRET_KEY", SECRET_KEY.to_owned()),
            (name, format!("http://corp:hunter2hunter2@{address}")),
        ];
        let output = cert_alert(&[command], &vars).await;
        let shown = format!("{}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(if command == "doctor" { 1 } else { 3 }), "{shown}");
        assert!(shown.contains(said), "{answer}: {shown}");
        assert_eq!(shown.contains("Check HTTPS_PROXY, ALL_PROXY"), !answer.starts_with("200"), "{shown}");
        for secret in ["hunter2", "Y29ycDpodW50ZXIy"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let asked = asked.lock().unwrap();
        assert_eq!(asked.is_empty(), answer.is_empty());
        for head in &*asked {
            assert!(head.starts_with("CONNECT edge.apigw.ntruss.com:443 HTTP/1.1\r\n"), "{head}");
            assert!(head.contains("proxy-authorization: Basic Y29ycDpodW50ZXIyaHVudGVyMg==\r\n"), "{head}");
        }
        // Behind the answer, the handshake begins: its first message names the host.
        let handshakes = asked.iter().filter(|head| head.matches("edge.apigw.ntruss.com").count() > 2).count();
        assert_eq!(handshakes > 0, answer.starts_with("200"), "{asked:?}");
    };
    // All at once: a connection that could not be made is tried for some seconds.
    let all = cases.into_iter().flat_map(|case| commands.map(|command| (case, command)));
    futures_util::future::join_all(all.map(case)).await;
}

#[tokio::test]
async fn loopback_and_what_no_proxy_names_are_reached_without_the_proxy() {
    let world = World::of([certificate(1, "www.example.kr", ncp_cert_alert::time::wall() + days(90))]).await;
    let (address, asked) = proxy("403 Forbidden");
    let mut vars = vars(&world);
    vars.extend(["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"].map(|name| (name, format!("http://{address}"))));
    assert_eq!(check_with(&vars).await, Some(0));
    vars.retain(|(name, _)| *name != "NCP_API_URL");
    vars.push(("NO_PROXY", "internal.example.kr, .invalid".to_owned()));
    vars.push(("NCP_API_URL", "https://edge.invalid".to_owned()));
    assert_eq!(check_with(&vars).await, Some(3));
    assert!(asked.lock().unwrap().is_empty());

    let bad =
        cert_alert(&["list"], &[&vars[..], &[("HTTPS_PROXY", "socks5://corp:hunter2@proxy".to_owned())]].concat())
            .await;
    assert_eq!(bad.status.code(), Some(3));
    assert!(
        stderr(&bad).contains("HTTPS_PROXY names a SOCKS proxy; only HTTP proxies can be used"),
        "{}",
        stderr(&bad)
    );
    assert!(!stderr(&bad).contains("hunter2"));
}

#[tokio::test]
async fn a_run_goes_through_the_proxy_too() {
    let (address, asked) = proxy("403 Forbidden");
    let hook = "https://hooks.slack.com/services/T000/B000/hunter2hunter2hunter2";
    let vars = [
        ("NCP_KEYS", json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}).to_string()),
        ("HOOK", hook.to_owned()),
        ("NCP_SECRET_ID", "env:NCP_KEYS".to_owned()),
        ("WEBHOOK_SECRET_ID", "env:HOOK".to_owned()),
        ("HTTPS_PROXY", format!("corp:hunter2@{address}")),
    ];
    let output = cert_alert(&["run", "--timeout", "8"], &vars).await;
    let shown = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert_eq!(stdout(&output).matches("the proxy made no connection to the host").count(), 2, "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let asked = asked.lock().unwrap().join("");
    assert!(asked.contains("CONNECT edge.apigw") && asked.contains("CONNECT hooks.slack.com:443"), "{asked}");
    let output = cert_alert(&["run"], &[&vars[..4], &[("ALL_PROXY", "ftp://hunter2@x".to_owned())]].concat()).await;
    let result: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((output.status.code(), &result["errorType"]), (Some(1), &json!("ConfigError")));
    assert!(result["errorMessage"].as_str().unwrap().starts_with("ALL_PROXY is not the URL of a proxy"), "{result}");
}

async fn check_with(vars: &[(&str, String)]) -> Option<i32> {
    cert_alert(&["check"], vars).await.status.code()
}

/// A folder of this test's own.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("cert-alert-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_run_finds_the_credentials_that_aws_tools_find() {
    let world = World::of([]).await;
    let keys = json!({"AccessKeyId": "AKfound", "SecretAccessKey": "SKfound", "Token": "session", "Expiration": "2099-01-01T00:00:00Z"});
    let container = Server::start(move |_| Reply::new(200, keys.to_string()).with("content-type", "application/json"))
        .await
        .unwrap();
    let sts = Server::start(|_| {
        Reply::new(200, "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
            <AccessKeyId>AKfound</AccessKeyId><SecretAccessKey>SKfound</SecretAccessKey><SessionToken>session</SessionToken>\
            <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
            </AssumeRoleWithWebIdentityResponse>")
    }).await.unwrap();
    let home = folder("aws");
    let file = |name: &str, text: &str| {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let process =
        json!({"Version": 1, "AccessKeyId": "AKfound", "SecretAccessKey": "SKfound", "SessionToken": "session"});
    let process = file("process.json", &process.to_string());
    let session = "aws_access_key_id = AKfound\naws_secret_access_key = SKfound\naws_session_token = session\n";
    file(
        ".aws/credentials",
        &format!("[default]\n{session}[other]\naws_access_key_id = AKother\naws_secret_access_key = SKother\n"),
    );
    file(
        ".aws/config",
        &format!(
            "[default]\nregion = {REGION}\n[profile process]\nregion = {REGION}\ncredential_process = cat {process}\n\
         [profile broken]\nregion = {REGION}\ncredential_process = echo SKfound0000000000; exit 1\n\
         [profile sso]\nregion = {REGION}\nsso_account_id = 1\nsso_role_name = r\nsso_region = {REGION}\nsso_start_url = https://x\n",
            REGION = common::stores::REGION
        ),
    );
    let token = file("token", "eyJhbGciOi");
    let home = home.to_str().unwrap().to_owned();
    let base = [
        ("NCP_SECRET_ID", "prod".to_owned()),
        ("WEBHOOK_SECRET_ID", "hooks".to_owned()),
        ("NCP_API_URL", world.edge.url().to_string()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", world.vars["AWS_ENDPOINT_URL"].clone()),
        ("AWS_ENDPOINT_URL_STS", sts.url().to_string()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    let region = ("AWS_REGION", common::stores::REGION.to_owned());
    let run = async |vars: &[(&'static str, String)]| {
        let output = cert_alert(&["run", "--timeout", "20"], &[&base[..], vars].concat()).await;
        (output.status.code(), format!("{}{}", stdout(&output), stderr(&output)))
    };
    world.secrets.trust(["AKfound", "SKfound", "session"]);
    for vars in [
        vec![("HOME", home.clone())],
        vec![("HOME", home.clone()), ("AWS_PROFILE", "process".to_owned())],
        vec![region.clone(), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url().to_string())],
        vec![
            region.clone(),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r".to_owned()),
        ],
        // What is in the environment comes first.
        vec![
            region.clone(),
            ("HOME", home.clone()),
            ("AWS_PROFILE", "other".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKfound".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "SKfound".to_owned()),
            ("AWS_SESSION_TOKEN", "session".to_owned()),
        ],
    ] {
        let (status, shown) = run(&vars).await;
        assert_eq!(status, Some(0), "{vars:?}: {shown}");
    }
    for (vars, said) in [
        (
            vec![("HOME", home.clone()), ("AWS_PROFILE", "sso".to_owned())],
            "the AWS profile signs in by IAM Identity Center; export",
        ),
        (vec![region.clone()], "no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"),
        (
            vec![region, ("HOME", home.clone()), ("AWS_PROFILE", "typo".to_owned())],
            "no AWS credentials were found, and the profile `typo` has none; set",
        ),
        (vec![("HOME", "/nowhere".to_owned())], "AWS_REGION is not set, nor `region` in the AWS profile"),
        (
            vec![("HOME", home), ("AWS_PROFILE", "broken".to_owned())],
            "the AWS credentials cannot be used: Error retrieving credentials: external process exited",
        ),
    ] {
        let (status, shown) = run(&vars).await;
        assert_eq!(status, Some(1), "{said}: {shown}");
        assert!(shown.contains(said), "{said} in {shown}");
        assert!(!shown.contains("SKfound"), "{shown}");
    }
}
