//! Keys go to their provider alone.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mledojo_agents::llm::{Keys, LlmClient, LlmSettings, RecordMode, RecordSettings};
use mledojo_testing::{Answer, ModelServer};

use super::{APIS, KEY, ask, hello, keys, model, model_with, settings};

/// Keeps what this crate logs, at every level.
struct Log(Mutex<String>);

static LOG: Log = Log(Mutex::new(String::new()));

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        // As programs with a logger of their own are told to.
        if !record.target().starts_with("ureq") {
            self.0.lock().unwrap().push_str(&format!("{} {}\n", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

#[test]
fn no_log_message_or_record_holds_a_key() {
    log::set_logger(&LOG).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let folder = tempfile::tempdir().unwrap();
    for provider in APIS {
        let record = RecordSettings { mode: RecordMode::Record, folder: folder.path().join(provider) };
        let server = ModelServer::sequence([Answer::rate_limited(None), Answer::text("x")]).with_key(KEY);
        model_with(&server, provider, LlmSettings { record, ..settings() }).complete(&hello()).unwrap();
        // A server that repeats the key it doesn't know.
        let server = ModelServer::sequence([Answer::text("x")]).with_key("another");
        let error = ask(&server, provider).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("[hidden]") && !shown.contains(KEY), "{shown}");
    }
    let log = LOG.0.lock().unwrap().clone();
    assert!(log.contains("mledojo_agents") && log.contains("tokens read"), "{log}");
    assert!(!log.contains(KEY) && !log.contains("secret"), "{log}");
    let mut files = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                files += 1;
                assert!(!std::fs::read_to_string(entry).unwrap().contains(KEY));
            }
        }
    }
    assert_eq!(files, APIS.len());
    let client = LlmClient::new(settings(), keys()).unwrap();
    assert!(!format!("{client:?}").contains(KEY));
}

#[test]
fn no_key_travels_unencrypted_or_to_another_provider() {
    let client = LlmClient::new(settings(), keys()).unwrap();
    let error = client.model(&"openai/m@http://models.example.org/v1".parse().unwrap()).err().unwrap().to_string();
    assert!(error.contains("not encrypted"), "{error}");
    client.model(&"openai/m@https://models.example.org/v1".parse().unwrap()).unwrap();
    // A server of one's own network that needs no key is fine.
    client.model(&"vllm/m@http://models.example.org/v1".parse().unwrap()).unwrap();
    let server = ModelServer::sequence([Answer::text("x")]);
    model(&server, "local").complete(&hello()).unwrap();
    assert_eq!(server.asked()[0].key(), None);
    assert!(!format!("{:?}", server.asked()[0].headers).contains(KEY));
}

#[test]
fn a_missing_key_is_told_before_anything_is_asked() {
    let none = Keys::of_variables(BTreeMap::new(), None);
    let client = LlmClient::new(settings(), none).unwrap();
    for (provider, variable) in [("openai", "OPENAI_API_KEY"), ("gemini", "GEMINI_API_KEY")] {
        let error = client.model(&format!("{provider}/m").parse().unwrap()).err().unwrap();
        assert!(error.to_string().contains(variable) && error.is_infrastructure(), "{error}");
    }
    let error = client.model(&"local/m".parse().unwrap()).err().unwrap().to_string();
    assert!(error.contains("local/m@https://"), "{error}");
}
