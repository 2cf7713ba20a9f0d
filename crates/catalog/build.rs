//! Rebuilds when a file of the bundled catalog appears or goes: `include_dir!` tracks only those it has seen.

fn main() {
    println!("cargo:rerun-if-changed=../../catalog");
}
