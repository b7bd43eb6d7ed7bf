//! A key document in a file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::error::LoadError;

/// Reads a regular file of at most `max_bytes`. Blocks.
///
/// The length that the system reports is not relied on: files under `/proc` say 0.
pub(super) fn read(path: &Path, max_bytes: usize) -> Result<Vec<u8>, LoadError> {
    // Asked before opening, because opening a named pipe waits for a writer.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(LoadError::NotAFile);
    }
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut body = Vec::new();
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut body)).map_err(failed)?;
    if body.len() > max_bytes {
        return Err(LoadError::TooLong(max_bytes));
    }
    Ok(body)
}

#[allow(clippy::needless_pass_by_value, reason = "an argument of map_err")]
fn failed(error: std::io::Error) -> LoadError {
    LoadError::File(error.to_string())
}
