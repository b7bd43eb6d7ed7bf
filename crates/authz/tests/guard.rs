//! The guard around plug-ins that fail, hang, panic and object.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, reason = "test code")]

use std::{
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use http::HeaderMap;
use temporal_authz::{
    AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision, DecisionEvent,
    DefaultAuthorizer, Guard, GuardBuilder, NoopAuthorizer, NoopClaimMapper, Observer, Permit, Reason, Refused, Role,
    Targets, Timer, WireStatus,
};

const START: &str = "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";
const SYSTEM_INFO: &str = "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo";

/// Does what the token says.
#[derive(Debug)]
struct Obedient;

#[async_trait]
impl ClaimMapper for Obedient {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        match info.auth_token() {
            "expired" => Err(ClaimError::rejected(Reason::Expired)),
            "no keys" => Err(ClaimError::keys_unavailable("issuer is away")),
            "fail" => Err(ClaimError::failed("disk on fire")),
            "panic" => panic!("as told"),
            "hang" => pending().await,
            "nobody" => Ok(None),
            role => Ok(Some(writer_in(role))),
        }
    }
}

#[async_trait]
impl Authorizer for Obedient {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        match target.namespace() {
            "fail" => Err(AuthorizeError::new("policy store is away")),
            "teapot" => Err(AuthorizeError::new("x").with_status(teapot())),
            "panic" => panic!("as told"),
            "hang" => pending().await,
            "policy" => Ok(Decision::deny_with("not on Sundays")),
            _ => Ok(DefaultAuthorizer.judge(claims, target)),
        }
    }
}

fn teapot() -> WireStatus {
    WireStatus { code: 9, message: "teapot".into(), details: b"x".as_slice().into() }
}

fn writer_in(namespace: &str) -> Claims {
    Claims::builder("jwt", "alice").namespace(namespace, Role::WRITER).build().unwrap()
}

#[derive(Debug)]
struct Tokio;

