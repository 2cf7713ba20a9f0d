//! The network by an allow-list. The hosts are servers of this test on the machine's own loopback, which code reaches
//! only as its list names that address.

mod servers;

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mledojo_sandbox::{Access, AllowList, Cancel, Network, NetworkCaps, NetworkLog, Outcome, Report, Sandbox as _};

use self::servers::{Server, echo_server, web_server};
use crate::support::{Case, cold_sandbox, plain_python, succeed, warm_sandbox};

/// `ask(text)` sends bytes to the proxy and returns all that comes back; `get(url)` is urllib's.
const TOOLS: &str = r#"
import os, socket, sys, time, urllib.error, urllib.request
PROXY = ("127.0.0.1", 3128)
def ask(text):
    with socket.create_connection(PROXY) as s:
        s.sendall(text.encode("latin-1"))
        s.shutdown(socket.SHUT_WR)
        data = b""
        while piece := s.recv(65536): data += piece
        return data.decode("latin-1")
def status(text): return ask(text).split(" ")[1]
def get(url, data=None):
    try: return urllib.request.urlopen(url, data, timeout=10).read().decode()
    except urllib.error.HTTPError as error: return f"{error.code} {error.read().decode()}"
"#;

fn allow(rules: &[String], caps: NetworkCaps) -> Network {
    Network::Allow(AllowList { hosts: rules.iter().map(|rule| rule.parse().unwrap()).collect(), caps })
}

/// `localhost`, and the address behind it.
fn local(port: u16) -> Vec<String> {
    vec![format!("localhost:{port}"), format!("127.0.0.1:{port}")]
}

fn run_with(script: &str, rules: &[String], caps: NetworkCaps) -> Report {
    let mut case = Case::new(&format!("{TOOLS}\n{script}"));
    case.job.network = allow(rules, caps);
    // Such a job runs in a jail that is made for it, in the warm sandbox too.
    cold_sandbox().run(&case.job, &Cancel::default()).unwrap()
}

fn run(script: &str, rules: &[String]) -> Report {
    run_with(script, rules, NetworkCaps::default())
}

fn reasons(log: &NetworkLog) -> Vec<String> {
    let reason = |access: &Access| match access {
        Access::Allowed => String::new(),
        Access::Refused { reason } | Access::Failed { reason } => reason.clone(),
    };
    log.uses.iter().map(|entry| reason(&entry.access)).collect()
}

#[test]
fn a_listed_host_is_reached_and_each_use_is_told() {
    let (server, other) = (web_server("hello"), web_server("secret"));
    let script = format!(
        "print(get('http://localhost:{0}/a?b=1'), get('http://LocalHost:{0}/', b'x=1'), get('http://127.0.0.1:{0}/'))\nprint(get('http://localhost:{1}/'), end='')",
        server.port(),
        other.port()
    );
    let report = run(&script, &local(server.port()));
    let refusal = format!(
        "403 mledojo's proxy: localhost:{} is not on the list of hosts that this run may reach\n",
        other.port()
    );
    assert_eq!(succeed(&report), format!("hello hello hello\n{refusal}"));
    assert_eq!(other.connections.load(Ordering::SeqCst), 0);
    let host = format!("localhost:{}", server.port());
    let seen = server.seen.lock().unwrap().clone();
    assert_eq!(seen[0], format!("GET /a?b=1 HTTP/1.1 | {host}"));
    assert_eq!(seen[1], format!("POST / HTTP/1.1 | {host}"));

    let uses = &report.network.uses;
    assert_eq!((uses.len(), report.network.left_out), (4, 0), "{uses:?}");
    assert_eq!((uses[0].host.as_str(), uses[0].port, &uses[0].access), ("localhost", server.port(), &Access::Allowed));
    assert!(uses[0].up > 50 && uses[0].down > 40 && uses[0].duration < Duration::from_secs(5), "{uses:?}");
    assert!(matches!(uses[3].access, Access::Refused { .. }) && (uses[3].up, uses[3].down) == (0, 0), "{uses:?}");
    assert_eq!(uses[3].port, other.port());
}

#[test]
fn without_a_list_there_is_no_proxy() {
    let script = "import os, socket\nprint([name for name in os.environ if 'proxy' in name.lower()])\n\
                  print(socket.socket().connect_ex(('127.0.0.1', 3128)) != 0)";
    let report = Case::new(script).run();
    assert_eq!(succeed(&report), "[]\nTrue\n");
    assert!(report.network.is_empty());
}

