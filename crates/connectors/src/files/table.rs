//! A file as rows: its character set, its first line, where it breaks off.

use crate::files::content::{Bytes, Content};
use crate::files::folder::rows_told;
use csv::{ByteRecord, ReaderBuilder};
use domain::profile::{FileKind, FileRules};
use encoding_rs::Encoding;
use std::collections::HashMap;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

/// A field longer than this is no field: somewhere a quote was not closed.
const LONGEST: usize = 64 * 1024;

/// A row, with the line it begins on.
#[derive(Debug)]
pub(super) struct Row<'t> {
    pub(super) line: u64,
    /// Its bytes, as far as they can be told: written again with the delimiter.
    pub(super) fields: &'t ByteRecord,
}

/// What is wrong with a file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) what: String,
    /// The first line and this one as they are, for whoever looks into it.
    pub(super) bytes: Vec<u8>,
}

/// What came of going through a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    /// Rows that were read.
    pub(super) rows: u64,
    /// Rows that cannot be read, and where the file breaks off.
    pub(super) faults: Vec<Fault>,
    /// Why nothing can be read of it: its first line is not as agreed.
    pub(super) unreadable: Option<String>,
}

/// The first line of a file, and how its fields are read.
pub(super) struct Table<'r> {
    pub(super) kind: &'r FileKind,
    places: HashMap<String, usize>,
    encoding: &'static Encoding,
    /// The first line as it is.
    pub(super) header: Vec<u8>,
}

impl<'r> Table<'r> {
    /// The text of a field; `None`: there is no such column, or nothing in it. Nothing is lost silently: bytes that the
    /// character set does not have make the row unreadable before.
    pub(super) fn text(&self, row: &Row<'_>, column: Option<&str>) -> Option<String> {
        let column = column?;
        if column.contains('{') {
            return self.several(row, column);
        }
        let place = *self.places.get(column)?;
        let (text, _) = self.encoding.decode_without_bom_handling(row.fields.get(place)?);
        let text = text.trim();
        let says_nothing = text.is_empty() || self.kind.nothing.iter().any(|word| *word == *text);
        (!says_nothing).then(|| text.to_owned())
    }

    /// A text made of several fields. Where one of them is empty, nothing is said.
    fn several(&self, row: &Row<'_>, pattern: &str) -> Option<String> {
        let (mut text, mut rest) = (String::new(), pattern);
        while let Some((before, more)) = rest.split_once('{') {
            let (column, after) = more.split_once('}')?;
            text.push_str(before);
            text.push_str(&self.text(row, Some(column))?);
            rest = after;
        }
        text.push_str(rest);
        Some(text)
    }

    /// The same with blanks around it kept: names must match letter by letter.
    pub(super) fn exact(&self, row: &Row<'_>, column: Option<&str>) -> Option<String> {
        let text = self.text(row, column)?;
        let Some(place) = self.places.get(column?).copied() else { return Some(text) };
        let (text, _) = self.encoding.decode_without_bom_handling(row.fields.get(place)?);
        Some(text.into_owned())
    }

    /// A row as it is written.
    pub(super) fn write(&self, row: &Row<'_>) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter(self.kind)).from_writer(Vec::new());
        // Writing into memory does not fail.
        let written = writer.write_byte_record(row.fields).is_ok();
        if written { writer.into_inner().unwrap_or_default() } else { Vec::new() }
    }
}

fn delimiter(kind: &FileKind) -> u8 {
    match kind.delimiter.as_str() {
        "\\t" | "tab" => b'\t',
        text => text.bytes().next().unwrap_or(b','),
    }
}

/// Why the first line of a file is not as agreed; `None`: it is.
pub(super) fn first_fault(content: &Content, kind: &FileKind) -> io::Result<Option<String>> {
    Ok(open(content, kind)?.err())
}

/// A file whose first line has been read.
struct Opened<'r> {
    reader: csv::Reader<BufReader<Box<dyn Bytes>>>,
    table: Table<'r>,
    /// Fields a row.
    width: usize,
    ends_with_line: bool,
    /// To be added to the line that the reader tells.
    more_lines: u64,
}

