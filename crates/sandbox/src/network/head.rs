//! The heads of requests and responses, read strictly and written anew.
//!
//! What a proxy and a server read differently is how requests are smuggled. So nothing of a head goes through as it
//! came: its lines are parsed, and the forwarded head is made from the parts.

use httparse::{EMPTY_HEADER, Header, Status};

use super::host::{Host, split_port};

/// Lines of a head.
const MOST_HEADERS: usize = 128;

/// A request, understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) kind: Kind,
    /// Bytes of the head.
    pub(super) length: usize,
}

/// What is to be done with the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All bytes that follow go there as they are.
    Tunnel,
    /// This head goes there, and so many bytes after it. The answer to some has a head alone.
    Plain { head: Vec<u8>, body: u64, only_head: bool },
}

/// A request that is not carried out: status, and reason.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadRequest(pub(super) u16, pub(super) String);

/// Reads a request's head. `None`: there is more to come.
pub(super) fn request(bytes: &[u8]) -> Result<Option<Request>, BadRequest> {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let status = parsed.parse(bytes).map_err(|error| bad(format!("no HTTP request: {error}")))?;
    let Status::Complete(length) = status else { return Ok(None) };
    let (method, target) = (parsed.method.unwrap_or_default(), parsed.path.unwrap_or_default());
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad("the request's target holds characters that a URL may not hold"));
    }
    let named = |authority: &str, port| -> Result<(Host, u16), BadRequest> {
        let failed = |reason: &str| bad(format!("`{authority}` is no host: {reason}"));
        let (host, given) = split_port(authority).map_err(failed)?;
        let host = Host::parse(host).map_err(failed)?;
        let port = given.or(port).ok_or_else(|| bad("CONNECT needs a port"))?;
        Ok((host, port))
    };
    if method == "CONNECT" {
        let (host, port) = named(target, None)?;
        return Ok(Some(Request { host, port, kind: Kind::Tunnel, length }));
    }
    let Some(rest) = strip_scheme(target, "http://") else {
        return Err(bad(match strip_scheme(target, "https://") {
            Some(_) => "https needs CONNECT",
            None => "this is a proxy: expected CONNECT, or a URL that begins with `http://`",
        }));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if path.contains('#') {
        return Err(bad("a fragment has no place in a request"));
    }
    let (host, port) = named(authority, Some(80))?;
    let body = body_length(parsed.headers)?;
    let mut head = format!(
        "{method} {}{path} HTTP/1.{}\r\n",
        if path.starts_with('/') { "" } else { "/" },
        parsed.version.unwrap_or(1)
    );
    head.push_str(&if port == 80 { format!("Host: {host}\r\n") } else { format!("Host: {host}:{port}\r\n") });
    let mut head = head.into_bytes();
    copy_headers(parsed.headers, &["host", "expect"], &mut head);
    Ok(Some(Request { host, port, kind: Kind::Plain { head, body, only_head: method == "HEAD" }, length }))
}

/// A response's head, read and written anew.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    /// Empty for an interim response (1xx), which is passed over.
    pub(super) head: Vec<u8>,
    /// Bytes read.
    pub(super) length: usize,
    /// Bytes that follow; `None`: until the connection ends, as chunks mark the end for the code alone.
    pub(super) body: Option<u64>,
}

/// Reads a response's head. `None`: there is more to come.
pub(super) fn response(bytes: &[u8], only_head: bool) -> Result<Option<Response>, String> {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    let status = parsed.parse(bytes).map_err(|error| format!("the host's answer is no HTTP: {error}"))?;
    let Status::Complete(length) = status else { return Ok(None) };
    let code = parsed.code.unwrap_or_default();
    if code == 101 {
        return Err("the host changed the protocol, which nobody had asked for".into());
    }
    if (100..200).contains(&code) {
        return Ok(Some(Response { head: Vec::new(), length, body: Some(0) }));
    }
    let mut head =
        format!("HTTP/1.{} {code} {}\r\n", parsed.version.unwrap_or(1), parsed.reason.unwrap_or_default()).into_bytes();
    copy_headers(parsed.headers, &[], &mut head);
    let named = |name: &'static str| parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    let given = || std::str::from_utf8(named("content-length")?.value).ok()?.trim().parse().ok();
    let body = match code {
        _ if only_head => Some(0),
        204 | 304 => Some(0),
        _ if named("transfer-encoding").is_some() => None,
        _ => given(),
    };
    Ok(Some(Response { head, length, body }))
}

fn bad(reason: impl Into<String>) -> BadRequest {
    BadRequest(400, reason.into())
}

fn strip_scheme<'a>(target: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = target.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// How many bytes follow the head. Only a length given once and in digits counts, as all readers agree on that.
fn body_length(headers: &[Header<'_>]) -> Result<u64, BadRequest> {
    let named = |name: &'static str| headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    if named("transfer-encoding").next().is_some() {
        return Err(BadRequest(411, "a plain request's body needs a Content-Length here; chunks are not taken".into()));
    }
    if named("expect").next().is_some() {
        return Err(BadRequest(417, "send the body at once".into()));
    }
    let mut lengths = named("content-length");
    let (first, more) = (lengths.next(), lengths.next());
    let Some(first) = first else { return Ok(0) };
    let digits = first.value.iter().all(u8::is_ascii_digit) && more.is_none();
    let length = std::str::from_utf8(first.value).ok().filter(|_| digits).and_then(|text| text.parse().ok());
    length.ok_or_else(|| bad("expected one Content-Length, a number"))
}

/// Fields that are between two neighbours, not between the ends.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
];

