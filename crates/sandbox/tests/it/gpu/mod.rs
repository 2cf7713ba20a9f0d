//! GPUs, with a stand-in for NVIDIA's library (`nvml.c`, compiled by `cc`) and for the device nodes. No real GPU is used.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use mledojo_sandbox::host::{Status, probe_gpus};
use mledojo_sandbox::{Cancel, GpuDriver, GpuId, Outcome, Preload, Report, Sandbox as _, SandboxError};
use tempfile::TempDir;

use crate::support::{Case, cold_sandbox, is_root, marker, processes_with, succeed, warm_sandbox};

const GIB: u64 = 1 << 30;
const TWO: &str = "gpu GPU-aaaa 0 17179869184 0 NVIDIA Test 16GB\ngpu GPU-bbbb 3 8589934592 0 NVIDIA Test 8GB\n";

/// A host with a driver.
struct Host {
    folder: TempDir,
}

impl Host {
    fn new(state: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let host = Self { folder };
        host.tell(state);
        let path = |name: &str| host.folder.path().join(name);
        std::fs::write(path("nvml.c"), include_str!("nvml.c")).unwrap();
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
            .arg(path("libnvidia-ml.so.1"))
            .arg(format!("-DSTATE=\"{}\"", path("state").display()))
            .arg(path("nvml.c"))
            .output();
        let compiled = compiled.expect("these tests need a C compiler, `cc`");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        std::fs::create_dir(path("dev")).unwrap();
        for name in ["nvidia0", "nvidia1", "nvidia3", "nvidiactl", "nvidia-uvm", "nvidia-modeset", "other"] {
            let node = path("dev").join(name);
            // As root a real device, which gives zeros and takes all; else a file.
            let made = Command::new("mknod").arg(&node).args(["c", "1", "5"]).output();
            if !is_root() || !made.is_ok_and(|made| made.status.success()) {
                std::fs::write(&node, name).unwrap();
            }
            std::fs::set_permissions(&node, PermissionsExt::from_mode(0o666)).unwrap();
        }
        host
    }

    /// Replaces the state in one go, as the library reads it at any moment.
    fn tell(&self, state: &str) {
        let new = self.folder.path().join("state.new");
        std::fs::write(&new, state).unwrap();
        std::fs::rename(new, self.folder.path().join("state")).unwrap();
    }

    fn driver(&self) -> GpuDriver {
        GpuDriver::at(self.folder.path().join("libnvidia-ml.so.1"), self.dev())
    }

    fn dev(&self) -> PathBuf {
        self.folder.path().join("dev")
    }

    fn try_run(&self, case: &Case) -> Result<Report, SandboxError> {
        cold_sandbox().with_gpu_driver(self.driver()).run(&case.job, &Cancel::default())
    }

    fn run(&self, case: &Case) -> Report {
        self.try_run(case).unwrap()
    }

