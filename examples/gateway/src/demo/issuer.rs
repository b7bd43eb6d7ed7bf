//! An issuer in the process: it signs tokens, and publishes its keys as an OpenID provider does.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use temporal_gateway::demo::issuer::{Issuer, TokenRequest};
//!
//! let issuer = Issuer::start(tokio::net::TcpListener::bind("127.0.0.1:0").await?).await?;
//! let token = issuer.token(&TokenRequest::new("alice", ["default:read"]).audience("temporal"))?;
//! println!("keys at {}: {}…", issuer.jwks_uri(), token.len());
//! # Ok(())
//! # }
//! ```

use std::{
    fmt, io,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};
use thiserror::Error;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, spawn_blocking},
};

use crate::mint::signer::{Signer, SignerError, SigningAlgorithm, jwks};

mod server;

/// How long a token lives unless told otherwise, in seconds.
const LIFETIME: i64 = 3_600;

/// What a token is to say.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRequest {
    /// `sub`.
    pub subject: String,
    /// `permissions`, each `namespace:role`.
    pub permissions: Vec<String>,
    /// `aud`, left out when `None`.
    pub audience: Option<String>,
    /// Seconds until `exp`; negative for a token that has expired.
    pub lifetime: i64,
    /// Further claims. They win over the ones above.
    pub extra: Map<String, Value>,
}

/// An issuer on a loopback socket. It stops serving when it is dropped.
pub struct Issuer {
    url: String,
    keys: Arc<Keys>,
    stranger: OnceLock<Signer>,
    server: JoinHandle<()>,
}

/// Why there is no issuer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// The listener has no address.
    #[error("the issuer's socket: {0}")]
    Socket(#[from] io::Error),
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] SignerError),
    /// The thread that made the key came to an end without one.
    #[error("the key could not be made in the background")]
    Background,
}

/// What the server publishes and the issuer signs with.
#[derive(Debug)]
struct Keys {
    /// The newest last: it signs. The others stay published, so that their tokens stay good.
    signers: RwLock<Vec<Arc<Signer>>>,
}

impl TokenRequest {
    /// An hour for `subject`, with these permissions and no audience.
    pub fn new<P: Into<String>>(subject: impl Into<String>, permissions: impl IntoIterator<Item = P>) -> Self {
        Self {
            subject: subject.into(),
            permissions: permissions.into_iter().map(Into::into).collect(),
            audience: None,
            lifetime: LIFETIME,
            extra: Map::new(),
        }
    }

    /// The same for this audience.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The same with another lifetime, in seconds from now; negative for a token that has expired.
    #[must_use]
    pub fn lifetime(mut self, seconds: i64) -> Self {
        self.lifetime = seconds;
        self
    }

    /// The same with one more claim.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }
}

impl Issuer {
    /// Makes an RSA key and serves `/.well-known/openid-configuration` and `/keys` on `listener`, over HTTP/1.1.
    ///
    /// # Errors
    /// The listener has no address, or no key could be made.
    pub async fn start(listener: TcpListener) -> Result<Self, IssuerError> {
        let url = format!("http://{}", listener.local_addr()?);
        let keys = Arc::new(Keys { signers: RwLock::new(vec![new_signer().await?]) });
        Ok(Self {
            server: tokio::spawn(server::serve(listener, url.clone(), Arc::clone(&keys))),
            url,
            keys,
            stranger: OnceLock::new(),
        })
    }

    /// The issuer: the `iss` of its tokens, and the base of its discovery document. `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the key set is.
    pub fn jwks_uri(&self) -> String {
        server::jwks_uri(&self.url)
    }

    /// The id of the key that signs now.
    pub fn key_id(&self) -> String {
        self.keys.newest().map_or_else(String::new, |signer| signer.key_id().to_owned())
    }

    /// A token, without `Bearer `.
    ///
    /// # Errors
    /// It could not be signed.
    pub fn token(&self, request: &TokenRequest) -> Result<String, SignerError> {
        self.keys.newest().ok_or(SignerError::UnusableKey)?.sign(&self.claims(request))
    }

    /// A token that claims to be signed with the issuer's key, and is signed with another.
    ///
    /// # Errors
    /// The other key could not be made, or the token not be signed.
    pub fn wrong_signature_token(&self, request: &TokenRequest) -> Result<String, SignerError> {
        let stranger = match self.stranger.get() {
            Some(stranger) => stranger,
            None => {
                let made = Signer::generate(SigningAlgorithm::Rs256)?;
                self.stranger.get_or_init(|| made)
            }
        };
        stranger.sign_as(&self.key_id(), &self.claims(request))
    }

    /// Makes a new key to sign with, and answers its id. Older keys stay published.
    ///
    /// # Errors
    /// No key could be made; the present one stays in use.
    pub async fn rotate(&self) -> Result<String, IssuerError> {
        let signer = new_signer().await?;
        let key_id = signer.key_id().to_owned();
        self.keys.signers.write().unwrap_or_else(PoisonError::into_inner).push(signer);
        Ok(key_id)
    }

    fn claims(&self, request: &TokenRequest) -> Map<String, Value> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let expires = now.saturating_add(request.lifetime).max(1);
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(self.url));
        claims.insert("sub".to_owned(), json!(request.subject));
        claims.insert("iat".to_owned(), json!(now.min(expires)));
        claims.insert("exp".to_owned(), json!(expires));
        claims.insert("permissions".to_owned(), json!(request.permissions));
        if let Some(audience) = &request.audience {
            claims.insert("aud".to_owned(), json!(audience));
        }
        claims.extend(request.extra.clone());
        claims
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("url", &self.url).field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Keys {
    fn newest(&self) -> Option<Arc<Signer>> {
        self.read(|signers| signers.last().cloned())
    }

    fn jwks(&self) -> Value {
        self.read(|signers| jwks(signers.iter().map(|signer| signer.jwk())))
    }

    fn read<T>(&self, look: impl FnOnce(&[Arc<Signer>]) -> T) -> T {
        look(&self.signers.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Off the runtime's threads: an RSA key takes some tenths of a second.
async fn new_signer() -> Result<Arc<Signer>, IssuerError> {
    let signer =
        spawn_blocking(|| Signer::generate(SigningAlgorithm::Rs256)).await.map_err(|_| IssuerError::Background)??;
    Ok(Arc::new(signer))
}
