use serde_json::json;
use temporal_authz::{Reason, Role};
use temporal_claim_mapper::{JwtClaimMapper, TrustedIssuer};
use temporal_key_provider::{Algorithm, JwksKeyProvider, Source, VerificationKey};

use crate::support::*;

const ALL: [(Algorithm, &str); 9] = [
    (Algorithm::Rs256, "rsa-1"),
    (Algorithm::Rs384, "rsa-1"),
    (Algorithm::Rs512, "rsa-1"),
    (Algorithm::Ps256, "rsa-1"),
    (Algorithm::Ps384, "rsa-1"),
    (Algorithm::Ps512, "rsa-1"),
    (Algorithm::Es256, "ec-1"),
    (Algorithm::Es384, "ec-384"),
    (Algorithm::EdDsa, "ed-1"),
];

fn signer(kid: &str) -> &'static Signer {
    match kid {
        "rsa-1" => &RSA,
        "ec-1" => &P256,
        "ec-384" => &P384,
        _ => &ED25519,
    }
}

fn token_of(algorithm: Algorithm, kid: &str, signer: &Signer) -> String {
    let header = json!({"alg": algorithm.as_str(), "kid": kid}).to_string();
    signed(signer, algorithm, header, good().to_string())
}

#[tokio::test]
async fn every_listed_algorithm_is_accepted_and_only_rs256_and_es256_are_by_default() {
    let keys = MemoryKeys::new();
    let all = strict(&keys).algorithms(Algorithm::ALL).build().unwrap();
    for (algorithm, kid) in ALL {
        let token = token_of(algorithm, kid, signer(kid));
        let claims = claims_of(&all, &token).await.unwrap().unwrap();
        assert_eq!((claims.subject(), claims.namespace("default")), ("alice", Role::WRITER), "{algorithm}");
        assert_eq!((claims.auth_type(), claims.issuer()), ("jwt", Some(ISSUER)));
        assert_eq!(claims.expires_at(), Some(time(NOW + 600)));

        let default = matches!(algorithm, Algorithm::Rs256 | Algorithm::Es256);
        let expected = (!default).then_some(Reason::UnsupportedAlgorithm);
        for mapper in [strict(&keys).build().unwrap(), temporal(&keys).build().unwrap()] {
            let asked = keys.asked();
            assert_eq!(reason(&mapper, &token).await, expected, "{algorithm}");
            assert_eq!(keys.asked() - asked, usize::from(default), "no key is asked for in vain");
        }
    }
}

// 2, 3, 4, 12
#[tokio::test]
async fn the_algorithm_is_bound_to_the_key() {
    let keys = MemoryKeys::new();
    let mut only_rs256 = RSA.jwk("only-rs256");
    only_rs256["alg"] = "RS256".into();
    keys.put(Some("only-rs256"), [VerificationKey::from_jwk(&only_rs256).unwrap()]);
    let mapper = strict(&keys).algorithms(Algorithm::ALL).build().unwrap();
    for (algorithm, kid, signer) in [
        (Algorithm::Rs256, "ec-1", &RSA),
        (Algorithm::Rs256, "ed-1", &RSA),
        (Algorithm::Es256, "rsa-1", &P256),
        (Algorithm::Es256, "ec-384", &P256),
        (Algorithm::Es384, "ec-1", &P384),
        (Algorithm::EdDsa, "ec-1", &ED25519),
        (Algorithm::Ps256, "only-rs256", &RSA),
        (Algorithm::Rs512, "only-rs256", &RSA),
    ] {
        let token = token_of(algorithm, kid, signer);
        assert_eq!(reason(&mapper, &token).await, Some(Reason::AlgKeyMismatch), "{algorithm} with {kid}");
    }
    assert_eq!(reason(&mapper, &token_of(Algorithm::Rs256, "only-rs256", &RSA)).await, None);
    // PKCS#1 v1.5 presented as PSS.
    let header = json!({"alg": "PS256", "kid": "rsa-1"}).to_string();
    let token = signed(&RSA, Algorithm::Rs256, header, good().to_string());
    assert_eq!(reason(&mapper, &token).await, Some(Reason::BadSignature));
}

