//! 日本語。

use chrono::{Datelike, Months, NaiveDate, TimeDelta};

use super::{
    Advice, Group, Heading, Headline, MutedName, Occasion, Reader, Taken, Words, Worst, by_severity, fields_of,
    listed_months,
};
use crate::certificate::Status;
use crate::chat::{self, Refusal};
use crate::global_edge::{self, ErrorReply};
use crate::net::http::{ConnectError, HttpError};
use crate::net::redact::Remote;
use crate::report::{AccountReport, Failure, Mode};
use crate::rules::{Counts, Severity, Thresholds};
use crate::secret_store::{self, Problem, Store, Unavailable};

pub(super) struct Japanese;

/// `3日`、`5時間`、`1時間未満`：切り捨て。
fn span(time: TimeDelta) -> String {
    match (time.num_days().abs(), time.num_hours().abs()) {
        (0, 0) => "1時間未満".to_owned(),
        (0, hours) => format!("{hours}時間"),
        (days, _) => format!("{days}日"),
    }
}

/// `a、b、c ほか2件`
fn list(names: &[impl AsRef<str>], more: usize) -> String {
    let names = names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("、");
    // 全角の括弧の後に空白は要らない。
    let blank = if names.ends_with('）') { "" } else { " " };
    if more == 0 { names } else { format!("{names}{blank}ほか{more}件") }
}

impl Japanese {
    /// タイトルに出す、最も急ぐ証明書：`【残り3日】www.example.kr`
    fn worst(&self, worst: &Worst) -> String {
        let Worst { name, group, left, .. } = worst;
        let tag = match (group, left) {
            (Group::Expired | Group::Within(_), Some(left)) if *left <= TimeDelta::zero() => "期限切れ".to_owned(),
            (Group::Expired | Group::Within(_), Some(left)) => self.expiry(*left),
            (Group::Elsewhere, Some(left)) if *left <= TimeDelta::zero() => {
                return format!("【期限切れ】{name}（Load BalancerまたはCDN+）");
            }
            (Group::Elsewhere, Some(left)) => {
                return format!("【{}】{name}（Load BalancerまたはCDN+）", self.expiry(*left));
            }
            (Group::Unused, Some(left)) if *left <= TimeDelta::zero() => "期限切れ・リンクされたエッジなし".to_owned(),
            (Group::Unused, Some(_)) => "期限間近・リンクされたエッジなし".to_owned(),
            (Group::Unused, None) => "リンクされたエッジなし".to_owned(),
            (Group::NotRunning, _) => "状態異常".to_owned(),
            (Group::InProgress, _) if worst.is_leaving => "削除中".to_owned(),
            (Group::InProgress, _) => "デプロイ中".to_owned(),
            (Group::ExpiryUnknown | Group::NotChecked | Group::NotDelivered, _) | (_, None) => "期限不明".to_owned(),
        };
        format!("【{tag}】{name}")
    }
}

impl Words for Japanese {
    fn title(&self, headline: &Headline<'_>) -> String {
        if headline.mode == Mode::Sample {
            return "【テスト】実際の問題ではありません".to_owned();
        }
        let failed = match headline.failed.as_slice() {
            [] => None,
            [one] => Some(format!("【確認失敗】アカウント {one}")),
            many => Some(format!("【確認失敗】アカウント{}件", many.len())),
        };
        let is_urgent = headline.worst.as_ref().is_some_and(|worst| worst.is_urgent);
        let rest = match (headline.urgent, headline.others) {
            (0, 0) => String::new(),
            (0, others) if is_urgent => format!(" ほか予定{others}件"),
            (0, others) => format!(" ほか{others}件"),
            (urgent, 0) => format!(" ほか緊急{urgent}件"),
            (urgent, others) => format!(" ほか緊急{urgent}件・予定{others}件"),
        };
        let worst = headline.worst.as_ref().map(|worst| self.worst(worst) + &rest);
        let news: Vec<String> = [failed, worst].into_iter().flatten().collect();
        let news = if !news.is_empty() {
            news.join("・") + if headline.is_summary { "・週次サマリー" } else { "" }
        } else if headline.checked == 0 {
            "証明書0件：アカウントをご確認ください".to_owned()
        } else {
            let clear = if headline.is_summary { "週次サマリー：異常なし" } else { "異常なし" };
            let next = headline.next.as_ref().map(|day| format!("・次の期限 {day}")).unwrap_or_default();
            if headline.is_whole {
                format!("{clear}・証明書{}件{next}", headline.checked)
            } else {
                format!("{clear}（このチャンネルの対象）{next}")
            }
        };
        if headline.mode == Mode::Simulated { format!("【シミュレーション】{news}") } else { news }
    }

