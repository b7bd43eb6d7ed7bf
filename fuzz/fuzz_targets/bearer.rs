//! The value of a token header: nobody gets in with bytes that the signer did not sign.
//!
//! An input that is text and begins with no control character is asked about as it is; the seeds are good tokens. Any other
//! input describes a token that is made, signed by somebody, and wounded.

#![no_main]

use std::sync::LazyLock;

use http::HeaderMap;
use libfuzzer_sys::{
    arbitrary::{self, Arbitrary, Unstructured},
    fuzz_target,
};
use temporal_authz::{AuthInfo, ClaimMapper as _, Claims};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_fuzz::{
    block_on,
    keys::{STRANGER, Still, TRUSTED, provider, sign},
    token::{AUDIENCE, ISSUER, bearer},
};
use temporal_key_provider::Algorithm;

/// What the trusted signers have signed: the subject, and the header value.
const SIGNED: [(&str, &str); 4] = [
    ("rs256", include_str!("../corpus/bearer/rs256")),
    ("ps256", include_str!("../corpus/bearer/ps256")),
    ("es256", include_str!("../corpus/bearer/es256")),
    ("eddsa", include_str!("../corpus/bearer/eddsa")),
];

static MAPPERS: LazyLock<[JwtClaimMapper; 2]> = LazyLock::new(|| {
    let keys = provider();
    [
        JwtClaimMapper::temporal(keys.clone()).algorithms(Algorithm::ALL).clock(Still).build().expect("good settings"),
        JwtClaimMapper::builder(keys)
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .algorithms(Algorithm::ALL)
            .clock(Still)
            .build()
            .expect("good settings"),
    ]
});

