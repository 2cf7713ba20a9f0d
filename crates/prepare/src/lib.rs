//! Raw data in, `public/` and `private/` out.
//!
//! Start with [`prepare`]: it makes the directory of a bundled competition from the data files inside the
//! runtime's Python packages. [`Prepared::open`] reads such a directory, and MLE-Dojo's as well:
//!
//! ```text
//! <dir>/manifest.json                  what was written: paths, sizes, SHA-256, rows
//! <dir>/public/description.md          the brief
//! <dir>/public/train.csv, test.csv, sample_submission.csv, and images in train/ and test/
//! <dir>/private/test_answer.csv        the columns of a submission, with the right values
//! <dir>/private/public_leaderboard.csv, private_leaderboard.csv      rank,score; best first
//! ```
//!
//! The bytes depend on the competition and the source files alone: every order is that of SHA-256 hashes, so a
//! split is the same on every machine, and needs no random generator.
//!
//! *Invariant:* this crate knows nothing of the sandbox and of agents, and runs no Python.

pub mod archive;
mod audit;
mod bson;
mod digest;
mod download;
pub mod dsbench;
mod error;
pub mod fetch;
mod image;
mod install;
mod json_record;
pub mod kaggle;
mod layout;
mod manifest;
mod matlab;
mod npy;
mod parquet;
mod place;
mod prepare;
mod prepared;
mod progress;
mod python_json;
pub mod random;
mod recipe;
mod recipes;
mod script;
mod source;
mod split;
mod table;
mod times;
mod workspace;

pub use audit::{AuditReport, Finding, Leak, audit};
pub use download::{DownloadRequest, prepare_download};
pub use error::PrepareError;
pub use manifest::{FileRecord, FolderRecord, Manifest};
pub use prepare::{PrepareRequest, prepare};
pub use prepared::Prepared;
pub use progress::{NoProgress, Progress, ProgressUnit};
pub use script::{RecipeScript, ScriptRunner};
