// SPDX-License-Identifier: GPL-2.0

//! DMA both ways with QEMU's `edu`, and the fate of memory that is dropped in the middle of a
//! transfer. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{self, Bound, Core},
    dma::{
        Coherent, CoherentBox, CoherentHandle, DataDirection, Device as _, DmaAddress, DmaMask,
        Mapped, Slot, attrs,
    },
    io::{Io, io_project, io_read, io_write, poll::read_poll_timeout},
    pci,
    prelude::*,
    scatterlist::{Owned, SGTable},
    sync::SetOnce,
    time::Delta,
};

kernel::io::register! {
    /// The place from which a transfer takes its bytes, and the place where it leaves them.
    SOURCE(u64) @ 0x80 { 63:0 address; }
    DESTINATION(u64) @ 0x88 { 63:0 address; }
    COUNT(u64) @ 0x90 { 63:0 bytes; }
    COMMAND(u64) @ 0x98 { 0:0 run => bool; 1:1 from_device => bool; }
}

/// The address of the device's own buffer, for transfers. QEMU requires that one byte of its 4096
/// is left over.
const INSIDE: u64 = 0x4_0000;
const HALF: usize = 2048;
const SIZE: usize = 2 * HALF;

type Registers<'a> = pci::Bar<'a, 0xa0>;

#[derive(Clone, Copy, PartialEq)]
enum Way {
    In,
    Out,
}

/// Starts a transfer between the memory at `address` and the start of the device's buffer. It is
/// done 100 ms later.
fn start(registers: &Registers<'_>, way: Way, address: DmaAddress, bytes: usize) {
    let (source, destination) = match way {
        Way::In => (address, INSIDE),
        Way::Out => (INSIDE, address),
    };
    registers.write(SOURCE, SOURCE::from(source));
    registers.write(DESTINATION, DESTINATION::from(destination));
    registers.write(COUNT, COUNT::from(bytes as u64));
    registers.write(
        COMMAND,
        COMMAND::zeroed()
            .with_run(true)
            .with_from_device(way == Way::Out),
    );
}

fn wait(registers: &Registers<'_>) -> Result {
    read_poll_timeout(
        || Ok(registers.read(COMMAND)),
        |command| !command.run(),
        Delta::from_millis(5),
        Delta::from_millis(3000),
    )
    .map(drop)
}

fn transfer(registers: &Registers<'_>, way: Way, address: DmaAddress, bytes: usize) -> Result {
    start(registers, way, address, bytes);
    wait(registers)
}

fn say<T, E: Into<Error>>(pdev: &pci::Device<Bound>, what: &str, result: Result<T, E>) {
    match result {
        Ok(_) => dev_info!(pdev, "{what}: accepted\n"),
        Err(error) => dev_info!(pdev, "{what}: {:?}\n", error.into()),
    }
}

fn check(pdev: &pci::Device<Bound>, what: &str, good: bool) -> Result {
    dev_info!(pdev, "{what}: {}\n", if good { "right" } else { "WRONG" });
    if good { Ok(()) } else { Err(EIO) }
}

