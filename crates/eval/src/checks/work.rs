//! What an agent left in an episode, read for the checks.

use std::path::{Path, PathBuf};

use mledojo_env::{ActionStatus, EnvError, Episode, Grade};

use crate::checks::code::Code;

/// The code and the submissions of an episode.
pub(crate) struct Work {
    pub(crate) competition: String,
    /// Its sample submission.
    pub(crate) sample: PathBuf,
    /// Code that ran, by step.
    pub(crate) code: Vec<(u64, Code)>,
    /// Submissions that were taken, by step.
    pub(crate) submissions: Vec<Submitted>,
    /// The one that counts.
    pub(crate) chosen: Option<usize>,
}

/// A submission that was taken from the agent's folder.
pub(crate) struct Submitted {
    pub(crate) step: u64,
    pub(crate) sha256: String,
    pub(crate) file: PathBuf,
    /// Its grades, shown and held out, if it was valid.
    pub(crate) grade: Option<(Grade, Option<Grade>)>,
}

impl Work {
    /// Reads the episode in a folder.
    pub(crate) fn read(directory: &Path) -> Result<Self, EnvError> {
        let episode = Episode::open(directory)?;
        let sample = episode.header.data.join("public/sample_submission.csv");
        let competition = episode.header.competition.clone();
        let mut work = Self { competition, sample, code: Vec::new(), submissions: Vec::new(), chosen: None };
        let mut best = None;
        for record in episode.steps()? {
            let record = record?;
            if record.info.run.is_some()
                && let Some(code) = episode.call(&record)?.params.get("code").and_then(|code| code.as_str())
            {
                work.code.push((record.step, Code::of(code)));
            }
            if let (Some(sha256), Some(file)) = (&record.info.submission_sha256, &record.artifacts.submission) {
                let graded = record.observation.action_status == ActionStatus::Success;
                let shown = record.observation.current.clone().filter(|_| graded);
                if shown.is_some() && record.observation.best != best {
                    work.chosen = Some(work.submissions.len());
                }
                work.submissions.push(Submitted {
                    step: record.step,
                    sha256: sha256.clone(),
                    file: directory.join(file),
                    grade: shown.map(|shown| (shown, record.info.held_out.clone())),
                });
            }
            best.clone_from(&record.observation.best);
        }
        Ok(work)
    }

    /// The submission that counts.
    pub(crate) fn chosen(&self) -> Option<&Submitted> {
        self.submissions.get(self.chosen?)
    }

    /// The code that wrote the submission that counts.
    pub(crate) fn chosen_code(&self) -> Option<&Code> {
        let step = self.chosen()?.step;
        self.code.iter().find(|(of, _)| *of == step).map(|(_, code)| code)
    }

    /// Steps whose submission has the bytes of an earlier one.
    pub(crate) fn repeats(&self) -> Vec<u64> {
        let is_repeat =
            |&(index, new): &(usize, &Submitted)| self.submissions[..index].iter().any(|old| old.sha256 == new.sha256);
        self.submissions.iter().enumerate().filter(is_repeat).map(|(_, submitted)| submitted.step).collect()
    }
}
