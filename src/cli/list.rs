//! The inventory: every certificate of an account, judged and sorted, and the forms in which it is given.
//!
//! Pure: each form turns a [`List`] into a text, and the caller writes it.

mod csv;
mod html;
mod json;
mod renewals;
mod table;

pub(super) use self::csv::csv;
pub(super) use self::html::html;
pub(super) use self::json::json;
pub(super) use self::table::table;

use chrono::{DateTime, TimeDelta, Utc};

use super::words;
use crate::certificate::{Certificate, Expiry, Status};
use crate::message::words::Language;
use crate::rules::served::{Cover, Sight, Slots, host_name};
use crate::rules::{Finding, Severity, Thresholds};
use crate::settings::Settings;
use crate::text;
use crate::time::zone::Zone;

/// Every certificate of an account.
#[derive(Debug, Clone)]
pub(super) struct List {
    /// The certificates, the soonest expiry first and unknown ones last.
    pub(super) rows: Vec<Row>,
    /// How many there are, as NCP counts.
    pub(super) total: u64,
    /// The time that they are judged at.
    pub(super) now: DateTime<Utc>,
    /// Whether the account or the time is simulated.
    pub(super) simulated: bool,
    /// Whether it was looked at what is served.
    pub(super) is_probed: bool,
    /// Why the list is incomplete, if it is, and what to do, in sentences.
    pub(super) failure: Option<String>,
    /// How many details could not be read, and why, if any.
    pub(super) unread: Option<String>,
    /// The thresholds between severities.
    pub(super) thresholds: Thresholds,
    /// The language of its forms for people.
    pub(super) language: Language,
    /// The zone of their dates.
    pub(super) zone: Zone,
}

/// A certificate, judged.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The certificate.
    pub(super) certificate: Certificate,
    /// What `check` reports of it; `None` means that it is healthy.
    pub(super) finding: Option<Box<Finding>>,
    /// How much time is left; negative once it has expired.
    pub(super) left: Option<TimeDelta>,
    /// What was seen at the hosts of a RUNNING slot.
    pub(super) served: Vec<Sight>,
}

impl Row {
    /// How urgent it is; `None` means healthy.
    fn severity(&self) -> Option<Severity> {
        self.finding.as_ref().map(|finding| finding.severity())
    }

    /// The same, as programs and the styles of the page call it.
    fn severity_name(&self) -> &'static str {
        self.severity().map_or("ok", Severity::as_str)
    }

    /// When it expires, if that is known: by the list, or earlier by the detail of a finding.
    fn expiry(&self) -> Option<DateTime<Utc>> {
        self.finding.as_ref().map_or(self.certificate.expiry.time(), |finding| finding.expiry)
    }
}

impl List {
    /// The certificates, each with the finding that it is as of `now`, sorted.
    pub(super) fn new(
        slots: Vec<(Certificate, Option<Box<Finding>>)>,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Self {
        let mut rows = Vec::new();
        for (certificate, finding) in slots {
            let mut row = Row { certificate, finding, left: None, served: Vec::new() };
            row.left = row.expiry().map(|time| time - now);
            rows.push(row);
        }
        rows.sort_by_cached_key(|row| {
            let Certificate { common_name, slot_id, .. } = &row.certificate;
            (row.expiry().is_none(), row.expiry(), common_name.clone(), *slot_id)
        });
        Self {
            total: rows.len() as u64,
            rows,
            now,
            simulated: false,
            is_probed: false,
            failure: None,
            unread: None,
            thresholds: settings.thresholds,
            language: settings.language,
            zone: settings.zone,
        }
    }

    /// The same list, with what was seen of what is served.
    pub(super) fn with_sights(mut self, sights: &[Sight]) -> Self {
        self.is_probed = true;
        let certificates: Vec<Certificate> = self.rows.iter().map(|row| row.certificate.clone()).collect();
        let slots = Slots::of(&certificates);
        for row in self.rows.iter_mut().filter(|row| row.certificate.status == Status::Running) {
            let Some(cover) = Cover::of(&row.certificate.common_name) else { continue };
            let is_its = |sight: &&Sight| slots.counts_for(&cover, &sight.name);
            row.served = sights.iter().filter(is_its).cloned().collect();
        }
        self
    }

    /// The names of the columns for people.
    fn columns(&self) -> Vec<&'static str> {
        let served = self.is_probed.then_some(&words::SERVED);
        words::COLUMNS.iter().chain(served).map(|column| column.in_language(self.language)).collect()
    }

