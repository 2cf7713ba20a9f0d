//! The `container` sandbox, against a stand-in for the engine.

use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, ContainerSandbox, Outcome, Report, Sandbox, SandboxError};
use serde_json::{Value, json};

use crate::stand_in::{End, Script, StandIn, frame};
use crate::support::{Case, is_root};

fn connect(engine: &StandIn) -> Result<ContainerSandbox, SandboxError> {
    ContainerSandbox::connect("registry.example/science:1", Some(&engine.address()))
}

/// Runs a job whose container does as the script says, and sees that nothing is left.
fn run(script: Script, case: &Case) -> Report {
    let engine = StandIn::new(script);
    let report = connect(&engine).unwrap().run(&case.job, &Cancel::default()).unwrap();
    assert_eq!(engine.containers(), Vec::<String>::new());
    report
}

fn outcome(script: Script) -> Outcome {
    run(script, &Case::new("")).outcome
}

fn refusal(result: Result<Report, SandboxError>) -> String {
    result.unwrap_err().to_string()
}

/// What Docker's client sends to create a container with the same properties, recorded from
/// `docker create --read-only --network none --cap-drop ALL …`.
const DOCKER_CREATE: &str = include_str!("docker_create.json");
const NOW: Duration = Duration::ZERO;
/// After the first look at what is used, however busy this machine is.
const LATER: Duration = Duration::from_millis(800);

#[test]
fn output_end_and_use_are_reported() {
    for chunked in [false, true] {
        let output = vec![
            (NOW, frame(1, b"first ")),
            (NOW, frame(2, b"warning\n")),
            (LATER, [frame(1, b"second "), frame(1, b"third\n")].concat()),
        ];
        let report = run(Script { output, chunked, ..Script::default() }, &Case::new(""));
        assert_eq!(report.outcome, Outcome::Ok);
        assert_eq!(report.stdout.text(), "first second third\n");
        assert_eq!(report.stderr.text(), "warning\n");
        assert!(report.wall >= LATER && !report.warm);
        assert_eq!((report.cpu, report.peak_memory), (Duration::from_millis(1250), Some(104_857_600)));
    }
}

#[test]
fn ends_are_told_apart() {
    let ends = |code| outcome(Script { end: End::Code(code), ..Script::default() });
    assert_eq!(ends(1), Outcome::ExitCode { code: 1 });
    assert_eq!(ends(255), Outcome::ExitCode { code: 255 });
    assert_eq!(ends(139), Outcome::Signal { signal: libc::SIGSEGV });
    assert_eq!(ends(128 + libc::SIGXCPU), Outcome::CpuTime);
    assert_eq!(ends(128 + libc::SIGXFSZ), Outcome::FileSize);
    let out_of_memory = Script { end: End::Code(137), out_of_memory: true, ..Script::default() };
    assert_eq!(outcome(out_of_memory), Outcome::Memory);
    let busy = Script { end: End::Code(1), tasks: 65, output: vec![(LATER, frame(2, b"!"))], ..Script::default() };
    assert_eq!(outcome(busy), Outcome::Processes);
    let case = Case::new("").limits(|limits| limits.file_size = 100);
    let full = Script { end: End::Code(1), leaves: Some((case.work("full"), 100)), ..Script::default() };
    assert_eq!(run(full, &case).outcome, Outcome::FileSize);
    let unstartable = Script { no_start: Some("runc create failed: no space left"), ..Script::default() };
    assert!(matches!(outcome(unstartable), Outcome::StartFailure { message } if message.contains("no space left")));
    let no_start = Script { refuse: [("/start", (500, "runc create failed"))].into(), ..Script::default() };
    let engine = StandIn::new(no_start);
    assert!(connect(&engine).unwrap_err().to_string().contains("runc create failed"));
}

