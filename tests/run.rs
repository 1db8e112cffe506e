//! Whole runs: the function as Lambda drives it, over real HTTP, against the simulator and webhooks that keep what they get.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::servers::{Deviations, Fault, GlobalEdge, ManagerResponse, Reply};
use common::stores::{AWS_ACCOUNT, REGION, aws_error};
use common::{ACCESS_KEY, Ended, Hook, SECRET_KEY, Switch, World, days, invoke, invoke_within, keep, now, written};
use ncp_cert_alert::lambda::logging;
use ncp_cert_alert::ncp::signature::KeyPair;
use ncp_cert_alert::simulator::{Account, certificate, held};
use ncp_cert_alert::time;
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
            "37 certificates checked",
            "2 edges use it",
            "no edge uses it",
            "Slot 77 has this name until",
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
async fn an_all_clear_goes_to_webhooks_of_every_level() {
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
    assert!(slack.contains("Left out of this channel: 2 warnings") && slack.contains("<!here>"));
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
    let rows = (1..=1200).map(|slot| {
        let left = if slot % 3 == 0 { days(3) } else { days(20) };
        certificate(slot, &format!("{slot:04}.a-rather-long-name.example.co.kr"), now() + left)
    });
    let world = World::of(rows).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["critical"], &result["warning"]), (&json!(400), &json!(800)));
    for hook in [&world.slack, &world.teams] {
        let posts = hook.accepted();
        assert_eq!(posts.len(), 5, "{}", hook.kind);
        for (number, post) in (1..).zip(&posts) {
            assert!(post.to_string().contains(&format!("({number}/5)")));
        }
        let named = hook.text().matches(".a-rather-long-name.example.co.kr").count();
        let last = posts[4].to_string();
        assert!(last.contains(" more: ") && last.contains("800 warnings (") && named > 150, "{named} {last}");
        assert!(!last.contains("expires in 20 days"), "{last}");
    }
}

#[tokio::test]
async fn a_test_posts_a_sample_to_every_webhook_and_does_not_call_ncp() {
    let world = World::of([]).await;
    let result = world.invoke(json!({"test": true})).await.unwrap();
    assert_eq!((&result["status"], &result["checked"], &result["accounts"]), (&json!("test"), &json!(0), &json!([])));
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        assert!(
            text.contains("🧪 TEST: nothing is wrong")
                && text.contains("This is a test")
                && text.contains("example.com"),
            "{text}"
        );
    }
    assert!(world.edge.requests().is_empty());
    assert_eq!(world.secrets.reads(), ["hooks"]);

    world.slack.forget();
    world.invoke(json!({"test": true, "min_severity": "critical"})).await.unwrap();
    assert!(world.slack.text().contains("Left out of this channel: 2 warnings"), "{}", world.slack.text());

    world.slack.forget();
    let dry = world.invoke(json!({"test": true, "dry_run": true})).await.unwrap();
    assert_eq!((&dry["status"], dry["messages"].as_array().unwrap().len()), (&json!("dry_run"), 2));
    assert!(world.slack.posts().is_empty());
}

#[tokio::test]
async fn a_test_reaches_every_webhook_whatever_its_routes() {
    let world = World::of([]).await;
    world.webhooks(json!([
        {"url": world.slack.url(), "kind": "slack", "accounts": ["another"]},
        {"url": world.teams.url(), "kind": "teams", "names": ["*.of-another-team.example.kr"]},
    ]));
    world.invoke(json!({"test": true})).await.unwrap();
    assert_eq!((world.slack.accepted().len(), world.teams.accepted().len()), (1, 1));
    world.webhooks(json!([
        {"url": world.slack.url(), "kind": "slack"},
        {"url": world.teams.url(), "kind": "teams", "names": ["*.of-another-team.example.kr"]},
    ]));
    world.invoke(json!({"test": true, "fresh_hours": 26})).await.unwrap();
    assert_eq!((world.slack.accepted().len(), world.teams.accepted().len()), (2, 2));
}

#[tokio::test]
async fn a_simulated_date_judges_and_says_so_but_never_signs() {
    let world = World::of([certificate(1, "www.example.kr", "2031-05-01T00:00:00Z".parse().unwrap())]).await;
    let result = world.invoke(json!({"now": "2031-04-29T00:00:00+09:00"})).await.unwrap();
    assert_eq!(result["critical"], json!(1), "the simulator would refuse a timestamp of 2031");
    assert!(world.slack.text().contains("The date is simulated: judged as if it were 29 Apr 2031 00:00 KST."));
}

#[tokio::test]
async fn an_envelopes_time_is_not_the_present() {
    let soon = ncp_cert_alert::time::wall() + days(3);
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
    assert!(message.contains("account `bad`: NCP refused the keys (HTTP 401, NCP code 200"), "{message}");
    assert!(message.contains("secret `missing`: Secrets Manager has no such secret"), "{message}");
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        assert_eq!(hook.posts().len(), 1);
        for part in ["2 accounts NOT checked", "Act now (2)", "account prod (2)", "account bad", "account missing"] {
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

    // If the keys are still wrong, they are read only once more.
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
    assert!(world.slack.text().contains("Act now (36)") && world.slack.text().contains("incomplete listing: 36 of 37"));
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
    assert!(world.teams.text().contains("Act now (30)"), "{}", world.teams.text());
}

#[tokio::test]
async fn a_detail_that_cannot_be_read_hides_nothing() {
    let world = World::of([expired(1)]).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(result["critical"], json!(1));
    assert!(world.edge.requests().iter().any(|target| target.ends_with("/provisioning/1")));
    let said = world.slack.text();
    assert!(said.contains("1 certificate without details: "), "{said}");
    // The readers of a webhook for other names have no such certificate.
    let world = World::of([expired(1), certificate(2, "shop.example.com", now() + days(3))]).await;
    world.edge.change(|account| drop(account.details.insert(2, json!({}))));
    routed(&world, json!({}), json!({"names": ["shop.*"]}));
    world.invoke(json!({})).await.unwrap();
    assert!(world.slack.text().contains("1 certificate without details: "), "{}", world.slack.text());
    assert!(!world.teams.text().contains("without details"), "{}", world.teams.text());

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
    assert!(message.contains("unknown key `dryrun`"), "{message}");
    let (kind, message) = failed(world.invoke(json!({"ncp_secret_id": "file:/keys.json"})).await);
    assert!(kind == "EventError" && message.contains("for the command line alone"), "{message}");
    let mut elsewhere = World::of([expired(1)]).await;
    elsewhere.set("WEBHOOK_SECRET_ID", "env:HOOKS");
    let (kind, message) = failed(elsewhere.invoke(json!({})).await);
    assert!(kind == "ConfigError" && message.contains("WEBHOOK_SECRET_ID is `env:HOOKS`"), "{message}");
    world.secrets.set("hooks", "not a url");
    let (kind, _) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "SecretError");
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn the_notice_of_a_failed_webhook_names_the_message_of_that_run() {
    let world = World::of([certificate(1, "www.example.kr", now() + days(3))]).await;
    world.slack.always(Reply::new(404, "no_service"));
    for (event, expected) in [
        (json!({}), "did not get today's digest (1 within 7 days). Tell them."),
        (json!({"fresh_hours": 26}), "did not get today's digest (1 within 7 days). Tell them."),
        (json!({"summary": true}), "did not get this week's summary (1 within 7 days). Tell them."),
        (json!({"test": true}), "The certificate alert test did not reach channel "),
    ] {
        world.teams.forget();
        world.invoke(event.clone()).await.unwrap_err();
        let text = world.teams.text();
        assert!(text.contains(expected), "{event}: {text}");
        assert_eq!(text.contains("today's digest"), expected.contains("today's digest"), "{event}: {text}");
    }
}

#[tokio::test]
async fn a_webhook_that_fails_for_good_is_named_on_the_others() {
    let world = World::of([expired(1)]).await;
    world.slack.always(Reply::new(404, "no_service"));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "DeliveryError");
    assert!(
        message.starts_with(
            "webhook `ops` (slack): the webhook no longer exists (HTTP 404, `no_service`): create a new incoming webhook"
        ),
        "{message}"
    );
    assert_eq!(world.slack.posts().len(), 1, "a 404 is not tried again");
    let posts = world.teams.accepted();
    assert_eq!(posts.len(), 2);
    let notice = posts[1].to_string();
    assert!(
        notice.contains("Channel ops did not get today's digest (1 expired). Tell them.")
            && notice.contains("Create a new incoming webhook"),
        "{notice}"
    );
    assert!(!notice.contains("CANARY"));
}

