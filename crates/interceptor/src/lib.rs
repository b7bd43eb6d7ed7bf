//! temporal-interceptor
mod body;
mod budget;
mod buffer;
#[cfg(feature = "config")]
pub mod config;
mod credentials;
mod enforce;
mod layer;
mod limits;
mod observe;
mod peer;
mod principal;
pub mod request;
mod service;
mod settings;
mod shared;
mod status;
mod timer;

pub use body::{RequestBody, ResponseBody};
pub use layer::{AuthorizationLayer, AuthorizationLayerBuilder};
pub use limits::Limits;
pub use peer::ConnectionPeer;
pub use service::Authorization;
pub use settings::{FixedSettings, Settings};
