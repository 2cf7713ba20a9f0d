//! Archives of every kind, hostile ones too, as bytes.

use std::io::{Cursor, Write as _};

use sevenz_rust2::{ArchiveEntry, ArchiveWriter};
use zip::write::SimpleFileOptions;

/// What goes into an archive.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    /// As of Unix, with the bits for its kind.
    pub(super) mode: u32,
}

impl Entry {
    pub(super) fn file(name: &str, data: &[u8]) -> Self {
        Self { name: name.to_owned(), data: data.to_vec(), mode: 0o100_644 }
    }

    pub(super) fn folder(name: &str) -> Self {
        Self { name: name.to_owned(), data: Vec::new(), mode: 0o040_755 }
    }

    /// A link, whose data is where it points to.
    pub(super) fn link(name: &str, to: &str) -> Self {
        Self { name: name.to_owned(), data: to.as_bytes().to_vec(), mode: 0o120_777 }
    }

    pub(super) fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }
}

pub(super) fn gz(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A gz file of so many zeros, without making them all at once.
pub(super) fn gz_of_zeros(mut bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    while bytes > 0 {
        let step = bytes.min(1 << 20);
        encoder.write_all(&vec![0; step]).unwrap();
        bytes -= step;
    }
    encoder.finish().unwrap()
}

pub(super) fn zip(entries: &[Entry]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default().unix_permissions(entry.mode & 0o7777);
        if entry.is_folder() {
            writer.add_directory(&*entry.name, options).unwrap();
        } else if entry.is_link() {
            writer.add_symlink(&*entry.name, std::str::from_utf8(&entry.data).unwrap(), options).unwrap();
        } else {
            writer.start_file(&*entry.name, options).unwrap();
            writer.write_all(&entry.data).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// The bytes with every `from` replaced: names that no writer writes.
pub(super) fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place..].starts_with(from)).collect();
    assert!(!places.is_empty(), "nothing to replace");
    for place in places {
        bytes[place..place + from.len()].copy_from_slice(to);
    }
    bytes
}

pub(super) fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        // The setters refuse what hostile archives hold.
        header.as_gnu_mut().unwrap().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.set_mode(entry.mode & 0o7777);
        if entry.is_link() {
            header.set_entry_type(tar::EntryType::Symlink);
            header.as_gnu_mut().unwrap().linkname[..entry.data.len()].copy_from_slice(&entry.data);
            header.set_size(0);
            header.set_cksum();
            builder.append(&header, [].as_slice()).unwrap();
        } else {
            let kind = if entry.is_folder() { tar::EntryType::Directory } else { tar::EntryType::Regular };
            header.set_entry_type(kind);
            header.set_size(entry.data.len() as u64);
            header.set_cksum();
            builder.append(&header, entry.data.as_slice()).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

/// A tar of one entry of any kind.
pub(super) fn tar_of_kind(kind: tar::EntryType, name: &str) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_gnu_mut().unwrap().linkname[..10].copy_from_slice(b"/etc/shado");
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(0);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, [].as_slice()).unwrap();
    builder.into_inner().unwrap()
}

pub(super) fn sevenz(entries: &[Entry]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    for entry in entries {
        let mut packed = match entry.is_folder() {
            true => ArchiveEntry::new_directory(entry.name.trim_end_matches('/')),
            false => ArchiveEntry::new_file(&entry.name),
        };
        packed.has_windows_attributes = true;
        packed.windows_attributes = 0x8000 | entry.mode << 16;
        let data = (!entry.is_folder()).then_some(entry.data.as_slice());
        writer.push_archive_entry(packed, data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A 7z archive of one entry that is packed with the method of this id.
pub(super) fn sevenz_by_method(id: &[u8], properties: &[u8]) -> Vec<u8> {
    let data = [0_u8; 16];
    let name: Vec<u8> = "x\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut header = vec![0x01, 0x04, 0x06, 0, 1, 0x09, data.len() as u8, 0x00, 0x07, 0x0b, 1, 0, 1];
    header.extend([id.len() as u8 | 0x20].iter().chain(id));
    header.extend([properties.len() as u8].iter().chain(properties));
    header.extend([0x0c, 16, 0x00, 0x08, 0x00, 0x00, 0x05, 1, 0x11, name.len() as u8 + 1, 0]);
    header.extend(name.iter().chain(&[0, 0]));

    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let mut start = Vec::new();
    start.extend((data.len() as u64).to_le_bytes());
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc(&header));
    [b"7z\xbc\xaf\x27\x1c\x00\x04", crc(&start).as_slice(), &start, &data, &header].concat()
}
