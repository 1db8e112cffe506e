//! The inventory as a table for a terminal: columns that are aligned, whatever script the names are in, and fit the window.

use anstyle::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::rows::{List, Row};
use super::words::{UNKNOWN, Words};
use crate::cli::terminal::colour;
use crate::text;

/// The space between two columns.
const GAP: usize = 2;

/// The columns that give way: the certificate's name is left out, then the region, then the domain name is shortened.
const NAME: usize = 0;
const REGION: usize = 4;
const CERTIFICATE: usize = 6;

/// The narrowest that the domain name gets, while a column can still be left out and after that.
const NARROW_NAME: usize = 24;
const NARROWEST_NAME: usize = 20;

/// The column of slots, which are numbers and aligned on the right.
const SLOT: usize = 5;

/// A table, and what did not fit into it.
pub(in crate::cli) struct Table {
    /// The lines, with colours.
    pub(in crate::cli) text: String,
    /// The names of the columns that were left out.
    pub(in crate::cli) hidden: Vec<&'static str>,
}

/// The certificates, in order, in lines of at most `width` columns; with `None`, as wide as they are.
pub(in crate::cli) fn table(list: &List, width: Option<usize>) -> Table {
    let headings = Words::of(list.language).columns();
    let cells: Vec<[String; 7]> = list.rows.iter().map(|row| cells(list, row)).collect();
    let mut widths = headings.map(UnicodeWidthStr::width);
    for cells in &cells {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.width().max(*width);
        }
    }
    let hidden = width.map(|width| shrink(&mut widths, width)).unwrap_or_default();
    let hidden = hidden.into_iter().map(|column| headings[column]).collect();
    let upper = headings.map(str::to_uppercase);
    let mut text = line(&upper.each_ref().map(String::as_str), &widths, Style::new().dimmed());
    for (row, cells) in list.rows.iter().zip(&cells) {
        let style = row.severity().map_or(Style::new(), colour);
        text.push_str(&line(&cells.each_ref().map(String::as_str), &widths, style));
    }
    Table { text, hidden }
}

fn cells(list: &List, row: &Row) -> [String; 7] {
    let (words, certificate) = (Words::of(list.language), &row.certificate);
    let expiry = row.expiry().map_or_else(|| words.text(UNKNOWN).to_owned(), |time| list.short_date(time));
    [
        list.name(row),
        expiry,
        row.left.map(|left| words.left(left)).unwrap_or_default(),
        text::name(certificate.status.as_str()),
        text::name(&certificate.service_region),
        certificate.slot_id.to_string(),
        text::name(&certificate.certificate_name),
    ]
}

/// Makes columns narrower until a line fits. Those that are left out have the width 0, and are returned.
fn shrink(widths: &mut [usize; 7], width: usize) -> Vec<usize> {
    let over = |widths: &[usize; 7]| {
        let shown = widths.iter().filter(|width| **width > 0);
        (shown.clone().sum::<usize>() + GAP * (shown.count() - 1)).saturating_sub(width)
    };
    let mut hidden = Vec::new();
    for column in [CERTIFICATE, REGION] {
        if over(widths) > widths[NAME].saturating_sub(NARROW_NAME) {
            widths[column] = 0;
            hidden.push(column);
        }
    }
    widths[NAME] = widths[NAME].saturating_sub(over(widths)).max(NARROWEST_NAME.min(widths[NAME]));
    hidden
}

fn line(cells: &[&str; 7], widths: &[usize; 7], style: Style) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate().filter(|(_, (_, width))| **width > 0) {
        if !line.is_empty() {
            line.push_str(&" ".repeat(GAP));
        }
        let cell = cut(cell, *width);
        let padding = " ".repeat(width - cell.width());
        line.push_str(&if column == SLOT { padding + &cell } else { cell + &padding });
    }
    format!("{style}{}{style:#}\n", line.trim_end())
}

/// As much of `text` as fits `width` columns, with an ellipsis if that is not all.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for grapheme in text.graphemes(true) {
        if kept.width() + grapheme.width() >= width {
            break;
        }
        kept.push_str(grapheme);
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::rows::tests::{certificate, list};
    use chrono::TimeDelta;

    fn plain(table: &Table) -> String {
        anstream::adapter::strip_str(&table.text).to_string()
    }

    fn three() -> List {
        let days = TimeDelta::days;
        list(vec![
            certificate(7, "www.example.kr", Some(-days(2)), "RUNNING"),
            certificate(1071, "쇼핑.한국", Some(days(90)), "PUBLISHING"),
            certificate(8, "a-very-long-name-that-nobody-should-give.example.kr", None, ""),
        ])
    }

    #[test]
    fn columns_are_aligned_and_wide_characters_count_twice() {
        insta::assert_snapshot!(plain(&table(&three(), None)), @"
        NAME                                                 EXPIRES           LEFT        STATUS      REGION  SLOT  CERTIFICATE
        www.example.kr                                       2026-11-21 09:00  2 days ago  RUNNING     KR_JP      7  cert-7
        쇼핑.한국                                            2027-02-21 09:00  90 days     PUBLISHING  KR_JP   1071  cert-1071
        a-very-long-name-that-nobody-should-give.example.kr  Unknown                                   KR_JP      8  cert-8
        ");
    }

    #[test]
    fn a_narrow_window_gets_what_fits_and_hears_what_does_not() {
        let narrow = table(&three(), Some(80));
        assert_eq!(narrow.hidden, ["Certificate"]);
        let shown = plain(&narrow);
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
        assert!(shown.contains("…") && shown.contains("쇼핑.한국") && shown.contains("2027-02-21 09:00"));
        assert!(table(&three(), Some(200)).hidden.is_empty());
        assert_eq!(table(&three(), Some(20)).hidden, ["Certificate", "Region"]);
    }

    #[test]
    fn only_what_is_to_be_reported_has_a_colour() {
        let days = TimeDelta::days;
        let rows =
            [Some(-days(2)), Some(days(20)), Some(days(90)), None].map(|left| certificate(1, "a.kr", left, "RUNNING"));
        let text = table(&list(rows.into()), None).text;
        let coloured: Vec<bool> = text.lines().skip(1).map(|line| line.contains("\u{1b}[")).collect();
        assert_eq!(coloured, [true, true, false, true], "expired, expiring, healthy, unknown: {text:?}");
    }
}
