//! The `process` sandbox: outcomes and limits as far as a plain child has them, and its frankness about the rest.

use std::time::{Duration, Instant};

use mledojo_sandbox::{
    AllowList, Cancel, CodePaths, Network, Outcome, ProcessSandbox, Report, Sandbox, SandboxChoice, SandboxError,
};

use crate::support::{Case, marker, plain_python, processes_with, succeed};

fn run(case: &Case) -> Report {
    ProcessSandbox::new(plain_python()).run(&case.job, &Cancel::default()).unwrap()
}

fn outcome(script: &str) -> Outcome {
    run(&Case::new(script)).outcome
}

#[test]
fn it_says_that_it_isolates_nothing() {
    let sandbox = SandboxChoice::named("process", None).unwrap().open(&plain_python()).unwrap();
    assert_eq!(sandbox.name(), "process");
    assert!(sandbox.warning().unwrap().contains("NOTHING"));
    assert_eq!(sandbox.paths(), CodePaths::Host);
    assert!(!sandbox.record().isolated);
    for name in ["namespace", "warm"] {
        let sandbox = SandboxChoice::named(name, None).unwrap().open(&plain_python()).unwrap();
        assert_eq!((sandbox.name(), sandbox.warning(), sandbox.record().isolated), (name, None, true));
    }
    assert!(SandboxChoice::named("jail", None).unwrap_err().contains("expected one of warm, namespace"));
}

#[test]
fn the_code_finds_its_folders_and_a_clean_environment() {
    let mut case = Case::new(
        "import os, sys\n\
         data = os.environ['MLEDOJO_INPUT_DIR'] + '/data/train.csv'\n\
         print(open(data).read().strip(), sys.argv[1:], os.environ['SEED'], sys.stdin.read() == '')\n\
         print(os.getcwd() == os.path.realpath(os.environ['MLEDOJO_WORK_DIR']), 'CARGO_MANIFEST_DIR' in os.environ)\n\
         print(os.path.basename(__file__), os.environ['HOME'] == os.environ['TMPDIR'], os.getsid(0) == os.getpid())\n\
         open('left.txt', 'w').write('kept'); open(os.environ['TMPDIR'] + '/gone.txt', 'w').write('x')\n\
         print(os.environ['TMPDIR']); print('to stderr', file=sys.stderr)",
    );
    case.job.args = vec!["two words".into()];
    case.job.env = vec![("SEED".into(), "7".into())];
    let report = run(&case);
    let text = succeed(&report);
    let (start, tmp) = text.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(start, "id,x\n1,2 ['two words'] 7 True\nTrue False\nmain.py True True");
    assert!(!std::path::Path::new(tmp).exists());
    assert_eq!(std::fs::read_to_string(case.work("left.txt")).unwrap(), "kept");
    assert_eq!(report.stderr.text(), "to stderr\n");
    assert!(report.cpu > Duration::ZERO && report.peak_memory.unwrap() > 1 << 20 && !report.warm);
}

#[test]
fn ends_are_told_apart() {
    assert_eq!(outcome("raise SystemExit(3)"), Outcome::ExitCode { code: 3 });
    assert_eq!(outcome("1/0"), Outcome::ExitCode { code: 1 });
    assert_eq!(outcome("import os; os.kill(os.getpid(), 11)"), Outcome::Signal { signal: 11 });
    let case = Case::new("while True: pass").limits(|limits| limits.cpu = Some(Duration::from_secs(1)));
    assert_eq!(run(&case).outcome, Outcome::CpuTime);
    let case = Case::new("open('big', 'wb').write(bytes(1 << 20))").limits(|limits| limits.file_size = 64 << 10);
    assert_eq!(run(&case).outcome, Outcome::FileSize);
    let case = Case::new("hold = bytearray(400 << 20)\nimport time; time.sleep(30)")
        .limits(|limits| limits.memory = Some(200 << 20));
    let report = run(&case);
    assert_eq!(report.outcome, Outcome::Memory);
    assert!(report.peak_memory.unwrap() > 200 << 20 && report.wall < Duration::from_secs(15));
    let mut missing = plain_python();
    missing.executable = "/nowhere/python".into();
    let report = ProcessSandbox::new(missing).run(&Case::new("").job, &Cancel::default()).unwrap();
    assert!(matches!(report.outcome, Outcome::StartFailure { message } if message.contains("/nowhere/python")));
}

#[test]
fn a_flood_is_cut_off_and_its_ends_are_kept() {
    let case = Case::new("import os\nos.write(1, b'first')\nwhile True: os.write(1, b'x' * 65536)").limits(|limits| {
        limits.output = 1 << 20;
        limits.capture.head = 5;
        limits.capture.tail = 3;
    });
    let report = run(&case);
    assert_eq!(report.outcome, Outcome::Output);
    assert_eq!((report.stdout.head.as_slice(), report.stdout.tail.as_slice()), (&b"first"[..], &b"xxx"[..]));
    assert!(report.stdout.total > 1 << 20);
}

#[test]
fn nothing_outlives_the_run() {
    for (name, wait, expected) in [("ends", "", Outcome::Ok), ("hangs", "time.sleep(300)", Outcome::Timeout)] {
        let marker = marker(name);
        // One in the same session, and one that left it and was orphaned; both hold the output.
        let case = Case::new(&format!(
            "import os, subprocess, sys, time\n\
             subprocess.Popen(['sleep', '300'], executable='sleep')\n\
             if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        \
             os.execvp(sys.executable, [sys.executable, '-c', 'import time; time.sleep(300)', '{marker}'])\n    os._exit(0)\n\
             os.wait()\nopen('ready', 'w')\nprint('said', flush=True)\ntime.sleep(0.3)\n{wait}"
        ))
        .limits(|limits| limits.wall = Duration::from_secs(3));
        let started = Instant::now();
        let report = run(&case);
        assert_eq!(report.outcome, expected);
        assert_eq!(report.stdout.text(), "said\n");
        assert_eq!(processes_with(&marker), Vec::<u32>::new());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn it_can_be_cancelled() {
    let (case, cancel) = (Case::new("import time; time.sleep(300)"), Cancel::default());
    let started = Instant::now();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| ProcessSandbox::new(plain_python()).run(&case.job, &cancel).unwrap());
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
        assert_eq!(run.join().unwrap().outcome, Outcome::Cancelled);
    });
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_list_of_hosts_that_nothing_would_enforce_is_refused() {
    let mut case = Case::new("");
    case.job.network = Network::Allow(AllowList::default());
    let error = ProcessSandbox::new(plain_python()).run(&case.job, &Cancel::default()).unwrap_err().to_string();
    assert!(error.contains("`process`") && error.contains("list of hosts"), "{error}");
}

#[test]
fn a_job_that_would_hand_over_what_is_hidden_is_refused() {
    let sandbox = ProcessSandbox::new(plain_python());
    let mut case = Case::new("");
    case.job.inputs[0].host = case.folder.path().into();
    let refused = sandbox.run(&case.job, &Cancel::default());
    assert!(matches!(refused, Err(SandboxError::InvalidJob(text)) if text.contains("must stay hidden")));
    let mut case = Case::new("");
    case.job.script_name = "../main.py".into();
    assert!(matches!(sandbox.run(&case.job, &Cancel::default()), Err(SandboxError::InvalidJob(_))));
}
