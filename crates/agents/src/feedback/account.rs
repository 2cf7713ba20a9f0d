//! A step in words, for a reviewer.

use std::fmt::Write as _;

use mledojo_env::{Action, ActionResult, FeedbackContext, Grade, Refusal, Run, Submission};
use mledojo_metrics::Direction;

/// Most bytes of code, and of each stream, that a reviewer is shown.
const MOST: usize = 24 << 10;

/// What a reviewer is told of a step; `None` for steps that call for no comment.
///
/// Of a score it tells the metric's value and the position on the public board: what is made of the private board, or of
/// the rows that are held out, is left out.
pub(super) fn account(context: FeedbackContext<'_>) -> Option<String> {
    let (verb, code) = match context.action? {
        Action::ValidateCode { code } => ("tried", code),
        Action::ExecuteCode { code } => ("submitted", code),
        _ => return None,
    };
    let outcome = outcome(context.result)?;
    let spec = context.spec;
    let better = match spec.metric.direction {
        Direction::Maximize => "higher",
        Direction::Minimize => "lower",
    };
    let (title, metric) = (&spec.title, spec.metric.metric.name());
    let mut text = format!("Competition: {title}\nKind: {:?}, {:?}\n", spec.task, spec.modality);
    let _ = writeln!(text, "Metric: {metric}, {better} is better");
    let _ =
        write!(text, "\nThe agent {verb} this code:\n<code>\n{}\n</code>\n\n{outcome}", middle_out(code.trim_end()));
    if let Some(best) = context.best {
        let _ = writeln!(text, "Best score of the episode so far: {}", best.raw_score);
    }
    Some(text)
}

fn outcome(result: &ActionResult) -> Option<String> {
    Some(match result {
        ActionResult::Validation(run) => ran(run),
        ActionResult::Execution { run, submission } => {
            let graded = match submission {
                Submission::Graded(grade) => scored(grade),
                Submission::Missing => "It ended well, but wrote no submission.\n".to_owned(),
                Submission::RunFailed => "It failed, so nothing was graded.\n".to_owned(),
                Submission::BadFile(error) => format!("The submission was not graded: {error}\n"),
                Submission::Rejected(rejection) => format!("The submission is invalid: {rejection}\n"),
            };
            ran(run) + &graded
        }
        ActionResult::Refused(Refusal::Syntax(problem)) => {
            format!("It was not run, for it doesn't compile: {problem}\n")
        }
        _ => return None,
    })
}

fn scored(grade: &Grade) -> String {
    let mut text = format!("Score: {}", grade.raw_score);
    if let Some(public) = grade.standing.public {
        let _ = write!(text, ", position {} of {} on the public leaderboard", public.position, public.teams);
    }
    text.push('\n');
    text
}

fn ran(run: &Run) -> String {
    let outcome = serde_json::to_string(&run.outcome).unwrap_or_default();
    let mut text = format!("It ran for {:.1} s of {:.0} s; outcome: {outcome}\n", run.seconds, run.limit_seconds);
    for (name, stream) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if !stream.trim().is_empty() {
            let _ = writeln!(text, "<{name}>\n{}\n</{name}>", middle_out(stream.trim_end()));
        }
    }
    text
}

/// A text without its middle, if it is long.
fn middle_out(text: &str) -> String {
    if text.len() <= MOST {
        return text.to_owned();
    }
    let (head, tail) = (text.floor_char_boundary(MOST / 2), text.ceil_char_boundary(text.len() - MOST / 2));
    format!("{}\n… {} bytes left out …\n{}", &text[..head], tail - head, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle() {
        let text = format!("begin{}é{}end", "x".repeat(MOST), "y".repeat(MOST));
        let short = middle_out(&text);
        assert!(short.starts_with("begin") && short.ends_with("end") && short.len() < MOST + 64);
        assert_eq!(middle_out("as it is"), "as it is");
    }
}
