// SPDX-License-Identifier: GPL-2.0

//! [`LineWriter`]: text of any length, cut into records of the log.

use core::{ffi::CStr, mem::MaybeUninit, ptr, slice};

use crate::fmt;

/// The size of the buffer, which is on the stack: the text of a record, and a newline. With the
/// name of a module or device, it stays below the 1024 bytes that a record may have.
const SIZE: usize = 512;

/// The fate of a record whose text ends without a newline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// The record ends.
    Whole,
    /// The record ends if the buffer is full. At the end of the message, it stays open for a
    /// continuation.
    Open,
    /// The record stays open, since this is a continuation. A continuation may also be empty.
    Continued,
}

/// What takes the pieces of a message. The table of `FnMut` would have each closure twice.
pub(crate) trait Emit {
    /// Takes a piece.
    fn emit(&mut self, piece: &CStr);
}

impl<F: FnMut(&CStr)> Emit for F {
    #[inline]
    fn emit(&mut self, piece: &CStr) {
        self(piece)
    }
}

/// Collects text and calls `emit` for each piece of it. A piece that ends its record has a newline
/// at its end. `emit` is called through a pointer, so that a module has this code only once.
///
/// Bytes that would confuse C become escapes: NUL, which ends a string, and SOH, which starts a log
/// level.
///
/// # Invariants
///
/// `length` is less than [`SIZE`], so that there is always room for a newline and for the NUL
/// behind it. The first `length` bytes of the buffer are initialised, and none of them is NUL.
pub(crate) struct LineWriter<'a> {
    buffer: [MaybeUninit<u8>; SIZE + 1],
    length: usize,
    /// Whether `emit` was called.
    emitted: bool,
    record: Record,
    emit: &'a mut dyn Emit,
}

impl<'a> LineWriter<'a> {
    /// Prints one message. If the `fmt` of an argument fails, the text up to there is printed.
    pub(crate) fn print(record: Record, args: fmt::Arguments<'_>, emit: &'a mut dyn Emit) {
        // INVARIANT: the buffer is empty.
        let mut writer = Self {
            buffer: [const { MaybeUninit::uninit() }; SIZE + 1],
            length: 0,
            emitted: false,
            record,
            emit,
        };
        let _ = fmt::Write::write_fmt(&mut writer, args);
        writer.finish();
    }

    /// Emits the rest of the text.
    fn finish(&mut self) {
        if self.length != 0 || (!self.emitted && self.record != Record::Continued) {
            // A message without any text has no continuation.
            self.flush(self.record == Record::Whole || self.length == 0);
        }
    }

    /// Emits the buffer and empties it.
    #[inline(never)]
    fn flush(&mut self, ends: bool) {
        let mut length = self.length;
        if ends && let Some(end) = self.buffer.get_mut(length) {
            end.write(b'\n');
            // OVERFLOW: none: the length is at most `SIZE`, by the invariant.
            length += 1;
        }
        if let Some(end) = self.buffer.get_mut(length) {
            end.write(0);
        }
        // INVARIANT: the buffer is empty.
        self.length = 0;
        self.emitted = true;
        // SAFETY: `from_raw_parts` requires that many initialised bytes, which nobody changes. By
        // the invariant the text is initialised, and newline and NUL were written above; `emit`
        // does not have the buffer. OVERFLOW: none: the length is at most `SIZE`.
        let text = unsafe { slice::from_raw_parts(self.buffer.as_ptr().cast(), length + 1) };
        // SAFETY: `from_bytes_with_nul_unchecked` requires a NUL at the end and nowhere else: it
        // was written above, and the text has none by the invariant.
        self.emit
            .emit(unsafe { CStr::from_bytes_with_nul_unchecked(text) });
    }

    /// Adds text that has no special bytes, and flushes whenever the buffer is full.
    fn add(&mut self, text: &str) {
        // OVERFLOW: none: `length` is less than `SIZE`, by the invariant.
        if text.len() <= SIZE - 1 - self.length {
            self.append(text);
        } else {
            self.split(text);
        }
    }

