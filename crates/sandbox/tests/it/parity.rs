//! Warm and new interpreters show the same behaviour: each script of `parity/` runs in both.

use std::time::Duration;

use mledojo_sandbox::{Cancel, Interpreter, NamespaceSandbox, Preload, Report, Sandbox, WarmSandbox};

use crate::support::{Case, plain_python, science_python};

/// Name and source of each script in a file.
fn scripts(file: &str) -> Vec<(&str, &str)> {
    let parts = file.split("\n### ").skip(1);
    parts.map(|part| part.split_once('\n').unwrap_or((part, ""))).collect()
}

/// What differs from run to run: addresses, and what is random in names.
fn plain(text: &str) -> String {
    let mut words = text.split("0x");
    let mut plain = words.next().unwrap_or_default().to_owned();
    for word in words {
        plain.push_str("0x…");
        plain.push_str(word.trim_start_matches(|digit: char| digit.is_ascii_hexdigit()));
    }
    plain
}

fn seen(sandbox: &dyn Sandbox, script: &str) -> (Report, String) {
    let mut case = Case::new(script).limits(|limits| {
        (limits.memory, limits.wall, limits.processes) = (Some(2 << 30), Duration::from_secs(100), 200);
    });
    case.job.args = vec!["an argument".into(), "--flag".into()];
    case.job.env = vec![("PYTHONHASHSEED".into(), "1".into()), ("MLEDOJO_SEED".into(), "5".into())];
    let report = sandbox.run(&case.job, &Cancel::default()).unwrap();
    let text = format!(
        "{:?}\nstdout: {}\nstderr: {}",
        report.outcome,
        plain(&report.stdout.text()),
        plain(&report.stderr.text())
    );
    (report, text)
}

/// Each script ends in `last`.
fn compare(interpreter: &Interpreter, preload: Preload, file: &str, last: &str, at_least: usize) {
    let cold = NamespaceSandbox::new(interpreter.clone()).unwrap();
    let warm = WarmSandbox::new(interpreter.clone(), preload).unwrap();
    let scripts = scripts(file);
    assert!(scripts.len() >= at_least, "{}", scripts.len());
    let mut different = Vec::new();
    for (name, script) in scripts {
        let script = format!("{script}{last}");
        let (_, expected) = seen(&cold, &script);
        let (report, found) = seen(&warm, &script);
        assert!(report.warm, "{name}: {:?}", warm.cold_reason());
        if expected != found {
            different.push(format!("== {name}\n-- cold\n{expected}\n-- warm\n{found}"));
        }
    }
    assert!(different.is_empty(), "{} scripts:\n{}", different.len(), different.join("\n"));
    assert!(warm.left_out().is_empty(), "{:?}", warm.left_out());
}

#[test]
fn standard_scripts_behave_alike() {
    compare(&plain_python(), Preload::none(), include_str!("parity/standard.py"), "", 80);
}

#[test]
fn science_scripts_behave_alike() {
    compare(&science_python(), Preload::default(), include_str!("parity/science.py"), "", 25);
}

#[test]
fn science_does_not_change_the_standard_library() {
    // What looks like an import of a package makes the script run where packages are imported.
    let last = "\n#: import numpy";
    compare(&science_python(), Preload::default(), include_str!("parity/standard.py"), last, 80);
}

#[test]
fn science_forks_share_no_random_state() {
    let sandbox = WarmSandbox::new(science_python(), Preload::default()).unwrap();
    let script = "import random, uuid, tempfile, secrets, numpy as np, scipy.stats as st, multiprocessing as mp, os\n\
        print(random.random()); print(np.random.rand()); print(np.random.default_rng().random()); print(st.norm.rvs())\n\
        print(uuid.uuid4()); print(uuid.uuid1()); print(tempfile.mkdtemp()); print(secrets.token_hex())\n\
        print(mp.current_process().authkey.hex()); print(os.urandom(8)); print(np.random.RandomState().rand())";
    let [first, second] = [(), ()].map(|()| crate::support::succeed(&seen(&sandbox, script).0));
    for (first, second) in first.lines().zip(second.lines()) {
        assert_ne!(first, second);
    }
    assert_eq!(first.lines().count(), 11);
}
