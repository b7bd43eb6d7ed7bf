//! Our own certificate towards the upstream.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::{SignatureScheme, client::ResolvesClientCert, sign::CertifiedKey};
use temporal_interceptor::config::PemSource;

use super::{TlsError, events, pem};

/// Certificate and key, read again for each new connection (the upstream ends them every few minutes), so that a certificate renewed
/// on disk is used without a restart. Files that cannot be used leave the last good pair in place.
#[derive(Debug)]
pub(super) struct Identity {
    section: &'static str,
    certificate: PemSource,
    key: PemSource,
    pair: ArcSwap<CertifiedKey>,
}

impl Identity {
    pub(super) fn load(section: &'static str, certificate: PemSource, key: PemSource) -> Result<Self, TlsError> {
        let pair = ArcSwap::from_pointee(pem::pair(section, &certificate, &key)?);
        Ok(Self { section, certificate, key, pair })
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // Two small local files, a few times an hour: not worth a task of their own.
        match pem::pair(self.section, &self.certificate, &self.key) {
            Ok(pair) => self.pair.store(Arc::new(pair)),
            Err(error) => events::identity_failed(&error),
        }
        Some(self.pair.load_full())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
