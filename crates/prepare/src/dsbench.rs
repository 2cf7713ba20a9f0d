//! DSBench's archive of data modeling tasks: 75 competitions with answers, as one zip file or as the folder in it.
//!
//! Start with [`Dsbench::open`]. The layout, with or without a folder `data/` around it:
//!
//! ```text
//! data_resplit/<slug>/train.csv, test.csv, and one CSV file with `submission` in its name (once `sample_solution.csv`)
//! answers/<slug>/test_answer.csv
//! task/<slug>.txt
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::fetch::{DownloadError, Downloader, Fetched, FileRequest, Form, Watch};

/// Where DSBench's authors offer the archive.
pub const ARCHIVE: &str = "https://huggingface.co/datasets/liqiang888/DSBench/resolve/main/data_modeling/data.zip";

const RESPLIT: &str = "data_resplit/";
const ANSWERS: &str = "answers/";

/// The archive, or its folder.
#[derive(Debug, Clone)]
pub struct Dsbench {
    place: PathBuf,
    is_archive: bool,
    /// Paths of the files below `prefix`, with `/` between folders.
    files: BTreeSet<String>,
    /// What stands before `data_resplit/`.
    prefix: String,
}

/// One competition's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DsbenchTask {
    /// Rows with labels.
    pub train: DsbenchFile,
    /// Rows without.
    pub test: DsbenchFile,
    /// The form of a submission. Its ids are often those of Kaggle's own test set.
    pub sample_submission: DsbenchFile,
    /// The labels of `test`.
    pub answers: DsbenchFile,
    /// The task in words, if it is there.
    pub description: Option<DsbenchFile>,
}

/// A file of the archive, or of its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DsbenchFile {
    /// A file on disk.
    OnDisk(PathBuf),
    /// A member of a zip archive.
    Member {
        /// The archive.
        archive: PathBuf,
        /// The member's name in it.
        name: String,
    },
}

/// Why a file of DSBench could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DsbenchError {
    /// Neither the archive nor its folder.
    #[error(
        "`{}` is not DSBench's `data.zip`, nor the folder in it: expected `data_resplit/` and `answers/`\nhint: \
         `mledojo download --dsbench` fetches the archive",
        path.display()
    )]
    NotDsbench {
        /// What was given.
        path: PathBuf,
    },
    /// No task of this name.
    #[error("DSBench in `{}` has no task `{slug}`, only {}", path.display(), known(.slugs))]
    NoTask {
        /// The archive or folder.
        path: PathBuf,
        /// What was asked for.
        slug: String,
        /// What there is.
        slugs: Vec<String>,
    },
    /// A task without one of its files.
    #[error("DSBench in `{}`, task `{slug}`: {message}", path.display())]
    Task {
        /// The archive or folder.
        path: PathBuf,
        /// The task.
        slug: String,
        /// What is missing, or is there twice.
        message: String,
    },
    /// A zip archive that is none, or is damaged.
    #[error("`{}` is no whole zip archive: {source}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: ZipError,
    },
    /// A file that cannot be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Dsbench {
    /// Opens the archive `data.zip`, or the folder that it holds.
    ///
    /// # Errors
    /// A path that is neither, or that cannot be read.
    pub fn open(path: &Path) -> Result<Self, DsbenchError> {
        let is_archive = !path.is_dir();
        let names = if is_archive { members(path)? } else { walk(path)? };
        let prefix = names.iter().find_map(|name| {
            let (prefix, _) = name.split_once(RESPLIT)?;
            (prefix.is_empty() || prefix.ends_with('/')).then(|| prefix.to_owned())
        });
        let Some(prefix) = prefix else { return Err(DsbenchError::NotDsbench { path: path.to_owned() }) };
        let files = names.iter().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_owned).collect();
        Ok(Self { place: path.to_owned(), is_archive, files, prefix })
    }

    /// The competitions in it.
    #[must_use]
    pub fn slugs(&self) -> Vec<String> {
        let folders = self.files.iter().filter_map(|name| name.strip_prefix(RESPLIT)?.split_once('/'));
        folders.map(|(slug, _)| slug.to_owned()).collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// The files of a competition.
    ///
    /// # Errors
    /// A competition that is not in it, or that lacks a file.
    pub fn task(&self, slug: &str) -> Result<DsbenchTask, DsbenchError> {
        let folder = format!("{RESPLIT}{slug}/");
        if !self.files.iter().any(|name| name.starts_with(&folder)) {
            let (path, slug) = (self.place.clone(), slug.to_owned());
            return Err(DsbenchError::NoTask { path, slug, slugs: self.slugs() });
        }
        let wrong = |message: String| DsbenchError::Task { path: self.place.clone(), slug: slug.to_owned(), message };
        let file = |name: String| {
            self.files.get(&name).map(|name| self.file(name)).ok_or_else(|| wrong(format!("`{name}` is missing")))
        };
        let is_sample = |name: &str| {
            let name = name.to_lowercase();
            let named = name.contains("submission") || name == "sample_solution.csv";
            named && name.ends_with(".csv") && !name.contains('/')
        };
        let samples: Vec<&str> =
            self.files.iter().filter_map(|name| name.strip_prefix(&folder)).filter(|name| is_sample(name)).collect();
        let [sample] = samples[..] else {
            let found = if samples.is_empty() { "none".to_owned() } else { samples.join(", ") };
            return Err(wrong(format!("expected one CSV file with `submission` in its name, found {found}")));
        };
        Ok(DsbenchTask {
            train: file(format!("{folder}train.csv"))?,
            test: file(format!("{folder}test.csv"))?,
            sample_submission: file(format!("{folder}{sample}"))?,
            answers: file(format!("{ANSWERS}{slug}/test_answer.csv"))?,
            description: file(format!("task/{slug}.txt")).ok(),
        })
    }

    fn file(&self, name: &str) -> DsbenchFile {
        let name = format!("{}{name}", self.prefix);
        if self.is_archive {
            DsbenchFile::Member { archive: self.place.clone(), name }
        } else {
            DsbenchFile::OnDisk(self.place.join(name))
        }
    }

    /// Fetches the archive to `<folder>/data.zip`, or finds it there, or goes on with its part.
    ///
    /// # Errors
    /// What [`Downloader::fetch`] may fail with.
    pub fn download(
        downloader: &Downloader,
        address: &str,
        folder: &Path,
        anew: bool,
        watch: &dyn Watch,
    ) -> Result<Fetched, DownloadError> {
        let to = folder.join("data.zip");
        downloader.fetch(&FileRequest { address, to: &to, form: Form::Zip, anew }, watch)
    }
}

