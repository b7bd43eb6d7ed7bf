//! An issuer, a server on a real socket, and a client.

use std::sync::Arc;

use embedded::orders::{CREATE_ORDER, CreateOrderRequest, Order, WATCH_ORDERS, WatchOrdersRequest};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse},
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};
use temporal_authz::{ClaimMapper, DefaultAuthorizer, Guard};
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::AuthorizationLayer;
use temporal_key_provider::{JwksKeyProvider, Source};
use tokio::net::TcpListener;
use tonic::{
    Code, Request, Status, Streaming,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Server},
};
use tonic_prost::ProstCodec;

pub const ISSUER: &str = "https://issuer.example";
pub const AUDIENCE: &str = "orders";
/// In the year 2100.
pub const FAR: u64 = 4_102_444_800;

/// Signs tokens.
pub struct Issuer(EncodingKey);

impl Issuer {
    pub fn new() -> Self {
        // An error: another test has set it.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let pem = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
        Self(EncodingKey::from_ec_pem(pem.as_bytes()).unwrap())
    }

    pub fn jwks(&self) -> String {
        let mut jwk = Jwk::from_encoding_key(&self.0, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some("k1".to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        json!({ "keys": [jwk] }).to_string()
    }

    pub fn token(&self, claims: &Value) -> String {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.0).unwrap()
    }

    pub fn permitting(&self, subject: &str, permission: &str, exp: u64) -> String {
        self.token(&json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": exp, "permissions": [permission],
        }))
    }

    pub async fn mapper(&self) -> JwtClaimMapper {
        let keys = JwksKeyProvider::builder().source(Source::inline_jwks(self.jwks())).build().await.unwrap();
        JwtClaimMapper::builder(keys).issuer(ISSUER).audience(AUDIENCE).build().unwrap()
    }
}

/// Serves on a port of its own; answers the address.
pub async fn start(server: Server, mapper: impl ClaimMapper) -> String {
    let guard =
        Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new())).methods(embedded::methods().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(embedded::serve(server, AuthorizationLayer::builder(guard).build(), listener));
    address.to_string()
}

pub async fn connect(address: &str) -> Client {
    Client::over(Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap())
}

/// A client of `Orders`, with a token or without.
#[derive(Clone)]
pub struct Client {
    grpc: Grpc<Channel>,
    token: Option<String>,
}

impl Client {
    pub fn over(channel: Channel) -> Self {
        Self { grpc: Grpc::new(channel), token: None }
    }

    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    pub async fn create(&self, namespace: &str) -> Result<Order, Status> {
        let request = CreateOrderRequest { namespace: namespace.to_owned(), item: "tea".to_owned() };
        let mut grpc = self.grpc.clone();
        grpc.ready().await.unwrap();
        let path = PathAndQuery::from_static(CREATE_ORDER);
        let codec = ProstCodec::<_, embedded::orders::CreateOrderResponse>::default();
        let response = grpc.unary(self.request(request), path, codec).await?;
        Ok(response.into_inner().order.unwrap())
    }

    pub async fn create_code(&self, namespace: &str) -> Code {
        self.create(namespace).await.map_or_else(|status| status.code(), |_| Code::Ok)
    }

    pub async fn watch(&self) -> Result<Streaming<Order>, Status> {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.unwrap();
        let path = PathAndQuery::from_static(WATCH_ORDERS);
        let codec = ProstCodec::default();
        Ok(grpc.server_streaming(self.request(WatchOrdersRequest {}), path, codec).await?.into_inner())
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }
}
