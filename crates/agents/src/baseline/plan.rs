//! What to do next.

use mledojo_env::Grade;

use super::facts::Facts;

/// One step of the agent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Move {
    /// Ask for a type of information.
    Ask(&'static str),
    /// Look at the files, without submitting anything.
    Profile,
    /// Run the script of a recipe, and submit.
    Run(Recipe),
    /// There is nothing more to do.
    Finish,
}

/// What a script makes its submission of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Recipe {
    /// The sample submission as it is.
    Sample,
    /// One model.
    Model(Model),
    /// Weighted mean of models, with the shares to start from (they add up to 1).
    Blend(Vec<(Model, f64)>),
}

/// How a model is made. Its name also names the file that keeps its predictions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) seed: u32,
    /// Families that a tuned model searches fully.
    pub(super) families: Vec<&'static str>,
    /// Whether it searches further out than usual.
    pub(super) wide: bool,
    /// Whether the rows are a series in time.
    pub(super) series: bool,
    /// Training rows to use at most.
    pub(super) row_limit: usize,
}

/// Kind of model, from plain to costly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    Boosting,
    Tuned,
}

/// A recipe that was run.
#[derive(Debug, Clone)]
struct Trial {
    recipe: Recipe,
    /// `None` when the run or its submission failed.
    grade: Option<Grade>,
}

/// What the agent remembers of the episode.
#[derive(Debug, Clone)]
pub(super) struct Situation {
    seed: u64,
    pub(super) asked: Vec<&'static str>,
    pub(super) profiled: bool,
    pub(super) steps_left: Option<u64>,
    pub(super) seconds_left: Option<f64>,
    trials: Vec<Trial>,
}

/// Submissions of the usual way: sample, simple, boosting, tuned, blend.
const USUAL: u64 = 5;
/// Rounds of further models after these.
const ROUNDS: u32 = 4;
/// Training rows at first, and after a script has failed.
const ROWS: usize = 30_000;
const FEW_ROWS: usize = 3_000;
/// Models in a blend at most.
const BLENDED: usize = 6;

impl Situation {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, asked: Vec::new(), profiled: false, steps_left: None, seconds_left: None, trials: Vec::new() }
    }

    /// Remembers what came of a recipe.
    pub(super) fn tried(&mut self, recipe: Recipe, grade: Option<Grade>) {
        self.trials.push(Trial { recipe, grade });
    }

    fn has_steps(&self, count: u64) -> bool {
        self.steps_left.is_none_or(|left| left >= count)
    }

    fn has_seconds(&self, seconds: f64) -> bool {
        self.seconds_left.is_none_or(|left| left >= seconds)
    }

    fn has_score(&self) -> bool {
        self.trials.iter().any(|trial| trial.grade.is_some())
    }

    fn model_failed(&self) -> bool {
        self.trials.iter().any(|trial| trial.grade.is_none() && matches!(trial.recipe, Recipe::Model(_)))
    }

    /// Whether the series scripts have failed and never worked.
    fn series_failed(&self) -> bool {
        let of_series = |trial: &&Trial| matches!(&trial.recipe, Recipe::Model(model) if model.series);
        let mut trials = self.trials.iter().filter(of_series).peekable();
        trials.peek().is_some() && trials.all(|trial| trial.grade.is_none())
    }

    /// Models with a score, in the order in which they were run.
    fn scored(&self) -> impl Iterator<Item = (&Model, &Grade)> {
        self.trials.iter().filter_map(|trial| match (&trial.recipe, &trial.grade) {
            (Recipe::Model(model), Some(grade)) => Some((model, grade)),
            _ => None,
        })
    }

    fn has_tried(&self, name: &str) -> bool {
        self.trials.iter().any(|trial| matches!(&trial.recipe, Recipe::Model(model) if model.name == name))
    }

    fn blends(&self) -> usize {
        self.trials.iter().filter(|trial| matches!(trial.recipe, Recipe::Blend(_))).count()
    }
}

