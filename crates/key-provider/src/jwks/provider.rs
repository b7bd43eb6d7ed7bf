//! The provider itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::builder::{JwksKeyProviderBuilder, Settings, Start};
use super::document::Limits;
use super::error::BuildError;
use super::fetch::{Fetcher, read_inline};
use super::gate::Ticket;
use super::registry::{Registry, find, missing};
use super::source::Source;
use super::source_state::{SourceState, Sources};
use super::status::SourceStatus;
use super::task::keep_fresh;
use crate::{Algorithm, KeyError, KeyQuery, Keys, MAX_KID_BYTES, TokenKeyProvider, observe};

/// The longest that [`Start::NotReady`] waits for the first attempts.
const FIRST_ATTEMPTS: Duration = Duration::from_secs(10);
/// What a waiter grants an attempt beyond its own time limit.
const GRACE: Duration = Duration::from_secs(1);

/// Keys from JWKS sources, kept fresh in the background.
///
/// Cheap to clone; all clones share the keys, and dropping the last one stops the background tasks. See the [crate] documentation for
/// the rules that the keys live by.
#[derive(Clone)]
pub struct JwksKeyProvider(Arc<Inner>);

struct Inner {
    registry: Arc<Registry>,
    settings: Arc<Settings>,
    tasks: Vec<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl JwksKeyProvider {
    /// Starts to set a provider up.
    pub fn builder() -> JwksKeyProviderBuilder {
        JwksKeyProviderBuilder::new()
    }

    /// Whether every source has keys, and none has missed its last three refreshes.
    ///
    /// Not being ready stops nothing: known keys go on being served.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.0.registry.sources.iter().all(|source| source.is_ready())
    }

    /// The state of every source, in the order in which they were given.
    #[must_use]
    pub fn status(&self) -> Vec<SourceStatus> {
        self.0.registry.sources.iter().map(|source| source.status()).collect()
    }

    /// Drops the keys with this id, of all sources, at once and for as long as the provider lives, whatever the sources publish.
    pub fn revoke(&self, kid: &str) {
        self.0.registry.revoke(kid);
        observe::key_revoked(kid);
    }

