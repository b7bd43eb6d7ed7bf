//! Plug-ins that panic, hang, fail or are left alone: nobody gets in by it, and nobody learns what happened.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use temporal_authz::{
    AudienceMapper, AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision,
    DecisionEvent, DefaultAuthorizer, Guard, MethodInfo, Observer, Refused, Role,
};
use temporal_interceptor::AuthorizationLayer;

use crate::support::*;

/// What a plug-in says in its panics and errors, and nobody else may.
const HUSH: &str = "hush-internal-text";

/// What a plug-in does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Does {
    Well,
    PanicAtOnce,
    PanicLater,
    Hang,
    Fail,
}

#[derive(Debug)]
struct Mapper(Does);

#[async_trait]
impl ClaimMapper for Mapper {
    async fn get_claims(&self, _: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        tokio::task::yield_now().await;
        match self.0 {
            Does::Well => Ok(Some(Claims::builder("test", "alice").system(Role::ADMIN).build().unwrap())),
            Does::Hang => std::future::pending().await,
            Does::Fail => Err(ClaimError::failed(HUSH)),
            Does::PanicAtOnce | Does::PanicLater => panic!("{HUSH}"),
        }
    }

    fn claims_at_hand(&self, _: &AuthInfo<'_>) -> Option<Result<Option<Claims>, ClaimError>> {
        assert_ne!(self.0, Does::PanicAtOnce, "{HUSH}");
        None
    }
}

#[derive(Debug)]
struct Judge(Does);

#[async_trait]
impl Authorizer for Judge {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        tokio::task::yield_now().await;
        match self.0 {
            Does::Well => Ok(DefaultAuthorizer.judge(claims, target)),
            Does::Hang => std::future::pending().await,
            Does::Fail => Err(AuthorizeError::new(HUSH)),
            Does::PanicAtOnce | Does::PanicLater => panic!("{HUSH}"),
        }
    }

    fn needs_request(&self, _: Option<&Claims>, _: &MethodInfo) -> bool {
        assert_ne!(self.0, Does::PanicAtOnce, "{HUSH}");
        true
    }
}

#[derive(Debug)]
struct Watcher(Does);

impl Observer for Watcher {
    fn decided(&self, event: &DecisionEvent<'_>) -> Result<(), Refused> {
        match self.0 {
            Does::Well => Ok(()),
            Does::Fail if event.denied().is_none() => Err(Refused),
            Does::Fail => Ok(()),
            _ => panic!("{HUSH}"),
        }
    }
}

#[derive(Debug)]
struct Audience;

impl AudienceMapper for Audience {
    fn audience(&self, _: &MethodInfo, _: &http::HeaderMap) -> std::borrow::Cow<'_, str> {
        panic!("{HUSH}")
    }
}

fn layer(profile: Profile, mapper: Does, judge: Does, watcher: Does, audience: bool) -> AuthorizationLayer {
    let guard = Guard::builder(Arc::new(Mapper(mapper)), Arc::new(Judge(judge)))
        .observer(Arc::new(Watcher(watcher)))
        .mapper_timeout(Duration::from_millis(300))
        .authorizer_timeout(Duration::from_millis(300));
    let mut layer = AuthorizationLayer::builder(guard);
    if profile == Profile::Temporal {
        layer = layer.like_temporal();
    }
    if audience {
        layer = layer.audience_mapper(Arc::new(Audience));
    }
    layer.build()
}

