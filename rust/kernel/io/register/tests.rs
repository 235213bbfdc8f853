// SPDX-License-Identifier: GPL-2.0

//! Tests of every kind of register on ordinary memory.

use std::vec::Vec;

use super::*;
use crate::error::code::{EINVAL, ERANGE};
use crate::io::testing::Memory;
use crate::io::{Io, register};
use crate::num::Bounded;

const OFFSET: usize = 0x18;

#[derive(Debug, PartialEq)]
enum Mode {
    Off,
    On,
}

impl TryFrom<Bounded<u32, 2>> for Mode {
    type Error = ();

    fn try_from(bits: Bounded<u32, 2>) -> Result<Self, ()> {
        [Ok(Self::Off), Ok(Self::On), Err(()), Err(())]
            .into_iter()
            .nth(bits.get() as usize)
            .unwrap()
    }
}

impl From<Mode> for Bounded<u32, 2> {
    fn from(mode: Mode) -> Self {
        (mode == Mode::On).into()
    }
}

struct Unit;
struct Unit0;
struct Unit1;

impl RegisterBase<Unit> for Unit0 {
    const BASE: usize = 0x40;
}

impl RegisterBase<Unit> for Unit1 {
    const BASE: usize = 0x60;
}

register! {
    FIXED(u32) @ 0x10 {
        7:0 low => u8;
        9:8 mode ?=> Mode;
        10:10 flag;
        11:11 total => bool;
        31:20 high
    }

    pub(super) BYTE(u8) @ 0x3 { 7:0 all; }
    WORD(u16) @ OFFSET { 15:1 upper; 0:0 r#type; }
    LONG(u64) @ (OFFSET + 8) { 63:0 all; }
    EMPTY(u32) @ 0x14 {}

    PACKED(u16)[4] @ 0x28 { 3:0 nibble; }
    SPREAD(u32)[2, stride = 0x8] @ 0x30 { 31:0 all; }

    UNIT(u32) @ Unit + 0x4 { 31:0 all; }
    UNITS(u16)[2, stride = 4] @ Unit + 0x8 { 15:0 all; }

    AGAIN(u32) => FIXED { 15:0 half; }
    SECOND(u32) => SPREAD[1] { 0:0 bit => bool; }
    UNIT_AGAIN(u32) => Unit + UNIT { 0:0 bit => bool; }
    UNITS_SECOND(u16) => Unit + UNITS[1] { 0:0 bit => bool; }
}

#[test]
fn fields_are_read_from_their_bits() {
    let value = FIXED::from(0xabc0_0d5a);
    assert_eq!(value.low(), 0x5a);
    assert_eq!(value.mode(), Ok(Mode::On));
    assert!(value.flag().into_bool() && value.flag() != 0 && value.total());
    assert_eq!(value.high(), Bounded::<u32, 12>::new::<0xabc>());
    assert_eq!(FIXED::from(0x300).mode(), Err(()));
    assert_eq!(value.into_raw(), 0xabc0_0d5a);
    assert_eq!(u32::from(value), 0xabc0_0d5a);
}

#[test]
fn fields_are_written_to_their_bits_only() {
    for raw in [0_u32, u32::MAX, 0x1234_5678] {
        let value = FIXED::from(raw);
        let kept = |mask: u32| raw & !mask;
        assert_eq!(value.with_low(0xa5).into_raw(), kept(0xff) | 0xa5);
        assert_eq!(value.with_mode(Mode::On).into_raw(), kept(0x300) | 0x100);
        assert_eq!(value.with_flag(true).into_raw(), kept(0x400) | 0x400);
        assert_eq!(
            value.with_flag(Bounded::<u32, 1>::new::<0>()).into_raw(),
            kept(0x400)
        );
        assert_eq!(value.with_total(false).into_raw(), kept(0x800));
        assert_eq!(
            value.with_high(0xab_u8).into_raw(),
            kept(0xfff0_0000) | 0x0ab0_0000
        );
        assert_eq!(
            value.with_const_high::<0xfff>().into_raw(),
            kept(0) | 0xfff0_0000
        );
        assert_eq!(value.with_const_low::<0>().into_raw(), kept(0xff));
    }
    let all = LONG::zeroed().with_const_all::<{ u64::MAX }>();
    assert_eq!(
        (all.all().get(), all.with_all(0_u64).into_raw()),
        (u64::MAX, 0)
    );
}

#[test]
fn a_value_that_does_not_fit_is_refused() {
    assert_eq!(
        FIXED::zeroed().try_with_high(0xfff_usize),
        Ok(FIXED::from(0xfff0_0000))
    );
    for too_large in [0x1000_i64, -1, i64::MAX] {
        assert_eq!(FIXED::zeroed().try_with_high(too_large), Err(ERANGE));
    }
    assert_eq!(FIXED::zeroed().try_with_flag(2), Err(ERANGE));
}

#[test]
fn raw_names_lose_their_prefix() {
    let value = WORD::zeroed().with_type(true).with_const_upper::<2>();
    assert!(value.r#type() == 1 && value.into_raw() == 5);
    assert_eq!(
        format!("{value:?}"),
        "WORD { raw: 0x0005, upper: 2, type: true }"
    );
}

#[test]
fn debug_names_the_fields() {
    let text = format!("{:?}", FIXED::from(0x1230_0d05));
    let expected = "FIXED { raw: 0x12300d05, low: 5, mode: 1, flag: true, total: true, high: 291 }";
    assert_eq!(text, expected);
    assert_eq!(
        format!("{:?}", EMPTY::zeroed()),
        "EMPTY { raw: 0x00000000 }"
    );
}

#[test]
fn fixed_registers_are_where_they_say() {
    let memory = Memory::new(0x80);
    let io = memory.mmio::<0x80>();
    io.write(BYTE, BYTE::from(0x11));
    io.write_reg(FIXED::from(0x2222_2222));
    io.write((), WORD::from(0x3333));
    io.try_write_reg(LONG::from(u64::MAX)).unwrap();
    let mut expected = Vec::from([0; 0x80]);
    expected[0x3] = 0x11;
    expected[0x10..0x14].fill(0x22);
    expected[0x18..0x1a].fill(0x33);
    expected[0x20..0x28].fill(0xff);
    assert_eq!(memory.bytes(), expected);
    let by_type: WORD = io.read(());
    assert_eq!(
        (by_type, io.read(BYTE)),
        (WORD::from(0x3333), BYTE::from(0x11))
    );
    assert_eq!(io.try_read(LONG), Ok(LONG::from(u64::MAX)));
}

#[test]
fn update_keeps_other_bits() {
    let memory = Memory::new(0x80);
    let io = memory.mmio::<0x80>();
    io.write(FIXED, FIXED::from(0xffff_ffff));
    io.update(FIXED, |fixed| fixed.with_mode(Mode::Off));
    io.try_update(FIXED, |fixed| fixed.with_low(0)).unwrap();
    assert_eq!(io.read(FIXED).into_raw(), 0xffff_fc00);
    assert_eq!(io.read(AGAIN).half(), 0xfc00);
}

#[test]
fn elements_are_a_stride_apart() {
    let memory = Memory::new(0x80);
    let io = memory.mmio::<0x80>();
    io.write(PACKED::at(3), PACKED::from(0xaaaa));
    io.write(SPREAD::at(1), SPREAD::from(0xbbbb_bbbb));
    assert_eq!((io.read16(0x2e), io.read32(0x38)), (0xaaaa, 0xbbbb_bbbb));
    assert!(io.read(SECOND).bit());
    let places: Vec<bool> = (0..6).map(|i| PACKED::try_at(i).is_some()).collect();
    assert_eq!(places, [true, true, true, true, false, false]);
    assert!(PACKED::try_at(usize::MAX).is_none() && SPREAD::try_at(2).is_none());
    assert_eq!((PACKED::STRIDE, SPREAD::STRIDE, SPREAD::SIZE), (2, 8, 2));
}

#[test]
#[should_panic(expected = "the register array has no such element")]
fn an_element_past_the_end_fails_the_build() {
    PACKED::at(core::hint::black_box(4));
}

#[test]
fn relative_registers_count_from_their_base() {
    let memory = Memory::new(0x80);
    let io = memory.mmio::<0x80>();
    io.write(UNIT::of::<Unit0>(), UNIT::from(0x1111_1111));
    io.write(WithBase::of::<Unit1>(), UNIT::from(0x2222_2222));
    assert_eq!(
        (io.read32(0x44), io.read32(0x64)),
        (0x1111_1111, 0x2222_2222)
    );
    io.write(UNITS::of::<Unit1>().at(1), UNITS::from(0x3333));
    assert_eq!(io.read16(0x6c), 0x3333);
    assert!(UNITS::of::<Unit0>().try_at(2).is_none());
    assert!(io.read(UNIT_AGAIN::of::<Unit0>()).bit());
    assert!(io.read(UNITS_SECOND::of::<Unit1>()).bit());
}

#[test]
fn registers_past_the_end_are_refused_at_run_time() {
    let memory = Memory::new(0x40);
    let io = memory.mmio::<0x40>();
    assert!(io.try_read(SPREAD::at(1)).is_ok());
    assert_eq!(io.try_read(UNIT::of::<Unit0>()), Err(EINVAL));
    assert_eq!(
        io.try_write(UNITS::of::<Unit0>().at(0), UNITS::zeroed()),
        Err(EINVAL)
    );
    assert_eq!(Memory::new(0x12).mmio::<0>().try_read(FIXED), Err(EINVAL));
}

/// A register whose hand-written constants point outside of every region.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Absurd;

impl From<u64> for Absurd {
    fn from(_: u64) -> Self {
        Self
    }
}

impl From<Absurd> for u64 {
    fn from(_: Absurd) -> Self {
        0
    }
}

impl Register for Absurd {
    type Storage = u64;
    const OFFSET: usize = usize::MAX - 7;
}

impl RegisterArray for Absurd {
    const SIZE: usize = usize::MAX;
    const STRIDE: usize = usize::MAX / 2 + 1;
}

impl Array for Absurd {}

#[test]
fn absurd_places_are_refused() {
    let memory = Memory::new(0x40);
    let io = memory.mmio::<0x40>();
    for idx in [0, 1, 2, 3, usize::MAX - 1] {
        assert_eq!(
            io.try_read(Absurd::try_at(idx).unwrap()),
            Err(EINVAL),
            "{idx}"
        );
    }
}

macro_rules! at {
    ($offset:expr) => {
        register! {
            PASSED_ON(u32) @ $offset * 4 {
                0:0 bit => bool;
            }
        }
    };
}
at!(1 + 2);

#[test]
fn passed_expressions_stay_together() {
    assert_eq!(PASSED_ON::OFFSET, 12);
}
