//! SHA-256, as bytes and in hex.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The hash of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The hash of some bytes, as 64 hex digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// The hash of a file that may be large, as 64 hex digits.
pub(crate) fn sha256_hex_of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut buffer = vec![0; size.clamp(1, 64 * 1024)];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            length => hasher.update(&buffer[..length]),
        }
    }
}

/// From bytes to the hex digits of their hash.
pub(crate) type Hash = fn(&[u8]) -> String;

/// The hashes that somebody may hide a value behind, by name, as hex digits.
pub(crate) const HASHES: [(&str, Hash); 3] =
    [("MD5", |bytes| hex(&Md5::digest(bytes))), ("SHA-1", |bytes| hex(&Sha1::digest(bytes))), ("SHA-256", sha256_hex)];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}