#[test]
fn a_tunnel_carries_any_bytes() {
    let (port, open) = echo_server();
    let script = format!(
        r#"
s = socket.create_connection(PROXY)
s.sendall(b"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n\x16\x03\x01early")
f = s.makefile("rb")
print(f.readline(), f.readline())
print(f.read(8))
payload = os.urandom(3_000_000)
import threading
threading.Thread(target=lambda: (s.sendall(payload), s.shutdown(socket.SHUT_WR))).start()
print(f.read() == payload)
"#
    );
    let report = run(&script, &local(port));
    assert_eq!(
        succeed(&report),
        "b'HTTP/1.1 200 Connection established\\r\\n' b'\\r\\n'\nb'\\x16\\x03\\x01early'\nTrue\n"
    );
    let entry = &report.network.uses[0];
    assert_eq!((entry.up, entry.down, &entry.access), (3_000_008, 3_000_008, &Access::Allowed));
    until(|| open.load(Ordering::SeqCst) == 0, "the connection to close");
}

#[test]
fn there_is_no_way_around_the_proxy() {
    let server = web_server("secret");
    let script = format!(
        r#"
def attempt(what, action):
    try: print("GOT", what, action())
    except OSError: pass
for address in (("127.0.0.1", {0}), ("1.1.1.1", 80), ("169.254.169.254", 80)):
    attempt(address, lambda: socket.create_connection(address, timeout=2))
attempt("v6", lambda: socket.create_connection(("::1", {0}), timeout=2))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53)))
attempt("name", lambda: socket.getaddrinfo("pypi.org", 80))
print([name for _, name in socket.if_nameindex()])
"#,
        server.port()
    );
    assert_eq!(succeed(&run(&script, &local(server.port()))), "['lo']\n");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn names_of_private_addresses_are_refused() {
    // `localhost` is such a name: whatever a list's name leads to, the address must be public or listed.
    let server = web_server("secret");
    let port = server.port();
    let script = format!(
        "print(get('http://localhost:{port}/'), end='')\nprint(status('CONNECT localhost:{port} HTTP/1.1\\r\\n\\r\\n'))"
    );
    let report = run(&script, &[format!("localhost:{port}")]);
    let text = succeed(&report);
    assert!(text.starts_with("403 ") && text.contains("is no public address") && text.ends_with("403\n"), "{text}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn other_writings_of_an_address_lead_nowhere() {
    let server = web_server("secret");
    let port = server.port();
    let script = format!(
        r#"
hosts = ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.0.1.", "localhost.",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0", "[::]", "169.254.169.254",
    "good.example@127.0.0.1", "127.0.0.1#good.example", "good.example:80@127.0.0.1", "127.0.0.1%20good.example", "localhost\\.good.example",
    "good.example.127.0.0.1.nip.io", "xgood.example", "*.good.example", "", "..", "good.example%00.evil.example", "\xe5vil.example"]
for host in hosts:
    for text in (f"CONNECT {{host}}:{port} HTTP/1.1\r\n\r\n", f"GET http://{{host}}:{port}/ HTTP/1.1\r\nHost: good.example\r\n\r\n"):
        answer = status(text)
        if answer not in ("400", "403"): print("GOT", repr(text), answer)
"#
    );
    let report = run(&script, &["good.example".into(), format!("*.good.example:{port}"), format!("8.8.8.8:{port}")]);
    assert_eq!(succeed(&report), "");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
    assert!(report.network.uses.iter().all(|entry| matches!(entry.access, Access::Refused { .. })));
}

