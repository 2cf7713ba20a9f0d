//! Thousands of steps in many environments, some of them hostile, and then a look at what is left: nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mledojo_env::{
    ActionStatus, Answer, Budget, Call, EnvConfig, EnvPool, Environment, Reply, Request, ResetOptions, StepResult,
};
use mledojo_sandbox::Limits;

use super::arena::{Host, Mode, competition};
use super::attempt::{self, Attempt, limits, outcome};

const ENVIRONMENTS: usize = 16;
/// One step in so many is hostile.
const HOSTILE: u64 = 20;
/// Memory of an environment stops growing after so many steps, when its history is as long as it gets.
const SETTLED: u64 = 60;
/// An honest step that imports nothing, prints, keeps a file, and submits.
const HONEST: &str = "
import random, shutil
with open('kept.txt', 'a') as file: file.write('x')
print(random.random())
shutil.copyfile('/kaggle/input/diabetes/sample_submission.csv', 'submission.csv')
";

/// What a process holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    processes: usize,
    threads: usize,
    descriptors: usize,
    namespaces: usize,
    mounts: usize,
    groups: usize,
    temporary: usize,
    shared_memory: usize,
    resident_kib: usize,
}

/// A figure's name, and where it stands.
type Figure = (&'static str, fn(&Held) -> usize);

/// What a soak found.
pub(crate) struct Soaked {
    steps: u64,
    seconds: f64,
    /// Before anything; when all is warm; after the last step; when pool and engines are gone.
    held: [Held; 4],
    /// How hostile steps ended.
    hostile: BTreeMap<String, u64>,
    honest: u64,
}

/// Plays `steps` steps; every twentieth, by the seed's choice, is an attempt of the abuse suite.
///
/// # Panics
/// If an honest step comes to anything but its grade, if an attempt gets what it must not get, or if something is left.
pub(crate) fn soak(steps: u64, seed: u64) -> Soaked {
    let competition = competition();
    let attempts: Vec<_> = attempt::themes().iter().flat_map(|theme| attempt::of_theme(theme)).collect();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path());
    let before = held();
    let engines = [Mode::Cold.new_engine(), Mode::Warm.new_engine()];
    let limits = Limits { wall: Duration::from_secs(3), ..limits() };
    let environment = |id: usize| {
        let budget = Budget { steps: None, seconds: None };
        let config = EnvConfig { limits: limits.clone(), budget, ..EnvConfig::default() };
        Environment::new(competition.clone(), engines[id % engines.len()].clone(), config)
    };
    let pool = EnvPool::new((0..ENVIRONMENTS).map(environment).collect(), 2);
    let mut soak = Soak { folder: folder.path(), host, attempts, random: seed, doing: BTreeMap::new(), episodes: 0 };
    let started = Instant::now();
    for id in 0..ENVIRONMENTS {
        pool.send(id, soak.begin()).unwrap();
    }
    let warm_up = (SETTLED * ENVIRONMENTS as u64).min(steps / 2);
    let mut found = Soaked { steps, seconds: 0.0, held: [before; 4], hostile: BTreeMap::new(), honest: 0 };
    let (mut sent, mut done) = (0, 0);
    while done < steps {
        for reply in pool.recv(1, Duration::from_secs(120)) {
            let id = reply.id;
            if soak.received(reply, &mut found) {
                done += 1;
                if done == warm_up {
                    found.held[1] = held();
                }
            }
            if sent < steps {
                let request = soak.next(id);
                sent += u64::from(matches!(request, Request::Step(_)));
                pool.send(id, request).unwrap();
            }
        }
    }
    found.seconds = started.elapsed().as_secs_f64();
    assert!(!soak.host.is_marked(), "code ran on the host");
    found.held[2] = settled(|held| held.processes <= found.held[1].processes);
    drop(pool);
    drop(engines);
    let leftovers = leftovers(folder.path());
    assert!(leftovers.is_empty(), "{leftovers:?}");
    found.held[3] = settled(|held| held.without_memory() == before.without_memory());
    found.check();
    found
}

/// What is being played.
struct Soak<'a> {
    folder: &'a Path,
    host: Host,
    attempts: Vec<Attempt>,
    random: u64,
    /// By environment: the attempt that it is at, or `None` for an honest step.
    doing: BTreeMap<usize, Option<usize>>,
    episodes: usize,
}

impl Soak<'_> {
    fn begin(&mut self) -> Request {
        let directory = self.folder.join(self.episodes.to_string());
        self.episodes += 1;
        Request::Reset(ResetOptions { directory, seed: 7, agent: "soak".to_owned() })
    }

    fn next(&mut self, id: usize) -> Request {
        let choice = self.below(HOSTILE * 10);
        self.doing.remove(&id);
        if choice < 10 {
            let chosen = self.below(self.attempts.len() as u64) as usize;
            self.doing.insert(id, Some(chosen));
            return Request::Step(self.attempts[chosen].call(&self.host.tools(id, (id + 1) % ENVIRONMENTS)));
        }
        match choice {
            10 => self.begin(),
            11..20 => Request::Step(Call::request_info("overview")),
            20..24 => Request::Step(mledojo_env::Action::Reset.into()),
            _ => {
                self.doing.insert(id, None);
                Request::Step(Call::execute_code(HONEST))
            }
        }
    }

    /// Checks a reply; returns whether it was a step.
    fn received(&mut self, reply: Reply, found: &mut Soaked) -> bool {
        let step = match reply.answer {
            Ok(Answer::Stepped(step)) => step,
            Ok(Answer::Begun(_)) => return false,
            Err(error) => panic!("environment {}: {error}", reply.id),
        };
        match self.doing.get(&reply.id) {
            Some(Some(attempt)) => {
                let text = &step.observation.feedback["base"].text;
                let attempt = &self.attempts[*attempt].name;
                assert!(!text.lines().any(|line| line.starts_with("GOT ")), "{attempt}:\n{text}");
                *found.hostile.entry(outcome(&step)).or_default() += 1;
            }
            Some(None) => {
                found.honest += 1;
                check_honest(&step);
            }
            None => assert_eq!(step.observation.action_status, ActionStatus::Success),
        }
        true
    }

    /// A number below `end`: splitmix64.
    fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

