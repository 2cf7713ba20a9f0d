//! The conversations of an episode: what its model was shown and what it answered, each answer once.

use std::path::Path;

use mledojo_agents::llm::TokenLogprob;
use mledojo_agents::{CallRecord, Purpose, read_transcript};

use super::chat::ChatMessage;
use super::error::ExportError;

/// A sequence of messages that ends with an answer of the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Conversation {
    pub(crate) turns: Vec<Turn>,
}

/// A message, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turn {
    pub(crate) message: ChatMessage,
    /// Set where the agent's model wrote the message here; what was put before it, even answers of earlier, is context.
    pub(crate) answer: Option<Answer>,
}

/// How an answer came about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The step that it worked towards, from 1; of a review, the step that it judged.
    pub(crate) step: u64,
    /// What it was for.
    pub(crate) purpose: Purpose,
    /// Where its node of a search tree hangs, if it made one: the parent's number, or `root` for a draft.
    pub(crate) parent: Option<String>,
    /// Tokens as the provider counted them.
    pub(crate) provider_tokens: Option<(u64, u64)>,
    /// Log-probability of each token of the answer, if the provider gave them.
    pub(crate) logprobs: Option<Vec<TokenLogprob>>,
}

impl Turn {
    pub(crate) fn context(message: ChatMessage) -> Self {
        Self { message, answer: None }
    }
}

impl Answer {
    /// Whether it was to choose the action of its step.
    pub(crate) fn acts(&self) -> bool {
        !judges(self.purpose)
    }
}

fn judges(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Review | Purpose::Feedback)
}

/// What a transcript tells.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub(crate) conversations: Vec<Conversation>,
    /// The model's name, as the last call has it.
    pub(crate) model: Option<String>,
}

impl Transcript {
    /// Reads a transcript. A call goes on with the conversation of the one before, or begins a new one.
    pub(crate) fn read(file: &Path) -> Result<Self, ExportError> {
        let mut transcript = Self::default();
        let mut open = Conversation::default();
        for (place, call) in read_transcript(file)?.into_iter().enumerate() {
            if call.keep > open.turns.len() {
                let reason =
                    format!("`keep` is {}, but the conversation before has {} messages", call.keep, open.turns.len());
                return Err(ExportError::line(file, place + 1, reason));
            }
            transcript.take(&mut open, call);
        }
        transcript.close(open);
        Ok(transcript)
    }

    fn take(&mut self, open: &mut Conversation, call: CallRecord) {
        if call.keep < open.turns.len() {
            let kept = open.turns[..call.keep].iter().map(|turn| Turn::context(turn.message.clone())).collect();
            self.close(std::mem::replace(open, Conversation { turns: kept }));
        }
        open.turns.extend(call.append.into_iter().map(|message| Turn::context(message.into())));
        if let Some(reply) = call.reply {
            let usage = call.usage;
            let answer = Answer {
                // A judgement is of the step that was just taken.
                step: if judges(call.purpose) { call.step } else { call.step + 1 },
                purpose: call.purpose,
                parent: call.node.map(|_| call.parent.map_or_else(|| "root".to_owned(), |parent| parent.to_string())),
                provider_tokens: (!usage.estimated).then_some((usage.input_tokens, usage.output_tokens)),
                logprobs: call.logprobs,
            };
            open.turns.push(Turn { message: reply.into(), answer: Some(answer) });
        }
        self.model = Some(call.model).filter(|model| !model.is_empty()).or(self.model.take());
    }

