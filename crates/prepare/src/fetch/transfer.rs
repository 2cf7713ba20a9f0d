//! One file from a server to the disk.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use ureq::http::Uri;

use crate::fetch::address::shown;
use crate::fetch::answer::{Answer, one_line};
use crate::fetch::checksum::Checksum;
use crate::fetch::disk::check_room;
use crate::fetch::downloader::{Credential, Downloader};
use crate::fetch::error::DownloadError;
use crate::fetch::part::{Claim, Part, Record};
use crate::fetch::retry::Attempt;
use crate::fetch::watch::{DownloadEvent, Watch};

const BUFFER: usize = 256 << 10;

/// The end of a zip archive is within so many bytes of the file's.
const ZIP_END: u64 = (64 << 10) + 22;

/// What a file must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A zip archive.
    Zip,
    /// Anything. Servers that pack single files give `<name>.zip` instead, and it is kept under that name.
    Any,
}

/// A file to fetch.
#[derive(Debug, Clone, Copy)]
pub struct FileRequest<'a> {
    /// Where from: `https://…`.
    pub address: &'a str,
    /// The file to make; its folder is created.
    pub to: &'a Path,
    /// What it must be.
    pub form: Form,
    /// Fetch it even if the file is there; the old one stays until the new one is whole.
    pub anew: bool,
}

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Bytes that came over the network now: 0 if all were on disk already.
    pub transferred: u64,
}

/// What an attempt found out.
enum Outcome {
    /// All bytes are on disk.
    Whole,
    /// What is on disk is of no use.
    Stale(String),
}

impl Downloader {
    /// Fetches a file, or finds it whole, or goes on with the part that an earlier try left. Others that fetch the same
    /// file meanwhile, in this process or in another, wait for it.
    ///
    /// # Errors
    /// A server that refuses, doesn't answer or sends something else, a disk without room, a wish to end. Bytes on disk
    /// stay for the next try, unless they are damaged.
    pub fn fetch(&self, request: &FileRequest<'_>, watch: &dyn Watch) -> Result<Fetched, DownloadError> {
        self.fetch_with(request, None, watch)
    }

    /// [`Self::fetch`] with a credential.
    pub(crate) fn fetch_with(
        &self,
        request: &FileRequest<'_>,
        credential: Option<&Credential>,
        watch: &dyn Watch,
    ) -> Result<Fetched, DownloadError> {
        let address = parse(request.address)?;
        let part = match Part::claim(request.to, request.form == Form::Any, request.anew, watch)? {
            Claim::Whole(path) => {
                let size = std::fs::metadata(&path).map_err(|error| DownloadError::io("read", &path, error))?.len();
                return Ok(Fetched { path, bytes: size, transferred: 0 });
            }
            Claim::Ours(part) => part,
        };
        let mut transfer = Transfer { downloader: self, request, address, credential, watch, part, transferred: 0 };
        match transfer.run() {
            Ok(()) => {
                let (bytes, transferred) = (transfer.part.len(), transfer.transferred);
                Ok(Fetched { path: transfer.part.finish()?, bytes, transferred })
            }
            Err(error) => {
                transfer.part.discard_if_empty();
                Err(error)
            }
        }
    }

    /// How many bytes a file has, without fetching it; `None` if the server doesn't say.
    pub(crate) fn size(
        &self,
        address: &str,
        credential: Option<&Credential>,
        watch: &dyn Watch,
    ) -> Result<Option<u64>, DownloadError> {
        let address = parse(address)?;
        self.retry.run(watch, || {
            let asked = self.ask(&address, credential, &[("range", "bytes=0-0".to_owned())], &[416]);
            let result = asked.and_then(|answer| {
                page(&answer, "a file")?;
                Ok(match answer.status() {
                    206 => answer.range().and_then(|(_, total)| total),
                    416 => answer.unsatisfied_total(),
                    _ => answer.length(),
                })
            });
            Attempt { result, progressed: false }
        })
    }
}

fn parse(address: &str) -> Result<Uri, DownloadError> {
    let invalid = |error: ureq::http::uri::InvalidUri| DownloadError::Address {
        address: address.to_owned(),
        message: format!("is no address: {error}"),
    };
    address.parse().map_err(invalid)
}

