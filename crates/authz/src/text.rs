//! Text of outsiders, made fit to be shown.

use std::fmt::{self, Write as _};

/// Shows text that an outsider chose: control, bidirectional and other unprintable characters escaped, and no more than
/// 128 characters of it.
///
/// ```
/// use temporal_authz::Escaped;
/// assert_eq!(Escaped("a\nb").to_string(), r"a\nb");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

const SHOWN: usize = 128;

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match self.0.len() {
            0..=SHOWN => self.0,
            _ => self.0.char_indices().nth(SHOWN).and_then(|(end, _)| self.0.get(..end)).unwrap_or(self.0),
        };
        // What nearly all text is.
        if shown.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\') {
            f.write_str(shown)?;
        } else {
            for c in shown.chars() {
                match c {
                    '\'' | '"' => f.write_char(c)?,
                    _ => write!(f, "{}", c.escape_debug())?,
                }
            }
        }
        if shown.len() < self.0.len() {
            f.write_str("...")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_outsiders_is_escaped_and_bounded() {
        for (text, shown) in [
            ("alice", "alice"),
            (r#"a "b" 'c' ~"#, r#"a "b" 'c' ~"#),
            (r"a\nb", r"a\\nb"),
            ("a\x7f", r"a\u{7f}"),
            ("a\r\n\x1b[31mb", r"a\r\n\u{1b}[31mb"),
            ("\u{202e}evil\0", r"\u{202e}evil\0"),
            ("日本 \"x\"", "日本 \"x\""),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
        for character in ["x", "\\", "日", "\0"] {
            let shown = Escaped(character).to_string();
            for (length, more) in [(SHOWN - 1, ""), (SHOWN, ""), (SHOWN + 1, "...")] {
                let expected = shown.repeat(length.min(SHOWN)) + more;
                assert_eq!(Escaped(&character.repeat(length)).to_string(), expected, "{length} times {character:?}");
            }
        }
        assert_eq!(Escaped(&"x".repeat(1_000_000)).to_string().len(), SHOWN + 3);
    }
}
