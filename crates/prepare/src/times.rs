//! The one time that files get which must tell nothing by their time.

use std::fs::{File, FileTimes};
use std::io;
use std::time::{Duration, SystemTime};

/// The first second of the year 2000: early enough that it is nobody's, late enough for every file system.
pub(crate) fn neutral() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800)
}

/// Gives a file the neutral time.
pub(crate) fn neutralize(file: &File) -> io::Result<()> {
    file.set_times(FileTimes::new().set_accessed(neutral()).set_modified(neutral()))
}
