//! Who is calling, as the connection says.

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use temporal_interceptor::ConnectionPeer;

use crate::der::Description;

#[derive(Debug, Arbitrary)]
pub enum Peer {
    Unknown,
    Address,
    Certificate(u8),
    BadCertificate,
}

impl Peer {
    pub(super) fn connection(&self) -> Option<ConnectionPeer> {
        let address = ConnectionPeer::new("192.0.2.1:7".parse().ok());
        match self {
            Peer::Unknown => None,
            Peer::Address => Some(address),
            Peer::Certificate(name) => {
                let uri = format!("spiffe://td/{name}");
                Some(address.with_verified_certificate(&Description::of_uris(&[uri.as_bytes()]).der()))
            }
            Peer::BadCertificate => Some(address.with_verified_certificate(b"\x30\x00")),
        }
    }
}
