//! Rows as comma-separated values, for the spreadsheets of hosts.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use runtime::problem::Problem;

/// Rows of text below a head. `next` is the path of the page behind, where there is one.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe before it, by which spreadsheets know a text:
/// names come from guests, and a formula can send a host's table to anybody.
pub fn answer(
    file: &str,
    head: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    next: Option<String>,
) -> Result<Response, Problem> {
    let text = written(head, rows).map_err(|fault| Problem::unanswered(&fault))?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{file}\""));
    headers.extend(disposition.ok().map(|value| (CONTENT_DISPOSITION, value)));
    let link = next.and_then(|path| HeaderValue::try_from(format!("<{path}>; rel=\"next\"")).ok());
    headers.extend(link.map(|value| (LINK, value)));
    Ok((headers, text).into_response())
}

fn written(head: &[String], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(head.iter().map(|cell| harmless(cell)))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.into_inner().map_err(|fault| fault.into_error().into())
}

/// What begins like a formula is marked as a text, unless it is a number.
fn harmless(cell: &str) -> String {
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if is_formula && cell.parse::<i64>().is_err() { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for hostile in ["=1+1", "+1 2", "-cmd", "@SUM(A1)", "\t=1", "  =1", "＝1"] {
            assert_eq!(harmless(hostile), format!("'{hostile}"));
        }
        for tame in ["", "mina", "3+4", "-120000", "a=b", "민아"] {
            assert_eq!(harmless(tame), tame);
        }
    }

    #[test]
    fn what_separates_cells_is_quoted() {
        let rows = [vec!["a,b".to_owned(), "say \"hi\"\nthere".to_owned()]];
        let text = written(&["x".to_owned(), "y".to_owned()], rows.into_iter()).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "x,y\r\n\"a,b\",\"say \"\"hi\"\"\nthere\"\r\n");
    }
}