#[test]
fn a_hanging_container_is_killed_at_its_time_or_by_its_caller() {
    let hang = || Script { end: End::Hang, output: vec![(NOW, frame(1, b"so far"))], ..Script::default() };
    let case = Case::new("").limits(|limits| limits.wall = Duration::from_millis(300));
    let report = run(hang(), &case);
    assert_eq!((report.outcome, report.stdout.text()), (Outcome::Timeout, "so far".to_owned()));
    assert!(report.wall >= Duration::from_millis(300) && report.wall < Duration::from_secs(5));

    let engine = StandIn::new(hang());
    let (sandbox, case, cancel) = (connect(&engine).unwrap(), Case::new(""), Cancel::default());
    let asked = std::thread::scope(|scope| {
        let run = scope.spawn(|| sandbox.run(&case.job, &cancel).unwrap());
        std::thread::sleep(LATER);
        cancel.cancel();
        let asked = Instant::now();
        assert_eq!(run.join().unwrap().outcome, Outcome::Cancelled);
        asked.elapsed()
    });
    assert!(asked < Duration::from_secs(5));
    assert_eq!(engine.containers(), Vec::<String>::new());
    assert!(engine.requests().iter().any(|request| request.path.ends_with("/kill?signal=KILL")));
}

#[test]
fn a_flood_is_cut_off_and_its_ends_are_kept() {
    let case = Case::new("").limits(|limits| {
        limits.output = 1 << 20;
        limits.capture.head = 5;
        limits.capture.tail = 3;
    });
    let output = vec![(NOW, frame(1, b"first"))];
    let report = run(Script { end: End::Flood, output, ..Script::default() }, &case);
    assert_eq!(report.outcome, Outcome::Output);
    assert_eq!((report.stdout.head.as_slice(), report.stdout.tail.as_slice()), (&b"first"[..], &b"xxx"[..]));
    assert!(report.stdout.total > 1 << 20);
}

/// Every property of `ours` is in `recorded`, with the same value but for those that are each test's own.
fn assert_recorded(ours: &Value, recorded: &Value, own: &[&str]) {
    for (name, value) in ours.as_object().unwrap() {
        let theirs = recorded.get(name).unwrap_or_else(|| panic!("Docker's client knows no `{name}`"));
        assert!(own.contains(&name.as_str()) || value == theirs, "{name}: {value}, recorded {theirs}");
    }
}

