//! A sandbox with a Python of this host, and jobs for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use mledojo_sandbox::{
    Cancel, Input, Interpreter, Job, Limits, NamespaceSandbox, Network, Outcome, Preload, Report, Sandbox, WarmSandbox,
};
use tempfile::TempDir;

/// The interpreter for tests that need no packages: the first `python3` that this user can start.
pub(crate) fn plain_python() -> Interpreter {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    folders
        .map(|folder| folder.join("python3"))
        .find_map(|python| ask(&python))
        .expect("these tests need a `python3` on PATH that the user who runs them can start")
}

/// The interpreter with the scientific stack.
pub(crate) fn science_python() -> Interpreter {
    let path = std::env::var_os("MLEDOJO_TEST_PYTHON").expect(
        "set MLEDOJO_TEST_PYTHON to a Python that has numpy, pandas, scikit-learn and lightgbm \
         (`mledojo runtime install` makes one)",
    );
    ask(Path::new(&path)).expect("MLEDOJO_TEST_PYTHON must be a Python that starts")
}

/// Executable and prefixes, by the interpreter's own account.
fn ask(python: &Path) -> Option<Interpreter> {
    let script = "import sys, sysconfig; print(sys.executable, sys.prefix, sys.base_prefix, sysconfig.get_path('purelib'), sep='\\n')";
    let output = Command::new(python).args(["-c", script]).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines().map(PathBuf::from);
    let executable = lines.next()?;
    let read_only = vec![lines.next()?, lines.next()?];
    Some(Interpreter { executable, read_only, site_packages: lines.next() })
}

/// The sandbox under test: cold, or warm where [`is_warm`].
pub(crate) fn sandbox() -> &'static dyn Sandbox {
    static SANDBOX: OnceLock<Box<dyn Sandbox>> = OnceLock::new();
    let sandbox = SANDBOX
        .get_or_init(|| if is_warm() { Box::new(warm_sandbox(Preload::none())) } else { Box::new(cold_sandbox()) });
    sandbox.as_ref()
}

pub(crate) fn cold_sandbox() -> NamespaceSandbox {
    NamespaceSandbox::new(plain_python()).unwrap()
}

pub(crate) fn warm_sandbox(preload: Preload) -> WarmSandbox {
    WarmSandbox::new(plain_python(), preload).unwrap()
}

/// Set for the tests that run again with warm interpreters.
pub(crate) const WARM: &str = "MLEDOJO_TEST_WARM";

pub(crate) fn is_warm() -> bool {
    std::env::var_os(WARM).is_some()
}

/// Whether the code of a run is another user than these tests, and control groups hold its limits.
pub(crate) fn is_root() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// A script with folders of its own: `work`, `public` (input `data`, with `train.csv`) and `private`.
pub(crate) struct Case {
    pub(crate) folder: TempDir,
    pub(crate) job: Job,
}

impl Case {
    pub(crate) fn new(script: &str) -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["work", "public", "private"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("public/train.csv"), "id,x\n1,2\n").unwrap();
        std::fs::write(folder.path().join("private/test_answer.csv"), "id,y\n1,SECRET-ANSWER\n").unwrap();
        let job = Job {
            script: script.into(),
            script_name: "main.py".into(),
            args: Vec::new(),
            work_dir: folder.path().join("work"),
            inputs: vec![Input { host: folder.path().join("public"), name: "data".into() }],
            host_paths: false,
            masked: Vec::new(),
            hidden: vec![folder.path().join("private")],
            env: Vec::new(),
            network: Network::None,
            limits: Limits { wall: Duration::from_secs(20), memory: Some(1 << 30), processes: 64, ..Limits::default() },
        };
        Self { folder, job }
    }

    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.job.limits);
        self
    }

    pub(crate) fn run(&self) -> Report {
        let report = sandbox().run(&self.job, &Cancel::default()).unwrap();
        assert_eq!(report.warm, is_warm());
        report
    }

    /// Runs code that means harm, and then harmless code, which must find all as ever.
    pub(crate) fn attack(&self) -> Report {
        let report = self.run();
        let after = Case::new("print(open('/kaggle/input/data/train.csv').read())").run();
        assert_eq!((after.outcome.clone(), after.stdout.text()), (Outcome::Ok, "id,x\n1,2\n\n".into()), "{after:?}");
        report
    }

    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }
}

/// Runs a script that must end with exit code 0, and returns what it printed.
pub(crate) fn output(script: &str) -> String {
    succeed(&Case::new(script).attack())
}

pub(crate) fn succeed(report: &Report) -> String {
    assert!(
        report.outcome.is_ok(),
        "{:?}\nstdout: {}\nstderr: {}",
        report.outcome,
        report.stdout.text(),
        report.stderr.text()
    );
    report.stdout.text()
}

/// Numbers of the host's processes whose command line holds `marker`.
pub(crate) fn processes_with(marker: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let holds = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(marker.len()).any(|window| window == marker.as_bytes())
    };
    pids.filter(holds).collect()
}

/// A word that no other test uses.
pub(crate) fn marker(name: &str) -> String {
    format!("marker-{name}-{}", std::process::id())
}
