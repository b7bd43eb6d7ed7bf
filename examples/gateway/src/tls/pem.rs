//! Reading PEM: certificates, private keys, authorities.

use std::{borrow::Cow, fs, sync::Arc};

use rustls::{RootCertStore, sign::CertifiedKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _};
use temporal_interceptor::config::PemSource;

use super::{error::Place, error::TlsError, provider};

/// The names of a pair of keys: for a file and for inline text.
pub(super) type Keys = (&'static str, &'static str);

pub(super) const CERTIFICATE: Keys = ("certFile", "certData");
pub(super) const PRIVATE_KEY: Keys = ("keyFile", "keyData");
pub(super) const CLIENT_CA: Keys = ("clientCaFiles", "clientCaData");
pub(super) const ROOT_CA: Keys = ("rootCaFiles", "rootCaData");

/// The certificates in `source`; never none. `section` and `keys` are for messages.
pub(super) fn certificates(
    section: &str,
    keys: Keys,
    source: &PemSource,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let place = place(section, keys, source);
    let text = text(&place, source)?;
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|error| malformed(&place, error))?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(place));
    }
    Ok(certificates)
}

/// A certificate chain and its private key, checked to belong together.
pub(super) fn pair(section: &str, certificate: &PemSource, key: &PemSource) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(section, CERTIFICATE, certificate)?;
    let key_place = place(section, PRIVATE_KEY, key);
    let key = match PrivateKeyDer::from_pem_slice(&text(&key_place, key)?) {
        Ok(key) => key,
        Err(pem::Error::NoItemsFound) => return Err(TlsError::NoKey(key_place)),
        Err(error) => return Err(malformed(&key_place, error)),
    };
    CertifiedKey::from_der(chain, key, &provider()).map_err(|source| TlsError::Pair {
        certificate: place(section, CERTIFICATE, certificate),
        key: key_place,
        source,
    })
}

/// The certificates of all `sources` as trust anchors; none if there are no sources.
pub(super) fn authorities(section: &str, keys: Keys, sources: &[PemSource]) -> Result<Arc<RootCertStore>, TlsError> {
    let mut store = RootCertStore::empty();
    for source in sources {
        for certificate in certificates(section, keys, source)? {
            store
                .add(certificate)
                .map_err(|error| TlsError::Authority { place: place(section, keys, source), source: error })?;
        }
    }
    Ok(Arc::new(store))
}

fn place(section: &str, (file, data): Keys, source: &PemSource) -> Place {
    let (key, path) = match source {
        PemSource::File(path) => (file, Some(path.as_path())),
        PemSource::Data(_) => (data, None),
    };
    Place::new(&format!("{section}.{key}"), path)
}

fn text<'a>(place: &Place, source: &'a PemSource) -> Result<Cow<'a, [u8]>, TlsError> {
    match source {
        PemSource::Data(text) => Ok(Cow::Borrowed(text)),
        PemSource::File(path) => {
            fs::read(path).map(Cow::Owned).map_err(|source| TlsError::Read { place: place.clone(), source })
        }
    }
}

/// The parser's own text may quote a line of the file, which may be a line of a key.
fn malformed(place: &Place, error: pem::Error) -> TlsError {
    let reason = match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end",
        pem::Error::IllegalSectionStart { .. } => "a section has no proper start",
        pem::Error::Base64Decode(_) => "a section is no base64",
        _ => "unreadable",
    };
    TlsError::Pem { place: place.clone(), reason: reason.to_owned() }
}
