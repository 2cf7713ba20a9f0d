//! Attempts to reach beyond the jail. Each script prints what it got; nothing is what it should get.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use mledojo_sandbox::Outcome;

use crate::support::{Case, is_root, output, succeed};

/// `attempt(what, action)` prints what succeeded; `call(name, *args)` makes a raw system call and raises on failure.
const TOOLS: &str = r#"
import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, action):
    try: result = action()
    except BaseException as error: return
    print("GOT", what, repr(result)[:200])
def write(path, text):
    with open(path, "w") as f: return f.write(text)
NUMBERS = {
    "x86_64": dict(mount=165, umount2=166, unshare=272, setns=308, ptrace=101, keyctl=250, add_key=248, bpf=321,
        userfaultfd=323, perf_event_open=298, io_uring_setup=425, process_vm_readv=310, kcmp=312, pidfd_getfd=438,
        open_tree=428, fsopen=430, mount_setattr=442, chroot=161, pivot_root=155, clone=56, clone3=435,
        clock_settime=227, settimeofday=164, name_to_handle_at=303, personality=135, swapon=167, reboot=169,
        init_module=175, syslog=103, mknod=133, modify_ldt=154),
    "aarch64": dict(mount=40, umount2=39, unshare=97, setns=268, ptrace=117, keyctl=219, add_key=217, bpf=280,
        userfaultfd=282, perf_event_open=241, io_uring_setup=425, process_vm_readv=270, kcmp=272, pidfd_getfd=438,
        open_tree=428, fsopen=430, mount_setattr=442, chroot=51, pivot_root=41, clone=220, clone3=435,
        clock_settime=112, settimeofday=170, name_to_handle_at=264, personality=92, swapon=224, reboot=142,
        init_module=105, syslog=116),
}[platform.machine()]
def call(name, *args):
    number = NUMBERS[name] if isinstance(name, str) else name
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"#;

fn attempts(script: &str) -> String {
    output(&format!("{TOOLS}\n{script}"))
}

#[test]
fn private_files_do_not_exist() {
    let case = Case::new("");
    let private = case.folder.path().join("private/test_answer.csv");
    let script = format!(
        r#"{TOOLS}
private = {private:?}
for path in (private, "../private/test_answer.csv", "../../private/test_answer.csv", "/kaggle/input/data/../../private/test_answer.csv",
    "/kaggle/input/../private/test_answer.csv", "/proc/1/root" + private, "/proc/self/root" + private, "/proc/1/cwd/private",
    "/.old" + private, "//" + private):
    attempt(path, lambda: open(path).read())
os.symlink(private, "link"); attempt("symlink", lambda: open("link").read())
attempt("hard link", lambda: os.link(private, "hard"))
for folder, _, names in os.walk("/"):
    if not folder.startswith(("/proc", "/usr")):
        for name in names:
            if "answer" in name: print("GOT", folder, name)
print(sorted(os.listdir("/kaggle")), os.listdir("/kaggle/input"), os.listdir("/sys/devices/system"), os.path.exists("/home"))
"#,
        private = private.to_str().unwrap()
    );
    let mut attack = Case::new(&script);
    attack.job.inputs = case.job.inputs.clone();
    attack.job.work_dir = case.job.work_dir.clone();
    attack.job.hidden = case.job.hidden.clone();
    assert_eq!(succeed(&attack.attack()), "['input', 'src', 'working'] ['data'] ['cpu'] False\n");
}

#[test]
fn the_process_outside_is_out_of_sight() {
    // SAFETY: set before any code of this test reads the environment; other tests don't read this name.
    unsafe { std::env::set_var("MLEDOJO_TEST_SECRET", "TOP-SECRET-VALUE") };
    let script = format!(
        r#"
import glob
supervisor = {}
for path in glob.glob("/proc/[0-9]*/environ") + ["/proc/1/environ", f"/proc/{{supervisor}}/environ", "/proc/self/environ"]:
    attempt(path, lambda: b"SECRET" in open(path, "rb").read())
for name in ("cmdline", "maps", "mem", "status", "environ", "stat"):
    attempt(name, lambda: open(f"/proc/1/{{name}}").read() + "!")
for name in ("root", "cwd", "fd", "exe", "ns/mnt"):
    attempt(name, lambda: os.listdir(f"/proc/1/{{name}}"))
    attempt(name, lambda: os.open(f"/proc/1/{{name}}", 0))
    attempt(name, lambda: os.readlink(f"/proc/1/{{name}}"))
print([p for p in os.listdir("/proc") if p.isdigit()] == [str(os.getpid())], any("SECRET" in v for v in os.environ.values()), os.getppid())
print(sorted(int(f) for f in os.listdir("/proc/self/fd"))[:3], len(os.listdir("/proc/self/fd")))
"#,
        std::process::id()
    );
    let text = attempts(&script);
    // Its own environment it can read, and finds no secret there.
    assert!(text.lines().filter(|line| line.starts_with("GOT")).all(|line| line.ends_with("/environ False")), "{text}");
    // The fourth descriptor is that of the listing itself.
    assert!(text.ends_with("True False 1\n[0, 1, 2] 4\n"), "{text}");
}

