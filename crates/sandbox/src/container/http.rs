//! As much of HTTP/1.1 as a container engine speaks, over a Unix socket or TCP: one request a connection.
//!
//! Blocking, so that the crate needs no runtime for tasks. `httparse` reads the heads; bodies come whole (with a length,
//! in chunks, or until the end) or, after `attach`, as the raw stream that the connection turns into.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Unix(PathBuf),
    /// Host and port.
    Tcp(String),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// An answer with its whole body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) api_version: Option<String>,
    pub(super) body: Vec<u8>,
}

/// A connection that a request has turned into a raw stream.
pub(super) struct Raw {
    connection: Connection,
    /// What came together with the head.
    early: Vec<u8>,
}

/// Longest head, and largest body, of an answer.
const MOST_HEAD: usize = 64 << 10;
const MOST_BODY: usize = 64 << 20;
const MOST_HEADERS: usize = 64;

impl Address {
    /// Sends a request and takes its whole answer; `patience` is how long the engine may be silent.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&str>, patience: Duration) -> io::Result<Answer> {
        let mut connection = self.connect(patience)?;
        send(&mut connection, method, path, body, "Connection: close\r\n")?;
        let (head, mut rest) = Head::read(&mut connection)?;
        let body = match head.length {
            Length::None => Vec::new(),
            Length::Known(length) => {
                fill(&mut connection, &mut rest, length)?;
                rest.truncate(length);
                rest
            }
            Length::Chunked => chunked(&mut connection, rest)?,
            Length::UntilEnd => {
                connection.take(MOST_BODY as u64).read_to_end(&mut rest)?;
                rest
            }
        };
        Ok(Answer { status: head.status, api_version: head.api_version, body })
    }

    /// Sends a request that turns the connection into a raw stream, or `Err(Answer)` within if it is refused.
    pub(super) fn open(&self, path: &str, patience: Duration) -> io::Result<Result<Raw, Answer>> {
        let mut connection = self.connect(patience)?;
        send(&mut connection, "POST", path, None, "Connection: Upgrade\r\nUpgrade: tcp\r\n")?;
        let (head, mut early) = Head::read(&mut connection)?;
        // Engines before the upgrade was agreed upon answer 200 and stream all the same.
        if head.status == 101 || head.status == 200 {
            return Ok(Ok(Raw { connection, early }));
        }
        if let Length::Known(length) = head.length {
            fill(&mut connection, &mut early, length)?;
        }
        Ok(Err(Answer { status: head.status, api_version: None, body: early }))
    }

    fn connect(&self, patience: Duration) -> io::Result<Connection> {
        let connection = match self {
            Self::Unix(path) => Connection::Unix(UnixStream::connect(path)?),
            Self::Tcp(host) => Connection::Tcp(TcpStream::connect(host)?),
        };
        connection.set_patience(patience)?;
        Ok(connection)
    }
}

impl Raw {
    /// Reads what comes; `WouldBlock` or `TimedOut` after `patience` without anything.
    pub(super) fn read(&mut self, buffer: &mut [u8], patience: Duration) -> io::Result<usize> {
        if !self.early.is_empty() {
            let count = self.early.len().min(buffer.len());
            for (to, from) in buffer.iter_mut().zip(self.early.drain(..count)) {
                *to = from;
            }
            return Ok(count);
        }
        self.connection.set_patience(patience)?;
        self.connection.read(buffer)
    }
}

