//! Lines and points over two axes.

use std::fmt::Write;

use crate::report::plot::frame::{Frame, number};
use crate::report::plot::{classes, escape};

/// What is drawn of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// A line that goes up in steps.
    Steps,
    /// A line with its points.
    Line,
    /// Points alone, each with its name.
    Points,
}

/// One series of points, with ascending x.
pub(crate) struct Series {
    pub(crate) name: String,
    /// Where its episodes are.
    pub(crate) anchor: String,
    /// Its number among all, which decides its colour.
    pub(crate) index: usize,
    pub(crate) points: Vec<(f64, f64)>,
}

/// The names of the axes, the range of each, and whether x counts something.
pub(crate) struct Scale<'a> {
    pub(crate) x: (&'a str, (f64, f64)),
    pub(crate) y: (&'a str, (f64, f64)),
    pub(crate) counts: bool,
}

/// A plot of series.
pub(crate) fn lines(title: &str, scale: &Scale<'_>, series: &[Series], marks: Marks) -> String {
    let (x, y) = (scale.x.1, scale.y.1);
    let frame = Frame { height: 296.0, left: 44.0, top: 24.0, bottom: 252.0, x, y };
    let mut svg = frame.open(title);
    frame.x_axis(&mut svg, scale.x.0, scale.counts);
    frame.y_axis(&mut svg, scale.y.0);
    if marks == Marks::Points {
        names(&mut svg, &frame, series);
    }
    for Series { name, anchor, index, points } in series {
        let class = classes(*index);
        let _ = write!(svg, "<a href=\"#{anchor}\"><g class=\"{class}\"><title>{}</title>", escape(name));
        if marks != Marks::Points {
            let _ = write!(svg, "<path class=\"line\" d=\"{}\"/>", path(&frame, points, marks));
        }
        if marks != Marks::Steps {
            for &(x, y) in points {
                let (x, y) = (number(frame.place_x(x)), number(frame.place_y(y)));
                let size = if marks == Marks::Points { "6" } else { "2.5" };
                let _ = write!(svg, "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"{size}\"/>");
            }
        }
        svg.push_str("</g></a>");
    }
    svg.push_str("</svg>");
    svg
}

fn path(frame: &Frame, points: &[(f64, f64)], marks: Marks) -> String {
    let mut path = String::new();
    for (place, &(x, y)) in points.iter().enumerate() {
        let (x, y) = (number(frame.place_x(x)), number(frame.place_y(y)));
        let _ = match (place, marks) {
            (0, _) => write!(path, "M{x} {y}"),
            (_, Marks::Steps) => write!(path, "H{x}V{y}"),
            _ => write!(path, "L{x} {y}"),
        };
    }
    path
}

/// The names of points, moved apart where they would lie on each other.
fn names(svg: &mut String, frame: &Frame, series: &[Series]) {
    const LINE: f64 = 13.0;
    let dot = |series: &Series| {
        let &(x, y) = series.points.first()?;
        let x = frame.place_x(x);
        Some((x - 7.0, x + 7.0, frame.place_y(y) + 4.0))
    };
    let mut taken: Vec<(f64, f64, f64)> = series.iter().filter_map(dot).collect();
    for Series { name, points, .. } in series {
        let Some(&(x, y)) = points.first() else { continue };
        let name = super::shortened(name, 32);
        let width = name.chars().count() as f64 * 6.4;
        let (x, y) = (frame.place_x(x), frame.place_y(y));
        let before = x + 10.0 + width > frame.right();
        let left = if before { (x - 10.0 - width).max(frame.left) } else { x + 10.0 };
        let is_free = |y: f64, taken: &[(f64, f64, f64)]| {
            taken.iter().all(|&(from, to, at)| (at - y).abs() >= LINE || to < left || from > left + width)
        };
        let moves = (0..24).map(|n| if n % 2 == 0 { f64::from(n) } else { -f64::from(n) } * LINE / 4.0);
        let y = moves.map(|by| y + 4.0 + by).find(|&y| y > frame.top && is_free(y, &taken)).unwrap_or(y + 4.0);
        taken.push((left, left + width, y));
        let _ = write!(svg, "<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>", number(left), number(y), escape(&name));
    }
}
