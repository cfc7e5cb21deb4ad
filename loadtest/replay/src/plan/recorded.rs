//! Where tests find the recorded bookings, which are not a part of this repository.

use std::env;
use std::path::PathBuf;

/// Beside the folder of the workspace.
const BESIDE: &str = "../shared/data/hotel";

/// The folder named by `HOTEL_DATA`, or the one that lies beside the workspace of the tests that run.
///
/// # Errors
/// A sentence for a test that is skipped, because there is no `hotels_original.csv.gz`.
pub fn recorded_data() -> Result<PathBuf, String> {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let workspace = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file()).unwrap_or(&package);
    let folder = env::var_os("HOTEL_DATA").map_or_else(|| workspace.join(BESIDE), PathBuf::from);
    let found = folder.join("hotels_original.csv.gz").is_file();
    if found { Ok(folder) } else { Err(format!("skipped: no recorded bookings in {}", folder.display())) }
}