#[test]
fn the_outside_cannot_be_signalled() {
    let script = r#"
import signal
for s in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT):
    try: os.kill(os.getppid(), s)
    except OSError: pass
print("alive", flush=True)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try: os.kill(-1, signal.SIGTERM)
except OSError: pass
print("still")
"#;
    assert_eq!(attempts(script), "alive\nstill\n");
    let report =
        Case::new("import os, time\nif os.fork() == 0: time.sleep(60)\nos.kill(-1, 9); os.kill(os.getpid(), 9)")
            .attack();
    assert_eq!(report.outcome, mledojo_sandbox::Outcome::Signal { signal: 9 });
}

#[test]
fn dangerous_system_calls_are_refused() {
    let text = attempts(
        r#"
buf = ctypes.create_string_buffer(4096)
p = ctypes.c_char_p
for flag in (0x20000, 0x10000000, 0x40000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000, 0x80):
    attempt("unshare", lambda: call("unshare", flag))
    attempt("clone", lambda: call("clone", flag | 17, 0, 0, 0, 0) or os._exit(0))
attempt("ptrace", lambda: call("ptrace", 16, 1, 0, 0))
attempt("traceme", lambda: call("ptrace", 0, 0, 0, 0))
attempt("process_vm_readv", lambda: call("process_vm_readv", 1, buf, 1, buf, 1, 0))
attempt("kcmp", lambda: call("kcmp", 1, os.getpid(), 0, 0, 0))
attempt("pidfd_getfd", lambda: call("pidfd_getfd", os.pidfd_open(os.getpid()), 0, 0))
attempt("keyctl", lambda: call("keyctl", 0, -3, 1))
attempt("add_key", lambda: call("add_key", p(b"user"), p(b"a"), p(b"b"), 1, -4))
attempt("bpf", lambda: call("bpf", 5, buf, 128))
attempt("userfaultfd", lambda: call("userfaultfd", 1))
attempt("perf_event_open", lambda: call("perf_event_open", buf, 0, -1, -1, 0))
attempt("io_uring_setup", lambda: call("io_uring_setup", 8, buf))
attempt("chroot", lambda: call("chroot", p(b"/tmp")))
attempt("clock_settime", lambda: call("clock_settime", 0, buf))
attempt("settimeofday", lambda: call("settimeofday", buf, 0))
attempt("name_to_handle_at", lambda: call("name_to_handle_at", -100, p(b"/usr"), buf, buf, 0))
attempt("personality", lambda: call("personality", 0x0040000))
attempt("syslog", lambda: call("syslog", 3, buf, 4096))
attempt("mknod", lambda: os.mknod("/tmp/disk", 0o600 | 0o060000, os.makedev(254, 0)))
attempt("sethostname", lambda: __import__("socket").sethostname("x"))
attempt("x32", lambda: call(0x40000000 | 20))
import errno
def number(action):
    try: action()
    except OSError as error: return errno.errorcode[error.errno]
print(number(lambda: call("clone3", buf, 88)), number(lambda: call("unshare", 0x10000000)), number(lambda: call("clone", 0x10000011, 0, 0, 0, 0)), number(lambda: call(9999)))
"#,
    );
    assert_eq!(text, "ENOSYS EPERM EPERM ENOSYS\n");
}

