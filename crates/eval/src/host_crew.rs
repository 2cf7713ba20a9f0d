//! A run's crew from what this host has: its competitions, its sandbox, and models by name.

use std::sync::Arc;

use mledojo_agents::llm::{LlmClient, ModelSpec};
use mledojo_agents::{Agent, AgentError, AgentSpec};
use mledojo_env::{Engine, EnvError, PreparedCompetition, Workbench};
use mledojo_sandbox::SandboxChoice;

use crate::error::RunError;
use crate::experiment::Experiment;
use crate::runner::{Crew, Role};

/// The competitions of a [`Workbench`], agents by [`AgentSpec`], and models of an [`LlmClient`].
pub struct HostCrew {
    workbench: Workbench,
    engine: Arc<Engine>,
    llm: LlmClient,
}

impl HostCrew {
    /// The crew of an experiment, in whose sandbox code runs. The runtime is made first if need be.
    ///
    /// # Errors
    /// A sandbox that there is not or that doesn't work here, or a runtime that cannot be made.
    pub fn new(experiment: &Experiment, mut workbench: Workbench, llm: LlmClient) -> Result<Self, RunError> {
        let choice = SandboxChoice::named(&experiment.sandbox, experiment.image.as_deref());
        workbench.sandbox = choice.map_err(RunError::Invalid)?;
        let engine = workbench.engine(workbench.runtime()?)?;
        Ok(Self { workbench, engine, llm })
    }
}

impl Crew for HostCrew {
    fn competition(&self, slug: &str, experiment: &Experiment) -> Result<Arc<PreparedCompetition>, EnvError> {
        let judging = |spec: &_| experiment.judging(spec);
        self.workbench.competition(slug, judging, self.engine.runtime(), Some(&self.engine))
    }

    fn agent(&self, role: &Role<'_>) -> Result<Box<dyn Agent>, AgentError> {
        let model = match &role.player.model {
            Some(name) => Some(role.purse.guard(self.llm.model(&name.parse::<ModelSpec>()?)?)),
            None => None,
        };
        role.player.agent.parse::<AgentSpec>()?.build_with(role.seed, role.options, model)
    }

    fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }
}