impl Timer for Tokio {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Writes every verdict down, and objects to calls in one namespace.
#[derive(Debug, Default)]
struct Notary(Mutex<Vec<String>>);

impl Observer for Notary {
    fn decided(&self, event: &DecisionEvent<'_>) -> Result<(), Refused> {
        let verdict = event.denied().map_or("allow", Reason::as_str);
        let note = format!("{} {:?} {}", event.subject().unwrap_or("-"), event.namespace(), verdict);
        self.0.lock().unwrap().push(note);
        match event.namespace() {
            Some("unrecorded") => Err(Refused),
            Some("explosive") => panic!("as told"),
            _ => Ok(()),
        }
    }
}

fn builder() -> GuardBuilder {
    Guard::builder(Arc::new(Obedient), Arc::new(Obedient)).timer(Arc::new(Tokio))
}

async fn call(guard: &Guard, token: &str, api: &str, namespaces: &[&str]) -> Result<Permit, Reason> {
    let headers = HeaderMap::new();
    let info = AuthInfo::new(&headers).with_auth_token(token);
    let identity = guard.authenticate(api, &info).await.map_err(|denial| denial.reason())?;
    let mut targets = namespaces.iter().map(|name| CallTarget::new(api, guard.method(api)).with_namespace(name));
    let targets = Targets::new(targets.next().unwrap()).with_commands(targets.collect());
    guard.authorize(&identity, &targets).await.map_err(|denial| denial.reason())
}

#[tokio::test(start_paused = true)]
async fn whatever_a_plug_in_does_there_is_a_verdict_and_it_is_no() {
    let guard = builder().build();
    for (token, namespace, expected) in [
        ("expired", "default", Reason::Expired),
        ("no keys", "default", Reason::KeysUnavailable),
        ("fail", "default", Reason::MapperError),
        ("panic", "default", Reason::MapperError),
        ("hang", "default", Reason::MapperError),
        ("nobody", "default", Reason::NoClaims),
        ("", "default", Reason::MissingCredentials),
        ("default", "other", Reason::InsufficientRole),
        ("fail", "fail", Reason::MapperError),
        ("default", "fail", Reason::AuthorizerError),
        ("default", "panic", Reason::AuthorizerError),
        ("default", "hang", Reason::AuthorizerError),
        ("default", "policy", Reason::DeniedByPolicy),
    ] {
        let verdict = call(&guard, token, START, &[namespace]).await.map(|_| ());
        assert_eq!(verdict, Err(expected), "{token} in {namespace}");
    }
}

#[tokio::test]
async fn an_open_method_is_open_to_nobody_but_closed_to_a_bad_credential() {
    let guard = builder().build();
    let permit = call(&guard, "", SYSTEM_INFO, &[""]).await.unwrap();
    assert!(permit.principal().is_none() && permit.claims().is_none());
    assert_eq!(call(&guard, "expired", SYSTEM_INFO, &[""]).await.unwrap_err(), Reason::Expired);
}

#[tokio::test]
async fn a_permit_says_who_may_do_what() {
    let guard = builder().policy_version(7).build();
    let permit = call(&guard, "default", START, &["default"]).await.unwrap();
    assert_eq!((permit.principal().unwrap().kind(), permit.principal().unwrap().name()), ("jwt", "alice"));
    let targets: Vec<_> = permit.targets().map(|target| (target.api_name(), target.namespace())).collect();
    assert_eq!((targets, permit.policy_version()), (vec![(START, "default")], 7));
}

#[tokio::test]
async fn the_first_refused_target_refuses_the_call() {
    let notary = Arc::new(Notary::default());
    let guard = builder().observer(notary.clone()).build();
    let verdict = call(&guard, "default", START, &["default", "default", "other", "fail"]).await;
    assert_eq!(verdict.unwrap_err(), Reason::InsufficientRole);
    assert_eq!(*notary.0.lock().unwrap(), ["alice Some(\"other\") insufficient_role"]);
}

#[tokio::test]
async fn a_verdict_that_cannot_be_recorded_is_no() {
    let guard = builder().observer(Arc::new(Notary::default())).build();
    for namespace in ["unrecorded", "explosive"] {
        let verdict = call(&guard, namespace, START, &[namespace]).await;
        assert_eq!(verdict.unwrap_err(), Reason::ObserverRefused, "{namespace}");
    }
    assert!(call(&guard, "default", START, &["default"]).await.is_ok());
}

#[tokio::test]
async fn every_target_of_an_allowed_call_is_recorded_or_it_is_not_allowed() {
    let notary = Arc::new(Notary::default());
    let guard = Guard::builder(Arc::new(Obedient), Arc::new(NoopAuthorizer::allow_everyone()));
    let guard = guard.observer(notary.clone()).build();
    assert!(call(&guard, "default", START, &["default", "bank"]).await.is_ok());
    assert_eq!(*notary.0.lock().unwrap(), ["alice Some(\"default\") allow", "alice Some(\"bank\") allow"]);
    let verdict = call(&guard, "default", START, &["default", "unrecorded"]).await;
    assert_eq!(verdict.unwrap_err(), Reason::ObserverRefused);
}

/// Temporal's rule, for which it has to work in some namespaces.
#[derive(Debug)]
struct Slow;

#[async_trait]
impl Authorizer for Slow {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        Ok(DefaultAuthorizer.judge(claims, target))
    }

    fn verdict_at_hand(
        &self,
        claims: Option<&Claims>,
        target: &CallTarget<'_>,
    ) -> Option<Result<Decision, AuthorizeError>> {
        (!target.namespace().starts_with("slow")).then(|| Ok(DefaultAuthorizer.judge(claims, target)))
    }
}

