//! The CSV dialect, checked byte by byte while a file streams into the CSV parser.
//!
//! The parser itself is lenient: it would take a truncated quote, old Mac line ends or a field of gigabytes. This
//! reader stands between the file and the parser, follows the same grammar, and stops at the first byte that breaks
//! the dialect or a cap. Everything before that byte still reaches the parser, so whatever is wrong first in the file
//! is what gets reported.

use std::io::{self, Read};

use crate::table::{ReadLimits, TableError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a line; empty lines are skipped.
    RecordStart,
    FieldStart,
    Unquoted,
    Quoted,
    /// After a quote inside a quoted field: either the field's end or the first half of `""`.
    QuoteInQuoted,
    /// After a carriage return outside quotes: a line feed must follow.
    CarriageReturn,
}

/// A reader that passes bytes on as long as they keep to the dialect.
#[derive(Debug)]
pub(crate) struct DialectReader<R> {
    inner: R,
    limits: ReadLimits,
    state: State,
    bytes: u64,
    line: u64,
    quote_line: u64,
    fields: usize,
    field_bytes: usize,
    record_lines: Vec<u32>,
    pending: Option<TableError>,
}

impl<R: Read> DialectReader<R> {
    pub(crate) fn new(inner: R, limits: ReadLimits) -> Self {
        Self {
            inner,
            limits,
            state: State::RecordStart,
            bytes: 0,
            line: 1,
            quote_line: 0,
            fields: 0,
            field_bytes: 0,
            record_lines: Vec::new(),
            pending: None,
        }
    }

    /// The line (from 1) on which each record seen so far starts, the header's first. Runs ahead of the parser.
    pub(crate) fn record_lines(&self) -> &[u32] {
        &self.record_lines
    }

    pub(crate) fn into_record_lines(self) -> Vec<u32> {
        self.record_lines
    }

    fn accept(&mut self, byte: u8) -> Result<(), TableError> {
        self.bytes += 1;
        if self.bytes > self.limits.max_bytes {
            return Err(TableError::TooLarge { limit: self.limits.max_bytes });
        }
        if byte == 0 {
            return Err(TableError::NulByte { line: self.line });
        }
        self.state = self.next_state(byte)?;
        self.line += u64::from(byte == b'\n');
        Ok(())
    }

    fn next_state(&mut self, byte: u8) -> Result<State, TableError> {
        match (self.state, byte) {
            (State::Quoted, b'"') => return Ok(State::QuoteInQuoted),
            (State::Quoted, _) | (State::QuoteInQuoted, b'"') => {
                self.lengthen_field()?;
                return Ok(State::Quoted);
            }
            (_, b'\n') => return Ok(State::RecordStart),
            (State::CarriageReturn, _) => return Err(TableError::LoneCarriageReturn { line: self.line }),
            (_, b'\r') => return Ok(State::CarriageReturn),
            (State::RecordStart, _) => self.start_record()?,
            _ => {}
        }
        match (self.state, byte) {
            (_, b',') => {
                self.start_field()?;
                Ok(State::FieldStart)
            }
            (State::RecordStart | State::FieldStart, b'"') => {
                self.quote_line = self.line;
                Ok(State::Quoted)
            }
            (State::QuoteInQuoted, _) => Err(TableError::TextAfterQuote { line: self.line }),
            _ => {
                self.lengthen_field()?;
                Ok(State::Unquoted)
            }
        }
    }

    fn start_record(&mut self) -> Result<(), TableError> {
        // The header is a record too, but not a row.
        if self.record_lines.len() > self.limits.max_rows {
            return Err(TableError::TooManyRows { limit: self.limits.max_rows });
        }
        self.record_lines.push(self.line as u32);
        self.fields = 0;
        self.start_field()
    }

    fn start_field(&mut self) -> Result<(), TableError> {
        self.fields += 1;
        self.field_bytes = 0;
        if self.fields > self.limits.max_columns {
            return Err(TableError::TooManyColumns { line: self.line, limit: self.limits.max_columns });
        }
        Ok(())
    }

    fn lengthen_field(&mut self) -> Result<(), TableError> {
        self.field_bytes += 1;
        if self.field_bytes > self.limits.max_field_bytes {
            return Err(TableError::FieldTooLong { line: self.line, limit: self.limits.max_field_bytes });
        }
        Ok(())
    }

    fn end(&self) -> Result<(), TableError> {
        match self.state {
            State::Quoted => Err(TableError::UnterminatedQuote { line: self.quote_line }),
            State::CarriageReturn => Err(TableError::LoneCarriageReturn { line: self.line }),
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for DialectReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.pending.take() {
            return Err(io::Error::other(error));
        }
        let count = loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if count == 0 && !buffer.is_empty() {
            self.end().map_err(io::Error::other)?;
        }
        for (index, &byte) in buffer[..count].iter().enumerate() {
            if let Err(error) = self.accept(byte) {
                if index == 0 {
                    return Err(io::Error::other(error));
                }
                self.pending = Some(error);
                return Ok(index);
            }
        }
        Ok(count)
    }
}
