//! `cert-alert doctor` as a person runs it who has just made a key: the real binary, against servers that refuse, depart from what
//! is documented, and answer in every way that was met. Its output alone says what is wrong.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use common::servers::tls::{self, Host, Manner};
use common::servers::{Deviations, Fault, ManagerResponse, Reply, Request, Server, header, target};
use common::{ACCESS_KEY, SECRET_KEY, World, days, now};
use ncp_cert_alert::simulator::{Account, certificate};
use ncp_cert_alert::time;
use serde_json::{Value, json};

/// What a run of it showed.
struct Shown {
    /// Standard output: the steps.
    steps: String,
    /// Standard error: hints and complaints.
    hints: String,
    status: Option<i32>,
}

impl Shown {
    /// The lines of a step.
    #[track_caller]
    fn step(&self, title: &str) -> String {
        let lines: Vec<&str> = self.steps.lines().collect();
        let is_of = |line: &&str| line.split_once(' ').is_some_and(|(_, rest)| rest.trim_start().starts_with(title));
        let place = lines.iter().position(is_of).unwrap_or_else(|| panic!("{title}: {}", self.steps));
        let more = lines[place + 1..].iter().take_while(|line| line.starts_with(' '));
        let words: Vec<&str> = lines[place].split_whitespace().chain(more.map(|line| line.trim())).collect();
        words.join(" ")
    }

    /// The titles of the steps that failed.
    fn failed(&self) -> Vec<&str> {
        let failed = self.steps.lines().filter_map(|line| line.strip_prefix("failed  "));
        failed.map(|line| line.trim_start().split("  ").next().unwrap()).collect()
    }
}

