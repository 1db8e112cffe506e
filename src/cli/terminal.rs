//! A digest on a terminal: aligned columns, lines that fit, colours where they are wanted.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::message::{Document, Entry, Section, mark, marked, unnamed};
use crate::rules::Severity;
use crate::text;

/// The width used where there is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// The narrowest and the widest that lines may be.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// The widest column of names.
const NAME_COLUMN: usize = 32;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// How much of a digest is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// One line per finding; failures come first, with what to do about them.
    Brief {
        /// How many failures there are.
        failures: usize,
    },
    /// Everything.
    Full,
}

/// Prints a digest. `NO_COLOR` and a pipe turn colours off.
pub(super) fn print(document: &Document, detail: Detail) -> Result<(), String> {
    let width = width().unwrap_or(DEFAULT_WIDTH);
    print_text(&render(document, width.clamp(*WIDTHS.start(), *WIDTHS.end()), detail))
}

/// How many columns the terminal has, if standard output is one.
pub(super) fn width() -> Option<usize> {
    let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    size.map(|(width, _)| width.0.into())
}

/// Whether only standard error reaches a person: standard output goes elsewhere.
pub(super) fn is_watched_beside_output() -> bool {
    std::io::stderr().is_terminal() && !std::io::stdout().is_terminal()
}

