//! Chaos: three gateways on real sockets, with callers at load, while in a seeded random order the issuers go away, hang,
//! answer nonsense, rotate and withdraw keys, a key file is half written, the upstream goes away and resets calls, and a
//! configuration file is half written.
//!
//! - [`model`] says of each call what may happen, from what the issuers published in the time around it and nothing else.
//! - The upstream notes the number of each call that reaches it, so that a call that was let through wrongly is found there
//!   whatever its caller was told.
//! - [`ledger`] counts, and keeps what was wrong; one fault is enough for a bad end.
//!
//! The gateways are those of `serve`: policy `strict`, policy `temporal`, and `strict` with its limiter of failed credentials
//! at work. Four issuers are trusted: one found by discovery, one by the URL of its keys, one by a file, and one that is never
//! in trouble. The seed decides the order of the events and the kinds of the calls; time is real, and every bound on it is in
//! [`times`].

pub mod events;
pub mod gateway;
pub mod keys;
pub mod ledger;
pub mod load;
pub mod model;
pub mod random;
pub mod report;
pub mod run;
pub mod times;
pub mod upstream;
pub mod world;
