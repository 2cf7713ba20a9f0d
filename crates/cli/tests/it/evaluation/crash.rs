//! kill -9 at random moments, then the same command: all comes out as if nothing had happened.

use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use mledojo_testing::{Answer, Asked, ModelServer};
use serde_json::{Value, json};

use super::made::{competitions, guess, outcomes, script, traces};
use crate::world::World;

const KILLS: u32 = 3;
const PARALLEL: &str = "4";

/// A model whose words depend on the conversation alone: a question, a submission, a mistake, and so on.
fn answer(asked: &Asked) -> Answer {
    let turns = asked.conversation().len() / 2;
    Answer::text(match turns % 3 {
        0 => json!({ "action": "request_info", "params": { "info_type": "overview" } }).to_string(),
        1 => json!({ "action": "execute_code", "params": { "code": guess(turns as u32) } }).to_string(),
        _ => "I would rather think about it.".to_owned(),
    })
}

#[test]
fn an_experiment_killed_at_random_moments_comes_out_the_same() {
    // 2 competitions × 3 agents × 4 seeds. The baseline imports a lot, so it plays in the large one alone.
    killed(2, 4, &[]);
}

/// `cargo test -p mledojo --test it -- --ignored two_hundred`: minutes.
#[test]
#[ignore = "takes minutes"]
fn two_hundred_episodes_killed_at_random_moments_come_out_the_same() {
    // 10 competitions × 4 agents × 5 seeds.
    killed(10, 5, &["baseline"]);
}

#[expect(clippy::print_stdout, reason = "the seed is wanted when it fails")]
fn killed(competition_count: usize, seeds: usize, others: &[&str]) {
    let world = World::new();
    let mut slugs = competitions(&world, competition_count - 1);
    slugs.push("iris".to_owned());
    let scripted = script(&world, "script.jsonl", 10);
    let other = script(&world, "other.jsonl", 30);
    world.json(&["run", "made-0", "--agent", &other, "--output", "replayed"]);
    let server = ModelServer::start(answer);
    let model = format!("local/any@{}", server.openai_url());

    let mut agents = others.to_vec();
    agents.extend([&*scripted, "replay:replayed", "mle"]);
    let episodes = competition_count * agents.len() * seeds;
    let (slugs, agents, count) = (slugs.join(","), agents.join(","), seeds.to_string());
    let command = |out: &str| {
        let what = ["eval", "--agents", &agents, "--models", &model, "--competitions", &slugs, "--seeds", &count];
        let how = ["--steps", "6", "--parallel", PARALLEL, "--out", out, "--quiet"];
        world.command(&[&what[..], &how].concat())
    };

    let started = Instant::now();
    let whole = command("whole").output().unwrap();
    let took = started.elapsed();
    let asked = server.count();
    assert!(whole.status.success(), "{whole:?}");

    let mut random = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {random}, undisturbed in {took:?}");
    let mut known = 0;
    for _ in 0..KILLS {
        let mut child = command("killed").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (random >> 33) as f64 / f64::from(1_u32 << 31);
        std::thread::sleep(took.mul_f64(share / f64::from(KILLS)) + Duration::from_millis(100));
        child.kill().unwrap();
        child.wait().unwrap();
        let finished = outcomes(&world.path("killed")).len();
        assert!(finished >= known, "{finished} finished, {known} before");
        known = finished;
    }
    let last = command("killed").output().unwrap();
    assert!(last.status.success(), "{last:?}");

    let (whole, killed) = (world.path("whole"), world.path("killed"));
    assert_eq!(outcomes(&killed).len(), episodes);
    assert_eq!(outcomes(&killed), outcomes(&whole));
    let report = |out: &str| without_timings(world.json(&["report", out, "--format", "json"]));
    assert_eq!(report("killed"), report("whole"));
    // No reply is paid for twice, but for those that nobody had heard yet.
    let again = server.count() - 2 * asked;
    assert!(again <= KILLS as usize * PARALLEL.parse::<usize>().unwrap(), "{again} calls again");
    // Each step had its effect once.
    assert_eq!(traces(&killed), traces(&whole));
}

/// A report without its timings, and without its title, which is the folder's name.
fn without_timings(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(key, _)| key != "title" && !key.contains("seconds"));
            kept.map(|(key, value)| (key, without_timings(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_timings).collect(),
        value => value,
    }
}
