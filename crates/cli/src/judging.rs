//! How submissions are judged, from flags and from the settings file.

use clap::Args;
use mledojo_catalog::Spec;
use mledojo_env::Judging;
use mledojo_metrics::Protocol;

use crate::args::word;

const HEADING: &str = "Judging";

/// Flags of commands that grade; the file has the same keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Args)]
pub(crate) struct JudgingArgs {
    /// Whose rules: corrected (the official metric, no loopholes) or mle-dojo (scores comparable with published ones)
    /// [default: `protocol` in the settings file, else corrected]
    #[arg(long, value_name = "PROTOCOL", value_parser = word::<Protocol>, help_heading = HEADING)]
    pub(crate) protocol: Option<Protocol>,
    /// Share of the rows whose score is shown; the others are held out and decide in the end. 1: all are shown
    /// [default: `public_fraction` in the settings file, else what the competition says, else 1]
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = HEADING)]
    pub(crate) public_fraction: Option<f64>,
}

impl JudgingArgs {
    /// These, and where they are silent those of the file.
    pub(crate) fn over(self, file: Self) -> Self {
        Self {
            protocol: self.protocol.or(file.protocol),
            public_fraction: self.public_fraction.or(file.public_fraction),
        }
    }

    /// These, and where they are silent what the competition says.
    pub(crate) fn judging(self, spec: &Spec) -> Judging {
        let own = Judging::of(spec);
        Judging {
            protocol: self.protocol.unwrap_or(own.protocol),
            public_fraction: self.public_fraction.unwrap_or(own.public_fraction),
        }
    }

    /// What the file's types cannot say.
    pub(crate) fn check(self) -> Result<(), String> {
        match self.public_fraction {
            Some(fraction) => in_range(fraction).map(drop).map_err(|error| format!("`public_fraction`: {error}")),
            None => Ok(()),
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    in_range(text.parse::<f64>().map_err(|error| error.to_string())?)
}

fn in_range(fraction: f64) -> Result<f64, String> {
    if fraction > 0.0 && fraction <= 1.0 { Ok(fraction) } else { Err("expected more than 0 and at most 1".to_owned()) }
}
