//! The scripted agent: plays the calls that a file lists.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use mledojo_env::{Call, Observation};
use serde_json::{Map, Value};

use crate::agent::{Agent, AgentError, brief, is_same};

/// The longest line that is read: more than any call that an environment takes.
const LINE_LIMIT: usize = 64 << 20;

/// Plays JSONL: one [`Call`] a line; blank lines and lines that begin with `#` are skipped.
///
/// Lines are read as they are needed, so another program can watch the episode and write the next call.
pub(crate) struct Script {
    name: String,
    file: String,
    lines: Box<dyn BufRead + Send>,
    /// Lines read so far.
    line: usize,
}

impl Script {
    /// A script in a file.
    pub(crate) fn open(file: &Path, name: String) -> Result<Self, AgentError> {
        let shown = file.display().to_string();
        match File::open(file) {
            Ok(opened) => Ok(Self::new(name, shown, Box::new(BufReader::new(opened)))),
            Err(source) => Err(AgentError::Read { file: shown, line: 1, source }),
        }
    }

    /// A script that comes over standard input.
    pub(crate) fn stdin(name: String) -> Self {
        Self::new(name, "standard input".to_owned(), Box::new(BufReader::new(std::io::stdin())))
    }

    fn new(name: String, file: String, lines: Box<dyn BufRead + Send>) -> Self {
        Self { name, file, lines, line: 0 }
    }

    fn next(&mut self) -> Result<Option<Call>, AgentError> {
        loop {
            self.line += 1;
            let mut bytes = Vec::new();
            let read = (&mut self.lines).take(LINE_LIMIT as u64).read_until(b'\n', &mut bytes);
            read.map_err(|source| AgentError::Read { file: self.file.clone(), line: self.line, source })?;
            if bytes.is_empty() {
                return Ok(None);
            }
            if bytes.len() == LINE_LIMIT {
                return Err(self.problem(format!("longer than {LINE_LIMIT} bytes")));
            }
            let text = std::str::from_utf8(&bytes).map_err(|error| self.problem(format!("not UTF-8: {error}")))?;
            let text = text.trim_start_matches('\u{feff}').trim();
            if !(text.is_empty() || text.starts_with('#')) {
                return parse(text).map(Some).map_err(|problem| self.problem(problem));
            }
        }
    }

    fn problem(&self, problem: String) -> AgentError {
        AgentError::Line { file: self.file.clone(), line: self.line, problem }
    }
}

/// Reads one call; a misspelt key is an error here, where the environment would only miss a parameter.
fn parse(text: &str) -> Result<Call, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(mut object) = value else { return Err("not a JSON object".to_owned()) };
    let action = match object.shift_remove("action") {
        Some(Value::String(action)) => action,
        Some(_) => return Err("`action` is not a text".to_owned()),
        None => return Err("`action` is missing".to_owned()),
    };
    let params = match object.shift_remove("params") {
        Some(Value::Object(params)) => params,
        Some(_) => return Err("`params` is not an object".to_owned()),
        None => Map::new(),
    };
    match object.keys().next() {
        Some(key) => Err(format!("unknown key `{key}`")),
        None => Ok(Call { action, params }),
    }
}

impl Agent for Script {
    fn name(&self) -> &str {
        &self.name
    }

    fn act(&mut self, _: &Observation) -> Result<Option<Call>, AgentError> {
        self.next()
    }

    fn restore(&mut self, observation: &Observation, call: &Call) -> Result<(), AgentError> {
        let expected = self.next()?;
        if is_same(expected.as_ref(), call) {
            return Ok(());
        }
        Err(AgentError::Diverged {
            agent: self.name.clone(),
            step: observation.step,
            expected: brief(expected.as_ref()),
            found: brief(Some(call)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::testing::observation;

    fn script(text: &'static str) -> Script {
        Script::new("script:moves".to_owned(), "moves.jsonl".to_owned(), Box::new(text.as_bytes()))
    }

    fn actions(mut script: Script) -> Vec<String> {
        std::iter::from_fn(|| script.act(&observation(0)).unwrap()).map(|call| call.action).collect()
    }

    #[test]
    fn calls_are_played_in_order_and_comments_skipped() {
        let text = "\u{feff}# a story\r\n\r\n{\"action\":\"get_history\"}\r\n  \n# more\n{\"action\":\"execute_code\",\
                    \"params\":{\"code\":\"print('#')\"}}";
        assert_eq!(actions(script(text)), ["get_history", "execute_code"]);
        assert_eq!(actions(script("")), [""; 0]);
    }

    #[test]
    fn a_bad_line_is_named_and_explained() {
        let cases: [(&str, &str); 6] = [
            ("{\"action\":\"reset\"}\n{\"action\":", "`moves.jsonl`, line 2: not JSON"),
            ("\n\n[1]", "line 3: not a JSON object"),
            ("{\"params\":{}}", "line 1: `action` is missing; expected one call a line, such as {\"action\""),
            ("{\"action\":3}", "`action` is not a text"),
            ("{\"action\":\"reset\",\"params\":[]}", "`params` is not an object"),
            ("{\"action\":\"reset\",\"parameters\":{}}", "unknown key `parameters`"),
        ];
        for (text, expected) in cases {
            let mut script = script(text);
            let error = std::iter::from_fn(|| script.act(&observation(0)).map_or_else(|e| Some(Err(e)), |c| c.map(Ok)))
                .find_map(Result::err)
                .unwrap()
                .to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let mut script = Script::new(String::new(), "x".to_owned(), Box::new(&b"\xff\n"[..]));
        assert!(script.act(&observation(0)).unwrap_err().to_string().contains("line 1: not UTF-8"));
    }

    #[test]
    fn a_missing_script_is_named() {
        let error = Script::open(Path::new("/nowhere/moves.jsonl"), String::new()).err().unwrap().to_string();
        assert!(error.starts_with("cannot read the script `/nowhere/moves.jsonl`"), "{error}");
    }

    #[test]
    fn restore_skips_what_was_played_and_nothing_else() {
        let text = "{\"action\":\"reset\"}\n{\"action\":\"get_history\"}\n{\"action\":\"finish\"}";
        let call = |action: &str| Call { action: action.to_owned(), params: Map::new() };
        let mut resumed = script(text);
        resumed.restore(&observation(0), &call("reset")).unwrap();
        assert_eq!(resumed.act(&observation(1)).unwrap(), Some(call("get_history")));

        let error = script(text).restore(&observation(0), &call("get_history")).unwrap_err().to_string();
        assert!(error.contains("after step 0 it called `get_history`, not `reset`"), "{error}");
        assert!(script("").restore(&observation(0), &call("finish")).is_ok());
        assert!(script("").restore(&observation(0), &call("reset")).is_err());
    }
}
