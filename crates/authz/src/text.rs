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
        for c in self.0.chars().take(SHOWN) {
            match c {
                '\'' | '"' => f.write_char(c)?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        if self.0.chars().nth(SHOWN).is_some() {
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
            ("a\r\n\x1b[31mb", r"a\r\n\u{1b}[31mb"),
            ("\u{202e}evil\0", r"\u{202e}evil\0"),
            ("日本 \"x\"", "日本 \"x\""),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
        assert_eq!(Escaped(&"x".repeat(1_000_000)).to_string().len(), SHOWN + 3);
    }
}
