//! The inventory as one self-contained page: numbers, a timeline of twelve months, and the table. It works without scripts, in
//! light and dark, on paper and on a phone.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::rows::{Band, List, Row};
use super::words::{self, Words};
use crate::rules::Severity;
use crate::text;

/// How many months the timeline has.
const MONTHS: u32 = 12;

/// From how many certificates the table has a heading for each month.
const LONG: usize = 40;

/// The least number that makes a bar of full height: a single certificate should not look like a tower.
const FULL: usize = 5;

/// The page.
pub(in crate::cli) fn html(list: &List) -> String {
    let language = list.language.code();
    let page = Page { list, words: Words::of(list.language) };
    let title = page.words.text(words::TITLE);
    let counted = match list.rows.len() {
        some if list.total > some as u64 => page.words.part(some, list.total),
        some => page.words.certificates(some),
    };
    let simulated = if list.simulated { format!(" · {}", page.words.text(words::SIMULATED)) } else { String::new() };
    let date = escaped(&list.language.phrases().time(list.now, list.zone));
    let time = list.now.to_rfc3339();
    let (notice, numbers, timeline, table) = (page.notice(), page.numbers(), page.timeline(), page.table());
    let zone = escaped(&page.words.zone(list.zone.name()));
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p>{counted} · <time datetime=\"{time}\">{date}</time>{simulated}</p>\n{notice}</header>\n\
         <main>\n{numbers}{timeline}{table}</main>\n\
         <footer>{zone} · ncp-cert-alert {version}</footer>\n</body>\n</html>\n"
    )
}

const STYLE: &str = include_str!("page.css");

struct Page<'a> {
    list: &'a List,
    words: Words,
}

/// What a certificate looks like on the page.
fn look(row: &Row) -> &'static str {
    match row.band() {
        Band::Expired | Band::Critical => "critical",
        Band::Warning => "warning",
        Band::Unknown => "unknown",
        Band::Leaving => "none",
        Band::NotRunning | Band::Healthy => "calm",
    }
}

/// One place of the timeline: a month, or what stands apart from the months.
struct Place {
    /// The target of a link to it.
    id: String,
    /// Its label, and the year where one begins.
    name: String,
    year: String,
    /// The label in full.
    label: String,
    /// The class that sets it apart from the months.
    class: &'static str,
    /// The look of each certificate.
    looks: Vec<&'static str>,
}

impl Place {
    fn apart(id: &str, label: &str, class: &'static str) -> Self {
        let (id, name, label) = (id.to_owned(), label.to_owned(), label.to_owned());
        Self { id, name, year: String::new(), label, class, looks: Vec::new() }
    }
}

