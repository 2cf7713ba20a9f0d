//! The managed runtime's states, users' own interpreters, and the syntax checker.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's functions fail by panicking")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mledojo_sandbox::{
    InstallOptions, InstallStep, InstallTool, ManagedRuntime, Runtime, RuntimeState, Syntax, SyntaxChecker,
    SyntaxProblem,
};

/// The Python that tests run with.
fn test_python() -> PathBuf {
    std::env::var_os("MLEDOJO_TEST_PYTHON").map(PathBuf::from).expect(
        "set MLEDOJO_TEST_PYTHON to a Python ≥ 3.11 with venv, numpy and scikit-learn, such as the runtime's own",
    )
}

fn test_runtime() -> Runtime {
    Runtime::from_interpreter(test_python()).unwrap()
}

/// Two packages on the spot, `tiny` and `speck`, as wheels in a folder, and the lock that pins them.
struct Wheels {
    folder: tempfile::TempDir,
    lock: String,
}

impl Wheels {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = r#"
import hashlib, sys, zipfile
for name in ("tiny", "speck"):
    info, path = f"{name}-1.0.dist-info", f"{sys.argv[1]}/{name}-1.0-py3-none-any.whl"
    files = {f"{name}/__init__.py": "VALUE = 1\n", f"{name}/part/__init__.py": "", f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in files) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
    print(f"{name}==1.0 --hash=sha256:{hashlib.sha256(open(path, 'rb').read()).hexdigest()}")
"#;
        let output = Command::new(test_python()).args(["-I", "-c", script]).arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { folder, lock: String::from_utf8(output.stdout).unwrap() }
    }

    fn options(&self) -> InstallOptions {
        InstallOptions {
            base_python: Some(test_python()),
            tool: InstallTool::Pip,
            wheels: Some(self.folder.path().to_path_buf()),
            force: false,
        }
    }
}

fn broken(runtime: &ManagedRuntime) -> String {
    match runtime.status().state {
        RuntimeState::Broken { what } => what,
        other => panic!("expected a broken runtime, found {other:?}"),
    }
}

