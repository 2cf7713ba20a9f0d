//! Runs that write too much are undone, and the episode goes on.

use std::time::{Duration, Instant};

use mledojo_env::{EnvConfig, Episode, Failure, StepResult};
use mledojo_sandbox::{Limits, Outcome};

use crate::world::{SAMPLE, World, base};

const MIB: usize = 1 << 20;

fn world(change: impl FnOnce(&mut Limits)) -> World {
    let mut config = EnvConfig::default();
    change(&mut config.limits);
    let mut world = World::with(config);
    world.reset("episode");
    world
}

/// What lies in the working folder, sorted.
fn left(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.work_file("")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn is_undone(result: &StepResult) {
    assert_eq!(result.info.failure, Some(Failure::Run));
    let run = result.info.run.as_ref().unwrap();
    assert_eq!(run.outcome, Outcome::Disk);
    assert!(run.disk.unwrap().over, "{run:?}");
    let text = base(&result.observation);
    assert!(text.contains("working folder") && text.contains("was removed"), "{text}");
}

#[test]
fn a_run_that_writes_too_much_leaves_the_folder_as_it_was() {
    // With a checkpoint, and in a folder that is too large for one.
    for size in [1, 80] {
        let mut world = world(|limits| limits.work_size = Some(100 << 20));
        let first = format!("{SAMPLE}\nopen('model', 'wb').write(bytes({size} << 20))");
        assert_eq!(world.execute(&first).info.failure, None);
        std::thread::sleep(Duration::from_millis(30));
        let fill = "import os, shutil\nshutil.copy('model', 'copy')\nos.mkdir('cache')\nopen('submission.csv', 'w').write('mine')\nfor n in range(1000): open(f'cache/{n}', 'wb').write(bytes(1 << 20))";
        for result in [world.execute(fill), world.validate(fill)] {
            is_undone(&result);
            assert_eq!(left(&world), ["model", "submission.csv"]);
        }
        assert_eq!(std::fs::metadata(world.work_file("model")).unwrap().len() as usize, size * MIB);
        let next = world.execute(SAMPLE);
        assert_eq!(next.info.failure, None, "{}", base(&next.observation));
        assert!(next.observation.current.is_some());
    }
}

#[test]
fn a_flood_of_files_and_a_pit_of_folders_are_gone_before_the_next_step() {
    let mut world = world(|limits| limits.work_files = Some(5000));
    let files = "n = 0\nwhile True:\n    open(b'\\xff\\n%d' % n, 'w').close(); n += 1";
    let folders = "import os\nfor n in range(10**6): os.makedirs(f'{n // 100}/{n}')";
    let pit = "import os\nwhile True:\n    os.mkdir('x' * 100); os.mkdir('aside'); os.chdir('x' * 100)";
    let locked = "import os\nwhile True:\n    os.mkdir('x'); os.chdir('x'); os.chmod('..', 0)";
    for code in [files, folders, pit, locked] {
        let start = Instant::now();
        let result = world.execute(code);
        is_undone(&result);
        assert!(left(&world).is_empty(), "{code}: {:?}", left(&world));
        let next = world.execute(SAMPLE);
        assert_eq!(next.info.failure, None, "{code}: {}", base(&next.observation));
        world.step("reset", serde_json::json!({}));
        assert!(start.elapsed() < Duration::from_secs(120), "{code}: {:?}", start.elapsed());
    }
    assert!(!world.path("episode/trash").exists());
}

#[test]
fn odd_names_and_deep_trees_within_the_limits_stay_and_can_be_cleared() {
    let mut world = world(|_| {});
    let code = "import os\nopen(b'odd\\xff\\n', 'w').close()\nfor n in range(200):\n    os.mkdir('x' * 200); os.chdir('x' * 200)\nopen('end', 'w').write('!')";
    assert_eq!(world.validate(code).info.failure, None);
    let look = "import os\nfor n in range(200): os.chdir('x' * 200)\nassert open('end').read() == '!'\nassert os.listdir(b'/kaggle/working').count(b'odd\\xff\\n') == 1";
    let result = world.validate(look);
    assert_eq!(result.info.failure, None, "{}", base(&result.observation));
    world.step("reset", serde_json::json!({}));
    assert!(left(&world).is_empty());
    assert_eq!(world.execute(SAMPLE).info.failure, None);
    assert!(!world.path("episode/trash").exists());
}

#[test]
fn a_full_private_folder_costs_the_working_folder_nothing() {
    let mut world = world(|limits| limits.tmp_size = 1 << 20);
    let result = world.validate("open('kept', 'w').write('x')\nopen('/tmp/x', 'wb').write(bytes(2 << 20))");
    let run = result.info.run.as_ref().unwrap();
    assert_eq!((&run.outcome, run.disk.unwrap().over), (&Outcome::Disk, false));
    assert!(base(&result.observation).contains("/tmp"), "{}", base(&result.observation));
    assert_eq!(left(&world), ["kept"]);
}

#[test]
fn the_log_has_what_a_run_used() {
    let mut world = world(|_| {});
    let result = world.execute(&format!("{SAMPLE}\nopen('model', 'wb').write(bytes(3 << 20))\nprint('x' * 100)"));
    let run = result.info.run.clone().unwrap();
    let disk = run.disk.unwrap();
    assert_eq!((disk.work_files, disk.changed_files, disk.complete), (2, 2, true));
    assert!(disk.written >= 3 << 20 && disk.changed_bytes >= 3 << 20, "{run:?}");
    assert!(run.cpu_seconds > 0.0 && run.system_cpu_seconds <= run.cpu_seconds, "{run:?}");
    assert_eq!(run.stdout_bytes, 101);
    let record = Episode::open(&world.path("episode")).unwrap().steps().unwrap().next().unwrap().unwrap();
    assert_eq!(record.info.run, Some(run));
}