/// Prints a text that may contain colours.
pub(super) fn print_text(text: &str) -> Result<(), String> {
    let mut stdout = anstream::stdout().lock();
    written(write!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Prints a text byte for byte.
pub(super) fn print_raw(text: &[u8]) -> Result<(), String> {
    let mut stdout = std::io::stdout().lock();
    written(stdout.write_all(text).and_then(|()| stdout.flush()))
}

/// Prints JSON, indented. What a terminal would obey or hide is escaped, so that programs get it as it is.
pub(super) fn print_json(value: &Value) -> Result<(), String> {
    let text = format!("{value:#}\n");
    let mut escaped = String::new();
    for c in text.chars() {
        // Only within texts is there anything but ASCII, or a control character other than a line break.
        if c != '\n' && (c.is_control() || text::is_invisible(c)) {
            let mut units = [0; 2];
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(c);
        }
    }
    print_raw(escaped.as_bytes())
}

/// Whoever reads no further, such as `head`, has what they wanted; output that is lost for another reason is an error.
fn written(result: std::io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("the output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Prints a hint apart from the result.
pub(super) fn hint(lines: &[&str]) {
    let mut stderr = anstream::stderr().lock();
    for line in lines {
        let _ = writeln!(stderr, "{DIM}{line}{DIM:#}");
    }
}

/// Prints what went wrong, one line each.
pub(super) fn complain(problems: &[String]) {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let mut stderr = anstream::stderr().lock();
    for problem in problems {
        let _ = writeln!(stderr, "{red}cert-alert:{red:#} {problem}");
    }
}

/// The colour of a severity.
pub(super) fn colour(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Critical => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Blue,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

fn render(document: &Document, width: usize, detail: Detail) -> String {
    // A screen has few lines: blank ones are for readers who want everything.
    let spacing = if detail == Detail::Full { "\n" } else { "" };
    let mut screen = Screen { text: spacing.to_owned(), dot: document.language.phrases().dot(), width };
    let title = marked(document.mark, &document.title);
    screen.line(BOLD, 0, &title);
    for notice in &document.notices {
        screen.line(DIM, 3, notice);
    }
    if let Some(lead) = &document.lead {
        screen.line(Style::new(), 3, lead);
    }
    let names = document.sections.iter().flat_map(|section| &section.entries).map(|entry| entry.name.width());
    let column = names.filter(|width| *width <= NAME_COLUMN).max().unwrap_or_default();
    for section in &document.sections {
        screen.section(section, column, is_full(section, document, detail));
    }
    if let Some(more) = unnamed(document) {
        screen.line(Style::new(), 3, &more);
    }
    screen.text.push_str(spacing);
    for block in &document.blocks {
        if !block.heading.is_empty() {
            screen.line(BOLD, 0, &block.heading);
        }
        for line in &block.lines {
            screen.line(Style::new(), 0, line);
        }
    }
    for closing in document.standing.iter().chain(&document.closing) {
        screen.line(DIM, 0, closing);
    }
    // The first lines may have scrolled off the screen.
    if !document.sections.is_empty() {
        screen.text.push_str(spacing);
        screen.line(BOLD, 0, &title);
    }
    screen.text.push_str(spacing);
    screen.text
}

/// Whether all that is known of a section's entries is shown. For a failure it always is, since it says what to do.
fn is_full(section: &Section, document: &Document, detail: Detail) -> bool {
    match detail {
        Detail::Full => true,
        Detail::Brief { failures: 0 } => false,
        Detail::Brief { .. } => document.sections.first() == Some(section),
    }
}

/// Lines that fit `width` columns.
struct Screen {
    text: String,
    /// What stands between the parts of a line, which may be broken there.
    dot: &'static str,
    width: usize,
}

impl Screen {
    fn wrapped(&self, line: &str, indent: usize) -> Vec<String> {
        wrapped(line, self.dot, self.width.saturating_sub(indent).max(20))
    }

    fn line(&mut self, style: Style, indent: usize, line: &str) {
        for line in self.wrapped(line, indent) {
            let _ = writeln!(self.text, "{:indent$}{style}{line}{style:#}", "");
        }
    }

    fn section(&mut self, section: &Section, column: usize, is_full: bool) {
        if is_full {
            self.text.push('\n');
        }
        self.line(colour(section.severity), 0, &marked(mark(Some(section.severity)), &section.heading));
        let indent = 3 + column + 2;
        for Entry { name, news, date, aside, lines, details, .. } in &section.entries {
            let dated = format!("{news}{}", date.as_ref().map_or("", |date| &date.behind));
            // On one line the date gives way before the news does.
            let news = if is_full || dated.width() + indent <= self.width { &dated } else { news };
            let mut news = self.wrapped(news, indent).into_iter();
            let first = news.next().unwrap_or_default();
            if name.width() > column {
                let _ = writeln!(self.text, "   {BOLD}{name}{BOLD:#}\n{:indent$}{first}", "");
            } else {
                let padding = column - name.width() + 2;
                let _ = writeln!(self.text, "   {BOLD}{name}{BOLD:#}{:padding$}{first}", "");
            }
            for line in news {
                let _ = writeln!(self.text, "{:indent$}{line}", "");
            }
            if is_full {
                let aside = aside.strip_prefix(self.dot).unwrap_or(aside);
                let aside = (!aside.is_empty()).then_some(aside);
                for line in aside.into_iter().chain(details.iter().chain(lines).map(String::as_str)) {
                    self.line(DIM, indent, line);
                }
            }
        }
    }
}

/// Breaks a line so that it fits `width` columns: between its parts, at `dot`, where that is enough, otherwise at spaces.
/// Korean and Japanese characters take two columns.
fn wrapped(line: &str, dot: &str, width: usize) -> Vec<String> {
    let parts = packed(line.split(dot), dot, width);
    parts.into_iter().flat_map(|part| packed(part.split(' '), " ", width)).collect()
}

/// Puts as many pieces on a line as fit.
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
    use crate::lambda::sample;
    use crate::message::compose;
    use crate::message::words::{Language, Reader};
    use crate::report::view::{Audience, NotifyPolicy, Routes, Scope, views};
    use crate::rules::Thresholds;
    use crate::settings::Settings;
    use anstream::adapter::strip_str;
    use chrono::{DateTime, Utc};

    #[test]
    fn lines_break_at_blanks_and_count_columns() {
        let wrapped = |line, width| wrapped(line, " · ", width);
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("인증서 만료 임박", 11), ["인증서 만료", "임박"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrapped("one two · three", 12), ["one two", "three"]);
        assert_eq!(wrapped("one · two · three four", 9), ["one · two", "three", "four"]);
        // Japanese has no spaces to break at.
        assert_eq!(super::wrapped("残り3日・スロット 69・本番", "・", 18), ["残り3日", "スロット 69・本番"]);
    }

    /// A usual digest, in every language: the output for the sample, which has four findings in three groups.
    #[test]
    fn a_finding_takes_one_line_of_80_columns_and_the_title_comes_again_at_the_end() {
        let now: DateTime<Utc> = "2026-11-23T00:00:00Z".parse().unwrap();
        let report = sample::report(Thresholds::DEFAULT, now, now.date_naive());
        for language in Language::ALL {
            let everybody = Audience { routes: Routes::default(), least: Severity::Info };
            let policy = NotifyPolicy { least: Severity::Info, when_clear: true, scope: Scope::All };
            let view = views(&report, &[everybody], policy).remove(0).unwrap();
            let style = Settings { language, ..Settings::default() }.style(Reader::Terminal);
            let document = compose(&view, &style);
            let text = strip_str(&render(&document, 80, Detail::Brief { failures: 0 })).to_string();
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.first(), lines.last(), "{text}");
            // The title twice, the notice (which does not wrap in Japanese), a heading per group, a line per finding.
            assert!(lines.len() <= 2 + 2 + document.sections.len() + 4, "{text}");
            assert_eq!(lines.iter().filter(|line| line.starts_with("   ") && line.contains("example.com")).count(), 4);
            assert!(lines.iter().all(|line| line.width() <= 80 && !line.is_empty()), "{text}");
            let full = strip_str(&render(&document, 80, Detail::Full)).to_string();
            for slot in [101, 102, 103, 104] {
                assert!(full.contains(&slot.to_string()) && !text.contains(&slot.to_string()), "{full}");
            }
        }
    }
}
