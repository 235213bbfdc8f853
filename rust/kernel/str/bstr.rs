// SPDX-License-Identifier: GPL-2.0

//! [`BStr`]: bytes that are probably text.

use core::ops::{Deref, Index};

use super::CStr;
use crate::fmt::{self, Write};

/// A string of bytes, without a promise about encoding or terminator.
///
/// `{}` shows printable ASCII as it is, tabulator, newline and carriage return as `\t`, `\n` and
/// `\r`, and other bytes as `\x1b`. `{:?}` does the same between quotes, and escapes quote and
/// backslash.
///
/// # Examples
///
/// ```
/// use kernel::str::BStr;
///
/// let name = BStr::from_bytes(b"eth0\n");
/// assert_eq!(format!("{name:?}"), r#""eth0\n""#);
/// assert_eq!(name.strip_prefix(b"eth"), Some(BStr::from_bytes(b"0\n")));
/// ```
#[repr(transparent)]
pub struct BStr([u8]);

impl BStr {
    /// Returns the number of bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Borrows bytes as a string.
    #[must_use]
    pub const fn from_bytes(bytes: &[u8]) -> &Self {
        // SAFETY: the reference requires a value of the type at that place for that lifetime;
        // `BStr` is a transparent wrapper of `[u8]`, and has no requirements of its own.
        unsafe { &*(core::ptr::from_ref(bytes) as *const Self) }
    }

    /// Returns the text behind `pattern`, if the string starts with it.
    #[must_use]
    pub fn strip_prefix(&self, pattern: impl AsRef<Self>) -> Option<&BStr> {
        self.0
            .strip_prefix(&pattern.as_ref().0)
            .map(Self::from_bytes)
    }
}

/// Writes one byte as `{}` shows it.
fn write_byte(f: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    match byte {
        b'\t' => f.write_str("\\t"),
        b'\n' => f.write_str("\\n"),
        b'\r' => f.write_str("\\r"),
        b' '..=b'~' => f.write_char(byte.into()),
        _ => write!(f, "\\x{byte:02x}"),
    }
}

impl fmt::Display for BStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write_byte(f, *byte))
    }
}

impl fmt::Debug for BStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for byte in &self.0 {
            match byte {
                b'"' => f.write_str("\\\"")?,
                b'\\' => f.write_str("\\\\")?,
                _ => write_byte(f, *byte)?,
            }
        }
        f.write_char('"')
    }
}

/// Shows the bytes before the NUL as [`BStr`] does.
impl fmt::Display for CStr {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(BStr::from_bytes(self.to_bytes()), f)
    }
}

impl Deref for BStr {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for BStr {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for BStr {}

/// Panics, which stops the kernel, if the range is out of bounds; `get()` of the bytes does not.
impl<Idx> Index<Idx> for BStr
where
    [u8]: Index<Idx, Output = [u8]>,
{
    type Output = Self;

    fn index(&self, index: Idx) -> &Self {
        // PANIC: documented above, as for any slice.
        BStr::from_bytes(&self.0[index])
    }
}

impl AsRef<BStr> for [u8] {
    fn as_ref(&self) -> &BStr {
        BStr::from_bytes(self)
    }
}

impl<const N: usize> AsRef<BStr> for [u8; N] {
    fn as_ref(&self) -> &BStr {
        BStr::from_bytes(self)
    }
}

impl AsRef<BStr> for BStr {
    fn as_ref(&self) -> &BStr {
        self
    }
}

impl AsRef<BStr> for CStr {
    fn as_ref(&self) -> &BStr {
        BStr::from_bytes(self.to_bytes())
    }
}

/// Makes a [`&'static BStr`](crate::str::BStr) from a string literal.
///
/// # Examples
///
/// ```
/// use kernel::{b_str, str::BStr};
///
/// const NAME: &BStr = b_str!("eth0");
/// assert_eq!(NAME.len(), 4);
/// ```
#[macro_export]
macro_rules! b_str {
    ($str:literal) => {{
        const STRING: &$crate::str::BStr =
            $crate::str::BStr::from_bytes(<$crate::__core::primitive::str>::as_bytes($str));
        STRING
    }};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fmt::Adapter;

    #[test]
    fn shows_every_byte() {
        let bytes: std::vec::Vec<u8> = (0..=255).collect();
        let text = format!("{}", Adapter(&BStr::from_bytes(&bytes)));
        assert!(text.starts_with(r"\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e"));
        assert!(text.contains(r##"\x1f !"#$%&'()"##));
        assert!(text.contains(r"[\]^"));
        assert!(text.contains(r"}~\x7f\x80\x81"));
        assert!(text.ends_with(r"\xfe\xff"));
    }

    #[test]
    fn debug_can_be_read_back() {
        assert_eq!(
            format!("{:?}", BStr::from_bytes(b"a\"\\\x1b")),
            r#""a\"\\\x1b""#
        );
        assert_eq!(format!("{}", Adapter(&c"a\"\xff")), r#"a"\xff"#);
    }

    #[test]
    fn prefixes() {
        let text = b_str!("usb1-1");
        assert_eq!(text.strip_prefix(b"usb"), Some(b_str!("1-1")));
        assert_eq!(text.strip_prefix(b_str!("")), Some(text));
        assert_eq!(text.strip_prefix(c"usb1-1"), Some(b_str!("")));
        assert_eq!(text.strip_prefix(b_str!("usb1-12")), None);
        assert_eq!(&text[3..4], b_str!("1"));
    }
}
