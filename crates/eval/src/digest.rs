//! Short names for long contents.

use sha2::{Digest, Sha256};

/// The first `digits` hexadecimal digits of the SHA-256.
pub(crate) fn short(bytes: &[u8], digits: usize) -> String {
    use std::fmt::Write as _;
    let mut text = Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    text.truncate(digits);
    text
}
