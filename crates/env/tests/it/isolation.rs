//! An agent's code finds neither the answers nor a way to them.

use mledojo_env::{EnvConfig, Episode};
use mledojo_sandbox::{Access, AllowList, Network};

use crate::world::{World, base, iris};

/// Code that must end with exit code 0: it asserts by itself that it found nothing.
fn finds_nothing(code: &str) {
    let mut world = World::begun();
    let result = world.validate(code);
    assert_eq!(result.info.failure, None, "{}", base(&result.observation));
}

#[test]
fn the_answers_are_nowhere() {
    let private = iris().data().answers();
    finds_nothing(&format!(
        "
import os
for path in ['../private/test_answer.csv', '/kaggle/input/private/test_answer.csv',
             '/kaggle/input/iris/../private/test_answer.csv', {private:?}, os.path.dirname({private:?}),
             '/proc/1/root' + {private:?}, '/proc/self/root' + {private:?}]:
    assert not os.path.exists(path), path
for root, folders, files in os.walk('/', onerror=lambda error: None):
    if root.startswith('/proc'):
        folders.clear()
        continue
    assert 'test_answer.csv' not in files, root
"
    ));
}

#[test]
fn the_data_set_is_not_in_the_packages() {
    finds_nothing(
        "
from sklearn.datasets import load_iris
try:
    load_iris()
except Exception:
    pass
else:
    raise SystemExit('the answers are one import away')
",
    );
}

#[test]
fn the_public_data_is_read_only() {
    finds_nothing(
        "
import os
files = sorted(os.listdir('/kaggle/input/iris'))
assert files == ['description.md', 'sample_submission.csv', 'test.csv', 'train.csv'], files
for path in files:
    try:
        open('/kaggle/input/iris/' + path, 'a')
    except OSError:
        continue
    raise SystemExit(path)
",
    );
}

#[test]
fn what_is_reached_by_an_allow_list_is_in_the_log() {
    let hosts = vec!["pypi.org".parse().unwrap()];
    let network = Network::Allow(AllowList { hosts, ..AllowList::default() });
    let mut world = World::with(EnvConfig { network: network.clone(), ..EnvConfig::default() });
    world.reset("episode");
    let code = "
import urllib.error, urllib.request
try:
    urllib.request.urlopen('https://elsewhere.example/data.csv')
except OSError as error:
    assert '403' in str(error), error
else:
    raise SystemExit('reached')
";
    let result = world.validate(code);
    assert_eq!(result.info.failure, None, "{}", base(&result.observation));
    let uses = result.info.run.unwrap().network.uses;
    assert_eq!((uses[0].host.as_str(), uses[0].port), ("elsewhere.example", 443));
    assert!(matches!(&uses[0].access, Access::Refused { reason } if reason.contains("not on the list")), "{uses:?}");

    let episode = Episode::open(&world.path("episode")).unwrap();
    assert_eq!(episode.header.config.network, network);
    let log = std::fs::read_to_string(world.path("episode/steps.jsonl")).unwrap();
    assert!(
        log.contains(r#""network":{"uses":[{"host":"elsewhere.example","port":443,"access":"refused","reason":"#),
        "{log}"
    );
}
