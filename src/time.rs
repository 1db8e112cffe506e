//! The clocks: the one place that reads them.
//!
//! Everything else takes the time as an argument. Two kinds are kept apart by type: what is judged, shown and signed is a
//! [`chrono::DateTime`]; what is waited for is a [`tokio::time::Instant`], which tests can pause.

pub mod zone;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// A wall clock. Signing needs it fresh for every attempt, so it travels as a function.
pub type Clock = fn() -> DateTime<Utc>;

/// The machine's wall clock.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
#[must_use]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// When each part of a run must have ended, so that the next part still has its time: derived from what the invocation has
/// left, never constants that add up to more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Secrets and lists are read until then.
    pub list: Instant,
    /// Details are read until then.
    pub details: Instant,
    /// The digest is posted until then.
    pub deliver: Instant,
    /// What went wrong with the posting is told until then; what is left after it belongs to the answer to Lambda.
    pub notice: Instant,
}

impl Deadlines {
    /// Shares out what is left from `start` on.
    #[must_use]
    pub fn new(start: Instant, left: Duration) -> Self {
        // The answer and the last log lines take milliseconds; a twentieth is kept for a machine under load.
        let usable = left.saturating_sub((left / 20).min(Duration::from_secs(1)));
        let after = |percent: u32| start + usable * percent / 100;
        Self { list: after(50), details: after(55), deliver: after(82), notice: after(100) }
    }
}

/// What is left until `time`.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
#[must_use]
pub fn left_until(time: Instant) -> Duration {
    time.saturating_duration_since(Instant::now())
}

/// The present, to count from.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
#[must_use]
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
            assert!(start <= deadlines.list && deadlines.list <= deadlines.details);
            assert!(deadlines.details <= deadlines.deliver && deadlines.deliver <= deadlines.notice);
            assert!(deadlines.notice <= start + left);
            assert!(start + left - deadlines.notice <= Duration::from_secs(1));
        }
    }
}