fn check_honest(step: &StepResult) {
    let text = &step.observation.feedback["base"].text;
    assert_eq!(outcome(step), "graded", "{text}");
    assert!(step.reward > 0.0, "{text}");
}

/// Makes glibc's allocator give back what large buffers took, so that memory that stays is memory that is held: it keeps
/// the most that each thread ever needed otherwise.
pub(crate) const GIVE_BACK: (&str, &str) = ("MALLOC_MMAP_THRESHOLD_", "131072");

impl Held {
    fn without_memory(self) -> Self {
        Self { resident_kib: 0, ..self }
    }
}

impl Soaked {
    fn check(&self) {
        let [before, warm, end, closed] = self.held;
        assert_eq!(closed.without_memory(), before.without_memory(), "{self}");
        // Interpreters and jails that wait for work come and go.
        let near = |end: usize, warm: usize| end <= warm + warm / 4 + 8;
        assert!(near(end.processes, warm.processes) && near(end.descriptors, warm.descriptors), "{self}");
        assert!(near(end.threads, warm.threads) && near(end.groups, warm.groups), "{self}");
        assert_eq!(
            (end.mounts, end.temporary, end.shared_memory),
            (warm.mounts, warm.temporary, warm.shared_memory),
            "{self}"
        );
        assert!(end.resident_kib < warm.resident_kib + warm.resident_kib / 5 + (16 << 10), "{self}");
    }
}

impl fmt::Display for Soaked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hostile: u64 = self.hostile.values().sum();
        writeln!(
            f,
            "{} steps in {:.0} s across {ENVIRONMENTS} environments: {} honest, {hostile} hostile {:?}",
            self.steps, self.seconds, self.honest, self.hostile
        )?;
        writeln!(f, "{:<28}{:>12}{:>12}{:>12}{:>12}", "", "before", "warmed up", "after", "closed")?;
        let rows: [Figure; 9] = [
            ("processes below", |held| held.processes),
            ("threads", |held| held.threads),
            ("descriptors", |held| held.descriptors),
            ("namespaces", |held| held.namespaces),
            ("mounts", |held| held.mounts),
            ("control groups", |held| held.groups),
            ("temporary files", |held| held.temporary),
            ("files in /dev/shm", |held| held.shared_memory),
            ("resident memory, KiB", |held| held.resident_kib),
        ];
        for (name, of) in rows {
            let [a, b, c, d] = self.held.map(|held| of(&held));
            writeln!(f, "{name:<28}{a:>12}{b:>12}{c:>12}{d:>12}")?;
        }
        Ok(())
    }
}

/// What is held once `quiet` holds, or after some seconds.
fn settled(quiet: impl Fn(&Held) -> bool) -> Held {
    let started = Instant::now();
    loop {
        let held = held();
        if quiet(&held) || started.elapsed() > Duration::from_secs(10) {
            return held;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

const NAMESPACES: [&str; 8] = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

/// What this process holds.
fn held() -> Held {
    let names = |folder: &str| -> Vec<PathBuf> {
        fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
    };
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let field = |name: &str| -> usize {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let below = below(std::process::id());
    let mut namespaces: Vec<_> = below
        .iter()
        .chain([&std::process::id()])
        .flat_map(|pid| names(&format!("/proc/{pid}/ns")))
        .chain(names("/proc/self/fd"))
        .filter_map(|path| fs::read_link(path).ok())
        .filter(|target| {
            let target = target.to_string_lossy();
            target.split_once(":[").is_some_and(|(kind, _)| NAMESPACES.contains(&kind))
        })
        .collect();
    namespaces.sort();
    namespaces.dedup();
    let own = format!("mledojo-{}-", std::process::id());
    let is_own = |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&own));
    Held {
        processes: below.len(),
        threads: field("Threads:"),
        // One of them is that of this very look.
        descriptors: names("/proc/self/fd").len() - 1,
        namespaces: namespaces.len(),
        mounts: fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count(),
        groups: groups(Path::new("/sys/fs/cgroup"), &own, 4),
        temporary: names(&std::env::temp_dir().to_string_lossy()).iter().filter(is_own).count(),
        shared_memory: names("/dev/shm").len(),
        resident_kib: field("VmRSS:"),
    }
}

/// All processes below one.
fn below(pid: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    for task in tasks {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            found.push(child);
            found.extend(below(child));
        }
    }
    found
}

/// Control groups below `folder` whose names begin with `own`.
fn groups(folder: &Path, own: &str, depth: usize) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders
        .map(|entry| {
            let is_own = entry.file_name().to_string_lossy().starts_with(own);
            let inner = if depth > 1 { groups(&entry.path(), own, depth - 1) } else { 0 };
            usize::from(is_own) + inner
        })
        .sum()
}

/// What the environments should have cleared away below the episodes' folders.
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let episodes = fs::read_dir(folder).unwrap().flatten();
    let entries = episodes.flat_map(|episode| fs::read_dir(episode.path()).into_iter().flatten().flatten());
    let cleared = |name: &str| name == "trash" || name.starts_with("before-");
    entries.filter(|entry| cleared(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
}
