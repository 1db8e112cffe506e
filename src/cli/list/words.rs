//! The few words that the inventory's forms need besides the sentences of messages.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::rows::Band;
use crate::message::words::Language;
use crate::rules::Thresholds;

/// The words of one language.
pub(in crate::cli) struct Words {
    language: Language,
    /// What the list is.
    pub(super) title: &'static str,
    /// Above the numbers.
    pub(super) overview: &'static str,
    /// Above the timeline.
    pub(super) timeline: &'static str,
    /// Above the table.
    pub(super) table: &'static str,
    /// How the table is sorted.
    pub(super) soonest_first: &'static str,
    /// The columns: name, expiry, time left, status, region, slot, certificate.
    pub(super) columns: [&'static str; 7],
    /// After the last month of the timeline.
    pub(super) later: &'static str,
    /// In place of a date.
    pub(super) unknown: &'static str,
    /// That the list is incomplete.
    pub(super) incomplete: &'static str,
    /// That the account or the time is simulated.
    pub(super) simulated: &'static str,
    /// That there are none.
    pub(super) none: &'static str,
}

impl Words {
    pub(in crate::cli) const fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                language,
                title: "TLS certificates on Global Edge",
                overview: "At a glance",
                timeline: "Expiries in the next twelve months",
                table: "All certificates",
                soonest_first: "soonest expiry first",
                columns: ["Name", "Expires", "Left", "Status", "Region", "Slot", "Certificate"],
                later: "Later",
                unknown: "Unknown",
                incomplete: "This list is not whole",
                simulated: "Simulated",
                none: "There are no certificates.",
            },
            Language::Korean => Self {
                language,
                title: "Global Edge TLS 인증서",
                overview: "한눈에 보기",
                timeline: "앞으로 12개월의 만료 일정",
                table: "전체 인증서",
                soonest_first: "만료가 가까운 순",
                columns: ["이름", "만료일", "남은 기간", "상태", "리전", "슬롯", "인증서"],
                later: "이후",
                unknown: "알 수 없음",
                incomplete: "목록이 완전하지 않습니다",
                simulated: "시뮬레이션",
                none: "인증서가 없습니다.",
            },
            Language::Japanese => Self {
                language,
                title: "Global EdgeのTLS証明書",
                overview: "概要",
                timeline: "今後12か月の有効期限",
                table: "すべての証明書",
                soonest_first: "期限が近い順",
                columns: ["名前", "有効期限", "残り", "状態", "リージョン", "スロット", "証明書"],
                later: "以降",
                unknown: "不明",
                incomplete: "一覧が完全ではありません",
                simulated: "シミュレーション",
                none: "証明書はありません。",
            },
        }
    }

    /// `1 certificate`, `37 certificates`
    pub(in crate::cli) fn certificates(&self, number: usize) -> String {
        match (self.language, number) {
            (Language::English, 1) => "1 certificate".to_owned(),
            (Language::English, _) => format!("{number} certificates"),
            (Language::Korean, _) => format!("인증서 {number}개"),
            (Language::Japanese, _) => format!("証明書 {number}件"),
        }
    }

    /// `15 of 37 certificates`
    pub(super) fn part(&self, number: usize, total: u64) -> String {
        match self.language {
            Language::English => format!("{number} of {total} certificates"),
            Language::Korean => format!("인증서 {total}개 중 {number}개"),
            Language::Japanese => format!("証明書 {total}件中{number}件"),
        }
    }

    /// Where certificates belong.
    pub(super) fn band(&self, band: Band, thresholds: Thresholds) -> String {
        let within = |days: u32| match (self.language, days) {
            (Language::English, 1) => "Within 1 day".to_owned(),
            (Language::English, _) => format!("Within {days} days"),
            (Language::Korean, _) => format!("{days}일 이내"),
            (Language::Japanese, _) => format!("{days}日以内"),
        };
        let word = |english: &str, korean: &str, japanese: &str| {
            match self.language {
                Language::English => english,
                Language::Korean => korean,
                Language::Japanese => japanese,
            }
            .to_owned()
        };
        match band {
            Band::Expired => word("Expired", "만료됨", "期限切れ"),
            Band::Critical => within(thresholds.critical_days),
            Band::Warning => within(thresholds.warn_days),
            Band::Unknown => word("Expiry unknown", "만료일 불명", "期限不明"),
            Band::NotRunning => word("Not running", "운영 중 아님", "稼働中ではない"),
            Band::Leaving => word("Being removed", "삭제 중", "削除中"),
            Band::Healthy => word("Healthy", "정상", "正常"),
        }
    }

    /// How much time is left, or how long ago it ended: whole days rounded down, or hours.
    pub(super) fn left(&self, left: TimeDelta) -> String {
        let is_over = left <= TimeDelta::zero();
        let (days, hours) = (left.num_days().unsigned_abs(), left.num_hours().unsigned_abs());
        let span = match (self.language, days, hours) {
            (Language::English, 0, 0) => "under 1 hour".to_owned(),
            (Language::English, 0, 1) => "1 hour".to_owned(),
            (Language::English, 0, hours) => format!("{hours} hours"),
            (Language::English, 1, _) => "1 day".to_owned(),
            (Language::English, days, _) => format!("{days} days"),
            (Language::Korean, 0, 0) => "1시간 미만".to_owned(),
            (Language::Korean, 0, hours) => format!("{hours}시간"),
            (Language::Korean, days, _) => format!("{days}일"),
            (Language::Japanese, 0, 0) => "1時間未満".to_owned(),
            (Language::Japanese, 0, hours) => format!("{hours}時間"),
            (Language::Japanese, days, _) => format!("{days}日"),
        };
        match (self.language, is_over) {
            (_, false) => span,
            (Language::English, true) => format!("{span} ago"),
            (Language::Korean, true) => format!("{span} 지남"),
            (Language::Japanese, true) => format!("{span}経過"),
        }
    }

    /// A month, with its year.
    pub(super) fn month(&self, month: NaiveDate) -> String {
        match self.language {
            Language::English => month.format("%B %Y").to_string(),
            Language::Korean => month.format("%Y년 %-m월").to_string(),
            Language::Japanese => month.format("%Y年%-m月").to_string(),
        }
    }

    /// A month in a column of its own.
    pub(super) fn short_month(&self, month: NaiveDate) -> String {
        match self.language {
            Language::English => month.format("%b").to_string(),
            Language::Korean => format!("{}월", month.month()),
            Language::Japanese => format!("{}月", month.month()),
        }
    }

    /// The zone that times are in.
    pub(in crate::cli) fn zone(&self, name: &str) -> String {
        match self.language {
            Language::English => format!("Times in {name}"),
            Language::Korean => format!("시간대 {name}"),
            Language::Japanese => format!("タイムゾーン {name}"),
        }
    }

    /// What a narrow terminal leaves out.
    pub(in crate::cli) fn hidden(&self, columns: &str) -> String {
        match self.language {
            Language::English => format!("Not shown for want of room: {columns}"),
            Language::Korean => format!("폭이 좁아 표시하지 않음: {columns}"),
            Language::Japanese => format!("幅が足りないため非表示: {columns}"),
        }
    }
}