    /// Adds text for which there is room in the buffer; does nothing if there is none.
    fn append(&mut self, text: &str) {
        // OVERFLOW: none: `length` is less than `SIZE`, by the invariant.
        if text.len() > SIZE - 1 - self.length {
            return;
        }
        // OVERFLOW: none, by the check above.
        let end = self
            .buffer
            .as_mut_ptr()
            .wrapping_add(self.length)
            .cast::<u8>();
        // SAFETY: `copy_nonoverlapping` requires readable and writable bytes that do not overlap;
        // there is room, and text is not in the buffer, which this borrows exclusively.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr(), end, text.len()) };
        // INVARIANT: as many bytes were written above, and there is room; `write_str` and `split`
        // pass no NUL. OVERFLOW: none.
        self.length += text.len();
    }

    /// Adds text, and flushes whenever the buffer is full.
    #[cold]
    #[inline(never)]
    fn split(&mut self, mut text: &str) {
        while !text.is_empty() {
            // OVERFLOW: none: `length` is less than `SIZE`, by the invariant.
            let room = SIZE - 1 - self.length;
            // The result is a border of characters in `text`, so the text is always split.
            // `split_at` would put its panic messages into each module.
            let border = text.floor_char_boundary(room);
            let Some((here, rest)) = text.split_at_checked(border) else {
                return;
            };
            if here.is_empty() {
                // An empty buffer has room for any character. So the buffer is not empty here, and
                // is emptied now.
                self.flush(self.record != Record::Continued);
                continue;
            }
            self.append(here);
            text = rest;
        }
    }
}

/// The lowest and the highest bit of each byte.
const ONES: u64 = u64::MAX / 0xff;
const HIGHEST: u64 = ONES << 7;

/// The format with which C prints a piece: the piece itself if C would find no conversion in it,
/// since C copies a format faster than an argument.
#[inline(never)]
pub(crate) fn format_of(piece: &CStr) -> &CStr {
    let text = piece.to_bytes();
    let (words, _) = text.as_chunks::<8>();
    // A byte that equals `%` becomes 0, from which the difference borrows.
    let plain = words.iter().take_while(|word| {
        let word = u64::from_ne_bytes(**word) ^ (ONES * u64::from(b'%'));
        word.wrapping_sub(ONES) & !word & HIGHEST == 0
    });
    let at = plain.count() * 8;
    if text.iter().skip(at).any(|byte| *byte == b'%') {
        c"%s"
    } else {
        piece
    }
}

/// The position of the first byte that has to become something else: a newline, a NUL, or an SOH.
fn find_special(text: &[u8]) -> Option<usize> {
    let (words, _) = text.as_chunks::<8>();
    // The difference borrows if a byte is below 0x0b. A borrow may mark the bytes above that one,
    // but it marks no word without such a byte.
    let plain = words.iter().take_while(|word| {
        let word = u64::from_ne_bytes(**word);
        word.wrapping_sub(ONES * 0x0b) & !word & HIGHEST == 0
    });
    let at = plain.count() * 8;
    let rest = text.iter().skip(at);
    let found = rest.take_while(|byte| !matches!(**byte, b'\n' | b'\0' | b'\x01'));
    let at = at + found.count();
    (at < text.len()).then_some(at)
}