/// Runs `cert-alert doctor` with these arguments and only these environment variables.
async fn doctor(arguments: &[&str], vars: &[(&str, String)]) -> Shown {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cert-alert"));
    command.arg("doctor").args(arguments).env_clear().envs(vars.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let [steps, hints] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    for secret in ["CANARY", "otherKEY"] {
        assert!(!steps.contains(secret) && !hints.contains(secret), "{steps}\n{hints}");
    }
    Shown { steps, hints, status: output.status.code() }
}

/// The environment of someone with this world's keys, who asks Certificate Manager too.
fn vars(world: &World) -> Vec<(&'static str, String)> {
    vec![
        ("NCLOUD_ACCESS_KEY", ACCESS_KEY.to_owned()),
        ("NCLOUD_SECRET_KEY", SECRET_KEY.to_owned()),
        ("NCP_API_URL", world.edge.url().to_string()),
        ("CERTIFICATE_MANAGER", "true".to_owned()),
        ("CERTIFICATE_MANAGER_URL", world.edge.url().to_string()),
    ]
}

/// A world with the demo's account.
async fn world() -> World {
    World::with(Account::demo(37, now()), 1000).await
}

async fn shown(world: &World) -> Shown {
    doctor(&[], &vars(world)).await
}

/// The report of a run in this world.
async fn report(world: &World) -> Value {
    static NUMBER: Mutex<u32> = Mutex::new(0);
    let number = {
        let mut number = NUMBER.lock().unwrap();
        *number += 1;
        *number
    };
    let file = std::env::temp_dir().join(format!("doctor-{}-{number}.json", std::process::id()));
    let shown = doctor(&["--report", file.to_str().unwrap()], &vars(world)).await;
    assert!(shown.hints.contains("can be attached to a public issue"), "{}", shown.hints);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A list of these rows.
async fn with_rows(rows: impl IntoIterator<Item = Value>) -> World {
    World::of(rows).await
}

fn row() -> Value {
    certificate(1, "www.example.kr", now() + days(90))
}

/// A row in which a field has another value.
fn with(field: &str, value: Value) -> Value {
    let mut row = row();
    row[field] = value;
    row
}

fn gateway(code: &str, message: &str) -> String {
    json!({"error": {"errorCode": code, "message": message}}).to_string()
}

#[tokio::test]
async fn a_healthy_account_is_ok_step_by_step() {
    let world = world().await;
    let shown = shown(&world).await;
    insta::assert_snapshot!(shown.steps.replace(world.edge.url().as_str(), "https://edge.example.kr/"), @"
    ok       Settings             valid; NCP_API_URL is https://edge.example.kr/
    ok       Clock                differs from NCP's by 0 s
    ok       Keys                 accepted by NCP
    ok       Permission           the list can be read
    ok       List                 pages of 1000 rows: accepted
    ok       Total                certificates read: 37, as many as NCP counts
    ok       Fields and values    as documented
    ok       Detail               read: KR_JP; KR_JP_GLOBAL
    ok       Certificate Manager  certificates read: 37
    skipped  Host                 PROBE is off
    skipped  Webhook              neither WEBHOOK_URL nor WEBHOOK_SECRET_ID is set
    ");
    assert_eq!(shown.status, Some(0), "{}", shown.hints);
    assert_eq!(shown.hints, "Nothing failed.\n");
    let demo = doctor(&["--demo", "--language", "ko"], &[("NCP_SECRET_ID", "not asked in a demo".to_owned())]).await;
    assert_eq!((demo.status, demo.failed().len()), (Some(0), 0), "{}", demo.steps);
    assert!(demo.steps.contains("정상    개수                 인증서 37개"), "{}", demo.steps);
}

#[tokio::test]
async fn without_keys_it_is_said_how_to_get_them() {
    let shown = doctor(&[], &[]).await;
    insta::assert_snapshot!(shown.steps, @"
    ok       Settings             valid; NCP_API_URL is https://edge.apigw.ntruss.com/
    skipped  Clock                not checked, since another step failed
    failed   Keys                 NCLOUD_ACCESS_KEY is not set; set it to a key of your NCP account
                                  NCLOUD_SECRET_KEY is not set; set it to a key of your NCP account
             → In NCP's console, under Sub Account, make an access key of a sub-account that may view Global Edge, and set both variables to its two parts
    skipped  Permission           not checked, since another step failed
    skipped  List                 not checked, since another step failed
    skipped  Total                not checked, since another step failed
    skipped  Fields and values    not checked, since another step failed
    skipped  Detail               not checked, since another step failed
    skipped  Certificate Manager  not checked, since another step failed
    skipped  Host                 not checked, since another step failed
    skipped  Webhook              neither WEBHOOK_URL nor WEBHOOK_SECRET_ID is set
    ");
    assert_eq!((shown.status, shown.hints.as_str()), (Some(1), "Failed: 1\n"));
}

#[tokio::test]
async fn bad_settings_are_all_said_and_nothing_is_asked_with_them() {
    let bad = doctor(&["--warn-days", "soon", "--language", "ko"], &[("NCP_API_URL", "edge".to_owned())]).await;
    insta::assert_snapshot!(bad.steps, @"
    실패    설정                 NCP_API_URL is `edge`, which is refused: it is not a URL; accepted: an https URL
                                 WARN_DAYS is `soon`; accepted: a whole number from 1 to 3650
            → 값을 고치세요. 추측한 값으로는 NCP를 조회하지 않습니다.
    건너뜀  시계                 다른 단계가 실패해 확인하지 않음
    건너뜀  키                   다른 단계가 실패해 확인하지 않음
    건너뜀  권한                 다른 단계가 실패해 확인하지 않음
    건너뜀  목록                 다른 단계가 실패해 확인하지 않음
    건너뜀  개수                 다른 단계가 실패해 확인하지 않음
    건너뜀  필드와 값            다른 단계가 실패해 확인하지 않음
    건너뜀  상세                 다른 단계가 실패해 확인하지 않음
    건너뜀  Certificate Manager  다른 단계가 실패해 확인하지 않음
    건너뜀  호스트               다른 단계가 실패해 확인하지 않음
    건너뜀  웹훅                 다른 단계가 실패해 확인하지 않음
    ");
    assert_eq!((bad.status, bad.hints.as_str()), (Some(1), "실패 1건\n"));
    let ids = [("NCP_SECRET_ID", "ssm:ncp/prod".to_owned()), ("WEBHOOK_SECRET_ID", "a b".to_owned())];
    let shown = doctor(&[], &ids).await;
    assert_eq!(shown.failed(), ["Settings"]);
    assert!(shown.step("Settings").contains("NCP_SECRET_ID is `ssm:ncp/prod`, which lacks a slash"), "{}", shown.steps);
    assert!(shown.step("Settings").contains("WEBHOOK_SECRET_ID is `a b`; accepted: "), "{}", shown.steps);
}

#[tokio::test]
async fn a_refusal_fails_the_step_that_it_is_about() {
    let html = "<html><body>Service maintenance</body></html>";
    for (reply, failed, said) in [
        (
            Reply::new(401, gateway("200", "Authentication Failed")),
            "Keys",
            "failed Keys NCP refused the keys (HTTP 401, NCP code 200, `Authentication Failed`) → Check that access key and secret key belong together",
        ),
        (
            Reply::new(401, gateway("210", "Permission Denied")),
            "Permission",
            "failed Permission NCP refused permission (HTTP 401, NCP code 210, `Permission Denied`) → Check that the key's owner may view Global Edge (list)",
        ),
        (Reply::new(403, ""), "Permission", "failed Permission NCP refused permission (HTTP 403, no reason given) → "),
        (Reply::new(404, gateway("300", "Not Found")), "List", "`Not Found`) → Check NCP_API_URL"),
        (Reply::new(429, gateway("400", "Quota Exceeded")), "List", "→ Raise the quota"),
        (Reply::new(200, html), "List", "failed List "),
        (
            Reply::new(400, json!({"code": "0040", "message": "Field validation Error"}).to_string()),
            "List",
            "NCP code 0040",
        ),
    ] {
        let world = world().await;
        let is_of_ncp = reply.begun().is_some_and(|(_, body)| body.contains("errorCode"));
        world.edge.script_always("provisioning", reply);
        let shown = shown(&world).await;
        assert_eq!((shown.failed(), shown.status), (vec![failed], Some(1)), "{}", shown.steps);
        assert!(shown.step(failed).contains(said), "{said} in {}", shown.steps);
        // What cannot be known is not claimed.
        let before = ["Keys", "Permission", "List"].into_iter().take_while(|title| *title != failed);
        for title in before {
            let expected = if failed == "List" || !is_of_ncp { "skipped" } else { "ok" };
            assert!(shown.step(title).starts_with(expected), "{}", shown.steps);
        }
        assert!(shown.step("Total").starts_with("skipped") && shown.step("Detail").starts_with("skipped"));
        assert!(shown.step("Certificate Manager").starts_with("ok"), "{}", shown.steps);
    }
}

#[tokio::test]
async fn a_key_of_another_account_and_a_host_that_does_not_answer_differ() {
    let world = world().await;
    let mut wrong = vars(&world);
    wrong[0].1 = "otherKEY000000000001".to_owned();
    let shown = doctor(&[], &wrong).await;
    assert_eq!(shown.failed(), ["Keys"], "{}", shown.steps);

    world.edge.script_always("provisioning", Reply::Fault(Fault::Reset));
    let mut nowhere = vars(&world);
    nowhere[2].1 = "http://127.0.0.1:1".to_owned();
    nowhere.truncate(3);
    let shown = doctor(&[], &nowhere).await;
    assert_eq!(shown.failed(), ["List"]);
    assert!(shown.step("Clock").starts_with("skipped"), "{}", shown.steps);
    assert!(shown.step("List").contains("connection refused → Check NCP_API_URL"), "{}", shown.steps);
}

#[tokio::test]
async fn a_wrong_clock_is_the_clocks_fault_and_not_the_keys() {
    let date = |off: TimeDelta| httpdate(time::wall() + off);
    for (off, refused, failed, said) in [
        (TimeDelta::seconds(390), true, vec!["Clock"], "→ Set the clock: it is 7 minutes behind NCP's"),
        (
            TimeDelta::seconds(30) - TimeDelta::hours(9),
            true,
            vec!["Clock"],
            "→ Set the clock: it is 540 minutes ahead of NCP's",
        ),
        (TimeDelta::seconds(270), false, vec!["Clock"], "→ Set the clock: it is 5 minutes behind NCP's"),
        (TimeDelta::seconds(200), false, vec![], "ok Clock differs from NCP's by"),
    ] {
        let world = with_rows([row()]).await;
        let page = json!({"code": "0000", "result": {"content": [row()], "pageable": {"totalCount": 1}}}).to_string();
        let reply = if refused { Reply::new(401, gateway("200", "no")) } else { Reply::new(200, page) };
        world.edge.script_always("provisioning", reply.with("date", date(off)));
        let mut vars = vars(&world);
        vars.truncate(3);
        vars.push(("CERTIFICATE_DETAILS", "false".to_owned()));
        let shown = doctor(&[], &vars).await;
        assert_eq!(shown.failed(), failed, "{}", shown.steps);
        assert!(shown.step("Clock").contains(said), "{said} in {}", shown.steps);
        let keys = if refused { "skipped Keys not checked, since another step failed" } else { "ok Keys" };
        assert!(shown.step("Keys").starts_with(keys), "{}", shown.steps);
    }
}

/// As `Date` has it.
fn httpdate(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test]
async fn the_page_sizes_that_are_accepted_are_said() {
    let refused = |size: usize| {
        format!("pages of {size} rows: NCP refused the request (HTTP 400, NCP code 0040, `Field validation Error`)")
    };
    for (cap, max, expected) in [
        (1000, None, "ok List pages of 1000 rows: accepted".to_owned()),
        (15, None, "ok List pages of 1000 rows: accepted, but only 15 rows are returned".to_owned()),
        (1000, Some(100), format!("ok List {}; pages of 100 rows: accepted", refused(1000))),
        (
            1000,
            Some(15),
            format!(
                "ok List {}; {}; pages of 15 rows: accepted, but only 15 rows are returned",
                refused(1000),
                refused(100)
            ),
        ),
    ] {
        let world = World::with(Account::demo(37, now()), cap).await;
        world.edge.deviate(Deviations { max_size: max, ..Deviations::default() });
        let shown = shown(&world).await;
        assert_eq!(shown.failed(), Vec::<&str>::new(), "{}", shown.steps);
        let expected = expected.replace(
            "accepted, but only 15 rows are returned",
            if max == Some(15) { "accepted" } else { "accepted, but only 15 rows are returned" },
        );
        assert_eq!(shown.step("List"), expected);
        assert_eq!(shown.step("Total"), "ok Total certificates read: 37, as many as NCP counts");
    }
}

#[tokio::test]
async fn every_departure_from_the_documents_is_named() {
    for (changed, expected) in [
        (with("provisionStatus", json!("SUSPENDED")), "`provisionStatus` SUSPENDED"),
        (with("serviceRegion", json!("EU")), "`serviceRegion` EU"),
        (with("tlsVersion", json!("1.3,1.4")), "`tlsVersion` 1.3,1.4"),
        (with("expirationDate", json!("24/12/2026")), "`expirationDate` 99/99/9999 (not readable)"),
        (with("expirationDate", json!("1970-01-01T00:00:00Z")), "`expirationDate` 9999-99-99T99:99:99Z (placeholder)"),
        (with("expirationDate", Value::Null), "`expirationDate` null"),
        (with("provisionDate", json!([])), "`provisionDate` empty list"),
        (with("commonName", json!(["www.example.kr"])), "`commonName` list"),
    ] {
        let world = world().await;
        world.edge.change(|account| account.rows[0] = changed);
        let shown = shown(&world).await;
        assert!(shown.failed().contains(&"Fields and values") && shown.status == Some(1), "{}", shown.steps);
        let said = shown.step("Fields and values");
        let fix = "→ Look for a new version of ncp-cert-alert; if there is none, open an issue with the file that `cert-alert doctor --report FILE` writes";
        assert!(said.starts_with(&format!("failed Fields and values not as documented: {expected} {fix}")), "{said}");
    }
    let world = world().await;
    world.edge.change(|account| {
        for row in &mut account.rows {
            row["brandNew"] = json!({"what": 1});
            row.as_object_mut().unwrap().remove("cipherProfile");
        }
    });
    assert!(shown(&world).await.step("Fields and values").contains("not as documented: `cipherProfile` missing →"));
    world.edge.change(|account| account.rows.iter_mut().for_each(|row| row["cipherProfile"] = json!("x")));
    assert_eq!(
        shown(&world).await.step("Fields and values"),
        "ok Fields and values as documented; new and ignored: `brandNew`"
    );
}

#[tokio::test]
async fn a_list_that_does_not_match_its_count_fails_the_total() {
    let mut unreadable = row();
    unreadable["slotId"] = json!("unknown");
    let unreadable = unreadable.to_string();
    for (deviations, said) in [
        (Deviations { stated_total: Some(38), ..Deviations::default() }, "incomplete listing: 37 of 38 →"),
        (Deviations { stated_total: Some(36), ..Deviations::default() }, "incomplete listing: 37 of 36"),
        (
            Deviations { raw_rows: [(3, unreadable.clone())].into(), ..Deviations::default() },
            "incomplete listing: 36 of 37 (1 row cannot be read) →",
        ),
        (
            Deviations {
                raw_rows: [(3, r#"{"slotId": 1, "commonName": "\ud83d"}"#.to_owned())].into(),
                ..Deviations::default()
            },
            "incomplete listing: 36 of 37 (1 row cannot be read) →",
        ),
        (Deviations { empty_pages: [2].into(), ..Deviations::default() }, "incomplete listing: 22 of 37 →"),
    ] {
        let world = World::with(Account::demo(37, now()), 15).await;
        world.edge.deviate(deviations.clone());
        let shown = shown(&world).await;
        assert_eq!((shown.failed()[0], shown.status), ("Total", Some(1)), "{deviations:?}: {}", shown.steps);
        assert!(shown.step("Total").contains(said), "{said} in {}", shown.steps);
        assert!(shown.step("Total").contains("→ Compare with the list in the console"), "{}", shown.steps);
    }
    let shown = shown(&with_rows([]).await).await;
    assert_eq!(shown.failed(), Vec::<&str>::new());
    assert!(shown.step("Total").contains("0 certificates: if there should be some"), "{}", shown.steps);
    assert_eq!(shown.step("Fields"), "skipped Fields and values there is no row to look at");
}

#[tokio::test]
async fn a_detail_that_is_refused_or_lacks_what_is_read_is_said() {
    let world = world().await;
    world.edge.script_always("provisioning/", Reply::new(401, gateway("210", "Permission Denied")));
    let denied = shown(&world).await;
    assert_eq!(denied.failed(), ["Detail"], "{}", denied.steps);
    assert!(denied.step("Detail").contains("→ Allow the key's owner to view the detail"), "{}", denied.steps);
    world.edge.heal();
    world.edge.script_always("provisioning/", Reply::new(404, gateway("300", "Not Found")));
    let missing = shown(&world).await;
    assert!(missing.step("Detail").contains("→ Look for a new version"), "{}", missing.steps);
    world.edge.heal();
    let body =
        json!({"code": "0000", "result": {"certificates": [{"serviceRegion": "KR_JP", "validTo": "2026-12-24"}]}});
    world.edge.script_always("provisioning/", Reply::new(200, body.to_string()));
    assert_eq!(
        shown(&world).await.step("Detail"),
        "ok Detail read: KR_JP (without sanDomains, expirationDate, totalCount); KR_JP_GLOBAL (without sanDomains, expirationDate, totalCount)"
    );
    let off = doctor(&["--certificate-details=false"], &vars(&world)).await;
    assert_eq!(off.step("Detail"), "skipped Detail CERTIFICATE_DETAILS is off");
}

#[tokio::test]
async fn certificate_manager_is_examined_where_it_is_on() {
    for response in ManagerResponse::ALL {
        let world = world().await;
        world.edge.deviate(Deviations { certificate_manager: response, ..Deviations::default() });
        let shown = shown(&world).await;
        let said = shown.step("Certificate Manager");
        let expected = match response {
            ManagerResponse::Forbidden => {
                "failed Certificate Manager Certificate Manager could not be read: NCP refused permission (HTTP 403"
            }
            ManagerResponse::Refused => {
                "failed Certificate Manager Certificate Manager could not be read: NCP refused the request (HTTP 200, NCP code 1004"
            }
            ManagerResponse::ListMissing => {
                "failed Certificate Manager Certificate Manager could not be read: NCP's answer cannot be read"
            }
            ManagerResponse::Unknown => {
                "failed Certificate Manager not as documented: `validStartDate` Aaa Aaa 99 99:99:99 AAA 9999 (not readable), `validEndDate` Aaa"
            }
            ManagerResponse::Dateless => {
                "failed Certificate Manager not as documented: `validStartDate` null, `validEndDate` null →"
            }
            ManagerResponse::NoneFound => "ok Certificate Manager certificates read: 0",
            ManagerResponse::Doubled => "ok Certificate Manager certificates read: 74",
            _ => "ok Certificate Manager certificates read: 37",
        };
        assert!(said.starts_with(expected), "{response:?}: {said}");
        assert_eq!(shown.status, Some(i32::from(expected.starts_with("failed"))), "{response:?}");
    }
    let mut off = vars(&world().await);
    off.truncate(3);
    assert_eq!(
        doctor(&[], &off).await.step("Certificate Manager"),
        "skipped Certificate Manager CERTIFICATE_MANAGER is off"
    );
}

/// A chat that keeps the method and target of each request.
async fn chat() -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let server = Server::start(move |request: Request| {
        assert_eq!(header(&request, "authorization"), None);
        kept.lock().unwrap().push(format!("{} {} {}", request.method(), target(&request), request.body()));
        Reply::new(404, "CANARY")
    });
    (server.await.unwrap(), asked)
}

#[tokio::test]
async fn a_webhook_is_reached_without_posting_and_without_its_secret() {
    let world = with_rows([row()]).await;
    let (server, asked) = chat().await;
    let url = |kind: &str| {
        let host = server.url().as_str().replace("http://", &format!("http://{kind}CANARY:passCANARY@"));
        format!("{kind}={host}services/T0CANARY/{kind}?sig=CANARY")
    };
    let mut vars = vars(&world);
    vars.push(("WEBHOOK_URL", format!("{},{},json=http://127.0.0.1:1/CANARY", url("slack"), url("jandi"))));
    let shown = doctor(&["--certificate-details=false"], &vars).await;
    assert_eq!((shown.failed(), shown.status), (vec!["Webhook json"], Some(1)), "{}", shown.steps);
    assert_eq!(shown.step("Webhook slack"), "ok Webhook slack 127.0.0.1 answers; nothing was posted");
    assert!(shown.step("Webhook json").contains("connection refused → Check the webhook's URL"), "{}", shown.steps);
    assert_eq!(*asked.lock().unwrap(), ["GET / ", "GET / "]);

    vars.pop();
    vars.push(("WEBHOOK_URL", "teams=https://hooks.slack.com/services/CANARY".to_owned()));
    let shown = doctor(&["--certificate-details=false"], &vars).await;
    assert_eq!(
        shown.step("Webhook"),
        "failed Webhook WEBHOOK_URL: URL 1 is one of Slack, by its host; write `slack=` before it"
    );
}

#[tokio::test]
async fn each_host_of_the_probe_is_looked_at() {
    let shown = |names: &[&str]| tls::self_signed(names, now() - days(10), now() + days(90));
    let good = Host::start(Manner::Shows(vec![shown(&["a.example.kr"])])).await;
    let other = Host::start(Manner::Shows(vec![shown(&["cdn.example.com"])])).await;
    let rows = ["a.example.kr", "b.example.kr"].map(|name| certificate(1, name, now() + days(90)));
    let world = with_rows((1..).zip(rows).map(|(slot, mut row)| {
        row["slotId"] = json!(slot);
        row
    }))
    .await;
    let hosts = [good.entry("a.example.kr"), other.entry("b.example.kr"), good.entry("c.example.kr")].join(",");
    let vars = [vars(&world), vec![("PROBE", "true".to_owned()), ("PROBE_HOSTS", hosts)]].concat();
    let shown = doctor(&[], &vars).await;
    let seen = shown.step("Host a.example.kr:");
    assert!(seen.starts_with("ok ") && seen.contains("valid until 21 Feb 2027; has an unknown issuer"), "{seen}");
    let seen = shown.step("Host b.example.kr:");
    assert!(seen.starts_with("failed ") && seen.contains("serves another name → Check where its DNS leads"), "{seen}");
    let seen = shown.step("Host c.example.kr:");
    assert!(seen.contains("covered by no RUNNING slot → Name a host in PROBE_HOSTS"), "{seen}");
    assert_eq!(shown.status, Some(1));
    assert!(shown_without_hosts().await.step("Host").contains("no RUNNING slot has a host"));
}

/// A wildcard has no host of its own.
async fn shown_without_hosts() -> Shown {
    let world = with_rows([certificate(1, "*.example.kr", now() + days(90))]).await;
    doctor(&[], &[vars(&world), vec![("PROBE", "true".to_owned())]].concat()).await
}

#[tokio::test]
async fn secrets_win_over_variables_and_every_account_is_examined() {
    let world = with_rows([row()]).await;
    let (server, asked) = chat().await;
    let keys = json!({"accounts": [
        {"name": "shop", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY},
        {"name": "night", "access_key": "otherKEY000000000001", "secret_key": SECRET_KEY},
        {"name": "day", "access_key": "A CANARY", "secret_key": SECRET_KEY},
    ]});
    let hooks = json!({"webhooks": [{"url": format!("{}hook/CANARY", server.url()), "kind": "slack", "name": "ops"}]});
    let mut vars = vars(&world);
    vars.truncate(3);
    vars[0].1 = "ignored".to_owned();
    for (name, value) in [
        ("NCP_SECRET_ID", "env:KEYS, file:/nowhere/keys.json".to_owned()),
        ("WEBHOOK_SECRET_ID", "env:HOOKS".to_owned()),
        ("WEBHOOK_URL", "ignored".to_owned()),
        ("KEYS", keys.to_string()),
        ("HOOKS", hooks.to_string()),
    ] {
        vars.push((name, value));
    }
    let shown = doctor(&["--certificate-details=false"], &vars).await;
    insta::assert_snapshot!(shown.steps.replace(world.edge.url().as_str(), "https://edge.example.kr/"), @"
    ok       Settings             valid; NCP_API_URL is https://edge.example.kr/

    account shop
    ok       Clock                differs from NCP's by 0 s
    ok       Keys                 accepted by NCP
    ok       Permission           the list can be read
    ok       List                 pages of 1000 rows: accepted
    ok       Total                certificates read: 1, as many as NCP counts
    ok       Fields and values    as documented
    skipped  Detail               CERTIFICATE_DETAILS is off
    skipped  Certificate Manager  CERTIFICATE_MANAGER is off
    skipped  Host                 PROBE is off

    account night
    ok       Clock                differs from NCP's by 0 s
    failed   Keys                 NCP refused the keys (HTTP 401, NCP code 200, `Authentication Failed: Invalid authentication information.`)
             → Check that access key and secret key belong together, and that the key is in use
    skipped  Permission           not checked, since another step failed
    skipped  List                 not checked, since another step failed
    skipped  Total                not checked, since another step failed
    skipped  Fields and values    not checked, since another step failed
    skipped  Detail               CERTIFICATE_DETAILS is off
    skipped  Certificate Manager  CERTIFICATE_MANAGER is off
    skipped  Host                 PROBE is off

    account day
    skipped  Clock                not checked, since another step failed
    failed   Keys                 secret `env:KEYS`: `accounts[2].access_key` contains a space, a line break or another character that no key contains; paste it again
    skipped  Permission           not checked, since another step failed
    skipped  List                 not checked, since another step failed
    skipped  Total                not checked, since another step failed
    skipped  Fields and values    not checked, since another step failed
    skipped  Detail               not checked, since another step failed
    skipped  Certificate Manager  not checked, since another step failed
    skipped  Host                 not checked, since another step failed

    account keys.json
    skipped  Clock                not checked, since another step failed
    failed   Keys                 secret `file:/nowhere/keys.json`: the file cannot be read: No such file or directory (os error 2)
    skipped  Permission           not checked, since another step failed
    skipped  List                 not checked, since another step failed
    skipped  Total                not checked, since another step failed
    skipped  Fields and values    not checked, since another step failed
    skipped  Detail               not checked, since another step failed
    skipped  Certificate Manager  not checked, since another step failed
    skipped  Host                 not checked, since another step failed

    ok       Webhook ops          127.0.0.1 answers; nothing was posted
    ");
    assert_eq!(shown.status, Some(1));
    assert_eq!(*asked.lock().unwrap(), ["GET / "]);

    let (name, value) = ("HOOKS", json!({"webhooks": [{"url": "https://chat.example.kr/CANARY"}]}).to_string());
    vars.retain(|(other, _)| *other != name);
    vars.push((name, value));
    let refused = doctor(&["--certificate-details=false"], &vars).await.step("Webhook");
    assert!(
        refused.contains("`webhooks[0].url` has the host chat.example.kr, which does not reveal its kind"),
        "{refused}"
    );
    // A terminal has no log, so an English sentence that says more stands with the Korean one.
    vars.pop();
    vars.push((name, json!({"webhooks": [{"kind": "slack"}]}).to_string()));
    assert_eq!(
        doctor(&["--certificate-details=false", "--language=ko"], &vars).await.step("웹훅"),
        "실패 웹훅 시크릿 `env:HOOKS`: `webhooks[0].url` 없음 `webhooks[0].url` is missing; accepted: the webhook's https URL"
    );
}

#[tokio::test]
async fn aws_secrets_are_read_with_aws_credentials() {
    let world = with_rows([row()]).await;
    let mut vars: Vec<(&str, String)> = world.vars.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    vars.push(("CERTIFICATE_DETAILS", "false".to_owned()));
    let shown = doctor(&[], &vars).await;
    // The webhooks of this world accept nothing but posts.
    assert_eq!(shown.failed(), ["Webhook ops", "Webhook web"], "{}", shown.steps);
    assert!(shown.steps.contains("account prod\n"), "{}", shown.steps);
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn two_servers_that_differ_in_one_fields_form_have_reports_that_differ_there() {
    let place = |report: &Value, field: &str| {
        let list = report["accounts"][0]["answers"].as_array().unwrap();
        let page = list.iter().find(|answer| answer["call"] == "list").unwrap();
        page["body"]["fields"]["result"]["fields"]["content"]["items"]["fields"][field].clone()
    };
    let usual = report(&with_rows([row()]).await).await;
    for (field, value, expected) in [
        ("slotId", json!("1"), json!("digits")),
        ("commonName", Value::Null, json!({"nullIn": ["RUNNING"], "types": "null"})),
        (
            "expirationDate",
            json!("2026-12-24 09:00:00.0"),
            json!({"dates": ["9999-99-99 99:99:99.9"], "types": "text"}),
        ),
        ("expirationDate", json!(1_798_070_400_000_u64), json!({"dates": ["9999999999999"], "types": "integer"})),
        ("expirationDate", json!("9999-12-31"), json!({"dates": ["9999-99-99 (no end)"], "types": "text"})),
        ("provisionStatus", json!("SUSPENDED"), json!({"types": "text", "values": ["SUSPENDED"]})),
        ("brandNew", json!(true), json!("boolean")),
    ] {
        let other = report(&with_rows([with(field, value)]).await).await;
        assert_eq!(place(&other, field), expected);
        assert_ne!(place(&usual, field), expected, "{field}");
        for (name, _) in row().as_object().unwrap().iter().filter(|(name, _)| *name != field) {
            let null_in = |report| place(report, name)["nullIn"].clone();
            assert_eq!(place(&other, name), place(&usual, name), "{field}: {name}: {}", null_in(&other));
        }
    }
}

#[tokio::test]
async fn what_is_not_known_of_ncp_is_in_the_report() {
    let world = World::with(Account::demo(37, now()), 15).await;
    world.edge.change(|account| {
        account.rows[0]["provisionStatus"] = json!("DELETED");
        account.rows[1]["provisionStatus"] = json!("READY");
        account.rows[1]["provisionDate"] = Value::Null;
        for held in &mut account.held[..9] {
            held["usedInstanceNoList"] = json!("12, 34");
        }
        // The second region of a slot of two has another date than the list.
        for detail in account.details.values_mut() {
            if let Some(global) = detail["certificates"].as_array_mut().unwrap().get_mut(1) {
                global["expirationDate"] = json!("2027-06-01T00:00:00Z");
            }
        }
    });
    world.edge.deviate(Deviations { max_size: Some(100), ..Deviations::default() });
    let report = report(&world).await;
    let account = &report["accounts"][0];
    assert_eq!(account["instancesOfRunning"], json!(["none", "some"]));
    assert_eq!(
        account["detailDates"],
        json!([
            {"serviceRegion": "KR_JP", "certificates": [{"serviceRegion": "KR_JP", "sameAsInList": ["expirationDate"]}]},
            {"serviceRegion": "KR_JP_GLOBAL", "certificates": [
                {"serviceRegion": "KR_JP", "sameAsInList": ["expirationDate"]},
                {"serviceRegion": "GLOBAL", "sameAsInList": []},
            ]},
        ])
    );
    let statuses: Vec<String> = account["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| {
            format!("{} {} {}: {}", answer["call"], answer["page"], answer["offset"], answer["status"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        statuses,
        [
            "list first 100: 200",
            "list first 1000: 400",
            "list later 15: 200",
            "detail null null: 200",
            "certificateManager null null: 200"
        ]
    );
    assert_eq!(account["answers"][1]["body"]["fields"]["code"]["values"], json!(["0040"]));
    assert_eq!(account["behindTheLastPage"][0]["body"]["fields"]["result"]["fields"]["content"], "empty list");
    let steps: Vec<&str> =
        report["steps"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect();
    assert_eq!(steps, [&["ok"; 9][..], &["skipped"; 2]].concat());
    let pages = json!([{"asked": 1000, "came": "no page"}, {"asked": 100, "came": "fewer rows"}]);
    assert_eq!(report["steps"][4]["pages"], pages);
    let places: Vec<&Value> = report["steps"].as_array().unwrap().iter().map(|step| &step["account"]).collect();
    assert_eq!((places[0], places[1], places[10]), (&Value::Null, &json!(0), &Value::Null));
}

#[tokio::test]
async fn an_echo_of_a_secret_is_not_shown() {
    let (server, _) = chat().await;
    let hook = format!("slack={}services/T0CANARY/B0CANARY/hookCANARY0001", server.url());
    let echo = format!("{ACCESS_KEY} and {SECRET_KEY} and {hook}");
    for (part, reply) in [
        ("provisioning", Reply::new(401, gateway(ACCESS_KEY, &echo))),
        ("provisioning", Reply::new(403, echo.clone())),
        ("provisioning", Reply::new(200, json!({"code": SECRET_KEY, "message": echo}).to_string())),
        ("provisioning/", Reply::new(400, gateway("1", &echo))),
        ("certificates", Reply::new(200, json!({"returnCode": ACCESS_KEY, "returnMessage": echo}).to_string())),
    ] {
        let world = world().await;
        world.edge.script_always(part, reply);
        let mut vars = vars(&world);
        vars.push(("WEBHOOK_URL", hook.clone()));
        let shown = doctor(&[], &vars).await;
        assert_eq!((shown.failed().len(), shown.status), (1, Some(1)), "{}", shown.steps);
        assert!(!report(&world).await.to_string().contains("CANARY"));
    }
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_a_failure() {
    let shown = doctor(&["--demo", "--report", "/nowhere/report.json"], &[]).await;
    assert_eq!((shown.failed().len(), shown.status), (0, Some(1)));
    assert!(shown.hints.contains("--report: /nowhere/report.json cannot be written: "), "{}", shown.hints);
}

/// Puts a text, a number and a key into every value.
fn spoil(value: &mut Value, name: &str) {
    match value {
        Value::String(text) if name.contains("Date") => *text = format!("{text} 87654321 canary.example.kr"),
        Value::String(_) if ["provisionStatus", "serviceRegion", "tlsVersion"].contains(&name) => {
            *value = json!("canary.example.kr 87654321");
        }
        Value::String(text) if name != "code" => *text = format!("canary.example.kr 87654321 {text} {ACCESS_KEY}"),
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, name)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| spoil(value, name)),
        Value::Number(_) if name != "slotId" => *value = json!(87_654_321),
        _ => {}
    }
}

#[tokio::test]
async fn nothing_of_the_account_and_no_secret_survives_into_the_report() {
    let world = world().await;
    world.edge.change(|account| {
        account
            .rows
            .iter_mut()
            .chain(account.details.values_mut())
            .chain(&mut account.held)
            .for_each(|row| spoil(row, ""));
        account.rows.iter_mut().for_each(|row| row["canary.example.kr"] = json!({"87654321": 1}));
    });
    let refusal = json!({"code": ACCESS_KEY, "message": "canary.example.kr 87654321"}).to_string();
    world.edge.script("pageNo", [Reply::new(400, refusal)]);
    let text = report(&world).await.to_string();
    let host = world.edge.url().host_str().unwrap().to_owned();
    for value in ["canary", "87654321", "example", "CANARY", &host, "ncloud"] {
        assert!(!text.contains(value), "{value} in {text}");
    }
    assert!(text.contains("aaaaaa.aaaaaaa.aa"), "the canary was there: {text}");
}
