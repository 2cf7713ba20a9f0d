//! Directories that MLE-Dojo prepared.

use std::fs;
use std::path::{Path, PathBuf};

use mledojo_catalog::{BoardKind, Leaderboard};
use mledojo_metrics::Direction;
use mledojo_prepare::{PrepareError, Prepared};

const FILES: [(&str, &str); 6] = [
    ("public/description.txt", "Predict the survivors."),
    ("public/sample_submission.csv", "PassengerId,Survived\n1,0\n"),
    ("public/train.csv", "PassengerId,Pclass,Survived\n2,3,1\n"),
    ("private/test_answer.csv", "PassengerId,Survived\n1,1\n"),
    ("private/public_leaderboard.csv", "rank,score\n1,0.9\n2,0.8\n"),
    ("private/private_leaderboard.csv", "rank,score\n1,0.85\n2,0.7\n"),
];

fn write(root: &Path) -> PathBuf {
    for (name, text) in FILES {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root.to_owned()
}

#[test]
fn both_places_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for (dir, root) in [("flat", "flat"), ("nested", "nested/data")] {
        let root = write(&folder.path().join(root));
        let prepared = Prepared::open(&folder.path().join(dir)).unwrap();
        assert_eq!(prepared.public(), root.join("public"));
        assert_eq!(prepared.private(), root.join("private"));
        assert_eq!(prepared.description_file(), root.join("public/description.txt"));
        assert_eq!(prepared.answers(), root.join("private/test_answer.csv"));
        assert!(prepared.manifest().is_none());
        prepared.verify().unwrap();
        let board = Leaderboard::read_board(&prepared.leaderboard(BoardKind::Private), Direction::Maximize);
        assert_eq!(board.unwrap().unwrap().scores(), [0.85, 0.7]);
    }
}

#[test]
fn a_missing_file_is_named_and_leaderboards_are_optional() {
    for (name, _) in FILES {
        let folder = tempfile::tempdir().unwrap();
        let root = write(folder.path());
        fs::remove_file(root.join(name)).unwrap();
        let opened = Prepared::open(folder.path());
        if name.contains("leaderboard") || name.contains("train") {
            opened.unwrap();
        } else {
            let error = opened.unwrap_err();
            assert!(matches!(&error, PrepareError::Missing { path, .. } if *path == root.join(name)), "{error:?}");
        }
    }
}

#[test]
fn an_empty_or_absent_directory_says_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    for dir in [folder.path().to_owned(), folder.path().join("absent")] {
        let error = Prepared::open(&dir).unwrap_err().to_string();
        assert!(error.contains("public` is missing") && error.contains("public/ and private/"), "{error}");
    }
}

#[test]
fn a_folder_in_place_of_a_file_is_not_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = write(folder.path());
    fs::remove_file(root.join("private/test_answer.csv")).unwrap();
    fs::create_dir(root.join("private/test_answer.csv")).unwrap();
    assert!(matches!(Prepared::open(folder.path()), Err(PrepareError::Missing { .. })));
}
