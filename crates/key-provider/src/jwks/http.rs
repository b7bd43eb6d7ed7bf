//! One GET, with every part of it bounded.

use std::error::Error;
use std::fmt::Write as _;

use reqwest::header::{ACCEPT, ETAG, HeaderValue, IF_NONE_MATCH};
use reqwest::{Certificate, Client, Response, StatusCode, redirect};
use url::Url;

use super::address::PublicOnly;
use super::builder::Settings;
use super::error::{BuildError, LoadError};

/// Longest entity tag that is kept, in bytes. Without one, the document is fetched whole again.
const MAX_ETAG: usize = 256;

pub(super) enum Answer {
    /// 304: the document that the entity tag stands for is still the current one.
    NotModified,
    Document {
        body: Vec<u8>,
        etag: Option<HeaderValue>,
    },
}

/// Whose URLs a client is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UrlsOf {
    Operator,
    /// Learned from a document: names resolve to public addresses only.
    Stranger,
}

/// A client for URLs of this scheme. It follows no redirect, uses no proxy, takes no compression (there is none to be inflated without
/// end) and keeps no connection: each attempt resolves the name and connects anew.
pub(super) fn client(scheme: &str, urls: UrlsOf, settings: &Settings) -> Result<Client, BuildError> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(settings.fetch_timeout)
        .pool_max_idle_per_host(0)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
    if urls == UrlsOf::Stranger {
        builder = builder.dns_resolver(PublicOnly);
    }
    if let Some(pem) = &settings.ca_pem {
        builder = builder.tls_certs_only(certificates(pem)?);
    } else if scheme != "https" {
        // A system without CA certificates is no obstacle where none is needed.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| BuildError::Client(chain(&error)))
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, BuildError> {
    match Certificate::from_pem_bundle(pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(BuildError::CaPem),
    }
}

/// Fetches a document of at most `max_bytes`. With an entity tag, the server may answer that nothing has changed.
pub(super) async fn get(
    client: &Client,
    url: &Url,
    etag: Option<&HeaderValue>,
    max_bytes: usize,
) -> Result<Answer, LoadError> {
    let mut request = client.get(url.clone()).header(ACCEPT, "application/json");
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let response = request.send().await.map_err(failed)?;
    match response.status() {
        StatusCode::OK => {
            let etag = response.headers().get(ETAG).filter(|tag| tag.len() <= MAX_ETAG).cloned();
            let body = body(response, max_bytes).await?;
            Ok(Answer::Document { body, etag })
        }
        StatusCode::NOT_MODIFIED if etag.is_some() => Ok(Answer::NotModified),
        other => Err(LoadError::Status(other.as_u16())),
    }
}

async fn body(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, LoadError> {
    let declared = response.content_length().unwrap_or(0);
    if usize::try_from(declared).is_ok_and(|declared| declared > max_bytes) {
        return Err(LoadError::TooLong(max_bytes));
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(failed)? {
        if part.len() > max_bytes.saturating_sub(body.len()) {
            return Err(LoadError::TooLong(max_bytes));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

fn failed(error: reqwest::Error) -> LoadError {
    if error.is_timeout() {
        return LoadError::TimedOut;
    }
    // The URL may hold a secret in its query.
    LoadError::Request(chain(&error.without_url()))
}

/// The error with its causes: the outermost says little more than that a request failed.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
