//! Packs the bundled catalog: a compressed block a competition, and an index with what a list of them needs.
//!
//! The same files give the same bytes. What is not even a competition's three files stops the build here; the schema
//! is checked by `Catalog::check`, which a test runs.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Map, Value, json};

const CATALOG: &str = "../../catalog";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={CATALOG}");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(CATALOG)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    let mut blocks = Vec::new();
    let mut index = Vec::new();
    for folder in folders {
        let block = block(&folder)?;
        let mut line = line(&folder)?;
        line.insert("block".to_owned(), json!([blocks.len(), block.len()]));
        index.push(Value::Object(line));
        blocks.extend(block);
    }
    std::fs::write(out.join("blocks.bin"), blocks)?;
    std::fs::write(out.join("index.json"), serde_json::to_vec(&index)?)?;
    Ok(())
}

/// The three files one after the other, each after its length in four bytes, compressed.
fn block(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    for name in ["competition.toml", "brief.md", "leaderboard.csv"] {
        let text = read(&folder.join(name))?;
        encoder.write_all(&u32::try_from(text.len())?.to_le_bytes())?;
        encoder.write_all(text.as_bytes())?;
    }
    Ok(encoder.finish()?)
}

/// The facts of the index, as `Summary` reads them.
fn line(folder: &Path) -> Result<Map<String, Value>, Box<dyn Error>> {
    let file = folder.join("competition.toml");
    let spec: toml::Table = toml::from_str(&read(&file)?).map_err(|error| format!("{}: {error}", file.display()))?;
    let get = |key: &str| spec.get(key).map_or(Ok(Value::Null), serde_json::to_value);
    let mut line = Map::new();
    for key in ["slug", "title", "modality", "task", "complexity", "suites", "data_size_mb", "teams"] {
        line.insert(key.to_owned(), get(key)?);
    }
    let metric = get("metric")?;
    line.insert("metric".to_owned(), metric["name"].clone());
    line.insert("direction".to_owned(), metric["direction"].clone());
    line.insert("recipe".to_owned(), json!(spec.contains_key("prepare") || spec.contains_key("recipe")));
    Ok(line)
}

fn read(file: &Path) -> Result<String, Box<dyn Error>> {
    Ok(std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?)
}
