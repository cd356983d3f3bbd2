//! Writes files whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Puts these bytes in the place of the file: a reader sees it as it was before or as it is after, also when the machine
/// loses its power.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let new = path.with_extension("json.new");
    let mut file = fs::File::create(&new)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(new, path)?;
    fs::File::open(folder)?.sync_all()
}
