//! The environment, through its public API, with the real sandbox and the project's own Python.

mod agent_errors;
mod contract;
mod isolation;
mod registered;
mod resume;
mod submissions;
mod world;
