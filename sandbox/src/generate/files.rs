//! Package files: names, sizes and checksums.

use super::Random;
use crate::registry::PackageFile;

/// The checksums that a format stores.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sums {
    /// MD5, SHA-1 and SHA-256.
    All,
    Sha1,
    Sha256,
}

/// A file with a size between these two powers of two, in bytes.
pub(super) fn file(file_name: String, sums: Sums, powers: (u32, u32), random: &mut Random) -> PackageFile {
    let power = random.within(powers.0.into()..i64::from(powers.1));
    let least = 1_u64 << power;
    let size = Some(least + random.next() % least);
    let (md5, sha1, sha256) = match sums {
        Sums::All => (Some(random.hex(16)), Some(random.hex(20)), Some(random.hex(32))),
        Sums::Sha1 => (None, Some(random.hex(20)), None),
        Sums::Sha256 => (None, None, Some(random.hex(32))),
    };
    PackageFile { file_name, size, md5, sha1, sha256, ..PackageFile::default() }
}
