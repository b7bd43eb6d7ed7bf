//! tokio's clock, for a guard.

use std::{future::Future, pin::Pin, time::Duration};

use temporal_authz::Timer;

/// Holds plug-ins to their time on a tokio runtime.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}
