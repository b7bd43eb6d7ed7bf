//! The names of the two credential headers.

use http::HeaderName;

use super::problems::Problems;

// What HTTP/2, gRPC and Temporal use for their own ends: a credential there would be read, changed or removed by others.
const RESERVED: [&str; 16] = [
    "accept-encoding",
    "client-name",
    "client-version",
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "supported-features",
    "supported-server-versions",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-forwarded-client-cert",
];
const RESERVED_PREFIXES: [&str; 3] = ["content-", "grpc-", "temporal-principal-"];

/// Reads a header's name, in lower case as HTTP/2 has it; `default` when it is absent or blank.
pub(super) fn read(problems: &mut Problems<'_>, key: &str, name: Option<&str>, default: HeaderName) -> HeaderName {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return default };
    problems.check(key, checked(name)).unwrap_or(default)
}

fn checked(name: &str) -> Result<HeaderName, &'static str> {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with(':') {
        return Err("a pseudo-header of HTTP/2 cannot carry credentials");
    }
    if RESERVED.contains(&lower.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        return Err("this header is reserved and cannot carry credentials");
    }
    // gRPC encodes the values of such headers in base64.
    if lower.ends_with("-bin") {
        return Err("a binary header (`-bin`) cannot carry credentials");
    }
    HeaderName::from_bytes(lower.as_bytes()).map_err(|_| "not a valid header name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_others_use_carries_no_credentials() {
        for name in ["authorization", "X-Auth", "authorization-extras", "cookie", "x-grpc-token"] {
            assert_eq!(checked(name).unwrap().as_str(), name.to_ascii_lowercase(), "{name}");
        }
        for name in [
            ":path",
            ":authority",
            "grpc-timeout",
            "GRPC-Encoding",
            "te",
            "TE",
            "Content-Type",
            "content-length",
            "host",
            "User-Agent",
            "connection",
            "temporal-principal-name",
            "Temporal-Principal-Type",
            "token-bin",
            "a b",
            "x\n",
            "é",
            "",
        ] {
            assert!(checked(name).is_err(), "{name:?}");
        }
    }
}
