//! The certificates of an account as rows: each judged, placed in one band, and sorted by expiry.

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::Certificate;
use crate::message::words::{Advice, Language};
use crate::rules::{Dated, Reason, Reasons, Severity, Thresholds, judge};
use crate::settings::Settings;
use crate::text;
use crate::time::zone::Zone;

/// Every certificate of an account.
#[derive(Debug, Clone)]
pub(in crate::cli) struct List {
    /// The certificates, the soonest expiry first and unknown ones last.
    pub(in crate::cli) rows: Vec<Row>,
    /// How many there are, as NCP counts.
    pub(in crate::cli) total: u64,
    /// The time that they are judged at.
    pub(in crate::cli) now: DateTime<Utc>,
    /// Whether the account or the time is simulated.
    pub(in crate::cli) simulated: bool,
    /// Why the list is incomplete, if it is.
    pub(in crate::cli) failure: Option<Advice>,
    /// The thresholds between severities.
    pub(in crate::cli) thresholds: Thresholds,
    /// The language of its forms for people.
    pub(in crate::cli) language: Language,
    /// The zone of their dates.
    pub(in crate::cli) zone: Zone,
}

/// A certificate, judged.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Row {
    /// The certificate.
    pub(in crate::cli) certificate: Certificate,
    /// What `check` would report it for; `None` means that it is healthy.
    pub(in crate::cli) reasons: Option<Reasons>,
    /// How much time is left; negative once it has expired.
    pub(in crate::cli) left: Option<TimeDelta>,
}

/// Where a certificate belongs: each one in exactly one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Band {
    /// No time is left.
    Expired,
    /// No more than the critical threshold is left.
    Critical,
    /// No more than the warning threshold is left.
    Warning,
    /// Its expiry is unknown.
    Unknown,
    /// Time is left, but it is not running.
    NotRunning,
    /// It is being removed, so its expiry no longer matters.
    Leaving,
    /// It is running, with time left.
    Healthy,
}

impl Row {
    fn new(certificate: Certificate, thresholds: Thresholds, now: DateTime<Utc>) -> Self {
        let expiry = certificate.expiry.time();
        let dated = expiry.map(|expiry| Dated { expiry, lifetime: None });
        let reasons = judge(&certificate, dated, thresholds, now);
        Self { certificate, reasons, left: expiry.map(|time| time - now) }
    }

    /// How urgent it is; `None` means healthy.
    pub(in crate::cli) fn severity(&self) -> Option<Severity> {
        self.reasons.as_ref().map(Reasons::severity)
    }

    /// Where it belongs.
    pub(in crate::cli) fn band(&self) -> Band {
        match self.reasons.as_ref().map(Reasons::first) {
            _ if self.certificate.status.is_leaving() => Band::Leaving,
            None => Band::Healthy,
            Some((Reason::Expired, _)) => Band::Expired,
            Some((Reason::Expiring, Severity::Critical)) => Band::Critical,
            Some((Reason::Expiring, _)) => Band::Warning,
            Some((Reason::ExpiryUnknown, _)) => Band::Unknown,
            Some((Reason::NotRunning, _)) => Band::NotRunning,
        }
    }

    /// When it expires, if that is known.
    pub(in crate::cli) fn expiry(&self) -> Option<DateTime<Utc>> {
        self.certificate.expiry.time()
    }
}

impl List {
    /// The certificates, judged by these settings as of `now` and sorted.
    pub(in crate::cli) fn new(certificates: Vec<Certificate>, settings: &Settings, now: DateTime<Utc>) -> Self {
        let thresholds = settings.thresholds;
        let mut rows: Vec<Row> =
            certificates.into_iter().map(|certificate| Row::new(certificate, thresholds, now)).collect();
        rows.sort_by_cached_key(|row| {
            let Certificate { common_name, slot_id, .. } = &row.certificate;
            (row.expiry().is_none(), row.expiry(), common_name.clone(), *slot_id)
        });
        Self {
            total: rows.len() as u64,
            rows,
            now,
            simulated: false,
            failure: None,
            thresholds,
            language: settings.language,
            zone: settings.zone,
        }
    }

    /// How many certificates belong there.
    pub(in crate::cli) fn count(&self, band: Band) -> usize {
        self.rows.iter().filter(|row| row.band() == band).count()
    }

    /// A day and time of day as a column shows it: the same in every language.
    pub(in crate::cli) fn short_date(&self, time: DateTime<Utc>) -> String {
        self.zone.local(time).format("%Y-%m-%d %H:%M").to_string()
    }

    /// The domain name, fit to be shown.
    pub(in crate::cli) fn name(&self, row: &Row) -> String {
        let name = text::name(&row.certificate.common_name);
        if name.is_empty() { self.language.phrases().nameless() } else { name }
    }
}

#[cfg(test)]
pub(in crate::cli) mod tests {
    use super::*;
    use crate::certificate::{Expiry, Status};

    /// What the forms are tested with.
    pub(in crate::cli) fn now() -> DateTime<Utc> {
        "2026-11-23T00:00:00Z".parse().unwrap()
    }

    pub(in crate::cli) fn certificate(slot_id: i64, name: &str, left: Option<TimeDelta>, status: &str) -> Certificate {
        Certificate {
            slot_id,
            common_name: name.into(),
            certificate_name: format!("cert-{slot_id}").into(),
            service_region: "KR_JP".into(),
            status: Status::new(status),
            expiry: left.map_or(Expiry::Missing, |left| Expiry::At(now() + left)),
            provisioned: Some(now() - TimeDelta::days(100)),
        }
    }

    pub(in crate::cli) fn list(certificates: Vec<Certificate>) -> List {
        List::new(certificates, &Settings::default(), now())
    }

    #[test]
    fn the_soonest_expiry_comes_first_and_the_unknown_one_last() {
        let days = TimeDelta::days;
        let list = list(vec![
            certificate(4, "b.kr", None, "RUNNING"),
            certificate(3, "A.kr", Some(days(50)), "READY"),
            certificate(5, "b.kr", Some(days(2)), "RUNNING"),
            certificate(1, "b.kr", Some(days(2)), "RUNNING"),
            certificate(2, "a.kr", Some(days(2)), "RUNNING"),
            certificate(6, "c.kr", Some(-days(2)), "RUNNING"),
        ]);
        let slots: Vec<i64> = list.rows.iter().map(|row| row.certificate.slot_id).collect();
        assert_eq!(slots, [6, 2, 1, 5, 3, 4]);
    }

    #[test]
    fn every_certificate_stands_in_one_place() {
        let days = TimeDelta::days;
        for (left, status, band) in [
            (Some(TimeDelta::zero()), "RUNNING", Band::Expired),
            (Some(days(7)), "READY", Band::Critical),
            (Some(days(30)), "RUNNING", Band::Warning),
            (Some(days(31)), "RUNNING", Band::Healthy),
            (Some(days(31)), "PUBLISHING", Band::NotRunning),
            (Some(days(31)), "ODD", Band::NotRunning),
            (None, "RUNNING", Band::Unknown),
            (None, "READY", Band::Unknown),
            (Some(-days(1)), "DELETED", Band::Leaving),
            (None, "DELETING", Band::Leaving),
        ] {
            let list = list(vec![certificate(1, "a.kr", left, status)]);
            assert_eq!(list.rows[0].band(), band, "{left:?} {status}");
            assert_eq!(list.count(band), 1);
        }
    }
}
