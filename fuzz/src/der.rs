//! X.509 certificates (RFC 5280) written and read by hand, as far as names and dates go. Nothing here is signed: whoever
//! reads a client certificate reads one that the handshake has verified.

use libfuzzer_sys::arbitrary::{self, Arbitrary};

/// The object identifiers of CN, O, OU and C, in the form that they have on the wire.
const ATTRIBUTES: [&[u8]; 4] = [b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b", b"\x55\x04\x06"];
const ALTERNATIVE_NAMES: &[u8] = b"\x55\x1d\x11";
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

/// What a certificate says of its holder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The values of CN, O and OU; `None` for a value that is no text.
    pub subject: [Vec<Option<String>>; 3],
    pub emails: Vec<Vec<u8>>,
    pub dns: Vec<Vec<u8>>,
    pub uris: Vec<Vec<u8>>,
    /// Both dates in seconds since 1970.
    pub dates: (i64, i64),
}

/// What is found in a certificate, and whether it is one to its last byte. What is none may be read in part: x509-parser
/// passes over what stands behind the last good element of most of its sequences.
pub fn read(der: &[u8]) -> Option<(Names, bool)> {
    let mut reader = Reader { whole: true };
    let names = reader.certificate(der)?;
    Some((names, reader.whole))
}

type Element<'a> = (u8, &'a [u8]);

struct Reader {
    whole: bool,
}

impl Reader {
    fn certificate(&mut self, der: &[u8]) -> Option<Names> {
        let [(0x30, certificate), ..] = self.elements(der)[..] else { return None };
        let parts = self.elements(certificate);
        self.whole &= parts.iter().map(|(tag, _)| *tag).eq([0x30, 0x30, 0x03]);
        let mut body = self.elements(parts.first()?.1);
        if body.first()?.0 == 0xa0 {
            body.remove(0);
        }
        self.whole &= body.iter().take(6).map(|(tag, _)| *tag).eq([0x02, 0x30, 0x30, 0x30, 0x30, 0x30]);
        self.whole &= body.iter().skip(6).all(|(tag, _)| [0xa1, 0xa2, 0xa3].contains(tag));
        let [_, _, _, (_, validity), (_, subject), _, more @ ..] = &body[..] else { return None };
        let [from, until, ..] = self.elements(validity)[..] else { return None };
        let dates = (date(from), date(until));
        self.whole &= dates.0.is_some() && dates.1.is_some();
        let mut names = Names { dates: (dates.0.unwrap_or(0), dates.1.unwrap_or(0)), ..Names::default() };
        for (tag, set) in self.elements(subject) {
            self.whole &= tag == 0x31;
            for (tag, attribute) in self.elements(set) {
                self.whole &= tag == 0x30;
                self.attribute(attribute, &mut names);
            }
        }
        let extensions = more.iter().find(|(tag, _)| *tag == 0xa3).map_or(&b""[..], |(_, extensions)| extensions);
        for (tag, list) in self.elements(extensions) {
            self.whole &= tag == 0x30;
            for (tag, extension) in self.elements(list) {
                self.whole &= tag == 0x30;
                self.extension(extension, &mut names);
            }
        }
        Some(names)
    }

    fn attribute(&mut self, attribute: &[u8], names: &mut Names) {
        let parts = self.elements(attribute);
        self.whole &= parts.len() == 2;
        let [(0x06, kind), value, ..] = parts[..] else {
            self.whole = false;
            return;
        };
        self.whole &= value.0 < 0x1f;
        if let Some(slot) = ATTRIBUTES.iter().position(|known| *known == kind).filter(|slot| *slot < 3) {
            names.subject[slot].push(text(value));
        }
    }

    fn extension(&mut self, extension: &[u8], names: &mut Names) {
        let parts = self.elements(extension);
        let (Some((0x06, kind)), Some((0x04, value))) = (parts.first(), parts.last()) else {
            self.whole = false;
            return;
        };
        if *kind != ALTERNATIVE_NAMES {
            return;
        }
        let lists = self.elements(value);
        self.whole &= lists.len() == 1 && lists[0].0 == 0x30;
        for (tag, name) in lists.first().map(|(_, list)| self.elements(list)).unwrap_or_default() {
            match tag {
                0x81 => names.emails.push(name.to_vec()),
                0x82 => names.dns.push(name.to_vec()),
                0x86 => names.uris.push(name.to_vec()),
                0xa0 | 0xa3..=0xa5 | 0x87 | 0x88 => {}
                _ => self.whole = false,
            }
        }
    }

    /// The elements that these bytes are, as far as they are any.
    fn elements<'a>(&mut self, mut rest: &'a [u8]) -> Vec<Element<'a>> {
        let mut all = Vec::new();
        while let Some((element, after)) = first(rest) {
            all.push(element);
            rest = after;
        }
        self.whole &= rest.is_empty();
        all
    }
}

fn first(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let [tag, length, after @ ..] = der else { return None };
    let (length, after) = match length {
        0..=0x7f => (usize::from(*length), after),
        _ => {
            let (length, after) = after.split_at_checked(usize::from(length & 0x7f).min(5))?;
            (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), after)
        }
    };
    let (content, after) = after.split_at_checked(length)?;
    Some(((*tag, content), after))
}

fn text((tag, value): Element<'_>) -> Option<String> {
    let is_text = [0x0c, 0x12, 0x13, 0x16].contains(&tag);
    String::from_utf8(value.to_vec()).ok().filter(|_| is_text)
}

/// A date in seconds since 1970, in one of the two forms that RFC 5280 has (section 4.1.2.5).
fn date((tag, value): Element<'_>) -> Option<i64> {
    let digits = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest): (i64, _) = match (tag, digits.len()) {
        (0x17, 12) => {
            let year: i64 = digits[..2].parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, &digits[2..])
        }
        (0x18, 14) => (digits[..4].parse().ok()?, &digits[4..]),
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut days = two(2)? - 1;
    for earlier in 1970..year {
        days += 365 + i64::from(leap(earlier));
    }
    for later in year..1970 {
        days -= 365 + i64::from(leap(later));
    }
    let months = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months.iter().take(usize::try_from(two(0)? - 1).ok()?).sum::<i64>();
    Some(((days * 24 + two(4)?) * 60 + two(6)?) * 60 + two(8)?)
}
