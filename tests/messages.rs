//! What people read: every message, in every language, within every budget, whatever the names in it.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use common::forms;
use ncp_cert_alert::certificate::{Certificate, Expiry, Status};
use ncp_cert_alert::chat::{self, Kind};
use ncp_cert_alert::global_edge::{self, ErrorReply, Incomplete};
use ncp_cert_alert::lambda::sample;
use ncp_cert_alert::message::words::{Group, Language, Occasion, Reader, Taken};
use ncp_cert_alert::message::{Document, Missed, Style, Undelivered, compose, undelivered};
use ncp_cert_alert::net::http::{ConnectError, HttpError};
use ncp_cert_alert::net::redact::Remote;
use ncp_cert_alert::report::mute::Mute;
use ncp_cert_alert::report::view::{Audience, NotifyPolicy, Routes, Scope, views};
use ncp_cert_alert::report::{AccountFinding, AccountReport, Failure, Found, Mode, Mutes, Report};
use ncp_cert_alert::rules::elsewhere::Elsewhere;
use ncp_cert_alert::rules::lifetime::{Lifetime, Origin, Shares};
use ncp_cert_alert::rules::{Finding, Impact, Inventory, Severity, Thresholds};
use ncp_cert_alert::secret_store::{self, Problem};
use ncp_cert_alert::settings::Settings;
use ncp_cert_alert::text::pattern::Pattern;
use ncp_cert_alert::text::{cut, one_line};
use proptest::prelude::*;
use serde_json::Value;

/// The chats whose payloads are taken apart here. The chats that take text are tested next to their forms.
const RICH: [Kind; 2] = [Kind::Slack, Kind::Teams];

fn now() -> DateTime<Utc> {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}

fn hours(number: i64) -> TimeDelta {
    TimeDelta::hours(number)
}

fn style(language: Language) -> Style {
    let runbook_url = Some("https://wiki.example.com/certificates".parse().unwrap());
    Settings { language, runbook_url, ..Settings::default() }.style(Reader::Operator)
}

fn certificate(slot_id: i64, name: &str, left: TimeDelta) -> Certificate {
    Certificate {
        slot_id,
        common_name: name.into(),
        certificate_name: format!("cert-{slot_id}").into(),
        service_region: "KR_JP".into(),
        status: Status::Running,
        expiry: Expiry::At(now() + left),
        provisioned: Some(now() - days(100)),
    }
}

/// An account called `name`, with these certificates.
fn account(name: &str, certificates: impl IntoIterator<Item = Certificate>) -> (AccountReport, Vec<AccountFinding>) {
    let mut inventory = Inventory::new(Thresholds::DEFAULT, now()).with_outlook(Some(now() + days(400)));
    inventory.extend(certificates);
    let judgement = inventory.close();
    let account = AccountReport {
        name: name.to_owned(),
        checked: judgement.checked,
        total: judgement.checked,
        pages: judgement.checked.div_ceil(100).max(1),
        failure: None,
        first_expiry: judgement.first_expiry,
        next: judgement.next,
        deployed: judgement.deployed,
        upcoming: judgement.upcoming,
    };
    let found = |finding| AccountFinding { account: name.to_owned(), found: Found::Slot(finding) };
    (account, judgement.findings.into_iter().map(found).collect())
}

fn report_of(accounts: impl IntoIterator<Item = (AccountReport, Vec<AccountFinding>)>) -> Report {
    let (accounts, findings): (Vec<_>, Vec<_>) = accounts.into_iter().unzip();
    let findings = findings.into_iter().flatten().collect();
    let (mode, thresholds, mutes) = (Mode::Real, Thresholds::DEFAULT, Mutes::default());
    Report { now: now(), today: day(2026, 11, 23), mode, thresholds, accounts, findings, mutes }.sorted()
}

fn report(certificates: impl IntoIterator<Item = Certificate>) -> Report {
    report_of([account("prod", certificates)])
}

/// An account that could not be read at all.
fn failed(name: &str, failure: Failure) -> (AccountReport, Vec<AccountFinding>) {
    let (account, findings) = account(name, []);
    (AccountReport { failure: Some(failure), pages: 0, ..account }, findings)
}

fn refused(skew: Option<TimeDelta>) -> Failure {
    let said = ErrorReply { code: "200".into(), text: "Authentication Failed".into() };
    Failure::Api(global_edge::Error::Unauthorized { skew, reply: said })
}

/// The finding of this slot, changed.
fn change(report: &mut Report, slot_id: i64, change: impl FnOnce(Finding) -> Finding) {
    let one = report.findings.iter_mut().find(|one| one.found.slot_id() == Some(slot_id)).unwrap();
    one.found = Found::Slot(change(one.found.slot().unwrap().clone()));
}

fn with_edges(finding: Finding, edges: u8) -> Finding {
    let impact = Impact {
        edges: Some(edges.into()),
        edge_names: ["shop", "api", "img", "video"].map(str::to_owned).into_iter().take(edges.into()).collect(),
        names: [&finding.certificate.common_name, "a.kr", "b.kr", "c.kr", "d.kr", "e.kr"].map(str::to_owned).into(),
        ..Impact::default()
    };
    finding.with_impact(impact, Thresholds::DEFAULT, now())
}

/// One of everything that can be reported.
fn everything() -> Report {
    let odd = |slot, name: &str, status, expiry, provisioned| Certificate {
        status,
        expiry,
        provisioned,
        ..certificate(slot, name, days(90))
    };
    let later = || Expiry::At(now() + days(90));
    let mut report = report([
        certificate(1, "old.example.kr", -hours(50)),
        certificate(2, "*.today.example.kr", hours(5)),
        certificate(3, "week.example.kr", days(3)),
        certificate(4, "month.example.kr", days(20)),
        odd(5, "stuck.example.kr", Status::Publishing, later(), Some(now() - hours(26))),
        odd(6, "odd.example.kr", Status::Undocumented("PAUSED".into()), later(), None),
        odd(7, "none.example.kr", Status::Missing, later(), None),
        odd(8, "unknown.example.kr", Status::Running, Expiry::Missing, Some(now() - days(1))),
        odd(9, "unreadable.example.kr", Status::Running, Expiry::Unreadable("soon".into()), Some(now() - days(1))),
        odd(10, "new.example.kr", Status::Ready, later(), Some(now() - TimeDelta::minutes(20))),
        odd(11, "", Status::Deleted, Expiry::Missing, None),
        odd(13, "both.example.kr", Status::Publishing, Expiry::At(now() + days(2)), Some(now() - days(3))),
        certificate(12, "month.example.kr", days(400)),
    ]);
    change(&mut report, 1, |finding| with_edges(finding, 4));
    change(&mut report, 2, |finding| with_edges(finding, 1));
    change(&mut report, 3, |finding| with_edges(finding, 0));
    change(&mut report, 4, |finding| with_edges(finding, 2));
    report.sorted()
}

const ALL: NotifyPolicy = NotifyPolicy { least: Severity::Info, when_clear: true, scope: Scope::All };
const DAILY: NotifyPolicy = NotifyPolicy { scope: Scope::News(TimeDelta::hours(26)), ..ALL };
const SUMMARY: NotifyPolicy = NotifyPolicy { scope: Scope::Summary, ..ALL };

fn everybody() -> Audience {
    Audience { routes: Routes::default(), least: Severity::Info }
}

fn document_for(report: &Report, audiences: &[Audience], policy: NotifyPolicy, language: Language) -> Document {
    compose(views(report, audiences, policy)[0].as_ref().unwrap(), &style(language))
}

fn document(report: &Report, policy: NotifyPolicy, language: Language) -> Document {
    document_for(report, &[everybody()], policy, language)
}

fn posted(document: &Document, kind: Kind) -> Vec<Value> {
    let payloads = kind.payloads(document, Some("<!here>"));
    payloads.iter().map(|payload| serde_json::from_str(payload.body.get()).unwrap()).collect()
}

