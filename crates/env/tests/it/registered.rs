//! Feedback, information and actions of one's own.

use std::sync::Arc;
use std::time::Duration;

use mledojo_env::{
    ActionStatus, Budget, CustomAction, CustomContext, EnvConfig, EnvError, Failure, Feedback, FeedbackContext,
    FeedbackProvider, Judging, PreparedCompetition,
};
use mledojo_metrics::{Direction, Rejection, Score, Scoring, Table};
use serde_json::{Map, Value, json};

use crate::world::{SAMPLE, World, base, judged_iris};

struct Counter(u32);

impl FeedbackProvider for Counter {
    fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback {
        self.0 += 1;
        let graded = context.result.grade().is_some();
        Feedback { text: format!("call {}, graded: {graded}", self.0), data: json!({ "count": self.0 }) }
    }
}

/// A reviewer who takes their time, and has nothing to say.
struct Slow;

impl FeedbackProvider for Slow {
    fn feedback(&mut self, _: FeedbackContext<'_>) -> Feedback {
        std::thread::sleep(Duration::from_millis(1500));
        Feedback { text: String::new(), data: Value::Null }
    }
}

/// The share of rows that say `setosa`, whatever the answers are.
struct Setosas(Direction);

impl Scoring for Setosas {
    fn direction(&self) -> Direction {
        self.0
    }

    fn score(&self, submission: &Table) -> Result<Score, Rejection> {
        let species = submission.column("species");
        let species = species.ok_or_else(|| Rejection::Custom { reason: "where is `species`?".to_owned() })?;
        let setosas = species.iter().filter(|cell| *cell == "setosa").count();
        Ok(Score { value: setosas as f64 / submission.rows() as f64, note: None })
    }
}

#[test]
fn a_metric_of_ones_own_scores_and_refuses() {
    let iris = || Arc::into_inner(judged_iris(Judging::default())).unwrap();
    let own = iris().with_scoring(Box::new(Setosas(Direction::Maximize))).unwrap();
    let mut world = World::of(Arc::new(own), EnvConfig::default());
    world.reset("episode");
    let graded =
        world.execute("open('submission.csv', 'w').write('species\\nsetosa\\nsetosa\\nvirginica\\nsetosa\\n')");
    assert_eq!(graded.observation.current.unwrap().raw_score, 0.75);
    let refused = world.execute("open('submission.csv', 'w').write('a,b\\n1,2\\n')");
    assert!(base(&refused.observation).contains("where is `species`?"), "{}", base(&refused.observation));
    let error = iris().with_scoring(Box::new(Setosas(Direction::Minimize))).err().unwrap().to_string();
    assert!(error.contains("direction"), "{error}");
}

struct Peek;

impl CustomAction for Peek {
    fn perform(&mut self, params: &Map<String, Value>, context: CustomContext<'_>) -> Result<Feedback, String> {
        let Some(depth) = params.get("depth").and_then(Value::as_u64) else {
            return Err("`depth` must be a number".to_owned());
        };
        let files = std::fs::read_dir(context.work_dir).map_err(|error| error.to_string())?.count();
        Ok(Feedback { text: format!("{files} files, depth {depth}"), data: json!({ "files": files }) })
    }
}

#[test]
fn what_is_registered_takes_part() {
    let mut world = World::new();
    world.environment.feedback_providers().register("counter", Box::new(Counter(0)));
    world
        .environment
        .info_providers()
        .register("teams", Box::new(|_: &PreparedCompetition| Ok::<Value, String>(json!(3))));
    world.environment.register_action("peek", Box::new(Peek)).unwrap();
    assert!(world.environment.register_action("finish", Box::new(Peek)).is_err());
    let first = world.reset("episode");
    assert!(base(&first).contains("peek") && base(&first).contains("teams"));

    let info = world.info("teams").observation;
    assert_eq!(info.feedback["base"].data["data"]["teams"], json!(3));
    assert_eq!(info.feedback["counter"].text, "call 1, graded: false");
    assert_eq!(world.execute(SAMPLE).observation.feedback["counter"].text, "call 2, graded: true");

    let peek = world.step("peek", json!({ "depth": 2 })).observation;
    assert_eq!(base(&peek), "1 files, depth 2");
    assert_eq!(peek.action_status, ActionStatus::Success);
    let bad = world.step("peek", json!({}));
    assert_eq!(bad.info.failure, Some(Failure::Custom));
    assert_eq!(base(&bad.observation), "`depth` must be a number");
}

#[test]
fn a_cancelled_run_is_no_step() {
    let mut world = World::begun();
    world.execute(SAMPLE);
    let canceller = world.environment.canceller();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            canceller.cancel();
        });
        let params =
            [("code".to_owned(), json!("open('half', 'w'); import time; time.sleep(60)"))].into_iter().collect();
        world.environment.step(mledojo_env::Call { action: "execute_code".to_owned(), params })
    });
    assert!(matches!(stopped, Err(EnvError::Cancelled)));
    let lines = std::fs::read_to_string(world.path("episode/steps.jsonl")).unwrap().lines().count();
    assert_eq!(lines, 1);
    assert!(world.work_file("submission.csv").is_file());
    assert!(!world.work_file("half").exists());
}

#[test]
fn a_reviewers_time_is_not_the_agents_and_silence_leaves_no_trace() {
    let mut world =
        World::with(EnvConfig { budget: Budget { steps: None, seconds: Some(60.0) }, ..EnvConfig::default() });
    world.environment.feedback_providers().register("slow", Box::new(Slow));
    world.reset("episode");
    let step = world.step("get_history", json!({}));
    assert_eq!(step.observation.feedback.keys().collect::<Vec<_>>(), ["base"]);
    assert!(step.info.seconds < 1.0 && step.observation.seconds_left.unwrap() > 59.0, "{step:?}");
}
