//! Servers that stand for hosts of the internet.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A host that answers HTTP, one request a connection unless the path says otherwise.
pub(super) struct Server {
    address: SocketAddr,
    pub(super) connections: Arc<AtomicUsize>,
    /// First lines and `Host` fields of all requests.
    pub(super) seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&str, &mut BufReader<TcpStream>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counted, noted) = (Arc::clone(&connections), Arc::clone(&seen));
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some((first, host)) = read_head(&mut stream) {
                        noted.lock().unwrap().push(format!("{first} | {host}"));
                        answer(&first, &mut stream);
                    }
                });
            }
        });
        Self { address, connections, seen }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }
}

fn read_head(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut first, mut host) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() && !first.is_empty() {
            return Some((first, host));
        }
        if first.is_empty() {
            line.clone_into(&mut first);
        } else if let Some(value) = line.strip_prefix("Host: ") {
            value.clone_into(&mut host);
        }
    }
}

/// Says `text` and, though HTTP/1.1, keeps the connection open.
pub(super) fn web_server(text: &'static str) -> Server {
    Server::start(move |_, stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        let _ = stream.get_mut().write_all(head.as_bytes());
    })
}

/// A host that sends all bytes back; its port, and how many connections it has.
pub(super) fn echo_server() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let open = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&open);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let counted = Arc::clone(&counted);
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(size @ 1..) = stream.read(&mut buffer) {
                    if stream.write_all(&buffer[..size]).is_err() {
                        break;
                    }
                }
                counted.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, open)
}