impl Page<'_> {
    /// A notice that the list is incomplete, if it is.
    fn notice(&self) -> String {
        self.list.failure.as_ref().map_or_else(String::new, |failure| {
            let sentences = escaped(&self.list.language.phrases().sentences(&[&failure.what, &failure.fix]));
            format!(
                "<div class=\"notice\" role=\"alert\"><strong>{}</strong><p>{sentences}</p></div>\n",
                self.words.text(words::INCOMPLETE)
            )
        })
    }

    fn numbers(&self) -> String {
        let usual = [Band::Expired, Band::Critical, Band::Warning, Band::Healthy];
        let others = [Band::Unknown, Band::NotRunning, Band::Leaving];
        let shown = usual.into_iter().chain(others.into_iter().filter(|band| self.list.count(*band) > 0));
        let items = joined(shown.map(|band| {
                let number = self.list.count(band);
                let class = match band {
                    _ if number == 0 => "none",
                    Band::Expired | Band::Critical => "critical",
                    Band::Warning | Band::NotRunning => "warning",
                    Band::Unknown => "unknown",
                    Band::Leaving => "none",
                    Band::Healthy => "calm",
                };
                let label = self.words.band(band, self.list.thresholds);
                format!(
                    "<li class=\"{class}\"><span class=\"{class}\"><i class=\"mark\" aria-hidden=\"true\"></i>{label}</span>\
                     <b>{number}</b></li>\n"
                )
            }));
        format!(
            "<section aria-label=\"{}\">\n<ul class=\"numbers\">\n{items}</ul>\n</section>\n",
            self.words.text(words::OVERVIEW)
        )
    }

    /// The month in which something happens, on the clocks of the settings' zone.
    fn month(&self, time: DateTime<Utc>) -> NaiveDate {
        let day = self.list.zone.local(time).date_naive();
        day.with_day(1).unwrap_or(day)
    }

    fn places(&self) -> Vec<Place> {
        let first = self.month(self.list.now);
        let expired = self.words.band(Band::Expired, self.list.thresholds);
        let mut places = vec![Place::apart("expired", &expired, "apart critical")];
        for month in (0..MONTHS).filter_map(|after| first.checked_add_months(Months::new(after))) {
            let begins = month == first || month.month() == 1;
            places.push(Place {
                name: self.words.short_month(month),
                year: if begins { month.year().to_string() } else { String::new() },
                ..Place::apart(&id(month), &self.words.month(month), "")
            });
        }
        let mut later = Place::apart("", self.words.text(words::LATER), "after");
        let mut unknown = Place::apart("unknown", self.words.text(words::UNKNOWN), "after unknown");
        for row in self.list.rows.iter().filter(|row| row.band() != Band::Leaving) {
            let (id, _) = self.group(row);
            let look = if id == "expired" { "expired" } else { look(row) };
            if id == "unknown" {
                unknown.looks.push(look);
            } else if let Some(place) = places.iter_mut().find(|place| place.id == id) {
                place.looks.push(look);
            } else {
                if later.looks.is_empty() {
                    later.id = id;
                }
                later.looks.push(look);
            }
        }
        places.push(later);
        if !unknown.looks.is_empty() {
            places.push(unknown);
        }
        places
    }

    fn timeline(&self) -> String {
        let places = self.places();
        let most = places.iter().map(|place| place.looks.len()).max().unwrap_or_default().max(FULL);
        let items = joined(places.iter().map(|place| self.place(place, most)));
        let heading = self.words.text(words::TIMELINE);
        format!(
            "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">{heading}</h2>\n<ol class=\"months\">\n{items}</ol>\n\
             </section>\n"
        )
    }

    fn place(&self, place: &Place, most: usize) -> String {
        let Place { id, name, year, label, class, looks } = place;
        let number = looks.len();
        let zero = if number == 0 { " zero" } else { "" };
        let spoken = format!("{label}: {}", self.words.certificates(number));
        let mut parts = String::new();
        // The most urgent are at the foot of a column.
        for look in ["expired", "critical", "warning", "unknown", "calm"] {
            let number = looks.iter().filter(|one| **one == look).count();
            if number > 0 {
                let _ = write!(parts, "<i class=\"{look}\" style=\"--part:{number}\"></i>");
            }
        }
        let share = number * 1000 / most;
        let inner = format!(
            "<span class=\"name\">{name} <em>{year}</em></span><span class=\"stack\"><span class=\"number\">{number}</span>\
             <span class=\"bar\" style=\"--share:{}.{:03}\">{parts}</span></span>",
            share / 1000,
            share % 1000
        );
        let inner = if number > 0 {
            format!("<a class=\"slot\" href=\"#{id}\" aria-label=\"{spoken}\">{inner}</a>")
        } else {
            format!("<span class=\"slot\" role=\"img\" aria-label=\"{spoken}\">{inner}</span>")
        };
        format!("<li class=\"{class}{zero}\">{inner}</li>\n")
    }

    /// What leads to the heading that a row goes under, and the heading.
    fn group(&self, row: &Row) -> (String, String) {
        let word = |band| self.words.band(band, self.list.thresholds);
        match (row.band(), row.expiry()) {
            (Band::Leaving, _) => ("leaving".to_owned(), word(Band::Leaving)),
            (Band::Expired, _) => ("expired".to_owned(), word(Band::Expired)),
            (_, None) => ("unknown".to_owned(), word(Band::Unknown)),
            (_, Some(time)) => {
                let month = self.month(time);
                (id(month), self.words.month(month))
            }
        }
    }

    fn table(&self) -> String {
        let mut rows: Vec<&Row> = self.list.rows.iter().collect();
        if rows.is_empty() {
            return format!("<p>{}</p>\n", self.words.text(words::NONE));
        }
        // A certificate that is being removed needs no attention, whatever its date is.
        rows.sort_by_key(|row| row.band() == Band::Leaving);
        let has_headings = rows.len() > LONG;
        let mut bodies = String::new();
        for rows in rows.chunk_by(|a, b| self.group(a) == self.group(b)) {
            let (id, heading) = self.group(rows[0]);
            let _ = writeln!(bodies, "<tbody id=\"{id}\" role=\"rowgroup\">");
            if has_headings {
                let counted = self.words.certificates(rows.len());
                let _ = writeln!(
                    bodies,
                    "<tr class=\"group\" role=\"row\"><th colspan=\"7\" scope=\"rowgroup\" role=\"rowheader\">{heading} \
                     <span>{counted}</span></th></tr>"
                );
            }
            bodies.extend(rows.iter().map(|row| self.row(row)));
            bodies.push_str("</tbody>\n");
        }
        let [name, expiry, left, status, region, slot, certificate] = self.words.columns();
        let head = |column: &str| format!("<th scope=\"col\" role=\"columnheader\">{column}</th>");
        let head = [
            head(name),
            format!(
                "<th scope=\"col\" role=\"columnheader\" aria-sort=\"ascending\">{expiry} \
                 <span aria-hidden=\"true\">↑</span></th>"
            ),
            head(left),
            head(status),
            head(region),
            format!("<th class=\"slotid\" scope=\"col\" role=\"columnheader\">{slot}</th>"),
            head(certificate),
        ]
        .concat();
        let (heading, counted) = (self.words.text(words::ALL), self.words.certificates(rows.len()));
        let order = self.words.text(words::SOONEST_FIRST);
        format!(
            "<section aria-labelledby=\"all\">\n<h2 id=\"all\">{heading}</h2>\n<table role=\"table\" aria-labelledby=\"all\">\n\
             <caption>{counted} · {order}</caption>\n<thead role=\"rowgroup\">\n<tr role=\"row\">{head}</tr>\n</thead>\n{bodies}\
             </table>\n</section>\n"
        )
    }

    fn row(&self, row: &Row) -> String {
        let certificate = &row.certificate;
        let name = escaped(&self.list.name(row));
        let expiry = row.expiry().map_or_else(
            || self.words.text(words::UNKNOWN).to_owned(),
            |time| {
                let shown = self.list.short_date(time);
                format!("<time datetime=\"{}\">{shown}</time>", time.to_rfc3339())
            },
        );
        let left = row.left.map_or_else(|| "–".to_owned(), |left| self.words.left(left));
        // A status that is to be reported stands out; that of a certificate on its way out is toned down.
        let status_class = match (row.band(), row.certificate.status.as_str()) {
            (Band::Leaving, _) => "gone",
            (_, "RUNNING") => "small",
            _ if row.severity() == Some(Severity::Info) => "small",
            _ => "off",
        };
        let text = |text: &str| match text::name(text) {
            text if text.is_empty() => "–".to_owned(),
            text => escaped(&text),
        };
        let (status, region) = (text(certificate.status.as_str()), text(&certificate.service_region));
        let (slot, name_there) = (certificate.slot_id, text(&certificate.certificate_name));
        let (look, slot_label) = (look(row), self.words.columns()[5]);
        format!(
            "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">{name}</th><td class=\"when\" role=\"cell\">{expiry}</td>\
             <td class=\"left {look}\" role=\"cell\"><i class=\"mark {look}\" aria-hidden=\"true\"></i>{left}</td>\
             <td class=\"status {status_class}\" role=\"cell\">{status}</td><td class=\"region small\" role=\"cell\">{region}</td>\
             <td class=\"slotid small\" role=\"cell\" data-label=\"{slot_label}\">{slot}</td>\
             <td class=\"certificate small\" role=\"cell\">{name_there}</td></tr>\n"
        )
    }
}

