//! What a run did with the network.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::job::seconds;

/// What a run did with the network, in the order in which its connections ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkLog {
    /// The first uses, up to [`NetworkLog::KEPT`].
    pub uses: Vec<NetworkUse>,
    /// How many more there were.
    pub left_out: u64,
}

/// One connection through the proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkUse {
    /// The host that was asked for; empty where the request named none.
    pub host: String,
    /// Its port; 0 where the request named none.
    pub port: u16,
    /// Whether it was let through.
    #[serde(flatten)]
    pub access: Access,
    /// Bytes sent to the host.
    pub up: u64,
    /// Bytes received from it.
    pub down: u64,
    /// From the connection's begin to its end.
    #[serde(rename = "seconds", with = "seconds")]
    pub duration: Duration,
}

/// What became of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "access", rename_all = "snake_case")]
pub enum Access {
    /// It was let through, and ended by itself.
    Allowed,
    /// It was not let through.
    Refused {
        /// Why.
        reason: String,
    },
    /// It was let through, and then failed or was cut off.
    Failed {
        /// Why.
        reason: String,
    },
}

impl NetworkLog {
    /// How many uses are kept.
    pub const KEPT: usize = 256;

    /// Whether there was no use at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uses.is_empty() && self.left_out == 0
    }

    #[cfg(target_os = "linux")]
    pub(super) fn push(&mut self, new: NetworkUse) {
        if self.uses.len() < Self::KEPT {
            self.uses.push(new);
        } else {
            self.left_out += 1;
        }
    }
}
