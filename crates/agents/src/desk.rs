//! Where an agent asks its model: one place for options, transcript, resume and costs.

use std::path::Path;
use std::sync::Arc;

use mledojo_sandbox::Cancel;

use crate::error::AgentError;
use crate::limits::ModelUse;
use crate::llm::{ChatModel, ChatReply, ChatRequest, LlmError, Message, Tool, ToolChoice};
use crate::options::AgentOptions;
use crate::transcript::{CallFault, CallRecord, Purpose, Question, Transcript};

/// A model as one agent asks it: with the agent's options, each call on disk before its reply is used, and replies of
/// the transcript in place of new ones when an episode is resumed.
pub struct Desk {
    model: Arc<dyn ChatModel>,
    options: AgentOptions,
    /// The agent's temperature, where the options have none.
    temperature: f64,
    seed: u64,
    transcript: Transcript,
    usage: ModelUse,
    /// Calls that count, for telling equal requests apart in a record of replies.
    asked: u64,
    cancel: Cancel,
}

/// A question to the model.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Steps of the episode taken so far.
    pub step: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// The node of a search tree that it makes, and that node's parent.
    pub node: Option<(u64, Option<u64>)>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Tools that may be called.
    pub tools: &'a [Tool],
    /// Whether one must be.
    pub tool_choice: ToolChoice,
}

impl Ask<'_> {
    /// A question without tools.
    #[must_use]
    pub fn new(step: u64, purpose: Purpose, messages: Vec<Message>) -> Self {
        Self { step, purpose, node: None, messages, tools: &[], tool_choice: ToolChoice::Auto }
    }
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The model replied.
    Reply(Box<ChatReply>),
    /// It can't answer this conversation: too long, refused, or malformed. Asking again is no use.
    Refused {
        /// [`LlmError::kind`].
        kind: String,
        /// In words.
        message: String,
    },
}

impl Desk {
    /// A desk with nothing on it. `temperature` is what the agent asks with if the options have none.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, options: &AgentOptions, temperature: f64, seed: u64) -> Self {
        Self {
            model,
            options: options.clone(),
            temperature,
            seed,
            transcript: Transcript::default(),
            usage: ModelUse::default(),
            asked: 0,
            cancel: Cancel::default(),
        }
    }

    /// Keeps the transcript in a folder, and answers from the one that is there.
    ///
    /// # Errors
    /// A transcript that cannot be read or written.
    pub fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.transcript = Transcript::open(folder)?;
        Ok(())
    }

    /// Ends the calls of the model in flight when this is used.
    pub fn cancel_by(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// What its calls have used.
    #[must_use]
    pub fn usage(&self) -> ModelUse {
        self.usage
    }

    /// Tokens that a conversation would take, roughly.
    #[must_use]
    pub fn estimated_tokens(messages: &[Message], tools: &[Tool]) -> u64 {
        let request = ChatRequest { tools: tools.to_vec(), ..ChatRequest::new(messages.to_vec()) };
        request.estimated_tokens()
    }

    /// Asks the model, or recalls what it answered.
    ///
    /// # Errors
    /// A fault of the network or the provider, a transcript of another conversation, a full disk, or a cancelled call.
    pub fn ask(&mut self, ask: &Ask<'_>) -> Result<Answer, AgentError> {
        let question = Question { step: ask.step, purpose: ask.purpose, messages: &ask.messages };
        if let Some(record) = self.transcript.recall(question)? {
            return self.recalled(record);
        }
        if self.cancel.is_cancelled() {
            return Err(AgentError::Cancelled);
        }
        let options = &self.options;
        let request = ChatRequest {
            messages: ask.messages.clone(),
            tools: ask.tools.to_vec(),
            tool_choice: ask.tool_choice.clone(),
            temperature: Some(options.temperature.unwrap_or(self.temperature)),
            top_p: options.top_p,
            max_tokens: Some(options.max_tokens),
            seed: Some(self.seed),
            reasoning_effort: options.reasoning_effort,
            thinking_budget: options.thinking_budget,
            logprobs: options.logprobs,
            sample: Some(format!("seed-{}/call-{}", self.seed, self.asked)),
            cancel: self.cancel.clone(),
            ..ChatRequest::default()
        };
        let (keep, append) = self.transcript.split(&ask.messages);
        let mut record = CallRecord {
            index: self.transcript.next_index(),
            step: ask.step,
            purpose: ask.purpose,
            node: ask.node.map(|(node, _)| node),
            parent: ask.node.and_then(|(_, parent)| parent),
            keep,
            append: append.to_vec(),
            reply: None,
            error: None,
            finish: None,
            usage: Default::default(),
            cost_usd: Some(0.0),
            latency_seconds: 0.0,
            waited_seconds: 0.0,
            model: self.model.id().to_owned(),
            logprobs: None,
        };
        match self.model.complete(&request) {
            Ok(reply) => {
                record.reply = Some(reply.message.clone().into());
                record.finish = Some(reply.finish);
                record.usage = reply.usage;
                record.cost_usd = reply.cost_usd;
                record.latency_seconds = reply.latency.as_secs_f64();
                record.waited_seconds = reply.waited.as_secs_f64();
                record.logprobs.clone_from(&reply.logprobs);
                self.transcript.append(&record)?;
                self.asked += 1;
                self.usage.add(&reply);
                Ok(Answer::Reply(Box::new(reply)))
            }
            Err(LlmError::Cancelled) => Err(AgentError::Cancelled),
            Err(error) => {
                let (kind, message) = (error.kind().to_owned(), error.to_string());
                let infrastructure = error.is_infrastructure();
                record.error = Some(CallFault { kind: kind.clone(), message: message.clone(), infrastructure });
                self.transcript.append(&record)?;
                if infrastructure {
                    return Err(error.into());
                }
                self.asked += 1;
                Ok(Answer::Refused { kind, message })
            }
        }
    }

    fn recalled(&mut self, record: CallRecord) -> Result<Answer, AgentError> {
        self.asked += 1;
        let message = match (record.reply, record.error) {
            (Some(Message::Assistant(message)), _) => message,
            (_, Some(CallFault { kind, message, .. })) => return Ok(Answer::Refused { kind, message }),
            _ => {
                return Err(AgentError::OtherConversation {
                    index: record.index,
                    step: record.step,
                    purpose: record.purpose.to_string(),
                });
            }
        };
        let seconds = |value: f64| std::time::Duration::try_from_secs_f64(value).unwrap_or_default();
        let reply = ChatReply {
            message,
            finish: record.finish.unwrap_or_default(),
            usage: record.usage,
            cost_usd: record.cost_usd,
            logprobs: record.logprobs,
            model: record.model,
            latency: seconds(record.latency_seconds),
            waited: seconds(record.waited_seconds),
            replayed: true,
            ..ChatReply::default()
        };
        self.usage.add(&reply);
        Ok(Answer::Reply(Box::new(reply)))
    }
}
