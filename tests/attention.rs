//! docs/attention.md: what its schedules promise holds over a year, and its example of routing is what a dry run answers.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[expect(dead_code, reason = "it reads other documents too")]
#[path = "documents/markdown.rs"]
mod markdown;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Utc, Weekday};
use common::{ACCESS_KEY, SECRET_KEY, World, days, invoke, now};
use fastrand::Rng;
use ncp_cert_alert::lambda::Function;
use ncp_cert_alert::simulator::certificate;
use serde_json::{Value, json};

/// How many days the simulation lasts.
const YEAR: i64 = 365;

/// A certificate in a slot.
struct Deployed {
    slot: i64,
    name: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// When another takes its place, or nothing does.
    ends: DateTime<Utc>,
}

/// A time below this one, to the second.
fn within(rng: &mut Rng, time: TimeDelta) -> TimeDelta {
    TimeDelta::seconds(rng.i64(0..time.num_seconds()))
}

/// Twelve slots: certificates of 47, 90 and 365 days, renewed at two thirds of their life, in their last five days, after their
/// expiry, or at two thirds until one is given up: that one stays for two weeks after its expiry.
fn certificates(rng: &mut Rng, first: DateTime<Utc>) -> Vec<Deployed> {
    let mut all = vec![];
    for (slot, life) in (1..).zip([47, 90, 365].into_iter().flat_map(|life| [days(life); 4])) {
        let given_up = first + days(rng.i64(60..YEAR));
        let mut from = first - within(rng, life);
        for number in 0.. {
            let until = from + life;
            let is_last = slot % 4 == 0 && until > given_up;
            let ends = match slot % 4 {
                0 if is_last => until + days(14),
                0 | 1 => from + life * 2 / 3,
                2 => until - within(rng, days(5)),
                _ => until + within(rng, days(3)),
            };
            all.push(Deployed { slot, name: format!("s{slot}-{number}.example.kr"), from, until, ends });
            if is_last || ends > first + days(YEAR) {
                break;
            }
            from = ends;
        }
    }
    all
}

/// How many messages a dry run has, and the names of the findings in them.
async fn reported(function: &Function, event: Value) -> (usize, BTreeSet<String>) {
    let result = invoke(function, event).await.unwrap();
    let messages =
        result["messages"].as_array().unwrap().iter().flat_map(|message| message["payloads"].as_array().unwrap());
    let messages: Vec<&Value> = messages.collect();
    let groups = messages.iter().flat_map(|message| message["groups"].as_array().unwrap());
    let findings = groups.flat_map(|group| group["findings"].as_array().unwrap());
    (messages.len(), findings.map(|finding| finding["name"].as_str().unwrap().to_owned()).collect())
}

