//! One request, straight down: from its path to the inner service or to a denial.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header::CONTENT_LENGTH};
use http_body::Body;
use temporal_authz::{Denial, Guard, Identity, MethodInfo, Permit, Reason, is_method_path};

use crate::{
    body::Whole,
    buffer::Arriving,
    caller::Head,
    principal,
    request::unframe,
    shared::Shared,
    wanted::{scanned, targets},
};

/// Judges requests: by this guard, for this layer.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'c> {
    pub(crate) shared: &'c Shared,
    pub(crate) guard: &'c Guard,
}

/// How far a request has come.
#[derive(Default)]
pub(crate) struct Progress {
    identity: Option<Identity>,
    read: Option<Whole>,
    permit: Option<Permit>,
}

/// How a request may proceed.
#[derive(Default)]
pub(crate) struct Passage {
    /// The body of a unary call, if it was read. Any other streams through.
    pub(crate) read: Option<Whole>,
    /// When the claims expire by which a stream was allowed.
    pub(crate) stream_expires_at: Option<SystemTime>,
}

/// An answer in place of the inner service's.
pub(crate) struct Rejection {
    pub(crate) denial: Denial,
    pub(crate) http_status: StatusCode,
}

impl From<Denial> for Rejection {
    fn from(denial: Denial) -> Self {
        Self { denial, http_status: StatusCode::OK }
    }
}

/// What comes next for a request.
pub(crate) enum Next {
    Passes(Passage),
    Authenticate,
    /// The rest of a body: what was begun is read to its end, whatever the authorizer says by then.
    Read(Arriving),
    Ask,
}

