//! A claim mapper and an authorizer of your own.
//!
//! Everything that says who is calling and what it may do is behind two traits. This crate implements both, each around
//! the default, which is how most plug-ins begin. What to look at, in this order:
//!
//! 1. [`RealmRoles`], a [`ClaimMapper`](temporal_authz::ClaimMapper) for tokens whose roles stand elsewhere:
//!    `"realm_access": {"roles": ["temporal:shop:writer"]}`. [`JwtClaimMapper`](temporal_claim_mapper::JwtClaimMapper)
//!    verifies the token and keeps its payload; `RealmRoles` reads the roles out of it. Only what was verified is read.
//! 2. [`TaskQueueRules`], an [`Authorizer`](temporal_authz::Authorizer) that asks
//!    [`DefaultAuthorizer`](temporal_authz::DefaultAuthorizer) first and then looks into the request: workflows of a type
//!    `payments-…` run on the task queue `payments` only. A plug-in that comes second can only take away.
//! 3. `starts.rs`: a rule about the contents of requests must know every request that has such contents. Workflows are
//!    started by calls, by operations inside a call, by schedules, and by commands of other workflows. What a Nexus
//!    operation leads to is not in its request, and no rule here can see it.
//! 4. `main.rs`: both in a layer. Nothing is registered anywhere; they are arguments.
//!
//! Three things that are easy to get wrong:
//!
//! - **Commands.** A command to another namespace is a target of its own, authorized as the call that would do the same:
//!   its request is the command's attributes. That is about *where*: as in Temporal there is one such target for each
//!   kind of command and namespace, and none for commands in the request's own namespace. A rule about *what* must read
//!   the commands of `RespondWorkflowTaskCompleted` itself, all of them.
//! - **Decoding.** [`CallTarget::decode`](temporal_authz::CallTarget::decode) gives only the message that is carried.
//!   What does not decode is denied, and never allowed because there was nothing to see.
//! - **Messages.** [`Decision::deny_with`](temporal_authz::Decision::deny_with) is shown to the caller. Write what helps an
//!   honest one, in the operator's words, and no text of the request.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use custom_plugin::TaskQueueRules;
//! use temporal_authz::{Authorizer as _, CallTarget, Claims, MethodTable, Role};
//!
//! let rules = TaskQueueRules::new().only_on("payments-", "payments");
//! let alice = Claims::builder("jwt", "alice").namespace("shop", Role::WRITER).build()?;
//! let methods = MethodTable::temporal();
//! let start = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
//! let target = CallTarget::new(start, methods.find(start)).with_namespace("shop");
//!
//! // workflow_type { name: "payments-refund" } task_queue { name: "mail" }
//! let request = b"\x1a\x11\x0a\x0fpayments-refund\x22\x06\x0a\x04mail";
//! let target = target.with_request("temporal.api.workflowservice.v1.StartWorkflowExecutionRequest", request);
//! assert!(!rules.authorize(Some(&alice), &target).await?.is_allow());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod frontend;
mod realm_roles;
mod starts;
mod task_queue_rules;

pub use frontend::{Frontend, serve};
pub use realm_roles::RealmRoles;
pub use task_queue_rules::TaskQueueRules;
