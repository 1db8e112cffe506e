//! What ever shorter lifetimes mean for an account: how many renewals by hand a year.

use chrono::NaiveDate;

use crate::cli::words::Text;
use crate::message::words::Language;

/// The longest lifetime of a public TLS certificate in days, and from when on: the Baseline Requirements of the CA/Browser
/// Forum, section 6.3.2, and 398 days before.
///
/// <https://github.com/cabforum/servercert/blob/main/docs/BR.md>
const LONGEST: [(NaiveDate, usize); 4] = [
    (NaiveDate::MIN, 398),
    (NaiveDate::from_ymd_opt(2026, 3, 15).expect("a date"), 200),
    (NaiveDate::from_ymd_opt(2027, 3, 15).expect("a date"), 100),
    (NaiveDate::from_ymd_opt(2029, 3, 15).expect("a date"), 47),
];

const LEAD: Text = Text([
    "If each of the RUNNING slots ({}) gets a new certificate by hand once a lifetime, renewals a year are about: ",
    "RUNNING 슬롯({}개)의 인증서를 유효 기간마다 한 번씩 직접 갱신하면 연간 갱신 횟수는 ",
    "RUNNINGのスロット({}件)の証明書を有効期間ごとに1回手作業で更新すると、年間の更新回数は",
]);
const TODAY: Text = Text(["{} today (at most # days)", "현재 약 {}회(최장 #일)", "現在およそ{}回(最長#日)"]);
const LATER: Text = Text(["{} from ~ (# days)", "~부터 {}회(#일)", "~から{}回(#日)"]);
const DATE: Text = Text(["%-d %B %Y", "%Y년 %-m월 %-d일", "%Y年%-m月%-d日"]);
const END: Text = Text([
    ". WARN_DAYS={} is #% of a 47-day life.",
    "입니다. WARN_DAYS={}은 유효 기간 47일의 #%입니다.",
    "です。WARN_DAYS={}は有効期間47日の#%にあたります。",
]);

/// One line for so many RUNNING slots on the day `today`, if there are any.
pub(super) fn line(language: Language, running: usize, warn_days: u32, today: NaiveDate) -> Option<String> {
    if running == 0 {
        return None;
    }
    let current = LONGEST.iter().rposition(|(from, _)| *from <= today)?;
    let mut steps = Vec::new();
    for (number, (from, days)) in LONGEST.iter().enumerate().skip(current) {
        let text = if number == current { TODAY } else { LATER }.in_language(language);
        let date = from.format(DATE.in_language(language)).to_string();
        let renewals = rounded(running * 365, *days).to_string();
        steps.push(text.replace("{}", &renewals).replace('#', &days.to_string()).replace('~', &date));
    }
    let share = rounded(warn_days as usize * 100, 47).to_string();
    let lead = LEAD.in_language(language).replace("{}", &running.to_string());
    let end = END.in_language(language).replace("{}", &warn_days.to_string()).replace('#', &share);
    Some(lead + &steps.join(language.phrases().texts().comma) + &end)
}

fn rounded(number: usize, by: usize) -> usize {
    (number + by / 2) / by
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(language: Language, today: &str) -> String {
        line(language, 37, 30, today.parse().unwrap()).unwrap()
    }

    #[test]
    fn renewals_a_year_are_counted_at_the_cap_of_each_date() {
        let lead = "If each of the RUNNING slots (37) gets a new certificate by hand once a lifetime, renewals a year are about: ";
        let end = ". WARN_DAYS=30 is 64% of a 47-day life.";
        let (of_100, of_47) = ("135 from 15 March 2027 (100 days)", "287 from 15 March 2029 (47 days)");
        for (today, steps) in [
            ("2026-03-14", format!("34 today (at most 398 days), 68 from 15 March 2026 (200 days), {of_100}, {of_47}")),
            ("2026-03-15", format!("68 today (at most 200 days), {of_100}, {of_47}")),
            ("2027-03-14", format!("68 today (at most 200 days), {of_100}, {of_47}")),
            ("2027-03-15", format!("135 today (at most 100 days), {of_47}")),
            ("2029-03-15", "287 today (at most 47 days)".to_owned()),
        ] {
            assert_eq!(at(Language::English, today), format!("{lead}{steps}{end}"), "{today}");
        }
        assert_eq!(line(Language::English, 0, 30, "2026-11-23".parse().unwrap()), None);
    }

    #[test]
    fn every_language_says_the_same() {
        insta::assert_snapshot!(at(Language::Korean, "2027-03-15"), @"RUNNING 슬롯(37개)의 인증서를 유효 기간마다 한 번씩 직접 갱신하면 연간 갱신 횟수는 현재 약 135회(최장 100일), 2029년 3월 15일부터 287회(47일)입니다. WARN_DAYS=30은 유효 기간 47일의 64%입니다.");
        insta::assert_snapshot!(at(Language::Japanese, "2027-03-15"), @"RUNNINGのスロット(37件)の証明書を有効期間ごとに1回手作業で更新すると、年間の更新回数は現在およそ135回(最長100日)、2029年3月15日から287回(47日)です。WARN_DAYS=30は有効期間47日の64%にあたります。");
    }
}