#[test]
fn a_managed_runtime_goes_from_missing_to_ready_and_back_from_every_damage() {
    let wheels = Wheels::make();
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("runtime");
    let managed = ManagedRuntime::with_lock(&dir, &wheels.lock).unwrap();
    assert_eq!(managed.status().state, RuntimeState::Missing);
    assert!(managed.open().unwrap_err().to_string().contains("mledojo runtime install"));

    // As a kill in the middle of an earlier installation leaves it.
    fs::create_dir_all(dir.join("venv/lib/python3.11/site-packages/tiny")).unwrap();
    assert_eq!(managed.status().state, RuntimeState::Incomplete);
    assert!(managed.open().unwrap_err().to_string().contains("not finished"));

    let mut steps = Vec::new();
    let runtime = managed.install(&wheels.options(), &mut |event| steps.push(event.step)).unwrap();
    steps.dedup();
    use InstallStep::{Checking, Compiling, CreatingEnvironment, Fetching, FindingPython, Unpacking};
    assert_eq!(steps, [FindingPython, CreatingEnvironment, Fetching, Unpacking, Compiling, Checking]);
    assert_eq!(managed.status().state, RuntimeState::Ready);
    let versions: Vec<_> = runtime.packages().iter().map(|(name, version)| (name.as_str(), version.as_str())).collect();
    assert_eq!(versions, [("speck", "1.0"), ("tiny", "1.0")]);

    let start = Instant::now();
    assert_eq!(managed.open().unwrap(), runtime);
    assert!(start.elapsed() < Duration::from_millis(20), "{:?}", start.elapsed());

    let site_packages = runtime.interpreter().site_packages.clone().unwrap();
    assert_eq!(fs::read_dir(site_packages.join("tiny/__pycache__")).unwrap().count(), 1, "no bytecode was made");
    assert!(runtime.interpreter().read_only.contains(&dir.join("venv")));

    // A second installation has nothing to do.
    managed.install(&wheels.options(), &mut |event| panic!("{event:?}")).unwrap();

    // Each damage is seen, and undone again by hand.
    let aside = home.path().join("aside");
    let python = dir.join("venv/bin/python");
    let moved: [(&Path, &str); 4] = [
        (&site_packages.join("tiny"), "tiny: `tiny` is gone"),
        (&site_packages.join("speck-1.0.dist-info"), "speck: `speck-1.0.dist-info` is gone"),
        (&python, "is gone"),
        (&dir.join("venv/pyvenv.cfg"), "pyvenv.cfg` is gone"),
    ];
    for (path, expected) in moved {
        fs::rename(path, &aside).unwrap();
        let what = broken(&managed);
        assert!(what.contains(expected), "{what}");
        assert!(managed.open().unwrap_err().to_string().contains("is broken"), "{}", path.display());
        fs::rename(&aside, path).unwrap();
        managed.open().unwrap();
    }
    fs::rename(&python, &aside).unwrap();
    symlink("/nonexistent/python3", &python).unwrap();
    assert!(broken(&managed).contains("is gone"));
    fs::remove_file(&python).unwrap();
    symlink("/bin/sh", &python).unwrap();
    assert!(broken(&managed).contains("is now `"));
    fs::remove_file(&python).unwrap();
    fs::rename(&aside, &python).unwrap();

    // Another lock, a record of another version, and another place.
    let other_lock = format!("# edited\n{}", wheels.lock);
    let edited = ManagedRuntime::with_lock(&dir, &other_lock).unwrap();
    assert_eq!(edited.status().state, RuntimeState::Outdated);
    assert!(edited.open().unwrap_err().to_string().contains("other packages"));
    let record = fs::read(dir.join("runtime.json")).unwrap();
    for text in ["", "{}", "{\"format\": 99}", "\u{0}\u{0}"] {
        fs::write(dir.join("runtime.json"), text).unwrap();
        assert!(broken(&managed).contains("runtime.json"));
    }
    fs::write(dir.join("runtime.json"), record).unwrap();
    let elsewhere = home.path().join("elsewhere");
    fs::rename(&dir, &elsewhere).unwrap();
    assert!(broken(&ManagedRuntime::with_lock(&elsewhere, &wheels.lock).unwrap()).contains("moved"));
    fs::rename(&elsewhere, &dir).unwrap();
    managed.open().unwrap();

    // A file deep inside is only missed by the close look, and installing repairs it.
    fs::remove_file(site_packages.join("tiny/part/__init__.py")).unwrap();
    managed.open().unwrap();
    assert!(broken(&managed).contains("tiny: `tiny/part/__init__.py` is gone"));
    managed.install(&wheels.options(), &mut |_| {}).unwrap();
    assert!(site_packages.join("tiny/part/__init__.py").exists());
    assert_eq!(managed.status().state, RuntimeState::Ready);
}

#[test]
fn a_failed_installation_says_why_and_leaves_the_runtime_incomplete() {
    let wheels = Wheels::make();
    let home = tempfile::tempdir().unwrap();
    let hash = "0".repeat(64);
    let wrong_hash =
        wheels.lock.lines().next().unwrap().split("sha256:").next().unwrap().to_owned() + "sha256:" + &hash;
    for (lock, expected) in
        [(wrong_hash, "serves other files"), (format!("absent==1 --hash=sha256:{hash}"), "no wheel fits")]
    {
        let managed = ManagedRuntime::with_lock(home.path(), &lock).unwrap();
        let error = managed.install(&wheels.options(), &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("ERROR: "), "{error}");
        assert_eq!(managed.status().state, RuntimeState::Incomplete);
        assert!(fs::read_to_string(home.path().join("install.log")).unwrap().contains("ERROR: "));
    }
}

#[test]
fn of_two_installers_one_installs_and_the_other_waits() {
    let wheels = Wheels::make();
    let home = tempfile::tempdir().unwrap();
    let managed = ManagedRuntime::with_lock(home.path(), &wheels.lock).unwrap();
    let events = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for installer in 0..2 {
            let (managed, wheels, events) = (&managed, &wheels, &events);
            scope.spawn(move || {
                managed
                    .install(&wheels.options(), &mut |event| events.lock().unwrap().push((installer, event.step)))
                    .unwrap();
            });
        }
    });
    let events = events.into_inner().unwrap();
    let waiting: Vec<_> = events.iter().filter(|(_, step)| *step == InstallStep::Waiting).collect();
    let building: Vec<_> = events.iter().filter(|(_, step)| *step == InstallStep::CreatingEnvironment).collect();
    assert_eq!((waiting.len(), building.len()), (1, 1), "{events:?}");
    assert_ne!(waiting[0].0, building[0].0);
}