/// Masks can be set until there is memory for which they could be wrong.
fn masks(pdev: &pci::Device<Core<'_>>) -> Result {
    say(pdev, "12 bits", pdev.dma_set_mask(DmaMask::new::<12>()));
    say(
        pdev,
        "64 bits",
        pdev.dma_set_mask_and_coherent(DmaMask::new::<64>()),
    );
    say(
        pdev,
        "28 bits",
        pdev.dma_set_mask_and_coherent(DmaMask::try_new(28)?),
    );
    say(pdev, "segments", pdev.dma_set_max_seg_size(4096));
    let dev = pdev.as_ref();
    say(pdev, "no bytes", Coherent::<()>::zeroed(dev, GFP_KERNEL));
    say(
        pdev,
        "no elements",
        Coherent::<u8>::zeroed_slice(dev, 0, GFP_KERNEL),
    );
    say(
        pdev,
        "too many",
        Coherent::<u64>::zeroed_slice(dev, usize::MAX / 4, GFP_KERNEL),
    );
    say(
        pdev,
        "32 bits",
        pdev.dma_set_mask_and_coherent(DmaMask::new::<32>()),
    );
    say(pdev, "allocated", Coherent::<u64>::zeroed(dev, GFP_KERNEL));
    say(
        pdev,
        "mask too late",
        pdev.dma_set_mask(DmaMask::new::<64>()),
    );
    say(
        pdev,
        "coherent mask too late",
        pdev.dma_set_coherent_mask(DmaMask::new::<64>()),
    );
    say(
        pdev,
        "both too late",
        pdev.dma_set_mask_and_coherent(DmaMask::new::<64>()),
    );
    say(pdev, "segments too late", pdev.dma_set_max_seg_size(8192));
    let huge = Coherent::<u8>::zeroed_slice_with_attrs(
        dev,
        1 << 34,
        GFP_KERNEL | __GFP_NOWARN,
        attrs::DMA_ATTR_NO_WARN,
    );
    say(pdev, "16 GiB", huge);
    let empty = KVec::<u8>::new();
    say(
        pdev,
        "empty map",
        Mapped::new(dev, empty, DataDirection::ToDevice, GFP_KERNEL),
    );
    let one = KBox::new(0_u8, GFP_KERNEL)?;
    say(
        pdev,
        "no direction",
        Mapped::new(dev, one, DataDirection::None, GFP_KERNEL),
    );
    Ok(())
}

#[derive(FromBytes, IntoBytes, zerocopy::Immutable)]
#[repr(C)]
struct Command {
    number: u32,
    flags: u32,
    payload: [u8; 56],
}

/// Coherent memory: each side sees the writes of the other.
fn coherent(pdev: &pci::Device<Bound>, registers: &Registers<'_>) -> Result {
    let dev = pdev.as_ref();
    let mut image = CoherentBox::<[u8]>::zeroed_slice(dev, SIZE, GFP_KERNEL)?;
    check(pdev, "zeroed", image.iter().all(|byte| *byte == 0))?;
    for (byte, value) in image.iter_mut().zip((0..=250_u8).cycle()) {
        *byte = value;
    }
    let image: Coherent<[u8]> = image.into();
    let back = Coherent::<u8>::zeroed_slice(dev, SIZE, GFP_KERNEL)?;
    for half in [0, HALF] {
        // A part of the memory knows its own address.
        let (from, to) = (io_project!(&image, [half]?), io_project!(&back, [half]?));
        transfer(registers, Way::In, from.dma_address(), HALF)?;
        transfer(registers, Way::Out, to.dma_address(), HALF)?;
        let next = io_read!(&back, [half + 7]?);
        check(
            pdev,
            "half of it",
            next == io_read!(&image, [half + 7]?) && next != 0,
        )?;
    }
    let mut good = true;
    for index in 0..SIZE {
        good &= io_read!(&back, [index]?) == io_read!(&image, [index]?);
    }
    check(pdev, "coherent both ways", good)?;
    let beyond = || -> Result<u8> { Ok(io_read!(&back, [SIZE]?)) };
    say(pdev, "past the end", beyond());

    let command = Coherent::init(
        dev,
        GFP_KERNEL,
        pin_init::init!(Command {
            number: 7,
            flags: 1,
            payload: [3; 56],
        }),
    )?;
    io_write!(&command, .flags, 2);
    transfer(
        registers,
        Way::In,
        command.dma_address(),
        size_of::<Command>(),
    )?;
    let answer = Coherent::<Command>::zeroed(dev, GFP_KERNEL)?;
    transfer(registers, Way::Out, answer.dma_address(), answer.size())?;
    let answer = (&answer).copy_read();
    check(
        pdev,
        "a struct",
        answer.number == 7 && answer.flags == 2 && answer.payload == [3; 56],
    )?;
    let hidden = CoherentHandle::alloc(dev, 100, GFP_KERNEL)?;
    check(
        pdev,
        "without a mapping",
        hidden.size() == 100 && hidden.dma_address() != 0,
    )
}

