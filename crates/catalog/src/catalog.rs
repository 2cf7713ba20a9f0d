//! Finding competitions by name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::check;
use crate::competition::{Competition, SPEC_FILE, read_file};
use crate::error::CatalogError;
use crate::exact::ExactBoards;
use crate::pack;
use crate::set::{self, CompetitionSet};
use crate::spec::Spec;
use crate::summary::Summary;

/// The bundled competitions, and those of users' folders.
///
/// A folder of competitions holds one folder per competition, named by its slug, with `competition.toml`,
/// `brief.md` and `leaderboard.csv`, and may hold `sets.toml`. Nothing is read before it is asked for. A user's
/// competition hides a bundled one of the same slug.
///
/// ```
/// let catalog = mledojo_catalog::Catalog::bundled();
/// let iris = catalog.get("iris")?;
/// assert_eq!(iris.spec.metric.metric.name(), "accuracy");
/// assert!(catalog.select(&["bundled"])?.contains(&"iris".to_owned()));
/// # Ok::<(), mledojo_catalog::CatalogError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    folders: Vec<PathBuf>,
    exact: Option<ExactBoards>,
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

    /// Takes exact boards that the user imported in place of the catalog's own.
    #[must_use]
    pub fn with_exact_boards(mut self, boards: ExactBoards) -> Self {
        self.exact = Some(boards);
        self
    }

    /// All slugs, sorted.
    ///
    /// # Errors
    /// A user's folder that cannot be listed.
    pub fn slugs(&self) -> Result<Vec<String>, CatalogError> {
        let mut slugs: BTreeSet<String> = pack::summaries().into_iter().map(|summary| summary.slug).collect();
        slugs.extend(self.own_slugs()?);
        Ok(slugs.into_iter().collect())
    }

    /// What a list shows of every competition, by slug.
    ///
    /// # Errors
    /// A user's folder that cannot be listed, or a spec in it that breaks the schema.
    pub fn summaries(&self) -> Result<Vec<Summary>, CatalogError> {
        let bundled = pack::summaries().into_iter().map(|summary| (summary.slug.clone(), summary));
        let mut summaries: BTreeMap<String, Summary> = bundled.collect();
        for slug in self.own_slugs()? {
            if let Some(folder) = self.folder_of(&slug) {
                let spec = Spec::parse(&read_file(&folder, SPEC_FILE)?, &folder.join(SPEC_FILE).display().to_string())?;
                summaries.insert(slug, Summary::of(&spec));
            }
        }
        Ok(summaries.into_values().collect())
    }

    /// The named sets.
    ///
    /// # Errors
    /// A `sets.toml` that cannot be read or breaks the schema.
    pub fn sets(&self) -> Result<BTreeMap<String, CompetitionSet>, CatalogError> {
        set::read(self.folders.iter().map(PathBuf::as_path))
    }

    /// The slugs of competitions and sets of them, each once, in the order of the names.
    ///
    /// # Errors
    /// A name that is neither a competition nor a set.
    pub fn select<T: AsRef<str>>(&self, names: &[T]) -> Result<Vec<String>, CatalogError> {
        let summaries = self.summaries()?;
        let sets = self.sets()?;
        let mut selected = Vec::new();
        for name in names {
            self.expand(name.as_ref(), &summaries, &sets, &mut selected)?;
        }
        let mut seen = BTreeSet::new();
        selected.retain(|slug| seen.insert(slug.clone()));
        Ok(selected)
    }

    fn expand(
        &self,
        name: &str,
        summaries: &[Summary],
        sets: &BTreeMap<String, CompetitionSet>,
        selected: &mut Vec<String>,
    ) -> Result<(), CatalogError> {
        let Some(set) = sets.get(name) else {
            if summaries.iter().any(|summary| summary.slug == name) {
                selected.push(name.to_owned());
                return Ok(());
            }
            return Err(self.unknown(name));
        };
        if let Some(suite) = &set.suite {
            let of_suite = summaries.iter().filter(|summary| summary.suites.contains(suite));
            selected.extend(of_suite.map(|summary| summary.slug.clone()));
        }
        for part in &set.parts {
            self.expand(part, summaries, sets, selected)?;
        }
        for slug in &set.competitions {
            if !summaries.iter().any(|summary| summary.slug == *slug) {
                return Err(self.unknown(slug));
            }
            selected.push(slug.clone());
        }
        Ok(())
    }

    /// Reads one competition.
    ///
    /// # Errors
    /// An unknown slug, a missing file, or one that breaks the schema.
    pub fn get(&self, slug: &str) -> Result<Competition, CatalogError> {
        if !Spec::is_slug(slug) {
            return Err(self.unknown(slug));
        }
        let (place, competition) = if let Some(folder) = self.folder_of(slug) {
            (folder.display().to_string(), Competition::read(&folder)?)
        } else if let Some(files) = pack::files(slug) {
            let place = format!("catalog/{slug}");
            let competition = Competition::parse(&place, &files.spec, files.brief, &files.leaderboard)?;
            (place, competition)
        } else {
            return Err(self.unknown(slug));
        };
        if competition.spec.slug != slug {
            let message = format!("key `slug`: `{}` differs from the folder's name `{slug}`", competition.spec.slug);
            return Err(CatalogError::invalid(&format!("{place}/{SPEC_FILE}"), message));
        }
        match &self.exact {
            Some(boards) => boards.put_into(competition),
            None => Ok(competition),
        }
    }

    /// Reads every competition and set; returns what is wrong, an error each.
    ///
    /// Beyond what [`get`](Self::get) demands, every board must lie on its metric's scale: a board on another one would
    /// make each rank meaningless.
    ///
    /// # Errors
    /// A user's folder that cannot be listed.
    pub fn check(&self) -> Result<Vec<CatalogError>, CatalogError> {
        let mut problems = Vec::new();
        for slug in self.slugs()? {
            match self.get(&slug) {
                Ok(competition) => problems.extend(check::off_scale(&competition)),
                Err(error) => problems.push(error),
            }
        }
        // A spec that is wrong has been reported above.
        if problems.is_empty() {
            match self.sets() {
                Ok(sets) => problems.extend(sets.keys().filter_map(|name| self.select(&[name]).err())),
                Err(error) => problems.push(error),
            }
        }
        Ok(problems)
    }

    /// The slugs in users' folders.
    fn own_slugs(&self) -> Result<BTreeSet<String>, CatalogError> {
        let mut slugs = BTreeSet::new();
        for folder in &self.folders {
            let failed = |source| CatalogError::Read { file: folder.display().to_string(), source };
            for entry in std::fs::read_dir(folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.join(SPEC_FILE).is_file() {
                    slugs.extend(path.file_name().and_then(|name| name.to_str()).map(str::to_owned));
                }
            }
        }
        Ok(slugs)
    }

    /// The folder of a user's competition.
    fn folder_of(&self, slug: &str) -> Option<PathBuf> {
        let folders = self.folders.iter().rev().map(|folder: &PathBuf| folder.join(slug));
        folders.into_iter().find(|folder: &PathBuf| Path::exists(&folder.join(SPEC_FILE)))
    }

    fn unknown(&self, name: &str) -> CatalogError {
        let sets = self.sets().unwrap_or_default();
        if sets.contains_key(name) {
            let competitions = self.select(&[name]).unwrap_or_default().len();
            return CatalogError::IsSet { name: name.to_owned(), competitions };
        }
        let asked = name.to_lowercase().replace(['_', ' '], "-");
        let names: Vec<String> = self.slugs().unwrap_or_default().into_iter().chain(sets.into_keys()).collect();
        let alike = |known: &&String| {
            let known = known.to_lowercase();
            known.contains(&asked) || (asked.len() > 3 && asked.contains(known.as_str()))
        };
        let mut near: Vec<String> = names.iter().filter(alike).take(3).cloned().collect();
        if near.is_empty() {
            let mut spelt: Vec<(f64, String)> =
                names.into_iter().map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &asked), known)).collect();
            spelt.sort_by(|a, b| b.0.total_cmp(&a.0));
            near = spelt.into_iter().take(2).filter(|(likeness, _)| *likeness > 0.88).map(|(_, known)| known).collect();
        }
        CatalogError::Unknown { slug: name.to_owned(), near }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::competition::{BRIEF_FILE, LEADERBOARD_FILE};

    #[test]
    fn every_bundled_competition_is_valid() {
        let catalog = Catalog::bundled();
        assert_eq!(catalog.slugs().unwrap().len(), 208);
        let problems: Vec<String> = catalog.check().unwrap().iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn the_index_says_what_the_specs_say() {
        let catalog = Catalog::bundled();
        for summary in catalog.summaries().unwrap() {
            assert_eq!(summary, Summary::of(&catalog.get(&summary.slug).unwrap().spec));
        }
    }

    #[test]
    fn the_compatibility_page_names_every_competition_that_differs() {
        let page = include_str!("../../../COMPATIBILITY.md");
        let catalog = Catalog::bundled();
        let of_dsbench = catalog.select(&["dsbench"]).unwrap();
        for slug in catalog.slugs().unwrap() {
            let spec = catalog.get(&slug).unwrap().spec;
            // One row of the page speaks of all of DSBench's samples.
            let differences = spec.differences.len() - usize::from(of_dsbench.contains(&slug));
            let named = page.split([' ', ',', '|']).filter(|word| *word == slug).count();
            assert!(named >= differences, "{slug}: {named} of {differences}");
        }
    }

    #[test]
    fn an_unknown_slug_suggests_its_neighbours() {
        let error = Catalog::bundled().get("Iris").unwrap_err().to_string();
        assert!(error.starts_with("there is no competition `Iris`\nhint: did you mean iris?"), "{error}");
        assert!(Catalog::bundled().get("../iris").is_err());
        let error = Catalog::bundled().get("titanc").unwrap_err().to_string();
        assert!(error.contains("did you mean titanic?"), "{error}");
        let error = Catalog::bundled().get("dsbench").unwrap_err().to_string();
        assert!(error.contains("a set of 75 competitions"), "{error}");
    }

    #[test]
    fn sets_are_what_the_benchmarks_publish() {
        let catalog = Catalog::bundled();
        let count = |name: &str| catalog.select(&[name]).unwrap().len();
        let parts = ["mle-dojo-eval-mle-lite", "mle-dojo-eval-tabular", "mle-dojo-eval-nlp", "mle-dojo-eval-cv"];
        assert_eq!(parts.map(count), [21, 10, 10, 10]);
        assert_eq!((count("mle-dojo-eval"), count("mle-dojo-train"), count("dsbench")), (51, 151, 75));
        assert_eq!(count("mle-dojo"), 202);
        assert_eq!(count("bundled"), 6);
        let both = catalog.select(&["mle-dojo-eval", "mle-dojo-train", "iris", "bundled"]).unwrap();
        assert_eq!(both.len(), 208);
        assert!(catalog.select(&["mle-dojo-evil"]).is_err());
    }

    #[test]
    fn a_users_folder_adds_and_hides() {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("mine");
        std::fs::create_dir(&mine).unwrap();
        let iris = pack::files("iris").unwrap();
        std::fs::write(mine.join(SPEC_FILE), iris.spec.replace("\"iris\"", "\"mine\"")).unwrap();
        std::fs::write(mine.join(BRIEF_FILE), "My own.").unwrap();
        std::fs::write(mine.join(LEADERBOARD_FILE), "public_score,private_score\n0.5,0.25\n").unwrap();
        std::fs::write(folder.path().join("sets.toml"), "[us]\nabout = \"Ours.\"\ncompetitions = [\"mine\"]\n")
            .unwrap();
        let catalog = Catalog::bundled().with_folder(folder.path());
        assert!(catalog.slugs().unwrap().contains(&"mine".to_owned()));
        assert_eq!(catalog.select(&["us"]).unwrap(), ["mine"]);
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
