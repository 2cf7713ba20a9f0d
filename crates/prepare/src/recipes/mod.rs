//! Recipes that are written in Rust, for what steps cannot say.

mod ai4code;
mod airbus_ship_detection;
mod alaska2;
mod bengaliai;
mod billion_word;
mod cdiscount;
mod coco;
mod crowdflower_weather;
mod denoising;
mod dogs_vs_cats;
mod dont_call_me_turkey;
mod draper;
mod dsbench;
mod fisheries;
mod gestures;
mod global_wheat;
mod herbarium;
mod hm_fashion;
mod hms;
mod icecube;
mod imaterialist;
mod inaturalist;
mod integer_sequence;
mod iwildcam;
mod mlsp_birds;
mod novozymes;
mod osic;
mod petfinder;
mod prudential;
mod record_lists;
mod right_whale;
mod sberbank;
mod shopee;
mod smartphone_decimeter;
mod stanford_covid;
mod timit;
mod unimelb;
mod uw_madison;
mod vesuvius;
mod vinbigdata;
mod whale_categorization;
mod winton;
mod wsdm_cup;
mod yelp;

use crate::error::PrepareError;
use crate::workspace::Workspace;

/// A recipe, or the part of one that steps cannot say.
pub(crate) type Recipe = fn(&mut Workspace<'_>) -> Result<(), PrepareError>;

/// The recipe of a name, as `{ do = "run", recipe = "…" }` names it.
pub(crate) fn find(name: &str) -> Option<Recipe> {
    RECIPES.iter().find(|(known, _)| *known == name).map(|(_, recipe)| *recipe)
}

const RECIPES: &[(&str, Recipe)] = &[
    ("AI4Code", ai4code::run),
    ("airbus-ship-detection", airbus_ship_detection::run),
    ("alaska2-image-steganalysis", alaska2::run),
    ("bengaliai-cv19", bengaliai::run),
    ("billion-word-imputation", billion_word::run),
    ("cdiscount-image-classification-challenge", cdiscount::run),
    ("crowdflower-weather-twitter", crowdflower_weather::run),
    ("denoising-dirty-documents", denoising::run),
    ("dogs-vs-cats-redux-kernels-edition", dogs_vs_cats::run),
    ("dont-call-me-turkey", dont_call_me_turkey::run),
    ("draper-satellite-image-chronology", draper::run),
    ("dsbench", dsbench::run),
    ("fisheries-split", fisheries::split),
    ("gestures-test-ids", gestures::test_ids),
    ("gestures-without-labels", gestures::without_labels),
    ("global-wheat-detection", global_wheat::run),
    ("h-and-m-personalized-fashion-recommendations", hm_fashion::run),
    ("herbarium-2020-fgvc7", herbarium::of_2020),
    ("herbarium-2021-fgvc8", herbarium::of_2021),
    ("herbarium-2022-fgvc9", herbarium::of_2022),
    ("hms-shares-of-votes", hms::shares_of_votes),
    ("icecube-events", icecube::run),
    ("imaterialist-challenge-furniture-2018", imaterialist::run),
    ("inaturalist-2019-fgvc6", inaturalist::run),
    ("integer-sequence-last-terms", integer_sequence::last_terms),
    ("iwildcam-2020-fgvc7", iwildcam::run),
    ("mlsp-2013-birds", mlsp_birds::run),
    ("novozymes-updates", novozymes::update),
    ("osic-weeks", osic::weeks),
    ("petfinder-sample", petfinder::sample),
    ("prudential-split", prudential::split),
    ("random-acts-of-pizza", record_lists::random_acts_of_pizza),
    ("right-whale-split", right_whale::split),
    ("sberbank-sort", sberbank::sort),
    ("shopee-split", shopee::split),
    ("smartphone-decimeter-split", smartphone_decimeter::run),
    ("stanford-covid-vaccine", stanford_covid::run),
    ("statoil-iceberg", record_lists::statoil_iceberg),
    ("timit-frames", timit::run),
    ("unimelb-sample", unimelb::sample),
    ("uw-madison-split", uw_madison::split),
    ("vesuvius-test-fragment", vesuvius::test_fragment),
    ("vinbigdata-answers", vinbigdata::answers),
    ("whale-categorization-playground", whale_categorization::run),
    ("winton-answers", winton::answers),
    ("wsdm-cup-multilingual-chatbot-arena", wsdm_cup::run),
    ("yelp-recsys-2013", yelp::run),
];
