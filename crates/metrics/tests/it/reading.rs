//! The CSV dialect, on bytes and on real files.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;

use mledojo_metrics::{ReadLimits, Table, TableError};
use proptest::prelude::*;

fn parse(bytes: &[u8]) -> Result<Table, TableError> {
    Table::parse(bytes, &ReadLimits::default())
}

fn cells(table: &Table) -> Vec<Vec<&str>> {
    (0..table.rows())
        .map(|row| table.header().iter().map(|name| table.column(name).expect("its own column").get(row)).collect())
        .collect()
}

fn error(bytes: &[u8]) -> String {
    parse(bytes).expect_err("not a table").to_string()
}

/// One byte a read, so that every token is split.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match (self.0, buffer) {
            ([first, rest @ ..], [slot, ..]) => {
                *slot = *first;
                self.0 = rest;
                Ok(1)
            }
            _ => Ok(0),
        }
    }
}

#[test]
fn one_table_in_every_spelling() {
    let spellings: [&[u8]; 7] = [
        b"id,text\n1,a\n2,\n",
        b"id,text\n1,a\n2,",
        b"id,text\r\n1,a\r\n2,\r\n",
        b"\xEF\xBB\xBFid,text\n1,a\n2,\n",
        b"\"id\",\"text\"\n\"1\",\"a\"\n2,\"\"\n",
        b"\n\nid,text\n\n1,a\r\n\r\n2,\n\n",
        b"\xEF\xBB\xBF\"id\",text\r\n1,a\n2,\n",
    ];
    for bytes in spellings {
        let tables = [
            parse(bytes).expect("a table"),
            Table::from_reader(Trickle(bytes), &ReadLimits::default()).expect("a table"),
        ];
        for table in tables {
            assert_eq!(table.header(), ["id", "text"], "{bytes:?}");
            assert_eq!(cells(&table), [["1", "a"], ["2", ""]], "{bytes:?}");
        }
    }
}

#[test]
fn cells_are_the_text_as_written() {
    let table = parse("id,t\n 1 ,\"a, \"\"b\"\"\r\nc\"\n2,5\" wide\n3,é\n4, \"x\"\n".as_bytes()).expect("a table");
    assert_eq!(cells(&table), [[" 1 ", "a, \"b\"\r\nc"], ["2", "5\" wide"], ["3", "é"], ["4", " \"x\""]]);
}

#[test]
fn rows_know_their_lines() {
    let table = parse(b"\r\nid,t\r\n1,\"a\r\nb\"\r\n\r\n2,c\r\n3,d").expect("a table");
    assert_eq!((0..3).map(|row| table.line(row)).collect::<Vec<_>>(), [3, 6, 7]);
}

#[test]
fn a_header_alone_is_a_table() {
    assert_eq!(parse(b"id,y\n").expect("a table").rows(), 0);
    assert!(parse(b"id,y").expect("a table").column("z").is_none());
}

#[test]
fn other_dialects_are_named() {
    let cases: [(&[u8], &str, &str); 22] = [
        (b"", "empty", "first line must name"),
        (b"\n\r\n\n", "empty", ""),
        (b"\xEF\xBB\xBF", "empty", ""),
        (b"\xFF\xFEi\0d\0", "utf16", "write it as UTF-8"),
        (b"\xFE\xFF\0i\0d", "utf16", ""),
        (b"i\0d\0,\0y\0\n\0", "nul_byte", "UTF-16"),
        (b"id,y\n1,2\n3,\0\n", "nul_byte", "line 3"),
        (b"\x1F\x8B\x08\0\0\0\0\0", "not_text", "gzip"),
        (b"PK\x03\x04\x14\0", "not_text", "zip"),
        (b"PAR1", "not_text", "Parquet"),
        (b"id,y\n1,2\n3,\xE4\n", "not_utf8", "line 3"),
        (b"id,\xC3\n\xA4,1\n", "not_utf8", "line 1"),
        (b"id,y\r1,2\r", "lone_carriage_return", "line 1"),
        (b"id,y\n1,2\r", "lone_carriage_return", "line 2"),
        (b"id,y\n1,2\n3,\"4\n5,6\n", "unterminated_quote", "line 3"),
        (b"id,y\n1,\"a\"b\n", "text_after_quote", "line 2"),
        (b"id;y\n1;2\n", "wrong_separator", "semicolons"),
        (b"id\ty\n1\t2\n", "wrong_separator", "tabs"),
        (b"id,y,id\n1,2,3\n", "duplicate_column", "`id`"),
        (b"id,y\n1,2\n3\n", "ragged_row", "line 3 has 1 fields, but the header has 2"),
        (b"id,y\n1,2\n3,4,5\n", "ragged_row", "line 3 has 3 fields"),
        (b"id,y\r\n\r\n1,\"\r\n\"\r\n3\r\n", "ragged_row", "line 5"),
    ];
    for (bytes, kind, message) in cases {
        let error = parse(bytes).expect_err("not a table");
        assert_eq!(error.kind(), kind, "{:?}", String::from_utf8_lossy(bytes));
        assert!(error.to_string().contains(message), "{error}");
        let trickled = Table::from_reader(Trickle(bytes), &ReadLimits::default()).expect_err("not a table");
        assert_eq!(trickled.to_string(), error.to_string());
    }
}