#[tokio::test]
async fn slack_is_believed_only_when_it_says_ok_and_a_400_is_tried_as_text() {
    let world = World::of([expired(1)]).await;
    world.slack.always(Reply::new(200, "<html>"));
    let (_, message) = failed(world.invoke(json!({})).await);
    assert!(message.contains("it answered, but not with `ok` (HTTP 200, `<html>`)"), "{message}");
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

/// A run of an account with `certificates`, of which a page holds at most `cap`, that succeeds only if it takes no more round
/// trips than these, each a number of requests that are answered together.
async fn assert_round_trips(certificates: usize, cap: usize, details: bool, round_trips: &[usize]) {
    let mut world = World::with(Account::demo(certificates, now()), cap).await;
    world.set("CERTIFICATE_DETAILS", details);
    let taken = world.in_round_trips(round_trips);
    let result = invoke_within(&world.function(), json!({}), Duration::from_secs(20)).await.unwrap();
    assert_eq!((&result["status"], &result["checked"]), (&json!("alerted"), &json!(certificates)));
    assert_eq!(taken.requests(), round_trips.iter().sum::<usize>(), "{certificates} certificates");
}

#[tokio::test]
async fn a_run_waits_for_the_network_as_rarely_as_can_be() {
    // Secrets, the page, the posts.
    assert_round_trips(37, 1000, false, &[2, 1, 2]).await;
    assert_round_trips(1000, 1000, false, &[2, 1, 2]).await;
    // And the details of urgent ones, four at a time.
    assert_round_trips(37, 1000, true, &[2, 1, 4, 3, 2]).await;
    // Up to five pages add one round trip, and every four more pages add another.
    assert_round_trips(1001, 1000, false, &[2, 1, 1, 2]).await;
    assert_round_trips(101, 100, false, &[2, 1, 1, 2]).await;
    assert_round_trips(500, 100, false, &[2, 1, 4, 2]).await;
    assert_round_trips(501, 100, false, &[2, 1, 4, 1, 2]).await;
    assert_round_trips(2_100, 100, false, &[2, 1, 4, 4, 4, 4, 4, 2]).await;
}

/// The page sizes that were asked for, in the order of the requests.
fn sizes(world: &World) -> Vec<u64> {
    let targets = world.edge.requests();
    targets.iter().filter_map(|target| target.split_once("&offset=")?.1.parse().ok()).collect()
}

/// A world whose list has the slots 1 to `count`, all expired, with these deviations.
async fn expired_world(count: i64, cap: usize, deviations: Deviations) -> World {
    let mut world = World::with(Account { rows: (1..=count).map(expired).collect(), ..Account::default() }, cap).await;
    world.set("CERTIFICATE_DETAILS", false);
    world.edge.deviate(deviations);
    world
}

#[tokio::test]
async fn a_list_is_read_in_one_answer_where_the_server_grants_that() {
    for (max_size, cap, asked, pages) in [
        (None, 1000, &[1000][..], 1),
        (None, 100, &[1000, 100, 100], 3),
        (Some(100), 1000, &[1000, 100, 100, 100], 3),
        (Some(50), 1000, &[&[1000, 100][..], &[15; 17]].concat(), 17),
    ] {
        let world = expired_world(251, cap, Deviations { max_size, ..Deviations::default() }).await;
        let result = world.invoke(json!({})).await.unwrap();
        assert_eq!((&result["critical"], &result["pages"]), (&json!(251), &json!(pages)));
        assert_eq!(sizes(&world), asked);
    }
}

#[tokio::test]
async fn what_a_page_holds_counts_and_not_what_it_says_of_its_size() {
    for cap in [100, 37, 15] {
        for size in [1, 15, 100, 1000] {
            let world = expired_world(200, cap, Deviations { stated_size: Some(size), ..Deviations::default() }).await;
            let result = world.invoke(json!({})).await.unwrap();
            let pages = 200_usize.div_ceil(cap);
            assert_eq!((&result["critical"], &result["pages"]), (&json!(200), &json!(pages)), "{cap} {size}");
            assert_eq!(sizes(&world).len(), pages);
        }
    }
}

#[tokio::test]
async fn a_page_that_comes_empty_costs_no_other() {
    for (empty, found) in [(&[2][..], 90), (&[3, 4, 5, 6], 45), (&[1], 90)] {
        let deviations = Deviations { empty_pages: empty.iter().copied().collect(), ..Deviations::default() };
        let world = expired_world(105, 15, deviations).await;
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!(kind, "IncompleteListing");
        assert!(message.contains(&format!("account `prod`: incomplete listing: {found} of 105")), "{message}");
        assert!(world.slack.text().contains(&format!("Act now ({found})")), "{}", world.slack.text());
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_costs_no_other() {
    for text in
        [r#"{"slotId": 2, "slotId": 2}"#, r#"{"slotId": 2, "commonName": "\ud83d"}"#, r#"{"slotId": 1e999}"#, "7"]
    {
        for cap in [15, 100] {
            let raw_rows = [(1, text.to_owned()), (30, text.to_owned())].into();
            let world = expired_world(37, cap, Deviations { raw_rows, ..Deviations::default() }).await;
            let (kind, message) = failed(world.invoke(json!({})).await);
            assert_eq!(kind, "IncompleteListing");
            let expected = "incomplete listing: 35 of 37 (2 rows cannot be read)";
            assert!(message.contains(expected), "{text}: {message}");
            assert!(world.slack.text().contains("Act now (35)"), "{}", world.slack.text());
        }
    }
}

#[tokio::test]
async fn an_order_that_changes_from_page_to_page_is_no_failure() {
    let world = expired_world(30, 15, Deviations { rotation: 1, ..Deviations::default() }).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["critical"], &result["total"], &result["pages"]), (&json!(30), &json!(30), &json!(2)));
    assert_eq!(sizes(&world).len(), 4);

    // Everything that one answer lists has one order.
    let world = expired_world(30, 100, Deviations { rotation: 1, ..Deviations::default() }).await;
    world.invoke(json!({})).await.unwrap();
    assert_eq!(sizes(&world), [1000]);
}

/// A detail with these certificates, each with a region and an expiry, and this many edges.
fn detail(certificates: &[(&str, chrono::DateTime<chrono::Utc>)], edges: u64) -> Value {
    let certificate = |(region, expiry): &(&str, chrono::DateTime<chrono::Utc>)| json!({"serviceRegion": region, "expirationDate": expiry.to_rfc3339()});
    let certificates: Vec<Value> = certificates.iter().map(certificate).collect();
    json!({"certificates": certificates, "linkedEdges": {"pageable": {"totalCount": edges}}})
}

/// A world with one row and its detail.
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
    // The detail's date is far off: an expiry that the list does not give stays unknown.
    let world = detailed(undated.clone(), detail(&[("KR_JP", now() + days(400))], 2)).await;
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!(counts(&result), json!([0, 1, 0]));
    for hook in [&world.slack, &world.teams] {
        assert!(hook.text().contains("Expiry unknown") && hook.text().contains("NCP sent no date"), "{}", hook.text());
        assert!(!hook.text().contains("In progress"), "{}", hook.text());
    }
    // If it is near, it counts.
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
    let soon = |days| time::wall() + common::days(days) + TimeDelta::hours(1);
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
    world.edge.script_always("pageNo=2", Reply::new(401, &*refused));
    // The new keys are in the secret, but NCP does not know them yet.
    world.secrets.set("prod", json!({"access_key": "AKrotated00000", "secret_key": "SKrotated00000"}));
    let (kind, message) = failed(invoke(&function, json!({})).await);
    assert_eq!(kind, "ApiError");
    assert!(message.contains("account `prod`: NCP refused the keys"), "{message}");
    for hook in [&world.slack, &world.teams] {
        // Page 3 was already requested when page 2 was refused.
        assert!(hook.text().contains("Act now (30)"), "{}", hook.text());
        assert!(hook.text().contains("30 of 45 certificates checked"), "{}", hook.text());
    }

    // Both readings found something: each slot is reported once.
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
    assert!(world.slack.text().contains("Act now (30)"), "{}", world.slack.text());
    assert!(world.slack.text().contains("30 of 45 certificates checked"), "{}", world.slack.text());
}

#[tokio::test]
async fn every_empty_account_is_named_or_counted() {
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
        assert!(hook.text().contains("0 certificates in 7 accounts checked"), "{}", hook.text());
        assert!(ids.iter().all(|id| hook.text().contains(id.as_str())), "{}", hook.text());
    }
    let (world, ids) = empty(60, &|number| format!("tenant-with-a-rather-long-name-{number:02}")).await;
    for hook in [&world.slack, &world.teams] {
        let named = ids.iter().filter(|id| hook.text().contains(id.as_str())).count();
        assert!(named >= 7, "{named}");
        assert!(hook.text().contains(&format!(" +{} more", 60 - named)), "{}", hook.text());
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
        let start = time::monotonic();
        world.invoke(json!({})).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(5), "the status is the answer");
        assert_eq!((world.teams.posts().len(), world.teams.accepted().len()), (1, 1));
        assert_eq!(world.slack.posts().len(), 1, "there is nothing to report");
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
        assert!(message.contains("it answered, but not with `ok`"), "{message}");
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

        // A persistent error is reported by its status.
        world.edge.script_always("pageNo=1", reply.clone());
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!(kind, "ApiError");
        assert!(message.contains("NCP has a problem (HTTP 503"), "{message}");
    }
    // A page of the list may be long; an even longer one is an error, and is not requested again at the same size.
    let world = World::of([expired(1)]).await;
    world.edge.script_always("pageNo=1", Reply::Fault(Fault::Flood { size: 9 << 20, announced: false }));
    let (_, message) = failed(world.invoke(json!({})).await);
    assert!(message.contains("the answer is longer than 8192 KB"), "{message}");
    assert_eq!(sizes(&world), [1000, 100, 15]);
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
        assert!(header.contains("NOT checked") || header.contains('…'), "{header}");
        assert!(header.chars().count() <= 150, "{} characters: {header}", header.chars().count());
    }
}

