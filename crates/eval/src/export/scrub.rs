//! Taking out of texts what belongs to the host: its paths and its keys.

use std::path::Path;

use mledojo_env::EpisodeHeader;

use super::chat::file_name;

/// Replaces what a data set must not tell. Made for one episode.
#[derive(Debug, Clone)]
pub(crate) struct Scrubber {
    /// What to look for, the longest first, and what stands in its place.
    paths: Vec<(String, String)>,
    keys: Vec<String>,
}

const SECRET: &str = "[secret]";

/// How keys of providers begin, and the fewest characters that follow.
const KEY_SHAPES: [(&str, usize); 14] = [
    ("sk-", 20),
    ("hf_", 20),
    ("AIza", 30),
    ("xai-", 20),
    ("gsk_", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("github_pat_", 20),
    ("glpat-", 18),
    ("KGAT_", 20),
    ("AKIA", 16),
    ("r8_", 30),
    ("nvapi-", 20),
    ("wandb_v1_", 20),
];

impl Scrubber {
    /// For the texts of an episode in `directory`: its folders become those that code in the sandbox sees, the Python's
    /// folder and the user's home become neutral ones, and keys of this process's environment vanish.
    pub(crate) fn new(header: &EpisodeHeader, directory: &Path) -> Self {
        let keys =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let home = std::env::var_os("HOME");
        Self::of(header, directory, home.as_deref().map(Path::new), keys)
    }

    fn of(
        header: &EpisodeHeader,
        directory: &Path,
        home: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Self {
        let mut paths = Vec::new();
        let mut add = |path: &Path, with: String| {
            if !path.is_absolute() {
                // That of an imported episode is unknown.
                return;
            }
            let mut names = vec![path.to_owned()];
            names.extend(path.canonicalize());
            for name in names {
                let name = name.to_string_lossy().into_owned();
                if name.starts_with('/') && name.len() > 4 {
                    paths.push((name, with.clone()));
                }
            }
        };
        let data = format!("/kaggle/input/{}", header.competition);
        for public in ["public", "data/public"] {
            add(&header.data.join(public), data.clone());
        }
        add(&header.data, data);
        add(&directory.join("work"), "/kaggle/working".to_owned());
        add(directory, "/episode".to_owned());
        if let Some(prefix) = header.interpreter.parent().and_then(Path::parent)
            && !["/usr", "/usr/local"].iter().any(|shared| prefix == Path::new(shared))
        {
            add(prefix, "/opt/python".to_owned());
        }
        if let Some(home) = home {
            add(home, "/home/user".to_owned());
        }
        paths.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        paths.dedup_by(|a, b| a.0 == b.0);
        let secret = |name: &str| ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD"].iter().any(|end| name.ends_with(end));
        let keys = variables.filter(|(name, value)| secret(name) && value.len() >= 8).map(|(_, value)| value);
        let mut keys: Vec<String> = keys.collect();
        keys.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self { paths, keys }
    }

    /// The text without them.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for key in &self.keys {
            if clean.contains(key.as_str()) {
                clean = clean.replace(key.as_str(), SECRET);
            }
        }
        for (path, with) in &self.paths {
            if clean.contains(path.as_str()) {
                clean = replace_path(&clean, path, with);
            }
        }
        without_key_shapes(clean)
    }
}

/// Replaces a path where it stands as one: `/root` in `/root/x`, not in `/rooted` or `/data/root`.
fn replace_path(text: &str, path: &str, with: &str) -> String {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(path) {
        let (before, after) = (&rest[..at], &rest[at + path.len()..]);
        let begins = !before.chars().next_back().or(replaced.chars().next_back()).is_some_and(part_of_name);
        let mut following = after.chars();
        let ends = match following.next() {
            // A sentence's end is no part of a name.
            Some('.') => !following.next().is_some_and(part_of_name),
            Some(next) => !part_of_name(next),
            None => true,
        };
        replaced.push_str(before);
        replaced.push_str(if begins && ends { with } else { path });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

/// Replaces whatever looks like a provider's key.
fn without_key_shapes(text: String) -> String {
    let mut text = text;
    for (start, fewest) in KEY_SHAPES {
        let mut from = 0;
        while let Some(at) = text[from..].find(start).map(|at| at + from) {
            let tail = &text[at + start.len()..];
            let length =
                tail.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
            let inside =
                text[..at].bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            // Words joined by hyphens have no digits; keys have.
            let has_digit = tail[..length].bytes().any(|byte| byte.is_ascii_digit());
            if length >= fewest && has_digit && !inside {
                text.replace_range(at..at + start.len() + length, SECRET);
                from = at + SECRET.len();
            } else {
                from = at + start.len();
            }
        }
    }
    text
}

/// An agent's or a model's name without the paths and addresses in it: `script:/home/me/moves.jsonl` becomes
/// `script:moves.jsonl`, and `local/qwen@http://10.0.0.1:8000/v1` becomes `local/qwen`.
pub(crate) fn public_name(name: &str) -> String {
    let name = name.split('@').next().unwrap_or(name);
    let (kind, rest) = name.split_once(':').map_or((None, name), |(kind, rest)| (Some(kind), rest));
    let words = rest.split(' ').map(|word| {
        let is_path = word.starts_with(['/', '.', '~']) || (kind == Some("script") && word.contains('/'));
        if is_path { file_name(word) } else { word.to_owned() }
    });
    let rest = words.collect::<Vec<_>>().join(" ");
    kind.map_or_else(|| rest.clone(), |kind| format!("{kind}:{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::testing::header;

    #[test]
    fn paths_and_keys_of_the_host_vanish() {
        let header = EpisodeHeader {
            data: "/srv/data/iris".into(),
            interpreter: "/home/ann/.local/share/mledojo/runtime/bin/python3".into(),
            ..header("iris")
        };
        let variables = [("OPENAI_API_KEY", "my-own-key"), ("LANG", "en_US.UTF-8")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        let scrubber = Scrubber::of(&header, Path::new("/runs/7/ep"), Some(Path::new("/home/ann")), variables);
        for (text, clean) in [
            ("read('/srv/data/iris/public/train.csv')", "read('/kaggle/input/iris/train.csv')"),
            ("/srv/data/iris.", "/kaggle/input/iris."),
            ("/srv/data/iris2/x", "/srv/data/iris2/x"),
            ("/runs/7/ep/work/a.py", "/kaggle/working/a.py"),
            ("at /home/ann/.local/share/mledojo/runtime/lib/x.py", "at /opt/python/lib/x.py"),
            ("/home/ann/x /home/anna/x", "/home/user/x /home/anna/x"),
            ("key my-own-key in en_US.UTF-8", "key [secret] in en_US.UTF-8"),
            ("k='sk-proj-0123456789abcdefghij'", "k='[secret]'"),
            ("task-specific sk-learn and hf_hub", "task-specific sk-learn and hf_hub"),
            ("risk-aversion-and-other-long-words-1", "risk-aversion-and-other-long-words-1"),
        ] {
            assert_eq!(scrubber.clean(text), clean);
        }
    }

    #[test]
    fn names_tell_no_place() {
        for (name, public) in [
            ("baseline", "baseline"),
            ("script:/home/ann/moves.jsonl", "script:moves.jsonl"),
            ("script:moves/a.jsonl", "script:a.jsonl"),
            ("process:python3 /home/ann/agent.py --fast", "process:python3 agent.py --fast"),
            ("mle:openai/gpt-4o-mini", "mle:openai/gpt-4o-mini"),
            ("local/qwen@http://10.0.0.1:8000/v1", "local/qwen"),
        ] {
            assert_eq!(public_name(name), public);
        }
    }
}
