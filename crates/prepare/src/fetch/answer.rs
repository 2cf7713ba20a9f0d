//! What a server answers.

use std::io::Read;

use serde::Deserialize;
use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Body, BodyReader};

use crate::fetch::error::DownloadError;

/// Most bytes of a text, such as a page of a list.
const MOST_TEXT: u64 = 64 << 20;

/// Most letters of what a server says to an error.
const MOST_SAID: usize = 300;

/// An answer whose body is still to come.
pub(crate) struct Answer {
    address: Uri,
    response: Response<Body>,
    redirected: bool,
}

/// What Kaggle, like many, says to an error.
#[derive(Deserialize)]
struct Said {
    message: String,
}

impl Answer {
    pub(crate) fn new(address: Uri, response: Response<Body>, redirected: bool) -> Self {
        Self { address, response, redirected }
    }

    /// The address that gave it, after redirects.
    pub(crate) fn address(&self) -> &Uri {
        &self.address
    }

    /// Whether another server gave it than the one asked.
    pub(crate) fn is_redirected(&self) -> bool {
        self.redirected
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(crate) fn is_success(&self) -> bool {
        self.response.status().is_success()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it is a page for people.
    pub(crate) fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.trim_start().to_lowercase().starts_with("text/html"))
    }

    /// Where the bytes in it begin, and how many the whole file has, if it is a part of one.
    pub(crate) fn range(&self) -> Option<(u64, Option<u64>)> {
        let range = self.header("content-range")?.trim().strip_prefix("bytes ")?;
        let (bounds, total) = range.split_once('/')?;
        let start = bounds.split_once('-')?.0.parse().ok()?;
        Some((start, total.parse().ok()))
    }

    /// How many bytes the whole file has, if a server that has no such part says so.
    pub(crate) fn unsatisfied_total(&self) -> Option<u64> {
        self.header("content-range")?.trim().strip_prefix("bytes */")?.parse().ok()
    }

    /// Bytes of the body, if known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// The body, as it comes.
    pub(crate) fn into_reader(self) -> BodyReader<'static> {
        self.response.into_body().into_reader()
    }

    /// The body, as a text.
    pub(crate) fn text(self) -> Result<String, DownloadError> {
        let host = self.address.host().unwrap_or_default().to_owned();
        let total = self.length();
        let mut bytes = Vec::new();
        let read = self.into_reader().take(MOST_TEXT).read_to_end(&mut bytes);
        let done = bytes.len() as u64;
        let cut = |message: String| DownloadError::Cut { host: host.clone(), done, total, message };
        read.map_err(|error| cut(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| cut(error.to_string()))
    }

    /// What the server says to an error, short and on one line.
    pub(crate) fn said(mut self) -> String {
        let page = self.is_page();
        let mut bytes = Vec::new();
        // An error's text is a courtesy; without it the code has to do.
        let _ = self.response.body_mut().as_reader().take(64 << 10).read_to_end(&mut bytes);
        if page {
            return String::new();
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = serde_json::from_str(&text).map_or(text.into_owned(), |said: Said| said.message);
        one_line(&text)
    }
}

/// A text of others, short and on one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    match line.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
