//! The parts of the program `temporal-gateway`.

pub mod demo;
pub mod listener;
mod log_text;
pub mod mint;
pub mod protoset;
pub mod tls;
pub mod upstream;
pub mod credential;
pub mod gateway;
pub mod serve;
