//! A report as monitoring plugins print it: a line with the state and the performance data, then a line for each finding.
//!
//! <https://www.monitoring-plugins.org/doc/guidelines.html#PLUGOUTPUT>

use std::fmt::Write as _;

use crate::message::{Document, unnamed};
use crate::report::Report;
use crate::rules::Counts;

/// What monitoring systems call the exit statuses 0 to 3.
const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/// The output for a report, put into words by `document`, that ends with this exit status; `undelivered` is what could not be delivered.
pub(super) fn output(report: &Report, document: &Document, undelivered: &[String], status: u8) -> String {
    let mut text = line(&format!("{} - {}", state(status), document.title));
    text += &figures(report.checked(), report.counts());
    if let Some(expiry) = report.first_expiry() {
        let _ = write!(text, " days_to_first_expiry={}", super::json::days_left(expiry - report.now));
    }
    text.push('\n');
    for detail in document.lead.iter().chain(&document.notices).chain(undelivered) {
        let _ = writeln!(text, "{}", line(detail));
    }
    let mut failures = report.failures().count();
    for section in &document.sections {
        for entry in &section.entries {
            // What could not be read comes first.
            let state = if failures > 0 { STATES[3].to_owned() } else { section.severity.as_str().to_uppercase() };
            failures = failures.saturating_sub(1);
            let _ = writeln!(text, "{}", line(&format!("{state}: {}", entry.brief)));
        }
    }
    if let Some(more) = unnamed(document) {
        let _ = writeln!(text, "{}", line(&more));
    }
    text
}

/// The output for a check that could not start. It has figures too: a graph without them has a gap, or keeps the last ones.
pub(super) fn trouble(problems: &[String]) -> String {
    let mut lines: Vec<String> = problems.iter().map(|problem| line(problem)).collect();
    if let Some(first) = lines.first_mut() {
        first.push_str(&figures(0, Counts::default()));
    }
    format!("{} - {}\n", state(3), lines.join("\n"))
}

/// The performance data that are always there.
fn figures(checked: u64, counts: Counts) -> String {
    format!(" | checked={checked} critical={} warning={}", counts.critical, counts.warning)
}

fn state(status: u8) -> String {
    format!("CERTIFICATES {}", STATES[usize::from(status.min(3))])
}

/// A text on one line of plugin output, where a vertical bar begins performance data.
fn line(text: &str) -> String {
    crate::text::one_line(&text.replace('|', "¦"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_or_a_line_break_ends_no_line() {
        assert_eq!(line("a|b\nc | d=1"), "a¦b c ¦ d=1");
        let problems = ["WARN_DAYS is `|`\n".to_owned(), "TIME_ZONE is `x`".to_owned()];
        assert_eq!(
            trouble(&problems),
            "CERTIFICATES UNKNOWN - WARN_DAYS is `¦` | checked=0 critical=0 warning=0\nTIME_ZONE is `x`\n"
        );
    }
}
