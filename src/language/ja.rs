//! 日本語。

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::{Advice, Group, Headline, Phrases, by_severity};
use crate::api::{self, Said};
use crate::certificate::Status;
use crate::digest::{AccountReport, Failure, Kind};
use crate::finding::{Counts, Severity, Thresholds};
use crate::http::{ConnectFault, Fault};
use crate::redact::Remote;
use crate::secrets::Problem;
use crate::webhook::{self, Refusal};
use crate::zone::Zone;

pub(super) struct Japanese;

/// `3日`、`5時間`、`1時間未満`:切り捨て。
fn span(time: TimeDelta) -> String {
    match (time.num_days().abs(), time.num_hours().abs()) {
        (0, 0) => "1時間未満".to_owned(),
        (0, hours) => format!("{hours}時間"),
        (days, _) => format!("{days}日"),
    }
}

/// タイトル用の短い名前。
fn in_short(group: Group) -> String {
    match group {
        Group::NotChecked => "確認不可".to_owned(),
        Group::Expired => "期限切れ".to_owned(),
        Group::Within(days) => format!("残り{days}日以内"),
        Group::Unused => "未使用".to_owned(),
        Group::NotRunning => "未稼働".to_owned(),
        Group::CannotBeJudged => "期限不明".to_owned(),
        Group::InProgress => "処理中".to_owned(),
        Group::Elsewhere => "Global Edge以外".to_owned(),
    }
}

impl Phrases for Japanese {
    fn title(&self, headline: &Headline<'_>) -> String {
        let failed = match headline.failed.as_slice() {
            [] => None,
            [one] => Some(format!("アカウント {one} は確認できず")),
            many => Some(format!("{}アカウントは確認できず", many.len())),
        };
        let counted = |&(group, number): &(Group, usize)| format!("{} {number}件", in_short(group));
        let mut news: Vec<String> = headline.groups.iter().map(counted).collect();
        if headline.others > 0 {
            news.push(format!("ほか{}件", headline.others));
        }
        let found = (!news.is_empty()).then(|| news.join("、"));
        let news = [failed, found].into_iter().flatten().collect::<Vec<_>>().join("。");
        if news.is_empty() && headline.checked == 0 {
            return "証明書0件：確認する証明書なし".to_owned();
        }
        let news = if news.is_empty() { "異常なし".to_owned() } else { news };
        match headline.kind {
            Kind::Sample => format!("【テスト】{news}"),
            Kind::Simulated => format!("【シミュレーション】{news}（証明書{}件を確認）", headline.checked),
            Kind::Real => format!("{news}（証明書{}件を確認）", headline.checked),
        }
    }

    fn heading(&self, group: Group) -> String {
        match group {
            Group::NotChecked => "確認できなかったもの".to_owned(),
            Group::Expired => "期限切れ".to_owned(),
            Group::Within(days) => format!("{days}日以内に期限切れ"),
            Group::Unused => "期限切れまたは間近だが未使用".to_owned(),
            Group::NotRunning => "稼働していないもの".to_owned(),
            Group::CannotBeJudged => "期限不明".to_owned(),
            Group::InProgress => "処理中".to_owned(),
            Group::Elsewhere => "Global Edge以外で使用中（ロードバランサー、CDN+）".to_owned(),
        }
    }

    fn date(&self, time: DateTime<Utc>, zone: Zone) -> String {
        let local = zone.local(time);
        let day = ["月", "火", "水", "木", "金", "土", "日"][local.weekday().num_days_from_monday() as usize];
        format!("{}（{day}）{} {}", local.format("%Y年%-m月%-d日"), local.format("%H:%M"), zone.abbreviation(time))
    }

    fn expiry(&self, left: TimeDelta) -> String {
        if left <= TimeDelta::zero() && left.num_hours() == 0 {
            "期限切れから1時間未満".to_owned()
        } else if left <= TimeDelta::zero() {
            format!("{}前に期限切れ", span(left))
        } else if left.num_hours() > 0 {
            format!("あと{}で期限切れ", span(left))
        } else {
            "1時間以内に期限切れ".to_owned()
        }
    }

