//! The checks, a file a subject. Each returns why it failed.

pub mod expiring;
pub mod idle;
pub mod lifecycle;
pub mod mtls;
pub mod reading;
pub mod refused;
pub mod renewed;
pub mod schedule;
pub mod tls;