// 11
#[tokio::test]
async fn signatures_of_a_wrong_form_are_refused() {
    let mapper = strict(&MemoryKeys::new()).build().unwrap();
    let token = token_of(Algorithm::Es256, "ec-1", &P256);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&order[2 * i..2 * i + 2], 16).unwrap()).collect();
    let zeros = vec![0; 32];
    let one = [vec![0; 31], vec![1]].concat();
    for bad in [
        vec![0; 64],
        [zeros.clone(), one.clone()].concat(),
        [one.clone(), zeros].concat(),
        [order.clone(), one.clone()].concat(),
        [one, order].concat(),
        b"0\x06\x02\x01\x00\x02\x01\x00".to_vec(),
        vec![1; 63],
        vec![1; 65],
    ] {
        let token = format!("{message}.{}", base64(&bad));
        assert_eq!(reason(&mapper, &token).await, Some(Reason::BadSignature), "{bad:?}");
    }
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let token = format!("{message}.{flipped}{}", &signature[1..]);
    assert_eq!(reason(&mapper, &token).await, Some(Reason::BadSignature));
}

// 41
#[tokio::test]
async fn any_of_several_keys_of_one_id_may_have_signed() {
    let keys = MemoryKeys::new();
    keys.put(Some("shared"), [P256.key("shared"), RSA.key("shared")]);
    let mapper = strict(&keys).build().unwrap();
    for (signer, expected) in [(&*RSA, None), (&*OTHER_RSA, Some(Reason::BadSignature))] {
        assert_eq!(reason(&mapper, &token_of(Algorithm::Rs256, "shared", signer)).await, expected);
    }
}

#[tokio::test]
async fn an_issuer_can_have_algorithms_of_its_own() {
    let keys = MemoryKeys::new();
    let other = TrustedIssuer::new("https://other.example").algorithms([Algorithm::Es384]);
    let mapper = strict(&keys).trusted_issuer(other).build().unwrap();
    for (issuer, algorithm, kid, expected) in [
        (ISSUER, Algorithm::Rs256, "rsa-1", None),
        (ISSUER, Algorithm::Es384, "ec-384", Some(Reason::UnsupportedAlgorithm)),
        ("https://other.example", Algorithm::Es384, "ec-384", None),
        ("https://other.example", Algorithm::Rs256, "rsa-1", Some(Reason::UnsupportedAlgorithm)),
    ] {
        let header = json!({"alg": algorithm.as_str(), "kid": kid}).to_string();
        let token = signed(signer(kid), algorithm, header, payload(json!({"iss": issuer})).to_string());
        let asked = keys.asked();
        assert_eq!(reason(&mapper, &token).await, expected, "{algorithm} of {issuer}");
        assert_eq!(keys.asked() > asked, expected.is_none());
    }
}

// 5, 6
#[tokio::test]
async fn keys_for_other_purposes_verify_nothing() {
    let mut jwks = Vec::new();
    for (kid, member, value) in
        [("enc", "use", json!("enc")), ("ops", "key_ops", json!(["sign"])), ("sig", "use", json!("sig"))]
    {
        let mut jwk = RSA.jwk(kid);
        jwk[member] = value;
        jwks.push(jwk);
    }
    jwks.push(json!({"kid": "oct", "kty": "oct", "k": base64("secret")}));
    let source = Source::inline_jwks(json!({ "keys": jwks }).to_string());
    let keys = JwksKeyProvider::builder().source(source).build().await.unwrap();
    let mapper =
        JwtClaimMapper::builder(keys).issuer(ISSUER).audience(AUDIENCE).clock(FakeClock::at(NOW)).build().unwrap();
    for (kid, expected) in [
        ("sig", None),
        ("enc", Some(Reason::UnknownKey)),
        ("ops", Some(Reason::UnknownKey)),
        ("oct", Some(Reason::UnknownKey)),
    ] {
        assert_eq!(reason(&mapper, &token_of(Algorithm::Rs256, kid, &RSA)).await, expected, "{kid}");
    }
}
