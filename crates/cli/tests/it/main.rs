//! The `mledojo` binary, as a user runs it.

mod bad_input;
mod commands;
mod crash;
mod demo;
mod episodes;
mod full_disk;
mod world;
