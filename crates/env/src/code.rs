//! Running an agent's code in a step: syntax, sandbox, submission, artifacts.

use std::path::Path;
use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, Job, Limits, Outcome, Report, Syntax};

use crate::competition::PreparedCompetition;
use crate::config::EnvConfig;
use crate::engine::Engine;
use crate::episode::{Artifacts, EpisodeLog, LONGEST_IN_LINE, write, write_synced};
use crate::error::EnvError;
use crate::grade::{Grade, Grades};
use crate::result::{ActionResult, Refusal, Run, Submission};
use crate::slots::Slots;
use crate::step::RunInfo;
use crate::submission;
use crate::workspace::Workspace;

/// The seed of Python's string hashes, one for all: it is fixed when an interpreter starts, before an episode is known
/// to it. 0 would switch hash randomisation off in a way of its own.
pub(crate) const HASH_SEED: &str = "1";

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To see whether the code works; an earlier submission is left alone.
    Validate,
    /// To grade the submission that this very run writes.
    Grade,
}

/// One run of an agent's code, with all it needs.
pub(crate) struct CodeRun<'a> {
    pub(crate) competition: &'a PreparedCompetition,
    pub(crate) engine: &'a Engine,
    /// Where code may run; `None`: anywhere.
    pub(crate) slots: Option<&'a Slots>,
    pub(crate) config: &'a EnvConfig,
    pub(crate) workspace: &'a mut Workspace,
    pub(crate) log: &'a EpisodeLog,
    pub(crate) step: u64,
    pub(crate) seed: u64,
    pub(crate) wall: Duration,
}

/// What a run came to.
pub(crate) struct CodeDone {
    pub(crate) result: ActionResult,
    /// The grade on the rows that the agent is not shown the score of.
    pub(crate) held_out: Option<Grade>,
    pub(crate) run_info: Option<RunInfo>,
    pub(crate) sha256: Option<String>,
    pub(crate) artifacts: Artifacts,
    /// How long it waited for a slot.
    pub(crate) waited: Duration,
}

