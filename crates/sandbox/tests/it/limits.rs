//! Each limit, reached in more than one way.

use std::time::{Duration, Instant};

use mledojo_sandbox::{Cancel, Capture, Outcome, Preload, Sandbox};

use crate::support::{Case, cold_sandbox, is_warm, succeed, warm_sandbox};

fn outcome(case: Case) -> Outcome {
    let report = case.attack();
    assert!(report.wall < Duration::from_secs(12), "{report:?}");
    report.outcome
}

#[test]
fn the_deadline_holds_whatever_the_code_does() {
    for script in [
        "import time; time.sleep(60)",
        "while True: pass",
        "import signal, time\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: time.sleep(60)",
        "import os, signal; os.killpg(0, signal.SIGSTOP)",
        "import os, time\nos.fork()\nos.fork()\ntime.sleep(60)",
    ] {
        let case = Case::new(script).limits(|limits| limits.wall = Duration::from_millis(400));
        let start = Instant::now();
        let report = case.attack();
        assert_eq!(report.outcome, Outcome::Timeout, "{script}");
        assert!(
            report.wall >= Duration::from_millis(400) && report.wall < Duration::from_secs(2),
            "{script}: {report:?}"
        );
        assert!(start.elapsed() < Duration::from_secs(4), "{script}");
    }
}

#[test]
fn output_before_the_deadline_is_kept() {
    let case = Case::new("import time; print('before', flush=True); time.sleep(60)");
    let report = case.limits(|limits| limits.wall = Duration::from_millis(500)).run();
    assert_eq!((report.outcome, report.stdout.text()), (Outcome::Timeout, "before\n".into()));
}

#[test]
fn cpu_time_is_limited() {
    for script in ["while True: pass", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"]
    {
        let case = Case::new(script).limits(|limits| limits.cpu = Some(Duration::from_secs(1)));
        assert_eq!(outcome(case), Outcome::CpuTime, "{script}");
    }
}

#[test]
fn memory_is_limited_for_all_processes_together() {
    let own = "x = bytearray(1 << 30)";
    let children = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        x = bytearray(100 << 20)\n        time.sleep(30)\ntime.sleep(30)";
    let swallowed =
        "import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', 'x = bytearray(1 << 30)'])\ntime.sleep(5)";
    let files = "chunk = bytes(1 << 20)\nwith open('/dev/shm/fill', 'wb') as f:\n    for _ in range(600): f.write(chunk)\nimport time; time.sleep(5)";
    let mapped = "import mmap\nm = mmap.mmap(-1, 1 << 30)\nfor i in range(0, 1 << 30, 4096): m[i] = 1";
    for script in [own, children, swallowed, files, mapped] {
        let case = Case::new(script).limits(|limits| limits.memory = Some(256 << 20));
        let report = case.attack();
        assert_eq!(report.outcome, Outcome::Memory, "{script}: {report:?}");
        let peak = report.peak_memory.unwrap();
        assert!(peak > 100 << 20, "{script}: {peak}");
        assert!(report.wall < Duration::from_secs(5), "{script}: {report:?}");
    }
}

#[test]
fn memory_within_the_limit_is_reported() {
    let report = Case::new("import time\nx = bytearray(150 << 20)\ntime.sleep(0.2)").run();
    succeed(&report);
    let peak = report.peak_memory.unwrap();
    assert!(peak > 150 << 20 && peak < 400 << 20, "{peak}");
}

#[test]
fn address_space_is_not_limited() {
    let script =
        "import mmap; m = mmap.mmap(-1, 64 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000); print(len(m))";
    succeed(&Case::new(script).run());
}

#[test]
fn processes_and_threads_are_limited() {
    // Threads end with their process, so without control groups the limit must be seen to be reached before that.
    let threads = "import threading, time\ntry:\n    for _ in range(500): threading.Thread(target=time.sleep, args=(20,), daemon=True).start()\nfinally: time.sleep(0.2)";
    let forks = "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(20)";
    for script in [threads, forks] {
        let case = Case::new(script).limits(|limits| limits.processes = 20);
        assert_eq!(outcome(case), Outcome::Processes, "{script}");
    }
    let bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass";
    let case = Case::new(bomb).limits(|limits| (limits.processes, limits.wall) = (40, Duration::from_secs(1)));
    assert_eq!(outcome(case), Outcome::Timeout);
}

#[test]
fn as_many_processes_as_allowed_can_live() {
    let script = "import os, time\nfor _ in range(19):\n    if os.fork() == 0:\n        time.sleep(0.2); os._exit(0)\nprint('all')";
    assert_eq!(succeed(&Case::new(script).limits(|limits| limits.processes = 20).run()), "all\n");
}

#[test]
fn a_flood_of_output_is_cut_off() {
    let flood = "import os\nchunk = b'x' * 65536\nwhile True: os.write(1, chunk)";
    let both = "import os\nwhile True: os.write(1, b'o' * 4096); os.write(2, b'e' * 4096)";
    for script in [flood, both] {
        let case = Case::new(script).limits(|limits| limits.output = 1 << 20);
        let report = case.attack();
        assert_eq!(report.outcome, Outcome::Output, "{script}");
        assert!(report.stdout.head.len() <= 32 << 10 && report.stdout.tail.len() <= 32 << 10);
    }
}

#[test]
fn two_gigabytes_of_output_do_not_grow_the_supervisor() {
    let script = "import os\nchunk = b'x' * (1 << 20)\nfor _ in range(2048):\n    left = chunk\n    while left: left = left[os.write(1, left):]\nos.write(1, b'the end')";
    let case = Case::new(script).limits(|limits| {
        limits.output = 4 << 30;
        limits.capture = Capture { head: 1000, tail: 1000 };
    });
    let before = resident();
    let report = case.run();
    succeed(&report);
    assert_eq!(report.stdout.total, (2048 << 20) + 7);
    assert!(report.stdout.tail.ends_with(b"xthe end"));
    assert_eq!((report.stdout.head.len(), report.stdout.tail.len()), (1000, 1000));
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown}");
}

