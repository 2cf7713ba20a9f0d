//! Kaggle's API, as far as data and leaderboards go.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Uri;

use crate::fetch::{Credential, DownloadOptions, Downloader, Fetched, FileRequest, Form, Origin, Watch};
use crate::kaggle::credentials::{Credentials, FoundCredentials};
use crate::kaggle::error::KaggleError;
use crate::kaggle::listing::{DataFile, page};

/// Where Kaggle is.
pub const KAGGLE: &str = "https://www.kaggle.com";

/// Files of one page of a list; Kaggle gives fewer if it wants to.
const PAGE: usize = 200;

/// What a segment of an address may hold as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Asks Kaggle in a user's name.
#[derive(Debug, Clone)]
pub struct KaggleClient {
    downloader: Downloader,
    base: String,
    credential: Credential,
    from: String,
}

impl KaggleClient {
    /// A client of the server at `base`, such as [`KAGGLE`].
    ///
    /// # Errors
    /// An address that is no web server's, or that credentials would travel to without encryption.
    pub fn new(found: &FoundCredentials, base: &str, options: &DownloadOptions) -> Result<Self, KaggleError> {
        let wrong = |message| KaggleError::Address { address: base.to_owned(), message };
        let base = base.trim_end_matches('/');
        let address: Uri = base.parse().map_err(|_| wrong("is no address: expected `https://…`"))?;
        let origin =
            Origin::of(&address).ok_or_else(|| wrong("is no address of a web server: expected `https://…`"))?;
        if !origin.is_https() && !origin.is_loopback() {
            return Err(wrong("is not encrypted: Kaggle credentials are sent to `https://…` alone"));
        }
        let credential = match &found.credentials {
            Credentials::Token(token) => Credential::new(&address, "Bearer", token.expose(), token.expose()),
            Credentials::Key { username, key } => {
                let value = STANDARD.encode(format!("{username}:{}", key.expose()));
                Credential::new(&address, "Basic", &value, key.expose())
            }
        };
        let credential = credential.ok_or_else(|| KaggleError::UnusableCredentials { from: found.from.clone() })?;
        Ok(Self {
            downloader: Downloader::new(options),
            base: format!("{base}/api/v1/competitions"),
            credential,
            from: found.from.clone(),
        })
    }

    /// All files of a competition.
    ///
    /// # Errors
    /// As [`Self::download_all`], and a list that makes no sense.
    pub fn files(&self, competition: &str, watch: &dyn Watch) -> Result<Vec<DataFile>, KaggleError> {
        let base = format!("{}/data/list/{}?pageSize={PAGE}", self.base, checked(competition)?);
        let invalid = |message: String| KaggleError::List { name: competition.to_owned(), message };
        let mut files = Vec::new();
        let mut seen = HashSet::new();
        let mut address = base.clone();
        loop {
            let uri: Uri = address.parse().map_err(|_| invalid("the next page has no usable token".to_owned()))?;
            let text = self.downloader.text(&uri, Some(&self.credential), watch);
            let text = text.map_err(|error| KaggleError::of(error, competition, "list of files", &self.from))?;
            let (more, next) = page(&text).map_err(invalid)?;
            files.extend(more);
            let Some(token) = next else { return Ok(files) };
            address = format!("{base}&pageToken={}", utf8_percent_encode(&token, SEGMENT));
            if !seen.insert(token) {
                return Err(invalid("its pages go round in circles".to_owned()));
            }
        }
    }

    /// Bytes of the archive with all files, without fetching it; `None` if Kaggle doesn't say.
    ///
    /// # Errors
    /// As [`Self::download_all`].
    pub fn size(&self, competition: &str, watch: &dyn Watch) -> Result<Option<u64>, KaggleError> {
        let address = self.archive(competition)?;
        let size = self.downloader.size(&address, Some(&self.credential), watch);
        size.map_err(|error| KaggleError::of(error, competition, "data", &self.from))
    }

    /// Fetches all files of a competition as one archive, `<folder>/<competition>.zip`, or finds it there, or goes on
    /// with its part. `anew` fetches it in any case.
    ///
    /// # Errors
    /// Credentials that are not accepted, rules that are not, a competition that Kaggle doesn't show to this user, too
    /// many requests, and what [`Downloader::fetch`] may fail with.
    pub fn download_all(
        &self,
        competition: &str,
        folder: &Path,
        anew: bool,
        watch: &dyn Watch,
    ) -> Result<Fetched, KaggleError> {
        let address = self.archive(competition)?;
        let to = archive_file(competition, folder);
        self.fetch(competition, "data", &FileRequest { address: &address, to: &to, form: Form::Zip, anew }, watch)
    }

