//! The domain: what a certificate provisioned on Global Edge is.

use chrono::{DateTime, NaiveDateTime, Utc};
use smol_str::SmolStr;

/// One slot of Global Edge's list of provisioned certificates.
///
/// Names and unknown values are kept as the API sent them; [`crate::text::name`] makes them safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The slot, unique in an account.
    pub slot_id: i64,
    /// The domain that it is for; empty if the API gave none.
    pub common_name: SmolStr,
    /// Its name in Certificate Manager; empty if the API gave none.
    pub certificate_name: SmolStr,
    /// Where it is served: `KR_JP`, `KR_JP_GLOBAL`, or whatever the API says.
    pub service_region: SmolStr,
    /// What state the slot is in.
    pub status: Status,
    /// When it expires.
    pub expiry: Expiry,
    /// When it was provisioned, if the API gave a readable date.
    pub provisioned: Option<DateTime<Utc>>,
}

/// When a certificate expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expiry {
    /// At this time.
    At(DateTime<Utc>),
    /// The API sent no date.
    Missing,
    /// The API sent this, which cannot be read as a date.
    Unreadable(String),
}

impl Expiry {
    /// The time, if known.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time) => Some(*time),
            Self::Missing | Self::Unreadable(_) => None,
        }
    }
}

/// The states of a slot, as [documented](https://api.ncloud-docs.com/docs/edge-getcertificatelist), and whatever else an API
/// may say.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Missing,
}

impl Status {
    /// The status that the API calls `text`.
    #[must_use]
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
    #[must_use]
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
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        matches!(self, Self::Deleting | Self::Deleted)
    }
}

/// Reads a date of the API: ISO 8601 with any number of fraction digits; UTC if it has no zone.
///
/// The API drops trailing zeros of the fraction (`…34.076Z`, `…58.99Z`, `…59Z`). A date without a time is rejected: the time
/// of day would have to be guessed.
///
/// ```
/// use ncp_cert_alert::certificate::read_date;
///
/// assert_eq!(read_date("2025-11-05T23:59:59Z"), read_date("2025-11-06T08:59:59+09:00"));
/// assert_eq!(read_date("2025-11-05T23:59:59Z"), read_date("2025-11-05T23:59:59"));
/// assert_eq!(read_date("2025-11-05"), None);
/// ```
#[must_use]
pub fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|time| time.with_timezone(&Utc))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc()))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_any_fraction_and_zone() {
        let expected = DateTime::from_timestamp_millis(1_754_526_154_990).unwrap();
        for text in [
            "2025-08-07T00:22:34.99Z",
            "2025-08-07T00:22:34.990",
            "2025-08-07T09:22:34.99+09:00",
            "2025-08-07T09:22:34.99+0900",
        ] {
            assert_eq!(read_date(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_point_in_time_is_not_read() {
        for text in ["", "soon", "2025-08-07", "2025-13-07T00:00:00Z", "1754526154990", "2025-02-30T00:00:00Z"] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}
