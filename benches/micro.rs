//! The parts that grow with the number of certificates or findings.
//!
//! ```sh
//! cargo bench --bench micro
//! ```

use chrono::{DateTime, TimeDelta, Utc};
use divan::{Bencher, black_box};
use ncp_cert_alert::certificate::{Certificate, Expiry, Status};
use ncp_cert_alert::chat::Kind;
use ncp_cert_alert::global_edge::read_page;
use ncp_cert_alert::global_edge::signature::{KeyPair, sign};
use ncp_cert_alert::message::compose;
use ncp_cert_alert::message::words::{Language, Reader};
use ncp_cert_alert::net::redact::Redactor;
use ncp_cert_alert::report::view::{Audience, NotifyPolicy, Routes, Scope, views};
use ncp_cert_alert::report::{AccountFinding, AccountReport, Found, Mode, Mutes, Report};
use ncp_cert_alert::rules::{Inventory, Severity, Thresholds};
use ncp_cert_alert::settings::Settings;
use ncp_cert_alert::simulator::Account;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

fn main() {
    divan::main();
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_651_200, 0).expect("a time")
}

#[divan::bench]
fn sign_a_request(bencher: Bencher<'_, '_>) {
    let keys = KeyPair::new("AKID0000000000000000", "SK00000000000000000000000000000000000000");
    bencher.bench(|| sign("GET", black_box("/api/v1/certificate/provisioning?pageNo=1&offset=100"), now(), &keys));
}

/// Pages of 100 rows, as Global Edge sends them.
fn pages(certificates: usize) -> Vec<Vec<u8>> {
    let rows = Account::demo(certificates, now()).rows;
    let page = |rows: &[_]| {
        let result = json!({"content": rows, "pageable": {"pageNo": 1, "offset": 100, "totalCount": certificates}});
        json!({"code": "0000", "message": "Success", "result": result}).to_string().into_bytes()
    };
    rows.chunks(100).map(page).collect()
}

#[divan::bench(args = [100, 100_000])]
fn parse_and_select_rows(bencher: Bencher<'_, '_>, certificates: usize) {
    let pages = pages(certificates);
    let redactor = Redactor::new(["AKID0000000000000000", "SK00000000000000000000000000000000000000"]);
    bencher.counter(divan::counter::ItemsCount::new(certificates)).bench(|| {
        let mut inventory = Inventory::new(Thresholds::DEFAULT, now());
        for page in &pages {
            inventory.extend(read_page(black_box(page), &redactor).expect("a page").rows);
        }
        let judgement = inventory.close();
        assert_eq!(judgement.checked, certificates as u64);
        judgement
    });
}

/// The floor for the one above: seeing that it is JSON, and keeping none of it.
#[derive(Deserialize)]
struct Skipped {
    #[serde(rename = "result")]
    _result: IgnoredAny,
}

#[divan::bench(args = [100, 100_000])]
fn skip_rows(bencher: Bencher<'_, '_>, certificates: usize) {
    let pages = pages(certificates);
    bencher.counter(divan::counter::ItemsCount::new(certificates)).bench(|| {
        for page in &pages {
            black_box(serde_json::from_slice::<Skipped>(black_box(page)).expect("a page"));
        }
    });
}

#[divan::bench(args = [(Kind::Slack, "en"), (Kind::Slack, "ko"), (Kind::Teams, "en"), (Kind::Teams, "ko")])]
fn render_500_findings(bencher: Bencher<'_, '_>, (kind, language): (Kind, &str)) {
    let mut inventory = Inventory::new(Thresholds::DEFAULT, now());
    inventory.extend((0..500).map(|slot| Certificate {
        slot_id: slot,
        common_name: format!("{slot}.shop.example.co.kr").into(),
        certificate_name: format!("shop-{slot}").into(),
        service_region: "KR_JP".into(),
        status: Status::Running,
        expiry: Expiry::At(now() + TimeDelta::days(slot % 30)),
        provisioned: Some(now() - TimeDelta::days(100)),
    }));
    let judgement = inventory.close();
    let account = AccountReport {
        name: "prod".to_owned(),
        checked: judgement.checked,
        total: judgement.checked,
        pages: 5,
        failure: None,
        first_expiry: judgement.first_expiry,
        next: judgement.next,
        deployed: judgement.deployed,
        upcoming: judgement.upcoming,
    };
    let found = |finding| AccountFinding { account: "prod".to_owned(), found: Found::Slot(finding) };
    let report = Report {
        now: now(),
        today: now().date_naive(),
        mode: Mode::Real,
        thresholds: Thresholds::DEFAULT,
        accounts: vec![account],
        findings: judgement.findings.into_iter().map(found).collect(),
        mutes: Mutes::default(),
    };
    let language = if language == "ko" { Language::Korean } else { Language::English };
    let style = Settings { language, ..Settings::default() }.style(Reader::Operator);
    let everybody = [Audience { routes: Routes::default(), least: Severity::Info }];
    // A summary names all of them.
    let policy = NotifyPolicy { least: Severity::Info, when_clear: true, scope: Scope::Summary };
    bencher.bench(|| {
        let views = views(black_box(&report), &everybody, policy);
        let view = views[0].as_ref().expect("there are findings");
        kind.payloads(&compose(view, &style), None)
    });
}