#[test]
fn the_first_problem_of_the_file_is_reported() {
    assert!(error(b"id,y\n1\n2,\0\n").contains("line 2 has 1 fields"));
    assert!(error(b"id,y\n1,\0\n2\n").contains("zero byte"));
}

#[test]
fn caps_hold_while_reading() {
    let limits = ReadLimits { max_bytes: 1_000, max_rows: 3, max_columns: 4, max_field_bytes: 5 };
    let kind = |text: &str| Table::parse(text.as_bytes(), &limits).map_or_else(|error| error.kind(), |_| "fine");
    assert_eq!(kind("id,y\n1,2\n3,4\n5,6\n"), "fine");
    assert_eq!(kind("id,y\n1,2\n3,4\n5,6\n7,8"), "too_many_rows");
    assert_eq!(kind("a,b,c,d\n"), "fine");
    assert_eq!(kind("a,b,c,d,e\n"), "too_many_columns");
    assert_eq!(kind("12345,\"1\"\"345\"\n"), "fine");
    assert_eq!(kind("123456,b\n"), "field_too_long");
    assert_eq!(kind("a,\"123456"), "field_too_long");
    assert_eq!(kind(&"\n".repeat(1_000)), "empty");
    assert_eq!(kind(&"\n".repeat(1_001)), "too_large");
}

#[test]
fn an_endless_stream_ends_at_the_cap() {
    let limits = ReadLimits { max_bytes: 4 << 20, max_field_bytes: 1 << 20, ..ReadLimits::default() };
    for (byte, kind) in
        [(b'\n', "too_large"), (b',', "too_many_columns"), (b'x', "field_too_long"), (b'"', "field_too_long")]
    {
        let error = Table::from_reader(std::io::repeat(byte), &limits).expect_err("endless");
        assert_eq!(error.kind(), kind);
    }
}

#[test]
fn files_that_are_not_regular_are_named_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let read = |path: &Path| Table::read(path, &ReadLimits::default());

    assert_eq!(read(&at("none.csv")).expect_err("missing").kind(), "io");
    let error = read(folder.path()).expect_err("a folder");
    assert_eq!((error.kind(), error.to_string().contains("a folder")), ("not_a_file", true));

    fs::write(at("good.csv"), "id,y\n1,2\n").expect("written");
    assert_eq!(read(&at("good.csv")).expect("a table").rows(), 1);

    let sparse = File::create(at("sparse.csv")).expect("created");
    sparse.set_len(5 << 30).expect("a sparse file");
    assert_eq!(read(&at("sparse.csv")).expect_err("too large").kind(), "too_large");
    // Even where the size is not known beforehand.
    assert_eq!(
        Table::from_reader(File::open(at("sparse.csv")).expect("opens"), &ReadLimits::default())
            .expect_err("zeros")
            .kind(),
        "nul_byte"
    );

    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("good.csv"), at("link.csv")).expect("linked");
        assert_eq!(read(&at("link.csv")).expect("a table").rows(), 1);
        std::os::unix::fs::symlink(at("loop.csv"), at("loop.csv")).expect("linked");
        assert_eq!(read(&at("loop.csv")).expect_err("a loop").kind(), "io");
        assert!(Command::new("mkfifo").arg(at("fifo.csv")).status().expect("mkfifo runs").success());
        assert!(read(&at("fifo.csv")).expect_err("a FIFO").to_string().contains("a FIFO"));
        assert!(read(Path::new("/dev/zero")).expect_err("a device").to_string().contains("a device"));
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let whole = parse(&bytes).map(|table| table.rows()).map_err(|error| error.to_string());
        let trickled = Table::from_reader(Trickle(&bytes), &ReadLimits::default());
        prop_assert_eq!(whole, trickled.map(|table| table.rows()).map_err(|error| error.to_string()));
    }

    #[test]
    fn nearly_csv_never_panics(text in "[ab\",\r\n;\u{feff}é]{0,60}") {
        if let Ok(table) = parse(text.as_bytes()) {
            for row in cells(&table) {
                prop_assert_eq!(row.len(), table.header().len());
            }
            let lines: Vec<_> = (0..table.rows()).map(|row| table.line(row)).collect();
            prop_assert!(lines.is_sorted_by(|a, b| a < b), "{:?}", lines);
        }
    }

    #[test]
    fn what_is_written_is_read(rows in proptest::collection::vec(("\\PC{0,8}", "[a\",\r\n ]{0,6}", "x"), 0..10), crlf in any::<bool>()) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).expect("written");
        for (a, b, c) in &rows {
            writer.write_record([a, b, c]).expect("written");
        }
        let table = parse(&writer.into_inner().expect("flushed")).expect("a table");
        let expected: Vec<_> = rows.iter().map(|(a, b, c)| vec![a.as_str(), b, c]).collect();
        prop_assert_eq!(cells(&table), expected);
    }
}
