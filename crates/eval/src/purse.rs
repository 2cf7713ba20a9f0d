//! The money of a whole run.

use std::sync::{Arc, Mutex, PoisonError};

use mledojo_agents::llm::{ChatModel, ChatReply, ChatRequest, Delta, LlmError};

/// What all calls of models of a run may cost together. Every model that a run's agents ask goes through
/// [`guard`](Self::guard): once the money is used up, no call is begun, and the episodes of agents that ask are interrupted,
/// to go on when there is more. Calls in flight by then are answered, so a little more than the budget may be spent.
#[derive(Debug)]
pub struct Purse {
    budget_usd: Option<f64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent_usd: f64,
    /// Why no more calls are begun.
    closed: Option<String>,
}

impl Purse {
    /// A purse of which `spent_usd` is spent already. Without a budget it never closes.
    #[must_use]
    pub fn new(budget_usd: Option<f64>, spent_usd: f64) -> Self {
        let purse = Self { budget_usd, state: Mutex::new(State { spent_usd, closed: None }) };
        purse.take(Some(0.0), "");
        purse
    }

    /// US dollars that are spent, of calls whose price is known.
    #[must_use]
    pub fn spent_usd(&self) -> f64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).spent_usd
    }

    /// Why no more calls are begun, if none are.
    #[must_use]
    pub fn closed(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed.clone()
    }

    /// The same model, paid from this purse. A call that it can't pay for ends as [`LlmError::Cancelled`].
    #[must_use]
    pub fn guard(self: &Arc<Self>, model: Arc<dyn ChatModel>) -> Arc<dyn ChatModel> {
        Arc::new(Guarded { model, purse: Arc::clone(self) })
    }

    fn take(&self, cost_usd: Option<f64>, model: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.spent_usd += cost_usd.unwrap_or(0.0);
        let Some(budget) = self.budget_usd else { return };
        if cost_usd.is_none() {
            let reason = format!("there is a budget, but what calls of `{model}` cost is unknown; add its price");
            state.closed = Some(reason);
        } else if state.spent_usd >= budget {
            state.closed = Some(format!("the budget of ${budget:.2} is used up: ${:.2} are spent", state.spent_usd));
        }
    }
}

struct Guarded {
    model: Arc<dyn ChatModel>,
    purse: Arc<Purse>,
}

impl Guarded {
    fn paid(&self, call: impl FnOnce() -> Result<ChatReply, LlmError>) -> Result<ChatReply, LlmError> {
        if self.purse.closed().is_some() {
            return Err(LlmError::Cancelled);
        }
        let reply = call()?;
        // A reply from a record costs nothing now.
        if !reply.replayed {
            self.purse.take(reply.cost_usd, self.model.id());
        }
        Ok(reply)
    }
}

impl ChatModel for Guarded {
    fn id(&self) -> &str {
        self.model.id()
    }

    fn complete(&self, request: &ChatRequest) -> Result<ChatReply, LlmError> {
        self.paid(|| self.model.complete(request))
    }

    fn stream(
        &self,
        request: &ChatRequest,
        on_delta: &mut (dyn FnMut(Delta<'_>) + Send),
    ) -> Result<ChatReply, LlmError> {
        self.paid(|| self.model.stream(request, on_delta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Costs(Option<f64>);

    impl ChatModel for Costs {
        fn id(&self) -> &str {
            "local/costs"
        }

        fn complete(&self, _: &ChatRequest) -> Result<ChatReply, LlmError> {
            Ok(ChatReply { cost_usd: self.0, ..ChatReply::default() })
        }
    }

    fn calls(budget: Option<f64>, spent: f64, cost: Option<f64>) -> (usize, Arc<Purse>) {
        let purse = Arc::new(Purse::new(budget, spent));
        let model = purse.guard(Arc::new(Costs(cost)));
        let answered = (0..10).take_while(|_| model.complete(&ChatRequest::default()).is_ok()).count();
        (answered, purse)
    }

    #[test]
    fn no_call_is_begun_beyond_the_budget() {
        assert_eq!(calls(Some(1.0), 0.0, Some(0.25)).0, 4);
        assert_eq!(calls(Some(1.0), 0.75, Some(0.25)).0, 1);
        assert_eq!(calls(Some(1.0), 1.0, Some(0.25)).0, 0);
        let (answered, purse) = calls(None, 0.5, Some(0.25));
        assert_eq!((answered, purse.spent_usd(), purse.closed()), (10, 3.0, None));
        assert_eq!(calls(None, 0.0, None).0, 10);
        let (answered, purse) = calls(Some(1.0), 0.0, None);
        assert_eq!(answered, 1);
        assert!(purse.closed().unwrap().contains("`local/costs` cost is unknown"));
    }
}
