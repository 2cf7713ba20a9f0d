//! Every random generator and splitter against the library it stands for, over many seeds and sizes.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use mledojo_prepare::random::split::{
    Size, Sizes, Split, group_shuffle_split, k_fold, ordered_split, shuffle_split, stratified_split, train_test_split,
};
use mledojo_prepare::random::{Generator, PythonRandom, RandomState, pandas};
use serde_json::{Value, json};

static CASES: LazyLock<BTreeMap<String, Vec<Value>>> = LazyLock::new(|| {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON").expect("set MLEDOJO_TEST_PYTHON to a Python of the runtime");
    let output = Command::new(python).args(["-I", "-c", include_str!("random.py")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

/// Compares all cases of a name; what `draw` refuses, the library must have refused.
fn check(name: &str, draw: impl Fn(&Value) -> Option<Value>) {
    let cases = &CASES[name];
    assert!(cases.iter().any(|case| !case["want"].is_null()), "{name}: nothing to compare");
    for case in cases {
        let found = draw(case).unwrap_or(Value::Null);
        assert!(found == case["want"], "{name} {}\nfound {found}", short(case));
    }
}

fn short(case: &Value) -> String {
    case.to_string().chars().take(2_000).collect()
}

fn integer(case: &Value, key: &str) -> u64 {
    case[key].as_u64().unwrap()
}

fn seed(case: &Value) -> u32 {
    u32::try_from(integer(case, "seed")).unwrap()
}

fn count(case: &Value, key: &str) -> usize {
    usize::try_from(integer(case, key)).unwrap()
}

fn double(value: &Value) -> f64 {
    f64::from_bits(value.as_u64().unwrap())
}

fn doubles(case: &Value, key: &str) -> Vec<f64> {
    case[key].as_array().unwrap().iter().map(double).collect()
}

fn codes(case: &Value) -> Vec<u32> {
    case["codes"].as_array().unwrap().iter().map(|code| u32::try_from(code.as_u64().unwrap()).unwrap()).collect()
}

fn ranges(case: &Value) -> Vec<(i64, i64)> {
    serde_json::from_value(case["ranges"].clone()).unwrap()
}

fn sizes(case: &Value) -> Sizes {
    let size = |key: &str| match &case[key] {
        Value::Null => None,
        Value::Object(share) => Some(Size::Share(double(&share["share"]))),
        _ => Some(Size::Rows(count(case, key))),
    };
    match (size("test"), size("train")) {
        (Some(test), None) => Sizes::Test(test),
        (None, Some(train)) => Sizes::Train(train),
        (test, train) => Sizes::Both { test: test.unwrap(), train: train.unwrap() },
    }
}

fn split(split: &Split) -> Value {
    json!([split.train, split.test])
}

fn splits(splits: &[Split]) -> Value {
    splits.iter().map(split).collect()
}

#[test]
fn numpy_legacy() {
    check("numpy_permutation", |case| Some(json!(RandomState::new(seed(case)).permutation(count(case, "size")))));
    check("numpy_mixed", |case| {
        let mut random = RandomState::new(seed(case));
        let mut out = vec![
            json!(random.random_sample().to_bits()),
            json!(random.uniform(-3.5, 8.25).to_bits()),
            json!(random.standard_normal().to_bits()),
            json!(random.randint(0, 10).ok()?),
            json!(random.normal(100.0, 10.0).to_bits()),
        ];
        for (low, high) in ranges(case) {
            out.extend((0..3).map(|_| json!(random.randint(low, high).unwrap())));
            out.push(json!(random.standard_normal().to_bits()));
        }
        let mut items: Vec<u8> = (b'a'..=b'z').collect();
        random.shuffle(&mut items);
        out.extend(items.into_iter().map(|item| json!(item)));
        out.push(json!(random.standard_normal().to_bits()));
        out.push(json!(random.random_sample().to_bits()));
        Some(json!(out))
    });
}

#[test]
fn numpy_legacy_choice() {
    let new = |case: &Value| RandomState::new(seed(case));
    check("numpy_choice", |case| Some(json!(new(case).choice(count(case, "population"), count(case, "size")).ok()?)));
    check("numpy_choice_replaced", |case| {
        Some(json!(new(case).choice_replaced(count(case, "population"), count(case, "size")).ok()?))
    });
    check("numpy_weighted", |case| {
        Some(json!(new(case).choice_weighted(&doubles(case, "p"), count(case, "size")).ok()?))
    });
    check("numpy_weighted_replaced", |case| {
        Some(json!(new(case).choice_weighted_replaced(&doubles(case, "p"), count(case, "size")).ok()?))
    });
}

#[test]
fn numpy_generator() {
    check("pcg_seeds", |case| {
        let mut random = Generator::new(integer(case, "seed"));
        Some((0..5).map(|_| random.integers(0, 1 << 60).unwrap()).collect())
    });
    check("pcg_permutation", |case| {
        Some(json!(Generator::new(integer(case, "seed")).permutation(count(case, "size"))))
    });
    check("pcg_mixed", |case| {
        let mut random = Generator::new(integer(case, "seed"));
        let mut out = vec![
            json!(random.random().to_bits()),
            json!(random.uniform(1.0, 100.0).to_bits()),
            json!(random.integers(0, 1010).ok()?),
        ];
        for (low, high) in ranges(case) {
            out.extend((0..3).map(|_| json!(random.integers(low, high).unwrap())));
            out.push(json!(random.random().to_bits()));
        }
        let mut items: Vec<u8> = (b'a'..=b'z').collect();
        random.shuffle(&mut items);
        out.extend(items.into_iter().map(|item| json!(item)));
        out.push(json!(random.random().to_bits()));
        Some(json!(out))
    });
}

#[test]
fn numpy_generator_choice() {
    let new = |case: &Value| Generator::new(integer(case, "seed"));
    check("pcg_choice", |case| Some(json!(new(case).choice(count(case, "population"), count(case, "size")).ok()?)));
    check("pcg_choice_replaced", |case| {
        Some(json!(new(case).choice_replaced(count(case, "population"), count(case, "size")).ok()?))
    });
    check("pcg_weighted", |case| {
        Some(json!(new(case).choice_weighted(&doubles(case, "p"), count(case, "size")).ok()?))
    });
    check("pcg_weighted_replaced", |case| {
        Some(json!(new(case).choice_weighted_replaced(&doubles(case, "p"), count(case, "size")).ok()?))
    });
}

#[test]
fn python() {
    let new = |case: &Value| PythonRandom::new(integer(case, "seed"));
    check("python_seeds", |case| Some(json!([new(case).getrandbits(32)])));
    check("python_shuffle", |case| {
        let mut items: Vec<usize> = (0..count(case, "size")).collect();
        new(case).shuffle(&mut items);
        Some(json!(items))
    });
    check("python_sample", |case| Some(json!(new(case).sample(count(case, "population"), count(case, "size")).ok()?)));
    check("python_mixed", |case| {
        let mut random = new(case);
        let mut out = vec![
            json!(random.random().to_bits()),
            json!(random.uniform(1.0, 100.0).to_bits()),
            json!(random.randrange(0, 128).ok()?),
        ];
        for (low, high) in ranges(case) {
            out.extend((0..3).map(|_| json!(random.randrange(low, high).unwrap())));
            out.push(json!(random.random().to_bits()));
        }
        out.extend([0, 1, 31, 32, 33, 63, 64].map(|bits| json!(random.getrandbits(bits))));
        for items in [1, 2, 3, 8, 1000] {
            let items: Vec<usize> = (0..items).collect();
            out.push(json!(random.choice(&items).ok()?));
        }
        out.extend(random.choices(77, 20).ok()?.into_iter().map(|position| json!(position)));
        Some(json!(out))
    });
}

#[test]
fn pandas_samples() {
    check("pandas_sample", |case| {
        Some(json!(pandas::sample(count(case, "population"), count(case, "size"), seed(case)).ok()?))
    });
    check("pandas_share", |case| {
        Some(json!(pandas::sample_share(count(case, "rows"), double(&case["share"]), seed(case)).ok()?))
    });
}

#[test]
fn scikit_learn_splits() {
    check("train_test_split", |case| {
        Some(split(&train_test_split(count(case, "rows"), sizes(case), seed(case)).ok()?))
    });
    check("ordered_split", |case| Some(split(&ordered_split(count(case, "rows"), sizes(case)).ok()?)));
    check("shuffle_split", |case| Some(splits(&shuffle_split(count(case, "rows"), sizes(case), 3, seed(case)).ok()?)));
    check("group_shuffle_split", |case| {
        Some(splits(&group_shuffle_split(&codes(case), sizes(case), 2, seed(case)).ok()?))
    });
    check("k_fold", |case| {
        let seed = case["seed"].as_u64().map(|seed| u32::try_from(seed).unwrap());
        Some(splits(&k_fold(count(case, "rows"), count(case, "folds"), seed).ok()?))
    });
}

#[test]
fn scikit_learn_stratified() {
    check("stratified", |case| Some(split(&stratified_split(&codes(case), sizes(case), seed(case)).ok()?)));
}
