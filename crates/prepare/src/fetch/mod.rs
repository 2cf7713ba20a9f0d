//! Getting large files over HTTP, so that what was fetched once is not fetched again.
//!
//! Start with [`Downloader::fetch`]: it writes beside the file it makes (`<name>.part`, and `<name>.part.json` with what
//! the server said of the file), goes on where a cut connection, a kill or a full disk ended it, and renames when the
//! bytes are whole. Servers that are busy are asked again, later each time.
//!
//! *Invariant:* knows nothing of Kaggle. A credential goes to the server that it is for and to no other, whatever
//! redirects say.

mod address;
mod answer;
mod checksum;
mod disk;
mod downloader;
mod error;
mod part;
mod retry;
mod transfer;
mod watch;

pub use address::Origin;
pub use answer::one_line;
pub use disk::free_bytes;
pub(crate) use downloader::Credential;
pub use downloader::{DownloadOptions, Downloader};
pub use error::DownloadError;
pub use part::OnDisk;
pub use retry::{Retry, retry_after};
pub use transfer::{Fetched, FileRequest, Form};
pub use watch::{DownloadEvent, Watch};
