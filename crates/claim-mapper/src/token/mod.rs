//! The checks of a token, one subject a file. `Policy::inspect` runs them in their order.

pub(crate) mod audience;
pub(crate) mod bearer;
pub(crate) mod compact;
pub(crate) mod header;
pub(crate) mod subject;
pub(crate) mod times;
