//! The ways in which an issuer, or its file, can be of no use.

use serde_json::{Value, json};

use super::ring::{STRANGER, new_signer};

/// `limits.maxJwksKeys` of the gateways.
pub const MAX_KEYS: usize = 50;
/// `limits.maxJwksBytes` of the gateways.
pub const MAX_BYTES: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The listener is closed; the file is deleted.
    Away,
    /// Accepts, and says nothing.
    Hangs,
    /// 500, with a good document of somebody else's.
    Error500,
    Html,
    EmptyObject,
    EmptySet,
    /// One key more than the cap, somebody else's among them.
    TooManyKeys,
    /// More bytes than the cap around the good keys.
    TooLong,
    /// The first half of the document, as if it were whole.
    HalfDocument,
    /// The connection breaks in the middle of the document.
    BreaksOff,
    /// A redirect to a good document.
    Redirect,
    /// 304, though nobody asked for a change.
    NotModified,
    /// Keys that verify nothing: symmetric ones.
    UselessKeys,
    /// The file is a directory.
    Directory,
}

impl Trouble {
    pub const OF_SERVERS: [Self; 13] = [
        Self::Away,
        Self::Hangs,
        Self::Error500,
        Self::Html,
        Self::EmptyObject,
        Self::EmptySet,
        Self::TooManyKeys,
        Self::TooLong,
        Self::HalfDocument,
        Self::BreaksOff,
        Self::Redirect,
        Self::NotModified,
        Self::UselessKeys,
    ];
    pub const OF_FILES: [Self; 8] = [
        Self::Away,
        Self::Html,
        Self::EmptyObject,
        Self::EmptySet,
        Self::TooManyKeys,
        Self::TooLong,
        Self::HalfDocument,
        Self::Directory,
    ];

    /// What stands where the document `good` should.
    pub fn body(self, good: &str) -> String {
        match self {
            Self::Error500 => json!({ "keys": [stranger()] }).to_string(),
            Self::Html => "<!DOCTYPE html><html><title>Sign in</title></html>".to_owned(),
            Self::EmptyObject => "{}".to_owned(),
            Self::EmptySet => json!({ "keys": [] }).to_string(),
            Self::TooManyKeys => json!({ "keys": vec![stranger(); MAX_KEYS + 1] }).to_string(),
            Self::TooLong => good.to_owned() + &" ".repeat(MAX_BYTES),
            Self::HalfDocument => good[..good.len() / 2].to_owned(),
            Self::UselessKeys => json!({ "keys": [{ "kty": "oct", "kid": "stranger", "k": "c2VjcmV0" }] }).to_string(),
            _ => good.to_owned(),
        }
    }
}

fn stranger() -> Value {
    STRANGER.get_or_init(new_signer).jwk().clone()
}
