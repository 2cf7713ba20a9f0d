//! Which episode of an experiment.

use std::path::{Path, PathBuf};

use crate::digest;

/// Who plays: an agent, and the model that it asks, if it asks one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Player {
    /// The agent, as [`AgentSpec`](mledojo_agents::AgentSpec) reads it.
    pub agent: String,
    /// The model, written `provider/model`.
    pub model: Option<String>,
}

impl Player {
    /// A name for folders: `baseline`, `mle+openai--gpt-4o-mini`. No two players share one: what a folder's name can't hold
    /// is replaced, and then a digest of the whole follows.
    #[must_use]
    pub fn slug(&self) -> String {
        let agent = slug(&self.agent);
        self.model.as_ref().map_or(agent.clone(), |model| format!("{agent}+{}", slug(model)))
    }
}

impl std::fmt::Display for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.model {
            Some(model) => write!(f, "{} · {model}", self.agent),
            None => f.write_str(&self.agent),
        }
    }
}

fn slug(text: &str) -> String {
    const MOST: usize = 48;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let split = text.replace('/', "--");
    let is_faithful = split.len() <= MOST && !text.contains("--") && !text.starts_with('.') && split.chars().all(plain);
    if is_faithful && !split.is_empty() {
        return split;
    }
    // Of a path its last part tells most, and of an address nothing.
    let named = text.split('@').next().unwrap_or(text);
    let shown = match named.split_once(':') {
        Some((kind, path)) => format!("{kind}-{}", path.rsplit('/').next().unwrap_or(path)),
        None => named.replace('/', "--"),
    };
    let shown: String = shown.chars().take(MOST).map(|c| if plain(c) { c } else { '-' }).collect();
    format!("{}-{}", shown.trim_start_matches('.'), digest::short(text.as_bytes(), 8))
}

/// Which episode of an experiment; also its folder, `<player>/<competition>/seed-<seed>`, below the run's `episodes/`.
///
/// ```
/// use mledojo_eval::{EpisodeId, Player};
///
/// let player = Player { agent: "mle".to_owned(), model: Some("openai/gpt-4o-mini".to_owned()) };
/// let id = EpisodeId::new(&player, "iris", 3);
/// assert_eq!(id.to_string(), "mle+openai--gpt-4o-mini/iris/seed-3");
/// assert_eq!(EpisodeId::from_path(&id.path()), Some(id));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpisodeId {
    /// The player's [slug](Player::slug).
    pub player: String,
    /// The competition's slug.
    pub competition: String,
    /// The episode's seed.
    pub seed: u64,
}

impl EpisodeId {
    /// The episode that this player plays.
    #[must_use]
    pub fn new(player: &Player, competition: &str, seed: u64) -> Self {
        Self { player: player.slug(), competition: competition.to_owned(), seed }
    }

    /// Its folder, below the run's `episodes/`.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.to_string().into()
    }

    /// The episode whose folder this is, if it is one.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let mut parts = path.iter().map(|part| part.to_str());
        let (player, competition) = (parts.next()??, parts.next()??);
        let seed = parts.next()??.strip_prefix("seed-")?.parse().ok()?;
        let whole = parts.next().is_none();
        whole.then(|| Self { player: player.to_owned(), competition: competition.to_owned(), seed })
    }
}

impl std::fmt::Display for EpisodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/seed-{}", self.player, self.competition, self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(agent: &str, model: Option<&str>) -> String {
        Player { agent: agent.to_owned(), model: model.map(str::to_owned) }.slug()
    }

    #[test]
    fn names_are_plain_and_no_two_players_share_one() {
        assert_eq!(player("baseline", None), "baseline");
        assert!(player("mle", Some("local/m-7b@http://a:1/v1")).starts_with("mle+local--m-7b-"));
        assert!(player("script:/a/moves.jsonl", None).starts_with("script-moves.jsonl-"));
        let scripts = ["script:/a/moves.jsonl", "script:/b/moves.jsonl", "script:/a--moves.jsonl", "../up", "a//b"];
        let slugs: std::collections::BTreeSet<String> = scripts.iter().map(|agent| player(agent, None)).collect();
        assert_eq!(slugs.len(), scripts.len());
        assert!(slugs.iter().all(|slug| !slug.contains('/') && !slug.starts_with('.')), "{slugs:?}");
        assert_ne!(player("a", Some("b/c")), player("a", Some("b--c")));
        assert!(player(&"x".repeat(500), None).len() < 64);
    }

    #[test]
    fn a_folder_elsewhere_is_no_episode() {
        for path in ["a/b", "a/b/c", "a/b/seed-x", "a/b/seed-1/episode"] {
            assert_eq!(EpisodeId::from_path(Path::new(path)), None, "{path}");
        }
    }
}
