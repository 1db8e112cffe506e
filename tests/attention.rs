//! docs/attention.md: its tables are the output of `examples/year.rs`, what they promise holds in other years too, and its example
//! of routing is what a dry run answers. docs/attention.ko.md: the same in Korean.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[expect(dead_code, reason = "it reads other documents too")]
#[path = "documents/markdown.rs"]
mod markdown;
#[expect(dead_code, reason = "its `main` prints what the test compares")]
#[path = "../examples/year.rs"]
mod year;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use common::{ACCESS_KEY, SECRET_KEY, World, days, now};
use ncp_cert_alert::rules::lifetime::Shares;
use ncp_cert_alert::rules::{Severity, Thresholds};
use ncp_cert_alert::simulator::certificate;
use serde_json::{Value, json};
use year::{Circumstances, Heard, SEED, SHARES, Way, Year, tables};

const DOCUMENT: &str = include_str!("../docs/attention.md");
const KOREAN: &str = include_str!("../docs/attention.ko.md");

/// The words of the tables in Korean. Cells without letters, and settings, stay as they are.
const WORDS: [(&str, &str); 33] = [
    ("messages a month", "월 메시지"),
    ("findings told a month", "월 알린 항목"),
    ("told again unchanged: mean", "변화 없이 다시 알림: 평균"),
    ("worst", "최대"),
    ("runs on end, worst", "연속 실행 최대"),
    ("warnings not told", "알리지 못한 경고"),
    ("unannounced", "예고 없음"),
    ("daily digest", "매일 전부"),
    ("ladder of 30, 14, 7, 3, 1 days", "30, 14, 7, 3, 1일 남은 날만"),
    ("the same ladder, in one message a run", "같은 날만, 실행마다 메시지 하나로"),
    ("**the template's schedules**", "**템플릿의 예약**"),
    ("daily digest, with shares", "매일 전부, 비율 적용"),
    ("**the template's schedules, with shares**", "**템플릿의 예약, 비율 적용**"),
    ("the template's schedules, if what is given up stays in use", "템플릿의 예약, 방치된 인증서가 계속 사용될 때"),
    ("Days from the first warning to the expiry, worst / median:", "첫 경고부터 만료까지의 일수, 최솟값 / 중앙값:"),
    ("life", "유효 기간(일)"),
    ("renewed", "갱신 시점"),
    ("certificates", "인증서 수"),
    ("ladder", "정해진 날만"),
    ("the template's", "템플릿"),
    ("the template's, with shares", "템플릿, 비율 적용"),
    ("at two thirds of its life", "유효 기간의 3분의 2"),
    ("in its last five days", "만료 전 5일 이내"),
    ("after its expiry", "만료 후"),
    ("never, in use", "갱신 안 함, 사용 중"),
    ("never, not in use", "갱신 안 함, 미사용"),
    ("none", "없음"),
    ("never", "알리지 못함"),
    (
        "How often the template's schedules told a warning of a 47-day certificate that is renewed on time:",
        "제때 갱신하는 47일 인증서의 경고를 템플릿의 예약이 알린 횟수:",
    ),
    ("days alone", "일수만"),
    ("at two thirds of the life", "유효 기간의 3분의 2"),
    ("up to 12 hours later", "최대 12시간 늦게"),
    ("up to a day later", "최대 하루 늦게"),
];

