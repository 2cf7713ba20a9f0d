//! What stderr shows while something takes its time: live lines on a terminal, plain lines elsewhere.

use std::cell::Cell;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use mledojo_agents::PlayEvent;
use mledojo_env::{ActionStatus, Observation};
use mledojo_prepare::{Progress, ProgressUnit};
use mledojo_sandbox::{InstallEvent, InstallStep, Runtime};

use crate::output::{score, seconds};

/// Progress of making the runtime.
pub(crate) struct InstallProgress {
    bar: Option<ProgressBar>,
    step: Option<InstallStep>,
    started: Instant,
}

impl InstallProgress {
    pub(crate) fn start() -> Self {
        eprintln!("Making the Python runtime for agents' code (once; this takes a minute or two)");
        let bar = std::io::stderr().is_terminal().then(spinner);
        Self { bar, step: None, started: Instant::now() }
    }

    pub(crate) fn show(&mut self, event: &InstallEvent) {
        let mut line = event.step.title().to_owned();
        if event.total > 0 {
            line.push_str(&format!(" {}/{}", event.done, event.total));
        }
        if let Some(detail) = &event.detail {
            line.push_str(&format!(": {detail}"));
        }
        match &self.bar {
            Some(bar) => bar.set_message(line),
            // Without a terminal a line per step is enough.
            None if self.step != Some(event.step) => eprintln!("  {line}"),
            None => {}
        }
        self.step = Some(event.step);
    }

    pub(crate) fn finish(&self, runtime: &Runtime) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!(
            "Runtime ready in {}: Python {} with {} packages",
            seconds(self.started.elapsed().as_secs_f64()),
            runtime.python_version(),
            runtime.packages().len()
        );
    }
}

/// Progress of preparing a competition.
pub(crate) struct PrepareProgress {
    slug: String,
    /// On a terminal, the bar of the task at hand.
    bar: Option<Mutex<ProgressBar>>,
}

impl PrepareProgress {
    pub(crate) fn start(slug: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| Mutex::new(spinner()));
        Self { slug: slug.to_owned(), bar }
    }
}

impl Progress for PrepareProgress {
    fn begin(&self, task: &str, total: Option<u64>, unit: ProgressUnit) {
        let Some(bar) = &self.bar else {
            eprintln!("{}: {task}", self.slug);
            return;
        };
        let mut bar = bar.lock().unwrap_or_else(PoisonError::into_inner);
        bar.finish_and_clear();
        *bar = match total {
            None => spinner(),
            Some(total) => {
                let counts = match unit {
                    ProgressUnit::Bytes => "{bytes}/{total_bytes}",
                    ProgressUnit::Files | ProgressUnit::Rows => "{human_pos}/{human_len}",
                };
                let template = format!("{{msg}} [{{bar:30}}] {counts} {{eta}}");
                let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
                ProgressBar::new(total).with_style(style)
            }
        };
        bar.set_message(format!("{}: {task}", self.slug));
    }

    fn advance(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.lock().unwrap_or_else(PoisonError::into_inner).inc(done);
        }
    }
}

impl Drop for PrepareProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.lock().unwrap_or_else(PoisonError::into_inner).finish_and_clear();
        }
    }
}

/// Progress of measurements.
pub(crate) struct BenchProgress {
    bar: Option<ProgressBar>,
    total: usize,
    begun: Cell<usize>,
}

impl BenchProgress {
    pub(crate) fn start(total: usize) -> Self {
        Self { bar: std::io::stderr().is_terminal().then(spinner), total, begun: Cell::new(0) }
    }

    pub(crate) fn begin(&self, name: &str) {
        self.begun.set(self.begun.get() + 1);
        let line = format!("Measuring {name} ({}/{})", self.begun.get(), self.total);
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None => eprintln!("{line}"),
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

const SPINNER: &str = "{spinner} {wide_msg}";
const COUNTDOWN: &str = "{spinner} {msg}{left}";

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(style(SPINNER));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn style(template: &str) -> ProgressStyle {
    // Both templates parse, as a test holds; the default look would do no harm.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// Progress of episodes, a line each.
pub(crate) struct PlayProgress {
    lines: Option<MultiProgress>,
}

impl PlayProgress {
    pub(crate) fn start() -> Self {
        Self { lines: std::io::stderr().is_terminal().then(MultiProgress::new) }
    }

    /// The line of one episode.
    pub(crate) fn line(&self, competition: &str, agent: &str, steps: Option<u64>) -> PlayLine {
        let bar = self.lines.as_ref().map(|lines| lines.add(spinner()));
        let line = PlayLine { bar, name: format!("{competition} · {agent}"), steps, timed: Once::new() };
        if let Some(bar) = &line.bar {
            bar.set_message(format!("{} · getting ready", line.name));
        }
        line
    }
}

/// The live line of one episode.
pub(crate) struct PlayLine {
    bar: Option<ProgressBar>,
    name: String,
    steps: Option<u64>,
    /// The bar shows the time left, which only the first observation tells.
    timed: Once,
}

impl PlayLine {
    pub(crate) fn show(&self, event: &PlayEvent<'_>) {
        match event {
            PlayEvent::Chosen { observation, call } => {
                if let Some(bar) = &self.bar {
                    if let Some(left) = observation.seconds_left {
                        self.timed.call_once(|| bar.set_style(counting_down(left)));
                    }
                    let step = self.step(observation.step + 1);
                    bar.set_message(format!("{} · {step} {} …{}", self.name, call.action, standing(observation)));
                }
            }
            PlayEvent::Stepped { call, result } => {
                let status = match result.observation.action_status {
                    ActionStatus::Success => "ok",
                    ActionStatus::Failed => "failed",
                };
                let step = self.step(result.observation.step);
                let line = format!(
                    "{} · {step} {} {status} ({}){}",
                    self.name,
                    call.action,
                    seconds(result.info.seconds),
                    standing(&result.observation)
                );
                match &self.bar {
                    Some(bar) => bar.set_message(line),
                    None => eprintln!("{line}{}", time_left(result.observation.seconds_left)),
                }
            }
        }
    }

    fn step(&self, step: u64) -> String {
        self.steps.map_or_else(|| format!("step {step}"), |steps| format!("step {step}/{steps}"))
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }
}

/// Score and HumanRank, as far as there are any.
fn standing(observation: &Observation) -> String {
    let mut text = String::new();
    if let Some(current) = &observation.current {
        text.push_str(&format!(" · score {}", score(current.raw_score)));
    }
    if let Some(best) = &observation.best {
        text.push_str(&format!(" · best {} · HumanRank {:.3}", score(best.raw_score), best.standing.human_rank));
    }
    text
}

fn time_left(left: Option<f64>) -> String {
    left.map_or_else(String::new, |left| format!(" · {} left", seconds(left)))
}

/// A line that ends with the time left of `left` seconds, counted from now.
fn counting_down(left: f64) -> ProgressStyle {
    let began = Instant::now();
    style(COUNTDOWN).with_key("left", move |_: &ProgressState, line: &mut dyn Write| {
        // Whole seconds, as a line that flickers can't be read.
        let left = (left - began.elapsed().as_secs_f64()).max(0.0).floor();
        let _ = write!(line, "{}", time_left(Some(left)));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_parse() {
        for template in [SPINNER, COUNTDOWN] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
