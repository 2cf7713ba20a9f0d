//! One attempt: a Python file with a header that says what it tries and what must come of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mledojo_env::{ActionStatus, Call, Failure, StepResult};
use mledojo_sandbox::Limits;

/// A hostile script and its required outcome.
///
/// The file begins with lines `# key: value`; then comes the code. The keys are
/// - `what`: what is tried, in words (required);
/// - `list`: numbers in the list of attempts that `docs/abuse.md` starts from;
/// - `action`: `validate_code` (the default) or `execute_code`;
/// - `outcome`: what the step must come to, see [`outcome`]; several are joined by ` or ` (required);
/// - `limits`: those that differ from [`limits`], as `name=value`;
/// - `says`, `hides`: a text that the feedback must, or must not, hold; may be given several times.
///
/// Code that succeeds prints a line `GOT …` for each thing that it must not get; there must be none.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// `theme/file.py`.
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) list: Vec<u32>,
    pub(crate) outcomes: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) says: Vec<String>,
    pub(crate) hides: Vec<String>,
    action: String,
    code: String,
}

/// Names another folder with the scripts, for a user who cannot read the sources.
pub(crate) const SCRIPTS: &str = "MLEDOJO_ABUSE_SCRIPTS";

/// The folder of the scripts: one folder a theme.
pub(crate) fn folder() -> PathBuf {
    let sources = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/abuse/scripts");
    std::env::var_os(SCRIPTS).map_or_else(sources, PathBuf::from)
}

/// The names of all themes.
pub(crate) fn themes() -> Vec<String> {
    names(&folder()).into_iter().filter(|name| !name.ends_with(".py")).collect()
}

/// All attempts of a theme, by name.
pub(crate) fn of_theme(theme: &str) -> Vec<Attempt> {
    let scripts = names(&folder().join(theme)).into_iter().filter(|name| name.ends_with(".py"));
    scripts.map(|file| Attempt::read(&format!("{theme}/{file}"))).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What a run of the suite may use, unless an attempt's header says otherwise.
pub(crate) fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(20),
        memory: Some(512 << 20),
        processes: 64,
        output: 4 << 20,
        file_size: 64 << 20,
        work_size: Some(128 << 20),
        work_files: Some(5000),
        tmp_size: 16 << 20,
        ..Limits::default()
    }
}

impl Attempt {
    fn read(name: &str) -> Self {
        let code = std::fs::read_to_string(folder().join(name)).unwrap();
        let mut attempt = Self {
            name: name.to_owned(),
            what: String::new(),
            list: Vec::new(),
            outcomes: Vec::new(),
            limits: limits(),
            says: Vec::new(),
            hides: Vec::new(),
            action: "validate_code".to_owned(),
            code: String::new(),
        };
        let header = code.lines().map_while(|line| line.strip_prefix("# ")?.split_once(": "));
        for (key, value) in header {
            match key {
                "what" => attempt.what = value.to_owned(),
                "list" => attempt.list = value.split(' ').map(|number| number.parse().unwrap()).collect(),
                "action" => attempt.action = value.to_owned(),
                "outcome" => attempt.outcomes = value.split(" or ").map(str::to_owned).collect(),
                "limits" => value.split(' ').for_each(|limit| set(&mut attempt.limits, limit)),
                "says" => attempt.says.push(value.to_owned()),
                "hides" => attempt.hides.push(value.to_owned()),
                _ => panic!("{name}: unknown key `{key}`"),
            }
        }
        assert!(!attempt.what.is_empty() && !attempt.outcomes.is_empty(), "{name}: `what` and `outcome` are needed");
        attempt.code = code;
        attempt
    }

    /// The step that tries it. `tools` is Python that comes before.
    pub(crate) fn call(&self, tools: &str) -> Call {
        let code = format!("{tools}\n{}", self.code);
        match self.action.as_str() {
            "validate_code" => Call::validate_code(code),
            "execute_code" => Call::execute_code(code),
            other => panic!("{}: unknown action `{other}`", self.name),
        }
    }

    /// Panics unless the step came to what it must.
    pub(crate) fn check(&self, step: &StepResult) {
        let text = &step.observation.feedback["base"].text;
        let outcome = outcome(step);
        assert!(self.outcomes.contains(&outcome), "{}: `{outcome}`, not {:?}\n{text}", self.name, self.outcomes);
        assert!(!text.lines().any(|line| line.starts_with("GOT ")), "{}:\n{text}", self.name);
        for part in &self.says {
            assert!(text.contains(part), "{}: expected `{part}` in\n{text}", self.name);
        }
        for part in &self.hides {
            assert!(!text.contains(part), "{}: `{part}` is in\n{text}", self.name);
        }
        // The kill takes its time on a loaded host, but not for ever.
        let most = self.limits.wall.as_secs_f64() + 10.0;
        assert!(step.info.seconds < most, "{}: {} seconds", self.name, step.info.seconds);
        if outcome != "graded" {
            assert_eq!(step.reward, 0.0, "{}", self.name);
        }
    }
}

/// What a step came to, as a word: `ok`, `graded`, a failure's name, or for a failed run its outcome's name, with the
/// number of the signal or exit code.
pub(crate) fn outcome(step: &StepResult) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    match step.info.failure {
        None if step.observation.action_status == ActionStatus::Failed => "failed without a reason".to_owned(),
        None if step.info.submission_sha256.is_some() => "graded".to_owned(),
        None => "ok".to_owned(),
        Some(Failure::Run) => {
            let outcome = serde_json::to_value(&step.info.run.as_ref().unwrap().outcome).unwrap();
            let number = outcome.get("code").or(outcome.get("signal"));
            let kind = word(outcome["kind"].clone());
            number.map_or_else(|| kind.clone(), |number| format!("{kind} {number}"))
        }
        Some(failure) => word(serde_json::to_value(failure).unwrap()),
    }
}

/// Sets `name=value`. Sizes may end in K, M, G or T; times are in seconds.
fn set(limits: &mut Limits, text: &str) {
    let (name, value) = text.split_once('=').unwrap();
    let number = || {
        let (digits, unit) = value.split_at(value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len()));
        let shift = ["", "K", "M", "G", "T"].iter().position(|known| *known == unit).unwrap() * 10;
        digits.parse::<u64>().unwrap() << shift
    };
    let time = || Duration::from_secs_f64(value.parse().unwrap());
    match name {
        "wall" => limits.wall = time(),
        "cpu" => limits.cpu = Some(time()),
        "memory" => limits.memory = Some(number()),
        "processes" => limits.processes = u32::try_from(number()).unwrap(),
        "output" => limits.output = number(),
        "file_size" => limits.file_size = number(),
        "work_size" => limits.work_size = Some(number()),
        "work_files" => limits.work_files = Some(number()),
        "tmp_size" => limits.tmp_size = number(),
        _ => panic!("unknown limit `{text}`"),
    }
}
