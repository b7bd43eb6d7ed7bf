//! The key directory: one private key, and the public key set made from it.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};

use super::{
    files::{self, PRIVATE, PUBLIC},
    signer::{Signer, SigningAlgorithm, jwks},
};

/// The private key, PKCS #8 in PEM.
const KEY_FILE: &str = "signing-key.pem";
/// The public key set (RFC 7517).
const JWKS_FILE: &str = "jwks.json";
/// No PEM of one key is longer.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// The signer of a directory. Makes directory, key and key set when they are not there; a line for each goes to `notes`.
pub(super) fn open(dir: &Path, algorithm: Option<SigningAlgorithm>, notes: &mut Vec<String>) -> anyhow::Result<Signer> {
    let path = dir.join(KEY_FILE);
    if !path.try_exists().with_context(|| reading(&path))? {
        files::create_dir(dir).with_context(|| format!("creating {}", dir.display()))?;
        let pem = Signer::generate_pem(algorithm.unwrap_or(SigningAlgorithm::Rs256))?;
        // Somebody may have been faster: then theirs is the key.
        if files::write_new(&path, &pem, PRIVATE).with_context(|| writing(&path))? {
            notes.push(format!("Wrote {}: a new private key.", path.display()));
        }
    }
    let signer = Signer::from_pem(&read_private(&path)?).with_context(|| reading(&path))?;
    if let Some(asked) = algorithm
        && asked != signer.algorithm()
    {
        bail!("{} is a key for {}, not {asked}: use another directory", path.display(), signer.algorithm());
    }
    publish(&dir.join(JWKS_FILE), &signer, notes)?;
    Ok(signer)
}

fn read_private(path: &Path) -> anyhow::Result<String> {
    let file = File::open(path).with_context(|| reading(path))?;
    let mode = file.metadata().with_context(|| reading(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{} is open to others (mode {:04o}): chmod 600 it", path.display(), mode & 0o7777);
    }
    let mut pem = String::new();
    file.take(MAX_KEY_BYTES).read_to_string(&mut pem).with_context(|| reading(path))?;
    Ok(pem)
}

/// Writes the key set unless it stands there already.
fn publish(path: &Path, signer: &Signer, notes: &mut Vec<String>) -> anyhow::Result<()> {
    let text = format!("{:#}\n", jwks([signer.jwk()]));
    match fs::read_to_string(path) {
        Ok(present) if present == text => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| reading(path));
        }
        Ok(_) | Err(_) => {}
    }
    files::replace(path, &text, PUBLIC).with_context(|| writing(path))?;
    let shown = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    notes.push(format!("Wrote {}: the public key set. As a key source: file://{}", path.display(), shown.display()));
    Ok(())
}

fn reading(path: &Path) -> String {
    format!("reading {}", path.display())
}

fn writing(path: &Path) -> String {
    format!("writing {}", path.display())
}
