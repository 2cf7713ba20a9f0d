//! The `mledojo` command line.
fn main() {}
