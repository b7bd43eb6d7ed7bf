//! The gateway as an operator starts it, and the tests by subject.

#[path = "../support_relay/caller.rs"]
pub mod caller;
pub mod calls;
pub mod running;
pub mod upstream;

mod bodies;
mod credential;
mod drain;
mod embedded;
mod key_sources;
mod outages;
mod plaintext;
mod process;
mod rotation;
mod start;
mod streams;
mod tls;
mod upstream_tls;

use std::time::Duration;

/// Longer than anything here takes; a test that waits for it fails.
pub const SOON: Duration = Duration::from_secs(10);

/// Looks again and again, until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(SOON, looking).await.is_err() {
        panic!("never came: {what}");
    }
}
