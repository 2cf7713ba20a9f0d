//! Axes.

use std::fmt::Write;

use crate::report::plot::escape;

/// Width of every plot, in its own units: about pixels on a phone.
pub(crate) const WIDTH: f64 = 460.0;

/// The area of a plot and what its edges stand for.
pub(crate) struct Frame {
    pub(crate) height: f64,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
}

impl Frame {
    pub(crate) fn right(&self) -> f64 {
        WIDTH - 12.0
    }

    pub(crate) fn place_x(&self, x: f64) -> f64 {
        self.left + (self.right() - self.left) * share(x, self.x)
    }

    pub(crate) fn place_y(&self, y: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * share(y, self.y)
    }

    /// The beginning of the picture, with its title for those who can't see it.
    pub(crate) fn open(&self, title: &str) -> String {
        let title = escape(title);
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>",
            number(self.height)
        )
    }

    /// Lines and numbers at round places of the x axis, and its name.
    pub(crate) fn x_axis(&self, svg: &mut String, name: &str, whole: bool) {
        for tick in ticks(self.x, 6, whole) {
            let x = number(self.place_x(tick));
            let (top, bottom) = (number(self.top), number(self.bottom));
            let _ = write!(svg, "<path class=\"grid\" d=\"M{x} {top}V{bottom}\"/>");
            let label = label(tick);
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
                number(self.bottom + 15.0)
            );
        }
        let middle = number(f64::midpoint(self.left, self.right()));
        let below = number(self.bottom + 32.0);
        let _ = write!(
            svg,
            "<text class=\"axis\" x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{}</text>",
            escape(name)
        );
    }

    /// The same of the y axis.
    pub(crate) fn y_axis(&self, svg: &mut String, name: &str) {
        for tick in ticks(self.y, 5, false) {
            let y = self.place_y(tick);
            let (left, right) = (number(self.left), number(self.right()));
            let _ = write!(svg, "<path class=\"grid\" d=\"M{left} {}H{right}\"/>", number(y));
            let place = (number(self.left - 6.0), number(y + 4.0));
            let _ = write!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", place.0, place.1, label(tick));
        }
        let _ = write!(svg, "<text class=\"axis\" x=\"0\" y=\"12\">{}</text>", escape(name));
    }
}

fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    if high > low { (value - low) / (high - low) } else { 0.5 }
}

/// Round numbers in a range, about so many.
fn ticks((low, high): (f64, f64), about: usize, whole: bool) -> Vec<f64> {
    if high <= low {
        return vec![low];
    }
    let rough = (high - low) / about as f64;
    let ten = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|of| of * ten).find(|step| *step >= rough).unwrap_or(rough);
    let step = if whole { step.max(1.0).round() } else { step };
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|tick| tick as f64 * step).collect()
}

/// A tick's number without needless digits.
fn label(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A coordinate: one decimal is finer than any screen.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let labels = |range, about, whole| ticks(range, about, whole).into_iter().map(label).collect::<Vec<_>>();
        assert_eq!(labels((0.0, 1.0), 5, false), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(labels((1.0, 15.0), 6, true), ["5", "10", "15"]);
        assert_eq!(labels((740.0, 1260.0), 6, false), ["800", "900", "1000", "1100", "1200"]);
        assert_eq!(labels((0.0, 2.0), 6, true), ["0", "1", "2"]);
        assert_eq!(labels((3.0, 3.0), 6, false), ["3"]);
    }
}
