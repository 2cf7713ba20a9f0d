//! The client of language models, against a server that speaks their wire formats.

mod apis;
mod failures;
mod limits;
mod parameters;
mod secrets;

use std::collections::BTreeMap;
use std::sync::Arc;

use mledojo_agents::llm::{ChatModel, ChatReply, ChatRequest, Keys, LlmClient, LlmError, LlmSettings, Message};
use mledojo_testing::ModelServer;

pub(crate) const KEY: &str = "sk-0123456789abcdef-secret";

/// A name and an address for each API.
pub(crate) const APIS: [&str; 5] = ["openai", "openai-responses", "anthropic", "gemini", "azure"];

/// Quick to try again, and to lose patience.
pub(crate) fn settings() -> LlmSettings {
    let mut settings = LlmSettings::default();
    settings.retry.attempts = 3;
    settings.retry.base = 0.01;
    settings.retry.most = 0.02;
    settings
}

pub(crate) fn keys() -> Keys {
    let names = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "AZURE_OPENAI_API_KEY", "DEEPSEEK_API_KEY"];
    let more = ["OPENROUTER_API_KEY", "XAI_API_KEY"];
    let all = names.into_iter().chain(more).map(|name| (name.to_owned(), KEY.to_owned()));
    Keys::of_variables(all.collect::<BTreeMap<_, _>>(), None)
}

/// The full name of a model at the server.
pub(crate) fn name(server: &ModelServer, provider: &str, model: &str) -> String {
    let base = match provider {
        "anthropic" | "gemini" | "azure" => server.url(),
        _ => server.openai_url(),
    };
    format!("{provider}/{model}@{base}")
}

pub(crate) fn model_with(server: &ModelServer, provider: &str, settings: LlmSettings) -> Arc<dyn ChatModel> {
    let spec = name(server, provider, "any-model").parse().unwrap();
    LlmClient::new(settings, keys()).unwrap().model(&spec).unwrap()
}

pub(crate) fn model(server: &ModelServer, provider: &str) -> Arc<dyn ChatModel> {
    model_with(server, provider, settings())
}

pub(crate) fn hello() -> ChatRequest {
    ChatRequest::new(vec![Message::system("Be brief."), Message::user("Hello")])
}

pub(crate) fn ask(server: &ModelServer, provider: &str) -> Result<ChatReply, LlmError> {
    model(server, provider).complete(&hello())
}
