//! Folders shown at their own paths of the host, for code that was written with these.

use mledojo_sandbox::{Cancel, Input, Sandbox as _, SandboxError};

use crate::support::{Case, cold_sandbox, output, sandbox, succeed};

/// A case whose script gets the host's working folder, public folder and private folder as arguments.
fn case(script: &str) -> Case {
    let mut case = Case::new(script);
    case.job.host_paths = true;
    case.job.args =
        ["work", "public", "private"].map(|name| case.folder.path().join(name).to_str().unwrap().to_owned()).into();
    case
}

#[test]
fn folders_show_at_their_own_paths_and_nothing_beside_them() {
    let case = case(
        r#"
import os, sys
work, public, private = sys.argv[1:]
print(open(public + "/train.csv").read().split()[0])
with open(work + "/submission.csv", "w") as file: file.write("id,y\n")
print(os.path.samefile(work, "."), sorted(os.listdir(os.path.dirname(work))))
for path in (private, private + "/test_answer.csv", public + "/../private/test_answer.csv"): print(os.path.exists(path))
try: open(public + "/new", "w")
except OSError as error: print(error.strerror)
"#,
    );
    let printed = succeed(&case.attack());
    assert_eq!(printed, "id,x\nTrue ['public', 'work']\nFalse\nFalse\nFalse\nRead-only file system\n");
    assert_eq!(std::fs::read_to_string(case.work("submission.csv")).unwrap(), "id,y\n");
}

#[test]
fn a_run_that_does_not_ask_for_host_paths_shows_none() {
    let case = case("");
    let work = case.job.work_dir.to_str().unwrap();
    assert_eq!(output(&format!("import os; print(os.path.exists({work:?}))")), "False\n");
}

#[test]
fn a_link_on_the_host_leads_there_as_well() {
    let mut case = case("import sys; print(open(sys.argv[1] + '/train.csv').read().split()[0])");
    let link = case.folder.path().join("link");
    std::os::unix::fs::symlink(case.folder.path().join("public"), &link).unwrap();
    case.job.inputs = vec![Input { host: link.clone(), name: "data".into() }];
    case.job.args = vec![link.to_str().unwrap().to_owned()];
    assert_eq!(succeed(&case.run()), "id,x\n");
}

#[test]
fn paths_that_every_jail_has_are_refused() {
    for (work, public, said) in [
        ("work", "/usr/share", "/usr"),
        ("work", "/etc", "must stay hidden"),
        ("public/work", "public", "one in the other"),
    ] {
        let mut case = case("");
        std::fs::create_dir(case.folder.path().join("public/work")).unwrap();
        case.job.work_dir = case.folder.path().join(work);
        case.job.inputs[0].host = case.folder.path().join(public);
        if public == "/etc" {
            case.job.hidden = vec!["/etc/ssl".into()];
        }
        match cold_sandbox().run(&case.job, &Cancel::default()) {
            Err(SandboxError::InvalidJob(message)) => assert!(message.contains(said), "{message}"),
            other => panic!("{other:?}"),
        }
        assert!(sandbox().run(&Case::new("").job, &Cancel::default()).unwrap().outcome.is_ok());
    }
}
