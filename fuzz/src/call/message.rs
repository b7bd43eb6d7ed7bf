//! The encoded request, in pieces.

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use temporal_authz::MethodInfo;

use crate::message::{put_bytes, put_number};

/// Namespaces that requests and permissions name. The sixth is as long as is allowed, the seventh longer.
pub const NAMES: [&str; 9] =
    ["here", "there", "", "Here", "temporal-system", "sixteen--letters", "seventeen-letters", "here ", "wörk"];
pub const MAX_NAME: usize = 16;

/// A part of a message.
#[derive(Debug, Arbitrary)]
pub enum Piece {
    /// The field that the method has its namespace in.
    Namespace(u8),
    NamespaceAsNumber,
    TaskToken,
    Command {
        kind: u8,
        members: Vec<(u8, u8)>,
    },
    Operation(Vec<(u8, u8)>),
    Text(u8, u8),
    Group(u8),
    Padding(u16),
    Raw(Vec<u8>),
}

/// The message that these pieces make for a method.
pub(super) fn encoded(pieces: &[Piece], info: Option<&MethodInfo>) -> Vec<u8> {
    let namespace = info.and_then(MethodInfo::namespace_field).map_or(1, u64::from);
    let task_token = info.and_then(MethodInfo::task_token_field).map_or(1, u64::from);
    let mut out = Vec::new();
    for piece in pieces.iter().take(24) {
        match piece {
            Piece::Namespace(name) => put_bytes(&mut out, namespace, name_of(*name)),
            Piece::NamespaceAsNumber => put_number(&mut out, namespace, 1),
            Piece::TaskToken => put_bytes(&mut out, task_token, b"task"),
            Piece::Command { kind, members } => put_bytes(&mut out, 2, &command(*kind, members)),
            Piece::Operation(members) => put_bytes(&mut out, 2, &nested(members, &[1, 2, 3])),
            Piece::Text(number, name) => put_bytes(&mut out, u64::from(number % 31) + 1, name_of(*name)),
            Piece::Group(depth) => {
                let depth = usize::from(depth % 110);
                out.extend(std::iter::repeat_n(0xa3, depth).flat_map(|start| [start, 0x06]));
                out.extend(std::iter::repeat_n(0xa4, depth).flat_map(|end| [end, 0x06]));
            }
            Piece::Padding(length) => put_bytes(&mut out, 99, &vec![b' '; usize::from(length % 1500)]),
            Piece::Raw(bytes) => out.extend_from_slice(&bytes[..bytes.len().min(64)]),
        }
    }
    out
}

/// One of [`NAMES`], or what is no UTF-8.
fn name_of(choice: u8) -> &'static [u8] {
    if choice > 250 { b"\xff" } else { NAMES[usize::from(choice) % NAMES.len()].as_bytes() }
}

/// A command of a type, with members of the oneof that have a namespace in them.
fn command(kind: u8, members: &[(u8, u8)]) -> Vec<u8> {
    let mut out = Vec::new();
    let kinds = [8, 11, 12, 1, 12 | 1 << 32];
    put_number(&mut out, 1, kinds[usize::from(kind) % kinds.len()]);
    let paired = [9, 12, 13, 2, 13][usize::from(kind) % kinds.len()];
    out.extend(nested(members, &[paired, 9, 12, 13, 16, 3]));
    out
}

fn nested(members: &[(u8, u8)], numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    for (member, name) in members.iter().take(6) {
        let mut inner = Vec::new();
        // Some name none.
        if name % 8 != 7 {
            put_bytes(&mut inner, 1, name_of(*name));
        }
        match member {
            250.. => put_number(&mut out, numbers[0], 5),
            _ => put_bytes(&mut out, numbers[usize::from(*member) % numbers.len()], &inner),
        }
    }
    out
}
