//! Text that outsiders control, made fit for a log line.

/// Characters of the original text that are kept.
const SHOWN: usize = 64;

/// `text` with everything but printable ASCII escaped, cut after 64 characters (then it ends in `...`).
pub(crate) fn escaped(text: &str) -> String {
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(SHOWN).flat_map(char::escape_default).collect();
    if chars.next().is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_foreign_letters_are_escaped_and_the_length_is_bounded() {
        assert_eq!(escaped("key-1"), "key-1");
        assert_eq!(escaped("a\r\n\u{1b}[2J\u{202e}"), r"a\r\n\u{1b}[2J\u{202e}");
        assert_eq!(escaped(&"x".repeat(1_000_000)).len(), 67);
    }
}