    fn dated(&self, date: &str) -> String {
        format!("、{date}")
    }

    fn readers_time(&self) -> (&'static str, &'static str) {
        ("（お手元の時刻：", "）")
    }

    fn unknown_expiry(&self, sent: Option<&str>) -> String {
        match sent {
            Some(text) => format!("期限不明：NCPが返した`{text}`は日付ではありません"),
            None => "期限不明：NCPが日付を返しませんでした".to_owned(),
        }
    }

    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String {
        let age = age.map(|age| format!("、{}経過", span(age))).unwrap_or_default();
        match status {
            Status::Ready => format!("READY（デプロイ待ち）{age}"),
            Status::Publishing => format!("PUBLISHING（デプロイ中）{age}"),
            Status::Running => format!("RUNNING（稼働中）{age}"),
            Status::Deleting => "DELETING（削除中）".to_owned(),
            Status::Deleted => "DELETED（削除済み）".to_owned(),
            Status::Undocumented(_) => format!("状態 {shown}{age}（NCPの資料にない状態）"),
            Status::Missing => "NCPが状態を返しませんでした".to_owned(),
        }
    }

    fn region(&self, region: &str) -> String {
        match region {
            "KR_JP" => "KR_JP（韓国・日本）".to_owned(),
            "KR_JP_GLOBAL" => "KR_JP_GLOBAL（韓国・日本・グローバル）".to_owned(),
            other => other.to_owned(),
        }
    }

    fn certificate(&self, name: &str) -> String {
        format!("証明書 {name}")
    }

    fn slot(&self, slot_id: i64) -> String {
        format!("スロット {slot_id}")
    }

    fn account(&self, name: &str) -> String {
        format!("アカウント {name}")
    }

    fn nameless(&self) -> String {
        "（ドメイン名なし）".to_owned()
    }

    fn edges(&self, number: u64, names: &[String]) -> String {
        if number == 0 {
            return "使用しているエッジなし".to_owned();
        }
        let listed = match number.saturating_sub(names.len() as u64) {
            _ if names.is_empty() => String::new(),
            0 => format!("：{}", names.join("、")),
            more => format!("：{} ほか{more}件", names.join("、")),
        };
        format!("使用中のエッジ{number}件{listed}")
    }

