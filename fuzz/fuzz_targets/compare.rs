//! The scanner and prost on one message: the comparison that two targets make.

use bytes::Bytes;
use temporal_authz::MethodTable;
use temporal_interceptor::{
    Limits,
    request::{ScanError, scan},
};

// The same truth that the crate's own tests compare with.
#[path = "../../crates/interceptor/src/request/tests/oracle.rs"]
#[allow(dead_code, reason = "each target looks at some of the methods")]
pub mod oracle;

/// Panics unless the scanner finds in a request of the method at `path` what prost finds, or both refuse it, or the
/// scanner refuses it for a limit that prost does not have.
pub fn compare(table: &MethodTable, path: &str, message: &[u8]) {
    let message = Bytes::copy_from_slice(message);
    let limits = Limits::default();
    let found = scan(table.find(path), &message, &limits);
    let expected = oracle::exact(path, &message);
    match (&found, &expected) {
        (Err(ScanError::Wire(_)), None) => {}
        // Found before what the message embeds was looked at.
        (Err(ScanError::NamespaceTooLong), None) => {
            assert!(path != oracle::COMMANDS && message.len() > limits.max_namespace_bytes);
        }
        (Err(ScanError::NamespaceTooLong), Some(wanted)) => {
            let targets = wanted.targets.iter().map(|(_, name)| name);
            let longest = targets.chain([&wanted.namespace]).map(String::len).max();
            assert!(longest.is_some_and(|bytes| bytes > limits.max_namespace_bytes));
        }
        (Err(ScanError::TooManyTargets), Some(wanted)) => assert!(wanted.targets.len() > limits.max_targets),
        (Err(ScanError::NamespaceMismatch), Some(wanted)) => assert!(wanted.mismatch),
        (Ok(scanned), Some(wanted)) => {
            assert!(!wanted.mismatch);
            assert_eq!(scanned.namespace(), wanted.namespace);
            let targets = scanned.commands().iter().map(|target| (target.api_name(), target.namespace().to_owned()));
            assert_eq!(targets.collect::<Vec<_>>(), wanted.targets);
            for (target, wanted) in scanned.commands().iter().zip(&wanted.targets) {
                assert!(oracle::attributes_agree(&message, wanted, target.attributes()));
            }
        }
        _ => panic!("{path}: found {found:?}, prost {expected:?}"),
    }
    if let Some(whole) = oracle::whole(path, &message) {
        assert_eq!(Some(whole), expected, "a handler reads {path} in another way");
    }
}
