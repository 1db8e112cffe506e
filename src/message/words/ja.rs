//! 日本語。

mod failure;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::{Group, Headline, MutedName, Occasion, Taken, Texts, Words, Worst};
use crate::certificate::Status;
use crate::chat::Kind;
use crate::rules::served::Remark;
use crate::rules::{Severity, Thresholds};

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

impl Words for Japanese {
    fn texts(&self) -> &'static Texts {
        &Texts {
            comma: "、",
            dot: "・",
            colon: "：",
            full_stop: "。",
            quotes: ('「', '」'),
            sample_title: "【テスト】実際の問題ではありません",
            no_account_title: "このチャンネルに指定されたアカウントがありません",
            empty_title: "証明書0件：アカウントをご確認ください",
            weekly_summary: "週次サマリー",
            clear_in_short: "異常なし",
            nameless: "（ドメイン名なし）",
            unused: "使用中のエッジなし",
            none_deployed: "デプロイなし",
            outlook: "上記以外で期限を迎える証明書（月別）",
            how_to_renew: "更新手順：Certificate Managerに新しい証明書を登録 → Global Edge > Certificate Provisioning > 証明書名を選択 > \
                           ［証明書アップデート］",
            how_to_unstick: "デプロイ未完了：ステータスが変わらない場合は、スロット番号を添えてNCPのサポートに問い合わせてください。",
            how_to_serve: "このドメインのDNSの向き先と、エッジが使用しているスロットを確認してください。",
            unrouted: "どのWebhookのルーティングにも該当しないものがあるため、すべてのチャンネルに通知しています。Webhookの\
                       シークレットで、Webhookに「accounts」または「names」を追加してください。",
            nothing_there: "確認する証明書がありません。本来あるはずの場合は、キーとNCP_API_URLが正しいアカウントのものか\
                            確認してください。",
            sample_notice: "テスト用に架空の証明書を使ったサンプルです。実際の確認はしていません。",
            console_button: "コンソールを開く",
            runbook_button: "手順書を開く",
        }
    }

    fn accounts_failed(&self, names: &[&str]) -> String {
        match names {
            [name] => format!("【確認不可】アカウント {name}"),
            many => format!("【確認不可】アカウント{}件", many.len()),
        }
    }

    fn worst(&self, worst: &Worst) -> String {
        let Worst { name, group, left } = worst;
        let aside = match group {
            Group::Unused => "・使用中のエッジなし",
            Group::Elsewhere => "・Global Edge以外",
            Group::ServedEnds => "・配信中",
            Group::ServedOlder => return format!("【{}】{name}", self.group(*group)),
            _ => "",
        };
        let tag = match left.filter(|_| group.is_by_expiry()) {
            Some(left) if left > TimeDelta::zero() => format!(" {}", self.expiry(left)),
            Some(_) => "期限切れ".to_owned(),
            None => self.group(*group),
        };
        format!("【証明書{tag}{aside}】{name}")
    }

    fn beside_the_worst(&self, urgent: usize, others: usize) -> String {
        match (urgent, others) {
            (0, 0) => String::new(),
            (0, others) => format!("・その他{others}件"),
            (urgent, 0) => format!(" ほか緊急{urgent}件"),
            (urgent, others) => format!(" ほか緊急{urgent}件・その他{others}件"),
        }
    }

    fn clear_title(&self, headline: &Headline<'_>) -> String {
        let clear = if headline.is_summary { "週次サマリー：異常なし" } else { "異常なし" };
        let next = headline.next.as_ref().map(|day| format!("・次の期限 {day}")).unwrap_or_default();
        if headline.is_whole {
            format!("{clear}・証明書{}件{next}", headline.checked)
        } else {
            format!("{clear}（このチャンネルの対象）{next}")
        }
    }

    fn simulated_title(&self, news: &str) -> String {
        format!("【シミュレーション】{news}")
    }

    fn continued(&self, number: usize, of: usize, holds: &str) -> String {
        format!("（{number}/{of}）続き：{holds}")
    }

    fn numbered(&self, title: &str, number: usize, of: usize) -> String {
        format!("{title}（{number}/{of}）")
    }

    fn group(&self, group: Group) -> String {
        match group {
            Group::NotChecked => "確認不可".to_owned(),
            Group::Urgent => "至急対応".to_owned(),
            Group::Expired => "期限切れ".to_owned(),
            Group::Within(days) => format!("残り{days}日以内"),
            Group::Stuck => "デプロイ未完了".to_owned(),
            Group::UnknownStatus => "ステータス異常".to_owned(),
            Group::ExpiryUnknown => "期限不明".to_owned(),
            Group::InProgress => "デプロイ・削除の処理中".to_owned(),
            Group::Unused => "期限切れ・期限間近だが使用中のエッジなし".to_owned(),
            Group::Elsewhere => "Global Edge以外のLoad Balancerなど".to_owned(),
            Group::ServedEnds => "配信中の証明書が期限切れ・期限間近".to_owned(),
            Group::ServedOlder => "古い証明書を配信中".to_owned(),
            Group::NotDelivered => "送信失敗".to_owned(),
        }
    }

    fn heading(&self, group: Group, count: usize) -> String {
        format!("{}（{count}件）", self.group(group))
    }

    fn counted(&self, group: Group, count: usize) -> String {
        format!("{}{count}件", self.group(group))
    }

    fn bracketed(&self, text: &str) -> String {
        format!("（{text}）")
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
            Some(age) if age.num_hours() == 0 => format!("、開始から{}", span(age)),
            Some(age) => format!("、開始から{}経過", span(age)),
        };
        match status {
            Status::Ready => format!("READY（デプロイ待ち）{age}"),
            Status::Publishing => format!("PUBLISHING（デプロイ中）{age}"),
            Status::Running => format!("RUNNING（稼働中）{age}"),
            Status::Deleting => "DELETING（削除中）".to_owned(),
            Status::Deleted => "DELETED（削除済み）".to_owned(),
            Status::Undocumented(_) => format!("不明なステータス {shown}{age}"),
            Status::Missing => "NCPからステータスが返されていません".to_owned(),
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

    fn edges(&self, number: u64, names: &[String]) -> String {
        let more = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(names.len());
        let listed = if names.is_empty() { String::new() } else { format!("：{}", list(names, more)) };
        format!("使用中のエッジ{number}件{listed}")
    }

    fn names(&self, names: &[String], more: usize) -> String {
        format!("その他のドメイン（SAN）：{}", list(names, more))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!("、発行者 {issuer}")).unwrap_or_default();
        format!("有効期間は全{}{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("インスタンス{instances}件で使用中、Global Edgeのスロットなし")
    }

    fn used_behind_no_edge(&self, instances: Option<usize>) -> String {
        match instances {
            Some(instances) => format!("使用中のエッジなし、Certificate Managerではインスタンス{instances}件で使用中"),
            None => "使用中のエッジなし、Certificate Managerは確認不可".to_owned(),
        }
    }

    fn served_ends(&self, left: TimeDelta) -> String {
        format!("実際に配信中の証明書は{}", self.expiry(left))
    }

    fn served_older(&self, until: &str) -> String {
        format!("古い証明書がまだ配信中（{until}まで有効）")
    }

    fn seen(&self, hosts: &[&str], more: usize, region: Option<&str>) -> String {
        let hosts = if hosts.is_empty() { String::new() } else { format!("{}、", list(hosts, more)) };
        format!("{hosts}{}から確認", region.unwrap_or("この端末"))
    }

    fn slot_lasts(&self, date: &str) -> String {
        format!("スロットの証明書は{date}まで有効")
    }

    fn looked(&self, tried: usize, remarks: &[(Remark, usize)]) -> String {
        let remarks: Vec<String> = remarks.iter().map(|(remark, count)| self.remark(*remark, *count)).collect();
        let remarks = if remarks.is_empty() { String::new() } else { format!("：{}", remarks.join("、")) };
        format!("ホスト{tried}件に接続して確認{remarks}")
    }

    fn remark(&self, remark: Remark, count: usize) -> String {
        format!("{}{count}件", self.host_remark(remark))
    }

    fn host_remark(&self, remark: Remark) -> &'static str {
        match remark {
            Remark::OtherName => "別の名前の証明書",
            Remark::UnknownIssuer => "不明な発行者または不完全なチェーン",
            Remark::NoAnswer => "応答なし",
            Remark::NotFound => "アドレスなし",
            Remark::NotPublic => "パブリックアドレスなし",
            Remark::NoTls => "TLS 1.2・1.3に未対応",
            Remark::Unconfirmed => "再確認で結果が相違",
            Remark::NotLooked => "未確認",
            Remark::NoSlot => "該当するRUNNINGスロットなし",
        }
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("スロット {slot_id} に{date}まで有効な証明書あり。エッジを切り替えてください。")
    }

    fn lasts(&self, name: &str, date: &str) -> String {
        format!("{name}（{date}まで）")
    }

    fn and_more(&self, more: usize) -> String {
        format!("ほか{more}件")
    }

    fn lines_dropped(&self, lines: usize) -> String {
        format!("ほか{lines}行省略（メッセージの長さ制限）")
    }

    fn renewed_heading(&self, count: usize) -> String {
        format!("更新済み（{count}件）")
    }

    fn deployed_heading(&self, count: usize) -> String {
        format!("直近7日間のデプロイ（{count}件）")
    }

    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String {
        let month = month.format("%Y年%-m月");
        if count == 0 {
            return format!("{month}：なし");
        }
        format!("{month}：{count}件（{}）", list(names, count - names.len()))
    }

    fn old_tls(&self, count: usize, names: &[String]) -> String {
        format!("TLS 1.0または1.1をまだ許可（{count}件）：{}", list(names, count - names.len()))
    }

    fn muted_name(&self, muted: &MutedName) -> String {
        let MutedName { name, until, why } = muted;
        if why.is_empty() { format!("{name}（{until}まで）") } else { format!("{name}（{until}まで：{why}）") }
    }

    fn was_muted(&self, until: &str, why: &str) -> String {
        let why = if why.is_empty() { String::new() } else { format!("：{why}") };
        format!("ミュート中だったが（{until}まで{why}）、緊急になったため通知")
    }

    fn muted(&self, names: &[String], more: usize) -> String {
        format!("ミュート中：{}", list(names, more))
    }

    fn unknown_labels(&self, labels: &[String], more: usize) -> String {
        let labels = list(labels, more);
        format!(
            "このチャンネルに指定されたが存在しないアカウント：{labels}。Webhookのシークレットの「accounts」を修正してください。"
        )
    }

    fn mutes_ended(&self, what: &[String], more: usize) -> String {
        format!("終了したミュート：{}。Webhookのシークレットから削除してください。", list(what, more))
    }

    fn mutes_idle(&self, what: &[String], more: usize) -> String {
        format!("対象のないミュート：{}。Webhookのシークレットで削除または修正してください。", list(what, more))
    }

    fn checked(&self, checked: u64, of: Option<u64>, account: Option<&str>) -> String {
        let account = account.map(|account| format!("・アカウント {account}")).unwrap_or_default();
        match of {
            Some(total) => format!("証明書{total}件中{checked}件を確認{account}"),
            None => format!("証明書{checked}件を確認{account}"),
        }
    }

    fn checked_in_many(&self, checked: u64, accounts: usize) -> String {
        format!("アカウント{accounts}件の証明書{checked}件を確認")
    }

    fn no_certificates(&self, accounts: &[&str], more: usize) -> String {
        format!("証明書0件：アカウント {}", list(accounts, more))
    }

    fn without_details(&self, count: usize, why: &str) -> String {
        format!("証明書{count}件は詳細を確認できず：{why}")
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

    fn horizon(&self, name: &str, date: &str) -> String {
        format!("次の期限：{name}、{date}")
    }

    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String {
        let Thresholds { warn_days, shares, .. } = thresholds;
        let share = shares.warn.map(|share| format!("（または有効期間の{share}%）")).unwrap_or_default();
        let but = if is_whole {
            ""
        } else {
            "ミュート中または他のチャンネルのみに通知する証明書を除き、"
        };
        format!("{but}すべての証明書が稼働中で、有効期限まで{warn_days}日{share}を超えています。")
    }

    fn left_out(&self, counts: &str) -> String {
        format!("このチャンネルでは省略：{counts}")
    }

    fn older(&self, counts: &str) -> String {
        format!("以前からの{counts}は週次サマリーに掲載")
    }

    fn at_severity(&self, severity: Severity, count: usize) -> String {
        let severity = match severity {
            Severity::Critical => "緊急",
            Severity::Warning => "警告",
            Severity::Info => "情報",
        };
        format!("{severity}{count}件")
    }

    fn in_month(&self, month: NaiveDate, with_year: bool, count: usize) -> String {
        format!("{}{count}件", month.format(if with_year { "%Y年%-m月" } else { "%-m月" }))
    }

    fn later(&self, count: usize) -> String {
        format!("以降{count}件")
    }

    fn counted_only(&self, count: usize, by_severity: &str, by_month: Option<&str>) -> String {
        let by_month = by_month.map(|months| format!("・月別の期限：{months}")).unwrap_or_default();
        format!("ほか{count}件：{by_severity}{by_month}")
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("シミュレーション：{date}時点として判断しました。")
    }

    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String {
        let (channels, behind) = match webhooks {
            [name] => (format!(" {name} "), format!("（{counted}）")),
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

    fn webhook(&self, name: &str, kind: Kind) -> String {
        format!("チャンネル {name}（{}）", kind.title())
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
}
