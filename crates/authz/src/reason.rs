//! Why a call was denied, as a stable code.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $kind:ident;)+) => {
        /// Why a call was denied. The code of each is stable: it stands in logs, spans, metrics and `explain`. The
        /// caller sees it only when a layer is told to expose it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $name,)+ }

        impl Reason {
            /// Every reason, in the order of a request's way.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What kind of answer the reason deserves.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)+ }
            }
        }
    };
}

/// The kinds of answer: the one thing that is translated to a wire status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The caller did not show who it is.
    Unauthenticated,
    /// The caller is known and may not.
    Denied,
    /// Something that is needed for a verdict is not there.
    Unavailable,
    /// A field of the request is not acceptable whoever asks.
    InvalidArgument,
    /// The request is no message of the method.
    Undecodable,
    /// The request or the caller takes too much.
    Exhausted,
    /// The caller took too long.
    Timeout,
}

reasons! {
    /// The path is not `/service/method`.
    MalformedPath = "malformed_path", Denied;
    /// The call needs credentials and carries none.
    MissingCredentials = "missing_credentials", Unauthenticated;
    /// The credential does not have its form.
    MalformedCredentials = "malformed_credentials", Unauthenticated;
    /// A credential header stands more than once.
    DuplicateCredentials = "duplicate_credentials", Unauthenticated;
    /// The token names an algorithm that is not allowed.
    UnsupportedAlgorithm = "unsupported_algorithm", Unauthenticated;
    /// No key of that id is known.
    UnknownKey = "unknown_key", Unauthenticated;
    /// The key of that id is for another algorithm.
    AlgKeyMismatch = "alg_key_mismatch", Unauthenticated;
    /// The signature is not good.
    BadSignature = "bad_signature", Unauthenticated;
    /// The credential has expired.
    Expired = "expired", Unauthenticated;
    /// The token is not valid yet (`nbf`).
    NotYetValid = "not_yet_valid", Unauthenticated;
    /// The token was issued in the future (`iat`).
    IssuedInFuture = "issued_in_future", Unauthenticated;
    /// The token is for another audience.
    WrongAudience = "wrong_audience", Unauthenticated;
    /// The token is of an issuer that is not trusted.
    WrongIssuer = "wrong_issuer", Unauthenticated;
    /// The token has no acceptable subject.
    InvalidSubject = "invalid_subject", Unauthenticated;
    /// A claim of the token is not acceptable.
    InvalidClaims = "invalid_claims", Unauthenticated;
    /// No rule gives this client certificate anything.
    CertificateNotMapped = "certificate_not_mapped", Unauthenticated;
    /// Keys cannot be had at the moment.
    KeysUnavailable = "keys_unavailable", Unavailable;
    /// The claim mapper failed, panicked or took too long.
    MapperError = "mapper_error", Unavailable;
    /// The claim mapper found nobody.
    NoClaims = "no_claims", Denied;
    /// The caller's role is too low.
    InsufficientRole = "insufficient_role", Denied;
    /// The method is in no table.
    UnknownMethod = "unknown_method", Denied;
    /// The namespace of the request cannot be told.
    UnresolvedNamespace = "unresolved_namespace", Denied;
    /// The request names two namespaces where one is meant.
    NamespaceMismatch = "namespace_mismatch", Denied;
    /// The request does not decode.
    UndecodableRequest = "undecodable_request", Undecodable;
    /// The request is larger than the limit.
    RequestTooLarge = "request_too_large", Exhausted;
    /// The request's body did not arrive in time.
    RequestTimeout = "request_timeout", Timeout;
    /// The namespace is longer than the limit.
    NamespaceTooLong = "namespace_too_long", InvalidArgument;
    /// The authorizer failed, panicked or took too long.
    AuthorizerError = "authorizer_error", Unavailable;
    /// Too many failed credentials from this peer.
    Throttled = "throttled", Exhausted;
    /// A rule of the operator's says no.
    DeniedByPolicy = "denied_by_policy", Denied;
    /// Too many request bodies are being held.
    Overloaded = "overloaded", Exhausted;
    /// The observer could not record the verdict.
    ObserverRefused = "observer_refused", Denied;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_snake_case_and_stands_once() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(codes.len(), 32);
        assert!(codes.iter().all(|code| code.bytes().all(|b| b == b'_' || b.is_ascii_lowercase())));
    }
}
