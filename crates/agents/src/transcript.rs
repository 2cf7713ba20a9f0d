//! `transcript.jsonl`: every call of a model, appended and synced before its reply is used.
//!
//! The conversation of a call is the first `keep` messages of the conversation of the call before, its reply included as
//! last message, and then `append`. An agent whose episode is resumed asks the same questions again and gets its answers
//! from here, so it goes on as if nothing had happened, and no answer is paid for twice.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::AgentError;
use crate::llm::{FinishReason, Message, TokenLogprob, Usage};

/// What a call of a model was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To choose the next action.
    Act,
    /// To mend a reply that held none.
    Repair,
    /// To draft a new solution.
    Draft,
    /// To improve one.
    Improve,
    /// To mend one that failed.
    Debug,
    /// To join two.
    Crossover,
    /// To judge what came of one.
    Review,
    /// To comment on a step.
    Feedback,
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Act => "act",
            Self::Repair => "repair",
            Self::Draft => "draft",
            Self::Improve => "improve",
            Self::Debug => "debug",
            Self::Crossover => "crossover",
            Self::Review => "review",
            Self::Feedback => "feedback",
        })
    }
}

/// A line of the transcript: one call of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Its number, from 0.
    pub index: usize,
    /// Steps of the episode taken before it.
    pub step: u64,
    /// What it was for.
    pub purpose: Purpose,
    /// The node of a search tree that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<u64>,
    /// That node's parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// Messages of the conversation before that this one begins with.
    pub keep: usize,
    /// The messages after those.
    pub append: Vec<Message>,
    /// The reply; `None` if there was none.
    pub reply: Option<Message>,
    /// Why there was none, or what was wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CallFault>,
    /// Why the reply ended.
    pub finish: Option<FinishReason>,
    /// Tokens.
    pub usage: Usage,
    /// US dollars; `None` if unknown.
    pub cost_usd: Option<f64>,
    /// Seconds until the reply came.
    pub latency_seconds: f64,
    /// Seconds before that, in queues, rate limits and back-off.
    pub waited_seconds: f64,
    /// The model, as it was asked for.
    pub model: String,
    /// Log probabilities of the reply's tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<TokenLogprob>>,
}

/// Why a call of a model has no reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFault {
    /// A stable word: [`LlmError::kind`](crate::llm::LlmError::kind).
    pub kind: String,
    /// The error in words.
    pub message: String,
    /// Whether the network, the provider or the host failed: the call is made again on resume.
    pub infrastructure: bool,
}

/// Reads a transcript. A last line that a crash has cut off is left out.
///
/// # Errors
/// A file that cannot be read, or a line that is no call.
pub fn read_transcript(file: &Path) -> Result<Vec<CallRecord>, AgentError> {
    Ok(whole_lines(file)?.0)
}

/// The records of whole lines, and their bytes. No file is none.
pub(crate) fn whole_lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<(Vec<T>, u64), AgentError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(AgentError::io("open", path, error)),
    };
    let mut reader = BufReader::new(file);
    let (mut records, mut bytes, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(|error| AgentError::io("read", path, error))?;
        if line.last() != Some(&b'\n') {
            return Ok((records, bytes));
        }
        let record = serde_json::from_slice(&line).map_err(|error| AgentError::Record {
            path: path.to_owned(),
            line: records.len() + 1,
            problem: error.to_string(),
        })?;
        records.push(record);
        bytes += line.len() as u64;
    }
}

/// A file of JSON lines, open for appending after its whole lines.
#[derive(Debug)]
pub(crate) struct LineFile {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

impl LineFile {
    /// Opens the file and reads what is there; a line that was cut off is removed.
    pub(crate) fn open<T: serde::de::DeserializeOwned>(path: PathBuf) -> Result<(Self, Vec<T>), AgentError> {
        let (records, length) = whole_lines(&path)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| AgentError::io("open", &path, error))?;
        let mut lines = Self { path, file, length };
        lines.cut()?;
        Ok((lines, records))
    }

    fn cut(&mut self) -> Result<(), AgentError> {
        self.file
            .set_len(self.length)
            .and_then(|()| self.file.seek(SeekFrom::Start(self.length)))
            .map(drop)
            .map_err(|error| AgentError::io("truncate", &self.path, error))
    }

    /// Appends a line and waits until it is on the disk. On an error the file is as it was.
    pub(crate) fn append<T: Serialize>(&mut self, record: &T) -> Result<(), AgentError> {
        let failed = |error| AgentError::io("append to", &self.path, error);
        let mut line = serde_json::to_vec(record).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            let error = failed(error);
            self.cut()?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// The transcript of an agent at work: what was recorded and is still to be asked again, then what is new.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    lines: Option<LineFile>,
    /// The latest call's conversation with its reply.
    conversation: Vec<Message>,
    recorded: VecDeque<CallRecord>,
    index: usize,
}

/// A call that is about to be recorded or found in the record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) step: u64,
    pub(crate) purpose: Purpose,
    pub(crate) messages: &'a [Message],
}

impl Transcript {
    pub(crate) const FILE: &str = "transcript.jsonl";

    /// The transcript in a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, AgentError> {
        let (lines, records) = LineFile::open(folder.join(Self::FILE))?;
        Ok(Self { lines: Some(lines), recorded: VecDeque::from(records), ..Self::default() })
    }

    /// The record of a call that was made before, if there is one left. Calls that the host or the provider failed are
    /// passed over.
    pub(crate) fn recall(&mut self, question: Question<'_>) -> Result<Option<CallRecord>, AgentError> {
        while let Some(record) = self.recorded.pop_front() {
            let other = || AgentError::OtherConversation {
                index: record.index,
                step: record.step,
                purpose: record.purpose.to_string(),
            };
            if record.keep > self.conversation.len() || record.index != self.index {
                return Err(other());
            }
            self.advance(record.keep, record.append.iter().cloned(), None);
            if record.error.as_ref().is_some_and(|error| error.infrastructure) {
                continue;
            }
            if (record.step, record.purpose) != (question.step, question.purpose)
                || self.conversation != question.messages
            {
                return Err(other());
            }
            self.conversation.extend(record.reply.clone());
            return Ok(Some(record));
        }
        Ok(None)
    }

    /// Where a new call's line begins: what it keeps of the conversation before, and what it appends.
    pub(crate) fn split<'a>(&self, messages: &'a [Message]) -> (usize, &'a [Message]) {
        let keep = self.conversation.iter().zip(messages).take_while(|(a, b)| a == b).count();
        (keep, &messages[keep..])
    }

    /// The number of the next call.
    pub(crate) fn next_index(&self) -> usize {
        self.index
    }

    /// Records a call.
    pub(crate) fn append(&mut self, record: &CallRecord) -> Result<(), AgentError> {
        if let Some(lines) = &mut self.lines {
            lines.append(record)?;
        }
        self.advance(record.keep, record.append.iter().cloned(), record.reply.clone());
        Ok(())
    }

    fn advance(&mut self, keep: usize, append: impl Iterator<Item = Message>, reply: Option<Message>) {
        self.conversation.truncate(keep);
        self.conversation.extend(append);
        self.conversation.extend(reply);
        self.index += 1;
    }
}