#[test]
fn a_system_call_that_no_honest_program_makes_ends_the_run() {
    let calls = [
        r#"call("mount", p(b"none"), p(b"/tmp"), p(b"tmpfs"), 0, 0)"#,
        r#"call("umount2", p(b"/kaggle/input/data"), 2)"#,
        r#"call("setns", os.open("/proc/self/ns/net", 0), 0)"#,
        r#"call("open_tree", -100, p(b"/usr"), 1)"#,
        r#"call("mount_setattr", -100, p(b"/usr"), 0, p(bytes(32)), 32)"#,
        r#"call("pivot_root", p(b"/tmp"), p(b"/tmp"))"#,
        r#"call("swapon", p(b"/tmp/x"), 0)"#,
        r#"call("reboot", 0xfee1dead, 672274793, 0, 0)"#,
        r#"call("init_module", 0, 0, p(b""))"#,
        r#"__import__("threading").Thread(target=lambda: call("setns", -1, 0)).start(); __import__("time").sleep(5)"#,
    ];
    for call in calls {
        let script = format!("{TOOLS}\np = ctypes.c_char_p\nprint('before', flush=True)\n{call}\nprint('after')");
        let report = Case::new(&script).attack();
        assert_eq!((&report.outcome, report.stdout.text().as_str()), (&Outcome::Seccomp, "before\n"), "{call}");
    }
}

/// Machine code that asks by a number of the 32-bit table.
#[test]
#[cfg(target_arch = "x86_64")]
fn the_entry_for_32_bit_programs_is_closed() {
    let script = "import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex('b814000000cd80c3'))  # mov eax, 20; int 0x80; ret
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
print('pid', ctypes.CFUNCTYPE(ctypes.c_int)(address)())";
    let report = Case::new(script).attack();
    // Without 32-bit support in the kernel the instruction itself is none.
    let closed = [Outcome::Seccomp, Outcome::Signal { signal: libc::SIGSEGV }];
    assert!(closed.contains(&report.outcome), "{report:?}");
}

#[test]
fn no_privilege_is_left() {
    let text = attempts(
        r#"
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines() if ":" in line)
print([status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "SigBlk")])
print(status["Uid"].split(), status["Gid"].split(), open("/proc/self/oom_score_adj").read().strip(), oct(os.umask(0)))
import resource
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY)
attempt("oom", lambda: write("/proc/self/oom_score_adj", "-1"))
attempt("nice", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
attempt("setuid", lambda: os.setuid(0))
attempt("setgroups", lambda: os.setgroups([0]))
attempt("tty", lambda: open("/dev/tty"))
attempt("core", lambda: write("/proc/sys/kernel/core_pattern", "|/tmp/x"))
attempt("sysrq", lambda: write("/proc/sysrq-trigger", "h"))
attempt("uid_map", lambda: write("/proc/self/uid_map", "0 0 1"))
attempt("unix2", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)))
print([os.path.exists(d) for d in ("/dev/sda", "/dev/vda", "/dev/kvm", "/dev/mem", "/dev/kmsg", "/dev/pts")])
"#,
    );
    let zero = "0000000000000000";
    let ids = "['1000', '1000', '1000', '1000']";
    assert_eq!(
        text,
        format!(
            "['{zero}', '{zero}', '{zero}', '{zero}', '{zero}', '1', '2', '{zero}']\n{ids} {ids} 1000 0o22\n(0, 0) True\n[False, False, False, False, False, False]\n"
        )
    );
}

#[test]
fn setuid_programs_gain_nothing() {
    let text = output(
        "import os, subprocess, glob, stat\nfound = [p for p in glob.glob('/usr/bin/*') if os.stat(p).st_mode & stat.S_ISUID]\n\
         flags = [line.split()[5] for line in open('/proc/self/mountinfo')]\n\
         print(all('nosuid' in f for f in flags), [line.split()[4] for line in open('/proc/self/mountinfo') if 'nosuid' not in line.split()[5]])\n\
         if '/usr/bin/su' in found: print(subprocess.run(['/usr/bin/su', '-c', 'id -u'], capture_output=True, stdin=subprocess.DEVNULL).stdout)\n\
         else: print(b'')",
    );
    assert_eq!(text, "True []\nb''\n");
}

