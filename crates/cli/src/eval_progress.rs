//! What is seen of an experiment while it is played: live lines on a terminal, a line for each finished episode elsewhere,
//! or one JSON object a line.

use std::collections::HashMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use mledojo_env::{ActionStatus, Slots};
use mledojo_eval::{Ended, EpisodeId, EpisodeOutcome, RunEvent};

use crate::output::{print_json, score, seconds};

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// For people, on stderr.
    Live,
    /// Not at all.
    Quiet,
    /// For programs, on stdout.
    Json,
}

/// Shows what happens.
pub(crate) struct EvalProgress {
    look: Look,
    lines: Option<MultiProgress>,
    slots: Arc<OnceLock<Arc<Slots>>>,
    view: Mutex<View>,
}

#[derive(Default)]
struct View {
    /// The line of the whole run.
    whole: Option<ProgressBar>,
    /// The lines of the episodes that go on.
    episodes: HashMap<EpisodeId, Line>,
    episodes_total: usize,
    done: usize,
    failed: usize,
    spent: f64,
}

struct Line {
    bar: Option<ProgressBar>,
    steps: u64,
    /// What stands behind the step: scores so far.
    standing: String,
}

const WHOLE: &str = "{bar:24} {pos}/{len} {elapsed} eta {eta}{slots}{msg}";
const EPISODE: &str = "  {spinner} {wide_msg}";

impl EvalProgress {
    pub(crate) fn start(look: Look) -> Self {
        let live = look == Look::Live && std::io::stderr().is_terminal();
        Self { look, lines: live.then(MultiProgress::new), slots: Arc::default(), view: Mutex::default() }
    }

    /// From now on the slots are shown.
    pub(crate) fn watch(&self, slots: &Arc<Slots>) {
        let _ = self.slots.set(Arc::clone(slots));
    }

    pub(crate) fn show(&self, event: &RunEvent) {
        match self.look {
            Look::Quiet => {}
            Look::Json => {
                // One line at a time; a reader that went away is no reason to stop playing.
                let _view = self.view();
                let _ = print_json(event);
            }
            Look::Live => self.live(event),
        }
    }

    /// Clears the live lines.
    pub(crate) fn finish(&self) {
        if let Some(lines) = &self.lines {
            let _ = lines.clear();
        }
    }

    fn live(&self, event: &RunEvent) {
        let mut view = self.view();
        let view = &mut *view;
        match event {
            RunEvent::Started { episodes, finished, parallel, slots } => {
                view.episodes_total = *episodes;
                view.done = *finished;
                view.whole = self.lines.as_ref().map(|lines| lines.add(self.whole(*episodes, *finished)));
                let before = if *finished > 0 { format!(", {finished} finished before") } else { String::new() };
                self.say(&format!("{episodes} episodes{before}; {parallel} at once, {slots} runs of code at once"));
            }
            RunEvent::Begun { episode, step, steps, attempt } => {
                let bar = self.lines.as_ref().map(|lines| {
                    let bar = ProgressBar::new_spinner().with_style(style(EPISODE));
                    bar.enable_steady_tick(Duration::from_millis(100));
                    lines.add(bar)
                });
                let line = Line { bar, steps: *steps, standing: String::new() };
                let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
                let from = if *step > 0 { format!(", going on after step {step}") } else { String::new() };
                line.tell(&format!("{episode}{again}{from}"));
                view.episodes.insert(episode.clone(), line);
            }
            RunEvent::Chosen { episode, step, action } => {
                if let Some(line) = view.episodes.get(episode) {
                    line.tell(&format!("{episode} {step}/{} {action} …{}", line.steps, line.standing));
                }
            }
            RunEvent::Stepped { episode, step, action, status, best, human_rank, spent_usd, .. } => {
                view.spent = *spent_usd;
                if let Some(line) = view.episodes.get_mut(episode) {
                    line.standing = standing(*best, *human_rank);
                    let failed = if *status == ActionStatus::Failed { " failed" } else { "" };
                    line.tell(&format!("{episode} {step}/{} {action}{failed} · thinking{}", line.steps, line.standing));
                }
            }
            RunEvent::Anew { episode, reason } => self.say(&format!("{episode}: begins anew: {reason}")),
            RunEvent::Retrying { episode, error, retry, seconds } => {
                view.remove(episode);
                self.say(&format!("{episode}: {error}; retry {retry} in {seconds:.1} s"));
            }
            RunEvent::Finished { episode, outcome } => {
                view.remove(episode);
                view.done += 1;
                self.say(&format!("[{}/{}] {episode}: {}", view.done, view.episodes_total, finished(outcome)));
            }
            RunEvent::Failed { episode, error } => {
                view.remove(episode);
                view.failed += 1;
                self.say(&format!("{episode}: FAILED: {error}"));
            }
            RunEvent::Interrupted { episode } => view.remove(episode),
            RunEvent::Ended(_) => {}
        }
        if let Some(whole) = &view.whole {
            whole.set_position(view.done as u64);
            let mut message = String::new();
            if view.failed > 0 {
                let _ = write!(message, " · {} failed", view.failed);
            }
            if view.spent > 0.0 {
                let _ = write!(message, " · ${:.2}", view.spent);
            }
            whole.set_message(message);
        }
    }

