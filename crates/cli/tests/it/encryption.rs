//! Credentials travel encrypted, to a server whose certificate is trusted.
//!
//! `tls/` holds a certificate of `localhost`, its key, and the authority that signed it; nothing real trusts these.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::kaggle::{TOKEN, archive};
use crate::world::{Ran, World};

static CERTIFICATE: &[u8] = include_bytes!("tls/server.der");
static KEY: &[u8] = include_bytes!("tls/server.key.der");

/// An HTTPS server that answers every request with one answer, and notes what it was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start(head: String, body: Vec<u8>) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], PrivatePkcs8KeyDer::from(KEY).into())
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server =
            Self { port: listener.local_addr().unwrap().port(), asked: Arc::default(), connections: Arc::default() };
        let (asked, connections) = (Arc::clone(&server.asked), Arc::clone(&server.connections));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = Stream::new(&mut tls, &mut stream);
                let mut text = Vec::new();
                let mut byte = [0; 1];
                while !text.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    text.push(byte[0]);
                }
                if !text.is_empty() {
                    asked.lock().unwrap().push(String::from_utf8(text).unwrap());
                    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).unwrap();
                    stream.conn.send_close_notify();
                    stream.flush().unwrap();
                }
            }
        });
        server
    }

    /// Runs a download from it, with this authority trusted or with those of the system.
    fn download(&self, world: &World, trusted: bool) -> Ran {
        let mut command = world.command(&["download", "titanic"]);
        command
            .env("MLEDOJO_KAGGLE_URL", format!("https://localhost:{}", self.port))
            .env("KAGGLE_API_TOKEN", TOKEN)
            .env("NO_PROXY", "localhost")
            .env_remove("SSL_CERT_FILE")
            .env_remove("SSL_CERT_DIR");
        if trusted {
            command.env("SSL_CERT_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls/ca.pem"));
        }
        Ran::from(command.output().unwrap())
    }
}

#[test]
fn a_trusted_server_is_told_the_token_and_no_other_one() {
    let body = archive(1000, 1);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let server = Server::start(head, body);
    let world = World::new();
    let refused = server.download(&world, false);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("SSL_CERT_FILE"), "{refused:?}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 1, "a certificate doesn't get better by trying again");
    assert!(server.asked.lock().unwrap().is_empty());

    let ran = server.download(&world, true);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(server.asked.lock().unwrap()[0].to_lowercase().contains(&format!("bearer {}", TOKEN.to_lowercase())));
}

#[test]
fn an_encrypted_request_is_not_sent_on_without_encryption() {
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    plain.set_nonblocking(true).unwrap();
    let to = format!("http://{}/data.zip", plain.local_addr().unwrap());
    let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let server = Server::start(head, Vec::new());
    let world = World::new();
    let ran = server.download(&world, true);
    assert!(ran.code == 1 && ran.stderr.contains("without encryption"), "{ran:?}");
    assert!(plain.accept().is_err());
}
