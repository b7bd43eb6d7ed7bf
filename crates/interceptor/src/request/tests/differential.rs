//! The scanner against prost, on many small messages that no ordinary encoder writes.

use bytes::Bytes;
use temporal_authz::MethodTable;

use super::oracle::{self, METHODS, Wanted};
use crate::{
    Limits,
    request::{ScanError, scan},
};

/// Pseudo-random numbers (xorshift64*), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// A varint, sometimes padded, and once in a while beyond ten bytes.
fn varint(random: &mut Random, mut value: u64, to: &mut Vec<u8>) {
    let padding = match random.below(400) {
        0 => 12,
        1..20 => 3,
        20..40 => 1,
        _ => 0,
    };
    while value >= 0x80 {
        to.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    for _ in 0..padding {
        to.push(value as u8 | 0x80);
        value = 0;
    }
    to.push(value as u8);
}

fn string(random: &mut Random, number: u64, bytes: &[u8], to: &mut Vec<u8>) {
    varint(random, number << 3 | 2, to);
    varint(random, bytes.len() as u64, to);
    to.extend_from_slice(bytes);
}

/// What stands at a field number of the messages made here.
#[derive(Clone, Copy)]
enum Shape {
    Name,
    /// A command's type: mostly this one.
    CommandType(u64),
    Message(&'static [(u64, Shape)]),
}

const ATTRIBUTES: Shape = Shape::Message(&[(1, Shape::Name)]);
const CANCEL: Shape = Shape::Message(&[(1, Shape::CommandType(8)), (9, ATTRIBUTES), (9, ATTRIBUTES), (12, ATTRIBUTES)]);
const START: Shape =
    Shape::Message(&[(1, Shape::CommandType(11)), (12, ATTRIBUTES), (12, ATTRIBUTES), (13, ATTRIBUTES)]);
const SIGNAL: Shape =
    Shape::Message(&[(1, Shape::CommandType(12)), (13, ATTRIBUTES), (13, ATTRIBUTES), (2, ATTRIBUTES)]);
const OPERATION: Shape = Shape::Message(&[(1, ATTRIBUTES), (2, ATTRIBUTES)]);

const SHAPES: [&[(u64, Shape)]; 6] = [
    &[(1, Shape::Name)],
    &[(2, Shape::Name)],
    &[(4, Shape::Name)],
    &[(6, Shape::Name)],
    &[(9, Shape::Name), (2, CANCEL), (2, START), (2, SIGNAL)],
    &[(1, Shape::Name), (2, OPERATION), (2, OPERATION)],
];

fn message(random: &mut Random, fields: &[(u64, Shape)], to: &mut Vec<u8>) {
    for _ in 0..random.below(6) {
        if random.below(12) == 0 {
            odd_field(random, fields[0].0, to);
            continue;
        }
        match random.of(fields) {
            (number, Shape::Name) => {
                let names = [&b"own"[..], b"other", b"third", b"", "\u{e9}".as_bytes()];
                let name = if random.below(50) == 0 { b"\xff" } else { random.of(&names) };
                string(random, number, name, to);
            }
            (number, Shape::CommandType(usual)) => {
                varint(random, number << 3, to);
                let value = random.of(&[usual, usual, usual, usual, usual | 1 << 32, 3, u64::MAX]);
                varint(random, value, to);
            }
            (number, Shape::Message(inner)) => {
                let mut encoded = Vec::new();
                message(random, inner, &mut encoded);
                string(random, number, &encoded, to);
            }
        }
    }
}

/// A field that is not looked for, a group, or a known number with a wire type that may be wrong.
fn odd_field(random: &mut Random, known: u64, to: &mut Vec<u8>) {
    let number = random.of(&[known, 903, 903, 903, 903, 904, 904, 904, 904, 0, 1 << 29]);
    let wire_type = random.of(&[0, 1, 2, 2, 3, 3, 3, 5, 5, 7]);
    varint(random, number << 3 | wire_type, to);
    match wire_type {
        0 => varint(random, 5, to),
        1 => to.extend_from_slice(b"12345678"),
        2 => varint(random, 0, to),
        3 => {
            let depth = random.of(&[0, 1, 97, 98, 99, 100]);
            to.extend(vec![0x0b; depth]);
            if random.below(2) == 0 {
                to.extend_from_slice(b"\x10\x05");
            }
            to.extend(vec![0x0c; depth]);
            varint(random, number << 3 | 4, to);
        }
        _ => to.extend_from_slice(b"1234"),
    }
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, random.below(256) as u8),
        _ => bytes[at] = random.of(&[0, 1, 0x7f, 0x80, 0xff]),
    }
}

/// How often each outcome came about: a comparison of nothing would prove nothing.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    with_targets: usize,
    mismatched: usize,
    whole_decoded: usize,
}

fn compare(table: &MethodTable, path: &str, bytes: Vec<u8>, tally: &mut Tally) {
    let message = Bytes::from(bytes);
    let found = scan(table.find(path), &message, &Limits::default());
    let expected = oracle::exact(path, &message);
    match (&found, &expected) {
        (Err(ScanError::Wire(_)), None) => tally.refused += 1,
        (Err(ScanError::NamespaceMismatch), Some(Wanted { mismatch: true, .. })) => tally.mismatched += 1,
        (Ok(scanned), Some(wanted)) if !wanted.mismatch => {
            let targets = scanned.commands().iter().map(|target| (target.api_name(), target.namespace().to_owned()));
            assert_eq!(
                (scanned.namespace(), targets.collect()),
                (&*wanted.namespace, wanted.targets.clone()),
                "{path} {message:x}"
            );
            for (target, wanted) in scanned.commands().iter().zip(&wanted.targets) {
                assert!(oracle::attributes_agree(&message, wanted, target.attributes()), "{path} {message:x}");
            }
            tally.accepted += 1;
            tally.with_targets += usize::from(!wanted.targets.is_empty());
        }
        _ => panic!("{path} {message:x}: found {found:?}, prost {expected:?}"),
    }
    // The handler's decoder knows more fields, so it may refuse more. What it accepts it must read as we do.
    if let Some(whole) = oracle::whole(path, &message) {
        assert_eq!(Some(whole), expected, "{path} {message:x}");
        tally.whole_decoded += 1;
    }
}

#[test]
fn the_scanner_finds_what_prost_finds() {
    let table = MethodTable::temporal();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut tally = Tally::default();
    for round in 0..200_000 {
        let which = round % METHODS.len();
        let mut bytes = Vec::new();
        message(&mut random, SHAPES[which], &mut bytes);
        if random.below(4) == 0 {
            mutate(&mut random, &mut bytes);
        }
        compare(&table, METHODS[which], bytes, &mut tally);
    }
    assert!(tally.accepted > 80_000 && tally.refused > 20_000 && tally.whole_decoded > 80_000, "{tally:?}");
    assert!(tally.with_targets > 1_000 && tally.mismatched > 2_000, "{tally:?}");
}
