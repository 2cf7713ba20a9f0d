//! The scientific stack works inside: threads, processes, shared memory, compiled code.

use std::sync::OnceLock;
use std::time::Duration;

use mledojo_sandbox::{Cancel, NamespaceSandbox, Sandbox as _};

use crate::support::{Case, science_python, succeed};

fn run(script: &str) -> String {
    static SANDBOX: OnceLock<NamespaceSandbox> = OnceLock::new();
    let sandbox = SANDBOX.get_or_init(|| NamespaceSandbox::new(science_python()).unwrap());
    let case =
        Case::new(script).limits(|limits| (limits.memory, limits.wall) = (Some(2 << 30), Duration::from_secs(120)));
    let report = sandbox.run(&case.job, &Cancel::default()).unwrap();
    assert_eq!(report.stderr.text(), "");
    succeed(&report)
}

#[test]
fn models_are_trained_in_threads_and_processes() {
    let script = r#"
import numpy as np, pandas as pd, lightgbm, scipy.stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
from joblib import Parallel, delayed
rng = np.random.default_rng(0)
x = rng.normal(size=(400, 6)); y = (x[:, 0] + x[:, 1] > 0).astype(int)
print(cross_val_score(RandomForestClassifier(20, n_jobs=2), x, y, n_jobs=2).mean() > 0.8)
model = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(pd.DataFrame(x, columns=list("abcdef")), y)
print((model.predict(pd.DataFrame(x, columns=list("abcdef"))) == y).mean() > 0.9)
print(Parallel(n_jobs=2)(delayed(pow)(i, 2) for i in range(5)))
pd.DataFrame({"id": range(3)}).to_csv("submission.csv", index=False)
print(np.linalg.svd(x)[1].shape)
"#;
    assert_eq!(run(script), "True\nTrue\n[0, 1, 4, 9, 16]\n(6,)\n");
}

#[test]
fn the_standard_library_works() {
    let script = r#"
import asyncio, concurrent.futures, multiprocessing as mp, multiprocessing.shared_memory as sm, sqlite3, subprocess, sys, tempfile, threading, time, getpass, locale, zoneinfo, ssl, os
def square(x): return x * x
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        with mp.get_context(method).Pool(2) as pool: print(pool.map(square, range(4)))
    with concurrent.futures.ProcessPoolExecutor(2) as pool: print(list(pool.map(square, range(3))))
    m = sm.SharedMemory(create=True, size=100); m.buf[0] = 7; print(m.buf[0]); m.close(); m.unlink()
    print(subprocess.run("echo sub | cat", shell=True, capture_output=True, text=True).stdout.strip())
    print(sqlite3.connect("/tmp/db").execute("select 1").fetchone(), getpass.getuser(), tempfile.gettempdir())
    async def main():
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print('async')", stdout=asyncio.subprocess.PIPE)
        return (await process.communicate())[0]
    print(asyncio.run(main()), os.cpu_count() > 0)
    lock = mp.Lock(); queue = mp.Queue(); queue.put(1); print(queue.get())
    os.mkfifo("/tmp/fifo"); print(os.path.exists("/tmp/fifo"), time.strftime("%Z") != "")
"#;
    assert_eq!(
        run(script),
        "[0, 1, 4, 9]\n[0, 1, 4, 9]\n[0, 1, 4, 9]\n[0, 1, 4]\n7\nsub\n(1,) agent /tmp\nb'async\\n' True\n1\nTrue True\n"
    );
}