/// A world that also reads Certificate Manager and has shares of a lifetime set.
async fn world_of_lifetimes(rows: Vec<Value>, held: Vec<Value>) -> World {
    let mut world = World::of(rows).await;
    world.edge.change(|account| account.held = held);
    world.set("CERTIFICATE_MANAGER", true);
    world.set("CERTIFICATE_MANAGER_URL", world.edge.url());
    world.set("WARN_SHARE", 33);
    world.set("CRITICAL_SHARE", 10);
    world
}

/// One certificate of 47 days with 20 left, as Global Edge and as Certificate Manager have it.
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

    // Without shares, Certificate Manager only says who issued what; no threshold changes.
    world.set("CERTIFICATE_MANAGER", true);
    world.slack.forget();
    assert_eq!(world.invoke(json!({})).await.unwrap()["warning"], json!(1));
    assert_eq!(asked_certificate_manager(&world), 1);
    assert!(world.slack.text().contains("valid for 47 days in all, issued by Example CA"), "{}", world.slack.text());
}

#[tokio::test]
async fn a_lifetime_counts_in_every_form_in_which_it_can_be_read_and_days_alone_in_every_other() {
    for certificate_manager in ManagerResponse::ALL {
        let (row, held) = short_lived();
        let world = world_of_lifetimes(vec![row], vec![held]).await;
        world.edge.deviate(Deviations { certificate_manager, ..Deviations::default() });
        let ended = world.invoke(json!({"notify_when_clear": true})).await;
        if certificate_manager.is_a_failure() {
            assert_eq!(failed(ended).0, "ApiError", "{certificate_manager:?}");
            continue;
        }
        let result = ended.unwrap();
        let expected = if certificate_manager.tells_lifetimes() { ("clear", 0) } else { ("alerted", 1) };
        assert_eq!(
            (&result["status"], &result["warning"]),
            (&json!(expected.0), &json!(expected.1)),
            "{certificate_manager:?}"
        );
        assert_eq!(asked_certificate_manager(&world), 1, "{certificate_manager:?}");
        let text = world.teams.text();
        if certificate_manager.tells_lifetimes() {
            assert!(text.contains("has more than 30 days or 33% of its lifetime left."), "{text}");
            assert!(
                text.contains("Warning at 30 days or 33% of the lifetime, critical at 7 or 10% of the lifetime"),
                "{text}"
            );
        } else {
            assert!(
                text.contains("Warning at 30 days, critical at 7 ·") && !text.contains('%'),
                "a share that was not applied: {text}"
            );
        }
        assert!(!text.contains("Elsewhere"), "a slot shows it: {text}");
    }
}

#[tokio::test]
async fn a_certificate_manager_that_fails_is_a_failure_of_the_account_and_hides_no_finding() {
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
        let start = ncp_cert_alert::time::monotonic();
        let (kind, message) = failed(invoke_within(&world.function(), json!({}), Duration::from_secs(4)).await);
        assert_eq!(kind, "ApiError", "{reply:?}");
        assert!(message.contains("account `prod`: Certificate Manager could not be read: "), "{message}");
        let text = world.slack.text();
        assert!(text.contains("NOT checked") && text.contains("expires in"), "{reply:?}: {text}");
        assert!(!text.contains("of the lifetime") && !text.contains("of its lifetime"), "{reply:?}: {text}");
        assert!(start.elapsed() < Duration::from_secs(3), "{reply:?}: {:?}", start.elapsed());
        assert!((1..=2).contains(&asked_certificate_manager(&world)), "{reply:?}");
        assert_eq!(world.edge.requests().iter().filter(|target| target.contains("pageNo")).count(), 1);
    }
}

#[tokio::test]
async fn certificate_manager_is_asked_at_the_same_time_as_the_list() {
    let (row, held) = short_lived();
    let world = world_of_lifetimes(vec![row], vec![held]).await;
    // Secrets, then the page and Certificate Manager; nothing is due.
    let taken = world.in_round_trips(&[2, 2]);
    let result = invoke_within(&world.function(), json!({}), Duration::from_secs(20)).await.unwrap();
    assert_eq!((&result["status"], taken.requests()), (&json!("clear"), 4));
}

#[tokio::test]
async fn a_year_of_certificates_of_47_days_that_are_renewed_at_two_thirds_has_no_warning() {
    let world = world_of_lifetimes(Vec::new(), Vec::new()).await;
    let function = world.function();
    let mut findings = [0, 0];
    for day in 0..365 {
        // Every day at the same hour; it is renewed on the 31st day of its life, which is before two thirds are over.
        let (age, number) = (day % 31, day / 31);
        let from = now() + days(day - age);
        let (name, until) = (format!("www-{number}"), from + days(47));
        let mut row = certificate(1, "www.example.kr", until);
        row["certificateName"] = json!(name);
        for (place, held) in [vec![held(&name, "www.example.kr", from, until, &[7])], vec![]].into_iter().enumerate() {
            world.edge.change(|account| {
                account.rows = vec![row.clone()];
                account.held = held;
            });
            let today = (now() + days(day)).to_rfc3339();
            let result = invoke(&function, json!({"now": today, "dry_run": true})).await.unwrap();
            findings[place] +=
                ["critical", "warning", "info"].map(|kind| result[kind].as_i64().unwrap()).iter().sum::<i64>();
        }
    }
    assert_eq!(findings[0], 0);
    assert!(findings[1] > 150, "by days alone it is reported on {} days", findings[1]);
}

#[tokio::test]
async fn the_others_report_how_much_of_a_long_digest_a_failed_webhook_got() {
    let mut world = World::of((1..=300).map(expired)).await;
    world.set("CERTIFICATE_DETAILS", false);
    world.slack.script([Reply::new(200, "ok")]);
    world.slack.always(Reply::new(404, "no_service"));
    let (error, _) = failed(world.invoke(json!({})).await);
    assert_eq!((error.as_str(), world.slack.posts().len()), ("DeliveryError", 2), "what is behind is not sent");
    let notice = world.teams.accepted().pop().unwrap().to_string();
    assert!(notice.contains("Channel ops did not get all of today's digest (300 expired)"), "{notice}");
    assert!(notice.contains("It got only 1 of "), "{notice}");
}

#[tokio::test]
async fn what_expires_elsewhere_is_reported_last_of_its_severity() {
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
        // Below the title.
        let text = text.split_once("Act now").unwrap().1;
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
        assert!(
            place("expired 2 days ago") < place("lb.example.kr")
                && place("lb.example.kr") < place("expires in 20 days")
        );
        assert!(place("expires in 20 days") < place("cdn.example.kr"), "{text}");
        assert_eq!(
            text.matches("Outside Global Edge, such as load balancers (1)").count(),
            if hook.kind == "slack" { 4 } else { 2 }
        );
        assert!(text.contains("in use by 2 instances, but in no Global Edge slot · certificate lb-cert"));
        assert!(!text.contains("idle.example.kr") && !text.contains("later.example.kr"));
    }
    let title = world.slack.accepted()[0]["blocks"][0]["text"]["text"].to_string();
    assert!(title.contains("Certificate expired: www.example.kr (2 days ago) · +1 urgent, +2 other"), "{title}");

    // A webhook for critical findings gets those that are critical elsewhere, and how many others it does not get.
    world.slack.forget();
    world.edge.change(|account| account.rows.truncate(1));
    world.webhooks(
        json!([{"url": world.slack.url(), "kind": "slack", "min_severity": "critical", "mention": "<!here>"}]),
    );
    world.invoke(json!({})).await.unwrap();
    let text = world.slack.text();
    assert!(text.contains("lb.example.kr") && !text.contains("cdn.example.kr"), "{text}");
    assert!(text.contains("<!here>") && text.contains("Left out of this channel: 2 warnings"), "{text}");
}