    fn whole(&self, episodes: usize, finished: usize) -> ProgressBar {
        let slots = Arc::clone(&self.slots);
        let style = style(WHOLE).with_key("slots", move |_: &ProgressState, line: &mut dyn Write| {
            if let Some(slots) = slots.get() {
                let _ = write!(line, " · slots {}/{}", slots.held(), slots.total());
            }
        });
        let bar = ProgressBar::new(episodes as u64).with_style(style);
        bar.set_position(finished as u64);
        // What was finished before says nothing of the time that the others take.
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// A line that stays.
    fn say(&self, line: &str) {
        match &self.lines {
            Some(lines) => {
                let _ = lines.println(line);
            }
            None => eprintln!("{line}"),
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    fn remove(&mut self, episode: &EpisodeId) {
        if let Some(Line { bar: Some(bar), .. }) = self.episodes.remove(episode) {
            bar.finish_and_clear();
        }
    }
}

impl Line {
    fn tell(&self, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(message.to_owned());
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates parse, as a test holds; the default look would do no harm.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Score and HumanRank, as far as there are any.
fn standing(best: Option<f64>, human_rank: Option<f64>) -> String {
    let best = best.map(|best| format!(" · best {}", score(best))).unwrap_or_default();
    human_rank.map_or_else(String::new, |rank| format!("{best} · HumanRank {rank:.3}"))
}

/// What an episode came to, in short.
fn finished(outcome: &EpisodeOutcome) -> String {
    let steps = outcome.steps;
    let mut text = match outcome.ended {
        Ended::Finished => format!("finished after {steps} steps"),
        Ended::Steps => format!("all {steps} steps taken"),
        Ended::AgentError => format!("the agent failed after {steps} steps"),
        limit => format!("limit on {} after {steps} steps", limit.name().replace('_', " ")),
    };
    match (outcome.decisive(), &outcome.best) {
        (Some(grade), Some(best)) => {
            let _ = write!(text, " · best {} · HumanRank {:.3}", score(best.raw_score), grade.standing.human_rank);
            if let Some(medal) = grade.standing.medal {
                let _ = write!(text, " · {medal}");
            }
        }
        _ => text.push_str(" · no grade"),
    }
    let _ = write!(text, " · {}", seconds(outcome.seconds));
    if let Some(cost) = outcome.cost_usd.filter(|cost| *cost > 0.0) {
        let _ = write!(text, " · ${cost:.2}");
    }
    if let Some(error) = &outcome.error {
        let _ = write!(text, " · {error}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_parse() {
        for template in [WHOLE, EPISODE] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
