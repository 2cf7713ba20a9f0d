//! The programs are the files beside this one: `cargo run -p mledojo-examples --example one_episode`.