    fn continued(&self, number: usize, of: usize, holds: &str) -> String {
        format!("（{number}/{of}）続き：{holds}")
    }

    fn numbered(&self, title: &str, number: usize, of: usize) -> String {
        format!("{title}（{number}/{of}）")
    }

    fn heading(&self, heading: Heading, count: usize) -> String {
        let text = match heading {
            Heading::NotChecked => "確認失敗".to_owned(),
            Heading::ActToday => "本日対応".to_owned(),
            Heading::Within(days) => format!("残り{days}日以内"),
            Heading::NotRunning => "状態異常".to_owned(),
            Heading::ExpiryUnknown => "期限不明".to_owned(),
            Heading::Unused => return format!("期限切れ・間近（リンクされたエッジなし、{count}件）"),
            Heading::InProgress => "デプロイ・削除の処理中".to_owned(),
            Heading::Elsewhere => "Global Edge以外：Load Balancer、CDN+".to_owned(),
            Heading::NotDelivered => "送信失敗".to_owned(),
        };
        format!("{text}（{count}件）")
    }

    fn counted(&self, group: Group, count: usize) -> String {
        match group {
            Group::NotChecked => format!("確認失敗{count}件"),
            Group::Expired => format!("期限切れ{count}件"),
            Group::Within(days) => format!("残り{days}日以内{count}件"),
            Group::Unused => format!("リンクされたエッジなし{count}件"),
            Group::NotRunning => format!("状態異常{count}件"),
            Group::ExpiryUnknown => format!("期限不明{count}件"),
            Group::InProgress => format!("処理中{count}件"),
            Group::Elsewhere => format!("Global Edge以外{count}件"),
            Group::NotDelivered => format!("送信失敗{count}件"),
        }
    }

