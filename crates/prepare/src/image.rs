//! PNG files: rows of pixel values written as grayscale ones, and any read as such.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use mledojo_catalog::spec::ImageSpec;

use crate::error::PrepareError;

/// The width of a PNG file, and its pixels in 8 bits of grey, as Pillow's `convert("L")` gives them.
///
/// # Errors
/// A file that cannot be read, or is no PNG.
pub(crate) fn grey(path: &Path) -> Result<(usize, Vec<u8>), PrepareError> {
    let file = File::open(path).map_err(|error| PrepareError::io("read", path, error))?;
    let damaged = |error: png::DecodingError| PrepareError::table(path, None, format!("no PNG picture: {error}"));
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (color, _) = reader.output_color_type();
    let size = reader.output_buffer_size().unwrap_or_default();
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes).map_err(damaged)?;
    bytes.truncate(info.buffer_size());
    let channels = color.samples();
    let levels = bytes.chunks_exact(channels).map(|pixel| match *pixel {
        // ITU-R BT.601 in 16-bit fixed point.
        [red, green, blue] | [red, green, blue, _] => {
            let sum = u32::from(red) * 19_595 + u32::from(green) * 38_470 + u32::from(blue) * 7_471;
            ((sum + 0x8000) >> 16) as u8
        }
        _ => pixel[0],
    });
    Ok((info.width as usize, levels.collect()))
}

/// An 8-bit grayscale PNG of pixel values `0..=white`, spread evenly over 0..=255 and rounded.
///
/// `values` has `width · height` cells, line by line; the error says which of them is no pixel value.
pub(crate) fn encode(spec: ImageSpec, values: &[&str]) -> Result<Vec<u8>, String> {
    let mut pixels = Vec::with_capacity(values.len());
    for value in values {
        let level: f64 = value.parse().map_err(|_| format!("`{value}` is not a pixel value"))?;
        let white = f64::from(spec.white);
        if !(0.0..=white).contains(&level) {
            return Err(format!("pixel value {value} is outside 0..={}", spec.white));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within 0..=255 by the check above"
        )]
        pixels.push((level * 255.0 / white).round() as u8);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, spec.width, spec.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer.write_image_data(&pixels).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outside_the_scale_are_refused() {
        let spec = ImageSpec { width: 2, height: 1, white: 16 };
        assert!(encode(spec, &["0", "16"]).is_ok());
        assert_eq!(encode(spec, &["0", "17"]).unwrap_err(), "pixel value 17 is outside 0..=16");
        assert_eq!(encode(spec, &["0", "x"]).unwrap_err(), "`x` is not a pixel value");
        assert!(encode(spec, &["0"]).is_err());
    }
}
