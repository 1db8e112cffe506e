//! A meter for programs that measure themselves.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The nanoseconds of processor time that this process has used so far.
pub(crate) fn used() -> u128 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("a clock that counts up from zero").as_nanos()
}
