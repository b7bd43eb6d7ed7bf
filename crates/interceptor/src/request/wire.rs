//! Reading protobuf's wire format, one field at a time.

/// Bytes that no protobuf decoder accepts as the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A field number is 0 or above 2^29 - 1.
    #[error("a field number is out of range")]
    FieldNumber,
    /// A group ends that did not begin, or does not end.
    #[error("a group is not matched")]
    Group,
    /// A field that is looked for has another wire type than its own. Go's decoder skips it and others refuse the message,
    /// so that nobody can say what the field is.
    #[error("a field has another wire type than its own")]
    Mismatch,
    /// Messages and groups stand in each other more than 100 deep.
    #[error("nested too deep")]
    Nesting,
    /// A value ends beyond the message.
    #[error("a value is cut short")]
    Truncated,
    /// A string is no UTF-8.
    #[error("a string is no UTF-8")]
    Utf8,
    /// A varint takes more than ten bytes, or more than 64 bits.
    #[error("a varint is too long")]
    Varint,
    /// A wire type does not exist.
    #[error("a wire type does not exist")]
    WireType,
}

/// A field as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    value: Value<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// A fixed number or a group: nothing that is looked for has this type.
    Other,
}

impl<'a> Field<'a> {
    pub(super) fn varint(self) -> Result<u64, WireError> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(WireError::Mismatch),
        }
    }

    pub(super) fn bytes(self) -> Result<&'a [u8], WireError> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(WireError::Mismatch),
        }
    }

    pub(super) fn string(self) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| WireError::Utf8)
    }
}

