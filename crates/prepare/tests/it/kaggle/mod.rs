//! The Kaggle client, against a server that speaks Kaggle's endpoints.

mod answers;
mod interruptions;
mod stand_in;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use mledojo_prepare::fetch::{DownloadEvent, DownloadOptions, Retry, Watch};
use mledojo_prepare::kaggle::{Credentials, FoundCredentials, KaggleClient, Secret};

use stand_in::{Competition, KEY, StandIn, USERNAME, archive};

const NAME: &str = "titanic";

/// A server with one competition, and a folder to download to.
struct World {
    server: StandIn,
    client: KaggleClient,
    folder: tempfile::TempDir,
}

impl World {
    /// A competition whose archive has so many bytes, and a bit.
    fn new(bytes: usize) -> Self {
        let server = StandIn::start();
        let competition =
            Competition { archive: archive(bytes, 1), etag: Some("\"one\"".to_owned()), ..Competition::default() };
        server.add(NAME, competition);
        let client = client(&server.base, KEY);
        Self { server, client, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the archive comes to lie.
    fn archive(&self) -> PathBuf {
        self.path("titanic.zip")
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Downloads the archive, and compares it with the server's.
    fn download(&self, watch: &dyn Watch) -> u64 {
        let fetched = self.client.download_all(NAME, self.folder.path(), false, watch).unwrap();
        assert_eq!(fetched.path, self.archive());
        self.server.change(NAME, |competition| assert!(read(&self.archive()) == competition.archive));
        assert_eq!(self.names(), ["titanic.zip"]);
        fetched.transferred
    }

    fn refused(&self) -> String {
        self.client.download_all(NAME, self.folder.path(), false, &()).unwrap_err().to_string()
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

fn options() -> DownloadOptions {
    DownloadOptions {
        retry: Retry {
            attempts: 4,
            base: Duration::from_millis(5),
            most: Duration::from_millis(20),
            patience: Duration::from_secs(5),
        },
        connect: Duration::from_secs(5),
        silence: Duration::from_secs(20),
    }
}

fn client(base: &str, key: &str) -> KaggleClient {
    client_with(base, key, &options())
}

fn client_with(base: &str, key: &str, options: &DownloadOptions) -> KaggleClient {
    let credentials = Credentials::Key { username: USERNAME.to_owned(), key: Secret::new(key) };
    let found = FoundCredentials { credentials, from: "`kaggle.json`".to_owned(), warning: None };
    KaggleClient::new(&found, base, options).unwrap()
}

/// Notes what is told, and wants the end after so many bytes.
#[derive(Default)]
struct Notes {
    lines: Mutex<Vec<String>>,
    done: Mutex<Option<u64>>,
    end_after: Option<u64>,
}

impl Watch for Notes {
    fn event(&self, event: &DownloadEvent<'_>) {
        match event {
            DownloadEvent::Progress { done, .. } => *self.done.lock().unwrap() = Some(*done),
            DownloadEvent::Restart { reason } => self.note(format!("restart: {reason}")),
            DownloadEvent::Retry { reason, .. } => self.note(format!("retry: {reason}")),
            event => self.note(format!("{event:?}")),
        }
    }

    fn is_cancelled(&self) -> bool {
        self.end_after.is_some_and(|end| self.done.lock().unwrap().is_some_and(|done| done >= end))
    }
}

impl Notes {
    fn note(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}
