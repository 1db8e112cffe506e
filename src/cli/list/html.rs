//! The inventory as one self-contained page: a timeline of twelve months, and the table. It works without scripts, in light and
//! dark, and on paper.

use std::fmt::Write as _;

use chrono::{Datelike, Months};

use super::{List, renewals};
use crate::certificate::{Expiry, Status};
use crate::cli::words;
use crate::rules::Counts;

/// How many months the timeline has.
const MONTHS: u32 = 12;

/// The height of the highest bar, in pixels, and the least number of certificates that it stands for: a single certificate
/// should not look like a tower.
const HEIGHT: usize = 150;
const FULL: usize = 5;

const STYLE: &str = include_str!("page.css");

/// The page.
pub(in crate::cli) fn html(list: &List) -> String {
    let (language, phrases) = (list.language, list.language.phrases());
    let title = words::TITLE.in_language(language);
    let mut facts = vec![list.coverage(), phrases.time(list.now, list.zone)];
    let counts = Counts::of(list.rows.iter().filter_map(super::Row::severity));
    if counts != Counts::default() {
        facts.insert(1, phrases.by_severity(counts));
    }
    facts.extend(list.unread.clone());
    if list.simulated {
        facts.push(words::SIMULATED.in_language(language).to_owned());
    }
    let mut notice = String::new();
    if let Some(failure) = &list.failure {
        notice = format!("<p class=\"notice\" role=\"alert\">{}</p>\n", escaped(failure));
    }
    let running = list.rows.iter().filter(|row| row.certificate.status == Status::Running).count();
    let today = list.zone.local(list.now).date_naive();
    let renewals = renewals::line(language, running, list.thresholds.warn_days, today).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n<p>{}</p>\n{notice}{}{}\
         <footer>\n<p>{renewals}</p>\n<p>{} · ncp-cert-alert {}</p>\n</footer>\n</body>\n</html>\n",
        language.code(),
        escaped(&facts.join(" · ")),
        timeline(list),
        table(list),
        escaped(&list.rules()),
        env!("CARGO_PKG_VERSION"),
    )
}

/// How many certificates expire in which month, on the clocks of the settings' zone.
fn timeline(list: &List) -> String {
    let [expired, later, unknown] =
        [words::EXPIRED, words::LATER, words::UNKNOWN].map(|text| text.in_language(list.language).to_owned());
    let today = list.zone.local(list.now).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let mut columns = vec![(expired.clone(), Vec::new())];
    for after in 0..MONTHS {
        columns.push(((first + Months::new(after)).format("%Y-%m").to_string(), Vec::new()));
    }
    columns.push((later.clone(), Vec::new()));
    columns.push((unknown.clone(), Vec::new()));
    // A certificate that is being removed needs no attention, whatever its date is.
    for row in list.rows.iter().filter(|row| !row.certificate.status.is_leaving()) {
        let label = match (row.expiry(), &row.certificate.expiry) {
            (Some(time), _) if time <= list.now => expired.clone(),
            (Some(time), _) => list.zone.local(time).format("%Y-%m").to_string(),
            (None, Expiry::NoEnd) => later.clone(),
            (None, _) => unknown.clone(),
        };
        let label = if columns.iter().any(|(column, _)| *column == label) { &label } else { &later };
        for (column, severities) in &mut columns {
            if column == label {
                severities.push(row.severity_name());
            }
        }
    }
    let most = columns.iter().map(|(_, severities)| severities.len()).max().unwrap_or_default().max(FULL);
    let mut items = String::new();
    for (label, severities) in columns {
        let number = severities.len();
        let mut parts = String::new();
        for severity in ["ok", "info", "warning", "critical"] {
            let part = severities.iter().filter(|other| **other == severity).count() * HEIGHT / most;
            let _ = write!(parts, "<i class=\"{severity}\" style=\"height:{part}px\"></i>");
        }
        let _ = writeln!(items, "<li><b>{number}</b>{parts}<span>{label}</span></li>");
    }
    let heading = words::TIMELINE.in_language(list.language);
    format!("<h2>{heading}</h2>\n<ol class=\"wide\">\n{items}</ol>\n")
}

fn table(list: &List) -> String {
    if list.rows.is_empty() {
        return format!("<p>{}</p>\n", escaped(list.language.phrases().texts().nothing_there));
    }
    let mut head = String::new();
    for column in list.columns() {
        let _ = write!(head, "<th scope=\"col\">{column}</th>");
    }
    let mut body = String::new();
    for row in &list.rows {
        let cells = list.cells(row);
        let name = escaped(&cells[0]);
        let name = name.replace('.', ".<wbr>");
        let _ = write!(body, "<tr class=\"{}\"><th scope=\"row\">{name}</th>", row.severity_name());
        for cell in &cells[1..] {
            let _ = write!(body, "<td>{}</td>", escaped(cell));
        }
        body += "</tr>\n";
    }
    format!(
        "<div class=\"wide\">\n<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n"
    )
}

