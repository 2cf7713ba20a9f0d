//! Checksums that servers give with a file.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use ureq::http::HeaderMap;

/// What the bytes of a whole file must hash to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    algorithm: Algorithm,
    /// In base64, as servers have it.
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Algorithm {
    /// CRC-32C (Castagnoli), big-endian: of every object of Google's storage.
    Crc32c,
    /// MD5: of most objects, and slower to compute.
    Md5,
}

impl Checksum {
    /// What an answer with a whole file, or with a part of it, says of the whole.
    pub(crate) fn of(headers: &HeaderMap, whole: bool) -> Option<Self> {
        // With another encoding in store, the hash is that of other bytes than those sent.
        let stored = headers.get("x-goog-stored-content-encoding").and_then(|value| value.to_str().ok());
        if stored.is_none_or(|encoding| encoding == "identity") {
            let given = headers.get_all("x-goog-hash").iter().filter_map(|value| value.to_str().ok());
            let given: Vec<(&str, &str)> =
                given.flat_map(|list| list.split(',')).filter_map(|one| one.trim().split_once('=')).collect();
            for (name, algorithm) in [("crc32c", Algorithm::Crc32c), ("md5", Algorithm::Md5)] {
                if let Some((_, value)) = given.iter().find(|(given, _)| *given == name) {
                    return Some(Self { algorithm, value: (*value).to_owned() });
                }
            }
        }
        // This one is of the bytes sent.
        let md5 = headers.get("content-md5").filter(|_| whole)?.to_str().ok()?;
        Some(Self { algorithm: Algorithm::Md5, value: md5.trim().to_owned() })
    }

    /// Begins to hash.
    pub(crate) fn hasher(&self) -> Hasher {
        match self.algorithm {
            Algorithm::Crc32c => Hasher::Crc32c(0),
            Algorithm::Md5 => Hasher::Md5(Md5::new()),
        }
    }

    /// What the bytes hashed to, if it is not this.
    pub(crate) fn differs(&self, hasher: &Hasher) -> Option<String> {
        let found = hasher.value();
        (found != self.value).then_some(found)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.algorithm {
            Algorithm::Crc32c => "CRC-32C",
            Algorithm::Md5 => "MD5",
        };
        write!(f, "{name} {}", self.value)
    }
}

/// Hashes a file as it grows.
#[derive(Clone)]
pub(crate) enum Hasher {
    Crc32c(u32),
    Md5(Md5),
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32c(crc) => *crc = crc32c::crc32c_append(*crc, bytes),
            Self::Md5(md5) => md5.update(bytes),
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Crc32c(crc) => STANDARD.encode(crc.to_be_bytes()),
            Self::Md5(md5) => STANDARD.encode(md5.clone().finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &str)], whole: bool) -> Option<Checksum> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Checksum::of(&map, whole)
    }

    /// The published check values of both algorithms, for `123456789`.
    #[test]
    fn both_algorithms_give_their_published_values() {
        for given in ["crc32c=4waSgw==", "md5=JfnnlDI7RTiF9RgfG2JNCw=="] {
            let checksum = of(&[("x-goog-hash", given)], true).unwrap();
            let mut hasher = checksum.hasher();
            hasher.update(b"12345");
            hasher.update(b"6789");
            assert_eq!(checksum.differs(&hasher), None);
            hasher.update(b"0");
            assert!(checksum.differs(&hasher).is_some());
        }
    }

    #[test]
    fn headers_come_in_several_forms() {
        let crc = of(&[("x-goog-hash", "crc32c=4waSgw=="), ("x-goog-hash", "md5=AAAA")], true).unwrap();
        assert_eq!(crc.to_string(), "CRC-32C 4waSgw==");
        assert_eq!(of(&[("x-goog-hash", "md5=AAAA==, crc32c=BBBB==")], false).unwrap().to_string(), "CRC-32C BBBB==");
        assert_eq!(of(&[("content-md5", "AAAA==")], true).unwrap().to_string(), "MD5 AAAA==");
        assert_eq!(of(&[("content-md5", "AAAA==")], false), None);
        assert_eq!(of(&[("x-goog-hash", "crc32c=A"), ("x-goog-stored-content-encoding", "gzip")], true), None);
        assert_eq!(of(&[("x-goog-hash", "nonsense")], true), None);
    }
}
