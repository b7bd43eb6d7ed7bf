//! Cases 1 to 60: tokens and keys.

mod cache;
mod claims;
mod curves;
mod files;
mod floods;
mod header;
mod issuers;
mod permissions;
mod published;
mod signatures;
mod structure;
mod support;
mod times;
mod transport;
