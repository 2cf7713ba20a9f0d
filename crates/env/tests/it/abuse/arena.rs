//! Where an attempt is made: two episodes side by side, one attacked and one not, and what they look like when nothing
//! is attacked.

use std::collections::{BTreeMap, HashMap};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use mledojo_catalog::Catalog;
use mledojo_env::{
    Answer, Budget, Call, Engine, EnvConfig, EnvPool, Environment, Episode, PreparedCompetition, Reply, Request,
    ResetOptions, StepResult,
};
use mledojo_prepare::{PrepareRequest, Prepared, prepare};
use mledojo_sandbox::{Limits, NamespaceSandbox, Preload, Runtime, Sandbox, WarmSandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::attempt::{Attempt, limits};

/// Names a folder with the prepared competition, for a user who cannot make one.
pub(crate) const DATA: &str = "MLEDOJO_ABUSE_DATA";
const SLUG: &str = "diabetes";
const TOOLS: &str = include_str!("tools.py");
const CANARY: &str = include_str!("canary.py");
const LONG: Duration = Duration::from_secs(120);

/// How the code is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Cold,
    Warm,
}

impl Mode {
    /// One engine for all attempts, so that they could harm each other.
    pub(crate) fn engine(self) -> Arc<Engine> {
        static ENGINES: [OnceLock<Arc<Engine>>; 2] = [const { OnceLock::new() }; 2];
        let engine = ENGINES[self as usize].get_or_init(|| self.new_engine());
        Arc::clone(engine)
    }

    pub(crate) fn new_engine(self) -> Arc<Engine> {
        let runtime = runtime();
        let interpreter = runtime.interpreter().clone();
        let sandbox: Box<dyn Sandbox> = match self {
            Self::Cold => Box::new(NamespaceSandbox::new(interpreter).unwrap()),
            // Where there is no numpy, it is passed over.
            Self::Warm => Box::new(WarmSandbox::new(interpreter, Preload { modules: vec!["numpy".into()] }).unwrap()),
        };
        Engine::with_sandbox(runtime, sandbox).unwrap()
    }
}

/// The tests' interpreter, or where this user can't start it, one of the system's: no attempt needs a package.
fn runtime() -> Runtime {
    let named = std::env::var_os("MLEDOJO_TEST_PYTHON").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> =
        std::env::split_paths(&path).chain(["/usr/local/bin", "/usr/bin"].map(PathBuf::from)).collect();
    let found = folders.into_iter().map(|folder| folder.join("python3"));
    let mut runtimes = named.into_iter().chain(found).filter_map(|python| Runtime::from_interpreter(python).ok());
    runtimes.next().expect("MLEDOJO_TEST_PYTHON, or a `python3` on PATH, is 3.11 or newer")
}

/// The competition that is played, prepared once for all tests.
pub(crate) fn competition() -> Arc<PreparedCompetition> {
    static COMPETITION: OnceLock<(Option<TempDir>, Arc<PreparedCompetition>)> = OnceLock::new();
    let (_, competition) = COMPETITION.get_or_init(|| {
        let competition = Catalog::bundled().get(SLUG).unwrap();
        let (folder, data) = if let Some(folder) = std::env::var_os(DATA) {
            (None, Prepared::open(Path::new(&folder)).unwrap())
        } else {
            let folder = tempfile::tempdir().unwrap();
            let site_packages = runtime().interpreter().site_packages.clone().unwrap();
            let out = folder.path().join(SLUG);
            let request = PrepareRequest { competition: &competition, site_packages: &site_packages, out: &out };
            (Some(folder), prepare(&request).unwrap())
        };
        (folder, Arc::new(PreparedCompetition::new(competition, data).unwrap()))
    });
    Arc::clone(competition)
}

/// What attackers are told of the host.
pub(crate) struct Host {
    _tcp: TcpListener,
    _unix: UnixListener,
    facts: Value,
    marker: PathBuf,
    folder: PathBuf,
}