impl CodeRun<'_> {
    pub(crate) fn run(self, code: &str, purpose: Purpose, cancel: &Cancel) -> Result<CodeDone, EnvError> {
        let (folder, name) = self.log.artifact_folder(self.step)?;
        // What the step's line holds, or its observation, is durable with that line.
        let mut synced = code.len() > LONGEST_IN_LINE;
        let store = |synced: bool| if synced { write_synced } else { write };
        store(synced)(&folder.join("code.py"), code.as_bytes())?;
        let mut artifacts = Artifacts { code: Some(format!("{name}/code.py")), ..Artifacts::default() };
        if let Syntax::Invalid(problem) = self.engine.syntax().check(code.as_bytes(), &self.script_name())? {
            if synced {
                self.log.sync_names(&folder)?;
            }
            let result = ActionResult::Refused(Refusal::Syntax(problem));
            return Ok(CodeDone {
                result,
                held_out: None,
                run_info: None,
                sha256: None,
                artifacts,
                waited: Duration::ZERO,
            });
        }

        self.workspace.begin(self.step)?;
        let asked = Instant::now();
        let slot = match self.slots.map(|slots| slots.acquire(cancel)) {
            Some(None) => return Err(EnvError::Cancelled),
            slot => slot.flatten(),
        };
        let waited = asked.elapsed();
        let report = self.engine.sandbox().run(&self.job(code), cancel)?;
        drop(slot);
        if report.outcome == Outcome::Cancelled {
            return Err(EnvError::Cancelled);
        }
        for (stream, captured) in [("stdout", &report.stdout), ("stderr", &report.stderr)] {
            if captured.total > 0 {
                let file = format!("{stream}.txt");
                let cut = captured.total > self.config.shown_output_bytes as u64;
                synced |= cut;
                store(cut)(&folder.join(&file), captured.text().as_bytes())?;
                let place = if stream == "stdout" { &mut artifacts.stdout } else { &mut artifacts.stderr };
                *place = Some(format!("{name}/{file}"));
            }
        }

        let run = self.shown(&report);
        // A run that wrote too much has failed.
        let put_back = || if wrote_too_much(&report) { self.workspace.undo() } else { self.workspace.put_back() };
        let (mut sha256, mut held_out) = (None, None);
        let result = match purpose {
            Purpose::Validate => {
                put_back()?;
                ActionResult::Validation(run)
            }
            Purpose::Grade if !report.outcome.is_ok() => {
                put_back()?;
                ActionResult::Execution { run, submission: Submission::RunFailed }
            }
            Purpose::Grade => {
                let file = folder.join("submission.csv");
                let limit = self.config.max_submission_bytes;
                let submission = match submission::take(self.workspace.path(), &file, limit)? {
                    None => Submission::Missing,
                    Some(Err(error)) => Submission::BadFile(error),
                    Some(Ok(hash)) => {
                        synced = true;
                        sha256 = Some(hash);
                        artifacts.submission = Some(format!("{name}/submission.csv"));
                        let (submission, grade) = self.grade(&file, cancel)?;
                        held_out = grade;
                        submission
                    }
                };
                match submission {
                    Submission::Graded(_) | Submission::Rejected(_) => self.workspace.keep_submission()?,
                    _ => self.workspace.put_back()?,
                }
                ActionResult::Execution { run, submission }
            }
        };
        if synced {
            self.log.sync_names(&folder)?;
        }
        Ok(CodeDone { result, held_out, run_info: Some(run_info(&report)), sha256, artifacts, waited })
    }

    fn script_name(&self) -> String {
        format!("step_{:04}.py", self.step)
    }

    fn job(&self, code: &str) -> Job {
        Job {
            script: code.as_bytes().to_vec(),
            script_name: self.script_name(),
            args: Vec::new(),
            work_dir: self.workspace.path().to_owned(),
            inputs: vec![self.competition.input()],
            masked: self.competition.spec().masked().to_vec(),
            host_paths: false,
            hidden: vec![self.competition.data().private()],
            env: vec![
                ("PYTHONHASHSEED".to_owned(), HASH_SEED.to_owned()),
                ("MLEDOJO_SEED".to_owned(), self.seed.to_string()),
            ],
            network: self.config.network.clone(),
            limits: Limits { wall: self.wall, ..self.config.limits.clone() },
        }
    }

    /// The run as the agent sees it.
    fn shown(&self, report: &Report) -> Run {
        let limit = self.config.shown_output_bytes;
        Run {
            outcome: report.outcome.clone(),
            stdout: report.stdout.text_within(limit),
            stderr: report.stderr.text_within(limit),
            seconds: report.wall.as_secs_f64(),
            limit_seconds: self.wall.as_secs_f64(),
            undone: wrote_too_much(report),
        }
    }

    fn grade(&self, submission: &Path, cancel: &Cancel) -> Result<(Submission, Option<Grade>), EnvError> {
        Ok(match self.competition.judge().grade(submission, cancel)? {
            Ok(Grades { shown, held_out }) => (Submission::Graded(shown), held_out),
            Err(rejection) => (Submission::Rejected(rejection), None),
        })
    }
}

fn wrote_too_much(report: &Report) -> bool {
    report.disk.is_some_and(|disk| disk.over)
}

fn run_info(report: &Report) -> RunInfo {
    RunInfo {
        outcome: report.outcome.clone(),
        wall_seconds: report.wall.as_secs_f64(),
        cpu_seconds: report.cpu.as_secs_f64(),
        system_cpu_seconds: report.system_cpu.as_secs_f64(),
        peak_memory: report.peak_memory,
        stdout_bytes: report.stdout.total,
        stderr_bytes: report.stderr.total,
        disk: report.disk,
        network: report.network.clone(),
        gpu: report.gpu.clone(),
        warm: report.warm,
    }
}
