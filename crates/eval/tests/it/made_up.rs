//! A run of eight made-up players on MLE-Dojo's evaluation split: a report of the size that people will read.

use std::collections::BTreeMap;
use std::path::Path;

use mledojo_agents::llm::Usage;
use mledojo_catalog::{BoardKind, Catalog, Competition};
use mledojo_env::{
    ActionStatus, Artifacts, Call, EnvConfig, EpisodeHeader, Failure, Feedback, Grade, Judging, Observation, RunInfo,
    StepInfo, StepRecord,
};
use mledojo_eval::{Ended, EpisodeOutcome, Experiment, RunFolder};
use mledojo_metrics::Protocol;
use mledojo_sandbox::{Outcome, SandboxRecord};
use serde_json::{Value, json};

/// Name, skill, and US dollars a step.
const PLAYERS: [(&str, Option<&str>, f64, f64); 8] = [
    ("baseline", None, 0.30, 0.0),
    ("mle", Some("openai/gpt-4o-mini-2024-07-18"), 0.22, 0.001),
    ("mle", Some("openai/o3-mini-2025-01-31"), 0.48, 0.018),
    ("mle", Some("deepseek/deepseek-reasoner"), 0.5, 0.006),
    ("mle", Some("gemini/gemini-2.5-pro-exp-03-25"), 0.62, 0.03),
    ("aide", Some("openai/gpt-4o-2024-11-20"), 0.36, 0.012),
    ("aide", Some("gemini/gemini-2.5-pro-exp-03-25"), 0.66, 0.04),
    ("tools", Some("local/qwen3-32b@http://10.0.0.7:8000/v1"), 0.33, 0.0),
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Writes the run into a folder: `competitions` of the split, with so many seeds.
pub(crate) fn write(folder: &Path, competitions: usize, seeds: u64) {
    let catalog = Catalog::bundled();
    let slugs = catalog.select(&["mle-dojo-eval"]).unwrap();
    let every = (slugs.len() / competitions).max(1);
    let competitions: Vec<Competition> = slugs.iter().step_by(every).map(|slug| catalog.get(slug).unwrap()).collect();
    let experiment = Experiment {
        agents: vec!["baseline".to_owned()],
        competitions: competitions.iter().map(|competition| competition.spec.slug.clone()).collect(),
        seeds: (0..seeds).collect(),
        ..Experiment::default()
    };
    let run = RunFolder::create(folder, experiment).unwrap();
    let mut random = Random(7);
    for (agent, model, skill, price) in PLAYERS {
        for competition in &competitions {
            for seed in 0..seeds {
                let ease = f64::from(competition.spec.slug.bytes().map(u32::from).sum::<u32>() % 100) / 100.0;
                episode(&run, (agent, model), competition, seed, (skill * (0.5 + ease), price), &mut random);
            }
        }
    }
}

fn episode(
    run: &RunFolder,
    (agent, model): (&str, Option<&str>),
    competition: &Competition,
    seed: u64,
    (skill, price): (f64, f64),
    random: &mut Random,
) {
    let slug = &competition.spec.slug;
    let board = competition.leaderboard.clone().under(Protocol::default());
    let scores = board.board(BoardKind::Private).or_else(|| board.board(BoardKind::Public)).unwrap().scores();
    let mut outcome = EpisodeOutcome {
        agent: agent.to_owned(),
        model: model.map(str::to_owned),
        competition: slug.clone(),
        seed,
        judging: Judging::default(),
        config_digest: String::new(),
        ended: Ended::Steps,
        best: None,
        last: None,
        held_out: None,
        steps: 15,
        usage: Usage::default(),
        cost_usd: Some(0.0),
        seconds: 0.0,
        working_seconds: 0.0,
        attempts: 1,
        error: None,
    };
    let directory = run.log_dir(&outcome.id());
    std::fs::create_dir_all(&directory).unwrap();
    let header = EpisodeHeader {
        format: EpisodeHeader::FORMAT,
        version: "0.1.0".to_owned(),
        created_at: "2026-01-02T03:04:05Z".to_owned(),
        competition: slug.clone(),
        data: "/data".into(),
        agent: agent.to_owned(),
        seed,
        judging: Judging::default(),
        config: EnvConfig::default(),
        sandbox: SandboxRecord::default(),
        interpreter: "python3".into(),
        runtime: BTreeMap::new(),
    };
    std::fs::write(directory.join("episode.json"), serde_json::to_vec(&header).unwrap()).unwrap();
    let mut lines = String::new();
    for step in 1..=15 {
        let record = self::step(step, skill, scores, &board, &mut outcome, (competition, random));
        lines.push_str(&serde_json::to_string(&record).unwrap());
        lines.push('\n');
        outcome.seconds = record.elapsed_seconds;
        if model.is_some() {
            outcome.usage.input_tokens += 3000 * step;
            outcome.usage.output_tokens += 700;
            outcome.cost_usd = outcome.cost_usd.map(|cost| cost + price * (0.5 + random.next()));
        }
    }
    outcome.working_seconds = 0.9 * outcome.seconds;
    if agent == "tools" {
        outcome.cost_usd = None;
    }
    std::fs::write(directory.join("steps.jsonl"), lines).unwrap();
    // Not by `finish`, which waits for the disk each time.
    let file = run.episode_dir(&outcome.id()).join("outcome.json");
    std::fs::write(file, serde_json::to_vec(&outcome).unwrap()).unwrap();
}

fn step(
    step: u64,
    skill: f64,
    scores: &[f64],
    board: &mledojo_catalog::Leaderboard,
    outcome: &mut EpisodeOutcome,
    (competition, random): (&Competition, &mut Random),
) -> StepRecord {
    let action = match step {
        1..=3 => "request_info",
        _ if random.next() < 0.3 => "validate_code",
        _ => "execute_code",
    };
    let failed = step > 3 && random.next() > 0.4 + 0.6 * skill.min(0.95);
    let mut data = Value::Null;
    let mut failure = None;
    let mut grade = None;
    if failed {
        let kind = if action == "validate_code" { 0.0 } else { random.next() };
        failure = Some(match kind {
            kind if kind < 0.6 => Failure::Run,
            kind if kind < 0.75 => Failure::SubmissionMissing,
            _ => Failure::SubmissionInvalid,
        });
        let classes = ["ValueError", "KeyError", "ModuleNotFoundError", "TypeError", "FileNotFoundError"];
        let class = classes[(random.next() * 5.0) as usize];
        let stderr = format!("Traceback (most recent call last):\n  File \"x\", line 1\n{class}: it went wrong\n");
        data = json!({
            "execution": {"stderr": stderr},
            "submission": {"error": {"kind": if random.next() < 0.5 { "missing_columns" } else { "row_count" }}},
        });
    } else if action == "execute_code" {
        let share = (1.0 - skill * (0.6 + 0.04 * step as f64) + 0.5 * (random.next() - 0.5)).clamp(0.0, 1.0);
        let raw_score = scores[(share * (scores.len() - 1) as f64) as usize];
        grade = Some(Grade { raw_score, standing: board.standing(raw_score), note: None });
    }
    let direction = competition.spec.metric.direction;
    if let Some(grade) = &grade {
        let is_better = outcome.best.as_ref().is_none_or(|best| direction.is_better(grade.raw_score, best.raw_score));
        if is_better {
            outcome.best = Some(grade.clone());
        }
        outcome.last = Some(grade.clone());
    }
    let (ran, graded) = (step > 3, grade.is_some());
    let outcome_of_run = if failure == Some(Failure::Run) { Outcome::ExitCode { code: 1 } } else { Outcome::Ok };
    let run = RunInfo {
        outcome: outcome_of_run,
        wall_seconds: 20.0,
        cpu_seconds: 30.0,
        system_cpu_seconds: 1.0,
        peak_memory: None,
        stdout_bytes: 0,
        stderr_bytes: 0,
        disk: None,
        network: Default::default(),
        gpu: None,
        warm: true,
    };
    let action_status = if failed { ActionStatus::Failed } else { ActionStatus::Success };
    StepRecord {
        step,
        at: "2026-01-02T04:00:00Z".to_owned(),
        elapsed_seconds: step as f64 * 60.0 * (1.0 + skill),
        call: Call { action: action.to_owned(), params: Default::default() },
        reward: 0.0,
        terminated: false,
        truncated: step == 15,
        observation: Observation {
            step,
            action_status,
            feedback: BTreeMap::from([("base".to_owned(), Feedback { text: String::new(), data })]),
            current: outcome.last.clone(),
            best: outcome.best.clone(),
            steps_left: Some(15 - step),
            seconds_left: None,
            history: String::new(),
        },
        info: StepInfo { failure, run: ran.then_some(run), ..StepInfo::default() },
        artifacts: Artifacts {
            submission: graded.then(|| format!("artifacts/{step:04}/submission.csv")),
            ..Artifacts::default()
        },
    }
}
