//! Names to addresses, by the host's own resolver.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::wait::{Halt, Stop};

/// How names are looked up.
pub(super) type Resolve = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// The C library's way, with the host's settings.
pub(super) fn system() -> Resolve {
    Arc::new(|name, port| Ok((name, port).to_socket_addrs()?.collect()))
}

/// Look-ups under way in this process: the C library's cannot be interrupted, so a thread may outlive its run until the
/// resolver itself gives up.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
const MOST: usize = 64;
/// Between two looks at whether the run is over.
const TICK: Duration = Duration::from_millis(10);

/// The addresses of a name, or why there are none.
pub(super) fn addresses(
    resolve: &Resolve,
    name: &str,
    port: u16,
    stop: &Stop,
    until: Instant,
) -> Result<Result<Vec<SocketAddr>, String>, Halt> {
    struct Place;
    impl Drop for Place {
        fn drop(&mut self) {
            UNDER_WAY.fetch_sub(1, Ordering::AcqRel);
        }
    }
    if UNDER_WAY.fetch_add(1, Ordering::AcqRel) >= MOST {
        drop(Place);
        return Ok(Err("too many names are being looked up".into()));
    }
    let (sender, receiver) = sync_channel(1);
    let (resolve, name) = (Arc::clone(resolve), name.to_owned());
    let place = Place;
    let spawned = std::thread::Builder::new().name("name look-up".into()).spawn(move || {
        let _place = place;
        let _ = sender.send(resolve(&name, port));
    });
    if let Err(error) = spawned {
        return Ok(Err(error.to_string()));
    }
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(Ok(found)) => return Ok(Ok(found)),
            Ok(Err(error)) => return Ok(Err(error.to_string())),
            Err(RecvTimeoutError::Disconnected) => return Ok(Err("the look-up broke off".into())),
            Err(RecvTimeoutError::Timeout) => match stop.wait(&[], Instant::now()) {
                Err(Halt::Over) => return Err(Halt::Over),
                _ if Instant::now() >= until => return Err(Halt::Late),
                _ => {}
            },
        }
    }
}
