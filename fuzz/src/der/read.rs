//! Certificates read element by element.

use super::{ALTERNATIVE_NAMES, ATTRIBUTES};

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
