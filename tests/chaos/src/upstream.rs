//! The upstream: notes the number of each call that arrives, holds long polls, echoes streams, and gets into trouble.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use h2::Reason;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    keys::server::free_port,
    times::{Moment, upstream_settle},
};

/// The header that carries the number of a call.
pub const NUMBER: &str = "x-call";
/// How long a long poll waits.
const POLL: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The port and all connections are closed.
    Away,
    /// All connections are closed once.
    Cut,
    /// Each call is reset.
    Refuses,
    Fails,
    /// No call is answered for now.
    Holds,
}

pub struct Upstream {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: Mutex<Option<JoinHandle<()>>>,
    /// When it was in trouble; None: still is.
    troubles: Mutex<Vec<(Instant, Option<Instant>)>>,
}

struct Shared {
    trouble: watch::Sender<Option<Trouble>>,
    /// Counts up when all connections are to close.
    cut: watch::Sender<u64>,
    arrived: Mutex<HashMap<u64, Arrival>>,
    running: watch::Sender<usize>,
}

/// A call that reached the upstream.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub at: Moment,
    /// How often; more than once is a fault.
    pub times: usize,
}

/// A call that is being served.
struct Running(Arc<Shared>);

type Body = UnsyncBoxBody<Bytes, hyper::Error>;

impl Upstream {
    pub async fn start() -> Self {
        let (tcp, addr) = free_port().await;
        let shared = Arc::new(Shared {
            trouble: watch::Sender::new(None),
            cut: watch::Sender::new(0),
            arrived: Mutex::default(),
            running: watch::Sender::new(0),
        });
        let accepting = Mutex::new(Some(tokio::spawn(accept(tcp, Arc::clone(&shared)))));
        Self { addr, shared, accepting, troubles: Mutex::default() }
    }

    /// Takes out when a call arrived, if it did.
    pub fn take(&self, number: u64) -> Option<Arrival> {
        self.shared.arrived.lock().unwrap().remove(&number)
    }

    /// Calls that are being served.
    pub fn running(&self) -> usize {
        *self.shared.running.borrow()
    }

    /// Numbers of calls that nobody asked about.
    pub fn left_over(&self) -> Vec<u64> {
        self.shared.arrived.lock().unwrap().keys().copied().collect()
    }

    pub async fn fail(&self, trouble: Trouble) {
        self.troubles.lock().unwrap().push((Instant::now(), None));
        match trouble {
            Trouble::Away => {
                let accepting = self.accepting.lock().unwrap().take();
                if let Some(accepting) = accepting {
                    accepting.abort();
                    let _ = accepting.await;
                }
                self.shared.cut.send_modify(|cut| *cut += 1);
            }
            Trouble::Cut => self.shared.cut.send_modify(|cut| *cut += 1),
            Trouble::Refuses | Trouble::Fails | Trouble::Holds => {
                self.shared.trouble.send_replace(Some(trouble));
            }
        }
    }

    pub async fn mend(&self) {
        self.shared.trouble.send_replace(None);
        let open = self.accepting.lock().unwrap().is_some();
        if !open {
            let tcp = loop {
                match TcpListener::bind(self.addr).await {
                    Ok(tcp) => break tcp,
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            };
            *self.accepting.lock().unwrap() = Some(tokio::spawn(accept(tcp, Arc::clone(&self.shared))));
        }
        self.troubles.lock().unwrap().last_mut().unwrap().1 = Some(Instant::now());
    }

    /// Whether nothing was wrong with it between the two moments, nor for long enough before.
    pub fn is_well(&self, from: Instant, to: Instant) -> bool {
        let settled = |ended: Instant| ended + upstream_settle() < from;
        self.troubles.lock().unwrap().iter().all(|(begun, ended)| *begun > to || ended.is_some_and(settled))
    }
}

async fn accept(tcp: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((io, _)) = tcp.accept().await else { continue };
        tokio::spawn(connection(io, Arc::clone(&shared)));
    }
}

async fn connection(io: TcpStream, shared: Arc<Shared>) {
    let _ = io.set_nodelay(true);
    let mut cut = shared.cut.subscribe();
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    tokio::select! {
        _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(io), service) => {}
        _ = cut.changed() => {}
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Body>, h2::Error> {
    let number = request.headers().get(NUMBER).and_then(|number| number.to_str().ok()?.parse().ok());
    // One without a number has number 0, which nobody asks about: it is found in the end.
    let at = Moment::now();
    let arrival = Arrival { at, times: 1 };
    shared.arrived.lock().unwrap().entry(number.unwrap_or(0)).and_modify(|seen| seen.times += 1).or_insert(arrival);
    shared.running.send_modify(|running| *running += 1);
    let _running = Running(Arc::clone(&shared));
    let trouble = *shared.trouble.borrow();
    match trouble {
        Some(Trouble::Refuses) => return Err(Reason::REFUSED_STREAM.into()),
        Some(Trouble::Fails) => return Err(Reason::INTERNAL_ERROR.into()),
        Some(Trouble::Holds) => {
            let _ = shared.trouble.subscribe().wait_for(Option::is_none).await;
        }
        _ => {}
    }
    let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let body = if method.starts_with("Stream") {
        request.into_body().boxed_unsync()
    } else {
        let _ = request.into_body().collect().await;
        if method.starts_with("Poll") {
            tokio::time::sleep(POLL).await;
        }
        let status = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
        let message = Full::new(Bytes::from_static(&[0; 5])).map_err(|never| match never {});
        message.with_trailers(std::future::ready(Some(Ok(status)))).boxed_unsync()
    };
    Ok(Response::builder().header("content-type", "application/grpc").body(body).unwrap())
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.send_modify(|running| *running -= 1);
    }
}
