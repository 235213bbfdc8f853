// SPDX-License-Identifier: GPL-2.0

//! Reads properties of a device tree's nodes, fit and unfit, and claims the memory that they name.
//! See `nodes.dtso` and `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{
        Core,
        property::{FwNode, NArgs},
    },
    io::{Io, mem::ExclusiveIoMem},
    of, platform,
    prelude::*,
    sync::aref::ARef,
};

#[path = "../lib/checks.rs"]
mod checks;
use checks::Checks;

const SIZE: usize = 0x40;

/// The resources that a device has besides memory.
#[derive(Clone, Copy)]
enum Has {
    Nothing,
    Properties,
    /// No device here has this value: a more general entry comes after one that fits better.
    Fewer,
}

kernel::of_device_table!(
    TABLE,
    Has,
    [
        (of::DeviceId::new(c"lifebound,props"), Has::Fewer),
        (of::DeviceId::new(c"lifebound,overlap"), Has::Nothing),
        (of::DeviceId::new(c"lifebound,props-2"), Has::Properties),
    ]
);

/// The node's memory is claimed, and nodes are kept, until the driver is unbound.
struct Data<'bound> {
    _regs: ExclusiveIoMem<'bound, SIZE>,
    _nodes: KVec<ARef<FwNode>>,
}

/// The expected results of each group of properties.
impl Checks<'_> {
    fn integers(&mut self) {
        self.reads(c"byte", Ok(0xff_u8));
        self.reads(c"byte", Ok(-1_i8));
        self.reads(c"word", Ok(0x1234_u16));
        self.reads(c"long", Ok(0x1122_3344_u32));
        self.reads(c"quad", Ok(0xffff_ffff_ffff_ff00_u64));
        self.reads(c"quad", Ok(-256_i64));
        self.reads(c"array", Ok([1_u32, 2, 3, 300]));
        self.reads(c"array", Ok([1_i32, 2]));
        self.reads(c"bytes", Ok([4_u8, 5, 6]));
        self.reads::<[u32; 0]>(c"array", Ok([]));
        // A tree has bytes without a type: the driver says which type they have.
        self.reads(c"word", Ok(0x12_u8));
        self.reads(c"array", Ok([0_u16, 1, 0, 2]));
        self.reads(c"array", Ok(0x1_0000_0002_u64));
        self.reads(c"string", Ok(*b"hello\0"));
        // There are too few values, none, or no property.
        self.reads::<u32>(c"word", Err(EOVERFLOW));
        self.reads::<u64>(c"long", Err(EOVERFLOW));
        self.reads::<[u32; 5]>(c"array", Err(EOVERFLOW));
        self.reads::<[u8; 4]>(c"bytes", Err(EOVERFLOW));
        self.reads::<u8>(c"flag", Err(EOVERFLOW));
        self.reads::<u32>(c"absent", Err(EINVAL));
        self.reads::<[u32; 0]>(c"absent", Err(EINVAL));
    }

    fn strings(&mut self) {
        self.string(c"string", Ok(c"hello"));
        self.string(c"strings", Ok(c"one"));
        self.string(c"mixed", Ok(c"\x01"));
        // The bytes have no terminator.
        self.string(c"word", Err(EILSEQ));
        self.string(c"long", Err(EILSEQ));
        self.string(c"bytes", Err(EILSEQ));
        self.string(c"flag", Err(ENODATA));
        self.string(c"absent", Err(EINVAL));
        self.finds(c"strings", c"two", Ok(1));
        self.finds(c"compatible", c"lifebound,props", Ok(1));
        self.finds(c"strings", c"three", Err(ENODATA));
        self.finds(c"bytes", c"two", Err(EILSEQ));
        self.finds(c"absent", c"two", Err(EINVAL));
    }

    fn counts(&mut self) -> Result {
        let node = self.node;
        for (name, there) in [(c"flag", true), (c"array", true), (c"absent", false)] {
            self.equal(name, node.property_present(name), there);
            self.equal(name, node.property_read_bool(name), there);
        }
        let array = c"array";
        self.equal(array, node.property_count_elem::<u32>(array), Ok(4));
        self.equal(array, node.property_count_elem::<u16>(array), Ok(8));
        let absent = node.property_count_elem::<u8>(c"absent");
        self.equal(c"absent", absent, Err(EINVAL));
        self.begins(array, &[1_u32, 2, 3])
    }

    fn references(&mut self, nodes: &mut KVec<ARef<FwNode>>) -> Result {
        let node = self.node;
        let cells = || NArgs::Prop(c"#lb-cells");
        for (name, index, nargs, expected) in [
            (c"target", 0, NArgs::N(0), &[][..]),
            (c"target", 0, NArgs::N(1), &[7]),
            (c"target", 0, cells(), &[7, 8]),
            (c"targets", 0, cells(), &[7, 8]),
            (c"targets", 1, cells(), &[]),
            (c"targets", 2, cells(), &[9, 10]),
        ] {
            let found = node.property_get_reference_args(name, nargs, index)?;
            self.equal(name, found.as_slice(), expected);
            nodes.push(found.fwnode().ok_or(ENOENT)?.into(), GFP_KERNEL)?;
        }
        let target = node.property_get_reference_args(c"target", cells(), 0)?;
        self.labelled(target.fwnode(), c"target");
        for (name, index, nargs, error) in [
            (c"target", 1, cells(), ENOENT),
            (c"target", 0, NArgs::N(3), EINVAL),
            (c"target", 0, NArgs::N(17), EINVAL),
            (c"target", 0, NArgs::Prop(c"absent"), EINVAL),
            (c"long", 0, cells(), EINVAL),
            (c"absent", 0, cells(), ENOENT),
        ] {
            let found = node.property_get_reference_args(name, nargs, index);
            self.equal(name, found.err(), Some(error));
        }
        Ok(())
    }

    fn children(&mut self, nodes: &mut KVec<ARef<FwNode>>) -> Result {
        let node = self.node;
        // Of nodes that were added later, C lists the last one first; one node is disabled.
        for (child, reg) in node.children().zip([1, 0]) {
            let found = child.property_read::<u32>(c"reg").optional();
            self.equal(c"reg", found, Some(reg));
            pr_info!("child {}: {}\n", child.display_name(), &*child);
            nodes.push(child, GFP_KERNEL)?;
        }
        self.equal(c"children", node.children().count(), 2);
        for (name, there) in [(c"blue-led", true), (c"led", true), (c"red-led", false)] {
            self.equal(name, node.get_child_by_name(name).is_some(), there);
        }
        self.equal(c"device tree", node.is_of_node(), true);
        nodes.push(node.into(), GFP_KERNEL)?;
        Ok(())
    }
}