/// The decision. It depends on its arguments alone.
pub(super) fn next_move(situation: &Situation, facts: &Facts) -> Move {
    if !situation.has_seconds(5.0) {
        return Move::Finish;
    }
    if situation.trials.is_empty() {
        if let Some(question) = next_question(situation) {
            return Move::Ask(question);
        }
        if facts.suffice() && !situation.profiled && situation.has_steps(USUAL + 1) {
            return Move::Profile;
        }
    }
    if !facts.suffice() {
        return if situation.trials.is_empty() { Move::Run(Recipe::Sample) } else { Move::Finish };
    }
    usual_recipe(situation, facts).or_else(|| further_recipe(situation, facts)).map_or(Move::Finish, Move::Run)
}

/// What to ask, as long as steps for the usual submissions remain; the metadata is worth one of these.
fn next_question(situation: &Situation) -> Option<&'static str> {
    [("overview", USUAL + 3), ("metadata", 2), ("sample_submission", USUAL + 1)]
        .into_iter()
        .find(|(question, steps)| !situation.asked.contains(question) && situation.has_steps(*steps))
        .map(|(question, _)| question)
}

/// The next of the usual submissions: where there are too few steps or seconds for all, those that matter most.
fn usual_recipe(situation: &Situation, facts: &Facts) -> Option<Recipe> {
    #[derive(Clone, Copy, PartialEq)]
    enum Stage {
        Sample,
        Model(Kind),
        Blend,
    }
    use Stage::{Blend, Sample};
    let [simple, boosting, tuned] = [Kind::Simple, Kind::Boosting, Kind::Tuned].map(Stage::Model);
    let is_done = |stage: &Stage| match stage {
        Sample => !situation.trials.is_empty(),
        Stage::Model(kind) => situation.has_tried(kind.name()),
        Blend => situation.blends() > 0,
    };
    let seconds = |stage: &Stage| match stage {
        Sample => 5.0,
        Stage::Model(Kind::Simple) => 15.0,
        Stage::Model(Kind::Boosting) => 30.0,
        Stage::Model(Kind::Tuned) => 90.0,
        Blend => 40.0,
    };
    let mut stages = vec![Sample, simple, boosting, tuned, Blend];
    stages.retain(|stage| !is_done(stage) && situation.has_seconds(seconds(stage)));
    for spare in [Sample, Blend, boosting, simple] {
        if situation.has_steps(stages.len() as u64) {
            break;
        }
        stages.retain(|stage| *stage != spare);
    }
    stages.into_iter().find_map(|stage| match stage {
        Sample => Some(Recipe::Sample),
        Stage::Model(kind) => Some(Recipe::Model(model(situation, facts, kind, 0))),
        Blend => blend(situation),
    })
}

/// After the usual: failed models once more with less data, then rounds of other seeds and wider searches, each
/// ending in a blend of all.
fn further_recipe(situation: &Situation, facts: &Facts) -> Option<Recipe> {
    if !situation.has_seconds(90.0) {
        return (!situation.has_score() && situation.trials.len() < 3).then_some(Recipe::Sample);
    }
    if situation.model_failed() && situation.scored().next().is_none() && situation.trials.len() as u64 >= 2 * USUAL {
        return None; // Whatever is wrong here, more of the same won't mend it.
    }
    for round in 1..=ROUNDS {
        // As long as no model worked, the plainest is tried first.
        let plain = situation.scored().next().is_none().then_some(Kind::Simple);
        for kind in plain.into_iter().chain([Kind::Tuned, Kind::Boosting]) {
            let model = model(situation, facts, kind, round);
            if !situation.has_tried(&model.name) {
                return Some(Recipe::Model(model));
            }
        }
        if situation.blends() <= round as usize
            && let Some(recipe) = blend(situation)
        {
            return Some(recipe);
        }
    }
    None
}

/// A model as the scores so far suggest it. Round 0 is the usual one.
fn model(situation: &Situation, facts: &Facts, kind: Kind, round: u32) -> Model {
    let name = if round == 0 { kind.name().to_owned() } else { format!("{}_{}", kind.name(), round + 1) };
    let failed = situation.model_failed();
    // A series that the series scripts can't read may still be a table.
    let series = facts.is_series() && !situation.series_failed();
    let wide = round > 0 && !failed;
    let families = match kind {
        Kind::Tuned if series => vec!["waves", "smoothing", "arima"],
        Kind::Tuned => families(situation, facts, wide),
        Kind::Simple | Kind::Boosting => Vec::new(),
    };
    // Random states of scikit-learn have 32 bits.
    let seed = (situation.seed % (1 << 31)) as u32 + round;
    Model { name, kind, seed, families, wide, series, row_limit: if failed { FEW_ROWS } else { ROWS } }
}

