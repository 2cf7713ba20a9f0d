//! How code ends, and what is known of it.

use std::path::Path;
use std::time::Duration;

use mledojo_sandbox::{Cancel, Outcome, Sandbox as _, SandboxError};

use crate::support::{Case, output, sandbox, succeed};

#[test]
fn output_arguments_and_environment_are_as_of_a_plain_python() {
    let mut case = Case::new(
        "import os, sys\nprint(sys.argv, os.getcwd(), sys.path[0], __name__, __file__)\n\
         print(os.environ['SEED'], os.environ['HOME'], os.environ['OMP_NUM_THREADS'], sys.stdin.read() == '')\n\
         print('to stderr', file=sys.stderr)\nprint(os.getuid(), os.getgid(), os.uname().nodename)\n",
    )
    .limits(|limits| limits.cpus = Some(3));
    case.job.args = vec!["--fast".into(), "two words".into()];
    case.job.env = vec![("SEED".into(), "7".into())];
    let report = case.run();
    assert_eq!(
        succeed(&report),
        "['/kaggle/src/main.py', '--fast', 'two words'] /kaggle/working /kaggle/src __main__ /kaggle/src/main.py\n\
         7 /tmp 3 True\n1000 1000 sandbox\n"
    );
    assert_eq!(report.stderr.text(), "to stderr\n");
    assert!(report.wall > Duration::ZERO && report.cpu > Duration::ZERO);
}

#[test]
fn exit_codes_and_signals_are_told_apart() {
    for code in [1, 3, 255] {
        assert_eq!(Case::new(&format!("raise SystemExit({code})")).run().outcome, Outcome::ExitCode { code });
    }
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGSEGV, libc::SIGABRT] {
        let script = format!("import os; os.kill(os.getpid(), {signal})");
        assert_eq!(Case::new(&script).run().outcome, Outcome::Signal { signal });
    }
}

#[test]
fn a_traceback_names_the_script_and_the_line() {
    let report = Case::new("x = 1\ny = x / 0\n").run();
    assert_eq!(report.outcome, Outcome::ExitCode { code: 1 });
    let text = report.stderr.text();
    assert!(text.contains("File \"/kaggle/src/main.py\", line 2") && text.contains("ZeroDivisionError"), "{text}");
}

#[test]
fn any_bytes_may_be_written() {
    let report = Case::new(
        "import sys\nprint('größe → 数')\nsys.stdout.flush()\nsys.stdout.buffer.write(b'\\xff\\x00\\x1b[31m\\n')",
    )
    .run();
    assert_eq!(succeed(&report), "größe → 数\n\u{fffd}\0\u{1b}[31m\n");
    assert_eq!(report.stdout.head, "größe → 数\n".bytes().chain(*b"\xff\0\x1b[31m\n").collect::<Vec<u8>>());
}

#[test]
fn the_working_folder_keeps_what_the_code_leaves() {
    let case = Case::new(
        "import os\nopen('submission.csv', 'w').write('id,y\\n')\nos.makedirs('a/b')\nprint(open('old.txt').read())\nopen('old.txt', 'a').write('!')\nopen('sub/more.txt', 'w')",
    );
    std::fs::write(case.work("old.txt"), "before").unwrap();
    std::fs::create_dir(case.work("sub")).unwrap();
    assert_eq!(succeed(&case.run()), "before\n");
    assert_eq!(std::fs::read_to_string(case.work("submission.csv")).unwrap(), "id,y\n");
    assert_eq!(std::fs::read_to_string(case.work("old.txt")).unwrap(), "before!");
    assert!(case.work("a/b").is_dir());
}

#[test]
fn a_large_script_and_an_empty_one_run() {
    let mut script = "#".repeat(10 << 20);
    script.push_str("\nprint('end')\n");
    assert_eq!(output(&script), "end\n");
    assert_eq!(output(""), "");
}

