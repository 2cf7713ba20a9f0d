//! Unpacking archives.
use crate::error::PrepareError;
use std::path::Path;
pub(crate) fn unpack(archive: &Path, to: &Path, _done: &(dyn Fn(u64) + Sync)) -> Result<(), PrepareError> {
    let failed = |e| PrepareError::io("read", archive, e);
    let file = std::fs::File::open(archive).map_err(failed)?;
    if archive.extension().is_some_and(|e| e == "gz") {
        let out = to.join(archive.file_stem().unwrap_or_default());
        std::io::copy(&mut flate2::read::GzDecoder::new(file), &mut std::fs::File::create(&out).map_err(failed)?)
            .map_err(failed)?;
        return Ok(());
    }
    let mut zip = zip::ZipArchive::new(file).map_err(|e| failed(e.into()))?;
    zip.extract(to).map_err(|e| failed(e.into()))
}