/// The ids of processes whose command line holds `path`.
fn processes_naming(path: &Path) -> Vec<String> {
    let path = path.to_str().unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&command).contains(path) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

fn wait_until_gone(mut remaining: impl FnMut() -> Vec<String>) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = remaining();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "processes {left:?} outlive who started them");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Not a test by itself: the process that the next test kills.
#[test]
#[ignore = "started by `an_installer_killed_at_any_moment_leaves_what_the_next_repairs`"]
fn installer_process() {
    let var = |name: &str| std::env::var(name).unwrap();
    let managed = ManagedRuntime::with_lock(var("TEST_DIR"), &var("TEST_LOCK")).unwrap();
    let options = InstallOptions {
        base_python: Some(test_python()),
        tool: InstallTool::Pip,
        wheels: Some(var("TEST_WHEELS").into()),
        force: true,
    };
    managed.install(&options, &mut |_| {}).unwrap();
}

#[test]
fn an_installer_killed_at_any_moment_leaves_what_the_next_repairs() {
    let wheels = Wheels::make();
    let home = tempfile::tempdir().unwrap();
    let managed = ManagedRuntime::with_lock(home.path(), &wheels.lock).unwrap();
    for delay in [100, 700, 2000] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "runtime::installer_process", "--ignored"])
            .env("TEST_DIR", home.path())
            .env("TEST_LOCK", &wheels.lock)
            .env("TEST_WHEELS", wheels.folder.path())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        // Whatever it had started keeps the lock for as long as it writes.
        if let Ok(lock) = fs::File::open(home.path().join("install.lock")) {
            lock.lock().unwrap();
            assert_eq!(processes_naming(home.path()), [] as [String; 0]);
        }
        // Either it had not begun, or it was cut off, or it was quicker than we.
        let state = managed.status().state;
        assert!(matches!(state, RuntimeState::Missing | RuntimeState::Incomplete | RuntimeState::Ready), "{state:?}");
        assert_eq!(managed.open().is_ok(), state == RuntimeState::Ready);
    }
    let runtime = managed.install(&wheels.options(), &mut |_| {}).unwrap();
    assert_eq!(managed.open().unwrap(), runtime);
    let output = Command::new(&runtime.interpreter().executable)
        .args(["-I", "-c", "import tiny, speck.part; print(tiny.VALUE)"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n");
}

#[test]
fn a_users_interpreter_is_known_by_what_it_needs() {
    let runtime = test_runtime();
    assert!(runtime.python_version().starts_with("3."));
    assert!(runtime.packages().contains_key("scikit-learn"), "{:?}", runtime.packages());
    let interpreter = runtime.interpreter();
    assert!(interpreter.site_packages.as_ref().unwrap().join("sklearn").is_dir());

    let covered = |path: &Path| interpreter.read_only.iter().any(|folder| path.starts_with(folder));
    let output = Command::new(&interpreter.executable)
        .args(["-I", "-c", "import os, sys, ctypes, ssl, numpy, sklearn\nfor m in list(sys.modules.values()):\n  p = getattr(m, '__file__', None)\n  if p: print(os.path.realpath(p))\nprint(os.path.realpath(sys.executable))"])
        .output()
        .unwrap();
    let files = String::from_utf8(output.stdout).unwrap();
    assert!(files.lines().count() > 200, "{}", String::from_utf8_lossy(&output.stderr));
    // Debian's Python has a hook for crash reports below `/etc`; without it, it is passed over.
    for file in files.lines().filter(|file| !file.ends_with("/sitecustomize.py")) {
        assert!(covered(Path::new(file)), "`{file}` is not below {:?}", interpreter.read_only);
    }
    // Each link from the executable on must be there too.
    let mut link = interpreter.executable.clone();
    loop {
        assert!(covered(&link), "`{}` is not below {:?}", link.display(), interpreter.read_only);
        let Ok(target) = fs::read_link(&link) else { break };
        link = link.parent().unwrap().join(target);
    }
}

#[test]
fn what_is_no_interpreter_or_lays_open_too_much_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let text = home.path().join("python");
    fs::write(&text, "hello").unwrap();
    for (path, expected) in [
        (Path::new("/nonexistent/python"), "doesn't start"),
        (text.as_path(), "doesn't start"),
        (Path::new("/bin/true"), "doesn't answer as Python"),
        (Path::new("/bin/false"), "it failed with"),
        (home.path(), "doesn't start"),
    ] {
        let error = Runtime::from_interpreter(path).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(&path.display().to_string()), "{error}");
    }

    // An environment whose prefix is a home.
    let etc = home.path().join("fake");
    let facts = r#"{"version": "3.12.0", "executable": "/bin/sh", "prefixes": ["/etc"]}"#;
    fs::write(&etc, format!("#!/bin/sh\necho '{facts}'\n")).unwrap();
    fs::set_permissions(&etc, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let error = Runtime::from_interpreter(&etc).unwrap_err().to_string();
    assert!(error.contains("needs the folder `/etc`"), "{error}");
    fs::write(&etc, "#!/bin/sh\necho '{\"version\": \"3.6.15\"}'\n").unwrap();
    assert!(Runtime::from_interpreter(&etc).unwrap_err().to_string().contains("too old: needs ≥ 3.11"));
}

