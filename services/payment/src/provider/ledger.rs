//! Calls on their way to the book: taken together, so that the file is locked once for many.

use super::ProviderError;
use super::book::{Arrival, Book, Entered};
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Calls that wait for the book.
const QUEUE_MAX: usize = 1_024;
/// Calls that are entered under one lock.
const BATCH_MAX: usize = 256;

/// A call and where its answer goes.
struct Entry {
    arrival: Arrival,
    answer: oneshot::Sender<Entered>,
}

/// The way to a book; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ledger(mpsc::Sender<Entry>);

impl Ledger {
    /// Opens the book of `path`; while a file `outage` exists, no call arrives. Must be called inside a runtime.
    pub fn open(path: PathBuf, outage: Option<PathBuf>) -> Self {
        let (sender, entries) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(path, outage, entries));
        Self(sender)
    }

    /// Enters a call and returns what it came to.
    pub async fn enter(&self, arrival: Arrival) -> Result<Entered, ProviderError> {
        let (answer, entered) = oneshot::channel();
        self.0.send(Entry { arrival, answer }).await.map_err(|_| ProviderError::NoAnswer)?;
        entered.await.map_err(|_| ProviderError::NoAnswer)
    }
}

/// Enters what is queued until nobody can ask any more. A call that gets no answer finds its channel closed.
async fn run(path: PathBuf, outage: Option<PathBuf>, mut entries: mpsc::Receiver<Entry>) {
    let mut book = Book::new(path.clone());
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while entries.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (taken, cut) = (std::mem::take(&mut batch), outage.clone());
        let entered = tokio::task::spawn_blocking(move || {
            let whole = enter(&mut book, taken, cut);
            (book, whole)
        });
        book = match entered.await {
            Ok((book, Ok(()))) => book,
            Ok((_, Err(fault))) => {
                tracing::error!(%fault, "the provider's ledger");
                Book::new(path.clone())
            }
            Err(fault) => {
                tracing::error!(%fault, "the provider's ledger");
                Book::new(path.clone())
            }
        };
    }
}

fn enter(book: &mut Book, entries: Vec<Entry>, outage: Option<PathBuf>) -> std::io::Result<()> {
    if outage.is_some_and(|file| file.exists()) {
        return Ok(());
    }
    // Whoever gave up was told that nothing is known, and may ask again under a new lease: this call is not made.
    let (arrivals, answers): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .filter(|entry| !entry.answer.is_closed())
        .map(|entry| (entry.arrival, entry.answer))
        .unzip();
    for (entered, answer) in book.enter(arrivals)?.into_iter().zip(answers) {
        if answer.send(entered).is_err() {
            tracing::debug!("a caller of the provider hung up");
        }
    }
    Ok(())
}