#[test]
fn the_container_is_locked_down() {
    let engine = StandIn::new(Script::default());
    let sandbox = connect(&engine).unwrap();
    let mut case = Case::new("print(1)").limits(|limits| {
        limits.cpus = Some(2);
        limits.cpu = Some(Duration::from_millis(1500));
        limits.tmp_size = 1 << 20;
    });
    case.job.args = vec!["two words".into()];
    case.job.env = vec![("SEED".into(), "7".into())];
    case.job.masked = vec!["data".into(), "answers.csv".into()];
    case.job.host_paths = true;
    sandbox.run(&case.job, &Cancel::default()).unwrap();

    let created = engine.created();
    assert_eq!(created["Image"], "sha256:4bcff639");
    assert_eq!(created["Entrypoint"], json!(["/usr/local/bin/python3"]));
    assert_eq!(created["Cmd"], json!(["/kaggle/src/main.py", "two words"]));
    assert_eq!(created["WorkingDir"], "/kaggle/working");
    let variables = created["Env"].as_array().unwrap();
    for variable in ["SEED=7", "HOME=/tmp", "OMP_NUM_THREADS=2", "PATH=/usr/local/bin:/usr/local/bin:/usr/bin:/bin"] {
        assert!(variables.contains(&json!(variable)), "{variable}: {variables:?}");
    }
    let user = created["User"].as_str().unwrap();
    assert!(!user.starts_with("0:") && user.contains(':'), "{user}");
    if is_root() {
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&case.job.work_dir).unwrap());
        assert!(user.starts_with(&format!("{owner}:")), "{user}");
    }

    // All is as Docker's own client asks for it; what differs is looked at here.
    let recorded: Value = serde_json::from_str(DOCKER_CREATE).unwrap();
    let host = &created["HostConfig"];
    let own = ["Image", "User", "Env", "Entrypoint", "Labels", "HostConfig"];
    assert_recorded(&created, &recorded, &own);
    assert_recorded(host, &recorded["HostConfig"], &["Mounts", "Ulimits", "LogConfig", "RestartPolicy", "UsernsMode"]);
    for name in [
        "NetworkMode",
        "ReadonlyRootfs",
        "CapDrop",
        "SecurityOpt",
        "IpcMode",
        "Memory",
        "MemorySwap",
        "NanoCpus",
        "PidsLimit",
        "ShmSize",
        "Tmpfs",
        "Init",
    ] {
        assert_eq!(host[name], recorded["HostConfig"][name], "{name}");
    }
    assert_eq!(host["LogConfig"]["Type"], "none");
    assert_eq!(host["RestartPolicy"]["Name"], "no");
    assert!(host["Ulimits"].as_array().unwrap().contains(&json!({ "Name": "cpu", "Soft": 2, "Hard": 3 })));
    let mounts: Vec<_> = host["Mounts"].as_array().unwrap().iter().map(|m| (&m["Target"], &m["ReadOnly"])).collect();
    let mount = |target: &str, read_only| (json!(target), json!(read_only));
    let own = |name: &str| case.folder.path().join(name).canonicalize().unwrap().to_str().unwrap().to_owned();
    let expected = [
        mount("/kaggle/src", true),
        mount("/kaggle/working", false),
        mount(&own("work"), false),
        mount(&own("public"), true),
        mount("/kaggle/input/data", true),
        mount("/usr/lib/python3/dist-packages/data", true),
        mount("/opt/packages/answers.csv", true),
    ];
    assert_eq!(mounts, expected.iter().map(|(target, read_only)| (target, read_only)).collect::<Vec<_>>());
    let shown: Vec<_> = host["Mounts"].as_array().unwrap().iter().map(|m| m["Source"].as_str().unwrap()).collect();
    let private = case.folder.path().join("private");
    assert!(shown.iter().all(|path| !private.starts_with(path) && !path.starts_with(private.to_str().unwrap())));
    assert!(created["Labels"].as_object().unwrap().len() >= 2);
    // The run's own folder is gone.
    let left: Vec<_> = std::fs::read_dir(case.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");

    // What must be covered is asked once for each list.
    let probes = |engine: &StandIn| {
        let requests = engine.requests();
        requests.iter().filter(|request| request.body["Cmd"][0] == "/kaggle/src/probe.py").count()
    };
    assert_eq!(probes(&engine), 2);
    sandbox.run(&case.job, &Cancel::default()).unwrap();
    assert_eq!(probes(&engine), 2);
}

#[test]
fn the_image_is_named_by_its_digest_and_brings_its_python() {
    let engine = StandIn::new(Script::default());
    let sandbox = connect(&engine).unwrap();
    let record = sandbox.record();
    assert_eq!((record.name.as_str(), record.isolated), ("container", true));
    assert_eq!(record.image.as_deref(), Some("sha256:4bcff639"));
    let python = sandbox.own_python().unwrap();
    assert_eq!(python.executable.to_str(), Some("/usr/local/bin/python3"));
    assert_eq!(python.versions["numpy"], "2.4.6");
    let looked_up = engine.requests().into_iter().find(|request| request.path.contains("/images/")).unwrap();
    assert_eq!(looked_up.path, "/v1.47/images/registry.example/science:1/json");
    let _ = ContainerSandbox::connect("sha256:4bcff639", Some(&engine.address())).unwrap();

    let rootless = StandIn::new(Script { podman: true, rootless: true, ..Script::default() });
    let _ = connect(&rootless).unwrap();
    assert_eq!(rootless.created()["HostConfig"]["UsernsMode"], "keep-id");
}

#[test]
fn an_engine_is_reached_over_tcp() {
    let output = vec![(NOW, frame(1, b"far away"))];
    let engine = StandIn::new(Script { output, ..Script::default() });
    let sandbox = ContainerSandbox::connect("science:1", Some(&engine.tcp_address())).unwrap();
    let report = sandbox.run(&Case::new("").job, &Cancel::default()).unwrap();
    assert_eq!((report.outcome, report.stdout.text()), (Outcome::Ok, "far away".to_owned()));
}

