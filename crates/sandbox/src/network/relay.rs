//! Bytes between code and a host, both ways, within caps.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rustix::event::PollFlags;

use super::allow::NetworkCaps;
use super::head::{self, Response};
use super::wait::{Halt, Stop};

/// Bytes of all connections of a run.
#[derive(Debug, Default)]
pub(super) struct Totals {
    up: AtomicU64,
    down: AtomicU64,
}

/// Why a relay ended before its ends had.
#[derive(Debug)]
pub(super) enum Broken {
    Halted(Halt),
    Because(String),
}

/// One way.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Read and not yet written.
    pub(super) pending: Vec<u8>,
    /// Bytes still to be read; `None`: until the end.
    pub(super) left: Option<u64>,
    /// Bytes counted.
    pub(super) bytes: u64,
    ended: bool,
}

/// What a relay needs to know.
pub(super) struct Relay<'a> {
    pub(super) client: &'a TcpStream,
    pub(super) host: &'a TcpStream,
    pub(super) caps: &'a NetworkCaps,
    pub(super) totals: &'a Totals,
    pub(super) stop: &'a Stop,
    /// When the connection must be over.
    pub(super) until: Instant,
    /// Of a plain request, the host's answer so far, until its head is complete.
    pub(super) answer: Option<Vec<u8>>,
    /// Whether that answer has no body, whatever its head says.
    pub(super) only_head: bool,
}

impl Relay<'_> {
    /// Carries bytes until the host has said all.
    pub(super) fn run(&mut self, up: &mut Flow, down: &mut Flow) -> Result<(), Broken> {
        let mut buffer = vec![0; 16 << 10];
        let (client, host, totals, caps) = (self.client, self.host, self.totals, self.caps);
        // What came with the head is on its way already.
        count(up.pending.len(), up, &totals.up, caps.up_bytes, "sent")?;
        let mut moved = Instant::now();
        loop {
            up.ended |= up.left == Some(0);
            down.ended |= down.left == Some(0);
            if down.ended && down.pending.is_empty() {
                return Ok(());
            }
            let (read_client, write_host) = (up.wants_more(), !up.pending.is_empty());
            let (read_host, write_client) = (down.wants_more(), !down.pending.is_empty());
            let flags = |read, write| {
                let read = if read { PollFlags::IN } else { PollFlags::empty() };
                read | if write { PollFlags::OUT } else { PollFlags::empty() }
            };
            let watched =
                [(client.as_fd(), flags(read_client, write_client)), (host.as_fd(), flags(read_host, write_host))];
            // One that nothing is wanted from could wake again and again with its end.
            let watched: Vec<_> = watched.into_iter().filter(|(_, flags)| !flags.is_empty()).collect();
            self.stop.wait(&watched, self.until.min(moved + caps.idle)).map_err(Broken::Halted)?;
            let mut any = false;
            if write_host {
                any |= push(host, &mut up.pending)?;
            }
            if write_client {
                any |= push(client, &mut down.pending)?;
            }
            if read_client && let Some(size) = pull(client, &mut buffer, up)? {
                any = true;
                count(size, up, &totals.up, caps.up_bytes, "sent")?;
                up.pending.extend_from_slice(buffer.get(..size).unwrap_or_default());
                if size == 0 && up.left.is_none() {
                    let _ = host.shutdown(Shutdown::Write);
                }
            }
            if read_host && let Some(size) = pull(host, &mut buffer, down)? {
                any = true;
                count(size, down, &totals.down, caps.down_bytes, "received")?;
                self.take_answer(buffer.get(..size).unwrap_or_default(), down)?;
            }
            if any {
                moved = Instant::now();
            }
        }
    }

    /// Puts what came from the host on its way.
    fn take_answer(&mut self, bytes: &[u8], down: &mut Flow) -> Result<(), Broken> {
        let Some(answer) = &mut self.answer else {
            down.pending.extend_from_slice(bytes);
            return Ok(());
        };
        answer.extend_from_slice(bytes);
        loop {
            match head::response(answer, self.only_head).map_err(Broken::Because)? {
                Some(interim) if interim.head.is_empty() => drop(answer.drain(..interim.length)),
                Some(Response { mut head, length, body }) => {
                    let mut rest = answer.split_off(length.min(answer.len()));
                    if let Some(body) = body {
                        rest.truncate(usize::try_from(body).unwrap_or(usize::MAX));
                        down.left = Some(body - rest.len() as u64);
                    }
                    down.pending.append(&mut head);
                    down.pending.append(&mut rest);
                    self.answer = None;
                    return Ok(());
                }
                None if answer.len() > self.caps.head_bytes => {
                    return Err(Broken::Because(format!(
                        "the answer's head is longer than {} bytes",
                        self.caps.head_bytes
                    )));
                }
                None if down.ended => {
                    return Err(Broken::Because("the host closed the connection without an answer".into()));
                }
                None => return Ok(()),
            }
        }
    }
}

impl Flow {
    fn wants_more(&self) -> bool {
        self.pending.is_empty() && !self.ended
    }
}

/// Adds to the sums, and says whether the run has used up its share.
fn count(size: usize, flow: &mut Flow, total: &AtomicU64, cap: u64, what: &str) -> Result<(), Broken> {
    let size = size as u64;
    flow.bytes += size;
    if total.fetch_add(size, Ordering::Relaxed) + size > cap {
        return Err(Broken::Because(format!("the run has {what} more than {cap} bytes")));
    }
    Ok(())
}

/// Reads once. `None`: nothing was there yet; 0: the end.
fn pull(from: &TcpStream, buffer: &mut [u8], flow: &mut Flow) -> Result<Option<usize>, Broken> {
    let most = flow.left.map_or(buffer.len(), |left| buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
    let mut from = from;
    match from.read(buffer.get_mut(..most).unwrap_or_default()) {
        Ok(size) => {
            flow.ended |= size == 0;
            flow.left = flow.left.map(|left| left - size as u64);
            Ok(Some(size))
        }
        Err(error) if is_not_yet(&error) => Ok(None),
        Err(error) => Err(Broken::Because(error.to_string())),
    }
}

/// Writes what can be written. Returns whether something was.
fn push(to: &TcpStream, pending: &mut Vec<u8>) -> Result<bool, Broken> {
    let mut to = to;
    match to.write(pending) {
        Ok(size) => {
            pending.drain(..size);
            Ok(size > 0)
        }
        Err(error) if is_not_yet(&error) => Ok(false),
        Err(error) => Err(Broken::Because(error.to_string())),
    }
}

pub(super) fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