fn read_all(node: &FwNode) -> Result<KVec<ARef<FwNode>>> {
    let mut checks = Checks::of(node);
    let mut nodes = KVec::new();
    checks.integers();
    checks.strings();
    checks.counts()?;
    checks.references(&mut nodes)?;
    checks.children(&mut nodes)?;
    checks.end();
    Ok(nodes)
}

struct PlatformOf;

impl platform::Driver for PlatformOf {
    type IdInfo = Has;
    type Data<'bound> = Data<'bound>;
    const OF_ID_TABLE: Option<of::IdTable<Has>> = Some(&TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        info: Option<&'bound Has>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let request = pdev.io_request_by_name(c"regs").ok_or(ENXIO)?;
            let regs = request.iomap_exclusive_sized::<SIZE>()?;
            let nodes = match info.ok_or(EINVAL)? {
                Has::Properties => read_all(pdev.as_ref().fwnode().ok_or(ENODEV)?)?,
                Has::Nothing => KVec::new(),
                Has::Fewer => return Err(EINVAL),
            };
            dev_info!(pdev, "bound, reads {:#x}\n", regs.read32(0));
            Ok(Data {
                _regs: regs,
                _nodes: nodes,
            })
        })
    }
}

kernel::module_platform_driver! {
    type: PlatformOf,
    name: "platform_of",
    authors: ["The Lifebound developers"],
    description: "Reads properties of a device tree",
    license: "GPL",
}
