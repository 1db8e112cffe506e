//! The clocks, and the only code that reads them.
//!
//! Everything else takes the time as an argument. Two kinds are kept apart by type: times that are judged, shown and signed
//! are [`chrono::DateTime`]; times to wait for are [`tokio::time::Instant`], which tests can pause.

pub mod zone;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// A wall clock. Signing needs a fresh time for every attempt, so the clock is passed as a function.
pub type Clock = fn() -> DateTime<Utc>;

/// The machine's wall clock.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// When each part of a run must end so that the next part still has time: derived from the time that the invocation has left,
/// never from constants that could add up to more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Secrets and lists are read until then.
    pub list: Instant,
    /// Hosts are looked at until then.
    pub probe: Instant,
    /// Details are read until then.
    pub details: Instant,
    /// The digest is posted until then.
    pub deliver: Instant,
    /// Failures to post are reported until then; the time after it is for the answer to Lambda.
    pub notice: Instant,
}

impl Deadlines {
    /// Divides the time that is left, from `start` on.
    pub fn new(start: Instant, left: Duration) -> Self {
        // The answer and the last log lines take milliseconds; a twentieth is reserved for a machine under load.
        let usable = left.saturating_sub((left / 20).min(Duration::from_secs(1)));
        let after = |percent: u32| start + usable * percent / 100;
        // At Lambda's 60 seconds 100 hosts of which half do not answer take 35, and a message that is posted at last has 11.
        Self { list: after(50), probe: after(61), details: after(65), deliver: after(85), notice: after(100) }
    }
}

/// The time left until `time`.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
pub fn left_until(time: Instant) -> Duration {
    time.saturating_duration_since(Instant::now())
}

/// The current time, to count from.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
pub fn monotonic() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_ends_before_the_next_and_the_last_before_the_deadline() {
        let start = monotonic();
        for left in [Duration::ZERO, Duration::from_secs(3), Duration::from_secs(10), Duration::from_mins(15)] {
            let deadlines = Deadlines::new(start, left);
            assert!(start <= deadlines.list && deadlines.list <= deadlines.probe);
            assert!(deadlines.probe <= deadlines.details);
            assert!(deadlines.details <= deadlines.deliver && deadlines.deliver <= deadlines.notice);
            assert!(deadlines.notice <= start + left);
            assert!(start + left - deadlines.notice <= Duration::from_secs(1));
        }
    }
}
