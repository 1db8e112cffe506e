//! The time zones that dates can be shown in.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The zones that can be chosen: NCP's regions and where its users are. `.cargo/config.toml` compiles in just these.
const ZONES: [Tz; 19] = [
    chrono_tz::UTC,
    chrono_tz::Asia::Seoul,
    chrono_tz::Asia::Tokyo,
    chrono_tz::Asia::Singapore,
    chrono_tz::Asia::Taipei,
    chrono_tz::Asia::Hong_Kong,
    chrono_tz::Asia::Shanghai,
    chrono_tz::Asia::Bangkok,
    chrono_tz::Asia::Jakarta,
    chrono_tz::Asia::Ho_Chi_Minh,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Europe::London,
    chrono_tz::Europe::Paris,
    chrono_tz::Europe::Berlin,
    chrono_tz::America::New_York,
    chrono_tz::America::Chicago,
    chrono_tz::America::Denver,
    chrono_tz::America::Los_Angeles,
    chrono_tz::Australia::Sydney,
];

/// A time zone of the built-in set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// NCP's home, and the default.
    pub const SEOUL: Self = Self(chrono_tz::Asia::Seoul);

    /// The zone with this IANA name.
    pub fn named(name: &str) -> Option<Self> {
        ZONES.iter().find(|zone| zone.name() == name).copied().map(Self)
    }

    /// The names of all zones that can be chosen.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ZONES.iter().map(|zone| zone.name())
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// `time` on this zone's clocks.
    pub fn local(self, time: DateTime<Utc>) -> DateTime<Tz> {
        time.with_timezone(&self.0)
    }

    /// What the zone is called at `time`: its abbreviation (`KST`, `CEST`), or its offset (`+08`) where it has none.
    pub fn abbreviation(self, time: DateTime<Utc>) -> String {
        self.local(time).format("%Z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_zone_is_found_by_its_name() {
        for name in Zone::names() {
            assert_eq!(Zone::named(name).map(Zone::name), Some(name));
        }
        assert_eq!(Zone::named("Asia/Pyongyang"), None);
        assert_eq!(Zone::named("asia/seoul"), None);
    }

    #[test]
    fn the_build_time_filter_holds_the_listed_zones_and_no_others() {
        let config = include_str!("../.cargo/config.toml");
        let pattern =
            config.split("CHRONO_TZ_TIMEZONE_FILTER = \"^(").nth(1).and_then(|rest| rest.split(")$\"").next()).unwrap();
        let mut filtered: Vec<&str> = pattern.split('|').collect();
        let mut listed: Vec<&str> = Zone::names().collect();
        filtered.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, filtered);
    }

    #[test]
    fn abbreviations_follow_the_season() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(Zone::SEOUL.abbreviation(at("2026-11-23T00:00:00Z")), "KST");
        let berlin = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(berlin.abbreviation(at("2026-01-01T00:00:00Z")), "CET");
        assert_eq!(berlin.abbreviation(at("2026-07-01T00:00:00Z")), "CEST");
        assert_eq!(Zone::named("Asia/Singapore").unwrap().abbreviation(at("2026-01-01T00:00:00Z")), "+08");
    }
}
