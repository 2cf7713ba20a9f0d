//! What the client makes of Kaggle's answers.

use mledojo_prepare::kaggle::{Credentials, DataFile, FoundCredentials, KaggleClient, Secret};

use super::stand_in::{BASIC, Fault, KEY, SIGNATURE, TOKEN, packed};
use super::{NAME, Notes, World, client, options, read};

fn answer(status: u16, body: &str) -> Fault {
    Fault::Answer(status, vec![("content-type", "application/json".to_owned())], body.into())
}

#[test]
fn a_token_works_as_well() {
    let world = World::new(1000);
    let credentials = Credentials::Token(Secret::new(TOKEN));
    let found = FoundCredentials { credentials, from: "`KAGGLE_API_TOKEN`".to_owned(), warning: None };
    let client = KaggleClient::new(&found, &world.server.base, &options()).unwrap();
    client.download_all(NAME, world.folder.path(), false, &()).unwrap();
}

#[test]
fn refusals_say_what_to_do() {
    let world = World::new(1000);
    world.server.change(NAME, |competition| competition.rules_open = true);
    let rules = world.refused();
    assert!(rules.contains("https://www.kaggle.com/competitions/titanic/rules"), "{rules}");
    assert!(rules.contains("You must accept this competition's rules"), "{rules}");

    world.server.api_fault(answer(403, r#"{"code":403,"message":"Permission 'competitions.participate' was denied"}"#));
    assert!(world.refused().contains("are not accepted yet"));
    world.server.api_fault(answer(403, r#"{"code":403,"message":"Not in your country"}"#));
    let forbidden = world.refused();
    assert!(forbidden.contains("(Not in your country)") && forbidden.contains("/titanic/rules"), "{forbidden}");

    let unknown = world.client.download_all("titanik", world.folder.path(), false, &()).unwrap_err().to_string();
    assert!(unknown.contains("`titanik`") && unknown.contains("compare the name"), "{unknown}");

    let wrong = "99999999999999999999999999999999";
    let unauthorized =
        client(&world.server.base, wrong).download_all(NAME, world.folder.path(), false, &()).unwrap_err();
    let unauthorized = unauthorized.to_string();
    assert!(
        unauthorized.contains("`kaggle.json`") && unauthorized.contains("https://www.kaggle.com/settings"),
        "{unauthorized}"
    );
    assert!(!unauthorized.contains(wrong));
    // A refusal leaves nothing behind.
    assert!(world.names().is_empty());
}

#[test]
fn throttling_is_waited_for() {
    let world = World::new(1000);
    let busy = |wait: &str| {
        let headers = vec![("retry-after", wait.to_owned()), ("content-type", "application/json".to_owned())];
        Fault::Answer(429, headers, r#"{"code":429,"message":"Too many requests"}"#.into())
    };
    world.server.api_fault(busy("1"));
    let notes = Notes::default();
    let began = std::time::Instant::now();
    world.download(&notes);
    assert!(began.elapsed().as_secs_f64() >= 1.0);
    assert!(notes.text().contains("answered 429: Too many requests"), "{}", notes.text());

    // Longer than anybody waits: told at once.
    std::fs::remove_file(world.archive()).unwrap();
    world.server.api_fault(busy("3600"));
    let error = world.refused();
    assert!(error.contains("fewer requests") && error.contains("wait 3600 s"), "{error}");
}

#[test]
fn servers_in_trouble_are_asked_again() {
    let world = World::new(1000);
    for status in [500, 502, 503] {
        world.server.api_fault(answer(status, ""));
    }
    world.download(&());
    std::fs::remove_file(world.archive()).unwrap();
    for _ in 0..4 {
        world.server.api_fault(answer(503, ""));
    }
    let error = world.refused();
    assert!(error.contains("503") && error.contains("4 attempts in a row"), "{error}");
}

/// A signed address is good for a while only; the next one is fresh.
#[test]
fn a_stale_address_of_the_storage_is_asked_for_anew() {
    let world = World::new(1000);
    world.server.storage_fault(Fault::Answer(403, vec![], "<Error>ExpiredToken</Error>".into()));
    world.download(&());
    assert_eq!(world.server.api_log().len(), 2);
}

#[test]
fn a_page_is_no_archive() {
    let world = World::new(1000);
    let page =
        |body: &str| Fault::Answer(200, vec![("content-type", "text/html; charset=utf-8".to_owned())], body.into());
    world.server.api_fault(page("<html>Sign in</html>"));
    let error = world.refused();
    assert!(error.contains("a page for people") && error.contains("/titanic/rules"), "{error}");
    // Without the right type it still is none.
    world.server.storage_fault(Fault::Answer(200, vec![], "<html>Sign in</html>".into()));
    let error = world.refused();
    assert!(error.contains("begins with `<html>Sign in</html>`"), "{error}");
    assert!(world.names().is_empty());
}

#[test]
fn redirects_end_somewhere() {
    let world = World::new(1000);
    for _ in 0..6 {
        world.server.api_fault(Fault::Answer(302, vec![("location", "/api/v1/again".to_owned())], Vec::new()));
    }
    assert!(world.refused().contains("redirects in circles"));
    world.server.api_fault(Fault::Answer(302, vec![], Vec::new()));
    assert!(world.refused().contains("nowhere"));
}

#[test]
fn a_list_has_all_its_pages() {
    let world = World::new(1000);
    let names = ["train.csv", "test.csv", "images/a b.png", "images/c.png", "sample.csv"];
    world.server.change(NAME, |competition| {
        competition.files = names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec(), false)).collect();
    });
    let files = world.client.files(NAME, &()).unwrap();
    let expected: Vec<DataFile> =
        names.iter().map(|name| DataFile { name: (*name).to_owned(), bytes: Some(name.len() as u64) }).collect();
    assert_eq!(files, expected);
    assert_eq!(world.server.api_log().len(), 3);

    for _ in 0..2 {
        world.server.api_fault(answer(200, r#"{"files":[],"nextPageToken":"same"}"#));
    }
    assert!(world.client.files(NAME, &()).unwrap_err().to_string().contains("in circles"));
    world.server.api_fault(answer(200, "[1, 2]"));
    assert!(world.client.files(NAME, &()).unwrap_err().to_string().contains("makes no sense"));
}

#[test]
fn single_files_keep_their_places_and_packed_ones_say_so() {
    let world = World::new(1000);
    let large = packed("train.csv", b"a,b\n1,2\n");
    world.server.change(NAME, |competition| {
        competition.files =
            vec![("images/a b.png".to_owned(), b"png".to_vec(), false), ("train.csv".to_owned(), large.clone(), true)];
    });
    let fetch = |name: &str| world.client.download_file(NAME, name, world.folder.path(), false, &());
    assert_eq!(fetch("images/a b.png").unwrap().path, world.path("images/a b.png"));
    assert_eq!(read(&world.path("images/a b.png")), b"png");
    assert_eq!(fetch("train.csv").unwrap().path, world.path("train.csv.zip"));
    assert_eq!(read(&world.path("train.csv.zip")), large);
    assert_eq!(fetch("train.csv").unwrap().transferred, 0);
    let missing = fetch("nothing.csv").unwrap_err().to_string();
    assert!(missing.contains("no file `nothing.csv` of a competition `titanic`"), "{missing}");
}

#[test]
fn a_leaderboard_comes_as_an_archive() {
    let world = World::new(1000);
    let board = packed("titanic-publicleaderboard.csv", b"Rank,Score\n1,0.9\n");
    world.server.change(NAME, |competition| competition.leaderboard = board.clone());
    let to = world.path("titanic-leaderboard.zip");
    world.client.download_leaderboard(NAME, &to, &()).unwrap();
    assert_eq!(read(&to), board);
}

/// Even where a server repeats what it was sent.
#[test]
fn nothing_secret_is_told() {
    let world = World::new(1000);
    world
        .server
        .api_fault(answer(400, &format!(r#"{{"code":400,"message":"bad header Basic {BASIC} of key {KEY}"}}"#)));
    world.server.storage_fault(Fault::Answer(500, vec![], "no".into()));
    let mut told = world.refused();
    assert!(told.contains("[hidden]"), "{told}");
    let notes = Notes::default();
    world.download(&notes);
    told.push_str(&notes.text());
    told.push_str(&format!("{:?} {:?}", world.client, notes.lines));
    for secret in [KEY, BASIC, SIGNATURE] {
        assert!(!told.contains(secret), "{told}");
    }
}
