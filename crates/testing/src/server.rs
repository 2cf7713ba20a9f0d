//! The server: HTTP/1.1 with connections that stay open.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::{Answer, Fault, Reply};
use crate::asked::Asked;
use crate::wire;

/// Requests that are remembered; a benchmark makes more.
const REMEMBERED: usize = 4096;

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A model server on a free port of this machine. It ends when it is dropped.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    /// The only key that is accepted, if one is asked for.
    key: Mutex<Option<String>>,
    asked: Mutex<VecDeque<Asked>>,
    count: AtomicUsize,
    /// Requests that are being answered, and the most there were at once.
    open: AtomicUsize,
    most: AtomicUsize,
    closed: AtomicBool,
}

impl Shared {
    fn remember(&self, asked: Asked) {
        let mut remembered = self.asked.lock().unwrap();
        if remembered.len() == REMEMBERED {
            remembered.pop_front();
        }
        let at = remembered.partition_point(|other| other.index < asked.index);
        remembered.insert(at, asked);
    }
}

impl ModelServer {
    /// A server whose answers a function gives.
    #[must_use]
    pub fn start(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let shared = Arc::new(Shared {
            script: Box::new(script),
            key: Mutex::default(),
            asked: Mutex::default(),
            count: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.closed.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // A client that went away is none of the server's business.
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// A server that gives these answers one after another, and then the last one for ever.
    #[must_use]
    pub fn sequence(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Vec<Answer> = answers.into_iter().collect();
        assert!(!answers.is_empty(), "a sequence of no answers");
        Self::start(move |asked| answers[asked.index.min(answers.len() - 1)].clone())
    }

    /// From now on, requests without this key are refused with 401.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        *self.shared.key.lock().unwrap() = Some(key.to_owned());
        self
    }

    /// `http://127.0.0.1:PORT`: what Anthropic's and Gemini's paths, and Azure's, are appended to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `http://127.0.0.1:PORT/v1`: the base that OpenAI's clients ask for.
    #[must_use]
    pub fn openai_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// Requests so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shared.count.load(Ordering::SeqCst)
    }

    /// The most requests that were being answered at once.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }

    /// The latest requests, oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().iter().cloned().collect()
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some((method, path, query, headers)) = read_head(&mut reader)? {
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if method == "GET" && path.ends_with("/models") {
            let list = json!({ "object": "list", "data": [{ "id": "stand-in", "object": "model" }] });
            write_whole(&mut writer, 200, &[], "application/json", list.to_string().as_bytes(), None)?;
            continue;
        }
        let Some(api) = Asked::api_of(&path) else {
            let text = json!({ "error": { "message": format!("no such path: {path}") } }).to_string();
            write_whole(&mut writer, 404, &[], "application/json", text.as_bytes(), None)?;
            continue;
        };
        let index = shared.count.fetch_add(1, Ordering::SeqCst);
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let asked = Asked { index, path, query, headers, body, api };
        shared.most.fetch_max(shared.open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Before the answer, so that who has the answer finds the request.
        shared.remember(asked.clone());
        let goes_on = answer(&mut writer, shared, &asked);
        shared.open.fetch_sub(1, Ordering::SeqCst);
        if !goes_on? {
            writer.shutdown(std::net::Shutdown::Both)?;
            return Ok(());
        }
    }
    Ok(())
}

type Head = (String, String, String, std::collections::BTreeMap<String, String>);

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Option<Head>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut headers = std::collections::BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.trim().to_lowercase(), value.trim().to_owned());
    }
    Ok(Some((method, path, query, headers)))
}

