//! Answers held back until as many requests wait for one as should: what is sent at the same time, and how many round trips a run
//! takes, then shows without a clock.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

/// So many requests are answered together in each round trip. One that should wait for an answer of its own round trip waits
/// forever.
#[derive(Debug)]
pub struct RoundTrips {
    arrived: AtomicUsize,
    trips: Vec<(usize, Barrier)>,
}

impl RoundTrips {
    /// Round trips of these numbers of requests. What comes after the last one is answered at once.
    pub fn new(sizes: &[usize]) -> Self {
        let trips = sizes.iter().map(|size| (*size, Barrier::new(*size))).collect();
        Self { arrived: AtomicUsize::new(0), trips }
    }

    /// Waits until all requests of this one's round trip are there.
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
