//! Exact boards that a user has: reading them in the formats they come in, and keeping them.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use mledojo_metrics::{Direction, ReadLimits, Table};
use serde::Serialize;
use zip::ZipArchive;

use crate::board::{Board, BoardKind};
use crate::competition::Competition;
use crate::error::CatalogError;
use crate::leaderboard::Leaderboard;
use crate::spec::Spec;

/// Most bytes of a board's file; Kaggle's largest have 10,000 teams and a few megabytes.
const MOST_BYTES: u64 = 256 << 20;

/// A folder of exact boards: `<slug>/public_leaderboard.csv` and `<slug>/private_leaderboard.csv`, with the columns
/// `rank,score`. They win over whatever the catalog has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactBoards {
    root: PathBuf,
}

/// A board that was read and kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportedBoard {
    /// Which board it is.
    pub board: BoardKind,
    /// The file it was read from; a file of an archive after the archive's path and a colon.
    pub from: String,
    /// Where it is kept.
    pub file: PathBuf,
    /// Teams with a score.
    pub teams: usize,
    /// Teams without one, which are left out.
    pub without_score: usize,
}

/// A table of scores, and what it may be.
struct Found {
    name: String,
    /// The file's name, and that of the archive it is in. The folders above don't count: MLE-Dojo keeps both boards in
    /// `private/`.
    label: String,
    bytes: Vec<u8>,
}

impl ExactBoards {
    /// The boards in a folder, which need not exist.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where a board is kept.
    #[must_use]
    pub fn file(&self, slug: &str, kind: BoardKind) -> PathBuf {
        self.root.join(slug).join(file_name(kind))
    }

    /// Puts a competition's exact boards, if there are any, in the place of its own.
    pub(crate) fn put_into(&self, mut competition: Competition) -> Result<Competition, CatalogError> {
        for kind in [BoardKind::Public, BoardKind::Private] {
            let file = self.file(&competition.spec.slug, kind);
            if let Some(board) = Leaderboard::read_board(&file, competition.spec.metric.direction)? {
                competition.leaderboard = competition.leaderboard.with_board(kind, board.imported());
            }
        }
        Ok(competition)
    }

    /// Reads a competition's boards from a file or folder and keeps them.
    ///
    /// A folder is one with `public_leaderboard.csv` or `private_leaderboard.csv`, or MLE-Dojo's around it, or any with
    /// files of names that contain `leaderboard`. A file is a CSV table with a column `score` (`rank,score`) or `Score`
    /// (as Kaggle offers it), best first, or a zip archive of such tables. Which board it is, is told by `kind`, else
    /// by the words `public` or `private` in its name; it is the private one if nothing tells.
    ///
    /// # Errors
    /// Nothing is kept if a file cannot be read, has no column of scores or no scores, or if its last team's score is
    /// better than its first one's by the competition's metric.
    pub fn import(
        &self,
        spec: &Spec,
        from: &Path,
        kind: Option<BoardKind>,
    ) -> Result<Vec<ImportedBoard>, CatalogError> {
        let mut boards: Vec<(ImportedBoard, Board)> = Vec::new();
        for found in find(from)? {
            let board = kind.unwrap_or_else(|| kind_by_name(&found.label));
            let (scores, without_score) = scores(&found, spec.metric.direction)?;
            let file = self.file(&spec.slug, board);
            let imported = ImportedBoard { board, from: found.name, file, teams: scores.teams(), without_score };
            if let Some((other, _)) = boards.iter().find(|(other, _)| other.board == board) {
                let message = format!("it is the {board} board, and so is `{}`; give one of them", other.from);
                return Err(CatalogError::invalid(&imported.from, message));
            }
            boards.push((imported, scores));
        }
        for (imported, scores) in &boards {
            keep(&imported.file, scores)?;
        }
        Ok(boards.into_iter().map(|(imported, _)| imported).collect())
    }
}

fn file_name(kind: BoardKind) -> &'static str {
    match kind {
        BoardKind::Public => "public_leaderboard.csv",
        BoardKind::Private => "private_leaderboard.csv",
    }
}

/// The board that a file's name speaks of.
fn kind_by_name(label: &str) -> BoardKind {
    if label.to_lowercase().contains("public") { BoardKind::Public } else { BoardKind::Private }
}

