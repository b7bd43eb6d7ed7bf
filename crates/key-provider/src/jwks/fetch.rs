//! One attempt at a source, from its place to a set of keys.

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Client;
use reqwest::header::HeaderValue;
use url::Url;

use super::builder::Settings;
use super::document::{KeySet, Limits};
use super::error::{BuildError, LoadError};
use super::http::{self, Answer, UrlsOf};
use super::source::{Kind, Source};
use super::{discovery, file};

/// What a good attempt brings.
pub(super) enum Fetched {
    /// The last set is still the current one.
    NotModified,
    /// The set of the document. May be empty.
    Keys(KeySet),
}

/// Fetches one source again and again, and remembers what saves work the next time.
pub(super) struct Fetcher {
    kind: Kind,
    settings: Arc<Settings>,
    limits: Arc<Limits>,
    /// One for each scheme and kind of URL met so far.
    clients: Vec<(String, UrlsOf, Client)>,
    /// The entity tag of the last document that was good, and where it was found.
    etag: Option<(Url, HeaderValue)>,
}

impl Fetcher {
    pub(super) fn new(source: &Source, settings: &Arc<Settings>, limits: &Arc<Limits>) -> Result<Self, BuildError> {
        let mut fetcher = Self {
            kind: source.kind().clone(),
            settings: Arc::clone(settings),
            limits: Arc::clone(limits),
            clients: Vec::new(),
            etag: None,
        };
        if let Kind::JwksUrl(url) | Kind::Discovery { document: url, .. } = source.kind() {
            fetcher.client(url, UrlsOf::Operator)?;
        }
        Ok(fetcher)
    }

    pub(super) async fn fetch(&mut self) -> Result<Fetched, LoadError> {
        match self.kind.clone() {
            Kind::JwksUrl(url) => self.fetch_jwks(url, UrlsOf::Operator).await,
            Kind::Discovery { issuer, document } => {
                let client = self.client(&document, UrlsOf::Operator).map_err(no_client)?;
                let Answer::Document { body, .. } =
                    http::get(&client, &document, None, self.limits.max_document_bytes).await?
                else {
                    return Err(LoadError::Status(304));
                };
                let (url, urls) = discovery::jwks_uri(&body, &issuer, &document)?;
                self.fetch_jwks(url, urls).await
            }
            Kind::JwksFile(path) => self.read_file(path, KeySet::read).await,
            Kind::PemFile { kid, path } => {
                self.read_file(path, move |body, limits| KeySet::read_pem(&kid, &String::from_utf8_lossy(body), limits))
                    .await
            }
            Kind::InlineJwks(_) | Kind::Pem { .. } => read_inline(&self.kind, &self.limits).map(Fetched::Keys),
        }
    }

    async fn fetch_jwks(&mut self, url: Url, urls: UrlsOf) -> Result<Fetched, LoadError> {
        let client = self.client(&url, urls).map_err(no_client)?;
        let etag = self.etag.as_ref().filter(|(of, _)| *of == url).map(|(_, tag)| tag);
        match http::get(&client, &url, etag, self.limits.max_document_bytes).await? {
            Answer::NotModified => Ok(Fetched::NotModified),
            Answer::Document { body, etag } => {
                let set = self.parse(move |limits| KeySet::read(&body, limits)).await?;
                // The tag of a document without usable keys is not kept: "unchanged" would then be good news.
                self.etag = etag.filter(|_| !set.is_empty()).map(|tag| (url, tag));
                Ok(Fetched::Keys(set))
            }
        }
    }

    async fn read_file<F>(&self, path: PathBuf, read: F) -> Result<Fetched, LoadError>
    where
        F: FnOnce(&[u8], &Limits) -> Result<KeySet, LoadError> + Send + 'static,
    {
        let set = self.parse(move |limits| read(&file::read(&path, limits.max_document_bytes)?, limits)).await?;
        Ok(Fetched::Keys(set))
    }

    /// Runs work that may take a while (10,000 points to check) where it delays no request.
    async fn parse<F>(&self, work: F) -> Result<KeySet, LoadError>
    where
        F: FnOnce(&Limits) -> Result<KeySet, LoadError> + Send + 'static,
    {
        let limits = Arc::clone(&self.limits);
        tokio::task::spawn_blocking(move || work(&limits)).await.unwrap_or(Err(LoadError::Interrupted))
    }

    fn client(&mut self, url: &Url, urls: UrlsOf) -> Result<Client, BuildError> {
        let scheme = url.scheme();
        if let Some((_, _, client)) = self.clients.iter().find(|(of, kind, _)| of == scheme && *kind == urls) {
            return Ok(client.clone());
        }
        let client = http::client(scheme, urls, &self.settings)?;
        self.clients.push((scheme.to_owned(), urls, client.clone()));
        Ok(client)
    }
}

/// The keys of a source that is its own document.
pub(super) fn read_inline(kind: &Kind, limits: &Limits) -> Result<KeySet, LoadError> {
    match kind {
        Kind::InlineJwks(text) => KeySet::read(text.as_bytes(), limits),
        Kind::Pem { kid, text } => KeySet::read_pem(kid, text, limits),
        _ => Err(LoadError::NotAKeySet),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "an argument of map_err")]
fn no_client(error: BuildError) -> LoadError {
    LoadError::Request(error.to_string())
}
