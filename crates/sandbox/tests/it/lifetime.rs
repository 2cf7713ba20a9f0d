//! Nothing of a run outlives it, however it or its supervisor ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, NamespaceSandbox, Outcome};

use crate::support::{Case, marker, plain_python, processes_with, sandbox, succeed};

#[test]
fn a_daemon_neither_delays_the_end_nor_survives() {
    let marker = marker("daemon");
    let script = format!(
        "import os, subprocess, sys\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        \
         os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(60)', '{marker}'])\n    os._exit(0)\nos.wait()\n\
         import time; time.sleep(0.2); print('done')"
    );
    let report = Case::new(&script).attack();
    assert_eq!(succeed(&report), "done\n");
    assert!(report.wall < Duration::from_secs(3), "{report:?}");
    assert!(processes_with(&marker).is_empty());
}

#[test]
fn nothing_is_written_after_the_end() {
    let script = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    n = 0\n    while True:\n        n += 1\n        \
                  open('submission.csv', 'w').write(str(n))\n        time.sleep(0.001)\ntime.sleep(0.1)";
    let case = Case::new(script);
    succeed(&case.attack());
    let read = || std::fs::read_to_string(case.work("submission.csv")).unwrap();
    let first = read();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(read(), first);
}

#[test]
fn a_run_can_be_cancelled_from_another_thread() {
    let case = Case::new("import time; print('started', flush=True); time.sleep(60)");
    let cancel = Cancel::default();
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            cancel.cancel();
        });
        sandbox().run(&case.job, &cancel).unwrap()
    });
    assert_eq!((report.outcome, report.stdout.text()), (Outcome::Cancelled, "started\n".into()));
    assert!(report.wall < Duration::from_secs(1), "{:?}", report.wall);
    // A wish to cancel stays.
    assert_eq!(sandbox().run(&case.job, &cancel).unwrap().outcome, Outcome::Cancelled);
}

#[test]
fn runs_side_by_side_keep_apart() {
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for round in 0..3 {
                    let word = format!("{thread}-{round}");
                    let script = format!("import os\nopen('/tmp/x', 'x').write('{word}')\nopen('out', 'w').write('{word}')\nprint(open('/tmp/x').read(), os.listdir('.'))");
                    let case = Case::new(&script);
                    assert_eq!(succeed(&case.run()), format!("{word} ['out']\n"));
                    assert_eq!(std::fs::read_to_string(case.work("out")).unwrap(), word);
                }
            });
        }
    });
}

#[test]
fn descriptors_and_groups_do_not_pile_up() {
    let case = Case::new("pass");
    case.run();
    let count = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = count();
    for _ in 0..40 {
        succeed(&case.run());
    }
    // Other tests run beside this one and hold a few descriptors each.
    assert!(count() < before + 160, "{before} then {}", count());
    let groups = groups_of(std::process::id());
    assert!(groups.lines().count() < 30, "{groups}");
}

/// The control groups made by this process, one a line.
fn groups_of(process: u32) -> String {
    let name = format!("mledojo-{process}-*");
    let output = Command::new("find").args(["/sys/fs/cgroup", "-maxdepth", "4", "-name", &name]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Run by [`a_killed_supervisor_leaves_nothing`] in a process of its own.
#[test]
#[ignore = "waits to be killed"]
fn supervisor_to_be_killed() {
    let Ok(marker) = std::env::var("MLEDOJO_TEST_MARKER") else { return };
    let script = format!(
        "import os, sys, time\nif os.fork() == 0:\n    os.setsid()\n    os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(100)', '{marker}'])\n\
         open('started', 'w')\ntime.sleep(100)"
    );
    let case = Case::new(&script).limits(|limits| limits.wall = Duration::from_secs(100));
    println!("{}", case.work("started").display());
    case.run();
}

#[test]
fn a_killed_supervisor_leaves_nothing() {
    let marker = marker("killed");
    let mut supervisor = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::supervisor_to_be_killed", "--ignored", "--nocapture"])
        .env("MLEDOJO_TEST_MARKER", &marker)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(supervisor.stdout.take().unwrap()).lines();
    let started = lines.find_map(|line| line.ok().filter(|line| line.ends_with("/started"))).unwrap();
    let started = std::path::PathBuf::from(started.rsplit(' ').next().unwrap());
    until(|| started.exists() && !processes_with(&marker).is_empty(), "the run to start");
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    until(|| processes_with(&marker).is_empty(), "the run to end");
    // Its control groups go when the next supervisor starts.
    until(
        || NamespaceSandbox::new(plain_python()).is_ok() && groups_of(supervisor.id()).is_empty(),
        "its groups to go",
    );
    std::fs::remove_dir_all(started.parent().unwrap().parent().unwrap()).unwrap();
}

fn until(condition: impl Fn() -> bool, what: &str) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(10), "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
