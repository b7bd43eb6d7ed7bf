//! How a permission is cut into a namespace and a role.

use regex::{Regex, RegexBuilder};

use super::go_syntax::{self, NotPortable};

/// Largest compiled expression, in bytes.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// The form of a permission.
#[derive(Debug, Clone)]
pub(crate) enum Grammar {
    /// `namespace:role`, cut at the first colon.
    Colon,
    /// An expression with the groups `namespace` and `role`.
    Expression(Regex),
}

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrammarError {
    #[error("{0}")]
    Syntax(String),
    #[error("the named group \"{0}\" is missing")]
    MissingGroup(&'static str),
}

impl Grammar {
    /// Compiles a `permissionsRegex`, in the syntax of Go's `regexp`. It is searched for in the permission, as the
    /// reference does, or must match the `whole` of it.
    pub(crate) fn expression(pattern: &str, whole: bool) -> Result<Self, GrammarError> {
        let pattern =
            go_syntax::translate(pattern).map_err(|error: NotPortable| GrammarError::Syntax(error.to_string()))?;
        // Alone first: what only compiles within the anchors, such as `a)|(b`, is no expression.
        let mut regex = compile(&pattern)?;
        if whole {
            regex = compile(&format!(r"\A(?:{pattern})\z"))?;
        }
        for group in ["namespace", "role"] {
            if !regex.capture_names().flatten().any(|name| name == group) {
                return Err(GrammarError::MissingGroup(group));
            }
        }
        Ok(Self::Expression(regex))
    }

    /// The namespace and the role; `None` when the text is no permission.
    pub(crate) fn split<'p>(&self, permission: &'p str) -> Option<(&'p str, &'p str)> {
        match self {
            Self::Colon => permission.split_once(':'),
            Self::Expression(regex) => {
                let found = regex.captures(permission)?;
                // A group that took no part in the match is empty text to Go.
                let group = |name| found.name(name).map_or("", |text| text.as_str());
                Some((group("namespace"), group("role")))
            }
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, GrammarError> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED_BYTES)
        .build()
        .map_err(|error| GrammarError::Syntax(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'p>(pattern: &str, whole: bool, permission: &'p str) -> Option<(&'p str, &'p str)> {
        Grammar::expression(pattern, whole).unwrap().split(permission)
    }

    #[test]
    fn without_an_expression_the_first_colon_cuts() {
        for (permission, expected) in [
            ("default:read", Some(("default", "read"))),
            ("a:b:c", Some(("a", "b:c"))),
            (":admin", Some(("", "admin"))),
            ("default:", Some(("default", ""))),
            ("default", None),
            ("", None),
        ] {
            assert_eq!(Grammar::Colon.split(permission), expected, "{permission:?}");
        }
    }

    #[test]
    fn the_reference_searches_and_strict_matches_the_whole() {
        let pattern = r"(?P<namespace>\w+):(?P<role>\w+)";
        let permission = "xprod:admin-but-not-really";
        assert_eq!(split(pattern, false, permission), Some(("xprod", "admin")));
        assert_eq!(split(pattern, true, permission), None);
        assert_eq!(split(pattern, true, "prod:admin\n"), None);
        assert_eq!(split(pattern, true, "prod:admin"), Some(("prod", "admin")));
        // The shorter alternative does not stand in the way of the whole.
        let pattern = r"(?P<namespace>a|ab):(?P<role>r|read)";
        assert_eq!(split(pattern, true, "ab:read"), Some(("ab", "read")));
        // Both alternatives are anchored.
        let pattern = r"(?P<namespace>\w+):read|(?P<role>admin)";
        assert_eq!(split(pattern, true, "x admin"), None);
        assert_eq!(split(pattern, true, "admin"), Some(("", "admin")));
    }

    #[test]
    fn what_cannot_be_used_is_told_at_once() {
        for pattern in [
            "(?P<namespace",
            r"(?P<namespace>\w+):(\w+)",
            r"(?P<role>\w+)",
            "",
            "(?P<namespace>a)(?P<role>b)(?P<role>c)",
            r"\Q(?P<namespace>a)(?P<role>b)\E",
            "(?P<namespace>a))|((?P<role>b)",
            "(?P<namespace>a)(?P<role>(?:x{1000}){1000})",
            "(?x)(?P<namespace>a)(?P<role>b) # c",
        ] {
            for whole in [false, true] {
                assert!(Grammar::expression(pattern, whole).is_err(), "{pattern}");
            }
        }
    }

    #[test]
    fn classes_are_ascii_as_in_go() {
        for (pattern, permission, found) in [
            (r"^(?P<namespace>[^:]+):(?P<role>\w+)$", "日本:read", true),
            (r"^(?P<namespace>\w+):(?P<role>\w+)$", "日本:read", false),
            (r"^(?P<namespace>[\w-]+):(?P<role>\w+)$", "wörk:read", false),
            (r"^(?P<namespace>\d+):(?P<role>\w+)$", "١:read", false),
            (r"^(?P<namespace>\W+):(?P<role>\w+)$", "日本:read", true),
            (r"^(?P<namespace>a\sb):(?P<role>\w+)$", "a\u{a0}b:read", false),
            (r"^(?P<namespace>a\sb):(?P<role>\w+)$", "a\u{b}b:read", false),
            (r"(?P<namespace>\bx):(?P<role>\w+)", "öx:read", true),
            (r"(?P<namespace>\Bx):(?P<role>\w+)", "öx:read", false),
        ] {
            assert_eq!(split(pattern, false, permission).is_some(), found, "{pattern} on {permission}");
        }
    }
}
