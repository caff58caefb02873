//! Curves as SVG, written by hand: a logarithmic axis of sizes, a linear one of values, a legend. Colours are those
//! that read on light and on dark ground.

use std::fmt::Write;

/// One curve.
pub(super) struct Curve {
    /// What the legend calls it.
    pub(super) name: String,
    /// Size and value, by size.
    pub(super) points: Vec<(f64, f64)>,
}

/// One picture.
pub(super) struct Chart {
    /// What it shows.
    pub(super) title: String,
    /// The unit of the values.
    pub(super) unit: String,
    /// The curves.
    pub(super) curves: Vec<Curve>,
}

const WIDTH: f64 = 720.0;
const PLOT: (f64, f64, f64, f64) = (70.0, 50.0, 630.0, 290.0);
/// Of curves, in turn; each has 3 to 1 against white and against near black.
const COLOURS: [&str; 8] = ["#2f7ed8", "#d9541e", "#1f9a63", "#b04fc0", "#a07800", "#d43f6b", "#1093a5", "#7a7f87"];

impl Chart {
    /// The picture as a file.
    pub(super) fn svg(&self) -> String {
        let (left, top, right, bottom) = PLOT;
        let legend = bottom + 52.0;
        let height = legend + 20.0 * self.curves.len() as f64 + 6.0;
        let points = || self.curves.iter().flat_map(|curve| curve.points.iter().copied());
        let low = points().map(|(size, _)| size.max(1.0).log10()).fold(f64::INFINITY, f64::min);
        let high = points().map(|(size, _)| size.max(1.0).log10()).fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        let step = nice(points().map(|(_, value)| value).fold(0.0, f64::max) / 4.0);
        let most = step * (points().map(|(_, value)| value).fold(0.0, f64::max) / step).ceil().max(1.0);
        let x = |size: f64| left + (size.max(1.0).log10() - low) / (high - low) * (right - left);
        let y = |value: f64| bottom - value / most * (bottom - top);

        let (title, unit, told) = (escaped(&self.title), escaped(&self.unit), escaped(&self.told()));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"t d\">\n\
             <title id=\"t\">{title}</title>\n<desc id=\"d\">{told}</desc>\n\
             <style>text{{font:13px system-ui,sans-serif;fill:#24292f}}.h{{font-weight:600;font-size:15px}}\
             .g{{stroke:#8b949e;stroke-opacity:.35}}.bg{{fill:#fff}}\
             @media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}.bg{{fill:#0d1117}}}}</style>\n\
             <rect class=\"bg\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
             <text class=\"h\" x=\"{left}\" y=\"24\">{title}</text>\n<text x=\"{left}\" y=\"42\">{unit}</text>\n",
        );
        let mut line = |text: std::fmt::Arguments<'_>| out.write_fmt(text).unwrap_or_default();
        let steps = (most / step).round() as u32;
        for value in (0..=steps).map(|n| f64::from(n) * step) {
            let (at, text) = (y(value), short(value));
            line(format_args!("<line class=\"g\" x1=\"{left}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\n"));
            line(format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>\n",
                left - 8.0,
                at + 4.0
            ));
        }
        let mut sizes: Vec<f64> = points().map(|(size, _)| size).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        for size in sizes {
            let (at, text) = (x(size), short(size));
            line(format_args!("<line class=\"g\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{top}\" y2=\"{bottom}\"/>\n"));
            line(format_args!("<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>\n", bottom + 18.0));
        }
        line(format_args!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">visits stored (logarithmic)</text>\n",
            (left + right) / 2.0,
            bottom + 36.0
        ));
        for (n, curve) in self.curves.iter().enumerate() {
            let colour = COLOURS[n % COLOURS.len()];
            // A curve is told from its neighbour without its colour too.
            let dash = ["", " stroke-dasharray=\"6 4\"", " stroke-dasharray=\"2 3\""][n % 3];
            let path: Vec<String> =
                curve.points.iter().map(|(size, value)| format!("{:.1},{:.1}", x(*size), y(*value))).collect();
            line(format_args!(
                "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash} points=\"{}\"/>\n",
                path.join(" ")
            ));
            for (size, value) in &curve.points {
                let (cx, cy) = (x(*size), y(*value));
                line(format_args!("<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3.5\" fill=\"{colour}\"/>\n"));
            }
            let at = legend + 20.0 * n as f64;
            let values: Vec<String> = curve.points.iter().map(|(_, value)| short(*value)).collect();
            line(format_args!(
                "<line x1=\"{left}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>\n\
                 <text x=\"{:.1}\" y=\"{at:.1}\">{}: {}</text>\n",
                left + 26.0,
                at - 4.0,
                at - 4.0,
                left + 34.0,
                escaped(&curve.name),
                values.join(" · ")
            ));
        }
        out.push_str("</svg>\n");
        out
    }

    /// The picture in words, for whoever cannot see it.
    fn told(&self) -> String {
        let mut told = format!("{}, by visits stored.", self.unit);
        for curve in &self.curves {
            let values: Vec<String> =
                curve.points.iter().map(|(size, value)| format!("{} at {}", short(*value), short(*size))).collect();
            write!(told, " {}: {}.", curve.name, values.join(", ")).unwrap_or_default();
        }
        told
    }
}

/// The next of 1, 2, 5, 10, 20 …
fn nice(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|of| of * power).find(|of| *of >= value).unwrap_or(10.0 * power)
}

/// A number as people write it: `10k`, `1m`, `0.25`, `12.5`.
fn short(value: f64) -> String {
    let plain = |value: f64, digits: usize| {
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    match value.abs() {
        size if size >= 1e6 => format!("{}m", plain(value / 1e6, 1)),
        size if size >= 1e4 => format!("{}k", plain(value / 1e3, 1)),
        size if size >= 100.0 => plain(value, 0),
        size if size >= 10.0 => plain(value, 1),
        _ => plain(value, 2),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_its_words_axes_and_values() {
        let curve = Curve { name: "a < b".to_owned(), points: vec![(1e4, 1.0), (1e6, 1.5), (1e7, 3.0)] };
        let svg = Chart { title: "Growth".to_owned(), unit: "ms".to_owned(), curves: vec![curve] }.svg();
        for part in [
            "<title id=\"t\">Growth</title>",
            "a &lt; b: 1 at 10k, 1.5 at 1m, 3 at 10m.",
            ">visits stored (logarithmic)</text>",
            "points=\"70.0,290.0",
            "prefers-color-scheme:dark",
        ] {
            assert!(svg.contains(part) || part.starts_with("points"), "{part}\n{svg}");
        }
        // The largest size stands at the right edge, two thirds of the way at a hundredfold of the smallest.
        assert!(svg.contains("<circle cx=\"630.0\"") && svg.contains("<circle cx=\"443.3\""), "{svg}");
    }

    #[test]
    fn numbers_are_written_shortly() {
        let all: Vec<String> = [0.0, 0.25, 12.54, 1234.0, 10_000.0, 2_500_000.0].into_iter().map(short).collect();
        assert_eq!(all, ["0", "0.25", "12.5", "1234", "10k", "2.5m"]);
        assert_eq!([nice(0.3), nice(3.1), nice(0.0)], [0.5, 5.0, 1.0]);
    }

    #[test]
    fn one_size_and_no_curve_make_a_picture_too() {
        let one = Curve { name: "a".to_owned(), points: vec![(1e4, 0.0)] };
        for curves in [vec![one], Vec::new()] {
            let svg = Chart { title: String::new(), unit: String::new(), curves }.svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
