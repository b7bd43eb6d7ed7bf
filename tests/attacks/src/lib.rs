//! What the attacks need: an issuer, a collector of logs, and the list of cases about what is not built.
//!
//! The cases are numbered 1 to 110. Each is a test whose name begins with `case_` and its number, or a row of a table that
//! names it so; or it is in [`NOT_BUILT`]. The test `accounts` fails when a number is in neither, or in both.

pub mod log;
pub mod server;
pub mod signer;
pub mod token;

/// Cases about features that do not exist yet, with the feature.
pub const NOT_BUILT: [(u8, &str); 9] = [
    (24, "binding of a token to a client certificate (`cnf`)"),
    (57, "a list of revoked tokens and subjects (a key can be revoked)"),
    (95, "a list of proxies that are trusted for X-Forwarded-Client-Cert"),
    (97, "a remote authorizer"),
    (98, "a cache of decisions"),
    (99, "hot reload of the configuration"),
    (101, "rules with wildcards that deny"),
    (108, "shadow mode"),
    (109, "an audit sink with a queue"),
];