#[test]
fn one_connection_serves_one_request_to_one_host() {
    let (good, other) = (web_server("good"), web_server("secret"));
    let (a, b) = (good.port(), other.port());
    let script = format!(
        r#"
second = "GET http://localhost:{b}/ HTTP/1.1\r\nHost: localhost:{b}\r\n\r\n"
print(ask("GET http://localhost:{a}/1 HTTP/1.1\r\nHost: localhost:{b}\r\n\r\n" + second).count("HTTP/1.1"))
print(ask("POST http://localhost:{a}/2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab" + second).count("HTTP/1.1"))
print(status("POST http://localhost:{a}/ HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second))
print(status("POST http://localhost:{a}/ HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 90\r\n\r\n" + second))
# A client that keeps connections is told that this one ends, and asks the next on another.
import http.client
c = http.client.HTTPConnection(*PROXY)
for _ in range(3):
    c.request("GET", "http://localhost:{a}/3"); r = c.getresponse(); print(r.status, r.read(), r.headers["Connection"])
"#
    );
    let report = run(&script, &local(a));
    assert_eq!(succeed(&report), "1\n1\n411\n400\n200 b'good' close\n200 b'good' close\n200 b'good' close\n");
    assert_eq!(other.connections.load(Ordering::SeqCst), 0);
    let seen = good.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert_eq!(seen[0], format!("GET /1 HTTP/1.1 | localhost:{a}"));
}

#[test]
fn endless_bodies_are_cut_off() {
    let server = Server::start(|first, stream| {
        if first.contains("/swallow") {
            let _ = std::io::copy(stream, &mut std::io::sink());
            return;
        }
        let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.get_mut().write_all(&[b'x'; 65536]).is_ok() {}
    });
    let port = server.port();
    let caps = NetworkCaps { down_bytes: 5_000_000, up_bytes: 1_000_000, ..NetworkCaps::default() };
    let script = format!(
        r#"
total = 0
try:
    with urllib.request.urlopen("http://localhost:{port}/endless") as r:
        while piece := r.read(65536): total += len(piece)
except OSError as error: pass
print(4_000_000 < total <= 5_000_000)
print(get("http://localhost:{port}/endless")[:3])
"#
    );
    let report = run_with(&script, &local(port), caps.clone());
    assert_eq!(succeed(&report), "True\n502\n");
    assert!(reasons(&report.network).iter().all(|reason| reason.contains("received more than 5000000")), "{report:?}");
    assert!(report.network.uses[0].down < 5_100_000, "{report:?}");

    let script =
        format!("try: print(get('http://localhost:{port}/swallow', b'x' * 20_000_000))\nexcept OSError: print('cut')");
    let report = run_with(&script, &local(port), caps);
    succeed(&report);
    assert!(reasons(&report.network)[0].contains("sent more than 1000000"), "{report:?}");
    assert!(report.network.uses[0].up < 1_100_000, "{report:?}");
}

#[test]
fn slow_and_idle_connections_do_not_hold_the_proxy() {
    let (port, open) = echo_server();
    let caps = NetworkCaps {
        connections: 4,
        start: Duration::from_millis(400),
        idle: Duration::from_millis(400),
        ..NetworkCaps::default()
    };
    let script = format!(
        r#"
loris = [socket.create_connection(PROXY) for _ in range(20)]
for s in loris[:10]: s.sendall(b"GET http://local")
start = time.monotonic()
s = socket.create_connection(PROXY)
s.sendall(b"CONNECT localhost:{port} HTTP/1.1\r\n\r\nhi")
f = s.makefile("rb"); print(f.readline()[:12], f.readline(), f.read(2))
print(time.monotonic() - start < 8)
print(f.read(1))
print(status("GET http://localhost/" + "a" * 100_000 + " HTTP/1.1\r\n\r\n"))
"#
    );
    let report = run_with(&script, &local(port), caps);
    assert_eq!(succeed(&report), "b'HTTP/1.1 200' b'\\r\\n' b'hi'\nTrue\nb''\n431\n");
    assert_eq!(open.load(Ordering::SeqCst), 0);
    let reasons = reasons(&report.network);
    assert_eq!(reasons.iter().filter(|reason| reason.contains("took too long")).count(), 10, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("idle")), "{reasons:?}");
}

#[test]
fn an_unreachable_host_is_a_bad_gateway() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rules = [local(port), vec!["no-such-host.invalid".into()]].concat();
    let script = format!("print(get('http://localhost:{port}/'), get('http://no-such-host.invalid/'))");
    let report = run(&script, &rules);
    let text = succeed(&report);
    assert!(
        text.starts_with("502 ") && text.contains("onnection refused") && text.contains("cannot be resolved"),
        "{text}"
    );
    assert!(report.network.uses.iter().all(|entry| matches!(entry.access, Access::Failed { .. })));
}

#[test]
fn what_is_no_http_is_not_answered_with_it() {
    let server = Server::start(|_, stream| drop(stream.get_mut().write_all(b"220 mail.example ESMTP\r\n")));
    let script = format!("print(get('http://localhost:{}/'))", server.port());
    let text = succeed(&run(&script, &local(server.port())));
    assert!(text.starts_with("502 ") && text.contains("no HTTP"), "{text}");
}

#[test]
fn the_log_is_bounded() {
    let script = "for n in range(300): status(f'CONNECT host{n}.example:443 HTTP/1.1\\r\\n\\r\\n')";
    let report = run(script, &["pypi.org".into()]);
    succeed(&report);
    assert_eq!((report.network.uses.len(), report.network.left_out), (NetworkLog::KEPT, 300 - NetworkLog::KEPT as u64));
}

