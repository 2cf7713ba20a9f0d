//! One connection of the code's: a request, the decision on it, and what follows.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};

use super::address::is_public;
use super::head::{self, BadRequest, Kind, Request};
use super::host::Host;
use super::lookup;
use super::proxy::Shared;
use super::record::{Access, NetworkUse};
use super::relay::{Broken, Flow, Relay, is_not_yet};
use super::wait::Halt;

/// How a connection ended, if not well.
enum Trouble {
    /// It was not let through; code is told with this status.
    Refused(u16, String),
    /// It was let through, and came to nothing; code is told with this status, unless bytes have gone back already.
    Failed(Option<u16>, String),
}

/// Serves one connection to its end. `None`: nothing was ever asked on it.
pub(super) fn serve(shared: &Shared, client: &TcpStream) -> Option<NetworkUse> {
    let began = Instant::now();
    let mut flows = [Flow::default(), Flow::default()];
    let (mut host, mut port) = (String::new(), 0);
    let mut bytes = Vec::new();
    let trouble = match read_request(shared, client, &mut bytes, began) {
        Ok(None) => return None,
        Ok(Some(request)) => {
            (host, port) = (request.host.to_string(), request.port);
            let rest = bytes.split_off(request.length.min(bytes.len()));
            carry_out(shared, client, request, rest, began, &mut flows).err()
        }
        Err(trouble) => Some(trouble),
    };
    let access = match trouble {
        None => Access::Allowed,
        Some(Trouble::Refused(status, reason)) => {
            answer(shared, client, status, &reason);
            Access::Refused { reason }
        }
        Some(Trouble::Failed(status, reason)) => {
            if let Some(status) = status {
                answer(shared, client, status, &reason);
            }
            Access::Failed { reason }
        }
    };
    let [up, down] = flows.map(|flow| flow.bytes);
    Some(NetworkUse { host, port, access, up, down, duration: began.elapsed() })
}

fn read_request(
    shared: &Shared,
    mut client: &TcpStream,
    bytes: &mut Vec<u8>,
    began: Instant,
) -> Result<Option<Request>, Trouble> {
    let caps = &shared.allow.caps;
    let mut buffer = [0; 4096];
    loop {
        match shared.stop.wait(&[(client.as_fd(), PollFlags::IN)], began + caps.start) {
            Ok(()) => {}
            Err(Halt::Late) if bytes.is_empty() => return Ok(None),
            Err(Halt::Late) => return Err(Trouble::Refused(408, "the request's head took too long".into())),
            Err(Halt::Over) if bytes.is_empty() => return Ok(None),
            Err(Halt::Over) => return Err(Trouble::Refused(408, "the run ended before the request's head did".into())),
        }
        let size = match client.read(&mut buffer) {
            Ok(0) if bytes.is_empty() => return Ok(None),
            Ok(0) => return Err(Trouble::Refused(400, "the request's head is cut off".into())),
            Ok(size) => size,
            Err(error) if is_not_yet(&error) => continue,
            Err(_) if bytes.is_empty() => return Ok(None),
            Err(error) => return Err(Trouble::Refused(400, error.to_string())),
        };
        bytes.extend_from_slice(buffer.get(..size).unwrap_or_default());
        match head::request(bytes) {
            Ok(Some(request)) if request.length <= caps.head_bytes => return Ok(Some(request)),
            Ok(None) if bytes.len() <= caps.head_bytes => {}
            Ok(_) => {
                return Err(Trouble::Refused(
                    431,
                    format!("the request's head is longer than {} bytes", caps.head_bytes),
                ));
            }
            Err(BadRequest(status, reason)) => return Err(Trouble::Refused(status, reason)),
        }
    }
}

fn carry_out(
    shared: &Shared,
    client: &TcpStream,
    request: Request,
    mut rest: Vec<u8>,
    began: Instant,
    [up, down]: &mut [Flow; 2],
) -> Result<(), Trouble> {
    let Request { host, port, kind, .. } = request;
    if !shared.allow.permits(&host, port) {
        return Err(Trouble::Refused(
            403,
            format!("{host}:{port} is not on the list of hosts that this run may reach"),
        ));
    }
    let addresses = addresses(shared, &host, port)?;
    let stream = reach(shared, &addresses).map_err(|reason| Trouble::Failed(Some(502), reason))?;
    let plain = match kind {
        Kind::Tunnel => {
            down.pending = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
            up.pending = rest;
            None
        }
        Kind::Plain { mut head, body, only_head } => {
            // What comes after the body would be another request; nothing more is read from here.
            rest.truncate(usize::try_from(body).unwrap_or(usize::MAX));
            up.left = Some(body - rest.len() as u64);
            head.append(&mut rest);
            up.pending = head;
            Some(only_head)
        }
    };
    let mut relay = Relay {
        client,
        host: &stream,
        caps: &shared.allow.caps,
        totals: &shared.totals,
        stop: &shared.stop,
        until: began + shared.allow.caps.connection,
        answer: plain.map(|_| Vec::new()),
        only_head: plain == Some(true),
    };
    let ended = relay.run(up, down);
    // As long as the answer's head isn't complete, nothing of it has gone to the code.
    let status = |status| relay.answer.is_some().then_some(status);
    match ended {
        Ok(()) => Ok(()),
        Err(Broken::Halted(Halt::Over)) => Err(Trouble::Failed(None, "the run ended first".into())),
        Err(Broken::Halted(Halt::Late)) => {
            Err(Trouble::Failed(status(504), "cut off: too long, or idle for too long".into()))
        }
        Err(Broken::Because(reason)) => Err(Trouble::Failed(status(502), reason)),
    }
}

