// SPDX-License-Identifier: GPL-2.0

//! Reads properties of software nodes, fit and unfit, and keeps references to them. See
//! `property_nodes_c.c` and `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::{
        Core,
        property::{FwNode, NArgs},
    },
    platform,
    prelude::*,
    sync::aref::ARef,
};

#[path = "../lib/checks.rs"]
mod checks;
use checks::Checks;

struct Nodes;

/// Nodes that are kept, and dropped in the order of the parameter.
struct Data {
    nodes: KVec<ARef<FwNode>>,
}

/// The kind of properties that a device has.
#[derive(Clone, Copy)]
enum Has {
    SoftwareNode,
    Both,
}

kernel::platform_device_table!(
    NAMES,
    Has,
    [(platform::DeviceId::new(c"lb-nodes"), Has::SoftwareNode)]
);
kernel::acpi_device_table!(ACPI, Has, [(acpi::DeviceId::new(c"LIFE0005"), Has::Both)]);

/// The expected results of each group of properties.
impl Checks<'_> {
    fn integers(&mut self) {
        self.reads(c"byte", Ok(0xff_u8));
        self.reads(c"byte", Ok(-1_i8));
        self.reads(c"word", Ok(0xffff_u16));
        self.reads(c"long", Ok(0x1234_5678_u32));
        self.reads(c"quad", Ok(0xffff_ffff_ffff_ff00_u64));
        self.reads(c"quad", Ok(-256_i64));
        self.reads(c"bytes", Ok([1_u8, 2, 250]));
        self.reads(c"words", Ok([1_u16, 0x1234]));
        self.reads(c"words", Ok(1_u16));
        self.reads(c"longs", Ok([1_i32, 0x1234_5678]));
        self.reads(c"quads", Ok([0x1122_3344_5566_7788_u64, 2]));
        self.reads::<[u32; 0]>(c"longs", Ok([]));
        // There are too few values, none, or no property.
        self.reads::<[u8; 4]>(c"bytes", Err(EOVERFLOW));
        self.reads::<[u64; 2]>(c"quad", Err(EOVERFLOW));
        self.reads::<u8>(c"flag", Err(ENODATA));
        self.reads::<u32>(c"absent", Err(EINVAL));
        // C takes the bytes of any value.
        self.reads::<u16>(c"bytes", Err(EPROTO));
        self.reads::<u8>(c"long", Err(EPROTO));
        self.reads::<[u32; 2]>(c"quads", Err(EPROTO));
        self.reads::<u64>(c"longs", Err(EPROTO));
        self.reads::<u64>(c"string", Err(EPROTO));
        self.reads::<u64>(c"target", Err(EPROTO));
    }

    fn strings(&mut self) {
        self.string(c"string", Ok(c"hello"));
        self.string(c"strings", Ok(c"one"));
        self.string(c"empty", Ok(c""));
        self.string(c"null", Err(ENODATA));
        self.string(c"flag", Err(ENODATA));
        self.string(c"absent", Err(EINVAL));
        self.finds(c"strings", c"two", Ok(1));
        self.finds(c"strings", c"three", Err(ENODATA));
        self.finds(c"absent", c"two", Err(EINVAL));
        // C takes integers for pointers.
        for name in [c"byte", c"long", c"quad", c"quads", c"targets"] {
            self.string(name, Err(EPROTO));
            self.finds(name, c"two", Err(EPROTO));
        }
    }

    fn presence(&mut self) -> Result {
        let node = self.node;
        for (name, there) in [(c"flag", true), (c"targets", true), (c"absent", false)] {
            self.equal(name, node.property_present(name), there);
            self.equal(name, node.property_read_bool(name), there);
        }
        let count = node.property_count_elem::<u16>(c"words");
        self.equal(c"count", count, Ok(3));
        let count = node.property_count_elem::<u64>(c"quad");
        self.equal(c"count", count, Ok(1));
        let count = node.property_count_elem::<u64>(c"longs");
        self.equal(c"count", count, Err(EPROTO));
        let count = node.property_count_elem::<u8>(c"absent");
        self.equal(c"count", count, Err(EINVAL));
        self.begins(c"bytes", &[1_u8, 2])
    }

    fn references(&mut self, nodes: &mut KVec<ARef<FwNode>>) -> Result {
        let node = self.node;
        let get = |name, nargs, index| node.property_get_reference_args(name, nargs, index);
        for (name, index, nargs, expected) in [
            (c"target", 0, NArgs::N(0), &[][..]),
            (c"target", 0, NArgs::N(1), &[7]),
            (c"target", 0, NArgs::N(4), &[7, 8, 0, 0]),
            (c"target", 0, NArgs::Prop(c"#lb-cells"), &[7, 8]),
            (c"targets", 0, NArgs::N(3), &[7, 8, 9]),
            (c"targets", 1, NArgs::N(0), &[]),
        ] {
            let found = get(name, nargs, index)?;
            self.equal(name, found.as_slice(), expected);
            nodes.push(found.fwnode().ok_or(ENOENT)?.into(), GFP_KERNEL)?;
        }
        self.labelled(get(c"target", NArgs::N(0), 0)?.fwnode(), c"target");
        let unregistered = Error::from_errno(node.property_read(c"unregistered").or(0));
        for (name, index, nargs, error) in [
            (c"target", 1, NArgs::N(0), ENOENT),
            (c"target", 0, NArgs::N(17), EINVAL),
            (c"target", 0, NArgs::Prop(c"#lb-many-cells"), EINVAL),
            (c"target", 0, NArgs::Prop(c"absent"), EINVAL),
            // The node that is referred to is not registered.
            (c"targets", 2, NArgs::N(1), unregistered),
            (c"targets", 3, NArgs::N(0), ENOENT),
            (c"longs", 0, NArgs::N(0), EINVAL),
            (c"absent", 0, NArgs::N(0), ENOENT),
        ] {
            self.equal(name, get(name, nargs, index).err(), Some(error));
        }
        Ok(())
    }

    fn children(&mut self, nodes: &mut KVec<ARef<FwNode>>) -> Result {
        let node = self.node;
        for (child, reg) in node.children().zip(1..) {
            let found = child.property_read::<u32>(c"reg").optional();
            self.equal(c"reg", found, Some(reg));
            pr_info!("child {}: {}\n", child.display_name(), &*child);
            nodes.push(child, GFP_KERNEL)?;
        }
        self.equal(c"children", node.children().count(), 3);
        // An iterator that is dropped halfway gives up its references.
        self.equal(c"children", node.children().nth(1).is_some(), true);
        let second = node.get_child_by_name(c"lb-child2").ok_or(ENOENT)?;
        let found = second.property_read::<u32>(c"reg").optional();
        self.equal(c"reg", found, Some(2));
        let below = second.get_child_by_name(c"lb-grandchild").ok_or(ENOENT)?;
        pr_info!("child {}: {}\n", below.display_name(), &*below);
        self.equal(c"children", below.children().count(), 0);
        let absent = node.get_child_by_name(c"lb-grandchild");
        self.equal(c"child", absent.is_none(), true);
        nodes.push(below, GFP_KERNEL)?;
        nodes.push(node.into(), GFP_KERNEL)?;
        nodes.push(second, GFP_KERNEL)?;
        Ok(())
    }

    /// The properties from ACPI come first, then those of the software node.
    fn both(&mut self) {
        self.reads(c"byte", Ok(3_u8));
        self.reads(c"quad", Ok(1_u64));
        self.string(c"label", Ok(c"second"));
        self.string(c"both", Ok(c"first"));
        self.reads::<u8>(c"both", Err(EPROTO));
        self.string(c"quad", Err(EPROTO));
        self.reads::<u64>(c"label", Err(EPROTO));
        self.finds(c"quad", c"one", Err(EPROTO));
        let count = self.node.property_count_elem::<u8>(c"quad");
        self.equal(c"count", count, Err(EPROTO));
        self.string(c"absent", Err(EINVAL));
    }
}

