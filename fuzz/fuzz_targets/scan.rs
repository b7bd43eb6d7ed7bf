//! The first byte chooses the method, the rest is its request: the scanner finds the namespace that prost finds, for every
//! request of Temporal's that has one.

#![no_main]

mod compare;
mod requests;

use std::sync::LazyLock;

use bytes::Bytes;
use compare::{compare, oracle::METHODS};
use libfuzzer_sys::fuzz_target;
use requests::{OPERATOR, WORKFLOW};
use temporal_authz::MethodTable;
use temporal_fuzz::message::{self, MAX_DEPTH, TOO_LONG, last_text};
use temporal_interceptor::{Limits, request::scan};

static TABLE: LazyLock<MethodTable> = LazyLock::new(MethodTable::temporal);

/// A request whose namespace is all that counts in it: what a slow reader of the wire finds is found, and what a handler
/// reads is what was judged.
fn plain(path: &str, handler: fn(&[u8]) -> Option<String>, message: &[u8]) {
    let method = TABLE.find(path);
    let limits = Limits::default();
    let found = scan(method, &Bytes::copy_from_slice(message), &limits);
    let number = method.namespace_field().expect("a namespace");
    let slow = match last_text(message, u64::from(number), MAX_DEPTH) {
        Ok(namespace) if namespace.unwrap_or_default().len() > limits.max_namespace_bytes => Err(TOO_LONG),
        other => other.map(Option::unwrap_or_default),
    };
    match (&found, &slow) {
        (Ok(scanned), Ok(namespace)) => assert_eq!((scanned.namespace(), scanned.commands().len()), (*namespace, 0)),
        (Err(error), Err(code)) => {
            let wanted = match error.reason().as_str() {
                "undecodable_request" => message::UNDECODABLE,
                "unresolved_namespace" => message::DENIED,
                "namespace_too_long" => TOO_LONG,
                other => panic!("{path}: refused for {other}"),
            };
            assert_eq!(wanted, *code, "{path}");
        }
        _ => panic!("{path}: found {found:?}, wanted {slow:?}"),
    }
    if let Some(namespace) = handler(message) {
        let too_long = namespace.len() > limits.max_namespace_bytes;
        assert!(too_long || slow == Ok(namespace.as_str()), "a handler reads {path} in another way");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, message)) = data.split_first() else { return };
    let choice = usize::from(*choice) % (METHODS.len() + WORKFLOW.len() + OPERATOR.len());
    match METHODS.get(choice) {
        Some(path) => compare(&TABLE, path, message),
        None => {
            let mut plains = WORKFLOW.iter().chain(OPERATOR);
            let (path, handler) = plains.nth(choice - METHODS.len()).expect("one of them");
            plain(path, *handler, message);
        }
    }
});