    fn comma(&self) -> &'static str {
        "、"
    }

    fn dot(&self) -> &'static str {
        "・"
    }

    fn colon(&self) -> &'static str {
        "："
    }

    fn dash(&self) -> &'static str {
        "："
    }

    fn bracketed(&self, text: &str) -> String {
        format!("（{text}）")
    }

    fn moment(&self, day: &str, time: &str) -> String {
        // 全角の括弧の後に空白は要らない。
        format!("{day}{}{time}", if day.ends_with('）') { "" } else { " " })
    }

    fn day(&self, day: NaiveDate, with_year: bool) -> String {
        if with_year {
            return day.format("%Y年%-m月%-d日").to_string();
        }
        let weekday = ["月", "火", "水", "木", "金", "土", "日"][day.weekday().num_days_from_monday() as usize];
        format!("{}（{weekday}）", day.format("%-m月%-d日"))
    }

    fn expiry(&self, left: TimeDelta) -> String {
        match (left > TimeDelta::zero(), left.num_hours()) {
            (true, _) => format!("残り{}", span(left)),
            (false, 0) => "期限切れから1時間未満".to_owned(),
            (false, _) => format!("{}前に期限切れ", span(left)),
        }
    }

    fn dated(&self, date: &str) -> String {
        format!("・{date}")
    }

    fn readers_time(&self) -> (&'static str, &'static str) {
        ("（現地時刻：", "）")
    }

    fn marked_new(&self, news: &str) -> String {
        format!("新規・{news}")
    }

    fn unknown_expiry(&self, sent: Option<&str>) -> String {
        match sent {
            Some(text) => format!("期限不明：日付ではない値`{text}`"),
            None => "期限不明：NCPから日付が返されていません".to_owned(),
        }
    }

    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String {
        let age = match age {
            None => String::new(),
            Some(age) if age.num_hours() == 0 => format!("、{}", span(age)),
            Some(age) => format!("、{}経過", span(age)),
        };
        match status {
            Status::Ready => format!("READY（待機）{age}"),
            Status::Publishing => format!("PUBLISHING（デプロイ中）{age}"),
            Status::Running => format!("RUNNING（運用中）{age}"),
            Status::Deleting => "DELETING（削除中）".to_owned(),
            Status::Deleted => "DELETED（削除完了）".to_owned(),
            Status::Undocumented(_) => format!("状態 {shown}（NCPのドキュメントにない状態）{age}"),
            Status::Missing => "NCPから状態が返されていません".to_owned(),
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
            return "リンクされたエッジなし".to_owned();
        }
        let more = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(names.len());
        match (names, more) {
            ([], _) => format!("エッジ{number}件"),
            // 名前がすべて並ぶので、件数は要らない。
            (names, 0) => format!("エッジ {}", list(names, 0)),
            (names, more) => format!("エッジ{number}件：{}", list(names, more)),
        }
    }

    fn names(&self, names: &[String], more: usize) -> String {
        format!("追加ドメイン {}", list(names, more))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!("、発行者 {issuer}")).unwrap_or_default();
        format!("有効期間は全{}{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("インスタンス{instances}件で使用中、Global Edgeのスロットなし")
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("スロット {slot_id} の同名の証明書は{date}まで有効です。エッジをこのスロットに切り替えてください。")
    }

    fn renewed(&self, name: &str, date: &str) -> String {
        format!("更新済み：{name}（{date}まで）")
    }

    fn lasts(&self, name: &str, date: &str) -> String {
        format!("{name}（{date}まで）")
    }

    fn and_more(&self, more: usize) -> String {
        format!("ほか{more}件")
    }

    fn deployed_heading(&self, count: usize) -> String {
        format!("直近7日間のデプロイ（{count}件）")
    }

    fn none_deployed(&self) -> String {
        "デプロイなし".to_owned()
    }

    fn outlook_heading(&self) -> String {
        "今後3か月の期限切れ予定".to_owned()
    }

    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String {
        let month = month.format("%-m月");
        if count == 0 {
            return format!("{month}：なし");
        }
        format!("{month}：{count}件（{}）", list(names, count - names.len()))
    }

    fn how_to_renew(&self) -> &'static str {
        "更新手順：Certificate Managerに証明書を登録 → Global Edge > Certificate Provisioning > スロットを選択 > \
         ［証明書アップデート］"
    }

    fn muted(&self, names: &[MutedName], more: usize) -> String {
        let name = |one: &MutedName| match one.why.as_str() {
            "" => format!("{}（{}まで）", one.name, one.until),
            why => format!("{}（{}まで：{why}）", one.name, one.until),
        };
        format!("ミュート中：{}", list(&names.iter().map(name).collect::<Vec<_>>(), more))
    }

    fn mutes_ended(&self, what: &[String], more: usize) -> String {
        format!("終了したミュート：{}。Webhookのシークレットから削除してください。", list(what, more))
    }

    fn mutes_idle(&self, what: &[String], more: usize) -> String {
        format!(
            "該当する通知がないミュート：{}。Webhookのシークレットから削除するか、修正してください。",
            list(what, more)
        )
    }

    fn unrouted(&self) -> String {
        "担当チャンネルのないものがあるため、すべてのチャンネルに通知しています。Webhookのシークレットで、Webhookに\
         「accounts」または「names」を追加してください。"
            .to_owned()
    }

    fn coverage(&self, account: &AccountReport, is_only: bool) -> String {
        let AccountReport { name, checked, total, failure, .. } = account;
        if *total == 0 && *checked == 0 && failure.is_none() {
            return format!("証明書0件：アカウント {name}");
        }
        let account = if is_only { String::new() } else { format!("・アカウント {name}") };
        if checked == total {
            return format!("証明書{checked}件を確認{account}");
        }
        format!("証明書{total}件中{checked}件を確認{account}")
    }

    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String {
        format!("アカウント{accounts}件の証明書{checked}件を確認")
    }

    fn empty_accounts(&self, names: &[&str], more: usize) -> String {
        format!("証明書0件：アカウント {}", list(names, more))
    }

    fn rules(&self, thresholds: Thresholds, zone: &str) -> String {
        let Thresholds { warn_days, critical_days, shares, .. } = thresholds;
        let share = |share: Option<u8>| share.map(|share| format!("（または有効期間の{share}%）")).unwrap_or_default();
        let critical = match critical_days {
            0 => "期限切れで緊急".to_owned(),
            days => format!("{days}日{}以内で緊急", share(shares.critical)),
        };
        format!("残り{warn_days}日{}以内で警告、{critical}・時刻は{zone}", share(shares.warn))
    }

    fn horizon(&self, after: bool, name: &str, date: &str) -> String {
        format!("{}期限：{name}、{date}", if after { "その次の" } else { "次の" })
    }

    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String {
        let Thresholds { warn_days, shares, .. } = thresholds;
        let share = shares.warn.map(|share| format!("（または有効期間の{share}%）")).unwrap_or_default();
        let but = if is_whole {
            ""
        } else {
            "ミュート中または他のチャンネルのみに通知する証明書を除き、"
        };
        format!("{but}すべての証明書が運用中で、有効期限まで{warn_days}日{share}を超えています。")
    }

    fn nothing_there(&self, reader: Reader) -> String {
        let keys = match reader {
            Reader::Operator => "キーとNCP_API_URLが正しいアカウントのものか",
            Reader::Terminal => "NCLOUD_ACCESS_KEY、NCLOUD_SECRET_KEY、NCP_API_URLが正しいアカウントの値か",
        };
        format!("確認する証明書がありません。本来あるはずの場合は、{keys}確認してください。")
    }

    fn left_out(&self, counts: Counts) -> String {
        format!("このチャンネルでは省略：{}", self.by_severity(counts))
    }

    fn older(&self, counts: Counts) -> String {
        format!("以前からの{}：週次サマリーに掲載", self.by_severity(counts))
    }

    fn more(&self, counts: Counts, months: &[(NaiveDate, usize)]) -> String {
        let (listed, behind) = listed_months(months);
        let undated = counts.total() - months.iter().map(|(_, number)| number).sum::<usize>();
        // 1年以内なら月だけで足りる。
        let plain = listed.first().and_then(|(first, _)| first.checked_add_months(Months::new(12)));
        let mut months: Vec<String> = listed
            .iter()
            .map(|(month, number)| {
                let form = if plain.is_some_and(|end| *month < end) { "%-m月" } else { "%Y年%-m月" };
                format!("{}{number}件", month.format(form))
            })
            .collect();
        months.extend((behind > 0).then(|| format!("以降{behind}件")));
        months.extend((undated > 0 && !months.is_empty()).then(|| format!("期限不明{undated}件")));
        let months =
            if months.is_empty() { String::new() } else { format!("・月別の期限：{}", months.join("、")) };
        format!("ほか{}件：{}{months}", counts.total(), self.by_severity(counts))
    }

    fn sample_notice(&self) -> String {
        "これはテストです。架空の証明書による見本で、実際には何も確認していません。".to_owned()
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("シミュレーション：{date}時点として判断しました。")
    }

    fn console_button(&self) -> String {
        "コンソールを開く".to_owned()
    }

    fn runbook_button(&self) -> String {
        "手順書を開く".to_owned()
    }

    fn severity(&self, severity: Severity) -> String {
        match severity {
            Severity::Critical => "緊急",
            Severity::Warning => "警告",
            Severity::Info => "情報",
        }
        .to_owned()
    }

    fn failure(&self, failure: &Failure, reader: Reader) -> Advice {
        let (what, fix) = match failure {
            Failure::Secret(error) => return self.secret(error),
            Failure::Api(error) => (api_error(error), api_fix(error, reader)),
            Failure::Incomplete(incomplete) => {
                let (checked, total) = (incomplete.checked, incomplete.total);
                let why = match incomplete.unreadable {
                    0 if checked >= total => "（読み取り中に一覧が変化）".to_owned(),
                    0 => String::new(),
                    rows => format!("（読み取れない行{rows}件）"),
                };
                (
                    format!("一覧が不完全です：{total}件中{checked}件{why}"),
                    "コンソールの一覧と比較してください。続く場合は、件数と一覧が異なる理由をNCPのサポートに問い合わせてください。"
                        .to_owned(),
                )
            }
        };
        Advice { what, fix }
    }

    fn secret(&self, error: &secret_store::Error) -> Advice {
        let store = error.store();
        let (what, fix) = secret(&error.problem, store);
        Advice { what: format!("{}`{}`：{what}", kept_in(store), error.id), fix }
    }

    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String {
        let (channels, behind) = match webhooks {
            [one] => (format!(" {one} "), format!("（{counted}）")),
            many => {
                let (named, rest) = many.split_at(many.len().min(3));
                (format!("{}件", many.len()), format!("：{}", list(named, rest.len())))
            }
        };
        let what = match occasion {
            Occasion::Digest => "本日の通知",
            Occasion::Summary => "今週のサマリー",
            // 届かなかった知らせはないので、伝えることもない。
            Occasion::Sample => {
                let named = if webhooks.len() == 1 { "" } else { &behind };
                return format!("チャンネル{channels}にテストを送信できませんでした{named}");
            }
        };
        let part = if is_partial { "の一部" } else { "" };
        format!("チャンネル{channels}に{what}{part}を送信できませんでした{behind}。担当者に伝えてください。")
    }

    fn others_undelivered(&self) -> Advice {
        Advice {
            what: "同じく送信できませんでした".to_owned(), fix: "理由は関数のログを確認してください。".to_owned()
        }
    }

    fn channels(&self, names: &[String]) -> String {
        list(names, 0)
    }

    fn webhook(&self, name: &str, kind: chat::Kind) -> String {
        format!("チャンネル {name}（{}）", kind.title())
    }

    fn clear_in_short(&self) -> &'static str {
        "異常なし"
    }

    fn missed(&self, occasion: Occasion, taken: Taken, counted: &str) -> String {
        let what = if occasion == Occasion::Summary { "週次サマリー" } else { "証明書の通知" };
        match taken {
            Taken { messages, of } if taken.is_partial() => {
                format!("{what}のメッセージ{of}件のうち{messages}件のみ送信：{counted}")
            }
            _ => format!("送信できなかった{what}：{counted}"),
        }
    }

    fn sentences(&self, sentences: &[&str]) -> String {
        let Some((last, before)) = sentences.split_last() else { return String::new() };
        let before = before.iter().map(|one| format!("{}。", one.trim_end_matches('。')));
        before.collect::<String>() + last
    }

    fn quotes(&self) -> (char, char) {
        ('「', '」')
    }

    fn undelivered(&self, kind: chat::Kind, failure: &chat::Error, reader: Reader) -> Advice {
        let place = match reader {
            Reader::Operator => "Webhookのシークレットに",
            Reader::Terminal => "WEBHOOK_URLに",
        };
        let fix = match (failure.refusal(), kind) {
            (Refusal::Gone, chat::Kind::Slack) => {
                format!("Slackで新しいIncoming Webhookを作成し、そのURLを{place}設定してください。")
            }
            (Refusal::Gone, chat::Kind::Teams) => format!(
                "TeamsのWorkflowsアプリでフローが有効で、誰でもトリガーできることを確認し、現在のURLを{place}設定してください。"
            ),
            (Refusal::Gone, chat::Kind::LineWorks) => format!(
                "Incoming WebhookアプリでURLを再発行し、Botがトークルームにいることを確認してから、URLを{place}設定してください。"
            ),
            (Refusal::Gone, chat::Kind::Jandi) => {
                format!("JANDIで新しいIncoming Webhookを作成し、そのURLを{place}設定してください。")
            }
            (Refusal::Gone, chat::Kind::Dooray) => {
                format!("Dooray!メッセンジャーで新しいIncoming連携を作成し、そのURLを{place}設定してください。")
            }
            (Refusal::Gone, chat::Kind::Json) => {
                format!("中継サーバーのURLを確認し、正しいURLを{place}設定してください。")
            }
            (Refusal::Archived, _) => {
                format!("チャンネルのアーカイブを解除するか、別のチャンネル用のURLを{place}設定してください。")
            }
            (Refusal::Forbidden, chat::Kind::Slack) => {
                "アプリとWebhookがチャンネルに投稿できるよう、Slackの管理者に依頼してください。".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Teams) => {
                format!("フローのトリガーを`Anyone`（全員）に変更し、新しいURLをコピーして{place}設定してください。")
            }
            (Refusal::Forbidden, chat::Kind::LineWorks) => {
                "管理者にIncoming Webhookアプリの許可を依頼し、Botがトークルームにいることを確認してください。"
                    .to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Jandi | chat::Kind::Dooray) => {
                "このルームでWebhookを使えるよう管理者に依頼するか、新しいWebhookを作成してください。".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Json) => {
                "中継サーバーが求める認証を確認してください。リクエストが拒否されました。".to_owned()
            }
            (Refusal::TooLarge | Refusal::Payload, chat::Kind::Json) => {
                "中継サーバーがドキュメントの形式（version 1）に対応しているか確認してください。".to_owned()
            }
            (Refusal::TooLarge | Refusal::Payload, _) => {
                "dry runの結果を添えて、不具合として報告してください。".to_owned()
            }
            (Refusal::RateLimited, _) => "証明書の通知専用のWebhookを用意してください。".to_owned(),
            (Refusal::Redirected, _) => format!("最終的なリダイレクト先のURLを{place}設定してください。"),
            (
                Refusal::NotAcknowledged | Refusal::Declined,
                chat::Kind::LineWorks | chat::Kind::Jandi | chat::Kind::Dooray,
            ) => "チャットの設定でWebhookを確認し、URLが途中で切れていないか確認してください。".to_owned(),
            (Refusal::NotAcknowledged | Refusal::Declined, _) => {
                "Incoming WebhookのURLであること、別のサーバーが代わりに応答していないことを確認してください。"
                    .to_owned()
            }
            (Refusal::Unavailable, _) => match reader {
                Reader::Operator => "時間をおいて関数を再実行してください。".to_owned(),
                Reader::Terminal => "時間をおいて再度お試しください。".to_owned(),
            },
            (Refusal::Unreachable, _) => match reader {
                Reader::Operator => "WebhookのURLと、関数からのインターネット接続を確認してください。".to_owned(),
                Reader::Terminal => "WebhookのURLとインターネット接続を確認してください。".to_owned(),
            },
            (Refusal::Untrusted, _) => {
                "URLのホストが正しく、公的に信頼された証明書を使用していることを確認してください。".to_owned()
            }
        };
        let what = match failure.refusal() {
            Refusal::Gone => "Webhookが削除されたか無効です",
            Refusal::Archived => "チャンネルがアーカイブされています",
            Refusal::Forbidden => "投稿する権限がありません",
            Refusal::TooLarge => "メッセージが大きすぎます",
            Refusal::Payload => "メッセージの形式が拒否されました",
            Refusal::RateLimited => "メッセージが多く、一時的に制限されています",
            Refusal::Redirected => "別のアドレスへリダイレクトされます",
            Refusal::NotAcknowledged if kind == chat::Kind::Slack => "応答はありましたが`ok`ではありません",
            Refusal::NotAcknowledged => "応答はありましたが受信の確認ではありません",
            Refusal::Declined => "応答はありましたがメッセージは拒否されました",
            Refusal::Unavailable => "サービスに障害が発生しています",
            // 原因がそのまま一文になる。
            Refusal::Unreachable | Refusal::Untrusted => return Advice { what: code(failure), fix },
        };
        Advice { what: format!("{what}（{}）", code(failure)), fix }
    }
}