/// The template's schedules tell what is critical in every run, what became a warning since the run before, and everything on
/// Mondays. So nothing expires unannounced, though some runs are missed, and less is posted than by a daily digest.
#[tokio::test]
async fn over_a_year_nothing_expires_unannounced_and_less_is_posted_than_by_a_daily_digest() {
    let seoul = FixedOffset::east_opt(9 * 3600).unwrap();
    for seed in 1..=2 {
        let mut rng = Rng::with_seed(seed);
        // 09:00 in Seoul, on the first of January.
        let first: DateTime<Utc> = "2027-01-01T00:00:00Z".parse().unwrap();
        let certificates = certificates(&mut rng, first);
        let mut world = World::of([]).await;
        world.webhooks(json!([{"url": "https://relay.example.kr/x", "kind": "json"}]));
        world.set("CERTIFICATE_DETAILS", false);
        let function = world.function();
        // Messages, and findings named in them: of the schedules and of the digest.
        let (mut posted, mut findings) = ([0, 0], [0, 0]);
        let (mut announced, mut missed) = (BTreeSet::new(), 0);
        for day in 0..YEAR {
            // A schedule's window is an hour.
            let now = first + days(day) + within(&mut rng, TimeDelta::hours(1));
            if rng.u8(0..100) < 5 {
                missed += 1;
                continue;
            }
            let deployed: Vec<&Deployed> =
                certificates.iter().filter(|planned| planned.from <= now && now < planned.ends).collect();
            let rows = deployed.iter().map(|planned| {
                let mut row = certificate(planned.slot, &planned.name, planned.until);
                row["provisionDate"] = json!(planned.from.to_rfc3339());
                row
            });
            let rows: Vec<Value> = rows.collect();
            world.edge.change(|account| account.rows = rows);

            let is_monday = now.with_timezone(&seoul).weekday() == Weekday::Mon;
            let mut event = if is_monday { json!({"summary": true}) } else { json!({"fresh_hours": 26}) };
            event["dry_run"] = json!(true);
            event["now"] = json!(now.to_rfc3339());
            let (messages, scheduled) = reported(&function, event).await;
            let (digest, all) = reported(&function, json!({"dry_run": true, "now": now.to_rfc3339()})).await;
            let (mut due, mut news) = (BTreeSet::new(), BTreeSet::new());
            for planned in deployed.iter().filter(|planned| planned.until - now <= days(30)) {
                let left = planned.until - now;
                due.insert(planned.name.clone());
                if is_monday || left <= days(7) || days(30) - left < TimeDelta::hours(26) {
                    news.insert(planned.name.clone());
                }
                if left > TimeDelta::zero() && scheduled.contains(&planned.name) {
                    announced.insert(planned.name.clone());
                }
            }
            assert_eq!(all, due, "seed {seed}, {now}: the digest");
            assert_eq!(scheduled, news, "seed {seed}, {now}: the schedules");
            posted = [posted[0] + messages, posted[1] + digest];
            findings = [findings[0] + scheduled.len(), findings[1] + all.len()];
        }
        let last = first + days(YEAR - 1);
        let expired: Vec<&Deployed> = certificates
            .iter()
            .filter(|planned| first + days(7) < planned.until && planned.until < planned.ends.min(last))
            .collect();
        assert!(expired.len() >= 5 && missed >= 5, "{} expired, {missed} runs were missed", expired.len());
        for planned in expired {
            assert!(announced.contains(&planned.name), "seed {seed}: {} expired unannounced", planned.name);
        }
        assert!(posted[0] < posted[1] && 2 * findings[0] < findings[1], "seed {seed}: {posted:?}, {findings:?}");
    }
}

#[tokio::test]
async fn the_documents_teams_get_what_it_says() {
    let rows = |names: &[(i64, &str, TimeDelta)]| -> Vec<Value> {
        names.iter().map(|(slot, name, left)| certificate(*slot, name, now() + *left)).collect()
    };
    let shop = World::of(rows(&[
        (11, "www.shop.example.kr", -days(2)),
        (12, "pay.shop.example.kr", days(20)),
        (13, "live.media.example.kr", days(25)),
    ]))
    .await;
    let media = World::of(rows(&[(21, "img.media.example.kr", days(5)), (22, "old.example.kr", days(12))])).await;
    let document = markdown::read(include_str!("../docs/attention.md"));
    let [accounts, hooks] = document.blocks("json").collect::<Vec<_>>()[..] else { panic!("two secrets") };
    let mut accounts: Value = serde_json::from_str(accounts).unwrap();
    for (account, world) in accounts["accounts"].as_array_mut().unwrap().iter_mut().zip([&shop, &media]) {
        account["access_key"] = json!(ACCESS_KEY);
        account["secret_key"] = json!(SECRET_KEY);
        account["api_url"] = json!(world.edge.url().to_string());
    }
    shop.secrets.set("prod", accounts);
    shop.secrets.set("hooks", hooks);
    let result = shop.invoke(json!({"dry_run": true})).await.unwrap();
    let messages = result["messages"].as_array().unwrap();
    let table = document.table("certificate").unwrap();
    assert_eq!(table.len(), 5);
    for row in table {
        let name = markdown::plain(&row[0]);
        // Every message shows what is muted.
        let (text, whom) = match row[3].as_str() {
            "none" => (format!("Muted: {name}"), "shop team, media team"),
            whom => (name, whom),
        };
        let reported = messages.iter().filter(|message| message["payloads"].to_string().contains(&text));
        let reported: Vec<&str> = reported.map(|message| message["webhook"].as_str().unwrap()).collect();
        assert_eq!(reported.join(", "), whom, "{text}");
    }
}
