//! The words of the table and the page that no message has.

use chrono::TimeDelta;

use crate::message::words::Language;

/// A text in English, Korean and Japanese; `{}` stands for what is counted or named.
pub(super) struct Text(pub(super) [&'static str; 3]);

impl Text {
    pub(super) fn in_language(&self, language: Language) -> &'static str {
        let Self([english, korean, japanese]) = self;
        match language {
            Language::English => english,
            Language::Korean => korean,
            Language::Japanese => japanese,
        }
    }
}

pub(super) const TITLE: Text =
    Text(["TLS certificates on Global Edge", "Global Edge TLS 인증서", "Global EdgeのTLS証明書"]);
pub(super) const TIMELINE: Text =
    Text(["Expiries in the next twelve months", "앞으로 12개월의 만료 일정", "今後12か月の有効期限"]);
pub(super) const SIMULATED: Text = Text(["Simulated", "시뮬레이션", "シミュレーション"]);
pub(super) const EXPIRED: Text = Text(["Expired", "만료됨", "期限切れ"]);
pub(super) const LATER: Text = Text(["Later", "이후", "以降"]);
pub(super) const UNKNOWN: Text = Text(["Unknown", "알 수 없음", "不明"]);
pub(super) const NO_END: Text = Text(["No end", "만료 없음", "無期限"]);

/// The columns for people.
pub(super) const COLUMNS: [Text; 7] = [
    Text(["Name", "이름", "名前"]),
    Text(["Expires", "만료일", "有効期限"]),
    Text(["Left", "남은 기간", "残り"]),
    Text(["Status", "상태", "状態"]),
    Text(["Region", "리전", "リージョン"]),
    Text(["Slot", "슬롯", "スロット"]),
    Text(["Certificate", "인증서", "証明書"]),
];

/// How much time is left, or how long ago it ended: whole days rounded down, or hours.
pub(super) fn left(language: Language, left: TimeDelta) -> String {
    let (days, hours) = (left.num_days().abs(), left.num_hours().abs());
    let (text, number) = match (days, hours) {
        (0, 0) => (["under 1 hour", "1시간 미만", "1時間未満"], 0),
        (0, 1) => (["{} hour", "{}시간", "{}時間"], 1),
        (0, hours) => (["{} hours", "{}시간", "{}時間"], hours),
        (1, _) => (["{} day", "{}일", "{}日"], 1),
        (days, _) => (["{} days", "{}일", "{}日"], days),
    };
    let span = Text(text).in_language(language).replace("{}", &number.to_string());
    if left > TimeDelta::zero() {
        return span;
    }
    Text(["{} ago", "{} 지남", "{}経過"]).in_language(language).replace("{}", &span)
}