    /// What was seen of what is served for a certificate: until when it is valid, and what else there is to say, for each host.
    fn served(&self, row: &Row) -> String {
        let mut hosts = Vec::new();
        for sight in &row.served {
            let until = sight.seen.map(|seen| self.zone.local(seen.ends).format("%Y-%m-%d %H:%M").to_string());
            let remark = sight.remark.map(|remark| self.language.phrases().host_remark(remark).to_owned());
            let said = until.into_iter().chain(remark).collect::<Vec<_>>().join(", ");
            let is_own = host_name(&row.certificate.common_name).is_some_and(|name| name == sight.host());
            hosts.push(if is_own { said } else { format!("{}: {said}", sight.host()) });
        }
        hosts.join("; ")
    }

    /// How many certificates these are, and of how many if not of all.
    pub(super) fn coverage(&self) -> String {
        let read = self.rows.len() as u64;
        self.language.phrases().checked(read, (self.total > read).then_some(self.total), None)
    }

    /// The thresholds and the zone of the dates.
    pub(super) fn rules(&self) -> String {
        self.language.phrases().rules(self.thresholds, self.zone.name())
    }

    /// What people see of a certificate, in the order of [`List::columns`]. Dates are the same in every language.
    fn cells(&self, row: &Row) -> Vec<String> {
        let certificate = &row.certificate;
        let mut name = text::name(&certificate.common_name);
        if name.is_empty() {
            self.language.phrases().texts().nameless.clone_into(&mut name);
        }
        let expiry = match (row.expiry(), &certificate.expiry) {
            (Some(time), _) => self.zone.local(time).format("%Y-%m-%d %H:%M").to_string(),
            (None, Expiry::NoEnd) => words::NO_END.in_language(self.language).to_owned(),
            (None, _) => words::UNKNOWN.in_language(self.language).to_owned(),
        };
        let mut status = text::name(certificate.status.as_str());
        // Why an expired certificate is no emergency.
        if row.finding.as_ref().is_some_and(|finding| finding.is_unused()) {
            let texts = self.language.phrases().texts();
            status = [status.as_str(), texts.unused].join(texts.dot);
        }
        let mut cells = vec![
            name,
            expiry,
            row.left.map(|left| words::left(self.language, left)).unwrap_or_default(),
            status,
            text::name(&certificate.service_region),
            certificate.slot_id.to_string(),
            text::name(&certificate.certificate_name),
            text::name(format!("{} {}", certificate.tls_versions, certificate.cipher_profile).trim()),
        ];
        cells.extend(self.is_probed.then(|| self.served(row)));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Expiry, Status};
    use crate::rules::judge_slots;

    /// What the forms are tested with.
    pub(super) fn now() -> DateTime<Utc> {
        "2026-11-23T00:00:00Z".parse().unwrap()
    }

    pub(super) fn certificate(slot_id: i64, name: &str, left: Option<TimeDelta>, status: &str) -> Certificate {
        Certificate {
            slot_id,
            common_name: name.into(),
            certificate_name: format!("cert-{slot_id}"),
            service_region: "KR_JP".into(),
            status: Status::new(status),
            expiry: left.map_or(Expiry::Missing, |left| Expiry::At(now() + left)),
            provisioned: Some(now() - TimeDelta::days(100)),
            tls_versions: "1.2,1.3".into(),
            cipher_profile: "GE-DEFAULT-v1".into(),
        }
    }

    pub(super) fn list(certificates: Vec<Certificate>) -> List {
        let settings = Settings::default();
        let slots = judge_slots(certificates, None, &[], settings.thresholds, now());
        List::new(slots, &settings, now())
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
}
