//! Reading an episode, while it is written or after.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::action::Call;
use crate::episode::header::EpisodeHeader;
use crate::episode::log::STEPS_FILE;
use crate::episode::record::StepRecord;
use crate::error::EnvError;

/// An episode on disk.
#[derive(Debug, Clone)]
pub struct Episode {
    directory: PathBuf,
    /// What the episode is.
    pub header: EpisodeHeader,
}

impl Episode {
    /// Opens the episode in a folder.
    ///
    /// # Errors
    /// No episode there, or a header that this program did not write.
    pub fn open(directory: &Path) -> Result<Self, EnvError> {
        Ok(Self { directory: directory.to_owned(), header: EpisodeHeader::read(directory)? })
    }

    /// The finished steps, one at a time, oldest first.
    ///
    /// # Errors
    /// A log that cannot be opened.
    pub fn steps(&self) -> Result<Steps, EnvError> {
        let file = self.directory.join(STEPS_FILE);
        let reader = BufReader::new(File::open(&file).map_err(|error| EnvError::io("open", &file, error))?);
        Ok(Steps { file, reader, line: 0, whole_bytes: 0 })
    }

    /// The call of a step with its code.
    ///
    /// # Errors
    /// A code artifact that cannot be read.
    pub fn call(&self, record: &StepRecord) -> Result<Call, EnvError> {
        let mut call = record.call.clone();
        if !call.params.contains_key("code")
            && let Some(code) = self.text(record.artifacts.code.as_deref())?
        {
            call.params.insert("code".to_owned(), code.into());
        }
        Ok(call)
    }

    /// The text of an artifact, `None` for none. Bytes that are no UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// An artifact that cannot be read.
    pub fn text(&self, artifact: Option<&str>) -> Result<Option<String>, EnvError> {
        let Some(artifact) = artifact else { return Ok(None) };
        let file = self.directory.join(artifact);
        let bytes = std::fs::read(&file).map_err(|error| EnvError::io("read", &file, error))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// Iterator over the steps of an episode. A last line without its end is no step: its writer was interrupted.
#[derive(Debug)]
pub struct Steps {
    file: PathBuf,
    reader: BufReader<File>,
    line: usize,
    whole_bytes: u64,
}

impl Steps {
    /// Bytes of the whole lines read so far.
    pub(crate) fn whole_bytes(&self) -> u64 {
        self.whole_bytes
    }
}

impl Iterator for Steps {
    type Item = Result<StepRecord, EnvError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Err(error) => return Some(Err(EnvError::io("read", &self.file, error))),
            Ok(_) if line.last() != Some(&b'\n') => return None,
            Ok(_) => {}
        }
        self.line += 1;
        let failed = |reason: String| EnvError::Log { file: self.file.clone(), line: self.line, reason };
        let record: StepRecord = match serde_json::from_slice(&line) {
            Ok(record) => record,
            Err(error) => return Some(Err(failed(error.to_string()))),
        };
        if record.step != self.line as u64 {
            return Some(Err(failed(format!("expected step {}, found step {}", self.line, record.step))));
        }
        self.whole_bytes += line.len() as u64;
        Some(Ok(record))
    }
}
