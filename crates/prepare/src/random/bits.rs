//! What NumPy's two generators share below their distributions: a source of bits, and integers by masking them.

/// A source of random bits.
pub(super) trait Bits {
    fn next_u32(&mut self) -> u32;

    fn next_u64(&mut self) -> u64;

    /// An integer from 0 to `last`: bits under the smallest mask, drawn until they fit (`random_interval`).
    fn masked(&mut self, last: u64) -> u64 {
        if last == 0 {
            return 0;
        }
        let mask = u64::MAX >> last.leading_zeros();
        loop {
            let bits = if last <= u64::from(u32::MAX) { u64::from(self.next_u32()) } else { self.next_u64() };
            if bits & mask <= last {
                return bits & mask;
            }
        }
    }

    /// Shuffles as both `shuffle` methods do.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.masked(last as u64) as usize);
        }
    }
}
