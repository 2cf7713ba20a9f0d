//! In which category a competition is counted.

use std::collections::BTreeMap;

use mledojo_catalog::{Catalog, CatalogError, Spec};

/// The parts of MLE-Dojo's evaluation split, in its order, and their names.
const PARTS: [(&str, &str); 4] = [
    ("mle-dojo-eval-mle-lite", "MLE-Lite"),
    ("mle-dojo-eval-tabular", "Tabular"),
    ("mle-dojo-eval-nlp", "NLP"),
    ("mle-dojo-eval-cv", "CV"),
];

/// The category of each of these competitions, with the categories' order: the part of MLE-Dojo's evaluation split if all
/// are in it, else the kind of data.
pub(crate) fn categories(
    catalog: &Catalog,
    specs: &BTreeMap<String, Spec>,
) -> Result<(Vec<String>, BTreeMap<String, usize>), CatalogError> {
    let mut parts = BTreeMap::new();
    for (set, name) in PARTS {
        for slug in catalog.select(&[set])? {
            parts.insert(slug, name.to_owned());
        }
    }
    let in_split = specs.keys().all(|slug| parts.contains_key(slug));
    let name = |slug: &str, spec: &Spec| match parts.get(slug).filter(|_| in_split) {
        Some(part) => part.clone(),
        None => modality(spec),
    };
    let of: BTreeMap<String, String> = specs.iter().map(|(slug, spec)| (slug.clone(), name(slug, spec))).collect();
    let mut order: Vec<String> = of.values().cloned().collect();
    let place = |name: &String| PARTS.iter().position(|(_, part)| in_split && part == name);
    order.sort_by(|one, other| place(one).cmp(&place(other)).then_with(|| one.cmp(other)));
    order.dedup();
    let index = |name: &String| order.iter().position(|other| other == name).unwrap_or_default();
    let of = of.iter().map(|(slug, name)| (slug.clone(), index(name))).collect();
    Ok((order, of))
}

/// The kind of data, as its spec writes it, with a capital.
fn modality(spec: &Spec) -> String {
    let name = serde_json::to_value(spec.modality).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("other").replace('-', " ");
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(slugs: &[&str]) -> (Vec<String>, Vec<usize>) {
        let catalog = Catalog::bundled();
        let specs = slugs.iter().map(|slug| ((*slug).to_owned(), catalog.get(slug).unwrap().spec)).collect();
        let (order, of) = categories(&catalog, &specs).unwrap();
        (order, slugs.iter().map(|slug| of[*slug]).collect())
    }

    #[test]
    fn the_split_has_its_own_categories() {
        let (order, of) = of(&["AI4Code", "leaf-classification", "ventilator-pressure-prediction"]);
        assert_eq!((order, of), (vec!["MLE-Lite".into(), "Tabular".into(), "NLP".into()], vec![2, 0, 1]));
    }

    #[test]
    fn others_are_told_apart_by_their_data() {
        let (order, of) = of(&["iris", "co2", "AI4Code"]);
        assert_eq!((order, of), (vec!["Tabular".into(), "Text".into(), "Time series".into()], vec![0, 2, 1]));
    }
}
