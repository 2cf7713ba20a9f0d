//! Naming a GPU.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A GPU by its index, as `nvidia-smi` numbers them, or by its UUID, `GPU-…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum GpuId {
    /// From 0.
    Index(u32),
    /// As the driver writes it.
    Uuid(String),
}

/// Why a text names no GPU.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no GPU: expected an index such as 0, or a UUID such as GPU-8f5f2e5e-…, as `nvidia-smi -L` lists them"
)]
pub struct GpuIdError(String);

impl FromStr for GpuId {
    type Err = GpuIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let failed = || GpuIdError(text.escape_debug().to_string());
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Index).map_err(|_| failed());
        }
        let plain =
            |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        text.strip_prefix("GPU-").filter(|rest| plain(rest)).map(|_| Self::Uuid(text.to_owned())).ok_or_else(failed)
    }
}

impl fmt::Display for GpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Uuid(uuid) => f.write_str(uuid),
        }
    }
}

impl TryFrom<String> for GpuId {
    type Error = GpuIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<GpuId> for String {
    fn from(id: GpuId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_and_uuids_are_names() {
        for text in ["0", "15", "GPU-8f5f2e5e-0000-4d5c-8c9b-aabbccddeeff"] {
            assert_eq!(text.parse::<GpuId>().unwrap().to_string(), text);
        }
        for text in ["", "-1", "GPU-", "gpu-1", "MIG-1", "GPU-a/../b", "GPU-a,GPU-b", "all", "99999999999"] {
            assert!(text.parse::<GpuId>().is_err(), "{text}");
        }
    }
}
