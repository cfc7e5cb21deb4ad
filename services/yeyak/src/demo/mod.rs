//! `cargo run -- --demo`: a busy day in five businesses, told step by step, by REST only.

mod hotel;
mod line;
mod lodging;
mod musical;
mod office;
mod story;

use crate::rest::{Entries, Rest};
use anyhow::Context;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use story::Story;

/// Something that follows from something else has this long to do so.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(8);

/// Plays the day at `entry`, and prints each story with its case.
pub async fn play(entry: SocketAddr) -> anyhow::Result<()> {
    let entries = Entries { entry: format!("http://{entry}"), others: Vec::new() };
    let (rest, begin) = (Rest::new(entries, None, FOLLOWS_WITHIN)?, Instant::now());
    let stories = tokio::try_join!(
        told(office::story(&rest), "the office"),
        told(hotel::story(&rest), "the hotel"),
        told(line::story(&rest), "the restaurant"),
        told(musical::story(&rest), "the musical"),
        told(lodging::story(&rest), "the lodging"),
    )?;
    let mut out = std::io::stdout().lock();
    let (office, hotel, line, musical, lodging) = stories;
    let stories = [office, hotel, line, musical, lodging];
    for story in &stories {
        writeln!(out, "\n{}", story.title)?;
        for step in &story.steps {
            writeln!(out, "  {step}")?;
        }
    }
    writeln!(
        out,
        "\nA day in {:.1} s. Each case, every event with cause, actor and time:\n",
        begin.elapsed().as_secs_f64()
    )?;
    for story in &stories {
        writeln!(out, "  curl -s http://{entry}/history/{}   # {}", story.case, story.title)?;
    }
    writeln!(out, "\nWhat the hosts see:\n")?;
    for story in &stories {
        writeln!(out, "  curl -s http://{entry}{}", story.view)?;
    }
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

async fn told(story: impl Future<Output = anyhow::Result<Story>>, whose: &str) -> anyhow::Result<Story> {
    story.await.with_context(|| format!("the day of {whose}"))
}
