//! A table that a recipe works with: rows of a file in some order, and columns that were added.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use super::field;
use super::records::Records;
use super::texts::Texts;
use crate::error::PrepareError;

/// A table. Cloning is cheap but for the order of the rows.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What it is called in errors.
    name: String,
    records: Option<Arc<Records>>,
    /// For each row, its number among the records; without records, any numbers.
    rows: Vec<u32>,
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Cells,
}

/// The cells of a column.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    /// Of the records, by the place in their header.
    Record(usize),
    /// The same text in every row.
    Constant(Arc<str>),
    /// A text for each row of the frame.
    Own(Arc<Texts>),
}

impl Frame {
    /// All rows of a file.
    pub(crate) fn of_records(name: &str, records: Records) -> Self {
        // Records refuse to be more than a u32 counts.
        #[expect(clippy::cast_possible_truncation)]
        let rows = (0..records.len() as u32).collect();
        let columns = records.header().iter().enumerate();
        let columns = columns.map(|(place, name)| Column { name: name.clone(), cells: Cells::Record(place) }).collect();
        Self { name: name.to_owned(), records: Some(Arc::new(records)), rows, columns }
    }

    /// A table of columns alone, all as long as the first.
    ///
    /// # Panics
    /// With columns of different lengths.
    pub(crate) fn of_columns<N: Into<String>>(name: &str, columns: impl IntoIterator<Item = (N, Texts)>) -> Self {
        let columns: Vec<Column> = columns
            .into_iter()
            .map(|(name, texts)| Column { name: name.into(), cells: Cells::Own(Arc::new(texts)) })
            .collect();
        let length = columns.first().map_or(0, |column| match &column.cells {
            Cells::Own(texts) => texts.len(),
            Cells::Record(_) | Cells::Constant(_) => 0,
        });
        for column in &columns {
            if let Cells::Own(texts) = &column.cells {
                assert_eq!(texts.len(), length, "columns of one length");
            }
        }
        Self { name: name.to_owned(), records: None, rows: vec![0; length], columns }
    }

