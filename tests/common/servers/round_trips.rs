//! Holds answers back until the right number of requests wait for one. That shows without a clock which requests are sent at
//! the same time, and how many round trips a run takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

/// This many requests are answered together in each round trip. A request that depends on an answer from its own round trip
/// waits forever.
#[derive(Debug)]
pub struct RoundTrips {
    arrived: AtomicUsize,
    trips: Vec<(usize, Barrier)>,
}

impl RoundTrips {
    /// Round trips of these numbers of requests. Anything after the last one is answered at once.
    pub fn new(sizes: &[usize]) -> Self {
        let trips = sizes.iter().map(|size| (*size, Barrier::new(*size))).collect();
        Self { arrived: AtomicUsize::new(0), trips }
    }

    /// Waits until all requests of this round trip have arrived.
    pub(super) async fn wait(&self) {
        let mut number = self.arrived.fetch_add(1, Ordering::Relaxed);
        for (size, barrier) in &self.trips {
            if number < *size {
                barrier.wait().await;
                return;
            }
            number -= size;
        }
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.arrived.load(Ordering::Relaxed)
    }
}
