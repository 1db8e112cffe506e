//! A digest on a terminal: aligned columns, lines that fit, colours where they are wanted.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::finding::Severity;
use crate::message::{Document, Entry, Section, mark};

/// The width of what is not a terminal.
const DEFAULT_WIDTH: usize = 100;

/// The narrowest and the widest that lines are made.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// The widest column of names.
const NAME_COLUMN: usize = 32;

/// What stands between the parts of a line.
const SEPARATOR: &str = " · ";

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Prints a digest. `NO_COLOR` and a pipe turn colours off.
pub(super) fn print(document: &Document) {
    let width = terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| width.0.into());
    let text = render(document, width.clamp(*WIDTHS.start(), *WIDTHS.end()));
    let _ = write!(anstream::stdout().lock(), "{text}");
}

/// Prints JSON, indented.
pub(super) fn print_json(value: &Value) {
    let _ = writeln!(anstream::stdout().lock(), "{value:#}");
}

/// Says something beside the result.
pub(super) fn hint(lines: &[&str]) {
    let mut stderr = anstream::stderr().lock();
    for line in lines {
        let _ = writeln!(stderr, "{DIM}{line}{DIM:#}");
    }
}

/// Says what went wrong.
pub(super) fn complain(problem: &str) {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let _ = writeln!(anstream::stderr().lock(), "{red}cert-alert:{red:#} {problem}");
}

fn colour(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Critical => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Blue,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

fn render(document: &Document, width: usize) -> String {
    let mut text = String::from("\n");
    let mut line = |style: Style, indent: usize, line: &str| {
        for line in wrapped(line, width.saturating_sub(indent)) {
            let _ = writeln!(text, "{:indent$}{style}{line}{style:#}", "");
        }
    };
    line(BOLD, 0, &format!("{} {}", mark(document.worst), document.title));
    for notice in &document.notices {
        line(DIM, 3, notice);
    }
    if let Some(lead) = &document.lead {
        line(Style::new(), 3, lead);
    }
    let names = document.sections.iter().flat_map(|section| &section.entries).map(|entry| entry.name.width());
    let column = names.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default();
    for section in &document.sections {
        text.push_str(&rendered(section, column, width));
    }
    text.push('\n');
    let mut line = |style: Style, line: &str| {
        for line in wrapped(line, width) {
            let _ = writeln!(text, "{style}{line}{style:#}");
        }
    };
    for closing in &document.closing {
        line(DIM, closing);
    }
    text.push('\n');
    text
}

fn rendered(section: &Section, column: usize, width: usize) -> String {
    let style = colour(section.severity);
    let mut text = format!("\n{style}{} {}{style:#}\n", mark(Some(section.severity)), section.heading);
    for Entry { name, news, date, lines, .. } in &section.entries {
        let indent = 3 + column + 2;
        let room = width.saturating_sub(indent).max(20);
        let mut news = wrapped(&format!("{news}{}", date.as_ref().map_or("", |date| &date.behind)), room).into_iter();
        let first = news.next().unwrap_or_default();
        if name.width() > column {
            let _ = writeln!(text, "   {BOLD}{name}{BOLD:#}\n{:indent$}{first}", "");
        } else {
            let padding = column - name.width() + 2;
            let _ = writeln!(text, "   {BOLD}{name}{BOLD:#}{:padding$}{first}", "");
        }
        for line in news {
            let _ = writeln!(text, "{:indent$}{line}", "");
        }
        for line in lines.iter().flat_map(|line| wrapped(line, room)) {
            let _ = writeln!(text, "{:indent$}{DIM}{line}{DIM:#}", "");
        }
    }
    text
}

/// Breaks a line so that it fits `width` columns: between its parts where that is enough, else at blanks. Korean and Japanese
/// characters take two columns.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let parts = packed(line.split(SEPARATOR), SEPARATOR, width);
    parts.into_iter().flat_map(|part| packed(part.split(' '), " ", width)).collect()
}

/// Puts as many pieces into a line as fit.
fn packed<'a>(pieces: impl Iterator<Item = &'a str>, between: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(last) if last.width() + between.width() + piece.width() <= width => {
                last.push_str(between);
                last.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_count_columns() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("인증서 만료 임박", 11), ["인증서 만료", "임박"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrapped("one two · three", 12), ["one two", "three"]);
        assert_eq!(wrapped("one · two · three four", 9), ["one · two", "three", "four"]);
    }
}
