//! Warm interpreters: all that holds for new ones, and their own life.

use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, Outcome, Preload, Sandbox as _, WarmSandbox};

use crate::support::{Case, WARM, plain_python, succeed, warm_sandbox};

#[test]
fn everything_holds_in_warm_interpreters() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["escape::", "lifetime::", "limits::", "outcomes::"])
        .env(WARM, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "warm:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(" 0 passed"), "{text}");
}

fn run(sandbox: &WarmSandbox, case: &Case) -> mledojo_sandbox::Report {
    sandbox.run(&case.job, &Cancel::default()).unwrap()
}

#[test]
fn an_interpreter_is_started_once_and_forked() {
    let sandbox = warm_sandbox(Preload { modules: vec!["json".into(), "no_such_module".into()] });
    assert!(sandbox.interpreters().is_empty());
    for _ in 0..3 {
        let report = run(&sandbox, &Case::new("import sys; print('json' in sys.modules, __file__)"));
        assert!(report.warm, "{:?}", sandbox.cold_reason());
        assert_eq!(succeed(&report), "True /kaggle/src/main.py\n");
    }
    assert_eq!(sandbox.interpreters().len(), 1);
    let left_out = sandbox.left_out();
    assert!(left_out.len() == 1 && left_out[0].contains("no_such_module"), "{left_out:?}");
    let pid = sandbox.interpreters()[0];
    drop(sandbox);
    assert!(!std::fs::exists(format!("/proc/{pid}")).unwrap());
}

#[test]
fn a_killed_interpreter_costs_nothing_but_time() {
    let sandbox = warm_sandbox(Preload::none());
    succeed(&run(&sandbox, &Case::new("pass")));
    let kill = |pid: u32| {
        // SAFETY: takes numbers; the process is this sandbox's.
        assert_eq!(unsafe { libc::kill(pid.cast_signed(), libc::SIGKILL) }, 0);
    };
    // During a run: the run goes on.
    let case = Case::new("import time; time.sleep(0.5); print('to the end')");
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(250));
            kill(sandbox.interpreters()[0]);
        });
        run(&sandbox, &case)
    });
    assert_eq!((succeed(&report).as_str(), report.warm), ("to the end\n", true));
    // Between runs: whether its end is seen in time or not, the job runs.
    for round in 0..10 {
        let report = run(&sandbox, &Case::new("print('again')"));
        assert_eq!(succeed(&report), "again\n");
        if let Some(pid) = sandbox.interpreters().first() {
            kill(*pid);
        }
        if round % 2 == 0 {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    // One that is stopped takes no jobs; the limit on time holds all the same.
    let report = run(&sandbox, &Case::new("pass"));
    succeed(&report);
    let pid = sandbox.interpreters().first().copied();
    if let Some(pid) = pid {
        // SAFETY: takes numbers; the process is this sandbox's.
        unsafe { libc::kill(pid.cast_signed(), libc::SIGSTOP) };
        let case = Case::new("pass").limits(|limits| limits.wall = Duration::from_secs(1));
        assert_eq!(run(&sandbox, &case).outcome, Outcome::Timeout);
        kill(pid);
    }
}

#[test]
fn a_job_that_no_warm_interpreter_fits_runs_in_a_new_one() {
    let sandbox = warm_sandbox(Preload::none());
    let mut case = Case::new("import sys; print(sys.flags.optimize)");
    case.job.env = vec![("PYTHONOPTIMIZE".into(), "1".into())];
    let report = run(&sandbox, &case);
    assert_eq!((succeed(&report).as_str(), report.warm), ("1\n", false));
    assert!(sandbox.cold_reason().unwrap().contains("PYTHONOPTIMIZE"));
    // Threads that are counted otherwise, and the script's own variables.
    for (cpus, seed) in [(1, "1"), (2, "2"), (1, "3"), (3, "4")] {
        let mut case = Case::new("import os; print(os.environ['OMP_NUM_THREADS'], os.environ['MLEDOJO_SEED'])")
            .limits(|limits| limits.cpus = Some(cpus));
        case.job.env = vec![("MLEDOJO_SEED".into(), seed.into())];
        let report = run(&sandbox, &case);
        assert_eq!((succeed(&report), report.warm), (format!("{cpus} {seed}\n"), cpus < 3));
    }
}

#[test]
fn an_interpreter_that_cannot_be_warm_is_used_cold() {
    let sandbox = warm_sandbox(Preload { modules: vec!["antigravity_that_is_not_there".into()] });
    assert!(run(&sandbox, &Case::new("pass")).warm);
    let mut interpreter = plain_python();
    interpreter.executable = "/usr/bin/true".into();
    let sandbox = WarmSandbox::new(interpreter, Preload::none()).unwrap();
    let report = run(&sandbox, &Case::new("pass"));
    assert!(!report.warm && report.outcome.is_ok());
    assert!(sandbox.cold_reason().unwrap().contains("cannot be started"));
}

#[test]
fn in_the_background_no_run_waits_for_imports() {
    let sandbox = warm_sandbox(Preload { modules: vec!["json".into()] }).in_background();
    let first = run(&sandbox, &Case::new("pass"));
    assert!(!first.warm && first.outcome.is_ok());
    assert!(sandbox.cold_reason().unwrap().contains("still importing"));
    let start = Instant::now();
    while !run(&sandbox, &Case::new("pass")).warm {
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", sandbox.cold_reason());
    }
    assert_eq!(sandbox.interpreters().len(), 1);
}

#[test]
fn two_hundred_runs_leave_nothing() {
    let sandbox = warm_sandbox(Preload::none());
    let case = Case::new("pass");
    run(&sandbox, &case);
    let children = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let count = |path: String| std::fs::read_dir(path).unwrap().count();
    let pid = sandbox.interpreters()[0];
    let before = count(format!("/proc/{pid}/fd"));
    let own = count("/proc/self/fd".into());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count();
    for _ in 0..200 {
        assert!(run(&sandbox, &case).warm);
    }
    assert_eq!(sandbox.interpreters(), [pid]);
    assert_eq!(count(format!("/proc/{pid}/fd")), before);
    // Other tests run beside this one and hold a few descriptors each.
    assert!(count("/proc/self/fd".into()) < own + 80);
    assert_eq!(std::fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count(), mounts);
    let start = Instant::now();
    while !children(pid).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(5), "{}", children(pid));
        std::thread::sleep(Duration::from_millis(5));
    }
}
