//! A local server that speaks the wire formats of language models, for tests and benchmarks.
//!
//! Start with [`ModelServer`]. A script, which is any function from an [`Asked`] to an [`Answer`], says what the model
//! answers; the server puts it into the form of the API that was asked: OpenAI's chat completions (Azure's paths as well)
//! and responses, Anthropic's messages, Gemini's `generateContent`; whole or as a stream of events. Answers can also go
//! wrong in all the ways that real ones do.
//!
//! ```
//! use mledojo_testing::{Answer, ModelServer};
//!
//! let server = ModelServer::sequence([Answer::server_error(500), Answer::text("Hello")]);
//! let model = format!("openai/any@{}", server.openai_url());
//! # assert!(model.starts_with("openai/any@http://127.0.0.1:"));
//! ```
//!
//! *Invariant:* knows nothing of the client that it tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test support: a failure here fails the test")]

mod answer;
mod asked;
mod server;
mod wire;

pub use answer::{Answer, Fault, Finish, Reply, Tokens};
pub use asked::{Api, Asked};
pub use server::ModelServer;
