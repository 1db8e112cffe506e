//! The expiries as a calendar: <https://www.rfc-editor.org/rfc/rfc5545>.

use sha2::{Digest, Sha256};

use super::rows::{List, Row};
use super::words::Words;
use crate::text;

/// The longest line, in bytes, without its end.
const LINE: usize = 75;

/// A calendar with an all-day event for every certificate whose expiry is known, except those that are being removed.
///
/// A slot's event keeps its identity, so importing the calendar again moves it.
pub(in crate::cli) fn calendar(list: &List) -> String {
    let words = Words::of(list.language);
    let mut calendar = Calendar::default();
    calendar.line("BEGIN", "VCALENDAR");
    calendar.line("VERSION", "2.0");
    calendar.line("PRODID", concat!("-//ncp-cert-alert//cert-alert ", env!("CARGO_PKG_VERSION"), "//EN"));
    calendar.line("CALSCALE", "GREGORIAN");
    calendar.line("METHOD", "PUBLISH");
    calendar.text("X-WR-CALNAME", words.title);
    for row in list.rows.iter().filter(|row| !row.certificate.status.is_leaving()) {
        event(&mut calendar, list, row);
    }
    calendar.line("END", "VCALENDAR");
    calendar.0
}

fn event(calendar: &mut Calendar, list: &List, row: &Row) {
    let (words, certificate) = (Words::of(list.language), &row.certificate);
    let Some(expiry) = row.expiry() else { return };
    let day = list.zone.local(expiry).date_naive();
    calendar.line("BEGIN", "VEVENT");
    calendar.line("UID", &identity(row));
    calendar.line("DTSTAMP", &list.now.format("%Y%m%dT%H%M%SZ").to_string());
    calendar.line("DTSTART;VALUE=DATE", &day.format("%Y%m%d").to_string());
    calendar.text("SUMMARY", &format!("{}: {}", words.expires, list.name(row)));
    let [_, _, _, status, region, slot, name] = words.columns;
    let shown = |label: &str, text: &str| format!("{label}: {}", text::name(text));
    let lines = [
        list.language.phrases().time(expiry, list.zone),
        shown(slot, &certificate.slot_id.to_string()),
        shown(name, &certificate.certificate_name),
        shown(region, &certificate.service_region),
        shown(status, certificate.status.as_str()),
    ];
    calendar.text("DESCRIPTION", &lines.join("\n"));
    // The end of a certificate does not make anyone busy for a day.
    calendar.line("TRANSP", "TRANSPARENT");
    calendar.line("END", "VEVENT");
}

/// What identifies this event in every calendar: the slot and its domain, which a renewal keeps.
fn identity(row: &Row) -> String {
    let (slot, name) = (row.certificate.slot_id, &row.certificate.common_name);
    let hash = Sha256::digest(format!("{slot}\n{name}"));
    let start = hash.iter().take(8).fold(0, |start, byte| start << 8 | u64::from(*byte));
    format!("{slot}-{start:016x}@ncp-cert-alert")
}

#[derive(Default)]
struct Calendar(String);

impl Calendar {
    /// A text, with its special characters escaped.
    fn text(&mut self, name: &str, text: &str) {
        let escaped = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n");
        self.line(name, &escaped);
    }

    /// A line, folded: no part is longer than [`LINE`] bytes, and no character is split.
    fn line(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for character in name.chars().chain([':']).chain(value.chars()) {
            if length + character.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(character);
            length += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::rows::tests::{certificate, list};
    use chrono::TimeDelta;

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn an_expiry_is_a_day_in_the_zone_of_the_settings() {
        let list = list(vec![
            certificate(71, "a.kr", Some(TimeDelta::hours(17)), "RUNNING"),
            certificate(72, "b.kr", None, "RUNNING"),
            certificate(73, "c.kr", Some(TimeDelta::hours(17)), "DELETING"),
        ]);
        let text = calendar(&list);
        let events: Vec<&str> = text.split("BEGIN:VEVENT\r\n").skip(1).collect();
        assert_eq!(events.len(), 1, "neither without a date nor on its way out");
        assert_eq!(
            unfolded(events[0]).replace("\r\n", "\n"),
            "UID:71-42bb96e7151437b6@ncp-cert-alert\nDTSTAMP:20261123T000000Z\nDTSTART;VALUE=DATE:20261124\n\
             SUMMARY:Certificate expires: a.kr\n\
             DESCRIPTION:24 Nov 2026 02:00 KST\\nSlot: 71\\nCertificate: cert-71\\nRegion: KR_JP\\nStatus: RUNNING\n\
             TRANSP:TRANSPARENT\nEND:VEVENT\nEND:VCALENDAR\n"
        );
    }

    #[test]
    fn an_event_keeps_its_identity_when_the_certificate_is_renewed() {
        let uid = |left: i64, name: &str| {
            let text = calendar(&list(vec![certificate(71, name, Some(TimeDelta::days(left)), "RUNNING")]));
            text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned()
        };
        assert_eq!(uid(3, "a.kr"), uid(368, "a.kr"));
        assert_ne!(uid(3, "a.kr"), uid(3, "b.kr"));
    }

    #[test]
    fn a_name_breaks_no_line_and_long_lines_are_folded_between_characters() {
        let name = format!("a;b,c\\d\r\nBEGIN:VEVENT\r\n{}", "인증서".repeat(40));
        let text = calendar(&list(vec![certificate(1, &name, Some(TimeDelta::days(1)), "RUNNING")]));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE && !line.contains(['\r', '\n'])));
        assert_eq!(text.matches("\r\nBEGIN:VEVENT\r\n").count(), 1);
        assert!(unfolded(&text).contains("a\\;b\\,c\\\\d BEGIN:VEVENT 인증서인증서"), "{text}");
    }
}
