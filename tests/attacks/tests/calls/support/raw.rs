//! An HTTP/2 client that writes any frame.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Call, SOON, hpack};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection.
pub struct Raw {
    io: Box<dyn Io>,
    unread: Vec<u8>,
    next_stream: u32,
    answers: HashMap<u32, Answer>,
    closed: bool,
}

/// What has come of a call, so far or to its end.
#[derive(Debug, Default)]
pub struct Answer {
    pub fields: Vec<(String, String)>,
    pub data: Vec<u8>,
    pub end: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As HTTP/2 ends a stream.
    Whole,
    /// By RST_STREAM.
    Reset,
    /// With the connection.
    Closed,
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub fn http(&self) -> &str {
        self.field(":status").unwrap_or("none")
    }

    pub fn status(&self) -> &str {
        self.field("grpc-status").unwrap_or("none")
    }

    /// All that a caller can read.
    pub fn shown(&self) -> String {
        format!("{:?} {:?}", self.fields, String::from_utf8_lossy(&self.data))
    }
}

/// A frame, encoded.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

impl Raw {
    pub async fn connect(gateway: SocketAddr) -> Self {
        let tcp = TcpStream::connect(gateway).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        Self::on(tcp).await
    }

    /// `None` when the handshake is refused at once; with TLS 1.3 the first read may tell it too.
    pub async fn tls(gateway: SocketAddr, config: Arc<ClientConfig>) -> Option<Self> {
        let tcp = TcpStream::connect(gateway).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        Some(Self::on(TlsConnector::from(config).connect(name, tcp).await.ok()?).await)
    }

    async fn on(io: impl Io + 'static) -> Self {
        let mut raw =
            Self { io: Box::new(io), unread: Vec::new(), next_stream: 1, answers: HashMap::new(), closed: false };
        // SETTINGS_HEADER_TABLE_SIZE 0: answers come without a dynamic table.
        let settings = frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0]);
        raw.write(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &settings[..]].concat()).await;
        // The other side's settings, which widen what may be sent. A connection that is refused says nothing.
        let _ = timeout(SOON, raw.read()).await.expect("settings, or an end");
        raw
    }

    /// Writes bytes. A peer that has closed is no failure here.
    pub async fn write(&mut self, bytes: &[u8]) {
        let written = async {
            self.io.write_all(bytes).await?;
            self.io.flush().await
        };
        self.closed |= timeout(SOON, written).await.expect("the gateway reads").is_err();
    }

    /// Begins a call and sends it whole.
    pub async fn send(&mut self, call: &Call) -> u32 {
        let stream = self.open(call, call.body.is_empty() && call.trailers.is_empty()).await;
        let last = call.body.len().div_ceil(call.chunk);
        let mut frames = Vec::new();
        for (index, chunk) in call.body.chunks(call.chunk).enumerate() {
            let end = if index + 1 == last && call.trailers.is_empty() { END_STREAM } else { 0 };
            frames.extend(frame(DATA, end, stream, chunk));
        }
        if !call.trailers.is_empty() {
            frames.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &hpack::encode(&call.trailers)));
        }
        self.write(&frames).await;
        stream
    }

    /// Sends the header list of a call, in as many frames as it takes.
    pub async fn open(&mut self, call: &Call, ended: bool) -> u32 {
        let stream = self.new_stream();
        let block = hpack::encode(&call.fields);
        let parts: Vec<&[u8]> = block.chunks(16_384).collect();
        let mut frames = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let last = if index + 1 == parts.len() { END_HEADERS } else { 0 };
            let kind = if index == 0 { HEADERS } else { CONTINUATION };
            let end = if index == 0 && ended { END_STREAM } else { 0 };
            frames.extend(frame(kind, last | end, stream, part));
        }
        self.write(&frames).await;
        stream
    }

    pub fn new_stream(&mut self) -> u32 {
        let stream = self.next_stream;
        self.next_stream += 2;
        stream
    }

    /// A whole call.
    pub async fn call(&mut self, call: &Call) -> Answer {
        let stream = self.send(call).await;
        self.answer(stream).await
    }

    /// Reads on until a call has ended.
    pub async fn answer(&mut self, stream: u32) -> Answer {
        self.answer_within(stream, SOON).await.expect("an end of the answer")
    }

    /// The answer, if it ends within this time.
    pub async fn answer_within(&mut self, stream: u32, time: Duration) -> Option<Answer> {
        let ended = async {
            while self.answers.get(&stream).is_none_or(|answer| answer.end.is_none()) {
                if !self.read().await {
                    self.answers.entry(stream).or_default().end.get_or_insert(End::Closed);
                }
            }
        };
        timeout(time, ended).await.ok()?;
        self.answers.remove(&stream)
    }

    /// Writes bytes that the other side may not want to read to their end, and reads what it says meanwhile. Whether it has read them
    /// all, and the connection lives: it does when it answers a PING, or, without `ping`, when it has not closed after a while.
    pub async fn flood(&mut self, bytes: &[u8], ping: bool) -> bool {
        const MARK: &[u8; 8] = b"the last";
        let (mut read, mut write) = tokio::io::split(&mut self.io);
        let answered = async {
            let (mut said, mut buffer) = (Vec::new(), vec![0; 65_536]);
            while let Ok(count @ 1..) = read.read(&mut buffer).await {
                said.extend_from_slice(&buffer[..count]);
                if said.windows(MARK.len()).any(|part| part == MARK) {
                    return true;
                }
                said.drain(..said.len().saturating_sub(MARK.len()));
            }
            false
        };
        let written = async {
            let last = if ping { frame(PING, 0, 0, MARK) } else { Vec::new() };
            // An error is the other side's end, which the reader is told of too.
            let _ = write.write_all(&[bytes, &last].concat()).await;
            let _ = write.flush().await;
            let patience = if ping { SOON } else { Duration::from_secs(3) };
            tokio::time::sleep(patience).await;
        };
        self.unread.clear();
        tokio::select! {
            answered = answered => answered,
            () = written => {
                assert!(!ping, "neither answered nor closed");
                true
            }
        }
    }

    /// Reads one frame; false at the end.
    async fn read(&mut self) -> bool {
        let Some((kind, flags, stream, payload)) = self.next_frame().await else {
            self.closed = true;
            return false;
        };
        match kind {
            SETTINGS if flags & ACK == 0 => self.write(&frame(SETTINGS, ACK, 0, &[])).await,
            PING if flags & ACK == 0 => self.write(&frame(PING, ACK, 0, &payload)).await,
            HEADERS => self.answers.entry(stream).or_default().fields.extend(hpack::decode(&payload)),
            DATA => self.answers.entry(stream).or_default().data.extend(payload),
            RST_STREAM => drop(self.answers.entry(stream).or_default().end.get_or_insert(End::Reset)),
            _ => {}
        }
        if matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0 {
            self.answers.entry(stream).or_default().end = Some(End::Whole);
        }
        true
    }

    async fn next_frame(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        loop {
            if let [a, b, c, kind, flags, rest @ ..] = &self.unread[..] {
                let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
                if let Some((stream, rest)) = rest.split_first_chunk::<4>()
                    && rest.len() >= length
                {
                    let found = (*kind, *flags, u32::from_be_bytes(*stream), rest[..length].to_vec());
                    self.unread.drain(..9 + length);
                    return Some(found);
                }
            }
            let mut buffer = [0; 16_384];
            match self.io.read(&mut buffer).await {
                Ok(count) if count > 0 => self.unread.extend_from_slice(&buffer[..count]),
                _ => return None,
            }
        }
    }
}
