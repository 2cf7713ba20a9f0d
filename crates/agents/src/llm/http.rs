//! Requests that can be cancelled, with limits on each silence.

use std::io::Read;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mledojo_sandbox::Cancel;
use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, BodyReader};

/// Most bytes of a reply.
const MOST: u64 = 64 << 20;

/// How long a server may take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: f64,
    /// Until the answer begins. Without streaming, the model writes all of it in this time.
    pub first_byte: f64,
    /// Of silence within an answer.
    pub silence: f64,
    /// In all.
    pub total: f64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: 20.0, first_byte: 600.0, silence: 180.0, total: 1800.0 }
    }
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) enum HttpError {
    Cancelled,
    /// What the server was to do, and the seconds it had.
    Timeout(&'static str, f64),
    /// What failed, and whether it may pass.
    Failed(String, bool),
}

/// Connections to one server.
pub(crate) struct Transport {
    /// Each is used by one call at a time, since cancelling a call shuts its agent down.
    idle: Mutex<Vec<Agent>>,
    timeouts: Timeouts,
    /// A server on this machine is not asked through a proxy.
    loopback: bool,
}

/// An answer whose body is still to come.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    body: std::io::Take<BodyReader<'static>>,
    watched: &'a Watched,
}

impl Transport {
    pub(crate) fn new(timeouts: Timeouts, loopback: bool) -> Self {
        Self { idle: Mutex::default(), timeouts, loopback }
    }

    fn agent(&self) -> Agent {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(seconds(self.timeouts.connect)))
            .user_agent(concat!("mledojo/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
        if self.loopback {
            config = config.proxy(None);
        }
        config.build().new_agent()
    }

    /// Posts a body, and lets `read` take what comes.
    pub(crate) fn post<T>(
        &self,
        uri: &Uri,
        headers: &[(HeaderName, HeaderValue)],
        body: &[u8],
        cancel: &Cancel,
        read: impl FnOnce(&mut Answer<'_>) -> Result<T, HttpError>,
    ) -> Result<T, HttpError> {
        if cancel.is_cancelled() {
            return Err(HttpError::Cancelled);
        }
        let idle = lock(&self.idle).pop();
        let agent = idle.unwrap_or_else(|| self.agent());
        let watched = Watched::begin(agent.clone(), cancel.clone(), self.timeouts);
        let mut request = agent.post(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let result = match request.send(body) {
            Ok(response) => {
                watched.progress();
                let (parts, body) = response.into_parts();
                let body = body.into_reader().take(MOST);
                read(&mut Answer { status: parts.status.as_u16(), headers: parts.headers, body, watched: &watched })
            }
            Err(error) => Err(failure(&error, self.timeouts)),
        };
        // A connection that is shut down ends as if by itself, so what shut it down is asked first.
        match watched.end() {
            Some(error) => Err(error),
            None => {
                lock(&self.idle).push(agent);
                result
            }
        }
    }
}

impl Answer<'_> {
    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The next bytes of the body; none at its end.
    pub(crate) fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], HttpError> {
        let count = self
            .body
            .read(buffer)
            .map_err(|error| HttpError::Failed(format!("the answer broke off: {error}"), true))?;
        self.watched.progress();
        Ok(&buffer[..count])
    }

    /// The whole body.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, HttpError> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 << 10];
        loop {
            match self.next(&mut buffer)? {
                [] => return Ok(bytes),
                more => bytes.extend_from_slice(more),
            }
        }
    }
}

pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

fn failure(error: &ureq::Error, timeouts: Timeouts) -> HttpError {
    use ureq::Error;
    if matches!(error, Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)) {
        return HttpError::Timeout("be reached", timeouts.connect);
    }
    let certificate = matches!(error, Error::Tls(_) | Error::Rustls(_))
        || matches!(error, Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData);
    if certificate {
        let hint =
            "certificates are checked against the system's (package `ca-certificates`); `SSL_CERT_FILE` names others";
        return HttpError::Failed(format!("{error}\nhint: {hint}"), false);
    }
    let transient = matches!(
        error,
        Error::Io(_) | Error::Timeout(_) | Error::HostNotFound | Error::ConnectionFailed | Error::Protocol(_)
    );
    HttpError::Failed(error.to_string(), transient)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// What a watch ended by.
