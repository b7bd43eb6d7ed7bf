//! All that takes part.

use std::{path::PathBuf, sync::atomic::AtomicU64};

use crate::{
    gateway::{Gateway, Profile},
    keys::Issuer,
    ledger::Ledger,
    model::History,
    upstream::Upstream,
};

pub struct World {
    /// The last one is never in trouble.
    pub issuers: Vec<Issuer>,
    pub gateways: Vec<Gateway>,
    pub upstream: Upstream,
    pub ledger: Ledger,
    /// The number of the next call; 0 is nobody's.
    pub next: AtomicU64,
    directory: PathBuf,
}

impl World {
    pub async fn start(seed: u64) -> Self {
        let directory = std::env::temp_dir().join(format!("chaos-{}-{seed}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let issuers = vec![
            Issuer::discovered().await,
            Issuer::at_url("of-a-url").await,
            Issuer::in_file("of-a-file", directory.join("jwks.json")).await,
            Issuer::at_url("untouched").await,
        ];
        let upstream = Upstream::start().await;
        let mut gateways = Vec::new();
        for profile in Profile::ALL {
            gateways.push(Gateway::start(profile, &issuers, upstream.addr, &directory).await);
        }
        Self { issuers, gateways, upstream, ledger: Ledger::default(), next: AtomicU64::new(1), directory }
    }

    pub fn histories(&self) -> Vec<&History> {
        self.issuers.iter().map(|issuer| &issuer.history).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
