//! One issuer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use super::{Key, Place, Ring, Server, Trouble};
use crate::{
    model::{Document, History},
    random::Random,
};

pub struct Issuer {
    /// What `iss` is in its tokens.
    pub name: String,
    /// What the configuration says of it, in flow style.
    pub configuration: String,
    pub history: History,
    pub ring: Mutex<Ring>,
    place: Place,
}

impl Issuer {
    /// One that is found by its discovery document.
    pub async fn discovered() -> Self {
        let ring = Ring::new();
        let server = Server::start(ring.jwks()).await;
        let (name, configuration) = (server.url(), format!("{{ issuer: '{}' }}", server.url()));
        Self::new(name, configuration, ring, Place::Server(server))
    }

    /// One whose keys have a URL.
    pub async fn at_url(name: &str) -> Self {
        let ring = Ring::new();
        let server = Server::start(ring.jwks()).await;
        let configuration = format!("{{ issuer: {name}, keySourceURIs: ['{}/keys'] }}", server.url());
        Self::new(name.to_owned(), configuration, ring, Place::Server(server))
    }

    /// One whose keys are in a file.
    pub async fn in_file(name: &str, path: PathBuf) -> Self {
        let ring = Ring::new();
        std::fs::write(&path, ring.jwks()).unwrap();
        let configuration = format!("{{ issuer: {name}, keySourceURIs: ['file://{}'] }}", path.display());
        Self::new(name.to_owned(), configuration, ring, Place::File(path))
    }

    fn new(name: String, configuration: String, ring: Ring, place: Place) -> Self {
        let history = History::starting_with(ring.published.clone());
        Self { name, configuration, history, ring: Mutex::new(ring), place }
    }

    /// Publishes the ring as it is.
    pub async fn publish(&self) {
        let (document, published) = {
            let ring = self.ring.lock().unwrap();
            (ring.jwks(), ring.published.clone())
        };
        self.show(document, Document::Keys(published), None).await;
    }

    /// Gets into trouble.
    pub async fn fail(&self, trouble: Trouble) {
        let document = self.ring.lock().unwrap().jwks();
        self.show(document, Document::Unusable, Some(trouble)).await;
    }

    async fn show(&self, text: String, document: Document, trouble: Option<Trouble>) {
        self.place.publish(text, trouble, || self.history.begins(document), || self.history.has_begun()).await;
    }

    /// What can go wrong with it.
    pub fn troubles(&self) -> &'static [Trouble] {
        self.place.troubles()
    }

    pub fn pick(&self, random: &mut Random) -> Arc<Key> {
        self.ring.lock().unwrap().pick(random)
    }

    /// The keys that it publishes, or would; and the last one that it no longer does.
    pub fn keys(&self) -> (Vec<Arc<Key>>, Option<Arc<Key>>) {
        let ring = self.ring.lock().unwrap();
        let published = ring.published.iter().map(|key| Arc::clone(&ring.keys[*key])).collect();
        let gone = (0..ring.keys.len() - 1).rev().find(|key| !ring.published.contains(key));
        (published, gone.map(|key| Arc::clone(&ring.keys[key])))
    }
}
