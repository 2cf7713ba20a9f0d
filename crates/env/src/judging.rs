//! How a competition's submissions are judged: whose rules, and which rows an agent sees the score of.

use mledojo_catalog::Spec;
use mledojo_metrics::{Holdout, Part, Protocol};
use serde::{Deserialize, Serialize};

/// What may be chosen about grading. Written into each episode's header; an episode goes on by the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Judging {
    /// Whose rules count.
    pub protocol: Protocol,
    /// Share of the scored rows whose score an agent is shown; the others are held out and decide in the end. 1: all
    /// rows are shown and decide.
    pub public_fraction: f64,
}

impl Default for Judging {
    /// Protocol `corrected`, all rows.
    fn default() -> Self {
        Self { protocol: Protocol::default(), public_fraction: 1.0 }
    }
}

impl Judging {
    /// As a competition has it, if nothing else is asked for.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        Self { public_fraction: spec.public_fraction.unwrap_or(1.0), ..Self::default() }
    }

    /// The parts of a competition's rows; nothing stands for all of them.
    pub(crate) fn parts(self, slug: &str) -> Parts<Option<(Holdout, Part)>> {
        if self.public_fraction >= 1.0 {
            return Parts { shown: None, held_out: None };
        }
        let holdout = Holdout::named(self.public_fraction, slug);
        Parts { shown: Some((holdout, Part::Public)), held_out: Some(Some((holdout, Part::Private))) }
    }
}

/// Something for the rows that an agent sees the score of, and for those that are held out, if some are.
pub(crate) struct Parts<T> {
    pub(crate) shown: T,
    pub(crate) held_out: Option<T>,
}

impl<T> Parts<T> {
    pub(crate) fn try_map<'a, U, E>(&'a self, mut map: impl FnMut(&'a T) -> Result<U, E>) -> Result<Parts<U>, E> {
        Ok(Parts { shown: map(&self.shown)?, held_out: self.held_out.as_ref().map(map).transpose()? })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.shown).chain(&self.held_out)
    }
}
