//! A JWK Set, or a public key in PEM: what serves is what a slow reading of the document says may serve, nothing spoils a
//! good key beside it, and no signature that nobody made is good.
//!
//! The first byte chooses: a document, the elements of a list with a good key at its end, or a PEM text.

#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::signature::KeyPair as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use temporal_fuzz::{
    block_on,
    json::{self, Json},
    keys::{STRANGER, TRUSTED, base64, jwks},
};
use temporal_key_provider::{
    Algorithm, JoseHeader, JwksKeyProvider, KeyQuery, Source, TokenKeyProvider as _, VerificationKey,
};

const MESSAGE: &[u8] = b"header.payload";
const MAX_DEPTH: usize = 16;

/// The key that stands at the end of a list, and signs.
static GOOD: LazyLock<(String, Vec<u8>)> = LazyLock::new(|| {
    let x = base64(TRUSTED.public_key());
    let jwk = format!(r#"{{"kid":"good","kty":"OKP","crv":"Ed25519","x":"{x}","alg":"EdDSA","use":"sig"}}"#);
    (jwk, TRUSTED.sign(MESSAGE).as_ref().to_vec())
});

fn load(document: &str, algorithms: &[Algorithm]) -> Option<JwksKeyProvider> {
    let builder = JwksKeyProvider::builder().source(Source::inline_jwks(document));
    block_on(builder.supported_algorithms(algorithms.iter().copied()).build()).ok()
}

fn find(provider: &JwksKeyProvider, kid: &str) -> Option<VerificationKey> {
    let header = JoseHeader::new(Algorithm::EdDsa, Some(kid.to_owned()), None);
    let keys = provider.known_keys(&KeyQuery::new(&header))?;
    assert_eq!(keys.len(), 1, "one source, one key");
    keys.into_iter().next()
}

/// The algorithms that a JWK may serve; none when it must not be used. What only arithmetic can tell (points on curves) is
/// taken for good.
fn serves(jwk: &Json) -> Vec<Algorithm> {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    let text = |name: &str| jwk.get(name).and_then(Json::text);
    let number = |name: &str| text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    if private.iter().any(|name| jwk.get(name).is_some())
        || jwk.get("use").is_some_and(|purpose| purpose.text() != Some("sig") && *purpose != Json::Null)
        || text("kid").is_some_and(|kid| kid.len() > 1024)
    {
        return Vec::new();
    }
    let verify = |operations: &[Json]| operations.iter().any(|operation| operation.text() == Some("verify"));
    if jwk.get("key_ops").is_some_and(|list| !list.list().is_some_and(verify) && *list != Json::Null) {
        return Vec::new();
    }
    let of_type = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => {
            let (Some(n), Some(e)) = (number("n"), number("e")) else { return Vec::new() };
            let strip = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
            let (n, e) = (strip(n), strip(e));
            let odd = |bytes: &[u8]| bytes.last().is_some_and(|byte| byte % 2 == 1);
            let bits = 8 * n.len() - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
            if !(2048..=8192).contains(&bits) || !odd(&n) || !odd(&e) || e == [1] || e.len() > 4 {
                return Vec::new();
            }
            vec![Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]
        }
        (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
            let (length, algorithm) = if curve == "P-256" { (32, Es256) } else { (48, Es384) };
            let fits = |name| number(name).is_some_and(|bytes| bytes.len() == length);
            if fits("x") && fits("y") { vec![algorithm] } else { Vec::new() }
        }
        (Some("OKP"), Some("Ed25519")) if number("x").is_some_and(|x| x.len() == 32) => vec![EdDsa],
        _ => Vec::new(),
    };
    match jwk.get("alg") {
        None => of_type,
        Some(name) => match name.text() {
            Some(name) => of_type.into_iter().filter(|algorithm| algorithm.as_str() == name).collect(),
            None if *name == Json::Null => of_type,
            None => Vec::new(),
        },
    }
}

/// Every id of a document; a key without one has the id "".
fn id(jwk: &Json) -> &str {
    jwk.get("kid").and_then(Json::text).unwrap_or_default()
}