/// `text` with its markup escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::tests::{certificate, list};
    use crate::message::words::Language;
    use chrono::TimeDelta;

    /// The columns of the timeline that are not empty, each with its number.
    fn columns(page: &str) -> Vec<(&str, &str)> {
        let items = page.split("<li><b>").skip(1);
        let columns = items.map(|item| {
            let (number, rest) = item.split_once("</b>").unwrap();
            (rest.split_once("<span>").unwrap().1.split_once("</span>").unwrap().0, number)
        });
        columns.filter(|(_, number)| *number != "0").collect()
    }

    #[test]
    fn every_certificate_is_in_the_numbers_the_timeline_and_the_table() {
        let days = TimeDelta::days;
        let list = list(vec![
            certificate(1, "gone.kr", Some(-days(2)), "RUNNING"),
            certificate(2, "soon.kr", Some(days(2)), "RUNNING"),
            certificate(3, "next.kr", Some(days(20)), "RUNNING"),
            certificate(4, "fine.kr", Some(days(20 + 31)), "RUNNING"),
            certificate(5, "far.kr", Some(days(400)), "RUNNING"),
            certificate(6, "unknown.kr", None, "RUNNING"),
            certificate(7, "stuck.kr", Some(days(100)), "PUBLISHING"),
            certificate(8, "leaving.kr", Some(-days(9)), "DELETING"),
        ]);
        let page = html(&list);
        assert!(page.contains("8 certificates checked · 2 critical, 3 warnings, 1 info"), "{page}");
        assert_eq!(page.matches("<li>").count(), 1 + 12 + 2);
        assert_eq!(
            columns(&page),
            [
                ("Expired", "1"),
                ("2026-11", "1"),
                ("2026-12", "1"),
                ("2027-01", "1"),
                ("2027-03", "1"),
                ("Later", "1"),
                ("Unknown", "1")
            ]
        );
        for name in ["gone", "soon", "next", "fine", "far", "unknown", "stuck", "leaving"] {
            assert_eq!(page.matches(&format!(">{name}.<wbr>kr</th>")).count(), 1, "{name}");
        }
        assert!(page.contains("If each of the RUNNING slots (6) gets a new certificate"), "{page}");
    }

    #[test]
    fn months_are_those_of_the_zone() {
        // Half past midnight on the first of December in Seoul, still November in UTC.
        let time = TimeDelta::days(7) + TimeDelta::minutes(15 * 60 + 30);
        let page = html(&list(vec![certificate(1, "a.kr", Some(time), "RUNNING")]));
        assert_eq!(columns(&page), [("2026-12", "1")]);
    }

    #[test]
    fn nothing_from_the_api_is_markup_and_nothing_is_fetched() {
        let hostile = "\"><img src=x onerror=alert(1)>'</style><script>\u{202e}&amp;";
        let mut row = certificate(1, hostile, Some(TimeDelta::days(3)), hostile);
        (row.certificate_name, row.service_region) = (hostile.into(), hostile.into());
        (row.tls_versions, row.cipher_profile) = (hostile.into(), hostile.into());
        let page = html(&list(vec![row]));
        assert!(!page.contains("<img") && !page.contains("<script") && !page.contains('\u{202e}'));
        assert_eq!((page.matches("</style>").count(), page.matches("&lt;img src=x").count()), (1, 6));
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn a_list_that_is_not_whole_says_so_and_an_empty_one_too() {
        let mut list = list(vec![certificate(1, "a.kr", Some(TimeDelta::days(90)), "RUNNING")]);
        assert!(!html(&list).contains("role=\"alert\""));
        list.total = 3;
        list.failure = Some("no <answer>. Try again".to_owned());
        let page = html(&list);
        assert!(
            page.contains("1 of 3 certificates checked") && page.contains("no &lt;answer&gt;. Try again"),
            "{page}"
        );
        let empty = html(&crate::cli::list::tests::list(vec![]));
        assert!(empty.contains("0 certificates: there is nothing to check.") && !empty.contains("<table"));
    }

    #[test]
    fn a_page_is_in_the_language_of_the_settings() {
        for (language, title) in
            [(Language::Korean, "앞으로 12개월의 만료 일정"), (Language::Japanese, "今後12か月の有効期限")]
        {
            let mut list = list(vec![certificate(1, "a.kr", Some(TimeDelta::days(90)), "RUNNING")]);
            list.language = language;
            let page = html(&list);
            assert!(page.contains(title) && page.contains(&format!("lang=\"{}\"", language.code())), "{page}");
        }
    }
}
