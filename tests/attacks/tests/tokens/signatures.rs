//! Signatures: by the wrong key, of the wrong kind, forged, and in a form that is none.

use attacks::{
    server::JwksServer,
    signer::{ED25519, FOREIGN_RSA, P256, P384, RSA, Signer, base64url, jwks},
    token::{claims, header, parts, signed},
};
use aws_lc_rs::{
    hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use temporal_authz::Reason::{
    AlgKeyMismatch, BadSignature, MalformedCredentials as Malformed, UnknownKey, UnsupportedAlgorithm,
};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_key_provider::Algorithm;

use crate::support::{Stand, eager};

/// The four keys of the issuer, with the algorithms that each is for.
fn keys() -> [(&'static str, &'static Signer, &'static [Algorithm]); 4] {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    [
        ("rsa-1", &RSA, &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]),
        ("ec-1", &P256, &[Es256]),
        ("ec-384", &P384, &[Es384]),
        ("ed-1", &ED25519, &[EdDsa]),
    ]
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

#[tokio::test]
async fn case_002_a_public_key_is_no_shared_secret() {
    let stands = Stand::both().await;
    for (kid, signer, algorithms) in keys() {
        let (der, jwk) = (signer.spki(), signer.jwk(kid));
        let secrets = [
            ("PEM", pem(&der).into_bytes()),
            ("PEM without the last newline", pem(&der).trim_end().into()),
            ("PEM with CRLF", pem(&der).replace('\n', "\r\n").into()),
            ("DER", der.clone()),
            ("DER in base64", STANDARD.encode(&der).into()),
            ("JWK", jwk.to_string().into()),
            ("the key set", attacks::token::issuer_jwks().into()),
            ("nothing", Vec::new()),
        ];
        for (form, secret) in &secrets {
            for (name, algorithm) in [("HS256", HMAC_SHA256), ("HS384", HMAC_SHA384), ("HS512", HMAC_SHA512)] {
                let mac = |header: &str| {
                    let message = format!("{}.{}", base64url(header), base64url(claims().to_string()));
                    hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes()).as_ref().to_vec()
                };
                let case = format!("case_002 {name} with {form} of {kid}");
                let header = json!({"alg": name, "kid": kid}).to_string();
                let confessed = parts(&header, claims().to_string(), mac(&header));
                let header = json!({"alg": algorithms[0].as_str(), "kid": kid}).to_string();
                let posing = parts(&header, claims().to_string(), mac(&header));
                for stand in &stands {
                    stand.refuses_without_io(&case, &confessed, UnsupportedAlgorithm).await;
                    stand.refuses_without_io(&format!("{case}, posing"), &posing, BadSignature).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn case_003_a_key_of_another_family_is_not_tried() {
    for stand in Stand::both().await {
        for (kid, _, own) in keys() {
            for (_, signer, others) in keys() {
                for algorithm in others {
                    let case = format!("case_003 {algorithm} naming {kid}");
                    let header = json!({"alg": algorithm.as_str(), "kid": kid}).to_string();
                    let value = signed(signer, *algorithm, header, claims().to_string());
                    if own.contains(algorithm) {
                        stand.accepts(&case, &value, "default").await;
                    } else {
                        stand.refuses_without_io(&case, &value, AlgKeyMismatch).await;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn case_004_a_key_published_for_one_algorithm_is_for_no_other() {
    let mut bound = RSA.jwk("rsa-1");
    bound["alg"] = json!("RS256");
    for stand in Stand::both_over(&jwks(&[bound])).await {
        for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps384] {
            let case = format!("case_004 {algorithm} by a key for RS256");
            let header = json!({"alg": algorithm.as_str(), "kid": "rsa-1"}).to_string();
            let value = signed(&RSA, algorithm, header, claims().to_string());
            if algorithm == Algorithm::Rs256 {
                stand.accepts(&case, &value, "default").await;
            } else {
                stand.refuses_without_io(&case, &value, AlgKeyMismatch).await;
            }
        }
    }
    // The other algorithm's padding under the right name.
    for stand in Stand::both().await {
        for (named, used) in [(Algorithm::Rs256, Algorithm::Ps256), (Algorithm::Ps256, Algorithm::Rs256)] {
            let header = json!({"alg": named.as_str(), "kid": "rsa-1"}).to_string();
            let value = signed(&RSA, used, header, claims().to_string());
            stand.refuses_without_io(&format!("case_004 {used} posing as {named}"), &value, BadSignature).await;
        }
    }
}

#[tokio::test]
async fn case_007_keys_that_a_token_brings_along_are_not_looked_at() {
    let pair = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["issuer.example".to_owned()]).unwrap().self_signed(&pair).unwrap();
    let own = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pair.serialize_der()).unwrap();
    let attacker = Signer::Ec("P-256", 32, own);
    let rows = [
        ("jwk", json!({"jwk": attacker.jwk("ec-1")})),
        ("x5c", json!({"x5c": [STANDARD.encode(certificate.der())]})),
        ("x5t", json!({"x5t": "AAAA", "x5t#S256": "AAAA"})),
        ("a list of keys", json!({"keys": [attacker.jwk("ec-1")]})),
    ];
    for stand in Stand::both().await {
        for (name, brought) in &rows {
            let with = |kid: Option<&str>| {
                let mut header = brought.clone();
                header["alg"] = json!("ES256");
                if let Some(kid) = kid {
                    header["kid"] = json!(kid);
                }
                header.to_string()
            };
            let case = format!("case_007 {name}");
            for (kid, expected) in [(Some("ec-1"), BadSignature), (Some("attacker"), UnknownKey), (None, Malformed)] {
                let forged = signed(&attacker, Algorithm::Es256, with(kid), claims().to_string());
                stand.refuses(&case, &forged, expected).await;
            }
            let honest = signed(&P256, Algorithm::Es256, with(Some("ec-1")), claims().to_string());
            stand.accepts(&case, &honest, "default").await;
        }
        let foreign = signed(&FOREIGN_RSA, Algorithm::Rs256, header(), claims().to_string());
        stand.refuses_without_io("case_007 a foreign key", &foreign, BadSignature).await;
    }
}

#[tokio::test]
async fn case_008_urls_that_a_token_names_are_not_fetched() {
    let evil = JwksServer::publishing(jwks(&[FOREIGN_RSA.jwk("rsa-1"), FOREIGN_RSA.jwk("evil")])).await;
    for stand in Stand::both().await {
        let urls = [
            evil.url(),
            format!("http://{}@{}/jwks", stand.server.address, evil.address),
            format!("//{}/jwks", evil.address),
            format!("http://{}#@{}/jwks", evil.address, stand.server.address),
            format!("HTTP://localhost:{}/jwks", evil.address.port()),
            "file:///etc/passwd".to_owned(),
            format!("data:application/json,{}", jwks(&[FOREIGN_RSA.jwk("rsa-1")])),
        ];
        for url in urls {
            for member in ["jku", "x5u", "iss", "url"] {
                for (kid, expected) in [("rsa-1", BadSignature), ("evil", UnknownKey)] {
                    let case = format!("case_008 {member} {url}, kid {kid}");
                    let header = json!({"alg": "RS256", "kid": kid, member: url}).to_string();
                    let value = signed(&FOREIGN_RSA, Algorithm::Rs256, header, claims().to_string());
                    stand.refuses(&case, &value, expected).await;
                }
            }
        }
        assert!(stand.server.last_request().starts_with("get /jwks http/1.1\r\n"), "case_008");
    }
    assert_eq!(evil.connections(), 0, "case_008: the token's own URL was fetched");
}

#[tokio::test]
async fn case_034_every_algorithm_that_is_offered_verifies_and_others_fail_the_build() {
    for stand in Stand::both().await {
        for (kid, signer, algorithms) in keys() {
            for algorithm in algorithms {
                let header = json!({"alg": algorithm.as_str(), "kid": kid}).to_string();
                let value = signed(signer, *algorithm, header, claims().to_string());
                stand.accepts(&format!("case_034 {algorithm}"), &value, "default").await;
            }
        }
    }
    let server = JwksServer::publishing(attacks::token::issuer_jwks()).await;
    let few = eager().supported_algorithms([Algorithm::Es384]).source(server.source()).build().await.unwrap();
    for builder in [JwtClaimMapper::temporal(few.clone()), JwtClaimMapper::temporal(few).algorithms([Algorithm::Rs256])]
    {
        let error = builder.build().unwrap_err();
        assert!(
            error.to_string().contains("supported by the key provider") || error.to_string().contains("no algorithm"),
            "case_034: {error}"
        );
    }
}
