//! Kaggle's data, for those who accepted a competition's rules.
//!
//! Start with [`Credentials::find`], then [`KaggleClient::new`]. The client speaks version 1 of Kaggle's API
//! (`/api/v1/competitions/…`), the one of its own tools: it lists a competition's files, fetches all of them as one zip
//! archive or one by one, and fetches the leaderboard. How bytes come, and go on after a cut, is [`crate::fetch`]'s.
//!
//! *Invariant:* a key or token is sent to Kaggle alone, and shows nowhere: not in messages, not in `Debug`. The HTTP
//! library logs whole requests at level `trace`; a program with a logger of its own keeps `ureq` above that.

mod client;
mod credentials;
mod error;
mod listing;

pub use client::{KAGGLE, KaggleClient, archive_file, competition_name};
pub use credentials::{Credentials, FoundCredentials, Secret};
pub use error::KaggleError;
pub use listing::DataFile;