    /// A number that changes after a key has left or changed, and not when one was added.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.0.registry.generation()
    }

    pub(super) async fn start(sources: Vec<Source>, settings: Settings) -> Result<Self, BuildError> {
        let settings = Arc::new(settings);
        let limits = Arc::new(Limits {
            max_document_bytes: settings.max_document_bytes,
            max_keys: settings.max_keys,
            algorithms: settings.algorithms.clone(),
        });
        let ready_for =
            settings.refresh_interval.map(|interval| interval.saturating_mul(3).saturating_add(settings.fetch_timeout));
        let states: Sources = sources
            .iter()
            .map(|source| Arc::new(SourceState::new(source, settings.unknown_kid_cooldown, ready_for)))
            .collect();
        let registry = Arc::new(Registry::new(states.clone()));
        let mut fetched = Vec::new();
        for (source, state) in sources.iter().zip(states) {
            if source.is_inline() {
                load_inline(source, &registry, &state, &limits)?;
            } else {
                let fetcher = Fetcher::new(source, &settings, &limits)?;
                if source.is_unprotected() {
                    observe::unprotected_source(&state.name);
                }
                fetched.push((state, fetcher));
            }
        }
        let first: Vec<(Arc<SourceState>, Ticket)> =
            fetched.iter().filter_map(|(state, _)| Some((Arc::clone(state), state.ask("")?))).collect();
        let tasks = fetched
            .into_iter()
            .map(|(state, fetcher)| {
                tokio::spawn(keep_fresh(Arc::clone(&registry), state, fetcher, Arc::clone(&settings))).abort_handle()
            })
            .collect();
        let provider = Self(Arc::new(Inner { registry, settings, tasks }));
        provider.wait_for_start(&first).await?;
        Ok(provider)
    }

    async fn wait_for_start(&self, first: &[(Arc<SourceState>, Ticket)]) -> Result<(), BuildError> {
        match self.0.settings.start {
            Start::Fail => {
                // In the order of the sources, so that the error does not depend on which answers first.
                for (source, ticket) in first {
                    self.wait(|| source.gate().has_ended(*ticket)).await;
                    if let Some(error) = source.last_error().filter(|_| !source.is_loaded()) {
                        return Err(BuildError::Source { name: source.name.clone(), source: error });
                    }
                }
            }
            Start::Wait => self.wait(|| first.iter().all(|(source, _)| source.is_loaded())).await,
            Start::NotReady => {
                let ended = self.wait(|| first.iter().all(|(source, ticket)| source.gate().has_ended(*ticket)));
                // Time has run out: the provider starts without the others.
                let _ = timeout(FIRST_ATTEMPTS, ended).await;
            }
        }
        Ok(())
    }

    /// Waits until an attempt of some source makes this true.
    async fn wait(&self, mut done: impl FnMut() -> bool) {
        let mut progress = self.0.registry.progress.subscribe();
        while !done() {
            // Its sender lives in the registry, which self holds.
            if progress.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits for the attempts that are due at these sources because of an unknown id, until one of them brings it.
    async fn refetch(&self, sources: &[Arc<SourceState>], kid: &str) -> Option<Keys> {
        let asked: Vec<(&Arc<SourceState>, Ticket)> =
            sources.iter().filter_map(|source| Some((source, source.ask(kid)?))).collect();
        if asked.is_empty() {
            // An attempt may have ended meanwhile, which is why none is due.
            return find(sources, kid);
        }
        let mut found = None;
        let deadline = Instant::now().checked_add(self.0.settings.fetch_timeout.saturating_add(GRACE))?;
        let attempts = self.wait(|| {
            let ended = asked.iter().all(|(source, ticket)| source.gate().has_ended(*ticket));
            // Looked for last: the attempt that has ended may have brought it.
            found = find(sources, kid);
            ended || found.is_some()
        });
        let _ = timeout_at(deadline, attempts).await;
        if found.is_none() {
            let now = Instant::now();
            for (source, ticket) in asked {
                let mut gate = source.gate();
                if gate.has_ended(ticket) {
                    gate.remember(kid, now);
                }
            }
        }
        found
    }
}

fn load_inline(source: &Source, registry: &Registry, state: &SourceState, limits: &Limits) -> Result<(), BuildError> {
    let failed = |error| BuildError::Source { name: state.name.clone(), source: error };
    let set = read_inline(source.kind(), limits).map_err(failed)?;
    state.skipped(&set.skipped);
    observe::keys_skipped(&state.name, &set.skipped);
    if set.is_empty() {
        return Err(failed(super::LoadError::NoUsableKey));
    }
    registry.publish(state, set);
    state.succeeded();
    Ok(())
}

#[async_trait]
impl TokenKeyProvider for JwksKeyProvider {
    async fn keys(&self, query: &KeyQuery<'_>) -> Result<Keys, KeyError> {
        let registry = &self.0.registry;
        let kid = query.header().kid().filter(|kid| kid.len() <= MAX_KID_BYTES).ok_or(KeyError::UnknownKey)?;
        let sources = registry.serving(query.issuer());
        if let Some(keys) = find(sources, kid) {
            return Ok(keys);
        }
        if registry.is_revoked(kid) {
            return Err(KeyError::UnknownKey);
        }
        self.refetch(sources, kid).await.ok_or_else(|| missing(sources))
    }

    fn generation(&self) -> u64 {
        self.generation()
    }

    fn supported_algorithms(&self) -> &[Algorithm] {
        &self.0.settings.algorithms
    }

    fn known_keys(&self, query: &KeyQuery<'_>) -> Option<Keys> {
        find(self.0.registry.serving(query.issuer()), query.header().kid()?)
    }
}

impl fmt::Debug for JwksKeyProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksKeyProvider")
            .field("sources", &self.status())
            .field("generation", &self.generation())
            .finish_non_exhaustive()
    }
}
