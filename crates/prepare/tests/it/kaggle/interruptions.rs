//! What a download makes of cuts, changes, damage and company.

use std::time::Duration;

use mledojo_prepare::fetch::{DownloadError, DownloadOptions};
use mledojo_prepare::kaggle::KaggleError;

use super::stand_in::{BASIC, Fault, KEY, archive};
use super::{NAME, Notes, World, client_with, options, read};

const SIZE: usize = 1 << 20;

/// The bytes that the requests to the storage began at.
fn starts(world: &World) -> Vec<u64> {
    let start = |range: &str| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap();
    world.server.storage_log().iter().map(|request| request.header("range").map_or(0, start)).collect()
}

#[test]
fn an_archive_comes_whole_and_only_once() {
    let world = World::new(SIZE);
    let length = world.download(&()) as usize;
    assert!(length > SIZE);
    assert_eq!(world.download(&()), 0);
    assert_eq!(world.server.storage_log().len(), 1);
    assert_eq!(world.client.size(NAME, &()).unwrap(), Some(length as u64));
}

#[test]
fn a_cut_connection_goes_on_where_it_was() {
    let world = World::new(SIZE);
    for bytes in [300_000, 0, 200_000] {
        world.server.storage_fault(Fault::Cut(bytes));
    }
    let notes = Notes::default();
    let transferred = world.download(&notes) as usize;
    assert_eq!(transferred, read(&world.archive()).len());
    assert_eq!(starts(&world), [0, 300_000, 300_000, 500_000]);
    assert_eq!(notes.text().matches("retry: ").count(), 3, "{}", notes.text());
    // Each request says which file it goes on with, and asks Kaggle for a fresh address.
    let log = world.server.storage_log();
    assert!(log[1..].iter().all(|request| request.header("if-range") == Some("\"one\"")));
    assert_eq!(world.server.api_log().len(), 4);
}

#[test]
fn cuts_in_a_row_without_a_byte_are_an_end() {
    let world = World::new(SIZE);
    world.server.storage_fault(Fault::Cut(100_000));
    for _ in 0..3 {
        world.server.storage_fault(Fault::Cut(0));
    }
    let error = world.refused();
    assert!(error.contains("4 attempts in a row") && error.contains("97.7 KiB of 1.0 MiB"), "{error}");
    // The next try goes on.
    assert_eq!(world.names(), ["titanic.zip.part", "titanic.zip.part.json"]);
    assert!((world.download(&()) as usize) < SIZE);
}

#[test]
fn an_ended_download_goes_on_in_the_next_try() {
    let world = World::new(SIZE);
    let notes = Notes { end_after: Some(400_000), ..Notes::default() };
    let error = world.client.download_all(NAME, world.folder.path(), false, &notes).unwrap_err();
    assert!(matches!(error, KaggleError::Download(DownloadError::Cancelled)), "{error}");
    let there = read(&world.path("titanic.zip.part")).len() as u64;
    assert!(there >= 400_000);
    assert_eq!(world.download(&()) + there, read(&world.archive()).len() as u64);
}

#[test]
fn a_silent_server_is_left() {
    let mut world = World::new(SIZE);
    let options = DownloadOptions { silence: Duration::from_millis(400), ..options() };
    world.client = client_with(&world.server.base, KEY, &options);
    world.server.storage_fault(Fault::Silence(Duration::from_secs(20)));
    let began = std::time::Instant::now();
    world.download(&());
    assert!(began.elapsed() < Duration::from_secs(10));
}

/// Both ways to find out: by `If-Range`, and by what a server that ignores it says.
#[test]
fn a_changed_file_is_fetched_anew() {
    for tag in [Some("\"two\""), Some("W/\"two\""), None] {
        let world = World::new(SIZE);
        if tag.is_none_or(|tag| tag.starts_with('W')) {
            world.server.change(NAME, |competition| competition.etag = tag.map(|_| "W/\"one\"".to_owned()));
        }
        world.server.storage_fault(Fault::Cut(300_000));
        let notes = Notes { end_after: Some(1), ..Notes::default() };
        world.client.download_all(NAME, world.folder.path(), false, &notes).unwrap_err();
        world.server.change(NAME, |competition| {
            competition.archive = archive(SIZE + 1, 2);
            competition.etag = tag.map(str::to_owned);
        });
        let notes = Notes::default();
        world.download(&notes);
        assert!(notes.text().contains("another file by now"), "{tag:?}: {}", notes.text());
    }
}

#[test]
fn a_changed_file_of_the_same_size_shows_by_its_checksum() {
    let world = World::new(SIZE);
    let set = |seed: u64| {
        world.server.change(NAME, |competition| {
            competition.archive = archive(SIZE, seed);
            competition.etag = None;
            competition.headers = vec![("x-goog-hash", hash(&competition.archive))];
        });
    };
    set(3);
    let notes = Notes { end_after: Some(1), ..Notes::default() };
    world.client.download_all(NAME, world.folder.path(), false, &notes).unwrap_err();
    set(4);
    let notes = Notes::default();
    world.download(&notes);
    assert!(notes.text().contains("another checksum by now"), "{}", notes.text());
}

