//! Where a recipe works: the download, what was unpacked from it, the folder that is made, and the tables between.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Component, Path, PathBuf};

use mledojo_catalog::Competition;
use mledojo_catalog::spec::recipe::{Encoding, LongRows};
use mledojo_metrics::Protocol;

use crate::archive::{ArchiveError, Unpacker};
use crate::error::PrepareError;
use crate::place::{Inode, Placement, place};
use crate::progress::{Progress, ProgressUnit};
use crate::python_json;
use crate::recipe::template;
use crate::script::ScriptRunner;
use crate::table::{Frame, Records};

/// What a recipe reads and writes. Relative paths are meant below the download (where what was unpacked counts as
/// part of it), or begin with `public/` or `private/`.
pub(crate) struct Workspace<'a> {
    pub(crate) competition: &'a Competition,
    protocol: Protocol,
    /// The user's folder; never written to.
    raw: PathBuf,
    /// What was unpacked.
    unpacked: PathBuf,
    /// Notes of what was unpacked whole, so that a next try need not do it again.
    done: PathBuf,
    /// The folder that becomes the competition's.
    out: PathBuf,
    /// The folder that holds the three above.
    pub(crate) staging: PathBuf,
    /// What runs scripts of a user's own.
    pub(crate) scripts: Option<&'a dyn ScriptRunner>,
    tables: HashMap<String, Frame>,
    /// Rows of the tables that were written, by path.
    rows: BTreeMap<String, usize>,
    pub(crate) progress: &'a dyn Progress,
}

/// Which of the files that a pattern fits are copied.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice<'a> {
    /// Names that are left out; `*` stands for any name.
    pub(crate) except: &'a [&'a str],
    /// Whether folders are left out.
    pub(crate) plain: bool,
}

/// A file of the download.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Relative to the download, with `/`.
    pub(crate) path: String,
    /// Where it lies.
    pub(crate) file: PathBuf,
}

impl Found {
    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl<'a> Workspace<'a> {
    /// `staging` is a folder of this preparation's own, which outlives a process that is killed.
    pub(crate) fn new(
        competition: &'a Competition,
        protocol: Protocol,
        raw: &Path,
        staging: &Path,
        progress: &'a dyn Progress,
    ) -> Result<Self, PrepareError> {
        let [unpacked, done, out] = ["unpacked", "done", "new"].map(|name| staging.join(name));
        for folder in [&unpacked, &done, &out.join("public"), &out.join("private")] {
            fs::create_dir_all(folder).map_err(|error| PrepareError::io("create", folder, error))?;
        }
        Ok(Self {
            competition,
            protocol,
            raw: raw.to_owned(),
            unpacked,
            done,
            out,
            staging: staging.to_owned(),
            scripts: None,
            tables: HashMap::new(),
            rows: BTreeMap::new(),
            progress,
        })
    }

    /// The user's folder of the download.
    pub(crate) fn raw(&self) -> &Path {
        &self.raw
    }

    /// Reads a table that was written before.
    ///
    /// # Errors
    /// It isn't there, or is no table.
    pub(crate) fn read_output(&self, path: &str) -> Result<Frame, PrepareError> {
        let records = Records::read(&self.out.join(path), delimiter(path), LongRows::Refuse, Encoding::Utf8)?;
        Ok(Frame::of_records(path, records))
    }

    /// What was unpacked of the download.
    pub(crate) fn unpacked(&self) -> &Path {
        &self.unpacked
    }

    /// The protocol that it prepares under.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether leaks are closed, or left as the reference leaves them.
    pub(crate) fn corrected(&self) -> bool {
        self.protocol == Protocol::Corrected
    }

    /// Rows of the tables that were written, by path.
    pub(crate) fn written_rows(&self) -> &BTreeMap<String, usize> {
        &self.rows
    }

    /// A file or folder of the download, if it is there.
    pub(crate) fn look_for(&self, path: &str) -> Option<PathBuf> {
        [&self.unpacked, &self.raw].into_iter().map(|folder| folder.join(path)).find(|path| path.exists())
    }

    /// A file or folder of the download. A file that is there only as `<path>.zip` or `<path>.gz` is unpacked.
    ///
    /// # Errors
    /// It isn't there.
    pub(crate) fn find(&mut self, path: &str) -> Result<PathBuf, PrepareError> {
        if let Some(found) = self.look_for(path) {
            return Ok(found);
        }
        for ending in ["zip", "gz"] {
            if let Some(archive) = self.look_for(&format!("{path}.{ending}")) {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                self.unpack_one(&archive, &folder)?;
            }
        }
        self.look_for(path).ok_or_else(|| self.missing(path))
    }

    /// The error for a file that isn't there.
    pub(crate) fn missing(&self, path: &str) -> PrepareError {
        PrepareError::RawMissing {
            slug: self.competition.spec.slug.clone(),
            path: path.to_owned(),
            raw: self.raw.clone(),
        }
    }

    /// The files and folders of the download that a pattern fits, sorted by path. `*` stands for any name, or a part
    /// of one; names that begin with a dot are left out, and so is what macOS adds to archives.
    ///
    /// # Errors
    /// A folder cannot be read, or the pattern is malformed.
    pub(crate) fn glob(&self, pattern: &str) -> Result<Vec<Found>, PrepareError> {
        let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
        for root in [&self.raw, &self.unpacked] {
            let mut level = vec![(String::new(), root.clone())];
            for part in pattern.split('/') {
                let matcher = glob::Pattern::new(part).map_err(|error| self.error(format!("`{pattern}`: {error}")))?;
                let mut next = Vec::new();
                for (prefix, folder) in level {
                    let join =
                        |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
                    if !part.contains(['*', '?', '[']) {
                        let path = folder.join(part);
                        if path.exists() {
                            next.push((join(part), path));
                        }
                        continue;
                    }
                    if !folder.is_dir() {
                        continue;
                    }
                    let unreadable = |error| PrepareError::io("read", &folder, error);
                    for entry in fs::read_dir(&folder).map_err(unreadable)? {
                        let entry = entry.map_err(unreadable)?;
                        let name = entry.file_name();
                        let Some(name) = name.to_str() else { continue };
                        if !name.starts_with('.') && name != "__MACOSX" && matcher.matches(name) {
                            next.push((join(name), entry.path()));
                        }
                    }
                }
                level = next;
            }
            found.extend(level);
        }
        Ok(found.into_iter().map(|(path, file)| Found { path, file }).collect())
    }

    /// All files of the download below a folder, at any depth, sorted by the parts of their paths.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub(crate) fn files_below(&self, folder: &str) -> Result<Vec<Found>, PrepareError> {
        let mut files = Vec::new();
        for found in self.glob(&format!("{}/*", glob::Pattern::escape(folder)))? {
            if found.file.is_dir() {
                files.extend(self.files_below(&found.path)?);
            } else {
                files.push(found);
            }
        }
        Ok(files)
    }

