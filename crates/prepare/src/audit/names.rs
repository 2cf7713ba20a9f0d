//! Names, sizes and times of files that tell the answers.

use std::collections::HashMap;

use super::answers::{Answers, View, keys};
use super::association::{Bar, tells};
use super::finding::{AuditReport, Finding, Leak};
use super::pictures;
use super::series::Series;
use super::source::{PublicFile, Sources};

pub(super) fn look(sources: &Sources, answers: &Answers, report: &mut AuditReport) {
    for view in &answers.views {
        let units = view.units();
        let Some(files) = of_units(&sources.files, view, &units) else { continue };
        let example = files.iter().flatten().next().map_or_else(String::new, |file| file.path.clone());
        let text = |part: fn(&PublicFile) -> String| Series::of(files.iter().map(|file| file.map(part)));
        let mut features = vec![
            (Leak::FileNames, "folder".to_owned(), text(folder)),
            (
                Leak::FileNames,
                "ending".to_owned(),
                text(|file| file.path.rsplit('.').next().unwrap_or_default().to_owned()),
            ),
            (Leak::FileMetadata, "size".to_owned(), text(|file| file.size.to_string())),
            (Leak::FileMetadata, "time of change".to_owned(), text(|file| file.changed.to_string())),
        ];
        let notes: Vec<Option<String>> =
            files.iter().map(|file| file.and_then(|file| pictures::note(&file.file))).collect();
        features.push((
            Leak::FileMetadata,
            "text within the picture".to_owned(),
            Series::of(notes.iter().map(Option::as_ref)),
        ));
        let last = |note: &Option<String>| {
            let note = note.as_ref()?.trim_end_matches(|sign: char| !sign.is_alphanumeric());
            let value = note.rsplit(|sign: char| !(sign.is_alphanumeric() || ".-+".contains(sign))).next();
            value.map(str::to_owned)
        };
        features.push((
            Leak::FileMetadata,
            "last word of the text within the picture".to_owned(),
            Series::of(notes.iter().map(last)),
        ));
        for place in 0..6 {
            let token = |file: &PublicFile| tokens(&file.path).get(place).map(|token| format!("`{token}`"));
            let series = Series::of(files.iter().map(|file| file.and_then(token)));
            features.push((Leak::FileNames, format!("part {} of the name", place + 1), series));
        }
        let bar = Bar::among(features.len() * view.targets.len());
        for (leak, what, series) in features {
            let bar =
                if leak == Leak::FileMetadata && !what.contains("text") { Bar::among(MANY_RELATIONS) } else { bar };
            let told = view.targets.iter().find_map(|(target, answers)| Some((target, tells(&series, answers, bar)?)));
            if let Some((target, evidence)) = told {
                report.findings.push(Finding {
                    leak,
                    file: example.clone(),
                    column: Some(what),
                    target: target.clone(),
                    evidence,
                });
            }
        }
    }
}

/// Files of one class may well be alike in size: only what many of them show is a finding.
const MANY_RELATIONS: usize = 10_000_000;

/// Which unit a file is of.
type UnitOf<'a> = dyn Fn(&PublicFile) -> Option<usize> + 'a;

/// The file of each unit: one called as its id, else one that has the id in its name.
fn of_units<'a>(
    files: &'a [PublicFile],
    view: &View,
    units: &HashMap<String, usize>,
) -> Option<Vec<Option<&'a PublicFile>>> {
    let whole = |file: &PublicFile| keys(&file.path).find_map(|key| units.get(&key).copied());
    let in_folder = |file: &PublicFile| file.path.split('/').find_map(|part| units.get(part).copied());
    let in_name = |file: &PublicFile| tokens(&file.path).into_iter().find_map(|token| units.get(token).copied());
    let ways: [&UnitOf<'_>; 3] = [&whole, &in_folder, &in_name];
    ways.into_iter().find_map(|unit_of| {
        let mut of_unit = vec![None; view.ids.len()];
        for file in files {
            if let Some(unit) = unit_of(file) {
                of_unit[unit].get_or_insert(file);
            }
        }
        let found = of_unit.iter().flatten().count();
        (found * 2 >= view.ids.len()).then_some(of_unit)
    })
}

fn folder(file: &PublicFile) -> String {
    file.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// The parts of a file's name between signs.
fn tokens(path: &str) -> Vec<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.split(|sign: char| !sign.is_alphanumeric()).filter(|token| !token.is_empty()).collect()
}
