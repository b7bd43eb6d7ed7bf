//! Certificates by description.

use libfuzzer_sys::arbitrary::{self, Arbitrary};

use super::{ALTERNATIVE_NAMES, ATTRIBUTES};

const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

/// A certificate to be made.
#[derive(Debug, Clone, Default, Arbitrary)]
pub struct Description {
    /// The kind of an attribute, the type of its text, the text.
    pub subject: Vec<(u8, TextType, Vec<u8>)>,
    /// Attributes that share one relative name with the first.
    pub shared: bool,
    pub names: Vec<(NameType, Vec<u8>)>,
    /// Whether the extension stands there twice.
    pub twice: bool,
    /// Years after 2000 of both dates.
    pub years: (u8, u8),
    pub trailing: Option<u8>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum TextType {
    Utf8,
    Printable,
    Ia5,
    Teletex,
    Bmp,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum NameType {
    Email,
    Dns,
    Uri,
    Address,
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}

impl Description {
    /// A certificate with these URIs and nothing else, good for the time of the targets.
    pub fn of_uris(uris: &[&[u8]]) -> Self {
        let names = uris.iter().map(|uri| (NameType::Uri, uri.to_vec())).collect();
        Self { names, years: (20, 49), ..Self::default() }
    }

    pub fn der(&self) -> Vec<u8> {
        let year = |years: u8| element(0x17, format!("{:02}0102030405Z", years % 50).as_bytes());
        let attribute = |(kind, text_type, text): &(u8, TextType, Vec<u8>)| {
            let tag = match text_type {
                TextType::Utf8 => 0x0c,
                TextType::Printable => 0x13,
                TextType::Ia5 => 0x16,
                TextType::Teletex => 0x14,
                TextType::Bmp => 0x1e,
            };
            let kind = element(0x06, ATTRIBUTES[usize::from(*kind) % ATTRIBUTES.len()]);
            element(0x30, &[kind, element(tag, text)].concat())
        };
        let attributes = self.subject.iter().take(16).map(attribute);
        let subject = if self.shared {
            element(0x31, &attributes.collect::<Vec<_>>().concat())
        } else {
            attributes.map(|attribute| element(0x31, &attribute)).collect::<Vec<_>>().concat()
        };
        let names = self.names.iter().take(16).map(|(name_type, name)| match name_type {
            NameType::Email => element(0x81, name),
            NameType::Dns => element(0x82, name),
            NameType::Uri => element(0x86, name),
            NameType::Address => element(0x87, name),
        });
        let names = element(0x04, &element(0x30, &names.collect::<Vec<_>>().concat()));
        let extension = element(0x30, &[element(0x06, ALTERNATIVE_NAMES), names].concat());
        let extensions = if self.names.is_empty() {
            Vec::new()
        } else {
            element(0xa3, &element(0x30, &extension.repeat(1 + usize::from(self.twice))))
        };
        let key = element(0x30, &[ED25519, &element(0x03, &[0; 33])].concat());
        let body = [
            element(0xa0, b"\x02\x01\x02"),
            element(0x02, b"\x01"),
            ED25519.to_vec(),
            element(0x30, b""),
            element(0x30, &[year(self.years.0), year(self.years.1)].concat()),
            element(0x30, &subject),
            key,
            extensions,
        ];
        let mut der =
            element(0x30, &[element(0x30, &body.concat()), ED25519.to_vec(), element(0x03, &[0; 65])].concat());
        der.extend(self.trailing);
        der
    }
}
