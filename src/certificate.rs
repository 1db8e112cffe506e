//! The domain: what a certificate provisioned on Global Edge is.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// From this year on a date means that there is no end.
const NO_END: i32 = 9999;

/// Before this year a date stands for a missing one: Global Edge is younger.
const PLACEHOLDER: i32 = 2015;

/// One slot of Global Edge's list of provisioned certificates.
///
/// Names and unknown values are kept as the API sent them; [`crate::text::name`] makes them safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Certificate {
    /// The slot, unique in an account.
    pub slot_id: i64,
    /// The domain that it is for; empty if the API gave none.
    pub common_name: String,
    /// Its name in Certificate Manager; empty if the API gave none.
    pub certificate_name: String,
    /// Where it is served: `KR_JP`, `KR_JP_GLOBAL`, or whatever the API says.
    pub service_region: String,
    /// What state the slot is in.
    pub status: Status,
    /// When it expires.
    pub expiry: Expiry,
    /// When it was provisioned, if the API gave a readable date.
    pub provisioned: Option<DateTime<Utc>>,
    /// The TLS versions that it accepts, by [`tls_version`], with commas between them: one text, since lists are long. Empty if the
    /// API gave none.
    pub tls_versions: String,
    /// The set of ciphers that it offers, such as `GE-DEFAULT-v1`; empty if the API gave none.
    pub cipher_profile: String,
}

impl Certificate {
    /// The TLS versions that it accepts, one by one.
    pub fn tls_versions(&self) -> impl Iterator<Item = &str> {
        self.tls_versions.split(',').filter(|version| !version.is_empty())
    }

    /// Whether clients may still use TLS 1.0 or 1.1, which [RFC 8996](https://www.rfc-editor.org/rfc/rfc8996) deprecates.
    pub fn accepts_old_tls(&self) -> bool {
        self.tls_versions().any(|version| version == "1.0" || version == "1.1")
    }
}

/// A TLS version as the list is documented to write it, `1.2`, whether it was written like that or as `TLSv1.2`; what is no
/// version stays as it is.
///
/// ```
/// use ncp_cert_alert::certificate::tls_version;
///
/// assert_eq!([" 1.3", "TLSv1.2", "tls1_1", "TLSv1", "TLS_ALL_VERSIONS"].map(tls_version), ["1.3", "1.2", "1.1", "1.0", "TLS_ALL_VERSIONS"]);
/// ```
pub fn tls_version(text: &str) -> String {
    let text = text.trim();
    if ["1.2", "1.3", "1.1", "1.0"].contains(&text) {
        return text.to_owned();
    }
    let number = text.to_ascii_lowercase().replace('_', ".");
    let number = number.trim_start_matches("tls").trim_start_matches(['v', '.', ' ']);
    match number {
        "1" => "1.0".to_owned(),
        "1.0" | "1.1" | "1.2" | "1.3" => number.to_owned(),
        _ => text.to_owned(),
    }
}

/// When a certificate expires.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expiry {
    /// At this time.
    At(DateTime<Utc>),
    /// Never: the API sent a date in the year 9999 or later.
    NoEnd,
    /// The API sent no date.
    #[default]
    Missing,
    /// The API sent this, which is no date or a placeholder such as 1970-01-01.
    Unreadable(String),
}

impl Expiry {
    /// What the API's text for a date means.
    pub fn read(text: &str) -> Self {
        match read_date(text) {
            _ if text.trim().is_empty() => Self::Missing,
            Some(time) if time.year() >= NO_END => Self::NoEnd,
            Some(time) if time.year() >= PLACEHOLDER => Self::At(time),
            Some(_) | None => Self::Unreadable(text.to_owned()),
        }
    }

    /// The time, if known.
    pub fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time) => Some(*time),
            Self::NoEnd | Self::Missing | Self::Unreadable(_) => None,
        }
    }

    /// Whether it is unknown when it expires.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Missing | Self::Unreadable(_))
    }
}

/// The states of a slot, as [documented](https://api.ncloud-docs.com/docs/edge-getcertificatelist), and whatever else an API
/// may say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Status {
    /// `READY`: waiting to be deployed.
    Ready,
    /// `PUBLISHING`: is being deployed.
    Publishing,
    /// `RUNNING`: is served.
    Running,
    /// `DELETING`: is being removed.
    Deleting,
    /// `DELETED`: was removed.
    Deleted,
    /// A status that is not documented.
    Undocumented(String),
    /// The API sent no status.
    #[default]
    Missing,
}