/// Tests buffers of the driver's own, one after the other, and one in turns.
fn streaming(pdev: &pci::Device<Bound>, registers: &Registers<'_>) -> Result {
    let dev = pdev.as_ref();
    let out = Mapped::new(
        dev,
        KBox::new([0x5a_u8; 512], GFP_KERNEL)?,
        DataDirection::ToDevice,
        GFP_KERNEL,
    )?;
    transfer(registers, Way::In, out.dma_address(), out.size())?;
    let out = out.into_inner()?;
    check(pdev, "given back", *out == [0x5a; 512])?;
    let mut back = Mapped::new(
        dev,
        KVec::<u8>::zeroed(512, GFP_KERNEL)?,
        DataDirection::FromDevice,
        GFP_KERNEL,
    )?;
    transfer(registers, Way::Out, back.dma_address(), 511)?;
    {
        let access = back.sync_for_cpu();
        let last = (io_read!(&access, [510]?), io_read!(&access, [511]?));
        check(pdev, "for the CPU", last == (0x5a, 0))?;
    }
    check(
        pdev,
        "from the device",
        back.into_inner()?
            .iter()
            .fold(0u8, |sum, byte| sum.wrapping_add(*byte))
            == 0xa6,
    )?;

    let mut slot = Slot::new(dev, GFP_KERNEL)?;
    for round in 1..4_u8 {
        let out = KBox::new([round; 512], GFP_KERNEL)?;
        let out = slot.map(out, DataDirection::ToDevice, GFP_KERNEL)?;
        transfer(registers, Way::In, out.dma_address(), out.size())?;
        let (_, slot_again) = out.unmap();
        let back = KVec::<u8>::zeroed(512, GFP_KERNEL)?;
        let back = slot_again.map(back, DataDirection::FromDevice, GFP_KERNEL)?;
        transfer(registers, Way::Out, back.dma_address(), back.size())?;
        let (back, slot_again) = back.unmap();
        let is_right = back.iter().all(|byte| *byte == round);
        check(pdev, "in a slot", is_right)?;
        slot = slot_again;
    }
    let nothing = slot.map(KVec::<u8>::new(), DataDirection::ToDevice, GFP_KERNEL);
    check(pdev, "nothing in a slot", nothing.is_err())?;

    let words = KVec::<u32>::zeroed(16, GFP_KERNEL)?;
    let mut both = Mapped::new(dev, words, DataDirection::Bidirectional, GFP_KERNEL)?;
    for round in 1..4_u32 {
        io_write!(&both.sync_for_cpu(), [3]?, round);
        transfer(registers, Way::In, both.dma_address(), both.size())?;
        io_write!(&both.sync_for_cpu(), [3]?, 0);
        transfer(registers, Way::Out, both.dma_address(), both.size())?;
        check(
            pdev,
            "in turns",
            io_read!(&both.sync_for_cpu(), [3]?) == round,
        )?;
    }
    Ok(())
}

/// Tests buffers of less than a cache line, many at once. The debug kernel reports two buffers in
/// one line if the device may write to both.
fn small(pdev: &pci::Device<Bound>, registers: &Registers<'_>) -> Result {
    const LINE: DmaAddress = 64;
    let dev = pdev.as_ref();
    let (mut boxes, mut slices, mut vectors) = (KVec::new(), KVec::new(), KVec::new());
    for size in 1..17 {
        let whole = KBox::new([0x5a_u8; 24], GFP_KERNEL)?;
        let whole = Mapped::new(dev, whole, DataDirection::FromDevice, GFP_KERNEL)?;
        boxes.push(whole, GFP_KERNEL)?;
        let slice: KBox<[u8]> = KBox::new([0x5a_u8; 96], GFP_KERNEL)?;
        let slice = Mapped::new(dev, slice, DataDirection::FromDevice, GFP_KERNEL)?;
        slices.push(slice, GFP_KERNEL)?;
        let mut vector = KVec::with_capacity(size + 3, GFP_KERNEL)?;
        vector.resize(size, 0x5a_u8, GFP_KERNEL)?;
        let vector = Mapped::new(dev, vector, DataDirection::Bidirectional, GFP_KERNEL)?;
        vectors.push(vector, GFP_KERNEL)?;
    }
    let aligned = boxes.iter().all(|whole| whole.dma_address() % LINE == 0)
        && slices.iter().all(|slice| slice.dma_address() % LINE == 0)
        && vectors
            .iter()
            .all(|vector| vector.dma_address() % LINE == 0);
    check(pdev, "lines of their own", aligned)?;
    let Some(last) = vectors.pop() else {
        return Err(EINVAL);
    };
    transfer(registers, Way::In, last.dma_address(), last.size())?;
    let mut last = last.into_inner()?;
    last.resize(19, 0x5a, GFP_KERNEL)?;
    let last = last.iter().all(|byte| *byte == 0x5a);
    check(pdev, "moved with its content", last)
}

