//! Plays the baseline's scripts with a real Python, outside any sandbox, on small made-up competitions.
//!
//! Needs the environment variable `MLEDOJO_TEST_PYTHON`: a Python with the packages of the runtime.

mod competitions;
mod game;
mod images;
mod series;
mod tables;