/// The tables that a path leads to; at least one.
fn find(from: &Path) -> Result<Vec<Found>, CatalogError> {
    if !from.is_dir() {
        return read(from);
    }
    for folder in [from.to_owned(), from.join("private"), from.join("data/private")] {
        let named = [BoardKind::Public, BoardKind::Private].map(|kind| folder.join(file_name(kind)));
        let named: Vec<&PathBuf> = named.iter().filter(|file| file.is_file()).collect();
        if !named.is_empty() {
            let tables = named.into_iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
            return Ok(tables.into_iter().flatten().collect());
        }
    }
    let unreadable = |source| CatalogError::Read { file: from.display().to_string(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(from).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if name.contains("leaderboard") && (name.ends_with(".csv") || name.ends_with(".zip")) {
            files.push(path);
        }
    }
    files.sort();
    let tables = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let tables: Vec<Found> = tables.into_iter().flatten().collect();
    if tables.is_empty() {
        let expected = "no board in this folder: expected `private_leaderboard.csv`, `public_leaderboard.csv`, or files \
                        `…leaderboard….csv` or `.zip`";
        return Err(CatalogError::invalid(&from.display().to_string(), expected));
    }
    Ok(tables)
}

/// The tables in a file: itself, or those of an archive.
fn read(path: &Path) -> Result<Vec<Found>, CatalogError> {
    let name = path.display().to_string();
    let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unreadable = |source| CatalogError::Read { file: name.clone(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut start = [0; 4];
    let length = file.read(&mut start).map_err(unreadable)?;
    if start != *b"PK\x03\x04" {
        let mut bytes = start[..length].to_vec();
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
        return Ok(vec![Found { name, label, bytes }]);
    }
    let broken =
        |error: zip::result::ZipError| CatalogError::invalid(&name, format!("not a whole zip archive: {error}"));
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    let mut tables = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let inner = entry.name().map_err(broken)?.into_owned();
        if entry.is_file() && inner.to_lowercase().ends_with(".csv") {
            let mut bytes = Vec::new();
            entry.take(MOST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
            let file = inner.rsplit('/').next().unwrap_or(&inner);
            tables.push(Found { name: format!("{name}:{inner}"), label: format!("{label} {file}"), bytes });
        }
    }
    if tables.is_empty() {
        return Err(CatalogError::invalid(&name, "no CSV file in this archive"));
    }
    Ok(tables)
}

/// The board in a table, and how many of its teams have no score.
fn scores(found: &Found, direction: Direction) -> Result<(Board, usize), CatalogError> {
    let invalid = |message: String| CatalogError::invalid(&found.name, message);
    let table = Table::parse(&found.bytes, &ReadLimits::default()).map_err(|error| invalid(error.to_string()))?;
    let header = table.header().iter().find(|name| name.eq_ignore_ascii_case("score"));
    let column = header
        .and_then(|name| table.column(name))
        .ok_or_else(|| invalid(format!("line 1: no column `score`, only {}", table.header().join(", "))))?;
    let mut scores = Vec::with_capacity(table.rows());
    for (row, cell) in column.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()) {
        let score = cell.trim().parse::<f64>().ok().filter(|score| score.is_finite());
        scores.push(
            score.ok_or_else(|| invalid(format!("line {}: score `{cell}` is not a finite number", table.line(row))))?,
        );
    }
    if let [first, .., last] = scores[..]
        && direction.is_better(last, first)
    {
        let message = format!(
            "the last score {last} is better than the first, {first}: this metric is to {direction}, and boards have \
             the best team first. Is it another competition's board?"
        );
        return Err(invalid(message));
    }
    let without_score = table.rows() - scores.len();
    let board = Board::new(scores, direction).ok_or_else(|| invalid("the board has no scores".to_owned()))?;
    Ok((board, without_score))
}

/// Writes a board, whole or not at all.
fn keep(file: &Path, board: &Board) -> Result<(), CatalogError> {
    let failed = |source| CatalogError::Write { file: file.display().to_string(), source };
    let mut text = "rank,score\n".to_owned();
    for (place, score) in board.scores().iter().enumerate() {
        text.push_str(&format!("{},{score}\n", place + 1));
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(failed)?;
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, file)).map_err(|error| {
        let _ = fs::remove_file(&draft);
        failed(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BoardSource, Catalog};
    use std::io::Write;

    struct World {
        folder: tempfile::TempDir,
        boards: ExactBoards,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let boards = ExactBoards::new(folder.path().join("boards"));
            Self { folder, boards }
        }

        fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
            let path = self.folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            path
        }

        /// Imports for a competition whose metric is to maximize.
        fn import(&self, from: &Path) -> Result<Vec<ImportedBoard>, CatalogError> {
            self.boards.import(&Catalog::bundled().get("titanic").unwrap().spec, from, None)
        }

        fn board(&self, kind: BoardKind) -> Board {
            let catalog = Catalog::bundled().with_exact_boards(self.boards.clone());
            catalog.get("titanic").unwrap().leaderboard.board(kind).unwrap().clone()
        }
    }

    /// As Kaggle has it: names with commas, quotes and line ends, and teams without a score.
    const KAGGLE: &str = "\u{feff}Rank,TeamId,TeamName,LastSubmissionDate,Score,SubmissionCount,TeamMemberUserNames\n\
        1,7,\"The \"\"A\"\", team\",2020-01-01 00:00:00,0.9,3,\"a,b\"\n\
        2,8,\"two\nlines\",2020-01-01 00:00:00,0.8,1,c\n3,9,none,2020-01-01 00:00:00,,0,d\n";

    #[test]
    fn exact_boards_win_over_quantiles_one_by_one() {
        let world = World::new();
        assert_eq!(world.board(BoardKind::Private).source(), BoardSource::Quantiles);
        let file = world.write("private_leaderboard.csv", "rank,score\n1,0.9\n2,0.8\n3,0.8\n");
        let imported = world.import(&file).unwrap();
        assert_eq!((imported[0].board, imported[0].teams), (BoardKind::Private, 3));
        let private = world.board(BoardKind::Private);
        assert_eq!((private.source(), private.scores()), (BoardSource::Imported, &[0.9, 0.8, 0.8][..]));
        assert_eq!(world.board(BoardKind::Public).source(), BoardSource::Quantiles);
    }

    #[test]
    fn kaggles_download_is_read_zipped_or_not() {
        let world = World::new();
        let name = "titanic-publicleaderboard-2020-01-01T00:00:00.csv";
        let imported = world.import(&world.write(name, KAGGLE)).unwrap();
        let [board] = &imported[..] else { panic!("{imported:?}") };
        assert_eq!((board.board, board.teams, board.without_score), (BoardKind::Public, 2, 1));

        let zipped = world.folder.path().join("titanic.zip");
        let mut archive = zip::ZipWriter::new(File::create(&zipped).unwrap());
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(KAGGLE.as_bytes()).unwrap();
        archive.finish().unwrap();
        fs::remove_dir_all(world.folder.path().join("boards")).unwrap();
        assert_eq!(world.import(&zipped).unwrap()[0].board, BoardKind::Public);
        assert_eq!(world.board(BoardKind::Public).scores(), [0.9, 0.8]);
    }

    #[test]
    fn folders_are_searched_as_mledojo_lays_them_out() {
        let world = World::new();
        world.write("dojo/data/private/private_leaderboard.csv", "rank,score\n1,0.7\n");
        world.write("dojo/data/private/public_leaderboard.csv", "rank,score\n1,0.6\n");
        assert_eq!(world.import(&world.folder.path().join("dojo")).unwrap().len(), 2);
        assert_eq!(world.board(BoardKind::Public).scores(), [0.6]);
        assert_eq!(world.board(BoardKind::Private).scores(), [0.7]);
    }

    #[test]
    fn what_is_no_board_of_this_competition_is_refused_and_nothing_kept() {
        let world = World::new();
        let refused = |name: &str, content: &[u8]| {
            let error = world.import(&world.write(name, content)).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
            assert!(!world.folder.path().join("boards").exists());
            error
        };
        assert!(refused("empty.csv", b"rank,score\n").contains("no scores"));
        assert!(refused("names.csv", b"rank,points\n1,3\n").contains("no column `score`, only rank, points"));
        assert!(refused("text.csv", b"rank,score\n1,0.5\n2,high\n").contains("line 3: score `high`"));
        assert!(refused("errors.csv", b"rank,score\n1,0.1\n2,0.9\n").contains("better than the first"));
        assert!(refused("broken.zip", b"PK\x03\x04nothing").contains("not a whole zip archive"));
        let none = world.import(world.folder.path()).unwrap_err().to_string();
        assert!(none.contains("no board in this folder"), "{none}");
        world.write("two/a-leaderboard.csv", "rank,score\n1,0.1\n");
        world.write("two/b-leaderboard.csv", "rank,score\n1,0.1\n");
        let twice = world.import(&world.folder.path().join("two")).unwrap_err().to_string();
        assert!(twice.contains("so is") && twice.contains("a-leaderboard.csv"), "{twice}");
    }
}