    /// Runs a script that sleeps, and calls `meanwhile` with the number of its process again and again.
    fn run_telling(&self, case: &Case, marker: &str, meanwhile: impl Fn(u32) -> String + Sync) -> Report {
        std::thread::scope(|scope| {
            let run = scope.spawn(|| self.run(case));
            while !run.is_finished() {
                if let [pid] = processes_with(marker)[..] {
                    self.tell(&meanwhile(pid));
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            run.join().unwrap()
        })
    }
}

/// A job that has these GPUs.
fn case(script: &str, gpus: &[&str]) -> Case {
    let gpus: Vec<GpuId> = gpus.iter().map(|gpu| gpu.parse().unwrap()).collect();
    Case::new(script).limits(|limits| limits.gpus = gpus)
}

/// A job that a test finds by a marker.
fn sleeper(name: &str, seconds: u32, gpus: &[&str]) -> (Case, String) {
    let marker = marker(name);
    let mut case = case(&format!("import time; time.sleep({seconds})"), gpus);
    case.job.args = vec![marker.clone()];
    (case, marker)
}

const LOOK: &str = r#"
import glob, os
print(sorted(glob.glob("/dev/nvidia*")), os.path.exists("/dev/other"))
print(os.environ.get("CUDA_VISIBLE_DEVICES"), os.environ.get("NVIDIA_VISIBLE_DEVICES"))
for node in glob.glob("/dev/nvidia*"):
    with open(node, "rb") as f: f.read(1)
print(os.listdir("/proc/driver/nvidia") if os.path.exists("/proc/driver/nvidia") else [])
"#;

#[test]
fn code_sees_the_granted_devices_alone() {
    let host = Host::new(TWO);
    let report = host.run(&case(LOOK, &["GPU-bbbb"]));
    assert_eq!(
        succeed(&report),
        "['/dev/nvidia-uvm', '/dev/nvidia3', '/dev/nvidiactl'] False\nGPU-bbbb GPU-bbbb\n[]\n"
    );
    let used = report.gpu.unwrap();
    assert_eq!((used.devices, used.note), (vec!["GPU-bbbb".to_owned()], None));

    let report = host.run(&case(LOOK, &["1", "GPU-aaaa"]));
    let text = succeed(&report);
    assert!(
        text.contains("'/dev/nvidia0', '/dev/nvidia3', '/dev/nvidiactl'") && text.contains("\nGPU-bbbb,GPU-aaaa "),
        "{text}"
    );
}

#[test]
fn without_a_grant_there_is_nothing_of_the_driver() {
    let report = Host::new(TWO).run(&case(LOOK, &[]));
    assert_eq!(succeed(&report), "[] False\nNone None\n[]\n");
    assert_eq!(report.gpu, None);
}

#[test]
fn a_device_can_be_written_where_it_is_one() {
    let host = Host::new(TWO);
    if !is_root() {
        return;
    }
    let script = "f = open('/dev/nvidia0', 'r+b', buffering=0); f.write(b'x'); print(f.read(2))\n\
                  import os\n\
                  for action in (lambda: os.mknod('/dev/nvidia3', 0o20666, os.makedev(1, 5)), lambda: os.remove('/dev/nvidia0')):\n    \
                      try: print('GOT', action())\n    except OSError: pass";
    assert_eq!(succeed(&host.run(&case(script, &["0"]))), "b'\\x00\\x00'\n");
}

#[test]
fn what_cannot_be_granted_is_named() {
    let host = Host::new(&format!("{TWO}gpu GPU-cccc 1 8589934592 1 NVIDIA Split\n"));
    let error = |gpus: &[&str]| host.try_run(&case("", gpus)).unwrap_err().to_string();
    assert_eq!(error(&["7"]), "there is no GPU `7`; this host has: 0 (GPU-aaaa), 1 (GPU-bbbb), 2 (GPU-cccc)");
    assert!(error(&["GPU-zzzz"]).starts_with("there is no GPU `GPU-zzzz`"));
    assert!(error(&["0", "GPU-aaaa"]).contains("twice"));
    assert!(error(&["2"]).contains("MIG"));
    std::fs::remove_file(host.dev().join("nvidia-uvm")).unwrap();
    assert!(error(&["0"]).contains("nvidia-uvm` is missing"));
    let broken = Host::new("broken\n");
    let error = broken.try_run(&case("", &["0"])).unwrap_err().to_string();
    assert_eq!(error, "the job asks for GPUs: the NVIDIA driver does not answer: Driver Not Loaded");
}

#[test]
fn a_node_that_the_code_could_not_open_is_named() {
    if !is_root() {
        return;
    }
    let host = Host::new(TWO);
    std::fs::set_permissions(host.dev().join("nvidia0"), PermissionsExt::from_mode(0o660)).unwrap();
    let error = host.try_run(&case("", &["0"])).unwrap_err().to_string();
    assert!(error.contains("nvidia0`") && error.contains("NVreg_DeviceFileMode"), "{error}");
}

#[test]
fn gpu_memory_is_summed_over_the_runs_processes_and_devices() {
    let host = Host::new(TWO);
    let (case, marker) = sleeper("gpu-sum", 1, &["0", "1"]);
    let report = host.run_telling(&case, &marker, |pid| {
        // More processes than one call of the driver's has room for at first; only one is the run's.
        let others = (0..100).fold(String::new(), |mut text, _| {
            let _ = writeln!(text, "process 0 1 {GIB}");
            text
        });
        format!("{TWO}{others}process 0 {pid} {GIB}\nprocess 0 {pid} {GIB} graphics\nprocess 1 {pid} {}\n", 2 * GIB)
    });
    succeed(&report);
    assert_eq!(report.gpu.unwrap().peak_memory, Some(3 * GIB));
}

#[test]
fn too_much_gpu_memory_ends_the_run() {
    let host = Host::new(TWO);
    let (case, marker) = sleeper("gpu-limit", 15, &["0"]);
    let case = case.limits(|limits| limits.gpu_memory = Some(4 * GIB));
    let start = Instant::now();
    let report = host.run_telling(&case, &marker, |pid| {
        let used = if start.elapsed() > Duration::from_millis(800) { 5 * GIB } else { 4 * GIB };
        format!("{TWO}process 0 {pid} {used}\n")
    });
    assert_eq!(report.outcome, Outcome::GpuMemory);
    assert!(report.wall < Duration::from_secs(10), "{report:?}");
    assert_eq!(report.gpu.unwrap().peak_memory, Some(5 * GIB));
    assert!(processes_with(&marker).is_empty());
}

#[test]
fn others_on_the_same_gpu_do_not_count() {
    let host = Host::new(&format!("{TWO}process 0 {} {}\n", std::process::id(), 9 * GIB));
    let case = case("import time; time.sleep(0.3)", &["0"]).limits(|limits| limits.gpu_memory = Some(GIB));
    let report = host.run(&case);
    succeed(&report);
    assert_eq!(report.gpu.unwrap().peak_memory, Some(0));
}

#[test]
fn memory_that_is_not_told_is_said_to_be_unknown() {
    let host = Host::new(TWO);
    let (case, marker) = sleeper("gpu-unknown", 1, &["0"]);
    let case = case.limits(|limits| limits.gpu_memory = Some(1));
    let report = host.run_telling(&case, &marker, |pid| format!("{TWO}process 0 {pid} -\n"));
    succeed(&report);
    let used = report.gpu.unwrap();
    assert_eq!(used.peak_memory, None);
    assert_eq!(used.note.unwrap(), "GPU-aaaa: the driver does not tell the memory of the run's processes");

    let host = Host::new(&format!("{TWO}unsupported\n"));
    let report = host.run(&self::case("import time; time.sleep(0.3)", &["0"]));
    succeed(&report);
    let used = report.gpu.unwrap();
    assert_eq!(
        (used.peak_memory, used.note.unwrap()),
        (None, "GPU-aaaa: list a GPU's processes: Not Supported".into())
    );
}

#[test]
fn the_driver_is_told_of() {
    let gpus = Host::new(TWO).driver().gpus().unwrap();
    assert_eq!((gpus[0].name.as_str(), gpus[0].memory, gpus[1].index), ("NVIDIA Test 16GB", 16 * GIB, 1));
    assert_eq!(gpus[1].uuid, "GPU-bbbb");

    let host = Host::new(&format!("{TWO}gpu GPU-cccc 9 8589934592 0 NVIDIA Nodeless\n"));
    let checks = probe_gpus(&host.driver());
    assert_eq!((checks[0].name.as_str(), checks[0].status), ("GPU 0", Status::Ok));
    assert_eq!(checks[0].detail, "NVIDIA Test 16GB, 16384 MiB, GPU-aaaa");
    assert_eq!(checks[2].status, Status::Warning);
    assert!(checks[2].hint.as_ref().unwrap().contains("nvidia9` is missing"), "{checks:?}");
    let checks = probe_gpus(&Host::new("").driver());
    assert_eq!((checks.len(), checks[0].status), (1, Status::Ok));
    let checks = probe_gpus(&Host::new("broken\n").driver());
    assert!(checks[0].detail.starts_with("none: the NVIDIA driver does not answer"), "{checks:?}");
}

#[test]
fn a_warm_sandbox_gives_such_jobs_a_jail_of_their_own() {
    // With the host's own driver: where there is none, the job is refused, and was not tried in a fork either.
    let sandbox = warm_sandbox(Preload::none());
    let result = sandbox.run(&case("pass", &["0"]).job, &Cancel::default());
    assert!(sandbox.cold_reason().unwrap().contains("GPUs"));
    if GpuDriver::of_host().gpus().is_err() {
        assert!(result.unwrap_err().to_string().starts_with("the job asks for GPUs: "));
    }
}
