//! Reports in MLE-bench's form.

use serde::{Deserialize, Serialize};

use crate::statistics::centre::{mean, standard_error};

/// The report of one run on one competition: MLE-bench's sixteen fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // MLE-bench's own names
pub struct CompetitionReport {
    pub competition_id: String,
    pub score: Option<f64>,
    pub gold_threshold: Option<f64>,
    pub silver_threshold: Option<f64>,
    pub bronze_threshold: Option<f64>,
    pub median_threshold: Option<f64>,
    pub any_medal: bool,
    pub gold_medal: bool,
    pub silver_medal: bool,
    pub bronze_medal: bool,
    pub above_median: bool,
    pub submission_exists: bool,
    pub valid_submission: bool,
    pub is_lower_better: bool,
    pub created_at: String,
    pub submission_path: Option<String>,
}

/// The reports of one seed of one model: MLE-bench's `grading_report.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // MLE-bench's own names
pub struct Aggregate {
    pub total_runs: usize,
    pub total_runs_with_submissions: usize,
    pub total_valid_submissions: usize,
    pub total_medals: usize,
    pub total_gold_medals: usize,
    pub total_silver_medals: usize,
    pub total_bronze_medals: usize,
    pub total_above_median: usize,
    pub competition_reports: Vec<CompetitionReport>,
}

impl Aggregate {
    /// Counts the reports of one seed.
    #[must_use]
    pub fn of(competition_reports: Vec<CompetitionReport>) -> Self {
        let count = |is: fn(&CompetitionReport) -> bool| competition_reports.iter().filter(|report| is(report)).count();
        Self {
            total_runs: competition_reports.len(),
            total_runs_with_submissions: count(|report| report.submission_exists),
            total_valid_submissions: count(|report| report.valid_submission),
            total_medals: count(|report| report.any_medal),
            total_gold_medals: count(|report| report.gold_medal),
            total_silver_medals: count(|report| report.silver_medal),
            total_bronze_medals: count(|report| report.bronze_medal),
            total_above_median: count(|report| report.above_median),
            competition_reports,
        }
    }
}

/// A percentage over seeds: each seed's percentage of competitions, averaged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Mean over the seeds, in percent.
    pub mean: f64,
    /// Standard error of it; 0 of one seed.
    pub sem: f64,
    /// 95 %: mean − 1.96 SEM.
    pub low: f64,
    /// 95 %: mean + 1.96 SEM.
    pub high: f64,
}

/// MLE-bench's figures for a model: `any_medal` is the one on its leaderboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)] // MLE-bench's own names
pub struct MedalRates {
    pub seeds: usize,
    pub submission_exists: Rate,
    pub valid_submissions: Rate,
    pub above_median: Rate,
    pub gold: Rate,
    pub silver: Rate,
    pub bronze: Rate,
    pub any_medal: Rate,
}

/// The rates of a model from the reports of its seeds; `None` without a seed that has runs.
///
/// `competitions` is how many a whole seed has. As in MLE-bench, a seed with fewer is left out unless `pad` is set, which
/// counts the missing ones as runs without a submission.
#[must_use]
pub fn medal_rates(seeds: &[Aggregate], competitions: usize, pad: bool) -> Option<MedalRates> {
    let seeds: Vec<&Aggregate> = seeds.iter().filter(|seed| pad || seed.total_runs >= competitions).collect();
    if seeds.is_empty() || competitions == 0 {
        return None;
    }
    let rate = |count: fn(&Aggregate) -> usize| {
        let percent = |seed: &&Aggregate| 100.0 * count(seed) as f64 / competitions.max(seed.total_runs) as f64;
        let shares: Vec<f64> = seeds.iter().map(percent).collect();
        let (mean, sem) = (mean(&shares).unwrap_or_default(), standard_error(&shares));
        Rate { mean, sem, low: mean - 1.96 * sem, high: mean + 1.96 * sem }
    };
    Some(MedalRates {
        seeds: seeds.len(),
        submission_exists: rate(|seed| seed.total_runs_with_submissions),
        valid_submissions: rate(|seed| seed.total_valid_submissions),
        above_median: rate(|seed| seed.total_above_median),
        gold: rate(|seed| seed.total_gold_medals),
        silver: rate(|seed| seed.total_silver_medals),
        bronze: rate(|seed| seed.total_bronze_medals),
        any_medal: rate(|seed| seed.total_medals),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(medal: bool) -> CompetitionReport {
        CompetitionReport {
            competition_id: "iris".to_owned(),
            score: Some(0.9),
            gold_threshold: Some(0.95),
            silver_threshold: Some(0.9),
            bronze_threshold: Some(0.8),
            median_threshold: Some(0.7),
            any_medal: medal,
            gold_medal: false,
            silver_medal: medal,
            bronze_medal: false,
            above_median: true,
            submission_exists: true,
            valid_submission: true,
            is_lower_better: false,
            created_at: String::new(),
            submission_path: None,
        }
    }

    #[test]
    fn rates_are_averaged_over_whole_seeds() {
        let seed = |medals: &[bool]| Aggregate::of(medals.iter().map(|&medal| report(medal)).collect());
        let seeds = [seed(&[true, true]), seed(&[true, false]), seed(&[true])];
        let whole = medal_rates(&seeds, 2, false).unwrap();
        assert_eq!((whole.seeds, whole.any_medal.mean, whole.any_medal.sem), (2, 75.0, 25.0));
        assert_eq!(whole.any_medal.high, 75.0 + 1.96 * 25.0);
        let padded = medal_rates(&seeds, 2, true).unwrap();
        assert_eq!((padded.seeds, padded.silver.mean, padded.gold.mean), (3, 200.0 / 3.0, 0.0));
        assert_eq!(medal_rates(&[seed(&[true])], 2, false), None);
    }

    #[test]
    fn the_fields_are_mle_benchs() {
        let json = serde_json::to_value(Aggregate::of(vec![report(true)])).unwrap();
        let names: Vec<&String> = json["competition_reports"][0].as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 16);
        assert_eq!(
            (&json["total_medals"], &json["total_silver_medals"], &json["total_runs"]),
            (&1.into(), &1.into(), &1.into())
        );
    }
}
