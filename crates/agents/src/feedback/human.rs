//! A person who comments on steps.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::time::{Duration, Instant};

use mledojo_env::{Feedback, FeedbackContext, FeedbackProvider};
use mledojo_sandbox::Cancel;
use serde_json::{Value, json};

use super::account::account;

/// Why a person said nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// They had their time.
    #[error("nobody answered within {0} s")]
    Timeout(u64),
    /// Nobody listens any more.
    #[error("nobody is there")]
    Gone,
    /// The episode was cancelled.
    #[error("it was cancelled")]
    Cancelled,
    /// They could not be asked.
    #[error("nobody could be asked ({0})")]
    Failed(String),
}

/// Asks a person: a terminal, a page, a [`HumanChannel`].
pub trait AskHuman: Send {
    /// Shows a step and takes what is said of it; an empty text is no comment.
    ///
    /// # Errors
    /// Nobody answered.
    fn ask(&mut self, question: &str) -> Result<String, Unanswered>;
}

/// Feedback by a person on each step in which code was to run. An episode's time does not run meanwhile.
pub struct HumanFeedback(Box<dyn AskHuman>);

impl HumanFeedback {
    /// Feedback by the person that `asker` asks.
    #[must_use]
    pub fn new(asker: impl AskHuman + 'static) -> Self {
        Self(Box::new(asker))
    }
}

impl FeedbackProvider for HumanFeedback {
    fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback {
        let silence = || Feedback { text: String::new(), data: Value::Null };
        let Some(account) = account(context) else { return silence() };
        match self.0.ask(&account) {
            Ok(answer) if answer.trim().is_empty() => silence(),
            Ok(answer) => Feedback { text: answer.trim().to_owned(), data: json!({ "answered": true }) },
            Err(error) => {
                let text = format!("No comment of a person on this step: {error}.");
                Feedback { text, data: json!({ "answered": false, "error": error.to_string() }) }
            }
        }
    }
}

/// Questions out, answers in: for a program that asks people in its own way.
///
/// ```
/// use std::time::Duration;
/// use mledojo_agents::feedback::{AskHuman, HumanChannel};
///
/// let (mut channel, handle) = HumanChannel::new(Duration::from_secs(60));
/// let person = std::thread::spawn(move || {
///     let question = handle.next(Duration::from_secs(60)).expect("a question");
///     question.answer(format!("I have read {} letters.", question.text().len()));
/// });
/// assert_eq!(channel.ask("How is this?").as_deref(), Ok("I have read 12 letters."));
/// # person.join().unwrap();
/// ```
#[derive(Debug)]
pub struct HumanChannel {
    questions: Sender<PendingQuestion>,
    timeout: Duration,
    cancel: Cancel,
}

/// The other end of a [`HumanChannel`].
#[derive(Debug)]
pub struct HumanHandle(Receiver<PendingQuestion>);

/// A question that waits for its answer.
#[derive(Debug)]
pub struct PendingQuestion {
    text: String,
    answer: SyncSender<String>,
}

impl HumanChannel {
    /// A channel, on which an answer is waited for so long.
    #[must_use]
    pub fn new(timeout: Duration) -> (Self, HumanHandle) {
        let (questions, receiver) = channel();
        (Self { questions, timeout, cancel: Cancel::default() }, HumanHandle(receiver))
    }

    /// Ends the wait when this is used, as [`Environment::canceller`](mledojo_env::Environment::canceller).
    #[must_use]
    pub fn cancelled_by(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }
}

impl AskHuman for HumanChannel {
    fn ask(&mut self, question: &str) -> Result<String, Unanswered> {
        const TICK: Duration = Duration::from_millis(50);
        let (answer, answers) = sync_channel(1);
        let pending = PendingQuestion { text: question.to_owned(), answer };
        self.questions.send(pending).map_err(|_| Unanswered::Gone)?;
        let end = Instant::now() + self.timeout;
        loop {
            if self.cancel.is_cancelled() {
                return Err(Unanswered::Cancelled);
            }
            let left = end.saturating_duration_since(Instant::now());
            match answers.recv_timeout(left.min(TICK)) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => return Err(Unanswered::Gone),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(Unanswered::Timeout(self.timeout.as_secs()));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl HumanHandle {
    /// The next question, waited for so long. A question that nobody waits for any more is passed over.
    #[must_use]
    pub fn next(&self, timeout: Duration) -> Option<PendingQuestion> {
        self.0.recv_timeout(timeout).ok()
    }

    /// A question that is there already.
    #[must_use]
    pub fn try_next(&self) -> Result<Option<PendingQuestion>, Unanswered> {
        match self.0.try_recv() {
            Ok(question) => Ok(Some(question)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Unanswered::Gone),
        }
    }
}

impl PendingQuestion {
    /// The step, in words.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Answers it. Says whether somebody still waited.
    pub fn answer(&self, text: impl Into<String>) -> bool {
        self.answer.try_send(text.into()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_by_time_by_cancelling_and_when_nobody_is_left() {
        let (mut channel, handle) = HumanChannel::new(Duration::from_millis(60));
        assert_eq!(channel.ask("?"), Err(Unanswered::Timeout(0)));
        let late = handle.next(Duration::ZERO).unwrap();
        assert!(!late.answer("too late"));
        let cancel = Cancel::default();
        cancel.cancel();
        let mut cancelled = channel.cancelled_by(cancel);
        assert_eq!(cancelled.ask("?"), Err(Unanswered::Cancelled));
        drop(handle);
        assert_eq!(cancelled.ask("?"), Err(Unanswered::Gone));
    }

    #[test]
    fn a_question_that_is_dropped_is_no_answer() {
        let (mut channel, handle) = HumanChannel::new(Duration::from_secs(30));
        let person = std::thread::spawn(move || drop(handle.next(Duration::from_secs(30))));
        assert_eq!(channel.ask("?"), Err(Unanswered::Gone));
        person.join().unwrap();
    }
}
