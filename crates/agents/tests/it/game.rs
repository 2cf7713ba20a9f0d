//! A stand-in for an environment: answers questions, runs code, reads what it submits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mledojo_agents::{Agent, AgentSpec};
use mledojo_catalog::Standing;
use mledojo_env::{ActionStatus, Call, Feedback, Grade, Observation};
use serde_json::{Value, json};
use tempfile::TempDir;

/// One competition's files and metadata.
pub(crate) struct Game {
    directory: TempDir,
    /// `task`, `metric` and `submission` of the metadata.
    facts: Value,
}

/// A run of the agent's code.
pub(crate) struct Run {
    pub(crate) call: Call,
    pub(crate) output: Output,
    /// The submission's bytes, if the code wrote one.
    pub(crate) submission: Option<Vec<u8>>,
}

impl Run {
    pub(crate) fn title(&self) -> &str {
        self.call.params["code"].as_str().unwrap().lines().next().unwrap()
    }

    /// Asserts that the run went well, without a word on stderr.
    pub(crate) fn assert_clean(&self) {
        let stderr = String::from_utf8_lossy(&self.output.stderr);
        let stdout = String::from_utf8_lossy(&self.output.stdout);
        assert!(self.output.status.success(), "{}\n{stdout}\n{stderr}", self.title());
        assert_eq!(stderr, "", "{}", self.title());
    }

    /// Header and rows of the submission.
    pub(crate) fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let bytes = self.submission.as_ref().expect("the code wrote a submission");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        (header, rows)
    }
}

impl Game {
    pub(crate) fn new(facts: Value) -> Self {
        let directory = TempDir::new().unwrap();
        let game = Self { directory, facts };
        std::fs::create_dir_all(game.data()).unwrap();
        std::fs::create_dir_all(game.work()).unwrap();
        game
    }

    /// The data folder; its name is one to trip over.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("input/it's [a] \"tést\"")
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.directory.path().join("working")
    }

    /// Writes a table of the competition.
    pub(crate) fn write(&self, name: &str, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let mut writer = csv::Writer::from_path(self.data().join(name)).unwrap();
        writer.write_record(header).unwrap();
        for row in rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    }

    fn metadata(&self) -> Value {
        let mut metadata = self.facts.clone();
        metadata["data_path"] = json!(self.data());
        metadata["output_path"] = json!(self.work().join("submission.csv"));
        metadata
    }

    /// Lets the baseline play `steps` steps with made-up scores, and returns its runs of code.
    pub(crate) fn play(&self, seed: u64, steps: u64) -> Vec<Run> {
        let mut agent = AgentSpec::Baseline.build(seed).unwrap();
        self.play_with(agent.as_mut(), steps)
    }

    fn play_with(&self, agent: &mut dyn Agent, steps: u64) -> Vec<Run> {
        let mut seen = observation(0, steps);
        let mut runs = Vec::new();
        for step in 1..=steps {
            let Some(call) = agent.act(&seen).unwrap() else { break };
            seen = observation(step, steps);
            if let Some(info_type) = call.params.get("info_type") {
                let value = if info_type == "metadata" { self.metadata() } else { Value::Null };
                let data = json!({"status": "SUCCESS", "data": {info_type.as_str().unwrap(): value}});
                seen.feedback.insert("base".to_owned(), Feedback { text: String::new(), data });
                continue;
            }
            let run = self.run(call);
            if run.output.status.success() && run.submission.is_some() {
                seen.current = Some(grade(0.1 + 0.15 * runs.len() as f64));
            } else {
                seen.action_status = ActionStatus::Failed;
            }
            runs.push(run);
        }
        runs
    }

    /// Runs a call's code in the working folder.
    pub(crate) fn run(&self, call: Call) -> Run {
        let python = std::env::var_os("MLEDOJO_TEST_PYTHON")
            .expect("MLEDOJO_TEST_PYTHON names no Python with the runtime's packages; use `cargo xtask test`");
        let submission = self.work().join("submission.csv");
        let _ = std::fs::remove_file(&submission);
        let script = self.directory.path().join("script.py");
        std::fs::write(&script, call.params["code"].as_str().unwrap()).unwrap();
        let output = Command::new(python).arg("-I").arg(script).current_dir(self.work()).output().unwrap();
        Run { call, output, submission: std::fs::read(submission).ok() }
    }

    /// Asserts that all runs went well and wrote the header and ids of the sample submission, in its order.
    pub(crate) fn assert_valid(&self, runs: &[Run]) {
        let sample = std::fs::read_to_string(self.data().join("sample_submission.csv")).unwrap();
        let mut sample = csv::Reader::from_reader(sample.as_bytes());
        let header: Vec<String> = sample.headers().unwrap().iter().map(str::to_owned).collect();
        let ids: Vec<String> = sample.records().map(|row| row.unwrap()[0].to_owned()).collect();
        for run in runs {
            run.assert_clean();
            let (columns, rows) = run.table();
            assert_eq!(columns, header, "{}", run.title());
            assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ids, "{}", run.title());
            assert!(rows.iter().flatten().all(|cell| !cell.is_empty()), "{}: a blank cell", run.title());
        }
    }

    /// Files in the working folder that keep models' predictions.
    pub(crate) fn kept(&self) -> Vec<PathBuf> {
        let is_kept = |path: &Path| path.extension().is_some_and(|extension| extension == "npz");
        let entries = std::fs::read_dir(self.work()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| is_kept(path)).collect()
    }
}

fn observation(step: u64, steps: u64) -> Observation {
    Observation {
        step,
        action_status: ActionStatus::Success,
        feedback: BTreeMap::new(),
        current: None,
        best: None,
        steps_left: Some(steps - step),
        seconds_left: None,
        history: String::new(),
    }
}

fn grade(score: f64) -> Grade {
    let standing = Standing { human_rank: score, public: None, private: None, medal: None };
    Grade { raw_score: score, standing, note: None }
}
