//! The two requests that embed others: the scanner finds the targets and the mismatches that prost finds.
//!
//! The first byte chooses the request. The rest is taken apart into commands or operations, so that most inputs are
//! well formed on the outside and the fuzzer spends its time on what is inside.

#![no_main]

mod compare;

use std::sync::LazyLock;

use compare::{
    compare,
    oracle::{COMMANDS, OPERATIONS},
};
use libfuzzer_sys::fuzz_target;
use temporal_authz::MethodTable;

static TABLE: LazyLock<MethodTable> = LazyLock::new(MethodTable::temporal);

fuzz_target!(|data: &[u8]| {
    let Some((choice, mut rest)) = data.split_first() else { return };
    let (path, namespace) = if choice % 2 == 0 { (COMMANDS, b"\x4a\x03own") } else { (OPERATIONS, b"\x0a\x03own") };
    // Field 2 of both. Each piece begins with a byte that says how long it is.
    let mut message = Vec::new();
    while let Some((length, more)) = rest.split_first() {
        let (piece, after) = more.split_at(usize::from(length & 0x7f).min(more.len()));
        message.extend_from_slice(&[0x12, piece.len() as u8]);
        message.extend_from_slice(piece);
        rest = after;
    }
    if choice & 2 == 0 {
        message.extend_from_slice(namespace);
    }
    compare(&TABLE, path, &message);
});
