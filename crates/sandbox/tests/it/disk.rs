//! What a run may write, and what is known of it.

use std::time::Duration;

use mledojo_sandbox::{Limits, Outcome};

use crate::support::{Case, succeed};

const MIB: u64 = 1 << 20;

fn small(limits: &mut Limits) {
    (limits.work_size, limits.work_files) = (Some(32 * MIB), Some(2000));
}

#[test]
fn the_working_folder_has_a_size() {
    let chunk = "chunk = bytes(1 << 20)\n";
    let slowly = "import time\nfor n in range(1000):\n    open(f'f{n}', 'wb').write(chunk)\n    time.sleep(0.01)";
    let folders =
        "import os\nfor n in range(1000):\n    os.makedirs(f'a/{n}/b')\n    open(f'a/{n}/b/f', 'wb').write(chunk)";
    let at_once = "for n in range(100): open(f'f{n}', 'wb').write(chunk)";
    let child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'for n in range(1000): open(str(n), \"wb\").write(bytes(1 << 20))'])\nimport time; time.sleep(10)";
    let locked = "import os\nos.mkdir('a'); os.chdir('a'); os.chmod('.', 0o300); os.mkdir('b'); os.chdir('b'); os.chmod('..', 0)\nfor n in range(1000): open(f'f{n}', 'wb').write(chunk)\nimport time; time.sleep(10)";
    for script in [slowly, folders, at_once, child, locked] {
        let case = Case::new(&format!("{chunk}{script}")).limits(small);
        let report = case.attack();
        assert_eq!(report.outcome, Outcome::Disk, "{script}: {report:?}");
        assert!(
            report.disk.unwrap().work_bytes > 32 * MIB && report.disk.unwrap().changed_bytes >= 32 * MIB,
            "{script}: {report:?}"
        );
    }
}

#[test]
fn files_without_a_name_count() {
    let open = "import os, time\nkept = []\nfor n in range(1000):\n    f = open('f', 'wb'); os.unlink('f'); f.write(bytes(1 << 20)); f.flush(); kept.append(f)\ntime.sleep(10)";
    let case = Case::new(open).limits(small);
    let report = case.attack();
    assert_eq!(report.outcome, Outcome::Disk, "{report:?}");
    // They are gone with the run.
    assert!(report.disk.unwrap().work_bytes < MIB && report.disk.unwrap().written > 32 * MIB, "{report:?}");
}

#[test]
fn the_working_folder_holds_so_many_files() {
    let files = "n = 0\nwhile True:\n    open(f'f{n}', 'w').close(); n += 1";
    let folders = "import os\nfor n in range(10**6): os.mkdir(f'f{n}')";
    let links = "import os\nopen('a', 'w').close()\nfor n in range(10**6): os.link('a', f'f{n}')";
    let odd = "import os\nfor n in range(10**6): open(b'\\xff\\n' + str(n).encode(), 'w').close()";
    let fast = "for n in range(2100): open(f'f{n}', 'w').close()";
    for script in [files, folders, links, odd, fast] {
        let report = Case::new(script).limits(small).attack();
        assert_eq!(report.outcome, Outcome::Disk, "{script}: {report:?}");
        assert!(report.disk.unwrap().work_files > 2000, "{script}: {report:?}");
    }
}

#[test]
fn folders_lie_so_deep_at_most() {
    let dive = "import os\nfor n in range(100000):\n    os.mkdir('deep-' * 20)\n    os.chdir('deep-' * 20)";
    let report = Case::new(dive).limits(small).attack();
    assert_eq!(report.outcome, Outcome::Disk, "{report:?}");
    let shallow = dive.replace("100000", "200");
    succeed(&Case::new(&shallow).limits(small).run());
}

