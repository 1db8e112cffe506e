//! Whole runs: the function as Lambda drives it, over real HTTP, against the simulator and webhooks that keep what they get.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::{Ended, World, days, invoke, invoke_within, now, written};
use ncp_cert_alert::clock;
use ncp_cert_alert::signature::KeyPair;
use ncp_cert_alert::simulator::{Account, Fault, Form, Quirks, Reply, certificate, held};
use serde_json::{Value, json};

/// `count` rows that are healthy as of [`now`].
fn healthy(count: i64) -> Account {
    Account {
        rows: (1..=count).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() + days(200))).collect(),
        ..Account::default()
    }
}

fn expired(slot: i64) -> Value {
    certificate(slot, "www.example.kr", now() - days(2))
}

fn failed(ended: Ended) -> (String, String) {
    ended.expect_err("the invocation must fail")
}

#[tokio::test]
async fn nothing_is_posted_when_nothing_was_found() {
    let world = World::with(healthy(37), 15).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(
        result,
        json!({
            "status": "clear", "checked": 37, "total": 37, "pages": 3, "critical": 0, "warning": 0, "info": 0,
            "accounts": [{"name": "prod", "status": "ok", "checked": 37, "total": 37, "pages": 3}],
            "deliveries": [
                {"webhook": "ops", "kind": "slack", "status": "skipped", "messages": 0},
                {"webhook": "web", "kind": "teams", "status": "skipped", "messages": 0},
            ],
        })
    );
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn what_was_found_is_posted_to_every_webhook() {
    let mut account = Account::demo(37, now());
    account.rows.truncate(37);
    let world = World::with(account, 15).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["status"], &result["checked"], &result["pages"]), (&json!("alerted"), &json!(37), &json!(3)));
    assert_eq!((&result["critical"], &result["warning"], &result["info"]), (&json!(3), &json!(4), &json!(1)));
    assert_eq!(
        result["deliveries"],
        json!([
            {"webhook": "ops", "kind": "slack", "status": "delivered", "messages": 1},
            {"webhook": "web", "kind": "teams", "status": "delivered", "messages": 1},
        ])
    );
    for hook in [&world.slack, &world.teams] {
        assert_eq!(hook.posts().len(), 1);
        for part in [
            "www.example.kr",
            "2 days ago",
            "in 17 hours",
            "in 3 days",
            "37 of 37 certificates, 3 pages, account prod",
            "2 edges use it",
            "no edge uses it",
            "slot 77 has this name until",
            "Simulated",
        ] {
            assert!(hook.text().contains(part), "{part} in {}", hook.text());
        }
    }
}

#[tokio::test]
async fn a_dry_run_prints_exactly_what_a_run_posts() {
    let world = World::with(Account::demo(120, now()), 15).await;
    let dry = world.invoke(json!({"dry_run": true})).await.unwrap();
    assert_eq!((&dry["status"], &dry["deliveries"]), (&json!("dry_run"), &json!([])));
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
    world.invoke(json!({})).await.unwrap();
    assert_eq!(dry["messages"][0]["payloads"], json!(world.slack.accepted()));
    assert_eq!(dry["messages"][1]["payloads"], json!(world.teams.accepted()));
}

#[tokio::test]
async fn every_certificate_is_counted_once_whatever_the_page_size() {
    for count in [0, 1, 15, 16, 37, 1000, 5000] {
        for cap in [15, 100] {
            let world = World::with(healthy(count), cap).await;
            let result = world.invoke(json!({})).await.unwrap();
            let pages = u64::try_from(count).unwrap().div_ceil(cap as u64).max(1);
            assert_eq!(
                (&result["checked"], &result["total"], &result["pages"]),
                (&json!(count), &json!(count), &json!(pages))
            );
        }
    }
}

#[tokio::test]
async fn every_boundary_holds_to_the_second() {
    let second = TimeDelta::seconds(1);
    for (left, counts) in [
        (TimeDelta::zero(), [1, 0, 0]),
        (second, [1, 0, 0]),
        (days(7), [1, 0, 0]),
        (days(7) + second, [0, 1, 0]),
        (days(30), [0, 1, 0]),
        (days(30) + second, [0, 0, 0]),
    ] {
        let world = World::of([certificate(1, "www.example.kr", now() + left)]).await;
        let result = world.invoke(json!({})).await.unwrap();
        assert_eq!(json!([result["critical"], result["warning"], result["info"]]), json!(counts), "{left}");
    }
}

#[tokio::test]
async fn an_empty_account_says_so() {
    let mut world = World::of([]).await;
    world.set("NOTIFY_WHEN_CLEAR", true);
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["status"], &result["checked"], &result["pages"]), (&json!("clear"), &json!(0), &json!(1)));
    assert!(world.slack.text().contains("0 certificates") && world.teams.text().contains("0 certificates"));
}

#[tokio::test]
async fn an_all_clear_goes_to_those_who_hear_everything() {
    let world = World::with(healthy(3), 100).await;
    world.webhooks(json!([
        {"url": world.slack.url(), "kind": "slack"},
        {"url": world.teams.url(), "kind": "teams", "min_severity": "warning"},
    ]));
    world.invoke(json!({"notify_when_clear": true})).await.unwrap();
    assert!(world.slack.text().contains("All clear"));
    assert!(world.teams.posts().is_empty());
}

