//! What is printed: a digest with aligned columns, texts, JSON; in colours where they are wanted. The terminal wraps long lines.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::message::{Document, Section, mark, marked, unnamed};
use crate::rules::Severity;
use crate::text;
use crate::text::quote::Problems;

/// The widest column of names.
const NAME_COLUMN: usize = 32;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Prints a digest: a line for each finding, or all that is known of it if `verbose`. `NO_COLOR` and a pipe turn colours off.
pub(super) fn print(document: &Document, failures: usize, verbose: bool) -> Result<(), Problems> {
    print_text(&render(document, failures, verbose))
}

/// Prints a text that may contain colours.
pub(super) fn print_text(text: &str) -> Result<(), Problems> {
    let mut stdout = anstream::stdout().lock();
    written(write!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Prints a text byte for byte.
pub(super) fn print_raw(text: &[u8]) -> Result<(), Problems> {
    let mut stdout = std::io::stdout().lock();
    written(stdout.write_all(text).and_then(|()| stdout.flush()))
}

/// Prints JSON, indented. What a terminal would obey or hide is escaped, so that programs get it as it is.
pub(super) fn print_json(value: &Value) -> Result<(), Problems> {
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
fn written(result: std::io::Result<()>) -> Result<(), Problems> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(vec![format!("the output cannot be written: {error}")])
        }
        _ => Ok(()),
    }
}

/// Prints a step of an examination: how it ended, its title, what was seen in a line or more, and what to do on a line of its own. `columns` are the
/// widths of the first two.
pub(super) fn print_step(
    outcome: &str,
    [label, title]: [&str; 2],
    columns: [usize; 2],
    said: &str,
    fix: &str,
) -> Result<(), Problems> {
    let style = match outcome {
        "ok" => Style::new().fg_color(Some(AnsiColor::Green.into())),
        "failed" => colour(Severity::Critical),
        _ => DIM,
    };
    let [after_label, after_title] = [(label, columns[0]), (title, columns[1])]
        .map(|(text, column)| " ".repeat(column.saturating_sub(text.width()) + 2));
    let said = said.replace('\n', &format!("\n{:indent$}", "", indent = columns[0] + columns[1] + 4));
    let mut text = format!("{style}{label}{style:#}{after_label}{BOLD}{title}{BOLD:#}{after_title}{said}\n");
    if !fix.is_empty() {
        line(&mut text, BOLD, columns[0] + 2, &format!("→ {fix}"));
    }
    print_text(&text)
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

/// Prints a log line if it is a warning: without its time and level.
pub(super) fn warn(line: &str) {
    if let Some((_, warning)) = line.split_once(" WARN  ") {
        let yellow = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
        let _ = writeln!(anstream::stderr().lock(), "{yellow}cert-alert:{yellow:#} {warning}");
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

fn render(document: &Document, failures: usize, verbose: bool) -> String {
    let mut text = String::new();
    line(&mut text, BOLD, 0, &marked(document.mark, &document.title));
    for notice in &document.notices {
        line(&mut text, DIM, 3, notice);
    }
    if let Some(lead) = &document.lead {
        line(&mut text, Style::new(), 3, lead);
    }
    let names = document.sections.iter().flat_map(|section| &section.entries).map(|entry| entry.name.width());
    let column = names.max().unwrap_or_default().min(NAME_COLUMN);
    for (number, section) in (1..).zip(&document.sections) {
        // A screen has few lines: blank ones are for readers who want everything.
        if verbose {
            text.push('\n');
        }
        // Failures come first. All that is known of one is shown, since it says what to do.
        self::section(&mut text, section, column, verbose || (number == 1 && failures > 0));
    }
    if let Some(more) = unnamed(document) {
        line(&mut text, Style::new(), 3, &more);
    }
    if verbose {
        text.push('\n');
    }
    for appendix in &document.appendices {
        line(&mut text, BOLD, 0, &appendix.heading);
        for appended in &appendix.lines {
            line(&mut text, Style::new(), 0, appended);
        }
    }
    for closing in document.muted.iter().chain(&document.closing) {
        line(&mut text, DIM, 0, closing);
    }
    text
}

fn section(text: &mut String, section: &Section, column: usize, is_full: bool) {
    line(text, colour(section.severity), 0, &marked(mark(Some(section.severity)), &section.heading));
    for entry in &section.entries {
        let date = entry.date.as_ref().map_or("", |date| &date.behind);
        let padding = " ".repeat(column.saturating_sub(entry.name.width()) + 2);
        let aside = if is_full { &entry.aside } else { "" };
        let _ = writeln!(text, "   {BOLD}{}{BOLD:#}{padding}{}{date}{aside}", entry.name, entry.news);
        let indent = 3 + column + 2;
        if is_full {
            for known in entry.details.iter().chain(&entry.lines) {
                line(text, DIM, indent, known);
            }
        }
        // What to do is always shown.
        if let Some(step) = &entry.step {
            line(text, DIM, indent, step);
        }
    }
    if let Some(more) = &section.more {
        line(text, Style::new(), 3, more);
    }
}

fn line(text: &mut String, style: Style, indent: usize, line: &str) {
    let _ = writeln!(text, "{:indent$}{style}{line}{style:#}", "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::compose;
    use crate::message::words::Language;
    use crate::report::view::{Audience, NotifyPolicy, Routes, Scope, views};
    use crate::rules::Thresholds;
    use crate::run::sample;
    use crate::settings::Settings;
    use anstream::adapter::strip_str;
    use chrono::{DateTime, Utc};

    /// A usual digest, in every language: the output for the sample, which has four findings in three groups.
    #[test]
    fn a_finding_takes_one_line_of_80_columns() {
        let now: DateTime<Utc> = "2026-11-23T00:00:00Z".parse().unwrap();
        let report = sample::report(Thresholds::DEFAULT, now, now.date_naive());
        for language in Language::ALL {
            let everybody = Audience { routes: Routes::default(), least: Severity::Info };
            let policy = NotifyPolicy { least: Severity::Info, when_clear: true, scope: Scope::All };
            let view = views(&report, &[everybody], policy).remove(0).unwrap();
            let style = Settings { language, ..Settings::default() }.style();
            let document = compose(&view, &style);
            let text = strip_str(&render(&document, 0, false)).to_string();
            let findings: Vec<&str> = text.lines().filter(|line| line.contains("example.com")).collect();
            assert_eq!(findings.len(), 4, "{text}");
            assert!(findings.iter().all(|line| line.starts_with("   ") && line.width() <= 80), "{text}");
            let full = strip_str(&render(&document, 0, true)).to_string();
            for slot in [101, 102, 103, 104] {
                assert!(full.contains(&slot.to_string()) && !text.contains(&slot.to_string()), "{full}");
            }
        }
    }
}
