//! One row for each player: a value with its interval, or parts of a whole.

use std::fmt::Write;

use crate::report::plot::frame::{Frame, WIDTH, number};
use crate::report::plot::{classes, escape, shortened};

/// Height of a row: its name, and what stands below it.
const ROW: f64 = 38.0;
/// Characters that a row has room for, names and values together.
const CHARACTERS: usize = 56;

/// A value with its interval.
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) anchor: String,
    pub(crate) index: usize,
    pub(crate) value: f64,
    pub(crate) interval: Option<(f64, f64)>,
    /// The value in words.
    pub(crate) text: String,
}

/// Values with their intervals, a row each.
pub(crate) fn spans(title: &str, axis: &str, range: (f64, f64), rows: &[Span]) -> String {
    let bottom = 8.0 + ROW * rows.len() as f64;
    let frame = Frame { height: bottom + 42.0, left: 8.0, top: 4.0, bottom, x: range, y: (0.0, 1.0) };
    let mut svg = frame.open(title);
    frame.x_axis(&mut svg, axis, false);
    for (place, row) in rows.iter().enumerate() {
        let top = 8.0 + ROW * place as f64;
        let y = number(top + 25.0);
        head(&mut svg, (&row.name, &row.text), &row.anchor, row.index, top);
        if let Some((low, high)) = row.interval {
            let (low, high) = (number(frame.place_x(low)), number(frame.place_x(high)));
            let _ = write!(svg, "<path class=\"whisker\" d=\"M{low} {y}H{high}\"/>");
        }
        let x = frame.place_x(row.value);
        let _ = write!(svg, "<circle class=\"dot\" cx=\"{}\" cy=\"{y}\" r=\"5\"/>", number(x));
        let text = escape(&row.text);
        let _ = write!(
            svg,
            "</g><text class=\"value\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{text}</text></a>",
            number(frame.right()),
            number(top + 14.0)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Parts of a whole.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) anchor: String,
    pub(crate) index: usize,
    /// Name, colour and size of each part; shares of a whole of 1.
    pub(crate) parts: Vec<(String, usize, f64)>,
    /// The whole in words.
    pub(crate) text: String,
}

/// Stacked bars, a row each.
pub(crate) fn bars(title: &str, rows: &[Bar]) -> String {
    let height = 8.0 + ROW * rows.len() as f64;
    let frame = Frame { height, left: 8.0, top: 4.0, bottom: height, x: (0.0, 1.0), y: (0.0, 1.0) };
    let mut svg = frame.open(title);
    for (place, row) in rows.iter().enumerate() {
        let top = 8.0 + ROW * place as f64;
        head(&mut svg, (&row.name, &row.text), &row.anchor, row.index, top);
        svg.push_str("</g>");
        let mut from = 0.0;
        for (name, colour, share) in row.parts.iter().filter(|(_, _, share)| *share > 0.0) {
            let (left, right) = (frame.place_x(from), frame.place_x(from + share));
            let percent = 100.0 * share;
            let _ = write!(
                svg,
                "<rect class=\"part f-{colour}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"14\"><title>{}: {percent:.1} %</title></rect>",
                number(left),
                number(top + 18.0),
                number((right - left).max(0.5)),
                escape(name)
            );
            if right - left > 34.0 {
                let middle = number(f64::midpoint(left, right));
                let _ = write!(
                    svg,
                    "<text class=\"in f-{colour}\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{percent:.0} %</text>",
                    number(top + 29.0)
                );
            }
            from += share;
        }
        let _ = write!(
            svg,
            "<text class=\"value\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text></a>",
            number(WIDTH - 12.0),
            number(top + 14.0),
            escape(&row.text)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The link of a row, its name, and the beginning of what has its colour.
fn head(svg: &mut String, (name, beside): (&str, &str), anchor: &str, index: usize, top: f64) {
    let shown = escape(&shortened(name, CHARACTERS - beside.chars().count().min(CHARACTERS - 8)));
    let (name, y) = (escape(name), number(top + 14.0));
    let _ =
        write!(svg, "<a href=\"#{anchor}\"><title>{name}</title><text class=\"name\" x=\"8\" y=\"{y}\">{shown}</text>");
    let _ = write!(svg, "<g class=\"{}\">", classes(index));
}