#[test]
fn what_a_run_may_write_it_may() {
    let script = "import os
for n in range(24): open(f'f{n}', 'wb').write(bytes(1 << 20))
for n in range(24): os.rename(f'f{n}', f'g{n}')
with open('sparse', 'wb') as f: f.truncate(1 << 30)
for n in range(100): open('again', 'wb').write(bytes(1 << 20))
for n in range(1900): open(f'e{n}', 'w').close()
open('/tmp/x', 'wb').write(bytes(3 << 20)); os.unlink('/tmp/x')
import time; time.sleep(0.3)";
    let report = Case::new(script).limits(small).run();
    succeed(&report);
    let disk = report.disk.unwrap();
    assert!((25 * MIB..32 * MIB).contains(&disk.work_bytes), "{disk:?}");
    assert_eq!((disk.work_files, disk.complete), (1926, true));
    assert_eq!((disk.changed_files, disk.changed_bytes >= 25 * MIB), (1926, true), "{disk:?}");
    assert!(disk.written >= 25 * MIB && disk.tmp_peak < 8 * MIB, "{disk:?}");
}

#[test]
fn what_a_run_finds_is_told_from_what_it_wrote() {
    let case = Case::new("open('new', 'wb').write(bytes(1 << 20)); open('/dev/shm/x', 'wb').write(bytes(1 << 20))");
    std::fs::write(case.work("old"), vec![1; 5 << 20]).unwrap();
    // The first run may give the folder to another user, which stamps its files anew.
    case.run();
    std::thread::sleep(Duration::from_millis(30));
    let disk = case.run().disk.unwrap();
    assert_eq!((disk.work_files, disk.changed_files), (2, 1));
    assert!(disk.work_bytes >= 6 * MIB && (MIB..2 * MIB).contains(&disk.changed_bytes), "{disk:?}");
    assert!((MIB..2 * MIB).contains(&disk.tmp_peak), "{disk:?}");
}

#[test]
fn a_run_that_fails_in_a_full_private_folder_is_told() {
    let bytes = "open('/tmp/fill', 'wb').write(bytes(8 << 20))";
    let shared = "import mmap, os\nf = os.open('/dev/shm/x', os.O_RDWR | os.O_CREAT); os.ftruncate(f, 8 << 20)\nm = mmap.mmap(f, 8 << 20)\nfor i in range(0, 8 << 20, 4096): m[i] = 1";
    let files = "for n in range(10**6): open(f'/tmp/{n}', 'w').close()";
    let removed = "import os\ntry: open('/tmp/fill', 'wb').write(bytes(8 << 20))\nfinally: os.unlink('/tmp/fill')";
    let reserved = "import os\nf = os.open('/tmp/x', os.O_RDWR | os.O_CREAT)\nos.posix_fallocate(f, 0, 8 << 20)";
    for script in [bytes, shared, files, removed, reserved] {
        let report = Case::new(script).limits(|limits| limits.tmp_size = 4 * MIB).attack();
        assert_eq!(report.outcome, Outcome::Disk, "{script}: {report:?}");
    }
    // One that goes on is none.
    let caught = format!("try: {bytes}\nexcept OSError: print('caught')");
    let report = Case::new(&caught).limits(|limits| limits.tmp_size = 4 * MIB).attack();
    assert_eq!(succeed(&report), "caught\n");
    assert!(report.disk.unwrap().tmp_peak >= 4 * MIB);
}

#[test]
fn a_file_that_may_not_grow_is_told_even_if_it_is_gone() {
    let truncated = "open('x', 'wb').truncate(3 << 20)";
    let removed = "import os\ntry:\n    with open('x', 'wb') as f: f.write(bytes(3 << 20))\nfinally: os.unlink('x')";
    for script in [truncated, removed] {
        let report = Case::new(script).limits(|limits| limits.file_size = MIB).attack();
        assert_eq!(report.outcome, Outcome::FileSize, "{script}: {report:?}");
    }
}

#[test]
fn a_folder_that_is_too_full_already_can_be_emptied_by_nobody_but_its_owner() {
    let case = Case::new("import time; time.sleep(5)").limits(small);
    std::fs::write(case.work("old"), vec![1; 40 << 20]).unwrap();
    assert_eq!(case.attack().outcome, Outcome::Disk);
    std::fs::remove_file(case.work("old")).unwrap();
    assert_eq!(case.run().outcome, Outcome::Ok);
}