/// Where to search: around the linear model or around trees, whichever scored better; everywhere when `wide`.
fn families(situation: &Situation, facts: &Facts, wide: bool) -> Vec<&'static str> {
    let score = |kind| {
        situation
            .scored()
            .find(|(model, _)| model.kind == kind)
            .map(|(_, grade)| if facts.maximize { grade.raw_score } else { -grade.raw_score })
    };
    match (score(Kind::Simple), score(Kind::Boosting)) {
        _ if wide => vec!["linear", "kernel", "forest", "neighbours", "boosting"],
        (Some(simple), Some(boosting)) if simple > boosting => vec!["linear", "kernel", "neighbours"],
        (Some(simple), Some(boosting)) if simple < boosting => vec!["kernel", "forest", "boosting"],
        _ => vec!["linear", "kernel", "forest"],
    }
}

/// A blend of the best models that scored; their shares grow with what they gained over the worst submission.
fn blend(situation: &Situation) -> Option<Recipe> {
    let floor = situation.trials.iter().filter_map(|trial| Some(trial.grade.as_ref()?.standing.human_rank));
    let floor = floor.fold(1.0, f64::min);
    let mut members: Vec<(Model, f64)> = situation
        .scored()
        .map(|(model, grade)| (model.clone(), (grade.standing.human_rank - floor).max(0.05).powi(2)))
        .collect();
    members.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    members.truncate(BLENDED);
    let total: f64 = members.iter().map(|(_, share)| share).sum();
    members.iter_mut().for_each(|(_, share)| *share = (*share / total * 1000.0).round() / 1000.0);
    // Scripts share one layout and one choice of rows, so their members must.
    let first = members.first().map(|(model, _)| (model.series, model.row_limit))?;
    members.retain(|(model, _)| (model.series, model.row_limit) == first);
    (members.len() > 1).then_some(Recipe::Blend(members))
}

impl Kind {
    /// The word for it in scripts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Boosting => "boosting",
            Self::Tuned => "tuned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::baseline::testing::{Player, grade, iris_metadata};
    use serde_json::json;

    fn titles(steps: Option<u64>, scores: &[Option<f64>]) -> Vec<String> {
        let titles = Player::new(Baseline::new(7), steps).play(scores);
        let short = |title: &String| title.replace("execute_code # Baseline: ", "").replace("request_info ", "ask ");
        titles.iter().map(short).collect()
    }

    #[test]
    fn fewer_steps_leave_out_what_matters_least() {
        let scores = [0.5, 0.6, 0.7].map(Some);
        assert_eq!(titles(Some(1), &scores), ["the sample submission"]);
        assert_eq!(titles(Some(2), &scores), ["ask metadata", "a tuned model"]);
        assert_eq!(titles(Some(3), &scores), ["ask metadata", "a simple model", "a tuned model"]);
        let four = ["ask metadata", "a simple model", "gradient boosting", "a tuned model"];
        assert_eq!(titles(Some(4), &scores), four);
        assert_eq!(titles(Some(5), &scores)[..4], four);
        assert_eq!(titles(Some(5), &scores)[4], "a blend of tuned, boosting, simple");
        assert_eq!(titles(Some(6), &scores)[1], "the sample submission");
        assert_eq!(titles(Some(7), &scores)[..2], ["ask metadata", "ask sample_submission"]);
    }

    #[test]
    fn more_steps_go_to_a_look_at_the_files_and_to_further_rounds() {
        let titles = titles(None, &[0.1, 0.5, 0.6, 0.7].map(Some));
        assert_eq!(titles[3], "validate_code # Baseline: a look at the files");
        assert_eq!(
            titles[9..12],
            [
                "a tuned model, tuned_2",
                "gradient boosting, boosting_2",
                "a blend of tuned, tuned_2, boosting_2, boosting, simple",
            ]
        );
        assert_eq!(titles.last().unwrap(), "finish");
        assert_eq!(titles.len(), 4 + 5 + 3 * ROUNDS as usize + 1);
        let mut distinct = titles.clone();
        distinct.dedup();
        assert_eq!(distinct, titles);
    }

