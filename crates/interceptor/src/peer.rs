//! Who stands at the other end of the connection.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use http::Extensions;
use temporal_authz::{CertificateError, PeerCertificate};
use tonic::transport::{
    CertificateDer,
    server::{TcpConnectInfo, TlsConnectInfo, UdsConnectInfo},
};

/// What a server knows of a connection, put into the extensions of each of its requests.
///
/// tonic's own TLS is understood without it; any other server sets this, once parsed for all calls of the connection.
#[derive(Debug, Clone, Default)]
pub struct ConnectionPeer {
    address: Option<SocketAddr>,
    certificate: Option<Result<Arc<PeerCertificate>, CertificateError>>,
}

impl ConnectionPeer {
    /// A connection from `address`, without a certificate.
    pub fn new(address: Option<SocketAddr>) -> Self {
        Self { address, certificate: None }
    }

    /// Sets the client certificate from the DER of a chain's leaf, which the handshake must have verified. One that
    /// cannot serve as an identity refuses every call of the connection.
    pub fn with_verified_certificate(mut self, der: &[u8]) -> Self {
        self.certificate = Some(PeerCertificate::from_verified_der(der).map(Arc::new));
        self
    }

    /// The address and the certificate, unless that one refuses every call.
    pub(crate) fn into_parts(self) -> Result<(Option<SocketAddr>, Option<Arc<PeerCertificate>>), CertificateError> {
        Ok((self.address, self.certificate.transpose()?))
    }
}

type Chain = Vec<CertificateDer<'static>>;

/// Parses the certificate of a tonic connection once.
///
/// tonic hands out the same `Arc` for all calls of a connection. The `Weak` that is kept beside the parse keeps that
/// address from being given to another connection's chain.
#[derive(Debug, Default)]
pub(crate) struct PeerMemo(Mutex<Memo>);

type Parsed = Result<Arc<PeerCertificate>, CertificateError>;

#[derive(Debug, Default)]
struct Memo {
    parsed: HashMap<usize, (Weak<Chain>, Parsed)>,
    sweep_at: usize,
}

impl PeerMemo {
    /// The peer of the connection that a request came by.
    #[inline]
    pub(crate) fn peer(&self, extensions: &Extensions) -> ConnectionPeer {
        if let Some(peer) = extensions.get::<ConnectionPeer>() {
            return peer.clone();
        }
        if let Some(info) = extensions.get::<TlsConnectInfo<TcpConnectInfo>>() {
            return self.tonic(info.get_ref().remote_addr(), info.peer_certs());
        }
        if let Some(info) = extensions.get::<TlsConnectInfo<UdsConnectInfo>>() {
            return self.tonic(None, info.peer_certs());
        }
        ConnectionPeer::new(extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr))
    }

    fn tonic(&self, address: Option<SocketAddr>, chain: Option<Arc<Chain>>) -> ConnectionPeer {
        ConnectionPeer { address, certificate: chain.and_then(|chain| self.parsed(&chain)) }
    }

    fn parsed(&self, chain: &Arc<Chain>) -> Option<Parsed> {
        let leaf = chain.first()?;
        let address = Arc::as_ptr(chain).addr();
        let mut memo = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, parsed)) = memo.parsed.get(&address) {
            return Some(parsed.clone());
        }
        memo.sweep();
        let parsed = PeerCertificate::from_verified_der(leaf).map(Arc::new);
        memo.parsed.insert(address, (Arc::downgrade(chain), parsed.clone()));
        Some(parsed)
    }
}

impl Memo {
    /// Forgets connections that are gone, each time their number may have doubled.
    fn sweep(&mut self) {
        const FEW: usize = 64;
        if self.parsed.len() >= self.sweep_at.max(FEW) {
            self.parsed.retain(|_, (chain, _)| chain.strong_count() > 0);
            self.sweep_at = self.parsed.len().saturating_mul(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(name: &str) -> Arc<Chain> {
        let key = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        Arc::new(vec![key.cert.der().clone()])
    }

    #[test]
    fn a_certificate_is_parsed_once_a_connection_and_forgotten_with_it() {
        let memo = PeerMemo::default();
        let mine = chain("mine.example");
        let first = memo.parsed(&mine).unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &memo.parsed(&mine.clone()).unwrap().unwrap()));
        // The same certificate on another connection is another parse.
        assert!(!Arc::ptr_eq(&first, &memo.parsed(&Arc::new(mine.to_vec())).unwrap().unwrap()));
        for _ in 0..1_000 {
            assert_eq!(memo.parsed(&chain("other.example")).unwrap().unwrap().dns_names(), ["other.example"]);
        }
        assert!(memo.0.lock().unwrap().parsed.len() <= 128);
        assert!(Arc::ptr_eq(&first, &memo.parsed(&mine).unwrap().unwrap()));
    }
}
