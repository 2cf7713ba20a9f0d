//! `tools`: the environment's actions as the tools of a chat model.
//!
//! Several calls in one reply are played one after the other, a step each. A call that is none (an unknown tool, malformed
//! arguments) is answered with what is wrong and costs no step.

use std::collections::VecDeque;

use minijinja::context;
use mledojo_env::{ActionStatus, Call, Observation, tool_schemas};

use crate::desk::{Ask, Desk};
use crate::error::AgentError;
use crate::limits::Limit;
use crate::llm::{FinishReason, Message, Tool};
use crate::options::AgentOptions;
use crate::prompts::Prompts;
use crate::scaffold::Scaffold;
use crate::transcript::Purpose;
use crate::view::{Offer, feedback, left};

/// Which call an observation answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// The tool call of this id.
    Tool(String),
    /// One that the model wrote as text.
    Text,
}

/// See the module's text.
pub(crate) struct Tools {
    options: AgentOptions,
    prompts: Prompts,
    offer: Offer,
    tools: Vec<Tool>,
    /// The instructions and the first observation.
    head: Vec<Message>,
    /// Each reply with what it was answered.
    turns: Vec<Vec<Message>>,
    /// Calls of the last reply that are still to be played.
    pending: VecDeque<(Asked, Call)>,
    /// The call that is being played.
    playing: Option<Asked>,
}

impl Tools {
    /// Its temperature, where the options have none.
    pub(crate) const TEMPERATURE: f64 = 0.0;

    pub(crate) fn new(options: &AgentOptions) -> Result<Self, AgentError> {
        let prompts = Prompts::open(options.prompts.as_deref())?;
        Ok(Self {
            options: options.clone(),
            prompts,
            offer: Offer::default(),
            tools: Vec::new(),
            head: Vec::new(),
            turns: Vec::new(),
            pending: VecDeque::new(),
            playing: None,
        })
    }

    fn begin(&mut self, observation: &Observation) -> Result<(), AgentError> {
        self.offer = Offer::read(observation);
        let schemas = tool_schemas(&self.offer.custom, &self.offer.info_types).into_iter().map(|tool| tool.function);
        self.tools = schemas
            .map(|tool| Tool { name: tool.name, description: tool.description, parameters: tool.parameters })
            .collect();
        let values = context!(observation => feedback(observation), left => left(observation));
        let start = self.prompts.render("tools/start", values)?;
        self.head = vec![Message::system(self.prompts.render("tools/instructions", context!())?), Message::user(start)];
        Ok(())
    }

    /// Answers the call that was played.
    fn answer(&mut self, observation: &Observation) -> Result<(), AgentError> {
        let Some(asked) = self.playing.take() else { return Ok(()) };
        let failed = observation.action_status == ActionStatus::Failed;
        let values = context!(observation => feedback(observation), left => left(observation), failed);
        let text = self.prompts.render("tools/result", values)?;
        self.say(match asked {
            Asked::Tool(id) => Message::tool(id, text),
            Asked::Text => Message::user(text),
        });
        Ok(())
    }

    /// Adds to the latest turn.
    fn say(&mut self, message: Message) {
        match self.turns.last_mut() {
            Some(turn) => turn.push(message),
            None => self.head.push(message),
        }
    }

    fn next_pending(&mut self) -> Option<Call> {
        let (asked, call) = self.pending.pop_front()?;
        self.playing = Some(asked);
        Some(call)
    }

    /// Asks for calls once. Afterwards some are pending, or the model has been told what is wrong: the answer is that.
    fn ask(&mut self, desk: &mut Desk, step: u64, purpose: Purpose) -> Result<String, AgentError> {
        let shown = self.options.history.shown(self.turns.len());
        let turns = shown.flat_map(|index| self.turns[index].clone());
        let messages: Vec<Message> = self.head.iter().cloned().chain(turns).collect();
        if Desk::estimated_tokens(&messages, &self.tools) >= self.options.max_prompt_tokens {
            return Err(AgentError::Limit(Limit::PromptTokens));
        }
        let tools = self.tools.clone();
        let ask = Ask { tools: &tools, ..Ask::new(step, purpose, messages) };
        let reply = desk.ask(&ask)?.reply()?;
        let cut = reply.finish == FinishReason::Length;
        self.turns.push(vec![reply.message.clone().into()]);
        let custom = self.offer.custom.clone();
        let mut problem = String::new();
        for call in &reply.message.tool_calls {
            match Call::from_tool_call(&call.name, &call.arguments, &custom) {
                Ok(action) => self.pending.push_back((Asked::Tool(call.id.clone()), action)),
                Err(error) => {
                    problem = error.to_string();
                    let text = self.nudge(&problem, cut)?;
                    self.say(Message::tool(call.id.clone(), text));
                }
            }
        }
        if reply.message.tool_calls.is_empty() {
            match Call::from_reply(&reply.message.content, &custom) {
                Ok(action) => self.pending.push_back((Asked::Text, action)),
                Err(_) => {
                    problem = "the reply called no tool".to_owned();
                    let text = self.nudge("", cut)?;
                    self.say(Message::user(text));
                }
            }
        }
        Ok(problem)
    }

    fn nudge(&self, error: &str, cut: bool) -> Result<String, AgentError> {
        let tools: Vec<String> = self.tools.iter().map(|tool| tool.name.clone()).collect();
        self.prompts.render("tools/nudge", context!(error, cut, tools))
    }
}

impl Scaffold for Tools {
    fn name(&self) -> &str {
        "tools"
    }

    fn decide(&mut self, desk: &mut Desk, observation: &Observation) -> Result<Option<Call>, AgentError> {
        if self.head.is_empty() {
            self.begin(observation)?;
        }
        self.answer(observation)?;
        if let Some(call) = self.next_pending() {
            return Ok(Some(call));
        }
        let mut problem = String::new();
        for attempt in 0..=self.options.repairs {
            let purpose = if attempt == 0 { Purpose::Act } else { Purpose::Repair };
            problem = self.ask(desk, observation.step, purpose)?;
            if let Some(call) = self.next_pending() {
                return Ok(Some(call));
            }
        }
        Err(AgentError::NoCall { attempts: self.options.repairs + 1, problem })
    }
}
