//! Files whole or not at all, with the mode they are meant to have from the first byte on.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// Mode of a private key.
pub(crate) const PRIVATE: u32 = 0o600;
/// Mode of what anybody may read.
pub(crate) const PUBLIC: u32 = 0o644;

/// Makes a directory that only its owner may enter, and its parents. One that exists is left as it is.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that was not there. False, and nothing changed, when there is one already: of two processes that
/// write at the same time, one wins whole.
pub(crate) fn write_new(path: &Path, contents: &str, mode: u32) -> io::Result<bool> {
    let temporary = write_temporary(path, contents, mode)?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a file in the place of the one that may be there.
pub(crate) fn replace(path: &Path, contents: &str, mode: u32) -> io::Result<()> {
    let temporary = write_temporary(path, contents, mode)?;
    fs::rename(&temporary, path).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

fn write_temporary(path: &Path, contents: &str, mode: u32) -> io::Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}.tmp", process::id()));
    let temporary = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    match file.write_all(contents.as_bytes()).and_then(|()| file.sync_all()) {
        Ok(()) => Ok(temporary),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}