/// Writes all fields but those of the connection and these, and then that the connection ends with this message.
fn copy_headers(headers: &[Header<'_>], without: &[&str], head: &mut Vec<u8>) {
    let named_by_connection: Vec<String> = headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("connection"))
        .flat_map(|header| {
            String::from_utf8_lossy(header.value)
                .split(',')
                .map(|name| name.trim().to_ascii_lowercase())
                .collect::<Vec<_>>()
        })
        // Framing stays, whatever the message says of it.
        .filter(|name| name != "content-length" && name != "transfer-encoding")
        .collect();
    for header in headers {
        let name = header.name.to_ascii_lowercase();
        let left_out = HOP_BY_HOP.contains(&name.as_str())
            || without.contains(&name.as_str())
            || named_by_connection.contains(&name);
        if !left_out {
            head.extend_from_slice(header.name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(header.value);
            head.extend_from_slice(b"\r\n");
        }
    }
    head.extend_from_slice(b"Connection: close\r\n\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> (String, u16, String, u64) {
        let request = request(text.as_bytes()).unwrap().unwrap();
        let Kind::Plain { head, body, .. } = request.kind else { panic!("{text}") };
        (request.host.to_string(), request.port, String::from_utf8(head).unwrap(), body)
    }

    #[test]
    fn a_plain_request_is_written_anew() {
        let (host, port, head, body) = plain(
            "POST http://Example.ORG:8080?q=1 HTTP/1.1\r\nHost: other.example\r\nProxy-Authorization: x\r\nX-Own: 1\r\n\
             Connection: keep-alive, X-Hop\r\nX-Hop: 2\r\nContent-Length: 3\r\n\r\nabc",
        );
        assert_eq!((host.as_str(), port, body), ("example.org", 8080, 3));
        assert_eq!(
            head,
            "POST /?q=1 HTTP/1.1\r\nHost: example.org:8080\r\nX-Own: 1\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
        );
    }

    #[test]
    fn a_tunnel_names_host_and_port() {
        let text = b"CONNECT [::ffff:10.0.0.1]:443 HTTP/1.1\r\nHost: pypi.org\r\n\r\nrest";
        let request = request(text).unwrap().unwrap();
        assert_eq!((request.host.to_string(), request.port, request.kind), ("10.0.0.1".into(), 443, Kind::Tunnel));
        assert_eq!(text.get(request.length..), Some(&b"rest"[..]));
    }

    #[test]
    fn what_could_be_smuggled_is_refused() {
        for (text, status) in [
            ("GET / HTTP/1.1\r\nHost: pypi.org\r\n\r\n", 400),
            ("GET https://pypi.org/ HTTP/1.1\r\n\r\n", 400),
            ("GET ftp://pypi.org/ HTTP/1.1\r\n\r\n", 400),
            ("GET http:///path HTTP/1.1\r\n\r\n", 400),
            ("GET http://pypi.org@evil.example/ HTTP/1.1\r\n\r\n", 400),
            ("GET http://user:pw@pypi.org/ HTTP/1.1\r\n\r\n", 400),
            ("GET http://evil.example\\@pypi.org/ HTTP/1.1\r\n\r\n", 400),
            ("GET http://pypi.org/#a HTTP/1.1\r\n\r\n", 400),
            ("GET http://pypi.org./ HTTP/1.1\r\n\r\n", 400),
            ("GET http://2130706433/ HTTP/1.1\r\n\r\n", 400),
            ("GET http://pypi.org%2eevil.example/ HTTP/1.1\r\n\r\n", 400),
            ("CONNECT pypi.org HTTP/1.1\r\n\r\n", 400),
            ("CONNECT http://pypi.org:443 HTTP/1.1\r\n\r\n", 400),
            ("CONNECT pypi.org:443@evil.example:443 HTTP/1.1\r\n\r\n", 400),
            ("POST http://a.b/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            ("POST http://a.b/ HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            ("POST http://a.b/ HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", 400),
            ("POST http://a.b/ HTTP/1.1\r\nContent-Length: +3\r\n\r\n", 400),
            ("POST http://a.b/ HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n", 400),
            ("POST http://a.b/ HTTP/1.1\r\nContent-Length : 3\r\n\r\n", 400),
            ("POST http://a.b/ HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", 417),
            ("GET http://a.b/ HTTP/1.1\r\nX: a\r\n folded\r\n\r\n", 400),
            ("GET http://a.b/ HTTP/1.1\r\nX: a\rInjected: b\r\n\r\n", 400),
            ("GET http://a.b/ HTTP/2.0\r\n\r\n", 400),
            ("\x16\x03\x01\x02", 400),
        ] {
            match request(text.as_bytes()) {
                Err(BadRequest(given, _)) => assert_eq!(given, status, "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        assert_eq!(request(b"GET http://a.b/ HTTP/1.1\r\nX: a"), Ok(None));
    }

    #[test]
    fn a_response_ends_its_connection() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\nab";
        let expected = Response {
            head: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n".to_vec(),
            length: text.len() - 2,
            body: Some(2),
        };
        assert_eq!(response(text, false), Ok(Some(expected)));
        let body = |text: &str, only_head| response(text.as_bytes(), only_head).unwrap().unwrap().body;
        assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", true), Some(0));
        assert_eq!(body("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", false), Some(0));
        assert_eq!(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", false), None);
        assert_eq!(body("HTTP/1.0 200 OK\r\n\r\n", false), None);
        let interim = response(b"HTTP/1.1 100 Continue\r\n\r\n", false).unwrap().unwrap();
        assert!(interim.head.is_empty());
        for text in ["HTTP/1.1 101 Switching\r\n\r\n", "SSH-2.0-x\r\n"] {
            assert!(response(text.as_bytes(), false).is_err());
        }
    }
}
