//! Which hosts code may reach, and the proxy through which it reaches them.
//!
//! A run's network namespace has a loopback device and nothing else, with an allow-list too. With one, the jail's init
//! opens a listening socket in that namespace and hands it to the supervisor, whose [`Proxy`] answers on it: it takes
//! `CONNECT` and plain HTTP requests, looks the host up in the [`AllowList`], resolves its name, checks the address,
//! connects from outside, and notes each use in a [`NetworkLog`]. Code finds it by `HTTP_PROXY` and `HTTPS_PROXY`.

#[cfg(target_os = "linux")]
mod address;
mod allow;
#[cfg(target_os = "linux")]
mod connection;
#[cfg(target_os = "linux")]
mod head;
mod host;
#[cfg(target_os = "linux")]
mod lookup;
#[cfg(target_os = "linux")]
mod proxy;
mod record;
#[cfg(target_os = "linux")]
mod relay;
#[cfg(target_os = "linux")]
mod wait;

use serde::{Deserialize, Serialize};

pub use self::allow::{AllowList, HostRule, HostRuleError, NetworkCaps};
#[cfg(target_os = "linux")]
pub(crate) use self::proxy::Proxy;
pub use self::record::{Access, NetworkLog, NetworkUse};

/// What of the network a run can reach.
///
/// ```
/// use mledojo_sandbox::{AllowList, Network};
///
/// let rules = ["pypi.org", "files.pythonhosted.org", "*.example.org:8443"];
/// let hosts = rules.iter().map(|rule| rule.parse()).collect::<Result<_, _>>()?;
/// let network = Network::Allow(AllowList { hosts, ..AllowList::default() });
/// assert!(network != Network::None);
/// # Ok::<(), mledojo_sandbox::HostRuleError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Nothing.
    #[default]
    None,
    /// The HTTP and HTTPS servers on this list, through a proxy.
    Allow(AllowList),
}

impl Network {
    /// The list, if there is one.
    #[must_use]
    pub fn allow_list(&self) -> Option<&AllowList> {
        match self {
            Self::None => None,
            Self::Allow(list) => Some(list),
        }
    }

    /// The variables by which programs find the proxy.
    #[cfg(target_os = "linux")]
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        if *self == Self::None {
            return Vec::new();
        }
        let proxy = format!("http://127.0.0.1:{PROXY_PORT}");
        let found = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].map(|name| (name, proxy.clone()));
        // Not "localhost": a listed server of the host's own is reached through the proxy as well.
        let direct = ["NO_PROXY", "no_proxy"].map(|name| (name, String::new()));
        found.into_iter().chain(direct).collect()
    }
}

/// The port of the proxy in the jail's own namespace, where no other is taken.
#[cfg(target_os = "linux")]
pub(crate) const PROXY_PORT: u16 = 3128;
