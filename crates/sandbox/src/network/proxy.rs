//! The proxy of one run.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, Scope};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::allow::AllowList;
use super::connection;
use super::lookup::{self, Resolve};
use super::record::NetworkLog;
use super::relay::Totals;
use super::wait::{Halt, Stop};

/// Answers on a run's listening socket, a thread for each connection. Dropping it ends them all.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the threads share.
pub(super) struct Shared {
    pub(super) allow: AllowList,
    pub(super) resolve: Resolve,
    pub(super) stop: Stop,
    pub(super) totals: Totals,
    log: Mutex<NetworkLog>,
    connections: AtomicUsize,
}

/// Between two looks for a free place when all connections are in use, or no descriptor is left.
const FULL: Duration = Duration::from_millis(20);
/// A thread parses a head and copies bytes.
const STACK: usize = 256 << 10;

impl Proxy {
    pub(crate) fn new(allow: AllowList) -> io::Result<Self> {
        Self::resolving(allow, lookup::system())
    }

    fn resolving(allow: AllowList, resolve: Resolve) -> io::Result<Self> {
        let shared = Shared {
            allow,
            resolve,
            stop: Stop::new()?,
            totals: Totals::default(),
            log: Mutex::default(),
            connections: AtomicUsize::new(0),
        };
        Ok(Self { shared: Arc::new(shared), thread: None })
    }

    /// Begins to answer on this socket.
    pub(crate) fn serve(&mut self, listener: OwnedFd) -> io::Result<()> {
        let listener = TcpListener::from(listener);
        listener.set_nonblocking(true)?;
        let shared = Arc::clone(&self.shared);
        let thread = Builder::new().name("network proxy".into()).spawn(move || shared.accept(&listener))?;
        self.thread = Some(thread);
        Ok(())
    }

    /// Ends every connection, and tells what there was.
    pub(crate) fn finish(mut self) -> NetworkLog {
        self.end();
        std::mem::take(&mut *self.shared.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn end(&mut self) {
        self.shared.stop.now();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn accept(&self, listener: &TcpListener) {
        std::thread::scope(|scope| {
            loop {
                // What waits meanwhile waits in the kernel's queue.
                let full = self.connections.load(Ordering::Acquire) >= self.allow.caps.connections.max(1);
                let watched = [(listener.as_fd(), PollFlags::IN)];
                let (watched, until) = if full { (&[][..], FULL) } else { (&watched[..], Duration::from_secs(60)) };
                match self.stop.wait(watched, Instant::now() + until) {
                    Err(Halt::Over) => return,
                    Err(Halt::Late) => continue,
                    Ok(()) => {}
                }
                match listener.accept() {
                    Ok((client, _)) => self.start(scope, client),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    // No descriptor or no memory left: that may pass.
                    Err(_) => drop(self.stop.wait(&[], Instant::now() + FULL)),
                }
            }
        });
    }

    fn start<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, client: TcpStream) {
        if client.set_nonblocking(true).is_err() {
            return;
        }
        self.connections.fetch_add(1, Ordering::AcqRel);
        let serve = move || {
            let done = connection::serve(self, &client);
            // Closed before the place is free.
            drop(client);
            self.connections.fetch_sub(1, Ordering::AcqRel);
            if let Some(done) = done {
                self.log.lock().unwrap_or_else(PoisonError::into_inner).push(done);
            }
        };
        let spawned = Builder::new().name("proxy connection".into()).stack_size(STACK).spawn_scoped(scope, serve);
        if spawned.is_err() {
            self.connections.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
