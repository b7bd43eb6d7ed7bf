//! The first byte chooses the method, the rest is its request: the scanner finds the namespace that prost finds.

#![no_main]

mod compare;

use std::sync::LazyLock;

use compare::{compare, oracle::METHODS};
use libfuzzer_sys::fuzz_target;
use temporal_authz::MethodTable;

static TABLE: LazyLock<MethodTable> = LazyLock::new(MethodTable::temporal);

fuzz_target!(|data: &[u8]| {
    let Some((choice, message)) = data.split_first() else { return };
    compare(&TABLE, METHODS[usize::from(*choice) % METHODS.len()], message);
});
