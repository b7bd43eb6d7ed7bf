//! A stream that outlives its token, or does not.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::{
    sync::{mpsc::unbounded_channel, watch},
    time::timeout,
};

use super::{
    Kind, Line, Outcome, Sent,
    line::{Messages, request, status},
};
use crate::{
    gateway::Profile,
    keys::ring::claims,
    ledger::Fault,
    model::Basis,
    times::{Moment, PATIENCE, STREAM_END, unix},
    world::World,
};

const PATH: &str = "/temporal.server.api.adminservice.v1.AdminService/StreamWorkflowReplicationMessages";
/// The token's time.
const SECONDS: u64 = 2;
/// How long behind it `temporal` goes on for sure, in seconds.
const BEYOND: u64 = 1;

/// Opens streams, one after the other, until it is told to stop.
pub async fn run(world: Arc<World>, gateway: usize, stop: watch::Receiver<bool>) {
    let line = Line::to(world.gateways[gateway].addr);
    // Of the issuer that is never in trouble: this is about time alone.
    let issuer = world.issuers.len() - 1;
    while !*stop.borrow() {
        let (published, _) = world.issuers[issuer].keys();
        let mut claims = claims(&world.issuers[issuer].name, SECONDS);
        claims.insert("permissions".to_owned(), ["temporal-system:admin"].as_slice().into());
        let basis = Basis::Key { issuer, key: published[0].number, forged: false, shared_id: false };
        let expires = claims["exp"].as_u64().unwrap();
        let number = world.next.fetch_add(1, Ordering::Relaxed);
        let (kind, at) = (Kind::Stream, Moment::now());
        let sent = Sent { number, gateway, kind, basis, suffices: true, expires, known: None, at };
        let outcome = match timeout(PATIENCE, one(&world, &line, &sent, &published[0].sign(&claims))).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Outcome::Odd(error),
            Err(_) => Outcome::Odd("no answer".to_owned()),
        };
        // That it opened and that it ended as it must has been looked at; what is left is that it arrived.
        world.judge(sent, &outcome, Moment::now());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What became of a stream. One that was ended by the gateway in time, and one that was rightly left open, were served.
async fn one(world: &World, line: &Line, sent: &Sent, token: &str) -> Result<Outcome, String> {
    let profile = world.gateways[sent.gateway].profile;
    let (messages, body) = unbounded_channel();
    let _ = messages.send(Bytes::from_static(&[0; 5]));
    let text = |error: hyper::Error| format!("{error:?}");
    let response = line.take().await?.send(request(PATH, sent.number, Some(token), Messages(body))).await?;
    if let Some((code, message)) = status(response.headers()) {
        return Ok(ended(profile, sent, code, &message));
    }
    let mut body = response.into_body();
    loop {
        let Some(frame) = body.frame().await else { return Err("a stream ends without a status".to_owned()) };
        let frame = frame.map_err(text)?;
        let now = unix();
        if let Some(trailers) = frame.trailers_ref() {
            let (code, message) = status(trailers).ok_or("trailers without a status")?;
            return Ok(ended(profile, sent, code, &message));
        }
        match profile {
            Profile::Temporal if now > sent.expires + BEYOND => return Ok(Outcome::Served),
            Profile::Strict | Profile::Limited if now > sent.expires + STREAM_END.as_secs() => {
                world.ledger.fault(Fault::WrongAllow, format!("stream {} outlives its token", sent.number));
                return Ok(Outcome::Served);
            }
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let _ = messages.send(Bytes::from_static(&[0; 5]));
    }
}

/// A stream that ends with its token has been served, where streams do.
fn ended(profile: Profile, sent: &Sent, code: u16, message: &str) -> Outcome {
    let by_time = (code, message) == (16, "Credentials expired.");
    let right = profile != Profile::Temporal && unix() >= sent.expires;
    if by_time && right { Outcome::Served } else { Outcome::of(code, message) }
}