fn problem(checker: &SyntaxChecker, source: &[u8]) -> SyntaxProblem {
    match checker.check(source, "solution.py").unwrap() {
        Syntax::Invalid(problem) => problem,
        other => panic!("{:.200?} is {other:?}", String::from_utf8_lossy(source)),
    }
}

#[test]
fn valid_sources_of_every_kind_pass() {
    let checker = SyntaxChecker::start(&test_runtime()).unwrap();
    let valid: [&[u8]; 12] = [
        b"",
        b"\n\n# only a comment",
        b"print('no newline at the end')",
        b"x = 1\r\nif x:\r\n    y = 2\r\n",
        b"x = 1\rif x:\r    y = 2\r",
        b"\xef\xbb\xbfx = 1\n",
        "naïve = 'ü'\n".as_bytes(),
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
        b"x = '\\d' is 1\n",
        b"async def f():\n    async for x in y:\n        await x\nmatch 1:\n    case _: pass\n",
        b"raise SystemExit(3)\nimport os; os._exit(3)\n",
    ];
    for source in valid {
        assert_eq!(checker.check(source, "s.py").unwrap(), Syntax::Valid, "{:?}", String::from_utf8_lossy(source));
    }
}

#[test]
fn invalid_sources_are_placed_as_the_interpreter_places_them() {
    let checker = SyntaxChecker::start(&test_runtime()).unwrap();
    let found = problem(&checker, b"a = 1\n    \nif a:\n    b = = 2\n");
    assert_eq!((found.kind.as_str(), found.line, found.column), ("SyntaxError", Some(4), Some(9)));
    assert_eq!(
        found.to_string(),
        "  File \"solution.py\", line 4\n    b = = 2\n        ^\nSyntaxError: invalid syntax"
    );

    let cases: [(&[u8], &str, &str, Option<u32>); 11] = [
        (b"if x:\npass\n", "IndentationError", "expected an indented block", Some(2)),
        (b"if x:\n\ty\n        z\n", "TabError", "inconsistent use of tabs", Some(3)),
        (b"return 1\n", "SyntaxError", "'return' outside function", Some(1)),
        (b"def f():\n  nonlocal x\n", "SyntaxError", "no binding for nonlocal", Some(2)),
        (b"x = (1,\n\n", "SyntaxError", "was never closed", Some(1)),
        (b"print 'hello'\n", "SyntaxError", "Missing parentheses", Some(1)),
        (b"x = 'abc\n", "SyntaxError", "unterminated string literal", Some(1)),
        (b"from __future__ import braces\n", "SyntaxError", "not a chance", Some(1)),
        (b"x = 1\ny = '\xff'\n", "SyntaxError", "codec can't decode", Some(2)),
        (b"# coding: klingon\n", "SyntaxError", "unknown encoding", None),
        (b"x = 1\ny = 'a\0b'\n", "SyntaxError", "null bytes", None),
    ];
    for (source, kind, message, line) in cases {
        let found = problem(&checker, source);
        assert_eq!(found.kind, kind, "{found:?}");
        assert!(found.message.contains(message), "{found:?}");
        if line.is_some() {
            assert_eq!(found.line, line, "{found:?}");
        }
    }
    // Lone surrogates and lines without end don't break the exchange.
    problem(&checker, b"x = '\\N{no such character}'\n");
    problem(&checker, b"# coding: unicode_escape\nx = '\\ud800' = =\n");
    let long = [b"x = = ".as_slice(), &b"1".repeat(100_000)].concat();
    assert_eq!(problem(&checker, &long).text, None);
    assert_eq!(checker.check(b"x = 1", "s.py").unwrap(), Syntax::Valid);
}

