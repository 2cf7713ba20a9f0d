//! Finding competitions by name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::competition::{BRIEF_FILE, Competition, LEADERBOARD_FILE, SPEC_FILE};
use crate::error::CatalogError;
use crate::leaderboard::BoardKind;
use crate::spec::Spec;

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../catalog");

/// The bundled competitions, and those of users' folders.
///
/// A folder of competitions holds one folder per competition, named by its slug, with `competition.toml`,
/// `brief.md` and `leaderboard.csv`. Nothing is read before it is asked for. A user's competition hides a bundled one
/// of the same slug.
///
/// ```
/// let catalog = mledojo_catalog::Catalog::bundled();
/// let iris = catalog.get("iris")?;
/// assert_eq!(iris.spec.metric.metric, mledojo_metrics::Metric::Accuracy);
/// # Ok::<(), mledojo_catalog::CatalogError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    folders: Vec<PathBuf>,
}

impl Catalog {
    /// The competitions that come with the program.
    #[must_use]
    pub fn bundled() -> Self {
        Self::default()
    }

    /// Adds a folder of competitions; a later one hides an earlier one's.
    #[must_use]
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// All slugs, sorted.
    ///
    /// # Errors
    /// A user's folder that cannot be listed.
    pub fn slugs(&self) -> Result<Vec<String>, CatalogError> {
        let mut slugs: BTreeSet<String> =
            BUNDLED.dirs().filter_map(|dir| dir.path().file_name()?.to_str().map(str::to_owned)).collect();
        for folder in &self.folders {
            let failed = |source| CatalogError::Read { file: folder.display().to_string(), source };
            for entry in std::fs::read_dir(folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.join(SPEC_FILE).is_file() {
                    slugs.extend(path.file_name().and_then(|name| name.to_str()).map(str::to_owned));
                }
            }
        }
        Ok(slugs.into_iter().collect())
    }

    /// Reads one competition.
    ///
    /// # Errors
    /// An unknown slug, a missing file, or one that breaks the schema.
    pub fn get(&self, slug: &str) -> Result<Competition, CatalogError> {
        if !Spec::is_slug(slug) {
            return Err(self.unknown(slug));
        }
        for folder in self.folders.iter().rev() {
            let folder = folder.join(slug);
            if folder.join(SPEC_FILE).exists() {
                return checked(slug, &folder.display().to_string(), read_folder(&folder)?);
            }
        }
        let bundled = |name: &str| {
            let file = BUNDLED.get_file(format!("{slug}/{name}"))?;
            file.contents_utf8()
        };
        match (bundled(SPEC_FILE), bundled(BRIEF_FILE), bundled(LEADERBOARD_FILE)) {
            (Some(spec), Some(brief), Some(leaderboard)) => {
                let folder = format!("catalog/{slug}");
                checked(slug, &folder, Competition::parse(&folder, spec, brief.to_owned(), leaderboard)?)
            }
            _ => Err(self.unknown(slug)),
        }
    }

    /// Reads every competition; returns what is wrong, an error each.
    ///
    /// Beyond what [`get`](Self::get) demands, no score of a board may lie outside the metric's range: a board on
    /// another scale would make every rank meaningless.
    ///
    /// # Errors
    /// A user's folder that cannot be listed.
    pub fn check(&self) -> Result<Vec<CatalogError>, CatalogError> {
        let mut problems = Vec::new();
        for slug in self.slugs()? {
            match self.get(&slug) {
                Ok(competition) => problems.extend(off_scale(&competition)),
                Err(error) => problems.push(error),
            }
        }
        Ok(problems)
    }

    fn unknown(&self, slug: &str) -> CatalogError {
        let asked = slug.to_lowercase().replace(['_', ' '], "-");
        let near = self
            .slugs()
            .unwrap_or_default()
            .into_iter()
            .filter(|known| known.contains(&asked) || (asked.len() > 3 && asked.contains(known.as_str())))
            .take(3)
            .collect();
        CatalogError::Unknown { slug: slug.to_owned(), near }
    }
}

