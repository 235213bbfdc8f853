// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::{
    alloc::{KVec, flags::GFP_KERNEL},
    error::code::*,
};

/// Returns the memory of `bytes` as user space.
fn slice(bytes: &mut [u8]) -> UserSlice {
    UserSlice::new(UserPtr::from_ptr(bytes.as_mut_ptr().cast()), bytes.len())
}

/// Returns four bytes that cannot be accessed.
fn bad() -> UserSlice {
    UserSlice::new(UserPtr::from_addr(8), 4)
}

#[test]
fn values_are_read_in_order() {
    let mut memory = [1, 2, 0, 3, 0, 0, 0, 9];
    let mut reader = slice(&mut memory).reader();
    assert_eq!(reader.read::<u8>(), Ok(1));
    assert_eq!(reader.read::<[u16; 1]>(), Ok([2]));
    let mut ahead = reader.clone_reader();
    assert_eq!(ahead.skip(4), Ok(()));
    assert_eq!(ahead.read::<u8>(), Ok(9));
    assert!(ahead.is_empty());
    assert_eq!(reader.read::<u64>(), Err(EFAULT));
    assert_eq!(reader.len(), 5);
    assert_eq!(reader.read::<u32>(), Ok(3));
    assert_eq!(reader.skip(2), Err(EFAULT));
    assert_eq!(reader.skip(1), Ok(()));
    assert_eq!(reader.read::<u8>(), Err(EFAULT));
    assert_eq!(reader.read_slice(&mut []), Ok(()));
}

#[test]
fn bad_addresses_use_nothing_up() {
    let mut reader = bad().reader();
    assert_eq!(reader.read::<u32>(), Err(EFAULT));
    assert_eq!(reader.len(), 4);
    let mut out = [7; 8];
    assert_eq!(reader.read_slice_partial(&mut out, 0), Err(EFAULT));
    let mut offset = 1;
    assert_eq!(reader.read_slice_file(&mut out, &mut offset), Err(EFAULT));
    assert_eq!((offset, reader.len()), (1, 4));
    let mut writer = bad().writer();
    assert_eq!(writer.write(&1_u32), Err(EFAULT));
    assert_eq!(writer.write_slice_file(b"abc", &mut offset), Err(EFAULT));
    assert_eq!((offset, writer.len()), (1, 4));
    let mut text = [0; 4];
    assert_eq!(bad().reader().strcpy_into_buf(&mut text), Err(EFAULT));
}

#[test]
fn partial_reads_end_with_either_side() {
    let mut memory = [1, 2, 3, 4];
    let mut out = [0; 3];
    let mut reader = slice(&mut memory).reader();
    assert_eq!(reader.read_slice_partial(&mut out, 1), Ok(2));
    assert_eq!((out, reader.len()), ([0, 1, 2], 2));
    assert_eq!(reader.read_slice_partial(&mut out, 3), Ok(0));
    assert_eq!(reader.read_slice_partial(&mut out, usize::MAX), Ok(0));
    assert_eq!(reader.read_slice_partial(&mut out, 0), Ok(2));
    assert_eq!((out, reader.len()), ([3, 4, 2], 0));
}

#[test]
fn partial_writes_end_with_either_side() {
    let mut memory = [0; 4];
    let mut writer = slice(&mut memory).writer();
    assert_eq!(writer.write_slice_partial(b"abc", 2), Ok(1));
    assert_eq!(writer.write_slice_partial(b"abc", 3), Ok(0));
    assert_eq!(writer.write_slice_partial(b"abc", usize::MAX), Ok(0));
    assert_eq!(writer.write_slice_partial(b"abcdef", 1), Ok(3));
    assert!(writer.is_empty());
    assert_eq!(writer.write_slice_partial(b"abc", 0), Ok(0));
    assert_eq!(&memory, b"cbcd");
}

#[test]
fn files_have_positions() {
    let mut memory = [0; 8];
    let mut offset = 0;
    let mut writer = slice(&mut memory[..2]).writer();
    assert_eq!(writer.write_slice_file(b"abc", &mut offset), Ok(2));
    let mut writer = slice(&mut memory[2..]).writer();
    assert_eq!(writer.write_slice_file(b"abc", &mut offset), Ok(1));
    assert_eq!(writer.write_slice_file(b"abc", &mut offset), Ok(0));
    assert_eq!((offset, writer.len()), (3, 5));
    offset = i64::MAX;
    assert_eq!(writer.write_slice_file(b"abc", &mut offset), Ok(0));
    offset = -1;
    assert_eq!(writer.write_slice_file(b"abc", &mut offset), Err(EINVAL));
    assert_eq!(&memory[..4], b"abc\0");

    let mut content = *b"01234";
    offset = 3;
    let mut reader = slice(&mut memory).reader();
    assert_eq!(reader.read_slice_file(&mut content, &mut offset), Ok(2));
    assert_eq!(reader.read_slice_file(&mut content, &mut offset), Ok(0));
    assert_eq!((offset, &content), (5, b"012ab"));
    offset = i64::MIN;
    assert_eq!(
        reader.read_slice_file(&mut content, &mut offset),
        Err(EINVAL)
    );
}

#[test]
fn read_all_appends() {
    let mut memory = *b"xyz";
    let mut buf = KVec::new();
    buf.push(b'a', GFP_KERNEL).unwrap();
    assert_eq!(slice(&mut memory).read_all(&mut buf, GFP_KERNEL), Ok(()));
    assert_eq!(buf.as_slice(), b"axyz");
    assert_eq!(bad().read_all(&mut buf, GFP_KERNEL), Err(EFAULT));
    assert_eq!(buf.as_slice(), b"axyz");
    let huge = UserSlice::new(UserPtr::from_addr(8), usize::MAX);
    assert_eq!(huge.read_all(&mut buf, GFP_KERNEL), Err(ENOMEM));
    assert_eq!(buf.as_slice(), b"axyz");
}

#[test]
fn strings_end() {
    let mut memory = *b"ab\0cd";
    let mut buf = [7; 8];
    assert_eq!(
        slice(&mut memory).reader().strcpy_into_buf(&mut buf),
        Ok(c"ab")
    );
    let mut three = [7; 3];
    assert_eq!(
        slice(&mut memory).reader().strcpy_into_buf(&mut three),
        Ok(c"ab")
    );
    let mut two = [7; 2];
    assert_eq!(
        slice(&mut memory).reader().strcpy_into_buf(&mut two),
        Err(E2BIG)
    );
    assert_eq!(
        slice(&mut memory[3..]).reader().strcpy_into_buf(&mut two),
        Err(E2BIG)
    );
    assert_eq!(
        slice(&mut memory[3..]).reader().strcpy_into_buf(&mut three),
        Ok(c"cd")
    );
    assert_eq!(
        slice(&mut memory).reader().strcpy_into_buf(&mut []),
        Err(E2BIG)
    );
    assert_eq!(slice(&mut []).reader().strcpy_into_buf(&mut two), Ok(c""));
}

#[test]
fn addresses_wrap() {
    let end = UserPtr::from_addr(usize::MAX);
    assert_eq!(end.wrapping_byte_add(3), UserPtr::from_addr(2));
    assert_eq!(end.as_const_ptr().addr(), usize::MAX);
    let mut reader = UserSlice::new(end, 8).reader();
    assert_eq!(reader.skip(4), Ok(()));
    assert_eq!(reader.read::<u32>(), Err(EFAULT));
}