fn open<'r>(content: &Content, kind: &'r FileKind) -> io::Result<Result<Opened<'r>, String>> {
    let mut file = content.open()?;
    if content.length()? == 0 {
        return Ok(Err("it is empty".to_owned()));
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    file.seek(SeekFrom::Start(0))?;
    let Some(encoding) = Encoding::for_label(kind.encoding.as_bytes()) else {
        return Ok(Err(format!("the contract names {:?}, which is no character set", kind.encoding.as_str())));
    };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(kind))
        .from_reader(BufReader::with_capacity(64 * 1024, file));
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record)? {
        return Ok(Err("it has no first line".to_owned()));
    }
    let (width, ends_with_line) = (record.len(), last == *b"\n");
    // Where lines end with two characters, the reader counts a line as begun before the second.
    let mut behind = [0];
    let mut again = content.open()?;
    again.seek(SeekFrom::Start(reader.position().byte()))?;
    let more_lines = u64::from(again.read(&mut behind)? == 1 && behind == *b"\n");
    Ok(first_line(kind, encoding, &record).map(|table| Opened { reader, table, width, ends_with_line, more_lines }))
}

/// Goes through a file, row by row. `is_whole`: it says so itself; else its last row may have been cut.
pub(super) fn go_through(
    content: &Content,
    rules: &FileRules,
    kind: &FileKind,
    is_whole: bool,
    mut look: impl FnMut(&Table<'_>, &Row<'_>),
) -> io::Result<Gone> {
    let mut gone = Gone::default();
    let Opened { mut reader, table, width, ends_with_line, more_lines } = match open(content, kind)? {
        Ok(opened) => opened,
        Err(what) => return Ok(Gone { unreadable: Some(what), ..gone }),
    };
    // One row is kept back: only the last may be cut, or say how many there were.
    let mut before: Option<(u64, ByteRecord)> = None;
    loop {
        let mut next = ByteRecord::new();
        let is_there = reader.read_byte_record(&mut next)?;
        if let Some((line, fields)) = before.take() {
            let is_last = !is_there;
            let row = Row { line, fields: &fields };
            let mut fault = |what: String| {
                gone.faults.push(Fault { line, what, bytes: [table.header.clone(), table.write(&row)].concat() });
            };
            if is_last && let Some(told) = end_told(rules, &fields) {
                if let Some(told) = told.filter(|told| *told != gone.rows) {
                    let there = gone.rows;
                    fault(format!("its last line tells of {told} rows, and there are {there}"));
                }
            } else if is_last && !is_whole && (fields.len() < width || !ends_with_line) {
                fault("the file breaks off here".to_owned());
            } else if let Some(what) = unreadable(&fields, width, table.encoding) {
                fault(what);
            } else {
                gone.rows += 1;
                look(&table, &row);
            }
        }
        if !is_there {
            return Ok(gone);
        }
        let line = next.position().map_or(0, csv::Position::line) + more_lines;
        before = Some((line, next));
    }
}

fn end_told(rules: &FileRules, fields: &ByteRecord) -> Option<Option<u64>> {
    let only = fields.get(0).filter(|_| fields.len() == 1 && !rules.end_line.is_empty())?;
    rows_told(&String::from_utf8_lossy(only), &rules.end_line)
}

fn unreadable(fields: &ByteRecord, width: usize, encoding: &'static Encoding) -> Option<String> {
    if fields.len() != width {
        return Some(format!("the row has {} fields, and the first line {width}", fields.len()));
    }
    if fields.iter().any(|field| field.len() > LONGEST) {
        return Some(format!("a field has more than {LONGEST} bytes: a quote may not have been closed"));
    }
    let is_foreign = |field: &[u8]| encoding.decode_without_bom_handling(field).1;
    fields.iter().any(is_foreign).then(|| format!("the row has bytes that {} does not have", encoding.name()))
}