/// Bytes of memory of this process.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn file_size_is_limited() {
    let work = "open('big', 'wb').write(bytes(3 << 20))";
    let chunks = "f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 16))";
    let private = "open('/tmp/big', 'wb').write(bytes(3 << 20))";
    let crash = "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nopen('big', 'wb').write(bytes(3 << 20))";
    for script in [work, chunks, private, crash] {
        let case = Case::new(script).limits(|limits| limits.file_size = 1 << 20);
        assert_eq!(outcome(case), Outcome::FileSize, "{script}");
    }
    let unrelated = Case::new("raise SystemExit(1)").limits(|limits| limits.file_size = 1 << 20);
    std::fs::write(unrelated.work("old"), vec![0; 2 << 20]).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    // The first run may give the folder to another user, which stamps its files anew; the second is judged.
    unrelated.run();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(unrelated.run().outcome, Outcome::ExitCode { code: 1 }, "a file of before");
}

#[test]
fn private_folders_have_a_size() {
    let script = "import errno\nfor folder in ('/tmp', '/dev/shm'):\n    try: open(folder + '/fill', 'wb').write(bytes(8 << 20))\n    except OSError as error: print(error.errno == errno.ENOSPC)\n    n = 0\n    try:\n        for n in range(5000): open(f'{folder}/{n}', 'w').close()\n    except OSError as error: print(n > 100)";
    let case = Case::new(script).limits(|limits| limits.tmp_size = 4 << 20);
    assert_eq!(succeed(&case.attack()), "True\nTrue\nTrue\nTrue\n");
}

#[test]
fn a_run_may_use_so_many_processors() {
    // Interpreters are kept for few counts of threads at once, so this test has its own.
    let sandbox: Box<dyn Sandbox> =
        if is_warm() { Box::new(warm_sandbox(Preload::none())) } else { Box::new(cold_sandbox()) };
    let run = |script: &str, cpus| {
        let case = Case::new(script).limits(|limits| limits.cpus = Some(cpus));
        let report = sandbox.run(&case.job, &Cancel::default()).unwrap();
        assert_eq!(report.warm, is_warm());
        (succeed(&report), report)
    };
    let all = std::thread::available_parallelism().unwrap().get();
    let view = "import os\nprint(len(os.sched_getaffinity(0)), os.environ['OMP_NUM_THREADS'])";
    assert_eq!(run(view, 1).0, "1 1\n");
    let more = u32::try_from(all).unwrap() + 1;
    assert_eq!(run(view, more).0, format!("{all} {more}\n"));

    let spin = "import os, time\nwide = {}\nfor _ in range(4):\n    if os.fork() == 0:\n        if wide: os.sched_setaffinity(0, range(os.cpu_count()))\n        end = time.monotonic() + 1.5\n        while time.monotonic() < end: pass\n        os._exit(0)\nfor _ in range(4): os.wait()";
    for wide in ["False", "True"] {
        let (_, report) = run(&spin.replace("{}", wide), 1);
        let share = report.cpu.as_secs_f64() / report.wall.as_secs_f64();
        assert!(share < 1.25, "{share} of one processor, wide: {wide}");
        assert!(report.system_cpu <= report.cpu);
    }
}

#[test]
fn time_and_bytes_of_killed_processes_are_known() {
    let script = "import os\nif os.fork() == 0:\n    while True: pass\nf = open('f', 'wb')\nf.write(bytes(8 << 20)); f.flush()\nwhile True: pass";
    let report = Case::new(script).limits(|limits| limits.wall = Duration::from_secs(1)).attack();
    assert_eq!(report.outcome, Outcome::Timeout);
    assert!(report.cpu > Duration::from_millis(50), "{report:?}");
    assert!(report.disk.unwrap().written >= 8 << 20, "{report:?}");
}