/// The pieces, concatenated.
fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().concat()
}

/// The target of a link to a month.
fn id(month: NaiveDate) -> String {
    month.format("m%Y-%m").to_string()
}

/// `text` with its markup escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::rows::tests::{certificate, list};
    use crate::message::words::{Advice, Language};
    use chrono::TimeDelta;

    fn number(page: &str, label: &str) -> String {
        let item = page.split("<li class").find(|item| item.contains(&format!("</i>{label}<"))).unwrap();
        item.split("<b>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    }

    /// What the places of the timeline say.
    fn spoken(page: &str) -> Vec<String> {
        let places = page.split("class=\"slot\"").skip(1);
        places.map(|place| place.split("aria-label=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
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
        for (label, expected) in [
            ("Expired", "1"),
            ("Within 7 days", "1"),
            ("Within 30 days", "1"),
            ("Healthy", "2"),
            ("Expiry unknown", "1"),
            ("Not running", "1"),
            ("Being removed", "1"),
        ] {
            assert_eq!(number(&page, label), expected, "{label}");
        }
        let places = spoken(&page);
        assert_eq!(places.len(), 1 + 12 + 2);
        assert_eq!(places[0], "Expired: 1 certificate");
        assert_eq!(places[1], "November 2026: 1 certificate");
        assert_eq!(places[12], "October 2027: 0 certificates");
        assert_eq!(places[13..], ["Later: 1 certificate", "Unknown: 1 certificate"]);
        for name in ["gone", "soon", "next", "fine", "far", "unknown", "stuck", "leaving"] {
            assert_eq!(page.matches(&format!(">{name}.kr</th>")).count(), 1, "{name}");
        }
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert_eq!(page.matches(&format!(" id=\"{link}\"")).count(), 1, "{link}");
        }
    }

    #[test]
    fn months_are_those_of_the_zone() {
        // Half past midnight on the first of December in Seoul, still November in UTC.
        let time = TimeDelta::days(7) + TimeDelta::minutes(15 * 60 + 30);
        let places = spoken(&html(&list(vec![certificate(1, "a.kr", Some(time), "RUNNING")])));
        assert_eq!(places[1..3], ["November 2026: 0 certificates", "December 2026: 1 certificate"]);
    }

    #[test]
    fn nothing_from_the_api_is_markup_and_nothing_is_fetched() {
        let hostile = "\"><img src=x onerror=alert(1)>'</style><script>\u{202e}&amp;";
        let mut one = certificate(1, hostile, Some(TimeDelta::days(3)), hostile);
        (one.certificate_name, one.service_region) = (hostile.into(), hostile.into());
        let page = html(&list(vec![one]));
        assert!(!page.contains("<img") && !page.contains("<script") && !page.contains('\u{202e}'));
        assert_eq!((page.matches("</style>").count(), page.matches("&lt;img src=x").count()), (1, 4));
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn a_list_that_is_not_whole_says_so_and_an_empty_one_too() {
        let mut list = list(vec![certificate(1, "a.kr", Some(TimeDelta::days(90)), "RUNNING")]);
        assert!(!html(&list).contains("role=\"alert\""));
        list.total = 3;
        list.failure = Some(Advice { what: "no <answer>".to_owned(), fix: "try again".to_owned() });
        let page = html(&list);
        assert!(page.contains("1 of 3 certificates") && page.contains("no &lt;answer&gt;. try again"), "{page}");
        let empty = html(&super::super::rows::tests::list(vec![]));
        assert!(empty.contains("There are no certificates.") && !empty.contains("<table"));
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
