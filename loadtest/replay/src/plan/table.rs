//! Reading rows of a CSV file, plain or gzip, with the line of every fault.

use anyhow::{Context, bail};
use csv::{ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Most rows of a file; the recorded events are 313,946.
const ROWS_MAX: usize = 10_000_000;
/// The first two bytes of every gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Hands each row of `path`, read by its header's names, to `take`.
///
/// # Errors
/// The file cannot be read, a row does not fit `R`, or `take` refuses it: the message names file and line.
pub fn each<R: DeserializeOwned>(path: &Path, mut take: impl FnMut(R) -> Result<(), String>) -> anyhow::Result<()> {
    let name = path.display();
    let mut reader = ReaderBuilder::new().from_reader(open(path).with_context(|| format!("{name}"))?);
    let header = reader.headers().with_context(|| format!("{name}: the header"))?.clone();
    let mut record = StringRecord::new();
    let mut count = 0;
    while reader.read_record(&mut record).with_context(|| format!("{name}"))? {
        count += 1;
        if count > ROWS_MAX {
            bail!("{name} has more than {ROWS_MAX} rows");
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row = record.deserialize(Some(&header)).map_err(|fault| told(&fault, &header));
        if let Err(why) = row.and_then(&mut take) {
            bail!("{name}, line {line}: {why}");
        }
    }
    Ok(())
}

/// The day that `column` of a row holds.
///
/// # Errors
/// It holds none.
pub fn day(column: &str, text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("`{column}` is a day such as 2015-07-01, not `{text}`"))
}

/// What is wrong with a row, by the name of its column.
fn told(fault: &csv::Error, header: &StringRecord) -> String {
    match fault.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|field| header.get(usize::try_from(field).ok()?));
            column.map_or_else(|| err.kind().to_string(), |column| format!("`{column}`: {}", err.kind()))
        }
        _ => fault.to_string(),
    }
}

fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(File::open(path)?);
    let is_gzip = file.fill_buf()?.starts_with(&GZIP);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}
