//! Whole runs: the function as Lambda drives it, over real HTTP, against the simulator and webhooks that keep what they get.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::{Ended, World, days, invoke, invoke_within, now};
use ncp_cert_alert::signature::KeyPair;
use ncp_cert_alert::simulator::{Account, Reply, certificate};
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

/// A run of an account with `certificates`, of which one page holds 100, that succeeds only if it takes no more round trips than
/// `turns`: so many requests are answered at a time.
async fn assert_turns(certificates: usize, details: bool, turns: &[usize]) {
    let mut world = World::with(Account::demo(certificates, now()), 100).await;
    world.set("CERTIFICATE_DETAILS", details);
    let taken = world.in_turns(turns);
    let result = invoke_within(&world.function(), json!({}), Duration::from_secs(20)).await.unwrap();
    assert_eq!((&result["status"], &result["checked"]), (&json!("alerted"), &json!(certificates)));
    assert_eq!(taken.requests(), turns.iter().sum::<usize>(), "{certificates} certificates");
}

#[tokio::test]
async fn a_run_waits_for_the_network_as_rarely_as_can_be() {
    // Secrets, the page, the posts.
    assert_turns(37, false, &[2, 1, 2]).await;
    // And the details of what is urgent, four at a time.
    assert_turns(37, true, &[2, 1, 4, 3, 2]).await;
    // Up to five pages are one more, and every further four pages another.
    assert_turns(101, false, &[2, 1, 1, 2]).await;
    assert_turns(500, false, &[2, 1, 4, 2]).await;
    assert_turns(501, false, &[2, 1, 4, 1, 2]).await;
    assert_turns(2_100, false, &[2, 1, 4, 4, 4, 4, 4, 2]).await;
}
