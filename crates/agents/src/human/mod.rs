//! `human`: a person plays on the terminal.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mledojo_env::{Action, Call, Observation};

use crate::agent::Agent;
use crate::error::AgentError;

/// Reads commands and shows observations. Scripts are written in the person's editor, in one file that stays from one
/// edit to the next.
pub(crate) struct Human {
    input: Box<dyn BufRead + Send>,
    output: Box<dyn Write + Send>,
    /// A command line that opens a file.
    editor: String,
    /// The script that is worked on.
    script: PathBuf,
}

const HELP: &str = "\
Commands:
  info [TYPE]    ask for information: overview, sample_submission, data_structure, metadata, all, …
  edit           open the script in your editor ($VISUAL or $EDITOR)
  try [FILE]     run the script, or a file, without grading
  run [FILE]     run the script, or a file, and grade what it submits
  history        the latest steps
  reset          empty the working folder
  finish         end the episode
  leave          stop here; `mledojo run --resume` goes on
  {\"action\": …}  any action, as JSON
";

const TEMPLATE: &str = "\
# The data lies below /kaggle/input (`info data_path`); write /kaggle/working/submission.csv.
import pandas as pd
";

impl Human {
    /// A person at this process's terminal. Words go to standard error: standard output is for results.
    pub(crate) fn terminal() -> Self {
        let editor =
            ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()));
        let input = Box::new(std::io::BufReader::new(std::io::stdin()));
        Self::new(input, Box::new(std::io::stderr()), editor.unwrap_or_else(|| "vi".to_owned()))
    }

    fn new(input: Box<dyn BufRead + Send>, output: Box<dyn Write + Send>, editor: String) -> Self {
        let script = std::env::temp_dir().join(format!("mledojo-{}.py", std::process::id()));
        Self { input, output, editor, script }
    }

    fn say(&mut self, text: &str) -> Result<(), AgentError> {
        // What code printed must not command the terminal.
        let shown = |letter: char| if letter.is_control() && !"\n\t".contains(letter) { '\u{fffd}' } else { letter };
        let text: String = text.chars().map(shown).collect();
        let told = self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush());
        told.map_err(|error| AgentError::io("write to", Path::new("the terminal"), error))
    }

    /// A line; `None` at the end of the input.
    fn line(&mut self) -> Result<Option<String>, AgentError> {
        self.say("> ")?;
        let mut line = String::new();
        match self.input.read_line(&mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line.trim().to_owned())),
            Err(error) => Err(AgentError::io("read", Path::new("the terminal"), error)),
        }
    }

    /// Reads a command. `Err`: what to tell the person.
    fn command(&mut self, line: &str) -> Result<Option<Call>, String> {
        if line.starts_with('{') {
            return serde_json::from_str(line).map(Some).map_err(|error| format!("not an action: {error}"));
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        Ok(Some(match (word, rest) {
            ("info", "") => Call::request_info("overview"),
            ("info", info_type) => Call::request_info(info_type),
            ("edit", "") => {
                self.edit()?;
                return Ok(None);
            }
            ("try", file) => Call::validate_code(self.code(file)?),
            ("run", file) => Call::execute_code(self.code(file)?),
            ("history", "") => Action::GetHistory.into(),
            ("reset", "") => Action::Reset.into(),
            ("finish", "") => Action::Finish.into(),
            _ => return Err(HELP.to_owned()),
        }))
    }

    fn edit(&self) -> Result<(), String> {
        let script = self.script.display();
        if !self.script.exists() {
            std::fs::write(&self.script, TEMPLATE).map_err(|error| format!("cannot write `{script}`: {error}"))?;
        }
        // The editor's variable may hold arguments, which a shell takes apart.
        let status = Command::new("sh")
            .args(["-c", &format!("{} \"$1\"", self.editor), "sh"])
            .arg(&self.script)
            .stdout(Stdio::inherit())
            .status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the editor `{}` ended with {status}", self.editor)),
            Err(error) => Err(format!("the editor `{}` can't be started: {error}", self.editor)),
        }
    }

    fn code(&self, file: &str) -> Result<String, String> {
        let path = if file.is_empty() { self.script.clone() } else { PathBuf::from(file) };
        std::fs::read_to_string(&path).map_err(|error| {
            let hint = if file.is_empty() { "; `edit` makes it" } else { "" };
            format!("cannot read `{}`: {error}{hint}", path.display())
        })
    }
}

impl Agent for Human {
    fn name(&self) -> &str {
        "human"
    }

    fn act(&mut self, observation: &Observation) -> Result<Option<Call>, AgentError> {
        self.say(&format!("\n{}\n", observation.text().trim_end()))?;
        if observation.step == 0 {
            self.say(&format!("\n{HELP}"))?;
        }
        loop {
            let Some(line) = self.line()? else { return Err(AgentError::Cancelled) };
            match line.as_str() {
                "" => {}
                "leave" => return Err(AgentError::Cancelled),
                line => match self.command(line) {
                    Ok(Some(call)) => return Ok(Some(call)),
                    Ok(None) => self.say("`try` runs the script, `run` grades it.\n")?,
                    Err(told) => self.say(&format!("{}\n", told.trim_end()))?,
                },
            }
        }
    }

    fn restore(&mut self, _: &Observation, _: &Call) -> Result<(), AgentError> {
        // The person remembers.
        Ok(())
    }

    fn keep_in(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.script = folder.join("solution.py");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::baseline::testing::observation;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn human(input: &'static str, editor: &str) -> (Human, Screen, tempfile::TempDir) {
        let (screen, folder) = (Screen::default(), tempfile::tempdir().unwrap());
        let mut human = Human::new(Box::new(input.as_bytes()), Box::new(screen.clone()), editor.to_owned());
        human.keep_in(folder.path()).unwrap();
        (human, screen, folder)
    }

    #[test]
    fn commands_are_calls() {
        let input = "info\ninfo metadata\nhistory\nreset\n{\"action\": \"peek\"}\nfinish\n";
        let (mut human, _, _folder) = human(input, "true");
        let calls: Vec<Call> = (0..6).map(|step| human.act(&observation(step)).unwrap().unwrap()).collect();
        let told: Vec<String> =
            calls.iter().map(|call| format!("{} {:?}", call.action, call.params.values().next())).collect();
        assert!(told[0].contains("overview") && told[1].contains("metadata"), "{told:?}");
        assert_eq!(
            calls[2..].iter().map(|call| call.action.as_str()).collect::<Vec<_>>(),
            ["get_history", "reset", "peek", "finish"]
        );
    }

    #[test]
    fn the_editor_writes_the_script_that_is_run() {
        let (mut human, screen, _folder) = human("run\nedit\ntry\nrun\n", "printf 'print(7)\\n' >>");
        let tried = human.act(&observation(0)).unwrap().unwrap();
        assert_eq!(
            (tried.action.as_str(), &tried.params["code"]),
            ("validate_code", &format!("{TEMPLATE}print(7)\n").into())
        );
        assert_eq!(human.act(&observation(1)).unwrap().unwrap().action, "execute_code");
        let shown = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        assert!(shown.contains("`edit` makes it") && shown.contains("Commands:"), "{shown}");
    }

    #[test]
    fn unknown_commands_get_help_and_the_end_of_input_leaves() {
        let (mut human, screen, _folder) = human("fly\n{\"act\": 1}\nedit\n", "false");
        assert!(matches!(human.act(&observation(3)), Err(AgentError::Cancelled)));
        let shown = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        for text in ["Commands:", "not an action: missing field", "the editor `false` ended with exit status: 1"] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
    }
}
