//! The form of a gRPC path.

/// Whether `path` is `/` service `/` method, each one or more of `[A-Za-z0-9_.]`. Nothing else is routed or judged: a
/// path that two parsers could read in two ways is refused before either reads it.
pub fn is_method_path(path: &str) -> bool {
    let Some((service, method)) = path.strip_prefix('/').and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    is_segment(service) && is_segment(method)
}

pub(super) fn is_segment(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_service_and_a_method() {
        for good in ["/a.B/C", "/grpc.health.v1.Health/Check", "/S_1/m_2"] {
            assert!(is_method_path(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "a.B/C",
            "//a.B/C",
            "/a.B//C",
            "/a.B/C/",
            "/a.B",
            "/a.B/",
            "//C",
            "/a.B/C%20",
            "/a.B/%4d",
            "/a.B/C;x",
            "/a.B/./C",
            "/a.B/x/C",
            "/a.B/C D",
            "/a.B/Ç",
            "*",
            "/a.B/C?x",
        ] {
            assert!(!is_method_path(bad), "{bad}");
        }
    }
}
