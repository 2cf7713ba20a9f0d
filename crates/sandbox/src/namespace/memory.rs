//! Giving back the memory of a clone that goes on without what its maker has.
//!
//! For the child of a `clone`: nothing here allocates.

use std::os::fd::RawFd;

use super::raw::{self, Sys};

/// Ranges that are given back at most; the rest stays.
const MOST: usize = 1024;
/// Of a line of `/proc/self/maps`, what is looked at.
const LINE: usize = 128;

/// Unmaps all anonymous memory save the caller's stack, and what belongs to files: the heap and other threads' stacks.
///
/// What is used afterwards must lie on the stack, in a file's mapping, or in the program itself.
pub(super) fn give_back() -> Sys<()> {
    let maps = raw::open(c"/proc/self/maps", libc::O_RDONLY | libc::O_CLOEXEC, 0)?;
    let here = 0_u8;
    // SAFETY: takes nothing. What belongs to the thread, such as this, lies beside its stack.
    let thread = unsafe { libc::__errno_location() };
    let needed = [std::ptr::from_ref(&here) as usize, thread as usize];
    let mut ranges = [(0_usize, 0_usize); MOST];
    let mut count = 0;
    let mut end_of_file = 0;
    let read = each_line(maps, |line| {
        let Some((start, end, named)) = mapping(line) else { return };
        // Right behind a program's file lie its variables that begin as zero.
        let kept = named || start == end_of_file || needed.iter().any(|address| (start..end).contains(address));
        if named {
            end_of_file = end;
        }
        if let Some(range) = ranges.get_mut(count).filter(|_| !kept) {
            *range = (start, end);
            count += 1;
        }
    });
    raw::close(maps);
    read?;
    for (start, end) in ranges.get(..count).unwrap_or_default() {
        // SAFETY: by the contract of this function nothing in these ranges is used any more.
        unsafe { libc::munmap(*start as *mut libc::c_void, end - start) };
    }
    Ok(())
}

/// Start, end, and whether the mapping belongs to a file or is the kernel's.
fn mapping(line: &[u8]) -> Option<(usize, usize, bool)> {
    let mut fields = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty());
    let mut addresses = fields.next()?.split(|byte| *byte == b'-');
    let (start, end) = (hex(addresses.next()?)?, hex(addresses.next()?)?);
    let name = fields.nth(4).unwrap_or_default();
    let anonymous = name.is_empty() || name == b"[heap]" || name == b"[stack]" || name.starts_with(b"[anon");
    Some((start, end, !anonymous))
}

fn hex(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |number, digit| {
        let digit = (*digit as char).to_digit(16)?;
        number.checked_mul(16)?.checked_add(digit as usize)
    })
}

/// Calls `take` with the beginning of each line.
fn each_line(file: RawFd, mut take: impl FnMut(&[u8])) -> Sys<()> {
    let mut line = [0; LINE];
    let mut length = 0;
    let mut chunk = [0; 4096];
    loop {
        let count = raw::read(file, &mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        for byte in chunk.get(..count).unwrap_or_default() {
            if *byte == b'\n' {
                take(line.get(..length).unwrap_or_default());
                length = 0;
            } else if let Some(place) = line.get_mut(length) {
                *place = *byte;
                length += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let file = "55d0c8a00000-55d0c8a22000 r--p 00000000 fe:00 131 /usr/bin/a b";
        assert_eq!(mapping(file.as_bytes()), Some((0x55d0_c8a0_0000, 0x55d0_c8a2_2000, true)));
        for (tail, named) in [("", false), ("   [heap]", false), ("  [vdso]", true), (" [anon: glibc: x]", false)] {
            let line = format!("7f00-7f10 rw-p 00000000 00:00 0{tail}");
            assert_eq!(mapping(line.as_bytes()), Some((0x7f00, 0x7f10, named)), "{tail}");
        }
        assert_eq!(mapping(b"x"), None);
    }

    #[test]
    fn long_lines_are_cut() {
        let mut file = tempfile::tempfile().unwrap();
        write!(file, "a\n{}\nb\n", "x".repeat(10_000)).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        let mut lengths = Vec::new();
        each_line(file.as_raw_fd(), |line| lengths.push(line.len())).unwrap();
        assert_eq!(lengths, [1, LINE, 1]);
    }

    #[test]
    fn a_clone_goes_on_without_its_heap() {
        let mut ends = [0; 2];
        // SAFETY: the array has room for two descriptors.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        let child = super::super::child::Child::spawn(0, None, &|| {
            let told = if give_back().is_ok() { b"y" } else { b"n" };
            let _ = raw::write(ends[1], told);
        });
        let mut answer = [0];
        assert_eq!(raw::read(ends[0], &mut answer).unwrap(), 1);
        assert_eq!(&answer, b"y");
        child.unwrap().wait().unwrap();
        ends.into_iter().for_each(raw::close);
    }
}
