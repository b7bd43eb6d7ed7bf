//! Temporal's authorization in front of a gRPC service: one tower layer.
//!
//! A caller shows a token or a client certificate. [`AuthorizationLayer`] finds out who that is, what the call wants to
//! do and in which namespace, asks whether it may, and only then calls the service behind it. It stands under tonic's
//! `Server::layer`, and in front of any other `http` service with a body of bytes. Who is calling and who may do what is
//! decided by two plug-ins of [`temporal_authz`]: a [`ClaimMapper`](temporal_authz::ClaimMapper) and an
//! [`Authorizer`](temporal_authz::Authorizer). This crate translates between HTTP and the
//! [`Guard`](temporal_authz::Guard) that asks them.
//!
//! # The words
//!
//! - A *target* is one thing that must be allowed: the call itself, and each command in it that reaches into another
//!   namespace.
//! - A [`Permit`](temporal_authz::Permit) proves that a call was allowed. A handler finds it among the request's
//!   extensions, with the caller's claims inside.
//! - A [`Denial`](temporal_authz::Denial) has a [`Reason`](temporal_authz::Reason), a stable code for logs, which one
//!   function turns into the status that the caller sees.
//!
//! # The rules
//!
//! 1. **The way of a request is fixed**: path, credentials, body, targets, verdict, service. A bad token never costs a
//!    body, and the service is never called before the verdict.
//! 2. **The bytes that were judged are the bytes that are forwarded.** A compressed message is inflated once, judged, and
//!    forwarded inflated.
//! 3. **The body is read only when the verdict depends on it**: for a unary method that the table lists, and when the
//!    authorizer asks for it. It is bounded in size, in time, and in what all calls hold together ([`Limits`]).
//! 4. **A stream is judged when it opens**, on its headers, with namespace "". It may be ended when its caller's claims
//!    expire.
//! 5. **A method that is in no table is denied**, whoever asks. Temporal's methods are listed; those of your own service
//!    are registered, by hand or from descriptors.
//! 6. **A credential header stands once.** Two values are refused, also when they are equal.
//! 7. **What the caller must not say is removed**: the headers that name a principal or a certificate always, the
//!    credentials unless [told otherwise](AuthorizationLayerBuilder::forward_authorization).
//! 8. **A plug-in that fails, panics or takes too long denies the call.**
//! 9. **A layer begins strict**: a caller is told whether to authenticate (UNAUTHENTICATED), to come again (UNAVAILABLE)
//!    or that it may not (PERMISSION_DENIED), and never why.
//!    [`like_temporal`](AuthorizationLayerBuilder::like_temporal) answers as Temporal's own frontend does.
//!
//! # What is logged
//!
//! Every denial is an event with its reason, at INFO, and at DEBUG beyond a hundred within a second. A call that waits for
//! nothing is judged in the layer's `call`, before its future is polled: its event is outside of a span that is entered only
//! then, such as that of tonic's `trace_fn`. Where anything is logged at DEBUG, every gRPC call is judged in its future
//! instead, in a span `authorization` of its own.
//!
//! # Guarding a service
//!
//! ```
//! # #[cfg(not(feature = "config"))]
//! # fn main() {}
//! # #[cfg(feature = "config")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use std::{convert::Infallible, future::ready, sync::Arc};
//! # use http::{Request, Response};
//! # use temporal_authz::{Access, DefaultAuthorizer, Guard, MethodInfo, MethodTable, Permit, Scope};
//! # use temporal_claim_mapper::JwtClaimMapper;
//! # use temporal_interceptor::{AuthorizationLayer, RequestBody};
//! # use temporal_key_provider::{JwksKeyProvider, Source};
//! # use tonic::{Code, Status, body::Body, transport::Server};
//! # use tower::ServiceExt as _;
//! # let jwks = r#"{"keys":[{"kid":"k1","kty":"EC","crv":"P-256","x":"67RowuhJDyOGBT3rBH_SSH3d_e7UNfmEEnDSka3WaUY",
//! #                         "y":"hcrb5n4HxN_yrkg218Ijlv-smzeXnD63352ELcfTwZo"}]}"#;
//! # // {"iss":"https://issuer.example","aud":"temporal","sub":"alice","exp":4102444800,"permissions":["default:write"]}
//! # let token = "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoidGVtcG9y\
//! #              YWwiLCJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMCwicGVybWlzc2lvbnMiOlsiZGVmYXVsdDp3cml0ZSJdfQ.oA0IvFN9SejytA\
//! #              YECQrPIXLlmCPO_m94C_gM0L25Vc51e96n757B5oumak0FmKC8qMLKLzPBscLBHB3pqL9ZcA";
//! # let keys = Source::inline_jwks(jwks);
//! # let (addr, stop) = ("127.0.0.1:0".parse()?, ready(()));
//! # // A stand-in for the service that tonic generates: it answers OK to callers who have a permit.
//! # let orders = tower::service_fn(|request: Request<RequestBody<Body>>| async move {
//! #     let permit = request.extensions().get::<Permit>();
//! #     let caller = permit.and_then(Permit::principal).map(|caller| caller.name().to_owned());
//! #     assert_eq!(caller.as_deref(), Some("alice"));
//! #     Ok::<_, Infallible>(Status::ok("").into_http::<Body>())
//! # });
//! // `keys`: where they are, for example "https://issuer.example/.well-known/jwks.json".parse()?
//! let keys = JwksKeyProvider::builder().source(keys).build().await?;
//! let mapper = JwtClaimMapper::builder(keys).issuer("https://issuer.example").audience("temporal").build()?;
//! // To create an order is to write in the namespace that field 1 of the request names.
//! let create = MethodInfo::unary("/acme.v1.Orders/Create", Scope::Namespace, Access::Write).with_namespace_field(1);
//! let methods = MethodTable::builder().method(create)?.build();
//! let guard = Guard::builder(Arc::new(mapper), Arc::new(DefaultAuthorizer::new())).methods(methods);
//! let layer = AuthorizationLayer::builder(guard).build();
//! # let guarded = tower_layer::Layer::layer(&layer, orders.clone());
//! Server::builder().layer(layer).serve_with_shutdown(addr, orders, stop).await?;
//! #
//! # let call = async |token: &str, namespace: &str| {
//! #     // Flag 0, the length in four bytes, then the message: field 1, a string.
//! #     let length = u8::try_from(namespace.len())?;
//! #     let mut body = vec![0, 0, 0, 0, length + 2, 0x0a, length];
//! #     body.extend_from_slice(namespace.as_bytes());
//! #     let mut request = Request::post("/acme.v1.Orders/Create").header("content-type", "application/grpc");
//! #     if !token.is_empty() {
//! #         request = request.header("authorization", token);
//! #     }
//! #     let request = request.body(Body::new(http_body_util::Full::new(bytes::Bytes::from(body))))?;
//! #     let answer: Response<_> = guarded.clone().oneshot(request).await?;
//! #     let status = Status::from_header_map(answer.headers()).ok_or("no grpc-status")?;
//! #     Ok::<_, Box<dyn std::error::Error>>(status.code())
//! # };
//!
//! // Alice's token has the permission "default:write".
//! assert_eq!(call(token, "default").await?, Code::Ok);
//! assert_eq!(call(token, "payments").await?, Code::PermissionDenied);
//! assert_eq!(call("", "default").await?, Code::Unauthenticated);
//! # Ok(())
//! # }
//! ```
//!
//! # A rule of your own
//!
//! An authorizer sees the caller's claims and one target, and answers with a [`Decision`](temporal_authz::Decision). What
//! it does not care about it leaves to Temporal's rule.
//!
//! ```
//! use async_trait::async_trait;
//! use temporal_authz::{Authorizer, AuthorizeError, CallTarget, Claims, Decision, DefaultAuthorizer};
//!
//! /// Temporal's rule, and: in `payments` a workflow is terminated by the operator alone.
//! #[derive(Debug)]
//! struct CarefulWithPayments(DefaultAuthorizer);
//!
//! #[async_trait]
//! impl Authorizer for CarefulWithPayments {
//!     async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
//!         let decision = self.0.judge(claims, target);
//!         let terminates = target.api_name().ends_with("/TerminateWorkflowExecution");
//!         if decision.is_allow() && terminates && target.namespace() == "payments" {
//!             let operator = claims.is_some_and(|claims| claims.subject() == "operator");
//!             return Ok(if operator { decision } else { Decision::deny_with("only the operator terminates payments") });
//!         }
//!         Ok(decision)
//!     }
//! }
//! #
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use temporal_authz::{MethodTable, Role};
//! # let table = MethodTable::temporal();
//! # let path = "/temporal.api.workflowservice.v1.WorkflowService/TerminateWorkflowExecution";
//! # for (subject, namespace, allowed) in
//! #     [("operator", "payments", true), ("alice", "payments", false), ("alice", "default", true), ("alice", "x", false)]
//! # {
//! #     let claims = Claims::builder("jwt", subject).namespace("payments", Role::WRITER).namespace("default", Role::WRITER);
//! #     let target = CallTarget::new(path, table.find(path)).with_namespace(namespace);
//! #     let decision = CarefulWithPayments(DefaultAuthorizer::new()).authorize(Some(&claims.build()?), &target).await?;
//! #     assert_eq!(decision.is_allow(), allowed, "{subject} in {namespace}");
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # From Temporal's own configuration
//!
//! The feature `config`, which is on by default, brings the module `config`: it reads the YAML that Temporal's server
//! reads, section `global.authorization`, and assembles keys, claim mapper, authorizer and layer from it. Without the
//! feature the crate has no JWT, no JWKS and no YAML, and works with any mapper.

mod body;
mod budget;
mod buffer;
mod caller;
#[cfg(feature = "config")]
pub mod config;
mod credentials;
mod enforce;
mod failures;
mod layer;
mod limits;
mod observe;
mod peer;
mod principal;
pub mod request;
mod response;
mod service;
mod settings;
mod shared;
mod status;
mod timer;
mod wanted;

pub use body::{RequestBody, ResponseBody};
pub use layer::{AuthorizationLayer, AuthorizationLayerBuilder};
pub use limits::Limits;
pub use peer::ConnectionPeer;
pub use response::ResponseFuture;
pub use service::Authorization;
pub use settings::{FixedSettings, Settings};
pub use shared::Unjudged;
