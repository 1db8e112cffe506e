//! What clients are served: the probe's two findings, and everything that must never be one, on real TLS servers.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use common::servers::Reply;
use common::servers::tls::{Authority, Host, Manner, Shown, self_signed};
use common::{World, days, invoke_within, now};
use futures_util::future::join_all;
use ncp_cert_alert::simulator::{Account, certificate};
use ncp_cert_alert::time::{monotonic, wall};
use serde_json::{Value, json};

const WWW: &str = "www.example.kr";

fn in_days(number: i64) -> DateTime<Utc> {
    now() + days(number)
}

/// A slot that was renewed ten days ago and has 200 days left.
fn renewed(slot_id: i64, name: &str) -> Value {
    let mut row = certificate(slot_id, name, in_days(200));
    row["provisionDate"] = json!((now() - days(10)).to_rfc3339());
    row
}

/// What the renewed one replaced: with this many days left.
fn former(names: &[&str], left: i64) -> Shown {
    Authority::default().issue(names, now() - days(300), in_days(left))
}

/// A world with these slots, each with a detail that names an edge, which looks at these hosts too.
async fn looking(rows: Vec<Value>, hosts: &[String]) -> World {
    let detail = |row: &Value| {
        let held = json!([{"serviceRegion": "KR_JP", "expirationDate": row["expirationDate"]}]);
        let edges = json!({"content": [{"edgeName": "main"}], "pageable": {"totalCount": 1}});
        json!({"slotId": row["slotId"], "certificates": held, "linkedEdges": edges})
    };
    let details = rows.iter().map(|row| (row["slotId"].as_i64().unwrap(), detail(row))).collect();
    let mut world = World::with(Account { rows, details, ..Account::default() }, 100).await;
    world.set("PROBE", "true");
    world.set("PROBE_HOSTS", hosts.join(","));
    world
}

/// A whole summary: the result, and what was posted to Slack.
async fn summary(world: &World) -> (Value, String) {
    let result = world.invoke(json!({"summary": true})).await.unwrap();
    (result, world.slack.text())
}

fn counts(result: &Value) -> (i64, i64, i64) {
    let count = |field: &str| result[field].as_i64().unwrap();
    (count("critical"), count("warning"), count("info"))
}