/// A large buffer, in pieces.
fn scattered(pdev: &pci::Device<Bound>, registers: &Registers<'_>) -> Result {
    let dev = pdev.as_ref();
    let size = 3 * 4096 + 100;
    let mut image = VVec::<u8>::zeroed(size, GFP_KERNEL)?;
    for (byte, value) in image.iter_mut().zip((1..=250_u8).cycle()) {
        *byte = value;
    }
    let image = SGTable::new_within(dev, image, DataDirection::ToDevice, GFP_KERNEL)?;
    let mut blank = VVec::<u8>::with_capacity(size, GFP_KERNEL)?;
    blank.resize(size, 0, GFP_KERNEL)?;
    let mut copy = SGTable::new_within(dev, blank, DataDirection::FromDevice, GFP_KERNEL)?;
    let (mut pieces, mut bytes) = (0, 0);
    for (from, to) in image.iter().zip(copy.iter()) {
        let length = from.dma_len() as usize;
        for start in (0..length).step_by(HALF) {
            let (part, offset) = (HALF.min(length - start), start as DmaAddress);
            transfer(registers, Way::In, from.dma_address() + offset, part)?;
            transfer(registers, Way::Out, to.dma_address() + offset, part)?;
        }
        check(pdev, "a piece", from.dma_len() == to.dma_len())?;
        pieces += 1;
        bytes += length;
    }
    check(
        pdev,
        "pieces",
        pieces == 4 && bytes == size && image.iter().count() == 4,
    )?;
    check(
        pdev,
        "for the CPU",
        io_read!(&copy.sync_for_cpu(), [size - 1]?) == 138,
    )?;
    let (image, copy) = (image.into_inner()?, copy.into_inner()?);
    check(pdev, "scattered both ways", image == copy)?;
    owned(pdev, registers)
}

/// A table that borrows nothing. All of the buffer's capacity is mapped; here, none is in use.
fn owned(pdev: &pci::Device<Bound>, registers: &Registers<'_>) -> Result {
    let dev = pdev.as_ref();
    let spare = VVec::<u8>::with_capacity(3 * 4096, GFP_KERNEL)?;
    let table = SGTable::new(dev, spare, DataDirection::Bidirectional, GFP_KERNEL);
    let table = KBox::pin_init(table, GFP_KERNEL)?;
    for piece in table.iter() {
        transfer(registers, Way::In, piece.dma_address(), HALF)?;
    }
    let total: u64 = table.iter().map(|piece| piece.dma_len()).sum();
    check(pdev, "owned", total >= 3 * 4096)?;
    let boxed = VBox::new([7_u8; 4096], GFP_KERNEL)?;
    let boxed = SGTable::new(dev, boxed, DataDirection::ToDevice, GFP_KERNEL);
    let boxed: Pin<KBox<SGTable<Owned<VBox<[u8; 4096]>>>>> = KBox::pin_init(boxed, GFP_KERNEL)?;
    check(pdev, "owned in a box", boxed.iter().count() == 1)?;
    let nothing = SGTable::new(dev, VVec::<u8>::new(), DataDirection::ToDevice, GFP_KERNEL);
    say(
        pdev,
        "owned without memory",
        KBox::pin_init(nothing, GFP_KERNEL),
    );
    Ok(())
}

