//! The first byte chooses the method, the rest is its request: the scanner finds the namespace that prost finds, for every
//! request of Temporal's that has one.

#![no_main]

mod compare;
mod requests;

use std::sync::LazyLock;

use compare::{compare, oracle::METHODS};
use libfuzzer_sys::fuzz_target;
use requests::{Handler, OPERATOR, WORKFLOW};
use temporal_authz::{Embedded, MethodInfo, MethodTable};
use temporal_fuzz::message::{self, MAX_DEPTH, TOO_LONG, last_text, named_twice};
use temporal_interceptor::{Limits, request::scan};

static TABLE: LazyLock<MethodTable> = LazyLock::new(MethodTable::temporal);

/// The methods whose request has a namespace and nothing else that counts, in an order that does not change, and how a handler
/// reads it. The messages of AdminService are not public: of those a slow reader alone is asked.
static PLAIN: LazyLock<Vec<(&MethodInfo, Option<Handler>)>> = LazyLock::new(|| {
    let rows = TABLE.iter().filter(|row| row.namespace_field().is_some() && !METHODS.contains(&row.path()));
    let handler = |path: &str| WORKFLOW.iter().chain(OPERATOR).find(|(known, _)| *known == path).map(|(_, it)| *it);
    let mut plain: Vec<_> = rows.map(|row| (row, handler(row.path()))).collect();
    plain.sort_by_key(|(row, _)| row.path());
    let forgotten = plain.iter().find(|(row, it)| it.is_none() && !row.path().contains(".adminservice."));
    assert!(forgotten.is_none() && plain.len() + METHODS.len() < 256, "{forgotten:?}");
    plain
});

/// A request whose namespace is all that counts in it: what a slow reader of the wire finds is found, and what a handler
/// reads is what was judged.
fn plain(method: &MethodInfo, handler: Option<Handler>, message: &[u8]) {
    let path = method.path();
    let limits = Limits::default();
    let found = scan(method, message, &limits);
    let number = method.namespace_field().expect("a namespace");
    let read = last_text(message, u64::from(number), MAX_DEPTH).map(Option::unwrap_or_default);
    let slow = match read {
        Ok(namespace) if namespace.len() > limits.max_namespace_bytes => Err(TOO_LONG),
        Ok(namespace) if method.embedded() == Embedded::Id => match named_twice(message, namespace) {
            Ok(twice) if twice => Err(message::DENIED),
            other => other.map(|_| namespace),
        },
        other => other,
    };
    match (&found, &slow) {
        (Ok(scanned), Ok(namespace)) => assert_eq!((scanned.namespace(), scanned.commands().len()), (*namespace, 0)),
        (Err(error), Err(code)) => {
            let wanted = match error.reason().as_str() {
                "undecodable_request" => message::UNDECODABLE,
                "unresolved_namespace" | "namespace_mismatch" => message::DENIED,
                "namespace_too_long" => TOO_LONG,
                other => panic!("{path}: refused for {other}"),
            };
            assert_eq!(wanted, *code, "{path}");
        }
        _ => panic!("{path}: found {found:?}, wanted {slow:?}"),
    }
    if let Some(namespace) = handler.and_then(|handler| handler(message)) {
        let too_long = namespace.len() > limits.max_namespace_bytes;
        assert!(too_long || read == Ok(namespace.as_str()), "a handler reads {path} in another way");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, message)) = data.split_first() else { return };
    let choice = usize::from(*choice) % (METHODS.len() + PLAIN.len());
    match METHODS.get(choice) {
        Some(path) => compare(&TABLE, path, message),
        None => {
            let (method, handler) = PLAIN[choice - METHODS.len()];
            plain(method, handler, message);
        }
    }
});
