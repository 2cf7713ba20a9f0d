//! What counts as a submission of a run.

use mledojo_env::{ActionStatus, Failure};

use crate::world::{SAMPLE, World, base};

#[test]
fn only_the_runs_own_submission_counts() {
    let mut world = World::begun();
    let graded = world.execute(SAMPLE);
    assert!(graded.observation.current.is_some());

    let none = world.execute("import os\nassert not os.path.exists('submission.csv')");
    assert_eq!(none.info.failure, Some(Failure::SubmissionMissing), "{}", base(&none.observation));
    assert_eq!(none.observation.current, graded.observation.current);
    assert_eq!(none.reward, 0.0);

    world.execute(&format!("{SAMPLE}\nraise SystemExit(1)"));
    let after = world.execute("pass");
    assert_eq!(after.info.failure, Some(Failure::SubmissionMissing));
}

#[test]
fn validation_grades_nothing_and_leaves_the_submission_alone() {
    let mut world = World::begun();
    world.execute(SAMPLE);
    let file = world.work_file("submission.csv");
    let before = std::fs::read(&file).unwrap();
    let validated = world.validate("open('submission.csv', 'w').write('rubbish')");
    assert_eq!(validated.observation.action_status, ActionStatus::Success);
    assert_eq!((validated.reward, validated.info.submission_sha256), (0.0, None));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn odd_files_are_told_at_once() {
    let cases = [
        ("import os\nos.symlink('/kaggle/input/iris/sample_submission.csv', 'submission.csv')", "a symbolic link"),
        ("import os\nos.mkfifo('submission.csv')", "a named pipe"),
        ("import os\nos.mkdir('submission.csv')", "a folder"),
        ("f = open('submission.csv', 'wb')\nf.truncate(3 << 30)", "the limit is 536870912"),
        ("open('a', 'w').write('id,species\\n')\nimport os\nos.link('a', 'submission.csv')", "a hard link"),
    ];
    let mut world = World::begun();
    for (code, text) in cases {
        let result = world.execute(code);
        assert_eq!(result.info.failure, Some(Failure::SubmissionFile), "{}", base(&result.observation));
        assert!(base(&result.observation).contains(text), "{}", base(&result.observation));
    }
}

#[test]
fn an_invalid_submission_is_told_with_a_reason() {
    let cases = [("", "empty"), ("id,species\n", "row"), ("id,kind\\n1,setosa\\n", "species")];
    let mut world = World::begun();
    for (text, reason) in cases {
        let result = world.execute(&format!("open('submission.csv', 'w').write('{}')", text.replace('\n', "\\n")));
        assert_eq!(result.info.failure, Some(Failure::SubmissionInvalid), "{}", base(&result.observation));
        let told = base(&result.observation);
        assert!(told.contains("Invalid submission") && told.contains(reason), "{told}");
    }
}
