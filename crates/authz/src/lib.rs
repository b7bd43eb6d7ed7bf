//! Temporal's authorization model: who may call what, decided for one call.
//!
//! A Temporal frontend asks two plug-ins about every call. The [`ClaimMapper`] says who is calling: it turns
//! credentials ([`AuthInfo`]) into [`Claims`], which are roles in the whole system and in namespaces. The
//! [`Authorizer`] says whether that caller may do what it wants ([`CallTarget`]). This crate holds their vocabulary,
//! Temporal's own rule ([`DefaultAuthorizer`]), the table of Temporal's methods ([`MethodTable`]), and the [`Guard`]
//! that asks them in order. It reads no tokens, opens no sockets and needs no runtime.
//!
//! The rules, which are those of Temporal's server 1.32.1:
//!
//! 1. A [`Role`] is a bit: worker 1, reader 2, writer 4, admin 8. Roles are compared as numbers, so the highest bit
//!    decides. An undefined bit is refused.
//! 2. A method has a [`Scope`] and an [`Access`]. The access names the role that is asked for: read-only a reader, write
//!    a writer, admin an admin. The scope says where it must be held: cluster in the system, namespace in the system or
//!    in the request's namespace. A method that is in no table may be called by nobody.
//! 3. Namespaces are compared exactly.
//! 4. `Health/Check` and `GetSystemInfo` are open to everybody whose credentials are not bad.
//! 5. Credentials have three outcomes: absent, good, bad. Bad ones are refused at once; absent ones are judged as
//!    nobody.
//! 6. A denial is a value with a [`Reason`]. An error means that there is no verdict, and denies as well.
//! 7. Only a [`Guard`] makes a [`Permit`], and it tells its [`Observer`]s every verdict first.
//!
//! ```
//! # futures_executor::block_on(async {
//! use async_trait::async_trait;
//! use temporal_authz::{AuthInfo, CallTarget, ClaimError, ClaimMapper, Claims, DefaultAuthorizer, Guard, Reason, Role, Targets};
//!
//! /// Knows one caller, by a word.
//! #[derive(Debug)]
//! struct Doorman;
//!
//! #[async_trait]
//! impl ClaimMapper for Doorman {
//!     async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
//!         if info.auth_token() != "friend" {
//!             return Err(ClaimError::rejected(Reason::MalformedCredentials));
//!         }
//!         Claims::builder("word", "frodo").namespace("moria", Role::READER).build().map(Some).map_err(ClaimError::failed)
//!     }
//! }
//!
//! let guard = Guard::new(Doorman, DefaultAuthorizer::new());
//! let headers = http::HeaderMap::new();
//! let info = AuthInfo::new(&headers).with_auth_token("friend");
//!
//! let describe = "/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace";
//! let caller = guard.authenticate(describe, &info).await.unwrap();
//! let target = CallTarget::new(describe, guard.method(describe)).with_namespace("moria");
//! let permit = guard.authorize(&caller, &Targets::new(target)).await.unwrap();
//! assert_eq!(permit.principal().unwrap().name(), "frodo");
//!
//! let update = "/temporal.api.workflowservice.v1.WorkflowService/UpdateNamespace";
//! let target = CallTarget::new(update, guard.method(update)).with_namespace("moria");
//! let denial = guard.authorize(&caller, &Targets::new(target)).await.unwrap_err();
//! assert_eq!(denial.reason(), Reason::InsufficientRole);
//! # });
//! ```

mod audience;
mod auth_info;
mod authorizer;
mod bounded;
mod claim_mapper;
mod claims;
mod decision;
mod default_authorizer;
mod error;
mod guard;
mod method;
mod noop;
mod observe;
mod observer;
mod peer;
mod permit;
mod principal;
mod reason;
mod role;
mod target;
mod text;

pub use audience::AudienceMapper;
pub use auth_info::AuthInfo;
pub use authorizer::Authorizer;
pub use bounded::Timer;
pub use claim_mapper::ClaimMapper;
pub use claims::{Claims, ClaimsBuilder};
pub use decision::{Allow, Decision, Deny};
pub use default_authorizer::DefaultAuthorizer;
pub use error::{AuthorizeError, BoxError, ClaimError, WireStatus};
pub use guard::{Guard, GuardBuilder, Identity, Targets};
pub use method::{
    Access, Embedded, MethodInfo, MethodTable, MethodTableBuilder, MethodTableError, Scope, is_method_path,
};
#[cfg(feature = "descriptors")]
pub use method::{DescribedMethod, DescriptorError};
pub use noop::{NoopAuthorizer, NoopClaimMapper};
pub use observer::{DecisionEvent, Observer, Refused};
pub use peer::{CertificateError, PeerCertificate, SubjectAttribute};
pub use permit::{Denial, GrantedTarget, Permit};
pub use principal::Principal;
pub use reason::{Kind, Reason};
pub use role::{Role, UndefinedRole};
#[cfg(feature = "prost")]
pub use target::DecodeError;
pub use target::{CallTarget, Origin};
pub use text::Escaped;