    /// Called otherwise.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.column_names().any(|name| name == column)
    }

    /// An error about this table, and a row of it counted from 0.
    pub(crate) fn error(&self, row: Option<usize>, message: String) -> PrepareError {
        match &self.records {
            Some(records) => {
                let row = row.map(|row| self.rows[row] as usize + 1);
                PrepareError::table(records.path(), row, message)
            }
            None => PrepareError::table(Path::new(&self.name), row.map(|row| row + 1), message),
        }
    }

    pub(super) fn records(&self) -> Option<&Arc<Records>> {
        self.records.as_ref()
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of each row among the records.
    pub(super) fn record_rows(&self) -> &[u32] {
        &self.rows
    }

    fn place(&self, column: &str) -> Result<usize, PrepareError> {
        self.columns.iter().position(|have| have.name == column).ok_or_else(|| {
            let names: Vec<&str> = self.column_names().take(30).collect();
            self.error(None, format!("there is no column `{column}` in table `{}`; it has {names:?}", self.name))
        })
    }

    /// The cells of some columns by their places, row by row: `use_row(row, cells)`.
    pub(super) fn visit(
        &self,
        places: &[usize],
        mut use_row: impl FnMut(usize, &[Cow<'_, str>]) -> Result<(), PrepareError>,
    ) -> Result<(), PrepareError> {
        let cells_of = |row: usize, text: &str, delimiter: u8, use_row: &mut dyn FnMut(usize, &[Cow<'_, str>]) -> _| {
            let cell = |place: &usize| match &self.columns[*place].cells {
                Cells::Record(place) => field::cell(text, *place, delimiter),
                Cells::Constant(text) => Cow::Borrowed(&**text),
                Cells::Own(texts) => Cow::Borrowed(texts.get(row)),
            };
            match places {
                [place] => use_row(row, &[cell(place)]),
                places => use_row(row, &places.iter().map(cell).collect::<Vec<_>>()),
            }
        };
        let needs_records = places.iter().any(|&place| matches!(self.columns[place].cells, Cells::Record(_)));
        match &self.records {
            Some(records) if needs_records => {
                let delimiter = records.delimiter();
                records.visit(&self.rows, |row, text| cells_of(row, text, delimiter, &mut use_row))
            }
            _ => (0..self.len()).try_for_each(|row| cells_of(row, "", b',', &mut use_row)),
        }
    }

    /// The cells of a column, in the order of the rows.
    ///
    /// # Errors
    /// There is no such column.
    pub(crate) fn texts(&self, column: &str) -> Result<Texts, PrepareError> {
        let place = self.place(column)?;
        let mut texts = Texts::default();
        self.visit(&[place], |_, cells| {
            cells.iter().for_each(|cell| texts.push(cell));
            Ok(())
        })?;
        Ok(texts)
    }

    /// The cells of several columns for each row: `use_row(row, cells)`.
    ///
    /// # Errors
    /// A column that isn't there, or what `use_row` returns.
    pub(crate) fn each_row(
        &self,
        columns: &[&str],
        use_row: impl FnMut(usize, &[Cow<'_, str>]) -> Result<(), PrepareError>,
    ) -> Result<(), PrepareError> {
        let places = columns.iter().map(|column| self.place(column)).collect::<Result<Vec<_>, _>>()?;
        self.visit(&places, use_row)
    }

    /// The rows at these places, in this order.
    pub(crate) fn take(&self, places: &[usize]) -> Self {
        let rows = places.iter().map(|&place| self.rows[place]).collect();
        let columns = self.columns.iter().map(|column| {
            let cells = match &column.cells {
                Cells::Own(texts) => Cells::Own(Arc::new(places.iter().map(|&place| texts.get(place)).collect())),
                cells => cells.clone(),
            };
            Column { name: column.name.clone(), cells }
        });
        Self { name: self.name.clone(), records: self.records.clone(), rows, columns: columns.collect() }
    }

    /// The rows whose cell of a column passes, in their order.
    ///
    /// # Errors
    /// There is no such column.
    pub(crate) fn keep(&self, column: &str, mut passes: impl FnMut(&str) -> bool) -> Result<Self, PrepareError> {
        let place = self.place(column)?;
        let mut kept = Vec::new();
        self.visit(&[place], |row, cells| {
            kept.extend(cells.iter().any(|cell| passes(cell)).then_some(row));
            Ok(())
        })?;
        Ok(self.take(&kept))
    }

    /// The rows of several tables one below the other, with the columns of the first one.
    ///
    /// # Errors
    /// A table lacks a column of the first.
    pub(crate) fn stack(tables: &[&Self]) -> Result<Self, PrepareError> {
        let Some((first, others)) = tables.split_first() else { return Ok(Self::of_columns::<&str>("", [])) };
        let names: Vec<&str> = first.column_names().collect();
        let others = others.iter().map(|table| table.select(&names)).collect::<Result<Vec<_>, _>>()?;
        let of_same_records = |table: &Self| {
            let same = match (&table.records, &first.records) {
                (Some(one), Some(other)) => Arc::ptr_eq(one, other),
                _ => false,
            };
            let mut columns = table.columns.iter().zip(&first.columns);
            same && columns.all(|(column, other)| match (&column.cells, &other.cells) {
                (Cells::Record(place), Cells::Record(other)) => place == other,
                _ => false,
            })
        };
        if others.iter().all(of_same_records) {
            let rows = std::iter::once(*first).chain(&others).flat_map(|table| table.rows.iter().copied()).collect();
            return Ok(Self { rows, ..(*first).clone() });
        }
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let mut texts = first.texts(name)?;
            for table in &others {
                table.texts(name)?.iter().for_each(|text| texts.push(text));
            }
            columns.push((name, texts));
        }
        Ok(Self::of_columns(&first.name, columns))
    }

    /// These columns alone, in this order.
    ///
    /// # Errors
    /// A column that isn't there.
    pub(crate) fn select<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self, PrepareError> {
        let columns = columns.iter().map(|name| Ok(self.columns[self.place(name.as_ref())?].clone()));
        let columns = columns.collect::<Result<_, PrepareError>>()?;
        Ok(Self { name: self.name.clone(), records: self.records.clone(), rows: self.rows.clone(), columns })
    }

    /// All columns but these.
    ///
    /// # Errors
    /// A column that isn't there.
    pub(crate) fn without<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self, PrepareError> {
        let mut frame = self.clone();
        for column in columns {
            frame.columns.remove(frame.place(column.as_ref())?);
        }
        Ok(frame)
    }

    /// The same with these columns last.
    ///
    /// # Errors
    /// A column that isn't there.
    pub(crate) fn with_last<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self, PrepareError> {
        let mut frame = self.clone();
        for column in columns {
            let place = frame.place(column.as_ref())?;
            let column = frame.columns.remove(place);
            frame.columns.push(column);
        }
        Ok(frame)
    }

    /// With a column called otherwise.
    ///
    /// # Errors
    /// There is no such column.
    pub(crate) fn rename(&self, column: &str, name: &str) -> Result<Self, PrepareError> {
        let place = self.place(column)?;
        let mut frame = self.clone();
        name.clone_into(&mut frame.columns[place].name);
        Ok(frame)
    }

    /// The cells of a column, to be put into another frame of the same rows.
    ///
    /// # Errors
    /// There is no such column.
    pub(crate) fn cells(&self, column: &str) -> Result<Cells, PrepareError> {
        Ok(self.columns[self.place(column)?].cells.clone())
    }

    /// With a column of these cells: in the place of one of that name, else last.
    ///
    /// # Panics
    /// With own texts of another number than the rows.
    pub(crate) fn with(&self, name: &str, cells: Cells) -> Self {
        if let Cells::Own(texts) = &cells {
            assert_eq!(texts.len(), self.len(), "a text for each row");
        }
        let mut frame = self.clone();
        match frame.columns.iter_mut().find(|column| column.name == name) {
            Some(column) => column.cells = cells,
            None => frame.columns.push(Column { name: name.to_owned(), cells }),
        }
        frame
    }

    /// With a column of texts, one for each row.
    ///
    /// # Panics
    /// With another number of texts.
    pub(crate) fn with_texts<T: AsRef<str>>(&self, name: &str, texts: impl IntoIterator<Item = T>) -> Self {
        self.with(name, Cells::Own(Arc::new(texts.into_iter().collect())))
    }

    /// With a column of one text.
    pub(crate) fn with_constant(&self, name: &str, text: &str) -> Self {
        self.with(name, Cells::Constant(Arc::from(text)))
    }

    /// The columns as they are found in the records' rows, if the frame is nothing but those.
    pub(super) fn is_whole(&self) -> bool {
        let Some(records) = &self.records else { return false };
        self.columns.len() == records.header().len()
            && self
                .columns
                .iter()
                .enumerate()
                .all(|(at, column)| matches!(column.cells, Cells::Record(place) if place == at))
    }
}