#[test]
fn a_warm_sandbox_gives_such_jobs_a_jail_of_their_own() {
    let server = web_server("hello");
    let sandbox = warm_sandbox(mledojo_sandbox::Preload::none());
    let mut case = Case::new(&format!("{TOOLS}\nprint(get('http://localhost:{}/'))", server.port()));
    case.job.network = allow(&local(server.port()), NetworkCaps::default());
    let report = sandbox.run(&case.job, &Cancel::default()).unwrap();
    assert_eq!((succeed(&report), report.warm), ("hello\n".into(), false));
    assert!(sandbox.cold_reason().unwrap().contains("network"));
}

/// Run by [`a_run_that_ends_takes_its_connections_along`] in a process of its own, where no other test has threads.
#[test]
#[ignore = "counts the threads of its process"]
fn cancelled_run_alone() {
    let (port, open) = echo_server();
    let script = format!(
        r#"
{TOOLS}
tunnels = [socket.create_connection(PROXY) for _ in range(5)]
for s in tunnels:
    s.sendall(b"CONNECT localhost:{port} HTTP/1.1\r\n\r\n"); s.recv(100)
loris = [socket.create_connection(PROXY) for _ in range(5)]
for s in loris: s.sendall(b"GET ")
unread = socket.create_connection(PROXY)
print("ready", flush=True)
open("ready", "w")
time.sleep(60)
"#
    );
    let sandbox = cold_sandbox();
    for by_cancel in [true, false] {
        let mut case = Case::new(&script);
        case.job.network = allow(&local(port), NetworkCaps::default());
        case.job.limits.wall = Duration::from_secs(if by_cancel { 30 } else { 2 });
        let cancel = Cancel::default();
        let report = std::thread::scope(|scope| {
            if by_cancel {
                scope.spawn(|| {
                    until(|| case.work("ready").exists(), "the script to start");
                    cancel.cancel();
                });
            }
            sandbox.run(&case.job, &cancel).unwrap()
        });
        assert_eq!(report.outcome, if by_cancel { Outcome::Cancelled } else { Outcome::Timeout });
        assert_eq!(report.stdout.text(), "ready\n");
        assert!(report.wall < Duration::from_secs(10), "{:?}", report.wall);
        // A thread that has been waited for is listed for a moment yet.
        let names = || std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        until(|| !names().any(|task| name(task).contains("proxy")), "the proxy's threads to end");
        until(|| open.load(Ordering::SeqCst) == 0, "the tunnels to close");
        let ended = report.network.uses.iter().filter(|entry| entry.port == port).count();
        assert_eq!((ended, report.network.uses.len()), (5, 10), "{:?}", report.network);
    }
}

#[test]
fn a_run_that_ends_takes_its_connections_along() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "network::cancelled_run_alone", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// What this is for: a package from an index.
#[test]
fn pip_installs_from_a_listed_index() {
    let python = plain_python().executable;
    let asked = Command::new(&python).args(["-m", "pip", "--version"]).output().unwrap();
    if !asked.status.success() {
        println!("passed over: {} has no pip", python.display());
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let make = r#"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    info = "tinypkg-1.0.dist-info/"
    wheel.writestr("tinypkg/__init__.py", "def answer(): return 42\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: tinypkg\nVersion: 1.0\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", f"tinypkg/__init__.py,,\n{info}METADATA,,\n{info}WHEEL,,\n{info}RECORD,,\n")
"#;
    let wheel = folder.path().join("tinypkg-1.0-py3-none-any.whl");
    assert!(Command::new(&python).args(["-c", make]).arg(&wheel).status().unwrap().success());
    let wheel = std::fs::read(&wheel).unwrap();
    let server = Server::start(move |first, stream| {
        let page = b"<a href=\"/files/tinypkg-1.0-py3-none-any.whl\">tinypkg-1.0-py3-none-any.whl</a>".to_vec();
        let (kind, body) = match first.split(' ').nth(1) {
            Some("/simple/tinypkg/") => ("text/html", page),
            Some("/files/tinypkg-1.0-py3-none-any.whl") => ("application/octet-stream", wheel.clone()),
            _ => ("text/plain", Vec::new()),
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.get_mut().write_all(&[head.into_bytes(), body].concat());
    });
    let script = format!(
        r#"
import subprocess, sys
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--retries=0",
    "--index-url=http://localhost:{}/simple/", "--target=/kaggle/working/packages", "tinypkg"], check=True)
sys.path.insert(0, "/kaggle/working/packages")
import tinypkg; print(tinypkg.answer())
"#,
        server.port()
    );
    let report = run(&script, &local(server.port()));
    assert_eq!(succeed(&report), "42\n");
    assert!(report.network.uses.iter().all(|entry| entry.access == Access::Allowed), "{:?}", report.network);
}

fn until(condition: impl Fn() -> bool, what: &str) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(10), "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