/// A device without permission starts nothing.
fn guards(pdev: &pci::Device<Core<'_>>, registers: &Registers<'_>) -> Result {
    let memory = Coherent::<u8>::zeroed_slice(pdev.as_ref(), 64, GFP_KERNEL)?;
    let outcome = |value: u8, what| -> Result {
        io_write!(&memory, [0]?, value);
        transfer(registers, Way::In, memory.dma_address(), 64)?;
        io_write!(&memory, [0]?, 0);
        transfer(registers, Way::Out, memory.dma_address(), 64)?;
        check(pdev, what, io_read!(&memory, [0]?) == value)
    };
    let first = pdev.bus_master()?;
    let second = pdev.bus_master()?;
    outcome(1, "two permissions")?;
    drop(first);
    outcome(2, "one permission")?;
    drop(second);
    io_write!(&memory, [0]?, 3);
    transfer(registers, Way::Out, memory.dma_address(), 64)?;
    check(pdev, "no permission", io_read!(&memory, [0]?) == 3)?;
    core::mem::forget(pdev.bus_master()?);
    outcome(4, "a forgotten permission")
}

/// Forgotten values that borrow the binding go with it: on a debug kernel, the DMA layer would
/// report those that are left.
fn forget_all(dev: &device::Device<Bound>) -> Result {
    use core::mem::forget;

    forget(Coherent::<u64>::zeroed_slice(dev, 1000, GFP_KERNEL)?.within(dev)?);
    forget(CoherentBox::<u64>::zeroed(dev, GFP_KERNEL)?.within(dev)?);
    forget(CoherentHandle::alloc(dev, 1, GFP_KERNEL)?.within(dev)?);
    let buffer = KVec::<u8>::zeroed(64, GFP_KERNEL)?;
    let mut mapped = Mapped::new(dev, buffer, DataDirection::Bidirectional, GFP_KERNEL)?;
    forget(mapped.sync_for_cpu());
    forget(mapped);
    let buffer = KVec::<u8>::zeroed(64, GFP_KERNEL)?;
    let slot = Slot::new(dev, GFP_KERNEL)?;
    forget(slot.map(buffer, DataDirection::Bidirectional, GFP_KERNEL)?);
    forget(Slot::new(dev, GFP_KERNEL)?);
    drop(Slot::new(dev, GFP_KERNEL)?);
    let buffer = VVec::<u8>::zeroed(10_000, GFP_KERNEL)?;
    forget(SGTable::new_within(
        dev,
        buffer,
        DataDirection::FromDevice,
        GFP_KERNEL,
    )?);
    Ok(())
}

/// Coherent memory of the first binding of the device.
static KEPT: SetOnce<Coherent<[u64]>> = SetOnce::new();

/// Keeps memory until after the device is unbound, and forgets other memory. The next binding finds
/// the first as it was, and gets other memory.
fn keep(pdev: &pci::Device<Bound>) -> Result {
    use core::mem::forget;

    let dev = pdev.as_ref();
    let new = Coherent::from_slice(dev, &[77_u64; 1000], GFP_KERNEL)?;
    if let Some(kept) = KEPT.as_ref() {
        check(pdev, "kept", io_read!(kept, [999]?) == 77)?;
        return check(
            pdev,
            "other memory",
            new.dma_address() != kept.dma_address(),
        );
    }
    KEPT.populate(new);
    forget(CoherentBox::<u64>::zeroed(dev, GFP_KERNEL)?);
    forget(CoherentHandle::alloc(dev, 1, GFP_KERNEL)?);
    let buffer = VVec::<u8>::zeroed(10_000, GFP_KERNEL)?;
    let table = SGTable::new(dev, buffer, DataDirection::FromDevice, GFP_KERNEL);
    forget(KBox::pin_init(table, GFP_KERNEL)?);
    Ok(())
}