/// The first score of each board that the metric cannot give.
fn off_scale(competition: &Competition) -> Vec<CatalogError> {
    let spec = &competition.spec;
    let (least, most) = spec.metric.metric.range();
    let boards = [BoardKind::Public, BoardKind::Private].into_iter().filter_map(|kind| {
        let board = competition.leaderboard.board(kind)?;
        let slack = 1e-9;
        let score = board.scores().iter().find(|score| !(least - slack..=most + slack).contains(*score))?;
        let message = format!("{score} is no value of the metric `{}`: {least} to {most}", spec.metric.metric.name());
        Some(CatalogError::Invalid { file: format!("{}/{LEADERBOARD_FILE}", spec.slug), message })
    });
    boards.collect()
}

/// Reads a competition's folder on disk.
fn read_folder(folder: &Path) -> Result<Competition, CatalogError> {
    let read = |name: &str| {
        let file = folder.join(name);
        std::fs::read_to_string(&file).map_err(|source| CatalogError::Read { file: file.display().to_string(), source })
    };
    let name = folder.display().to_string();
    let competition = Competition::parse(&name, &read(SPEC_FILE)?, read(BRIEF_FILE)?, &read(LEADERBOARD_FILE)?)?;
    Ok(Competition { folder: Some(folder.to_owned()), ..competition })
}

/// The slug inside the spec must be the one it was found under.
fn checked(slug: &str, folder: &str, competition: Competition) -> Result<Competition, CatalogError> {
    if competition.spec.slug == slug {
        return Ok(competition);
    }
    Err(CatalogError::Invalid {
        file: format!("{folder}/{SPEC_FILE}"),
        message: format!("key `slug`: `{}` differs from the folder's name `{slug}`", competition.spec.slug),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_competition_is_valid() {
        let catalog = Catalog::bundled();
        assert!(catalog.slugs().unwrap().len() >= 6);
        let problems: Vec<String> = catalog.check().unwrap().iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn an_unknown_slug_suggests_its_neighbours() {
        let error = Catalog::bundled().get("Iris").unwrap_err().to_string();
        assert!(error.starts_with("there is no competition `Iris`\nhint: did you mean iris?"), "{error}");
        assert!(Catalog::bundled().get("../iris").is_err());
    }

    #[test]
    fn a_users_folder_adds_and_hides() {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("mine");
        std::fs::create_dir(&mine).unwrap();
        let bundled = |name: &str| BUNDLED.get_file(format!("iris/{name}")).unwrap().contents_utf8().unwrap();
        std::fs::write(mine.join(SPEC_FILE), bundled(SPEC_FILE).replace("\"iris\"", "\"mine\"")).unwrap();
        std::fs::write(mine.join(BRIEF_FILE), "My own.").unwrap();
        std::fs::write(mine.join(LEADERBOARD_FILE), "public_score,private_score\n0.5,0.25\n").unwrap();
        let catalog = Catalog::bundled().with_folder(folder.path());
        assert!(catalog.slugs().unwrap().contains(&"mine".to_owned()));
        assert_eq!(catalog.get("mine").unwrap().brief, "My own.");
        std::fs::write(mine.join(LEADERBOARD_FILE), "public_score,private_score\n0.5,25\n").unwrap();
        let problems = catalog.check().unwrap();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].to_string().contains("25 is no value of the metric `accuracy`"), "{}", problems[0]);

        std::fs::write(mine.join(SPEC_FILE), "slug = 3").unwrap();
        let error = catalog.get("mine").unwrap_err().to_string();
        assert!(error.contains("mine/competition.toml") && error.contains("slug"), "{error}");
        std::fs::remove_file(mine.join(BRIEF_FILE)).unwrap();
        assert!(matches!(catalog.get("mine"), Err(CatalogError::Read { .. })));
    }
}