/// Answers one request; says whether the connection stays open.
fn answer(writer: &mut TcpStream, shared: &Shared, asked: &Asked) -> std::io::Result<bool> {
    let wanted = shared.key.lock().unwrap().clone();
    let answer = match wanted {
        Some(key) if asked.key() != Some(&key) => Answer::error(
            401,
            "invalid_api_key",
            &format!("Incorrect API key provided: {}", asked.key().unwrap_or("none")),
        ),
        _ => (shared.script)(asked),
    };
    match answer {
        Answer::Reply(reply) => write_reply(writer, asked, &reply, None),
        Answer::Fault(Fault::Cut(reply, bytes)) => write_reply(writer, asked, &reply, Some(bytes)),
        Answer::Fault(Fault::Error { status, headers, code, message }) => {
            let body = wire::error(asked.api, status, &code, &message).to_string();
            write_whole(writer, status, &headers, "application/json", body.as_bytes(), None)
        }
        Answer::Fault(Fault::Raw { status, content_type, body }) => {
            write_whole(writer, status, &[], &content_type, &body, None)
        }
        Answer::Fault(Fault::Hang(time)) => {
            wait(time, shared);
            Ok(false)
        }
        Answer::Fault(Fault::HangAfterHead(time)) => {
            write!(writer, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")?;
            wait(time, shared);
            Ok(false)
        }
    }
}

/// Waits, but not longer than the server lives.
fn wait(time: Duration, shared: &Shared) {
    let end = Instant::now() + time;
    while Instant::now() < end && !shared.closed.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10).min(time));
    }
}

fn write_reply(writer: &mut TcpStream, asked: &Asked, reply: &Reply, cut: Option<usize>) -> std::io::Result<bool> {
    if !reply.delay.is_zero() {
        std::thread::sleep(reply.delay);
    }
    if !asked.is_stream() {
        let mut body = wire::whole(asked, reply);
        if let (Some(body), Some(extra)) = (body.as_object_mut(), reply.extra.as_object()) {
            body.extend(extra.clone());
        }
        return write_whole(writer, 200, &[], "application/json", body.to_string().as_bytes(), cut);
    }
    let text = wire::stream(asked, reply);
    let bytes = &text.as_bytes()[..cut.unwrap_or(text.len()).min(text.len())];
    let kind = "content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked";
    write!(writer, "HTTP/1.1 200 OK\r\n{kind}\r\n\r\n")?;
    for piece in bytes.chunks(reply.piece.max(1)) {
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend(piece);
        chunk.extend(b"\r\n");
        writer.write_all(&chunk)?;
    }
    if cut.is_none() {
        writer.write_all(b"0\r\n\r\n")?;
    }
    Ok(cut.is_none())
}

fn write_whole(
    writer: &mut TcpStream,
    status: u16,
    headers: &[(String, String)],
    content_type: &str,
    body: &[u8],
    cut: Option<usize>,
) -> std::io::Result<bool> {
    let mut bytes =
        format!("HTTP/1.1 {status} Stand-In\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend(&body[..cut.unwrap_or(body.len()).min(body.len())]);
    writer.write_all(&bytes)?;
    Ok(cut.is_none())
}

impl std::fmt::Debug for ModelServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelServer")
            .field("address", &self.address)
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::Api;

    /// One request over one connection, as a client writes it.
    fn ask(server: &ModelServer, path: &str, body: &Value) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let body = body.to_string();
        write!(stream, "POST {path} HTTP/1.1\r\nhost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn each_api_has_its_form() {
        let server = ModelServer::sequence([Answer::text("Hi there")]);
        let messages = json!([{ "role": "user", "content": "Hello" }]);
        let cases = [
            ("/v1/chat/completions", json!({ "model": "m", "messages": messages }), "\"content\":\"Hi there\""),
            ("/v1/responses", json!({ "model": "m", "input": messages }), "\"output_text\""),
            ("/v1/messages", json!({ "model": "m", "messages": messages }), "\"end_turn\""),
            (
                "/v1beta/models/m:generateContent",
                json!({ "contents": [{ "role": "user", "parts": [{ "text": "Hello" }] }] }),
                "\"candidates\"",
            ),
        ];
        for (path, body, expected) in &cases {
            let answer = ask(&server, path, body);
            assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(expected), "{path}: {answer}");
        }
        for asked in server.asked() {
            assert_eq!((asked.model(), asked.last().as_str()), ("m", "Hello"), "{:?}", asked.api);
        }
        let apis: Vec<Api> = server.asked().iter().map(|asked| asked.api).collect();
        assert_eq!(apis, [Api::Chat, Api::Responses, Api::Anthropic, Api::Gemini]);
    }
}
