//! Who is calling, as the token header says.

use libfuzzer_sys::arbitrary::{self, Arbitrary};

use super::message::NAMES;
use crate::keys::{STRANGER, TRUSTED, sign};

const ROLES: [&str; 6] = ["read", "write", "worker", "admin", "WRITE", "owner"];

#[derive(Debug, Arbitrary)]
pub enum Caller {
    Nobody,
    Good { subject: u8, permissions: Vec<(u8, u8)> },
    Odd { signed: bool, scheme: u8, header: u8, payload: u8, permissions: Vec<(u8, u8)> },
    Header(u8),
}

impl Caller {
    /// The values of the token header, and the token that the trusted signer made.
    pub(super) fn headers(&self) -> (Vec<Vec<u8>>, Option<String>) {
        let good = |subject: &str, permissions: &[(u8, u8)]| {
            let list: Vec<String> = permissions
                .iter()
                .take(8)
                .map(|(name, role)| {
                    let name = NAMES[usize::from(*name) % NAMES.len()];
                    format!("\"{name}:{}\"", ROLES[usize::from(*role) % ROLES.len()])
                })
                .collect();
            format!(r#""sub":"{subject}","permissions":[{}]"#, list.join(","))
        };
        const HEADER: &str = r#"{"alg":"EdDSA","kid":"ed"}"#;
        const REST: &str = r#""iss":"issuer","aud":"temporal","exp":1900000000"#;
        match self {
            Caller::Nobody => (Vec::new(), None),
            Caller::Good { subject, permissions } => {
                let subject = ["alice", "bob", "Zo\u{eb}"][usize::from(*subject) % 3];
                let token = sign(&TRUSTED, HEADER, format!("{{{REST},{}}}", good(subject, permissions)));
                (vec![format!("Bearer {token}").into_bytes()], Some(token))
            }
            Caller::Odd { signed, scheme, header, payload, permissions } => {
                let headers = [
                    HEADER,
                    r#"{"alg":"EdDSA","kid":""}"#,
                    r#"{"alg":"EdDSA"}"#,
                    r#"{"alg":"RS256","kid":"ed"}"#,
                    r#"{"alg":"none","kid":"ed"}"#,
                    r#"{"alg":"EdDSA","kid":"ed","crit":["x"]}"#,
                    r#"{"alg":"EdDSA","kid":"ed","kid":"ed"}"#,
                    r#"{"alg":"EdDSA","kid":"other"}"#,
                ];
                let payloads = [
                    REST,
                    r#""iss":"issuer","aud":"temporal""#,
                    r#""iss":"issuer","aud":"temporal","exp":1"#,
                    r#""iss":"issuer","aud":"temporal","exp":"1900000000""#,
                    r#""iss":"other","aud":["x"],"exp":1900000000"#,
                    r#""exp":1900000000,"nbf":1850000000"#,
                    r#""iss":"issuer","aud":["temporal",1],"exp":1900000000"#,
                    r#""iss":"issuer","aud":"temporal","exp":0"#,
                ];
                let subject = ["", r"a\nb", "temporal", "alice"][usize::from(*payload >> 4) % 4];
                let payload = payloads[usize::from(*payload) % payloads.len()];
                let signer = if *signed { &TRUSTED } else { &STRANGER };
                let header = headers[usize::from(*header) % headers.len()];
                let token = sign(signer, header, format!("{{{payload},{}}}", good(subject, permissions)));
                let scheme =
                    ["Bearer ", "bearer ", "BEARER ", "Bearer  ", "Basic ", "", "Bearer\t"][usize::from(*scheme) % 7];
                (vec![format!("{scheme}{token}").into_bytes()], signed.then_some(token))
            }
            Caller::Header(choice) => {
                let values: &[&[u8]] = match choice % 6 {
                    0 => &[b""],
                    1 => &[b"", b""],
                    2 => &[b"Bearer \xe9"],
                    3 => &[b"Bearer "],
                    4 => &[b" "],
                    _ => &[b"Bearer a.b.c", b"Bearer a.b.c"],
                };
                (values.iter().map(|value| value.to_vec()).collect(), None)
            }
        }
    }
}