#[test]
fn what_overwhelms_the_compiler_is_left_to_the_run() {
    let checker = SyntaxChecker::start(&test_runtime()).unwrap();
    let nested = [b"x = ".as_slice(), &b"-".repeat(100_000), b"1\n"].concat();
    let deep = [b"x = ".as_slice(), &b"(".repeat(5_000), &b")".repeat(5_000)].concat();
    let chain = [b"x = 1".as_slice(), &b" + 1".repeat(200_000)].concat();
    for source in [nested, deep, chain] {
        let answer = checker.check(&source, "s.py").unwrap();
        assert_ne!(answer, Syntax::Valid);
        assert_eq!(checker.check(b"x = 1", "s.py").unwrap(), Syntax::Valid, "after {answer:?}");
    }
}

#[test]
fn ten_megabytes_of_source_are_checked() {
    let checker = SyntaxChecker::start(&test_runtime()).unwrap();
    // Data in literals, as real sources of this size have; CPython takes long for as much code.
    let line = format!("data.append('{}')\n", "QUJD".repeat(250));
    let mut source = b"data = []\n".to_vec();
    source.extend(line.repeat((10 << 20) / line.len()).bytes());
    assert_eq!(checker.check(&source, "s.py").unwrap(), Syntax::Valid);
    source.extend_from_slice(b"x = = 1\n");
    let lines = u32::try_from(source.iter().filter(|byte| **byte == b'\n').count()).unwrap();
    assert_eq!(problem(&checker, &source).line, Some(lines));
}

#[test]
fn checks_are_quick_and_can_come_from_many_threads() {
    let checker = Arc::new(SyntaxChecker::start(&test_runtime()).unwrap());
    let source = b"import numpy as np\n\ndef f(x):\n    return np.log1p(x)\n\nprint(f(3))\n".repeat(5);
    let start = Instant::now();
    for _ in 0..200 {
        assert_eq!(checker.check(&source, "s.py").unwrap(), Syntax::Valid);
    }
    let each = start.elapsed() / 200;
    assert!(each < Duration::from_millis(5), "{each:?} a check");
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let checker = Arc::clone(&checker);
            thread::spawn(move || {
                for round in 0..50 {
                    let source = format!("{}x = = {number}", "\n".repeat(round));
                    let found = problem(&checker, source.as_bytes());
                    assert_eq!(found.line, Some(u32::try_from(round).unwrap() + 1));
                    assert_eq!(found.text.as_deref(), Some(format!("x = = {number}").as_str()));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Not a test by itself: the process that the next test kills.
#[test]
#[ignore = "started by `the_checking_process_ends_with_the_program`"]
fn checker_process() {
    let checker = SyntaxChecker::start(&test_runtime()).unwrap();
    let mut children = String::new();
    for task in fs::read_dir("/proc/self/task").unwrap().flatten() {
        children.push_str(&fs::read_to_string(task.path().join("children")).unwrap());
    }
    fs::write(std::env::var("TEST_CHILDREN").unwrap(), children).unwrap();
    // Busy with a source that takes minutes, so that it can't notice that nobody asks any more.
    let _ = checker.check(&b"def function(argument): return argument\n".repeat(300_000), "s.py");
}

#[test]
fn the_checking_process_ends_with_the_program() {
    let scratch = tempfile::tempdir().unwrap();
    let list = scratch.path().join("children");
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "runtime::checker_process", "--ignored"])
        .env("TEST_CHILDREN", &list)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let children = loop {
        let text = fs::read_to_string(&list).unwrap_or_default();
        if !text.is_empty() {
            break text;
        }
        assert!(Instant::now() < deadline, "the program doesn't come up");
        thread::sleep(Duration::from_millis(20));
    };
    thread::sleep(Duration::from_millis(300));
    program.kill().unwrap();
    program.wait().unwrap();
    wait_until_gone(|| {
        children.split_whitespace().filter(|id| Path::new("/proc").join(id).exists()).map(str::to_owned).collect()
    });
}