/// The tables in Korean.
fn korean(tables: &str) -> String {
    fn word(text: &str) -> String {
        let found = WORDS.iter().find(|(english, _)| *english == text).map(|(_, korean)| (*korean).to_owned());
        let is_prose = text.starts_with(char::is_alphabetic) || text.starts_with('*');
        match (found, text.split_once(" / ")) {
            (Some(korean), _) => korean,
            (None, Some((worst, median))) => format!("{} / {}", word(worst), word(median)),
            (None, None) => {
                assert!(!is_prose, "no Korean for {text:?}");
                text.to_owned()
            }
        }
    }
    let cell = |cell: &str| if cell == " " { cell.to_owned() } else { format!(" {} ", word(cell.trim())) };
    let line = |line: &str| match line.strip_prefix('|').and_then(|row| row.strip_suffix('|')) {
        Some(row) if row.starts_with(' ') => format!("|{}|", row.split('|').map(cell).collect::<Vec<_>>().join("|")),
        Some(_) => line.to_owned(),
        None if line.starts_with(|first: char| first.is_ascii_digit()) => {
            let numbers: Vec<&str> = line.split(|letter: char| !letter.is_ascii_digit()).collect();
            let [certificates, runs, missed] =
                numbers.into_iter().filter(|number| !number.is_empty()).collect::<Vec<_>>()[..]
            else {
                panic!("three numbers: {line}")
            };
            format!("인증서 {certificates}개, 실행 {runs}회, 그중 {missed}회는 빠짐.")
        }
        None => word(line),
    };
    tables.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What a document shows of the example's output.
fn shown(document: &'static str) -> &'static str {
    let (_, output) = document.split_once("-->\n").unwrap();
    output.split_once("\n<!--").unwrap().0
}

/// The years that the promises are tested on: the document's, and others.
fn seeds() -> impl Iterator<Item = u64> {
    (0..3).map(|other| SEED + other)
}

#[test]
fn the_documents_tables_are_the_output_of_the_example() {
    let tables = tables();
    assert_eq!(shown(DOCUMENT), tables);
    assert_eq!(shown(KOREAN), korean(&tables));
}

#[test]
fn nothing_expires_unannounced_and_there_are_fewer_messages_than_of_a_daily_digest() {
    let usual = Circumstances::default();
    for seed in seeds() {
        let year = Year::new(seed, usual);
        assert!(year.runs.iter().any(|run| run.missed), "{seed}");
        for shares in [Shares::NONE, SHARES] {
            let [digest, template] = [Way::Digest, Way::Template].map(|way| year.heard(way, shares, usual));
            assert_eq!((digest.unannounced(&year), template.unannounced(&year)), (0, 0), "{seed}");
            assert!(template.messages < digest.messages, "{seed}");
            assert!(3 * template.told.len() < digest.told.len(), "{seed}");
        }
    }
}

#[test]
fn a_warning_is_as_early_as_a_daily_digests_but_for_a_missed_run_and_then_waits_for_the_summary_at_most() {
    let usual = Circumstances::default();
    let (mut same, mut later) = (0, 0);
    for seed in seeds() {
        let year = Year::new(seed, usual);
        let [digest, template] = [Way::Digest, Way::Template].map(|way| year.heard(way, Shares::NONE, usual));
        let lines = Thresholds::DEFAULT.cutoffs(None);
        for (slot, number) in year.due(Shares::NONE) {
            let one = year.slots[slot].certificates[number];
            let Some(told) = digest.first(slot, number) else {
                assert_eq!(template.first(slot, number), None);
                continue;
            };
            let first = template.first(slot, number);
            if first.is_some_and(|first| first <= told) {
                same += 1;
                continue;
            }
            later += 1;
            // The run that would have reported it was missed.
            let line = one.until - lines.warning;
            assert!(year.runs.iter().find(|run| run.at >= line).unwrap().missed, "{seed}: slot {slot}");
            // It is in the next summary, or is reported as critical.
            let mut held = year.runs.iter().filter(|run| !run.missed && run.at >= line);
            let due = held.find(|run| run.is_summary() || one.until - run.at <= lines.critical);
            let due = due.unwrap().at;
            // Unless it was renewed before that.
            assert_eq!(
                first,
                Some(due).filter(|due| one.replaced.is_none_or(|replaced| *due < replaced)),
                "{seed}: slot {slot}"
            );
        }
    }
    assert!(same > 20 * later && later > 0, "{same} {later}");
}

#[test]
fn a_plain_ladder_posts_more_and_tells_nothing_earlier() {
    let usual = Circumstances::default();
    for seed in seeds() {
        let year = Year::new(seed, usual);
        let [ladder, template] = [Way::Ladder, Way::Template].map(|way| year.heard(way, Shares::NONE, usual));
        assert!(template.messages < ladder.messages, "{seed}");
        let [untold, of_template] = [&ladder, &template].map(|heard| heard.unheard(&year, Shares::NONE));
        assert!(of_template < untold, "{seed}");
        for (slot, number) in year.due(Shares::NONE) {
            if let Some(step) = ladder.first(slot, number) {
                let first = template.first(slot, number);
                assert!(first.is_some_and(|first| first <= step), "{seed}: slot {slot}, {first:?} instead of {step}");
            }
        }
    }
}

#[test]
fn with_shares_a_certificate_of_47_days_that_is_renewed_on_time_is_never_a_warning() {
    let usual = Circumstances::default();
    for seed in seeds() {
        let year = Year::new(seed, usual);
        let needless = |shares| year.heard(Way::Template, shares, usual).needless(&year);
        assert!(needless(Shares::NONE) > 100, "{seed}");
        assert_eq!(needless(SHARES), 0, "{seed}");
    }
}

#[test]
fn only_what_is_critical_is_told_day_after_day() {
    let usual = Circumstances::default();
    let year = Year::new(SEED, usual);
    let [digest, template] = [Way::Digest, Way::Template].map(|way| year.heard(way, Shares::NONE, usual));
    let critical = |heard: &Heard| -> Vec<_> {
        let told = heard.told.iter().filter(|told| told.severity == Severity::Critical);
        told.map(|told| (told.at, told.slot, told.certificate)).collect()
    };
    assert_eq!(critical(&template), critical(&digest), "what is critical is told by every run");
    let mut warned: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for told in template.told.iter().filter(|told| told.severity == Severity::Warning) {
        warned.entry((told.slot, told.certificate)).or_default().push(told.at);
    }
    let monday = |at: chrono::DateTime<chrono::Utc>| year.runs.iter().any(|run| run.at == at && run.is_summary());
    for times in warned.values() {
        // Besides the summaries: when it first came up, and when it went out of use; the window may show either twice.
        let others = times.iter().filter(|at| !monday(**at)).count();
        assert!(others <= 4, "{times:?}");
    }
}

#[tokio::test]
async fn the_documents_teams_are_told_what_it_says() {
    let rows = |names: &[(i64, &str, TimeDelta)]| -> Vec<Value> {
        names.iter().map(|(slot, name, left)| certificate(*slot, name, now() + *left)).collect()
    };
    let mut shop = World::of(rows(&[
        (11, "www.shop.example.kr", -days(2)),
        (12, "pay.shop.example.kr", days(20)),
        (13, "live.media.example.kr", days(25)),
    ]))
    .await;
    let media = World::of(rows(&[(21, "img.media.example.kr", days(5)), (22, "old.example.kr", days(12))])).await;
    let (english, korean) = (markdown::read(DOCUMENT), markdown::read(KOREAN));
    let [accounts, hooks] = english.blocks("json")[..] else { panic!("two secrets") };
    let mut accounts: Value = serde_json::from_str(accounts).unwrap();
    for (account, world) in accounts["accounts"].as_array_mut().unwrap().iter_mut().zip([&shop, &media]) {
        account["access_key"] = json!(ACCESS_KEY);
        account["secret_key"] = json!(SECRET_KEY);
        account["api_url"] = json!(world.edge.url().to_string());
    }
    shop.secrets.set("prod", accounts);
    shop.secrets.set("hooks", hooks);
    for (language, document, heading, mute, nobody) in
        [("en", &english, "certificate", "Muted", "nobody"), ("ko", &korean, "인증서", "음소거", "없음")]
    {
        shop.set("MESSAGE_LANGUAGE", language);
        let result = shop.invoke(json!({"dry_run": true})).await.unwrap();
        told_as_shown(&result, document, heading, mute, nobody);
    }
}

/// Holds a document's table and titles to the result of a dry run. `mute` begins the line about mutes.
fn told_as_shown(result: &Value, document: &markdown::Document, heading: &str, mute: &str, nobody: &str) {
    let messages = result["messages"].as_array().unwrap();

    // Who gets what.
    let table = document.table(heading);
    for row in table {
        let cells: Vec<String> = row.iter().map(markdown::Text::plain).collect();
        let name = cells[0].as_str();
        let told = messages.iter().filter(|one| one["payloads"].to_string().contains(name));
        let told: Vec<&str> = told.map(|one| one["webhook"].as_str().unwrap()).collect();
        if cells[2].to_lowercase().ends_with(&mute.to_lowercase()) {
            let shown = messages.iter().filter(|one| one["payloads"].to_string().contains(&format!("{mute}: {name}")));
            assert_eq!((shown.count(), cells[3].as_str(), &result["muted"]), (2, nobody, &json!(1)));
        } else {
            assert_eq!(told.join(", "), cells[3], "{name}");
        }
    }
    assert_eq!(table.len(), 5);

    // What `jq` makes of it.
    let lines = messages.iter().flat_map(|one| {
        one["payloads"].as_array().unwrap().iter().map(|payload| {
            let title = payload["summary"].as_str().or_else(|| payload["text"].as_str()).unwrap();
            format!("{}: {}", one["webhook"].as_str().unwrap(), title.lines().next().unwrap())
        })
    });
    assert_eq!(document.blocks("text")[0].trim_end(), lines.collect::<Vec<_>>().join("\n"));
}
