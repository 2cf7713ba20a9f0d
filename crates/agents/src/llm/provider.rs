//! Who offers models, and by which API.

use crate::llm::wire::Api;

/// A provider, or a kind of server.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Provider {
    /// What models are named by.
    pub(crate) name: &'static str,
    pub(crate) api: Api,
    /// Where it is; `None` if it has to be named.
    pub(crate) url: Option<&'static str>,
    /// Variables that may hold its key, the first one first.
    pub(crate) keys: &'static [&'static str],
    /// Whether it answers nobody without a key.
    pub(crate) needs_key: bool,
    /// The header that the key goes into.
    pub(crate) header: KeyHeader,
    pub(crate) dialect: Dialect,
}

/// How a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum KeyHeader {
    /// `Authorization: Bearer …`
    Bearer,
    /// The header of this name.
    Named(&'static str),
}

/// How a speaker of OpenAI's chat API differs from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Dialect {
    /// The name of the limit on tokens.
    pub(crate) max_tokens: &'static str,
    pub(crate) reasoning: Reasoning,
    /// What it doesn't take, whatever the model.
    pub(crate) refuses: &'static [&'static str],
}

/// How reasoning is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reasoning {
    /// `"reasoning_effort": "high"`
    Effort,
    /// `"reasoning": {"effort": "high"}` or `{"max_tokens": 1000}`, and `"usage": {"include": true}` (OpenRouter).
    Object,
    /// By the model's name alone; the reasoning of a message that calls tools is sent back (DeepSeek).
    ByModel,
}

const OPENAI: Dialect = Dialect { max_tokens: "max_completion_tokens", reasoning: Reasoning::Effort, refuses: &[] };
const COMPATIBLE: Dialect = Dialect { max_tokens: "max_tokens", reasoning: Reasoning::Effort, refuses: &[] };

const fn local(name: &'static str, url: Option<&'static str>, keys: &'static [&'static str]) -> Provider {
    Provider { name, api: Api::Chat, url, keys, needs_key: false, header: KeyHeader::Bearer, dialect: COMPATIBLE }
}

const fn hosted(
    name: &'static str,
    api: Api,
    url: Option<&'static str>,
    keys: &'static [&'static str],
    dialect: Dialect,
) -> Provider {
    Provider { name, api, url, keys, needs_key: true, header: KeyHeader::Bearer, dialect }
}

/// All providers.
pub(crate) static PROVIDERS: [Provider; 14] = [
    hosted("openai", Api::Chat, Some("https://api.openai.com/v1"), &["OPENAI_API_KEY"], OPENAI),
    hosted("openai-responses", Api::Responses, Some("https://api.openai.com/v1"), &["OPENAI_API_KEY"], OPENAI),
    Provider {
        header: KeyHeader::Named("x-api-key"),
        ..hosted("anthropic", Api::Anthropic, Some("https://api.anthropic.com"), &["ANTHROPIC_API_KEY"], COMPATIBLE)
    },
    Provider {
        header: KeyHeader::Named("x-goog-api-key"),
        ..hosted(
            "gemini",
            Api::Gemini,
            Some("https://generativelanguage.googleapis.com"),
            &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            COMPATIBLE,
        )
    },
    hosted(
        "deepseek",
        Api::Chat,
        Some("https://api.deepseek.com"),
        &["DEEPSEEK_API_KEY"],
        Dialect { reasoning: Reasoning::ByModel, refuses: &["seed"], ..COMPATIBLE },
    ),
    hosted("xai", Api::Chat, Some("https://api.x.ai/v1"), &["XAI_API_KEY"], COMPATIBLE),
    hosted(
        "openrouter",
        Api::Chat,
        Some("https://openrouter.ai/api/v1"),
        &["OPENROUTER_API_KEY"],
        Dialect { reasoning: Reasoning::Object, ..COMPATIBLE },
    ),
    Provider {
        header: KeyHeader::Named("api-key"),
        ..hosted("azure", Api::AzureChat, None, &["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"], OPENAI)
    },
    local("vllm", Some("http://127.0.0.1:8000/v1"), &["VLLM_API_KEY"]),
    local("sglang", Some("http://127.0.0.1:30000/v1"), &["SGLANG_API_KEY"]),
    local("llamacpp", Some("http://127.0.0.1:8080/v1"), &["LLAMA_API_KEY"]),
    local("ollama", Some("http://127.0.0.1:11434/v1"), &["OLLAMA_API_KEY"]),
    local("lmstudio", Some("http://127.0.0.1:1234/v1"), &["LMSTUDIO_API_KEY"]),
    local("local", None, &["LOCAL_API_KEY"]),
];

impl Provider {
    /// The variable that may name another server: `OPENAI_BASE_URL`.
    pub(crate) fn url_variable(&self) -> String {
        match self.name {
            "azure" => "AZURE_OPENAI_ENDPOINT".to_owned(),
            name => format!("{}_BASE_URL", name.split('-').next().unwrap_or(name).to_uppercase()),
        }
    }

    /// The name that prices and keys in files go by: OpenAI's two APIs share both.
    pub(crate) fn family(&self) -> &'static str {
        if self.name == "openai-responses" { "openai" } else { self.name }
    }
}