#[derive(Debug, Arbitrary)]
struct Made {
    algorithm: u8,
    kid: u8,
    more: Option<(u8, u8)>,
    by: By,
    subject: u8,
    wounds: Vec<Wound>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum By {
    Trusted,
    Stranger,
    /// The signature of a token that the trusted signer did sign.
    Lent,
    Nobody,
}

#[derive(Debug, Arbitrary)]
enum Wound {
    Set(u16, u8),
    Insert(u16, u8),
    Remove(u16),
    Swap(u16, u16),
    Cut(u16),
    Twice(u16),
    /// Another last character of a part, where base64 has bits that mean nothing.
    Last(u8, u8),
}

impl Made {
    fn header(&self) -> String {
        let algorithm = ["EdDSA", "ES256", "RS256", "PS256", "none", "HS256", "Ed25519", "ES384"];
        let kid = ["ed", "rsa", "ec", "nobody's"];
        let mut header = format!(
            r#"{{"alg":"{}","kid":"{}""#,
            algorithm[usize::from(self.algorithm) % algorithm.len()],
            kid[usize::from(self.kid) % kid.len()]
        );
        if let Some((name, value)) = self.more {
            let names = ["typ", "cty", "crit", "jwk", "jku", "x5c", "enc", "zip", "b64"];
            let values = [r#""JWT""#, r#"["exp"]"#, "false", r#"{"kty":"oct","k":"AA"}"#, r#""https://evil.example""#];
            let name = names[usize::from(name) % names.len()];
            header.push_str(&format!(r#","{name}":{}"#, values[usize::from(value) % values.len()]));
        }
        header + "}"
    }

    fn payload(&self) -> String {
        format!(
            r#"{{"iss":"issuer","aud":"temporal","sub":"caller-{}","exp":1900000000,"permissions":["a:read"]}}"#,
            self.subject
        )
    }

    fn token(&self) -> String {
        let (header, payload) = (self.header(), self.payload());
        let token = match self.by {
            By::Trusted => sign(&TRUSTED, header, payload),
            By::Stranger | By::Lent | By::Nobody => sign(&STRANGER, header, payload),
        };
        let (message, own) = token.rsplit_once('.').expect("three parts");
        match self.by {
            By::Trusted | By::Stranger => format!("{message}.{own}"),
            By::Lent => {
                let lender = SIGNED[usize::from(self.subject) % SIGNED.len()].1;
                format!("{message}.{}", lender.rsplit_once('.').expect("three parts").1)
            }
            By::Nobody => format!("{message}."),
        }
    }
}

impl Wound {
    fn inflict(&self, text: &mut Vec<u8>) {
        let length = text.len().max(1);
        let at = |place: &u16| usize::from(*place) % length;
        let visible = |byte: &u8| b' ' + byte % 95;
        match self {
            _ if text.is_empty() => {}
            Wound::Set(place, byte) => {
                let place = at(place);
                text[place] = visible(byte);
            }
            Wound::Insert(place, byte) => text.insert(at(place), visible(byte)),
            Wound::Remove(place) => drop(text.remove(at(place))),
            Wound::Swap(one, two) => text.swap(at(one), at(two)),
            Wound::Cut(place) => text.truncate(at(place)),
            Wound::Twice(place) => text.extend_from_within(at(place)..),
            Wound::Last(part, letter) => {
                let ends: Vec<usize> = (1..=length).filter(|end| matches!(text.get(*end), None | Some(b'.'))).collect();
                text[ends[usize::from(*part) % ends.len()] - 1] = b'A' + letter % 26;
            }
        }
    }
}

/// Both profiles' answers; a good token is asked about again, when it is remembered.
fn ask(value: &str) -> [Option<Claims>; 2] {
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token(value);
    [0, 1].map(|profile| {
        let mapper = &MAPPERS[profile];
        let claims = block_on(mapper.get_claims(&info)).ok()?;
        // An empty token is nobody, whom no role is granted.
        let claims = claims.filter(|claims| !value.is_empty() || claims.namespaces().count() > 0)?;
        match mapper.claims_at_hand(&info) {
            None | Some(Err(_)) => panic!("a token is forgotten at once"),
            Some(Ok(again)) => assert_eq!(format!("{:?}", again.expect("claims")), format!("{claims:?}")),
        }
        Some(claims)
    })
}

/// Panics unless exactly those are let in who have one of the tokens that were `signed`, which are all good. (From a signature
/// of ES256 anybody can make a second one, but not by such small wounds.)
fn check(value: &str, signed: &[(String, &str)]) {
    let wanted = signed.iter().find(|(_, token)| bearer(value).is_some_and(|asked| bearer(token) == Some(asked)));
    for claims in ask(value) {
        match (claims, wanted) {
            (Some(claims), Some((subject, _))) => assert_eq!(claims.subject(), subject),
            (None, None) => {}
            (claims, _) => panic!("{claims:?} for {value:?}, wanted {wanted:?}"),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let text = std::str::from_utf8(data).ok().filter(|text| !text.starts_with(|c: char| c.is_control()));
    let constant = SIGNED.map(|(subject, token)| (subject.to_owned(), token));
    if let Some(text) = text {
        return check(text, &constant);
    }
    let Ok(made) = Made::arbitrary_take_rest(Unstructured::new(data.get(1..).unwrap_or_default())) else { return };
    let token = format!("Bearer {}", made.token());
    let good =
        matches!(made.by, By::Trusted) && made.algorithm % 8 == 0 && made.kid % 4 == 0 && !changes_meaning(&made);
    let mut wounded = token.clone().into_bytes();
    made.wounds.iter().take(8).for_each(|wound| wound.inflict(&mut wounded));
    let wounded = String::from_utf8(wounded).expect("ASCII");
    let mut signed = constant.to_vec();
    if good {
        signed.push((format!("caller-{}", made.subject), &token));
    }
    check(&wounded, &signed);
});

/// Whether the header has a member for which a token is refused whoever signed it.
fn changes_meaning(made: &Made) -> bool {
    match made.more.map(|(name, value)| (name % 9, value % 5)) {
        // cty: "JWT", or no text.
        Some((1, value)) => value != 4,
        Some((2 | 6 | 7, _)) => true,
        _ => false,
    }
}