#[tokio::test]
async fn what_is_elsewhere_is_reported_beside_an_incomplete_list_unless_a_finding_is_about_it() {
    let until = now() + days(3);
    let lb = held("lb-cert", "lb.example.kr", until - days(365), until, &[11]);
    let world = world_of_lifetimes(vec![expired(1), json!({"commonName": "no slot"})], vec![lb.clone()]).await;
    let (kind, _) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "IncompleteListing");
    assert!(world.slack.text().contains("lb.example.kr"));

    // A global slot holds another certificate, which only its detail names.
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

#[tokio::test]
async fn accounts_without_a_name_are_called_after_their_secret_and_numbered() {
    let mut world = World::of([certificate(1, "www.example.kr", now() + days(3))]).await;
    let keys = json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY});
    for id in ["tenants/1/ncp", "tenants/2/ncp", "team/prod"] {
        world.secrets.set(id, &keys);
    }
    world.set("NCP_SECRET_ID", "tenants/1/ncp, tenants/2/ncp, team/prod");
    let result = world.invoke(json!({})).await.unwrap();
    let names: Vec<&str> =
        result["accounts"].as_array().unwrap().iter().map(|account| account["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ncp", "ncp (2)", "prod"]);
    assert!(world.slack.text().contains("ncp (2)"), "{}", world.slack.text());
    // A secret that cannot be read is named separately too.
    world.set("NCP_SECRET_ID", "tenants/1/ncp, tenants/3/ncp");
    let (_, error) = world.invoke(json!({})).await.unwrap_err();
    assert!(error.starts_with("account `ncp (2)`: secret `tenants/3/ncp`:"), "{error}");
}

#[tokio::test]
async fn the_lifetime_of_a_certificate_that_only_a_detail_names_counts_too() {
    let until = now() + days(6);
    let global = held("global", "www.example.kr", until - days(47), until, &[7]);
    for (rows, expected) in [(vec![global], [0, 1]), (vec![], [1, 0])] {
        let world = world_of_lifetimes(vec![certificate(1, "www.example.kr", now() + days(25))], rows).await;
        world.edge.change(|account| {
            let certificate = json!({
                "serviceRegion": "GLOBAL",
                "cmCertificateName": "global",
                "expirationDate": until.to_rfc3339(),
            });
            account.details.insert(1, json!({"certificates": [certificate]}));
        });
        // 10 % of 47 days are less than six; six days of an unknown lifetime are less than seven days.
        let result = world.invoke(json!({})).await.unwrap();
        assert_eq!(json!([result["critical"], result["warning"]]), json!(expected));
    }
}

/// The ARN of a parameter whose name begins with a slash.
fn parameter_arn(name: &str) -> String {
    format!("arn:aws:ssm:{REGION}:{AWS_ACCOUNT}:parameter{name}")
}

/// A world whose secrets are only in Parameter Store.
async fn world_of_parameters() -> World {
    let mut world = World::of([expired(1)]).await;
    world.parameters.set("/team/ncp/prod", json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}));
    let hooks = json!({"webhooks": [{"url": world.slack.url(), "kind": "slack", "name": "ops"}]});
    world.parameters.set("/team/hooks-AbC12f", hooks);
    world.set("NCP_SECRET_ID", "ssm:/team/ncp/prod");
    world.set("WEBHOOK_SECRET_ID", parameter_arn("/team/hooks-AbC12f"));
    world
}

#[tokio::test]
async fn both_secrets_may_be_parameters() {
    let mut world = world_of_parameters().await;
    // The credentials that Lambda puts into the environment include a session token.
    let credentials = ["ASIAEXAMPLE", "secret/example+key", "token//example=="];
    for (name, value) in
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].into_iter().zip(credentials)
    {
        world.set(name, value);
    }
    world.parameters.trust(credentials);
    let function = world.function();
    function.prefetch().await;
    let result = invoke(&function, json!({})).await.unwrap();
    assert_eq!((&result["status"], &result["accounts"][0]["name"]), (&json!("alerted"), &json!("prod")));
    assert_eq!(world.slack.accepted().len(), 1);
    let mut reads = world.parameters.reads();
    reads.sort();
    assert_eq!(reads, ["/team/ncp/prod", &parameter_arn("/team/hooks-AbC12f")], "each is read once, by init");
    assert_eq!(world.secrets.reads(), [""; 0]);
}

#[tokio::test]
async fn secrets_of_both_stores_go_together() {
    let mut world = world_of_parameters().await;
    let keys = json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY});
    for name in ["/tenants/1/ncp", "/tenants/3/ncp", "plain"] {
        world.parameters.set(name, &keys);
    }
    world.secrets.set("tenants/2/ncp", &keys);
    world.set("WEBHOOK_SECRET_ID", "hooks");
    let event =
        json!({"ncp_secret_id": ["ssm:/tenants/1/ncp", "tenants/2/ncp", parameter_arn("/tenants/3/ncp"), "ssm:plain"]});
    let result = world.invoke(event).await.unwrap();
    let names: Vec<&Value> = result["accounts"].as_array().unwrap().iter().map(|account| &account["name"]).collect();
    assert_eq!(names, ["ncp", "ncp (2)", "ncp (3)", "plain"]);
    let (_, message) = failed(world.invoke(json!({"webhook_secret_id": "ssm:/team/none"})).await);
    assert_eq!(
        message,
        "parameter `ssm:/team/none`: Parameter Store has no such parameter in this region: check the name or ARN, and the region"
    );
}