#[tokio::test]
async fn observers_are_told_once_whether_a_verdict_is_at_hand_or_not() {
    let told = |namespace: &str, verdict: &str| format!("alice Some({namespace:?}) {verdict}");
    for (caller, namespaces, at_hand, expected) in [
        ("fast", vec!["fast", "fast"], true, vec![told("fast", "allow"), told("fast", "allow")]),
        ("fast", vec!["fast", "slow"], false, vec![told("slow", "insufficient_role")]),
        ("fast", vec!["other", "slow"], true, vec![told("other", "insufficient_role")]),
        ("slow", vec!["slow", "slow"], false, vec![told("slow", "allow"), told("slow", "allow")]),
        ("slow", vec!["slow", "fast"], false, vec![told("fast", "insufficient_role")]),
    ] {
        let notary = Arc::new(Notary::default());
        let guard = Guard::builder(Arc::new(Obedient), Arc::new(Slow)).observer(notary.clone()).build();
        let (headers, row) = (HeaderMap::new(), format!("{caller} in {namespaces:?}"));
        let identity = guard.authenticate(START, &AuthInfo::new(&headers).with_auth_token(caller)).await.unwrap();
        let mut targets =
            namespaces.iter().map(|name| CallTarget::new(START, guard.method(START)).with_namespace(name));
        let targets = Targets::new(targets.next().unwrap()).with_commands(targets.collect());
        // As a front does: what is at hand first, and the rest only when something is not.
        let verdict = guard.authorize_at_hand(identity, &targets);
        assert_eq!(verdict.is_ok(), at_hand, "{row}");
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(identity) => guard.authorize(&identity, &targets).await,
        };
        assert_eq!(verdict.is_ok(), expected.iter().all(|told| told.ends_with("allow")), "{row}");
        assert_eq!(*notary.0.lock().unwrap(), expected, "{row}");
    }
}

/// Knows everybody at once, and asks to be asked about those who show something only, or not.
#[derive(Debug)]
struct Everybody {
    auth_info_required: bool,
}

#[async_trait]
impl ClaimMapper for Everybody {
    async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        Ok(Some(writer_in("default")))
    }

    fn claims_at_hand(&self, _: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        Some(Ok(Some(writer_in("default"))))
    }

    fn auth_info_required(&self) -> bool {
        self.auth_info_required
    }
}

#[tokio::test]
async fn a_caller_is_the_same_at_hand_and_later() {
    for (auth_info_required, token, somebody) in
        [(true, "", false), (true, "token", true), (false, "", true), (false, "token", true)]
    {
        let guard = Guard::new(Everybody { auth_info_required }, Obedient);
        let headers = HeaderMap::new();
        let info = AuthInfo::new(&headers).with_auth_token(token);
        let later = guard.authenticate(START, &info).await.unwrap();
        let at_hand = guard.identity_at_hand(&info).unwrap();
        for identity in [at_hand, later] {
            assert_eq!(identity.claims().is_some(), somebody, "{auth_info_required} {token:?}");
        }
    }
}

#[tokio::test]
async fn observers_are_told_of_mapper_failures_and_of_refused_requests() {
    let notary = Arc::new(Notary::default());
    let guard = builder().observer(notary.clone()).build();
    let _ = call(&guard, "expired", START, &["default"]).await;
    let denial = guard.refuse("/x", None, Reason::MalformedPath, "");
    assert_eq!(denial.reason(), Reason::MalformedPath);
    assert_eq!(*notary.0.lock().unwrap(), ["- None expired", "- None malformed_path"]);
}

#[tokio::test]
async fn what_an_authorizer_says_reaches_the_front_that_may_show_it() {
    let guard = builder().build();
    let headers = HeaderMap::new();
    let identity = guard.authenticate(START, &AuthInfo::new(&headers).with_auth_token("default")).await.unwrap();
    let target = |namespace| Targets::new(CallTarget::new(START, guard.method(START)).with_namespace(namespace));
    let denial = guard.authorize(&identity, &target("policy")).await.unwrap_err();
    assert_eq!(denial.message(), Some("not on Sundays"));
    let denial = guard.authorize(&identity, &target("teapot")).await.unwrap_err();
    assert_eq!(denial.authorizer_error(), Some(&teapot()));
    let denial = guard.authorize(&identity, &target("fail")).await.unwrap_err();
    let shown = denial.authorizer_error().unwrap();
    assert_eq!((shown.code, shown.message.as_str()), (2, "policy store is away"));
}

#[tokio::test]
async fn the_plug_ins_that_let_everybody_in_do() {
    let guard = Guard::new(NoopClaimMapper::everyone_is_admin(), DefaultAuthorizer);
    assert!(call(&guard, "", START, &["default"]).await.is_ok());
    let guard = Guard::new(Obedient, NoopAuthorizer::allow_everyone());
    assert!(call(&guard, "", "/no.Such/Method", &["default"]).await.is_ok());
    assert_eq!(call(&guard, "expired", START, &["default"]).await.unwrap_err(), Reason::Expired);
}