    fn names(&self, names: &[String], more: usize) -> String {
        let more = if more > 0 { format!(" ほか{more}件") } else { String::new() };
        format!("別名：{}{more}", names.join("、"))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!("、発行元 {issuer}")).unwrap_or_default();
        format!("有効期間は全体で{}日{issuer}", lifetime.num_days())
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("{instances}個のインスタンスが使用中、Global Edgeのスロットになし")
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("スロット {slot_id} に同じ名前の証明書があり、{date}まで有効です。エッジをそちらへ切り替えてください")
    }

    fn coverage(&self, account: &AccountReport) -> String {
        let AccountReport { name, checked, total, pages, .. } = account;
        if *total == 0 && *checked == 0 {
            return format!("証明書0件、アカウント {name}");
        }
        format!("証明書{total}件中{checked}件を確認、{pages}ページ、アカウント {name}")
    }

    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String {
        format!("証明書{checked}件、{accounts}アカウント")
    }

    fn empty_accounts(&self, names: &[&str], number: usize) -> String {
        let listed = match number - names.len() {
            0 => format!("：{}", names.join("、")),
            _ if names.is_empty() => String::new(),
            more => format!("：{} ほか{more}件", names.join("、")),
        };
        format!("証明書0件のアカウント{number}件{listed}")
    }

    fn rules(&self, thresholds: Thresholds, zone: &str) -> String {
        let Thresholds { warn_days, critical_days, shares, .. } = thresholds;
        let share = |share: Option<u8>| share.map(|share| format!("（または有効期間の{share}%）")).unwrap_or_default();
        let (warn, critical) = (share(shares.warn), share(shares.critical));
        format!("残り{warn_days}日{warn}以内で警告、{critical_days}日{critical}以内で重大 · 時刻は{zone}")
    }

    fn horizon(&self, _: bool, name: &str, date: &str) -> String {
        format!("次に期限を迎えるもの：{name}、{date}")
    }

    fn all_clear(&self, thresholds: Thresholds) -> String {
        let share = thresholds.shares.warn.map(|share| format!("（または有効期間の{share}%）")).unwrap_or_default();
        format!("すべての証明書が稼働中で、有効期限まで{}日{share}を超えています。", thresholds.warn_days)
    }

    fn nothing_there(&self) -> String {
        "確認する証明書がありません。あるはずなら、キーとNCP_API_URLが正しいアカウントのものか確認してください。"
            .to_owned()
    }

    fn left_out(&self, counts: Counts) -> String {
        format!("ここに表示していないもの：{}", self.counted(counts))
    }

    fn more(&self, counts: Counts) -> String {
        format!("ほか+{}件：{}", counts.total(), self.counted(counts))
    }

    fn sample_notice(&self) -> String {
        "これはテストです。架空の証明書による見本で、実際には何も確認していません。".to_owned()
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("シミュレーション：現在を{date}と仮定して判断しました。")
    }

    fn console_button(&self) -> String {
        "コンソールを開く".to_owned()
    }

    fn runbook_button(&self) -> String {
        "手順書を開く".to_owned()
    }

    fn severity(&self, severity: Severity) -> String {
        match severity {
            Severity::Critical => "重大",
            Severity::Warning => "警告",
            Severity::Info => "情報",
        }
        .to_owned()
    }

    fn failure(&self, failure: &Failure) -> Advice {
        let (what, fix) = match failure {
            Failure::Secret(error) => {
                let (what, fix) = secret(&error.problem);
                (format!("シークレット `{}`：{what}", error.id), fix.to_owned())
            }
            Failure::Api(error) => api(error),
            Failure::Incomplete(incomplete) => (
                format!("一覧が不完全です：{}件中{}件", incomplete.total, incomplete.checked),
                "コンソールの一覧と比べてください。続く場合は、件数と一覧が食い違う理由をNCPのサポートに問い合わせてください。".to_owned(),
            ),
        };
        Advice { what, fix }
    }

    fn undelivered_title(&self, webhooks: &[String]) -> String {
        match webhooks {
            [one] => format!("証明書の通知がWebhook {one} に届きませんでした"),
            many => format!("証明書の通知が{}件のWebhookに届きませんでした", many.len()),
        }
    }

    fn undelivered_heading(&self) -> String {
        "未達".to_owned()
    }

    fn webhook(&self, name: &str, kind: webhook::Kind) -> String {
        format!("Webhook {name}（{}）", kind.title())
    }

    fn sentences(&self, advice: &Advice) -> String {
        format!("{}。{}", advice.what, advice.fix)
    }

    fn quotes(&self) -> (char, char) {
        ('「', '」')
    }

    fn undelivered(&self, kind: webhook::Kind, failure: &webhook::Error) -> Advice {
        let fix = match (failure.refusal(), kind) {
            (Refusal::Gone, webhook::Kind::Slack) => {
                "Slackで新しいIncoming Webhookを作成し、そのURLをWebhookのシークレットに設定してください。"
            }
            (Refusal::Gone, webhook::Kind::Teams) => {
                "TeamsのWorkflowsアプリでフローが有効で、誰でもトリガーできることを確認し、現在のURLをWebhookのシークレットに設定してください。"
            }
            (Refusal::Archived, _) => {
                "チャンネルのアーカイブを解除するか、別のチャンネルのWebhookをシークレットに設定してください。"
            }
            (Refusal::Forbidden, webhook::Kind::Slack) => {
                "アプリとWebhookがチャンネルに投稿できるよう、Slackの管理者に依頼してください。"
            }
            (Refusal::Forbidden, webhook::Kind::Teams) => {
                "フローのトリガーを「全員（Anyone）」にし、新しいURLをコピーしてWebhookのシークレットに設定してください。"
            }
            (Refusal::TooLarge | Refusal::Payload, _) => "dry runの結果を添えて、不具合として報告してください。",
            (Refusal::RateLimited, _) => "このWebhookへのメッセージが多すぎます。通知専用のWebhookを用意してください。",
            (Refusal::Redirected, _) => "Webhookの最終的な転送先のURLをシークレットに設定してください。",
            (Refusal::NotAcknowledged, _) => {
                "URLがIncoming Webhookのものであること、別のものが代わりに応答していないことを確認してください。"
            }
            (Refusal::Unavailable, _) => "後で関数を再実行してください。",
            (Refusal::Unreachable, _) => "WebhookのURLと、関数からインターネットへの経路を確認してください。",
            (Refusal::Untrusted, _) => {
                "URLのホストが正しく、公的に信頼された証明書を使っていることを確認してください。"
            }
        };
        let code = match failure {
            webhook::Error::Refused { status, said, .. } => format!("HTTP {status}{}", quoted(said)),
            webhook::Error::NotAcknowledged { said } => format!("HTTP 200{}", quoted(said)),
            webhook::Error::Fault(fault) => self::fault(fault).0,
        };
        let what = match failure.refusal() {
            Refusal::Gone => "Webhookはもう存在しません",
            Refusal::Archived => "チャンネルがアーカイブされています",
            Refusal::Forbidden => "ここからのメッセージを受け付けません",
            Refusal::TooLarge => "メッセージが大きすぎます",
            Refusal::Payload => "メッセージを解釈できませんでした",
            Refusal::RateLimited => "今はこれ以上メッセージを受け付けません",
            Refusal::Redirected => "別の場所へ転送されます",
            Refusal::NotAcknowledged => "応答はありましたが、`ok`ではありません",
            Refusal::Unavailable => "サービスに問題があります",
            Refusal::Unreachable => "接続できませんでした",
            Refusal::Untrusted => "信頼できるサーバーではありません",
        };
        let what = format!("{what}（{code}）");
        Advice { what, fix: fix.to_owned() }
    }
}

