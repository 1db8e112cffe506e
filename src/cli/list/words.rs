//! The few words that the inventory's forms need besides the sentences of messages.

use std::fmt::Display;

use chrono::{NaiveDate, TimeDelta};

use super::rows::Band;
use crate::message::words::Language;
use crate::rules::Thresholds;

/// A text in English, Korean and Japanese; `{}` stands for what is counted or named.
pub(super) type Text = [&'static str; 3];

pub(super) const TITLE: Text = ["TLS certificates on Global Edge", "Global Edge TLS 인증서", "Global EdgeのTLS証明書"];
pub(super) const OVERVIEW: Text = ["At a glance", "한눈에 보기", "概要"];
pub(super) const TIMELINE: Text =
    ["Expiries in the next twelve months", "앞으로 12개월의 만료 일정", "今後12か月の有効期限"];
pub(super) const ALL: Text = ["All certificates", "전체 인증서", "すべての証明書"];
pub(super) const SOONEST_FIRST: Text = ["soonest expiry first", "만료가 가까운 순", "期限が近い順"];
pub(super) const LATER: Text = ["Later", "이후", "以降"];
pub(super) const UNKNOWN: Text = ["Unknown", "알 수 없음", "不明"];
pub(super) const INCOMPLETE: Text = ["This list is not whole", "목록이 완전하지 않습니다", "一覧が完全ではありません"];
pub(super) const SIMULATED: Text = ["Simulated", "시뮬레이션", "シミュレーション"];
pub(super) const NONE: Text = ["There are no certificates.", "인증서가 없습니다.", "証明書はありません。"];

const COLUMNS: [Text; 7] = [
    ["Name", "이름", "名前"],
    ["Expires", "만료일", "有効期限"],
    ["Left", "남은 기간", "残り"],
    ["Status", "상태", "状態"],
    ["Region", "리전", "リージョン"],
    ["Slot", "슬롯", "スロット"],
    ["Certificate", "인증서", "証明書"],
];

/// The words of one language.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Words(Language);

impl Words {
    pub(in crate::cli) const fn of(language: Language) -> Self {
        Self(language)
    }

    pub(super) fn text(self, text: Text) -> &'static str {
        let [english, korean, japanese] = text;
        match self.0 {
            Language::English => english,
            Language::Korean => korean,
            Language::Japanese => japanese,
        }
    }

    fn with(self, text: Text, value: impl Display) -> String {
        self.text(text).replace("{}", &value.to_string())
    }

    /// The names of the columns: name, expiry, time left, status, region, slot, certificate.
    pub(super) fn columns(self) -> [&'static str; 7] {
        COLUMNS.map(|column| self.text(column))
    }

    pub(in crate::cli) fn certificates(self, number: usize) -> String {
        let english = if number == 1 { "{} certificate" } else { "{} certificates" };
        self.with([english, "인증서 {}개", "証明書 {}件"], number)
    }

    /// `15 of 37 certificates`
    pub(super) fn part(self, number: usize, total: u64) -> String {
        let part = self.with(["{} of # certificates", "인증서 #개 중 {}개", "証明書 #件中{}件"], number);
        part.replace('#', &total.to_string())
    }

    /// What is said of the certificates of a band.
    pub(super) fn band(self, band: Band, thresholds: Thresholds) -> String {
        let within = |days: u32| {
            let english = if days == 1 { "Within {} day" } else { "Within {} days" };
            self.with([english, "{}일 이내", "{}日以内"], days)
        };
        let text = match band {
            Band::Critical => return within(thresholds.critical_days),
            Band::Warning => return within(thresholds.warn_days),
            Band::Expired => ["Expired", "만료됨", "期限切れ"],
            Band::Unknown => ["Expiry unknown", "만료일 불명", "期限不明"],
            Band::NotRunning => ["Not running", "운영 중 아님", "稼働中ではない"],
            Band::Leaving => ["Being removed", "삭제 중", "削除中"],
            Band::Healthy => ["Healthy", "정상", "正常"],
        };
        self.text(text).to_owned()
    }

    /// How much time is left, or how long ago it ended: whole days rounded down, or hours.
    pub(super) fn left(self, left: TimeDelta) -> String {
        let (days, hours) = (left.num_days().unsigned_abs(), left.num_hours().unsigned_abs());
        let span = match (days, hours) {
            (0, 0) => self.text(["under 1 hour", "1시간 미만", "1時間未満"]).to_owned(),
            (0, 1) => self.with(["{} hour", "{}시간", "{}時間"], 1),
            (0, hours) => self.with(["{} hours", "{}시간", "{}時間"], hours),
            (1, _) => self.with(["{} day", "{}일", "{}日"], 1),
            (days, _) => self.with(["{} days", "{}일", "{}日"], days),
        };
        if left > TimeDelta::zero() { span } else { self.with(["{} ago", "{} 지남", "{}経過"], span) }
    }

    /// A month, with its year.
    pub(super) fn month(self, month: NaiveDate) -> String {
        month.format(self.text(["%B %Y", "%Y년 %-m월", "%Y年%-m月"])).to_string()
    }

    /// A month in a column of its own.
    pub(super) fn short_month(self, month: NaiveDate) -> String {
        month.format(self.text(["%b", "%-m월", "%-m月"])).to_string()
    }

    /// The zone that times are in.
    pub(in crate::cli) fn zone(self, name: &str) -> String {
        self.with(["Times in {}", "시간대 {}", "タイムゾーン {}"], name)
    }

    /// What a narrow terminal leaves out.
    pub(in crate::cli) fn hidden(self, columns: &str) -> String {
        let text = ["Not shown for want of room: {}", "폭이 좁아 표시하지 않음: {}", "幅が足りないため非表示: {}"];
        self.with(text, columns)
    }
}
