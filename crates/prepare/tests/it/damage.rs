//! Damaged directories, changed sources, wrong specs, many at once.

use std::fs;
use std::path::Path;

use mledojo_prepare::{PrepareError, PrepareRequest, Prepared, prepare};

use crate::packages::{SITE_PACKAGES, competition, names, prepare_into};

fn digest(out: &Path) -> Vec<u8> {
    Prepared::open(out).unwrap().verify().unwrap();
    fs::read(out.join("manifest.json")).unwrap()
}

#[test]
fn a_damaged_directory_is_found_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("iris");
    let iris = competition("iris");
    prepare_into(&iris, &out).unwrap();
    let whole = digest(&out);
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 7] = [
        ("manifest gone", |out| fs::remove_file(out.join("manifest.json")).unwrap()),
        ("manifest cut", |out| fs::write(out.join("manifest.json"), "{\"format\": 2,").unwrap()),
        ("manifest of another format", |out| {
            let text = fs::read_to_string(out.join("manifest.json")).unwrap();
            fs::write(out.join("manifest.json"), text.replace("\"format\": 2", "\"format\": 99")).unwrap();
        }),
        ("answers cut", |out| fs::write(out.join("private/test_answer.csv"), "id,species\n").unwrap()),
        ("train gone", |out| fs::remove_file(out.join("public/train.csv")).unwrap()),
        ("private gone", |out| fs::remove_dir_all(out.join("private")).unwrap()),
        ("all gone but an empty folder", |out| {
            fs::remove_dir_all(out).unwrap();
            fs::create_dir(out).unwrap();
        }),
    ];
    for (name, damage) in damages {
        damage(&out);
        if name != "manifest gone" {
            let error = Prepared::open(&out).unwrap_err();
            let fits = matches!(error, PrepareError::Damaged { .. } | PrepareError::Missing { .. });
            assert!(fits, "{name}: {error:?}");
        }
        prepare_into(&iris, &out).unwrap();
        assert_eq!(digest(&out), whole, "{name}");
        assert_eq!(names(folder.path()), [".iris.lock", "iris"], "{name}");
    }
}

#[test]
fn verify_names_the_changed_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("wine");
    let prepared = prepare_into(&competition("wine"), &out).unwrap();
    let answers = fs::read_to_string(prepared.answers()).unwrap();
    fs::write(prepared.answers(), answers.replacen("0,1,0", "1,0,0", 1)).unwrap();
    let error = prepared.verify().unwrap_err();
    assert!(matches!(&error, PrepareError::Damaged { path, .. } if *path == prepared.answers()), "{error:?}");
    fs::write(prepared.answers(), answers).unwrap();
    prepared.verify().unwrap();
    fs::write(prepared.public().join("hint.txt"), "").unwrap();
    let error = prepared.verify().unwrap_err().to_string();
    assert!(error.contains("hint.txt` is damaged: preparation did not write it"), "{error}");
}

#[test]
fn another_spec_brief_or_leaderboard_makes_the_directory_anew() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("iris");
    let mut iris = competition("iris");
    prepare_into(&iris, &out).unwrap();
    iris.brief.push_str("\nOne more line.\n");
    let prepared = prepare_into(&iris, &out).unwrap();
    assert!(fs::read_to_string(prepared.description_file()).unwrap().ends_with("One more line.\n"));
    iris.spec.prepare.as_mut().unwrap().test_fraction = 0.5;
    let prepared = prepare_into(&iris, &out).unwrap();
    assert_eq!(fs::read_to_string(prepared.answers()).unwrap().lines().count(), 76);
}

#[test]
fn a_directory_with_other_things_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.tex"), "years of work").unwrap();
    let error = prepare_into(&competition("iris"), folder.path()).unwrap_err();
    assert!(matches!(&error, PrepareError::Foreign { entry, .. } if entry == "thesis.tex"), "{error:?}");
    assert_eq!(names(folder.path()), ["thesis.tex"]);

    let file = folder.path().join("thesis.tex");
    prepare_into(&competition("iris"), &file).unwrap_err();
    assert_eq!(fs::read_to_string(&file).unwrap(), "years of work");
}

#[test]
fn a_source_with_other_bytes_or_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (packages, out) = (folder.path().join("packages"), folder.path().join("out/iris"));
    let iris = competition("iris");
    let request = PrepareRequest { competition: &iris, site_packages: &packages, out: &out };
    let error = prepare(&request).unwrap_err();
    assert!(matches!(error, PrepareError::SourceMissing { .. }), "{error:?}");

    let source = packages.join("sklearn/datasets/data/iris.csv");
    fs::create_dir_all(source.parent().unwrap()).unwrap();
    let text = fs::read_to_string(SITE_PACKAGES.join("sklearn/datasets/data/iris.csv")).unwrap();
    fs::write(&source, text.replacen("5.1", "5.2", 1)).unwrap();
    let error = prepare(&request).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, PrepareError::SourceChanged { .. }), "{error:?}");
    assert!(
        message.contains("iris.csv") && message.contains(&iris.spec.prepare.as_ref().unwrap().sources[0].sha256),
        "{message}"
    );
    assert_eq!(names(&folder.path().join("out")), [".iris.lock"]);
}

#[test]
fn a_spec_that_does_not_fit_its_source_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |change: fn(&mut mledojo_catalog::Competition)| {
        let mut iris = competition("iris");
        change(&mut iris);
        prepare_into(&iris, &folder.path().join("iris")).unwrap_err().to_string()
    };
    let error = refused(|iris| iris.spec.prepare.as_mut().unwrap().target = "colour".to_owned());
    assert_eq!(error, "competition `iris`, key `prepare.target`: `colour` is not among prepare.columns");
    let error = refused(|iris| iris.spec.prepare.as_mut().unwrap().sources[0].header_lines = 0);
    assert!(error.ends_with("row 1: `setosa` in column `petal_length` is not a number"), "{error}");
    let error = refused(|iris| iris.spec.prepare.as_mut().unwrap().labels.truncate(2));
    assert!(error.ends_with("target code 2, expected 0 to 1"), "{error}");
    let error = refused(|iris| drop(iris.spec.prepare.as_mut().unwrap().columns.remove(0)));
    assert!(error.ends_with("row 1: 5 cells, expected 4"), "{error}");
    let error = refused(|iris| drop(iris.spec.submission.sample.pop()));
    assert!(error.contains("key `submission.sample`"), "{error}");
    assert_eq!(names(folder.path()), [".iris.lock"]);
}

#[test]
fn what_a_killed_process_left_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let left = folder.path().join(".iris.new-k1lled/new/public");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("train.csv"), "id,").unwrap();
    prepare_into(&competition("iris"), &folder.path().join("iris")).unwrap();
    assert_eq!(names(folder.path()), [".iris.lock", "iris"]);
}

/// Run by the test below, in processes of its own.
#[test]
#[ignore = "a part of `many_processes_prepare_one_directory`"]
fn prepare_digits_into_the_given_folder() {
    let out = std::env::var_os("MLEDOJO_TEST_OUT").expect("the parent test sets MLEDOJO_TEST_OUT");
    prepare_into(&competition("digits"), Path::new(&out)).unwrap().verify().unwrap();
}

#[test]
fn many_processes_prepare_one_directory() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("digits");
    let children: Vec<_> = (0..4)
        .map(|_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "damage::prepare_digits_into_the_given_folder", "--ignored"])
                .env("MLEDOJO_TEST_OUT", &out)
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    digest(&out);
    assert_eq!(names(folder.path()), [".digits.lock", "digits"]);
}
