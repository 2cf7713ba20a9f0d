//! The built-in agent: no language model, but the way of a careful practitioner.
//!
//! It reads the task, submits the sample, then a simple model, gradient boosting, a tuned model and a blend, each
//! as one Python script, and lets the scores decide what to try next. [`facts`] is what it has read, [`plan`] the
//! decisions, [`program`] the scripts.

mod facts;
mod plan;
mod program;
#[cfg(test)]
pub(crate) mod testing;

use mledojo_env::{Action, ActionStatus, Call, Observation};

use self::facts::Facts;
use self::plan::{Move, Situation};
use crate::agent::{Agent, AgentError, brief};

/// See the module's text. All it knows comes from observations, so its calls depend on these and the seed alone.
pub(crate) struct Baseline {
    facts: Facts,
    situation: Situation,
    /// The latest move; the next observation tells what came of it.
    last: Option<Move>,
}

impl Baseline {
    pub(crate) fn new(seed: u64) -> Self {
        Self { facts: Facts::default(), situation: Situation::new(seed), last: None }
    }

    /// Learns what came of the latest move.
    fn learn(&mut self, observation: &Observation) {
        let worked = observation.action_status == ActionStatus::Success;
        match self.last.take() {
            Some(Move::Ask(info_type)) => {
                let answer = observation.feedback.get("base").and_then(|base| base.data.get("data"));
                if let Some(value) = answer.and_then(|data| data.get(info_type)).filter(|_| worked) {
                    self.facts.learn(info_type, value);
                }
                self.situation.asked.push(info_type);
            }
            Some(Move::Profile) => self.situation.profiled = true,
            Some(Move::Run(recipe)) => {
                let grade = observation.current.clone().filter(|_| worked);
                self.situation.tried(recipe, grade);
            }
            Some(Move::Finish) | None => {}
        }
        self.situation.steps_left = observation.steps_left;
        self.situation.seconds_left = observation.seconds_left;
    }
}

impl Agent for Baseline {
    fn name(&self) -> &str {
        "baseline"
    }

    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError> {
        self.learn(observation);
        let next = plan::next_move(&self.situation, &self.facts);
        let action = match &next {
            Move::Ask(info_type) => Some(Action::RequestInfo { info_type: (*info_type).to_owned() }),
            Move::Profile => Some(Action::ValidateCode { code: program::profile(&self.facts) }),
            Move::Run(recipe) => Some(Action::ExecuteCode { code: program::program(&self.facts, recipe) }),
            Move::Finish => None,
        };
        self.last = Some(next);
        Ok(action.map(Call::from))
    }

    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError> {
        let chosen = self.act(observation)?;
        // A script is known by its title: its text may change from one version to the next.
        let (expected, found) = (brief(chosen.as_ref()), brief(Some(call)));
        if expected == found || (chosen.is_none() && call.action == "finish") {
            return Ok(());
        }
        Err(AgentError::Diverged { agent: self.name().to_owned(), step: observation.step, expected, found })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::testing::{Player, iris_metadata};
    use super::*;

    #[test]
    fn with_eight_steps_it_reads_and_then_builds_five_submissions() {
        let mut player = Player::new(Baseline::new(7), Some(8));
        let titles = player.play(&[0.1, 0.5, 0.7, 0.8, 0.9].map(Some));
        assert_eq!(
            titles,
            [
                "request_info overview",
                "request_info metadata",
                "request_info sample_submission",
                "execute_code # Baseline: the sample submission",
                "execute_code # Baseline: a simple model",
                "execute_code # Baseline: gradient boosting",
                "execute_code # Baseline: a tuned model",
                "execute_code # Baseline: a blend of tuned, boosting, simple",
            ]
        );
    }

    #[test]
    fn restore_brings_back_the_same_next_call() {
        let mut player = Player::new(Baseline::new(7), Some(8));
        player.play(&[0.1, 0.5, 0.7, 0.8, 0.9].map(Some));
        for cut in 0..player.played.len() {
            let mut resumed = Baseline::new(7);
            for (observation, call) in &player.played[..cut] {
                resumed.restore(observation, call).unwrap();
            }
            let (observation, call) = &player.played[cut];
            assert_eq!(resumed.act(observation).unwrap().as_ref(), Some(call));
        }
    }

    #[test]
    fn restore_refuses_an_episode_of_another_agent() {
        let call = Call::from(Action::RequestInfo { info_type: "name".to_owned() });
        let error = Baseline::new(1).restore(&testing::observation(0), &call).unwrap_err().to_string();
        assert!(error.contains("it called `request_info` (name), not `request_info` (overview)"), "{error}");
    }

    #[test]
    fn without_metadata_it_still_submits_the_sample_and_ends() {
        let mut player = Player::new(Baseline::new(7), Some(8));
        player.metadata = json!("not what it should be");
        let titles = player.play(&[Some(0.1)]);
        assert_eq!(titles[3..], ["execute_code # Baseline: the sample submission", "finish"]);
    }

    #[test]
    fn scripts_carry_the_competitions_facts() {
        let mut player = Player::new(Baseline::new(7), Some(8));
        player.metadata = iris_metadata();
        player.play(&[Some(0.1), Some(0.5), Some(0.4), Some(0.6), Some(0.6)]);
        let code = |index: usize| player.played[index].1.params["code"].as_str().unwrap().to_owned();
        assert!(code(4).contains("DATA = \"/kaggle/input/iris\"\n"), "{}", code(4));
        assert!(code(4).contains("METRIC = \"accuracy\"\n"));
        assert!(code(4).contains("TARGETS = [\"species\"]\n"));
        // The simple model did better than boosting, so the search goes on from linear models.
        assert!(code(6).contains("\"families\": [\"linear\", \"kernel\", \"neighbours\"]"), "{}", code(6));
        assert!(code(7).contains("SHARES = {"));
    }
}