    /// Keeps a conversation up to its last answer, if it has any.
    fn close(&mut self, mut conversation: Conversation) {
        let last = conversation.turns.iter().rposition(|turn| turn.answer.is_some());
        conversation.turns.truncate(last.map_or(0, |last| last + 1));
        if last.is_some() {
            self.conversations.push(conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use mledojo_agents::llm::Message;

    /// A line, with what every line has.
    fn line_of(mut call: Value) -> String {
        let rest = serde_json::json!({
            "index": 0, "step": 0, "purpose": "act", "keep": 0, "append": [], "finish": "stop",
            "usage": { "input_tokens": 5, "output_tokens": 2 }, "cost_usd": null,
            "latency_seconds": 1.0, "waited_seconds": 0.0, "model": "local/tiny",
        });
        for (key, value) in rest.as_object().unwrap() {
            call.as_object_mut().unwrap().entry(key).or_insert_with(|| value.clone());
        }
        format!("{call}\n")
    }

    fn read(lines: &str) -> Result<Transcript, ExportError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("transcript.jsonl");
        std::fs::write(&file, lines).unwrap();
        Transcript::read(&file)
    }

    /// `*` before what was answered here.
    fn shape(conversation: &Conversation) -> String {
        let turns = conversation.turns.iter().map(|turn| {
            let star = if turn.answer.is_some() { "*" } else { "" };
            format!("{star}{}", turn.message.content)
        });
        turns.collect::<Vec<_>>().join(" ")
    }

    fn shapes(lines: &str) -> Vec<String> {
        read(lines).unwrap().conversations.iter().map(shape).collect()
    }

    #[test]
    fn calls_that_go_on_are_one_conversation_and_each_answer_is_new_once() {
        let line = |keep: usize, append: &[(&str, &str)], reply: &str| {
            let append: Vec<_> =
                append.iter().map(|(role, content)| serde_json::json!({ "role": role, "content": content })).collect();
            let reply = if reply.is_empty() {
                Value::Null
            } else {
                serde_json::json!({ "role": "assistant", "content": reply })
            };
            line_of(serde_json::json!({ "keep": keep, "append": append, "reply": reply }))
        };
        let first = line(0, &[("system", "s"), ("user", "u1")], "a1");
        let second = line(3, &[("user", "u2")], "a2");
        assert_eq!(shapes(&(first.clone() + &second)), ["s u1 *a1 u2 *a2"]);
        // A window: the first message stays, the last exchange is put again.
        let window = line(1, &[("user", "u1"), ("assistant", "a1"), ("user", "u2")], "a2");
        assert_eq!(shapes(&(first.clone() + &window)), ["s u1 *a1", "s u1 a1 u2 *a2"]);
        // A call that failed, and was made again.
        let failed = line(3, &[("user", "u2")], "");
        let again = line(4, &[], "a2");
        assert_eq!(shapes(&(first.clone() + &failed + &again)), ["s u1 *a1 u2 *a2"]);
        assert_eq!(shapes(&(first.clone() + &failed)), ["s u1 *a1"]);
        // A half line is none.
        assert_eq!(shapes(&(first.clone() + second.trim_end())), ["s u1 *a1"]);
        let error = read(&(first + &line(9, &[], "x"))).unwrap_err().to_string();
        assert!(error.contains("line 2: `keep` is 9, but the conversation before has 3 messages"), "{error}");
    }

    #[test]
    fn counts_and_probabilities_are_the_providers() {
        let line = |estimated: bool| {
            let line = serde_json::json!({
                "step": 2, "logprobs": [{ "token": "a", "logprob": -0.5 }],
                "reply": {
                    "role": "assistant", "content": "",
                    "tool_calls": [{ "id": "c1", "name": "finish", "arguments": "{}" }],
                },
                "usage": { "input_tokens": 5, "output_tokens": 2, "estimated": estimated },
            });
            let conversations = read(&line_of(line)).unwrap().conversations;
            conversations[0].turns[0].clone()
        };
        let turn = line(false);
        assert_eq!(turn.message.text(), "<tool_call>\n{\"name\": \"finish\", \"arguments\": {}}\n</tool_call>");
        let answer = turn.answer.unwrap();
        assert_eq!((answer.step, answer.provider_tokens), (3, Some((5, 2))));
        assert_eq!(answer.logprobs.unwrap()[0].logprob, -0.5);
        assert_eq!(line(true).answer.unwrap().provider_tokens, None);
    }

    proptest! {
        /// Whatever an agent keeps and puts anew: each answer is new in one conversation, behind what its call was asked.
        #[test]
        fn each_answer_is_learned_once_with_what_it_was_asked(
            calls in prop::collection::vec((0.0..=1.0f64, 0..3usize, any::<bool>()), 0..12),
        ) {
            let (mut lines, mut open, mut asked) = (String::new(), Vec::<String>::new(), Vec::new());
            for (number, (keep, append, replies)) in calls.iter().enumerate() {
                let keep = (keep * open.len() as f64) as usize;
                let append: Vec<String> = (0..*append).map(|place| format!("u{number}.{place}")).collect();
                let messages: Vec<_> = append.iter().map(Message::user).collect();
                let reply = replies.then(|| Message::assistant(format!("a{number}")));
                let line = serde_json::json!({ "keep": keep, "append": messages, "reply": reply });
                lines.push_str(&line_of(line));
                open.truncate(keep);
                open.extend(append);
                if let Some(reply) = reply {
                    asked.push((open.join(" "), reply.content().to_owned()));
                    open.push(reply.content().to_owned());
                }
            }
            let mut found = Vec::new();
            for conversation in read(&lines).unwrap().conversations {
                for (place, turn) in conversation.turns.iter().enumerate() {
                    if turn.answer.is_some() {
                        let before: Vec<_> =
                            conversation.turns[..place].iter().map(|turn| turn.message.content.as_str()).collect();
                        found.push((before.join(" "), turn.message.content.clone()));
                    }
                }
            }
            prop_assert_eq!(found, asked);
        }
    }
}
