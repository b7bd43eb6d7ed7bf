//! What the fuzz targets share: models that are slow and obvious, written only to be compared with, and the means to build
//! inputs for them.

pub mod call;
pub mod der;
pub mod json;
pub mod keys;
pub mod message;
pub mod regexp;
pub mod token;
pub mod verdict;
pub mod yaml;

/// Runs a future that waits for nothing but itself.
pub fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
