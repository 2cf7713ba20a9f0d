//! Who comments on steps, beside the environment: `--feedback`.

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args;
use mledojo_agents::feedback::{AskHuman, FeedbackSpec, HumanFeedback, LlmFeedback, ReviewBudget, Unanswered};
use mledojo_agents::llm::{ChatModel, Keys, LlmClient};
use mledojo_env::{Environment, Episode};

use crate::settings::Settings;

/// Flags on reviewers; they hold for this command alone, so `--resume` takes them as well.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FeedbackArgs {
    /// Who comments on steps, beside the environment: `llm:provider/model`, or `human` on this terminal; can be repeated
    #[arg(long, value_name = "WHO")]
    feedback: Vec<FeedbackSpec>,
    /// Most reviews by a model in an episode
    #[arg(long, default_value_t = ReviewBudget::default().calls, value_name = "N")]
    review_calls: u64,
    /// Most that reviews by a model may cost in an episode, in US dollars
    #[arg(long, value_name = "USD", value_parser = dollars)]
    review_usd: Option<f64>,
}

fn dollars(text: &str) -> Result<f64, String> {
    let dollars: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if dollars.is_finite() && dollars > 0.0 { Ok(dollars) } else { Err("expected a number above 0".to_owned()) }
}

/// The client of language models, as the settings have it.
pub(crate) fn llm_client(settings: &Settings) -> Result<LlmClient> {
    Ok(LlmClient::new(settings.llm.clone(), Keys::new(Some(settings.keys.clone())))?)
}

/// Reviewers that are ready to be asked.
pub(crate) struct Reviewers {
    model: Option<Arc<dyn ChatModel>>,
    budget: ReviewBudget,
    human: bool,
}

impl Reviewers {
    /// Finds them, before anything is made for the episode. `stdin_is_taken` says that the agent reads it.
    pub(crate) fn new(args: &FeedbackArgs, stdin_is_taken: bool, settings: &Settings) -> Result<Self> {
        let budget = ReviewBudget { calls: args.review_calls, usd: args.review_usd };
        let mut reviewers = Self { model: None, budget, human: false };
        for spec in &args.feedback {
            match spec {
                FeedbackSpec::Llm(_) if reviewers.model.is_some() => bail!("`--feedback llm:…` is there twice"),
                FeedbackSpec::Llm(model) => reviewers.model = Some(llm_client(settings)?.model(model)?),
                FeedbackSpec::Human if stdin_is_taken => {
                    bail!("`--feedback human` reads standard input, and so does this agent")
                }
                FeedbackSpec::Human => reviewers.human = true,
            }
        }
        Ok(reviewers)
    }

    /// Has them asked in an environment; of an episode that goes on, what its reviews took is charged.
    pub(crate) fn join(self, environment: &mut Environment, episode: Option<&Episode>) -> Result<()> {
        let cancel = environment.canceller();
        if let Some(model) = self.model {
            let mut reviewer = LlmFeedback::new(model, self.budget).cancelled_by(cancel);
            if let Some(episode) = episode {
                reviewer.charge(episode, "llm")?;
            }
            environment.feedback_providers().register("llm", Box::new(reviewer));
        }
        if self.human {
            environment.feedback_providers().register("human", Box::new(HumanFeedback::new(Terminal)));
        }
        Ok(())
    }
}

/// Asks on stderr, and reads a line of stdin.
struct Terminal;

impl AskHuman for Terminal {
    fn ask(&mut self, question: &str) -> Result<String, Unanswered> {
        let failed = |error: std::io::Error| Unanswered::Failed(error.to_string());
        let mut stderr = std::io::stderr().lock();
        // What the agent's code printed must not command the terminal.
        let shown = |letter: char| if letter.is_control() && !"\n\t".contains(letter) { '\u{fffd}' } else { letter };
        let shown: String = question.chars().map(shown).collect();
        write!(stderr, "\n{}\nYour comment, on one line (empty for none): ", shown.trim_end()).map_err(failed)?;
        stderr.flush().map_err(failed)?;
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) => Err(Unanswered::Gone),
            Ok(_) => Ok(line),
            Err(error) => Err(failed(error)),
        }
    }
}