/// The fields of a message, in the order of the wire.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    /// How deep a value may still nest: at least 1.
    depth: u32,
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        // As prost's RECURSION_LIMIT. Go allows 10,000, which is a handler's own risk.
        Self { rest: message, depth: 100 }
    }

    /// The fields of a message that is a field of this one.
    #[inline]
    pub(super) fn within(&self, message: &'a [u8]) -> Result<Self, WireError> {
        match self.depth {
            0 | 1 => Err(WireError::Nesting),
            depth => Ok(Self { rest: message, depth: depth.saturating_sub(1) }),
        }
    }

    /// The last value of the string `number` that the rest of the message has; `None` when it has none.
    pub(super) fn last_string(mut self, number: u32) -> Result<Option<&'a str>, WireError> {
        let mut last = None;
        while let Some(field) = self.next()? {
            if field.number == number {
                // Each occurrence has to be UTF-8: a decoder looks at all of them.
                last = Some(field.string()?);
            }
        }
        Ok(last)
    }

    /// The next field; `None` at the end of the message.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Field<'a>>, WireError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        match self.common() {
            Some(field) => Ok(Some(field)),
            None => self.any().map(Some),
        }
    }

    /// The next field if it is written as nearly all are: its key in one byte, and then a varint of one byte, or bytes with their
    /// length in one or two.
    #[inline]
    fn common(&mut self) -> Option<Field<'a>> {
        // Field 0 begins below 8.
        let [key @ 8..0x80, second, rest @ ..] = self.rest else { return None };
        let (value, rest) = match (key & 7, second) {
            (0, 0..0x80) => (Value::Varint(u64::from(*second)), rest),
            (2, 0..0x80) => {
                let (bytes, rest) = rest.split_at_checked(usize::from(*second))?;
                (Value::Bytes(bytes), rest)
            }
            (2, low) => {
                let [high @ 0..0x80, rest @ ..] = rest else { return None };
                let length = usize::from(low & 0x7f) | usize::from(*high) << 7;
                let (bytes, rest) = rest.split_at_checked(length)?;
                (Value::Bytes(bytes), rest)
            }
            _ => return None,
        };
        self.rest = rest;
        Some(Field { number: u32::from(key >> 3), value })
    }

    /// The next field, however it is written.
    #[inline(never)]
    fn any(&mut self) -> Result<Field<'a>, WireError> {
        let (number, wire_type) = self.key()?;
        let value = self.value(number, wire_type, self.depth)?;
        Ok(Field { number, value })
    }

    #[inline]
    fn key(&mut self) -> Result<(u32, u64), WireError> {
        const MAX_NUMBER: u32 = (1 << 29) - 1;
        let key = self.varint()?;
        match u32::try_from(key >> 3) {
            Ok(number @ 1..=MAX_NUMBER) => Ok((number, key & 7)),
            _ => Err(WireError::FieldNumber),
        }
    }

    fn value(&mut self, number: u32, wire_type: u64, depth: u32) -> Result<Value<'a>, WireError> {
        if depth == 0 {
            return Err(WireError::Nesting);
        }
        match wire_type {
            0 => self.varint().map(Value::Varint),
            1 => self.take(8).map(|_| Value::Other),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| WireError::Truncated)?;
                self.take(length).map(Value::Bytes)
            }
            3 => self.group(number, depth).map(|()| Value::Other),
            4 => Err(WireError::Group),
            5 => self.take(4).map(|_| Value::Other),
            _ => Err(WireError::WireType),
        }
    }

    // Recurses at most 100 deep: `value` refuses at depth 0.
    fn group(&mut self, number: u32, depth: u32) -> Result<(), WireError> {
        const END: u64 = 4;
        loop {
            let (inner, wire_type) = self.key()?;
            if wire_type == END {
                return if inner == number { Ok(()) } else { Err(WireError::Group) };
            }
            self.value(inner, wire_type, depth.saturating_sub(1))?;
        }
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Most take one byte.
    #[inline]
    fn varint(&mut self) -> Result<u64, WireError> {
        match self.rest {
            [byte @ 0..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(WireError::Truncated)?;
            self.rest = rest;
            // The tenth byte has room for one bit.
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WireError::Varint)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> Result<usize, WireError> {
        let mut fields = Fields::of(bytes);
        let mut count = 0;
        while fields.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    fn nested(depth: usize) -> Vec<u8> {
        [vec![0x0b; depth], vec![0x0c; depth]].concat()
    }

    #[test]
    fn fields_are_told_apart_and_malformed_ones_refused() {
        let cases: [(&str, &[u8], Result<usize, WireError>); 30] = [
            ("nothing", b"", Ok(0)),
            ("a varint, a string, both fixed numbers", b"\x08\x01\x12\x01a\x1912345678\x251234", Ok(4)),
            ("a group with a field in it", b"\x0b\x10\x01\x0c", Ok(1)),
            ("a group in a group", b"\x0b\x13\x14\x0c", Ok(1)),
            ("a tag padded to five bytes", b"\x88\x80\x80\x80\x00\x01", Ok(1)),
            ("a tag padded to ten bytes", b"\x88\x80\x80\x80\x80\x80\x80\x80\x80\x00\x01", Ok(1)),
            ("a tag padded to eleven", b"\x88\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x01", Err(WireError::Varint)),
            ("a length padded to ten bytes", b"\x0a\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00a", Ok(1)),
            ("the largest varint", b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Ok(1)),
            ("one bit more", b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", Err(WireError::Varint)),
            ("ten bytes that go on", b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x81\x00", Err(WireError::Varint)),
            ("a varint that ends", b"\x08\x80", Err(WireError::Truncated)),
            ("a tag that ends", b"\x88", Err(WireError::Truncated)),
            ("a tag alone", b"\x08", Err(WireError::Truncated)),
            ("field 0", b"\x00\x01", Err(WireError::FieldNumber)),
            ("field 0 in a group", b"\x0b\x00\x01\x0c", Err(WireError::FieldNumber)),
            ("the highest field", b"\xf8\xff\xff\xff\x0f\x01", Ok(1)),
            ("one higher", b"\x80\x80\x80\x80\x10\x01", Err(WireError::FieldNumber)),
            ("a number that wraps 32 bits", b"\x88\x80\x80\x80\x80\x08\x01", Err(WireError::FieldNumber)),
            ("a length past the end", b"\x0a\x02a", Err(WireError::Truncated)),
            ("a length of 2^64 - 1", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a", Err(WireError::Truncated)),
            ("fixed 64 cut short", b"\x091234567", Err(WireError::Truncated)),
            ("fixed 32 cut short", b"\x0d123", Err(WireError::Truncated)),
            ("wire type 6", b"\x0e", Err(WireError::WireType)),
            ("wire type 7", b"\x0f", Err(WireError::WireType)),
            ("wire type 7 in a group", b"\x0b\x0f\x0c", Err(WireError::WireType)),
            ("a group that ends only", b"\x0c", Err(WireError::Group)),
            ("a group that begins only", b"\x0b", Err(WireError::Truncated)),
            ("a group that another ends", b"\x0b\x14", Err(WireError::Group)),
            ("groups that cross", b"\x0b\x13\x0c\x14", Err(WireError::Group)),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(walk(bytes), expected, "{name}");
        }
    }

    #[test]
    fn the_short_way_reads_what_the_long_way_reads() {
        // Every key of one byte before every kind of beginning of a value, whole and cut.
        let long = [7; 400];
        let values: [&[u8]; 12] = [
            b"",
            b"\x00",
            b"\x01a",
            b"\x01ab",
            b"\x02a",
            b"\x7f",
            b"\x80\x00",
            b"\x81\x00a",
            b"\x80\x80\x00",
            b"\x90\x03",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\xc8\x01",
        ];
        for (key, value) in (0..=255_u8).flat_map(|key| values.map(|value| (key, value))) {
            for depth in [1, 2, 100] {
                for behind in [0, 1, 199, 200, 201, 400] {
                    let bytes = [&[key], value, &long[..behind]].concat();
                    let mut short = Fields { rest: &bytes, depth };
                    let mut long = short.clone();
                    assert_eq!(
                        short.next(),
                        long.any().map(Some),
                        "{key:#x} {value:?} and {behind} bytes, {depth} deep"
                    );
                    assert_eq!(short.rest, long.rest);
                }
            }
        }
    }

    #[test]
    fn messages_nest_ninety_nine_deep_and_no_deeper() {
        let mut fields = Fields::of(b"\x08\x01");
        for depth in 1..100 {
            fields = fields.within(b"\x08\x01").unwrap();
            assert!(fields.clone().next().is_ok(), "{depth}");
        }
        assert_eq!(fields.within(b"").unwrap_err(), WireError::Nesting);
    }

    #[test]
    fn groups_nest_a_hundred_deep_and_no_deeper() {
        assert_eq!(walk(&nested(100)), Ok(1));
        assert_eq!(walk(&nested(101)), Err(WireError::Nesting));
        assert_eq!(walk(&[vec![0x0b; 1 << 20], vec![0x0c; 1 << 20]].concat()), Err(WireError::Nesting));
    }

    #[test]
    fn a_field_of_another_wire_type_is_refused_by_who_looks_for_it() {
        for (bytes, varint, text) in [
            (&b"\x08\x05"[..], Ok(5), Err(WireError::Mismatch)),
            (b"\x0a\x01a", Err(WireError::Mismatch), Ok("a")),
            (b"\x0a\x01\xff", Err(WireError::Mismatch), Err(WireError::Utf8)),
            (b"\x0912345678", Err(WireError::Mismatch), Err(WireError::Mismatch)),
            (b"\x0b\x0c", Err(WireError::Mismatch), Err(WireError::Mismatch)),
        ] {
            let field = Fields::of(bytes).next().unwrap().unwrap();
            assert_eq!((field.varint(), field.string()), (varint, text), "{bytes:?}");
        }
    }
}
