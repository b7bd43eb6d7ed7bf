//! The parts of the program `temporal-gateway`.

pub mod check;
pub mod credential;
pub mod demo;
pub mod explain;
pub mod gateway;
mod greeting;
mod last;
pub mod listener;
mod log_text;
pub mod methods;
pub mod mint;
pub mod protoset;
pub mod serve;
pub mod tls;
pub mod upstream;