impl Japanese {
    fn by_severity(&self, counts: Counts) -> String {
        by_severity(counts, self.comma(), |number, severity| format!("{}{number}件", self.severity(severity)))
    }
}

fn code(failure: &chat::Error) -> String {
    let quoted = |reply: &Remote| if reply.is_empty() { String::new() } else { format!("、`{reply}`") };
    match failure {
        chat::Error::Refused { status, reply, .. } => format!("HTTP {status}{}", quoted(reply)),
        chat::Error::NotAcknowledged { reply } | chat::Error::Declined { reply, .. } => {
            format!("HTTP 200{}", quoted(reply))
        }
        chat::Error::Http(one) => fault(one),
    }
}

fn reply(reply: &ErrorReply) -> String {
    match (reply.code.is_empty(), reply.text.is_empty()) {
        (true, true) => "理由の記載なし".to_owned(),
        (true, false) => format!("`{}`", reply.text),
        (false, true) => format!("コード{}", reply.code),
        (false, false) => format!("コード{}、`{}`", reply.code, reply.text),
    }
}

/// What a store keeps.
fn kept_in(store: Store) -> &'static str {
    match store {
        Store::SecretsManager => "シークレット",
        Store::ParameterStore => "パラメータ",
    }
}

fn secret(problem: &Problem, store: Store) -> (String, String) {
    match problem {
        Problem::NotFound => (
            format!("このリージョンの{store}に存在しません"),
            "名前またはARNとリージョンを確認してください。".to_owned(),
        ),
        Problem::AccessDenied => {
            let action = match store {
                Store::SecretsManager => "secretsmanager:GetSecretValue",
                Store::ParameterStore => "ssm:GetParameter",
            };
            (
                "関数に読み取り権限がありません".to_owned(),
                format!("関数のロールに、この{}への{action}を許可してください。", kept_in(store)),
            )
        }
        Problem::NotDecrypted => (
            format!("{store}が復号できませんでした"),
            "関数のロールに該当するKMSキーのkms:Decryptを許可し、キーが有効であることを確認してください。".to_owned(),
        ),
        Problem::Deleted => {
            ("削除予定になっています".to_owned(), "復元するか、別のシークレットを指定してください。".to_owned())
        }
        Problem::Unavailable(why) => (
            format!("{store}に接続できませんでした：{}", unavailable(why)),
            format!(
                "関数を再実行してください。続く場合は{store}への接続を確認してください（VPC内の関数にはエンドポイントか\
                 NATゲートウェイが必要です）。"
            ),
        ),
        Problem::Invalid(problems) => (
            match fields_of(problems).as_slice() {
                [] => "JSONオブジェクトではありません".to_owned(),
                fields => format!("値が正しくありません：{}", fields.join("、")),
            },
            "値を修正してください。形式はREADME、詳細はログにあります。".to_owned(),
        ),
    }
}

