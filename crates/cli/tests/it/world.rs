//! What the tests share: the binary, with a home folder of its own and the test runtime.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The Python that the tests run agents' code in.
pub(crate) fn python() -> PathBuf {
    std::env::var_os("MLEDOJO_TEST_PYTHON")
        .map(PathBuf::from)
        .expect("MLEDOJO_TEST_PYTHON names a Python with the pinned packages; run `cargo xtask test`")
}

/// A user's home with nothing in it.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The binary, which knows nothing of the settings around the tests.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mledojo"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MLEDOJO_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("MLEDOJO_HOME", self.path("home"))
            .env("MLEDOJO_PYTHON", python());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// Runs a command with `--json`, which must end with exit code 0.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// A script of calls, one JSON object a line.
    pub(crate) fn script(&self, calls: &[Value]) -> String {
        let text: String = calls.iter().map(|call| format!("{call}\n")).collect();
        format!("script:{}", self.write("script.jsonl", text).display())
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The finished steps in an episode's log; panics unless every whole line is a step, in order.
pub(crate) fn logged_steps(episode: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(episode.join("steps.jsonl")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let steps: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (index, step) in steps.iter().enumerate() {
        assert_eq!(step["step"], index as u64 + 1);
    }
    steps
}

/// Python that writes the sample submission of iris, with every flower called `species`.
pub(crate) fn guess(species: &str) -> String {
    format!(
        "import csv
rows = list(csv.reader(open('/kaggle/input/iris/test.csv')))
with open('submission.csv', 'w') as file:
    file.write('id,species\\n')
    file.writelines(row[0] + ',{species}\\n' for row in rows[1:])
"
    )
}