/// Dropped after the memory. The device is a master until then, and its transfer may run.
struct Late<'bound> {
    pdev: &'bound pci::Device<Bound>,
    registers: Registers<'bound>,
    _master: pci::BusMaster<'bound>,
}

impl Drop for Late<'_> {
    fn drop(&mut self) {
        if module_parameters::mode.read() == 12 {
            // An allocation at this time does not get the memory that the device still reads.
            let other = Coherent::from_slice(self.pdev.as_ref(), &[99_u8; 64], GFP_KERNEL);
            say(self.pdev, "waited after the drop", wait(&self.registers));
            drop(other);
        }
    }
}

/// Drops its memory while the device reads it, unless it waits.
struct Data<'bound> {
    memory: Option<Coherent<[u8]>>,
    mapped: Option<Mapped<'bound, KVec<u8>>>,
    late: Late<'bound>,
}

impl Data<'_> {
    /// Makes the device read the memory that this value has.
    fn start(&self) {
        if let Some(memory) = &self.memory {
            start(&self.late.registers, Way::In, memory.dma_address(), 64);
        }
        if let Some(mapped) = &self.mapped {
            start(&self.late.registers, Way::In, mapped.dma_address(), 64);
        }
    }
}

struct Dma;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Dma {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let registers: Registers<'bound> = pdev.iomap_region_sized(0, c"pci_dma")?;
            let mode = module_parameters::mode.read();
            if mode == 1 {
                masks(pdev)?;
            } else {
                pdev.dma_set_mask_and_coherent(DmaMask::new::<32>())?;
                pdev.dma_set_max_seg_size(4096)?;
            }
            if mode == 5 {
                guards(pdev, &registers)?;
            }
            // A transfer of an earlier binding may run, and would read memory again from here on.
            wait(&registers)?;
            let master = pdev.bus_master()?;
            let dev = pdev.as_ref();
            let value = module_parameters::value.read();
            let mut data = Data {
                memory: Some(Coherent::from_slice(dev, &[value; 64], GFP_KERNEL)?),
                mapped: None,
                late: Late {
                    pdev,
                    registers,
                    _master: master,
                },
            };
            match mode {
                2 => coherent(pdev, &data.late.registers)?,
                3 => {
                    streaming(pdev, &data.late.registers)?;
                    small(pdev, &data.late.registers)?;
                }
                4 => scattered(pdev, &data.late.registers)?,
                6 => forget_all(dev)?,
                13 => keep(pdev)?,
                // The value goes into the device.
                7 => {
                    data.start();
                    wait(&data.late.registers)?;
                }
                // A transfer runs when probing fails.
                8 => {
                    data.start();
                    return Err(EIO);
                }
                // A transfer runs when the device is unbound.
                9 | 12 => {}
                10 => {
                    let mut buffer = KVec::with_capacity(64, GFP_KERNEL)?;
                    buffer.resize(64, value, GFP_KERNEL)?;
                    data.mapped = Some(Mapped::new(
                        dev,
                        buffer,
                        DataDirection::ToDevice,
                        GFP_KERNEL,
                    )?);
                    data.memory = None;
                }
                // This case prints the content of the device.
                11 => {
                    let there = Coherent::<u8>::zeroed_slice(dev, 64, GFP_KERNEL)?;
                    transfer(&data.late.registers, Way::Out, there.dma_address(), 64)?;
                    dev_info!(pdev, "the device has {}\n", io_read!(&there, [63]?));
                }
                _ => {}
            }
            Ok(data)
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        if matches!(module_parameters::mode.read(), 9 | 10 | 12) {
            data.start();
            if module_parameters::waits.read() {
                say(pdev, "waited", wait(&data.late.registers));
            }
        }
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Dma,
    name: "pci_dma",
    authors: ["The Lifebound developers"],
    description: "DMA both ways, finished and unfinished",
    license: "GPL",
    params: {
        mode: u32 {
            default: 0,
            description: "What to do",
        },
        value: u8 {
            default: 0,
            description: "What the memory is filled with",
        },
        waits: bool {
            default: false,
            description: "Whether to wait for a transfer before letting go of its memory",
        },
    },
});
