// SPDX-License-Identifier: GPL-2.0

//! Formatting into a buffer of fixed size.

use crate::fmt;

/// Writes text to a buffer and counts the bytes that do not fit, as C's `snprintf()` does. It never
/// fails.
///
/// It writes no terminator.
///
/// Context: any context.
///
/// # Examples
///
/// ```
/// use core::fmt::Write;
/// use kernel::str::RawFormatter;
///
/// let mut buffer = [0; 4];
/// let mut text = RawFormatter::new(&mut buffer);
/// let _ = write!(text, "{}", 123456);
/// assert_eq!(text.bytes_written(), 6);
/// assert_eq!(&buffer, b"1234");
/// ```
#[doc(alias = "snprintf")]
pub struct RawFormatter<'a> {
    rest: &'a mut [u8],
    written: usize,
}

impl<'a> RawFormatter<'a> {
    /// Starts at the beginning of `buffer`. The buffer may be empty; then this only counts.
    #[must_use]
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self {
            rest: buffer,
            written: 0,
        }
    }

    /// Returns how many bytes were to be written, including those that did not fit. The count stops
    /// at `usize::MAX`.
    #[must_use]
    pub const fn bytes_written(&self) -> usize {
        self.written
    }

    /// Returns whether all of the text fitted.
    const fn fits(&self, text: &str) -> bool {
        text.len() <= self.rest.len()
    }
}

impl fmt::Write for RawFormatter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let count = text.len().min(self.rest.len());
        let rest = core::mem::take(&mut self.rest);
        // PANIC: none: `count` is at most either length.
        let (here, rest) = rest.split_at_mut(count);
        here.copy_from_slice(&text.as_bytes()[..count]);
        self.rest = rest;
        self.written = self.written.saturating_add(text.len());
        Ok(())
    }
}

/// Writes text to a buffer, and fails at the first piece that does not fit.
///
/// It writes no terminator.
///
/// Context: any context.
///
/// # Examples
///
/// ```
/// use core::fmt::Write;
/// use kernel::str::Formatter;
///
/// let mut buffer = [0; 4];
/// let mut text = Formatter::new(&mut buffer);
/// assert!(write!(text, "{}", 123).is_ok());
/// assert!(write!(text, "{}", 45).is_err());
/// assert_eq!(text.bytes_written(), 3);
/// ```
#[doc(alias = "scnprintf")]
pub struct Formatter<'a>(RawFormatter<'a>);

impl<'a> Formatter<'a> {
    /// Starts at the beginning of `buffer`.
    #[must_use]
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self(RawFormatter::new(buffer))
    }

    /// Returns how many bytes were written.
    #[must_use]
    pub const fn bytes_written(&self) -> usize {
        self.0.bytes_written()
    }
}

impl fmt::Write for Formatter<'_> {
    /// # Errors
    ///
    /// The text does not fit. None of it was written.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !self.0.fits(text) {
            return Err(fmt::Error);
        }
        self.0.write_str(text)
    }
}

#[macros::kunit_tests(lifebound_formatter)]
mod tests {
    use super::*;
    use crate::fmt::Write;

    #[test]
    fn raw_counts_past_the_end() {
        let mut buffer = *b"......";
        let mut text = RawFormatter::new(&mut buffer[..4]);
        text.write_str("ab").unwrap();
        text.write_str("cde").unwrap();
        text.write_str("f").unwrap();
        assert_eq!(text.bytes_written(), 6);
        assert_eq!(&buffer, b"abcd..");
    }

    #[test]
    fn fixed_fails_at_the_end_and_may_go_on() {
        let mut buffer = *b"....";
        let mut text = Formatter::new(&mut buffer);
        assert!(text.write_str("ab").is_ok());
        assert!(text.write_str("cde").is_err());
        assert!(text.write_str("cd").is_ok());
        assert!(text.write_str("").is_ok());
        assert!(text.write_str("e").is_err());
        assert_eq!(text.bytes_written(), 4);
        assert_eq!(&buffer, b"abcd");
    }
}
