//! `aide`: a search over whole solutions. Each node of a [`Tree`] is a script and what came of it; a [`Policy`] says
//! which node to work on, an operator (draft, improve, debug, crossover) is how the model makes the next one of it, and
//! the environment's grade is the judge.
//!
//! The search keeps `journal.jsonl` (each node when it is made, each result when it is known) and `best_solution.py` in
//! the agent's folder; [`TreePage`] draws them.

mod evolution;
mod greedy;
mod journal;
mod mcts;
mod node;
mod page;
mod policy;
mod solution;
mod task;

use std::path::{Path, PathBuf};

use fastrand::Rng;
use minijinja::context;
use mledojo_env::{ActionStatus, Call, Observation};

use self::journal::Journal;
pub use self::journal::{JournalLine, read_journal};
pub use self::node::{Node, Outcome, Tree};
pub use self::page::TreePage;
pub use self::policy::{Move, Policy, SearchPolicy};
use self::solution::Solution;
use self::task::Task;
use crate::desk::{Answer, Ask, Desk};
use crate::error::AgentError;
use crate::llm::{FinishReason, Message};
use crate::options::AgentOptions;
use crate::prompts::Prompts;
use crate::scaffold::Scaffold;
use crate::transcript::Purpose;
use crate::view::{feedback, left};

/// See the module's text.
pub(crate) struct Aide {
    name: String,
    options: AgentOptions,
    prompts: Prompts,
    policy: Box<dyn Policy>,
    rng: Rng,
    seed: u64,
    stage: Stage,
    task: Task,
    tree: Tree,
    journal: Journal,
    folder: Option<PathBuf>,
}

/// What the next observation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Informed,
    Previewed,
    /// The script of the latest node ran.
    Ran,
}

impl Aide {
    /// Its temperature, where the options have none.
    pub(crate) const TEMPERATURE: f64 = 0.5;

    pub(crate) fn new(
        search: SearchPolicy,
        options: &AgentOptions,
        seed: u64,
        name: String,
    ) -> Result<Self, AgentError> {
        Ok(Self {
            name,
            prompts: Prompts::open(options.prompts.as_deref())?,
            policy: search.policy(options),
            options: options.clone(),
            rng: Rng::with_seed(seed),
            seed,
            stage: Stage::Begin,
            task: Task::default(),
            tree: Tree::default(),
            journal: Journal::default(),
            folder: None,
        })
    }

    /// Learns what came of the latest node.
    fn judge(&mut self, observation: &Observation) -> Result<(), AgentError> {
        let worked = observation.action_status == ActionStatus::Success;
        let grade = observation.current.as_ref().filter(|_| worked);
        let outcome = Outcome {
            step: observation.step,
            value: grade.map(|grade| self.task.value(grade)),
            raw_score: grade.map(|grade| grade.raw_score),
            human_rank: grade.map(|grade| grade.standing.human_rank),
            medal: grade.and_then(|grade| grade.standing.medal).map(|medal| medal.to_string()),
            output: solution::shortened(&feedback(observation)),
        };
        let best_before = self.tree.best();
        let Some(node) = self.tree.judge(outcome) else { return Ok(()) };
        let line = JournalLine::Result { node: node.id, outcome: node.outcome.clone().unwrap_or_default() };
        self.journal.record(&line)?;
        let best = self.tree.best();
        if best != best_before
            && let (Some(best), Some(folder)) = (best, &self.folder)
        {
            write_whole(&folder.join("best_solution.py"), self.tree.node(best).code.as_bytes())?;
        }
        Ok(())
    }

    /// Makes the next node, and the call that runs it.
    fn grow(&mut self, desk: &mut Desk, observation: &Observation) -> Result<Call, AgentError> {
        let chosen = self.policy.choose(&self.tree, &mut self.rng);
        let prompt = self.prompt(chosen, observation)?;
        let purpose = match chosen {
            Move::Draft => Purpose::Draft,
            Move::Improve(_) => Purpose::Improve,
            Move::Debug(_) => Purpose::Debug,
            Move::Crossover(..) => Purpose::Crossover,
        };
        let Solution { plan, code } = self.write(desk, observation.step, purpose, chosen, prompt)?;
        let node = self.tree.grow(chosen, observation.step + 1, plan, code);
        let line = JournalLine::Node {
            node: node.id,
            step: node.step,
            operator: node.origin.operator().to_owned(),
            parents: node.origin.parents(),
            plan: node.plan.clone(),
            code: node.code.clone(),
        };
        let call = Call::execute_code(node.code.clone());
        self.journal.record(&line)?;
        Ok(call)
    }

