//! The inventory as CSV: <https://www.rfc-editor.org/rfc/rfc4180>, in UTF-8.

use super::{List, Row};
use crate::cli::json::{days_left, timestamp};
use crate::text::one_line;

const HEADER: &str = "commonName,expirationDate,daysLeft,provisionStatus,serviceRegion,slotId,certificateName,severity,\
                      tlsVersions,cipherProfile";

/// The certificates, in order, below a line with the names of the columns: those of the JSON form.
pub(in crate::cli) fn csv(list: &List) -> String {
    let header = HEADER.to_owned() + if list.is_probed { ",served\r\n" } else { "\r\n" };
    list.rows.iter().fold(header, |text, row| text + &line(row, list.is_probed))
}

fn line(row: &Row, is_probed: bool) -> String {
    let certificate = &row.certificate;
    let mut fields = vec![
        field(&certificate.common_name),
        row.expiry().map(timestamp).unwrap_or_default(),
        row.left.map(|left| days_left(left).to_string()).unwrap_or_default(),
        field(certificate.status.as_str()),
        field(&certificate.service_region),
        certificate.slot_id.to_string(),
        field(&certificate.certificate_name),
        row.severity_name().to_owned(),
        // A blank, since a comma would have to be quoted.
        field(&certificate.tls_versions.replace(',', " ")),
        field(&certificate.cipher_profile),
    ];
    if is_probed {
        let served = row.served.iter().map(|sight| {
            let until = sight.seen.map(|seen| timestamp(seen.ends));
            let remark = sight.remark.map(|remark| remark.as_str().to_owned());
            let said = [sight.host()].into_iter().chain(until).chain(remark).collect::<Vec<_>>();
            said.join(" ")
        });
        fields.push(field(&served.collect::<Vec<_>>().join("; ")));
    }
    fields.join(",") + "\r\n"
}

/// A text from the API as a field. What a spreadsheet would take for a formula gets an apostrophe before it:
/// <https://owasp.org/www-community/attacks/CSV_Injection>.
fn field(text: &str) -> String {
    let text = one_line(text);
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::tests::{certificate, list};
    use chrono::TimeDelta;

    #[test]
    fn fields_are_quoted_where_they_must_be_and_are_never_formulas() {
        for (text, expected) in [
            ("*.example.kr", "*.example.kr"),
            ("쇼핑.한국", "쇼핑.한국"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "two lines"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("\t=1+1", "'=1+1"),
            ("\u{200b}@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("＝1", "'＝1"),
            ("+1", "'+1"),
        ] {
            assert_eq!(field(text), expected);
        }
    }

    #[test]
    fn numbers_stay_numbers_and_what_is_unknown_is_empty() {
        let list = list(vec![
            certificate(-7, "a.kr", Some(TimeDelta::days(-2)), "RUNNING"),
            certificate(8, "b.kr", None, "RUNNING"),
            certificate(9, "c.kr", Some(TimeDelta::days(90)), "RUNNING"),
        ]);
        let text = csv(&list);
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(
            lines[1..],
            [
                "a.kr,2026-11-21T00:00:00Z,-2,RUNNING,KR_JP,-7,cert--7,critical,1.2 1.3,GE-DEFAULT-v1",
                "c.kr,2027-02-21T00:00:00Z,90,RUNNING,KR_JP,9,cert-9,ok,1.2 1.3,GE-DEFAULT-v1",
                "b.kr,,,RUNNING,KR_JP,8,cert-8,warning,1.2 1.3,GE-DEFAULT-v1",
                "",
            ]
        );
    }
}
