//! What the scripted models answer: by the conversation alone, so that it doesn't matter how often or in which order they
//! are asked. What passes by itself (429, hangs, broken connections) comes once for each conversation.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use mledojo_testing::{Answer, Asked, Fault, Finish, ModelServer, Reply};
use serde_json::{Value, json};

/// Python that submits the sample, and says which script it is.
pub(crate) fn code(mark: &str) -> String {
    format!(
        "import glob, shutil\n\
         shutil.copy(glob.glob('/kaggle/input/*/sample_submission.csv')[0], 'submission.csv')\n\
         print('{mark}')\n"
    )
}

fn call(action: &str, params: Value) -> String {
    json!({ "action": action, "params": params }).to_string()
}

fn execute(mark: &str) -> String {
    call("execute_code", json!({ "code": code(mark) }))
}

/// Faults that pass by themselves, by the number of the answer.
fn passing(number: usize) -> Option<Answer> {
    match number {
        2 => Some(Answer::rate_limited(Some("0"))),
        3 => Some(Fault::Hang(Duration::from_secs(3)).into()),
        5 => Some(Answer::server_error(503)),
        8 => Some(Fault::Cut(Reply::text("lost"), 40).into()),
        _ => None,
    }
}

/// A server that answers by `answer`, which gets the request and the number of answers in its conversation.
fn server(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> ModelServer {
    let seen: Mutex<HashSet<String>> = Mutex::default();
    ModelServer::start(move |asked| {
        let number = asked.conversation().iter().filter(|(role, _)| role == "assistant").count();
        let is_new = seen.lock().unwrap().insert(asked.body["messages"].to_string());
        match passing(number).filter(|_| is_new) {
            Some(fault) => fault,
            None => answer(asked, number),
        }
    })
}

/// Answers for `mle`: one mistake of each kind on the way.
pub(crate) fn mle() -> ModelServer {
    server(|asked, number| {
        let last = asked.last();
        if last.contains("could not be read as one") {
            return Answer::text(repaired(&last));
        }
        match number {
            0 => Answer::text(call("request_info", json!({ "info_type": "overview" }))),
            1 => Answer::text("{\"action\": \"execute_code\", \"params\": {\"code\": \"print('m-1')\nx = 1\"}}"),
            2 => Answer::text(format!("I look.\n```json\n{}\n```", call("get_history", json!({})))),
            3 => Answer::text(format!("A script alone:\n```python\n{}```\n", code("m-3"))),
            4 => Answer::truncated(&execute("m-4")[..60]),
            5 => Answer::text(json!({ "name": "execute_code", "arguments": { "code": code("m-5") } }).to_string()),
            6 => Answer::text(call("train", json!({ "model": "m-6" }))),
            7 => Answer::text(call("request_info", json!({ "info_type": "m-7" }))),
            8 => Answer::text(call("execute_code", json!({ "code": "raise ValueError('m-8')" }))),
            9 => Answer::text("Let me think about m-9."),
            number => Answer::text(execute(&format!("m-{number}"))),
        }
    })
}

/// What a repair's answer is: by what is to be repaired. The first one is wrong twice.
fn repaired(prompt: &str) -> String {
    let (_, reply) = prompt.rsplit_once("The reply:").unwrap();
    if reply.contains("once more") {
        execute("m-1")
    } else if reply.contains("m-1") {
        "{'action': 'execute_code', 'params': 'once more'}".to_owned()
    } else if reply.contains("m-6") {
        execute("m-6")
    } else if reply.contains("m-9") {
        call("validate_code", json!({ "code": "print('m-9')" }))
    } else {
        execute("m-4")
    }
}

/// Answers for `tools`.
pub(crate) fn tools() -> ModelServer {
    server(|_, number| {
        let run = |mark: &str| ("execute_code".to_owned(), json!({ "code": code(mark) }).to_string());
        let calls = |calls: Vec<(String, String)>| -> Answer {
            Reply { text: None, calls, finish: Finish::ToolCalls, ..Reply::default() }.into()
        };
        match number {
            0 => calls(vec![
                ("request_info".into(), r#"{"info_type": "overview"}"#.into()),
                ("request_info".into(), r#"{"info_type": "sample_submission"}"#.into()),
            ]),
            1 => calls(vec![("python".into(), r#"{"source": "1"}"#.into())]),
            2 => calls(vec![("execute_code".into(), "{\"code\": \"print(1)".into())]),
            3 => calls(vec![("execute_code".into(), r#"{"script": "x"}"#.into()), run("t-3"), run("t-3b")]),
            4 => Answer::text("I am done thinking."),
            5 => Answer::truncated("Here is a long"),
            6 => Answer::text(format!("```python\n{}```", code("t-6"))),
            7 => calls(vec![("get_history".into(), String::new())]),
            number => calls(vec![run(&format!("t-{number}"))]),
        }
    })
}

/// Answers for `aide`: by what is asked for. The number of a node is told by its prompt's length and words, so every
/// conversation has its own answer.
pub(crate) fn aide() -> ModelServer {
    server(|asked, number| {
        let first = without_times(&asked.conversation().first().map(|(_, text)| text.clone()).unwrap_or_default());
        let mark = format!("a-{:08x}", crc(&first));
        let solution = |code: &str| Answer::text(format!("Plan {mark}: the sample.\n```python\n{code}```"));
        let is_draft = first.contains("from scratch");
        match (number, first.contains("What was tried before")) {
            // The first draft: no code, then no plan, then a solution.
            (0, false) if is_draft => Answer::text("I would take a forest."),
            (1, false) if is_draft => Answer::text(format!("```python\n{}```", code(&mark))),
            // Later ones: a cut one is mended, and every third one fails when it runs.
            (0, _) if is_draft => Answer::truncated("Plan.\n```python\nimport glo"),
            _ if crc(&first).is_multiple_of(3) && !first.contains("solution failed") => {
                solution(&format!("raise RuntimeError('{mark}')\n"))
            }
            _ => solution(&code(&mark)),
        }
    })
}

/// A text without the times that runs of code took, and without the numbers of the server's requests.
pub(crate) fn without_times(text: &str) -> String {
    let without = |text: &str, before: &str| {
        let mut pieces = text.split(before);
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| {
            text + before + piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
        })
    };
    without(&without(text, "Execution Time: "), "\"call_")
}

/// A number of a text.
fn crc(text: &str) -> u32 {
    text.bytes().fold(2_166_136_261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}

/// The server that goes with an agent.
pub(crate) fn of(agent: &str) -> ModelServer {
    match agent {
        "mle" => mle(),
        "tools" => tools(),
        _ => aide(),
    }
}
