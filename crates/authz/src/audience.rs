//! The plug-in that says which audience a call is for.

use std::{borrow::Cow, fmt};

use http::HeaderMap;

use crate::MethodInfo;

/// Tells the audience that a call's token must name: Temporal's `authorization.JWTAudienceMapper`. It sees no request:
/// claims come before the body.
pub trait AudienceMapper: fmt::Debug + Send + Sync + 'static {
    /// The audience; blank leaves the choice to the claim mapper.
    fn audience(&self, method: &MethodInfo, headers: &HeaderMap) -> Cow<'_, str>;
}