#[tokio::test]
async fn what_is_served_and_ends_soon_is_critical_although_the_list_is_fine() {
    for (left, news) in [(3, "the certificate that is served expires in 3 days"), (-2, "expired 2 days ago")] {
        let host = Host::start(Manner::Shows(vec![former(&[WWW], left)])).await;
        let world = looking(vec![renewed(71, WWW)], &[host.entry(WWW)]).await;
        let (result, text) = summary(&world).await;
        assert_eq!((counts(&result), &result["probed"], &result["status"]), ((1, 0, 0), &json!(1), &json!("alerted")));
        for part in
            [news, "seen from ap-northeast-2", "the slot's certificate is valid until", "slot 71", "1 edge uses it"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(host.connections(), 2, "a second handshake confirms it");
        assert!(host.heard().is_empty(), "nothing is sent");
        assert!(text.contains("1 host looked at"), "{text}");
    }
}

#[tokio::test]
async fn an_older_certificate_that_is_still_served_is_a_warning() {
    for manner in [Manner::Shows(vec![former(&[WWW], 50)]), Manner::Tls12(former(&[WWW], 50))] {
        let host = Host::start(manner).await;
        let world = looking(vec![renewed(71, WWW)], &[host.entry(WWW)]).await;
        let (result, text) = summary(&world).await;
        assert_eq!((counts(&result), &result["probed"]), ((0, 1, 0), &json!(1)));
        for part in
            ["an older certificate is still served, valid until", "seen from ap-northeast-2", "Check where the DNS"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(world.edge.requests().iter().any(|request| request.ends_with("/71")), "its detail is read first");
    }
}

#[tokio::test]
async fn a_wildcard_is_looked_at_where_the_settings_name_a_host() {
    let host = Host::start(Manner::Shows(vec![former(&["*.example.kr"], 3)])).await;
    let world = looking(vec![renewed(71, "*.example.kr")], &[host.entry("shop.example.kr")]).await;
    let (result, text) = summary(&world).await;
    let shown = format!("shop.example.kr:{}, seen from ap-northeast-2", host.port());
    assert!(counts(&result) == (1, 0, 0) && text.contains(&shown), "{result} {text}");
}

/// No message of these alarms: each is what somebody else's monitor got wrong, or what a host may do.
#[tokio::test]
async fn nothing_else_is_ever_an_alarm() {
    let current = |names: &[&str]| Authority::default().issue(names, now() - days(11), in_days(200));
    let alone = Authority::default().issue_alone(&[WWW], now() - days(11), in_days(200));
    let own = self_signed(&[WWW], now() - days(11), in_days(200));
    let early = Authority::default().issue(&[WWW], in_days(1), in_days(200));
    let cases = [
        ("the certificate of the list", Manner::Shows(vec![current(&[WWW])]), "unknown issuer"),
        (
            "fojin#1195: a CDN's default certificate",
            Manner::Shows(vec![former(&["*.cdn.example"], 3)]),
            "1 serves another name",
        ),
        (
            "certd#681: another name, and soon gone",
            Manner::Shows(vec![former(&["example.kr"], -5)]),
            "1 serves another name",
        ),
        (
            "tlsx#268: one that it signed itself",
            Manner::Shows(vec![own]),
            "1 has an unknown issuer or an incomplete chain",
        ),
        (
            "check_ssl_cert#326: no intermediate",
            Manner::Shows(vec![alone]),
            "1 has an unknown issuer or an incomplete chain",
        ),
        ("one that is not valid yet", Manner::Shows(vec![early]), "unknown issuer"),
        (
            "another one the second time",
            Manner::Shows(vec![former(&[WWW], 3), current(&[WWW])]),
            "1 answered differently when asked again",
        ),
        (
            "a name that it does not serve",
            Manner::ByName(vec![("shop.example.kr".into(), former(&[WWW], 3))]),
            "1 does not speak TLS",
        ),
        ("domain-admin#177: no answer", Manner::Hangs, "1 did not answer"),
        ("a connection that is closed", Manner::Closes, "1 did not answer"),
        ("one byte a second", Manner::ByteASecond, "1 did not answer"),
        ("plain HTTP", Manner::PlainHttp, "1 does not speak TLS 1.2 or 1.3"),
        ("TLS 1.0", Manner::Tls10, "1 does not speak TLS 1.2 or 1.3"),
    ];
    let case = async |(what, manner, line): (&str, Manner, &str)| {
        let host = Host::start(manner).await;
        let world = looking(vec![renewed(71, WWW)], &[host.entry(WWW)]).await;
        let (result, text) = summary(&world).await;
        assert_eq!(
            (counts(&result), &result["status"], &result["probed"]),
            ((0, 0, 0), &json!("clear"), &json!(1)),
            "{what}"
        );
        assert!(text.contains("1 host looked at: ") && text.contains(line), "{what}: {text}");
        assert!(text.contains("All clear") || text.contains("all clear"), "{what}: {text}");
    };
    // Some of them take their time.
    join_all(cases.map(case)).await;
}

#[tokio::test]
async fn a_refused_connection_and_a_host_of_no_slot_are_counted() {
    let gone = Host::start(Manner::Hangs).await.entry(WWW);
    let elsewhere = Host::start(Manner::Shows(vec![former(&["other.example.com"], 3)])).await;
    let world = looking(vec![renewed(71, WWW)], &[gone, elsewhere.entry("other.example.com")]).await;
    let (result, text) = summary(&world).await;
    assert_eq!((counts(&result), &result["probed"], elsewhere.connections()), ((0, 0, 0), &json!(1), 0));
    assert!(text.contains("1 host looked at: 1 did not answer, 1 covered by no RUNNING slot"), "{text}");
}

/// spatiumddi#443: what a name leads to is not connected to unless it is public, or the settings name the address.
#[tokio::test]
async fn an_address_that_is_not_public_is_not_connected_to_unless_it_is_named() {
    let host = Host::start(Manner::Shows(vec![former(&["localhost"], 3)])).await;
    let by_name = format!("localhost:{}", host.port());
    let world = looking(vec![renewed(71, "localhost")], &[by_name]).await;
    let (result, text) = summary(&world).await;
    assert_eq!((counts(&result), host.connections()), ((0, 0, 0), 0));
    assert!(text.contains("2 hosts looked at: 2 have no public address"), "{text}");
    let world = looking(vec![renewed(71, "localhost")], &[host.entry("localhost")]).await;
    assert_eq!((counts(&summary(&world).await.0), host.connections()), ((1, 0, 0), 2));
}

#[tokio::test]
async fn what_explains_an_older_certificate_silences_it() {
    let host = Host::start(Manner::Shows(vec![former(&[WWW], 50)])).await;
    let entry = [host.entry(WWW)];
    let no_detail = || Reply::new(403, r#"{"error":{"errorCode":"210","message":"Permission Denied"}}"#);

    // Just deployed: it takes a while until it is served everywhere.
    let mut fresh = renewed(71, WWW);
    fresh["provisionDate"] = json!((now() - TimeDelta::minutes(90)).to_rfc3339());
    assert_eq!(counts(&summary(&looking(vec![fresh], &entry).await).await.0), (0, 0, 0));
    // The slot that has it waits for the switch.
    let waiting = looking(vec![renewed(71, WWW), certificate(70, WWW, in_days(50))], &entry).await;
    assert_eq!(counts(&summary(&waiting).await.0), (0, 0, 0));
    // No edge uses the slot.
    let unused = looking(vec![renewed(71, WWW)], &entry).await;
    unused.edge.change(|account| {
        account.details.get_mut(&71).unwrap()["linkedEdges"] = json!({"content": [], "pageable": {"totalCount": 0}});
    });
    let (result, text) = summary(&unused).await;
    assert_eq!((counts(&result), &result["status"]), ((0, 0, 0), &json!("clear")));
    assert!(text.contains("Deployed in the last 7 days (0)") && text.contains("1 host looked at"), "{text}");
    // One of its regions has it.
    let regional = looking(vec![renewed(71, WWW)], &entry).await;
    regional.edge.change(|account| {
        let held = [in_days(50), in_days(200)]
            .map(|end| json!({"serviceRegion": end.to_rfc3339(), "expirationDate": end.to_rfc3339()}));
        account.details.get_mut(&71).unwrap()["certificates"] = json!(held);
    });
    assert_eq!(counts(&summary(&regional).await.0), (0, 0, 0));
    // A slot with two certificates needs its detail; one with a single certificate does not.
    for (region, expected) in [("KR_JP_GLOBAL", (0, 0, 0)), ("KR_JP", (0, 1, 0))] {
        let mut row = renewed(71, WWW);
        row["serviceRegion"] = json!(region);
        let world = looking(vec![row], &entry).await;
        world.edge.script_always("/71", no_detail());
        assert_eq!(counts(&summary(&world).await.0), expected, "{region}");
        let mut world = world;
        world.set("CERTIFICATE_DETAILS", "false");
        assert_eq!(counts(&summary(&world).await.0), expected, "{region}, without details");
    }
}

#[tokio::test]
async fn what_ends_is_critical_where_no_edge_uses_the_slot_and_can_be_muted_and_routed() {
    let host = Host::start(Manner::Shows(vec![former(&[WWW], 3)])).await;
    let world = looking(vec![renewed(71, WWW)], &[host.entry(WWW)]).await;
    world.edge.change(|account| {
        account.details.get_mut(&71).unwrap()["linkedEdges"] = json!({"content": [], "pageable": {"totalCount": 0}});
    });
    assert_eq!(counts(&summary(&world).await.0), (1, 0, 0));

    world.webhooks(json!([
        {"url": world.slack.url(), "kind": "slack", "name": "ops", "names": ["shop.*"]},
        {"url": world.teams.url(), "kind": "teams", "name": "web", "names": ["www.*"]},
    ]));
    world.slack.forget();
    world.teams.forget();
    world.invoke(json!({})).await.unwrap();
    assert!(world.slack.posts().is_empty() && world.teams.text().contains("is served expires in 3 days"));

    let until = in_days(9).date_naive().to_string();
    world.beside_webhooks("mutes", json!([{"what": WWW, "until": until, "critical": true}]));
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((counts(&result), &result["muted"]), ((0, 0, 0), &json!(1)));
}

#[tokio::test]
async fn the_metric_of_the_first_expiry_is_that_of_the_list() {
    let host = Host::start(Manner::Shows(vec![former(&[WWW], 3)])).await;
    let end = wall() + days(200) + TimeDelta::hours(1);
    let mut row = certificate(71, WWW, end);
    row["provisionDate"] = json!((wall() - days(10)).to_rfc3339());
    let world = looking(vec![row], &[host.entry(WWW)]).await;
    common::written();
    let event = json!({"detail-type": "Scheduled Event", "detail": {}}).into();
    world.function().handle(&event, wall() + TimeDelta::minutes(1)).await.unwrap();
    let lines = common::written();
    let metrics: Value = serde_json::from_str(lines.iter().find(|line| line.contains("_aws")).unwrap()).unwrap();
    assert_eq!(metrics["DaysToFirstExpiry"], 200);
}

#[tokio::test]
async fn off_it_looks_at_nothing_and_a_sample_never_does() {
    let host = Host::start(Manner::Shows(vec![former(&[WWW], 3)])).await;
    let mut world = looking(vec![renewed(71, WWW)], &[host.entry(WWW)]).await;
    let result = world.invoke(json!({"test": true})).await.unwrap();
    assert_eq!((result.get("probed"), host.connections()), (None, 0));
    world.vars.remove("PROBE");
    let (kind, message) = world.invoke(json!({})).await.unwrap_err();
    assert!(kind == "ConfigError" && message.contains("PROBE_HOSTS is set, which needs PROBE"), "{message}");
    world.vars.remove("PROBE_HOSTS");
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((result.get("probed"), &result["status"], host.connections()), (None, &json!("clear"), 0));
}

/// Half of a hundred hosts hang. `time` is what the run has; it must post all the same.
async fn many_that_hang(time: Duration) -> (Value, Duration) {
    let hung = Host::start(Manner::Hangs).await;
    let names: Vec<String> = (0..100).map(|number| format!("h{number:02}.example.kr")).collect();
    let shown: Vec<&str> = names.iter().map(String::as_str).collect();
    let good =
        Host::start(Manner::Shows(vec![Authority::default().issue(&shown, now() - days(11), in_days(200))])).await;
    let rows = (1..).zip(&names).map(|(slot, name)| renewed(slot, name)).collect();
    let hosts: Vec<String> =
        names.iter().enumerate().map(|(number, name)| [&hung, &good][number % 2].entry(name)).collect();
    let world = looking(rows, &hosts).await;
    let started = monotonic();
    let result = invoke_within(&world.function(), json!({"summary": true}), time).await.unwrap();
    assert_eq!(world.slack.posts().len(), 1);
    let text = world.slack.text();
    assert!(text.contains("hosts looked at: ") && text.contains(" did not answer"), "{text}");
    (result, started.elapsed())
}

#[tokio::test]
async fn hosts_that_hang_do_not_take_the_time_for_posting() {
    let time = Duration::from_secs(11);
    let (result, took) = many_that_hang(time).await;
    let probed = result["probed"].as_u64().unwrap();
    assert!((8..100).contains(&probed) && took < time, "{probed} in {took:?}");
}

#[tokio::test]
async fn a_hundred_hosts_are_looked_at_and_the_others_counted() {
    let names: Vec<String> = (0..103).map(|number| format!("h{number}.example.kr")).collect();
    let host = Host::start(Manner::Shows(vec![former(&["*.example.kr"], 300)])).await;
    let rows = (1..).zip(&names).map(|(slot, name)| renewed(slot, name)).collect();
    let hosts: Vec<String> = names.iter().map(|name| host.entry(name)).collect();
    let (result, text) = summary(&looking(rows, &hosts).await).await;
    assert_eq!((&result["probed"], counts(&result), host.connections()), (&json!(100), (0, 0, 0), 100));
    assert!(text.contains("100 hosts looked at: ") && text.contains("3 not looked at"), "{text}");
}

#[tokio::test]
#[ignore = "takes 35 seconds; .ci/run runs it"]
async fn a_hundred_hosts_of_which_half_hang_are_all_looked_at_within_a_minute() {
    let time = Duration::from_mins(1);
    let (result, took) = many_that_hang(time).await;
    assert!(result["probed"] == 100 && took < time, "{} in {took:?}", result["probed"]);
}
