//! Asking servers: redirects, credentials, timeouts, retries.

use std::fmt;
use std::time::{Duration, SystemTime};

use ureq::http::header::{AUTHORIZATION, LOCATION};
use ureq::http::{HeaderValue, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error};

use crate::fetch::address::{Origin, resolve, shown};
use crate::fetch::answer::Answer;
use crate::fetch::error::DownloadError;
use crate::fetch::retry::{Attempt, Retry, retry_after};
use crate::fetch::watch::Watch;

/// Most redirects of one request.
const REDIRECTS: usize = 5;

/// How servers are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadOptions {
    /// When to try again.
    pub retry: Retry,
    /// Longest time until a connection stands.
    pub connect: Duration,
    /// Longest silence of a server.
    pub silence: Duration,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self { retry: Retry::default(), connect: Duration::from_secs(20), silence: Duration::from_secs(60) }
    }
}

/// Gets things over HTTP. Proxies are those of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; certificates are checked
/// against the system's, or those of `SSL_CERT_FILE`.
#[derive(Debug, Clone)]
pub struct Downloader {
    agent: Agent,
    pub(crate) retry: Retry,
}

/// What opens a server's doors: a header for one origin.
#[derive(Clone)]
pub(crate) struct Credential {
    origin: Origin,
    header: HeaderValue,
    /// What must not show, should a server repeat it.
    secrets: Vec<String>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Credential {
    /// A credential for the origin of an address: the scheme (`Basic`, `Bearer`), what comes after it, and the secret
    /// within. `None` if the address has no origin, or if the text cannot be a header.
    pub(crate) fn new(address: &Uri, scheme: &str, value: &str, secret: &str) -> Option<Self> {
        let mut header = HeaderValue::from_str(&format!("{scheme} {value}")).ok()?;
        header.set_sensitive(true);
        Some(Self { origin: Origin::of(address)?, header, secrets: vec![value.to_owned(), secret.to_owned()] })
    }

    /// A text without what must not show.
    fn conceal(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[hidden]"))
    }
}

impl Downloader {
    /// A downloader.
    #[must_use]
    pub fn new(options: &DownloadOptions) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(options.connect))
            .timeout_per_read(Some(options.silence))
            .timeout_per_write(Some(options.silence))
            .user_agent(concat!("mledojo/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .build();
        Self { agent: config.new_agent(), retry: options.retry }
    }

    /// One attempt at an address, redirects followed; an answer other than success is an error, save those of `accept`.
    pub(crate) fn ask(
        &self,
        address: &Uri,
        credential: Option<&Credential>,
        headers: &[(&'static str, String)],
        accept: &[u16],
    ) -> Result<Answer, DownloadError> {
        let mut at = address.clone();
        for _ in 0..=REDIRECTS {
            let origin =
                Origin::of(&at).ok_or_else(|| refused(&at, "is no address of a web server: expected `https://…`"))?;
            // The request is as safe as the address asked for was, on all its way.
            if !origin.is_https() && Origin::of(address).is_some_and(|first| first.is_https()) {
                return Err(refused(&at, "is where an encrypted request was sent on to, without encryption"));
            }
            let mut request = self.agent.get(&at).header("accept-encoding", "identity");
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            if let Some(credential) = credential.filter(|credential| credential.origin == origin) {
                request = request.header(AUTHORIZATION, credential.header.clone());
            }
            let response = request.call().map_err(|error| no_answer(&at, &error))?;
            let status = response.status().as_u16();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let next = location.and_then(|location| resolve(&at, location));
                at = next.ok_or_else(|| refused(&at, "sends on to nowhere (no usable `Location`)"))?;
                continue;
            }
            let redirected = Origin::of(address) != Some(origin);
            let answer = Answer::new(at, response, redirected);
            if answer.is_success() || accept.contains(&status) {
                return Ok(answer);
            }
            let retry_after = retry_after(answer.headers(), SystemTime::now());
            let address = shown(answer.address());
            let said = answer.said();
            let message = credential.map_or(said.clone(), |credential| credential.conceal(&said));
            return Err(DownloadError::Status { address, status, message, retry_after, redirected });
        }
        Err(refused(address, "redirects in circles"))
    }

    /// A small text, with retries.
    pub(crate) fn text(
        &self,
        address: &Uri,
        credential: Option<&Credential>,
        watch: &dyn Watch,
    ) -> Result<String, DownloadError> {
        self.retry.run(watch, || Attempt {
            result: self.ask(address, credential, &[], &[]).and_then(Answer::text),
            progressed: false,
        })
    }
}

fn refused(address: &Uri, message: &str) -> DownloadError {
    DownloadError::Address { address: shown(address), message: message.to_owned() }
}

fn no_answer(address: &Uri, error: &Error) -> DownloadError {
    let certificate = matches!(error, Error::Tls(_) | Error::Rustls(_))
        || matches!(error, Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData);
    let hint = if certificate {
        "\nhint: certificates are checked against the system's (package `ca-certificates`); `SSL_CERT_FILE` names others"
    } else {
        ""
    };
    DownloadError::NoAnswer {
        host: address.host().unwrap_or_default().to_owned(),
        message: format!("{error}{hint}"),
        transient: !certificate
            && matches!(
                error,
                Error::Io(_) | Error::Timeout(_) | Error::HostNotFound | Error::ConnectionFailed | Error::Protocol(_)
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_does_not_show() {
        let address: Uri = "https://www.kaggle.com".parse().unwrap();
        let credential = Credential::new(&address, "Basic", "YTpzZWNyZXQ=", "secret").unwrap();
        let shown = format!("{credential:?} {:?}", credential.header);
        assert!(!shown.contains("secret") && !shown.contains("YTpz"), "{shown}");
        assert_eq!(credential.conceal("no user for `Basic YTpzZWNyZXQ=`"), "no user for `Basic [hidden]`");
    }
}
