//! Keeping the beginning and the end of a stream in bounded memory.

use std::collections::VecDeque;

use crate::job::Capture;
use crate::report::Captured;

/// Takes a stream piece by piece. Holds at most `head + tail` bytes.
pub(crate) struct Capturing {
    limits: Capture,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Capturing {
    pub(crate) fn new(limits: Capture) -> Self {
        Self { limits, head: Vec::new(), tail: VecDeque::new(), total: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(self.limits.head - self.head.len()));
        self.head.extend_from_slice(first);
        let last = &rest[rest.len().saturating_sub(self.limits.tail)..];
        let excess = (self.tail.len() + last.len()).saturating_sub(self.limits.tail);
        self.tail.drain(..excess);
        self.tail.extend(last);
    }

    /// Bytes seen so far, kept or not.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn finish(self) -> Captured {
        Captured { head: self.head, tail: self.tail.into(), total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(head: usize, tail: usize, pieces: &[&[u8]]) -> Captured {
        let mut capturing = Capturing::new(Capture { head, tail });
        pieces.iter().for_each(|piece| capturing.push(piece));
        capturing.finish()
    }

    #[test]
    fn both_ends_are_kept_however_the_stream_is_cut() {
        let whole: Vec<u8> = (0..=255).collect();
        for size in [1, 2, 3, 7, 64, 100, 256] {
            let pieces: Vec<&[u8]> = whole.chunks(size).collect();
            let captured = capture(10, 20, &pieces);
            assert_eq!(captured.head, &whole[..10], "pieces of {size}");
            assert_eq!(captured.tail, &whole[236..], "pieces of {size}");
            assert_eq!((captured.total, captured.omitted()), (256, 226));
        }
    }

    #[test]
    fn a_short_stream_is_whole() {
        let captured = capture(4, 4, &[b"abc", b"def", b"gh"]);
        assert_eq!((captured.head.as_slice(), captured.tail.as_slice()), (&b"abcd"[..], &b"efgh"[..]));
        assert_eq!(captured.omitted(), 0);
    }

    #[test]
    fn nothing_need_be_kept() {
        let captured = capture(0, 0, &[b"abc"]);
        assert_eq!((captured.head.len(), captured.tail.len(), captured.omitted()), (0, 0, 3));
    }
}