const RUNNING: u8 = 0;
const CANCELLED: u8 = 1;
const LATE_BEGIN: u8 = 2;
const LATE_BYTES: u8 = 3;
const LATE_END: u8 = 4;

/// A request in flight, which the watching thread shuts down when it is cancelled or too slow.
struct Watched(Arc<Flight>);

struct Flight {
    agent: Agent,
    cancel: Cancel,
    timeouts: Timeouts,
    begun: Instant,
    /// Milliseconds after `begun` of the latest sign of life, and 0 before the first.
    heard: AtomicU64,
    ended_by: AtomicU8,
}

impl Flight {
    /// Why it should end now.
    fn verdict(&self) -> u8 {
        let elapsed = self.begun.elapsed();
        let heard = Duration::from_millis(self.heard.load(Ordering::Relaxed));
        if self.cancel.is_cancelled() {
            CANCELLED
        } else if elapsed > seconds(self.timeouts.total) {
            LATE_END
        } else if heard.is_zero() && elapsed > seconds(self.timeouts.first_byte) {
            LATE_BEGIN
        } else if !heard.is_zero() && elapsed.saturating_sub(heard) > seconds(self.timeouts.silence) {
            LATE_BYTES
        } else {
            RUNNING
        }
    }
}

/// The flights of this process, watched by one thread.
struct Watch {
    flights: Mutex<Vec<Arc<Flight>>>,
    more: Condvar,
}

static WATCH: LazyLock<&'static Watch> = LazyLock::new(|| {
    let watch: &'static Watch = Box::leak(Box::new(Watch { flights: Mutex::default(), more: Condvar::new() }));
    std::thread::spawn(move || watch.run());
    watch
});

impl Watch {
    fn run(&self) {
        const TICK: Duration = Duration::from_millis(20);
        loop {
            let mut flights = lock(&self.flights);
            while flights.is_empty() {
                flights = self.more.wait(flights).unwrap_or_else(PoisonError::into_inner);
            }
            let mut late = Vec::new();
            flights.retain(|flight| match flight.verdict() {
                RUNNING => true,
                verdict => {
                    flight.ended_by.store(verdict, Ordering::SeqCst);
                    late.push(Arc::clone(flight));
                    false
                }
            });
            drop(flights);
            for flight in late {
                flight.agent.clone().shutdown();
            }
            std::thread::sleep(TICK);
        }
    }
}

impl Watched {
    fn begin(agent: Agent, cancel: Cancel, timeouts: Timeouts) -> Self {
        let flight = Arc::new(Flight {
            agent,
            cancel,
            timeouts,
            begun: Instant::now(),
            heard: AtomicU64::new(0),
            ended_by: AtomicU8::new(RUNNING),
        });
        let mut flights = lock(&WATCH.flights);
        flights.push(Arc::clone(&flight));
        if flights.len() == 1 {
            WATCH.more.notify_one();
        }
        Self(flight)
    }

    /// Bytes came.
    fn progress(&self) {
        let elapsed = u64::try_from(self.0.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.heard.store(elapsed.max(1), Ordering::Relaxed);
    }

    /// Ends the watch; says what ended the request before.
    fn end(self) -> Option<HttpError> {
        let timeouts = self.0.timeouts;
        lock(&WATCH.flights).retain(|flight| !Arc::ptr_eq(flight, &self.0));
        match self.0.ended_by.load(Ordering::SeqCst) {
            RUNNING if self.0.cancel.is_cancelled() => Some(HttpError::Cancelled),
            RUNNING => None,
            CANCELLED => Some(HttpError::Cancelled),
            LATE_BEGIN => Some(HttpError::Timeout("begin its answer", timeouts.first_byte)),
            LATE_BYTES => Some(HttpError::Timeout("go on with its answer", timeouts.silence)),
            _ => Some(HttpError::Timeout("answer", timeouts.total)),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        lock(&WATCH.flights).retain(|flight| !Arc::ptr_eq(flight, &self.0));
    }
}
