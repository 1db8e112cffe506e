//! A report as monitoring plugins print it: a line with the state and the performance data, then a line for each finding.
//!
//! <https://www.monitoring-plugins.org/doc/guidelines.html#PLUGOUTPUT>

use std::fmt::Write as _;

use crate::message::{Document, unnamed};
use crate::report::Report;

/// What monitoring systems call the exit statuses 0 to 3.
const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/// The output for a report, put into words by `document`, that ends with this exit status; `undelivered` is what webhooks did
/// not take.
pub(super) fn output(report: &Report, document: &Document, undelivered: &[String], status: u8) -> String {
    let mut text = line(&format!("{} - {}", state(status), document.title));
    // Figures of an incomplete list would be false.
    if report.failures().next().is_none() {
        let counts = report.counts();
        let _ = write!(text, " | checked={} critical={} warning={}", report.checked(), counts.critical, counts.warning);
        if let Some(expiry) = report.first_expiry() {
            let _ = write!(text, " days_to_first_expiry={}", super::json::days_left(expiry - report.now));
        }
    }
    text.push('\n');
    let lead = document.lead.iter().chain(&document.notices).map(|notice| line(notice));
    let entries = document.sections.iter().flat_map(|section| {
        let severity = section.severity.as_str().to_uppercase();
        section.entries.iter().map(move |entry| line(&format!("{severity}: {}", entry.brief)))
    });
    let undelivered = undelivered.iter().map(|failure| line(failure));
    let more = unnamed(document).map(|more| line(&more));
    for detail in lead.chain(undelivered).chain(entries).chain(more) {
        let _ = writeln!(text, "{detail}");
    }
    text
}

/// The output for a check that could not start.
pub(super) fn trouble(problems: &[String]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| line(problem)).collect();
    format!("{} - {}\n", state(3), lines.join("\n"))
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
        assert_eq!(trouble(&problems), "CERTIFICATES UNKNOWN - WARN_DAYS is `¦`\nTIME_ZONE is `x`\n");
    }
}
