//! multi-modal-gesture-recognition: the recordings of the last training archive are those to be tested on.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, Entry, EntryType, Header};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::error::PrepareError;
use crate::matlab;
use crate::progress::ProgressUnit;
use crate::random::PythonRandom;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const ARCHIVE: &str = "training4.tar.gz";
const GESTURES: usize = 20;

/// Makes the tables `ids` and `sample` of what the archive holds.
pub(super) fn test_ids(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let archive = workspace.find(ARCHIVE)?;
    workspace.progress.begin(&format!("reading {ARCHIVE}"), None, ProgressUnit::Bytes);
    let mut ids = Vec::new();
    each_entry(&archive, |entry| {
        let path = entry.path()?;
        if let Some(name) = top_level_zip(&path) {
            ids.push(last_four(name).to_owned());
        }
        Ok(())
    })?;
    ids.sort_unstable();
    let mut random = PythonRandom::new(0);
    let mut sequences = Texts::default();
    for _ in &ids {
        let order = random.sample(GESTURES, GESTURES).map_err(|error| workspace.error(error.to_string()))?;
        let order: Vec<String> = order.into_iter().map(|gesture| (gesture + 1).to_string()).collect();
        sequences.push(&order.join(" "));
    }
    let ids = Frame::of_columns("ids", [("Id", ids.into_iter().collect::<Texts>())]);
    let sample = ids.with_texts("Sequence", sequences.iter());
    workspace.keep_table("ids", ids);
    workspace.keep_table("sample", sample);
    Ok(())
}

/// Writes the archive anew, without the gestures that its Matlab files tell.
pub(super) fn without_labels(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let archive = workspace.find(ARCHIVE)?;
    let to = workspace.new_file("public/test.tar.gz")?;
    workspace.progress.begin("removing labels from test.tar.gz", None, ProgressUnit::Bytes);
    let failed = |error| PrepareError::io("write", &to, error);
    let out = BufWriter::new(File::create(&to).map_err(failed)?);
    let mut out = Builder::new(GzEncoder::new(out, Compression::fast()));
    let beside = to.parent().unwrap_or(&to);
    each_entry(&archive, |entry| {
        if entry.header().entry_type() != EntryType::Regular {
            return Ok(());
        }
        let path = entry.path()?.into_owned();
        let mut content = tempfile::tempfile_in(beside)?;
        io::copy(entry, &mut content)?;
        content.rewind()?;
        let mut content = if path.extension().is_some_and(|ending| ending == "zip") {
            zip_without_labels(content, beside).map_err(|error| inside(&path, error))?
        } else {
            content
        };
        let size = content.seek(io::SeekFrom::End(0))?;
        content.rewind()?;
        let mut header = Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o644);
        workspace.progress.advance(size);
        out.append_data(&mut header, &path, BufReader::new(content))
    })?;
    let packed = out.into_inner().and_then(GzEncoder::finish).map_err(failed)?;
    packed.into_inner().map_err(|error| failed(error.into_error()))?;
    Ok(())
}

/// Looks at the entries of a packed tar, in their order.
fn each_entry(
    archive: &Path,
    mut look: impl FnMut(&mut Entry<'_, &mut dyn Read>) -> io::Result<()>,
) -> Result<(), PrepareError> {
    let failed = |error| PrepareError::io("read", archive, error);
    let file = File::open(archive).map_err(failed)?;
    let mut stream = MultiGzDecoder::new(BufReader::new(file));
    let mut tar = Archive::new(&mut stream as &mut dyn Read);
    for entry in tar.entries().map_err(failed)? {
        entry.and_then(|mut entry| look(&mut entry)).map_err(failed)?;
    }
    Ok(())
}

/// A recording's zip with its Matlab files rewritten. What is no zip is left as it is.
fn zip_without_labels(mut content: File, beside: &Path) -> io::Result<File> {
    let mut start = Vec::new();
    (&content).take(4).read_to_end(&mut start)?;
    content.rewind()?;
    if start != b"PK\x03\x04" {
        return Ok(content);
    }
    let mut old = ZipArchive::new(BufReader::new(content))?;
    let mut new = ZipWriter::new(tempfile::tempfile_in(beside)?);
    for index in 0..old.len() {
        let mut entry = old.by_index(index)?;
        let name = entry.name()?.into_owned();
        if !name.to_ascii_lowercase().ends_with(".mat") {
            new.raw_copy_file(entry)?;
            continue;
        }
        let mut file = Vec::new();
        entry.read_to_end(&mut file)?;
        let file = matlab::without_field(&file, "Labels")
            .map_err(|reason| inside(Path::new(&name), io::Error::new(io::ErrorKind::InvalidData, reason)))?;
        new.start_file(name, SimpleFileOptions::default())?;
        new.write_all(&file)?;
    }
    Ok(new.finish()?)
}

/// An error that names a file within an archive.
fn inside(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}` in it: {error}", path.display()))
}

/// The name, without its ending, of a zip that lies in no folder.
fn top_level_zip(path: &Path) -> Option<&str> {
    let path = path.strip_prefix(".").unwrap_or(path).to_str()?;
    path.strip_suffix(".zip").filter(|name| !name.contains('/'))
}

/// The last four characters.
fn last_four(name: &str) -> &str {
    name.char_indices().rev().nth(3).map_or(name, |(start, _)| &name[start..])
}
