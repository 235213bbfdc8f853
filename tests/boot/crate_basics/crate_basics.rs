// SPDX-License-Identifier: GPL-2.0
//! Exercises memory, strings and messages on a real kernel.
#![forbid(unsafe_code)]

use kernel::{
    alloc::{AllocError, Allocator, Flags, NumaNode},
    b_str, c_str,
    error::Error,
    kvec, pr_cont, pr_warn_once,
    prelude::*,
    str::{BStr, CString},
};

module! {
    type: Test,
    name: "crate_basics",
    authors: ["The Lifebound developers"],
    description: "Exercises memory, strings and messages",
    license: "GPL",
}

struct Test;

/// The prelude's derives work in a driver.
#[derive(FromBytes, IntoBytes)]
#[repr(C)]
struct Plain {
    low: u16,
    high: u16,
}

#[repr(align(256))]
#[derive(Clone, Copy)]
struct Wide(u8);

fn aligned<A: Allocator>(name: &CStr, flags: Flags) -> Result {
    let mut vec = Vec::<Wide, A>::new();
    for i in 0..200u8 {
        vec.push(Wide(i), flags)?;
        if vec.as_ptr() as usize % 256 != 0 {
            pr_err!("{name}: misaligned at {i}\n");
            return Err(EINVAL);
        }
    }
    let right = vec
        .iter()
        .enumerate()
        .all(|(i, wide)| usize::from(wide.0) == i);
    let mut iter = vec.into_iter();
    for _ in 0..150 {
        iter.next();
    }
    let rest = iter.collect(flags);
    let zero = Vec::<u64, A>::zeroed(5000, flags)?.iter().all(|x| *x == 0);
    let boxed: Box<[u8; 3], A> = Box::new([1, 2, 3], flags)?;
    pr_info!(
        "{}: {right} {} {} {zero} {:?} {}\n",
        name,
        rest.len(),
        rest[0].0,
        boxed,
        rest.capacity()
    );
    Ok(())
}

impl kernel::Module for Test {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        aligned::<kernel::alloc::allocator::Kmalloc>(c"kmalloc", GFP_KERNEL)?;
        aligned::<kernel::alloc::allocator::Kmalloc>(c"atomic", GFP_ATOMIC | __GFP_HIGHMEM)?;
        aligned::<kernel::alloc::allocator::Vmalloc>(c"vmalloc", GFP_KERNEL)?;
        aligned::<kernel::alloc::allocator::KVmalloc>(c"kvmalloc", GFP_KERNEL)?;
        let refused = VBox::new(1, GFP_ATOMIC);
        let huge = KVec::<u8>::with_capacity(1 << 40, GFP_KERNEL | __GFP_NOWARN);
        pr_info!("refused {:?} {:?}\n", refused.err(), huge.err());
        let mut big = KVVec::<u64>::with_capacity(4 << 20, GFP_KERNEL)?;
        big.extend_with(1 << 20, 7, GFP_KERNEL)?;
        big.shrink_to(0, GFP_KERNEL)?;
        pr_info!("big {} {}\n", big.capacity(), big.iter().sum::<u64>());
        pr_info!(
            "nodes {:?} {:?} {:?} {:?}\n",
            NumaNode::new(0).is_ok(),
            NumaNode::new(63),
            NumaNode::new(-1).is_ok(),
            NumaNode::new(i32::MAX)
        );
        let node = <kernel::alloc::allocator::Vmalloc as Allocator>::alloc(
            core::alloc::Layout::new::<u64>(),
            GFP_KERNEL,
            NumaNode::new(0)?,
        );
        pr_info!("on node {}\n", node.is_ok());
        pr_info!(
            "errors {:?} {:?} {:?}\n",
            EPROBE_DEFER,
            Error::from_errno(-4000),
            Error::from(AllocError)
        );
        let name = CString::try_from_fmt(fmt!("port{}", 3))?;
        pr_info!(
            "strings {name} {} {} {:?}\n",
            c_str!("c"),
            b_str!("a\x1b"),
            BStr::from_bytes(b"q\"\xff")
        );
        let stack = 5;
        pr_info!("pointer {:p}|\n", &stack);
        pr_info!(
            "width {:>1$}|{:.*}|{name:>8}|\n",
            5,
            4,
            "abcdef",
            name = "n"
        );
        pr_info!("one\ntwo\n\nnul \0 soh \x016\n");
        pr_info!("");
        pr_info!("begin, ");
        pr_cont!("middle, ");
        pr_cont!("end\n");
        pr_info!("open");
        pr_info!("next\n");
        for _ in 0..3 {
            pr_warn_once!("once\n");
        }
        let mut long = kvec![b'<'; 1]?;
        for i in 0..1500u32 {
            long.push(b'a' + (i % 26) as u8, GFP_KERNEL)?;
        }
        long.push(b'>', GFP_KERNEL)?;
        pr_notice!("long {}\n", core::str::from_utf8(&long)?);
        let (a, b) = dbg!(1 + 1, "two");
        pr_debug!("not shown {}\n", {
            pr_err!("evaluated!\n");
            1
        });
        let values = kvec![a, 2, 3]?;
        pr_info!("values {values:?} {b} {:#x}\n", values[1]);
        let plain: Plain = zerocopy::transmute!(0x0002_0001u32);
        pr_info!("plain {} {}\n", plain.low, plain.high);
        kernel::warn_on!(values.len() == 4);
        Ok(Self)
    }
}

impl Drop for Test {
    fn drop(&mut self) {
        pr_info!("bye\n");
    }
}