fn hash(bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!("crc32c={}", base64::engine::general_purpose::STANDARD.encode(crc32c::crc32c(bytes).to_be_bytes()))
}

#[test]
fn a_server_without_ranges_sends_the_whole_again() {
    let world = World::new(SIZE);
    world.server.storage_fault(Fault::Cut(300_000));
    world.server.storage_fault(Fault::NoRange);
    world.download(&());
    let world = World::new(SIZE);
    world.server.storage_fault(Fault::Cut(300_000));
    world.server.storage_fault(Fault::OtherRange);
    world.download(&());
    assert_eq!(starts(&world), [0, 300_000, 0]);
}

#[test]
fn damage_is_found_and_fetched_again() {
    let world = World::new(SIZE);
    world.server.change(NAME, |competition| {
        competition.headers = vec![("x-goog-hash", hash(&competition.archive))];
    });
    world.server.storage_fault(Fault::Damage);
    let notes = Notes::default();
    world.download(&notes);
    assert!(notes.text().contains("restart: it arrived damaged"), "{}", notes.text());

    // Across a cut as well: what was on disk is hashed too.
    std::fs::remove_file(world.archive()).unwrap();
    world.server.storage_fault(Fault::Cut(300_000));
    world.download(&Notes::default());

    std::fs::remove_file(world.archive()).unwrap();
    for _ in 0..3 {
        world.server.storage_fault(Fault::Damage);
    }
    let error = world.refused();
    assert!(error.contains("arrived damaged") && error.contains("CRC-32C"), "{error}");
    assert!(world.names().is_empty());
}

#[test]
fn a_wrong_length_is_no_whole_file() {
    let world = World::new(SIZE);
    // A server whose own copy is cut says a length that fits, so only the archive itself can tell.
    world.server.storage_fault(Fault::Short(500_000));
    let error = world.refused();
    assert!(error.contains("have no end that a zip archive has"), "{error}");
    assert!(world.names().is_empty());
    // One that announces more than it has contradicts itself.
    world.server.change(NAME, |competition| competition.headers = vec![("content-length", "2000000".to_owned())]);
    let error = world.refused();
    assert!(error.contains("another one each time (the server's file ends before)"), "{error}");
    assert!(world.names().is_empty());
}

#[test]
fn no_room_is_told_before_the_first_byte() {
    let world = World::new(1000);
    let huge = (1_u64 << 60).to_string();
    world.server.change(NAME, |competition| competition.headers = vec![("content-length", huge)]);
    let error = world.refused();
    assert!(error.contains("no room") && error.contains("1.0 EiB") && error.contains("are free"), "{error}");
    assert!(world.names().is_empty());
}

#[test]
fn two_at_once_fetch_it_once() {
    let world = World::new(SIZE);
    world.server.change(NAME, |competition| competition.pace = Duration::from_millis(40));
    let notes: [Notes; 2] = Default::default();
    let transferred: Vec<u64> = std::thread::scope(|scope| {
        let runs: Vec<_> = notes
            .iter()
            .map(|notes| {
                let (client, folder) = (&world.client, world.folder.path());
                scope.spawn(move || client.download_all(NAME, folder, false, notes).unwrap().transferred)
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(transferred.contains(&0), "{transferred:?}");
    assert_eq!(world.server.storage_log().len(), 1);
    let told: Vec<String> = notes.iter().map(Notes::text).collect();
    assert!(told.iter().any(|told| told == "OtherProcess"), "{told:?}");
    world.download(&());
}

#[test]
fn anew_replaces_the_file_when_the_new_one_is_whole() {
    let world = World::new(SIZE);
    world.download(&());
    let old = read(&world.archive());
    world.server.change(NAME, |competition| competition.archive = archive(SIZE, 9));
    for _ in 0..4 {
        world.server.storage_fault(Fault::Cut(0));
    }
    world.client.download_all(NAME, world.folder.path(), true, &()).unwrap_err();
    assert!(read(&world.archive()) == old);
    world.client.download_all(NAME, world.folder.path(), true, &()).unwrap();
    assert!(read(&world.archive()) != old);
    assert_eq!(world.names(), ["titanic.zip"]);
}

#[test]
fn the_storage_never_sees_the_key() {
    let world = World::new(SIZE);
    world.server.storage_fault(Fault::Cut(300_000));
    world.download(&());
    assert!(
        world.server.api_log().iter().all(|request| request.header("authorization") == Some(&format!("Basic {BASIC}")))
    );
    let storage = world.server.storage_log();
    assert!(storage.len() == 2 && storage.iter().all(|request| request.header("authorization").is_none()));
}
