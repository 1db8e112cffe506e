//! What people read: every message, in every language, within every budget, whatever the names in it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::{DateTime, TimeDelta, Utc};
use ncp_cert_alert::api::{self, Incomplete, Said};
use ncp_cert_alert::certificate::{Certificate, Expiry, Status};
use ncp_cert_alert::config::Settings;
use ncp_cert_alert::digest::{AccountFinding, AccountReport, Digest, Failure, Kind as DigestKind};
use ncp_cert_alert::finding::{Impact, Inventory, Severity, Thresholds};
use ncp_cert_alert::language::Language;
use ncp_cert_alert::message::{Style, compose, undelivered};
use ncp_cert_alert::webhook::{self, Kind};
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> DateTime<Utc> {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn style(language: Language) -> Style {
    let runbook_url = Some("https://wiki.example.com/certificates".parse().unwrap());
    Style::of(&Settings { language, runbook_url, ..Settings::default() })
}

fn certificate(slot_id: i64, name: &str, left: TimeDelta) -> Certificate {
    Certificate {
        slot_id,
        common_name: name.into(),
        certificate_name: format!("cert-{slot_id}").into(),
        service_region: "KR_JP".into(),
        status: Status::Running,
        expiry: Expiry::At(now() + left),
        provisioned: Some(now() - TimeDelta::days(100)),
    }
}

fn digest(certificates: impl IntoIterator<Item = Certificate>, failure: Option<Failure>) -> Digest {
    let mut inventory = Inventory::new(Thresholds::DEFAULT, now());
    inventory.extend(certificates);
    let judgement = inventory.close();
    let account = AccountReport {
        name: "prod".to_owned(),
        checked: judgement.checked,
        total: judgement.checked,
        pages: judgement.checked.div_ceil(100).max(1),
        failure,
        first_expiry: judgement.first_expiry,
        next: judgement.next,
    };
    let findings = judgement.findings.into_iter().map(|finding| AccountFinding { account: 0, finding }).collect();
    Digest {
        now: now(),
        kind: DigestKind::Real,
        thresholds: Thresholds::DEFAULT,
        accounts: vec![account],
        findings,
        elsewhere: vec![],
    }
}

/// One of everything that can be reported.
fn everything() -> Digest {
    let days = TimeDelta::days;
    let hours = TimeDelta::hours;
    let odd = |slot, name: &str, status, expiry, age| Certificate {
        status,
        expiry,
        provisioned: age,
        ..certificate(slot, name, days(90))
    };
    let later = || Expiry::At(now() + days(90));
    let mut digest = digest(
        [
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
            certificate(12, "month.example.kr", days(400)),
        ],
        None,
    );
    let impact = |edges, expiry| Impact {
        edges: Some(edges),
        edge_names: vec!["shop".into(), "api".into(), "img".into(), "video".into()],
        names: ["old.example.kr", "a.kr", "b.kr", "c.kr", "d.kr", "e.kr"].map(str::to_owned).into(),
        expiry,
        ..Impact::default()
    };
    let first = digest.findings[0].finding.clone();
    digest.findings[0].finding = first.with_impact(impact(4, None), Thresholds::DEFAULT, now());
    let third = digest.findings[2].finding.clone();
    digest.findings[2].finding = third.with_impact(impact(0, None), Thresholds::DEFAULT, now());
    digest.sort();
    digest
}

fn payloads(digest: &Digest, kind: Kind, language: Language) -> Vec<Value> {
    let view = digest.view(Severity::Info, true).unwrap();
    let payloads = kind.payloads(&compose(&view, &style(language)), Some("<!here>"));
    payloads.iter().map(|payload| serde_json::from_str(payload.body.get()).unwrap()).collect()
}

/// The text of a Slack message: all that it says, in short.
fn text(digest: &Digest, language: Language) -> String {
    let texts: Vec<String> =
        payloads(digest, Kind::Slack, language).iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect();
    texts.join("\n---\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn one_of_everything_in_english() {
    insta::assert_snapshot!(text(&everything(), Language::English), @"
    🔴 1 expired, 1 expiring within 7 days, 1 within 30 days, 8 more: 12 certificates checked
    🔴 Expired
    • old.example.kr: expired 2 days ago, Sat 21 Nov 2026 07:00 KST (slot 1)
    🔴 Within 7 days
    • *.today.example.kr: expires in 5 hours, Mon 23 Nov 2026 14:00 KST (slot 2)
    🟠 Expired or about to, but not in use
    • week.example.kr: expires in 3 days, Thu 26 Nov 2026 09:00 KST (slot 3)
    🟠 Within 30 days
    • month.example.kr: expires in 20 days, Sun 13 Dec 2026 09:00 KST (slot 4)
    🟠 Not running
    • none.example.kr: NCP sent no status (slot 7)
    • odd.example.kr: status PAUSED (not a status that NCP documents) (slot 6)
    • stuck.example.kr: PUBLISHING (being deployed) for 1 day (slot 5)
    🟠 Expiry unknown
    • unknown.example.kr: expiry unknown: NCP sent no date (slot 8)
    • unreadable.example.kr: expiry unknown: NCP sent “soon”, which is no date (slot 9)
    🔵 In progress
    • new.example.kr: READY (waits to be deployed) for less than 1 hour (slot 10)
    • (no domain name): DELETED (slot 11)
    12 of 12 certificates, 1 page, account prod
    Next to expire after these: month.example.kr, Tue 28 Dec 2027 09:00 KST
    Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_korean() {
    insta::assert_snapshot!(text(&everything(), Language::Korean), @"
    🔴 만료 1건, 7일 이내 만료 1건, 30일 이내 만료 1건, 그 외 8건: 인증서 12개 확인
    🔴 만료됨
    • old.example.kr: 2일 전 만료됨, 2026년 11월 21일(토) 07:00 KST (슬롯 1)
    🔴 7일 이내 만료
    • *.today.example.kr: 5시간 후 만료, 2026년 11월 23일(월) 14:00 KST (슬롯 2)
    🟠 만료(임박)되었지만 사용하는 엣지 없음
    • week.example.kr: 3일 후 만료(D-3), 2026년 11월 26일(목) 09:00 KST (슬롯 3)
    🟠 30일 이내 만료
    • month.example.kr: 20일 후 만료(D-20), 2026년 12월 13일(일) 09:00 KST (슬롯 4)
    🟠 운영 중이 아님
    • none.example.kr: NCP가 상태를 보내지 않았습니다 (슬롯 7)
    • odd.example.kr: 상태 PAUSED(NCP 문서에 없는 상태) (슬롯 6)
    • stuck.example.kr: PUBLISHING(배포 중), 1일째 (슬롯 5)
    🟠 만료일을 알 수 없음
    • unknown.example.kr: 만료일 불명: NCP가 날짜를 보내지 않았습니다 (슬롯 8)
    • unreadable.example.kr: 만료일 불명: NCP가 보낸 ‘soon’은(는) 날짜가 아닙니다 (슬롯 9)
    🔵 처리 중
    • new.example.kr: READY(배포 대기), 1시간 미만 (슬롯 10)
    • (도메인 이름 없음): DELETED(삭제됨) (슬롯 11)
    인증서 12개 중 12개 확인, 1페이지, 계정 prod
    다음 만료 예정: month.example.kr, 2027년 12월 28일(화) 09:00 KST
    30일 이내 경고, 7일 이내 위험 · 시각은 KST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn one_of_everything_in_japanese() {
    insta::assert_snapshot!(text(&everything(), Language::Japanese), @"
    🔴 期限切れ 1件、残り7日以内 1件、残り30日以内 1件、ほか8件（証明書12件を確認）
    🔴 期限切れ
    • old.example.kr: 2日前に期限切れ、2026年11月21日（土）07:00 KST (スロット 1)
    🔴 7日以内に期限切れ
    • *.today.example.kr: あと5時間で期限切れ、2026年11月23日（月）14:00 KST (スロット 2)
    🟠 期限切れまたは間近だが未使用
    • week.example.kr: あと3日で期限切れ、2026年11月26日（木）09:00 KST (スロット 3)
    🟠 30日以内に期限切れ
    • month.example.kr: あと20日で期限切れ、2026年12月13日（日）09:00 KST (スロット 4)
    🟠 稼働していないもの
    • none.example.kr: NCPが状態を返しませんでした (スロット 7)
    • odd.example.kr: 状態 PAUSED（NCPの資料にない状態） (スロット 6)
    • stuck.example.kr: PUBLISHING（デプロイ中）、1日経過 (スロット 5)
    🟠 期限不明
    • unknown.example.kr: 期限不明：NCPが日付を返しませんでした (スロット 8)
    • unreadable.example.kr: 期限不明：NCPが返した「soon」は日付ではありません (スロット 9)
    🔵 処理中
    • new.example.kr: READY（デプロイ待ち）、1時間未満経過 (スロット 10)
    • （ドメイン名なし）: DELETED（削除済み） (スロット 11)
    証明書12件中12件を確認、1ページ、アカウント prod
    次に期限を迎えるもの：month.example.kr、2027年12月28日（火）09:00 KST
    残り30日以内で警告、7日以内で重大 · 時刻はKST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn a_title_names_three_groups_and_one_that_is_left_over() {
    let stuck = |slot, expiry| Certificate {
        status: Status::Publishing,
        expiry,
        provisioned: Some(now() - TimeDelta::hours(26)),
        ..certificate(slot, "stuck.example.kr", TimeDelta::days(90))
    };
    let mut certificates: Vec<Certificate> =
        (1..).zip([-2, 3, 20]).map(|(slot, days)| certificate(slot, "www.example.kr", TimeDelta::days(days))).collect();
    certificates.push(stuck(4, Expiry::At(now() + TimeDelta::days(90))));
    let title = |certificates: &[Certificate]| {
        let text = text(&digest(certificates.to_vec(), None), Language::English);
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        title(&certificates),
        "🔴 1 expired, 1 expiring within 7 days, 1 within 30 days, 1 not running: 4 certificates checked"
    );
    certificates.push(stuck(5, Expiry::Missing));
    assert_eq!(
        title(&certificates),
        "🔴 1 expired, 1 expiring within 7 days, 1 within 30 days, 2 more: 5 certificates checked"
    );
    assert_eq!(title(&certificates[2..3]), "🟠 1 expiring within 30 days: 1 certificate checked");
}

#[test]
fn all_clear() {
    let clear = digest([certificate(1, "www.example.kr", TimeDelta::days(90))], None);
    let texts = Language::ALL.map(|language| text(&clear, language)).join("\n---\n");
    insta::assert_snapshot!(texts, @"
    ✅ All clear: 1 certificate checked
    Every certificate is running and lasts for more than 30 days.
    1 of 1 certificate, 1 page, account prod
    Next to expire: www.example.kr, Sun 21 Feb 2027 09:00 KST
    Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    ✅ 이상 없음: 인증서 1개 확인
    모든 인증서가 운영 중이며 30일 넘게 유효합니다.
    인증서 1개 중 1개 확인, 1페이지, 계정 prod
    다음 만료 예정: www.example.kr, 2027년 2월 21일(일) 09:00 KST
    30일 이내 경고, 7일 이내 위험 · 시각은 KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    ✅ 異常なし（証明書1件を確認）
    すべての証明書が稼働中で、有効期限まで30日を超えています。
    証明書1件中1件を確認、1ページ、アカウント prod
    次に期限を迎えるもの：www.example.kr、2027年2月21日（日）09:00 KST
    残り30日以内で警告、7日以内で重大 · 時刻はKST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn an_empty_account() {
    let texts = Language::ALL.map(|language| text(&digest([], None), language)).join("\n---\n");
    insta::assert_snapshot!(texts, @"
    🟠 0 certificates found
    There is nothing to check. If there should be, see that the keys and NCP_API_URL are those of the right account.
    0 certificates, account prod
    Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🟠 인증서 0개: 확인할 인증서 없음
    확인할 인증서가 없습니다. 있어야 한다면 키와 NCP_API_URL이 맞는 계정의 것인지 확인하세요.
    인증서 0개, 계정 prod
    30일 이내 경고, 7일 이내 위험 · 시각은 KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🟠 証明書0件：確認する証明書なし
    確認する証明書がありません。あるはずなら、キーとNCP_API_URLが正しいアカウントのものか確認してください。
    証明書0件、アカウント prod
    残り30日以内で警告、7日以内で重大 · 時刻はKST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn an_account_that_failed() {
    let said = Said { code: "200".into(), text: "Authentication Failed".into() };
    let failures = [
        Failure::Api(api::Error::Unauthorized { skew: None, said: said.clone() }),
        Failure::Api(api::Error::Unauthorized { skew: Some(TimeDelta::minutes(7)), said }),
        Failure::Incomplete(Incomplete { checked: 36, total: 37, unreadable: 0 }),
    ];
    let texts: Vec<String> = failures
        .into_iter()
        .flat_map(|failure| Language::ALL.map(|language| text(&digest([], Some(failure.clone())), language)))
        .collect();
    insta::assert_snapshot!(texts.join("\n---\n"), @"
    🔴 Account prod could not be checked: 0 certificates checked
    🔴 Could not be checked
    • account prod: NCP refused the keys (HTTP 401, code 200, “Authentication Failed”). Check that the access key and the secret key in the secret belong together, and that the key is in use
    Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 계정 prod 확인 실패: 인증서 0개 확인
    🔴 확인하지 못함
    • 계정 prod: NCP가 키를 거부했습니다(HTTP 401, 코드 200, ‘Authentication Failed’). 시크릿의 액세스 키와 시크릿 키가 한 쌍인지, 키가 사용 중 상태인지 확인하세요.
    30일 이내 경고, 7일 이내 위험 · 시각은 KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 アカウント prod は確認できず（証明書0件を確認）
    🔴 確認できなかったもの
    • アカウント prod: NCPがキーを拒否しました（HTTP 401、コード200、「Authentication Failed」）。シークレットのアクセスキーとシークレットキーが対であること、キーが使用中であることを確認してください。
    残り30日以内で警告、7日以内で重大 · 時刻はKST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 Account prod could not be checked: 0 certificates checked
    🔴 Could not be checked
    • account prod: NCP refused the keys (HTTP 401, code 200, “Authentication Failed”). The clock here is 7 minutes ahead of NCP's; more than 5 minutes are refused, so set the clock right
    Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 계정 prod 확인 실패: 인증서 0개 확인
    🔴 확인하지 못함
    • 계정 prod: NCP가 키를 거부했습니다(HTTP 401, 코드 200, ‘Authentication Failed’). 이쪽 시계가 NCP보다 7분 빠릅니다. 5분 넘게 차이 나면 거부되므로 시계를 맞추세요.
    30일 이내 경고, 7일 이내 위험 · 시각은 KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 アカウント prod は確認できず（証明書0件を確認）
    🔴 確認できなかったもの
    • アカウント prod: NCPがキーを拒否しました（HTTP 401、コード200、「Authentication Failed」）。こちらの時計がNCPより7分進んでいます。5分を超えると拒否されるため、時計を合わせてください。
    残り30日以内で警告、7日以内で重大 · 時刻はKST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 Account prod could not be checked: 0 certificates checked
    🔴 Could not be checked
    • account prod: incomplete listing: 36 of 37. Compare with the list in the console; if it stays so, ask NCP's support why its count differs from its list
    Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 계정 prod 확인 실패: 인증서 0개 확인
    🔴 확인하지 못함
    • 계정 prod: 목록이 완전하지 않음: 37개 중 36개. 콘솔의 목록과 비교하세요. 계속되면 개수와 목록이 다른 이유를 NCP 고객지원에 문의하세요.
    30일 이내 경고, 7일 이내 위험 · 시각은 KST (Asia/Seoul) · ncp-cert-alert VERSION
    ---
    🔴 アカウント prod は確認できず（証明書0件を確認）
    🔴 確認できなかったもの
    • アカウント prod: 一覧が不完全です：37件中36件。コンソールの一覧と比べてください。続く場合は、件数と一覧が食い違う理由をNCPのサポートに問い合わせてください。
    残り30日以内で警告、7日以内で重大 · 時刻はKST (Asia/Seoul) · ncp-cert-alert VERSION
    ");
}

#[test]
fn a_webhook_that_failed() {
    let gone = webhook::Error::Refused { status: 404, retry_after: None, said: "no_service".into() };
    let texts = Language::ALL.map(|language| {
        let notice = undelivered(&[("ops", Kind::Slack, &gone), ("web", Kind::Teams, &gone)], &style(language));
        let payloads = Kind::Slack.payloads(&notice, Some("<!here>"));
        assert_eq!(payloads.len(), 1);
        assert!(!payloads[0].body.get().contains("<!here>"), "nobody is called for a webhook");
        let body: Value = serde_json::from_str(payloads[0].body.get()).unwrap();
        let details: Vec<String> = notice.sections[0]
            .entries
            .iter()
            .map(|entry| format!("{}: {}", entry.name, entry.lines.join(" ")))
            .collect();
        format!("{}\n{}", body["text"].as_str().unwrap(), details.join("\n"))
    });
    insta::assert_snapshot!(texts.join("\n---\n"), @"
    🔴 The certificate digest did not reach 2 webhooks
    🔴 Not delivered
    • webhook ops (Slack): it does not exist any more (HTTP 404, “no_service”). Create a new incoming webhook in Slack and put its URL into the webhook secret
    • webhook web (Teams): it does not exist any more (HTTP 404, “no_service”). Open the flow in Teams' Workflows app, see that it is on and that anyone can trigger it, and put its current URL into the webhook secret
    webhook ops (Slack): Create a new incoming webhook in Slack and put its URL into the webhook secret
    webhook web (Teams): Open the flow in Teams' Workflows app, see that it is on and that anyone can trigger it, and put its current URL into the webhook secret
    ---
    🔴 인증서 알림이 웹훅 2개에 전달되지 않았습니다
    🔴 전달 실패
    • 웹훅 ops(Slack): 웹훅이 더 이상 없습니다(HTTP 404, ‘no_service’). Slack에서 새 수신 웹훅을 만들고 그 URL을 웹훅 시크릿에 넣으세요.
    • 웹훅 web(Teams): 웹훅이 더 이상 없습니다(HTTP 404, ‘no_service’). Teams의 Workflows 앱에서 흐름이 켜져 있고 누구나 트리거할 수 있는지 확인한 뒤, 현재 URL을 웹훅 시크릿에 넣으세요.
    웹훅 ops(Slack): Slack에서 새 수신 웹훅을 만들고 그 URL을 웹훅 시크릿에 넣으세요.
    웹훅 web(Teams): Teams의 Workflows 앱에서 흐름이 켜져 있고 누구나 트리거할 수 있는지 확인한 뒤, 현재 URL을 웹훅 시크릿에 넣으세요.
    ---
    🔴 証明書の通知が2件のWebhookに届きませんでした
    🔴 未達
    • Webhook ops（Slack）: Webhookはもう存在しません（HTTP 404、「no_service」）。Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。
    • Webhook web（Teams）: Webhookはもう存在しません（HTTP 404、「no_service」）。TeamsのWorkflowsアプリでフローが有効で、誰でもトリガーできることを確認し、現在のURLをWebhookのシークレットに設定してください。
    Webhook ops（Slack）: Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。
    Webhook web（Teams）: TeamsのWorkflowsアプリでフローが有効で、誰でもトリガーできることを確認し、現在のURLをWebhookのシークレットに設定してください。
    ");
}

#[test]
fn a_slack_message_as_it_is_posted() {
    let small = digest([certificate(1, "*.example.kr", TimeDelta::days(3))], None);
    let body = format!("{:#}", payloads(&small, Kind::Slack, Language::English)[0]);
    insta::assert_snapshot!(body.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    {
      "blocks": [
        {
          "text": {
            "text": "🔴 1 expiring within 7 days: 1 certificate checked",
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
                  "text": "🔴 Within 7 days",
                  "type": "text"
                }
              ],
              "type": "rich_text_section"
            },
            {
              "elements": [
                {
                  "elements": [
                    {
                      "style": {
                        "bold": true
                      },
                      "text": "*.example.kr — expires in 3 days",
                      "type": "text"
                    },
                    {
                      "text": ", Thu 26 Nov 2026 09:00 KST (your time: ",
                      "type": "text"
                    },
                    {
                      "fallback": "Thu 26 Nov 2026 09:00 KST",
                      "format": "{date_short_pretty} {time}",
                      "timestamp": 1795651200,
                      "type": "date"
                    },
                    {
                      "text": ")\nslot 1 · certificate cert-1 · KR_JP (Korea, Japan) · RUNNING for 100 days",
                      "type": "text"
                    }
                  ],
                  "type": "rich_text_section"
                }
              ],
              "style": "bullet",
              "type": "rich_text_list"
            }
          ],
          "type": "rich_text"
        },
        {
          "elements": [
            {
              "text": "1 of 1 certificate, 1 page, account prod\nWarning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION",
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
      "text": "🔴 1 expiring within 7 days: 1 certificate checked\n🔴 Within 7 days\n• *.example.kr: expires in 3 days, Thu 26 Nov 2026 09:00 KST (slot 1)\n1 of 1 certificate, 1 page, account prod\nWarning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION",
      "unfurl_links": false,
      "unfurl_media": false
    }
    "#);
}

#[test]
fn a_teams_message_as_it_is_posted() {
    let small = digest([certificate(1, "*.example.kr", TimeDelta::days(3))], None);
    let body = format!("{:#}", payloads(&small, Kind::Teams, Language::English)[0]);
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
                    "text": "🔴 1 expiring within 7 days: 1 certificate checked",
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
                "bleed": true,
                "items": [
                  {
                    "size": "Medium",
                    "text": "🔴 Within 7 days",
                    "type": "TextBlock",
                    "weight": "Bolder",
                    "wrap": true
                  },
                  {
                    "inlines": [
                      {
                        "text": "*.example.kr — expires in 3 days",
                        "type": "TextRun",
                        "weight": "Bolder"
                      },
                      {
                        "text": ", Thu 26 Nov 2026 09:00 KST",
                        "type": "TextRun"
                      }
                    ],
                    "spacing": "Small",
                    "type": "RichTextBlock"
                  },
                  {
                    "inlines": [
                      {
                        "size": "Small",
                        "text": "slot 1 · certificate cert-1 · KR_JP (Korea, Japan) · RUNNING for 100 days",
                        "type": "TextRun"
                      }
                    ],
                    "spacing": "None",
                    "type": "RichTextBlock"
                  }
                ],
                "spacing": "Medium",
                "style": "attention",
                "type": "Container"
              },
              {
                "inlines": [
                  {
                    "isSubtle": true,
                    "size": "Small",
                    "text": "1 of 1 certificate, 1 page, account prod",
                    "type": "TextRun"
                  }
                ],
                "spacing": "Medium",
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "isSubtle": true,
                    "size": "Small",
                    "text": "Warning at 30 days, critical at 7 days · times in KST (Asia/Seoul) · ncp-cert-alert VERSION",
                    "type": "TextRun"
                  }
                ],
                "spacing": "None",
                "type": "RichTextBlock"
              }
            ],
            "fallbackText": "1 expiring within 7 days: 1 certificate checked",
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
      "summary": "1 expiring within 7 days: 1 certificate checked",
      "type": "message"
    }
    "#);
}

/// Every string in a JSON value, with the key that it stands under and the type of its object.
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

/// How many characters of a limit these blocks take at most.
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
    }
}

#[test]
fn every_combination_of_kind_language_and_size_is_within_the_budgets() {
    for count in [0, 1, 6, 40, 120, 500] {
        let certificates =
            (0..count).map(|slot| certificate(slot, &format!("{slot}.shop.example.co.kr"), TimeDelta::days(slot % 30)));
        let digest = digest(certificates, None);
        for language in Language::ALL {
            for kind in Kind::ALL {
                let payloads = payloads(&digest, kind, language);
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

/// Names that mean something to someone, and long runs of what is large on the wire.
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
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever things are called: no message outgrows its budget, mentions anyone, makes a link or opens a template; nothing is
    /// lost, and what is worse stands before what is better.
    #[test]
    fn hostile_names_are_shown_as_text(
        names in proptest::collection::vec((hostile(), hostile(), hostile(), hostile(), -5_i64..40, any::<bool>()), 1..60),
        account in hostile(),
    ) {
        let certificates = names.iter().zip(1..).map(|((name, other, region, status, left, running), slot)| Certificate {
            certificate_name: other.into(),
            service_region: region.into(),
            status: if *running { Status::Running } else { Status::new(status) },
            ..certificate(slot, name, TimeDelta::days(*left))
        });
        let mut digest = digest(certificates, None);
        // What a secret calls an account was made fit to be shown when it was read.
        digest.accounts[0].name = ncp_cert_alert::untrusted::cut(&ncp_cert_alert::untrusted::one_line(&account), 40);
        for (one, (name, other, ..)) in digest.findings.iter_mut().zip(&names) {
            let impact = Impact { edges: Some(7), edge_names: vec![name.clone(); 5], names: vec![other.clone(); 5], ..Impact::default() };
            one.finding = one.finding.clone().with_impact(impact, Thresholds::DEFAULT, now());
        }
        digest.sort();
        prop_assume!(!digest.findings.is_empty());
        for kind in Kind::ALL {
            let payloads = payloads(&digest, kind, Language::Korean);
            prop_assert!((1..=5).contains(&payloads.len()));
            for payload in &payloads {
                    assert_within_budgets(kind, payload);
                }
            let all = Value::from(payloads).to_string();
            let slots: Vec<i64> = digest.findings.iter().map(|one| one.finding.certificate.slot_id).collect();
            let places: Vec<Option<usize>> = slots.iter().map(|slot| {
                [" ", ")", "\"", "\\"].iter().filter_map(|end| all.find(&format!("슬롯 {slot}{end}"))).min()
            }).collect();
            let told = places.iter().take_while(|place| place.is_some()).count();
            prop_assert!(places[told..].iter().all(Option::is_none), "only the end is cut");
            if told < slots.len() {
                let left = format!("+{}건 더 있음", slots.len() - told);
                prop_assert!(all.contains(&left), "{}", left);
            }
        }
    }
}
