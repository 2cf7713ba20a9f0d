//! wsdm-cup-multilingual-chatbot-arena, whose tables are Parquet files.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::random::RandomState;
use mledojo_prepare::{DownloadRequest, NoProgress, prepare_download};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

const COLUMNS: [&str; 8] = ["id", "prompt", "response_a", "response_b", "winner", "model_a", "model_b", "language"];
const ROWS: usize = 43;
/// A fifth of the rows, 8.6, rounded.
const HELD_OUT: usize = 9;

fn cell(row: usize, column: &str) -> String {
    match column {
        "winner" => ["model_a", "model_b"][row % 3 % 2].to_owned(),
        "prompt" => format!("line {row}\n\"ünï, 木\""),
        _ => format!("{column} {row}"),
    }
}

/// Writes a table of two row groups.
fn write(path: &Path, columns: &[&str], rows: usize) {
    let fields: String = columns.iter().map(|column| format!("optional binary {column} (UTF8);")).collect();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
    for rows in [0..rows / 2, rows / 2..rows] {
        let mut group = writer.next_row_group().unwrap();
        for name in columns {
            let cells: Vec<ByteArray> = rows.clone().map(|row| ByteArray::from(cell(row, name).as_str())).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&cells, Some(&vec![1; cells.len()]), None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn read(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

#[test]
fn comparisons_are_shuffled_and_the_winner_is_withheld() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).unwrap();
    write(&raw.join("train.parquet"), &COLUMNS, ROWS);
    write(&raw.join("test.parquet"), &COLUMNS[..4], 3);
    let order = RandomState::new(42).permutation(ROWS);
    let (held_out, rest) = order.split_at(HELD_OUT);
    let competition = Catalog::bundled().get("wsdm-cup-multilingual-chatbot-arena").unwrap();
    for (protocol, withheld) in
        [(Protocol::MleDojo, &["winner"][..]), (Protocol::Corrected, &["winner", "model_a", "model_b"])]
    {
        let out = folder.path().join(format!("{protocol:?}"));
        let request = DownloadRequest {
            competition: &competition,
            raw: &raw,
            out: &out,
            protocol,
            scripts: None,
            progress: &NoProgress,
        };
        prepare_download(&request).unwrap();
        let expected = |rows: &[usize], withheld: &[&str]| -> Vec<String> {
            let field = |row, column: &&str| format!("{column}: \"{}\"", cell(row, column));
            let fields = |row| COLUMNS.iter().filter(|name| !withheld.contains(name)).map(move |name| field(row, name));
            rows.iter().map(|&row| format!("{{{}}}", fields(row).collect::<Vec<_>>().join(", "))).collect()
        };
        assert_eq!(read(&out.join("public/train.parquet")), expected(rest, &[]));
        assert_eq!(read(&out.join("public/test.parquet")), expected(held_out, withheld));
        let lines = |winner: &dyn Fn(usize) -> String| -> String {
            held_out.iter().map(|&row| format!("{},{}\n", cell(row, "id"), winner(row))).collect()
        };
        let text = |file: &str| fs::read_to_string(out.join(file)).unwrap();
        assert_eq!(text("private/test_answer.csv"), format!("id,winner\n{}", lines(&|row| cell(row, "winner"))));
        assert_eq!(text("public/sample_submission.csv"), format!("id,winner\n{}", lines(&|_| "model_a".to_owned())));
    }
}
