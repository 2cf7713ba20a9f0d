//! A list of mount steps as bytes: how a jail that stands already is told what the job adds to it.

use std::ffi::CStr;

use super::mounts::{Same, Step, StepView};

/// Kind, attributes, device, file number, and the lengths of two strings, 8 bytes each, native order.
const HEADER: usize = 48;

/// The steps, one after the other: a header of six numbers, then two strings, each as long as the header says.
pub(super) fn encode(steps: &[Step]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for step in steps {
        let none: &[u8] = &[];
        let (kind, attributes, same, first, second) = match step.view() {
            StepView::Dir(path) => (0, 0, None, path.to_bytes_with_nul(), none),
            StepView::Link { target, path } => (1, 0, None, target.to_bytes_with_nul(), path.to_bytes_with_nul()),
            StepView::File { path, bytes } => (2, 0, None, path.to_bytes_with_nul(), bytes),
            StepView::Bind { source, target, attributes, same } => {
                (3, attributes, same, source.to_bytes_with_nul(), target.to_bytes_with_nul())
            }
            StepView::Tmpfs { target, options, attributes } => {
                (4, attributes, None, target.to_bytes_with_nul(), options.to_bytes_with_nul())
            }
            StepView::Device { path, source, number } => {
                (8, number, None, path.to_bytes_with_nul(), source.to_bytes_with_nul())
            }
            StepView::Proc => (5, 0, None, none, none),
            StepView::OwnInodes { target, options } => {
                (7, 0, None, target.to_bytes_with_nul(), options.to_bytes_with_nul())
            }
            StepView::Seal { path, attributes } => (6, attributes, None, path.to_bytes_with_nul(), none),
        };
        let (has_same, same) = same.map_or((0, Same { device: 0, number: 0 }), |same| (1 << 32, same));
        let numbers = [kind | has_same, attributes, same.device, same.number, first.len() as u64, second.len() as u64];
        bytes.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
        bytes.extend(first);
        bytes.extend(second);
    }
    bytes
}

/// The steps in such bytes, up to the first that isn't one. Allocates nothing.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Steps<'a> {
    type Item = StepView<'a>;

    fn next(&mut self) -> Option<StepView<'a>> {
        let (header, rest) = self.0.split_at_checked(HEADER)?;
        let mut numbers =
            header.chunks_exact(8).map(|number| u64::from_ne_bytes(number.try_into().unwrap_or_default()));
        let (kind, attributes) = (numbers.next()?, numbers.next()?);
        let same = Same { device: numbers.next()?, number: numbers.next()? };
        let same = (kind >> 32 == 1).then_some(same);
        let (first, rest) = rest.split_at_checked(numbers.next()? as usize)?;
        let (second, rest) = rest.split_at_checked(numbers.next()? as usize)?;
        self.0 = rest;
        let string = |bytes| CStr::from_bytes_with_nul(bytes).ok();
        Some(match kind as u32 {
            0 => StepView::Dir(string(first)?),
            1 => StepView::Link { target: string(first)?, path: string(second)? },
            2 => StepView::File { path: string(first)?, bytes: second },
            3 => StepView::Bind { source: string(first)?, target: string(second)?, attributes, same },
            4 => StepView::Tmpfs { target: string(first)?, options: string(second)?, attributes },
            8 => StepView::Device { path: string(first)?, source: string(second)?, number: attributes },
            5 => StepView::Proc,
            7 => StepView::OwnInodes { target: string(first)?, options: string(second)? },
            6 => StepView::Seal { path: string(first)?, attributes },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_arrive_as_they_were() {
        let steps = vec![
            Step::Dir(c"/a".into()),
            Step::Link { target: c"../x".into(), path: c"/b".into() },
            Step::File { path: c"/c".into(), bytes: vec![0, 1, 255] },
            Step::File { path: c"/empty".into(), bytes: Vec::new() },
            Step::Bind {
                source: c"/.old/d".into(),
                target: c"/d".into(),
                attributes: u64::MAX,
                same: Some(Same { device: 7, number: u64::MAX }),
            },
            Step::Bind { source: c"/.old/e".into(), target: c"/e".into(), attributes: 1, same: None },
            Step::Tmpfs { target: c"/tmp".into(), options: c"".into(), attributes: 6 },
            Step::Device { path: c"/dev/null".into(), source: c"/.old/dev/null".into(), number: 259 },
            Step::Proc,
            Step::OwnInodes { target: c"/in".into(), options: c"lowerdir=/in:/x".into() },
            Step::Seal { path: c"/dev".into(), attributes: 3 },
        ];
        let bytes = encode(&steps);
        let views: Vec<_> = steps.iter().map(Step::view).collect();
        assert_eq!(Steps(&bytes).collect::<Vec<_>>(), views);
        for length in 0..bytes.len() {
            let cut: Vec<_> = Steps(&bytes[..length]).collect();
            assert!(cut.len() < views.len() && views.starts_with(&cut));
        }
    }
}