impl Japanese {
    fn counted(&self, counts: Counts) -> String {
        by_severity(counts, |number, severity| format!("{}{number}件", self.severity(severity)))
    }
}

fn quoted(said: &Remote) -> String {
    if said.is_empty() { String::new() } else { format!("、`{said}`") }
}

fn said(said: &Said) -> String {
    match (said.code.is_empty(), said.text.is_empty()) {
        (true, true) => "理由の記載なし".to_owned(),
        (true, false) => format!("`{}`", said.text),
        (false, true) => format!("コード{}", said.code),
        (false, false) => format!("コード{}、`{}`", said.code, said.text),
    }
}

fn secret(problem: &Problem) -> (String, &'static str) {
    match problem {
        Problem::NotFound => {
            ("このリージョンのSecrets Managerにありません".to_owned(), "名前またはARNとリージョンを確認してください。")
        }
        Problem::AccessDenied => (
            "関数に読み取り権限がありません".to_owned(),
            "関数のロールに、このシークレットへのsecretsmanager:GetSecretValueを許可してください。",
        ),
        Problem::NotDecrypted => (
            "Secrets Managerが復号できませんでした".to_owned(),
            "関数のロールにシークレットのKMSキーへのkms:Decryptを許可し、キーが有効であることを確認してください。",
        ),
        Problem::Deleted => ("削除予定です".to_owned(), "復元するか、別のシークレットを設定してください。"),
        Problem::Unavailable(why) => (
            format!("Secrets Managerに問い合わせできませんでした：{why}"),
            "関数を再実行してください。続く場合はSecrets Managerへの経路を確認してください（VPC内の関数にはエンドポイントかNATゲートウェイが必要です）。",
        ),
        Problem::Invalid(problems) => {
            (problems.join("; "), "シークレットの値を直してください。2つの形式はREADMEにあります。")
        }
    }
}

