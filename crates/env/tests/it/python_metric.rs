//! Metrics that are Python files: scores, invalid submissions, faults, and who can read the answers.

use std::path::Path;

use mledojo_catalog::{Catalog, Competition};
use mledojo_env::{EnvError, Grades, Judge, Judging};
use mledojo_metrics::{Protocol, Rejection};
use mledojo_sandbox::Cancel;
use tempfile::TempDir;

use crate::world::engine;

const METRIC: &str = "
def score(answers, submission):
    both = answers.merge(submission, on='id', suffixes=('', '_predicted'), validate='one_to_one')
    if not both['y_predicted'].notna().all():
        raise ValueError('`y` must not be blank')
    return (both['y'] - both['y_predicted']).abs().mean()
";
const ANSWERS: &str = "id,y\n1,10\n2,20\n3,30\n4,40\n5,50\n";

/// A competition `own` whose metric is this Python text, with answers beside it.
struct Own {
    folder: TempDir,
    competition: Competition,
}

impl Own {
    fn new(metric: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/competitions/bridge-staff");
        std::fs::create_dir(&own).unwrap();
        let spec = std::fs::read_to_string(example.join("competition.toml")).unwrap();
        let spec = spec.replace("bridge-staff", "own").replace("\"riders\"]", "\"y\"]").replace("id,riders", "id,y");
        let spec = spec.replace("target = \"riders\"", "target = \"y\"");
        std::fs::write(own.join("competition.toml"), spec).unwrap();
        std::fs::write(own.join("metric.py"), metric).unwrap();
        std::fs::write(own.join("brief.md"), "Own.").unwrap();
        std::fs::write(own.join("leaderboard.csv"), "public_score,private_score\n1,1\n5,5\n").unwrap();
        std::fs::write(folder.path().join("answers.csv"), ANSWERS).unwrap();
        let competition = Catalog::bundled().with_folder(folder.path()).get("own").unwrap();
        Self { folder, competition }
    }

    fn judge(&self, public_fraction: f64) -> Result<Judge, EnvError> {
        let judging = Judging { protocol: Protocol::Corrected, public_fraction };
        Judge::new(&self.competition, judging, &self.folder.path().join("answers.csv"), Some(&engine()))
    }

    fn grade(&self, submission: &str) -> Result<Result<Grades, Rejection>, EnvError> {
        self.grade_by(&self.judge(1.0).unwrap(), submission)
    }

    fn grade_by(&self, judge: &Judge, submission: &str) -> Result<Result<Grades, Rejection>, EnvError> {
        let file = self.folder.path().join("submission.csv");
        std::fs::write(&file, submission).unwrap();
        judge.grade(&file, &Cancel::default())
    }
}

#[test]
fn a_score_is_placed_like_any_other() {
    let own = Own::new(METRIC);
    let grades = own.grade("id,y\n5,51\n4,42\n3,33\n2,24\n1,15\n").unwrap().unwrap();
    assert_eq!((grades.shown.raw_score, &grades.held_out), (3.0, &None));
    assert_eq!(grades.shown.standing.private.unwrap().position, 2);
    assert_eq!(own.grade(ANSWERS).unwrap().unwrap().shown.standing.human_rank, 1.0);
}

#[test]
fn a_part_of_the_rows_is_scored_by_itself() {
    let own = Own::new(METRIC);
    let judge = own.judge(0.4).unwrap();
    let error = |id: i32, by: i32| {
        let row = |row: i32| format!("{row},{}\n", 10 * row + if row == id { by } else { 0 });
        let grades = own.grade_by(&judge, &format!("id,y\n{}", (1..=5).map(row).collect::<String>())).unwrap().unwrap();
        (grades.shown.raw_score, grades.held_out.unwrap().raw_score)
    };
    // Two rows are shown, three are held out, and an error shows on its own side alone.
    let scores: Vec<_> = (1..=5).map(|id| error(id, 6)).collect();
    assert_eq!(scores.iter().filter(|&&score| score == (3.0, 0.0)).count(), 2, "{scores:?}");
    assert_eq!(scores.iter().filter(|&&score| score == (0.0, 2.0)).count(), 3, "{scores:?}");
}

#[test]
fn a_submission_is_invalid_by_its_format_or_by_a_value_error() {
    let own = Own::new(METRIC);
    let kind = |submission: &str| {
        let rejection = own.grade(submission).unwrap().unwrap_err();
        (rejection.kind(), rejection.to_string())
    };
    assert_eq!(kind("id,x\n1,1\n").0, "missing_columns");
    assert_eq!(kind("id,y\n1,1\n2,1\n3,1\n4,1\n6,1\n").0, "unknown_ids");
    assert_eq!(kind("id,y\n1,\"1\n").0, "unreadable");
    let (kind, message) = kind("id,y\n1,1\n2,1\n3,1\n4,1\n5,\n");
    assert_eq!(kind, "custom");
    assert!(message.contains("`y` must not be blank"), "{message}");
}

#[test]
fn a_metric_that_fails_is_a_fault_of_the_host() {
    let submission = ANSWERS;
    for (metric, said) in [
        ("def score(answers, submission):\n    return answers['z'].sum()\n", "KeyError: 'z'"),
        ("def score(answers, submission):\n    return 'much'\n", "could not convert string to float"),
        ("def score(answers, submission):\n    return -1.0\n", "gave -1.0; expected a number from 0 to inf"),
        ("def score(answers, submission):\n    return float('nan')\n", "gave nan"),
        ("score = 3\n", "not callable"),
        ("import nowhere\n", "No module named 'nowhere'"),
        ("import os\nos._exit(7)\n", "code: 7"),
        ("import os\nos._exit(0)\n", "result.json"),
    ] {
        let error = Own::new(metric).grade(submission).unwrap_err().to_string();
        assert!(error.contains(said), "{metric}: {error}");
    }
}

#[test]
fn a_metric_sees_no_more_of_the_host_than_its_files() {
    let own = Own::new(
        "
import os
def score(answers, submission):
    inputs = sorted(os.path.join(place, name) for place, _, names in os.walk('/kaggle/input') for name in names)
    raise ValueError(repr([inputs, os.listdir('.'), os.path.exists(FOLDER)]))
",
    );
    let metric = own.folder.path().join("own/metric.py");
    let text = std::fs::read_to_string(&metric).unwrap();
    std::fs::write(&metric, text.replace("FOLDER", &format!("{:?}", own.folder.path().to_str().unwrap()))).unwrap();
    let said = own.grade(ANSWERS).unwrap().unwrap_err().to_string();
    let inputs = "'/kaggle/input/metric/answers.csv', '/kaggle/input/metric/metric.py', \
                  '/kaggle/input/submission/parts.json', '/kaggle/input/submission/submission.csv'";
    assert!(said.contains(&format!("[[{inputs}], [], False]")), "{said}");
}

#[test]
fn a_metric_needs_an_engine_and_a_file() {
    let own = Own::new(METRIC);
    let answers = own.folder.path().join("answers.csv");
    let error = Judge::new(&own.competition, Judging::default(), &answers, None).err().unwrap().to_string();
    assert!(error.contains("metric.py") && error.contains("needs a runtime"), "{error}");
    std::fs::remove_file(own.folder.path().join("own/metric.py")).unwrap();
    let error = Catalog::bundled().with_folder(own.folder.path()).get("own").unwrap_err().to_string();
    assert!(error.contains("own/metric.py"), "{error}");
}