fn first_line<'r>(kind: &'r FileKind, encoding: &'static Encoding, first: &ByteRecord) -> Result<Table<'r>, String> {
    let mut places = HashMap::new();
    for (place, field) in first.iter().enumerate() {
        let (text, _) = encoding.decode_without_bom_handling(field);
        let name = text.trim_start_matches('\u{feff}').trim().to_owned();
        if places.insert(name.clone(), place).is_some() && kind.columns.named().any(|column| column == name) {
            return Err(format!("the column {name} is there twice"));
        }
    }
    let missing: Vec<&str> = {
        let columns = kind.columns.named();
        columns.filter(|column| !places.contains_key(*column)).collect()
    };
    if !missing.is_empty() {
        return Err(format!("the first line lacks the columns {}", missing.join(", ")));
    }
    let mut table = Table { kind, places, encoding, header: Vec::new() };
    table.header = table.write(&Row { line: 1, fields: first });
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::profile::load_source;
    use std::io::Write as _;

    fn through(text: &[u8], overrides: &[(&str, toml::Value)], is_whole: bool) -> (Vec<(u64, Option<String>)>, Gone) {
        let overrides: Vec<_> = overrides.iter().map(|(path, value)| ((*path).into(), value.clone())).collect();
        let mut rules = load_source("csv", &overrides).unwrap().files;
        rules.kinds[0].columns = domain::profile::FileColumns {
            visit: Some("id".into()),
            family: Some("name".into()),
            ..Default::default()
        };
        let encoding = overrides.iter().find(|(path, _)| *path == "files.end_line").is_none();
        if encoding && text.contains(&0xe9) && std::str::from_utf8(text).is_err() {
            rules.kinds[0].encoding = "windows-1252".into();
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let mut rows = Vec::new();
        let content = Content::File(file.path().to_owned());
        let gone = go_through(&content, &rules, &rules.kinds[0].clone(), is_whole, |table, row| {
            rows.push((row.line, table.text(row, Some("name"))));
        });
        (rows, gone.unwrap())
    }

    #[test]
    fn quotes_line_breaks_and_character_sets_are_read() {
        let (rows, gone) =
            through(b"\xef\xbb\xbfid,name\r\n1,\"O\"\"Hara, A\"\r\n2,\"two\nlines\"\r\n3,\r\n", &[], true);
        assert_eq!(rows, [(2, Some("O\"Hara, A".to_owned())), (3, Some("two\nlines".to_owned())), (5, None)]);
        assert_eq!(gone, Gone { rows: 3, ..Gone::default() });
        let (rows, _) = through(b"id,name\n1,Ren\xe9e\n", &[], true);
        assert_eq!(rows, [(2, Some("Renée".to_owned()))]);
    }

    #[test]
    fn a_bad_row_is_told_with_its_line_and_the_others_pass() {
        let (rows, gone) = through(b"id,name\n1,A\n2,B,C\n3,\xff\n4,D\n", &[("files.end_line", "END".into())], true);
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(gone.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4]);
        assert!(gone.faults.iter().all(|fault| !fault.what.contains('B')), "no field is quoted");
        assert_eq!(gone.faults[0].bytes, b"id,name\n2,B,C\n");
    }

    #[test]
    fn a_file_that_breaks_off_gives_its_whole_rows_only() {
        let (rows, gone) = through(b"id,name\n1,Ada\n2,Be", &[], false);
        assert_eq!((rows.len(), gone.faults[0].line), (1, 3));
        let (rows, gone) = through(b"id,name\n1,Ada\n2,Be", &[], true);
        assert_eq!((rows.len(), gone.faults.len()), (2, 0), "its mark says that it is whole");
    }

    #[test]
    fn a_last_line_counts_the_rows() {
        let ends = [("files.end_line", toml::Value::from("END {rows}"))];
        assert_eq!(through(b"id,name\n1,Ada\nEND 1\n", &ends, true).1, Gone { rows: 1, ..Gone::default() });
        let (_, gone) = through(b"id,name\n1,Ada\nEND 2\n", &ends, true);
        assert_eq!(gone.faults[0].what, "its last line tells of 2 rows, and there are 1");
    }

    #[test]
    fn an_empty_file_and_an_unknown_first_line_are_told() {
        assert_eq!(through(b"", &[], true).1.unreadable.as_deref(), Some("it is empty"));
        let (_, gone) = through(b"id,surname\n1,Ada\n", &[], true);
        assert_eq!(gone.unreadable.as_deref(), Some("the first line lacks the columns name"));
    }
}