impl Status {
    /// The status that the API calls `text`.
    pub fn new(text: &str) -> Self {
        match text {
            "READY" => Self::Ready,
            "PUBLISHING" => Self::Publishing,
            "RUNNING" => Self::Running,
            "DELETING" => Self::Deleting,
            "DELETED" => Self::Deleted,
            "" => Self::Missing,
            other => Self::Undocumented(other.to_owned()),
        }
    }

    /// The API's word for it; empty for [`Status::Missing`].
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ready => "READY",
            Self::Publishing => "PUBLISHING",
            Self::Running => "RUNNING",
            Self::Deleting => "DELETING",
            Self::Deleted => "DELETED",
            Self::Undocumented(text) => text,
            Self::Missing => "",
        }
    }

    /// Whether the slot is on its way out, so that its expiry does not matter.
    pub fn is_leaving(&self) -> bool {
        matches!(self, Self::Deleting | Self::Deleted)
    }
}

/// Reads a date in any form that NCP has been seen to use: RFC 3339, with or without zone and fraction;
/// `yyyy-MM-dd HH:mm:ss`, with or without fraction; `yyyy-MM-dd`, its first moment; digits that are seconds (10) or
/// milliseconds (13) since 1970, or `yyyyMMddHHmmss` (14). UTC if it has no zone.
///
/// ```
/// use ncp_cert_alert::certificate::read_date;
///
/// assert_eq!(read_date("2025-11-05T23:59:59Z"), read_date("2025-11-06T08:59:59+0900"));
/// assert_eq!(read_date("2025-11-05T23:59:59Z"), read_date("2025-11-05 23:59:59.0"));
/// assert_eq!(read_date("20251105"), None);
/// ```
pub fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.len() {
            10 => DateTime::from_timestamp(text.parse().ok()?, 0),
            13 => DateTime::from_timestamp_millis(text.parse().ok()?),
            14 => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc()),
            _ => None,
        };
    }
    // The parser below accepts `2026-1-2` too, which no known form uses.
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    if text.len() == 10 {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    }
    let with_zone =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    if let Ok(time) = with_zone {
        return Some(time.to_utc());
    }
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_every_form_that_is_accepted() {
        let expected = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();
        for text in [
            "2026-11-23T00:00:00Z",
            "2026-11-23T00:00:00.000Z",
            "2026-11-23T09:00:00+09:00",
            "2026-11-23T09:00:00+0900",
            "2026-11-23T09:00:00.0+0900",
            "2026-11-23T00:00:00",
            "2026-11-23T00:00:00.000",
            " 2026-11-23 00:00:00 ",
            "2026-11-23 00:00:00.0",
            "2026-11-23",
            "1795392000",
            "1795392000000",
            "20261123000000",
        ] {
            assert_eq!(read_date(text), Some(expected), "{text}");
        }
        assert_eq!(read_date("2025-08-07T00:22:34.99Z").map(|time| time.timestamp_millis()), Some(1_754_526_154_990));
    }

    #[test]
    fn what_is_no_point_in_time_is_not_read() {
        for text in [
            "",
            "soon",
            "20261123",
            "2026/11/23 00:00:00",
            "23-11-2026 00:00:00",
            "2026-1-2 00:00:00",
            "2026-11-23 9:00:00 AM",
            "2025-13-07T00:00:00Z",
            "2025-02-30T00:00:00Z",
            "Mon Nov 23 00:00:00 KST 2026",
            "17953920000000000",
            "-1795392000",
            "+262142-01-01T00:00:00Z",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_that_stands_for_none_is_none() {
        for text in ["9999-12-31T23:59:59Z", "9999-01-01", "9999-12-31T23:59:59-09:00"] {
            assert_eq!(Expiry::read(text), Expiry::NoEnd, "{text}");
        }
        for text in ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2014-12-31T23:59:59Z", "soon"] {
            assert_eq!(Expiry::read(text), Expiry::Unreadable(text.to_owned()), "{text}");
        }
        assert_eq!(Expiry::read(" "), Expiry::Missing);
        assert!(Expiry::read("2015-01-01").time().is_some());
    }
}
