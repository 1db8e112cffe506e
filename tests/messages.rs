//! What people read: every message, in every language, within every budget, whatever the names in it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ncp_cert_alert::certificate::{Certificate, Expiry, Status};
use ncp_cert_alert::chat::{self, Kind, Refusal};
use ncp_cert_alert::global_edge::Incomplete;
use ncp_cert_alert::message::words::{Group, Language, Occasion, Taken};
use ncp_cert_alert::message::{Document, Missed, Style, Undelivered, compose, undelivered};
use ncp_cert_alert::ncp::{self, ErrorReply};
use ncp_cert_alert::net::disclosure::Secrets;
use ncp_cert_alert::net::http::{ConnectError, HttpError};
use ncp_cert_alert::report::mute::Mute;
use ncp_cert_alert::report::view::{Audience, NotifyPolicy, Routes, Scope, views};
use ncp_cert_alert::report::{AccountFinding, AccountReport, Failure, Found, Looked, Mode, Mutes, Report};
use ncp_cert_alert::rules::elsewhere::Elsewhere;
use ncp_cert_alert::rules::lifetime::{Lifetime, Origin, Shares};
use ncp_cert_alert::rules::served::{Remark, Sight, Validity};
use ncp_cert_alert::rules::{Finding, HeldUse, Impact, Severity, Thresholds, judge_all, judge_slots};
use ncp_cert_alert::run::sample;
use ncp_cert_alert::secret_store::{self, Flaw, Mistake, Problem};
use ncp_cert_alert::settings::{Settings, secrets};
use ncp_cert_alert::text::pattern::Pattern;
use ncp_cert_alert::text::{cut, one_line};
use proptest::prelude::*;
use serde_json::{Value, json};

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
    Settings { language, runbook_url, ..Settings::default() }.style()
}

fn certificate(slot_id: i64, name: &str, left: TimeDelta) -> Certificate {
    Certificate {
        slot_id,
        common_name: name.into(),
        certificate_name: format!("cert-{slot_id}"),
        service_region: "KR_JP".into(),
        status: Status::Running,
        expiry: Expiry::At(now() + left),
        provisioned: Some(now() - days(100)),
        ..Certificate::default()
    }
}

/// An account called `name`, with these certificates.
fn account(name: &str, certificates: impl IntoIterator<Item = Certificate>) -> (AccountReport, Vec<AccountFinding>) {
    let rows: Vec<Certificate> = certificates.into_iter().collect();
    let checked = rows.len() as u64;
    let judgement = judge_all(rows, None, Thresholds::DEFAULT, now(), Some(now() + days(400)));
    let account = AccountReport {
        name: name.to_owned(),
        checked,
        total: checked,
        pages: checked.div_ceil(100).max(1),
        failure: None,
        unread: vec![],
        has_lifetimes: false,
        first_expiry: judgement.first_expiry,
        next: judgement.next,
        deployed: judgement.deployed,
        upcoming: judgement.upcoming,
        old_tls: judgement.old_tls,
    };
    let found = |finding| AccountFinding { account: name.to_owned(), found: Found::Slot(finding) };
    (account, judgement.findings.into_iter().map(found).collect())
}

fn report_of(accounts: impl IntoIterator<Item = (AccountReport, Vec<AccountFinding>)>) -> Report {
    let (accounts, findings): (Vec<_>, Vec<_>) = accounts.into_iter().unzip();
    let findings = findings.into_iter().flatten().collect();
    let (mode, thresholds, mutes) = (Mode::Real, Thresholds::DEFAULT, Mutes::default());
    let (today, has_chosen_accounts, looked) = (day(2026, 11, 23), false, None);
    Report { now: now(), today, mode, has_chosen_accounts, thresholds, accounts, findings, mutes, looked }.sorted()
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
    Failure::Api(ncp::Error::Unauthorized { skew, reply: said })
}

/// The finding of this slot, changed.
fn change(report: &mut Report, slot_id: i64, change: impl FnOnce(Finding) -> Finding) {
    let one = report.findings.iter_mut().find(|finding| finding.found.slot_id() == Some(slot_id)).unwrap();
    one.found = Found::Slot(change(one.found.slot().unwrap().clone()));
}

fn with_edges(finding: Finding, edges: u8) -> Finding {
    let impact = Impact {
        edges: Some(edges.into()),
        edge_names: ["shop", "api", "img", "video"].map(str::to_owned).into_iter().take(edges.into()).collect(),
        names: [&finding.certificate.common_name, "a.kr", "b.kr", "c.kr", "d.kr", "e.kr"].map(str::to_owned).into(),
        ..Impact::default()
    };
    finding.with_impact(impact, None, Thresholds::DEFAULT, now()).unwrap()
}

/// The origin of a certificate of 47 days.
fn origin(issuer: &str) -> Origin {
    Origin { lifetime: Lifetime::between(now(), now() + days(47)).unwrap(), issuer: issuer.into() }
}