impl platform::Driver for Nodes {
    type IdInfo = Has;
    type Data<'bound> = Data;
    const ID_TABLE: Option<platform::IdTable<Has>> = Some(&NAMES);
    const ACPI_ID_TABLE: Option<acpi::IdTable<Has>> = Some(&ACPI);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        info: Option<&'bound Has>,
    ) -> impl PinInit<Data, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let node = pdev.as_ref().fwnode().ok_or(ENODEV)?;
            let mut checks = Checks::of(node);
            let mut nodes = KVec::new();
            match info.ok_or(EINVAL)? {
                Has::SoftwareNode => {
                    checks.integers();
                    checks.strings();
                    checks.presence()?;
                    checks.references(&mut nodes)?;
                    checks.children(&mut nodes)?;
                }
                Has::Both => checks.both(),
            }
            checks.end();
            Ok(Data { nodes })
        })
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let nodes = core::mem::take(&mut self.nodes);
        match module_parameters::order.read() {
            0 => drop(nodes),
            1 => {
                let mut nodes = nodes;
                while nodes.pop().is_some() {}
            }
            _ => core::mem::forget(nodes),
        }
    }
}

kernel::module_platform_driver! {
    type: Nodes,
    name: "property_nodes",
    authors: ["The Lifebound developers"],
    description: "Reads properties of software nodes",
    license: "GPL",
    params: {
        order: u32 {
            default: 0,
            description: "How references are dropped: in order, 1: the other way round, 2: not at all",
        },
    },
}