fn unavailable(why: &Unavailable) -> String {
    match why {
        Unavailable::Http(one) => fault(one),
        Unavailable::Code(code) => code.to_string(),
        Unavailable::Status(status) => format!("HTTP {status}"),
        Unavailable::Unreadable => "応答を読み取れません".to_owned(),
        Unavailable::NotSent => "リクエストを送信できません".to_owned(),
    }
}

fn api_error(error: &global_edge::Error) -> String {
    match error {
        global_edge::Error::Unauthorized { reply: text, .. } => {
            format!("NCPがキーを拒否しました（HTTP 401、{}）", reply(text))
        }
        global_edge::Error::PermissionDenied { status, reply: text } => {
            format!("権限不足で拒否されました（HTTP {status}、{}）", reply(text))
        }
        global_edge::Error::NotFound { reply: text } => {
            format!("NCPに存在しないアドレスです（HTTP 404、{}）", reply(text))
        }
        global_edge::Error::QuotaExceeded { reply: text } => {
            format!("APIの利用上限に達しました（HTTP 429、{}）", reply(text))
        }
        global_edge::Error::RateLimited { reply: text, .. } => {
            format!("リクエストが多すぎます（HTTP 429、{}）", reply(text))
        }
        global_edge::Error::Unavailable { status, reply: text, .. } => {
            format!("NCP側で障害が発生しています（HTTP {status}、{}）", reply(text))
        }
        global_edge::Error::Refused { status, reply: text } => {
            format!("NCPがリクエストを拒否しました（HTTP {status}、{}）", reply(text))
        }
        // 詳細はパーサーの英文で、ログにある。
        global_edge::Error::Malformed(_) => "NCPの応答を読み取れません".to_owned(),
        global_edge::Error::Http(one) => fault(one),
    }
}

