//! Answers held back until as many requests wait for one as should: what is sent at the same time, and how many round trips a run
//! takes, then shows without a clock.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

/// So many requests are answered together, turn by turn. A request that should wait for an answer of its own turn waits forever.
#[derive(Debug)]
pub struct Turns {
    arrived: AtomicUsize,
    turns: Vec<(usize, Barrier)>,
}

impl Turns {
    /// Turns of these sizes. What comes after the last one is answered at once.
    #[must_use]
    pub fn new(sizes: &[usize]) -> Self {
        let turns = sizes.iter().map(|size| (*size, Barrier::new(*size))).collect();
        Self { arrived: AtomicUsize::new(0), turns }
    }

    /// Waits until the turn of the next request is complete.
    pub(super) async fn wait(&self) {
        let mut number = self.arrived.fetch_add(1, Ordering::Relaxed);
        for (size, barrier) in &self.turns {
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
