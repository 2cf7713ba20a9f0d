//! `mledojo download` and `leaderboard download`, against a server that speaks Kaggle's endpoints.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kaggle::{BASIC, Competition, Fault, KEY, SIGNATURE, StandIn, TOKEN, USERNAME, archive, packed};
use crate::world::{Ran, World};

const BOARD: &[u8] = b"Rank,TeamId,TeamName,Score\n1,7,a,0.9\n2,8,b,0.8\n";

/// A user with a key, and a Kaggle with two competitions.
struct Kaggle {
    world: World,
    server: StandIn,
}

impl Kaggle {
    fn new() -> Self {
        let (world, server) = (World::new(), StandIn::start());
        world.write("user/.kaggle/kaggle.json", json!({ "username": USERNAME, "key": KEY }).to_string());
        restrict(&world.path("user/.kaggle/kaggle.json"), 0o600);
        for name in ["titanic", "leaf-classification"] {
            let competition = Competition {
                archive: archive(50_000, 1),
                etag: Some(format!("\"{name}\"")),
                files: vec![("train.csv".to_owned(), b"a,b\n".to_vec(), false)],
                leaderboard: packed("titanic-publicleaderboard-2020-01-01.csv", BOARD),
                ..Competition::default()
            };
            server.add(name, competition);
        }
        Self { world, server }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.world.command(args);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KAGGLE_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.world.path("user"))
            .env_remove("XDG_CONFIG_HOME")
            .env("NO_PROXY", "127.0.0.1")
            .env("MLEDOJO_LOG", "trace")
            .env("MLEDOJO_KAGGLE_URL", &self.server.base);
        command
    }

    /// Runs a command, all of whose output is searched for secrets.
    fn run(&self, args: &[&str]) -> Ran {
        self.ran(self.command(args))
    }

    fn ran(&self, mut command: Command) -> Ran {
        let ran = Ran::from(command.output().unwrap());
        let told = format!("{}{}", ran.stdout, ran.stderr);
        for secret in [KEY, BASIC, TOKEN, SIGNATURE] {
            assert!(!told.contains(secret), "{told}");
        }
        ran
    }

    fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// Where a competition's archive lies.
    fn archive(&self, name: &str) -> PathBuf {
        self.world.path(&format!("home/raw/{name}/{name}.zip"))
    }

    /// Whether it is the server's.
    fn is_whole(&self, name: &str) -> bool {
        let bytes = std::fs::read(self.archive(name)).unwrap_or_default();
        let mut same = false;
        self.server.change(name, |competition| same = competition.archive == bytes);
        same
    }
}