fn api_fix(error: &global_edge::Error, reader: Reader) -> String {
    let terminal = reader == Reader::Terminal;
    let fix = match error {
        global_edge::Error::Unauthorized { skew: Some(skew), .. } => {
            let minutes = skew.num_minutes().abs();
            let side = if *skew > TimeDelta::zero() { "進んで" } else { "遅れて" };
            return if terminal {
                format!(
                    "このコンピューターの時計がNCPより{minutes}分{side}います。時計を合わせてください。5分を超えると拒否されます。"
                )
            } else {
                format!(
                    "関数側の時計がNCPより{minutes}分{side}います。5分を超えると拒否されます。続く場合はAWSに問い合わせてください。"
                )
            };
        }
        global_edge::Error::Unauthorized { skew: None, .. } if terminal => {
            "NCLOUD_ACCESS_KEYとNCLOUD_SECRET_KEYを確認してください。正しい組み合わせで、キーが有効である必要があります。"
        }
        global_edge::Error::Unauthorized { skew: None, .. } => {
            "シークレットのアクセスキーとシークレットキーが正しい組み合わせで、キーが有効であることを確認してください。"
        }
        global_edge::Error::PermissionDenied { .. } => {
            "キーの所有者にGlobal Edgeの閲覧（一覧）権限があること、アカウントがGlobal Edgeを利用中であること、キーの接続元IPが\
             制限されていないことを確認してください。"
        }
        global_edge::Error::NotFound { .. } if terminal => {
            "NCP_API_URLを確認してください。NCPはゾーンごとにアドレスが異なります。"
        }
        global_edge::Error::NotFound { .. } => {
            "NCP_API_URLまたはシークレットの`api_url`を確認してください。NCPはゾーンごとにアドレスが異なります。"
        }
        global_edge::Error::QuotaExceeded { .. } => {
            "NCPのAPI Gatewayで上限を引き上げるか、実行回数を減らしてください。"
        }
        global_edge::Error::RateLimited { .. } => {
            "実行時刻をずらすか、実行回数を減らしてください。ほかのプログラムもこのAPIを使用しています。"
        }
        global_edge::Error::Unavailable { .. } if terminal => {
            "時間をおいて再度お試しください。続く場合はNCPのサービス状況を確認してください。"
        }
        global_edge::Error::Unavailable { .. } => {
            "時間をおいて関数を再実行してください。続く場合はNCPのサービス状況を確認してください。"
        }
        global_edge::Error::Refused { .. } | global_edge::Error::Malformed(_) => {
            "NCP_API_URLを確認してください。正しい場合はNCPのAPIが変更された可能性があるため、ncp-cert-alertの\
             新しいバージョンを確認してください。"
        }
        global_edge::Error::Http(fault) => fault_fix(fault, terminal),
    };
    fix.to_owned()
}