    /// Unpacks the archives that a pattern fits into the folder `to`. An archive that isn't there counts as unpacked
    /// if what it holds by its name is there: `train.csv` for `train.csv.zip`, a folder `train` for `train.zip`.
    ///
    /// # Errors
    /// No archive fits, or one is damaged or hostile.
    pub(crate) fn unpack(&mut self, pattern: &str, to: &str) -> Result<(), PrepareError> {
        let mut archives = self.glob(pattern)?;
        // It is unpacked already.
        archives.retain(|archive| archive.path != self.bundle());
        if archives.is_empty() {
            let content = content_name(pattern);
            let inside = if to.is_empty() { content.to_owned() } else { format!("{to}/{content}") };
            if self.look_for(content).is_some() || self.look_for(&inside).is_some() {
                return Ok(());
            }
            return Err(self.missing(pattern));
        }
        archives.into_iter().try_for_each(|archive| self.unpack_one(&archive.file, to))
    }

    /// Unpacks the archive as a whole that Kaggle makes of a download, where there is one. A file of its name that is
    /// no archive is passed over if others lie beside it.
    pub(crate) fn unpack_bundle(&mut self) -> Result<(), PrepareError> {
        let name = self.bundle();
        let Some(bundle) = self.look_for(&name) else { return Ok(()) };
        match self.unpack_one(&bundle, "") {
            Err(PrepareError::Archive(ArchiveError::NotAnArchive { .. }))
                if self.glob("*")?.iter().any(|found| found.path != name) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// What the archive as a whole is called.
    fn bundle(&self) -> String {
        format!("{}.zip", self.competition.spec.slug)
    }

    fn unpack_one(&mut self, archive: &Path, to: &str) -> Result<(), PrepareError> {
        let metadata = fs::metadata(archive).map_err(|error| PrepareError::io("look at", archive, error))?;
        let name = archive.file_name().unwrap_or_default().to_string_lossy();
        let note = self.done.join(format!("{}-{}", to.replace('/', "_"), name));
        let content = format!("{} {:?}", metadata.len(), metadata.modified().ok());
        if fs::read_to_string(&note).is_ok_and(|noted| noted == content) {
            return Ok(());
        }
        self.progress.begin(&format!("unpacking {name}"), Some(metadata.len()), ProgressUnit::Bytes);
        let folder = self.unpacked.join(to);
        Unpacker::new().progress(&|bytes| self.progress.advance(bytes)).unpack(archive, &folder)?;
        fs::write(&note, content).map_err(|error| PrepareError::io("write", &note, error))
    }

    /// Reads a table of the download: tab-separated if its name ends in `.tsv`, else comma-separated.
    ///
    /// # Errors
    /// It isn't there, or is no table.
    pub(crate) fn read(&mut self, path: &str) -> Result<Frame, PrepareError> {
        self.read_as(path, LongRows::Refuse, Encoding::Utf8)
    }

    pub(crate) fn read_as(
        &mut self,
        path: &str,
        long_rows: LongRows,
        encoding: Encoding,
    ) -> Result<Frame, PrepareError> {
        let file = self.find(path)?;
        self.progress.begin(&format!("reading {path}"), None, ProgressUnit::Rows);
        let records = Records::read(&file, delimiter(path), long_rows, encoding)?;
        Ok(Frame::of_records(path, records))
    }

    /// A table that an earlier step made.
    pub(crate) fn table(&self, name: &str) -> Result<&Frame, PrepareError> {
        self.tables.get(name).ok_or_else(|| {
            let have: Vec<&String> = self.tables.keys().collect();
            self.error(format!("there is no table `{name}`; there are {have:?}"))
        })
    }

    /// Whether an earlier step made a table of this name.
    pub(crate) fn has_table(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    /// Keeps a table for later steps.
    pub(crate) fn keep_table(&mut self, name: &str, table: Frame) {
        self.tables.insert(name.to_owned(), table.named(name));
    }

    /// An error of the recipe.
    pub(crate) fn error(&self, message: String) -> PrepareError {
        PrepareError::Spec { slug: self.competition.spec.slug.clone(), key: "recipe", message }
    }

    /// The place of a file that is written, its folder made.
    ///
    /// # Errors
    /// A path that doesn't begin with `public/` or `private/` or leaves them, or a folder that cannot be made.
    pub(crate) fn output(&self, path: &str) -> Result<PathBuf, PrepareError> {
        let file = self.target(path)?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| PrepareError::io("create", folder, error))?;
        }
        Ok(file)
    }

    /// The place of a file that is written.
    fn target(&self, path: &str) -> Result<PathBuf, PrepareError> {
        let below = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !below || !(path.starts_with("public/") || path.starts_with("private/")) {
            return Err(self.error(format!("`{path}` is no path below `public/` or `private/`")));
        }
        Ok(self.out.join(path))
    }

    /// Writes a table: tab-separated if its name ends in `.tsv`, else comma-separated.
    pub(crate) fn write(&mut self, path: &str, table: &Frame) -> Result<(), PrepareError> {
        self.progress.begin(&format!("writing {path}"), None, ProgressUnit::Rows);
        table.write(&self.new_file(path)?, delimiter(path))?;
        self.rows.insert(path.to_owned(), table.len());
        Ok(())
    }

    /// Reads a file of UTF-8 text: where it lies, and what it says.
    ///
    /// # Errors
    /// It isn't there, or is no such text.
    pub(crate) fn read_text(&mut self, path: &str) -> Result<(PathBuf, String), PrepareError> {
        let file = self.find(path)?;
        self.progress.begin(&format!("reading {path}"), None, ProgressUnit::Bytes);
        let text = fs::read_to_string(&file).map_err(|error| PrepareError::io("read", &file, error))?;
        Ok((file, text))
    }

    /// Writes a JSON document as Python does.
    pub(crate) fn write_json(
        &mut self,
        path: &str,
        value: &impl serde::Serialize,
        style: python_json::Style,
    ) -> Result<(), PrepareError> {
        self.progress.begin(&format!("writing {path}"), None, ProgressUnit::Bytes);
        let file = self.new_file(path)?;
        let failed = |error| PrepareError::io("write", &file, error);
        let mut out = BufWriter::new(File::create(&file).map_err(failed)?);
        python_json::write(&mut out, value, style).and_then(|()| out.flush()).map_err(failed)
    }

    /// Writes JSON values as Python does, one a line.
    pub(crate) fn write_json_lines(
        &mut self,
        path: &str,
        values: &[impl serde::Serialize],
    ) -> Result<(), PrepareError> {
        self.progress.begin(&format!("writing {path}"), Some(values.len() as u64), ProgressUnit::Rows);
        let file = self.new_file(path)?;
        let failed = |error| PrepareError::io("write", &file, error);
        let mut out = BufWriter::new(File::create(&file).map_err(failed)?);
        for value in values {
            python_json::write(&mut out, value, python_json::Style::Compact).map_err(failed)?;
            out.write_all(b"\n").map_err(failed)?;
        }
        out.flush().map_err(failed)?;
        self.rows.insert(path.to_owned(), values.len());
        Ok(())
    }

    /// Writes a file.
    pub(crate) fn write_bytes(&mut self, path: &str, bytes: &[u8]) -> Result<(), PrepareError> {
        let file = self.new_file(path)?;
        fs::write(&file, bytes).map_err(|error| PrepareError::io("write", &file, error))
    }

    /// The place of a file that is written anew. An earlier try may have placed a link there, and writing through it
    /// would change the download.
    pub(crate) fn new_file(&self, path: &str) -> Result<PathBuf, PrepareError> {
        let file = self.output(path)?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(PrepareError::io("replace", &file, error)),
            _ => Ok(file),
        }
    }