    /// Fetches one file of a competition to the same place below `folder`. Kaggle packs large ones: `train.csv` may come
    /// as `train.csv.zip`.
    ///
    /// # Errors
    /// A name that leads out of the folder, and what [`Self::download_all`] may fail with.
    pub fn download_file(
        &self,
        competition: &str,
        file: &str,
        folder: &Path,
        anew: bool,
        watch: &dyn Watch,
    ) -> Result<Fetched, KaggleError> {
        let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
        if file.is_empty() || file.ends_with('/') || !inside {
            return Err(KaggleError::Name { name: file.to_owned(), what: "file" });
        }
        let segments: Vec<String> =
            file.split('/').map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect();
        let address = format!("{}/data/download/{}/{}", self.base, checked(competition)?, segments.join("/"));
        let what = format!("file `{file}`");
        let request = FileRequest { address: &address, to: &folder.join(file), form: Form::Any, anew };
        self.fetch(competition, &what, &request, watch)
    }

    /// Fetches a competition's leaderboard: a zip archive with a CSV table.
    ///
    /// # Errors
    /// What [`Self::download_all`] may fail with.
    pub fn download_leaderboard(
        &self,
        competition: &str,
        to: &Path,
        watch: &dyn Watch,
    ) -> Result<Fetched, KaggleError> {
        let address = format!("{}/{}/leaderboard/download", self.base, checked(competition)?);
        let request = FileRequest { address: &address, to, form: Form::Any, anew: true };
        self.fetch(competition, "leaderboard", &request, watch)
    }

    fn archive(&self, competition: &str) -> Result<String, KaggleError> {
        Ok(format!("{}/data/download-all/{}", self.base, checked(competition)?))
    }

    fn fetch(
        &self,
        competition: &str,
        what: &str,
        request: &FileRequest<'_>,
        watch: &dyn Watch,
    ) -> Result<Fetched, KaggleError> {
        let fetched = self.downloader.fetch_with(request, Some(&self.credential), watch);
        fetched.map_err(|error| KaggleError::of(error, competition, what, &self.from))
    }
}

/// Where the archive of a competition lies in a folder of downloads.
#[must_use]
pub fn archive_file(competition: &str, folder: &Path) -> PathBuf {
    folder.join(format!("{competition}.zip"))
}

/// The name that Kaggle has for a competition, from the address of its page.
///
/// ```
/// use mledojo_prepare::kaggle::competition_name;
///
/// assert_eq!(competition_name("https://www.kaggle.com/competitions/titanic/data"), Some("titanic"));
/// assert_eq!(competition_name("https://www.kaggle.com/c/titanic"), Some("titanic"));
/// assert_eq!(competition_name("https://archive.ics.uci.edu/dataset/53/iris"), None);
/// ```
#[must_use]
pub fn competition_name(page: &str) -> Option<&str> {
    let (host, path) = page.strip_prefix("https://")?.split_once('/')?;
    let name = path.strip_prefix("competitions/").or_else(|| path.strip_prefix("c/"))?;
    let name = name.split(['/', '?', '#']).next()?;
    (matches!(host, "www.kaggle.com" | "kaggle.com") && checked(name).is_ok()).then_some(name)
}

/// A competition's name, if it can be one.
fn checked(competition: &str) -> Result<&str, KaggleError> {
    let valid = competition.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    if competition.is_empty() || !valid {
        return Err(KaggleError::Name { name: competition.to_owned(), what: "competition" });
    }
    Ok(competition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kaggle::credentials::Secret;

    fn client(base: &str) -> Result<KaggleClient, KaggleError> {
        let credentials = Credentials::Key { username: "ann".to_owned(), key: Secret::new("hidden5") };
        let found = FoundCredentials { credentials, from: "a test".to_owned(), warning: None };
        KaggleClient::new(&found, base, &DownloadOptions::default())
    }

    #[test]
    fn credentials_travel_encrypted_or_not_at_all() {
        client(KAGGLE).unwrap();
        client("http://127.0.0.1:8000/").unwrap();
        for base in ["http://www.kaggle.com", "ftp://www.kaggle.com", "kaggle", ""] {
            let error = client(base).unwrap_err().to_string();
            assert!(error.contains("https://"), "{base}: {error}");
        }
    }

    #[test]
    fn no_name_leads_elsewhere() {
        let client = client("http://127.0.0.1:1").unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "a/b", "..", "a?b", "a%2Fb"] {
            assert!(client.download_all(name, folder.path(), false, &()).unwrap_err().to_string().contains("no name"));
        }
        for name in ["", "/etc/passwd", "../x", "a/../../x", "a/"] {
            let error = client.download_file("titanic", name, folder.path(), false, &()).unwrap_err();
            assert!(error.to_string().contains("no name of a file"), "{name}: {error}");
        }
    }

    #[test]
    fn a_client_does_not_show_the_key() {
        let shown = format!("{:?}", client(KAGGLE).unwrap());
        assert!(!shown.contains("hidden5") && !shown.contains(&STANDARD.encode("ann:hidden5")), "{shown}");
    }
}