fn api(error: &api::Error) -> (String, String) {
    let (what, fix) = match error {
        api::Error::Unauthorized { skew, said: text } => {
            let what = format!("NCPがキーを拒否しました（HTTP 401、{}）", said(text));
            if let Some(skew) = skew {
                let side = if *skew > TimeDelta::zero() { "進んで" } else { "遅れて" };
                let minutes = skew.num_minutes().abs();
                return (
                    what,
                    format!(
                        "こちらの時計がNCPより{minutes}分{side}います。5分を超えると拒否されるため、時計を合わせてください。"
                    ),
                );
            }
            (
                what,
                "シークレットのアクセスキーとシークレットキーが対であること、キーが使用中であることを確認してください。",
            )
        }
        api::Error::PermissionDenied { status, said: text } => (
            format!("NCPが権限を拒否しました（HTTP {status}、{}）", said(text)),
            "キーの所有者にGlobal Edgeの閲覧（一覧）権限を与え、アカウントがGlobal Edgeを利用中であること、キーの接続元が制限されていないことを確認してください。",
        ),
        api::Error::NotFound { said: text } => (
            format!("NCPにそのアドレスはありません（HTTP 404、{}）", said(text)),
            "NCP_API_URLまたはシークレットの`api_url`を確認してください。NCPはゾーンごとにアドレスが異なります。",
        ),
        api::Error::QuotaExceeded { said: text } => (
            format!("APIの利用枠を使い切りました（HTTP 429、{}）", said(text)),
            "NCPのAPI Gatewayで利用枠を増やすか、実行回数を減らしてください。",
        ),
        api::Error::RateLimited { said: text, .. } => (
            format!("リクエストが多すぎます（HTTP 429、{}）", said(text)),
            "別の時刻に、または回数を減らして実行してください。ほかのプログラムもこのAPIを使っています。",
        ),
        api::Error::Unavailable { status, said: text, .. } => (
            format!("NCP側に問題があります（HTTP {status}、{}）", said(text)),
            "後で関数を再実行してください。続く場合はNCPのサービス状況を確認してください。",
        ),
        api::Error::Refused { status, said: text } => (
            format!("NCPがリクエストを拒否しました（HTTP {status}、{}）", said(text)),
            "NCP_API_URLを確認してください。正しい場合はNCPのAPIが変わった可能性があるため、ncp-cert-alertの新しい版を確認してください。",
        ),
        api::Error::Malformed(why) => (
            format!("NCPの応答を読めません：{why}"),
            "NCP_API_URLを確認してください。正しい場合はNCPのAPIが変わった可能性があるため、ncp-cert-alertの新しい版を確認してください。",
        ),
        api::Error::Fault(one) => fault(one),
    };
    (what, fix.to_owned())
}

fn fault(fault: &Fault) -> (String, &'static str) {
    let network =
        "アドレスと、関数からインターネットへの経路を確認してください（VPC内の関数にはNATゲートウェイが必要です）。";
    match fault {
        Fault::TimedOut => (
            "時間内に応答がありませんでした".to_owned(),
            "関数を再実行してください。続く場合は制限時間を延ばし、インターネットへの経路を確認してください。",
        ),
        Fault::Connect(ConnectFault::Refused) => ("接続が拒否されました".to_owned(), network),
        Fault::Connect(ConnectFault::Unreachable) => ("接続できませんでした".to_owned(), network),
        Fault::Connect(ConnectFault::Untrusted) => (
            "サーバーのTLS証明書を信頼できません".to_owned(),
            "アドレスを確認してください。途中で証明書を差し替えるプロキシがあると動作しません。",
        ),
        Fault::Interrupted => (
            "応答の途中で接続が切れました".to_owned(),
            "関数を再実行してください。続く場合はインターネットへの経路を確認してください。",
        ),
        Fault::TooLarge { limit } => (
            format!("応答が{}KBを超えています", limit / 1024),
            "アドレスを確認してください。これはGlobal Edgeの応答ではありません。",
        ),
    }
}