impl Host {
    /// `folder` holds the episodes, one folder for each number.
    pub(crate) fn new(folder: &Path) -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let name = format!("mledojo-abuse-{}-{}", std::process::id(), tcp.local_addr().unwrap().port());
        let unix = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let marker = std::env::temp_dir().join(&name);
        let data = competition();
        // Something of our own variables. Backwards, as the attacker's own memory must not hold it.
        let secret = std::env::var("CARGO_PKG_DESCRIPTION").unwrap_or_else(|_| "mledojo's own secret".to_owned());
        let facts = json!({
            "answers": data.data().answers(),
            "private": data.data().private(),
            "port": tcp.local_addr().unwrap().port(),
            "abstract": name,
            "marker": marker,
            "supervisor": std::process::id(),
            "secret_backwards": secret.chars().rev().collect::<String>(),
        });
        Self { _tcp: tcp, _unix: unix, facts, marker, folder: folder.to_owned() }
    }

    /// Python that comes before an attempt in the episode `own`, beside the episode `neighbour`.
    pub(crate) fn tools(&self, own: usize, neighbour: usize) -> String {
        let mut facts = self.facts.clone();
        facts["episode"] = json!(self.folder.join(own.to_string()));
        facts["neighbour"] = json!(self.folder.join(neighbour.to_string()));
        format!("{TOOLS}HOST = {facts}\n")
    }

    /// Whether some code did what only the host can do.
    pub(crate) fn is_marked(&self) -> bool {
        self.marker.symlink_metadata().is_ok()
    }
}

/// The harmless step.
pub(crate) fn canary() -> Call {
    Call::execute_code(CANARY)
}

/// Two episodes in one pool: 0 is attacked, 1 is its neighbour.
struct Arena {
    pool: EnvPool,
    folder: TempDir,
    host: Host,
}