    /// Places files or whole folders of the download: (where it lies, where it goes), the latter beginning with
    /// `public/` or `private/`.
    pub(crate) fn place(&self, files: Vec<(PathBuf, String)>) -> Result<(), PrepareError> {
        let mut placements = Vec::with_capacity(files.len());
        for (from, to) in files {
            let inode = if tells_of_test(&to) { Inode::Own } else { Inode::Shared };
            placements.push(Placement { from, to: self.target(&to)?, inode });
        }
        let files = Some(placements.len() as u64);
        self.progress.begin("placing files", files, ProgressUnit::Files);
        place(placements, &|files| self.progress.advance(files)).map_err(|error| match error {
            PrepareError::Io { path, source, .. } if source.kind() == io::ErrorKind::NotFound => {
                let lacking = [&self.unpacked, &self.raw].into_iter().find_map(|root| path.strip_prefix(root).ok());
                self.missing(&lacking.unwrap_or(&path).to_string_lossy())
            }
            error => error,
        })
    }

    /// Places a file or folder for each row of a table; in `file` and `to`, `{column}` stands for the row's cell.
    ///
    /// # Errors
    /// A file that the download lacks, or one that cannot be placed.
    pub(crate) fn place_rows(&self, table: &Frame, file: &str, to: &str) -> Result<(), PrepareError> {
        self.place(self.placements(table, file, to, false)?)
    }