#[test]
fn masked_paths_are_empty_and_missing_ones_are_passed_over() {
    let folder = tempfile::TempDir::new().unwrap();
    let packages = folder.path().join("venv/lib/python3.99/site-packages");
    std::fs::create_dir_all(packages.join("bundled/data")).unwrap();
    std::fs::write(packages.join("bundled/answers.csv"), "secret").unwrap();
    std::fs::write(packages.join("bundled/data/inner.csv"), "secret").unwrap();
    std::fs::write(packages.join("bundled/open.csv"), "open").unwrap();
    let mut interpreter = crate::support::plain_python();
    interpreter.read_only.push(folder.path().join("venv"));
    interpreter.site_packages = Some(packages.clone());
    let sandbox = mledojo_sandbox::NamespaceSandbox::new(interpreter).unwrap();
    let script = format!(
        "import os\nroot = {:?} + '/bundled/'\nprint(repr(open(root + 'answers.csv').read()), os.listdir(root + 'data'), open(root + 'open.csv').read())\n\
         print(os.path.exists('/.empty'), sorted(os.listdir('/')))",
        packages.to_str().unwrap()
    );
    let mut case = Case::new(&script);
    case.job.masked = ["bundled/answers.csv", "bundled/data", "bundled/none"].map(String::from).into();
    let text = succeed(&sandbox.run(&case.job, &Cancel::default()).unwrap());
    assert!(text.starts_with("'' [] open\nFalse ["), "{text}");
    assert!(!text.contains(".old"), "{text}");
    case.job.masked = vec!["../bundled".into()];
    assert!(matches!(sandbox.run(&case.job, &Cancel::default()), Err(SandboxError::InvalidJob(_))));
}

fn refusal(case: &Case) -> String {
    match sandbox().run(&case.job, &Cancel::default()) {
        Err(SandboxError::InvalidJob(message)) => message,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn a_job_that_would_show_what_is_hidden_is_refused() {
    let mut case = Case::new("");
    case.job.inputs[0].host = case.folder.path().into();
    assert!(refusal(&case).contains("must stay hidden"), "a folder above the hidden one");
    case.job.inputs[0].host = case.folder.path().join("private");
    assert!(refusal(&case).contains("must stay hidden"), "the hidden one");
    std::fs::create_dir(case.folder.path().join("private/part")).unwrap();
    std::os::unix::fs::symlink(case.folder.path().join("private/part"), case.folder.path().join("link")).unwrap();
    case.job.inputs[0].host = case.folder.path().join("link");
    assert!(refusal(&case).contains("must stay hidden"), "a link below it");
    let mut case = Case::new("");
    case.job.work_dir = case.folder.path().into();
    assert!(refusal(&case).contains("must stay hidden"), "the working folder");
    let mut case = Case::new("");
    case.job.hidden.push("/usr/share/somewhere/that/does/not/exist".into());
    assert!(refusal(&case).contains("must stay hidden"), "below /usr");
}

#[test]
fn bad_names_and_missing_folders_are_refused() {
    for name in ["", ".", "..", "a/b", "a b", "a\0", "ä"] {
        let mut case = Case::new("");
        case.job.script_name = name.into();
        assert!(refusal(&case).contains("script name"), "{name:?}");
        let mut case = Case::new("");
        case.job.inputs[0].name = name.into();
        assert!(refusal(&case).contains("input name"), "{name:?}");
    }
    let mut case = Case::new("");
    case.job.work_dir = Path::new("/nowhere/at/all").into();
    assert!(refusal(&case).contains("/nowhere/at/all"));
    if crate::support::is_root() {
        let case = Case::new("");
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(&case.job.inputs[0].host, closed).unwrap();
        assert!(refusal(&case).contains("can't be read by other users"));
    }
    let mut case = Case::new("");
    case.job.env = vec![("A=B".into(), "c".into())];
    assert!(refusal(&case).contains("A=B"));
    let mut case = Case::new("");
    case.job.inputs.push(case.job.inputs[0].clone());
    assert!(refusal(&case).contains("two inputs"));
}

#[test]
fn an_interpreter_that_is_not_shown_or_shows_too_much_is_refused() {
    let mut interpreter = crate::support::plain_python();
    interpreter.read_only = vec!["/tmp".into()];
    assert!(mledojo_sandbox::NamespaceSandbox::new(interpreter.clone()).is_err());
    let folder = tempfile::TempDir::new().unwrap();
    let copy = folder.path().join("python3");
    std::fs::copy(std::fs::canonicalize(&interpreter.executable).unwrap(), &copy).unwrap();
    interpreter.read_only = Vec::new();
    interpreter.executable = copy;
    let error = mledojo_sandbox::NamespaceSandbox::new(interpreter).unwrap_err().to_string();
    assert!(error.contains("in none of its folders"), "{error}");
}

#[test]
fn a_sandbox_says_what_holds_its_limits() {
    let text = crate::support::cold_sandbox().describe();
    assert!(text.contains("cgroup") || text.contains("watchdog"), "{text}");
}
