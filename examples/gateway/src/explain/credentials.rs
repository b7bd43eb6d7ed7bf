//! What the caller shows, from arguments, files or standard input.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, bail};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use temporal_authz::{CertificateError, PeerCertificate};

use super::ExplainArgs;

/// More than any gateway would be told to accept.
const MAX_BYTES: usize = 1 << 20;

/// The credentials of one call.
pub(super) struct Credentials {
    /// The value of the token header, scheme and all; empty when there is none.
    pub(super) token: String,
    /// The client certificate, or why it is nobody's identity.
    pub(super) certificate: Option<Result<Arc<PeerCertificate>, CertificateError>>,
}

impl Credentials {
    /// Reads what the arguments name.
    pub(super) fn read(args: &ExplainArgs) -> anyhow::Result<Self> {
        let token = match (&args.token, &args.token_file) {
            (Some(token), _) if token.0 == "-" => text(stdin().lock()).context("reading the token")?,
            (Some(token), _) => token.0.clone(),
            (None, Some(path)) => file(path)?,
            (None, None) => String::new(),
        };
        let certificate = args.certificate.as_deref().map(certificate).transpose()?;
        Ok(Self { token: header_value(&token)?, certificate })
    }
}

/// The header that a client would send: a text without a scheme gets one.
fn header_value(token: &str) -> anyhow::Result<String> {
    let token = token.trim();
    if !token.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        bail!("the token has characters that no header can carry");
    }
    Ok(if token.is_empty() || token.contains(' ') { token.to_owned() } else { format!("Bearer {token}") })
}

/// The leaf of a chain: the first certificate of the file.
fn certificate(path: &Path) -> anyhow::Result<Result<Arc<PeerCertificate>, CertificateError>> {
    let pem = file(path)?;
    // The parser's own error may quote the file, which may hold a private key beside the certificate.
    let leaf = CertificateDer::from_pem_slice(pem.as_bytes());
    let Ok(leaf) = leaf else { bail!("{}: no certificate in PEM", path.display()) };
    Ok(PeerCertificate::from_verified_der(&leaf).map(Arc::new))
}

fn file(path: &Path) -> anyhow::Result<String> {
    let read = File::open(path).map_err(anyhow::Error::new).and_then(text);
    read.with_context(|| format!("reading {}", path.display()))
}

fn text(from: impl Read) -> anyhow::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(MAX_BYTES)?.saturating_add(1);
    from.take(limit).read_to_string(&mut text)?;
    if text.len() > MAX_BYTES {
        bail!("more than {MAX_BYTES} bytes");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gets_the_scheme_that_it_lacks() {
        for (token, header) in [
            ("a.b.c\n", Some("Bearer a.b.c")),
            (" a.b.c\r\n", Some("Bearer a.b.c")),
            ("Bearer a.b.c", Some("Bearer a.b.c")),
            ("bearer a.b.c", Some("bearer a.b.c")),
            ("Basic YTpi", Some("Basic YTpi")),
            ("", Some("")),
            (" \n", Some("")),
            ("a.b\nc", None),
            ("a.b.\u{e9}", None),
        ] {
            assert_eq!(header_value(token).ok().as_deref(), header, "{token:?}");
        }
    }

    #[test]
    fn what_is_read_is_bounded() {
        assert_eq!(text(std::io::repeat(b'x').take(1 << 20)).unwrap().len(), MAX_BYTES);
        assert!(text(std::io::repeat(b'x')).is_err());
    }
}
