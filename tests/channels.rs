//! The chats besides Slack and Teams, as whole runs: what is posted has the form that each documents (the recording servers
//! refuse anything else), says everything within its limits, is harmless in its markup, and is judged by its own sign of
//! success.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::forms::{WEBHOOK_SCHEMA, limit, text};
use common::schema::assert_valid;
use common::servers::Reply;
use common::{OTHER_KINDS, World, days, invoke, now};
use ncp_cert_alert::chat::Kind;
use ncp_cert_alert::settings::secrets;
use ncp_cert_alert::simulator::{Account, certificate};
use serde_json::{Value, json};

fn title(kind: &str, message: &Value) -> String {
    let text = match kind {
        "jandi" => &message["body"],
        "dooray" => &message["text"],
        _ => &message["title"],
    };
    text.as_str().unwrap().lines().next().unwrap().to_owned()
}

/// Two expired certificates, one that expires soon, one that is stuck; and an edge that uses the first.
fn account() -> Account {
    let mut stuck = certificate(4, "stuck.example.kr", now() + days(300));
    stuck["provisionStatus"] = json!("PUBLISHING");
    stuck["provisionDate"] = json!("2026-11-21T00:00:00Z");
    let mut account = Account {
        rows: vec![
            certificate(1, "*.shop.example.kr", now() - days(2)),
            certificate(2, "pay_a_b.example.kr", now() - days(1)),
            certificate(3, "soon.example.kr", now() + days(20)),
            stuck,
        ],
        ..Account::default()
    };
    account.details.insert(1, json!({"linkedEdges": {"pageable": {"totalCount": 1}}}));
    account
}

async fn world() -> World {
    World::with(account(), 100).await.with_others().await
}

#[tokio::test]
async fn every_chat_gets_the_same_words() {
    let mut world = world().await;
    world.set("RUNBOOK_URL", "https://wiki.example.kr/(certs)");
    let result = invoke(&world.function(), json!({})).await.unwrap();
    let delivered: Vec<&Value> =
        result["deliveries"].as_array().unwrap().iter().map(|delivery| &delivery["kind"]).collect();
    assert_eq!(delivered, Kind::ALL.map(Kind::as_str));
    for kind in OTHER_KINDS {
        let messages = world.hook(kind).accepted();
        assert_eq!(messages.len(), 1, "{kind}");
        let text = text(&messages[0]);
        for words in [
            "🔴 ",
            "*.shop.example.kr",
            "expired 2 days ago",
            "Act now (2)",
            "1 edge uses it",
            "pay_a_b.example.kr",
            "Within 30 days (1)",
            "soon.example.kr",
            "Deployment stuck (1)",
            "PUBLISHING",
            "simulated",
            "4 certificates checked",
            "Asia/Seoul",
            "https://console.ncloud.com/",
            "Open runbook",
        ] {
            assert!(text.contains(words), "{kind}: {words} in {text}");
        }
        assert!(title(kind, &messages[0]).starts_with("🔴 "), "{kind}");
    }
    let jandi = text(&world.hook("jandi").accepted()[0]);
    assert!(jandi.contains("[[Open runbook]](https://wiki.example.kr/%28certs%29)"), "{jandi}");
    let line_works = &world.hook("line_works").accepted()[0];
    assert_eq!(line_works["button"], json!({"label": "Open console", "url": "https://console.ncloud.com/"}));
    let dooray = &world.hook("dooray").accepted()[0];
    assert_eq!(dooray["attachments"][0]["color"], "#D32F2F");
    assert_eq!(dooray["attachments"][4]["titleLink"], "https://wiki.example.kr/(certs)");
}

#[tokio::test]
async fn a_relay_gets_an_object_of_facts() {
    let world = world().await;
    invoke(&world.function(), json!({})).await.unwrap();
    let message = &world.hook("json").accepted()[0];
    assert_eq!((&message["version"], &message["severity"]), (&json!(1), &json!("critical")));
    let groups = message["groups"].as_array().unwrap();
    let outline: Vec<_> = groups.iter().map(|group| (group["heading"].as_str(), group["severity"].as_str())).collect();
    assert_eq!(
        outline,
        [
            (Some("Act now (2)"), Some("critical")),
            (Some("Within 30 days (1)"), Some("warning")),
            (Some("Deployment stuck (1)"), Some("warning")),
        ]
    );
    let first = &groups[0]["findings"][0];
    assert_eq!(
        *first,
        json!({
            "name": "*.shop.example.kr", "news": "expired 2 days ago", "expires": "2026-11-21T00:00:00Z",
            "since": "2026-11-21T00:00:00Z", "slot": 1, "account": "prod", "status": "RUNNING", "lines": first["lines"],
        })
    );
    assert!(first["lines"][0].as_str().unwrap().starts_with("1 edge uses it"), "{first}");
    let soon = &groups[1]["findings"][0];
    assert!(!soon["lines"][0].as_str().unwrap().starts_with([' ', '·']), "{soon}");
    assert_eq!(message["links"], json!([{"label": "Open console", "url": "https://console.ncloud.com/"}]));
    // The keys are in this order, whatever reads them.
    let keys: Vec<usize> = ["version", "title", "severity", "groups", "closing", "links"]
        .map(|key| world.hook("json").bodies()[0].find(&format!("\"{key}\":")).unwrap())
        .to_vec();
    assert!(keys.is_sorted(), "{keys:?}");
}

