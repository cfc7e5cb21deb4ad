//! The ledger's file: what it holds is what the provider did. Several processes may write to one file.

use super::line::{Call, Done, Line};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The ledger, and what its lines add up to.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    file: Option<File>,
    /// Bytes that are read: whole lines only.
    read: u64,
    /// The line that settled each key of a capture or refund.
    settled: HashMap<String, Line>,
    /// Minor units given back, by capture.
    given: HashMap<String, i64>,
}

/// A call as it reaches the provider.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub call: Call,
    /// The capture's key; a refund's own key is made from it.
    pub capture: String,
    /// Of a refund: minor units that have gone back after it.
    pub goal: Option<i64>,
    /// What is known of the call; outcome and repeat are decided here.
    pub line: Line,
}

/// What an arrival came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    pub outcome: Done,
    /// Whether the key was known, so that nothing was moved.
    pub repeat: bool,
    /// When what is answered happened: of a repeat or a find, the first call's moment.
    pub at: String,
}

impl Book {
    /// The book of a file that need not exist yet; it is read before the first call is answered.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, read: 0, settled: HashMap::new(), given: HashMap::new() }
    }

    /// Answers `arrivals` in order and writes them down; none counts before the write has succeeded.
    ///
    /// # Errors
    /// The file cannot be read or written. The book is not to be used again then: what was written shows when a new
    /// one reads the file.
    pub fn enter(&mut self, arrivals: Vec<Arrival>) -> io::Result<Vec<Entered>> {
        let file = self.open()?;
        file.lock()?;
        let entered = self.enter_locked(&file, arrivals);
        file.unlock()?;
        entered
    }

    fn open(&mut self) -> io::Result<File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => open(&self.path)?,
        };
        let second = file.try_clone()?;
        self.file = Some(file);
        Ok(second)
    }

    fn enter_locked(&mut self, mut file: &File, arrivals: Vec<Arrival>) -> io::Result<Vec<Entered>> {
        self.catch_up(file)?;
        let (mut answers, mut text) = (Vec::with_capacity(arrivals.len()), Vec::new());
        for arrival in arrivals {
            let (line, answer) = self.answer(arrival);
            serde_json::to_writer(&mut text, &line)?;
            text.push(b'\n');
            answers.push(answer);
        }
        file.write_all(&text)?;
        self.read += text.len() as u64;
        Ok(answers)
    }

    /// Reads what other processes wrote. A torn last line is a dead writer's, whose caller got no answer: it never was.
    fn catch_up(&mut self, mut file: &File) -> io::Result<()> {
        let length = file.metadata()?.len();
        if length < self.read {
            return Err(io::Error::other("the ledger has become shorter"));
        }
        if length == self.read {
            return Ok(());
        }
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(self.read))?;
        file.take(length - self.read).read_to_end(&mut tail)?;
        let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        for text in tail.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n').filter(|text| !text.is_empty()) {
            let line: Line = serde_json::from_slice(text)?;
            self.learn(&line);
        }
        self.read += whole as u64;
        if self.read < length {
            file.set_len(self.read)?;
        }
        Ok(())
    }

    fn answer(&mut self, arrival: Arrival) -> (Line, Entered) {
        let Arrival { call, capture, goal, mut line } = arrival;
        line.key = goal.map_or_else(|| capture.clone(), |goal| format!("{capture}:{goal}"));
        let known = self.settled.get(&line.key);
        let (outcome, repeat, at) = match (call, known) {
            (Call::Find, Some(Line { outcome: Done::Captured, at, .. })) => (Done::Found, false, at.clone()),
            (Call::Find, _) => (Done::NotFound, false, line.at.clone()),
            (Call::Capture | Call::Refund, Some(known)) => (known.outcome, true, known.at.clone()),
            (Call::Capture, None) => (taken_by(&line.method), false, line.at.clone()),
            (Call::Refund, None) => (self.give(&capture, line.amount), false, line.at.clone()),
        };
        (line.outcome, line.repeat) = (outcome, repeat);
        self.learn(&line);
        (line, Entered { outcome, repeat, at })
    }

    /// A refund succeeds while it does not give back more than was taken.
    fn give(&self, capture: &str, amount: i64) -> Done {
        let taken = match self.settled.get(capture) {
            Some(Line { outcome: Done::Captured, amount, .. }) => *amount,
            Some(_) | None => 0,
        };
        let given = self.given.get(capture).copied().unwrap_or(0);
        if amount > 0 && amount <= taken - given { Done::Refunded } else { Done::Refused }
    }

    fn learn(&mut self, line: &Line) {
        let settles = match line.outcome {
            Done::Captured | Done::Declined | Done::Refunded => !line.repeat,
            // Nothing was decided that a later call would have to repeat.
            Done::Failed | Done::Found | Done::NotFound | Done::Refused => false,
        };
        if !settles {
            return;
        }
        if line.outcome == Done::Refunded {
            let capture = line.key.split(':').next().unwrap_or_default();
            *self.given.entry(capture.to_owned()).or_default() += line.amount;
        }
        self.settled.insert(line.key.clone(), line.clone());
    }
}