    /// The file of each row, and where it goes; files that the download lacks are passed over if they are `optional`.
    /// Several rows may speak of one file.
    pub(crate) fn placements(
        &self,
        table: &Frame,
        file: &str,
        to: &str,
        optional: bool,
    ) -> Result<Vec<(PathBuf, String)>, PrepareError> {
        let (sources, targets) = (template::fill(table, file)?, template::fill(table, to)?);
        let mut files = Vec::with_capacity(table.len());
        let mut seen: HashSet<&str> = HashSet::with_capacity(table.len());
        // Files of one folder are looked for only where that folder is.
        let mut folders: HashMap<&str, Vec<PathBuf>> = HashMap::new();
        for (source, target) in sources.iter().zip(targets.iter()) {
            if !seen.insert(target) {
                continue;
            }
            if !template::is_plain(source) {
                return Err(table.error(None, format!("a row leads to the file `{source}`, outside the download")));
            }
            let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
            let folders = folders.entry(folder).or_insert_with(|| {
                let folders = [&self.unpacked, &self.raw].map(|root| root.join(folder));
                folders.into_iter().filter(|folder| folder.is_dir()).collect()
            });
            let found = match folders.as_slice() {
                // If it isn't there, placing it will tell.
                [folder] if !optional => Some(folder.join(name)),
                folders => folders.iter().map(|folder| folder.join(name)).find(|file| file.exists()),
            };
            match found {
                Some(found) => files.push((found, target.to_owned())),
                None if optional => {}
                None => return Err(self.missing(source)),
            }
        }
        Ok(files)
    }

    /// Places all files and folders that a pattern fits in a folder, under their own names; how many there were.
    pub(crate) fn copy(&mut self, pattern: &str, to: &str, choice: &Choice<'_>) -> Result<usize, PrepareError> {
        if !pattern.contains('*') {
            // It may be there only in packed form.
            let _ = self.find(pattern);
        }
        let mut files = Vec::new();
        for found in self.glob(pattern)? {
            let name = found.name().to_owned();
            let left_out = |except: &&str| glob::Pattern::new(except).is_ok_and(|except| except.matches(&name));
            let folder_left_out = choice.plain && found.file.is_dir();
            if !folder_left_out && !choice.except.iter().any(left_out) {
                files.push((found.file, format!("{}/{name}", to.trim_end_matches('/'))));
            }
        }
        let count = files.len();
        self.place(files)?;
        Ok(count)
    }
}

/// Whether a path's name says that it belongs to a test set.
fn tells_of_test(path: &str) -> bool {
    path.to_ascii_lowercase().contains("test")
}

/// The delimiter of a table by its name.
fn delimiter(path: &str) -> u8 {
    if path.ends_with(".tsv") { b'\t' } else { b',' }
}

/// What an archive's name says that it holds.
fn content_name(archive: &str) -> &str {
    [".tar.gz", ".tgz", ".tar", ".zip", ".7z", ".gz"]
        .into_iter()
        .find_map(|ending| archive.strip_suffix(ending))
        .unwrap_or(archive)
}
