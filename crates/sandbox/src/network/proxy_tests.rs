use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::network::{Access, NetworkUse};

/// A proxy that resolves every name to these, and where it listens.
fn proxy(rules: &[&str], found: Vec<SocketAddr>) -> (Proxy, SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let resolve: Resolve = Arc::new(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(found.clone())
    });
    let (proxy, address) = serving(rules, resolve);
    (proxy, address, asked)
}

fn serving(rules: &[&str], resolve: Resolve) -> (Proxy, SocketAddr) {
    let hosts = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let mut proxy = Proxy::resolving(AllowList { hosts, ..AllowList::default() }, resolve).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    proxy.serve(listener.into()).unwrap();
    (proxy, address)
}

fn ask(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A host that says `good` to whoever connects.
fn greeter() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"good");
        }
    });
    port
}

fn only_use(proxy: Proxy) -> NetworkUse {
    let log = proxy.finish();
    assert_eq!(log.uses.len(), 1, "{log:?}");
    log.uses.into_iter().next().unwrap()
}

#[test]
fn a_name_that_leads_inside_is_refused() {
    let port = greeter();
    let target = format!("CONNECT good.example:{port} HTTP/1.1\r\n\r\n");
    for inside in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "224.0.0.1"] {
        let (proxy, address, _) =
            proxy(&[&format!("good.example:{port}")], vec![SocketAddr::new(inside.parse().unwrap(), port)]);
        assert!(ask(address, &target).starts_with("HTTP/1.1 403 "), "{inside}");
        let done = only_use(proxy);
        assert!(matches!(&done.access, Access::Refused { reason } if reason.contains("no public address")), "{done:?}");
    }
}

#[test]
fn only_a_permitted_address_of_several_is_tried() {
    let port = greeter();
    let found = ["10.0.0.1", "::ffff:127.0.0.1"].map(|address| SocketAddr::new(address.parse().unwrap(), port));
    let rules = [format!("good.example:{port}"), format!("127.0.0.1:{port}")];
    let (proxy, address, _) = proxy(&[&rules[0], &rules[1]], found.to_vec());
    let answer = ask(address, &format!("CONNECT good.example:{port} HTTP/1.1\r\n\r\n"));
    assert!(answer.ends_with("\r\n\r\ngood"), "{answer}");
    assert_eq!(only_use(proxy).access, Access::Allowed);
}

#[test]
fn a_name_is_resolved_once_and_only_if_listed() {
    let port = greeter();
    let found = vec![SocketAddr::from(([127, 0, 0, 1], port))];
    let rules = [format!("*.good.example:{port}"), format!("127.0.0.1:{port}")];
    let (proxy, address, asked) = proxy(&[&rules[0], &rules[1]], found);
    assert!(ask(address, &format!("CONNECT a.good.example:{port} HTTP/1.1\r\n\r\n")).ends_with("good"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    for host in ["good.example", "secret-data.evil.example"] {
        assert!(ask(address, &format!("CONNECT {host}:{port} HTTP/1.1\r\n\r\n")).starts_with("HTTP/1.1 403 "));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    drop(proxy);
}

#[test]
fn the_end_waits_for_no_resolver_and_no_client() {
    let resolve: Resolve = Arc::new(|_, _| {
        std::thread::sleep(Duration::from_secs(3));
        Ok(Vec::new())
    });
    let (proxy, address) = serving(&["good.example"], resolve);
    let mut waiting = TcpStream::connect(address).unwrap();
    waiting.write_all(b"CONNECT good.example:443 HTTP/1.1\r\n\r\n").unwrap();
    let idle = TcpStream::connect(address).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    let done = only_use(proxy);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(matches!(&done.access, Access::Failed { reason } if reason.contains("run ended")), "{done:?}");
    drop(idle);
}
