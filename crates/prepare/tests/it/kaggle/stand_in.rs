//! A server that speaks Kaggle's endpoints, and a second one that stands for the storage which Kaggle sends clients on
//! to, with signed addresses. Both do on demand what real ones do by mischance.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The only user: by key, and by token.
pub(crate) const USERNAME: &str = "ann";
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const TOKEN: &str = "KGAT_fedcba9876543210";
/// `ann:0123…`, as `Basic` has it.
pub(crate) const BASIC: &str = "YW5uOjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm";
/// What makes an address of the storage work.
pub(crate) const SIGNATURE: &str = "5167a7e0";

/// A request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HashMap<String, String>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This answer instead.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// The whole file, whatever range was asked for.
    NoRange,
    /// A byte of the body is another one.
    Damage,
    /// A `Content-Length` that is smaller than the file, and no more is sent.
    Short(usize),
    /// No answer at all, for so long.
    Silence(Duration),
    /// `206` with another beginning than asked for.
    OtherRange,
}

/// A competition of the stand-in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Competition {
    pub(crate) archive: Vec<u8>,
    pub(crate) etag: Option<String>,
    /// Headers beside the usual ones.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Names, contents, and whether they come packed.
    pub(crate) files: Vec<(String, Vec<u8>, bool)>,
    pub(crate) leaderboard: Vec<u8>,
    pub(crate) rules_open: bool,
    /// A pause after each 64 KiB.
    pub(crate) pace: Duration,
}

#[derive(Default)]
struct State {
    competitions: HashMap<String, Competition>,
    api_faults: VecDeque<Fault>,
    storage_faults: VecDeque<Fault>,
    api_log: Vec<Request>,
    storage_log: Vec<Request>,
    storage: String,
}

/// Both servers. They end with the process.
#[derive(Clone)]
pub(crate) struct StandIn {
    state: Arc<Mutex<State>>,
    pub(crate) base: String,
}

struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Bytes of the body after which the connection ends.
    cut: Option<usize>,
    pace: Duration,
}

impl Reply {
    fn new(status: u16, headers: &[(&str, String)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { status, headers, body: body.into(), cut: None, pace: Duration::ZERO }
    }

    fn json(status: u16, text: String) -> Self {
        Self::new(status, &[("content-type", "application/json".to_owned())], text)
    }

    fn refusal(code: u16, message: &str) -> Self {
        Self::json(code, format!("{{\"code\":{code},\"message\":\"{message}\"}}"))
    }
}

impl StandIn {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let base = listen(&state, api);
        let storage = listen(&state, storage);
        state.lock().unwrap().storage = storage;
        Self { state, base }
    }

    pub(crate) fn add(&self, name: &str, competition: Competition) {
        self.state.lock().unwrap().competitions.insert(name.to_owned(), competition);
    }

    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Competition)) {
        change(self.state.lock().unwrap().competitions.get_mut(name).unwrap());
    }

    pub(crate) fn api_fault(&self, fault: Fault) {
        self.state.lock().unwrap().api_faults.push_back(fault);
    }

    pub(crate) fn storage_fault(&self, fault: Fault) {
        self.state.lock().unwrap().storage_faults.push_back(fault);
    }

    pub(crate) fn api_log(&self) -> Vec<Request> {
        self.state.lock().unwrap().api_log.clone()
    }

    pub(crate) fn storage_log(&self) -> Vec<Request> {
        self.state.lock().unwrap().storage_log.clone()
    }
}

fn listen(state: &Arc<Mutex<State>>, answer: fn(&Mutex<State>, &Request) -> Option<Reply>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let state = Arc::clone(state);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = Arc::clone(&state);
            std::thread::spawn(move || {
                // A client that went away is none of the server's business.
                let _ = serve(stream, &state, answer);
            });
        }
    });
    base
}