impl fmt::Write for LineWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        // An ASCII character starts and ends at borders, so the text is always split.
        while let Some((here, special)) =
            find_special(rest.as_bytes()).and_then(|index| rest.split_at_checked(index))
        {
            self.add(here);
            let mut special = special.chars();
            match special.next() {
                Some('\0') => self.add("\\x00"),
                Some('\x01') => self.add("\\x01"),
                _ => self.flush(true),
            }
            rest = special.as_str();
        }
        self.add(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(record: Record, args: fmt::Arguments<'_>) -> Vec<String> {
        let mut pieces = Vec::new();
        LineWriter::print(record, args, &mut |piece: &CStr| {
            assert!(piece.count_bytes() <= SIZE);
            pieces.push(piece.to_str().unwrap().to_owned());
        });
        pieces
    }

    #[test]
    fn special_bytes_are_found_wherever_they_are() {
        for special in [b'\n', 0, 1] {
            for at in 0..30 {
                for plain in [b'a', b'\t', 0x0b, 0x7f, 0x80, 0xff] {
                    let mut text = [plain; 30];
                    assert_eq!(find_special(&text), None);
                    text[at] = special;
                    assert_eq!(find_special(&text), Some(at));
                    text[29] = special;
                    assert_eq!(find_special(&text), Some(at));
                }
            }
        }
        assert_eq!(find_special(b""), None);
    }

    #[test]
    fn a_percent_sign_is_no_format() {
        for length in 0..30 {
            for plain in ["a", "$", "&", "\u{a5}", "\u{a4}"] {
                let piece = std::ffi::CString::new(plain.repeat(length)).unwrap();
                assert_eq!(format_of(&piece), &*piece);
                for at in 0..=length {
                    let mut text = plain.repeat(length);
                    text.insert(at * plain.len(), '%');
                    let piece = std::ffi::CString::new(text).unwrap();
                    assert_eq!(format_of(&piece), c"%s");
                }
            }
        }
    }

    #[test]
    fn one_record_for_each_line() {
        for (text, whole, open, continued) in [
            ("", vec!["\n"], vec!["\n"], vec![]),
            ("\n", vec!["\n"], vec!["\n"], vec!["\n"]),
            ("a\n", vec!["a\n"], vec!["a\n"], vec!["a\n"]),
            ("a", vec!["a\n"], vec!["a"], vec!["a"]),
            (
                "a\nb",
                vec!["a\n", "b\n"],
                vec!["a\n", "b"],
                vec!["a\n", "b"],
            ),
            (
                "a\n\nb\n",
                vec!["a\n", "\n", "b\n"],
                vec!["a\n", "\n", "b\n"],
                vec!["a\n", "\n", "b\n"],
            ),
        ] {
            assert_eq!(
                pieces(Record::Whole, format_args!("{text}")),
                whole,
                "{text:?}"
            );
            assert_eq!(
                pieces(Record::Open, format_args!("{text}")),
                open,
                "{text:?}"
            );
            assert_eq!(
                pieces(Record::Continued, format_args!("{text}")),
                continued,
                "{text:?}"
            );
        }
    }

    #[test]
    fn bytes_that_confuse_c_are_escaped() {
        assert_eq!(
            pieces(Record::Whole, format_args!("\x016a\0b\x02")),
            ["\\x016a\\x00b\x02\n"]
        );
    }

    #[test]
    fn long_text_comes_out_whole() {
        for width in 1..=4 {
            let letter = ["a", "\u{e4}", "\u{20ac}", "\u{1f427}"][width - 1];
            for (offset, count) in [(0, 511), (0, 512), (1, 511), (2, 600), (3, 3000)] {
                let text = format!("{}{}", "x".repeat(offset), letter.repeat(count));
                let got = pieces(Record::Whole, format_args!("{}", text));
                assert_eq!(
                    got.iter()
                        .map(|piece| piece.strip_suffix('\n').unwrap())
                        .collect::<String>(),
                    text
                );
                assert!(
                    got.iter().rev().skip(1).all(|piece| piece.len() > SIZE - 4),
                    "full but the last"
                );
                let open = pieces(Record::Continued, format_args!("{}", text));
                assert_eq!(open.concat(), text);
            }
        }
    }

    #[test]
    fn a_newline_after_a_full_buffer_makes_no_empty_record() {
        let text = "x".repeat(511);
        assert_eq!(
            pieces(Record::Open, format_args!("{text}\n")),
            [format!("{text}\n")]
        );
        assert_eq!(
            pieces(Record::Open, format_args!("{text}")),
            [text.as_str()]
        );
        assert_eq!(
            pieces(Record::Open, format_args!("{text}y")),
            [format!("{text}\n"), "y".into()]
        );
    }

    #[test]
    fn pieces_do_not_depend_on_how_the_text_was_written() {
        let (a, b) = ("x".repeat(300), "y".repeat(300));
        assert_eq!(
            pieces(Record::Whole, format_args!("{a}{b}")),
            pieces(Record::Whole, format_args!("{}", a.clone() + &b))
        );
    }

    #[test]
    fn failing_arguments_lose_only_themselves() {
        struct Fails;
        impl core::fmt::Display for Fails {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("part")?;
                Err(fmt::Error)
            }
        }
        assert_eq!(
            pieces(Record::Whole, format_args!("a {Fails} b")),
            ["a part\n"]
        );
    }
}
