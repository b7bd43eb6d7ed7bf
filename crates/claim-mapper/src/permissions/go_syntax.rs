//! Regular expressions as Go's `regexp` (RE2) reads them, written for Rust's `regex`.
//!
//! The two differ where the difference would go unnoticed: `\w \d \s \b` are ASCII in Go and Unicode in Rust, and inside
//! brackets Rust knows nested sets and set operations. These are rewritten. What cannot be rewritten is an error.

use std::{iter::Peekable, str::Chars};

/// The expression uses something that the two dialects do not share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not supported")]
pub(super) struct NotPortable(String);

/// The same expression in the other dialect. Errors of syntax that both dialects know are left to the compiler.
pub(super) fn translate(pattern: &str) -> Result<String, NotPortable> {
    let mut translator = Translator { rest: pattern.chars().peekable(), out: String::with_capacity(pattern.len()) };
    translator.expression()?;
    Ok(translator.out)
}

struct Translator<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
}

impl Translator<'_> {
    fn expression(&mut self) -> Result<(), NotPortable> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.brackets()?,
                '(' => self.group()?,
                _ => self.out.push(c),
            }
        }
        Ok(())
    }

    /// Go knows the flags i, m, s and U; Rust's x, u and R would change the meaning of the rest.
    fn group(&mut self) -> Result<(), NotPortable> {
        self.out.push('(');
        if self.rest.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        self.out.push('?');
        if matches!(self.rest.peek(), Some('P' | '<')) {
            return Ok(());
        }
        while let Some(flag) = self.rest.next_if(|c| !matches!(c, ':' | ')')) {
            if !matches!(flag, 'i' | 'm' | 's' | 'U' | '-') {
                return Err(NotPortable(format!("the flag {flag:?} of a group")));
            }
            self.out.push(flag);
        }
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, in_brackets: bool) -> Result<(), NotPortable> {
        let Some(c) = self.rest.next() else {
            self.out.push('\\');
            return Ok(());
        };
        match c {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            's' => self.out.push_str(r"[\t\n\f\r ]"),
            'S' => self.out.push_str(r"[^\t\n\f\r ]"),
            'w' => self.out.push_str("[0-9A-Za-z_]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            'b' if !in_brackets => self.out.push_str(r"(?-u:\b)"),
            'B' if !in_brackets => self.out.push_str(r"(?-u:\B)"),
            // Plain characters to Go, borders of words to Rust.
            '<' | '>' => self.out.push(c),
            'b' | 'B' | 'C' | 'E' | 'Q' | 'U' | 'u' => return Err(NotPortable(format!("\\{c}"))),
            _ => self.out.extend(['\\', c]),
        }
        Ok(())
    }

    /// What follows an opening bracket, to the closing one.
    fn brackets(&mut self) -> Result<(), NotPortable> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str(r"\]");
        }
        while let Some(c) = self.rest.next() {
            match c {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '[' => self.posix_class(),
                '\\' => self.escape_in_brackets()?,
                '&' | '~' => self.out.extend(['\\', c]),
                '-' if self.rest.peek() == Some(&'-') => return Err(NotPortable("-- in brackets".to_owned())),
                _ => self.out.push(c),
            }
        }
        Ok(())
    }

    /// A hyphen behind a class such as `\w` stands for itself.
    fn escape_in_brackets(&mut self) -> Result<(), NotPortable> {
        let class = matches!(self.rest.peek(), Some('d' | 'D' | 's' | 'S' | 'w' | 'W'));
        self.escape(true)?;
        if class && self.rest.next_if_eq(&'-').is_some() {
            self.out.push_str(r"\-");
        }
        Ok(())
    }

    /// `[:alpha:]` is a class to both; any other bracket within brackets stands for itself.
    fn posix_class(&mut self) {
        let ahead: String = self.rest.clone().take_while(|c| *c != ']').collect();
        let name = ahead.strip_prefix(':').and_then(|ahead| ahead.strip_suffix(':'));
        if name.is_some_and(|name| name.chars().all(|c| c == '^' || c.is_ascii_lowercase())) {
            self.out.push('[');
            self.out.push_str(&ahead);
            self.out.push(']');
            self.rest.by_ref().take(ahead.chars().count().saturating_add(1)).for_each(drop);
        } else {
            self.out.push_str(r"\[");
        }
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn classes_become_ascii_and_brackets_lose_their_sets() {
        for (go, rust) in [
            (r"^\w+$", r"^[0-9A-Za-z_]+$"),
            (r"[\w-]+", r"[[0-9A-Za-z_]\-]+"),
            (r"[\w-z]", r"[[0-9A-Za-z_]\-z]"),
            (r"[^\d\s]", r"[^[0-9][\t\n\f\r ]]"),
            (r"[a&&b~~c]", r"[a\&\&b\~\~c]"),
            (r"[a[b]", r"[a\[b]"),
            (r"[]a]", r"[\]a]"),
            (r"[^]a]", r"[^\]a]"),
            (r"[[:alpha:]_]", r"[[:alpha:]_]"),
            (r"[[:alpha]", r"[\[:alpha]"),
            (r"\<a\>", r"<a>"),
            (r"a\.b\\w", r"a\.b\\w"),
            (r"(?i)(?P<a>x)(?<b>y)(?:z)(?s-m:.)", r"(?i)(?P<a>x)(?<b>y)(?:z)(?s-m:.)"),
            (r"\bx\B", r"(?-u:\b)x(?-u:\B)"),
        ] {
            let translated = translate(go).unwrap();
            assert_eq!(translated, rust);
            assert!(Regex::new(&translated).is_ok(), "{translated}");
        }
    }

    #[test]
    fn what_the_dialects_do_not_share_is_refused() {
        for pattern in [r"\Qa\E", r"\C", r"\u0041", "(?x)a", "(?u:a)", "(?-u)a", "(?R)a", r"[\b]", "[+--]"] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_ends_early_is_left_to_the_compiler() {
        for pattern in ["\\", "[", "[^", "[a", "[a\\", "[[:alpha", "(", "(?", "(?i"] {
            assert!(translate(pattern).is_ok_and(|pattern| Regex::new(&pattern).is_err()), "{pattern}");
        }
    }
}
