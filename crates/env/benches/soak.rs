//! Thousands of steps, one in twenty of them hostile, across 16 environments; prints what the process held before, during
//! and after, and fails if anything is left.
//!
//! `cargo bench -p mledojo-env --bench soak -- --steps 5000 --seed 0` (needs `MLEDOJO_TEST_PYTHON`, as the tests do).

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    missing_docs,
    reason = "a benchmark"
)]

#[path = "../tests/it/abuse/arena.rs"]
mod arena;
#[path = "../tests/it/abuse/attempt.rs"]
mod attempt;
#[path = "../tests/it/abuse/soak.rs"]
mod soak;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    // The allocator reads it when a process starts.
    if std::env::var_os(soak::GIVE_BACK.0).is_none() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        let status = again.args(&arguments[1..]).env(soak::GIVE_BACK.0, soak::GIVE_BACK.1).status().unwrap();
        assert!(status.success());
        return;
    }
    let number = |name: &str, otherwise: u64| {
        let place = arguments.iter().position(|argument| argument == name);
        place.map_or(otherwise, |place| arguments[place + 1].parse().expect("a number"))
    };
    println!("{}", soak::soak(number("--steps", 5000), number("--seed", 0)));
}
