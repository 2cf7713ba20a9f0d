//! Server-sent events, as far as models use them.

/// Reads a stream of events out of bytes that come in any pieces.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    line: Vec<u8>,
    after_return: bool,
    data: Option<String>,
}

impl EventReader {
    /// Takes more bytes, and hands on the data of each event that they complete.
    pub(crate) fn push<E>(&mut self, bytes: &[u8], mut event: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        for &byte in bytes {
            let follows_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if follows_return => {}
                b'\n' | b'\r' => {
                    if let Some(data) = self.end_line() {
                        event(&data)?;
                    }
                }
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }

    /// What is left when the stream ends: some servers leave out the last empty line.
    pub(crate) fn finish(mut self) -> Option<String> {
        let last = if self.line.is_empty() { None } else { self.end_line() };
        last.or(self.data)
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.data.take();
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_start_matches('\u{feff}');
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, piece: usize) -> Vec<String> {
        let mut reader = EventReader::default();
        let mut events = Vec::new();
        for piece in text.as_bytes().chunks(piece) {
            reader
                .push(piece, |data| {
                    events.push(data.to_owned());
                    Ok::<(), ()>(())
                })
                .unwrap();
        }
        events.extend(reader.finish());
        events
    }

    #[test]
    fn events_come_whole_however_they_are_cut() {
        let text = "\u{feff}: hello\n\ndata: {\"a\":\"é\"}\n\nevent: x\r\ndata:1\r\ndata: 2\r\n\r\nid: 7\rdata: z\r\rdata: [DONE]";
        for piece in 1..=text.len() {
            assert_eq!(read(text, piece), ["{\"a\":\"é\"}", "1\n2", "z", "[DONE]"], "pieces of {piece}");
        }
    }
}
