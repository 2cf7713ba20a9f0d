//! What a job is granted beyond its jail, while it runs.

use std::os::fd::OwnedFd;

use crate::error::SandboxError;
use crate::job::Job;
use crate::network::{NetworkLog, Proxy};

/// The grants of one run. Dropping them ends all that serves them.
pub(super) struct Grants {
    network: Option<Proxy>,
}

/// What was made of the grants.
pub(super) struct Used {
    pub(super) network: NetworkLog,
}

impl Grants {
    pub(super) fn of(job: &Job) -> Result<Self, SandboxError> {
        let network = job.network.allow_list().map(|list| Proxy::new(list.clone())).transpose();
        let network = network.map_err(|source| SandboxError::System { action: "start the network proxy", source })?;
        Ok(Self { network })
    }

    /// The variables by which code finds what it is granted.
    pub(super) fn variables(job: &Job) -> Vec<(&'static str, String)> {
        job.network.variables()
    }

    /// Takes the jail's listening socket.
    pub(super) fn listen(&mut self, mut descriptors: Vec<OwnedFd>) -> Result<(), SandboxError> {
        let (Some(proxy), Some(listener)) = (&mut self.network, descriptors.pop()) else { return Ok(()) };
        proxy.serve(listener).map_err(|source| SandboxError::System { action: "start the network proxy", source })
    }

    /// Ends what serves them, when the run has ended.
    pub(super) fn finish(self) -> Used {
        Used { network: self.network.map(Proxy::finish).unwrap_or_default() }
    }
}
