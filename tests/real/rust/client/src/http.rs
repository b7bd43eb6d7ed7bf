//! One GET over plain HTTP on loopback: for the token service and for the SDK's own metrics page.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(10);
const LARGEST_ANSWER: u64 = 4 << 20;

/// The body of the answer to `GET url`; any status but 200 is an error.
pub async fn get(url: &str) -> Result<String> {
    timeout(LIMIT, exchange(url))
        .await
        .with_context(|| format!("GET {url}: no answer in {LIMIT:?}"))?
        .with_context(|| format!("GET {url}"))
}

async fn exchange(url: &str) -> Result<String> {
    let Some((host, path)) = url.strip_prefix("http://").and_then(|u| u.split_once('/')) else {
        bail!("not a plain http URL with a path");
    };
    let mut stream = TcpStream::connect(host).await?;
    // HTTP/1.0: the answer is never chunked and ends with the connection.
    let request = format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(LARGEST_ANSWER).read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no header")?;
    let status = head.lines().next().unwrap_or_default();
    ensure!(status.contains(" 200 "), "answered {status}");
    Ok(body.to_owned())
}
