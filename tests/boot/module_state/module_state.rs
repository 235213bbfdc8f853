// SPDX-License-Identifier: GPL-2.0

//! State that all files of a module share, without a device: locks that are `static`.

#![forbid(unsafe_code)]

use kernel::{
    fs::{File, Kiocb},
    iov::{IovIterDest, IovIterSource},
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    prelude::*,
    sync::{Mutex, SpinLock, SpinLockIrq, global_lock},
};

global_lock! {
    /// What has been written, by all.
    static LINES: Mutex<KVec<u8>> = KVec::new();
    static OPENED: SpinLock<u32> = 0;
    // As Linux 7.3 writes it.
    pub(crate) unsafe(uninit) static READ: SpinLockIrq<u32> = 0;
    /// What is put there while the module ends.
    static LATE: Mutex<Option<KBox<Last>>> = None;
    static UNUSED: Mutex<Option<KBox<u8>>> = None;
    static FORGOTTEN: Mutex<u8> = 0;
}

/// Says that it is dropped, and uses another lock meanwhile. It registers a device, and forgets it.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        let count = LINES.lock().len();
        pr_info!("the last is dropped, {count} bytes are left\n");
        let options = MiscDeviceOptions {
            name: c"module_state_late",
        };
        let late = MiscDeviceRegistration::<Opened>::register(options);
        core::mem::forget(KBox::pin_init(late, GFP_KERNEL));
    }
}

/// An open file.
struct Opened {
    number: u32,
}

#[vtable]
impl MiscDevice for Opened {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        let mut opened = OPENED.lock();
        *opened += 1;
        let number = *opened;
        drop(opened);
        Ok(KBox::new(Self { number }, GFP_KERNEL)?)
    }

    fn release(device: KBox<Self>, _file: &File) {
        let read = *READ.lock();
        pr_info!("file {} closed after {read} reads\n", device.number);
    }

    fn read_iter(mut kiocb: Kiocb<'_, KBox<Self>>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        *READ.lock() += 1;
        iov.simple_read_from_buffer(kiocb.ki_pos_mut(), &LINES.lock())
    }

    fn write_iter(_kiocb: Kiocb<'_, KBox<Self>>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut text = KVec::new();
        let count = iov.copy_from_iter_vec(&mut text, GFP_KERNEL)?;
        LINES.lock().extend_from_slice(&text, GFP_KERNEL)?;
        Ok(count)
    }
}

#[pin_data]
struct State {
    #[pin]
    node: MiscDeviceRegistration<Opened>,
}

impl kernel::InPlaceModule for State {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            READ.init();
            *LATE.lock() = Some(KBox::new(Last, GFP_KERNEL)?);
            if module_parameters::forget.read() {
                core::mem::forget(FORGOTTEN.lock());
            }
            let held = LINES.lock();
            pr_info!(
                "held: {}, free: {}\n",
                LINES.try_lock().is_none(),
                LATE.try_lock().is_some()
            );
            drop(held);
            Ok(try_pin_init!(Self {
                node <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"module_state" }),
            }))
        })
    }
}

module! {
    type: State,
    name: "module_state",
    description: "A device that all share",
    license: "GPL",
    params: {
        forget: bool {
            default: false,
            description: "Forget the guard of a lock",
        },
    },
}
