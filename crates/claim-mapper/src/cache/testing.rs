//! Entries for tests.

use std::sync::Arc;

use temporal_authz::Claims;

use super::Verified;
use crate::{jwt::testing::origin, token::times::Window};

/// An entry for this text, good until then.
pub(super) fn verified(token: &str, until: Option<i64>) -> Arc<Verified> {
    let claims = Claims::builder("jwt", "alice").build().unwrap();
    Arc::new(Verified::new(
        token.as_bytes(),
        claims,
        Window { from: i64::MIN, until: until.unwrap_or(Window::FOR_EVER) },
        origin(),
        0,
    ))
}
