//! Taking apart the stream in which an engine sends stdout and stderr together.
//!
//! Each frame is a head of eight bytes (which stream, three zeros, the length, big-endian) and so many bytes.

use crate::capture::Capturing;
use crate::job::Capture;

/// Takes the stream piece by piece, in bounded memory.
pub(super) struct Frames {
    head: [u8; 8],
    /// How many bytes of the head have come.
    known: usize,
    /// How many bytes of the frame are still to come.
    left: usize,
    pub(super) stdout: Capturing,
    pub(super) stderr: Capturing,
}

impl Frames {
    pub(super) fn new(capture: Capture) -> Self {
        let (stdout, stderr) = (Capturing::new(capture), Capturing::new(capture));
        Self { head: [0; 8], known: 0, left: 0, stdout, stderr }
    }

    /// # Errors
    /// When this is no such stream.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        while !bytes.is_empty() {
            if self.left == 0 {
                let (taken, rest) = bytes.split_at(bytes.len().min(self.head.len() - self.known));
                for (to, from) in self.head.iter_mut().skip(self.known).zip(taken) {
                    *to = *from;
                }
                self.known += taken.len();
                bytes = rest;
                if self.known == self.head.len() {
                    self.known = 0;
                    let [stream, _, _, _, a, b, c, d] = self.head;
                    self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                    if stream > 2 {
                        return Err(format!("a frame of the output is for stream {stream}; expected 0 to 2"));
                    }
                }
                continue;
            }
            let (taken, rest) = bytes.split_at(bytes.len().min(self.left));
            let [stream, ..] = self.head;
            if stream == 2 {
                self.stderr.push(taken)
            } else {
                self.stdout.push(taken)
            }
            self.left -= taken.len();
            bytes = rest;
        }
        Ok(())
    }

    /// Whether the stream ended between two frames.
    pub(super) fn is_whole(&self) -> bool {
        self.left == 0 && self.known == 0
    }

    pub(super) fn written(&self) -> u64 {
        self.stdout.total() + self.stderr.total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_apart_however_they_are_cut() {
        let stream = b"\x01\0\0\0\0\0\0\x05first\x02\0\0\0\0\0\0\x03err\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x01!";
        for size in [1, 2, 3, 7, 8, 9, stream.len()] {
            let mut frames = Frames::new(Capture::default());
            for piece in stream.chunks(size) {
                frames.push(piece).unwrap();
            }
            assert!(frames.is_whole());
            assert_eq!(frames.written(), 9);
            assert_eq!(frames.stdout.finish().text(), "first!", "pieces of {size}");
            assert_eq!(frames.stderr.finish().text(), "err");
        }
        let mut frames = Frames::new(Capture::default());
        frames.push(&stream[..10]).unwrap();
        assert!(!frames.is_whole());
        assert!(Frames::new(Capture::default()).push(b"Traceback (most recent").is_err());
    }
}