fn serve(
    mut stream: TcpStream,
    state: &Mutex<State>,
    answer: fn(&Mutex<State>, &Request) -> Option<Reply>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = HashMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let request = Request { path: path.to_owned(), query: query.to_owned(), headers };
    let Some(reply) = answer(state, &request) else { return Ok(()) };
    let mut head = format!("HTTP/1.1 {} Stand-In\r\nconnection: close\r\n", reply.status);
    if !reply.headers.iter().any(|(name, _)| name == "content-length") {
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let body = &reply.body[..reply.cut.unwrap_or(reply.body.len()).min(reply.body.len())];
    for chunk in body.chunks(64 << 10) {
        stream.write_all(chunk)?;
        std::thread::sleep(reply.pace);
    }
    stream.flush()?;
    stream.shutdown(std::net::Shutdown::Write)?;
    // What the client still says is read, so that the end doesn't overtake the bytes.
    let _ = stream.read(&mut [0; 1]);
    Ok(())
}

/// Kaggle itself.
fn api(state: &Mutex<State>, request: &Request) -> Option<Reply> {
    let mut state = state.lock().unwrap();
    state.api_log.push(request.clone());
    match state.api_faults.pop_front() {
        Some(Fault::Answer(status, headers, body)) => return Some(Reply::new(status, &headers, body)),
        Some(fault) => panic!("no fault of the API: {fault:?}"),
        None => {}
    }
    let authorization = request.header("authorization").unwrap_or_default();
    if authorization != format!("Basic {BASIC}") && authorization != format!("Bearer {TOKEN}") {
        return Some(Reply::refusal(401, "Unauthenticated"));
    }
    let parts: Vec<&str> = request.path.trim_start_matches("/api/v1/competitions/").split('/').collect();
    let name = match parts[..] {
        ["data", _, name, ..] | [name, "leaderboard", "download"] => name,
        _ => return Some(Reply::refusal(404, "Not found")),
    };
    let Some(competition) = state.competitions.get(name) else {
        return Some(Reply::refusal(404, "Competition not found"));
    };
    let needs_rules = matches!(parts[..], ["data", "download" | "download-all", ..]);
    if needs_rules && competition.rules_open {
        let message = "You must accept this competition\\u0027s rules before you\\u0027ll be able to download files.";
        return Some(Reply::refusal(403, message));
    }
    let send_on = |path: String| {
        let address = format!("{}{path}?X-Goog-Signature={SIGNATURE}", state.storage);
        Reply::new(302, &[("location", address)], "")
    };
    Some(match parts[..] {
        ["data", "list", _] => list(competition, &request.query),
        ["data", "download-all", name] => send_on(format!("/bucket/{name}/archive.zip")),
        ["data", "download", name, ..] => {
            let file = parts[3..].join("/").replace("%20", " ");
            match competition.files.iter().find(|(known, ..)| *known == file) {
                Some((_, _, true)) => send_on(format!("/bucket/{name}/files/{}.zip", parts[3..].join("/"))),
                Some(_) => send_on(format!("/bucket/{name}/files/{}", parts[3..].join("/"))),
                None => Reply::refusal(404, "File not found"),
            }
        }
        _ => Reply::new(200, &[("content-type", "application/zip".to_owned())], competition.leaderboard.clone()),
    })
}

/// Two files a page.
fn list(competition: &Competition, query: &str) -> Reply {
    let token = query.split('&').find_map(|pair| pair.strip_prefix("pageToken=")).unwrap_or("at%3D0");
    let start: usize = token.trim_start_matches("at%3D").parse().unwrap();
    let files: Vec<String> = competition.files[start..]
        .iter()
        .take(2)
        .map(|(name, bytes, _)| format!("{{\"name\":\"{name}\",\"totalBytes\":{}}}", bytes.len()))
        .collect();
    let more = start + 2 < competition.files.len();
    let next = if more { format!("at={}", start + 2) } else { String::new() };
    Reply::json(200, format!("{{\"files\":[{}],\"nextPageToken\":\"{next}\"}}", files.join(",")))
}

/// The storage: ranges, tags, signed addresses.
fn storage(state: &Mutex<State>, request: &Request) -> Option<Reply> {
    let mut state = state.lock().unwrap();
    state.storage_log.push(request.clone());
    let fault = state.storage_faults.pop_front();
    if let Some(Fault::Answer(status, headers, body)) = fault {
        return Some(Reply::new(status, &headers, body));
    }
    if request.query != format!("X-Goog-Signature={SIGNATURE}") {
        return Some(Reply::new(403, &[], "<Error>SignatureDoesNotMatch</Error>"));
    }
    let parts: Vec<&str> = request.path.trim_start_matches("/bucket/").splitn(3, '/').collect();
    let competition = state.competitions.get(parts[0]).unwrap().clone();
    drop(state);
    let whole = match parts[1..] {
        ["archive.zip"] => competition.archive.clone(),
        [_, file] => {
            let file = file.replace("%20", " ");
            let packed = |name: &str| format!("{name}.zip");
            let found = competition.files.iter().find(|(name, ..)| *name == file || packed(name) == file);
            found.unwrap().1.clone()
        }
        _ => panic!("{}", request.path),
    };
    let mut headers = vec![("content-type", "application/zip".to_owned()), ("accept-ranges", "bytes".to_owned())];
    headers.extend(competition.etag.clone().map(|tag| ("etag", tag)));
    headers.extend(competition.headers.clone());
    let same = request.header("if-range").is_none_or(|tag| Some(tag) == competition.etag.as_deref());
    let range = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let range = range.filter(|_| same && !matches!(fault, Some(Fault::NoRange)));
    let mut reply = match range.map(|(start, end)| (start.parse::<usize>().unwrap(), end.parse::<usize>().ok())) {
        Some((start, _)) if start >= whole.len() => {
            headers.push(("content-range", format!("bytes */{}", whole.len())));
            Reply::new(416, &headers, "")
        }
        Some((start, end)) => {
            let end = end.map_or(whole.len(), |end| (end + 1).min(whole.len()));
            let told = if matches!(fault, Some(Fault::OtherRange)) { start + 1 } else { start };
            headers.push(("content-range", format!("bytes {told}-{}/{}", end - 1, whole.len())));
            Reply::new(206, &headers, &whole[start..end])
        }
        None => Reply::new(200, &headers, whole),
    };
    reply.pace = competition.pace;
    match fault {
        Some(Fault::Cut(bytes)) => reply.cut = Some(bytes),
        Some(Fault::Damage) => *reply.body.last_mut().unwrap() ^= 1,
        Some(Fault::Short(bytes)) => reply.body.truncate(bytes),
        Some(Fault::Silence(time)) => {
            std::thread::sleep(time);
            return None;
        }
        _ => {}
    }
    Some(reply)
}

/// A zip archive with one file of so many bytes that don't compress.
pub(crate) fn archive(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let content: Vec<u8> = (0..bytes)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    packed("train.csv", &content)
}

/// A zip archive with this file.
pub(crate) fn packed(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file(name, stored).unwrap();
    archive.write_all(content).unwrap();
    archive.finish().unwrap().into_inner()
}
