//! What happened at each store, printed when a check fails.

use jiff::Timestamp;
use std::collections::VecDeque;

/// Lines that are remembered of a store.
const LINES_MAX: usize = 60;

/// The last lines of each store.
#[derive(Debug)]
pub struct Story {
    seed: u64,
    stores: Vec<VecDeque<(Timestamp, String)>>,
    /// Where the present step takes place.
    pub store: usize,
}

impl Story {
    pub fn new(seed: u64, stores: usize) -> Self {
        Self { seed, stores: vec![VecDeque::new(); stores], store: 0 }
    }

    pub fn tell(&mut self, at: Timestamp, line: String) {
        let lines = &mut self.stores[self.store];
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back((at, line));
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("\nseed {}, store {}; its story:", self.seed, self.store);
            for (at, line) in &self.stores[self.store] {
                eprintln!("{at:.3}  {line}");
            }
        }
    }
}
