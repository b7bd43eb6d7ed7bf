//! Tells a connection whose other end has begun to speak HTTP/2 from one that is only open: hyper waits for the preface without end.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Length of the client's connection preface (RFC 9113 section 3.4). hyper closes a connection whose first bytes are others.
const PREFACE: usize = 24;
/// Length of a frame's head (RFC 9113 section 4.1). A server's preface is a frame.
const FRAME_HEAD: usize = 9;

/// An IO that counts the bytes it reads, up to the preface.
#[derive(Debug)]
pub(crate) struct Greeted<IO> {
    io: IO,
    read: Arc<AtomicUsize>,
}

/// Whether the preface has arrived.
#[derive(Debug, Clone)]
pub(crate) struct Greeting(Arc<AtomicUsize>);

impl<IO> Greeted<IO> {
    pub(crate) fn new(io: IO) -> (Self, Greeting) {
        let read = Arc::new(AtomicUsize::new(0));
        let greeting = Greeting(Arc::clone(&read));
        (Self { io, read }, greeting)
    }
}

impl Greeting {
    /// Whether the client's preface is here.
    pub(crate) fn is_complete(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= PREFACE
    }

    /// Whether a server has said anything.
    pub(crate) fn is_a_frame(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= FRAME_HEAD
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Greeted<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buffer);
        let sofar = self.read.load(Ordering::Relaxed);
        if sofar < PREFACE {
            let new = buffer.filled().len().saturating_sub(before);
            self.read.store(sofar.saturating_add(new), Ordering::Relaxed);
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Greeted<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
