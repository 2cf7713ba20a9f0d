//! Positions in the log of a satellite receiver: NMEA 0183 sentences.

use crate::table::{Frame, Texts};

/// The columns of a log's table, and where they stand in a sentence of each type.
const COLUMNS: [&str; 3] = ["time", "latitude", "longitude"];

/// A row for each sentence that tells a position, coordinates in degrees; `None` if there are no two.
///
/// `GGA` sentences are taken, or `RMC` ones where there are more of them.
pub(super) fn table(path: &str, text: &str) -> Option<Frame> {
    let positions = |kind: &str| -> Vec<[String; 3]> { text.lines().filter_map(|line| position(line, kind)).collect() };
    let (fixes, minimum) = (positions("GGA"), positions("RMC"));
    let rows = if minimum.len() > fixes.len() { minimum } else { fixes };
    if rows.len() < 2 {
        return None;
    }
    let columns = COLUMNS.iter().enumerate().map(|(place, name)| {
        let cells: Texts = rows.iter().map(|row| row[place].as_str()).collect();
        (*name, cells)
    });
    Some(Frame::of_columns(path, columns))
}

/// Time of day, latitude and longitude of a sentence like `$GPGGA,hhmmss.ss,ddmm.mmmm,N,dddmm.mmmm,E,…`; an RMC
/// sentence has its status after the time.
fn position(line: &str, kind: &str) -> Option<[String; 3]> {
    let (address, rest) = line.trim().strip_prefix('$')?.split_once(',')?;
    if !address.ends_with(kind) {
        return None;
    }
    let fields: Vec<&str> = rest.split(',').collect();
    let first = if kind == "RMC" { 2 } else { 1 };
    let degrees = |place: usize| -> Option<String> {
        let value: f64 = fields.get(place)?.parse().ok()?;
        let whole = (value / 100.0).trunc();
        let angle = whole + (value - whole * 100.0) / 60.0;
        let south_or_west = matches!(fields.get(place + 1).copied(), Some("S" | "W"));
        Some((if south_or_west { -angle } else { angle }).to_string())
    };
    Some([(*fields.first()?).to_owned(), degrees(first)?, degrees(first + 2)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_and_minutes_are_read() {
        let log = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\n\
                   $GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\n\
                   $GPGSV,2,1,08\n\
                   $GPGGA,123520,4807.038,S,01131.500,W,1,08,0.9,545.4,M,46.9,M,,*47\n";
        let table = table("log.nmea", log).unwrap();
        let cells =
            |name: &str| -> Vec<f64> { table.texts(name).unwrap().iter().map(|c| c.parse().unwrap()).collect() };
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near(&cells("latitude"), &[48.1173, -48.1173]));
        assert!(near(&cells("longitude"), &[11.0 + 31.0 / 60.0, -11.525]));
        assert!(super::table("notes.txt", "no sentence").is_none());
    }
}