#[tokio::test]
async fn a_plug_in_that_does_not_answer_denies() {
    use Does::*;
    let (mapper, authorizer) = (unavailable("mapper_error"), unavailable("authorizer_error"));
    let rows = [
        ("case_096 a mapper panics", PanicLater, Well, Well, false, mapper),
        ("case_096 a mapper panics at once", PanicAtOnce, Well, Well, false, mapper),
        ("case_096 a mapper hangs", Hang, Well, Well, false, mapper),
        ("case_096 a mapper fails", Fail, Well, Well, false, mapper),
        ("case_096 an authorizer panics", Well, PanicLater, Well, false, authorizer),
        ("case_096 an authorizer panics when asked what it needs", Well, PanicAtOnce, Well, false, authorizer),
        ("case_096 an authorizer hangs", Well, Hang, Well, false, authorizer),
        ("case_096 an authorizer fails", Well, Fail, Well, false, authorizer),
        ("case_096 an audience mapper panics", Well, Well, Well, true, mapper),
    ];
    for profile in Profile::BOTH {
        for (row, mapper, judge, watcher, audience, expected) in rows {
            let world = World::around(&Setup::new(profile), layer(profile, mapper, judge, watcher, audience)).await;
            // One after another on one connection: what failed once goes on to be asked.
            let mut raw = Raw::connect(world.addr).await;
            for _ in 0..3 {
                let answer = world.refused_on(&mut raw, row, &Call::start("shop").token("x"), expected).await;
                assert!(!answer.shown().contains(HUSH), "{row}: {}", answer.shown());
            }
        }
        // Without anything wrong the same call is served.
        let world = World::around(&Setup::new(profile), layer(profile, Well, Well, Well, false)).await;
        world.served("case_096 all is well", &Call::start("shop").token("x")).await;
    }
}

#[tokio::test]
async fn case_096_an_observer_that_cannot_write_denies() {
    use Does::*;
    for profile in Profile::BOTH {
        for watcher in [Fail, PanicLater] {
            let world = World::around(&Setup::new(profile), layer(profile, Well, Well, watcher, false)).await;
            let row = format!("case_096 {watcher:?}");
            let expected = denied("observer_refused");
            let answer = world.refused(&row, &Call::start("shop").token("x"), expected).await;
            assert!(!answer.shown().contains(HUSH));
        }
    }
}

#[tokio::test]
async fn case_096_a_caller_that_goes_away_while_it_is_judged_is_not_served() {
    use Does::*;
    for (mapper, judge) in [(Hang, Well), (Well, Hang)] {
        let layer = layer(Profile::Strict, mapper, judge, Well, false);
        let world = World::around(&Setup::new(Profile::Strict), layer).await;
        for _ in 0..20 {
            let mut raw = Raw::connect(world.addr).await;
            let stream = raw.send(&Call::start("shop").token("x")).await;
            raw.write(&raw::frame(raw::RST_STREAM, 0, stream, &8_u32.to_be_bytes())).await;
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(world.upstream.count(), 0);
        // The gateway is there for the next.
        let expected = if mapper == Hang { unavailable("mapper_error") } else { unavailable("authorizer_error") };
        world.refused("case_096 the next", &Call::start("shop").token("x"), expected).await;
    }
}

/// A mapper and an authorizer that log all that they are given.
#[derive(Debug)]
struct Chatty;

#[async_trait]
impl ClaimMapper for Chatty {
    async fn get_claims(&self, info: &AuthInfo<'_>) -> Result<Option<Claims>, ClaimError> {
        tracing::error!(?info, "asked");
        let claims = Claims::builder("test", "alice").system(Role::READER).extension(HUSH.to_owned()).build().unwrap();
        tracing::error!(?claims, "answered");
        Ok(Some(claims))
    }
}

#[async_trait]
impl Authorizer for Chatty {
    async fn authorize(&self, claims: Option<&Claims>, target: &CallTarget<'_>) -> Result<Decision, AuthorizeError> {
        tracing::error!(?claims, "asked");
        Ok(DefaultAuthorizer.judge(claims, target))
    }
}

#[tokio::test]
async fn case_104_what_plug_ins_are_given_shows_no_credential() {
    for profile in Profile::BOTH {
        let guard = Guard::builder(Arc::new(Chatty), Arc::new(Chatty));
        let mut layer = AuthorizationLayer::builder(guard);
        if profile == Profile::Temporal {
            layer = layer.like_temporal();
        }
        let world = World::around(&Setup::new(profile), layer.build()).await;
        let (token, extra) = (world.secret("some-opaque-credential"), world.secret("some-more-of-it"));
        world.secret(HUSH);
        let call = Call::start("shop").token(&token).field("authorization-extras", extra);
        let call = call.field("cookie", world.secret("session-of-alice"));
        world.refused("case_104 logged by plug-ins", &call, denied("insufficient_role")).await;
        assert!(world.log.find("answered claims=").unwrap().contains("alice"));
        assert!(world.log.find("asked info=").unwrap().contains("bytes"));
    }
}