/// Refuses a page for people.
fn page(answer: &Answer, expected: &str) -> Result<(), DownloadError> {
    if !answer.is_page() {
        return Ok(());
    }
    Err(DownloadError::OtherContent {
        address: shown(answer.address()),
        expected: expected.to_owned(),
        found: "a page for people (text/html)".to_owned(),
    })
}

struct Transfer<'a> {
    downloader: &'a Downloader,
    request: &'a FileRequest<'a>,
    address: Uri,
    credential: Option<&'a Credential>,
    watch: &'a dyn Watch,
    part: Box<Part>,
    transferred: u64,
}

impl Transfer<'_> {
    fn run(&mut self) -> Result<(), DownloadError> {
        // The file may change once while it is fetched, or arrive damaged once; more than that is somebody's fault.
        const RESTARTS: usize = 2;
        let mut restarts = 0;
        loop {
            let reason = match self.attempts()? {
                Outcome::Stale(reason) => reason,
                Outcome::Whole => match self.part.damage() {
                    None => return self.check_zip(),
                    Some((found, expected)) if restarts >= RESTARTS => {
                        self.part.clear()?;
                        return Err(DownloadError::Damaged { path: self.request.to.to_owned(), expected, found });
                    }
                    Some((found, expected)) => format!("it arrived damaged: {found}, expected {expected}"),
                },
            };
            if restarts >= RESTARTS {
                self.part.clear()?;
                return Err(self.unsound(format!("it is another one each time ({reason})")));
            }
            self.watch.event(&DownloadEvent::Restart { reason: &reason });
            self.part.clear()?;
            restarts += 1;
        }
    }

    fn attempts(&mut self) -> Result<Outcome, DownloadError> {
        let (retry, watch) = (self.downloader.retry, self.watch);
        retry.run(watch, || {
            let before = self.part.len();
            let result = self.attempt();
            Attempt { result, progressed: self.part.len() > before }
        })
    }

    /// Asks for what is missing and writes it.
    fn attempt(&mut self) -> Result<Outcome, DownloadError> {
        let asked = shown(&self.address);
        if self.part.len() > 0 && self.part.record().is_none_or(|record| record.address != asked) {
            return Ok(Outcome::Stale("it is another address's".to_owned()));
        }
        if self.part.len() > 0 && self.part.is_complete() {
            self.part.go_on(None, self.watch)?;
            return Ok(Outcome::Whole);
        }
        let headers = self.range_headers();
        let answer = self.downloader.ask(&self.address, self.credential, &headers, &[416])?;
        // What the storage has is data, even if it is a page.
        if self.request.form == Form::Zip || !answer.is_redirected() {
            page(&answer, &self.expected())?;
        }
        let record = Record {
            address: asked,
            etag: answer.header("etag").map(str::to_owned),
            last_modified: answer.header("last-modified").map(str::to_owned),
            total: None,
            checksum: Checksum::of(answer.headers(), answer.status() == 200),
            packed: self.is_packed(&answer),
        };
        match answer.status() {
            206 if self.part.len() > 0 => {
                let (start, total) = answer.range().unwrap_or((u64::MAX, None));
                if start != self.part.len() {
                    return Ok(Outcome::Stale("the server sent another part than asked for".to_owned()));
                }
                if let Some(reason) = self.changed(&Record { total, ..record }) {
                    return Ok(Outcome::Stale(reason));
                }
                self.part.go_on(total, self.watch)?;
            }
            416 => return Ok(Outcome::Stale("the server's file ends before".to_owned())),
            _ => {
                if self.part.len() > 0 {
                    let reason = "the server has another file by now, or sends whole files only";
                    self.watch.event(&DownloadEvent::Restart { reason });
                }
                self.part.begin(Record { total: answer.length(), ..record })?;
            }
        }
        self.receive(answer)?;
        Ok(Outcome::Whole)
    }

    /// What asks for the rest of a file, if it is still the same.
    fn range_headers(&self) -> Vec<(&'static str, String)> {
        let Some(record) = self.part.record().filter(|_| self.part.len() > 0) else { return Vec::new() };
        let mut headers = vec![("range", format!("bytes={}-", self.part.len()))];
        // A weak tag is no promise that the bytes are the same.
        let strong = record.etag.as_ref().filter(|tag| tag.starts_with('"'));
        if let Some(same) = strong.or(record.last_modified.as_ref()) {
            headers.push(("if-range", same.clone()));
        }
        headers
    }

    /// Why the rest doesn't belong to what is on disk.
    fn changed(&self, now: &Record) -> Option<String> {
        let then = self.part.record()?;
        let differ =
            |then: Option<&str>, now: Option<&str>| matches!((then, now), (Some(then), Some(now)) if then != now);
        let (old, new) = (then.total.map(|total| total.to_string()), now.total.map(|total| total.to_string()));
        if differ(old.as_deref(), new.as_deref()) || differ(then.etag.as_deref(), now.etag.as_deref()) {
            return Some("the server has another file by now".to_owned());
        }
        let same_algorithm = then.checksum.is_some() && now.checksum.is_some();
        (same_algorithm && then.checksum != now.checksum)
            .then(|| "the server's file has another checksum by now".to_owned())
    }

    /// Whether the server packed a single file.
    fn is_packed(&self, answer: &Answer) -> bool {
        let Some(name) = self.request.to.file_name().and_then(|name| name.to_str()) else { return false };
        if self.request.form == Form::Zip || name.ends_with(".zip") || !answer.is_redirected() {
            return false;
        }
        answer.address().path().rsplit('/').next().is_some_and(|last| last == format!("{name}.zip"))
    }

    fn receive(&mut self, answer: Answer) -> Result<(), DownloadError> {
        let total = self.part.record().and_then(|record| record.total);
        if let Some(total) = total {
            check_room(self.request.to, total.saturating_sub(self.part.len()))?;
        }
        let host = answer.address().host().unwrap_or_default().to_owned();
        let mut reader = answer.into_reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            let done = self.part.len();
            self.watch.event(&DownloadEvent::Progress { done, total });
            if self.watch.is_cancelled() {
                return Err(DownloadError::Cancelled);
            }
            let cut = |message| DownloadError::Cut { host: host.clone(), done, total, message };
            match reader.read(&mut buffer) {
                Ok(0) if total.is_some_and(|total| done < total) => return Err(cut("closed too early".to_owned())),
                Ok(0) => return Ok(()),
                Ok(length) => {
                    if done == 0 {
                        self.check_start(&buffer[..length])?;
                    }
                    self.part.append(&buffer[..length])?;
                    self.transferred += length as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(cut(error.to_string())),
            }
        }
    }

    /// Refuses what cannot be a zip archive before it is on disk.
    fn check_start(&self, bytes: &[u8]) -> Result<(), DownloadError> {
        // An archive of nothing begins with its end.
        let is_zip = bytes.len() < 4 || bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06");
        if self.request.form == Form::Any || is_zip {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]);
        Err(self.other_content(format!("a file that begins with `{}`", one_line(&text))))
    }

    /// Refuses a zip archive without an end: what the server has is itself cut.
    fn check_zip(&mut self) -> Result<(), DownloadError> {
        let zip = self.request.form == Form::Zip || self.part.record().is_some_and(|record| record.packed);
        if !zip {
            return Ok(());
        }
        let starts = self.part.start()?.starts_with(b"PK");
        if starts && self.part.tail(ZIP_END)?.windows(4).any(|bytes| bytes == b"PK\x05\x06") {
            return Ok(());
        }
        let message = format!("its {} bytes have no end that a zip archive has", self.part.len());
        self.part.clear()?;
        Err(self.unsound(message))
    }

    fn unsound(&self, message: String) -> DownloadError {
        DownloadError::Unsound { address: shown(&self.address), message }
    }

    fn expected(&self) -> String {
        match self.request.form {
            Form::Zip => "a zip archive".to_owned(),
            Form::Any => "a file".to_owned(),
        }
    }

    fn other_content(&self, found: String) -> DownloadError {
        DownloadError::OtherContent { address: shown(&self.address), expected: self.expected(), found }
    }
}
