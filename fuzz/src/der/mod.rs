//! X.509 certificates (RFC 5280) written and read by hand, as far as names and dates go. Nothing here is signed: whoever
//! reads a client certificate reads one that the handshake has verified.

mod read;
mod write;

pub use read::{Names, read};
pub use write::{Description, NameType, TextType};

/// The object identifiers of CN, O, OU and C, in the form that they have on the wire.
const ATTRIBUTES: [&[u8]; 4] = [b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b", b"\x55\x04\x06"];
const ALTERNATIVE_NAMES: &[u8] = b"\x55\x1d\x11";
