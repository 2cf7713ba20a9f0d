//! Addresses: who a request goes to, and where a redirect leads.

use ureq::http::Uri;

/// Scheme, host and port: what must be equal for a credential to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute HTTP address; `None` for anything else.
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = match (uri.port_u16(), scheme.as_str()) {
            (Some(port), "http" | "https") => port,
            (None, "http") => 80,
            (None, "https") => 443,
            _ => return None,
        };
        Some(Self { host: uri.host()?.to_ascii_lowercase(), scheme, port })
    }

    /// Whether what is sent there is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// Whether nothing sent there leaves this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Where a `Location` header leads, seen from the address that gave it.
pub(crate) fn resolve(from: &Uri, location: &str) -> Option<Uri> {
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let text = if location.contains("://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        format!("{scheme}://{authority}{folder}/{location}")
    };
    text.parse().ok()
}

/// An address as messages have it: without the query, which holds the signature of a signed one, and without a user.
pub(crate) fn shown(uri: &Uri) -> String {
    let host = uri.authority().map_or("", |authority| authority.as_str().rsplit('@').next().unwrap_or(""));
    format!("{}://{host}{}", uri.scheme_str().unwrap_or("http"), uri.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let origin = |text| Origin::of(&uri(text)).unwrap();
        assert_eq!(origin("https://www.kaggle.com/a"), origin("https://WWW.kaggle.com:443/b?c"));
        for other in ["http://www.kaggle.com", "https://kaggle.com", "https://www.kaggle.com:8443"] {
            assert_ne!(origin("https://www.kaggle.com"), origin(other));
        }
        assert!(Origin::of(&uri("ftp://www.kaggle.com")).is_none());
        assert!(Origin::of(&uri("/path")).is_none());
    }

    #[test]
    fn loopback_is_this_machine_alone() {
        let loopback = |text| Origin::of(&uri(text)).unwrap().is_loopback();
        assert!(loopback("http://127.0.0.1:8000") && loopback("http://localhost") && loopback("http://[::1]:1"));
        assert!(
            !loopback("http://127.0.0.1.example.org")
                && !loopback("http://10.0.0.1")
                && !loopback("http://localhost.evil")
        );
    }

    #[test]
    fn redirects_resolve_against_the_address_that_gave_them() {
        let from = uri("https://www.kaggle.com/api/v1/data?x=1");
        let resolved = |location| resolve(&from, location).unwrap().to_string();
        assert_eq!(resolved("https://storage.example/f?sig=a"), "https://storage.example/f?sig=a");
        assert_eq!(resolved("//storage.example/f"), "https://storage.example/f");
        assert_eq!(resolved("/login"), "https://www.kaggle.com/login");
        assert_eq!(resolved("other"), "https://www.kaggle.com/api/v1/other");
    }

    #[test]
    fn no_signature_is_shown() {
        assert_eq!(shown(&uri("https://a:b@storage.example/f?X-Signature=secret")), "https://storage.example/f");
    }
}