/// The texts of Slack's messages: all that they say, in short.
fn text_of(document: &Document) -> String {
    let texts: Vec<String> =
        posted(document, Kind::Slack).iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect();
    texts.join("\n---\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn text(report: &Report, policy: NotifyPolicy, language: Language) -> String {
    text_of(&document(report, policy, language))
}

fn in_every_language(text: impl Fn(Language) -> String) -> String {
    Language::ALL.map(text).join("\n===\n")
}

/// The first line of a message, which a phone's notification shows.
fn title(report: &Report, policy: NotifyPolicy, language: Language) -> String {
    text(report, policy, language).lines().next().unwrap().to_owned()
}

fn titles(report: &Report, policy: NotifyPolicy) -> String {
    Language::ALL.map(|language| title(report, policy, language)).join("\n")
}

/// The lines of a Teams card as its readers see them: one per block.
fn lines_of(document: &Document) -> String {
    let block = |block: &Value| {
        let text = |run: &Value| run["text"].as_str().unwrap().to_owned();
        match block["inlines"].as_array() {
            Some(runs) => runs.iter().map(text).collect::<String>(),
            None => text(block),
        }
    };
    let cards = posted(document, Kind::Teams);
    let lines = |one: &Value| -> Vec<String> {
        one["attachments"][0]["content"]["body"].as_array().unwrap().iter().map(block).collect()
    };
    let cards: Vec<String> = cards.iter().map(|one| lines(one).join("\n")).collect();
    cards.join("\n---\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn one_of_everything_in_english() {
    insta::assert_snapshot!(lines_of(&document(&everything(), ALL, Language::English)), @"
    🔴 old.example.kr expired 2 days ago · 2 more urgent, 9 can wait
    < !here>
    🔴 Act today (3)
    old.example.kr: expired 2 days ago
    Sat 21 Nov · 4 edges use it: shop, api, img +1 more · also for a.kr, b.kr, c.kr +2 more · slot 1 · certificate cert-1
    *.today.example.kr: expires in 5 hours
    Mon 23 Nov 14:00 KST · 1 edge uses it: shop · also for a.kr, b.kr, c.kr +2 more · slot 2 · certificate cert-2
    both.example.kr: expires in 2 days
    Wed 25 Nov · slot 13 · certificate cert-13 · PUBLISHING (deploying) for 3 days
    🟠 Within 30 days (1)
    month.example.kr: expires in 20 days, Sun 13 Dec · slot 4 · certificate cert-4
    slot 12 has this name until 28 Dec 2027: switch the edges to it
    🟠 Not running (3)
    none.example.kr: NCP sent no status · slot 7 · certificate cert-7
    odd.example.kr: status PAUSED, which NCP does not document · slot 6 · certificate cert-6
    stuck.example.kr: PUBLISHING (deploying) for 1 day · slot 5 · certificate cert-5
    🟠 Expiry unknown (2)
    unknown.example.kr: expiry unknown: NCP sent no date · slot 8 · certificate cert-8
    unreadable.example.kr: expiry unknown: NCP sent “soon”, which is not a date · slot 9 · certificate cert-9
    🟠 Expired or expiring, but no edge uses it (1)
    week.example.kr: expires in 3 days, Thu 26 Nov · slot 3 · certificate cert-3
    🔵 Deploying or being removed (2)
    new.example.kr: READY (pending) for less than 1 hour · slot 10 · certificate cert-10
    (no domain name): DELETED · slot 11 · certificate cert-11
    To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > slot > Update certificate
    Next to expire after these: month.example.kr, 28 Dec 2027
    13 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_korean() {
    insta::assert_snapshot!(lines_of(&document(&everything(), ALL, Language::Korean)), @"
    🔴 [만료] old.example.kr 외 긴급 2건 · 예정 9건
    < !here>
    🔴 오늘 조치(3건)
    old.example.kr: 2일 전 만료
    11월 21일(토) · 연결된 엣지 4개: shop, api, img 외 1개 · 추가 도메인: a.kr, b.kr, c.kr 외 2개 · 슬롯 1 · 인증서 cert-1
    *.today.example.kr: 5시간 후 만료
    11월 23일(월) 14:00 KST · 연결된 엣지 1개: shop · 추가 도메인: a.kr, b.kr, c.kr 외 2개 · 슬롯 2 · 인증서 cert-2
    both.example.kr: 2일 후 만료
    11월 25일(수) · 슬롯 13 · 인증서 cert-13 · PUBLISHING(배포 중), 3일째
    🟠 30일 이내 만료(1건)
    month.example.kr: 20일 후 만료 · 12월 13일(일) · 슬롯 4 · 인증서 cert-4
    슬롯 12의 같은 이름 인증서는 2027년 12월 28일까지 유효합니다. 엣지를 이 슬롯으로 전환하세요.
    🟠 상태 이상(3건)
    none.example.kr: NCP가 상태를 보내지 않음 · 슬롯 7 · 인증서 cert-7
    odd.example.kr: 상태 PAUSED(NCP 문서에 없는 상태) · 슬롯 6 · 인증서 cert-6
    stuck.example.kr: PUBLISHING(배포 중), 1일째 · 슬롯 5 · 인증서 cert-5
    🟠 만료일 확인 불가(2건)
    unknown.example.kr: 만료일 확인 불가: NCP가 날짜를 보내지 않음 · 슬롯 8 · 인증서 cert-8
    unreadable.example.kr: 만료일 확인 불가: 날짜 형식이 아닌 값 ‘soon’ · 슬롯 9 · 인증서 cert-9
    🟠 만료·만료 임박(연결된 엣지 없음, 1건)
    week.example.kr: 3일 후 만료 · 11월 26일(목) · 슬롯 3 · 인증서 cert-3
    🔵 배포·삭제 진행 중(2건)
    new.example.kr: READY(대기), 1시간 미만 · 슬롯 10 · 인증서 cert-10
    (도메인 이름 없음): DELETED(삭제됨) · 슬롯 11 · 인증서 cert-11
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 슬롯 선택 > [인증서 업데이트]
    그다음 만료: month.example.kr, 2027년 12월 28일
    인증서 13개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_japanese() {
    insta::assert_snapshot!(lines_of(&document(&everything(), ALL, Language::Japanese)), @"
    🔴【期限切れ】old.example.kr ほか緊急2件・予定9件
    < !here>
    🔴 本日対応（3件）
    old.example.kr：2日前に期限切れ
    11月21日（土）・エッジ4件：shop、api、img ほか1件・追加ドメイン a.kr、b.kr、c.kr ほか2件・スロット 1・証明書 cert-1
    *.today.example.kr：残り5時間
    11月23日（月）14:00 KST・エッジ shop・追加ドメイン a.kr、b.kr、c.kr ほか2件・スロット 2・証明書 cert-2
    both.example.kr：残り2日
    11月25日（水）・スロット 13・証明書 cert-13・PUBLISHING（デプロイ中）、3日経過
    🟠 残り30日以内（1件）
    month.example.kr：残り20日・12月13日（日）・スロット 4・証明書 cert-4
    スロット 12 の同名の証明書は2027年12月28日まで有効です。エッジをこのスロットに切り替えてください。
    🟠 状態異常（3件）
    none.example.kr：NCPから状態が返されていません・スロット 7・証明書 cert-7
    odd.example.kr：状態 PAUSED（NCPのドキュメントにない状態）・スロット 6・証明書 cert-6
    stuck.example.kr：PUBLISHING（デプロイ中）、1日経過・スロット 5・証明書 cert-5
    🟠 期限不明（2件）
    unknown.example.kr：期限不明：NCPから日付が返されていません・スロット 8・証明書 cert-8
    unreadable.example.kr：期限不明：日付ではない値「soon」・スロット 9・証明書 cert-9
    🟠 期限切れ・間近（リンクされたエッジなし、1件）
    week.example.kr：残り3日・11月26日（木）・スロット 3・証明書 cert-3
    🔵 デプロイ・削除の処理中（2件）
    new.example.kr：READY（待機）、1時間未満・スロット 10・証明書 cert-10
    （ドメイン名なし）：DELETED（削除完了）・スロット 11・証明書 cert-11
    更新手順：Certificate Managerに証明書を登録 → Global Edge > Certificate Provisioning > スロットを選択 > ［証明書アップデート］
    その次の期限：month.example.kr、2027年12月28日
    証明書13件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_the_text_of_notifications() {
    insta::assert_snapshot!(in_every_language(|language| text(&everything(), ALL, language)), @"
    🔴 old.example.kr expired 2 days ago · 2 more urgent, 9 can wait
    🔴 Act today (3)
    • old.example.kr: expired 2 days ago, Sat 21 Nov · slot 1
    • *.today.example.kr: expires in 5 hours, Mon 23 Nov 14:00 KST · slot 2
    • both.example.kr: expires in 2 days, Wed 25 Nov · slot 13
    🟠 Within 30 days (1)
    • month.example.kr: expires in 20 days, Sun 13 Dec · slot 4
    🟠 Not running (3)
    • none.example.kr: NCP sent no status · slot 7
    • odd.example.kr: status PAUSED, which NCP does not document · slot 6
    • stuck.example.kr: PUBLISHING (deploying) for 1 day · slot 5
    🟠 Expiry unknown (2)
    • unknown.example.kr: expiry unknown: NCP sent no date · slot 8
    • unreadable.example.kr: expiry unknown: NCP sent “soon”, which is not a date · slot 9
    🟠 Expired or expiring, but no edge uses it (1)
    • week.example.kr: expires in 3 days, Thu 26 Nov · no edge uses it · slot 3
    🔵 Deploying or being removed (2)
    • new.example.kr: READY (pending) for less than 1 hour · slot 10
    • (no domain name): DELETED · slot 11
    To renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; slot &gt; Update certificate
    Next to expire after these: month.example.kr, 28 Dec 2027
    13 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [만료] old.example.kr 외 긴급 2건 · 예정 9건
    🔴 오늘 조치(3건)
    • old.example.kr: 2일 전 만료 · 11월 21일(토) · 슬롯 1
    • *.today.example.kr: 5시간 후 만료 · 11월 23일(월) 14:00 KST · 슬롯 2
    • both.example.kr: 2일 후 만료 · 11월 25일(수) · 슬롯 13
    🟠 30일 이내 만료(1건)
    • month.example.kr: 20일 후 만료 · 12월 13일(일) · 슬롯 4
    🟠 상태 이상(3건)
    • none.example.kr: NCP가 상태를 보내지 않음 · 슬롯 7
    • odd.example.kr: 상태 PAUSED(NCP 문서에 없는 상태) · 슬롯 6
    • stuck.example.kr: PUBLISHING(배포 중), 1일째 · 슬롯 5
    🟠 만료일 확인 불가(2건)
    • unknown.example.kr: 만료일 확인 불가: NCP가 날짜를 보내지 않음 · 슬롯 8
    • unreadable.example.kr: 만료일 확인 불가: 날짜 형식이 아닌 값 ‘soon’ · 슬롯 9
    🟠 만료·만료 임박(연결된 엣지 없음, 1건)
    • week.example.kr: 3일 후 만료 · 11월 26일(목) · 연결된 엣지 없음 · 슬롯 3
    🔵 배포·삭제 진행 중(2건)
    • new.example.kr: READY(대기), 1시간 미만 · 슬롯 10
    • (도메인 이름 없음): DELETED(삭제됨) · 슬롯 11
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge &gt; Certificate Provisioning &gt; 슬롯 선택 &gt; [인증서 업데이트]
    그다음 만료: month.example.kr, 2027년 12월 28일
    인증서 13개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【期限切れ】old.example.kr ほか緊急2件・予定9件
    🔴 本日対応（3件）
    • old.example.kr：2日前に期限切れ・11月21日（土）・スロット 1
    • *.today.example.kr：残り5時間・11月23日（月）14:00 KST・スロット 2
    • both.example.kr：残り2日・11月25日（水）・スロット 13
    🟠 残り30日以内（1件）
    • month.example.kr：残り20日・12月13日（日）・スロット 4
    🟠 状態異常（3件）
    • none.example.kr：NCPから状態が返されていません・スロット 7
    • odd.example.kr：状態 PAUSED（NCPのドキュメントにない状態）・スロット 6
    • stuck.example.kr：PUBLISHING（デプロイ中）、1日経過・スロット 5
    🟠 期限不明（2件）
    • unknown.example.kr：期限不明：NCPから日付が返されていません・スロット 8
    • unreadable.example.kr：期限不明：日付ではない値「soon」・スロット 9
    🟠 期限切れ・間近（リンクされたエッジなし、1件）
    • week.example.kr：残り3日・11月26日（木）・リンクされたエッジなし・スロット 3
    🔵 デプロイ・削除の処理中（2件）
    • new.example.kr：READY（待機）、1時間未満・スロット 10
    • （ドメイン名なし）：DELETED（削除完了）・スロット 11
    更新手順：Certificate Managerに証明書を登録 → Global Edge &gt; Certificate Provisioning &gt; スロットを選択 &gt; ［証明書アップデート］
    その次の期限：month.example.kr、2027年12月28日
    証明書13件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
}

/// The origin of a certificate of 47 days.
fn origin(issuer: &str) -> Origin {
    Origin { lifetime: Lifetime::between(now(), now() + days(47)).unwrap(), issuer: issuer.into() }
}

fn elsewhere(name: &str, domain: &str, issuer: &str, left: i64) -> AccountFinding {
    let severity = if left <= 7 { Severity::Critical } else { Severity::Warning };
    let (expiry, origin) = (now() + days(left), Some(origin(issuer)));
    let since = expiry - days(if left <= 7 { 7 } else { 30 });
    let one = Elsewhere { name: name.into(), domain: domain.into(), expiry, severity, since, origin, instances: 2 };
    AccountFinding { account: "prod".to_owned(), found: Found::Elsewhere(one) }
}

#[test]
fn what_is_used_elsewhere_and_where_a_certificate_comes_from() {
    let mut report = report([certificate(1, "www.example.kr", days(3)), certificate(2, "shop.example.kr", days(9))]);
    change(&mut report, 1, |finding| Finding { origin: Some(origin("Example CA")), ..finding });
    report.findings.extend([
        elsewhere("lb-cert", "lb.example.kr", "Example CA", 5),
        elsewhere("cdn-cert", "", "", 6),
        elsewhere("old-cert", "old.example.kr", "Example CA", 20),
    ]);
    report.thresholds.shares = Shares { warn: Some(33), critical: Some(10) };
    let report = report.sorted();
    insta::assert_snapshot!(in_every_language(|language| lines_of(&document(&report, ALL, language))), @"
    🔴 www.example.kr expires in 3 days · 2 more urgent, 2 can wait
    < !here>
    🔴 Act today (1)
    www.example.kr: expires in 3 days
    Thu 26 Nov · slot 1 · certificate cert-1 · valid for 47 days in all, issued by Example CA
    🔴 Outside Global Edge: load balancer, CDN+ (2)
    lb.example.kr: expires in 5 days
    Sat 28 Nov · in use by 2 instances, but in no Global Edge slot · certificate lb-cert · valid for 47 days in all, issued by Example CA
    (no domain name): expires in 6 days
    Sun 29 Nov · in use by 2 instances, but in no Global Edge slot · certificate cdn-cert · valid for 47 days in all
    🟠 Within 30 days (1)
    shop.example.kr: expires in 9 days, Wed 2 Dec · slot 2 · certificate cert-2
    🟠 Outside Global Edge: load balancer, CDN+ (1)
    old.example.kr: expires in 20 days, Sun 13 Dec · in use by 2 instances, but in no Global Edge slot · certificate old-cert · valid for 47 days in all, issued by Example CA
    To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > slot > Update certificate
    2 certificates checked · Warning at 30 days or 33% of the lifetime, critical at 7 or 10% of the lifetime · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [3일 후 만료] www.example.kr 외 긴급 2건 · 예정 2건
    < !here>
    🔴 오늘 조치(1건)
    www.example.kr: 3일 후 만료
    11월 26일(목) · 슬롯 1 · 인증서 cert-1 · 전체 유효 기간 47일, 발급 기관 Example CA
    🔴 Global Edge 외: Load Balancer, CDN+(2건)
    lb.example.kr: 5일 후 만료
    11월 28일(토) · 인스턴스 2개에서 사용 중, Global Edge 슬롯 없음 · 인증서 lb-cert · 전체 유효 기간 47일, 발급 기관 Example CA
    (도메인 이름 없음): 6일 후 만료
    11월 29일(일) · 인스턴스 2개에서 사용 중, Global Edge 슬롯 없음 · 인증서 cdn-cert · 전체 유효 기간 47일
    🟠 30일 이내 만료(1건)
    shop.example.kr: 9일 후 만료 · 12월 2일(수) · 슬롯 2 · 인증서 cert-2
    🟠 Global Edge 외: Load Balancer, CDN+(1건)
    old.example.kr: 20일 후 만료 · 12월 13일(일) · 인스턴스 2개에서 사용 중, Global Edge 슬롯 없음 · 인증서 old-cert · 전체 유효 기간 47일, 발급 기관 Example CA
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 슬롯 선택 > [인증서 업데이트]
    인증서 2개 확인 · 30일(또는 유효 기간의 33%) 이내 경고, 7일(또는 유효 기간의 10%) 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【残り3日】www.example.kr ほか緊急2件・予定2件
    < !here>
    🔴 本日対応（1件）
    www.example.kr：残り3日
    11月26日（木）・スロット 1・証明書 cert-1・有効期間は全47日、発行者 Example CA
    🔴 Global Edge以外：Load Balancer、CDN+（2件）
    lb.example.kr：残り5日
    11月28日（土）・インスタンス2件で使用中、Global Edgeのスロットなし・証明書 lb-cert・有効期間は全47日、発行者 Example CA
    （ドメイン名なし）：残り6日
    11月29日（日）・インスタンス2件で使用中、Global Edgeのスロットなし・証明書 cdn-cert・有効期間は全47日
    🟠 残り30日以内（1件）
    shop.example.kr：残り9日・12月2日（水）・スロット 2・証明書 cert-2
    🟠 Global Edge以外：Load Balancer、CDN+（1件）
    old.example.kr：残り20日・12月13日（日）・インスタンス2件で使用中、Global Edgeのスロットなし・証明書 old-cert・有効期間は全47日、発行者 Example CA
    更新手順：Certificate Managerに証明書を登録 → Global Edge > Certificate Provisioning > スロットを選択 > ［証明書アップデート］
    証明書2件を確認・残り30日（または有効期間の33%）以内で警告、7日（または有効期間の10%）以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");

    let clear = Report { findings: vec![], ..report };
    for (language, sentence) in [
        (Language::English, "Every certificate is running and has more than 30 days or 33% of its lifetime left."),
        (Language::Korean, "모든 인증서가 운영 중이며 유효 기간이 30일(또는 유효 기간의 33%) 넘게 남았습니다."),
        (Language::Japanese, "すべての証明書が運用中で、有効期限まで30日（または有効期間の33%）を超えています。"),
    ] {
        let text = text(&clear, ALL, language);
        assert!(text.contains(sentence), "{text}");
    }
}

fn status(slot: i64, name: &str, status: Status, age: TimeDelta) -> Certificate {
    Certificate { status, provisioned: Some(now() - age), ..certificate(slot, name, days(90)) }
}

#[test]
fn a_title_names_the_worst_and_counts_the_rest() {
    let one = |left| certificate(1, "www.example.kr", left);
    let week = |slot| certificate(slot, "week.example.kr", days(3));
    let month = |slot| certificate(slot, "month.example.kr", days(20));
    let unused = |left| {
        let mut report = report([one(left)]);
        change(&mut report, 1, |finding| with_edges(finding, 0));
        report
    };
    let used_elsewhere = || Report { findings: vec![elsewhere("lb", "lb.example.kr", "", 5)], ..report([]) };
    let year = |left| {
        let mut inventory = Inventory::new(Thresholds { warn_days: 365, ..Thresholds::DEFAULT }, now());
        inventory.extend([one(left)]);
        let found = |finding| AccountFinding { account: "prod".into(), found: Found::Slot(finding) };
        Report { findings: inventory.close().findings.into_iter().map(found).collect(), ..report([]) }
    };
    let unknown = Certificate { expiry: Expiry::Missing, ..one(days(1)) };
    let cases = [
        report([one(-hours(50)), week(2), week(3), month(4), month(5), month(6)]),
        report([one(-hours(3)), month(2)]),
        report([one(-TimeDelta::minutes(3))]),
        report([one(days(3)), week(2)]),
        report([one(hours(20)), week(2), month(3)]),
        report([one(TimeDelta::minutes(20))]),
        report([one(days(20)), month(2), month(3)]),
        year(days(46)),
        report([unknown]),
        report([status(1, "www.example.kr", Status::Publishing, hours(26))]),
        report([status(1, "www.example.kr", Status::Publishing, hours(1))]),
        report([status(1, "www.example.kr", Status::Deleting, hours(1))]),
        report([Certificate { common_name: "".into(), ..one(days(3)) }]),
        unused(-hours(50)),
        unused(days(3)),
        used_elsewhere(),
    ];
    let titles: Vec<String> = cases.iter().map(|report| titles(report, ALL)).collect();
    insta::assert_snapshot!(titles.join("\n\n"), @"
    🔴 www.example.kr expired 2 days ago · 2 more urgent, 3 can wait
    🔴 [만료] www.example.kr 외 긴급 2건 · 예정 3건
    🔴【期限切れ】www.example.kr ほか緊急2件・予定3件

    🔴 www.example.kr expired 3 hours ago · 1 can wait
    🔴 [만료] www.example.kr 외 예정 1건
    🔴【期限切れ】www.example.kr ほか予定1件

    🔴 www.example.kr expired less than 1 hour ago
    🔴 [만료] www.example.kr
    🔴【期限切れ】www.example.kr

    🔴 week.example.kr expires in 3 days · 1 more urgent
    🔴 [3일 후 만료] week.example.kr 외 긴급 1건
    🔴【残り3日】week.example.kr ほか緊急1件

    🔴 www.example.kr expires in 20 hours · 1 more urgent, 1 can wait
    🔴 [20시간 후 만료] www.example.kr 외 긴급 1건 · 예정 1건
    🔴【残り20時間】www.example.kr ほか緊急1件・予定1件

    🔴 www.example.kr expires in less than 1 hour
    🔴 [1시간 이내 만료] www.example.kr
    🔴【残り1時間未満】www.example.kr

    🟠 month.example.kr expires in 20 days · 2 more
    🟠 [20일 후 만료] month.example.kr 외 2건
    🟠【残り20日】month.example.kr ほか2件

    🟠 www.example.kr expires in 46 days
    🟠 [1월 8일(금) 만료] www.example.kr
    🟠【残り46日】www.example.kr

    🟠 www.example.kr: expiry unknown
    🟠 [만료일 확인 불가] www.example.kr
    🟠【期限不明】www.example.kr

    🟠 www.example.kr is not running
    🟠 [상태 이상] www.example.kr
    🟠【状態異常】www.example.kr

    🔵 www.example.kr is being deployed
    🔵 [배포 중] www.example.kr
    🔵【デプロイ中】www.example.kr

    🔵 www.example.kr is being removed
    🔵 [삭제 중] www.example.kr
    🔵【削除中】www.example.kr

    🔴 slot 1 expires in 3 days
    🔴 [3일 후 만료] 슬롯 1
    🔴【残り3日】スロット 1

    🟠 www.example.kr expired 2 days ago, but no edge uses it
    🟠 [만료·연결된 엣지 없음] www.example.kr
    🟠【期限切れ・リンクされたエッジなし】www.example.kr

    🟠 www.example.kr expires in 3 days, but no edge uses it
    🟠 [만료 임박·연결된 엣지 없음] www.example.kr
    🟠【期限間近・リンクされたエッジなし】www.example.kr

    🔴 lb.example.kr expires in 5 days (load balancer or CDN+)
    🔴 [5일 후 만료] lb.example.kr(Load Balancer 또는 CDN+)
    🔴【残り5日】lb.example.kr（Load BalancerまたはCDN+）
    ");
}

#[test]
fn a_title_with_a_failed_account_a_simulated_date_or_a_summary() {
    let expired =
        || account("prod", [certificate(1, "www.example.kr", -hours(50)), certificate(2, "api.example.kr", days(3))]);
    let clear = || report([certificate(1, "www.example.kr", days(90))]);
    let simulated = Report { mode: Mode::Simulated, ..report_of([expired()]) };
    let cases = [
        (report_of([failed("shop", refused(None))]), ALL),
        (report_of([failed("shop", refused(None)), failed("pay", refused(None))]), ALL),
        (report_of([failed("shop", refused(None)), expired()]), ALL),
        (simulated, ALL),
        (report_of([expired()]), SUMMARY),
        (clear(), ALL),
        (clear(), SUMMARY),
        (report([]), ALL),
        (sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23)), ALL),
    ];
    let titles: Vec<String> = cases.iter().map(|(report, policy)| titles(report, *policy)).collect();
    insta::assert_snapshot!(titles.join("\n\n"), @"
    🔴 Account shop NOT checked
    🔴 [확인 실패] 계정 shop
    🔴【確認失敗】アカウント shop

    🔴 2 accounts NOT checked
    🔴 [확인 실패] 계정 2개
    🔴【確認失敗】アカウント2件

    🔴 Account shop NOT checked · www.example.kr expired · 1 more urgent
    🔴 [확인 실패] 계정 shop · [만료] www.example.kr 외 긴급 1건
    🔴【確認失敗】アカウント shop・【期限切れ】www.example.kr ほか緊急1件

    🔴 Simulated: www.example.kr expired 2 days ago · 1 more urgent
    🔴 [시뮬레이션] [만료] www.example.kr 외 긴급 1건
    🔴【シミュレーション】【期限切れ】www.example.kr ほか緊急1件

    🔴 www.example.kr expired 2 days ago · 1 more urgent · weekly summary
    🔴 [만료] www.example.kr 외 긴급 1건 · 주간 요약
    🔴【期限切れ】www.example.kr ほか緊急1件・週次サマリー

    ✅ All clear: 1 certificate, next expiry Sun 21 Feb
    ✅ 이상 없음 · 인증서 1개 · 다음 만료 2월 21일(일)
    ✅ 異常なし・証明書1件・次の期限 2月21日（日）

    ✅ Weekly summary: all clear, 1 certificate, next expiry Sun 21 Feb
    ✅ 주간 요약: 이상 없음 · 인증서 1개 · 다음 만료 2월 21일(일)
    ✅ 週次サマリー：異常なし・証明書1件・次の期限 2月21日（日）

    🟠 0 certificates found: is this the right account?
    🟠 인증서 0개: 계정이 맞는지 확인 필요
    🟠 証明書0件：アカウントをご確認ください

    🧪 TEST: nothing is wrong
    🧪 [테스트] 실제 문제가 아닙니다
    🧪【テスト】実際の問題ではありません
    ");
}

#[test]
fn a_simulated_date_is_told_with_its_year() {
    let simulated = Report { mode: Mode::Simulated, ..report([certificate(1, "www.example.kr", days(3))]) };
    let notices = Language::ALL.map(|language| document(&simulated, ALL, language).notices.concat());
    assert_eq!(
        notices,
        [
            "The date is simulated: judged as if it were 23 Nov 2026 09:00 KST.",
            "시뮬레이션: 2026년 11월 23일 09:00 KST 기준으로 판단했습니다.",
            "シミュレーション：2026年11月23日 09:00 KST時点として判断しました。",
        ]
    );
}

/// Certificates that no edge uses come last, in the title as in the message.
#[test]
fn what_no_edge_uses_and_what_is_elsewhere_never_hides_what_has_to_be_done() {
    let mut report =
        report([certificate(1, "unused.example.kr", -hours(50)), certificate(2, "month.example.kr", days(20))]);
    change(&mut report, 1, |finding| with_edges(finding, 0));
    report.findings.push(elsewhere("lb", "lb.example.kr", "", 12));
    let report = report.sorted();
    assert_eq!(title(&report, ALL, Language::English), "🟠 month.example.kr expires in 20 days · 2 more");
    let sections = document(&report, ALL, Language::English).sections;
    let headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
    assert_eq!(
        headings,
        [
            "Within 30 days (1)",
            "Expired or expiring, but no edge uses it (1)",
            "Outside Global Edge: load balancer, CDN+ (1)"
        ]
    );
}

#[test]
fn a_title_that_does_not_fit_is_cut_at_its_end() {
    let long = format!("{}.example.kr", "a".repeat(200));
    let report = report_of([
        failed(&"b".repeat(40), refused(None)),
        account(
            "prod",
            [certificate(1, &long, days(3)), certificate(2, &long, days(3)), certificate(3, &long, days(20))],
        ),
    ]);
    for language in Language::ALL {
        let title = document(&report, ALL, language).title;
        assert!(title.chars().count() <= 120, "{title}");
        assert!(title.contains(&"b".repeat(40)) && title.contains(&"a".repeat(40)), "{title}");
    }
}

#[test]
fn all_clear() {
    let clear = report([certificate(1, "www.example.kr", days(90))]);
    insta::assert_snapshot!(in_every_language(|language| text(&clear, ALL, language)), @"
    ✅ All clear: 1 certificate, next expiry Sun 21 Feb
    Every certificate is running and has more than 30 days left.
    Next to expire: www.example.kr, Sun 21 Feb
    1 certificate checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    ✅ 이상 없음 · 인증서 1개 · 다음 만료 2월 21일(일)
    모든 인증서가 운영 중이며 유효 기간이 30일 넘게 남았습니다.
    다음 만료: www.example.kr, 2월 21일(일)
    인증서 1개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    ✅ 異常なし・証明書1件・次の期限 2月21日（日）
    すべての証明書が運用中で、有効期限まで30日を超えています。
    次の期限：www.example.kr、2月21日（日）
    証明書1件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
}

/// "Every certificate is running" would be false where one is muted, or reported elsewhere.
#[test]
fn what_is_muted_or_others_business_is_not_called_healthy() {
    let stuck = || report([status(5, "stuck.example.kr", Status::Publishing, hours(26))]);
    let names = Some(vec![Pattern::new("*.shop.example.kr")]);
    let audience = Audience { routes: Routes { accounts: None, names }, least: Severity::Info };
    let muted = stuck().with_mutes(&mutes());
    for (language, lead) in [
        (
            Language::English,
            "Apart from what is muted or goes to other channels only, every certificate is running and has more than 30 days left.",
        ),
        (
            Language::Korean,
            "음소거했거나 다른 채널에만 알리는 인증서를 제외하고 모든 인증서가 운영 중이며 유효 기간이 30일 넘게 남았습니다.",
        ),
        (
            Language::Japanese,
            "ミュート中または他のチャンネルのみに通知する証明書を除き、すべての証明書が運用中で、有効期限まで30日を超えています。",
        ),
    ] {
        assert_eq!(document(&muted, ALL, language).lead.as_deref(), Some(lead));
        let routed = document_for(&stuck(), &[audience.clone(), everybody()], ALL, language);
        assert_eq!(routed.lead.as_deref(), Some(lead));
    }
}

#[test]
fn an_empty_account() {
    insta::assert_snapshot!(in_every_language(|language| text(&report([]), ALL, language)), @"
    🟠 0 certificates found: is this the right account?
    0 certificates: there is nothing to check. If there should be, check that the keys and NCP_API_URL are those of the right account.
    0 certificates: account prod · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🟠 인증서 0개: 계정이 맞는지 확인 필요
    확인할 인증서가 없습니다. 있어야 한다면 키와 NCP_API_URL이 올바른 계정의 것인지 확인하세요.
    인증서 0개: 계정 prod · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🟠 証明書0件：アカウントをご確認ください
    確認する証明書がありません。本来あるはずの場合は、キーとNCP_API_URLが正しいアカウントのものか確認してください。
    証明書0件：アカウント prod・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    // A terminal offers other means.
    let view = report([]);
    let view = views(&view, &[everybody()], ALL).remove(0).unwrap();
    let lead = compose(&view, &Style { reader: Reader::Terminal, ..style(Language::English) }).lead.unwrap();
    assert!(lead.contains("NCLOUD_ACCESS_KEY"), "{lead}");
}

#[test]
fn many_accounts_and_those_of_them_that_are_empty() {
    let accounts = |empty: usize| {
        let names = (0..empty).map(|number| account(&format!("tenant-{number}"), []));
        report_of(names.chain([account("prod", [certificate(1, "www.example.kr", days(90))])]))
    };
    let coverage = |empty| {
        let closing = document(&accounts(empty), ALL, Language::English).closing;
        closing
            .into_iter()
            .filter(|line| line.contains("0 certificates") || line.contains("checked"))
            .collect::<Vec<_>>()
    };
    assert_eq!(coverage(1), ["0 certificates: account tenant-0", "1 certificate checked, account prod"]);
    let many = coverage(12);
    assert_eq!(many[0], "1 certificate in 13 accounts checked");
    assert!(
        many[1].starts_with("0 certificates: accounts tenant-0, ") && many[1].ends_with("tenant-9 +2 more"),
        "{many:?}"
    );
    let finding = report_of([
        account("shop", [certificate(1, "www.example.kr", days(3))]),
        account("pay", [certificate(1, "www.example.kr", days(3))]),
    ]);
    let text = text(&finding, ALL, Language::English);
    assert!(text.contains("· slot 1 · account shop") && text.contains("· slot 1 · account pay"), "{text}");
}

#[test]
fn an_account_that_failed() {
    let failures = [
        refused(None),
        refused(Some(TimeDelta::minutes(7))),
        Failure::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 0 }),
        Failure::Secret(secret_store::Error {
            id: "ncp/prod".to_owned(),
            problem: Problem::Invalid(vec!["`access_key` is missing".to_owned(), "`nmae` is unknown".to_owned()]),
        }),
        Failure::Secret(secret_store::Error {
            id: "ncp/prod".to_owned(),
            problem: Problem::Invalid(vec!["it is not a JSON object; accepted: `access_key`".to_owned()]),
        }),
        Failure::Api(global_edge::Error::Malformed("expected value at line 1".to_owned())),
    ];
    let texts: Vec<String> = failures
        .into_iter()
        .map(|failure| in_every_language(|language| text(&report_of([failed("prod", failure.clone())]), ALL, language)))
        .collect();
    insta::assert_snapshot!(texts.join("\n\n"), @"
    🔴 Account prod NOT checked
    🔴 NOT checked (1)
    • account prod: NCP refused the keys (HTTP 401, code 200, “Authentication Failed”). Check that the access key and the secret key in the secret belong together, and that the key is in use
    0 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [확인 실패] 계정 prod
    🔴 확인 실패(1건)
    • 계정 prod: NCP가 키를 거부했습니다(HTTP 401, 코드 200, ‘Authentication Failed’). 시크릿의 액세스 키와 시크릿 키가 한 쌍인지, 키가 사용 중 상태인지 확인하세요.
    인증서 0개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【確認失敗】アカウント prod
    🔴 確認失敗（1件）
    • アカウント prod：NCPがキーを拒否しました（HTTP 401、コード200、「Authentication Failed」）。シークレットのアクセスキーとシークレットキーが正しい組み合わせで、キーが有効であることを確認してください。
    証明書0件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION

    🔴 Account prod NOT checked
    🔴 NOT checked (1)
    • account prod: NCP refused the keys (HTTP 401, code 200, “Authentication Failed”). The function's clock is 7 minutes ahead of NCP's; NCP refuses more than 5 minutes. If this continues, report it to AWS
    0 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [확인 실패] 계정 prod
    🔴 확인 실패(1건)
    • 계정 prod: NCP가 키를 거부했습니다(HTTP 401, 코드 200, ‘Authentication Failed’). 함수의 시계가 NCP보다 7분 빠릅니다. 5분 넘게 차이 나면 거부됩니다. 계속되면 AWS에 문의하세요.
    인증서 0개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【確認失敗】アカウント prod
    🔴 確認失敗（1件）
    • アカウント prod：NCPがキーを拒否しました（HTTP 401、コード200、「Authentication Failed」）。関数側の時計がNCPより7分進んでいます。5分を超えると拒否されます。続く場合はAWSに問い合わせてください。
    証明書0件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION

    🔴 Account prod NOT checked
    🔴 NOT checked (1)
    • account prod: incomplete listing: 36 of 37. Compare with the list in the console; if this continues, ask NCP's support why its count differs from its list
    0 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [확인 실패] 계정 prod
    🔴 확인 실패(1건)
    • 계정 prod: 목록이 불완전합니다: 37개 중 36개. 콘솔의 목록과 비교하세요. 계속되면 개수와 목록이 다른 이유를 NCP 고객지원에 문의하세요.
    인증서 0개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【確認失敗】アカウント prod
    🔴 確認失敗（1件）
    • アカウント prod：一覧が不完全です：37件中36件。コンソールの一覧と比較してください。続く場合は、件数と一覧が異なる理由をNCPのサポートに問い合わせてください。
    証明書0件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION

    🔴 Account prod NOT checked
    🔴 NOT checked (1)
    • account prod: secret “ncp/prod”: “access_key” is missing; “nmae” is unknown. Correct the value; the README shows the forms
    0 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [확인 실패] 계정 prod
    🔴 확인 실패(1건)
    • 계정 prod: 시크릿 ‘ncp/prod’: 값이 올바르지 않습니다: ‘access_key’, ‘nmae’. 값을 수정하세요. 형식은 README에, 자세한 내용은 로그에 있습니다.
    인증서 0개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【確認失敗】アカウント prod
    🔴 確認失敗（1件）
    • アカウント prod：シークレット「ncp/prod」：値が正しくありません：「access_key」、「nmae」。値を修正してください。形式はREADME、詳細はログにあります。
    証明書0件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION

    🔴 Account prod NOT checked
    🔴 NOT checked (1)
    • account prod: secret “ncp/prod”: it is not a JSON object; accepted: “access_key”. Correct the value; the README shows the forms
    0 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [확인 실패] 계정 prod
    🔴 확인 실패(1건)
    • 계정 prod: 시크릿 ‘ncp/prod’: JSON 객체가 아닙니다. 값을 수정하세요. 형식은 README에, 자세한 내용은 로그에 있습니다.
    인증서 0개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【確認失敗】アカウント prod
    🔴 確認失敗（1件）
    • アカウント prod：シークレット「ncp/prod」：JSONオブジェクトではありません。値を修正してください。形式はREADME、詳細はログにあります。
    証明書0件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION

    🔴 Account prod NOT checked
    🔴 NOT checked (1)
    • account prod: NCP's answer cannot be read: expected value at line 1. Check NCP_API_URL; if it is right, NCP may have changed its API: look for a new version of ncp-cert-alert
    0 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [확인 실패] 계정 prod
    🔴 확인 실패(1건)
    • 계정 prod: NCP의 응답을 읽을 수 없습니다. NCP_API_URL을 확인하세요. 맞다면 NCP의 API가 변경되었을 수 있으니 ncp-cert-alert의 새 버전을 확인하세요.
    인증서 0개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【確認失敗】アカウント prod
    🔴 確認失敗（1件）
    • アカウント prod：NCPの応答を読み取れません。NCP_API_URLを確認してください。正しい場合はNCPのAPIが変更された可能性があるため、ncp-cert-alertの新しいバージョンを確認してください。
    証明書0件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
}

#[test]
fn a_failed_account_stands_first_and_calls_nobody_by_itself() {
    let report =
        report_of([account("prod", [certificate(1, "www.example.kr", days(20))]), failed("shop", refused(None))]);
    let document = document(&report, ALL, Language::English);
    assert_eq!(document.sections[0].heading, "NOT checked (1)");
    assert_eq!((document.worst, document.calls), (Some(Severity::Critical), false));
    assert_eq!(document.missed.counted, [(Group::NotChecked, 1), (Group::Within(30), 1)]);
}

fn mute(what: &str, until: NaiveDate, why: Option<&str>, critical: bool) -> Mute {
    Mute::new(what, until, why.map(str::to_owned), critical, str::to_owned).unwrap()
}

fn mutes() -> Vec<Mute> {
    vec![
        mute("stuck.example.kr", day(2026, 12, 31), Some("OPS-123: {{later}}"), false),
        mute("prod/4", day(2026, 11, 30), None, false),
        mute("7", day(2026, 11, 23), None, false),
        mute("6", day(2026, 12, 1), Some("asked NCP"), false),
        mute("9", day(2026, 12, 1), None, false),
        mute("1", day(2026, 12, 1), Some("critical findings are not muted"), false),
        mute("ended.example.kr", day(2026, 11, 22), None, false),
        mute("*.nothing.example.kr", day(2026, 12, 15), None, false),
    ]
}

#[test]
fn what_is_muted_is_not_told_and_stands_below_every_message() {
    let report = everything().with_mutes(&mutes());
    assert_eq!(report.mutes.muted.len(), 5);
    for language in Language::ALL {
        let text = text(&report, ALL, language);
        assert!(!text.contains("• stuck.example.kr") && text.contains("• old.example.kr"), "{text}");
        assert_eq!(text.matches('🔕').count(), 1);
    }
    let muted = |policy| {
        in_every_language(|language| {
            let document = document(&report, policy, language);
            let lines = document.standing.iter().chain(document.closing.iter().take(2));
            lines.cloned().collect::<Vec<_>>().join("\n")
        })
    };
    insta::assert_snapshot!(muted(SUMMARY), @"
    🔕 Muted: month.example.kr (until 30 Nov 2026), none.example.kr (until 23 Nov 2026), odd.example.kr (until 1 Dec 2026: asked NCP) +2 more
    Mutes that have ended, to be taken out of the webhooks' secret: ended.example.kr
    Mutes that match no finding, to be taken out of the webhooks' secret: *.nothing.example.kr
    ===
    🔕 음소거: month.example.kr(2026년 11월 30일까지), none.example.kr(2026년 11월 23일까지), odd.example.kr(2026년 12월 1일까지: asked NCP) 외 2건
    종료된 음소거: ended.example.kr. 웹훅 시크릿에서 삭제하세요.
    해당 알림이 없는 음소거: *.nothing.example.kr. 웹훅 시크릿에서 삭제하거나 수정하세요.
    ===
    🔕 ミュート中：month.example.kr（2026年11月30日まで）、none.example.kr（2026年11月23日まで）、odd.example.kr（2026年12月1日まで：asked NCP）ほか2件
    終了したミュート：ended.example.kr。Webhookのシークレットから削除してください。
    該当する通知がないミュート：*.nothing.example.kr。Webhookのシークレットから削除するか、修正してください。
    ");
    // Only a summary reports the mutes that can go.
    assert!(!muted(ALL).contains("ended.example.kr"));

    // In every part, whichever of them is read, and in the notice of a failed webhook.
    let many = (0..400).map(|slot| certificate(slot, &format!("{slot}.shop.example.co.kr"), days(slot % 7)));
    let stuck = status(500, "stuck.example.kr", Status::Publishing, hours(26));
    let report = self::report(many.chain([stuck])).with_mutes(&mutes());
    for kind in RICH {
        let parts = posted(&document(&report, ALL, Language::English), kind);
        assert!(parts.len() > 1);
        assert!(
            parts.iter().all(|part| part.to_string().contains("Muted: stuck.example.kr (until 31 Dec 2026")),
            "{kind}"
        );
    }
    let gone = chat::Error::Refused { status: 404, retry_after: None, reply: "no_service".into() };
    let missed = Missed::default();
    let failed =
        [Undelivered { name: "ops", kind: Kind::Slack, error: &gone, missed: &missed, taken: Taken::default() }];
    let notice = text_of(&undelivered(&failed, &report, &style(Language::English)));
    assert!(notice.contains("Muted: stuck.example.kr"), "{notice}");
}

#[test]
fn what_nobody_is_routed_to_says_so() {
    let report = report([certificate(1, "www.example.kr", days(3))]);
    let routes = Routes { accounts: Some(vec!["other".to_owned()]), names: None };
    let audience = Audience { routes, least: Severity::Info };
    let notices = Language::ALL.map(|language| {
        let document = document_for(&report, std::slice::from_ref(&audience), ALL, language);
        assert_eq!(document.notices.len(), 1);
        assert!(document.sections[0].entries.len() == 1 && !document.notices[0].contains('`'));
        document.notices[0].clone()
    });
    insta::assert_snapshot!(notices.join("\n"), @"
    No webhook's routing takes some of this, so every channel is told. Add “accounts” or “names” to a webhook in the webhooks' secret.
    담당 채널이 없는 항목이 있어 모든 채널에 알립니다. 웹훅 시크릿에서 웹훅의 ‘accounts’ 또는 ‘names’를 추가하세요.
    担当チャンネルのないものがあるため、すべてのチャンネルに通知しています。Webhookのシークレットで、Webhookに「accounts」または「names」を追加してください。
    ");
}

#[test]
fn a_daily_message_tells_news_and_counts_what_is_older() {
    let fresh = |slot, name: &str, left: TimeDelta| certificate(slot, name, left);
    let mut report = report([
        fresh(1, "www.example.kr", days(3)),
        fresh(2, "new.example.kr", days(30) - hours(9)),
        fresh(3, "older.example.kr", days(20)),
        fresh(4, "stale.example.kr", days(21)),
        status(5, "gone.example.kr", Status::Deleting, days(5)),
        Certificate { provisioned: Some(now() - hours(7)), ..fresh(6, "renewed.example.kr", days(364)) },
        Certificate { provisioned: Some(now() - days(3)), ..fresh(7, "known.example.kr", days(300)) },
    ]);
    report.accounts[0].upcoming.clear();
    insta::assert_snapshot!(in_every_language(|language| text(&report, DAILY, language)), @"
    🔴 www.example.kr expires in 3 days · 1 can wait
    🔴 Act today (1)
    • www.example.kr: expires in 3 days, Thu 26 Nov · slot 1
    🟠 Within 30 days (1)
    • new.example.kr: new · expires in 29 days, Wed 23 Dec · slot 2
    ✅ Renewed: renewed.example.kr, until 22 Nov 2027
    2 older warnings, 1 older info: in the weekly summary
    To renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; slot &gt; Update certificate
    7 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [3일 후 만료] www.example.kr 외 예정 1건
    🔴 오늘 조치(1건)
    • www.example.kr: 3일 후 만료 · 11월 26일(목) · 슬롯 1
    🟠 30일 이내 만료(1건)
    • new.example.kr: 신규 · 29일 후 만료 · 12월 23일(수) · 슬롯 2
    ✅ 갱신됨: renewed.example.kr, 2027년 11월 22일까지
    이전 경고 2건, 정보 1건: 주간 요약에서 확인
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge &gt; Certificate Provisioning &gt; 슬롯 선택 &gt; [인증서 업데이트]
    인증서 7개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【残り3日】www.example.kr ほか予定1件
    🔴 本日対応（1件）
    • www.example.kr：残り3日・11月26日（木）・スロット 1
    🟠 残り30日以内（1件）
    • new.example.kr：新規・残り29日・12月23日（水）・スロット 2
    ✅ 更新済み：renewed.example.kr（2027年11月22日まで）
    以前からの警告2件、情報1件：週次サマリーに掲載
    更新手順：Certificate Managerに証明書を登録 → Global Edge &gt; Certificate Provisioning &gt; スロットを選択 &gt; ［証明書アップデート］
    証明書7件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    let audience = Audience { least: Severity::Critical, ..everybody() };
    let closing = document_for(&report, &[audience], DAILY, Language::English).closing;
    assert_eq!(closing[0], "Left out of this channel: 3 warnings, 1 info");
}

#[test]
fn a_summary_tells_everything_what_was_deployed_and_what_comes() {
    let healthy = (20..40).map(|slot| Certificate {
        provisioned: Some(now() - if slot < 32 { days(slot - 20) / 2 } else { days(50) }),
        ..certificate(slot, &format!("host-{slot}.example.kr"), days(slot * 4 - 40))
    });
    let report =
        report(healthy.chain([certificate(1, "www.example.kr", days(3)), certificate(2, "api.example.kr", days(20))]));
    insta::assert_snapshot!(in_every_language(|language| text(&report, SUMMARY, language)), @"
    🔴 www.example.kr expires in 3 days · 1 can wait · weekly summary
    🔴 Act today (1)
    • www.example.kr: new · expires in 3 days, Thu 26 Nov · slot 1
    🟠 Within 30 days (1)
    • api.example.kr: expires in 20 days, Sun 13 Dec · slot 2
    ✅ Deployed in the last 7 days (12)
    host-20.example.kr, until 2 Jan 2027
    host-21.example.kr, until 6 Jan 2027
    host-22.example.kr, until 10 Jan 2027
    host-23.example.kr, until 14 Jan 2027
    host-24.example.kr, until 18 Jan 2027
    host-25.example.kr, until 22 Jan 2027
    host-26.example.kr, until 26 Jan 2027
    host-27.example.kr, until 30 Jan 2027
    host-28.example.kr, until 3 Feb 2027
    host-29.example.kr, until 7 Feb 2027
    +2 more
    📅 Expiring in the next 3 months
    Dec: none
    Jan: 8 (host-20.example.kr, host-21.example.kr, host-22.example.kr +5 more)
    Feb: 7 (host-28.example.kr, host-29.example.kr, host-30.example.kr +4 more)
    To renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; slot &gt; Update certificate
    Next to expire after these: host-20.example.kr, Sat 2 Jan
    22 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [3일 후 만료] www.example.kr 외 예정 1건 · 주간 요약
    🔴 오늘 조치(1건)
    • www.example.kr: 신규 · 3일 후 만료 · 11월 26일(목) · 슬롯 1
    🟠 30일 이내 만료(1건)
    • api.example.kr: 20일 후 만료 · 12월 13일(일) · 슬롯 2
    ✅ 최근 7일간 배포(12건)
    host-20.example.kr · 2027년 1월 2일까지
    host-21.example.kr · 2027년 1월 6일까지
    host-22.example.kr · 2027년 1월 10일까지
    host-23.example.kr · 2027년 1월 14일까지
    host-24.example.kr · 2027년 1월 18일까지
    host-25.example.kr · 2027년 1월 22일까지
    host-26.example.kr · 2027년 1월 26일까지
    host-27.example.kr · 2027년 1월 30일까지
    host-28.example.kr · 2027년 2월 3일까지
    host-29.example.kr · 2027년 2월 7일까지
    외 2건
    📅 향후 3개월 만료 예정
    12월: 없음
    1월: 8건(host-20.example.kr, host-21.example.kr, host-22.example.kr 외 5건)
    2월: 7건(host-28.example.kr, host-29.example.kr, host-30.example.kr 외 4건)
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge &gt; Certificate Provisioning &gt; 슬롯 선택 &gt; [인증서 업데이트]
    그다음 만료: host-20.example.kr, 1월 2일(토)
    인증서 22개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【残り3日】www.example.kr ほか予定1件・週次サマリー
    🔴 本日対応（1件）
    • www.example.kr：新規・残り3日・11月26日（木）・スロット 1
    🟠 残り30日以内（1件）
    • api.example.kr：残り20日・12月13日（日）・スロット 2
    ✅ 直近7日間のデプロイ（12件）
    host-20.example.kr（2027年1月2日まで）
    host-21.example.kr（2027年1月6日まで）
    host-22.example.kr（2027年1月10日まで）
    host-23.example.kr（2027年1月14日まで）
    host-24.example.kr（2027年1月18日まで）
    host-25.example.kr（2027年1月22日まで）
    host-26.example.kr（2027年1月26日まで）
    host-27.example.kr（2027年1月30日まで）
    host-28.example.kr（2027年2月3日まで）
    host-29.example.kr（2027年2月7日まで）
    ほか2件
    📅 今後3か月の期限切れ予定
    12月：なし
    1月：8件（host-20.example.kr、host-21.example.kr、host-22.example.kr ほか5件）
    2月：7件（host-28.example.kr、host-29.example.kr、host-30.example.kr ほか4件）
    更新手順：Certificate Managerに証明書を登録 → Global Edge &gt; Certificate Provisioning &gt; スロットを選択 &gt; ［証明書アップデート］
    その次の期限：host-20.example.kr、1月2日（土）
    証明書22件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");

    let quiet = self::report([certificate(1, "www.example.kr", days(300))]);
    insta::assert_snapshot!(text(&quiet, SUMMARY, Language::English), @"
    ✅ Weekly summary: all clear, 1 certificate, next expiry 19 Sep 2027
    Every certificate is running and has more than 30 days left.
    ✅ Deployed in the last 7 days (0)
    Nothing was deployed.
    📅 Expiring in the next 3 months
    Dec: none
    Jan: none
    Feb: none
    Next to expire: www.example.kr, 19 Sep 2027
    1 certificate checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn a_summary_names_every_finding_and_a_daily_message_twenty_and_all_that_is_critical() {
    let year = Thresholds { warn_days: 365, ..Thresholds::DEFAULT };
    let findings = |critical: i64| {
        let mut inventory = Inventory::new(year, now());
        inventory.extend((0..116 - critical).map(|slot| certificate(slot, "later.example.kr", days(10 + slot * 3))));
        inventory.extend((0..critical).map(|slot| certificate(1000 + slot, "now.example.kr", days(2))));
        let found = |finding| AccountFinding { account: "prod".into(), found: Found::Slot(finding) };
        let findings = inventory.close().findings.into_iter().map(found).collect();
        Report { findings, thresholds: year, ..report([]) }
    };
    let named = |document: &Document| document.sections.iter().map(|section| section.entries.len()).sum::<usize>();
    let last = |document: &Document| {
        let text = text_of(document);
        text.lines().find(|line| line.starts_with(['+', '외', 'ほ'])).map(str::to_owned)
    };
    let daily = Language::ALL.map(|language| document(&findings(3), ALL, language));
    assert_eq!(daily.each_ref().map(named), [20; 3]);
    assert_eq!(daily[0].sections[1].heading, "Within 365 days (113)", "a heading counts all that there are");
    insta::assert_snapshot!(daily.each_ref().map(|one| last(one).unwrap()).join("\n"), @"
    +96 more: 96 warnings (3 in Jan, 10 in Feb, 10 in Mar, 10 in Apr, 10 in May, 10 in Jun, 11 in Jul, 10 in Aug, 10 in Sep, 10 in Oct, 2 in Nov)
    외 96건: 경고 96건 · 월별 만료: 1월 3건, 2월 10건, 3월 10건, 4월 10건, 5월 10건, 6월 10건, 7월 11건, 8월 10건, 9월 10건, 10월 10건, 11월 2건
    ほか96件：警告96件・月別の期限：1月3件、2月10件、3月10件、4月10件、5月10件、6月10件、7月11件、8月10件、9月10件、10月10件、11月2件
    ");
    assert_eq!(named(&document(&findings(40), ALL, Language::English)), 40);
    assert_eq!(named(&document(&findings(3), SUMMARY, Language::English)), 116);
    assert_eq!(last(&document(&findings(3), SUMMARY, Language::English)), None);

    // Certificates without a date are counted too.
    let undated = |slot| Certificate { expiry: Expiry::Missing, ..certificate(slot, "unknown.example.kr", days(1)) };
    let mixed = report((0..20).map(|slot| certificate(slot, "soon.example.kr", days(20))).chain((30..33).map(undated)));
    assert_eq!(last(&document(&mixed, ALL, Language::English)).as_deref(), Some("+3 more: 3 warnings"));
}

#[test]
fn later_parts_say_what_they_hold_and_only_the_first_calls() {
    let rows =
        |slot: i64| certificate(slot, &format!("{slot}.shop.example.co.kr"), days(if slot < 120 { 5 } else { -1 }));
    let report = report((0..150).map(rows));
    for (language, expected) in [
        (Language::English, "🔴 (2/3) continued: "),
        (Language::Korean, "🔴 (2/3) 계속: "),
        (Language::Japanese, "🔴（2/3）続き："),
    ] {
        let parts = posted(&document(&report, ALL, language), Kind::Slack);
        let titles: Vec<&str> =
            parts.iter().map(|part| part["text"].as_str().unwrap().lines().next().unwrap()).collect();
        let of = parts.len();
        assert!(of > 1 && titles[0].contains(&format!("1/{of}")), "{titles:?}");
        assert!(titles[1].starts_with(&expected.replace("/3", &format!("/{of}"))), "{titles:?}");
        let called: Vec<bool> = parts.iter().map(|part| part.to_string().contains("<!here>")).collect();
        assert_eq!(called.iter().filter(|called| **called).count(), 1);
        assert!(called[0]);
    }
}

#[test]
fn a_webhook_that_failed() {
    let gone = chat::Error::Refused { status: 404, retry_after: None, reply: "no_service".into() };
    let away = chat::Error::Http(HttpError::Connect(ConnectError::Untrusted));
    let one = |name, kind, error, missed| Undelivered { name, kind, error, missed, taken: Taken::default() };
    let missed = |counted: &[(Group, usize)]| Missed { occasion: Occasion::Digest, counted: counted.to_vec() };
    let (clear, expired) = (missed(&[]), missed(&[(Group::Expired, 1)]));
    let several = missed(&[(Group::Expired, 1), (Group::Within(7), 2)]);
    let texts = |failed: &[Undelivered<'_>]| {
        in_every_language(|language| {
            let notice = undelivered(failed, &report([]), &style(language));
            let payloads = posted(&notice, Kind::Slack);
            assert_eq!(payloads.len(), 1);
            assert!(!payloads[0].to_string().contains("<!here>"), "nobody is called for a webhook");
            format!("{}\n--\n{}", text_of(&notice), lines_of(&notice))
        })
    };
    insta::assert_snapshot!(texts(&[one("ops", Kind::Slack, &gone, &several)]), @"
    🔴 Channel ops did not get today's digest (1 expired, 2 within 7 days). Tell them.
    🔴 Not delivered (1)
    • channel ops (Slack): the webhook no longer exists (HTTP 404, “no_service”). Create a new incoming webhook in Slack and put its URL into the webhooks' secret. It missed the certificate digest: 1 expired, 2 within 7 days
    --
    🔴 Channel ops did not get today's digest (1 expired, 2 within 7 days). Tell them.
    🔴 Not delivered (1)
    channel ops (Slack): the webhook no longer exists (HTTP 404, “no_service”)
    Create a new incoming webhook in Slack and put its URL into the webhooks' secret
    It missed the certificate digest: 1 expired, 2 within 7 days
    ===
    🔴 채널 ops에 오늘 알림이 전송되지 않았습니다(만료 1건, 7일 이내 만료 2건). 담당자에게 알려 주세요.
    🔴 전송 실패(1건)
    • 채널 ops(Slack): 웹훅이 삭제되었거나 만료되었습니다(HTTP 404, ‘no_service’). Slack에서 수신 웹훅(Incoming Webhook)을 새로 만들고 그 URL을 웹훅 시크릿에 넣으세요. 전송되지 않은 인증서 알림: 만료 1건, 7일 이내 만료 2건
    --
    🔴 채널 ops에 오늘 알림이 전송되지 않았습니다(만료 1건, 7일 이내 만료 2건). 담당자에게 알려 주세요.
    🔴 전송 실패(1건)
    채널 ops(Slack): 웹훅이 삭제되었거나 만료되었습니다(HTTP 404, ‘no_service’)
    Slack에서 수신 웹훅(Incoming Webhook)을 새로 만들고 그 URL을 웹훅 시크릿에 넣으세요.
    전송되지 않은 인증서 알림: 만료 1건, 7일 이내 만료 2건
    ===
    🔴 チャンネル ops に本日の通知を送信できませんでした（期限切れ1件、残り7日以内2件）。担当者に伝えてください。
    🔴 送信失敗（1件）
    • チャンネル ops（Slack）：Webhookが削除されたか無効です（HTTP 404、「no_service」）。Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。送信できなかった証明書の通知：期限切れ1件、残り7日以内2件
    --
    🔴 チャンネル ops に本日の通知を送信できませんでした（期限切れ1件、残り7日以内2件）。担当者に伝えてください。
    🔴 送信失敗（1件）
    チャンネル ops（Slack）：Webhookが削除されたか無効です（HTTP 404、「no_service」）
    Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。
    送信できなかった証明書の通知：期限切れ1件、残り7日以内2件
    ");
    insta::assert_snapshot!(texts(&[one("ops", Kind::Slack, &gone, &clear), one("web", Kind::Teams, &away, &expired)]), @"
    🔴 2 channels did not get today's digest: ops, web. Tell them.
    🔴 Not delivered (2)
    • channel ops (Slack): the webhook no longer exists (HTTP 404, “no_service”). Create a new incoming webhook in Slack and put its URL into the webhooks' secret. It missed the certificate digest: all clear
    • channel web (Teams): the server's certificate is not trusted. Check that the URL's host is right and has a publicly trusted certificate. It missed the certificate digest: 1 expired
    --
    🔴 2 channels did not get today's digest: ops, web. Tell them.
    🔴 Not delivered (2)
    channel ops (Slack): the webhook no longer exists (HTTP 404, “no_service”)
    Create a new incoming webhook in Slack and put its URL into the webhooks' secret
    It missed the certificate digest: all clear
    channel web (Teams): the server's certificate is not trusted
    Check that the URL's host is right and has a publicly trusted certificate
    It missed the certificate digest: 1 expired
    ===
    🔴 채널 2개에 오늘 알림이 전송되지 않았습니다: ops, web. 담당자에게 알려 주세요.
    🔴 전송 실패(2건)
    • 채널 ops(Slack): 웹훅이 삭제되었거나 만료되었습니다(HTTP 404, ‘no_service’). Slack에서 수신 웹훅(Incoming Webhook)을 새로 만들고 그 URL을 웹훅 시크릿에 넣으세요. 전송되지 않은 인증서 알림: 이상 없음
    • 채널 web(Teams): 서버 인증서를 신뢰할 수 없습니다. URL의 호스트가 맞는지, 공인 인증서를 사용하는지 확인하세요. 전송되지 않은 인증서 알림: 만료 1건
    --
    🔴 채널 2개에 오늘 알림이 전송되지 않았습니다: ops, web. 담당자에게 알려 주세요.
    🔴 전송 실패(2건)
    채널 ops(Slack): 웹훅이 삭제되었거나 만료되었습니다(HTTP 404, ‘no_service’)
    Slack에서 수신 웹훅(Incoming Webhook)을 새로 만들고 그 URL을 웹훅 시크릿에 넣으세요.
    전송되지 않은 인증서 알림: 이상 없음
    채널 web(Teams): 서버 인증서를 신뢰할 수 없습니다
    URL의 호스트가 맞는지, 공인 인증서를 사용하는지 확인하세요.
    전송되지 않은 인증서 알림: 만료 1건
    ===
    🔴 チャンネル2件に本日の通知を送信できませんでした：ops、web。担当者に伝えてください。
    🔴 送信失敗（2件）
    • チャンネル ops（Slack）：Webhookが削除されたか無効です（HTTP 404、「no_service」）。Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。送信できなかった証明書の通知：異常なし
    • チャンネル web（Teams）：サーバー証明書を信頼できません。URLのホストが正しく、公的に信頼された証明書を使用していることを確認してください。送信できなかった証明書の通知：期限切れ1件
    --
    🔴 チャンネル2件に本日の通知を送信できませんでした：ops、web。担当者に伝えてください。
    🔴 送信失敗（2件）
    チャンネル ops（Slack）：Webhookが削除されたか無効です（HTTP 404、「no_service」）
    Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。
    送信できなかった証明書の通知：異常なし
    チャンネル web（Teams）：サーバー証明書を信頼できません
    URLのホストが正しく、公的に信頼された証明書を使用していることを確認してください。
    送信できなかった証明書の通知：期限切れ1件
    ");
}

#[test]
fn a_webhook_that_took_some_of_its_messages_is_not_said_to_have_missed_all() {
    let gone = chat::Error::Refused { status: 404, retry_after: None, reply: "no_service".into() };
    let missed = Missed { occasion: Occasion::Digest, counted: vec![(Group::Within(7), 300)] };
    let taken = Taken { messages: 1, of: 3 };
    let failed = [Undelivered { name: "ops", kind: Kind::Slack, error: &gone, missed: &missed, taken }];
    let told = in_every_language(|language| {
        let notice = undelivered(&failed, &report([]), &style(language));
        format!("{}\n{}", notice.title, notice.sections[0].entries[0].lines[1])
    });
    insta::assert_snapshot!(told, @"
    Channel ops did not get all of today's digest (300 within 7 days). Tell them.
    It got only 1 of 3 messages of the certificate digest: 300 within 7 days
    ===
    채널 ops에 오늘 알림이 모두 전송되지는 않았습니다(7일 이내 만료 300건). 담당자에게 알려 주세요.
    인증서 알림 메시지 3개 중 1개만 전송됨: 7일 이내 만료 300건
    ===
    チャンネル ops に本日の通知の一部を送信できませんでした（残り7日以内300件）。担当者に伝えてください。
    証明書の通知のメッセージ3件のうち1件のみ送信：残り7日以内300件
    ");
}

#[test]
fn a_notice_about_many_webhooks_is_one_message_that_names_them_all() {
    let gone = chat::Error::Refused { status: 404, retry_after: None, reply: "no_service".into() };
    let missed = Missed { occasion: Occasion::Digest, counted: vec![(Group::Expired, 1), (Group::Within(7), 12)] };
    let names: Vec<String> = (1..=16).map(|number| format!("team-{number}")).collect();
    let one = |name| Undelivered { name, kind: Kind::Teams, error: &gone, missed: &missed, taken: Taken::default() };
    let failed: Vec<Undelivered<'_>> = names.iter().map(String::as_str).map(one).collect();
    for language in Language::ALL {
        let notice = undelivered(&failed, &report([]), &style(language));
        for kind in Kind::ALL {
            let payloads = posted(&notice, kind);
            assert_eq!(payloads.len(), 1, "{kind} {language:?}");
            let text = payloads[0].to_string();
            assert!(names.iter().all(|name| text.contains(name)), "{kind} {language:?}: {text}");
        }
    }
}

/// What `webhooks` are reported to have missed: the notice's title, and what goes below what to do.
fn told_as_missed(report: &Report, policy: NotifyPolicy, webhooks: &[&'static str]) -> String {
    in_every_language(|language| {
        let gone = chat::Error::Refused { status: 404, retry_after: None, reply: "no_service".into() };
        let missed = document(report, policy, language).missed;
        let one = |name: &&'static str| Undelivered {
            name,
            kind: Kind::Slack,
            error: &gone,
            missed: &missed,
            taken: Taken::default(),
        };
        let notice = undelivered(&webhooks.iter().map(one).collect::<Vec<_>>(), report, &style(language));
        let below = notice.sections[0].entries[0].lines[1..].join("\n");
        [notice.title, notice.notices.join("\n"), below]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    })
}

#[test]
fn the_notice_of_a_failed_webhook_names_what_its_readers_missed() {
    let report = report([certificate(1, "www.example.kr", days(3)), certificate(2, "api.example.kr", days(20))]);
    let clear = || self::report([certificate(1, "www.example.kr", days(90))]);
    let expired = || self::report([certificate(1, "www.example.kr", -days(1))]);
    insta::assert_snapshot!(told_as_missed(&expired(), DAILY, &["ops"]), @"
    Channel ops did not get today's digest (1 expired). Tell them.
    It missed the certificate digest: 1 expired
    ===
    채널 ops에 오늘 알림이 전송되지 않았습니다(만료 1건). 담당자에게 알려 주세요.
    전송되지 않은 인증서 알림: 만료 1건
    ===
    チャンネル ops に本日の通知を送信できませんでした（期限切れ1件）。担当者に伝えてください。
    送信できなかった証明書の通知：期限切れ1件
    ");
    insta::assert_snapshot!(told_as_missed(&everything(), DAILY, &["ops"]), @"
    Channel ops did not get today's digest (1 expired, 2 within 7 days +7 more). Tell them.
    It missed the certificate digest: 1 expired, 2 within 7 days, 3 not running, 2 with unknown expiry, 2 deploying or being removed
    ===
    채널 ops에 오늘 알림이 전송되지 않았습니다(만료 1건, 7일 이내 만료 2건 외 7건). 담당자에게 알려 주세요.
    전송되지 않은 인증서 알림: 만료 1건, 7일 이내 만료 2건, 상태 이상 3건, 만료일 확인 불가 2건, 배포·삭제 진행 중 2건
    ===
    チャンネル ops に本日の通知を送信できませんでした（期限切れ1件、残り7日以内2件 ほか7件）。担当者に伝えてください。
    送信できなかった証明書の通知：期限切れ1件、残り7日以内2件、状態異常3件、期限不明2件、処理中2件
    ");
    insta::assert_snapshot!(told_as_missed(&report, SUMMARY, &["ops"]), @"
    Channel ops did not get this week's summary (1 within 7 days, 1 within 30 days). Tell them.
    It missed the weekly certificate summary: 1 within 7 days, 1 within 30 days
    ===
    채널 ops에 이번 주 요약이 전송되지 않았습니다(7일 이내 만료 1건, 30일 이내 만료 1건). 담당자에게 알려 주세요.
    전송되지 않은 주간 요약: 7일 이내 만료 1건, 30일 이내 만료 1건
    ===
    チャンネル ops に今週のサマリーを送信できませんでした（残り7日以内1件、残り30日以内1件）。担当者に伝えてください。
    送信できなかった週次サマリー：残り7日以内1件、残り30日以内1件
    ");
    insta::assert_snapshot!(told_as_missed(&clear(), SUMMARY, &["ops", "web", "shop", "pay"]), @"
    4 channels did not get this week's summary: ops, web, shop +1 more. Tell them.
    It missed the weekly certificate summary: all clear
    ===
    채널 4개에 이번 주 요약이 전송되지 않았습니다: ops, web, shop 외 1개. 담당자에게 알려 주세요.
    전송되지 않은 주간 요약: 이상 없음
    ===
    チャンネル4件に今週のサマリーを送信できませんでした：ops、web、shop ほか1件。担当者に伝えてください。
    送信できなかった週次サマリー：異常なし
    ");
}

#[test]
fn a_sample_that_did_not_arrive_is_no_missed_digest() {
    let sample = sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23));
    insta::assert_snapshot!(told_as_missed(&sample, ALL, &["ops"]), @"
    The certificate alert test did not reach channel ops
    ===
    채널 ops에 테스트가 전송되지 않았습니다
    ===
    チャンネル ops にテストを送信できませんでした
    ");
    insta::assert_snapshot!(told_as_missed(&sample, ALL, &["ops", "web"]), @"
    The certificate alert test did not reach 2 channels: ops, web
    ===
    채널 2개에 테스트가 전송되지 않았습니다: ops, web
    ===
    チャンネル2件にテストを送信できませんでした：ops、web
    ");
}

#[test]
fn a_notice_in_a_simulated_run_says_that_the_date_is_simulated() {
    let report = Report { mode: Mode::Simulated, ..report([certificate(1, "www.example.kr", days(3))]) };
    insta::assert_snapshot!(told_as_missed(&report, ALL, &["ops"]), @"
    Channel ops did not get today's digest (1 within 7 days). Tell them.
    The date is simulated: judged as if it were 23 Nov 2026 09:00 KST.
    It missed the certificate digest: 1 within 7 days
    ===
    채널 ops에 오늘 알림이 전송되지 않았습니다(7일 이내 만료 1건). 담당자에게 알려 주세요.
    시뮬레이션: 2026년 11월 23일 09:00 KST 기준으로 판단했습니다.
    전송되지 않은 인증서 알림: 7일 이내 만료 1건
    ===
    チャンネル ops に本日の通知を送信できませんでした（残り7日以内1件）。担当者に伝えてください。
    シミュレーション：2026年11月23日 09:00 KST時点として判断しました。
    送信できなかった証明書の通知：残り7日以内1件
    ");
}

/// A warning takes one line: something that is not urgent deserves no more. But it is a different matter if no edge uses it, or
/// if a slot could take over.
#[test]
fn a_warning_says_that_no_edge_uses_it_and_which_slot_has_its_name_already() {
    let mut report = report([
        certificate(1, "unused.example.kr", days(9)),
        certificate(2, "month.example.kr", days(20)),
        certificate(3, "month.example.kr", days(400)),
        certificate(4, "plain.example.kr", days(25)),
        status(5, "stuck.example.kr", Status::Publishing, hours(26)),
    ]);
    change(&mut report, 1, |finding| with_edges(finding, 0));
    change(&mut report, 2, |finding| with_edges(finding, 2));
    change(&mut report, 4, |finding| Finding { origin: Some(origin("Example CA")), ..with_edges(finding, 1) });
    change(&mut report, 5, |finding| with_edges(finding, 0));
    let report = report.sorted();
    // A certificate that no edge uses would come first by its date, and is reported last.
    insta::assert_snapshot!(in_every_language(|language| lines_of(&document(&report, ALL, language))), @"
    🟠 month.example.kr expires in 20 days · 3 more
    🟠 Within 30 days (2)
    month.example.kr: expires in 20 days, Sun 13 Dec · slot 2 · certificate cert-2
    slot 3 has this name until 28 Dec 2027: switch the edges to it
    plain.example.kr: expires in 25 days, Fri 18 Dec · slot 4 · certificate cert-4 · valid for 47 days in all, issued by Example CA
    🟠 Not running (1)
    stuck.example.kr: PUBLISHING (deploying) for 1 day · no edge uses it · slot 5 · certificate cert-5
    🟠 Expired or expiring, but no edge uses it (1)
    unused.example.kr: expires in 9 days, Wed 2 Dec · slot 1 · certificate cert-1
    To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > slot > Update certificate
    Next to expire after these: month.example.kr, 28 Dec 2027
    5 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🟠 [20일 후 만료] month.example.kr 외 3건
    🟠 30일 이내 만료(2건)
    month.example.kr: 20일 후 만료 · 12월 13일(일) · 슬롯 2 · 인증서 cert-2
    슬롯 3의 같은 이름 인증서는 2027년 12월 28일까지 유효합니다. 엣지를 이 슬롯으로 전환하세요.
    plain.example.kr: 25일 후 만료 · 12월 18일(금) · 슬롯 4 · 인증서 cert-4 · 전체 유효 기간 47일, 발급 기관 Example CA
    🟠 상태 이상(1건)
    stuck.example.kr: PUBLISHING(배포 중), 1일째 · 연결된 엣지 없음 · 슬롯 5 · 인증서 cert-5
    🟠 만료·만료 임박(연결된 엣지 없음, 1건)
    unused.example.kr: 9일 후 만료 · 12월 2일(수) · 슬롯 1 · 인증서 cert-1
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 슬롯 선택 > [인증서 업데이트]
    그다음 만료: month.example.kr, 2027년 12월 28일
    인증서 5개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🟠【残り20日】month.example.kr ほか3件
    🟠 残り30日以内（2件）
    month.example.kr：残り20日・12月13日（日）・スロット 2・証明書 cert-2
    スロット 3 の同名の証明書は2027年12月28日まで有効です。エッジをこのスロットに切り替えてください。
    plain.example.kr：残り25日・12月18日（金）・スロット 4・証明書 cert-4・有効期間は全47日、発行者 Example CA
    🟠 状態異常（1件）
    stuck.example.kr：PUBLISHING（デプロイ中）、1日経過・リンクされたエッジなし・スロット 5・証明書 cert-5
    🟠 期限切れ・間近（リンクされたエッジなし、1件）
    unused.example.kr：残り9日・12月2日（水）・スロット 1・証明書 cert-1
    更新手順：Certificate Managerに証明書を登録 → Global Edge > Certificate Provisioning > スロットを選択 > ［証明書アップデート］
    その次の期限：month.example.kr、2027年12月28日
    証明書5件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    for (language, unused, switch) in [
        (Language::English, "but no edge uses it (1)", "slot 3 has this name until"),
        (Language::Korean, "(연결된 엣지 없음, 1건)", "슬롯 3의 같은 이름 인증서는"),
        (Language::Japanese, "（リンクされたエッジなし、1件）", "スロット 3 の同名の証明書は"),
    ] {
        for kind in RICH {
            let blocks = posted(&document(&report, ALL, language), kind);
            let blocks = match kind {
                Kind::Slack => blocks[0]["blocks"].to_string(),
                _ => blocks[0]["attachments"].to_string(),
            };
            assert!(blocks.contains(unused) && blocks.contains(switch), "{kind}: {blocks}");
        }
    }
}

#[test]
fn a_sample() {
    let sample = sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23));
    insta::assert_snapshot!(in_every_language(|language| text(&sample, ALL, language)), @"
    🧪 TEST: nothing is wrong
    This is a test: a sample with invented certificates. Nothing was checked, nothing is wrong.
    🔴 Act today (2)
    • expired.example.com: expired 2 days ago, Sat 21 Nov · slot 101
    • www.example.com: expires in 6 days, Mon 30 Nov · slot 102
    🟠 Within 30 days (1)
    • *.shop.example.com: expires in 29 days, Wed 23 Dec · slot 103
    🟠 Not running (1)
    • stuck.example.com: PUBLISHING (deploying) for 1 day · slot 104
    ===
    🧪 [테스트] 실제 문제가 아닙니다
    테스트 메시지입니다. 가상의 인증서로 만든 예시이며, 실제로 확인한 것은 없습니다.
    🔴 오늘 조치(2건)
    • expired.example.com: 2일 전 만료 · 11월 21일(토) · 슬롯 101
    • www.example.com: 6일 후 만료 · 11월 30일(월) · 슬롯 102
    🟠 30일 이내 만료(1건)
    • *.shop.example.com: 29일 후 만료 · 12월 23일(수) · 슬롯 103
    🟠 상태 이상(1건)
    • stuck.example.com: PUBLISHING(배포 중), 1일째 · 슬롯 104
    ===
    🧪【テスト】実際の問題ではありません
    これはテストです。架空の証明書による見本で、実際には何も確認していません。
    🔴 本日対応（2件）
    • expired.example.com：2日前に期限切れ・11月21日（土）・スロット 101
    • www.example.com：残り6日・11月30日（月）・スロット 102
    🟠 残り30日以内（1件）
    • *.shop.example.com：残り29日・12月23日（水）・スロット 103
    🟠 状態異常（1件）
    • stuck.example.com：PUBLISHING（デプロイ中）、1日経過・スロット 104
    ");
    assert_eq!(document(&sample, ALL, Language::English).worst, None);
}

#[test]
fn a_slack_message_as_it_is_posted() {
    let mut small = report([certificate(1, "*.example.kr", hours(30)), certificate(2, "api.example.kr", days(20))]);
    change(&mut small, 1, |finding| with_edges(finding, 2));
    let body = format!("{:#}", posted(&document(&small, ALL, Language::English), Kind::Slack)[0]);
    insta::assert_snapshot!(body.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    {
      "blocks": [
        {
          "text": {
            "text": "🔴 *.example.kr expires in 1 day · 1 can wait",
            "type": "plain_text"
          },
          "type": "header"
        },
        {
          "text": {
            "text": "<!here>",
            "type": "mrkdwn"
          },
          "type": "section"
        },
        {
          "elements": [
            {
              "elements": [
                {
                  "style": {
                    "bold": true
                  },
                  "text": "🔴 Act today (1)",
                  "type": "text"
                },
                {
                  "text": "\n",
                  "type": "text"
                },
                {
                  "style": {
                    "bold": true
                  },
                  "text": "*.example.kr",
                  "type": "text"
                },
                {
                  "text": ": expires in 1 day, Tue 24 Nov 15:00 KST (your time: ",
                  "type": "text"
                },
                {
                  "fallback": "Tue 24 Nov 15:00 KST",
                  "format": "{date_short_pretty} {time}",
                  "timestamp": 1795500000,
                  "type": "date"
                },
                {
                  "text": ")\n2 edges use it: shop, api · also for a.kr, b.kr, c.kr +2 more · slot 1 · certificate cert-1",
                  "type": "text"
                }
              ],
              "type": "rich_text_section"
            }
          ],
          "type": "rich_text"
        },
        {
          "elements": [
            {
              "elements": [
                {
                  "style": {
                    "bold": true
                  },
                  "text": "🟠 Within 30 days (1)",
                  "type": "text"
                },
                {
                  "text": "\n",
                  "type": "text"
                },
                {
                  "style": {
                    "bold": true
                  },
                  "text": "api.example.kr",
                  "type": "text"
                },
                {
                  "text": ": expires in 20 days, Sun 13 Dec · slot 2 · certificate cert-2",
                  "type": "text"
                }
              ],
              "type": "rich_text_section"
            }
          ],
          "type": "rich_text"
        },
        {
          "elements": [
            {
              "text": "To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > slot > Update certificate\n2 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION",
              "type": "plain_text"
            }
          ],
          "type": "context"
        },
        {
          "elements": [
            {
              "text": {
                "text": "Open console",
                "type": "plain_text"
              },
              "type": "button",
              "url": "https://console.ncloud.com/"
            },
            {
              "text": {
                "text": "Open runbook",
                "type": "plain_text"
              },
              "type": "button",
              "url": "https://wiki.example.com/certificates"
            }
          ],
          "type": "actions"
        }
      ],
      "text": "🔴 *.example.kr expires in 1 day · 1 can wait\n🔴 Act today (1)\n• *.example.kr: expires in 1 day, Tue 24 Nov 15:00 KST · slot 1\n🟠 Within 30 days (1)\n• api.example.kr: expires in 20 days, Sun 13 Dec · slot 2\nTo renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; slot &gt; Update certificate\n2 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION",
      "unfurl_links": false,
      "unfurl_media": false
    }
    "#);
}

#[test]
fn a_teams_message_as_it_is_posted() {
    let mut small = report([certificate(1, "*.example.kr", hours(30)), certificate(2, "api.example.kr", days(20))]);
    change(&mut small, 1, |finding| with_edges(finding, 2));
    let body = format!("{:#}", posted(&document(&small, ALL, Language::English), Kind::Teams)[0]);
    insta::assert_snapshot!(body.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    {
      "attachments": [
        {
          "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "actions": [
              {
                "title": "Open console",
                "type": "Action.OpenUrl",
                "url": "https://console.ncloud.com/"
              },
              {
                "title": "Open runbook",
                "type": "Action.OpenUrl",
                "url": "https://wiki.example.com/certificates"
              }
            ],
            "body": [
              {
                "inlines": [
                  {
                    "size": "Large",
                    "text": "🔴 *.example.kr expires in 1 day · 1 can wait",
                    "type": "TextRun",
                    "weight": "Bolder"
                  }
                ],
                "spacing": "None",
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "text": "< !here>",
                    "type": "TextRun"
                  }
                ],
                "spacing": "Small",
                "type": "RichTextBlock"
              },
              {
                "spacing": "Default",
                "text": "🔴 Act today (1)",
                "type": "TextBlock",
                "weight": "Bolder",
                "wrap": true
              },
              {
                "inlines": [
                  {
                    "text": "*.example.kr",
                    "type": "TextRun",
                    "weight": "Bolder"
                  },
                  {
                    "text": ": expires in 1 day",
                    "type": "TextRun"
                  }
                ],
                "spacing": "None",
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "size": "Small",
                    "text": "Tue 24 Nov 15:00 KST · 2 edges use it: shop, api · also for a.kr, b.kr, c.kr +2 more · slot 1 · certificate cert-1",
                    "type": "TextRun"
                  }
                ],
                "spacing": "None",
                "type": "RichTextBlock"
              },
              {
                "spacing": "Default",
                "text": "🟠 Within 30 days (1)",
                "type": "TextBlock",
                "weight": "Bolder",
                "wrap": true
              },
              {
                "inlines": [
                  {
                    "text": "api.example.kr",
                    "type": "TextRun",
                    "weight": "Bolder"
                  },
                  {
                    "text": ": expires in 20 days, Sun 13 Dec · slot 2 · certificate cert-2",
                    "type": "TextRun"
                  }
                ],
                "spacing": "None",
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "isSubtle": true,
                    "size": "Small",
                    "text": "To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > slot > Update certificate",
                    "type": "TextRun"
                  }
                ],
                "spacing": "Default",
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "isSubtle": true,
                    "size": "Small",
                    "text": "2 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION",
                    "type": "TextRun"
                  }
                ],
                "spacing": "None",
                "type": "RichTextBlock"
              }
            ],
            "fallbackText": "🔴 *.example.kr expires in 1 day · 1 can wait",
            "msteams": {
              "width": "Full"
            },
            "type": "AdaptiveCard",
            "version": "1.4"
          },
          "contentType": "application/vnd.microsoft.card.adaptive",
          "contentUrl": null
        }
      ],
      "summary": "🔴 *.example.kr expires in 1 day · 1 can wait",
      "type": "message"
    }
    "#);
}

/// A message of every kind, with unexpected names, labels and reasons.
fn of_every_kind(language: Language) -> Vec<Document> {
    let today = day(2026, 11, 23);
    let simulated = Report { mode: Mode::Simulated, ..everything() };
    let routes = Routes { accounts: Some(vec!["other".to_owned()]), names: None };
    let gone = |status| chat::Error::Refused { status, retry_after: None, reply: Remote::default() };
    let mut elsewhere = everything();
    elsewhere.findings.push(self::elsewhere("lb-cert", "lb.example.kr", "", 5));
    let many = report((0..500).map(|slot| certificate(slot, &format!("{slot}.example.kr"), days(slot % 60 - 1))));
    let mut documents = vec![
        document(&everything(), ALL, language),
        document(&everything().with_mutes(&mutes()), SUMMARY, language),
        document(&everything(), DAILY, language),
        document(&elsewhere.sorted(), ALL, language),
        document(&simulated, ALL, language),
        document(&sample::report(Thresholds::DEFAULT, now(), today), ALL, language),
        document(&report([certificate(1, "www.example.kr", days(90))]), ALL, language),
        document(&report([certificate(1, "www.example.kr", days(90))]), SUMMARY, language),
        document(&report([]), ALL, language),
        document(&many, ALL, language),
        document_for(&everything(), &[Audience { routes, least: Severity::Warning }], ALL, language),
    ];
    let errors = [gone(404), gone(410), gone(403), gone(413), gone(400), gone(429), gone(302), gone(503)];
    let faults = [
        HttpError::TimedOut,
        HttpError::Interrupted,
        HttpError::Connect(ConnectError::Untrusted),
        HttpError::Connect(ConnectError::Refused),
    ];
    let errors = errors.into_iter().chain([chat::Error::NotAcknowledged { reply: Remote::default() }]);
    for error in errors.chain(faults.map(chat::Error::Http)) {
        for kind in Kind::ALL {
            let failed =
                [Undelivered { name: "ops", kind, error: &error, missed: &Missed::default(), taken: Taken::default() }];
            documents.push(undelivered(&failed, &report([]), &style(language)));
        }
    }
    let secret = |problem| Failure::Secret(secret_store::Error { id: "ncp/prod".to_owned(), problem });
    let said = ErrorReply { code: "".into(), text: "".into() };
    for failure in [
        refused(None),
        refused(Some(TimeDelta::minutes(-7))),
        Failure::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 1 }),
        Failure::Incomplete(Incomplete { checked: 37, total: 37, unreadable: 0 }),
        secret(Problem::NotFound),
        secret(Problem::AccessDenied),
        secret(Problem::NotDecrypted),
        secret(Problem::Deleted),
        secret(Problem::Invalid(vec!["`access_key` is missing".to_owned()])),
        secret(Problem::Invalid(vec!["it is not a JSON object".to_owned()])),
        Failure::Api(global_edge::Error::PermissionDenied { status: 403, reply: said.clone() }),
        Failure::Api(global_edge::Error::NotFound { reply: said.clone() }),
        Failure::Api(global_edge::Error::QuotaExceeded { reply: said.clone() }),
        Failure::Api(global_edge::Error::RateLimited { retry_after: None, reply: said.clone() }),
        Failure::Api(global_edge::Error::Refused { status: 400, reply: said }),
        Failure::Api(global_edge::Error::Malformed("expected value at line 1".to_owned())),
        Failure::Api(global_edge::Error::Http(HttpError::TimedOut)),
        Failure::Api(global_edge::Error::Http(HttpError::Interrupted)),
        Failure::Api(global_edge::Error::Http(HttpError::TooLarge { limit: 8 << 20 })),
        Failure::Api(global_edge::Error::Http(HttpError::Connect(ConnectError::Unreachable))),
    ] {
        documents.push(document(&report_of([failed("prod", failure)]), ALL, language));
    }
    documents
}

/// Everything that is in a message, in both forms.
fn said(document: &Document) -> String {
    let text = text_of(document).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
    format!("{text}\n{}", lines_of(document))
}

#[test]
fn every_english_message_uses_the_words_that_people_search_for() {
    for document in of_every_kind(Language::English) {
        let text = said(&document);
        assert!(text.to_lowercase().contains("certificate"), "{text}");
        for bad in [
            "is no date",
            "is not a text",
            "see that",
            "if it stays so",
            "way to the internet",
            "waits to be deployed",
            "`",
        ] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
    }
    let text = |report: &Report| said(&document(report, ALL, Language::English));
    let all = text(&everything());
    for word in ["expired 2 days ago", "in 5 hours", "in 3 days", "in 20 days"] {
        assert!(all.contains(word), "{word} in {all}");
    }
    let sample = text(&sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23)));
    assert!(sample.contains("test") && sample.contains("TEST"));
    let simulated = text(&Report { mode: Mode::Simulated, ..everything() });
    assert!(simulated.contains("simulated") && simulated.contains("Simulated"));
}

/// The English words of a text, except names, identifiers and what is written in the console.
fn english_words(text: &str) -> Vec<&str> {
    let known = [
        "Slack",
        "Teams",
        "Workflows",
        "Certificate",
        "Manager",
        "Global",
        "Edge",
        "Provisioning",
        "Load",
        "Balancer",
        "Secrets",
        "Incoming",
        "Webhook",
        "version",
        "Dooray",
        "Bot",
        "NCP",
        "AWS",
        "KMS",
        "VPC",
        "NAT",
        "URL",
        "IP",
        "API",
        "Gateway",
        "JSON",
        "HTTP",
        "ARN",
        "README",
        "KST",
        "Asia",
        "Seoul",
        "CDN",
        "dry",
        "Dry",
        "secretsmanager",
        "GetSecretValue",
        "kms",
        "Decrypt",
        "run",
        "ok",
        "Anyone",
        "KB",
        "prod",
        "ops",
        "lb",
        "Authentication",
        "Failed",
        "soon",
        "shop",
        "api",
        "img",
        "video",
        "asked",
        "later",
        "sample",
        "expired",
        "stuck",
        "wildcard",
        "www",
        "slotId",
        "here",
        "accounts",
        "names",
        "cert",
        "ncp",
        "alert",
        "VERSION",
        "OPS",
    ];
    let is_name = |word: &&str| {
        word.contains(['.', '_', '/', '*', '+']) || word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    text.split(|c: char| !c.is_ascii_graphic() || ",:!()'\"“”<>[]{}-".contains(c))
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| word.chars().any(|c| c.is_ascii_lowercase()) && !is_name(word) && !known.contains(word))
        .collect()
}

#[test]
fn korean_is_as_a_native_operator_writes_it() {
    for document in of_every_kind(Language::Korean) {
        let text = said(&document);
        for bad in [
            "사용 중인 엣지",
            "다른 이름",
            "불명",
            "위험",
            "운영 중이 아님",
            "; ",
            "은(는)",
            "이(가)",
            "(으)로",
            "이쪽 시계",
            "쪽 시계",
            "D-",
            "`",
        ] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
        assert_eq!(english_words(&text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn japanese_is_as_a_native_operator_writes_it() {
    for document in of_every_kind(Language::Japanese) {
        let text = said(&document);
        for bad in [
            "別名",
            "稼働",
            "未達",
            "資料",
            "新しい版",
            "直して",
            "お手元",
            "こちらの時計",
            "対である",
            "重大",
            "あと",
            "`",
            "(",
            ")",
            "; ",
            ", ",
        ] {
            // A mute's reason and a server's answer are data.
            let ours = text.replace("OPS-123: { {later}}", "");
            assert!(!ours.contains(bad), "{bad:?} in {text}");
        }
        assert!(!text.replace("OPS-123: ", "").contains(": "), "a half-width colon in {text}");
        assert_eq!(english_words(&text), Vec::<&str>::new(), "{text}");
    }
}

/// Holds a payload to what its chat accepts, and to one mention.
fn assert_accepted(kind: Kind, payload: &Value) {
    forms::check(kind.as_str(), payload);
    let rest = payload.to_string().replacen("<!here>", "", 1);
    let calls = if kind == Kind::Slack { ["<!", "<@"] } else { ["<at>", "]("] };
    assert!(!calls.iter().any(|call| rest.contains(call)), "{rest}");
}

#[test]
fn every_combination_of_kind_language_and_size_is_within_the_budgets() {
    for count in [0, 1, 6, 40, 120, 500] {
        let rows = (0..count).map(|slot| certificate(slot, &format!("{slot}.shop.example.co.kr"), days(slot % 30)));
        let healthy = (0..count).map(|slot| Certificate {
            provisioned: Some(now() - days(slot % 9)),
            ..certificate(10_000 + slot, &format!("{slot}.healthy.example.co.kr"), days(31 + slot % 120))
        });
        let report = report(rows.chain(healthy)).with_mutes(&mutes());
        for (language, policy) in Language::ALL.into_iter().flat_map(|one| [(one, ALL), (one, DAILY), (one, SUMMARY)]) {
            for kind in RICH {
                let payloads = posted(&document(&report, policy, language), kind);
                assert!((1..=5).contains(&payloads.len()));
                for payload in &payloads {
                    assert_accepted(kind, payload);
                }
                let called: Vec<bool> = payloads.iter().map(|payload| payload.to_string().contains("!here>")).collect();
                assert!(called.iter().skip(1).all(|called| !called));
                assert_eq!(called[0], count > 0);
            }
        }
    }
}

/// Names that have a special meaning somewhere, and long runs of characters that are large on the wire.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "<!channel>",
        "<!here>",
        "<@U012AB3CD>",
        "<!subteam^S1>",
        "<https://evil.example|click>",
        "<at>EVIL</at>",
        "[EVIL](https://evil.example)",
        "*EVIL*",
        "_EVIL_",
        "`EVIL`",
        "~EVIL~",
        "{{DATE(2026-01-01T00:00:00Z)}}",
        "${title}",
        "{",
        "$",
        "&lt;",
        "&",
        "\n",
        "\r\n\r\n",
        "\u{202e}",
        "\u{200b}",
        "\u{2066}",
        "\u{0}",
        "\u{7f}",
        "# EVIL",
        "- EVIL",
        "<b>EVIL</b>",
        "\"",
        "\\",
        "👩🏽‍🚀",
        "e\u{301}\u{301}\u{301}",
        "한국어",
        "日本語",
        ":smile:",
        "@here",
        "EVIL",
    ];
    let piece = proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned);
    let long = (proptest::sample::select(vec!["가", "👩", "a", "\"", "\\", "<"]), 1_usize..300)
        .prop_map(|(text, count)| text.repeat(count));
    proptest::collection::vec(prop_oneof![6 => piece, 1 => long, 1 => any::<String>()], 0..8)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever the names are: no message outgrows its budget, mentions anyone, makes a link or opens a template; nothing is
    /// lost, and what is worse comes before what is better.
    #[test]
    fn hostile_names_are_shown_as_text(
        names in proptest::collection::vec((hostile(), hostile(), hostile(), hostile(), -5_i64..40, any::<bool>()), 1..60),
        account in hostile(),
        whys in proptest::collection::vec(hostile(), 0..6),
        is_summary in any::<bool>(),
    ) {
        let certificates = names.iter().zip(1..).map(|((name, other, region, status, left, running), slot)| Certificate {
            certificate_name: other.into(),
            service_region: region.into(),
            status: if *running { Status::Running } else { Status::new(status) },
            provisioned: Some(now() - days(slot % 9)),
            ..certificate(slot, name, days(*left))
        });
        // What a secret calls an account was cleaned for display when it was read.
        let label = cut(&one_line(&account), 40);
        let (first, mut second) = (self::account(&label, certificates), self::account("second", []));
        second.0.failure = Some(refused(None));
        let mut report = report_of([first, second]);
        for (one, (name, other, ..)) in report.findings.iter_mut().zip(&names) {
            let (edge_names, names) = (vec![name.clone(); 5], vec![other.clone(); 5]);
            let impact = Impact { edges: Some(7), edge_names, names, ..Impact::default() };
            let finding = one.found.slot().unwrap().clone().with_impact(impact, Thresholds::DEFAULT, now());
            one.found = Found::Slot(Finding { origin: Some(origin(other)), ..finding });
        }
        let mutes: Vec<Mute> = whys.iter().enumerate().filter_map(|(place, why)| {
            let what = if place == 0 { why.clone() } else { (2 * place).to_string() };
            Mute::new(&what, day(2026, 12, 31), Some(why.clone()), place % 2 == 0, str::to_owned)
        }).collect();
        let report = report.sorted().with_mutes(&mutes);
        let policy = if is_summary { SUMMARY } else { ALL };
        for kind in RICH {
            let document = document(&report, policy, Language::Korean);
            let payloads = posted(&document, kind);
            prop_assert!((1..=5).contains(&payloads.len()));
            for payload in &payloads {
                assert_accepted(kind, payload);
            }
            let all = Value::from(payloads).to_string();
            let slots: Vec<i64> = report.findings.iter().filter_map(|one| one.found.slot_id()).collect();
            let is_told = |slot: &i64| [" ", ")", "\"", "\\", ","].iter().any(|end| all.contains(&format!("슬롯 {slot}{end}")));
            // A mute names slots too.
            let entries = document.sections.iter().flat_map(|section| &section.entries);
            let named: Vec<i64> = entries.filter_map(|entry| entry.facts.slot).collect();
            let count = named.iter().take_while(|slot| is_told(slot)).count();
            if report.mutes.muted.is_empty() {
                prop_assert!(named[count..].iter().all(|slot| !is_told(slot)), "only the end is cut");
            }
            let more = slots.len() - count.min(slots.len());
            if more > 0 && report.mutes.muted.is_empty() {
                let left = format!("외 {more}건: ");
                prop_assert!(all.contains(&left), "{} in {}", left, all);
            }
        }
    }

    /// The same for what is used elsewhere, for issuers, and for the names of webhooks.
    #[test]
    fn hostile_names_of_what_is_used_elsewhere_are_shown_as_text(
        names in proptest::collection::vec((hostile(), hostile(), hostile(), -5_i64..31), 1..60),
        webhooks in proptest::collection::vec((hostile(), hostile()), 1..8),
    ) {
        let mut report = report([certificate(1, "www.example.kr", days(3))]);
        change(&mut report, 1, |finding| Finding { origin: Some(origin(&names[0].0)), ..finding });
        let one = |(name, domain, issuer, left): &(String, String, String, i64)| elsewhere(name, domain, issuer, *left);
        report.findings.extend(names.iter().map(one));
        let report = report.sorted();
        let errors: Vec<chat::Error> = webhooks.iter().map(|(_, said)| chat::Error::Refused {
            status: 404,
            retry_after: None,
            reply: said.as_str().into(),
        }).collect();
        let labels: Vec<String> = webhooks.iter().map(|(name, _)| cut(&one_line(name), 40)).collect();
        let missed = Missed { occasion: Occasion::Summary, counted: vec![(Group::Expired, 1)] };
        let failed: Vec<Undelivered<'_>> = labels.iter().zip(&errors).map(|(name, error)| Undelivered {
            name,
            kind: Kind::Slack,
            error,
            missed: &missed,
            taken: Taken::default(),
        }).collect();
        for kind in RICH {
            let payloads = posted(&document(&report, ALL, Language::Korean), kind);
            prop_assert!((1..=5).contains(&payloads.len()));
            let notice = posted(&undelivered(&failed, &report, &style(Language::Korean)), kind);
            for payload in payloads.iter().chain(&notice) {
                assert_accepted(kind, payload);
            }
            let all = Value::from(payloads).to_string();
            let told = all.matches("인스턴스 2개에서 사용 중").count();
            let left = format!("외 {}건: ", names.len() - told.min(names.len()));
            prop_assert!(told == names.len() || all.contains(&left), "{} of {}", told, names.len());
        }
    }
}
