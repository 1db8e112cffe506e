//! When a call is retried, and how long to wait before that.

use std::fmt;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use crate::net::http::Client;
use crate::time;

/// The most attempts at one call.
pub const ATTEMPTS: usize = 5;

/// How long to wait: for an attempt to end, and before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The longest that one attempt of any request may take.
    pub attempt: Duration,
    /// The wait before the second attempt; it doubles with each attempt, plus some jitter.
    pub first_wait: Duration,
    /// The longest back-off of our own; a server's `Retry-After` may be longer.
    pub longest_wait: Duration,
}

impl Timing {
    /// The timing outside tests.
    pub const DEFAULT: Self = Self {
        attempt: Duration::from_secs(10),
        first_wait: Duration::from_millis(250),
        longest_wait: Duration::from_secs(5),
    };
}

/// Whether another attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// No: it would fail in the same way.
    Never,
    /// Yes, after our own back-off.
    BackOff,
    /// Yes, and the server said when.
    After(Duration),
}

impl Client {
    /// Makes `attempt`, with the waits of the client's timing, until it succeeds, fails for good, has been made `attempts`
    /// times, or the next one could only start after the deadline.
    ///
    /// `call` names it in the log; `retry` says whether a failure may pass.
    pub(crate) async fn with_retries<T, E: fmt::Display, F: Future<Output = Result<T, E>>>(
        &self,
        call: &str,
        attempts: usize,
        retry: impl Fn(&E) -> Retry,
        attempt: impl FnMut() -> F,
    ) -> Result<T, E> {
        let Timing { first_wait, longest_wait, .. } = self.timing();
        let waits = ExponentialBuilder::new()
            .with_min_delay(first_wait)
            .with_max_delay(longest_wait)
            .with_max_times(attempts - 1)
            .with_jitter();
        attempt
            .retry(waits)
            .when(|error| retry(error) != Retry::Never)
            .adjust(|error, wait| {
                let wait = match (retry(error), wait?) {
                    (Retry::After(asked), _) => asked,
                    (Retry::BackOff | Retry::Never, own) => own,
                };
                (wait < time::left_until(self.deadline())).then_some(wait)
            })
            .notify(|error, wait| {
                let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tracing::info!(call, error = %error, wait_ms, "a call failed and is made again");
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("failed")]
    struct Failed(Retry);

    /// How often a call that always fails like this is attempted within `seconds`, and how long that takes.
    async fn attempts(again: Retry, seconds: u64) -> (usize, Duration) {
        let (made, start) = (Cell::new(0), time::monotonic());
        let attempt = || async {
            made.set(made.get() + 1);
            Err::<(), _>(Failed(again))
        };
        let client = Client::new(Timing::DEFAULT, time::wall).until(start + Duration::from_secs(seconds));
        let end = client.with_retries("test", ATTEMPTS, |Failed(again)| *again, attempt).await;
        assert_eq!(end, Err(Failed(again)));
        (made.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_lasting_failure_is_not_repeated() {
        assert_eq!(attempts(Retry::Never, 60).await, (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_passing_failure_is_repeated_a_bounded_number_of_times() {
        let (made, took) = attempts(Retry::BackOff, 60).await;
        assert_eq!(made, ATTEMPTS);
        assert!(took > Timing::DEFAULT.first_wait * 4 && took < Duration::from_mins(1), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_servers_wait_is_kept_when_it_fits() {
        assert_eq!(attempts(Retry::After(Duration::from_secs(7)), 60).await, (ATTEMPTS, Duration::from_secs(28)));
        assert_eq!(attempts(Retry::After(Duration::from_secs(7)), 16).await, (3, Duration::from_secs(14)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_time_left_is_a_failure_at_once() {
        assert_eq!(attempts(Retry::After(Duration::MAX), 60).await, (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_leaves_no_time_for_the_attempt_is_not_begun() {
        assert_eq!(attempts(Retry::After(Duration::from_secs(7)), 14).await, (2, Duration::from_secs(7)));
    }
}