/// The addresses to try: those that are public, or named by the list themselves. What is checked here is what is
/// connected to, so a name cannot mean another address a moment later.
fn addresses(shared: &Shared, host: &Host, port: u16) -> Result<Vec<SocketAddr>, Trouble> {
    let found = match host {
        Host::Address(address) => vec![SocketAddr::new(*address, port)],
        Host::Name(name) => {
            let until = Instant::now() + shared.allow.caps.start;
            match lookup::addresses(&shared.resolve, name, port, &shared.stop, until) {
                Ok(Ok(found)) => found,
                Ok(Err(reason)) => {
                    return Err(Trouble::Failed(Some(502), format!("`{host}` cannot be resolved: {reason}")));
                }
                Err(Halt::Late) => return Err(Trouble::Failed(Some(504), format!("resolving `{host}` took too long"))),
                Err(Halt::Over) => return Err(Trouble::Failed(None, "the run ended first".into())),
            }
        }
    };
    let canonical = |address: &SocketAddr| SocketAddr::new(address.ip().to_canonical(), port);
    let permitted = |address: IpAddr| is_public(address) || shared.allow.names_address(address, port);
    let good: Vec<SocketAddr> = found.iter().map(canonical).filter(|address| permitted(address.ip())).collect();
    match found.first() {
        _ if !good.is_empty() => Ok(good),
        None => Err(Trouble::Failed(Some(502), format!("`{host}` has no address"))),
        Some(first) => {
            let reason = format!("{} is no public address and not on the list itself", first.ip().to_canonical());
            let name = if matches!(host, Host::Name(_)) { format!("`{host}` leads to ") } else { String::new() };
            Err(Trouble::Refused(403, format!("{name}{reason}")))
        }
    }
}

/// Connects to the first address that answers.
fn reach(shared: &Shared, addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let until = Instant::now() + shared.allow.caps.start;
    let mut last = String::from("no address");
    for address in addresses {
        match reach_one(shared, address, until) {
            Ok(stream) => return Ok(stream),
            Err(reason) => last = format!("{address}: {reason}"),
        }
    }
    Err(last)
}

fn reach_one(shared: &Shared, address: &SocketAddr, until: Instant) -> Result<TcpStream, String> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None).map_err(|error| error.to_string())?;
    match connect(&socket, address) {
        Ok(()) => {}
        Err(Errno::INPROGRESS) => wait_for_connection(shared, &socket, until)?,
        Err(error) => return Err(error.to_string()),
    }
    let stream = TcpStream::from(socket);
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn wait_for_connection(shared: &Shared, socket: &OwnedFd, until: Instant) -> Result<(), String> {
    match shared.stop.wait(&[(socket.as_fd(), PollFlags::OUT)], until) {
        Ok(()) => {}
        Err(Halt::Late) => return Err("it took too long to connect".into()),
        Err(Halt::Over) => return Err("the run ended first".into()),
    }
    let outcome = sockopt::socket_error(socket).and_then(|error| error);
    outcome.map_err(|error| error.to_string())
}

/// How long code may take to read why it was refused.
const LINGER: Duration = Duration::from_millis(500);

/// Tells the code why, and lets it read that: a connection closed with unread bytes is reset, and the answer lost.
fn answer(shared: &Shared, mut client: &TcpStream, status: u16, reason: &str) {
    let name = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        408 => "Request Timeout",
        411 => "Length Required",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        504 => "Gateway Timeout",
        _ => "Bad Gateway",
    };
    let body = format!("mledojo's proxy: {reason}\n");
    let text = format!(
        "HTTP/1.1 {status} {name}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    // It fits into an empty socket's buffer, as nothing was written before.
    let _ = client.write_all(text.as_bytes());
    let _ = client.shutdown(Shutdown::Write);
    let until = Instant::now() + LINGER;
    let mut buffer = [0; 4096];
    while shared.stop.wait(&[(client.as_fd(), PollFlags::IN)], until).is_ok() {
        match client.read(&mut buffer) {
            Ok(0) => break,
            Err(error) if !is_not_yet(&error) => break,
            _ => {}
        }
    }
}