fn restrict(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn data_comes_once_and_lies_where_it_is_looked_for() {
    let kaggle = Kaggle::new();
    let ran = kaggle.run(&["download", "titanic"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("titanic: ") && ran.stdout.contains("titanic.zip (48.9 KiB)"), "{ran:?}");
    assert!(kaggle.is_whole("titanic"));
    let again = kaggle.run(&["download", "titanic"]);
    assert!(again.stdout.contains("there already"), "{again:?}");
    assert_eq!(kaggle.server.storage_log().len(), 1);
    assert!(kaggle.json(&["download", "titanic", "--anew"])["competitions"][0]["bytes_transferred"].as_u64() > Some(0));

    let listed = kaggle.json(&["download", "titanic", "--list"]);
    assert_eq!(listed["files"], json!([{ "name": "train.csv", "bytes": 4 }]));
    let raw = kaggle.world.path("raw");
    let file = kaggle.json(&["download", "titanic", "--file", "train.csv", "--raw", raw.to_str().unwrap()]);
    assert_eq!(file["competitions"][0]["file"], json!(raw.join("train.csv")));
    assert_eq!(std::fs::read(raw.join("train.csv")).unwrap(), b"a,b\n");
}

#[test]
fn a_token_in_the_environment_works_and_no_credentials_are_told() {
    let kaggle = Kaggle::new();
    std::fs::remove_file(kaggle.world.path("user/.kaggle/kaggle.json")).unwrap();
    let none = kaggle.run(&["download", "titanic"]);
    assert_eq!(none.code, 1);
    assert!(none.stderr.contains("https://www.kaggle.com/settings"), "{none:?}");
    let none = kaggle.run(&["download", "titanic", "--json"]);
    assert!(none.stdout.contains("\"kind\":\"no_credentials\""), "{none:?}");
    let mut command = kaggle.command(&["download", "titanic"]);
    command.env("KAGGLE_API_TOKEN", TOKEN);
    assert_eq!(kaggle.ran(command).code, 0);
    assert!(kaggle.is_whole("titanic"));
}

#[test]
fn a_key_that_others_can_read_is_told_of() {
    let kaggle = Kaggle::new();
    let file = kaggle.world.path("user/.kaggle/kaggle.json");
    restrict(&file, 0o644);
    let ran = kaggle.run(&["download", "titanic"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains(&format!("chmod 600 {}", file.display())), "{ran:?}");
}

#[test]
fn several_competitions_go_on_after_one_that_is_refused() {
    let kaggle = Kaggle::new();
    kaggle.server.change("leaf-classification", |competition| competition.rules_open = true);
    let ran = kaggle.run(&["download", "leaf-classification", "titanic"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("https://www.kaggle.com/competitions/leaf-classification/rules"), "{ran:?}");
    assert!(ran.stdout.contains("1 of 2 are there"), "{ran:?}");
    assert!(!kaggle.world.path("home/raw/leaf-classification").exists());
    assert!(kaggle.is_whole("titanic"));
    let raw = kaggle.world.path("raw");
    kaggle.run(&["download", "leaf-classification", "titanic", "--raw", raw.to_str().unwrap()]);
    assert!(raw.join("titanic/titanic.zip").exists());
    let ran = kaggle.run(&["download", "leaf-classification", "titanic", "--json"]);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["competitions"][0]["error"]["kind"], "rules_not_accepted");

    // A key that is not accepted would be refused by all.
    kaggle.world.write("user/.kaggle/kaggle.json", json!({ "username": "bob", "key": "12" }).to_string());
    let requests = kaggle.server.api_log().len();
    let ran = kaggle.run(&["download", "leaf-classification", "titanic", "--anew", "--json"]);
    assert_eq!((ran.code, ran.stdout.matches("\"kind\":\"unauthorized\"").count()), (1, 1), "{ran:?}");
    assert_eq!(kaggle.server.api_log().len(), requests + 1);
}

#[test]
fn names_are_checked_before_anything_is_asked() {
    let kaggle = Kaggle::new();
    let iris = kaggle.run(&["download", "iris"]);
    assert_eq!(iris.code, 1);
    assert!(iris.stderr.contains("not a competition of Kaggle's"), "{iris:?}");
    assert!(kaggle.run(&["download", "--set", "bundled"]).stderr.contains("none of these"));
    assert!(kaggle.run(&["download", "titanik"]).stderr.contains("did you mean titanic"));
    for args in [&["download"][..], &["download", "titanic", "--all"], &["download", "titanic", "--list", "--dry-run"]]
    {
        assert_eq!(kaggle.run(args).code, 2);
    }
    assert!(kaggle.run(&["download", "--set", "mle-dojo", "--list"]).stderr.contains("one competition, and 202"));
    assert!(kaggle.server.api_log().is_empty());
}

#[test]
fn a_dry_run_says_sizes_and_what_is_to_be_accepted() {
    let kaggle = Kaggle::new();
    kaggle.server.change("leaf-classification", |competition| competition.rules_open = true);
    kaggle.json(&["download", "titanic"]);
    std::fs::rename(kaggle.archive("titanic"), kaggle.archive("titanic").with_extension("zip.part")).unwrap();
    let plan = kaggle.json(&["download", "leaf-classification", "titanic", "--dry-run"]);
    let [leaf, titanic] = [&plan["competitions"][0], &plan["competitions"][1]];
    assert_eq!((&leaf["error"]["kind"], &leaf["exact"]), (&json!("rules_not_accepted"), &json!(false)));
    assert_eq!((&titanic["state"], &titanic["exact"], &titanic["error"]), (&json!("part"), &json!(true), &json!(null)));
    assert_eq!(titanic["bytes"], titanic["bytes_on_disk"]);
    assert_eq!(plan["bytes_needed"], leaf["bytes"]);
    let text = kaggle.run(&["download", "leaf-classification", "titanic", "--dry-run"]).stdout;
    assert!(text.contains("are not accepted yet") && text.contains("free below"), "{text}");

    // Without credentials the catalog's sizes have to do, for all of Kaggle's competitions as well.
    std::fs::remove_file(kaggle.world.path("user/.kaggle/kaggle.json")).unwrap();
    let ran = kaggle.run(&["download", "--all", "--dry-run", "--json"]);
    let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(plan["competitions"].as_array().unwrap().len(), 202);
    assert!(plan["bytes_needed"].as_u64() > Some(1_000_000_000_000), "{}", plan["bytes_needed"]);
    assert_eq!(plan["fits"].as_bool().unwrap(), ran.code == 0);
}

#[test]
fn kill_9_leaves_a_part_that_the_next_run_goes_on_with() {
    let kaggle = Kaggle::new();
    let size = 4 << 20;
    kaggle.server.change("titanic", |competition| {
        competition.archive = archive(size, 3);
        competition.pace = Duration::from_millis(15);
    });
    let part = kaggle.archive("titanic").with_extension("zip.part");
    let length = || std::fs::metadata(&part).map_or(0, |metadata| metadata.len());
    let mut known = 0;
    for _ in 0..3 {
        let mut child =
            kaggle.command(&["download", "titanic"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while length() < known + 500_000 {
            assert!(child.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!kaggle.archive("titanic").exists());
        known = length();
    }
    kaggle.server.change("titanic", |competition| competition.pace = Duration::ZERO);
    let done = &kaggle.json(&["download", "titanic"])["competitions"][0];
    assert!(kaggle.is_whole("titanic"));
    assert_eq!(done["bytes_transferred"].as_u64().unwrap() + known, done["bytes"].as_u64().unwrap());
}

#[test]
fn ctrl_c_ends_it_and_it_goes_on() {
    let kaggle = Kaggle::new();
    kaggle.server.change("titanic", |competition| {
        competition.archive = archive(4 << 20, 3);
        competition.pace = Duration::from_millis(50);
    });
    let child = kaggle.command(&["download", "titanic"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let part = kaggle.archive("titanic").with_extension("zip.part");
    while std::fs::metadata(&part).map_or(0, |metadata| metadata.len()) < 200_000 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(ran.stderr.contains("goes on from there"), "{ran:?}");
    kaggle.server.change("titanic", |competition| competition.pace = Duration::ZERO);
    kaggle.json(&["download", "titanic"]);
    assert!(kaggle.is_whole("titanic"));
    assert!(kaggle.server.storage_log()[1].header("range").is_some());
}

#[test]
fn two_processes_fetch_it_once() {
    let kaggle = Kaggle::new();
    kaggle.server.change("titanic", |competition| {
        competition.archive = archive(2 << 20, 3);
        competition.pace = Duration::from_millis(60);
    });
    let run =
        || kaggle.command(&["download", "titanic"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let runs = [run(), run()].map(|child| Ran::from(child.wait_with_output().unwrap()));
    assert!(runs.iter().all(|ran| ran.code == 0), "{runs:?}");
    assert!(runs.iter().any(|ran| ran.stderr.contains("another process fetches it")), "{runs:?}");
    assert!(runs.iter().any(|ran| ran.stdout.contains("there already")), "{runs:?}");
    assert!(kaggle.is_whole("titanic"));
    assert_eq!(kaggle.server.storage_log().len(), 1);
}

#[test]
fn a_disk_that_fills_up_keeps_what_there_is_and_one_too_small_is_told_before() {
    let kaggle = Kaggle::new();
    kaggle.server.change("titanic", |competition| {
        competition.archive = archive(8 << 20, 3);
        competition.pace = Duration::from_millis(20);
    });
    std::fs::create_dir(kaggle.world.path("small")).unwrap();
    // The disk lives as long as its mount namespace, so all that looks at it runs inside.
    let inside = r#"
set -e
mount -t tmpfs -o size=40m tmpfs small
set +e
"$MLEDOJO" download --set mle-dojo --raw small 2>all-err
echo $? >all-code
"$MLEDOJO" download titanic --raw small >out 2>err &
while [ "$(stat -c %s small/titanic.zip.part 2>/dev/null || echo 0)" -lt 500000 ]; do sleep 0.02; done
cat /dev/zero >small/ballast 2>/dev/null
wait $!
echo $? >code
rm small/ballast
"$MLEDOJO" download titanic --raw small --json >resumed 2>resumed-err
echo $? >resumed-code
cp small/titanic.zip whole.zip
"#;
    let command = kaggle.command(&[]);
    let mut outer = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        outer.arg("--map-root-user");
    }
    outer.args(["--mount", "sh", "-c", inside]).current_dir(kaggle.world.path(""));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    let ran = Ran::from(outer.env("MLEDOJO", env!("CARGO_BIN_EXE_mledojo")).output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(kaggle.world.path(name)).unwrap();
    assert_eq!(read("all-code").trim(), "1");
    assert!(read("all-err").contains("TiB more are needed and 40.0 MiB are free"), "{}", read("all-err"));
    assert_eq!(read("code").trim(), "1", "{}", read("err"));
    assert!(read("err").contains("the disk is full") && read("err").contains("of 8.0 MiB"), "{}", read("err"));
    assert_eq!(read("resumed-code").trim(), "0", "{}", read("resumed-err"));
    let resumed: Value = serde_json::from_str(&read("resumed")).unwrap();
    let done = &resumed["competitions"][0];
    assert!(done["bytes_transferred"].as_u64() < done["bytes"].as_u64(), "{done}");
    let whole = std::fs::read(kaggle.world.path("whole.zip")).unwrap();
    kaggle.server.change("titanic", |competition| assert!(competition.archive == whole));
}

#[test]
fn a_leaderboard_is_fetched_and_kept() {
    let kaggle = Kaggle::new();
    let kept = kaggle.json(&["leaderboard", "download", "titanic"]);
    assert_eq!((&kept["boards"][0]["board"], &kept["boards"][0]["teams"]), (&json!("public"), &json!(2)));
    let board = std::fs::read_to_string(kaggle.world.path("home/leaderboards/titanic/public_leaderboard.csv")).unwrap();
    assert_eq!(board, "rank,score\n1,0.9\n2,0.8\n");
    let kept = kaggle.json(&["leaderboard", "download", "titanic", "--board", "private"]);
    assert_eq!(kept["boards"][0]["board"], "private");
    kaggle.server.api_fault(Fault::Answer(404, vec![], "{\"code\":404,\"message\":\"none\"}".into()));
    let none = kaggle.run(&["leaderboard", "download", "titanic"]);
    assert!(none.code == 1 && none.stderr.contains("no leaderboard of a competition `titanic`"), "{none:?}");
}

#[test]
fn dsbench_comes_without_credentials() {
    let kaggle = Kaggle::new();
    std::fs::remove_file(kaggle.world.path("user/.kaggle/kaggle.json")).unwrap();
    let content = packed("data/data_resplit/bike-sharing-demand/train.csv", b"id\n");
    kaggle.server.api_fault(Fault::Answer(200, vec![("content-type", "application/zip".to_owned())], content));
    let mut command = kaggle.command(&["download", "--dsbench", "--json"]);
    command.env("MLEDOJO_DSBENCH_URL", format!("{}/DSBench/data.zip", kaggle.server.base));
    let ran = kaggle.ran(command);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["file"], json!(kaggle.world.path("home/raw/dsbench/data.zip")));
    assert_eq!(told["tasks"], json!(["bike-sharing-demand"]));
    assert!(kaggle.server.api_log()[0].header("authorization").is_none());
}

/// Agents' code sees neither the variables nor the files.
#[test]
fn agents_code_finds_no_credentials() {
    let kaggle = Kaggle::new();
    let code = "
import os
print([name for name in os.environ if 'KAGGLE' in name])
for path in [FILE, os.path.expanduser('~/.kaggle/kaggle.json'), '/proc/1/environ', '/proc/self/environ']:
    try:
        print(path, open(path, 'rb').read())
    except OSError as error:
        print(path, 'refused')
";
    let file = kaggle.world.path("user/.kaggle/kaggle.json");
    let code = code.replace("FILE", &format!("{:?}", file.display().to_string()));
    let script = kaggle.world.script(&[json!({ "action": "validate_code", "params": { "code": code } })]);
    let mut command = kaggle.command(&["run", "iris", "--agent", &script, "--steps", "1", "--output", "ep"]);
    command.env("KAGGLE_API_TOKEN", TOKEN).env("KAGGLE_USERNAME", USERNAME).env("KAGGLE_KEY", KEY);
    let ran = kaggle.ran(command);
    assert_eq!(ran.code, 0, "{ran:?}");
    let steps = std::fs::read_to_string(kaggle.world.path("ep/steps.jsonl")).unwrap();
    assert!(steps.contains("refused"), "{steps}");
    for secret in [KEY, TOKEN] {
        assert!(!steps.contains(secret), "{steps}");
    }
}

/// From Kaggle's archive to a prepared competition, as preparation's own fixture has both.
#[test]
fn what_was_downloaded_is_prepared() {
    let kaggle = Kaggle::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prepare/tests/fixtures/leaf-classification");
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for entry in std::fs::read_dir(fixture.join("raw")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, &std::fs::read(&path).unwrap()).unwrap();
    }
    let archive = writer.finish().unwrap().into_inner();
    kaggle.server.change("leaf-classification", |competition| competition.archive = archive);

    let missing = kaggle.run(&["prepare", "leaf-classification"]);
    assert!(missing.stderr.contains("mledojo download leaf-classification"), "{missing:?}");
    kaggle.json(&["download", "leaf-classification"]);
    let prepared = kaggle.json(&["prepare", "leaf-classification"]);
    let table = Path::new(prepared["public"].as_str().unwrap()).join("test.csv");
    assert!(std::fs::read_to_string(table).unwrap().starts_with("id,"));
}
