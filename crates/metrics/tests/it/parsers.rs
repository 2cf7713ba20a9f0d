//! The readers of cells never panic, and what they accept keeps the readers' promises.

use mledojo_metrics::run_length::{self, RunRules};
use mledojo_metrics::{box_lists, spans};
use proptest::collection::vec;
use proptest::prelude::*;

/// Texts near the formats: numbers of all sizes, signs, separators, and any other letters.
fn text() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        4 => (0..30_u64).prop_map(|number| number.to_string()),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => prop_oneof![Just(";"), Just(" "), Just("-"), Just("1e400"), Just("NaN"), Just("+3")].prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(token, 0..20).prop_map(|tokens| tokens.join(" "))
}

proptest! {
    #[test]
    fn readers_never_panic(text in prop_oneof![text(), any::<String>()], limit in 0..1_000_u32) {
        let _ = box_lists::class_corners(&text);
        let _ = box_lists::sized_boxes(&text);
        let _ = box_lists::labelled_boxes(&text);
        let _ = box_lists::labelled_points(&text);
        for malformed in [spans::Malformed::Rejected, spans::Malformed::Skipped] {
            if let Ok(positions) = spans::parse(&text, malformed) {
                prop_assert!(positions.overlap(&positions) == positions.area());
            }
        }
        let _ = spans::list_items(&format!("[{text}]"));
        let pixels = Some(u64::from(limit));
        for rules in [RunRules::STRICT, RunRules { ignore_dangling_start: true, pixels, ..RunRules::LOOSE }] {
            let pixels = rules.pixels;
            if let Ok(mask) = run_length::parse(&text, rules) {
                prop_assert!(mask.overlap(&mask) == mask.area());
                prop_assert!(pixels.is_none_or(|pixels| mask.area() <= pixels));
                prop_assert!(mask.runs().iter().all(|run| run.0 >= 1));
            }
        }
    }

    #[test]
    fn masks_survive_writing_and_reading(pixels in proptest::collection::btree_set(1..60_u64, 0..40)) {
        let text = pixels.iter().map(|pixel| format!("{pixel} 1")).collect::<Vec<_>>().join(" ");
        let rules = RunRules { pixels: Some(60), ..RunRules::STRICT };
        let mask = run_length::parse(&text, rules).expect("each pixel once");
        prop_assert_eq!(mask.area(), pixels.len() as u64);
        prop_assert!(mask.runs().iter().flat_map(|&(start, end)| start..end).eq(pixels));
    }
}