impl DsbenchFile {
    /// Writes the file's bytes, and says how many there were.
    ///
    /// # Errors
    /// A file that cannot be read, an archive that is damaged, a writer that fails.
    pub fn copy_to(&self, writer: &mut dyn Write) -> Result<u64, DsbenchError> {
        match self {
            Self::OnDisk(path) => {
                let failed = |source| DsbenchError::Io { action: "copy", path: path.clone(), source };
                io::copy(&mut File::open(path).map_err(failed)?, writer).map_err(failed)
            }
            Self::Member { archive, name } => {
                let place = || archive.join(name);
                let failed = |source| DsbenchError::Io { action: "copy", path: place(), source };
                let broken = |source| DsbenchError::Archive { path: place(), source };
                let mut opened = open_archive(archive)?;
                let member = opened.by_name(name).map_err(broken)?;
                let size = member.size();
                // One byte more than it says shows a bomb, and the end of an honest one, where its checksum is compared.
                let copied = io::copy(&mut member.take(size.saturating_add(1)), writer).map_err(failed)?;
                if copied != size {
                    let message = format!("it unpacks to other than the {size} bytes that it says");
                    return Err(failed(io::Error::new(io::ErrorKind::InvalidData, message)));
                }
                Ok(copied)
            }
        }
    }
}

fn open_archive(path: &Path) -> Result<ZipArchive<io::BufReader<File>>, DsbenchError> {
    let file = File::open(path).map_err(|source| DsbenchError::Io { action: "read", path: path.to_owned(), source })?;
    ZipArchive::new(io::BufReader::new(file)).map_err(|source| DsbenchError::Archive { path: path.to_owned(), source })
}

/// The names of an archive's files. What macOS adds is none of them.
fn members(path: &Path) -> Result<Vec<String>, DsbenchError> {
    let archive = open_archive(path)?;
    let names = archive.file_names().filter_map(Result::ok).map(|name| name.to_string());
    Ok(names.filter(|name| !name.ends_with('/') && !name.starts_with("__MACOSX/")).collect())
}

/// The names of the files that lie where DSBench's may; other files of the folder are not looked at.
fn walk(root: &Path) -> Result<Vec<String>, DsbenchError> {
    let mut names = Vec::new();
    for prefix in ["", "data/"] {
        for folder in [RESPLIT, ANSWERS, "task/"] {
            list(root, &format!("{prefix}{folder}"), 1, &mut names)?;
        }
    }
    Ok(names)
}

