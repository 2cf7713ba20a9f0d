//! What the tests of this module share.

use mledojo_env::{EnvConfig, EpisodeHeader, Judging};
use mledojo_sandbox::SandboxRecord;

pub(super) fn header(competition: &str) -> EpisodeHeader {
    EpisodeHeader {
        format: EpisodeHeader::FORMAT,
        version: "0.1.0".to_owned(),
        created_at: "2026-01-01T00:00:00Z".to_owned(),
        competition: competition.to_owned(),
        data: "/data".into(),
        agent: "test".to_owned(),
        seed: 0,
        judging: Judging::default(),
        config: EnvConfig::default(),
        sandbox: SandboxRecord::default(),
        interpreter: "/usr/bin/python3".into(),
        runtime: Default::default(),
    }
}
