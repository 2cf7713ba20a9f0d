//! A record of replies, so that a run can be repeated without asking anybody.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::llm::error::LlmError;
use crate::llm::reply::ChatReply;
use crate::llm::request::ChatRequest;
use crate::llm::spec::ModelSpec;

/// Whether replies are recorded, and taken from the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordMode {
    /// Models are asked, and nothing is kept.
    #[default]
    Off,
    /// Models are asked, and their replies kept.
    Record,
    /// Replies are taken from the record alone; one that is not in it is an error.
    Replay,
    /// Replies are taken from the record; models are asked for those that are not in it, which are kept.
    Auto,
}

/// Where replies are recorded: a file a request, named by the request's digest, readable with `jq`. The digest is of the
/// model's name and of the whole request, [`sample`](ChatRequest::sample) included, and not of the server's address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordSettings {
    /// What is done.
    pub mode: RecordMode,
    /// The folder, made if need be.
    pub folder: PathBuf,
}

/// A recorded reply. No key is in it, for none is in a request.
#[derive(Serialize, Deserialize)]
struct Entry {
    model: String,
    request: ChatRequest,
    reply: ChatReply,
}

#[derive(Debug)]
pub(crate) struct Record(RecordSettings);

impl Record {
    pub(crate) fn new(settings: RecordSettings) -> Option<Self> {
        (settings.mode != RecordMode::Off).then_some(Self(settings))
    }

    /// Whether models are never asked.
    pub(crate) fn is_all(&self) -> bool {
        self.0.mode == RecordMode::Replay
    }

    /// The recorded reply, or what `ask` gives, which is recorded.
    pub(crate) fn reply(
        &self,
        spec: &ModelSpec,
        request: &ChatRequest,
        ask: impl FnOnce() -> Result<ChatReply, LlmError>,
    ) -> Result<ChatReply, LlmError> {
        let model = format!("{}/{}", spec.provider(), spec.model());
        let digest = digest(&model, request)?;
        let path = self.0.folder.join(&digest[..2]).join(format!("{digest}.json"));
        if self.0.mode != RecordMode::Record
            && let Some(reply) = read(&path)?
        {
            return Ok(reply);
        }
        if self.is_all() {
            return Err(LlmError::NotRecorded { model: spec.to_string(), folder: self.0.folder.clone(), digest });
        }
        let entry = Entry { model, request: request.clone(), reply: ask()? };
        match write(&path, &entry, self.0.mode == RecordMode::Record)? {
            // Another call had the same question at the same time: a later run sees its answer, so this one does as well.
            false => Ok(read(&path)?.unwrap_or(entry.reply)),
            true => Ok(entry.reply),
        }
    }
}

fn failed(path: &Path, message: impl ToString) -> LlmError {
    LlmError::Record { path: path.to_owned(), message: message.to_string() }
}

fn digest(model: &str, request: &ChatRequest) -> Result<String, LlmError> {
    let text = serde_json::to_vec(&(model, request)).map_err(|error| failed(Path::new(model), error))?;
    Ok(Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn read(path: &Path) -> Result<Option<ChatReply>, LlmError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, format!("cannot be read: {error}"))),
    };
    let entry: Entry = serde_json::from_slice(&text)
        .map_err(|error| failed(path, format!("is no recorded reply ({error}); remove it, and it is made anew")))?;
    let waited = std::time::Duration::ZERO;
    Ok(Some(ChatReply { replayed: true, waited, ..entry.reply }))
}

/// Writes an entry whole or not at all; says whether it did, for without `anew` one that exists stays.
fn write(path: &Path, entry: &Entry, anew: bool) -> Result<bool, LlmError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let io = |error: std::io::Error| failed(path, format!("cannot be written: {error}"));
    std::fs::create_dir_all(folder).map_err(io)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let mut text = serde_json::to_vec_pretty(entry).map_err(|error| failed(path, error))?;
    text.push(b'\n');
    file.write_all(&text).map_err(io)?;
    let kept = if anew { file.persist(path).map(|_| ()) } else { file.persist_noclobber(path).map(|_| ()) };
    match kept {
        Ok(()) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(io(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::message::Message;

    fn record(mode: RecordMode, folder: &Path) -> Record {
        Record::new(RecordSettings { mode, folder: folder.to_owned() }).unwrap()
    }

    fn ask(record: &Record, request: &ChatRequest, answer: &str) -> Result<ChatReply, LlmError> {
        let spec: ModelSpec = "local/m@http://127.0.0.1:1/v1".parse().unwrap();
        record.reply(&spec, request, || {
            let message = crate::llm::message::AssistantMessage { content: answer.to_owned(), ..Default::default() };
            Ok(ChatReply { message, cost_usd: Some(0.1), ..ChatReply::default() })
        })
    }

    #[test]
    fn the_same_request_has_the_same_reply() {
        let folder = tempfile::tempdir().unwrap();
        let first = ChatRequest::new(vec![Message::user("Hello")]);
        let second = ChatRequest { sample: Some("2".to_owned()), ..first.clone() };
        let auto = record(RecordMode::Auto, folder.path());
        assert_eq!(ask(&auto, &first, "a").unwrap().message.content, "a");
        assert_eq!(ask(&auto, &second, "b").unwrap().message.content, "b");
        let again = ask(&auto, &first, "c").unwrap();
        assert!(again.replayed && again.message.content == "a" && again.cost_usd == Some(0.1));

        let replay = record(RecordMode::Replay, folder.path());
        assert_eq!(ask(&replay, &second, "d").unwrap().message.content, "b");
        let other = ChatRequest { temperature: Some(0.5), ..first.clone() };
        let error = ask(&replay, &other, "e").unwrap_err();
        assert!(error.to_string().contains("mode `auto`"), "{error}");
        let anew = record(RecordMode::Record, folder.path());
        assert_eq!(ask(&anew, &first, "f").unwrap().message.content, "f");
        assert_eq!(ask(&replay, &first, "g").unwrap().message.content, "f");
    }

    #[test]
    fn two_at_once_agree_on_one_reply() {
        let folder = tempfile::tempdir().unwrap();
        let request = ChatRequest::new(vec![Message::user("Hello")]);
        let auto = record(RecordMode::Auto, folder.path());
        let spec: ModelSpec = "local/m".parse().unwrap();
        let reply = auto.reply(&spec, &request, || {
            ask(&auto, &request, "first")?;
            let message = crate::llm::message::AssistantMessage { content: "second".to_owned(), ..Default::default() };
            Ok(ChatReply { message, ..ChatReply::default() })
        });
        assert_eq!(reply.unwrap().message.content, "first");
    }
}
