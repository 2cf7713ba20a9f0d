//! What stderr shows of a download: a live bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mledojo_prepare::fetch::{DownloadEvent, Watch};

use crate::interrupt::Interrupt;
use crate::output::{bytes, seconds};

const BAR: &str = "{spinner} {prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const UNKNOWN: &str = "{spinner} {prefix} {bytes} {bytes_per_sec}";

/// How often a plain line tells how far it is.
const PLAIN: Duration = Duration::from_secs(10);

/// Progress of one download, which the user may end.
pub(crate) struct DownloadProgress<'a> {
    name: String,
    bar: Option<ProgressBar>,
    interrupt: &'a Interrupt,
    told: Mutex<Instant>,
}

impl<'a> DownloadProgress<'a> {
    pub(crate) fn start(name: &str, interrupt: &'a Interrupt) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length().with_style(style(UNKNOWN)).with_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { name: name.to_owned(), bar, interrupt, told: Mutex::new(Instant::now()) }
    }

    fn line(&self, text: &str) {
        let line = format!("{}: {text}", self.name);
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }

    fn progress(&self, done: u64, total: Option<u64>) {
        if let Some(bar) = &self.bar {
            if let Some(total) = total.filter(|total| bar.length() != Some(*total)) {
                bar.set_length(total);
                bar.set_style(style(BAR));
                // What was on disk before doesn't count as speed.
                bar.set_position(done);
                bar.reset_eta();
            }
            bar.set_position(done);
            return;
        }
        let Ok(mut told) = self.told.lock() else { return };
        if told.elapsed() >= PLAIN {
            *told = Instant::now();
            let of = total.map_or(String::new(), |total| format!(" of {}", bytes(total)));
            self.line(&format!("{}{of}", bytes(done)));
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Watch for DownloadProgress<'_> {
    fn event(&self, event: &DownloadEvent<'_>) {
        match event {
            DownloadEvent::Progress { done, total } => self.progress(*done, *total),
            DownloadEvent::OtherProcess => self.line("another process fetches it; waiting"),
            DownloadEvent::Restart { reason } => self.line(&format!("starts anew: {reason}")),
            DownloadEvent::Retry { reason, pause } => {
                self.line(&format!("{reason}; next try in {}", seconds(pause.as_secs_f64())));
            }
            _ => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        self.interrupt.is_set()
    }
}

fn style(template: &str) -> ProgressStyle {
    // Both templates parse, as a test holds; the default look would do no harm.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_parse() {
        for template in [BAR, UNKNOWN] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