    fn prompt(&self, chosen: Move, observation: &Observation) -> Result<String, AgentError> {
        let paths = (&self.task.data_path, &self.task.output_path);
        let guidelines = self.prompts.render(
            "aide/guidelines",
            context!(data_path => paths.0, output_path => paths.1, left => left(observation)),
        )?;
        let (task, data, memory) = (&self.task.text, &self.task.data, self.memory());
        let result = |id: usize| self.task.result(self.tree.node(id));
        let code = |id: usize| &self.tree.node(id).code;
        match chosen {
            Move::Draft => self.prompts.render("aide/draft", context!(task, data, memory, guidelines)),
            Move::Improve(id) => self.prompts.render(
                "aide/improve",
                context!(task, data, memory, guidelines, code => code(id), result => result(id)),
            ),
            Move::Debug(id) => {
                let output = self.tree.node(id).outcome.as_ref().map_or("", |outcome| outcome.output.as_str());
                self.prompts.render("aide/debug", context!(task, data, guidelines, code => code(id), output))
            }
            Move::Crossover(first, second) => {
                let other = (code(second), result(second));
                self.prompts.render(
                    "aide/crossover",
                    context!(
                        task, data, memory, guidelines, code => code(first), result => result(first),
                        other_code => other.0, other_result => other.1
                    ),
                )
            }
        }
    }

    /// What the solutions that work came to, for the model.
    fn memory(&self) -> String {
        let told = |node: &Node| format!("- Plan: {}\n  Result: {}", node.plan.trim(), self.task.result(node));
        self.tree.good().map(told).collect::<Vec<_>>().join("\n")
    }

    /// Asks for a plan and a script; what comes without is mended. If it can't be, the text itself is run, and fails.
    fn write(
        &self,
        desk: &mut Desk,
        step: u64,
        purpose: Purpose,
        chosen: Move,
        prompt: String,
    ) -> Result<Solution, AgentError> {
        let node = Some((self.tree.len() as u64, chosen.parents().first().map(|parent| *parent as u64)));
        let mut ask = Ask { node, ..Ask::new(step, purpose, vec![Message::user(prompt)]) };
        let mut last = String::new();
        for attempt in 0..=self.options.repairs {
            let reply = match desk.ask(&ask)? {
                Answer::Reply(reply) => reply,
                // The repairs have made the conversation too long; what is there has to do.
                Answer::Refused { .. } if attempt > 0 => break,
                refused => refused.reply().map(Box::new)?,
            };
            last.clone_from(&reply.message.content);
            let problem = match Solution::read(&last) {
                Ok(solution) => return Ok(solution),
                Err(problem) => problem,
            };
            let cut = reply.finish == FinishReason::Length;
            let mended = self.prompts.render("aide/repair", context!(error => problem, cut))?;
            ask.messages.extend([Message::from(reply.message), Message::user(mended)]);
            ask.purpose = Purpose::Repair;
        }
        Ok(Solution { plan: String::new(), code: last })
    }
}

impl Scaffold for Aide {
    fn name(&self) -> &str {
        &self.name
    }

    fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.folder = Some(folder.to_owned());
        self.journal = Journal::open(folder)?;
        self.journal.record(&JournalLine::Search { agent: self.name.clone(), seed: self.seed })
    }

    fn decide(&mut self, desk: &mut Desk, observation: &Observation) -> Result<Option<Call>, AgentError> {
        match self.stage {
            Stage::Begin => {
                self.stage = Stage::Informed;
                return Ok(Some(Call::request_info("all")));
            }
            Stage::Informed => {
                self.task = Task::read(observation);
                self.stage = Stage::Previewed;
                // With few steps left, each is worth more than a look at the data.
                if observation.steps_left.is_none_or(|left| left > 4) {
                    return Ok(Some(Call::validate_code(self.task.preview())));
                }
            }
            Stage::Previewed => self.task.previewed(observation),
            Stage::Ran => self.judge(observation)?,
        }
        self.stage = Stage::Ran;
        self.grow(desk, observation).map(Some)
    }

    fn ended(&mut self, observation: &Observation) -> Result<(), AgentError> {
        if self.stage == Stage::Ran { self.judge(observation) } else { Ok(()) }
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), AgentError> {
    let temporary = file.with_extension("new");
    std::fs::write(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, file))
        .map_err(|error| AgentError::io("write", file, error))
}