/// What two episodes showed.
#[derive(Debug, PartialEq)]
struct Seen {
    /// The step after the attempt, in its own episode.
    after: Value,
    /// The neighbour's steps, one during the attempt and one after it, and its files.
    neighbour: [Value; 2],
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Arena {
    fn new(mode: Mode, attacked: &Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let budget = Budget { steps: None, seconds: None };
        let environment = |limits: Limits| {
            Environment::new(competition(), mode.engine(), EnvConfig { limits, budget, ..EnvConfig::default() })
        };
        let pool = EnvPool::new(vec![environment(attacked.clone()), environment(limits())], 2);
        for id in 0..2 {
            let directory = folder.path().join(id.to_string());
            pool.send(id, Request::Reset(ResetOptions { directory, seed: 7, agent: "abuse".to_owned() })).unwrap();
        }
        assert_eq!(pool.recv(2, LONG).len(), 2);
        let host = Host::new(folder.path());
        Self { pool, folder, host }
    }

    /// Makes the call in episode 0; returns its result and what could be seen around it.
    fn play(&self, call: Call) -> (StepResult, Seen) {
        let mut both = stepped(self.pool.step(vec![call, canary()]).unwrap());
        let (during, attack) = (both.pop().unwrap(), both.pop().unwrap());
        let mut both = stepped(self.pool.step(vec![canary(), canary()]).unwrap());
        let (beside, after) = (both.pop().unwrap(), both.pop().unwrap());
        for id in 0..2 {
            let episode = Episode::open(&self.folder.path().join(id.to_string())).unwrap();
            assert_eq!(episode.steps().unwrap().map(Result::unwrap).count(), 2, "the log of episode {id}");
        }
        let files = files(&self.folder.path().join("1/work"));
        let seen = Seen { after: essence(&after), neighbour: [whole(&during), whole(&beside)], files };
        (attack, seen)
    }
}

fn stepped(replies: Vec<Reply>) -> Vec<StepResult> {
    let step = |reply: Reply| match reply.answer {
        Ok(Answer::Stepped(step)) => *step,
        other => panic!("episode {}: {other:?}", reply.id),
    };
    replies.into_iter().map(step).collect()
}

/// A canary's step without its times, and without what the steps before it were.
fn essence(step: &StepResult) -> Value {
    let feedback = &step.observation.feedback["base"];
    let mut data = feedback.data.clone();
    data["execution"]["execution_time"] = Value::Null;
    json!({
        "status": step.observation.action_status,
        "feedback": data,
        "grade": step.observation.current,
        "reward": step.reward,
        "failure": step.info.failure,
        "warm": step.info.run.as_ref().map(|run| run.warm),
        "end": [step.terminated, step.truncated],
    })
}

/// All of a canary's step but its times.
fn whole(step: &StepResult) -> Value {
    let mut observation = serde_json::to_value(&step.observation).unwrap();
    observation["seconds_left"] = Value::Null;
    let feedback = &mut observation["feedback"]["base"];
    feedback["data"]["execution"]["execution_time"] = Value::Null;
    let text = feedback["text"].as_str().unwrap();
    feedback["text"] = text.lines().filter(|line| !line.starts_with("Execution Time:")).collect();
    json!({ "observation": observation, "step": essence(step) })
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .map(|(p, b)| (p.file_name().unwrap().into(), b))
        .collect()
}

/// Two episodes in which nothing is attacked, with the same limits.
fn undisturbed(mode: Mode, limits: &Limits) -> Arc<Seen> {
    type Known = HashMap<(Mode, String), Arc<Seen>>;
    static KNOWN: OnceLock<Mutex<Known>> = OnceLock::new();
    let key = (mode, serde_json::to_string(limits).unwrap());
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(seen) = known.lock().unwrap().get(&key) {
        return Arc::clone(seen);
    }
    let (step, seen) = Arena::new(mode, limits).play(Call::validate_code("pass"));
    assert!(step.info.failure.is_none());
    assert_eq!(seen.after["failure"], Value::Null, "the canary must live: {}", seen.after);
    assert!(seen.after["grade"].is_object(), "{}", seen.after);
    assert_eq!(seen.after["warm"], json!(mode == Mode::Warm));
    let seen = Arc::new(seen);
    known.lock().unwrap().insert(key, Arc::clone(&seen));
    seen
}

/// Makes an attempt and checks all that must hold after it.
pub(crate) fn try_it(attempt: &Attempt, mode: Mode) {
    try_call(&attempt.name, mode, &attempt.limits, |tools| attempt.call(tools), |step| attempt.check(step));
}

/// Makes a call in one of two episodes, and checks that both go on as if it had not been made.
pub(crate) fn try_call(
    name: &str,
    mode: Mode,
    limits: &Limits,
    call: impl FnOnce(&str) -> Call,
    check: impl FnOnce(&StepResult),
) {
    let expected = undisturbed(mode, limits);
    let arena = Arena::new(mode, limits);
    let (step, seen) = arena.play(call(&arena.host.tools(0, 1)));
    check(&step);
    same(name, "the next step of the same episode", &seen.after, &expected.after);
    same(name, "the neighbour's step meanwhile", &seen.neighbour[0], &expected.neighbour[0]);
    same(name, "the neighbour's next step", &seen.neighbour[1], &expected.neighbour[1]);
    assert_eq!(seen.files, expected.files, "{name}: the neighbour's files");
    assert!(!arena.host.is_marked(), "{name}: code ran on the host");
}

fn same(name: &str, what: &str, seen: &Value, expected: &Value) {
    if seen == expected {
        return;
    }
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap().replace("\\n", "\n").replace(", ", ",\n");
    let (seen, expected) = (pretty(seen), pretty(expected));
    let only = |a: &str, b: &str| {
        let known: std::collections::HashSet<_> = b.lines().collect();
        a.lines().filter(|line| !known.contains(line)).take(40).collect::<Vec<_>>().join("\n")
    };
    panic!("{name}: {what} differs\nseen:\n{}\nexpected:\n{}", only(&seen, &expected), only(&expected, &seen));
}
