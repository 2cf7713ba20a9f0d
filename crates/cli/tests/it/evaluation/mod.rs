//! Experiments from the command line: begun, killed, continued, extended, misused.

mod crash;
mod made;
mod misuse;
mod runs;