#[tokio::test]
async fn a_parameter_that_cannot_be_read_says_what_to_fix_in_the_words_of_its_store() {
    let kms = r#"{"__type":"AccessDeniedException","message":"User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:ap-northeast-2:123456789012:key/k (Service: AWSKMS; Status Code: 400)"}"#;
    let other_region = "arn:aws:ssm:us-east-1:123456789012:parameter/team/ncp/prod";
    let cases = [
        (
            "ssm:/team/none",
            None,
            "Parameter Store has no such parameter in this region: check the name or ARN, and the region",
        ),
        (
            other_region,
            None,
            "Parameter Store has no such parameter in ap-northeast-2, where it was looked for; its ARN is of us-east-1: check the name or ARN, and the region",
        ),
        (
            "ssm:/team/ncp/prod",
            Some(aws_error(400, "AccessDeniedException")),
            "the function may not read it: allow ssm:GetParameter on it in the function's role",
        ),
        (
            "ssm:/team/ncp/prod",
            Some(Reply::new(400, kms)),
            "Parameter Store could not decrypt it: allow kms:Decrypt with its KMS key in the function's role, and check that \
             the key is enabled",
        ),
        (
            "ssm:/team/ncp/prod",
            Some(aws_error(400, "InvalidKeyId")),
            "Parameter Store could not decrypt it: allow kms:Decrypt with its KMS key in the function's role, and check that \
             the key is enabled",
        ),
        (
            "ssm:/team/ncp/prod",
            Some(aws_error(400, "ThrottlingException")),
            "Parameter Store has a problem (ThrottlingException): try again later",
        ),
        (
            "ssm:/team/ncp/prod",
            Some(Reply::new(200, r#"{"Parameter":{"Name":"/team/ncp/prod"}}"#)),
            "the answer of Parameter Store cannot be read: try again; if this continues, check the \
             connection to Parameter Store (a function in a VPC needs an endpoint or a NAT gateway)",
        ),
    ];
    for (id, reply, expected) in cases {
        let mut world = world_of_parameters().await;
        world.set("NCP_SECRET_ID", id);
        if let Some(reply) = &reply {
            world.parameters.always("/team/ncp/prod", reply.clone());
        }
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!(kind, "SecretError");
        let name = id.rsplit('/').next().unwrap();
        assert_eq!(message, format!("account `{name}`: parameter `{id}`: {expected}"));
        assert_eq!(world.slack.accepted().len(), 1, "the failure is posted");
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_read_is_reported_in_the_language_of_the_messages() {
    for (language, expected) in [
        ("ko", "파라미터 ‘ssm:/team/ncp/prod’: Parameter Store의 응답을 읽을 수 없습니다"),
        ("ja", "パラメータ「ssm:/team/ncp/prod」：Parameter Storeの応答を読み取れません"),
    ] {
        let mut world = world_of_parameters().await;
        world.set("MESSAGE_LANGUAGE", language);
        world.parameters.always("/team/ncp/prod", Reply::new(200, "{}"));
        failed(world.invoke(json!({})).await);
        let text = world.slack.text();
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn parameter_store_is_asked_again_when_that_may_help_and_three_times_at_most() {
    let throttled = || aws_error(400, "ThrottlingException");
    for (replies, reads, fails) in [
        (vec![throttled(), Reply::new(503, "")], 3, false),
        (vec![throttled(), throttled(), Reply::Fault(Fault::Reset)], 3, true),
        (vec![aws_error(400, "ExpiredTokenException")], 1, true),
    ] {
        let world = world_of_parameters().await;
        world.parameters.script("/team/ncp/prod", replies);
        let ended = world.invoke(json!({})).await;
        assert_eq!(ended.is_err(), fails, "{ended:?}");
        assert_eq!(world.parameters.reads().iter().filter(|name| *name == "/team/ncp/prod").count(), reads);
    }
}

#[tokio::test]
async fn the_keys_of_a_parameter_are_read_again_when_they_were_rotated() {
    let world = world_of_parameters().await;
    world.parameters.set("/team/ncp/prod", json!({"access_key": "AKIDCANARYold00000001", "secret_key": SECRET_KEY}));
    let function = world.function();
    function.prefetch().await;
    world.parameters.set("/team/ncp/prod", json!({"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}));
    let result = invoke(&function, json!({})).await.unwrap();
    assert_eq!(result["accounts"][0]["status"], "ok");
}

/// A row that was deployed this long before [`now`].
fn deployed(slot: i64, name: &str, left: TimeDelta, age: TimeDelta) -> Value {
    let mut row = certificate(slot, name, now() + left);
    row["provisionDate"] = json!((now() - age).to_rfc3339());
    row
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

/// One old and one new finding of every severity.
fn old_and_new() -> Vec<Value> {
    let mut undated = certificate(5, "undated.example.kr", now());
    undated["expirationDate"] = Value::Null;
    let leaving = |slot, name: &str, age| {
        let mut row = deployed(slot, name, days(90), age);
        row["provisionStatus"] = json!("DELETING");
        row
    };
    vec![
        certificate(1, "critical.example.kr", now() + days(3)),
        certificate(2, "since-today.example.kr", now() + days(30) - hours(2)),
        certificate(3, "for-a-week.example.kr", now() + days(23)),
        certificate(4, "for-weeks.example.kr", now() + days(9)),
        undated,
        leaving(6, "leaving-for-days.example.kr", days(4)),
        leaving(7, "leaving-today.example.kr", hours(3)),
        deployed(8, "renewed.example.kr", days(395), hours(5)),
        deployed(9, "renewed-before.example.kr", days(392), days(3)),
    ]
}

#[tokio::test]
async fn a_daily_run_reports_what_is_critical_or_news_and_counts_the_rest() {
    let world = World::of(old_and_new()).await;
    let result = world.invoke(json!({"fresh_hours": 26})).await.unwrap();
    assert_eq!((&result["status"], counts(&result)), (&json!("alerted"), json!([1, 4, 2])));
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        for named in ["critical", "since-today", "undated", "leaving-today"] {
            assert!(text.contains(&format!("{named}.example.kr")), "{named} in {text}");
        }
        for older in ["for-a-week", "for-weeks", "leaving-for-days", "renewed-before"] {
            assert!(!text.contains(&format!("{older}.example.kr")), "{older} in {text}");
        }
        assert!(text.contains("Older, in the weekly summary: 2 warnings, 1 info"), "{text}");
        assert!(!text.contains("Next to expire"), "those that are left out expire before: {text}");
        assert!(text.contains("new · expires in 29 days") && !text.contains("new · expires in 3 days"), "{text}");
        assert!(text.contains("renewed.example.kr, until 23 Dec 2027"), "{text}");
    }

    // Older ones are reported as soon as the hours cover them, and all of them by a plain run and by a summary.
    for event in [
        json!({"fresh_hours": 24 * 22}),
        json!({}),
        json!({"summary": true}),
        json!({"fresh_hours": 1, "summary": true}),
    ] {
        world.slack.forget();
        world.invoke(event.clone()).await.unwrap();
        let text = world.slack.text();
        assert!(text.contains("for-a-week") && text.contains("for-weeks"), "{event}: {text}");
        assert!(!text.contains(" older "), "{event}: {text}");
    }
}

#[tokio::test]
async fn a_day_without_news_is_quiet_and_no_all_clear() {
    let rows = [certificate(4, "for-weeks.example.kr", now() + days(9))];
    let world = World::of(rows).await;
    let result = world.invoke(json!({"fresh_hours": 26, "notify_when_clear": true})).await.unwrap();
    assert_eq!((&result["status"], &result["warning"]), (&json!("alerted"), &json!(1)));
    assert_eq!(result["deliveries"][0], json!({"webhook": "ops", "kind": "slack", "status": "skipped", "messages": 0}));
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn a_summary_says_that_all_is_clear_what_was_deployed_and_what_comes() {
    let until = |slot, name: &str, date: &str| {
        let left = date.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - now();
        deployed(slot, name, left, days(100))
    };
    let mut rows = vec![
        deployed(1, "took.example.kr", days(365), days(7)),
        deployed(2, "before.example.kr", days(365), days(7) + TimeDelta::seconds(1)),
        deployed(3, "ahead.example.kr", days(365), -hours(1)),
        // The last hour of the year in Seoul, and the first one of the next.
        until(4, "december.example.kr", "2026-12-31T14:59:59Z"),
        until(5, "january.example.kr", "2026-12-31T15:00:00Z"),
        until(6, "february.example.kr", "2027-02-28T14:59:59Z"),
        until(7, "march.example.kr", "2027-02-28T15:00:00Z"),
    ];
    rows[1]["tlsVersion"] = json!("1.0,1.1,1.2,1.3");
    let mut world = World::of(rows).await;
    let result = world.invoke(json!({"summary": true})).await.unwrap();
    assert_eq!((&result["status"], &result["deliveries"][0]["status"]), (&json!("clear"), &json!("delivered")));
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        for part in [
            "Weekly summary: all clear, 7 certificates",
            "Deployed in the last 7 days (1)",
            "took.example.kr, until 23 Nov 2027",
            "Dec 2026: 1 (december.example.kr)",
            "Jan 2027: 1 (january.example.kr)",
            "Feb 2027: 1 (february.example.kr)",
            "TLS 1.0 or 1.1 is still accepted by 1: before.example.kr",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        for part in ["before.example.kr, until", "ahead.example.kr", "march.example.kr"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
    }
    // In another zone it falls into another month.
    world.set("TIME_ZONE", "UTC");
    world.slack.forget();
    world.invoke(json!({"summary": true})).await.unwrap();
    let text = world.slack.text();
    assert!(
        text.contains("Dec 2026: 2 (") && text.contains("Jan 2027: none") && text.contains("Feb 2027: 2 ("),
        "{text}"
    );

    world.slack.forget();
    world.invoke(json!({"summary": true, "notify_when_clear": false})).await.unwrap();
    assert!(world.slack.posts().is_empty());
    world.webhooks(json!([{"url": world.slack.url(), "kind": "slack", "min_severity": "warning"}]));
    world.invoke(json!({"summary": true})).await.unwrap();
    assert!(world.slack.posts().is_empty(), "an all-clear goes to webhooks of every level");
}

#[tokio::test]
async fn an_outlook_has_the_rest_of_the_running_month() {
    let until =
        |slot, day| certificate(slot, &format!("until-{day}.example.kr"), format!("{day}T09:00:00Z").parse().unwrap());
    let world = World::of(vec![until(1, "2026-12-25"), until(2, "2027-03-31"), until(3, "2027-04-01")]).await;
    world.invoke(json!({"summary": true, "warn_days": 7, "now": "2026-12-01T00:00:00Z"})).await.unwrap();
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        for part in
            ["Dec 2026: 1 (until-2026-12-25.example.kr)", "Jan 2027: none", "Mar 2027: 1 (until-2027-03-31.example.kr)"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Apr 2027"), "{text}");
    }
}

#[tokio::test]
async fn a_summary_names_at_most_ten_deployments_and_three_names_a_month() {
    let deployments =
        (1..=12).map(|slot| deployed(slot, &format!("took-{slot:02}.example.kr"), days(300), hours(slot)));
    let january = (21..=25).map(|slot| deployed(slot, &format!("soon-{slot}.example.kr"), days(50), days(100)));
    let world = World::of(deployments.chain(january).chain([certificate(99, "www.example.kr", now() + days(3))])).await;
    world.invoke(json!({"summary": true})).await.unwrap();
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        assert!(text.contains("expires in 3 days") && text.contains("weekly summary"), "{text}");
        assert!(text.contains("Deployed in the last 7 days (12)") && text.contains("+2 more"), "{text}");
        assert!(text.contains("took-10") && !text.contains("took-11"), "{text}");
        assert!(text.contains("Jan 2027: 5 (soon-21.example.kr, soon-22.example.kr, soon-23.example.kr"), "{text}");
        assert!(!text.contains("soon-24"), "{text}");
    }
}

/// The metrics of the runs since the last call.
fn metrics() -> Vec<Value> {
    let lines = written().into_iter().filter(|line| line.contains("CloudWatchMetrics"));
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}

/// An event without a simulated date, so that metrics are written.
fn scheduled(options: &Value) -> Value {
    json!({"detail-type": "Scheduled Event", "detail": options})
}

#[tokio::test]
async fn what_is_muted_is_not_reported_and_stands_below_every_message() {
    let present = time::wall();
    let soon = |slot, name: &str, left: i64| certificate(slot, name, present + days(left) + hours(1));
    let mut rows: Vec<Value> = (1..=5).map(|slot| soon(slot, &format!("muted-{slot}.example.kr"), slot + 9)).collect();
    rows.push(soon(6, "named.example.kr", 20));
    rows.push(soon(7, "critical.example.kr", 3));
    let world = World::of(rows).await;
    let day = |days| (present.date_naive() + common::days(days)).to_string();
    world.beside_webhooks(
        "mutes",
        json!([
            {"what": "1", "until": day(40), "why": "OPS-123: <!channel> waits for the new load balancer"},
            {"what": "prod/muted-*", "until": day(40)},
            {"what": "CRITICAL.example.kr", "until": day(40)},
            {"what": "99", "until": day(40)},
            {"what": "98", "until": day(-2)},
        ]),
    );
    written();
    let result = world.invoke(scheduled(&json!({}))).await.unwrap();
    assert_eq!(
        (&result["status"], counts(&result), &result["muted"]),
        (&json!("alerted"), json!([1, 1, 0]), &json!(5))
    );
    let line = &metrics()[0];
    assert_eq!(
        json!([
            line["CertificatesCritical"],
            line["CertificatesWarning"],
            line["CertificatesChecked"],
            line["DaysToFirstExpiry"]
        ]),
        json!([1, 1, 7, 3])
    );
    for hook in [&world.slack, &world.teams] {
        let text = hook.text();
        assert!(text.contains("🔕 Muted: muted-1.example.kr (until ") && text.contains("OPS-123: "), "{text}");
        assert!(text.contains("muted-3") && !text.contains("muted-4") && text.contains("+2 more"), "{text}");
        assert!(
            text.contains("named.example.kr") && text.contains("critical.example.kr"),
            "critical ends a mute: {text}"
        );
        assert!(!text.contains("expires in 10 days") && !text.contains("remove them"), "{text}");
        assert_eq!(text.matches("was muted (until ").count(), 1, "{text}");
    }
    world.slack.forget();
    world.invoke(scheduled(&json!({"summary": true}))).await.unwrap();
    let text = world.slack.text();
    assert!(text.contains("Mutes that have ended (remove them from the webhooks' secret): 98"), "{text}");
    assert!(text.contains("Mutes that match nothing (remove or correct them in the webhooks' secret): 99"), "{text}");
}

#[tokio::test]
async fn a_mute_mentions_no_one_and_is_no_all_clear_for_what_it_hides() {
    let world = World::of([expired(1), certificate(2, "www.example.kr", now() + days(90))]).await;
    let until = (now().date_naive() + days(9)).to_string();
    let muted = json!([{"what": "1", "until": until, "why": "OPS-1", "critical": true}]);
    let webhooks = json!([{"url": world.slack.url(), "kind": "slack", "mention": "<!here>"}]);
    world.secrets.set("hooks", json!({"webhooks": webhooks, "mutes": muted}));
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["status"], counts(&result), &result["muted"]), (&json!("clear"), json!([0, 0, 0]), &json!(1)));
    assert!(world.slack.posts().is_empty());

    world.invoke(json!({"notify_when_clear": true})).await.unwrap();
    let text = world.slack.text();
    assert!(
        text.contains("All clear in this channel\"") && !text.contains("ext to expire") && !text.contains("<!here>"),
        "{text}"
    );
    assert!(text.contains("Apart from what is muted or goes to other channels only, every certificate"), "{text}");
    assert!(text.contains("🔕 Muted: www.example.kr (until 2 Dec 2026: OPS-1)"), "{text}");
}

#[tokio::test]
async fn a_mute_ends_at_midnight_in_the_time_zone() {
    let mut world = World::of([certificate(1, "www.example.kr", now() + days(20))]).await;
    world.beside_webhooks("mutes", json!([{"what": "1", "until": "2026-11-23"}]));
    for (zone, time, muted) in [
        ("Asia/Seoul", "2026-11-23T14:59:59Z", true),
        ("Asia/Seoul", "2026-11-23T15:00:00Z", false),
        ("UTC", "2026-11-23T15:00:00Z", true),
        ("America/Los_Angeles", "2026-11-24T07:59:59Z", true),
        ("America/Los_Angeles", "2026-11-24T08:00:00Z", false),
    ] {
        world.set("TIME_ZONE", zone);
        let result = world.invoke(json!({"now": time})).await.unwrap();
        assert_eq!(result.get("muted").is_some(), muted, "{zone} {time}");
        assert_eq!(result["warning"], json!(usize::from(!muted)), "{zone} {time}");
    }
    // How far ahead a mute may end counts from the real date.
    assert!(world.invoke(json!({"now": "2025-01-01T00:00:00Z"})).await.is_ok());
}

#[tokio::test]
async fn every_part_of_a_long_message_and_the_notice_say_what_is_muted() {
    let many = (1..=200).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() + days(3)));
    let world = World::of(many.chain([certificate(999, "muted.example.kr", now() + days(20))])).await;
    world.beside_webhooks("mutes", json!([{"what": "999", "until": "2026-12-31", "why": "OPS-9"}]));
    let notice = "did not get today's digest";
    for (broken, working) in [(&world.slack, &world.teams), (&world.teams, &world.slack)] {
        broken.always(Reply::new(404, ""));
        working.forget();
        let _ = failed(world.invoke(json!({})).await);
        broken.heal();
        let posts = working.accepted();
        assert!(posts.len() > 2 && posts.last().unwrap().to_string().contains(notice), "{}", posts.len());
        for post in posts {
            assert!(post.to_string().contains("🔕 Muted: muted.example.kr (until 31 Dec 2026: OPS-9)"), "{post}");
        }
    }
}

#[tokio::test]
async fn a_bad_mute_is_an_error_of_the_secret_and_nothing_is_posted() {
    let world = World::of([expired(1)]).await;
    world.beside_webhooks("mutes", json!([{"what": "1", "until": "2026-12-31"}, {"what": "1", "until": "9999-01-01"}]));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "SecretError");
    assert!(
        message.contains("secret `hooks`: `mutes[1].until` is `9999-01-01`, more than 366 days ahead"),
        "{message}"
    );
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
}

#[tokio::test]
async fn a_mute_is_as_long_as_it_is_from_the_real_present_whatever_is_simulated() {
    let world = World::of([certificate(1, "www.example.kr", now() + days(20))]).await;
    let until = (time::wall() + days(300)).date_naive().to_string();
    world.beside_webhooks("mutes", json!([{"what": "1", "until": until}]));
    let result = world.invoke(json!({"now": "2026-11-23T00:00:00Z"})).await.unwrap();
    assert_eq!((&result["muted"], &result["warning"]), (&json!(1), &json!(0)));
    let past = world.invoke(json!({"now": "2020-01-01T00:00:00Z"})).await.unwrap();
    assert_eq!(past["status"], "clear", "a date in the past makes no mute too long");
}

/// A world with two accounts in one secret, each with its own Global Edge: `shop` with slot 1, `media` with slot 2.
async fn two_teams() -> (World, GlobalEdge) {
    let world = World::of([certificate(1, "www.shop.kr", now() + days(3))]).await;
    let rows = vec![certificate(2, "www.media.kr", now() + days(4))];
    let account = Account { rows, ..Account::default() };
    let media = GlobalEdge::start(account, KeyPair::new("AKmedia0000", "SKmedia0000"), 100, time::wall).await.unwrap();
    world.secrets.set("prod", json!({"accounts": [
        {"name": "shop", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY},
        {"name": "media", "access_key": "AKmedia0000", "secret_key": "SKmedia0000", "api_url": media.url().as_str()},
    ]}));
    (world, media)
}

#[tokio::test]
async fn an_account_with_a_global_edge_of_its_own_is_asked_of_its_own_certificate_manager_alone() {
    let log = logging::subscriber(logging::Format::from_vars(|_| None), time::wall, keep);
    let _listening = tracing::subscriber::set_default(log);
    let (mut world, media) = two_teams().await;
    world.set("CERTIFICATE_MANAGER", true);
    world.set("CERTIFICATE_MANAGER_URL", world.edge.url());
    let asked = |edge: &GlobalEdge| edge.requests().iter().filter(|target| *target == "/api/v1/certificates").count();
    world.invoke(json!({})).await.unwrap();
    assert_eq!((asked(&world.edge), asked(&media)), (1, 0));
    let warned = written().join("\n");
    assert!(warned.contains("WARN") && warned.contains("it has api_url, but no"), "{warned}");

    let url = media.url().to_string();
    let keys = json!({"access_key": "AKmedia0000", "secret_key": "SKmedia0000", "api_url": url, "certificate_manager_url": url});
    world.secrets.set("prod", keys);
    world.invoke(json!({})).await.unwrap();
    assert_eq!((asked(&world.edge), asked(&media)), (1, 1));
}

fn routed(world: &World, slack: Value, teams: Value) {
    let webhook = |hook: &Hook, name: &str, routes: Value| {
        let mut webhook = json!({"url": hook.url(), "kind": hook.kind, "name": name});
        webhook.as_object_mut().unwrap().extend(routes.as_object().unwrap().clone());
        webhook
    };
    world.webhooks(json!([webhook(&world.slack, "ops", slack), webhook(&world.teams, "web", teams)]));
}

const UNROUTED: &str = "Some of this matches no webhook's route";

#[tokio::test]
async fn two_teams_with_one_secret_get_their_own_findings() {
    let (world, media) = two_teams().await;
    routed(&world, json!({"accounts": ["shop"]}), json!({"names": ["*.media.kr"]}));
    let dry = world.invoke(json!({"dry_run": true})).await.unwrap();
    let shown = |place: usize| dry["messages"][place]["payloads"].to_string();
    assert!(shown(0).contains("www.shop.kr") && !shown(0).contains("www.media.kr"), "{}", shown(0));
    assert!(shown(1).contains("www.media.kr") && !shown(1).contains("www.shop.kr"), "{}", shown(1));
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());
    let result = world.invoke(json!({})).await.unwrap();
    assert_eq!((&result["critical"], &result["checked"]), (&json!(2), &json!(2)));
    assert_eq!(dry["messages"][0]["payloads"], json!(world.slack.accepted()));
    assert_eq!(dry["messages"][1]["payloads"], json!(world.teams.accepted()));
    for hook in [&world.slack, &world.teams] {
        assert!(!hook.text().contains(UNROUTED) && !hook.text().contains("Left out"), "{}", hook.text());
    }

    // A finding that no route takes goes to every webhook, under a line that says why.
    media.change(|account| account.rows.push(certificate(3, "www.new.kr", now() + days(2))));
    world.slack.forget();
    world.teams.forget();
    world.invoke(json!({})).await.unwrap();
    for (hook, own, other) in
        [(&world.slack, "www.shop.kr", "www.media.kr"), (&world.teams, "www.media.kr", "www.shop.kr")]
    {
        let text = hook.text();
        assert!(text.contains("www.new.kr") && text.contains(UNROUTED), "{text}");
        assert!(text.contains(own) && !text.contains(other), "{text}");
    }
    // If one webhook takes everything, it goes there.
    routed(&world, json!({"accounts": ["shop"]}), json!({}));
    world.slack.forget();
    world.teams.forget();
    world.invoke(json!({})).await.unwrap();
    assert!(!world.slack.text().contains("www.new.kr") && !world.slack.text().contains(UNROUTED));
    assert!(world.teams.text().contains("www.new.kr") && world.teams.text().contains("www.shop.kr"));
    assert!(!world.teams.text().contains(UNROUTED), "{}", world.teams.text());
}

#[tokio::test]
async fn a_team_without_findings_reads_that_its_own_are_clear_and_no_more() {
    let (world, media) = two_teams().await;
    media.change(|account| account.rows = vec![certificate(2, "www.media.kr", now() + days(90))]);
    routed(&world, json!({"accounts": ["shop"]}), json!({"accounts": ["media"]}));
    world.invoke(json!({})).await.unwrap();
    assert!(world.teams.posts().is_empty());
    world.invoke(json!({"summary": true})).await.unwrap();
    let text = world.teams.text();
    assert!(
        text.contains("Weekly summary: all clear in this channel, next expiry")
            && text.contains("goes to other channels only"),
        "{text}"
    );
    assert!(text.contains("www.media.kr") && !text.contains("shop"), "{text}");
}

#[tokio::test]
async fn a_route_to_an_account_that_is_none_is_said_in_the_log_and_in_the_summary() {
    let log = logging::subscriber(logging::Format::from_vars(|_| None), time::wall, keep);
    let _listening = tracing::subscriber::set_default(log);
    let (world, media) = two_teams().await;
    media.change(|account| account.rows = vec![certificate(2, "www.media.kr", now() + days(90))]);
    world.edge.change(|account| account.rows = vec![certificate(1, "www.shop.kr", now() + days(90))]);
    routed(&world, json!({"accounts": ["SHOP", "mediaa", "elsewhere"]}), json!({"accounts": ["web"]}));
    written();
    let warned =
        || written().into_iter().filter(|line| line.contains("no account has this label, which")).collect::<Vec<_>>();
    world.invoke(json!({"fresh_hours": 26})).await.unwrap();
    let lines = warned();
    assert_eq!(lines.len(), 3, "in every run: {lines:?}");
    for (line, parts) in lines.iter().zip([
        [r#"webhook="ops""#, r#"label="mediaa""#],
        [r#"webhook="ops""#, r#"label="elsewhere""#],
        [r#"webhook="web""#, r#"label="web""#],
    ]) {
        assert!(line.contains("WARN") && line.contains(r#"labels="shop, media""#), "{line}");
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    assert!(
        lines[0].contains(r#"nearest="media""#) && !lines[1].contains("nearest") && !lines[2].contains("nearest"),
        "{lines:?}"
    );
    assert!(world.slack.posts().is_empty() && world.teams.posts().is_empty());

    world.invoke(json!({"summary": true})).await.unwrap();
    let line = "Accounts of this channel that do not exist (correct `accounts` in the webhooks' secret): ";
    let (slack, teams) = (world.slack.text(), world.teams.text());
    assert!(
        slack.contains(&format!("{line}mediaa (media?), elsewhere")) && slack.contains("1 certificate checked"),
        "{slack}"
    );
    assert!(
        teams.contains(&format!("{line}web")) && teams.contains("No account has the labels of this channel"),
        "{teams}"
    );
    for lie in ["0 certificates", "NCP_API_URL", "Every certificate", "www.media.kr"] {
        assert!(!teams.contains(lie), "{lie} in {teams}");
    }

    // What is known of the labels is not all: the event chose the accounts, or the secret of one cannot be read.
    let quiet = async |event: Value| {
        for hook in [&world.slack, &world.teams] {
            hook.forget();
        }
        written();
        let _ = world.invoke(event).await;
        assert_eq!(warned(), Vec::<String>::new());
        assert!(!format!("{}{}", world.slack.text(), world.teams.text()).contains("do not exist"));
    };
    quiet(json!({"summary": true, "ncp_secret_id": "prod"})).await;
    assert!(world.teams.posts().is_empty(), "others' accounts are not its business: {}", world.teams.text());
    quiet(json!({"test": true})).await;
    world.secrets.set(
        "prod",
        json!({"accounts": [
            {"name": "shop", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}, {"name": "media", "access_key": "x"},
        ]}),
    );
    quiet(json!({"summary": true})).await;
}

#[tokio::test]
async fn a_failed_account_is_reported_to_its_team() {
    let (world, media) = two_teams().await;
    routed(&world, json!({"accounts": ["shop"]}), json!({"accounts": ["media"]}));
    media.script_always("pageNo", Reply::new(400, ""));
    failed(world.invoke(json!({})).await);
    assert!(world.teams.text().contains("Account media NOT checked") && !world.slack.text().contains("ccount media"));
    routed(&world, json!({"accounts": ["shop"]}), json!({"accounts": ["shop"], "min_severity": "critical"}));
    for hook in [&world.slack, &world.teams] {
        hook.forget();
    }
    failed(world.invoke(json!({})).await);
    for hook in [&world.slack, &world.teams] {
        assert!(hook.text().contains("Account media NOT checked") && hook.text().contains(UNROUTED), "{}", hook.text());
    }
}

#[tokio::test]
async fn a_sample_reaches_every_webhook_whatever_its_routes() {
    let world = World::of([]).await;
    let routes = json!({"accounts": ["nobody"], "names": ["nothing.kr"], "min_severity": "critical"});
    for slack in [json!({}), routes.clone()] {
        routed(&world, slack, routes.clone());
        let event = json!({"test": true, "fresh_hours": 1, "min_severity": "critical"});
        let result = world.invoke(event).await.unwrap();
        assert_eq!(result["deliveries"][1]["status"], json!("delivered"));
        for hook in [&world.slack, &world.teams] {
            let text = hook.text();
            assert!(text.contains("TEST: nothing is wrong") && text.contains("expired.example.com"), "{text}");
            assert!(!text.contains(UNROUTED) && !text.contains(" older "), "{text}");
            hook.forget();
        }
    }
}

#[tokio::test]
async fn a_heartbeat_is_sent_once_after_a_run_that_was_complete_and_never_otherwise() {
    let world = World::of([certificate(1, "www.example.kr", time::wall() + days(3))]).await;
    let switch = Switch::start().await;
    world.beside_webhooks("heartbeat_url", json!(switch.url()));
    for options in [json!({}), json!({"fresh_hours": 1}), json!({"summary": true}), json!({"min_severity": "critical"})]
    {
        world.invoke(scheduled(&options)).await.unwrap();
        assert_eq!(switch.pings(), 1, "{options}");
    }
    for options in [json!({"dry_run": true}), json!({"test": true}), json!({"now": "2026-11-23T00:00:00Z"})] {
        world.invoke(scheduled(&options)).await.unwrap();
        assert_eq!(switch.pings(), 0, "{options}");
    }
    // Not after a webhook failed, nor after an account did.
    world.teams.always(Reply::new(404, ""));
    failed(world.invoke(scheduled(&json!({}))).await);
    world.teams.heal();
    world.edge.script_always("pageNo", Reply::new(400, ""));
    failed(world.invoke(scheduled(&json!({}))).await);
    assert_eq!(switch.pings(), 0);
    // A passing failure is retried; any success will do.
    world.edge.heal();
    switch.script([Reply::new(503, ""), Reply::new(429, "").with("retry-after", "0"), Reply::new(204, "")]);
    world.invoke(scheduled(&json!({}))).await.unwrap();
    assert_eq!(switch.pings(), 3);
}

#[tokio::test]
async fn a_heartbeat_that_fails_is_a_line_in_the_log_and_fails_nothing() {
    let vars = |name: &str| (name == "AWS_LAMBDA_LOG_FORMAT").then(|| "JSON".to_owned());
    let subscriber = logging::subscriber(logging::Format::from_vars(vars), time::wall, keep);
    let _listening = tracing::subscriber::set_default(subscriber);
    let mut world = World::of([certificate(1, "www.example.kr", time::wall() + days(3))]).await;
    world.timing.attempt = Duration::from_millis(300);
    let switch = Switch::start().await;
    world.beside_webhooks("heartbeat_url", json!(switch.url()));
    for (reply, pings) in [
        (Reply::new(404, switch.url()), 1),
        (Reply::new(302, "").with("location", switch.url()), 1),
        (Reply::new(500, switch.url()), 5),
        (Reply::Fault(Fault::Reset), 5),
        (Reply::Fault(Fault::Hang), 5),
    ] {
        switch.always(reply.clone());
        written();
        world.invoke(scheduled(&json!({}))).await.unwrap();
        assert_eq!(switch.pings(), pings, "{reply:?}");
        let lines = written();
        let warnings: Vec<&String> = lines.iter().filter(|line| line.contains("\"WARN\"")).collect();
        assert_eq!(warnings.len(), 1, "{reply:?}: {lines:?}");
        assert!(warnings[0].contains("the heartbeat could not be sent; the run itself is complete"), "{warnings:?}");
        assert!(lines.iter().any(|line| line.contains("\"RunsCompleted\":1")), "{lines:?}");
        assert!(!lines.concat().contains("CANARY"), "{lines:?}");
    }
}

#[tokio::test]
async fn a_bad_account_of_a_secret_with_several_fails_alone() {
    let (world, media) = two_teams().await;
    world.secrets.set("prod", json!({"accounts": [
        {"name": "shop", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY},
        {"name": "broken", "access_key": "AK"},
        {"name": "media", "access_key": "AKmedia0000", "secret_key": "SKmedia0000", "api_url": media.url().as_str()},
        {"name": "shop", "access_key": ACCESS_KEY, "secret_key": "SKwrong00000"},
    ]}));
    let (kind, message) = failed(world.invoke(json!({})).await);
    assert_eq!(kind, "SecretError");
    assert!(message.contains("account `broken`: secret `prod`: `accounts[1].secret_key` is missing"), "{message}");
    assert!(message.contains("account `shop (2)`: NCP refused the keys"), "{message}");
    for hook in [&world.slack, &world.teams] {
        for part in ["2 accounts NOT checked", "www.shop.kr", "www.media.kr", "account broken", "account shop (2)"] {
            assert!(hook.text().contains(part), "{part} in {}", hook.text());
        }
    }
    world.secrets.set("prod", json!({"accounts": [], "name": "x"}));
    let (_, message) = failed(world.invoke(json!({})).await);
    assert!(message.contains("account `prod`: secret `prod`: `accounts` must be a list"), "{message}");
    assert!(message.contains("unknown key `name`"), "{message}");
}

#[tokio::test]
async fn new_keys_are_those_of_the_same_account_of_the_secret() {
    let (world, media) = two_teams().await;
    // Two accounts with one name: the second one's keys are rotated.
    let secret = |key: &str| {
        json!({"accounts": [
            {"name": "a", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY},
            {"name": "a", "access_key": key, "secret_key": key, "api_url": media.url().as_str()},
        ]})
    };
    media.change(|account| account.rows = vec![certificate(2, "www.media.kr", now() + days(20)); 1]);
    world.secrets.set("prod", secret("AKold0000000"));
    let function = world.function();
    function.prefetch().await;
    media.rotate(KeyPair::new("AKnew0000000", "AKnew0000000"));
    world.secrets.set("prod", secret("AKnew0000000"));
    let result = invoke(&function, json!({})).await.unwrap();
    let names: Vec<&Value> = result["accounts"].as_array().unwrap().iter().map(|account| &account["name"]).collect();
    assert_eq!((names, counts(&result)), (vec![&json!("a"), &json!("a (2)")], json!([1, 1, 0])));
    assert!(world.slack.text().contains("www.media.kr"), "{}", world.slack.text());

    // If it is no longer at that position, the other one's keys are not tried under its name.
    let function = world.function();
    function.prefetch().await;
    media.rotate(KeyPair::new("AKother00000", "AKother00000"));
    world.secrets.set("prod", json!({"accounts": [{"name": "a", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}, 7, {"name": "a", "access_key": "AKother00000", "secret_key": "AKother00000"}]}));
    let (kind, message) = failed(invoke(&function, json!({})).await);
    assert_eq!(kind, "ApiError");
    assert!(message.contains("account `a (2)`: NCP refused the keys"), "{message}");
}

#[tokio::test]
async fn a_full_secret_of_five_hundred_accounts_is_read() {
    let world = World::with(healthy(3), 100).await;
    let account = |number: usize| {
        format!(r#"{{"name": "tenant-{number:03}", "access_key": "{ACCESS_KEY}", "secret_key": "{SECRET_KEY}"}}"#)
    };
    let accounts: Vec<String> = (1..=500).map(account).collect();
    let text = format!("{{\"accounts\": [\n{}\n]}}", accounts.join(",\n"));
    // A secret can hold 64 KB; as a JSON string it is longer.
    let full = format!("{text}{}", "\n".repeat((64 << 10) - text.len()));
    world.secrets.set("prod", full);
    assert!(world.secrets.answer("prod").len() > 70 << 10);
    let result = invoke_within(&world.function(), json!({}), Duration::from_mins(2)).await.unwrap();
    assert_eq!((&result["checked"], &result["pages"], &result["status"]), (&json!(1500), &json!(500), &json!("clear")));
    let accounts = result["accounts"].as_array().unwrap();
    assert_eq!((accounts.len(), &accounts[499]["name"]), (500, &json!("tenant-500")));
    assert_eq!(world.secrets.reads().iter().filter(|id| *id == "prod").count(), 1);
    // The answer may be several times as long as the secret: here each line break is sent as an escape of six bytes.
    let spelt: String = world.secrets.answer("prod").replace("\\n", "\\u000a");
    let reply = Reply::new(200, spelt).with("content-type", "application/x-amz-json-1.1");
    world.secrets.script("prod", [reply]);
    assert_eq!(world.invoke(json!({})).await.unwrap()["checked"], json!(1500));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_explained_by_its_true_cause() {
    let said = |code: &str, message: &str| Reply::new(400, json!({"__type": code, "message": message}).to_string());
    let credentials = "check the AWS credentials, which may have expired, and this machine's clock";
    for (reply, expected) in [
        (
            said("AccessDeniedException", "Access to KMS is not allowed"),
            "Secrets Manager could not decrypt it: allow kms:Decrypt with its KMS key in the function's role, and check that \
             the key is enabled",
        ),
        (
            said("ResourceNotFoundException", "can't find the specified secret value for staging label: AWSCURRENT"),
            "no value is stored in it yet; store one",
        ),
        (
            said("UnrecognizedClientException", "The security token included in the request is invalid."),
            &format!("AWS refused the credentials (UnrecognizedClientException): {credentials}"),
        ),
        (
            said(
                "InvalidSignatureException",
                "Signature expired: 20261123T000000Z is now earlier than 20261123T003000Z",
            ),
            &format!("AWS refused the credentials (InvalidSignatureException): {credentials}"),
        ),
        (said("SomeException", "no"), "Secrets Manager refused the request (SomeException)"),
    ] {
        let world = World::of([]).await;
        world.secrets.always("prod", reply);
        let (kind, message) = failed(world.invoke(json!({})).await);
        assert_eq!((kind.as_str(), message), ("SecretError", format!("account `prod`: secret `prod`: {expected}")));
    }
}
