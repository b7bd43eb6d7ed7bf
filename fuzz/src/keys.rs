//! Keys that never change, a signer for one of them, and mappers that know their public halves.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use temporal_claim_mapper::Clock;
use temporal_key_provider::{Algorithm, JwksKeyProvider, Source};

use crate::block_on;

/// The time by the clock of the targets.
pub const NOW: i64 = 1_800_000_000;

/// A clock that stands still.
#[derive(Debug)]
pub struct Still;

impl Clock for Still {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs())
    }
}

/// The signer whose public key is known under the ids `ed` and "".
pub static TRUSTED: LazyLock<Ed25519KeyPair> = LazyLock::new(|| pair(7));
/// A signer that nobody knows.
pub static STRANGER: LazyLock<Ed25519KeyPair> = LazyLock::new(|| pair(9));

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("32 bytes")
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A public key that was made for the seeds of the target `bearer`; nobody has its private half.
pub const RSA_N: &str = "tE-oOvBR6XOfAvI_2G6fZF3htfjCNA7PDdrKLd89NuGBPVxyFCoOIx_cGrMAyL__xIgEb5wEnLa08PITI3t6PMt8kAJ83gdkD0elQL8bDxlVyZEtCqsyAeRjUHwe3_PBMhMUn0MhCR0gzdzYRG-NLHmQyWwZ37DtPRzUw0fVOdfImNzifEzyEHcmHvICzZq1FF8Zrdelp_7KgeIa2D5OaGTPEb6lol_0AjwmNsWT2KPXWc7AMpref9_XEC3oCmMBCTcASNRt7jRIaG1KOMX0RvoCJElLodpNRZSgk_iEHWzjEvMQoftpmz2BandV0pSNX3N5MmcSLkfOvIlwJWUSww";
/// As [`RSA_N`], on P-256.
pub const P256: [&str; 2] =
    ["RO_qkw3vnrZ15ZrvVe1Bhwi4YEl8kWnefEgKRmCtRxY", "SsNZA2ZMrXVAbwhw4jhEdplU16OVOesLwJYTl_3Dpco"];

/// The JWK Set of all keys that are trusted.
pub fn jwks() -> String {
    let ed = base64(TRUSTED.public_key());
    let [x, y] = P256;
    format!(
        r#"{{"keys":[{{"kid":"ed","kty":"OKP","crv":"Ed25519","x":"{ed}"}},
            {{"kid":"","kty":"OKP","crv":"Ed25519","x":"{ed}"}},
            {{"kid":"rsa","kty":"RSA","n":"{RSA_N}","e":"AQAB"}},
            {{"kid":"ec","kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}]}}"#
    )
}

/// A provider of these keys.
pub fn provider() -> JwksKeyProvider {
    let builder = JwksKeyProvider::builder().source(Source::inline_jwks(jwks()));
    block_on(builder.supported_algorithms(Algorithm::ALL).build()).expect("good keys")
}

/// A compact token of these two texts, signed.
pub fn sign(signer: &Ed25519KeyPair, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", base64(header), base64(payload));
    let signature = base64(signer.sign(message.as_bytes()));
    format!("{message}.{signature}")
}