    #[test]
    fn blends_take_only_what_scored() {
        let scores = [Some(0.1), None, Some(0.6), Some(0.7)];
        assert_eq!(titles(Some(8), &scores)[7], "a blend of tuned, boosting");
        // With a single member there is nothing to blend: search on instead.
        let scores = [Some(0.1), None, None, Some(0.7)];
        assert_eq!(titles(Some(8), &scores)[7], "a tuned model, tuned_2");
    }

    #[test]
    fn when_everything_fails_it_tries_less_and_gives_up_in_the_end() {
        let titles = titles(None, &[None]);
        assert!(titles.contains(&"a simple model, simple_2".to_owned()), "{titles:?}");
        assert_eq!(titles.last().unwrap(), "finish");
        assert!(titles.len() < 20, "{titles:?}");
    }

    fn facts(metadata: &serde_json::Value) -> Facts {
        let mut facts = Facts::default();
        facts.learn("metadata", metadata);
        facts
    }

    fn tried(situation: &mut Situation, facts: &Facts, kind: Kind, score: Option<f64>) {
        let recipe = Recipe::Model(model(situation, facts, kind, 0));
        situation.tried(recipe, score.map(grade));
    }

    #[test]
    fn scores_steer_the_search_in_the_metrics_direction() {
        for (direction, expected) in [("maximize", "forest"), ("minimize", "linear")] {
            let mut metadata = iris_metadata();
            metadata["metric"]["direction"] = json!(direction);
            let facts = facts(&metadata);
            let mut situation = Situation::new(1);
            tried(&mut situation, &facts, Kind::Simple, Some(0.3));
            tried(&mut situation, &facts, Kind::Boosting, Some(0.4));
            assert!(families(&situation, &facts, false).contains(&expected), "{direction}");
            assert_eq!(families(&situation, &facts, true).len(), 5);
        }
    }

    #[test]
    fn a_series_that_cannot_be_read_is_tried_as_a_table_with_fewer_rows() {
        let mut metadata = iris_metadata();
        metadata["task"] = json!("forecasting");
        let facts = facts(&metadata);
        let mut situation = Situation::new(1);
        assert!(model(&situation, &facts, Kind::Simple, 0).series);
        tried(&mut situation, &facts, Kind::Simple, None);
        let second = model(&situation, &facts, Kind::Boosting, 0);
        assert_eq!((second.series, second.row_limit), (false, FEW_ROWS));
        tried(&mut situation, &facts, Kind::Boosting, Some(0.5));
        assert!(!model(&situation, &facts, Kind::Tuned, 0).series);
    }

    #[test]
    fn shares_follow_the_gain_over_the_worst_submission() {
        let facts = facts(&iris_metadata());
        let mut situation = Situation::new(1);
        situation.tried(Recipe::Sample, Some(grade(0.1)));
        tried(&mut situation, &facts, Kind::Simple, Some(0.5));
        tried(&mut situation, &facts, Kind::Boosting, Some(0.9));
        let Some(Recipe::Blend(members)) = blend(&situation) else { panic!("no blend") };
        let shares: Vec<(&str, f64)> = members.iter().map(|(model, share)| (model.name.as_str(), *share)).collect();
        assert_eq!(shares, [("boosting", 0.8), ("simple", 0.2)]);
    }

    #[test]
    fn short_time_leaves_out_what_takes_long() {
        let facts = facts(&iris_metadata());
        let mut situation = Situation::new(1);
        situation.asked = vec!["overview", "metadata", "sample_submission"];
        situation.profiled = true;
        situation.tried(Recipe::Sample, Some(grade(0.1)));
        tried(&mut situation, &facts, Kind::Simple, Some(0.5));
        tried(&mut situation, &facts, Kind::Boosting, Some(0.6));
        situation.seconds_left = Some(60.0);
        assert!(matches!(next_move(&situation, &facts), Move::Run(Recipe::Blend(_))));
        situation.seconds_left = Some(30.0);
        assert_eq!(next_move(&situation, &facts), Move::Finish);
    }
}