fn list(root: &Path, folder: &str, depth: usize, names: &mut Vec<String>) -> Result<(), DsbenchError> {
    let path = root.join(folder);
    let failed = |source| DsbenchError::Io { action: "list", path: path.clone(), source };
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = format!("{folder}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            if depth > 0 {
                list(root, &format!("{name}/"), depth - 1, names)?;
            }
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn known(slugs: &[String]) -> String {
    const SOME: usize = 5;
    let more = slugs.len().saturating_sub(SOME);
    let some = slugs[..slugs.len().min(SOME)].join(", ");
    if more == 0 { some } else { format!("{some} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("data_resplit/bike-sharing-demand/train.csv", "id,count\n1,2\n"),
        ("data_resplit/bike-sharing-demand/test.csv", "id\n3\n"),
        ("data_resplit/bike-sharing-demand/sampleSubmission.csv", "id,count\n9,0\n"),
        ("answers/bike-sharing-demand/test_answer.csv", "id,count\n3,4\n"),
        ("task/bike-sharing-demand.txt", "Count bikes."),
        ("data_resplit/see-click-predict-fix/train.csv", "id\n"),
        ("data_resplit/tabular-playground-series-sep-2021/train.csv", "id,claim\n"),
        ("data_resplit/tabular-playground-series-sep-2021/test.csv", "id\n"),
        ("data_resplit/tabular-playground-series-sep-2021/sample_solution.csv", "id,claim\n"),
        ("answers/tabular-playground-series-sep-2021/test_answer.csv", "id,claim\n"),
    ];

    fn folder(prefix: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(prefix).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn archive(prefix: &str, files: &[(&str, &str)]) -> tempfile::NamedTempFile {
        let mut writer = zip::ZipWriter::new(tempfile::NamedTempFile::new().unwrap());
        let options = zip::write::SimpleFileOptions::default();
        writer
            .start_file(format!("__MACOSX/{prefix}data_resplit/bike-sharing-demand/._submission.csv"), options)
            .unwrap();
        for (name, text) in files {
            writer.start_file(format!("{prefix}{name}"), options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap()
    }

    fn text(file: &DsbenchFile) -> String {
        let mut bytes = Vec::new();
        assert_eq!(file.copy_to(&mut bytes).unwrap(), bytes.len() as u64);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn archive_and_folder_give_the_same_files() {
        for prefix in ["", "data/"] {
            let (folder, archive) = (folder(prefix, FILES), archive(prefix, FILES));
            for place in [folder.path(), archive.path()] {
                let dsbench = Dsbench::open(place).unwrap();
                let slugs = ["bike-sharing-demand", "see-click-predict-fix", "tabular-playground-series-sep-2021"];
                assert_eq!(dsbench.slugs(), slugs);
                let task = dsbench.task("bike-sharing-demand").unwrap();
                let description = task.description.unwrap();
                let files = [&task.train, &task.test, &task.sample_submission, &task.answers, &description];
                let texts: Vec<String> = files.into_iter().map(text).collect();
                let expected: Vec<&str> = FILES[..5].iter().map(|(_, text)| *text).collect();
                assert_eq!(texts, expected, "{}", place.display());
                let odd = dsbench.task("tabular-playground-series-sep-2021").unwrap();
                assert_eq!((text(&odd.sample_submission).as_str(), odd.description), ("id,claim\n", None));
            }
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let dsbench = folder("data", FILES);
        let dsbench = Dsbench::open(dsbench.path()).unwrap();
        let unknown = dsbench.task("titanic").unwrap_err().to_string();
        assert!(unknown.contains("no task `titanic`, only bike-sharing-demand, see"), "{unknown}");
        let incomplete = dsbench.task("see-click-predict-fix").unwrap_err().to_string();
        assert!(incomplete.contains("`submission` in its name, found none"), "{incomplete}");
        let lacking = folder("", &FILES[..3]);
        let lacking = Dsbench::open(lacking.path()).unwrap().task("bike-sharing-demand").unwrap_err().to_string();
        assert!(lacking.contains("`answers/bike-sharing-demand/test_answer.csv` is missing"), "{lacking}");
        let twice = [FILES, &[("data_resplit/bike-sharing-demand/my_submission.csv", "")]].concat();
        let twice = archive("", &twice);
        let twice = Dsbench::open(twice.path()).unwrap().task("bike-sharing-demand").unwrap_err().to_string();
        assert!(twice.contains("found my_submission.csv, sampleSubmission.csv"), "{twice}");
    }

    #[test]
    fn other_things_are_refused() {
        let other = folder("", &[("train.csv", "a\n")]);
        let error = Dsbench::open(other.path()).unwrap_err().to_string();
        assert!(error.contains("mledojo download --dsbench"), "{error}");
        let file = Dsbench::open(&other.path().join("train.csv")).unwrap_err().to_string();
        assert!(file.contains("no whole zip archive"), "{file}");
        assert!(Dsbench::open(&other.path().join("none")).unwrap_err().to_string().contains("cannot read"));
    }
}
