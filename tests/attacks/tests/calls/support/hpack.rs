//! As much of HPACK (RFC 7541) as is needed to write any header list and to read the gateway's answers.

/// A header list, every field a literal that is not indexed, without Huffman: any bytes can be written.
pub fn encode(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            integer(&mut block, text.len());
            block.extend_from_slice(text);
        }
    }
    block
}

/// An integer behind a prefix of seven bits whose first bit is 0 (section 5.1).
fn integer(block: &mut Vec<u8>, mut value: usize) {
    if value < 127 {
        return block.push(value as u8);
    }
    block.push(127);
    value -= 127;
    while value >= 128 {
        block.push(value as u8 | 128);
        value >>= 7;
    }
    block.push(value as u8);
}

/// The fields of an answer. The dynamic table must have been switched off, and of the static one an answer needs little.
pub fn decode(mut block: &[u8]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    while let Some(&first) = block.first() {
        if first & 0x80 != 0 {
            fields.push(indexed(take_integer(&mut block, 7)));
            continue;
        }
        if first & 0xe0 == 0x20 {
            take_integer(&mut block, 5);
            continue;
        }
        let index = take_integer(&mut block, if first & 0x40 == 0 { 4 } else { 6 });
        let name = if index == 0 { take_text(&mut block) } else { indexed(index).0 };
        fields.push((name, take_text(&mut block)));
    }
    fields
}

fn indexed(index: usize) -> (String, String) {
    let (name, value) = match index {
        8 => (":status", "200"),
        9..=14 => (":status", ["204", "206", "304", "400", "404", "500"][index - 9]),
        28 => ("content-length", ""),
        31 => ("content-type", ""),
        _ => ("another", ""),
    };
    (name.to_owned(), value.to_owned())
}

fn take_integer(block: &mut &[u8], bits: u32) -> usize {
    let most = (1 << bits) - 1;
    let mut value = usize::from(take(block)) & most;
    if value < most {
        return value;
    }
    for shift in (0..).step_by(7) {
        let byte = take(block);
        value += usize::from(byte & 127) << shift;
        if byte < 128 {
            break;
        }
    }
    value
}

fn take_text(block: &mut &[u8]) -> String {
    let huffman = block[0] & 0x80 != 0;
    let length = take_integer(block, 7);
    let (text, rest) = block.split_at(length);
    *block = rest;
    if huffman { unhuffman(text) } else { String::from_utf8_lossy(text).into_owned() }
}

fn take(block: &mut &[u8]) -> u8 {
    let first = block[0];
    *block = &block[1..];
    first
}

/// The codes of appendix B up to 13 bits: how long, the first of that length, and whose they are in order.
const CODES: [(u32, u32, &[u8]); 8] = [
    (5, 0x0, b"012aceiost"),
    (6, 0x14, b" %-./3456789=A_bdfghlmnpru"),
    (7, 0x5c, b":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
    (8, 0xf8, b"&*,;XZ"),
    (10, 0x3f8, b"!\"()?"),
    (11, 0x7fa, b"'+|"),
    (12, 0xffa, b"#>"),
    (13, 0x1ff8, b"\0$@[]~"),
];

fn unhuffman(text: &[u8]) -> String {
    let (mut found, mut code, mut length) = (String::new(), 0_u32, 0);
    for bit in text.iter().flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1)) {
        code = code << 1 | u32::from(bit);
        length += 1;
        let symbol = CODES
            .iter()
            .find(|(bits, ..)| *bits == length)
            .and_then(|(_, first, symbols)| symbols.get(code.checked_sub(*first)? as usize));
        if let Some(symbol) = symbol {
            found.push(char::from(*symbol));
            (code, length) = (0, 0);
        }
    }
    assert!(length < 8, "a character that answers do not have, behind {found:?}");
    found
}