enum Connection {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Connection {
    fn set_patience(&self, patience: Duration) -> io::Result<()> {
        // Zero would mean for ever.
        let patience = Some(patience.max(Duration::from_millis(1)));
        match self {
            Self::Unix(stream) => stream.set_read_timeout(patience).and_then(|()| stream.set_write_timeout(patience)),
            Self::Tcp(stream) => stream.set_read_timeout(patience).and_then(|()| stream.set_write_timeout(patience)),
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn send(connection: &mut Connection, method: &str, path: &str, body: Option<&str>, extra: &str) -> io::Result<()> {
    let body = body.unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: docker\r\n{extra}{kind}Content-Length: {}\r\n\r\n", body.len());
    connection.write_all(head.as_bytes())?;
    connection.write_all(body.as_bytes())
}

enum Length {
    None,
    Known(usize),
    Chunked,
    UntilEnd,
}

struct Head {
    status: u16,
    length: Length,
    api_version: Option<String>,
}

impl Head {
    /// Reads up to the end of the head; what came after it is returned as well.
    fn read(connection: &mut impl Read) -> io::Result<(Self, Vec<u8>)> {
        let mut bytes = Vec::new();
        loop {
            if let Some((head, size)) = Self::parse(&bytes)? {
                bytes.drain(..size);
                return Ok((head, bytes));
            }
            if bytes.len() > MOST_HEAD {
                return Err(invalid("the head of the answer is too long"));
            }
            more(connection, &mut bytes)?;
        }
    }

    fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let size = match response.parse(bytes) {
            Ok(httparse::Status::Complete(size)) => size,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(error) => return Err(invalid(&format!("the answer is not HTTP: {error}"))),
        };
        let status = response.code.unwrap_or_default();
        let value = |name: &str| {
            let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(header.value).ok().map(str::trim)
        };
        let length = match (value("transfer-encoding"), value("content-length")) {
            _ if matches!(status, 100..=199 | 204 | 304) => Length::None,
            (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => Length::Chunked,
            (_, Some(length)) => {
                let length = length.parse().ok().filter(|length| *length <= MOST_BODY);
                Length::Known(length.ok_or_else(|| invalid("the answer has no sensible length"))?)
            }
            _ => Length::UntilEnd,
        };
        let api_version = value("api-version").map(str::to_owned);
        Ok(Some((Self { status, length, api_version }, size)))
    }
}

/// Reads the body of a chunked answer, of which `bytes` have come.
fn chunked(connection: &mut impl Read, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(&bytes) {
                Ok(httparse::Status::Complete(chunk)) => break chunk,
                Ok(httparse::Status::Partial) => more(connection, &mut bytes)?,
                Err(_) => return Err(invalid("the answer's chunks are damaged")),
            }
        };
        let size = usize::try_from(size).ok().filter(|size| body.len() + size <= MOST_BODY);
        let size = size.ok_or_else(|| invalid("the answer is too long"))?;
        if size == 0 {
            return Ok(body);
        }
        // A line's end follows the chunk.
        fill(connection, &mut bytes, start + size + 2)?;
        body.extend(bytes.drain(..start + size + 2).skip(start).take(size));
    }
}

fn fill(connection: &mut impl Read, bytes: &mut Vec<u8>, length: usize) -> io::Result<()> {
    while bytes.len() < length {
        more(connection, bytes)?;
    }
    Ok(())
}

fn more(connection: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 16 << 10];
    loop {
        match connection.read(&mut buffer) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was cut")),
            Ok(count) => {
                bytes.extend(buffer.iter().take(count));
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// A text as a part of a path or of a query.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            self.0 = rest;
            buffer[0] = *first;
            Ok(1)
        }
    }

    #[test]
    fn chunks_are_joined_however_they_arrive() {
        let whole = b"4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n";
        assert_eq!(chunked(&mut Trickle(whole), Vec::new()).unwrap(), b"{\"a\":1}");
        assert_eq!(chunked(&mut Trickle(b""), whole.to_vec()).unwrap(), b"{\"a\":1}");
        let cut = chunked(&mut Trickle(&whole[..12]), Vec::new()).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
        assert!(chunked(&mut Trickle(b"zz\r\n"), Vec::new()).is_err());
    }

    #[test]
    fn a_head_is_read_to_its_end_and_no_further() {
        let bytes = b"HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nContent-Length: 2\r\n\r\nOK";
        let (head, rest) = Head::read(&mut &bytes[..]).unwrap();
        assert_eq!((head.status, head.api_version.as_deref(), rest.as_slice()), (200, Some("1.45"), &b"OK"[..]));
        assert!(Head::read(&mut &b"SSH-2.0-OpenSSH\r\n"[..]).is_err());
        assert!(Head::read(&mut &b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n"[..]).is_err());
    }

    #[test]
    fn queries_are_encoded() {
        assert_eq!(encoded("{\"label\":[\"a.b\"]}"), "%7B%22label%22:%5B%22a.b%22%5D%7D");
    }
}
