//! `mint`: what it leaves on disk, and what its tokens say.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::Parser as _;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{JwkSet, ThumbprintHash},
};
use serde_json::{Value, json};
use temporal_gateway::mint::{MintArgs, Minted, mint, run};

#[derive(clap::Parser)]
struct Command {
    #[command(flatten)]
    mint: MintArgs,
}

/// A directory of this test's own, gone at the end of it.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn args(keys: &Path, more: &[&str]) -> MintArgs {
    let keys = keys.to_str().unwrap();
    let fixed = ["mint", "--keys", keys, "--subject", "alice"];
    Command::try_parse_from(fixed.iter().chain(more)).unwrap().mint
}

fn minted(keys: &Path, more: &[&str]) -> Minted {
    mint(&args(keys, more), SystemTime::now()).unwrap()
}

fn refusal(keys: &Path, more: &[&str]) -> String {
    format!("{:#}", mint(&args(keys, more), SystemTime::now()).unwrap_err())
}

/// The claims of a token that verifies with the key set in the directory.
fn claims(keys: &Path, token: &str, algorithm: Algorithm) -> Value {
    let text = fs::read_to_string(keys.join("jwks.json")).unwrap();
    let set: JwkSet = serde_json::from_str(&text).unwrap();
    assert_eq!(set.keys.len(), 1);
    let kid = decode_header(token).unwrap().kid.unwrap();
    let jwk = set.find(&kid).unwrap();
    assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), kid, "RFC 7638");
    let mut validation = Validation::new(algorithm);
    validation.validate_aud = false;
    decode(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation).unwrap().claims
}

#[test]
fn the_first_token_makes_the_key_and_the_next_one_uses_it() {
    let scratch = Scratch::new("mint-reuse");
    let keys = scratch.0.join("deep").join("keys");
    let first = minted(&keys, &["--permission", "default:write", "--permission", "payments:read"]);
    assert_eq!(first.notes.len(), 2, "{:?}", first.notes);
    assert!(first.notes[1].contains(&format!("file://{}/jwks.json", keys.display())));
    assert_eq!(mode(&keys), 0o700);
    assert_eq!(mode(&keys.join("signing-key.pem")), 0o600);
    assert_eq!(mode(&keys.join("jwks.json")), 0o644);
    assert_eq!(fs::read_dir(&keys).unwrap().count(), 2, "no temporary files");

    let found = claims(&keys, &first.token, Algorithm::RS256);
    assert_eq!(found["permissions"], json!(["default:write", "payments:read"]));
    assert_eq!(found["sub"], "alice");
    assert_eq!(found["exp"].as_u64().unwrap() - found["iat"].as_u64().unwrap(), 3_600);
    assert!(found.get("aud").is_none() && found.get("iss").is_none());

    let pem = fs::read(keys.join("signing-key.pem")).unwrap();
    let more = [
        "--permission",
        "default:read",
        "--audience",
        "temporal",
        "--issuer",
        "https://issuer.example",
        "--lifetime",
        "1h30m",
        "--claim-name",
        "roles",
    ];
    let second = minted(&keys, &more);
    assert!(second.notes.is_empty(), "{:?}", second.notes);
    assert_eq!(fs::read(keys.join("signing-key.pem")).unwrap(), pem);
    let found = claims(&keys, &second.token, Algorithm::RS256);
    assert_eq!(found["roles"], json!(["default:read"]));
    assert_eq!((&found["aud"], &found["iss"]), (&json!("temporal"), &json!("https://issuer.example")));
    assert_eq!(found["exp"].as_u64().unwrap() - found["iat"].as_u64().unwrap(), 5_400);
    assert!(found.get("permissions").is_none());

    // A key set that was lost or spoilt is made again from the key.
    fs::write(keys.join("jwks.json"), "{}").unwrap();
    let third = minted(&keys, &["--permission", "default:read"]);
    assert_eq!(third.notes.len(), 1);
    claims(&keys, &third.token, Algorithm::RS256);
}

#[test]
fn an_es256_key_keeps_its_algorithm_and_others_may_not_read_it() {
    let scratch = Scratch::new("mint-es256");
    let keys = scratch.0.join("keys");
    let first = minted(&keys, &["--permission", "default:read", "--algorithm", "es256"]);
    claims(&keys, &first.token, Algorithm::ES256);
    let again = minted(&keys, &["--permission", "default:read"]);
    claims(&keys, &again.token, Algorithm::ES256);
    assert!(refusal(&keys, &["--algorithm", "RS256"]).contains("is a key for ES256, not RS256"));

    let key = keys.join("signing-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refusal(&keys, &[]).contains("is open to others (mode 0640)"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "no key").unwrap();
    assert!(refusal(&keys, &[]).contains("not a private key"));
}

#[test]
fn mistakes_are_warned_about_or_refused() {
    let scratch = Scratch::new("mint-mistakes");
    let keys = scratch.0.join("keys");
    let es256 = ["--algorithm", "ES256", "--permission"];
    minted(&keys, &[&es256[..], &["default:read"]].concat());
    for (permission, part) in [
        ("system:admin", "\"temporal-system:admin\""),
        ("default : read", "spaces round the colon"),
        ("default:owner", "no known role"),
    ] {
        let notes = minted(&keys, &[&es256[..], &[permission]].concat()).notes;
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("warning: ") && notes[0].contains(part), "{notes:?}");
    }
    assert!(minted(&keys, &[]).notes[0].contains("grants nothing"));
    assert!(refusal(&keys, &["--claim-name", "exp"]).contains("--claim-name \"exp\""));
    let parse = |more: &[&str]| {
        let fixed = ["mint", "--keys", "k", "--subject", "s"];
        Command::try_parse_from(fixed.iter().chain(more)).is_ok()
    };
    assert!(parse(&["--lifetime", "30d"]));
    assert!(!parse(&["--lifetime", "60"]));
    assert!(!parse(&["--algorithm", "HS256"]));
}

#[test]
fn standard_output_gets_the_token_and_nothing_else() {
    let scratch = Scratch::new("mint-output");
    let keys = scratch.0.join("keys");
    let mut out = Vec::new();
    run(&args(&keys, &["--algorithm", "ES256", "--permission", "default:read"]), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    claims(&keys, text.strip_suffix('\n').unwrap(), Algorithm::ES256);
}
