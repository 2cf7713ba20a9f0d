//! The sandbox and its runtime, by their public contract.

mod escape;
mod lifetime;
mod limits;
mod outcomes;
mod runtime;
mod science;
mod support;
mod unprivileged;