#[test]
fn refusals_tell_what_the_engine_said() {
    let refused = |end, status, message| {
        let engine = StandIn::new(Script { refuse: [(end, (status, message))].into(), ..Script::default() });
        let error = connect(&engine).unwrap_err().to_string();
        assert_eq!(engine.containers(), Vec::<String>::new());
        error
    };
    let missing = refused("/images/registry.example/science:1/json", 404, "No such image");
    assert!(missing.contains("no image `registry.example/science:1`") && missing.contains("hint: "), "{missing}");
    let conflict = refused("/containers/create", 409, "Conflict. The container name is already in use");
    assert!(conflict.contains("cannot create a container") && conflict.contains("already in use (status 409)"));
    let broken = refused("/containers/json", 500, "database is locked");
    assert!(broken.contains("cannot list containers") && broken.contains("database is locked"), "{broken}");
    let attach = refused("/attach", 500, "no stream");
    assert!(attach.contains("no stream"), "{attach}");

    let engine = StandIn::new(Script { probe: None, ..Script::default() });
    let error = connect(&engine).unwrap_err().to_string();
    assert!(error.contains("no Python that starts") && error.contains("python3: not found"), "{error}");

    let nowhere = ContainerSandbox::connect("x", Some("unix:///nowhere/engine.sock")).unwrap_err().to_string();
    assert!(nowhere.contains("no container engine answers") && nowhere.contains("/nowhere/engine.sock"), "{nowhere}");
    let ssh = ContainerSandbox::connect("x", Some("ssh://me@host")).unwrap_err().to_string();
    assert!(ssh.contains("ssh://me@host") && ssh.contains("hint: "), "{ssh}");
}

#[test]
fn a_cut_connection_is_an_error_of_the_host() {
    let case = Case::new("");
    let mut half = frame(1, b"half a frame");
    half.truncate(12);
    let engine = StandIn::new(Script { output: vec![(NOW, half)], ..Script::default() });
    let error = refusal(connect(&engine).unwrap().run(&case.job, &Cancel::default()));
    assert!(error.contains("the connection was cut"), "{error}");
    assert_eq!(engine.containers(), Vec::<String>::new());

    let engine = StandIn::new(Script { output: vec![(NOW, b"Traceback, unframed".to_vec())], ..Script::default() });
    let error = refusal(connect(&engine).unwrap().run(&case.job, &Cancel::default()));
    assert!(error.contains("expected 0 to 2"), "{error}");

    let engine = StandIn::new(Script { end: End::EngineDies, ..Script::default() });
    let error = refusal(connect(&engine).unwrap().run(&case.job, &Cancel::default()));
    assert!(error.contains("cannot look at a container"), "{error}");
}

#[test]
fn left_overs_of_killed_supervisors_are_removed() {
    let listed = |id: &str, supervisor: String, until: u64| {
        json!({ "Id": id, "Names": [format!("/{id}")], "State": "running", "Labels": {
            "io.github.mledojo.supervisor": supervisor, "io.github.mledojo.until": until.to_string(),
        } })
    };
    // What this process marks its containers with, and what it would have been with another number.
    let engine = StandIn::new(Script::default());
    let sandbox = connect(&engine).unwrap();
    sandbox.run(&Case::new("").job, &Cancel::default()).unwrap();
    let mine = engine.created()["Labels"]["io.github.mledojo.supervisor"].as_str().unwrap().to_owned();
    let (world, _) = mine.rsplit_once(&format!("/{}/", std::process::id())).unwrap();
    let there = vec![
        listed("mine", mine.clone(), u64::MAX),
        listed("killed", format!("{world}/999999999/1"), u64::MAX),
        listed("elsewhere", "other-boot pid:[1]/7/1".into(), u64::MAX),
        listed("late", "other-boot pid:[1]/7/1".into(), 1),
    ];
    let engine = StandIn::new(Script { there, ..Script::default() });
    let _ = connect(&engine).unwrap();
    let requests = engine.requests();
    let removed: Vec<_> =
        requests.iter().filter(|request| request.method == "DELETE").map(|r| r.path.as_str()).collect();
    assert_eq!(removed[..2], ["killed", "late"].map(|id| format!("/v1.47/containers/{id}?force=1&v=1")));
    // The third is the probe's own.
    assert_eq!(removed.len(), 3, "{removed:?}");
}