fn refuses_made_up_signatures(key: &VerificationKey) {
    for algorithm in Algorithm::ALL {
        for signature in [&b""[..], &[0; 64], &[1; 64], &[0; 96], &[0; 256], &[1; 256], &GOOD.1[..63]] {
            assert!(key.verify(algorithm, MESSAGE, signature).is_err());
        }
    }
    let stranger = STRANGER.sign(MESSAGE);
    assert!(key.verify(Algorithm::EdDsa, MESSAGE, stranger.as_ref()).is_err());
}

fn document(text: &str, good_at_the_end: bool) {
    let enabled = if good_at_the_end { &Algorithm::ALL[..] } else { &[Algorithm::Rs256, Algorithm::Es256] };
    let provider = load(text, enabled);
    let read = json::read(text.as_bytes(), MAX_DEPTH);
    let Some(list) = read.as_ref().and_then(|document| document.get("keys")).and_then(Json::list) else {
        assert!(provider.is_none(), "keys from what is no key set");
        return;
    };
    let mut served = 0;
    for jwk in list {
        let key = provider.as_ref().and_then(|provider| find(provider, id(jwk)));
        let Some(key) = key else { continue };
        served += 1;
        assert_eq!(key.kid().unwrap_or_default(), id(jwk));
        // One of those that have the id serves.
        let usable: Vec<_> = list.iter().filter(|other| id(other) == id(jwk)).map(serves).collect();
        let accepted: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| key.accepts(*algorithm)).collect();
        assert!(usable.contains(&accepted), "{accepted:?} of {usable:?}");
        assert!(accepted.iter().any(|algorithm| enabled.contains(algorithm)));
        refuses_made_up_signatures(&key);
    }
    assert_eq!(provider.is_some(), served > 0, "a provider without a key");
    for (kid, key) in agreed(text, list, enabled) {
        let served = provider.as_ref().and_then(|provider| find(provider, kid));
        assert_eq!(served.is_some(), key.is_some(), "{kid:?}");
        assert!(served.zip(key).is_none_or(|(served, key)| served.same_material(&key)), "{kid:?}");
    }
    let alone = list.iter().filter(|jwk| id(jwk) == "good").count() == 1;
    if good_at_the_end && alone {
        let key = find(&provider.expect("a good key"), "good").expect("the good key");
        assert_eq!(key.verify(Algorithm::EdDsa, MESSAGE, &GOOD.1), Ok(()));
    }
}

/// The key that each id stands for: the one that all usable keys with the id are; `None` when they are not the same.
fn agreed<'l>(text: &str, list: &'l [Json], enabled: &[Algorithm]) -> Vec<(&'l str, Option<VerificationKey>)> {
    let document: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let keys = document["keys"].as_array().expect("a list").iter().map(|jwk| VerificationKey::from_jwk(jwk).ok());
    let keys: Vec<_> = list.iter().map(id).zip(keys).collect();
    let usable = |key: &&VerificationKey| enabled.iter().any(|algorithm| key.accepts(*algorithm));
    let of = |kid: &str| {
        let mut same =
            keys.iter().filter(|(other, _)| *other == kid).filter_map(|(_, key)| key.as_ref()).filter(usable);
        let first = same.next()?;
        same.all(|other| other.same_material(first)).then(|| first.clone())
    };
    keys.iter().map(|(kid, _)| (*kid, of(kid))).collect()
}

fn pem(text: &str) {
    let Ok(key) = VerificationKey::from_pem(Some("pem"), text) else { return };
    assert!(!text.contains("PRIVATE KEY-----") && text.contains("-----BEGIN PUBLIC KEY-----"));
    let accepted = Algorithm::ALL.iter().filter(|algorithm| key.accepts(**algorithm)).count();
    assert!(accepted == 1 || accepted == 6);
    refuses_made_up_signatures(&key);
    // The same key again is the same, and no key that was not in the text.
    let again = VerificationKey::from_pem(None, text).expect("good before");
    assert!(key.same_material(&again));
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match choice % 4 {
        0 => document(text, false),
        1 => {
            let comma = if text.trim().is_empty() { "" } else { "," };
            document(&format!(r#"{{"keys":[{text}{comma}{}]}}"#, GOOD.0), true);
        }
        2 => pem(text),
        // What stands in front of good keys or behind them makes another document, or none.
        _ => document(&format!("{}{text}", jwks()), false),
    }
});
