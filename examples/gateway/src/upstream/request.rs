//! From the request that came in to the request that goes out.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Uri, Version,
    header::{self, HeaderName},
    uri::{Authority, PathAndQuery, Scheme},
};
use http_body::Body;

use super::{failure::Failure, tape::RequestBody};

type BoxError = Box<dyn Error + Send + Sync>;

/// What belongs to one hop (RFC 9113 section 8.2.2, RFC 9110 section 7.6.1), `te` aside.
static HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
];

/// The request as the upstream shall see it: its authority, no hop-by-hop headers, all else unchanged.
pub(super) fn outbound<B>(
    request: Request<B>,
    scheme: &Scheme,
    authority: &Authority,
) -> Result<Request<RequestBody>, Failure>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (mut parts, body) = request.into_parts();
    // CONNECT, extended or not, ends here too.
    if parts.method != Method::POST {
        return Err(Failure::NotPost);
    }
    if !is_grpc(&parts.headers) {
        return Err(Failure::NotGrpc);
    }
    for name in &HOP_BY_HOP {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::TE, HeaderValue::from_static("trailers"));
    parts.uri = absolute(parts.uri.path_and_query(), scheme, authority)?;
    parts.version = Version::HTTP_2;
    // hyper acts on some extensions (`Protocol` is extended CONNECT); nothing in them is for the upstream.
    parts.extensions.clear();
    Ok(Request::from_parts(parts, RequestBody::new(body)))
}

/// The time that `grpc-timeout` leaves, or `None` without a well-formed one ("Timeout" in gRPC over HTTP/2: at most eight digits
/// and a unit).
pub(super) fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let unit = text.chars().last()?;
    let digits = text.strip_suffix(unit)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        'H' => Duration::from_secs(amount.saturating_mul(3600)),
        'M' => Duration::from_secs(amount.saturating_mul(60)),
        'S' => Duration::from_secs(amount),
        'm' => Duration::from_millis(amount),
        'u' => Duration::from_micros(amount),
        'n' => Duration::from_nanos(amount),
        _ => return None,
    })
}

/// `application/grpc`, with a `+codec` or parameters at most, and `te: trailers`, once each. grpc-web is another protocol.
fn is_grpc(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return false;
    };
    let kind = kind.as_bytes().to_ascii_lowercase();
    let grpc = match kind.strip_prefix(b"application/grpc") {
        Some(rest) => matches!(rest.first(), None | Some(b'+' | b';')),
        None => false,
    };
    grpc && headers
        .get_all(header::TE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

fn absolute(path: Option<&PathAndQuery>, scheme: &Scheme, authority: &Authority) -> Result<Uri, Failure> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(scheme.clone());
    parts.authority = Some(authority.clone());
    // A query was not judged, and no gRPC method has one.
    parts.path_and_query =
        path.map(|path| PathAndQuery::try_from(path.path())).transpose().map_err(|_| Failure::NotGrpc)?;
    Uri::from_parts(parts).map_err(|_| Failure::NotGrpc)
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    fn call(headers: &[(&'static str, &'static str)]) -> Request<Empty<Bytes>> {
        let mut request = Request::post("http://caller.example/svc/Method?x=1").body(Empty::new()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        request
    }

    fn send(request: Request<Empty<Bytes>>) -> Result<Request<RequestBody>, Failure> {
        outbound(request, &Scheme::HTTP, &Authority::from_static("upstream:7233"))
    }

    #[test]
    fn one_hop_headers_stay_behind_and_all_others_pass() {
        let sent = send(call(&[
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("host", "caller.example"),
            ("proxy-authorization", "Basic eA=="),
            ("connection", "close"),
            ("user-agent", "temporal-go/1.30"),
            ("x-bin", "AAEC"),
            ("x-bin", "AwQF"),
            ("grpc-timeout", "5S"),
        ]))
        .unwrap();
        assert_eq!(sent.uri(), "http://upstream:7233/svc/Method");
        let names: Vec<_> =
            sent.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(
            names,
            [
                ("content-type", "application/grpc"),
                ("te", "trailers"),
                ("user-agent", "temporal-go/1.30"),
                ("x-bin", "AAEC"),
                ("x-bin", "AwQF"),
                ("grpc-timeout", "5S"),
            ]
        );
    }

    /// Case 68 of the security cases.
    #[test]
    fn what_is_not_grpc_is_not_relayed() {
        let te = ("te", "trailers");
        let grpc = ("content-type", "application/grpc");
        let refused: [&[(&str, &str)]; 8] = [
            &[te],
            &[te, ("content-type", "application/json")],
            &[te, ("content-type", "application/grpc-web")],
            &[te, ("content-type", "application/grpc-web+proto")],
            &[te, ("content-type", "application/grpcx")],
            &[te, grpc, ("content-type", "application/json")],
            &[grpc],
            &[grpc, ("te", "gzip")],
        ];
        for headers in refused {
            assert_eq!(send(call(headers)).err(), Some(Failure::NotGrpc), "{headers:?}");
        }
        for kind in ["application/grpc", "application/grpc+proto", "Application/gRPC;x=1"] {
            assert!(send(call(&[te, ("content-type", kind)])).is_ok(), "{kind}");
        }
        for method in [Method::GET, Method::PUT, Method::CONNECT, Method::OPTIONS] {
            let mut request = call(&[te, grpc]);
            *request.method_mut() = method.clone();
            assert_eq!(send(request).err(), Some(Failure::NotPost), "{method}");
        }
    }

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        let rows = [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("99999999S", Some(Duration::from_secs(99_999_999))),
            ("250m", Some(Duration::from_millis(250))),
            ("7u", Some(Duration::from_micros(7))),
            ("8n", Some(Duration::from_nanos(8))),
            ("999999999S", None),
            ("S", None),
            ("", None),
            ("5", None),
            ("5s", None),
            ("-5S", None),
            ("+5S", None),
        ];
        for (text, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", HeaderValue::from_static(text));
            assert_eq!(grpc_timeout(&headers), expected, "{text:?}");
        }
    }
}