fn fault(fault: &HttpError) -> String {
    match fault {
        HttpError::TimedOut => "制限時間内に応答がありませんでした".to_owned(),
        HttpError::Connect(ConnectError::Refused) => "接続が拒否されました".to_owned(),
        HttpError::Connect(ConnectError::Untrusted) => "サーバー証明書を信頼できません".to_owned(),
        HttpError::Connect(ConnectError::Unreachable) => "接続できませんでした".to_owned(),
        HttpError::Interrupted => "応答の途中で接続が切れました".to_owned(),
        HttpError::TooLarge { limit } => format!("応答が{} KBを超えています", limit / 1024),
    }
}

fn fault_fix(fault: &HttpError, terminal: bool) -> &'static str {
    match fault {
        HttpError::TimedOut | HttpError::Interrupted if terminal => {
            "再度お試しください。続く場合はインターネット接続を確認してください。"
        }
        HttpError::TimedOut => {
            "関数を再実行してください。続く場合は制限時間を延ばし、インターネット接続を確認してください。"
        }
        HttpError::Interrupted => "関数を再実行してください。続く場合はインターネット接続を確認してください。",
        HttpError::Connect(ConnectError::Untrusted) => {
            "NCP_API_URLを確認してください。途中で証明書を差し替えるプロキシがあると動作しません。"
        }
        HttpError::Connect(ConnectError::Refused | ConnectError::Unreachable) if terminal => {
            "NCP_API_URLとインターネット接続を確認してください。"
        }
        HttpError::Connect(ConnectError::Refused | ConnectError::Unreachable) => {
            "NCP_API_URLと、関数からのインターネット接続を確認してください（VPC内の関数にはNATゲートウェイが必要です）。"
        }
        HttpError::TooLarge { .. } => "NCP_API_URLを確認してください。Global Edgeの応答ではありません。",
    }
}
