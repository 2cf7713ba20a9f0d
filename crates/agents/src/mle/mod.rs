//! `mle`: a chat in which the model answers each observation with one action in JSON, as MLE-Dojo's own agent does.

use minijinja::context;
use mledojo_env::{ActionStatus, Call, Observation};

use crate::desk::{Ask, Desk};
use crate::error::AgentError;
use crate::limits::Limit;
use crate::llm::{ChatReply, FinishReason, Message};
use crate::options::AgentOptions;
use crate::prompts::Prompts;
use crate::scaffold::Scaffold;
use crate::transcript::Purpose;
use crate::view::{Offer, feedback, left};

/// See the module's text.
pub(crate) struct Mle {
    options: AgentOptions,
    prompts: Prompts,
    offer: Offer,
    /// What was said and answered.
    exchanges: Vec<[Message; 2]>,
}

impl Mle {
    /// Its temperature, where the options have none.
    pub(crate) const TEMPERATURE: f64 = 0.0;

    pub(crate) fn new(options: &AgentOptions) -> Result<Self, AgentError> {
        let prompts = Prompts::open(options.prompts.as_deref())?;
        Ok(Self { options: options.clone(), prompts, offer: Offer::default(), exchanges: Vec::new() })
    }

    /// What the model is told of an observation.
    fn told(&self, observation: &Observation) -> Result<String, AgentError> {
        let (text, left) = (feedback(observation), left(observation));
        if self.exchanges.is_empty() {
            let (info_types, custom) = (&self.offer.info_types, &self.offer.custom);
            return self.prompts.render("mle/instructions", context!(observation => text, left, info_types, custom));
        }
        let failed = observation.action_status == ActionStatus::Failed;
        self.prompts.render("mle/result", context!(observation => text, left, failed))
    }

    /// The exchanges that the model is shown again, and what is new.
    fn conversation(&self, told: Message) -> Vec<Message> {
        let shown = self.options.history.shown(self.exchanges.len());
        shown.flat_map(|index| self.exchanges[index].clone()).chain([told]).collect()
    }

    /// Reads the reply, and has it mended where it is no action: a new conversation for each attempt, with what is wrong
    /// with the latest reply.
    fn read(&self, desk: &mut Desk, step: u64, reply: ChatReply) -> Result<(Call, Message), AgentError> {
        let mut reply = reply;
        for attempt in 0.. {
            let text = &reply.message.content;
            let error = match Call::from_reply(text, &self.offer.custom) {
                Ok(call) => return Ok((call, reply.message.into())),
                Err(error) => error.to_string(),
            };
            if attempt == self.options.repairs {
                return Err(AgentError::NoCall { attempts: attempt + 1, problem: error });
            }
            let cut = reply.finish == FinishReason::Length;
            let custom = &self.offer.custom;
            let prompt = self.prompts.render("mle/repair", context!(reply => text, error, cut, custom))?;
            let ask = Ask::new(step, Purpose::Repair, vec![Message::user(prompt)]);
            reply = desk.ask(&ask)?.reply()?;
        }
        unreachable!("the loop has no end but its returns")
    }
}

impl Scaffold for Mle {
    fn name(&self) -> &str {
        "mle"
    }

    fn decide(&mut self, desk: &mut Desk, observation: &Observation) -> Result<Option<Call>, AgentError> {
        if self.exchanges.is_empty() {
            self.offer = Offer::read(observation);
        }
        let told = Message::user(self.told(observation)?);
        let messages = self.conversation(told.clone());
        if Desk::estimated_tokens(&messages, &[]) >= self.options.max_prompt_tokens {
            return Err(AgentError::Limit(Limit::PromptTokens));
        }
        let reply = desk.ask(&Ask::new(observation.step, Purpose::Act, messages))?.reply()?;
        let (call, answer) = self.read(desk, observation.step, reply)?;
        self.exchanges.push([told, answer]);
        Ok(Some(call))
    }
}