#[tokio::test]
async fn a_webhook_sees_its_level_up_and_how_many_it_does_not() {
    let world = World::of([
        expired(1),
        certificate(2, "warning.example.kr", now() + days(20)),
        certificate(3, "other.example.kr", now() + days(25)),
    ])
    .await;
    world.webhooks(json!([
        {"url": world.slack.url(), "kind": "slack", "min_severity": "critical", "mention": "<!here>"},
        {"url": world.teams.url(), "kind": "teams", "min_severity": "warning"},
    ]));
    world.invoke(json!({})).await.unwrap();
    let slack = world.slack.text();
    assert!(slack.contains("www.example.kr") && !slack.contains("warning.example.kr"));
    assert!(slack.contains("Not shown here: 2 warning") && slack.contains("<!here>"));
    assert!(world.teams.text().contains("warning.example.kr"));

    // A run's own level raises that of every webhook.
    let world = World::of([certificate(2, "warning.example.kr", now() + days(20))]).await;
    let result = world.invoke(json!({"min_severity": "critical"})).await.unwrap();
    assert_eq!((&result["status"], &result["deliveries"][0]["status"]), (&json!("alerted"), &json!("skipped")));
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn a_mention_is_on_the_first_message_that_holds_something_critical_and_nowhere_else() {
    let many = (1..=200).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() + days(3)));
    let world = World::of(many).await;
    let mention = json!([{"url": world.slack.url(), "kind": "slack", "mention": "<!subteam^S0123>"}, {"url": world.teams.url(), "kind": "teams", "mention": "@ops"}]);
    world.webhooks(mention.clone());
    world.invoke(json!({})).await.unwrap();
    for (hook, text) in [(&world.slack, "<!subteam^S0123>"), (&world.teams, "@ops")] {
        let posts: Vec<String> = hook.accepted().iter().map(Value::to_string).collect();
        assert!(posts.len() > 1);
        assert_eq!(
            posts.iter().map(|post| post.contains(text)).collect::<Vec<_>>(),
            [vec![true], vec![false; posts.len() - 1]].concat()
        );
    }
    let world = World::of([certificate(1, "a.example.kr", now() + days(20))]).await;
    world.webhooks(mention);
    world.webhooks(json!([{"url": world.slack.url(), "kind": "slack", "mention": "<!subteam^S0123>"}]));
    world.invoke(json!({})).await.unwrap();
    assert!(world.slack.text().contains("a.example.kr") && !world.slack.text().contains("subteam"));
}

#[tokio::test]
async fn long_digests_are_numbered_and_what_is_worse_is_never_cut() {
    let rows = (1..=600).map(|slot| {
        let left = if slot % 3 == 0 { days(3) } else { days(20) };
        certificate(slot, &format!("{slot:03}.a-rather-long-name.example.co.kr"), now() + left)
    });
    let world = World::of(rows).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["critical"], &result["warning"]), (&json!(200), &json!(400)));
    for hook in [&world.slack, &world.teams] {
        let posts = hook.accepted();
        assert_eq!(posts.len(), 5, "{}", hook.kind);
        for (number, post) in (1..).zip(&posts) {
            assert!(post.to_string().contains(&format!("({number}/5)")));
        }
        let told = hook.text().matches(".a-rather-long-name.example.co.kr").count();
        let last = posts[4].to_string();
        assert!(last.contains(" more: ") && told > 150, "{told} {last}");
    }
}

#[tokio::test]
async fn a_test_posts_a_sample_to_every_webhook_and_does_not_call_ncp() {
    let world = World::of([]).await;
    let result = world.invoke(json!({"test": true})).await.unwrap();
    assert_eq!((&result["status"], &result["checked"], &result["accounts"]), (&json!("test"), &json!(0), &json!([])));
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        assert!(text.contains("Test: ") && text.contains("This is a test") && text.contains("example.com"), "{text}");
    }
    assert!(world.edge.requests().is_empty());
    assert_eq!(world.secrets.reads(), ["hooks"]);

    world.slack.forget();
    world.invoke(json!({"test": true, "min_severity": "critical"})).await.unwrap();
    assert!(world.slack.text().contains("Not shown here: 2 warning"), "{}", world.slack.text());

    world.slack.forget();
    let dry = world.invoke(json!({"test": true, "dry_run": true})).await.unwrap();
    assert_eq!((&dry["status"], dry["messages"].as_array().unwrap().len()), (&json!("dry_run"), 2));
    assert!(world.slack.posts().is_empty());
}

#[tokio::test]
async fn a_simulated_date_judges_and_says_so_but_never_signs() {
    let world = World::of([certificate(1, "www.example.kr", "2031-05-01T00:00:00Z".parse().unwrap())]).await;
    let result = world.invoke(json!({"now": "2031-04-29T00:00:00+09:00"})).await.unwrap();
    assert_eq!(result["critical"], json!(1), "the simulator would refuse a timestamp of 2031");
    assert!(world.slack.text().contains("Simulated: judged as if it were Tue 29 Apr 2031 00:00 KST."));
}

