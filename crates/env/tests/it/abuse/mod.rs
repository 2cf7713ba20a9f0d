//! The abuse suite: hostile scripts, each with its required outcome, played through whole environments.
//!
//! `scripts/` holds the attempts, a folder for each theme; [`attempt`] reads them. Each is a step of one of two episodes
//! that share a pool and an engine. After it both must go on as if nothing had happened: a canary step shows all that
//! code can see, and that is compared with two episodes in which nothing was attacked ([`arena`]). All of it holds with
//! new interpreters and with warm ones, as root and as an ordinary user. [`soak`] mixes them into thousands of steps.

#![allow(clippy::print_stdout, reason = "figures for whoever runs a test alone")]

pub(crate) mod arena;
pub(crate) mod attempt;
mod calls;
mod page;
mod soak;
mod unprivileged;

use self::arena::Mode;

/// All attempts of a theme; tells every one that failed.
fn theme(theme: &str, mode: Mode) {
    let only = std::env::var("MLEDOJO_ABUSE_ONLY").unwrap_or_default();
    let attempts = attempt::of_theme(theme).into_iter().filter(|attempt| attempt.name.contains(&only));
    let mut failed = Vec::new();
    for attempt in attempts {
        let tried = std::panic::catch_unwind(|| arena::try_it(&attempt, mode));
        if tried.is_err() {
            failed.push(attempt.name);
        }
    }
    assert!(failed.is_empty(), "{mode:?}: {failed:?}");
}

macro_rules! themes {
    ($($name:ident)*) => {
        const THEMES: &[&str] = &[$(stringify!($name)),*];

        mod cold {
            $(#[test] fn $name() { super::theme(stringify!($name), super::Mode::Cold); })*
        }

        mod warm {
            $(#[test] fn $name() { super::theme(stringify!($name), super::Mode::Warm); })*
        }
    };
}

themes! { answers files memory network output persistence privilege processes submissions }

#[test]
fn every_theme_is_tried() {
    assert_eq!(attempt::themes(), THEMES);
}

/// Run by [`a_short_soak_leaves_nothing`] in a process of its own, as its figures are of the whole process.
#[test]
#[ignore = "needs a process of its own"]
fn soak_alone() {
    println!("{}", soak::soak(320, 1));
}

#[test]
fn a_short_soak_leaves_nothing() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "abuse::soak_alone", "--ignored", "--nocapture"])
        .env(soak::GIVE_BACK.0, soak::GIVE_BACK.1)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "{text}");
}
