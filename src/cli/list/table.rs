//! The inventory as a table for a terminal: columns that are aligned, whatever script the names are in.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::List;
use crate::cli::terminal::colour;

/// The certificates, in order, below a line with the names of the columns; those to be reported in colour.
pub(in crate::cli) fn table(list: &List) -> String {
    let headings: Vec<String> = list.columns().iter().map(|column| column.to_uppercase()).collect();
    let mut lines = vec![(Style::new().dimmed(), headings)];
    for row in &list.rows {
        lines.push((row.severity().map_or(Style::new(), colour), list.cells(row)));
    }
    let mut widths = vec![0; lines[0].1.len()];
    for (_, cells) in &lines {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.width().max(*width);
        }
    }
    let mut text = String::new();
    for (style, cells) in &lines {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        let _ = writeln!(text, "{style}{}{style:#}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::list::tests::{certificate, list};
    use chrono::TimeDelta;

    #[test]
    fn columns_are_aligned_and_wide_characters_count_twice() {
        let days = TimeDelta::days;
        let three = list(vec![
            certificate(7, "www.example.kr", Some(-days(2)), "RUNNING"),
            certificate(1071, "쇼핑.한국", Some(days(90)), "PUBLISHING"),
            certificate(8, "a-very-long-name-that-nobody-should-give.example.kr", None, ""),
        ]);
        insta::assert_snapshot!(anstream::adapter::strip_str(&table(&three)).to_string(), @"
        NAME                                                 EXPIRES           LEFT        STATUS      REGION  SLOT  CERTIFICATE  TLS
        www.example.kr                                       2026-11-21 09:00  2 days ago  RUNNING     KR_JP   7     cert-7       1.2,1.3 GE-DEFAULT-v1
        쇼핑.한국                                            2027-02-21 09:00  90 days     PUBLISHING  KR_JP   1071  cert-1071    1.2,1.3 GE-DEFAULT-v1
        a-very-long-name-that-nobody-should-give.example.kr  Unknown                                   KR_JP   8     cert-8       1.2,1.3 GE-DEFAULT-v1
        ");
    }

    #[test]
    fn only_what_is_to_be_reported_has_a_colour() {
        let days = TimeDelta::days;
        let left = [Some(-days(2)), Some(days(20)), Some(days(90)), None];
        let rows = (1..).zip(left).map(|(slot, left)| certificate(slot, "a.kr", left, "RUNNING"));
        let text = table(&list(rows.collect()));
        let coloured: Vec<bool> = text.lines().skip(1).map(|line| line.contains("\u{1b}[")).collect();
        assert_eq!(coloured, [true, true, false, true], "expired, expiring, healthy, unknown: {text:?}");
    }
}