#[tokio::test]
async fn an_envelopes_time_is_not_the_present() {
    let soon = ncp_cert_alert::clock::wall() + days(3);
    let world = World::of([certificate(1, "www.example.kr", soon)]).await;
    for event in ["rule", "scheduler"] {
        let event = std::fs::read_to_string(format!("{}/events/{event}.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut event: Value = serde_json::from_str(&event).unwrap();
        event["time"] = json!("1970-01-01T00:00:00Z");
        let result = world.invoke(event).await.unwrap();
        assert_eq!(result["critical"], json!(1));
        assert!(!world.slack.text().contains("Simulated"));
    }
}

#[tokio::test]
async fn several_accounts_share_a_digest_and_one_bad_key_touches_no_other() {
    let mut world = World::of([expired(1)]).await;
    world.set("NCP_SECRET_ID", "prod, team/bad ,missing,prod2");
    world.secrets.set("team/bad", json!({"access_key": "AKother0000000", "secret_key": "SKother0000000"}));
    world
        .secrets
        .set("prod2", json!({"accessKey": common::ACCESS_KEY, "secretKey": common::SECRET_KEY, "name": "prod"}));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "SecretError");
    assert!(message.contains("account `bad`: NCP refused the keys (HTTP 401, code 200"), "{message}");
    assert!(message.contains("secret `missing`: Secrets Manager has no such secret"), "{message}");
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        assert_eq!(hook.posts().len(), 1);
        for part in
            ["2 accounts could not be checked", "2 expired", "account prod (2)", "account bad", "account missing"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

#[tokio::test]
async fn keys_that_were_rotated_meanwhile_are_read_again_once() {
    let world = World::of([expired(1)]).await;
    let function = world.function();
    function.prefetch().await;
    world.edge.rotate(KeyPair::new("AKrotated00000", "SKrotated00000"));
    world.secrets.set("prod", json!({"access_key": "AKrotated00000", "secret_key": "SKrotated00000"}));
    let result = invoke(&function, json!({})).await.unwrap();
    assert_eq!(result["critical"], json!(1));
    assert_eq!(world.secrets.reads().iter().filter(|id| *id == "prod").count(), 2);

    // Keys that stay wrong are read once more, and no more.
    world.edge.rotate(KeyPair::new("AKother0000000", "SKother0000000"));
    let lists = world.edge.requests().len();
    let (kind, _) = failed(invoke(&function, json!({})).await);
    assert_eq!(kind, "ApiError");
    assert_eq!(world.edge.requests().len() - lists, 1, "NCP may lock out who asks again and again");
    assert_eq!(world.secrets.reads().iter().filter(|id| *id == "prod").count(), 4);
}

#[tokio::test]
async fn a_warm_process_reads_its_secrets_anew() {
    let world = World::of([expired(1)]).await;
    let function = world.function();
    function.prefetch().await;
    assert_eq!(world.secrets.reads().len(), 2);
    invoke(&function, json!({})).await.unwrap();
    assert_eq!(world.secrets.reads().len(), 2, "what init has read is used");
    world.webhooks(json!([{"url": world.slack.url(), "kind": "slack", "name": "renamed"}]));
    let result = invoke(&function, json!({})).await.unwrap();
    assert_eq!(result["deliveries"][0]["webhook"], json!("renamed"));
}

#[tokio::test]
async fn an_event_can_name_other_secrets() {
    let world = World::of([expired(1)]).await;
    world.secrets.set("tenant", json!({"access_key": common::ACCESS_KEY, "secret_key": common::SECRET_KEY}));
    world.secrets.set("tenant-hooks", world.teams.url().replace("http://127.0.0.1", "https://127.0.0.1"));
    let (kind, message) =
        failed(world.invoke(json!({"ncp_secret_id": "tenant", "webhook_secret_id": "tenant-hooks"})).await);
    assert_eq!(kind, "SecretError");
    assert!(
        message.contains("secret `tenant-hooks`") && message.contains("add `kind`") && !message.contains("CANARY"),
        "{message}"
    );
    world
        .secrets
        .set("tenant-hooks", json!({"webhooks": [{"url": world.teams.url(), "kind": "teams", "name": "tenant"}]}));
    let result = world.invoke(json!({"ncp_secret_id": ["tenant"], "webhook_secret_id": "tenant-hooks"})).await.unwrap();
    assert_eq!(
        (&result["accounts"][0]["name"], &result["deliveries"][0]["webhook"]),
        (&json!("tenant"), &json!("tenant"))
    );
    assert!(world.slack.posts().is_empty());
}

#[tokio::test]
async fn an_incomplete_list_is_reported_with_what_was_found() {
    let account = Account { rows: (1..=36).map(expired).collect(), ..Account::default() };
    let world = World::with(account, 100).await;
    world.edge.change(|account| account.rows.push(json!({"commonName": "no slot"})));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "IncompleteListing");
    assert!(message.contains("account `prod`: incomplete listing: 36 of 37"), "{message}");
    assert!(world.slack.text().contains("36 expired") && world.slack.text().contains("incomplete listing: 36 of 37"));
    assert_eq!(world.edge.requests().iter().filter(|target| target.contains("pageNo")).count(), 2);
}

#[tokio::test]
async fn the_pages_that_were_read_count_when_one_fails_for_good() {
    let account = Account { rows: (1..=45).map(expired).collect(), ..Account::default() };
    let world = World::with(account, 15).await;
    world.edge.script_always("pageNo=2", Reply::new(400, r#"{"code":"0040","message":"Field validation Error"}"#));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "ApiError");
    assert!(message.contains("code 0040, `Field validation Error`"), "{message}");
    assert!(world.teams.text().contains("30 expired"), "{}", world.teams.text());
}

#[tokio::test]
async fn a_detail_that_cannot_be_read_hides_nothing() {
    let world = World::of([expired(1)]).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(result["critical"], json!(1));
    assert!(world.edge.requests().iter().any(|target| target.ends_with("/provisioning/1")));

    let mut world = World::of([expired(1)]).await;
    world.set("CERTIFICATE_DETAILS", false);
    world.invoke(json!({})).await.unwrap();
    assert!(!world.edge.requests().iter().any(|target| target.ends_with("/provisioning/1")));
}

#[tokio::test]
async fn bad_settings_and_events_are_all_named_and_nothing_is_posted() {
    let mut world = World::of([expired(1)]).await;
    world.set("WARN_DAYS", "soon");
    world.set("TIME_ZONE", "Mars");
    let (kind, message) = failed(world.invoke(json!({"dryrun": true})).await);
    assert_eq!(kind, "ConfigError");
    assert!(
        message.contains("WARN_DAYS is `soon`")
            && message.contains("TIME_ZONE is `Mars`")
            && message.contains("`dryrun`"),
        "{message}"
    );

    let world = World::of([expired(1)]).await;
    let (kind, message) = failed(world.invoke(json!({"dryrun": true})).await);
    assert_eq!(kind, "EventError");
    assert!(message.contains("unknown option `dryrun`"), "{message}");
    world.secrets.set("hooks", "not a url");
    let (kind, _) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "SecretError");
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn a_webhook_that_fails_for_good_is_named_on_the_others() {
    let world = World::of([expired(1)]).await;
    world.slack.always(Reply::new(404, "no_service"));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "DeliveryError");
    assert!(
        message.starts_with(
            "webhook `ops` (slack): it does not exist any more (HTTP 404, `no_service`): create a new incoming webhook"
        ),
        "{message}"
    );
    assert_eq!(world.slack.posts().len(), 1, "a 404 is not tried again");
    let posts = world.teams.accepted();
    assert_eq!(posts.len(), 2);
    let notice = posts[1].to_string();
    assert!(
        notice.contains("did not reach webhook ops") && notice.contains("Create a new incoming webhook"),
        "{notice}"
    );
    assert!(!notice.contains("CANARY"));
}

#[tokio::test]
async fn slack_is_believed_only_when_it_says_ok_and_a_400_is_tried_as_text() {
    let world = World::of([expired(1)]).await;
    world.slack.always(Reply::new(200, "<html>"));
    let (_, message) = failed(world.invoke(json!({})).await);
    assert!(message.contains("the answer is not `ok`"), "{message}");
    assert_eq!(world.slack.posts().len(), 1);

    let world = World::of([expired(1)]).await;
    world.slack.script([Reply::new(400, "invalid_blocks")]);
    world.invoke(json!({})).await.unwrap();
    let posts = world.slack.posts();
    assert_eq!(posts.len(), 2);
    assert!(posts[0]["blocks"].is_array() && posts[1].get("blocks").is_none());
    assert_eq!(posts[0]["text"], posts[1]["text"]);
}

#[tokio::test]
async fn messages_that_were_taken_are_not_sent_again() {
    let many = (1..=100).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() + days(3)));
    let world = World::of(many).await;
    world.slack.script([Reply::new(503, "").with("retry-after", "0")]);
    world.invoke(json!({})).await.unwrap();
    let (posts, accepted) = (world.slack.posts(), world.slack.accepted());
    assert_eq!(posts.len(), accepted.len() + 1);
    assert_eq!(posts[0], posts[1]);
    let mut unique = accepted.clone();
    unique.dedup();
    assert_eq!(unique.len(), accepted.len());
}

/// A run of an account with `certificates`, of which one page holds at most `cap`, that succeeds only if it takes no more round trips than
/// `turns`: so many requests are answered at a time.
async fn assert_turns(certificates: usize, cap: usize, details: bool, turns: &[usize]) {
    let mut world = World::with(Account::demo(certificates, now()), cap).await;
    world.set("CERTIFICATE_DETAILS", details);
    let taken = world.in_turns(turns);
    let result = invoke_within(&world.function(), json!({}), Duration::from_secs(20)).await.unwrap();
    assert_eq!((&result["status"], &result["checked"]), (&json!("alerted"), &json!(certificates)));
    assert_eq!(taken.requests(), turns.iter().sum::<usize>(), "{certificates} certificates");
}

#[tokio::test]
async fn a_run_waits_for_the_network_as_rarely_as_can_be() {
    // Secrets, the page, the posts.
    assert_turns(37, 1000, false, &[2, 1, 2]).await;
    assert_turns(1000, 1000, false, &[2, 1, 2]).await;
    // And the details of what is urgent, four at a time.
    assert_turns(37, 1000, true, &[2, 1, 4, 3, 2]).await;
    // Up to five pages are one more, and every further four pages another.
    assert_turns(1001, 1000, false, &[2, 1, 1, 2]).await;
    assert_turns(101, 100, false, &[2, 1, 1, 2]).await;
    assert_turns(500, 100, false, &[2, 1, 4, 2]).await;
    assert_turns(501, 100, false, &[2, 1, 4, 1, 2]).await;
    assert_turns(2_100, 100, false, &[2, 1, 4, 4, 4, 4, 4, 2]).await;
}

/// The page sizes that were asked for, in the order of the requests.
fn sizes(world: &World) -> Vec<u64> {
    let targets = world.edge.requests();
    targets.iter().filter_map(|target| target.split_once("&offset=")?.1.parse().ok()).collect()
}

/// A world whose list has the slots 1 to `count`, all expired, and these quirks.
async fn expired_world(count: i64, cap: usize, quirks: Quirks) -> World {
    let mut world = World::with(Account { rows: (1..=count).map(expired).collect(), ..Account::default() }, cap).await;
    world.set("CERTIFICATE_DETAILS", false);
    world.edge.misbehave(quirks);
    world
}

#[tokio::test]
async fn a_list_is_read_in_one_answer_where_the_server_grants_that() {
    for (largest, cap, asked, pages) in [
        (None, 1000, &[1000][..], 1),
        (None, 100, &[1000, 100, 100], 3),
        (Some(100), 1000, &[1000, 100, 100, 100], 3),
        (Some(50), 1000, &[&[1000, 100][..], &[15; 17]].concat(), 17),
    ] {
        let world = expired_world(251, cap, Quirks { largest, ..Quirks::default() }).await;
        let result = world.invoke(json!({})).await.unwrap();
        assert_eq!((&result["critical"], &result["pages"]), (&json!(251), &json!(pages)));
        assert_eq!(sizes(&world), asked);
    }
}

#[tokio::test]
async fn what_a_page_holds_counts_and_not_what_it_says_of_its_size() {
    for cap in [100, 37, 15] {
        for echo in [1, 15, 100, 1000] {
            let world = expired_world(200, cap, Quirks { echo: Some(echo), ..Quirks::default() }).await;
            let result = world.invoke(json!({})).await.unwrap();
            let pages = 200_usize.div_ceil(cap);
            assert_eq!((&result["critical"], &result["pages"]), (&json!(200), &json!(pages)), "{cap} {echo}");
            assert_eq!(sizes(&world).len(), pages);
        }
    }
}

#[tokio::test]
async fn a_page_that_comes_empty_costs_no_other() {
    for (empty, found) in [(&[2][..], 90), (&[3, 4, 5, 6], 45), (&[1], 90)] {
        let quirks = Quirks { empty: empty.iter().copied().collect(), ..Quirks::default() };
        let world = expired_world(105, 15, quirks).await;
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!(kind, "IncompleteListing");
        assert!(message.contains(&format!("account `prod`: incomplete listing: {found} of 105")), "{message}");
        assert!(world.slack.text().contains(&format!("{found} expired")), "{}", world.slack.text());
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_costs_no_other() {
    for text in [
        r#"{"slotId": 2, "slotId": 2}"#,
        r#"{"slotId": 2, "commonName": "\ud83d"}"#,
        r#"{"slotId": 1e999}"#,
        "{\"slotId\": 2, \"commonName\": \"a\u{7}\"}",
        "7",
    ] {
        for cap in [15, 100] {
            let quirks = Quirks { raw: [(1, text.to_owned()), (30, text.to_owned())].into(), ..Quirks::default() };
            let world = expired_world(37, cap, quirks).await;
            let (kind, message) = failed(world.invoke(json!({})).await);
            assert_eq!(kind, "IncompleteListing");
            let expected = "incomplete listing: 35 of 37 (2 rows have no readable slotId)";
            assert!(message.contains(expected), "{text}: {message}");
            assert!(world.slack.text().contains("35 expired"), "{}", world.slack.text());
        }
    }
}

#[tokio::test]
async fn an_order_that_changes_from_page_to_page_is_no_failure() {
    let world = expired_world(30, 15, Quirks { drift: 1, ..Quirks::default() }).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["critical"], &result["total"], &result["pages"]), (&json!(30), &json!(30), &json!(2)));
    assert_eq!(sizes(&world).len(), 4);

    // What is listed in one answer has one order.
    let world = expired_world(30, 100, Quirks { drift: 1, ..Quirks::default() }).await;
    world.invoke(json!({})).await.unwrap();
    assert_eq!(sizes(&world), [1000]);
}

/// A detail with these certificates, each a region and an expiry, and this many edges.
fn detail(certificates: &[(&str, chrono::DateTime<chrono::Utc>)], edges: u64) -> Value {
    let certificate = |(region, expiry): &(&str, chrono::DateTime<chrono::Utc>)| json!({"serviceRegion": region, "expirationDate": expiry.to_rfc3339()});
    let certificates: Vec<Value> = certificates.iter().map(certificate).collect();
    json!({"certificates": certificates, "linkedEdges": {"pageable": {"totalCount": edges}}})
}

/// A world with one row, and its detail.
async fn detailed(row: Value, detail: Value) -> World {
    let slot = row["slotId"].as_i64().unwrap();
    World::with(Account { rows: vec![row], details: [(slot, detail)].into(), ..Account::default() }, 100).await
}

fn counts(result: &Value) -> Value {
    json!([result["critical"], result["warning"], result["info"]])
}

#[tokio::test]
async fn a_detail_never_takes_a_reason_away() {
    let mut undated = expired(1);
    undated["expirationDate"] = Value::Null;
    // The detail's date is far away: what the list does not say stays unknown.
    let world = detailed(undated.clone(), detail(&[("KR_JP", now() + days(400))], 2)).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(counts(&result), json!([0, 1, 0]));
    for hook in [&world.slack, &world.teams] {
        assert!(hook.text().contains("Expiry unknown") && hook.text().contains("NCP sent no date"), "{}", hook.text());
        assert!(!hook.text().contains("In progress"), "{}", hook.text());
    }
    // It is near: that counts.
    let world = detailed(undated, detail(&[("KR_JP", now() + days(2))], 2)).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(counts(&result), json!([1, 0, 0]));
    assert!(world.slack.text().contains("expires in 2 days"), "{}", world.slack.text());
}

#[tokio::test]
async fn rows_that_name_edges_outweigh_a_count_of_none() {
    let mut said = detail(&[], 0);
    said["linkedEdges"]["content"] = json!([{"id": 7, "edgeName": "shop"}]);
    let world = detailed(expired(1), said).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(counts(&result), json!([1, 0, 0]));
    assert!(world.slack.text().contains("1 edge uses it: shop"), "{}", world.slack.text());

    let world = detailed(expired(1), detail(&[], 0)).await;
    assert_eq!(counts(&world.invoke(json!({})).await.unwrap()), json!([0, 1, 0]));
}

#[tokio::test]
async fn metric_result_and_message_come_from_the_same_findings() {
    let soon = |days| clock::wall() + common::days(days) + TimeDelta::hours(1);
    let world = detailed(certificate(1, "www.example.kr", soon(19)), detail(&[("KR_JP", soon(2))], 1)).await;
    written();
    // Without a simulated date, so that metrics are written.
    let result = world.invoke(json!({"detail-type": "Scheduled Event", "detail": {}})).await.unwrap();
    assert_eq!(counts(&result), json!([1, 0, 0]));
    assert!(world.slack.text().contains("expires in 2 days"), "{}", world.slack.text());
    let line = written().into_iter().find(|line| line.contains("DaysToFirstExpiry")).unwrap();
    let metrics: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&metrics["CertificatesCritical"], &metrics["DaysToFirstExpiry"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn what_was_found_before_the_keys_were_rotated_is_reported_when_the_new_ones_fail() {
    let account = Account { rows: (1..=45).map(expired).collect(), ..Account::default() };
    let world = World::with(account, 15).await;
    let function = world.function();
    function.prefetch().await;
    let refused = json!({"error": {"errorCode": "200", "message": "Authentication Failed"}}).to_string();
    world.edge.script_always("pageNo=2", Reply::new(401, refused));
    // The new keys are in the secret, but NCP does not know them yet.
    world.secrets.set("prod", json!({"access_key": "AKrotated00000", "secret_key": "SKrotated00000"}));
    let (kind, message) = failed(invoke(&function, json!({})).await);
    assert_eq!(kind, "ApiError");
    assert!(message.contains("account `prod`: NCP refused the keys"), "{message}");
    for hook in [&world.slack, &world.teams] {
        assert!(hook.text().contains("15 expired"), "{}", hook.text());
        assert!(hook.text().contains("15 of 45 certificates, 1 page, account prod"), "{}", hook.text());
    }

    // Both readings found something: each slot is told once.
    let account = Account { rows: (1..=45).map(expired).collect(), ..Account::default() };
    let world = World::with(account, 15).await;
    let function = world.function();
    function.prefetch().await;
    let keys = ("AKrotated00000", "SKrotated00000");
    world.secrets.set("prod", json!({"access_key": keys.0, "secret_key": keys.1}));
    let page = |number: usize| {
        let rows: Vec<Value> = (1..=15).map(|slot| expired(i64::try_from(slot + (number - 1) * 15).unwrap())).collect();
        let pageable = json!({"pageNo": number, "offset": 15, "totalCount": 45});
        json!({"code": "0000", "result": {"content": rows, "pageable": pageable}}).to_string()
    };
    let refused = json!({"error": {"errorCode": "200", "message": "Authentication Failed"}}).to_string();
    world.edge.script("pageNo=1", [Reply::new(200, page(1)), Reply::new(200, page(1))]);
    world.edge.script("pageNo=2", [Reply::new(200, page(2)), Reply::new(400, "")]);
    world.edge.script("pageNo=3", [Reply::new(401, refused), Reply::new(400, "")]);
    let (kind, message) = failed(invoke(&function, json!({})).await);
    assert_eq!(kind, "ApiError");
    assert!(message.contains("HTTP 400"), "{message}");
    assert!(world.slack.text().contains("30 expired"), "{}", world.slack.text());
    assert!(world.slack.text().contains("30 of 45 certificates"), "{}", world.slack.text());
}

#[tokio::test]
async fn every_empty_account_is_told_by_name_or_counted() {
    let empty = async |count: usize, name: &dyn Fn(usize) -> String| {
        let mut world = World::of([]).await;
        let ids: Vec<String> = (1..=count).map(name).collect();
        for id in &ids {
            world.secrets.set(id, json!({"access_key": common::ACCESS_KEY, "secret_key": common::SECRET_KEY}));
        }
        world.set("NCP_SECRET_ID", ids.join(","));
        world.invoke(json!({"notify_when_clear": true})).await.unwrap();
        (world, ids)
    };
    let (world, ids) = empty(7, &|number| format!("tenant{number}")).await;
    for hook in [&world.slack, &world.teams] {
        assert!(hook.text().contains("0 certificates in 7 accounts: "), "{}", hook.text());
        assert!(ids.iter().all(|id| hook.text().contains(id.as_str())), "{}", hook.text());
    }
    let (world, ids) = empty(60, &|number| format!("tenant-with-a-rather-long-name-{number:02}")).await;
    for hook in [&world.slack, &world.teams] {
        let told = ids.iter().filter(|id| hook.text().contains(id.as_str())).count();
        assert!(told >= 7, "{told}");
        assert!(hook.text().contains(&format!(" +{} more", 60 - told)), "{}", hook.text());
    }
}

#[tokio::test]
async fn teams_has_taken_what_it_answered_with_success_whatever_becomes_of_the_body() {
    let long = "x".repeat(70 << 10);
    for reply in [
        Reply::new(202, &long),
        Reply::Fault(Fault::ResetInBody(long.clone())),
        Reply::Fault(Fault::ResetInBody(long.clone()).with_status(202)),
        Reply::Fault(Fault::Drip(long.clone(), Duration::from_millis(200)).with_status(202)),
        Reply::Fault(Fault::Flood { size: 50 << 20, announced: true }),
        Reply::Fault(Fault::Flood { size: 50 << 20, announced: false }.with_status(202)),
    ] {
        let world = World::of([expired(1)]).await;
        world.teams.always(reply.clone());
        let start = clock::start();
        world.invoke(json!({})).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(5), "the status is the answer");
        assert_eq!((world.teams.posts().len(), world.teams.accepted().len()), (1, 1));
        assert_eq!(world.slack.posts().len(), 1, "there is nothing to be told of");
    }
}

#[tokio::test]
async fn what_slack_may_have_taken_is_not_sent_again() {
    for reply in [
        Reply::Fault(Fault::ResetInBody("ok".to_owned())),
        Reply::Fault(Fault::Drip("ok".to_owned(), Duration::from_secs(30))),
        Reply::new(200, "x".repeat(70 << 10)),
    ] {
        let mut world = World::of([expired(1)]).await;
        world.timing.attempt = Duration::from_secs(1);
        world.slack.always(reply);
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!(kind, "DeliveryError");
        assert!(message.contains("it answered, but not that it took the message"), "{message}");
        assert_eq!(world.slack.posts().len(), 1);
        assert_eq!(world.teams.accepted().len(), 2, "the digest and the notice");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_success_is_judged_by_its_status_however_long_or_broken() {
    let page = format!("<html>{}</html>", "gateway ".repeat(1 << 17));
    for reply in [
        Reply::new(503, &page),
        Reply::Fault(Fault::ResetInBody(page.clone()).with_status(503)),
        Reply::Fault(Fault::Flood { size: 50 << 20, announced: true }.with_status(503)),
    ] {
        let world = detailed(expired(1), detail(&[], 1)).await;
        world.edge.script("pageNo=1", [reply.clone()]);
        world.edge.script("/provisioning/1", [reply.clone()]);
        for hook in [&world.slack, &world.teams] {
            hook.script([reply.clone()]);
        }
        for id in ["prod", "hooks"] {
            world.secrets.script(id, [reply.clone()]);
        }
        world.invoke(json!({})).await.unwrap();
        for hook in [&world.slack, &world.teams] {
            assert_eq!((hook.posts().len(), hook.accepted().len()), (2, 1));
            assert!(hook.text().contains("1 edge uses it"));
        }
        assert_eq!(world.secrets.reads().len(), 4);

        // What stays so is told by its status.
        world.edge.script_always("pageNo=1", reply.clone());
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!(kind, "ApiError");
        assert!(message.contains("NCP has a problem (HTTP 503"), "{message}");
    }
    // A page of the list may be long; one that is longer than that is an error, and is not asked for again.
    let world = World::of([expired(1)]).await;
    world.edge.script_always("pageNo=1", Reply::Fault(Fault::Flood { size: 9 << 20, announced: false }));
    let (_, message) = failed(world.invoke(json!({})).await);
    assert!(message.contains("the answer is longer than 8192 KB"), "{message}");
    assert_eq!(world.edge.requests().len(), 1);
}

#[tokio::test]
async fn slacks_header_holds_no_more_than_150_characters() {
    for name in ["e\u{301}\u{301}\u{301}".repeat(60), "<a".repeat(60), "가".repeat(200)] {
        let mut world = World::of([expired(1)]).await;
        let keys = json!({"access_key": "AKother0000000", "secret_key": "SKother0000000", "name": name});
        world.secrets.set("other", keys);
        world.set("NCP_SECRET_ID", "prod,other");
        failed(world.invoke(json!({})).await);
        let posts = world.slack.accepted();
        let header = posts[0]["blocks"][0]["text"]["text"].as_str().unwrap();
        assert!(header.contains("could not be checked") || header.contains('…'), "{header}");
        assert!(header.chars().count() <= 150, "{} characters: {header}", header.chars().count());
    }
}

/// A world in which Certificate Manager is asked too, and shares of a lifetime are set.
async fn world_of_lifetimes(rows: Vec<Value>, held: Vec<Value>) -> World {
    let mut world = World::of(rows).await;
    world.edge.change(|account| account.certificate_manager.rows = held);
    world.set("CERTIFICATE_MANAGER", true);
    world.set("CERTIFICATE_MANAGER_URL", world.edge.url());
    world.set("WARN_SHARE", 33);
    world.set("CRITICAL_SHARE", 10);
    world
}

/// One certificate of 47 days of which 20 are left, as Global Edge and as Certificate Manager have it.
fn short_lived() -> (Value, Value) {
    let until = now() + days(20);
    let row = certificate(1, "www.example.kr", until);
    let name = row["certificateName"].as_str().unwrap().to_owned();
    (row, held(&name, "www.example.kr", until - days(47), until, &[7]))
}

fn asked_certificate_manager(world: &World) -> usize {
    world.edge.requests().iter().filter(|target| *target == "/api/v1/certificates").count()
}

#[tokio::test]
async fn certificate_manager_is_not_asked_unless_that_is_wanted() {
    let (row, held) = short_lived();
    let mut world = world_of_lifetimes(vec![row], vec![held]).await;
    for name in ["CERTIFICATE_MANAGER", "WARN_SHARE", "CRITICAL_SHARE"] {
        world.vars.remove(name);
    }
    assert_eq!(world.invoke(json!({})).await.unwrap()["warning"], json!(1));
    assert_eq!(asked_certificate_manager(&world), 0);
    assert!(!world.slack.text().contains("Example CA"));

    // Asked without shares it tells who issued what, and changes no line.
    world.set("CERTIFICATE_MANAGER", true);
    world.slack.forget();
    assert_eq!(world.invoke(json!({})).await.unwrap()["warning"], json!(1));
    assert_eq!(asked_certificate_manager(&world), 1);
    assert!(world.slack.text().contains("valid for 47 days in all, issued by Example CA"), "{}", world.slack.text());
}

#[tokio::test]
async fn a_lifetime_counts_in_every_form_in_which_it_can_be_read_and_days_alone_in_every_other() {
    for form in Form::ALL {
        let (row, held) = short_lived();
        let world = world_of_lifetimes(vec![row], vec![held]).await;
        world.edge.change(|account| account.certificate_manager.form = form);
        let result = world.invoke(json!({"notify_when_clear": true})).await.unwrap();
        let expected = if form.tells_lifetimes() { ("clear", 0) } else { ("alerted", 1) };
        assert_eq!((&result["status"], &result["warning"]), (&json!(expected.0), &json!(expected.1)), "{form:?}");
        assert_eq!(asked_certificate_manager(&world), 1, "{form:?}");
        let text = world.teams.text();
        if form.tells_lifetimes() {
            assert!(text.contains("lasts for more than 30 days or 33% of its lifetime."), "{text}");
        }
        assert!(text.contains("Warning at 30 days or 33% of the lifetime, critical at 7 days or 10%"), "{text}");
        assert!(!text.contains("Elsewhere"), "a slot shows it: {text}");
    }
}

#[tokio::test]
async fn a_certificate_manager_that_fails_costs_the_shares_and_nothing_else() {
    for reply in [
        Reply::Fault(Fault::Reset),
        Reply::Fault(Fault::Hang),
        Reply::Fault(Fault::Flood { size: (8 << 20) + 1, announced: false }),
        Reply::new(302, "").with("location", "/api/v1/certificate/provisioning"),
        Reply::new(401, r#"{"error":{"errorCode":"210","message":"Permission Denied"}}"#),
        Reply::new(500, ""),
        Reply::new(200, "<html>"),
    ] {
        let (row, held) = short_lived();
        let world = world_of_lifetimes(vec![row], vec![held]).await;
        world.edge.script_always("/api/v1/certificates", reply.clone());
        let start = ncp_cert_alert::clock::start();
        let result = invoke_within(&world.function(), json!({}), Duration::from_secs(4)).await.unwrap();
        assert_eq!((&result["status"], &result["warning"]), (&json!("alerted"), &json!(1)), "{reply:?}");
        assert!(start.elapsed() < Duration::from_secs(3), "{reply:?}: {:?}", start.elapsed());
        assert!((1..=2).contains(&asked_certificate_manager(&world)), "{reply:?}");
        assert_eq!(world.edge.requests().iter().filter(|target| target.contains("pageNo")).count(), 1);
    }
}

#[tokio::test]
async fn certificate_manager_is_asked_at_the_same_time_as_the_list() {
    let (row, held) = short_lived();
    let world = world_of_lifetimes(vec![row], vec![held]).await;
    // Secrets, the page and Certificate Manager; and nothing is due.
    let taken = world.in_turns(&[2, 2]);
    let result = invoke_within(&world.function(), json!({}), Duration::from_secs(20)).await.unwrap();
    assert_eq!((&result["status"], taken.requests()), (&json!("clear"), 4));
}

#[tokio::test]
async fn a_year_of_certificates_of_47_days_that_are_renewed_at_two_thirds_has_no_warning() {
    let world = world_of_lifetimes(Vec::new(), Vec::new()).await;
    let function = world.function();
    let mut findings = [0, 0];
    for day in 0..365 {
        // Day by day at the same hour; it is renewed on the 31st day of its life, which is before two thirds are over.
        let (age, number) = (day % 31, day / 31);
        let from = now() + days(day - age);
        let (name, until) = (format!("www-{number}"), from + days(47));
        let mut row = certificate(1, "www.example.kr", until);
        row["certificateName"] = json!(name);
        for (place, held) in [vec![held(&name, "www.example.kr", from, until, &[7])], vec![]].into_iter().enumerate() {
            world.edge.change(|account| {
                account.rows = vec![row.clone()];
                account.certificate_manager.rows = held;
            });
            let today = (now() + days(day)).to_rfc3339();
            let result = invoke(&function, json!({"now": today, "dry_run": true})).await.unwrap();
            findings[place] +=
                ["critical", "warning", "info"].map(|kind| result[kind].as_i64().unwrap()).iter().sum::<i64>();
        }
    }
    assert_eq!(findings[0], 0);
    assert!(findings[1] > 150, "by days alone it is told on {} days", findings[1]);
}

#[tokio::test]
async fn what_expires_elsewhere_is_told_last_of_its_severity() {
    let slot = certificate(1, "www.example.kr", now() + days(20));
    let shown = slot["certificateName"].as_str().unwrap().to_owned();
    let entry = |name: &str, domain: &str, left, used: &[u64]| {
        held(name, domain, now() + days(left - 365), now() + days(left), used)
    };
    let rows = vec![
        entry("lb-cert", "lb.example.kr", 3, &[11, 12]),
        entry("cdn-cert", "cdn.example.kr", 25, &[13]),
        entry("idle-cert", "idle.example.kr", 3, &[]),
        entry("later-cert", "later.example.kr", 31, &[14]),
        entry(&shown, "www.example.kr", 20, &[15]),
    ];
    let world = world_of_lifetimes(vec![slot, expired(2)], rows).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["critical"], &result["warning"], &result["checked"]), (&json!(2), &json!(2), &json!(2)));
    for hook in [&world.slack, &world.teams] {
        let text = hook.accepted()[0].to_string();
        let place = |part: &str| text.rfind(part).unwrap_or_else(|| panic!("{part} in {text}"));
        assert!(
            place("expired 2 days ago") < place("lb.example.kr")
                && place("lb.example.kr") < place("expires in 20 days")
        );
        assert!(place("expires in 20 days") < place("cdn.example.kr"), "{text}");
        assert!(text.contains("Elsewhere (load balancer, CDN+)"));
        assert!(text.contains("certificate lb-cert · in use by 2 instances, on no slot of Global Edge"));
        assert!(!text.contains("idle.example.kr") && !text.contains("later.example.kr"));
    }
    let title = world.slack.accepted()[0]["blocks"][0]["text"]["text"].to_string();
    assert!(title.contains("1 expired, 1 elsewhere, 1 expiring within 30 days, 1 elsewhere"), "{title}");

    // A webhook that hears of what is critical hears of what is critical elsewhere, and how much it does not hear of.
    world.slack.forget();
    world.edge.change(|account| account.rows.truncate(1));
    world.webhooks(
        json!([{"url": world.slack.url(), "kind": "slack", "min_severity": "critical", "mention": "<!here>"}]),
    );
    world.invoke(json!({})).await.unwrap();
    let text = world.slack.text();
    assert!(text.contains("lb.example.kr") && !text.contains("cdn.example.kr"), "{text}");
    assert!(text.contains("<!here>") && text.contains("Not shown here: 2 warning"), "{text}");
}

#[tokio::test]
async fn what_a_page_that_was_not_read_or_a_detail_may_show_is_not_called_elsewhere() {
    let until = now() + days(3);
    let lb = held("lb-cert", "lb.example.kr", until - days(365), until, &[11]);
    let world = world_of_lifetimes(vec![expired(1), json!({"commonName": "no slot"})], vec![lb.clone()]).await;
    let (kind, _) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "IncompleteListing");
    assert!(!world.slack.text().contains("lb.example.kr"));

    // A slot for the whole world holds another certificate, which only its detail names.
    let world = world_of_lifetimes(vec![expired(1)], vec![lb]).await;
    world.edge.change(|account| {
        let detail = json!({"certificates": [{"serviceRegion": "GLOBAL", "cmCertificateName": "lb-cert"}]});
        account.details.insert(1, detail);
    });
    world.invoke(json!({})).await.unwrap();
    assert!(!world.slack.text().contains("lb.example.kr"));
    world.edge.change(|account| account.details.clear());
    world.slack.forget();
    world.invoke(json!({})).await.unwrap();
    assert!(world.slack.text().contains("lb.example.kr"));
}

#[tokio::test]
async fn shares_without_certificate_manager_are_refused_together_with_what_else_is_wrong() {
    let mut world = World::of([expired(1)]).await;
    world.set("WARN_SHARE", 33);
    world.set("WARN_DAYS", "soon");
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "ConfigError");
    assert!(message.contains("WARN_SHARE is `33`, which needs CERTIFICATE_MANAGER"), "{message}");
    assert!(message.contains("WARN_DAYS is `soon`"), "{message}");
    assert!(world.slack.posts().is_empty());
}