/// The recording server holds every post to the schema; this posts everything that there can be.
#[tokio::test]
async fn every_sort_of_message_keeps_to_the_forms() {
    let mut world = world().await;
    let json_of = |world: &World| world.hook("json").accepted().pop().unwrap();

    invoke(&world.function(), json!({"test": true})).await.unwrap();
    let sample = json_of(&world);
    assert_eq!(sample["severity"], Value::Null);
    assert!(sample["title"].as_str().unwrap().contains("TEST") || text(&sample).contains("This is a test"), "{sample}");
    assert!(!sample["groups"].as_array().unwrap().is_empty());

    invoke(&world.function(), json!({"summary": true})).await.unwrap();
    let summary = json_of(&world);
    assert!(text(&summary).contains("📅 "), "{summary}");

    // An account that cannot be read is a finding.
    world.edge.script_always("provisioning", Reply::new(401, r#"{"error":{"errorCode":"200","message":"no"}}"#));
    invoke(&world.function(), json!({})).await.unwrap_err();
    let failure = json_of(&world);
    let finding = &failure["groups"][0]["findings"][0];
    assert_eq!((&finding["account"], &finding["slot"]), (&json!("prod"), &Value::Null));
    assert!(finding["lines"][0].as_str().unwrap().contains("access key"), "{finding}");
    world.edge.heal();

    // A webhook that fails is one too.
    world.slack.always(Reply::new(404, "no_service"));
    invoke(&world.function(), json!({})).await.unwrap_err();
    let notice = json_of(&world);
    assert_eq!(notice["groups"][0]["findings"][0]["account"], Value::Null);
    assert!(text(&notice).contains("did not get today's digest"), "{notice}");
    world.slack.heal();

    // Nothing to report, and an empty account.
    world.set("NOTIFY_WHEN_CLEAR", true);
    world.edge.change(|account| account.rows = vec![certificate(1, "fine.example.kr", now() + days(300))]);
    invoke(&world.function(), json!({})).await.unwrap();
    let clear = world.hook("dooray").accepted().pop().unwrap();
    assert!(clear["text"].as_str().unwrap().starts_with("✅ "), "{clear}");
    let clear = json_of(&world);
    assert_eq!((&clear["severity"], &clear["groups"]), (&Value::Null, &json!([])));
    world.edge.change(|account| account.rows.clear());
    invoke(&world.function(), json!({})).await.unwrap();
    assert_eq!(json_of(&world)["severity"], "warning");
}

/// How often a message that is not taken is posted, and what is reported about it.
type Refused = Option<(usize, &'static str)>;

#[tokio::test]
async fn success_is_what_each_chat_says_it_is() {
    let dooray = |successful: bool, code: i64, message: &str| {
        json!({"header": {"isSuccessful": successful, "resultCode": code, "resultMessage": message}, "result": null})
            .to_string()
    };
    let (once, again) = (1, 5);
    // What it answers; if that is not success, how often the message is posted, and what is reported about it. Faults that mean the
    // same to every chat are in `tests/faults.rs`.
    let cases: [(&str, u16, &str, Refused); 24] = [
        ("line_works", 200, r#"{"code":"200"}"#, None),
        ("line_works", 200, r#"{"code":400,"description":"no text"}"#, Some((once, "`code 400, no text`"))),
        ("line_works", 200, r#"{"code":"429","description":"wait"}"#, Some((again, "too many messages"))),
        ("line_works", 200, r#"{"code":500,"description":"error"}"#, Some((again, "the service has a problem"))),
        ("line_works", 200, r#"{"code":"E1"}"#, Some((once, "`code …`"))),
        ("line_works", 200, r#"{"description":"success"}"#, Some((once, "did not confirm the message"))),
        ("line_works", 200, "", Some((once, "nothing else answers in its place"))),
        ("line_works", 202, r#"{"code":200}"#, Some((once, "HTTP 202"))),
        ("line_works", 400, r#"{"code":400,"description":"no text"}"#, Some((once, "HTTP 400, `code 400, no text`"))),
        ("line_works", 404, "", Some((once, "issue a new URL in the Incoming Webhook app"))),
        ("jandi", 200, "anything", None),
        ("jandi", 201, "", Some((once, "HTTP 201"))),
        ("jandi", 403, "", Some((once, "ask an administrator of JANDI to let the webhook post"))),
        ("jandi", 404, "no such", Some((once, "create a new incoming webhook in JANDI"))),
        ("dooray", 200, &dooray(false, -1, "no"), Some((once, "it refused the message (HTTP 200, `…, no`)"))),
        ("dooray", 200, &dooray(false, 429, "slow down"), Some((again, "too many messages"))),
        ("dooray", 200, &dooray(false, -300, "Rate limit exceeded"), Some((again, "too many messages"))),
        ("dooray", 200, r#"{"header":{}}"#, Some((once, "did not confirm the message"))),
        ("dooray", 404, "", Some((once, "create a new incoming webhook in Dooray!"))),
        ("json", 200, "no", None),
        ("json", 299, "", None),
        ("json", 401, "", Some((once, "check what the relay asks for"))),
        ("json", 404, "", Some((once, "check the relay's URL"))),
        ("json", 413, "", Some((once, "version 1 of the documented format"))),
    ];
    let world = world().await;
    let function = world.function();
    for (kind, status, answer, refused) in cases {
        let place = format!("{kind}, HTTP {status}, {answer}");
        let hook = world.hook(kind);
        hook.always(Reply::new(status, answer));
        let ended = invoke(&function, json!({})).await;
        match refused {
            None => assert!(ended.is_ok() && hook.posts().len() == 1, "{place}: {ended:?}"),
            Some((times, words)) => {
                let (error, message) = ended.unwrap_err();
                assert_eq!((error.as_str(), hook.posts().len()), ("DeliveryError", times), "{place}: {message}");
                assert!(message.contains(words), "{place}: {message}");
                assert!(world.slack.text().contains("did not get today's digest"), "{place}");
            }
        }
        hook.heal();
        world.hooks().for_each(common::Hook::forget);
    }
}

/// Names with a special meaning in one chat or another.
const HOSTILE: [&str; 14] = [
    "[click](https://evil.example)",
    "[[click]](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[@all](dooray://1/channels/2 \"channel\") (dooray://1/members/2 \"member\")",
    "@all @here @channel",
    "<m userId=\"all\"> <!channel> <@U1> <at>x</at>",
    "**bold** __bold__ ~~gone~~ `code`",
    "# heading",
    "> quote",
    "| a | b |",
    "- - -",
    "<https://evil.example|label>",
    "\\*escaped\\* ${x} {{x}}",
    "\u{202e}evil\u{200b}\nline",
];

#[tokio::test]
async fn hostile_names_do_nothing_and_stay_readable() {
    let rows = HOSTILE.iter().zip(1..).flat_map(|(name, slot)| {
        let mut urgent = certificate(slot, name, now() - days(2));
        urgent["certificateName"] = json!(name);
        // In a summary, healthy ones are at the beginning of lines.
        let mut deployed = certificate(100 + slot, name, now() + days(60));
        deployed["provisionDate"] = json!("2026-11-22T00:00:00Z");
        [urgent, deployed]
    });
    let mut world = World::of(rows).await.with_others().await;
    world.set("RUNBOOK_URL", "https://wiki.example.kr/{{x}}?y=${z}");
    invoke(&world.function(), json!({"summary": true})).await.unwrap();
    for kind in OTHER_KINDS {
        let messages = world.hook(kind).accepted();
        let ours = ["[[Open console]](https://console", "[[Open runbook]](https://wiki"];
        let text = messages.iter().map(text).collect::<Vec<_>>().join("\n").replace(ours[0], "").replace(ours[1], "");
        let mut never = vec!["{{", "${", "\u{202e}", "\u{200b}"];
        if kind != "json" {
            never.extend(["](", "<m", "<!", "<@", "<at", "<https"]);
        }
        if ["jandi", "dooray"].contains(&kind) {
            never.extend(["**", "__", "~~", "`", "@", "\\", "\n# ", "\n> ", "\n| ", "\n- "]);
        }
        if kind == "dooray" {
            never.push("dooray://");
        }
        for power in never {
            assert!(!text.contains(power), "{kind}: {power:?} in {text}");
        }
        for word in ["click", "evil.example", "all", "bold", "gone", "code", "heading", "quote", "escaped"] {
            assert!(text.contains(word), "{kind}: {word} in {text}");
        }
    }
}

#[tokio::test]
async fn a_mention_is_text_and_on_the_first_message_only() {
    let rows = (1..=60).map(|slot| certificate(slot, &format!("{slot}.example.kr"), now() - days(2)));
    let world = World::of(rows).await.with_others().await;
    let webhooks = world.hooks().filter(|hook| OTHER_KINDS.contains(&hook.kind));
    let webhook = |hook: &common::Hook| json!({"url": hook.url(), "kind": hook.kind, "mention": "@ops <!here>"});
    world.webhooks(webhooks.map(webhook).collect());
    let function = world.function();
    invoke(&function, json!({})).await.unwrap();
    for kind in OTHER_KINDS {
        let messages = world.hook(kind).accepted();
        assert_eq!(messages.len() > 1, kind != "json", "{kind}");
        let mentions: Vec<bool> = messages.iter().map(|message| text(message).contains("ops <")).collect();
        assert!(mentions[0] && !mentions[1..].contains(&true), "{kind}: {mentions:?}");
        assert!(kind == "json" || !text(&messages[0]).contains("<!here>"), "{kind}");
    }
    // If nothing is critical, no one is called.
    world.hooks().for_each(common::Hook::forget);
    world.edge.change(|account| account.rows = vec![certificate(1, "soon.example.kr", now() + days(20))]);
    invoke(&function, json!({})).await.unwrap();
    assert!(world.hooks().all(|hook| !hook.text().contains("ops <")));
}

#[tokio::test]
async fn a_long_report_is_split_and_nothing_is_lost() {
    for (count, name) in
        [(30, "short"), (400, "short"), (400, &*"very-long-label.".repeat(15)), (60, &*"긴이름".repeat(40))]
    {
        let rows = (1..).take(count).map(|slot| certificate(slot, &format!("n{slot}.{name}.kr"), now() - days(2)));
        let world = World::of(rows).await.with_others().await;
        for event in [json!({}), json!({"summary": true})] {
            invoke(&world.function(), event.clone()).await.unwrap();
            for kind in OTHER_KINDS {
                let messages = world.hook(kind).accepted();
                let place = format!("{kind}: {count} of {} characters, {event}", name.len());
                assert!((1..=5).contains(&messages.len()), "{place}: {} messages", messages.len());
                let mut named = 0;
                for (number, message) in (1..).zip(&messages) {
                    let text = text(message);
                    named += match kind {
                        "json" => message["groups"][0]["findings"].as_array().unwrap().len(),
                        _ => text.matches("• n").count(),
                    };
                    let title = title(kind, message);
                    let is_numbered = title.contains(&format!("({number}/{})", messages.len()));
                    assert_eq!(is_numbered, messages.len() > 1, "{place}: {title}");
                    let is_last = number == messages.len();
                    assert_eq!(text.contains("https://console.ncloud.com/"), is_last, "{place}: {text}");
                }
                let more = format!("+{} more", count - named);
                let is_counted = text(messages.last().unwrap()).contains(&more);
                assert!(named == count || (messages.len() == 5 && is_counted), "{place}: {named}");
                assert!(named >= count.min(if kind == "line_works" { 8 } else { 15 }), "{place}: {named}");
            }
            world.hooks().for_each(common::Hook::forget);
        }
    }
}

#[tokio::test]
async fn the_command_line_posts_for_every_kind() {
    let world = world().await;
    let prefixed = |hook: &common::Hook| format!("{}={}", hook.kind, hook.url());
    let webhooks = world.others.iter().map(prefixed).collect::<Vec<_>>().join(", ");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cert-alert"));
    command.args(["check", "--post", "--now", "2026-11-23T00:00:00Z"]).env_clear();
    command.env("NCLOUD_ACCESS_KEY", common::ACCESS_KEY).env("NCLOUD_SECRET_KEY", common::SECRET_KEY);
    command.env("NCP_API_URL", world.edge.url().as_str()).env("WEBHOOK_URL", webhooks);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert_eq!(errors.matches("): delivered, messages: 1").count(), OTHER_KINDS.len(), "{errors}");
    for kind in OTHER_KINDS {
        assert_eq!(world.hook(kind).accepted().len(), 1, "{kind}");
        assert!(errors.contains(&format!("channel {kind} (")), "{errors}");
    }
}

#[test]
fn every_example_of_the_guide_works() {
    let guide = include_str!("../docs/chats.md");
    let mut kinds = Vec::new();
    for block in guide.split("```json\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let value: Value = serde_json::from_str(block).unwrap();
        if value.get("version").is_some() {
            assert_valid(WEBHOOK_SCHEMA, &value);
            continue;
        }
        let hooks = secrets::hooks(&block.to_owned().into(), now().date_naive()).unwrap();
        kinds.extend(hooks.webhooks.iter().map(|webhook| webhook.kind.as_str()));
    }
    assert_eq!(kinds, Kind::ALL.map(Kind::as_str));
    for kind in ["line_works", "jandi", "dooray"] {
        let limit = format!("{},{:03} characters", limit(kind) / 1000, limit(kind) % 1000);
        assert!(guide.contains(&limit), "{kind}: {limit}");
    }
}
