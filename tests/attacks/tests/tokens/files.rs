//! Keys in files.

use std::{
    fs,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use attacks::{
    log::Log,
    signer::{P256, jwks},
    token::{claims_with, issuer_jwks, parts, token},
};
use serde_json::json;
use temporal_authz::Reason::{KeysUnavailable, UnknownKey};
use temporal_key_provider::Source;

use crate::support::{Served, eager, profile, reason};

fn path() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("keys-{}-{}.json", std::process::id(), NEXT.fetch_add(1, SeqCst));
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[tokio::test]
async fn case_058_a_file_that_is_no_key_set_changes_nothing_and_is_not_quoted() {
    let whole = issuer_jwks();
    let log = Log::open();
    for strict in [true, false] {
        let path = path();
        fs::write(&path, &whole).unwrap();
        let keys = eager().source(Source::file(&path)).build().await.unwrap();
        let mapper = profile(strict, keys.clone()).build().unwrap();
        let served = Served::new(strict, mapper.clone());
        let replace = |step: &dyn Fn()| {
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            step();
        };
        let steps: [(&str, &str, &dyn Fn()); 10] = [
            ("case_058 half written", "strict JSON", &|| fs::write(&path, &whole[..whole.len() / 2]).unwrap()),
            ("case_058 empty", "strict JSON", &|| fs::write(&path, "").unwrap()),
            ("case_058 something else", "strict JSON", &|| fs::write(&path, "c058-password: hunter2").unwrap()),
            ("case_058 JSON of something else", "not a JWK Set", &|| {
                fs::write(&path, r#"{"c058-password":"hunter2"}"#).unwrap()
            }),
            ("case_058 a link to the environment", "strict JSON", &|| symlink("/proc/self/environ", &path).unwrap()),
            ("case_058 a link to zeros without end", "not a regular file", &|| symlink("/dev/zero", &path).unwrap()),
            ("case_058 a link to itself", "cannot read", &|| symlink(&path, &path).unwrap()),
            ("case_058 a directory", "not a regular file", &|| fs::create_dir(&path).unwrap()),
            ("case_058 a pipe that nobody writes to", "not a regular file", &|| {
                assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
            }),
            ("case_058 gone", "cannot read", &|| ()),
        ];
        for (number, (case, told, step)) in steps.into_iter().enumerate() {
            replace(step);
            tokio::time::sleep(Duration::from_millis(1)).await;
            let header = json!({"alg": "RS256", "kid": format!("c058-{number}")}).to_string();
            let value = parts(header, claims_with(json!({})).to_string(), [7; 256]);
            served.refuses(case, &value, KeysUnavailable).await;
            let status = &keys.status()[0];
            let error = status.last_error.as_deref().unwrap_or_default();
            assert!(status.keys == 4 && error.contains(told), "{case}: {status:?}");
            let fresh = token(&claims_with(json!({"sub": format!("{case} {strict}")})));
            assert_eq!(reason(&mapper, &fresh).await, None, "{case}: the keys still serve");
            for secret in ["hunter2", "CARGO_MANIFEST_DIR", "LD_LIBRARY_PATH", "HOME="] {
                let shown = format!("{status:?} {keys:?}");
                assert!(!shown.contains(secret), "{case}: {shown}");
                assert_eq!(log.containing(secret), Vec::<String>::new(), "{case}: the file's text is logged");
            }
        }
        replace(&|| fs::write(&path, jwks(&[P256.jwk("ec-1")])).unwrap());
        tokio::time::sleep(Duration::from_millis(1)).await;
        let value = parts(r#"{"alg":"RS256","kid":"c058-last"}"#, claims_with(json!({})).to_string(), [7; 256]);
        assert_eq!(reason(&mapper, &value).await, Some(UnknownKey), "case_058 whole again");
        assert_eq!(
            reason(&mapper, &token(&claims_with(json!({})))).await,
            Some(UnknownKey),
            "case_058 and another set"
        );
        fs::remove_file(&path).unwrap();
    }
}
