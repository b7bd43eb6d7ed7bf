//! An issuer, a guarded server on a real socket, and a client.

use std::sync::Arc;

use custom_plugin::{RealmRoles, TaskQueueRules};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse},
};
use prost::Message;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};
use temporal_authz::Guard;
use temporal_claim_mapper::JwtClaimMapper;
use temporal_interceptor::AuthorizationLayer;
use temporal_key_provider::{JwksKeyProvider, Source};
use temporalio_protos::{google::rpc, temporal::api::errordetails::v1::PermissionDeniedFailure};
use tokio::net::TcpListener;
use tonic::{Code, Request, Response, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Channel};
use tonic_prost::ProstCodec;

const ISSUER: &str = "https://keycloak.example/realms/main";
const AUDIENCE: &str = "temporal";

/// A client of a guarded server, with the key that its tokens are signed with.
pub struct World {
    key: EncodingKey,
    channel: Channel,
}

impl World {
    pub async fn start() -> Self {
        // An error: another test has set it.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let key = new_key();
        let keys = JwksKeyProvider::builder().source(Source::inline_jwks(jwks(&key))).build().await.unwrap();
        let mapper = RealmRoles::new(JwtClaimMapper::builder(keys).issuer(ISSUER).audience(AUDIENCE)).unwrap();
        let authorizer = TaskQueueRules::new().only_on("payments-", "payments");
        let layer = AuthorizationLayer::builder(Guard::builder(Arc::new(mapper), Arc::new(authorizer))).build();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(custom_plugin::serve(layer, listener));
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        Self { key, channel }
    }

    /// A good token with these realm roles.
    pub fn token(&self, roles: &[&str]) -> String {
        sign(&self.key, &claims(json!({ "realm_access": { "roles": roles } })))
    }

    /// A good token with these claims beside the required ones, or instead of them.
    pub fn token_with(&self, more: Value) -> String {
        sign(&self.key, &claims(more))
    }

    /// The same token as [`token`](Self::token), signed with a key of nobody's.
    pub fn forged(&self, roles: &[&str]) -> String {
        sign(&new_key(), &claims(json!({ "realm_access": { "roles": roles } })))
    }

    pub async fn call<M>(&self, token: Option<&str>, method: &str, message: M) -> Result<Response<()>, Status>
    where
        M: Message + Default + 'static,
    {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        let path = format!("/temporal.api.workflowservice.v1.WorkflowService/{method}");
        let mut request = Request::new(message);
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        grpc.unary(request, PathAndQuery::try_from(path).unwrap(), ProstCodec::<M, ()>::default()).await
    }
}

pub fn code(answer: &Result<Response<()>, Status>) -> Code {
    answer.as_ref().map_or_else(Status::code, |_| Code::Ok)
}

/// What a denied caller is told (`PermissionDeniedFailure.reason`).
pub fn told(status: &Status) -> String {
    let details = rpc::Status::decode(status.details()).unwrap().details;
    PermissionDeniedFailure::decode(&details[0].value[..]).unwrap().reason
}

fn claims(more: Value) -> Value {
    let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": 4_102_444_800_u64 });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

fn new_key() -> EncodingKey {
    let pem = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
    EncodingKey::from_ec_pem(pem.as_bytes()).unwrap()
}

fn jwks(key: &EncodingKey) -> String {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some("k1".to_owned());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    json!({ "keys": [jwk] }).to_string()
}

fn sign(key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}