impl<'c> Judge<'c> {
    /// Judges one request that came so far, and makes of it what the inner service shall see but for its body.
    pub(crate) async fn enforce<B>(
        self,
        request: &mut Request<B>,
        mut progress: Progress,
        begun: Option<Next>,
    ) -> Result<Passage, Rejection>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let mut next = begun.map_or_else(|| self.advance(request, &mut progress), Ok)?;
        loop {
            match next {
                Next::Passes(passage) => return Ok(passage),
                Next::Authenticate => progress.identity = Some(self.authenticate(Head::of(request)).await?),
                Next::Read(arriving) => progress.read = Some(self.read(request, &progress, arriving).await?),
                Next::Ask => progress.permit = Some(self.ask(request.uri().path(), &progress).await?),
            }
            next = self.advance(request, &mut progress)?;
        }
    }

    /// Goes as far as it can without waiting, which for most requests is all the way. What waits comes back here.
    ///
    /// The order is a security argument: a bad token never costs a body, the inner service is never called before the
    /// verdict, and the bytes judged are the bytes forwarded.
    pub(crate) fn advance<B>(self, request: &mut Request<B>, progress: &mut Progress) -> Result<Next, Rejection>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let Self { shared, guard } = self;
        let mut look = shared.credential_headers().look(request.headers());
        if look.is_forged() {
            principal::strip(request.headers_mut());
            look = shared.credential_headers().look(request.headers());
        }
        let found = look.found();
        if !is_grpc(request.method(), look.content_type()) {
            let denial = self.refuse(request, None, Reason::UndecodableRequest, "not gRPC");
            return Err(Rejection { denial, http_status: StatusCode::UNSUPPORTED_MEDIA_TYPE });
        }
        let method = self.method(request)?;
        if shared.passes_unjudged(method, request) {
            shared.forward_unjudged(request, found);
            return Ok(Next::Passes(Passage::default()));
        }
        let known = match progress.identity.take() {
            None => self.identity_at_hand(method, Head::of(request), &look)?,
            known => known,
        };
        let Some(identity) = known else { return Ok(Next::Authenticate) };
        // Nothing is read after the verdict, whatever the authorizer says by then.
        let unread = progress.read.is_none() && progress.permit.is_none() && !method.is_streaming();
        if unread && guard.needs_request(&identity, method) {
            let mut arriving = shared.arriving();
            let here = arriving.is_here(request.body_mut());
            if !here.map_err(|reason| self.refuse(request, Some(&identity), reason, ""))? {
                progress.identity = Some(identity);
                return Ok(Next::Read(arriving));
            }
            progress.read = Some(self.open(request, Some(&identity), arriving)?);
        }
        let permit = match progress.permit.take() {
            Some(permit) => permit,
            None => {
                let message = progress.read.as_ref().map(Whole::message);
                let path = request.uri().path();
                let scanned = scanned(self, method, path, &identity, message)?;
                let targets = targets(guard, method, path, message, &scanned);
                match guard.authorize_at_hand(identity, &targets) {
                    Ok(verdict) => verdict?,
                    Err(identity) => {
                        progress.identity = Some(identity);
                        return Ok(Next::Ask);
                    }
                }
            }
        };
        let stream_expires_at = permit.expires_at().filter(|_| method.is_streaming());
        shared.mark(request, found, method, permit);
        Ok(Next::Passes(Passage { read: progress.read.take(), stream_expires_at }))
    }

    #[inline]
    fn method<B>(self, request: &Request<B>) -> Result<&'c MethodInfo, Denial> {
        let path = request.uri().path();
        let method = self.guard.method(path);
        // What is listed by its own path has the form of one; a row for many ends in `/*`.
        let listed = method.path() == path && !path.ends_with('*');
        if !listed && !is_method_path(path) {
            return Err(self.guard.refuse(path, None, Reason::MalformedPath, ""));
        }
        Ok(method)
    }

    /// Waits for the body.
    async fn read<B>(
        self,
        request: &mut Request<B>,
        progress: &Progress,
        mut arriving: Arriving,
    ) -> Result<Whole, Denial>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let identity = progress.identity.as_ref();
        let here = arriving.wait(request.body_mut(), self.shared.limits().request_timeout).await;
        here.map_err(|reason| self.refuse(request, identity, reason, ""))?;
        self.open(request, identity, arriving)
    }

    /// The body of a unary call, which will be judged and forwarded.
    #[inline]
    fn open<B>(
        self,
        request: &mut Request<B>,
        identity: Option<&Identity>,
        arriving: Arriving,
    ) -> Result<Whole, Denial> {
        let (bytes, mut held) = arriving.into_parts();
        let frame = unframe(bytes, request.headers(), self.shared.limits().max_request_bytes)
            .map_err(|error| self.refuse(request, identity, error.reason(), &error.to_string()))?;
        if frame.is_inflated() {
            if !held.take(frame.message().len()) {
                return Err(self.refuse(request, identity, Reason::Overloaded, ""));
            }
            // They describe the body that came. A server that lacks the compression would refuse the call for the header.
            request.headers_mut().remove("grpc-encoding");
            request.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(Whole::new(frame, held))
    }

    /// Asks an authorizer that has to work for its verdict.
    async fn ask(self, path: &str, progress: &Progress) -> Result<Permit, Denial> {
        let Some(identity) = &progress.identity else {
            return Err(self.guard.refuse(path, None, Reason::NoClaims, "nobody was asked about"));
        };
        let method = self.guard.method(path);
        let message = progress.read.as_ref().map(Whole::message);
        let scanned = scanned(self, method, path, identity, message)?;
        let targets = targets(self.guard, method, path, message, &scanned);
        self.guard.authorize(identity, &targets).await
    }

    fn refuse<B>(self, request: &Request<B>, identity: Option<&Identity>, reason: Reason, detail: &str) -> Denial {
        self.guard.refuse(request.uri().path(), identity, reason, detail)
    }
}

/// A gRPC call is a POST whose content type begins with `application/grpc`; gRPC-Web has another framing.
fn is_grpc(method: &Method, content_type: &[u8]) -> bool {
    let rest = content_type.strip_prefix(b"application/grpc");
    *method == Method::POST && rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}