fn elsewhere(name: &str, domain: &str, issuer: &str, left: i64) -> AccountFinding {
    let severity = if left <= 7 { Severity::Critical } else { Severity::Warning };
    let (expiry, origin) = (now() + days(left), Some(origin(issuer)));
    let since = expiry - days(if left <= 7 { 7 } else { 30 });
    let one = Elsewhere {
        name: name.into(),
        domain: domain.into(),
        expiry: Some(expiry),
        severity,
        since: Some(since),
        origin,
        instances: 2,
    };
    AccountFinding { account: "prod".to_owned(), found: Found::Elsewhere(one) }
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
    change(&mut report, 1, |finding| Finding { origin: Some(origin("Example CA")), ..with_edges(finding, 4) });
    change(&mut report, 2, |finding| with_edges(finding, 1));
    change(&mut report, 3, |finding| with_edges(finding, 0));
    change(&mut report, 4, |finding| with_edges(finding, 2));
    report
        .findings
        .extend([elsewhere("lb-cert", "lb.example.kr", "Example CA", 5), elsewhere("other-cert", "", "", 20)]);
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
        posted(document, Kind::Slack).iter().map(|payload| payload["text"].as_str().unwrap().to_owned()).collect();
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
    let cards: Vec<String> = cards.iter().map(|card| lines(card).join("\n")).collect();
    cards.join("\n---\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn status(slot: i64, name: &str, status: Status, age: TimeDelta) -> Certificate {
    Certificate { status, provisioned: Some(now() - age), ..certificate(slot, name, days(90)) }
}

/// A webhook that no longer exists.
fn gone() -> chat::Error {
    chat::Error::Refused { refusal: Refusal::Gone, status: 404, retry_after: None, reply: "no_service".into() }
}

fn notice(failed: &[Undelivered<'_>], language: Language) -> Document {
    undelivered(failed, &report([]), &style(language))
}

#[test]
fn one_of_everything_in_english() {
    insta::assert_snapshot!(lines_of(&document(&everything(), ALL, Language::English)), @"
    🔴 Certificate expired: old.example.kr (2 days ago) · +3 urgent, +10 other
    < !here>
    🔴 Act now (3)
    old.example.kr: expired 2 days ago
    Sat 21 Nov · 4 edges use it: shop, api, img +1 more · also covers a.kr, b.kr, c.kr +2 more · slot 1 · certificate cert-1 · valid for 47 days in all, issued by Example CA
    *.today.example.kr: expires in 5 hours
    Mon 23 Nov 14:00 KST · 1 edge uses it: shop · also covers a.kr, b.kr, c.kr +2 more · slot 2 · certificate cert-2
    both.example.kr: expires in 2 days
    Wed 25 Nov · slot 13 · certificate cert-13 · PUBLISHING (deploying) for 3 days
    🔴 Outside Global Edge, such as load balancers (1)
    lb.example.kr: expires in 5 days
    Sat 28 Nov · in use by 2 instances, but in no Global Edge slot · certificate lb-cert · valid for 47 days in all, issued by Example CA
    🟠 Within 30 days (1)
    month.example.kr: expires in 20 days, Sun 13 Dec · slot 4 · certificate cert-4
    Slot 12 has this name until 28 Dec 2027: switch the edges to it
    🟠 Status unknown (2)
    none.example.kr: NCP sent no status · slot 7 · certificate cert-7
    odd.example.kr: unknown status PAUSED · slot 6 · certificate cert-6
    🟠 Deployment stuck (1)
    stuck.example.kr: PUBLISHING (deploying) for 1 day · slot 5 · certificate cert-5
    🟠 Expiry unknown (2)
    unknown.example.kr: expiry unknown: NCP sent no date · slot 8 · certificate cert-8
    unreadable.example.kr: expiry unknown: NCP sent “soon”, which is not a date · slot 9 · certificate cert-9
    🟠 Expired or expiring, but no edge uses it (1)
    week.example.kr: expires in 3 days, Thu 26 Nov · slot 3 · certificate cert-3
    🟠 Outside Global Edge, such as load balancers (1)
    (no domain name): expires in 20 days, Sun 13 Dec · in use by 2 instances, but in no Global Edge slot · certificate other-cert · valid for 47 days in all
    🔵 Being deployed or removed (2)
    new.example.kr: READY (waiting to be deployed) for less than 1 hour · slot 10 · certificate cert-10
    (no domain name): DELETED · slot 11 · certificate cert-11
    To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > the certificate's name > Update certificate
    Stuck: if the status does not change, contact NCP's support with the slot number
    13 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_korean() {
    insta::assert_snapshot!(lines_of(&document(&everything(), ALL, Language::Korean)), @"
    🔴 [인증서 만료] old.example.kr 외 긴급 3건, 기타 10건
    < !here>
    🔴 즉시 조치 필요(3건)
    old.example.kr: 2일 전 만료
    11월 21일(토) · 사용 중인 엣지 4개: shop, api, img 외 1개 · 포함 도메인(SAN): a.kr, b.kr, c.kr 외 2개 · 슬롯 1 · 인증서 cert-1 · 전체 유효 기간 47일, 발급 기관 Example CA
    *.today.example.kr: 5시간 후 만료
    11월 23일(월) 14:00 KST · 사용 중인 엣지 1개: shop · 포함 도메인(SAN): a.kr, b.kr, c.kr 외 2개 · 슬롯 2 · 인증서 cert-2
    both.example.kr: 2일 후 만료
    11월 25일(수) · 슬롯 13 · 인증서 cert-13 · PUBLISHING(배포 중), 3일째
    🔴 Global Edge 외 Load Balancer 등(1건)
    lb.example.kr: 5일 후 만료
    11월 28일(토) · 인스턴스 2개에서 사용 중, Global Edge 슬롯 없음 · 인증서 lb-cert · 전체 유효 기간 47일, 발급 기관 Example CA
    🟠 30일 이내 만료(1건)
    month.example.kr: 20일 후 만료 · 12월 13일(일) · 슬롯 4 · 인증서 cert-4
    슬롯 12에 2027년 12월 28일까지 유효한 인증서가 있습니다. 엣지를 전환하세요.
    🟠 상태 이상(2건)
    none.example.kr: NCP가 상태를 보내지 않음 · 슬롯 7 · 인증서 cert-7
    odd.example.kr: 알 수 없는 상태 PAUSED · 슬롯 6 · 인증서 cert-6
    🟠 배포 지연(1건)
    stuck.example.kr: PUBLISHING(배포 중), 1일째 · 슬롯 5 · 인증서 cert-5
    🟠 만료일 확인 불가(2건)
    unknown.example.kr: 만료일 확인 불가: NCP가 날짜를 보내지 않음 · 슬롯 8 · 인증서 cert-8
    unreadable.example.kr: 만료일 확인 불가: 날짜 형식이 아닌 값 ‘soon’ · 슬롯 9 · 인증서 cert-9
    🟠 만료(임박) · 사용 중인 엣지 없음(1건)
    week.example.kr: 3일 후 만료 · 11월 26일(목) · 슬롯 3 · 인증서 cert-3
    🟠 Global Edge 외 Load Balancer 등(1건)
    (도메인 이름 없음): 20일 후 만료 · 12월 13일(일) · 인스턴스 2개에서 사용 중, Global Edge 슬롯 없음 · 인증서 other-cert · 전체 유효 기간 47일
    🔵 배포·삭제 진행 중(2건)
    new.example.kr: READY(배포 대기), 1시간 미만 · 슬롯 10 · 인증서 cert-10
    (도메인 이름 없음): DELETED(삭제됨) · 슬롯 11 · 인증서 cert-11
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 인증서 이름 선택 > [인증서 업데이트]
    배포 지연: 상태가 바뀌지 않으면 슬롯 번호와 함께 NCP 고객지원에 문의하세요.
    인증서 13개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_japanese() {
    insta::assert_snapshot!(lines_of(&document(&everything(), ALL, Language::Japanese)), @"
    🔴【証明書期限切れ】old.example.kr ほか緊急3件・その他10件
    < !here>
    🔴 至急対応（3件）
    old.example.kr：2日前に期限切れ
    11月21日（土）・使用中のエッジ4件：shop、api、img ほか1件・その他のドメイン（SAN）：a.kr、b.kr、c.kr ほか2件・スロット 1・証明書 cert-1・有効期間は全47日、発行者 Example CA
    *.today.example.kr：残り5時間
    11月23日（月）14:00 KST・使用中のエッジ1件：shop・その他のドメイン（SAN）：a.kr、b.kr、c.kr ほか2件・スロット 2・証明書 cert-2
    both.example.kr：残り2日
    11月25日（水）・スロット 13・証明書 cert-13・PUBLISHING（デプロイ中）、開始から3日経過
    🔴 Global Edge以外のLoad Balancerなど（1件）
    lb.example.kr：残り5日
    11月28日（土）・インスタンス2件で使用中、Global Edgeのスロットなし・証明書 lb-cert・有効期間は全47日、発行者 Example CA
    🟠 残り30日以内（1件）
    month.example.kr：残り20日・12月13日（日）・スロット 4・証明書 cert-4
    スロット 12 に2027年12月28日まで有効な証明書あり。エッジを切り替えてください。
    🟠 ステータス異常（2件）
    none.example.kr：NCPからステータスが返されていません・スロット 7・証明書 cert-7
    odd.example.kr：不明なステータス PAUSED・スロット 6・証明書 cert-6
    🟠 デプロイ未完了（1件）
    stuck.example.kr：PUBLISHING（デプロイ中）、開始から1日経過・スロット 5・証明書 cert-5
    🟠 期限不明（2件）
    unknown.example.kr：期限不明：NCPから日付が返されていません・スロット 8・証明書 cert-8
    unreadable.example.kr：期限不明：日付ではない値「soon」・スロット 9・証明書 cert-9
    🟠 期限切れ・期限間近だが使用中のエッジなし（1件）
    week.example.kr：残り3日・11月26日（木）・スロット 3・証明書 cert-3
    🟠 Global Edge以外のLoad Balancerなど（1件）
    （ドメイン名なし）：残り20日・12月13日（日）・インスタンス2件で使用中、Global Edgeのスロットなし・証明書 other-cert・有効期間は全47日
    🔵 デプロイ・削除の処理中（2件）
    new.example.kr：READY（デプロイ待ち）、開始から1時間未満・スロット 10・証明書 cert-10
    （ドメイン名なし）：DELETED（削除済み）・スロット 11・証明書 cert-11
    更新手順：Certificate Managerに新しい証明書を登録 → Global Edge > Certificate Provisioning > 証明書名を選択 > ［証明書アップデート］
    デプロイ未完了：ステータスが変わらない場合は、スロット番号を添えてNCPのサポートに問い合わせてください。
    証明書13件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
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
    let unknown = Certificate { expiry: Expiry::Missing, ..one(days(1)) };
    let cases = [
        report([one(-hours(50)), week(2), week(3), month(4), month(5), month(6)]),
        report([one(-TimeDelta::minutes(3)), month(2)]),
        report([one(TimeDelta::minutes(20))]),
        report([one(days(20)), month(2), month(3)]),
        report([unknown]),
        report([status(1, "www.example.kr", Status::Publishing, hours(26))]),
        report([status(1, "www.example.kr", Status::Undocumented("PAUSED".into()), hours(1))]),
        report([status(1, "www.example.kr", Status::Publishing, hours(1))]),
        report([Certificate { common_name: String::new(), ..one(days(3)) }]),
        unused(-hours(50)),
        unused(days(3)),
        used_elsewhere(),
    ];
    let titles: Vec<String> = cases.iter().map(|report| titles(report, ALL)).collect();
    insta::assert_snapshot!(titles.join("\n\n"), @"
    🔴 Certificate expired: www.example.kr (2 days ago) · +2 urgent, +3 other
    🔴 [인증서 만료] www.example.kr 외 긴급 2건, 기타 3건
    🔴【証明書期限切れ】www.example.kr ほか緊急2件・その他3件

    🔴 Certificate expired: www.example.kr (less than 1 hour ago) · +1 other
    🔴 [인증서 만료] www.example.kr, 기타 1건
    🔴【証明書期限切れ】www.example.kr・その他1件

    🔴 Certificate expires in less than 1 hour: www.example.kr
    🔴 [인증서 1시간 이내 만료] www.example.kr
    🔴【証明書 残り1時間未満】www.example.kr

    🟠 Certificate expires in 20 days: month.example.kr · +2 other
    🟠 [인증서 20일 후 만료] month.example.kr, 기타 2건
    🟠【証明書 残り20日】month.example.kr・その他2件

    🟠 Certificate expiry unknown: www.example.kr
    🟠 [인증서 만료일 확인 불가] www.example.kr
    🟠【証明書期限不明】www.example.kr

    🟠 Certificate deployment stuck: www.example.kr
    🟠 [인증서 배포 지연] www.example.kr
    🟠【証明書デプロイ未完了】www.example.kr

    🟠 Certificate status unknown: www.example.kr
    🟠 [인증서 상태 이상] www.example.kr
    🟠【証明書ステータス異常】www.example.kr

    🔵 Certificate being deployed or removed: www.example.kr
    🔵 [인증서 배포·삭제 진행 중] www.example.kr
    🔵【証明書デプロイ・削除の処理中】www.example.kr

    🔴 Certificate expires in 3 days: slot 1
    🔴 [인증서 3일 후 만료] 슬롯 1
    🔴【証明書 残り3日】スロット 1

    🟠 Unused certificate expired: www.example.kr (2 days ago)
    🟠 [인증서 만료·사용 중인 엣지 없음] www.example.kr
    🟠【証明書期限切れ・使用中のエッジなし】www.example.kr

    🟠 Unused certificate expires in 3 days: www.example.kr
    🟠 [인증서 3일 후 만료·사용 중인 엣지 없음] www.example.kr
    🟠【証明書 残り3日・使用中のエッジなし】www.example.kr

    🔴 Certificate outside Global Edge expires in 5 days: lb.example.kr
    🔴 [인증서 5일 후 만료·Global Edge 외] lb.example.kr
    🔴【証明書 残り5日・Global Edge以外】lb.example.kr
    ");
}

#[test]
fn a_title_with_a_failed_account_a_simulated_date_or_a_summary() {
    let expired =
        || account("prod", [certificate(1, "www.example.kr", -hours(50)), certificate(2, "api.example.kr", days(3))]);
    let clear = || report([certificate(1, "www.example.kr", days(90))]);
    let simulated = Report { mode: Mode::Simulated, ..report_of([expired()]) };
    let cases = [
        (report_of([failed("shop", refused(None)), failed("pay", refused(None))]), ALL),
        (report_of([failed("shop", refused(None)), expired()]), ALL),
        (simulated, ALL),
        (report_of([expired()]), SUMMARY),
        (clear(), SUMMARY),
        (sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23)), ALL),
    ];
    let titles: Vec<String> = cases.iter().map(|(report, policy)| titles(report, *policy)).collect();
    insta::assert_snapshot!(titles.join("\n\n"), @"
    🔴 2 accounts NOT checked
    🔴 [확인 실패] 계정 2개
    🔴【確認不可】アカウント2件

    🔴 Account shop NOT checked · Certificate expired: www.example.kr (2 days ago) · +1 urgent
    🔴 [확인 실패] 계정 shop · [인증서 만료] www.example.kr 외 긴급 1건
    🔴【確認不可】アカウント shop・【証明書期限切れ】www.example.kr ほか緊急1件

    🔴 Simulated: Certificate expired: www.example.kr (2 days ago) · +1 urgent
    🔴 [시뮬레이션] [인증서 만료] www.example.kr 외 긴급 1건
    🔴【シミュレーション】【証明書期限切れ】www.example.kr ほか緊急1件

    🔴 Certificate expired: www.example.kr (2 days ago) · +1 urgent · weekly summary
    🔴 [인증서 만료] www.example.kr 외 긴급 1건 · 주간 요약
    🔴【証明書期限切れ】www.example.kr ほか緊急1件・週次サマリー

    ✅ Weekly summary: all clear, 1 certificate, next expiry Sun 21 Feb
    ✅ 주간 요약: 이상 없음 · 인증서 1개 · 다음 만료 2월 21일(일)
    ✅ 週次サマリー：異常なし・証明書1件・次の期限 2月21日（日）

    🧪 TEST: nothing is wrong
    🧪 [테스트] 실제 문제가 아닙니다
    🧪【テスト】実際の問題ではありません
    ");
}

/// Certificates that no edge uses come last, in the title as in the message.
#[test]
fn what_no_edge_uses_and_what_is_elsewhere_never_hides_what_has_to_be_done() {
    let mut report =
        report([certificate(1, "unused.example.kr", -hours(50)), certificate(2, "month.example.kr", days(20))]);
    change(&mut report, 1, |finding| with_edges(finding, 0));
    report.findings.push(elsewhere("lb", "lb.example.kr", "", 12));
    let report = report.sorted();
    assert_eq!(
        title(&report, ALL, Language::English),
        "🟠 Certificate expires in 20 days: month.example.kr · +2 other"
    );
    let sections = document(&report, ALL, Language::English).sections;
    let headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
    assert_eq!(
        headings,
        [
            "Within 30 days (1)",
            "Expired or expiring, but no edge uses it (1)",
            "Outside Global Edge, such as load balancers (1)"
        ]
    );
}

#[test]
fn a_slot_without_edges_that_may_be_in_use_stays_critical_and_says_why() {
    for (held_use, said) in [
        (HeldUse::Instances(1), "no edge uses it; Certificate Manager counts 1 instance · "),
        (HeldUse::Unreadable, "no edge uses it; Certificate Manager could not be read · "),
    ] {
        let mut report = report([certificate(1, "www.example.kr", -hours(50))]);
        change(&mut report, 1, |finding| with_edges(Finding { held_use, ..finding }, 0));
        for language in Language::ALL {
            let document = document(&report, ALL, language);
            assert_eq!(document.worst, Some(Severity::Critical));
            let line = &document.sections[0].entries[0].lines[0];
            assert!(
                line.contains("Certificate Manager") && line.contains(said) == (language == Language::English),
                "{line}"
            );
        }
    }
}

/// A slot whose served certificate ends soon, one with an older one, one of which two hosts are seen, and one that is healthy.
fn served() -> Report {
    let rows = [
        certificate(71, "www.example.kr", days(200)),
        certificate(72, "shop.example.kr", days(20)),
        certificate(73, "*.api.example.kr", days(300)),
        certificate(74, "img.example.kr", days(250)),
    ];
    let sight = |name: &str, port, left: i64| {
        let seen = Validity { begins: now() - days(400), ends: now() + days(left) };
        Sight { name: name.into(), port, seen: Some(seen), remark: None }
    };
    let unseen = |remark| Sight { name: "img.example.kr".into(), port: 443, seen: None, remark: Some(remark) };
    let mut sights = vec![
        sight("www.example.kr", 443, -2),
        sight("shop.example.kr", 443, 15),
        sight("a.api.example.kr", 8443, 90),
        sight("b.api.example.kr", 443, 100),
    ];
    let slots = judge_slots(rows.into(), None, &sights, Thresholds::DEFAULT, now());
    let findings = slots.into_iter().filter_map(|(_, finding)| Some(Found::Slot(*finding?)));
    let findings = findings.map(|found| AccountFinding { account: "prod".to_owned(), found }).collect();
    sights.extend(REMARKS.map(unseen));
    let looked = Some(Looked { sights, region: Some("ap-northeast-2".into()) });
    let mut report = Report { findings, looked, ..report([certificate(74, "img.example.kr", days(250))]) }.sorted();
    change(&mut report, 71, |finding| with_edges(finding, 2));
    report
}

const REMARKS: [Remark; 9] = [
    Remark::OtherName,
    Remark::UnknownIssuer,
    Remark::NoAnswer,
    Remark::NotFound,
    Remark::NotPublic,
    Remark::NoTls,
    Remark::Unconfirmed,
    Remark::NotLooked,
    Remark::NoSlot,
];

#[test]
fn what_is_served_and_not_what_is_listed() {
    insta::assert_snapshot!(in_every_language(|language| lines_of(&document(&served(), ALL, language))), @"
    🔴 Served certificate expired: www.example.kr (2 days ago) · +2 other
    < !here>
    🔴 Act now (1)
    www.example.kr: the certificate that is served expired 2 days ago
    Sat 21 Nov · 2 edges use it: shop, api · also covers a.kr, b.kr, c.kr +2 more · slot 71 · certificate cert-71 · seen from ap-northeast-2 · the slot's certificate is valid until 11 Jun 2027
    Check where the DNS of this name leads, and which slot its edge uses
    🟠 Within 30 days (1)
    shop.example.kr: expires in 20 days, Sun 13 Dec · slot 72 · certificate cert-72 · an older certificate is still served, valid until Tue 8 Dec · seen from ap-northeast-2
    Check where the DNS of this name leads, and which slot its edge uses
    🟠 Older certificate still served (1)
    *.api.example.kr: an older certificate is still served, valid until Sun 21 Feb · slot 73 · certificate cert-73 · a.api.example.kr:8443, b.api.example.kr, seen from ap-northeast-2 · the slot's certificate is valid until 19 Sep 2027
    Check where the DNS of this name leads, and which slot its edge uses
    To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > the certificate's name > Update certificate
    Next to expire: img.example.kr, 31 Jul 2027
    1 certificate checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    🔴 [인증서 만료·실제 제공 중] www.example.kr, 기타 2건
    < !here>
    🔴 즉시 조치 필요(1건)
    www.example.kr: 실제 제공 중인 인증서가 2일 전 만료
    11월 21일(토) · 사용 중인 엣지 2개: shop, api · 포함 도메인(SAN): a.kr, b.kr, c.kr 외 2개 · 슬롯 71 · 인증서 cert-71 · ap-northeast-2에서 확인 · 슬롯의 인증서는 2027년 6월 11일까지 유효
    이 도메인의 DNS가 가리키는 곳과 엣지가 사용하는 슬롯을 확인하세요.
    🟠 30일 이내 만료(1건)
    shop.example.kr: 20일 후 만료 · 12월 13일(일) · 슬롯 72 · 인증서 cert-72 · 이전 인증서가 아직 제공 중(12월 8일(화)까지 유효) · ap-northeast-2에서 확인
    이 도메인의 DNS가 가리키는 곳과 엣지가 사용하는 슬롯을 확인하세요.
    🟠 이전 인증서 제공 중(1건)
    *.api.example.kr: 이전 인증서가 아직 제공 중(2월 21일(일)까지 유효) · 슬롯 73 · 인증서 cert-73 · a.api.example.kr:8443, b.api.example.kr, ap-northeast-2에서 확인 · 슬롯의 인증서는 2027년 9월 19일까지 유효
    이 도메인의 DNS가 가리키는 곳과 엣지가 사용하는 슬롯을 확인하세요.
    갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 인증서 이름 선택 > [인증서 업데이트]
    다음 만료: img.example.kr, 2027년 7월 31일
    인증서 1개 확인 · 30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    🔴【証明書期限切れ・配信中】www.example.kr・その他2件
    < !here>
    🔴 至急対応（1件）
    www.example.kr：実際に配信中の証明書は2日前に期限切れ
    11月21日（土）・使用中のエッジ2件：shop、api・その他のドメイン（SAN）：a.kr、b.kr、c.kr ほか2件・スロット 71・証明書 cert-71・ap-northeast-2から確認・スロットの証明書は2027年6月11日まで有効
    このドメインのDNSの向き先と、エッジが使用しているスロットを確認してください。
    🟠 残り30日以内（1件）
    shop.example.kr：残り20日・12月13日（日）・スロット 72・証明書 cert-72・古い証明書がまだ配信中（12月8日（火）まで有効）・ap-northeast-2から確認
    このドメインのDNSの向き先と、エッジが使用しているスロットを確認してください。
    🟠 古い証明書を配信中（1件）
    *.api.example.kr：古い証明書がまだ配信中（2月21日（日）まで有効）・スロット 73・証明書 cert-73・a.api.example.kr:8443、b.api.example.kr、ap-northeast-2から確認・スロットの証明書は2027年9月19日まで有効
    このドメインのDNSの向き先と、エッジが使用しているスロットを確認してください。
    更新手順：Certificate Managerに新しい証明書を登録 → Global Edge > Certificate Provisioning > 証明書名を選択 > ［証明書アップデート］
    次の期限：img.example.kr、2027年7月31日
    証明書1件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    let alone = |slot| {
        let mut report = served();
        report.findings.retain(|finding| finding.found.slot_id() == Some(slot));
        titles(&report, ALL)
    };
    insta::assert_snapshot!([71, 72, 73].map(alone).join("\n\n"), @"
    🔴 Served certificate expired: www.example.kr (2 days ago)
    🔴 [인증서 만료·실제 제공 중] www.example.kr
    🔴【証明書期限切れ・配信中】www.example.kr

    🟠 Certificate expires in 20 days: shop.example.kr
    🟠 [인증서 20일 후 만료] shop.example.kr
    🟠【証明書 残り20日】shop.example.kr

    🟠 Older certificate still served: *.api.example.kr
    🟠 [이전 인증서 제공 중] *.api.example.kr
    🟠【古い証明書を配信中】*.api.example.kr
    ");
}

#[test]
fn a_summary_counts_what_else_was_met_where_hosts_were_looked_at() {
    let line = |policy| {
        in_every_language(|language| {
            let closing = document(&served(), policy, language).closing;
            // The first that says how many were tried.
            closing.into_iter().find(|line| line.contains("11")).unwrap_or_else(|| "none".to_owned())
        })
    };
    insta::assert_snapshot!(line(SUMMARY), @"
    11 hosts looked at: 1 did not answer, 1 serves another name, 1 has an unknown issuer or an incomplete chain, 1 has no address, 1 has no public address, 1 does not speak TLS 1.2 or 1.3, 1 answered differently when asked again, 1 not looked at, 1 covered by no RUNNING slot
    ===
    호스트 11개 접속 확인: 응답 없음 1개, 다른 이름의 인증서 1개, 알 수 없는 발급 기관 또는 불완전한 체인 1개, 주소 없음 1개, 공인 주소 없음 1개, TLS 1.2·1.3 미지원 1개, 재확인 결과 다름 1개, 확인하지 않음 1개, 해당하는 RUNNING 슬롯 없음 1개
    ===
    ホスト11件に接続して確認：応答なし1件、別の名前の証明書1件、不明な発行者または不完全なチェーン1件、アドレスなし1件、パブリックアドレスなし1件、TLS 1.2・1.3に未対応1件、再確認で結果が相違1件、未確認1件、該当するRUNNINGスロットなし1件
    ");
    assert_eq!(line(ALL), "none\n===\nnone\n===\nnone");
    let mut one = served();
    one.looked.as_mut().unwrap().sights.truncate(1);
    let lines =
        |language| document(&one, SUMMARY, language).closing.into_iter().find(|line| line.contains('1')).unwrap();
    insta::assert_snapshot!(in_every_language(lines), @"
    1 host looked at
    ===
    호스트 1개 접속 확인
    ===
    ホスト1件に接続して確認
    ");
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
        assert!(title.contains(&"b".repeat(40)) && title.contains(&"a".repeat(20)), "{title}");
    }
}

#[test]
fn all_clear_and_nothing_there() {
    let clear = report([certificate(1, "www.example.kr", days(90))]);
    let shares = Thresholds { shares: Shares { warn: Some(33), critical: Some(10) }, ..Thresholds::DEFAULT };
    let mut with_shares = Report { thresholds: shares, ..clear.clone() };
    // A share that was applied to nothing is not claimed.
    assert_eq!(document(&with_shares, ALL, Language::English), document(&clear, ALL, Language::English));
    with_shares.accounts[0].has_lifetimes = true;
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
    すべての証明書が稼働中で、有効期限まで30日を超えています。
    次の期限：www.example.kr、2月21日（日）
    証明書1件を確認・残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    let closing = |language| {
        let Document { lead, closing, .. } = document(&with_shares, ALL, language);
        format!("{}\n{}", lead.unwrap(), closing.last().unwrap()).replace(env!("CARGO_PKG_VERSION"), "VERSION")
    };
    insta::assert_snapshot!(in_every_language(closing), @"
    Every certificate is running and has more than 30 days or 33% of its lifetime left.
    1 certificate checked · Warning at 30 days or 33% of the lifetime, critical at 7 or 10% of the lifetime · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    모든 인증서가 운영 중이며 유효 기간이 30일(또는 유효 기간의 33%) 넘게 남았습니다.
    인증서 1개 확인 · 30일(또는 유효 기간의 33%) 이내 경고, 7일(또는 유효 기간의 10%) 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    すべての証明書が稼働中で、有効期限まで30日（または有効期間の33%）を超えています。
    証明書1件を確認・残り30日（または有効期間の33%）以内で警告、7日（または有効期間の10%）以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    let empty = Language::ALL.map(|language| document(&report([]), ALL, language).lead.unwrap());
    insta::assert_snapshot!(format!("{}\n{}", titles(&report([]), ALL), empty.join("\n")), @"
    🟠 0 certificates found: is this the right account?
    🟠 인증서 0개: 계정이 맞는지 확인 필요
    🟠 証明書0件：アカウントをご確認ください
    0 certificates: there is nothing to check. If there should be, check that the keys and NCP_API_URL are those of the right account.
    확인할 인증서가 없습니다. 있어야 한다면 키와 NCP_API_URL이 올바른 계정의 것인지 확인하세요.
    確認する証明書がありません。本来あるはずの場合は、キーとNCP_API_URLが正しいアカウントのものか確認してください。
    ");
}

/// "Every certificate is running" would be false where one is muted, or reported elsewhere.
#[test]
fn what_is_muted_or_others_business_is_not_called_healthy() {
    let stuck = || report([status(5, "stuck.example.kr", Status::Publishing, hours(26))]);
    let names = Some(vec![Pattern::new("*.shop.example.kr")]);
    let audience = Audience { routes: Routes { accounts: None, names }, least: Severity::Info };
    let muted = stuck().with_mutes(&mutes());
    let leads = Language::ALL.map(|language| {
        let lead = document(&muted, ALL, language).lead.unwrap();
        let routed = document_for(&stuck(), &[audience.clone(), everybody()], ALL, language);
        assert_eq!(routed.lead.as_ref(), Some(&lead));
        lead
    });
    insta::assert_snapshot!(leads.join("\n"), @"
    Apart from what is muted or goes to other channels only, every certificate is running and has more than 30 days left.
    음소거했거나 다른 채널에만 알리는 인증서를 제외하고 모든 인증서가 운영 중이며 유효 기간이 30일 넘게 남았습니다.
    ミュート中または他のチャンネルのみに通知する証明書を除き、すべての証明書が稼働中で、有効期限まで30日を超えています。
    ");
}

#[test]
fn what_turned_critical_while_it_was_muted_is_said_to_have_been_muted() {
    let critical = certificate(1, "www.example.kr", days(3));
    let warning = certificate(2, "api.example.kr", days(20));
    let [until, passed] = [day(2026, 12, 31), day(2026, 11, 22)];
    let lines = |mutes: &[Mute]| {
        let mut report = report([critical.clone(), warning.clone()]);
        report.findings.push(elsewhere("lb", "lb.example.kr", "", 5));
        let document = document(&report.with_mutes(mutes), ALL, Language::English);
        let entries = document.sections.iter().flat_map(|section| &section.entries);
        entries.flat_map(|entry| entry.lines.clone()).filter(|line| line.contains("muted")).collect::<Vec<_>>()
    };
    let said = "was muted (until 31 Dec 2026: OPS-123), but is critical now";
    let mute_of = |what: &str| mute(what, until, Some("OPS-123"), false);
    assert_eq!(lines(&[mute_of("prod/1")]), [said]);
    assert_eq!(lines(&[mute_of("*.example.kr")]), [said, said], "what is used elsewhere too");
    // One that has ended, holds, or concerns another has nothing to do with it.
    assert_eq!(lines(&[mute("1", passed, None, false), mute("1", until, None, true), mute_of("2")]), [""; 0]);
    let report = report([critical]).with_mutes(&[mute_of("1")]);
    for kind in Kind::ALL {
        for (language, said) in [
            (Language::English, said),
            (Language::Korean, "음소거 중이었으나(2026년 12월 31일까지: OPS-123) 긴급이 되어 알림"),
            (Language::Japanese, "ミュート中だったが（2026年12月31日まで：OPS-123）、緊急になったため通知"),
        ] {
            let payloads = kind.payloads(&document(&report, ALL, language), None);
            assert!(payloads[0].body.get().contains(said), "{kind}: {}", payloads[0].body.get());
        }
    }
}

#[test]
fn labels_that_no_account_has_are_named_with_the_nearest() {
    let clear = report([certificate(1, "www.example.kr", days(90))]);
    let texts = |labels: &[&str]| {
        let accounts = Some(labels.iter().map(|&label| label.to_owned()).collect());
        let audience = Audience { routes: Routes { accounts, names: None }, least: Severity::Info };
        let said = |language| {
            let Document { title, lead, closing, .. } =
                document_for(&clear, std::slice::from_ref(&audience), SUMMARY, language);
            [title, lead.unwrap(), closing[0].replace(env!("CARGO_PKG_VERSION"), "VERSION")].join("\n")
        };
        in_every_language(said)
    };
    insta::assert_snapshot!(texts(&["porд", "prod2", "elsewhere"]), @"
    No account has the labels of this channel
    Accounts of this channel that do not exist (correct `accounts` in the webhooks' secret): porд (prod?), prod2 (prod?), elsewhere
    Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ===
    이 채널에 지정된 계정이 없음
    이 채널에 지정했지만 없는 계정: porд(prod?), prod2(prod?), elsewhere. 웹훅 시크릿의 ‘accounts’를 고치세요.
    30일 이내 경고, 7일 이내 긴급 · 시각은 KST(Asia/Seoul) 기준 · ncp-cert-alert VERSION
    ===
    このチャンネルに指定されたアカウントがありません
    このチャンネルに指定されたが存在しないアカウント：porд（prod?）、prod2（prod?）、elsewhere。Webhookのシークレットの「accounts」を修正してください。
    残り30日以内で警告、7日以内で緊急・時刻はKST（Asia/Seoul）・ncp-cert-alert VERSION
    ");
    insta::assert_snapshot!(texts(&["prod", "pro"]), @"
    Weekly summary: all clear, 1 certificate, next expiry Sun 21 Feb
    Every certificate is running and has more than 30 days left.
    Accounts of this channel that do not exist (correct `accounts` in the webhooks' secret): pro (prod?)
    ===
    주간 요약: 이상 없음 · 인증서 1개 · 다음 만료 2월 21일(일)
    모든 인증서가 운영 중이며 유효 기간이 30일 넘게 남았습니다.
    이 채널에 지정했지만 없는 계정: pro(prod?). 웹훅 시크릿의 ‘accounts’를 고치세요.
    ===
    週次サマリー：異常なし・証明書1件・次の期限 2月21日（日）
    すべての証明書が稼働中で、有効期限まで30日を超えています。
    このチャンネルに指定されたが存在しないアカウント：pro（prod?）。Webhookのシークレットの「accounts」を修正してください。
    ");
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

/// What is wrong with an account's secret.
fn flaws(text: &str) -> Vec<Flaw> {
    match secrets::accounts("prod", &text.into()).map(|mut entries| entries.remove(0).1) {
        Err(flaws) | Ok(Err(flaws)) => flaws,
        Ok(Ok(_)) => panic!("{text}"),
    }
}

fn hooks_flaws(text: &str) -> Vec<Flaw> {
    secrets::hooks(&text.into(), now().date_naive()).unwrap_err()
}

#[test]
fn an_account_that_failed() {
    let failures = [
        refused(None),
        refused(Some(TimeDelta::minutes(7))),
        Failure::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 0 }),
        Failure::Secret(secret_store::Error {
            id: "ncp/prod".to_owned(),
            problem: Problem::Invalid(flaws(r#"{"access_key":"AK","secretkey":"SK"}"#)),
        }),
        Failure::Secret(secret_store::Error {
            id: "ncp/prod".to_owned(),
            problem: Problem::Invalid(flaws("{\"access_key\": \"AK\"\n \"secret_key\": \"SK\"}")),
        }),
        Failure::Api(ncp::Error::Malformed("expected value at line 1".to_owned())),
    ];
    let briefs = in_every_language(|language| {
        let brief = |failure: &Failure| {
            let document = document(&report_of([failed("prod", failure.clone())]), ALL, language);
            document.sections[0].entries[0].brief.clone()
        };
        failures.iter().map(brief).collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(briefs, @"
    account prod: NCP refused the keys (HTTP 401, NCP code 200, “Authentication Failed”). Check that access key and secret key belong together, and that the key is in use
    account prod: NCP refused the keys (HTTP 401, NCP code 200, “Authentication Failed”). Set the clock: it is 7 minutes ahead of NCP's, which accepts 5 (in Lambda: report it to AWS)
    account prod: incomplete listing: 36 of 37. Compare with the list in the console; if this continues, ask NCP's support why its count differs from its list
    account prod: secret “ncp/prod”: “secret_key” is missing; unknown key “secretkey”; accepted: access_key, secret_key, name, api_url, certificate_manager_url
    account prod: secret “ncp/prod”: it cannot be read as JSON: line 2, column 2; accepted: a JSON object with “access_key” and “secret_key”; or with “accounts”, a list of such objects
    account prod: NCP's answer cannot be read: expected value at line 1. Check NCP_API_URL; if it is right, NCP may have changed its API: look for a new version of ncp-cert-alert
    ===
    계정 prod: NCP가 키를 거부했습니다(HTTP 401, NCP 코드 200, ‘Authentication Failed’). 액세스 키와 시크릿 키가 한 쌍인지, 키가 사용 중 상태인지 확인하세요.
    계정 prod: NCP가 키를 거부했습니다(HTTP 401, NCP 코드 200, ‘Authentication Failed’). 시계가 NCP보다 7분 빠릅니다(5분 넘게 차이 나면 거부됨). 시계를 맞추세요. Lambda라면 AWS에 문의하세요.
    계정 prod: 목록이 불완전합니다: 37개 중 36개. 콘솔의 목록과 비교하세요. 계속되면 개수와 목록이 다른 이유를 NCP 고객지원에 문의하세요.
    계정 prod: 시크릿 ‘ncp/prod’: ‘secret_key’ 없음, 알 수 없는 키 ‘secretkey’. 값을 수정하세요. 형식은 docs/settings.ko.md에, 자세한 내용은 로그에 있습니다.
    계정 prod: 시크릿 ‘ncp/prod’: JSON 문법 오류(2행 2열). 값을 수정하세요. 형식은 docs/settings.ko.md에, 자세한 내용은 로그에 있습니다.
    계정 prod: NCP의 응답을 읽을 수 없습니다. NCP_API_URL을 확인하세요. 맞다면 NCP의 API가 변경되었을 수 있으니 ncp-cert-alert의 새 버전을 확인하세요.
    ===
    アカウント prod：NCPがキーを拒否しました（HTTP 401、NCPコード200、「Authentication Failed」）。アクセスキーとシークレットキーが正しい組み合わせで、キーが有効であることを確認してください。
    アカウント prod：NCPがキーを拒否しました（HTTP 401、NCPコード200、「Authentication Failed」）。時計がNCPより7分進んでいます（5分を超えると拒否）。時計を合わせてください。Lambdaの場合はAWSに問い合わせてください。
    アカウント prod：一覧が不完全です：37件中36件。コンソールの一覧と比較してください。続く場合は、件数と一覧が異なる理由をNCPのサポートに問い合わせてください。
    アカウント prod：シークレット「ncp/prod」：「secret_key」なし、不明なキー「secretkey」。値を修正してください。形式はdocs/settings.md、詳細はログにあります。
    アカウント prod：シークレット「ncp/prod」：JSONの構文エラー（2行2列）。値を修正してください。形式はdocs/settings.md、詳細はログにあります。
    アカウント prod：NCPの応答を読み取れません。NCP_API_URLを確認してください。正しい場合はNCPのAPIが変更された可能性があるため、ncp-cert-alertの新しいバージョンを確認してください。
    ");
}

#[test]
fn a_failed_account_stands_first_and_mentions_no_one_by_itself() {
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
        mute("1", day(2026, 12, 1), Some("OPS-9"), false),
        mute("ended.example.kr", day(2026, 11, 22), None, false),
        mute("*.nothing.example.kr", day(2026, 12, 15), None, false),
    ]
}

#[test]
fn what_is_muted_is_left_out_and_named_below_every_message() {
    let report = everything().with_mutes(&mutes());
    assert_eq!(report.mutes.muted.len(), 5);
    let text = text(&report, ALL, Language::English);
    assert!(!text.contains("• stuck.example.kr") && text.contains("• old.example.kr"), "{text}");
    let muted = |policy| {
        in_every_language(|language| {
            let document = document(&report, policy, language);
            let lines = document.muted.iter().chain(document.closing.iter().take(2));
            lines.cloned().collect::<Vec<_>>().join("\n")
        })
    };
    insta::assert_snapshot!(muted(SUMMARY), @"
    🔕 Muted: month.example.kr (until 30 Nov 2026), none.example.kr (until 23 Nov 2026), odd.example.kr (until 1 Dec 2026: asked NCP) +2 more
    Mutes that have ended (remove them from the webhooks' secret): ended.example.kr
    Mutes that match nothing (remove or correct them in the webhooks' secret): *.nothing.example.kr
    ===
    🔕 음소거: month.example.kr(2026년 11월 30일까지), none.example.kr(2026년 11월 23일까지), odd.example.kr(2026년 12월 1일까지: asked NCP) 외 2건
    종료된 음소거: ended.example.kr. 웹훅 시크릿에서 삭제하세요.
    적용 대상이 없는 음소거: *.nothing.example.kr. 웹훅 시크릿에서 삭제하거나 수정하세요.
    ===
    🔕 ミュート中：month.example.kr（2026年11月30日まで）、none.example.kr（2026年11月23日まで）、odd.example.kr（2026年12月1日まで：asked NCP）ほか2件
    終了したミュート：ended.example.kr。Webhookのシークレットから削除してください。
    対象のないミュート：*.nothing.example.kr。Webhookのシークレットで削除または修正してください。
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
    let (error, missed) = (gone(), Missed::default());
    let failed =
        [Undelivered { name: "ops", kind: Kind::Slack, error: &error, missed: &missed, taken: Taken::default() }];
    let notice = text_of(&undelivered(&failed, &report, &style(Language::English)));
    assert!(notice.contains("Muted: stuck.example.kr"), "{notice}");
}

#[test]
fn what_matches_no_route_says_so() {
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
    Some of this matches no webhook's route, so every channel gets it. Add “accounts” or “names” to a webhook in the webhooks' secret.
    어느 웹훅의 라우팅에도 해당하지 않는 항목이 있어 모든 채널에 알립니다. 웹훅 시크릿에서 웹훅의 ‘accounts’ 또는 ‘names’를 추가하세요.
    どのWebhookのルーティングにも該当しないものがあるため、すべてのチャンネルに通知しています。Webhookのシークレットで、Webhookに「accounts」または「names」を追加してください。
    ");
}

#[test]
fn a_daily_message_names_news_and_counts_what_is_older() {
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
    insta::assert_snapshot!(text(&report, DAILY, Language::English), @"
    🔴 Certificate expires in 3 days: www.example.kr · +1 other
    🔴 Act now (1)
    • www.example.kr: expires in 3 days, Thu 26 Nov · slot 1
    🟠 Within 30 days (1)
    • new.example.kr: new · expires in 29 days, Wed 23 Dec · slot 2
    ✅ Renewed (1)
    renewed.example.kr, until 22 Nov 2027
    Older, in the weekly summary: 2 warnings, 1 info
    To renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; the certificate's name &gt; Update certificate
    7 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
    let news = |language| {
        let text = text(&report, DAILY, language);
        text.lines().skip(3).take(4).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!([Language::Korean, Language::Japanese].map(news).join("\n"), @"
    🟠 30일 이내 만료(1건)
    • new.example.kr: 신규 · 29일 후 만료 · 12월 23일(수) · 슬롯 2
    ✅ 갱신됨(1건)
    renewed.example.kr · 2027년 11월 22일까지
    🟠 残り30日以内（1件）
    • new.example.kr：新規・残り29日・12月23日（水）・スロット 2
    ✅ 更新済み（1件）
    renewed.example.kr（2027年11月22日まで）
    ");
    let audience = Audience { least: Severity::Critical, ..everybody() };
    let closing = document_for(&report, &[audience], DAILY, Language::English).closing;
    assert_eq!(closing[0], "Left out of this channel: 3 warnings, 1 info");
}

#[test]
fn a_summary_names_everything_what_was_deployed_and_what_comes() {
    let healthy = (20..26).map(|slot| Certificate {
        tls_versions: if slot < 24 { "1.1,1.2" } else { "1.2,1.3" }.into(),
        provisioned: Some(now() - days(if slot < 23 { 2 } else { 50 })),
        ..certificate(slot, &format!("host-{slot}.example.kr"), days(slot * 9 - 140))
    });
    let report =
        report(healthy.chain([certificate(1, "www.example.kr", days(3)), certificate(2, "api.example.kr", days(20))]));
    insta::assert_snapshot!(text(&report, SUMMARY, Language::English), @"
    🔴 Certificate expires in 3 days: www.example.kr · +1 other · weekly summary
    🔴 Act now (1)
    • www.example.kr: new · expires in 3 days, Thu 26 Nov · slot 1
    🟠 Within 30 days (1)
    • api.example.kr: expires in 20 days, Sun 13 Dec · slot 2
    ✅ Deployed in the last 7 days (3)
    host-20.example.kr, until 2 Jan 2027
    host-21.example.kr, until 11 Jan 2027
    host-22.example.kr, until 20 Jan 2027
    📅 Not listed above, by month
    Nov 2026: none
    Dec 2026: none
    Jan 2027: 4 (host-20.example.kr, host-21.example.kr, host-22.example.kr +1 more)
    Feb 2027: 2 (host-24.example.kr, host-25.example.kr)
    TLS 1.0 or 1.1 is still accepted by 4: host-20.example.kr, host-21.example.kr, host-22.example.kr +1 more
    To renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; the certificate's name &gt; Update certificate
    Next to expire: host-20.example.kr, Sat 2 Jan
    8 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
    let below = |language| {
        let text = text(&report, SUMMARY, language);
        text.lines().skip(5).take(9).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!([Language::Korean, Language::Japanese].map(below).join("\n"), @"
    ✅ 최근 7일간 배포(3건)
    host-20.example.kr · 2027년 1월 2일까지
    host-21.example.kr · 2027년 1월 11일까지
    host-22.example.kr · 2027년 1월 20일까지
    📅 위 항목 외 만료 예정
    2026년 11월: 없음
    2026년 12월: 없음
    2027년 1월: 4건(host-20.example.kr, host-21.example.kr, host-22.example.kr 외 1건)
    2027년 2월: 2건(host-24.example.kr, host-25.example.kr)
    ✅ 直近7日間のデプロイ（3件）
    host-20.example.kr（2027年1月2日まで）
    host-21.example.kr（2027年1月11日まで）
    host-22.example.kr（2027年1月20日まで）
    📅 上記以外で期限を迎える証明書（月別）
    2026年11月：なし
    2026年12月：なし
    2027年1月：4件（host-20.example.kr、host-21.example.kr、host-22.example.kr ほか1件）
    2027年2月：2件（host-24.example.kr、host-25.example.kr）
    ");

    let old_tls =
        |language| text(&report, SUMMARY, language).lines().find(|line| line.contains("TLS 1.0")).map(str::to_owned);
    insta::assert_snapshot!(Language::ALL.map(|language| old_tls(language).unwrap()).join("\n"), @"
    TLS 1.0 or 1.1 is still accepted by 4: host-20.example.kr, host-21.example.kr, host-22.example.kr +1 more
    TLS 1.0 또는 1.1을 아직 허용(4건): host-20.example.kr, host-21.example.kr, host-22.example.kr 외 1건
    TLS 1.0または1.1をまだ許可（4件）：host-20.example.kr、host-21.example.kr、host-22.example.kr ほか1件
    ");
    assert!(!text(&report, ALL, Language::English).contains("TLS 1.0"), "only a summary says it");

    let quiet = self::report([certificate(1, "www.example.kr", days(300))]);
    insta::assert_snapshot!(text(&quiet, SUMMARY, Language::English), @"
    ✅ Weekly summary: all clear, 1 certificate, next expiry 19 Sep 2027
    Every certificate is running and has more than 30 days left.
    ✅ Deployed in the last 7 days (0)
    Nothing was deployed.
    📅 Not listed above, by month
    Nov 2026: none
    Dec 2026: none
    Jan 2027: none
    Feb 2027: none
    Next to expire: www.example.kr, 19 Sep 2027
    1 certificate checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn a_summary_names_every_finding_and_a_daily_message_twenty_and_all_that_is_critical() {
    let year = Thresholds { warn_days: 365, ..Thresholds::DEFAULT };
    let findings = |critical: i64| {
        let later = (0..116 - critical).map(|slot| certificate(slot, "later.example.kr", days(10 + slot * 3)));
        let urgent = (0..critical).map(|slot| certificate(1000 + slot, "now.example.kr", days(2)));
        let judgement = judge_all(later.chain(urgent).collect(), None, year, now(), None);
        let found = |finding| AccountFinding { account: "prod".into(), found: Found::Slot(finding) };
        let findings = judgement.findings.into_iter().map(found).collect();
        Report { findings, thresholds: year, ..report([]) }
    };
    let named = |document: &Document| document.sections.iter().map(|section| section.entries.len()).sum::<usize>();
    let last = |document: &Document| {
        let text = text_of(document);
        text.lines().rfind(|line| line.starts_with(['+', '외', 'ほ'])).map(str::to_owned)
    };
    let daily = Language::ALL.map(|language| document(&findings(3), ALL, language));
    assert_eq!(daily.each_ref().map(named), [20; 3]);
    assert_eq!(daily[0].sections[1].heading, "Within 365 days (113)", "a heading counts all that there are");
    insta::assert_snapshot!(daily.each_ref().map(|one| last(one).unwrap()).join("\n"), @"
    +96 more: 96 warnings (3 in Jan 2027, 10 in Feb, 10 in Mar, 10 in Apr, 10 in May, 10 in Jun, 11 in Jul, 10 in Aug, 10 in Sep, 10 in Oct, 2 in Nov)
    외 96건: 경고 96건 · 월별 만료: 2027년 1월 3건, 2월 10건, 3월 10건, 4월 10건, 5월 10건, 6월 10건, 7월 11건, 8월 10건, 9월 10건, 10월 10건, 11월 2건
    ほか96件：警告96件・月別の期限：2027年1月3件、2月10件、3月10件、4月10件、5月10件、6月10件、7月11件、8月10件、9月10件、10月10件、11月2件
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
    let (gone, away) = (gone(), chat::Error::Http(HttpError::Connect(ConnectError::Untrusted)));
    let webhook = |name, kind, error, missed| Undelivered { name, kind, error, missed, taken: Taken::default() };
    let missed = |counted: &[(Group, usize)]| Missed { occasion: Occasion::Digest, counted: counted.to_vec() };
    let (clear, several) = (missed(&[]), missed(&[(Group::Expired, 1), (Group::Within(7), 2)]));
    let failed = [webhook("ops", Kind::Slack, &gone, &several), webhook("web", Kind::Teams, &away, &clear)];
    let lines = |failed: &[Undelivered<'_>]| {
        in_every_language(|language| {
            let notice = notice(failed, language);
            let payloads = posted(&notice, Kind::Slack);
            assert!(
                payloads.len() == 1 && !payloads[0].to_string().contains("<!here>"),
                "no one is called for a webhook"
            );
            lines_of(&notice)
        })
    };
    insta::assert_snapshot!(lines(&failed), @"
    🔴 2 channels did not get today's digest: ops, web. Tell them.
    🔴 Not delivered (2)
    channel ops (Slack): the webhook no longer exists (HTTP 404, “no_service”)
    It missed the certificate digest: 1 expired, 2 within 7 days
    Create a new incoming webhook in Slack and use its URL
    channel web (Teams): the server's TLS certificate is not trusted
    It missed the certificate digest: all clear
    Check that the URL's host is right and has a publicly trusted certificate
    ===
    🔴 채널 2개에 오늘 알림이 전송되지 않았습니다: ops, web. 담당자에게 알려 주세요.
    🔴 전송 실패(2건)
    채널 ops(Slack): 웹훅이 삭제되었거나 만료되었습니다(HTTP 404, ‘no_service’)
    전송되지 않은 인증서 알림: 만료 1건, 7일 이내 만료 2건
    Slack에서 수신 웹훅(Incoming Webhook)을 새로 만들어 URL을 교체하세요.
    채널 web(Teams): 서버 인증서를 신뢰할 수 없습니다
    전송되지 않은 인증서 알림: 이상 없음
    URL의 호스트가 맞는지, 공인 인증서를 사용하는지 확인하세요.
    ===
    🔴 チャンネル2件に本日の通知を送信できませんでした：ops、web。担当者に伝えてください。
    🔴 送信失敗（2件）
    チャンネル ops（Slack）：Webhookが削除されたか無効です（HTTP 404、「no_service」）
    送信できなかった証明書の通知：期限切れ1件、残り7日以内2件
    Slackで新しいIncoming Webhookを作成し、URLを差し替えてください。
    チャンネル web（Teams）：サーバー証明書を信頼できません
    送信できなかった証明書の通知：異常なし
    URLのホストが正しく、公的に信頼された証明書を使用していることを確認してください。
    ");
    insta::assert_snapshot!(text_of(&notice(&failed[..1], Language::English)), @"
    🔴 Channel ops did not get today's digest (1 expired, 2 within 7 days). Tell them.
    🔴 Not delivered (1)
    • channel ops (Slack): the webhook no longer exists (HTTP 404, “no_service”). Create a new incoming webhook in Slack and use its URL. It missed the certificate digest: 1 expired, 2 within 7 days
    ");
    let partial = [Undelivered { taken: Taken { messages: 1, of: 3 }, ..failed[0] }];
    let lines = in_every_language(|language| {
        let notice = notice(&partial, language);
        format!("{}\n{}", notice.title, notice.sections[0].entries[0].lines[0])
    });
    insta::assert_snapshot!(lines, @"
    Channel ops did not get all of today's digest (1 expired, 2 within 7 days). Tell them.
    It got only 1 of 3 messages of the certificate digest: 1 expired, 2 within 7 days
    ===
    채널 ops에 오늘 알림이 모두 전송되지는 않았습니다(만료 1건, 7일 이내 만료 2건). 담당자에게 알려 주세요.
    인증서 알림 메시지 3개 중 1개만 전송됨: 만료 1건, 7일 이내 만료 2건
    ===
    チャンネル ops に本日の通知の一部を送信できませんでした（期限切れ1件、残り7日以内2件）。担当者に伝えてください。
    証明書の通知のメッセージ3件のうち1件のみ送信：期限切れ1件、残り7日以内2件
    ");
}

#[test]
fn a_notice_about_many_webhooks_is_one_message_that_names_them_all() {
    let gone = gone();
    let missed = Missed { occasion: Occasion::Digest, counted: vec![(Group::Expired, 1), (Group::Within(7), 12)] };
    let names: Vec<String> = (1..=16).map(|number| format!("team-{number}")).collect();
    let one = |name| Undelivered { name, kind: Kind::Teams, error: &gone, missed: &missed, taken: Taken::default() };
    let failed: Vec<Undelivered<'_>> = names.iter().map(String::as_str).map(one).collect();
    for language in Language::ALL {
        let notice = notice(&failed, language);
        for kind in Kind::ALL {
            let payloads = posted(&notice, kind);
            assert_eq!(payloads.len(), 1, "{kind} {language:?}");
            let text = payloads[0].to_string();
            assert!(names.iter().all(|name| text.contains(name)), "{kind} {language:?}: {text}");
        }
    }
}

/// What `webhooks` are reported to have missed: the notice's title, and what goes below what to do.
fn missed_by(report: &Report, policy: NotifyPolicy, webhooks: &[&'static str]) -> String {
    in_every_language(|language| {
        let gone = gone();
        let missed = document(report, policy, language).missed;
        let webhook = |name: &&'static str| Undelivered {
            name,
            kind: Kind::Slack,
            error: &gone,
            missed: &missed,
            taken: Taken::default(),
        };
        let notice = undelivered(&webhooks.iter().map(webhook).collect::<Vec<_>>(), report, &style(language));
        let below = notice.sections[0].entries[0].lines.join("\n");
        [notice.title, notice.notices.join("\n"), below]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    })
}

#[test]
fn the_notice_of_a_failed_webhook_names_what_its_readers_missed() {
    let clear = report([certificate(1, "www.example.kr", days(90))]);
    let simulated = Report { mode: Mode::Simulated, ..report([certificate(1, "www.example.kr", days(3))]) };
    let sample = sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23));
    let missed = [
        missed_by(&everything(), DAILY, &["ops"]),
        missed_by(&clear, SUMMARY, &["ops", "web", "shop", "pay"]),
        missed_by(&simulated, ALL, &["ops"]),
        missed_by(&sample, ALL, &["ops"]),
    ];
    insta::assert_snapshot!(missed.join("\n\n"), @"
    Channel ops did not get today's digest (1 expired, 2 within 7 days +8 more). Tell them.
    It missed the certificate digest: 1 expired, 2 within 7 days, 1 outside Global Edge, such as load balancers, 2 status unknown, 1 deployment stuck, 2 expiry unknown, 2 being deployed or removed
    ===
    채널 ops에 오늘 알림이 전송되지 않았습니다(만료 1건, 7일 이내 만료 2건 외 8건). 담당자에게 알려 주세요.
    전송되지 않은 인증서 알림: 만료 1건, 7일 이내 만료 2건, Global Edge 외 Load Balancer 등 1건, 상태 이상 2건, 배포 지연 1건, 만료일 확인 불가 2건, 배포·삭제 진행 중 2건
    ===
    チャンネル ops に本日の通知を送信できませんでした（期限切れ1件、残り7日以内2件 ほか8件）。担当者に伝えてください。
    送信できなかった証明書の通知：期限切れ1件、残り7日以内2件、Global Edge以外のLoad Balancerなど1件、ステータス異常2件、デプロイ未完了1件、期限不明2件、デプロイ・削除の処理中2件

    4 channels did not get this week's summary: ops, web, shop +1 more. Tell them.
    It missed the weekly certificate summary: all clear
    ===
    채널 4개에 이번 주 요약이 전송되지 않았습니다: ops, web, shop 외 1개. 담당자에게 알려 주세요.
    전송되지 않은 주간 요약: 이상 없음
    ===
    チャンネル4件に今週のサマリーを送信できませんでした：ops、web、shop ほか1件。担当者に伝えてください。
    送信できなかった週次サマリー：異常なし

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

    The certificate alert test did not reach channel ops
    ===
    채널 ops에 테스트가 전송되지 않았습니다
    ===
    チャンネル ops にテストを送信できませんでした
    ");
}

#[test]
fn a_sample() {
    let sample = sample::report(Thresholds::DEFAULT, now(), day(2026, 11, 23));
    let notices = Language::ALL.map(|language| document(&sample, ALL, language).notices.concat());
    insta::assert_snapshot!(notices.join("\n"), @"
    This is a test: a sample with invented certificates. Nothing was checked, nothing is wrong.
    테스트 메시지입니다. 가상의 인증서로 만든 예시이며, 실제로 확인한 것은 없습니다.
    テスト用に架空の証明書を使ったサンプルです。実際の確認はしていません。
    ");
    assert_eq!(document(&sample, ALL, Language::English).worst, None);
}

/// A payload, with a line for each part of the list at `pointer`, and one for what is around it.
fn in_parts(document: &Document, kind: Kind, pointer: &str) -> String {
    let mut payload = posted(document, kind).remove(0);
    let parts = payload.pointer_mut(pointer).unwrap().take();
    let lines = parts.as_array().unwrap().iter().chain([&payload]).map(Value::to_string);
    lines.collect::<Vec<_>>().join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn a_message_as_it_is_posted() {
    let mut small = report([certificate(1, "*.example.kr", hours(30)), certificate(2, "api.example.kr", days(20))]);
    change(&mut small, 1, |finding| with_edges(finding, 2));
    let document = document(&small, ALL, Language::English);
    insta::assert_snapshot!(in_parts(&document, Kind::Slack, "/blocks"), @r#"
    {"text":{"text":"🔴 Certificate expires in 1 day: *.example.kr · +1 other","type":"plain_text"},"type":"header"}
    {"text":{"text":"<!here>","type":"mrkdwn"},"type":"section"}
    {"elements":[{"elements":[{"style":{"bold":true},"text":"🔴 Act now (1)","type":"text"},{"text":"\n","type":"text"},{"style":{"bold":true},"text":"*.example.kr","type":"text"},{"text":": expires in 1 day, Tue 24 Nov 15:00 KST\n2 edges use it: shop, api · also covers a.kr, b.kr, c.kr +2 more · slot 1 · certificate cert-1","type":"text"}],"type":"rich_text_section"}],"type":"rich_text"}
    {"elements":[{"elements":[{"style":{"bold":true},"text":"🟠 Within 30 days (1)","type":"text"},{"text":"\n","type":"text"},{"style":{"bold":true},"text":"api.example.kr","type":"text"},{"text":": expires in 20 days, Sun 13 Dec · slot 2 · certificate cert-2","type":"text"}],"type":"rich_text_section"}],"type":"rich_text"}
    {"elements":[{"text":"To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > the certificate's name > Update certificate\n2 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION","type":"plain_text"}],"type":"context"}
    {"elements":[{"text":{"text":"Open console","type":"plain_text"},"type":"button","url":"https://console.ncloud.com/"},{"text":{"text":"Open runbook","type":"plain_text"},"type":"button","url":"https://wiki.example.com/certificates"}],"type":"actions"}
    {"blocks":null,"text":"🔴 Certificate expires in 1 day: *.example.kr · +1 other\n🔴 Act now (1)\n• *.example.kr: expires in 1 day, Tue 24 Nov 15:00 KST · slot 1\n🟠 Within 30 days (1)\n• api.example.kr: expires in 20 days, Sun 13 Dec · slot 2\nTo renew: add the new certificate in Certificate Manager, then Global Edge &gt; Certificate Provisioning &gt; the certificate's name &gt; Update certificate\n2 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION","unfurl_links":false,"unfurl_media":false}
    "#);
    insta::assert_snapshot!(in_parts(&document, Kind::Teams, "/attachments/0/content/body"), @r#"
    {"inlines":[{"size":"Large","text":"🔴 Certificate expires in 1 day: *.example.kr · +1 other","type":"TextRun","weight":"Bolder"}],"spacing":"None","type":"RichTextBlock"}
    {"inlines":[{"text":"< !here>","type":"TextRun"}],"spacing":"Small","type":"RichTextBlock"}
    {"text":"🔴 Act now (1)","type":"TextBlock","weight":"Bolder","wrap":true}
    {"inlines":[{"size":"Default","text":"*.example.kr","type":"TextRun","weight":"Bolder"},{"text":": expires in 1 day","type":"TextRun"}],"spacing":"None","type":"RichTextBlock"}
    {"inlines":[{"isSubtle":false,"size":"Small","text":"Tue 24 Nov 15:00 KST · 2 edges use it: shop, api · also covers a.kr, b.kr, c.kr +2 more · slot 1 · certificate cert-1","type":"TextRun"}],"spacing":"None","type":"RichTextBlock"}
    {"text":"🟠 Within 30 days (1)","type":"TextBlock","weight":"Bolder","wrap":true}
    {"inlines":[{"size":"Default","text":"api.example.kr","type":"TextRun","weight":"Bolder"},{"text":": expires in 20 days, Sun 13 Dec · slot 2 · certificate cert-2","type":"TextRun"}],"spacing":"None","type":"RichTextBlock"}
    {"inlines":[{"isSubtle":true,"size":"Small","text":"To renew: add the new certificate in Certificate Manager, then Global Edge > Certificate Provisioning > the certificate's name > Update certificate","type":"TextRun"}],"spacing":"Default","type":"RichTextBlock"}
    {"inlines":[{"isSubtle":true,"size":"Small","text":"2 certificates checked · Warning at 30 days, critical at 7 · times in KST (Asia/Seoul) · ncp-cert-alert VERSION","type":"TextRun"}],"spacing":"None","type":"RichTextBlock"}
    {"attachments":[{"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","actions":[{"title":"Open console","type":"Action.OpenUrl","url":"https://console.ncloud.com/"},{"title":"Open runbook","type":"Action.OpenUrl","url":"https://wiki.example.com/certificates"}],"body":null,"fallbackText":"🔴 Certificate expires in 1 day: *.example.kr · +1 other","msteams":{"width":"Full"},"type":"AdaptiveCard","version":"1.4"},"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null}],"summary":"🔴 Certificate expires in 1 day: *.example.kr · +1 other","type":"message"}
    "#);
}

/// A message of every kind, with unexpected names, labels and reasons.
fn of_every_kind(language: Language) -> Vec<Document> {
    let today = day(2026, 11, 23);
    let simulated = Report { mode: Mode::Simulated, ..everything() };
    let routes = Routes { accounts: Some(vec!["other".to_owned()]), names: None };
    let many = report((0..500).map(|slot| certificate(slot, &format!("{slot}.example.kr"), days(slot % 60 - 1))));
    let mut documents = vec![
        document(&everything(), ALL, language),
        document(&everything().with_mutes(&mutes()), SUMMARY, language),
        document(&everything(), DAILY, language),
        document(&simulated, ALL, language),
        document(&sample::report(Thresholds::DEFAULT, now(), today), ALL, language),
        document(&report([certificate(1, "www.example.kr", days(90))]), ALL, language),
        document(&report([certificate(1, "www.example.kr", days(90))]), SUMMARY, language),
        document(&report([]), ALL, language),
        document(&many, ALL, language),
        document_for(&everything(), &[Audience { routes, least: Severity::Warning }], ALL, language),
    ];
    let refusals = [
        Refusal::Gone,
        Refusal::SwitchedOff,
        Refusal::OtherSchema,
        Refusal::CutUrl,
        Refusal::Archived,
        Refusal::Forbidden,
        Refusal::TooLarge,
        Refusal::Payload,
        Refusal::RateLimited,
        Refusal::Redirected,
        Refusal::NotAcknowledged,
        Refusal::Unexplained,
        Refusal::Unavailable,
    ];
    let refused = |refusal| chat::Error::Refused { refusal, status: 400, retry_after: None, reply: String::new() };
    let faults = [
        HttpError::TimedOut,
        HttpError::Interrupted,
        HttpError::TooLarge { limit: 64 << 10 },
        HttpError::Connect(ConnectError::Untrusted),
        HttpError::Connect(ConnectError::Refused),
    ];
    for error in refusals.map(refused).into_iter().chain(faults.map(chat::Error::Http)) {
        for kind in Kind::ALL {
            let failed =
                [Undelivered { name: "ops", kind, error: &error, missed: &Missed::default(), taken: Taken::default() }];
            documents.push(notice(&failed, language));
        }
    }
    let secret = |problem| Failure::Secret(secret_store::Error { id: "ncp/prod".to_owned(), problem });
    // Every mistake in a secret that has words of its own.
    let mut invalid = vec![Problem::Invalid(hooks_flaws(" ")), Problem::Invalid(flaws(r#"{"accounts":"[]"}"#))];
    for text in [
        "{}",
        r#"{"access_key":"","KEY":7}"#,
        r#"{"access_key":7,"secret_key":"A B"}"#,
        r#"{"access_key":"\"AK\"","access_key":"AK"}"#,
        r#"{"access_key":"\"AK\"","secret_key":"SK","secretKey":"SK"}"#,
        "{",
        "[]",
        r#""{}""#,
        "file://keys.json",
        r#"{"access_key":"AK","secret_key":"SK","api_url":"ftp://x"}"#,
    ] {
        invalid.push(Problem::Invalid(flaws(text)));
    }
    for (mistake, text) in
        [(Mistake::UnreadableFile, "the file cannot be read"), (Mistake::UnsetVariable, "the variable is not set")]
    {
        invalid.push(Problem::Invalid(vec![Flaw::whole(mistake, text)]));
    }
    let problems = [Problem::NotFound, Problem::AccessDenied, Problem::NotDecrypted, Problem::Deleted];
    let problems = problems.into_iter().chain(invalid);
    let said = ErrorReply { code: String::new(), text: String::new() };
    for failure in [
        self::refused(None),
        self::refused(Some(TimeDelta::minutes(-7))),
        Failure::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 1 }),
        Failure::Incomplete(Incomplete { checked: 37, total: 37, unreadable: 0 }),
        Failure::Api(ncp::Error::PermissionDenied { status: 403, reply: said.clone() }),
        Failure::Api(ncp::Error::NotFound { reply: said.clone() }),
        Failure::Api(ncp::Error::QuotaExceeded { reply: said.clone() }),
        Failure::Api(ncp::Error::RateLimited { retry_after: None, reply: said.clone() }),
        Failure::Api(ncp::Error::Refused { status: 400, reply: said }),
        Failure::Api(ncp::Error::Malformed("expected value at line 1".to_owned())),
        Failure::Api(ncp::Error::Http(HttpError::TimedOut)),
        Failure::Api(ncp::Error::Http(HttpError::Interrupted)),
        Failure::Api(ncp::Error::Http(HttpError::TooLarge { limit: 8 << 20 })),
        Failure::Api(ncp::Error::Http(HttpError::Connect(ConnectError::Unreachable))),
    ]
    .into_iter()
    .chain(problems.map(secret))
    {
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
    let known = "Lambda Slack Teams other Example Post Workflows Certificate Manager Global Edge Provisioning Load Balancer Secrets Incoming \
                 Webhook version Dooray Bot NCP AWS KMS VPC NAT URL IP API Gateway JSON HTTP ARN README KST Asia \
                 Seoul CDN dry Dry secretsmanager GetSecretValue kms Decrypt run ok Anyone KB prod ops lb \
                 Authentication Failed soon shop api img video asked later sample expired stuck wildcard www slotId \
                 here accounts names cert file ncp alert VERSION OPS Post shop";
    let is_name = |word: &&str| {
        word.contains(['.', '_', '/', '*', '+']) || word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    text.split(|c: char| !c.is_ascii_graphic() || ",:!()'\"“”<>[]{}-".contains(c))
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| {
            word.chars().any(|c| c.is_ascii_lowercase())
                && !is_name(word)
                && !known.split(' ').any(|known| known == *word)
        })
        .collect()
}

#[test]
fn korean_is_as_a_native_operator_writes_it() {
    for document in of_every_kind(Language::Korean) {
        let text = said(&document);
        for bad in [
            "연결된 엣지",
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
            "運用中",
            "リンクされた",
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

/// Every string in a JSON value, with the key that it is under and the type of its object.
fn strings(value: &Value) -> Vec<(String, String, String)> {
    fn walk(value: &Value, key: &str, kind: &str, found: &mut Vec<(String, String, String)>) {
        match value {
            Value::String(text) => found.push((kind.to_owned(), key.to_owned(), text.clone())),
            Value::Array(values) => values.iter().for_each(|value| walk(value, key, kind, found)),
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
                fields.iter().for_each(|(key, value)| walk(value, key, kind, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", "", &mut found);
    found
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The most characters of a limit that these blocks take.
fn shown(blocks: &Value) -> usize {
    let counts = |key: &str| ["text", "format", "fallback"].contains(&key);
    strings(blocks).iter().filter(|(_, key, _)| counts(key)).map(|(.., text)| length(text)).sum()
}

/// Holds a payload against everything that its platform is known to refuse.
fn assert_within_budgets(kind: Kind, payload: &Value) {
    let body = payload.to_string();
    assert!(!body.contains("{{") && !body.contains("${"), "a template opening in {body}");
    for (_, key, text) in strings(payload) {
        assert!(!text.is_empty(), "`{key}` is empty in {body}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "a control character in {text:?}");
    }
    match kind {
        Kind::Slack => {
            let blocks = payload["blocks"].as_array().unwrap();
            assert!((1..=45).contains(&blocks.len()), "{} blocks", blocks.len());
            let characters = shown(&payload["blocks"]);
            assert!(characters <= 12_000, "{characters} characters");
            assert!(length(payload["text"].as_str().unwrap()) <= 3_900);
            for block in blocks {
                let characters = shown(block);
                match block["type"].as_str().unwrap() {
                    "header" => assert!(characters <= 150),
                    "context" => assert!(block["elements"].as_array().unwrap().len() <= 10),
                    "actions" => assert!(block["elements"].as_array().unwrap().len() <= 25),
                    _ => assert!(characters <= 3_000, "{characters} in one block"),
                }
            }
            let markup = strings(payload)
                .into_iter()
                .filter(|(kind, key, _)| key == "text" && (kind.is_empty() || kind == "mrkdwn"));
            for (kind, _, text) in markup {
                let rest = if kind == "mrkdwn" { text.replace("<!here>", "") } else { text };
                assert!(!rest.contains('<') && !rest.contains('>'), "unescaped: {rest}");
            }
            let calls = body.matches("<!here>").count();
            assert!(calls <= 1 && !body.replace("<!here>", "").contains("<!") && !body.contains("<@"), "{body}");
        }
        Kind::Teams => {
            let card = &payload["attachments"][0]["content"];
            let escape = |character: char| match character {
                character if character.is_ascii() => vec![character.to_string()],
                character => character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            };
            let escaped = card.to_string().chars().flat_map(escape).collect::<Vec<_>>().concat();
            let bytes = json!(escaped).to_string().len();
            assert!(bytes <= 24_000, "{bytes} bytes");
            assert_eq!((&card["type"], &card["version"]), (&json!("AdaptiveCard"), &json!("1.4")));
            assert!(!body.contains("<at>") && !body.contains("](") && card["msteams"].get("entities").is_none());
            for (kind, key, text) in strings(card) {
                assert!(
                    kind != "TextBlock" || key != "text" || !text.contains("EVIL"),
                    "a name in a block that parses Markdown: {text}"
                );
            }
        }
        Kind::LineWorks | Kind::Jandi | Kind::Dooray | Kind::Json => unreachable!("not taken apart here"),
    }
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
                    assert_within_budgets(kind, payload);
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
    let pieces: Vec<&str> = "<!channel>¦<!here>¦<@U012AB3CD>¦<!subteam^S1>¦<https://evil.example|click>¦<at>EVIL</at>¦\
                  [EVIL](https://evil.example)¦*EVIL*¦_EVIL_¦`EVIL`¦~EVIL~¦{{DATE(2026-01-01T00:00:00Z)}}¦\
                  ${title}¦{¦$¦&lt;¦&¦\n¦\r\n\r\n¦\u{202e}¦\u{200b}¦\u{2066}¦\u{0}¦\u{7f}¦# EVIL¦- EVIL¦\
                  <b>EVIL</b>¦\"¦\\¦👩🏽‍🚀¦e\u{301}\u{301}\u{301}¦한국어¦日本語¦:smile:¦@here¦EVIL"
        .split('¦')
        .collect();
    let piece = proptest::sample::select(pieces).prop_map(str::to_owned);
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
            let finding = one.found.slot().unwrap().clone().with_impact(impact, None, Thresholds::DEFAULT, now()).unwrap();
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
                assert_within_budgets(kind, payload);
            }
            let all = Value::from(payloads).to_string();
            let slots: Vec<i64> = report.findings.iter().filter_map(|finding| finding.found.slot_id()).collect();
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

    /// The same for what is used elsewhere, and for the names and answers of webhooks.
    #[test]
    fn hostile_names_of_what_is_used_elsewhere_are_shown_as_text(
        names in proptest::collection::vec((hostile(), hostile(), hostile(), -5_i64..31), 1..60),
        webhooks in proptest::collection::vec((hostile(), hostile()), 1..8),
    ) {
        let mut report = report([certificate(1, "www.example.kr", days(3))]);
        report.findings.extend(names.iter().map(|(name, domain, issuer, left)| elsewhere(name, domain, issuer, *left)));
        let report = report.sorted();
        let (missed, refusal) = (Missed { occasion: Occasion::Summary, counted: vec![] }, Refusal::Gone);
        let error = |said: &str| chat::Error::Refused { refusal, status: 404, retry_after: None, reply: Secrets::default().words_of(said, 160) };
        let named = |(name, said): &(String, String)| (cut(&one_line(name), 40), error(said));
        let webhooks: Vec<(String, chat::Error)> = webhooks.iter().map(named).collect();
        let failed = webhooks.iter().map(|(name, error)| {
            Undelivered { name, kind: Kind::Slack, error, missed: &missed, taken: Taken::default() }
        });
        let notice = notice(&failed.collect::<Vec<_>>(), Language::Korean);
        for kind in RICH {
            let payloads = posted(&document(&report, ALL, Language::Korean), kind);
            prop_assert!((1..=5).contains(&payloads.len()));
            for payload in payloads.iter().chain(&posted(&notice, kind)) {
                assert_within_budgets(kind, payload);
            }
            let all = Value::from(payloads).to_string();
            let named = all.matches("인스턴스 2개에서 사용 중").count();
            let left = format!("외 {}건: ", names.len() - named.min(names.len()));
            prop_assert!(named == names.len() || all.contains(&left), "{} of {}", named, names.len());
        }
    }
}
