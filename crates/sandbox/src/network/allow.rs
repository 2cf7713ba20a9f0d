//! The list of hosts, and what one run may use of the network.

use std::fmt;
#[cfg(target_os = "linux")]
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::host::{Host, check_name, split_port};
use crate::job::seconds;

/// The hosts that a run may reach, and how much of the network it may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AllowList {
    /// The hosts.
    pub hosts: Vec<HostRule>,
    /// Caps on their use.
    pub caps: NetworkCaps,
}

/// One entry of an allow-list: `pypi.org` (ports 80 and 443), `*.example.org:8443` (every name below it, not itself),
/// `10.0.0.7:3141` or `[fd00::7]:80`.
///
/// An address that isn't public is reached only where an entry names it: to reach a mirror by a name, list the name and
/// its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostRule {
    pattern: Pattern,
    /// `None`: 80 and 443.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(Host),
    /// Names that end so: `.example.org`.
    Below(String),
}

/// Why a text is no entry of an allow-list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is no host for an allow-list: {reason}")]
pub struct HostRuleError {
    entry: String,
    reason: &'static str,
}

/// What one run may use of the network, over all its connections unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkCaps {
    /// Connections at once; more wait for one of these to end.
    pub connections: usize,
    /// Bytes of a request's head, and of a response's to a plain request.
    pub head_bytes: usize,
    /// How long a request's head may take, a name's look-up, and a connection's start, each.
    #[serde(rename = "start_seconds", with = "seconds")]
    pub start: Duration,
    /// How long a connection may be without a byte either way.
    #[serde(rename = "idle_seconds", with = "seconds")]
    pub idle: Duration,
    /// How long one connection may last.
    #[serde(rename = "connection_seconds", with = "seconds")]
    pub connection: Duration,
    /// Bytes sent to hosts.
    pub up_bytes: u64,
    /// Bytes received from hosts.
    pub down_bytes: u64,
}

impl Default for NetworkCaps {
    /// 32 connections, 32 KiB of head, 10 s to start, 60 s idle, 30 min each; 64 MiB up, 4 GiB down.
    fn default() -> Self {
        Self {
            connections: 32,
            head_bytes: 32 << 10,
            start: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            connection: Duration::from_secs(30 * 60),
            up_bytes: 64 << 20,
            down_bytes: 4 << 30,
        }
    }
}

#[cfg(target_os = "linux")]
const WEB_PORTS: [u16; 2] = [80, 443];

#[cfg(target_os = "linux")]
impl AllowList {
    /// Whether a request may name this host and port.
    pub(super) fn permits(&self, host: &Host, port: u16) -> bool {
        self.hosts.iter().any(|rule| rule.matches(host, port))
    }

    /// Whether an entry names this very address.
    pub(super) fn names_address(&self, address: IpAddr, port: u16) -> bool {
        self.permits(&Host::Address(address), port)
    }
}

impl HostRule {
    #[cfg(target_os = "linux")]
    fn matches(&self, host: &Host, port: u16) -> bool {
        let port_matches = self.port.map_or_else(|| WEB_PORTS.contains(&port), |own| own == port);
        port_matches
            && match (&self.pattern, host) {
                (Pattern::Exact(own), host) => own == host,
                (Pattern::Below(suffix), Host::Name(name)) => name.len() > suffix.len() && name.ends_with(suffix),
                (Pattern::Below(_), Host::Address(_)) => false,
            }
    }
}

impl FromStr for HostRule {
    type Err = HostRuleError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let failed = |reason| HostRuleError { entry: entry.escape_debug().to_string(), reason };
        let (host, port) = split_port(entry).map_err(failed)?;
        let pattern = match host.strip_prefix("*.") {
            Some(suffix) => {
                check_name(suffix).map_err(failed)?;
                if !suffix.contains('.') {
                    return Err(failed("a `*` must stand before at least two labels, as in `*.example.org`"));
                }
                Pattern::Below(format!(".{}", suffix.to_ascii_lowercase()))
            }
            None if host == "*" => {
                return Err(failed("name each host, or write `*.example.org` for all names below one"));
            }
            None => Pattern::Exact(Host::parse(host).map_err(failed)?),
        };
        Ok(Self { pattern, port })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Pattern::Exact(host) => write!(f, "{host}")?,
            Pattern::Below(suffix) => write!(f, "*{suffix}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl TryFrom<String> for HostRule {
    type Error = HostRuleError;

    fn try_from(entry: String) -> Result<Self, Self::Error> {
        entry.parse()
    }
}

impl From<HostRule> for String {
    fn from(rule: HostRule) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rules: &[&str]) -> AllowList {
        AllowList { hosts: rules.iter().map(|rule| rule.parse().unwrap()).collect(), ..AllowList::default() }
    }

    fn permits(list: &AllowList, host: &str, port: u16) -> bool {
        list.permits(&Host::parse(host).unwrap(), port)
    }

    #[test]
    fn names_match_whole_and_without_case() {
        let list = list(&["PyPI.org"]);
        assert!(permits(&list, "pypi.org", 443) && permits(&list, "PYPI.ORG", 80));
        for (host, port) in
            [("pypi.org", 8080), ("a.pypi.org", 443), ("notpypi.org", 443), ("pypi.org.evil.example", 443)]
        {
            assert!(!permits(&list, host, port), "{host}:{port}");
        }
    }

    #[test]
    fn a_star_stands_for_names_below() {
        let list = list(&["*.example.org:8443"]);
        assert!(permits(&list, "a.example.org", 8443) && permits(&list, "A.b.EXAMPLE.org", 8443));
        for (host, port) in [("example.org", 8443), ("a.example.org", 443), ("aexample.org", 8443), ("1.2.3.4", 8443)] {
            assert!(!permits(&list, host, port), "{host}:{port}");
        }
    }

    #[test]
    fn addresses_match_in_any_notation() {
        let list = list(&["127.0.0.1:8080", "[fd00::7]"]);
        assert!(permits(&list, "[::ffff:127.0.0.1]", 8080) && permits(&list, "[FD00:0::7]", 80));
        assert!(list.names_address([127, 0, 0, 1].into(), 8080) && !list.names_address([127, 0, 0, 1].into(), 80));
    }

    #[test]
    fn bad_entries_say_why() {
        for entry in [
            "",
            "*",
            "*.org",
            "a.*.org",
            "*.1.2.3.4",
            "https://pypi.org",
            "pypi.org/simple",
            "pypi.org.",
            "a:0",
            "::1",
            "bücher.example",
        ] {
            let error = entry.parse::<HostRule>().unwrap_err().to_string();
            assert!(error.contains("no host for an allow-list: "), "{error}");
        }
        let error = "bücher.example".parse::<HostRule>().unwrap_err().to_string();
        assert!(error.contains("xn--"), "{error}");
    }

    #[test]
    fn lists_are_read_as_they_are_written() {
        let list = list(&["pypi.org", "*.example.org:8443", "[fd00::7]:80", "10.0.0.7:3141"]);
        let text = serde_json::to_string(&list).unwrap();
        assert!(text.contains(r#""hosts":["pypi.org","*.example.org:8443","[fd00::7]:80","10.0.0.7:3141"]"#), "{text}");
        assert_eq!(serde_json::from_str::<AllowList>(&text).unwrap(), list);
        assert!(serde_json::from_str::<AllowList>(r#"{"hosts":["*"]}"#).is_err());
    }
}
