//! Warm interpreters: all that holds for new ones, and their own life.

use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, Preload, Sandbox as _, WarmSandbox};

use crate::support::{Case, WARM, is_root, plain_python, succeed, warm_sandbox};

/// What makes a script run where modules are preloaded: it looks like the import of a package.
const FULL: &str = "\n#: import package";

#[test]
fn everything_holds_in_warm_interpreters() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["disk::", "escape::", "lifetime::", "limits::", "outcomes::"])
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
        let report = run(&sandbox, &Case::new(&format!("import sys; print('json' in sys.modules, __file__){FULL}")));
        assert!(report.warm, "{:?}", sandbox.cold_reason());
        assert_eq!(succeed(&report), "True /kaggle/src/main.py\n");
    }
    assert_eq!(sandbox.interpreters().len(), 1);
    // A script that needs no package gets an interpreter without any.
    let report = run(&sandbox, &Case::new("import sys; print('json' in sys.modules, __file__)"));
    assert_eq!((succeed(&report).as_str(), report.warm), ("False /kaggle/src/main.py\n", true));
    assert_eq!(sandbox.interpreters().len(), 2);
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
}

#[test]
fn a_stopped_interpreter_is_replaced() {
    let sandbox = warm_sandbox(Preload::none()).keeping(0, 100);
    let case = Case::new("print('done')");
    assert!(run(&sandbox, &case).warm);
    let pid = sandbox.interpreters()[0];
    // SAFETY: takes numbers; the process is this sandbox's.
    unsafe { libc::kill(pid.cast_signed(), libc::SIGSTOP) };
    let report = run(&sandbox, &case);
    assert_eq!((succeed(&report).as_str(), report.warm), ("done\n", false));
    assert!(run(&sandbox, &case).warm);
    assert!(sandbox.interpreters()[0] != pid);
}

/// Waits until so many jails are ready.
fn full(sandbox: &WarmSandbox, spares: usize) -> Vec<u32> {
    let start = Instant::now();
    while sandbox.jails().len() < spares {
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", sandbox.jails());
        std::thread::sleep(Duration::from_millis(5));
    }
    sandbox.jails()
}

#[test]
fn jails_are_kept_ready_and_die_with_the_sandbox() {
    let sandbox = warm_sandbox(Preload::none()).keeping(3, 100);
    let case = Case::new("print('done')");
    run(&sandbox, &case);
    let jails = full(&sandbox, 3);
    let report = run(&sandbox, &case);
    assert!(report.warm && succeed(&report) == "done\n");
    // Killed ones are passed over, whether init or the fork in it died.
    let rest = full(&sandbox, 3);
    assert!(jails.iter().filter(|jail| rest.contains(jail)).count() >= 2, "{jails:?} {rest:?}");
    let fork = std::fs::read_to_string(format!("/proc/{}/task/{0}/children", rest[1])).unwrap();
    for pid in [rest[0], fork.trim().parse().unwrap()] {
        // SAFETY: takes numbers; the processes are this sandbox's.
        assert_eq!(unsafe { libc::kill(pid.cast_signed(), libc::SIGKILL) }, 0);
    }
    let reports: Vec<_> = (0..4).map(|_| run(&sandbox, &case)).collect();
    assert!(reports.iter().all(|report| succeed(report) == "done\n"));
    assert!(reports[3].warm, "{:?}", sandbox.cold_reason());
    let last = full(&sandbox, 3);
    drop(sandbox);
    for pid in last {
        assert!(!std::fs::exists(format!("/proc/{pid}")).unwrap());
    }
}

#[test]
fn an_interpreter_is_replaced_after_so_many_forks() {
    let sandbox = warm_sandbox(Preload::none()).keeping(1, 5);
    let mut seen = std::collections::BTreeSet::new();
    let start = Instant::now();
    // A new one starts in the background, while the old one still serves.
    while seen.len() < 3 {
        assert!(start.elapsed() < Duration::from_secs(60), "{seen:?}");
        let report = run(&sandbox, &Case::new("print('done')"));
        assert!(report.warm && succeed(&report) == "done\n", "{:?}", sandbox.cold_reason());
        seen.extend(sandbox.interpreters());
    }
    assert_eq!(sandbox.interpreters().len(), 1);
}

#[test]
fn a_jail_made_ahead_shows_what_the_host_shows_now() {
    if !is_root() {
        return;
    }
    let sandbox = warm_sandbox(Preload::none()).keeping(1, 100);
    run(&sandbox, &Case::new("pass"));
    full(&sandbox, 1);
    // A file system mounted over the folder after the jail was made.
    let case = Case::new("import os; print(os.listdir('/kaggle/working')); open('/kaggle/working/new', 'w')");
    std::fs::write(case.work("below"), "").unwrap();
    let work = std::ffi::CString::new(case.job.work_dir.to_str().unwrap()).unwrap();
    // SAFETY: all strings end in NUL.
    let mounted =
        unsafe { libc::mount(c"tmpfs".as_ptr(), work.as_ptr(), c"tmpfs".as_ptr(), 0, c"mode=777".as_ptr().cast()) };
    assert_eq!(mounted, 0, "{}", std::io::Error::last_os_error());
    std::fs::write(case.work("on top"), "").unwrap();
    let report = run(&sandbox, &case);
    let made = case.work("new").exists();
    // SAFETY: the string ends in NUL.
    unsafe { libc::umount2(work.as_ptr(), libc::MNT_DETACH) };
    assert_eq!(succeed(&report), "['on top']\n");
    assert!(made);
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

/// Keeps what the library says beside its results.
struct Lines;

static LINES: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LINES.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

#[test]
fn an_interpreter_that_cannot_be_warm_is_used_cold() {
    let sandbox = warm_sandbox(Preload { modules: vec!["antigravity_that_is_not_there".into()] });
    assert!(run(&sandbox, &Case::new("pass")).warm);
    let mut interpreter = plain_python();
    interpreter.executable = "/usr/bin/true".into();
    let sandbox = WarmSandbox::new(interpreter, Preload::none()).unwrap();
    log::set_logger(&Lines).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    for _ in 0..2 {
        let report = run(&sandbox, &Case::new("pass"));
        assert!(!report.warm && report.outcome.is_ok());
        assert!(sandbox.cold_reason().unwrap().contains("cannot be started"));
    }
    let lines = LINES.lock().unwrap();
    assert!(lines.len() == 1 && lines[0].contains("each run starts a new interpreter instead"), "{lines:?}");
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
    let sandbox = warm_sandbox(Preload::none()).keeping(1, 1000);
    let case = Case::new("pass");
    run(&sandbox, &case);
    let children = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let count = |path: String| std::fs::read_dir(path).unwrap().count();
    let pid = sandbox.interpreters()[0];
    full(&sandbox, 1);
    let before = count(format!("/proc/{pid}/fd"));
    let own = count("/proc/self/fd".into());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count();
    for _ in 0..200 {
        assert!(run(&sandbox, &case).warm);
    }
    assert_eq!(sandbox.interpreters(), [pid]);
    full(&sandbox, 1);
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
