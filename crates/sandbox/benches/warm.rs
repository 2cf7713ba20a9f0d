//! What a run costs in a warm interpreter, against a new one and against a bare fork.
//!
//! `cargo bench -p mledojo-sandbox --bench warm` (needs `MLEDOJO_TEST_PYTHON`, as the tests do).

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, Job, Limits, NamespaceSandbox, Preload, Runtime, Sandbox, WarmSandbox};

const IMPORTS: &str = "import pandas, sklearn.ensemble";
/// Prints the median time, in seconds, of a fork that ends at once.
const FORKS: &str = "
import gc, os, sys, time
for module in sys.argv[1:]:
    __import__(module)
os.waitpid(os.fork() or os._exit(0), 0)
gc.collect(); gc.freeze()
times = []
for _ in range(60):
    start = time.perf_counter()
    os.waitpid(os.fork() or os._exit(0), 0)
    times.append(time.perf_counter() - start)
print(sorted(times)[30])
";

fn main() {
    let python = PathBuf::from(std::env::var_os("MLEDOJO_TEST_PYTHON").expect("MLEDOJO_TEST_PYTHON names a Python"));
    let runtime = Runtime::from_interpreter(&python).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let job = |script: &str| Job {
        script: script.into(),
        script_name: "main.py".into(),
        args: Vec::new(),
        work_dir: folder.path().to_owned(),
        inputs: Vec::new(),
        masked: Vec::new(),
        hidden: Vec::new(),
        env: Vec::new(),
        network: mledojo_sandbox::Network::None,
        limits: Limits::default(),
    };
    let cold = NamespaceSandbox::new(runtime.interpreter().clone()).unwrap();
    let warm = WarmSandbox::new(runtime.interpreter().clone(), Preload::default()).unwrap();
    let run = |sandbox: &dyn Sandbox, script: &str, rounds| {
        let job = job(script);
        median(rounds, || {
            let report = sandbox.run(&job, &Cancel::default()).unwrap();
            assert!(report.outcome.is_ok(), "{report:?}");
        })
    };
    warm.prepare(&job(IMPORTS)).unwrap();
    println!("left out: {:?}", warm.left_out());

    let warm_imports = run(&warm, IMPORTS, 60);
    let cold_imports = run(&cold, IMPORTS, 7);
    let plain_imports = median(7, || python_runs(&python, IMPORTS));
    println!("imports: warm {warm_imports:?}, new and jailed {cold_imports:?}, new and unjailed {plain_imports:?}");
    println!("  unjailed / warm: {:.1} (wanted: at least 40)", ratio(plain_imports, warm_imports));

    let output = Command::new(&python).args(["-c", FORKS]).args(Preload::default().modules).output().unwrap();
    let floor = Duration::from_secs_f64(String::from_utf8(output.stdout).unwrap().trim().parse().unwrap());
    println!("a bare fork that ends at once: {floor:?}");
    println!("  warm / bare: {:.2} (wanted: at most 2.5)", ratio(warm_imports, floor));

    let (jailed, plain) = (run(&cold, "pass", 60), median(60, || python_runs(&python, "pass")));
    println!("`pass`: new and jailed {jailed:?}, new and unjailed {plain:?}, warm {:?}", run(&warm, "pass", 60));
    println!("  jailed / unjailed: {:.2} (wanted: at most 1.5)", ratio(jailed, plain));
}

fn python_runs(python: &Path, script: &str) {
    assert!(Command::new(python).args(["-c", script]).status().unwrap().success());
}

fn median(rounds: usize, mut action: impl FnMut()) -> Duration {
    action();
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            action();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[rounds / 2]
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
