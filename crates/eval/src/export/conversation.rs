//! The conversations of an episode: what its model was shown and what it answered, each answer once.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::chat::ChatMessage;
use super::error::ExportError;
use mledojo_agents::llm::{AssistantMessage, Message, TokenLogprob, Usage};
use serde::Deserialize;

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
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answer {
    /// The step that it worked towards, from 1; of a review, the step that it judged.
    pub(crate) step: u64,
    /// What it was for: `act`, `repair`, `draft`, `improve`, `debug`, `crossover`, `review`.
    pub(crate) purpose: String,
    /// The parent of its node in the search tree.
    pub(crate) parent: Option<u64>,
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
        !matches!(self.purpose.as_str(), "review" | "feedback")
    }
}

/// A line of `transcript.jsonl`: one call of the model.
#[derive(Debug, Deserialize)]
struct CallRecord {
    /// Steps taken when the call was made.
    step: u64,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    parent: Option<u64>,
    keep: usize,
    append: Vec<Message>,
    #[serde(default)]
    reply: Option<AssistantMessage>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    logprobs: Option<Vec<TokenLogprob>>,
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
        let opened = File::open(file).map_err(|error| ExportError::io("open", file, error))?;
        let mut reader = BufReader::new(opened);
        let mut transcript = Self::default();
        let mut open = Conversation::default();
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            reader.read_until(b'\n', &mut bytes).map_err(|error| ExportError::io("read", file, error))?;
            if bytes.last() != Some(&b'\n') {
                // What a crash has cut off was never answered.
                break;
            }
            let call: CallRecord =
                serde_json::from_slice(&bytes).map_err(|error| ExportError::line(file, line, error.to_string()))?;
            if call.keep > open.turns.len() {
                let reason =
                    format!("`keep` is {}, but the conversation before has {} messages", call.keep, open.turns.len());
                return Err(ExportError::line(file, line, reason));
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
            let judges = matches!(call.purpose.as_str(), "review" | "feedback");
            let answer = Answer {
                step: if judges { call.step } else { call.step + 1 },
                purpose: call.purpose,
                parent: call.parent,
                provider_tokens: call
                    .usage
                    .filter(|usage| !usage.estimated)
                    .map(|usage| (usage.input_tokens, usage.output_tokens)),
                logprobs: call.logprobs,
            };
            open.turns.push(Turn { message: reply.into(), answer: Some(answer) });
        }
        self.model = call.model.filter(|model| !model.is_empty()).or(self.model.take());
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
            serde_json::json!({ "index": 0, "step": 0, "purpose": "act", "keep": keep, "append": append, "reply": reply })
                .to_string()
                + "\n"
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
                "step": 2, "keep": 0, "append": [], "logprobs": [{ "token": "a", "logprob": -0.5 }],
                "reply": {
                    "role": "assistant", "content": "",
                    "tool_calls": [{ "id": "c1", "name": "finish", "arguments": "{}" }],
                },
                "usage": { "input_tokens": 5, "output_tokens": 2, "estimated": estimated },
            });
            let conversations = read(&format!("{line}\n")).unwrap().conversations;
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
                let line = serde_json::json!({ "step": 0, "keep": keep, "append": messages, "reply": reply });
                lines.push_str(&format!("{line}\n"));
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
