//! Hosts as requests and rules name them, in one normal form.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host in the only form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// Lower case, ASCII, without a dot at its end.
    Name(String),
    /// Never an IPv4 address inside an IPv6 one.
    Address(IpAddr),
}

impl Host {
    /// Strict on purpose: what one program takes for a name and another for an address (`127.1`, `0x7f000001`,
    /// `2130706433`, `0177.0.0.1`) is neither.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
            return address
                .map(|address| Self::Address(IpAddr::V6(address).to_canonical()))
                .ok_or("expected an IPv6 address between the brackets");
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        check_name(text)?;
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Whether the text is a name of DNS, without a dot at its end.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    if !name.is_ascii() {
        return Err("expected ASCII; write an international name in its `xn--…` form");
    }
    if name.contains('@') {
        return Err("expected a host without a user name");
    }
    if name.ends_with('.') {
        return Err("expected a name without a dot at its end");
    }
    if name.len() > 253 {
        return Err("expected at most 253 characters");
    }
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    for label in name.split('.') {
        if label.is_empty() || label.len() > 63 || !label.bytes().all(good) {
            return Err("expected labels of 1 to 63 letters, digits, `-` or `_` between dots");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("expected labels that neither begin nor end with `-`");
        }
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let digits = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")).filter(|rest| is_hex(rest));
    if digits.is_some() || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("looks like a number; expected a name, or an address as four decimal numbers");
    }
    Ok(())
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `host` or `host:port`.
pub(super) fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let after_address = authority.rfind(']').map_or(0, |end| end + 1);
    let Some(colon) = authority.get(after_address..).and_then(|rest| rest.find(':')) else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_address + colon);
    let port = port.trim_start_matches(':');
    let valid = !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let number = valid.then(|| port.parse().ok()).flatten().filter(|port| *port > 0);
    number.map(|port| (host, Some(port))).ok_or("expected a port from 1 to 65535 after the colon")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_one_form() {
        let shown = |text: &str| Host::parse(text).map(|host| host.to_string());
        assert_eq!(shown("PyPI.org"), Ok("pypi.org".into()));
        assert_eq!(shown("xn--bcher-kva.example"), Ok("xn--bcher-kva.example".into()));
        assert_eq!(shown("127.0.0.1"), Ok("127.0.0.1".into()));
        assert_eq!(shown("[::ffff:127.0.0.1]"), Ok("127.0.0.1".into()));
        assert_eq!(shown("[::FFFF:7f00:1]"), Ok("127.0.0.1".into()));
        assert_eq!(shown("[2001:DB8::1]"), Ok("[2001:db8::1]".into()));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "",
            ".",
            "a..b",
            ".a",
            "example.org.",
            "2130706433",
            "0x7f000001",
            "0X7F000001",
            "127.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "127.0.0.0x1",
            "1.2.3.4.5",
            "256.1.1.1",
            "user@example.org",
            "a@b@c",
            "exämple.org",
            "-a.b",
            "a-.b",
            "a b",
            "a/b",
            "a\\b",
            "a%2eb",
            "a#b",
            "a?b",
            "::1",
            "[::1",
            "[::1%25lo]",
            "[127.0.0.1]",
            "[]",
            "*",
            "*.example.org",
            "a\0b",
            "a\tb",
            "１２７.0.0.1",
        ] {
            assert!(Host::parse(text).is_err(), "{text:?}");
        }
        assert!(Host::parse(&format!("{}b", "a.".repeat(127))).is_err());
        assert!(Host::parse(&format!("{}.org", "a".repeat(64))).is_err());
    }

    #[test]
    fn ports_are_plain_numbers() {
        assert_eq!(split_port("a.org"), Ok(("a.org", None)));
        assert_eq!(split_port("a.org:80"), Ok(("a.org", Some(80))));
        assert_eq!(split_port("[::1]:443"), Ok(("[::1]", Some(443))));
        assert_eq!(split_port("[::1]"), Ok(("[::1]", None)));
        for text in ["a:", "a:0", "a:+80", "a:65536", "a:8 0", "a:080000", "a:80:90", "a:-1", "a:0x50"] {
            assert!(split_port(text).is_err(), "{text}");
        }
    }
}