/// What a method of payment does with a first capture.
fn taken_by(method: &str) -> Done {
    match method {
        "card-ok" | "card-slow" | "card-late" | "card-unknown" => Done::Captured,
        "card-error" => Done::Failed,
        _ => Done::Declined,
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).read(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn arrival(call: Call, capture: &str, amount: i64, goal: Option<i64>) -> Arrival {
        let line = Line {
            at: "2027-01-01T00:00:00Z".into(),
            call,
            key: String::new(),
            reservation_id: Uuid::nil(),
            amount,
            currency: "KRW".into(),
            method: "card-ok".into(),
            outcome: Done::Failed,
            repeat: false,
        };
        Arrival { call, capture: capture.into(), goal, line }
    }

    fn enter(book: &mut Book, call: Call, capture: &str, amount: i64, goal: Option<i64>) -> (Done, bool) {
        let entered = book.enter(vec![arrival(call, capture, amount, goal)]).unwrap();
        (entered[0].outcome, entered[0].repeat)
    }

    #[test]
    fn a_key_moves_money_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::new(folder.path().join("below").join("ledger"));
        assert_eq!(enter(&mut book, Call::Find, "a", 10, None), (Done::NotFound, false));
        assert_eq!(enter(&mut book, Call::Capture, "a", 10, None), (Done::Captured, false));
        assert_eq!(enter(&mut book, Call::Capture, "a", 10, None), (Done::Captured, true));
        assert_eq!(enter(&mut book, Call::Find, "a", 10, None), (Done::Found, false));
        assert_eq!(enter(&mut book, Call::Refund, "a", 4, Some(4)), (Done::Refunded, false));
        assert_eq!(enter(&mut book, Call::Refund, "a", 4, Some(4)), (Done::Refunded, true));
        assert_eq!(enter(&mut book, Call::Refund, "a", 7, Some(11)), (Done::Refused, false));
        assert_eq!(enter(&mut book, Call::Refund, "a", 6, Some(10)), (Done::Refunded, false));
        assert_eq!(enter(&mut book, Call::Refund, "b", 1, Some(1)), (Done::Refused, false));
    }

    #[test]
    fn two_processes_on_one_file_agree() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let moved: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let mut book = Book::new(path.clone());
                        let mut first = |key| enter(&mut book, Call::Capture, key, 1, None) == (Done::Captured, false);
                        ["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().filter(|key| first(key)).count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(moved, 8);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 32);
    }

    #[test]
    fn a_torn_last_line_never_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let mut book = Book::new(path.clone());
        let mut witness = Book::new(path.clone());
        enter(&mut book, Call::Capture, "a", 1, None);
        enter(&mut witness, Call::Find, "a", 1, None);
        let text = std::fs::read_to_string(&path).unwrap();
        let torn = text.lines().next().unwrap().replace("\"a\"", "\"b\"");
        std::fs::write(&path, format!("{text}{}", &torn[..torn.len() - 1])).unwrap();

        let mut restarted = Book::new(path.clone());
        assert_eq!(enter(&mut restarted, Call::Capture, "a", 1, None), (Done::Captured, true));
        assert_eq!(enter(&mut restarted, Call::Find, "b", 1, None), (Done::NotFound, false));
        assert_eq!(enter(&mut witness, Call::Capture, "b", 1, None), (Done::Captured, false));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<Line>(line).is_ok()), "{text}");
    }
}
