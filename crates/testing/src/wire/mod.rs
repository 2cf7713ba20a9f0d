//! Replies in the form of each API, whole and as streams of events.

mod anthropic;
mod chat;
mod gemini;
mod responses;

use serde_json::{Value, json};

use crate::answer::Reply;
use crate::asked::{Api, Asked};

/// The body of a whole reply.
pub(crate) fn whole(asked: &Asked, reply: &Reply) -> Value {
    match asked.api {
        Api::Chat => chat::whole(asked, reply),
        Api::Responses => responses::whole(asked, reply),
        Api::Anthropic => anthropic::whole(asked, reply),
        Api::Gemini => gemini::whole(asked, reply),
    }
}

/// The events of a streamed reply.
pub(crate) fn stream(asked: &Asked, reply: &Reply) -> String {
    match asked.api {
        Api::Chat => chat::stream(asked, reply),
        Api::Responses => responses::stream(asked, reply),
        Api::Anthropic => anthropic::stream(asked, reply),
        Api::Gemini => gemini::stream(asked, reply),
    }
}

/// The body of an error.
pub(crate) fn error(api: Api, status: u16, code: &str, message: &str) -> Value {
    match api {
        Api::Chat | Api::Responses => {
            json!({ "error": { "message": message, "type": code, "param": null, "code": code } })
        }
        Api::Anthropic => json!({ "type": "error", "error": { "type": code, "message": message } }),
        Api::Gemini => json!({ "error": { "code": status, "message": message, "status": code.to_uppercase() } }),
    }
}

/// A text in pieces of a few letters, as models stream it.
fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(7).map(|piece| piece.iter().collect()).collect()
}

/// An event without a name.
fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// An event named by its type.
fn named(value: &Value) -> String {
    format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap_or_default())
}
