//! Setting a [`JwksKeyProvider`] up.

use std::time::Duration;

use super::error::BuildError;
use super::provider::JwksKeyProvider;
use super::source::{Kind, Source};
use crate::Algorithm;

/// What `build` does while sources cannot be loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// `build` fails, naming the source, when the first attempt at one failed.
    #[default]
    Fail,
    /// `build` waits until every source has been loaded, for as long as it takes.
    Wait,
    /// `build` returns when the first attempt at every source has ended, at most after 10 seconds. The provider is not
    /// [ready](JwksKeyProvider::ready) until all sources have keys; it goes on trying, also without a refresh interval.
    NotReady,
}

/// Collects sources, limits and times for a [`JwksKeyProvider`]. Every method but [`source`](Self::source) overrides its default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct JwksKeyProviderBuilder {
    pub(super) sources: Vec<Source>,
    pub(super) settings: Settings,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) refresh_interval: Option<Duration>,
    pub(super) retry_first: Duration,
    pub(super) retry_max: Duration,
    pub(super) fetch_timeout: Duration,
    pub(super) unknown_kid_cooldown: Duration,
    pub(super) max_document_bytes: usize,
    pub(super) max_keys: usize,
    pub(super) ca_pem: Option<Vec<u8>>,
    pub(super) start: Start,
    pub(super) algorithms: Vec<Algorithm>,
}

impl JwksKeyProviderBuilder {
    pub(super) fn new() -> Self {
        Self {
            sources: Vec::new(),
            settings: Settings {
                refresh_interval: None,
                retry_first: Duration::from_secs(1),
                retry_max: Duration::from_secs(60),
                fetch_timeout: Duration::from_secs(10),
                unknown_kid_cooldown: Duration::from_secs(5),
                max_document_bytes: 8 << 20,
                max_keys: 10_000,
                ca_pem: None,
                start: Start::default(),
                algorithms: vec![Algorithm::Rs256, Algorithm::Es256],
            },
        }
    }

    /// Adds a source. Sources are asked in the order in which they were added.
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// How often every source is loaded again; `None` (the default, as in Temporal) or zero: never again after the first good load, but
    /// for an unknown `kid`. Each wait is shortened by a random part of up to 10 %.
    pub fn refresh_interval(mut self, interval: Option<Duration>) -> Self {
        self.settings.refresh_interval = interval.filter(|interval| !interval.is_zero());
        self
    }

    /// How long to wait after a failed attempt: `first`, then twice as long after each further failure, up to `max` and never longer than
    /// the refresh interval. Default: 1 second and 60 seconds.
    pub fn retry_backoff(mut self, first: Duration, max: Duration) -> Self {
        self.settings.retry_first = first;
        self.settings.retry_max = max.max(first);
        self
    }

    /// The time that one attempt at a source may take, all its requests together. Default: 10 seconds.
    pub fn fetch_timeout(mut self, timeout: Duration) -> Self {
        self.settings.fetch_timeout = timeout;
        self
    }

    /// After an attempt at a source, no unknown `kid` starts another one for this long. Default: 5 seconds.
    pub fn unknown_kid_cooldown(mut self, cooldown: Duration) -> Self {
        self.settings.unknown_kid_cooldown = cooldown;
        self
    }

    /// Longest document that is read, in bytes. Default: 8 MiB.
    pub fn max_document_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_document_bytes = bytes;
        self
    }

    /// Most keys that a document may have, usable or not. Default: 10,000.
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.settings.max_keys = keys;
        self
    }

    /// The certificates, in PEM, of the authorities that `https` sources are trusted by, **instead of** the system's.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.ca_pem = Some(pem.into());
        self
    }

    /// What to do while sources cannot be loaded. Default: [`Start::Fail`].
    pub fn on_start(mut self, start: Start) -> Self {
        self.settings.start = start;
        self
    }

    /// The algorithms that tokens may be signed with. Default: RS256 and ES256, as in Temporal. Keys that serve none of them are skipped.
    pub fn supported_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.settings.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Loads the sources and starts to keep them fresh. Must be called in the tokio runtime that the provider is to live in.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the settings make no sense, when inline keys are unusable, and, with [`Start::Fail`], when a source fails.
    pub async fn build(self) -> Result<JwksKeyProvider, BuildError> {
        self.check()?;
        JwksKeyProvider::start(self.sources, self.settings).await
    }

    fn check(&self) -> Result<(), BuildError> {
        let Settings { fetch_timeout, unknown_kid_cooldown, retry_first, max_document_bytes, max_keys, .. } =
            self.settings;
        for (name, zero) in [
            ("fetch_timeout", fetch_timeout.is_zero()),
            ("unknown_kid_cooldown", unknown_kid_cooldown.is_zero()),
            ("retry_backoff", retry_first.is_zero()),
            ("max_document_bytes", max_document_bytes == 0),
            ("max_keys", max_keys == 0),
        ] {
            if zero {
                return Err(BuildError::Zero(name));
            }
        }
        if self.sources.is_empty() {
            return Err(BuildError::NoSource);
        }
        if self.settings.algorithms.is_empty() {
            return Err(BuildError::NoAlgorithm);
        }
        self.sources.iter().try_for_each(check_binding)
    }
}

fn check_binding(source: &Source) -> Result<(), BuildError> {
    match (source.kind(), source.issuer()) {
        (Kind::Discovery { issuer, .. }, Some(bound)) if issuer != bound => Err(BuildError::IssuerConflict {
            name: source.to_string(),
            discovered: issuer.clone(),
            bound: bound.to_owned(),
        }),
        _ => Ok(()),
    }
}
