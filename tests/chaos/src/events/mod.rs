//! What goes wrong, in the order that the seed decides, and how long it takes until all is well again.

pub mod file;
pub mod issuer;
pub mod probe;
pub mod upstream;

use std::time::Duration;

use tokio::{sync::watch, time::timeout};

/// Sleeps, unless it is time to stop.
async fn pause(stop: &mut watch::Receiver<bool>, duration: Duration) {
    let _ = timeout(duration, stop.wait_for(|stop| *stop)).await;
}
