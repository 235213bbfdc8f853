// SPDX-License-Identifier: GPL-2.0

//! The rows that Linux 7.3's own crate can have, too: `bench_linux.rs` is built with that, of this
//! very source.

use core::hint::black_box;

use kernel::{
    device::Bound,
    devres::Devres,
    dma::Coherent,
    io::{
        Io, io_project,
        poll::{read_poll_timeout, read_poll_timeout_atomic},
    },
    pci,
    prelude::*,
    sync::{Mutex, SpinLock},
    time::Delta,
};

use crate::measure::{instructions, measure};

/// A BAR with at least as many bytes as are read.
pub(crate) type Bar<'bound> = pci::Bar<'bound, 0x100>;

pub(crate) fn coherent(dev: &pci::Device<Bound>) -> Result {
    measure("coherent", 20, |_| {
        drop(black_box(Coherent::<[u8; 4096]>::zeroed(
            dev.as_ref(),
            GFP_KERNEL,
        )));
    });
    Ok(())
}

fn devres(dev: &pci::Device<Bound>, value: u64) -> Result<Devres<u64>> {
    Devres::new::<Error>(dev.as_ref(), Ok(value))
}

pub(crate) fn managed(dev: &pci::Device<Bound>) -> Result {
    measure("devres", 50, |number| {
        drop(black_box(devres(dev, number)));
    });
    for n in [100, 1000, 5000] {
        let mut entries = KVVec::with_capacity(n, GFP_KERNEL)?;
        for number in 0..n as u64 {
            entries.push(Some(devres(dev, number)?), GFP_KERNEL)?;
        }
        measure(fmt!("entry_{n}"), 50, |number| {
            drop(black_box(devres(dev, number)));
        });
        let start = instructions();
        for entry in entries.iter_mut().take(50) {
            *entry = None;
        }
        pr_info!("row oldest_{n} {}\n", (instructions() - start) * 10 / 50);
    }
    Ok(())
}

#[inline(never)]
fn checked(registers: &Bar<'_>, offset: usize) -> Result<u32> {
    registers.try_read32(offset)
}

pub(crate) fn registers(registers: &Bar<'_>) -> Result {
    measure("checked", 100, |_| {
        let _ = black_box(checked(registers, black_box(0x20)));
    });
    let bytes = registers.try_cast::<[u8; 128]>()?;
    let part = io_project!(bytes, [try: 0..128]);
    let mut buffer = [0; 128];
    measure("bulk", 50, |_| {
        part.copy_to_slice(black_box(&mut buffer));
    });
    measure("bulk_value", 50, |_| {
        black_box(&bytes.copy_read());
    });
    Ok(())
}

pub(crate) fn poll() {
    #[inline(never)]
    fn once(value: &bool) -> Result<bool> {
        read_poll_timeout(
            || Ok(*black_box(value)),
            |value| *value,
            Delta::from_micros(10),
            Delta::from_micros(1000),
        )
    }
    #[inline(never)]
    fn ten(count: &mut u32) -> Result<u32> {
        read_poll_timeout_atomic(
            || {
                *count += 1;
                Ok(*black_box(&*count))
            },
            |value| *value == 10,
            Delta::ZERO,
            1000,
        )
    }
    measure("poll", 100, |_| {
        let _ = black_box(once(&true));
    });
    measure("poll_atomic", 100, |_| {
        let _ = black_box(ten(&mut 0));
    });
}

#[inline(never)]
fn fill(vector: &mut KVec<u32>, n: u32) -> Result {
    for number in 0..n {
        vector.push(number, GFP_KERNEL)?;
    }
    Ok(())
}

pub(crate) fn memory() -> Result {
    let mut vector = KVec::with_capacity(1000, GFP_KERNEL)?;
    measure("push", 10, |_| {
        vector.clear();
        let _ = fill(&mut vector, 1000);
    });
    measure("push_growing", 10, |_| {
        let mut vector = KVec::new();
        let _ = fill(&mut vector, 1000);
    });
    measure("box_8", 100, |number| {
        if let Ok(word) = KBox::new(number, GFP_KERNEL) {
            black_box(&*word);
        }
    });
    measure("box_256", 100, |number| {
        if let Ok(bytes) = KBox::new([number as u8; 256], GFP_KERNEL) {
            black_box(&*bytes);
        }
    });
    Ok(())
}

pub(crate) fn locks() -> Result {
    let mutex = KBox::pin_init(kernel::new_mutex!(0_u64), GFP_KERNEL)?;
    let spinlock = KBox::pin_init(kernel::new_spinlock!(0_u64), GFP_KERNEL)?;
    let (mutex, spinlock): (&Mutex<u64>, &SpinLock<u64>) = (&mutex, &spinlock);
    measure("mutex", 100, |_| *mutex.lock() += 1);
    measure("spinlock", 100, |_| *spinlock.lock() += 1);
    Ok(())
}

pub(crate) fn print(dev: &pci::Device<Bound>) {
    measure("print", 5, |number| {
        dev_info!(dev, "a message with the number {number} in it\n");
    });
    let name = black_box("something");
    measure("print_110", 5, |number| {
        dev_info!(
            dev,
            "{name}: a message of about one hundred and ten characters, with a name, the number {number} and another: {number:#x}\n"
        );
    });
}