#[test]
fn the_hosts_network_and_sockets_are_out_of_reach() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let name = format!("mledojo-test-{}", std::process::id());
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let script = format!(
        r#"
import socket, threading
def connect(family, address):
    s = socket.socket(family, socket.SOCK_STREAM); s.settimeout(2); s.connect(address); return "connected"
attempt("tcp", lambda: connect(socket.AF_INET, ("127.0.0.1", {port})))
attempt("abstract", lambda: connect(socket.AF_UNIX, "\0{name}"))
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0"):
    attempt(path, lambda: connect(socket.AF_UNIX, path))
for address in (("169.254.169.254", 80), ("8.8.8.8", 53), ("10.0.0.1", 80)):
    attempt(address, lambda: connect(socket.AF_INET, address))
attempt("dns", lambda: socket.gethostbyname("example.com"))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53)))
for family in (40, 17, 31, 38, 15, 29, 21):  # vsock, packet, bluetooth, alg, key, can, rds
    attempt(family, lambda: socket.socket(family, socket.SOCK_DGRAM))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
print([name for _, name in socket.if_nameindex()])
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=lambda: server.accept()[0].sendall(b"own"), daemon=True).start()
print(socket.create_connection(server.getsockname()).recv(10), socket.gethostbyname("localhost"))
"#
    );
    assert_eq!(attempts(&script), "['lo']\nb'own' 127.0.0.1\n");
}

#[test]
fn nothing_but_the_working_folder_can_be_written() {
    let script = r#"
import sysconfig
for path in ("/kaggle/input/data/train.csv", "/kaggle/input/data/new", "/kaggle/input/new", "/kaggle/src/main.py", "/kaggle/src/new", "/kaggle/new", "/new",
    "/usr/new", "/usr/bin/python3", "/etc/passwd", "/etc/new", "/dev/new", "/bin/new", sysconfig.get_path("purelib") + "/sitecustomize.py", sys.executable, sys.prefix + "/new", "/proc/self/mem2"):
    attempt(path, lambda: open(path, "a"))
attempt("chmod", lambda: os.chmod("/kaggle/input/data/train.csv", 0o777))
attempt("utime", lambda: os.utime("/kaggle/input/data/train.csv"))
attempt("rename", lambda: os.rename("/kaggle/input/data", "/kaggle/input/other"))
attempt("unlink", lambda: os.unlink("/kaggle/input/data/train.csv"))
attempt("hard link", lambda: os.link("/kaggle/input/data/train.csv", "/kaggle/working/train.csv"))
attempt("hard link of the script", lambda: os.link("/kaggle/src/main.py", "/kaggle/working/m.py"))
attempt("chmod null", lambda: os.chmod("/dev/null", 0o600))
attempt("rmdir", lambda: os.rmdir("/tmp"))
open("/dev/null", "w").write("x"); open("/tmp/a", "w").write("x"); open("/dev/shm/a", "w").write("x"); open("/kaggle/working/a", "w").write("x")
print(len(os.urandom(4)), open("/dev/zero", "rb").read(2))
"#;
    let case = Case::new(&format!("{TOOLS}\n{script}"));
    assert_eq!(succeed(&case.attack()), "4 b'\\x00\\x00'\n");
    assert_eq!(std::fs::read_to_string(case.folder.path().join("public/train.csv")).unwrap(), "id,x\n1,2\n");
}

#[test]
fn runs_share_nothing_but_the_working_folder() {
    let leave = "import os, socket, time\n\
        for path in ('/tmp/left', '/dev/shm/left', os.path.expanduser('~/left')): open(path, 'w').write('x')\n\
        s = socket.socket(socket.AF_UNIX); s.bind('\\0left'); import ctypes; libc = ctypes.CDLL(None)\n\
        assert libc.shmget(4711, 4096, 0o1666) >= 0\nprint('left')\n";
    let find = "import ctypes, os\nprint([os.path.exists(p) for p in ('/tmp/left', '/dev/shm/left', os.path.expanduser('~/left'))], ctypes.CDLL(None).shmget(4711, 4096, 0o666))\n\
        print(os.listdir('/tmp'), os.listdir('/dev/shm'), open('/proc/net/unix').read().count('left'))";
    assert_eq!(output(leave), "left\n");
    assert_eq!(output(find), "[False, False, False] -1\n[] [] 0\n");
}

#[test]
fn the_code_is_nobody_to_the_host() {
    let case = Case::new("open('made', 'w')");
    succeed(&case.run());
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(case.work("made")).unwrap());
    if is_root() {
        assert!(owner >= 1000, "{owner}");
    } else {
        // SAFETY: takes nothing and cannot fail.
        assert_eq!(owner, unsafe { libc::geteuid() });
    }
}
