//! What a job is granted beyond its jail, while it runs: a network, GPUs.

use std::io;
use std::os::fd::OwnedFd;

use super::process;
use crate::error::SandboxError;
use crate::gpu::{self, GpuDriver, GpuUse};
use crate::job::Job;
use crate::network::{NetworkLog, Proxy};

/// The grants of one run. Dropping them ends all that serves them.
pub(super) struct Grants {
    network: Option<Proxy>,
    gpus: Option<gpu::Grant>,
    gpu_watch: Option<gpu::Watch>,
    variables: Vec<(&'static str, String)>,
}

/// What was made of the grants.
pub(super) struct Used {
    pub(super) network: NetworkLog,
    pub(super) gpu: Option<GpuUse>,
}

impl Grants {
    pub(super) fn of(job: &Job, driver: &GpuDriver) -> Result<Self, SandboxError> {
        let network = job.network.allow_list().map(|list| Proxy::new(list.clone())).transpose();
        let network = network.map_err(failed("start the network proxy"))?;
        let asked = Some(&job.limits.gpus).filter(|gpus| !gpus.is_empty());
        let gpus = asked.map(|gpus| driver.grant(gpus)).transpose()?;
        let mut variables = job.network.variables();
        variables.extend(gpus.iter().flat_map(gpu::Grant::variables));
        Ok(Self { network, gpus, gpu_watch: None, variables })
    }

    /// The variables by which code finds what it is granted.
    pub(super) fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    pub(super) fn gpus(&self) -> Option<&gpu::Grant> {
        self.gpus.as_ref()
    }

    /// The run has begun, below this process.
    pub(super) fn begin(&mut self, job: &Job, init: u32) -> Result<(), SandboxError> {
        if let Some(gpus) = &self.gpus {
            let watch = gpu::Watch::start(gpus.clone(), job.limits.gpu_memory, move || process::descendants(init));
            self.gpu_watch = Some(watch.map_err(failed("watch the run's GPU memory"))?);
        }
        Ok(())
    }

    /// Takes the jail's listening socket.
    pub(super) fn listen(&mut self, mut descriptors: Vec<OwnedFd>) -> Result<(), SandboxError> {
        let (Some(proxy), Some(listener)) = (&mut self.network, descriptors.pop()) else { return Ok(()) };
        proxy.serve(listener).map_err(failed("start the network proxy"))
    }

    pub(super) fn out_of_gpu_memory(&self) -> bool {
        self.gpu_watch.as_ref().is_some_and(gpu::Watch::is_over)
    }

    /// Ends what serves them, when the run has ended.
    pub(super) fn finish(self) -> Used {
        Used {
            network: self.network.map(Proxy::finish).unwrap_or_default(),
            gpu: self.gpu_watch.map(gpu::Watch::finish),
        }
    }
}

fn failed(action: &'static str) -> impl Fn(io::Error) -> SandboxError {
    move |source| SandboxError::System { action, source }
}
