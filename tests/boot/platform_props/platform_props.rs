// SPDX-License-Identifier: GPL-2.0

//! Reads properties of each type from ACPI, fit and unfit, references, and children. See
//! `props.asl` and `boot` in this directory.

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

struct Props;

/// Nodes that are kept.
struct Data {
    _nodes: KVec<ARef<FwNode>>,
}

kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"LIFE0003"), ())]);

/// The expected results of each group of properties.
impl Checks<'_> {
    fn integers(&mut self) {
        self.reads(c"byte", Ok(0xff_u8));
        self.reads(c"byte", Ok(-1_i8));
        self.reads(c"word", Ok(0x1234_u16));
        self.reads(c"word", Ok(0x1234_i64));
        self.reads(c"long", Ok(0x1122_3344_u64));
        self.reads(c"array", Ok([1_u16, 2, 3, 300]));
        self.reads(c"array", Ok([1_i8, 2]));
        self.reads::<[u32; 0]>(c"array", Ok([]));
        self.reads(c"bytes", Ok([4_u8, 5, 6]));
        // The values are too large, too few, of another type, or do not exist.
        self.reads::<u8>(c"word", Err(EOVERFLOW));
        self.reads::<u16>(c"long", Err(EOVERFLOW));
        self.reads::<[u8; 4]>(c"array", Err(EOVERFLOW));
        self.reads::<[u32; 5]>(c"array", Err(EOVERFLOW));
        self.reads::<[u8; 4]>(c"bytes", Err(EOVERFLOW));
        self.reads::<[u16; 2]>(c"bytes", Err(EPROTO));
        self.reads::<u32>(c"string", Err(EPROTO));
        self.reads::<[u32; 2]>(c"mixed", Err(EPROTO));
        self.reads::<u32>(c"absent", Err(EINVAL));
        self.reads::<[u32; 0]>(c"absent", Err(EINVAL));
    }

    fn strings(&mut self) {
        self.string(c"string", Ok(c"hello"));
        self.string(c"strings", Ok(c"one"));
        self.string(c"word", Err(EPROTO));
        self.string(c"array", Err(EPROTO));
        self.string(c"absent", Err(EINVAL));
        self.string(c"empty", Err(ENODATA));
        self.finds(c"strings", c"two", Ok(1));
        self.finds(c"strings", c"three", Err(ENODATA));
        self.finds(c"word", c"two", Err(EPROTO));
        self.finds(c"absent", c"two", Err(EINVAL));
    }

    fn counts(&mut self) -> Result {
        let node = self.node;
        self.equal(c"present", node.property_present(c"mixed"), true);
        self.equal(c"present", node.property_read_bool(c"absent"), false);
        self.equal(c"count", node.property_count_elem::<u32>(c"array"), Ok(4));
        self.equal(c"count", node.property_count_elem::<u8>(c"bytes"), Ok(3));
        self.equal(c"count", node.property_count_elem::<u64>(c"word"), Ok(1));
        self.equal(
            c"count",
            node.property_count_elem::<u8>(c"absent"),
            Err(EINVAL),
        );
        self.begins(c"array", &[1_u32, 2, 3])
    }

    fn guards(&mut self, pdev: &kernel::device::Device) {
        let node = self.node;
        let required = node.property_read::<u8>(c"word").required_by(pdev);
        self.equal(c"required", required, Err(EOVERFLOW));
        self.equal(c"or", node.property_read::<u8>(c"word").or(5), 5);
        self.equal(c"or", node.property_read::<u16>(c"word").or(5), 0x1234);
        self.equal(
            c"default",
            node.property_read::<u8>(c"absent").or_default(),
            0,
        );
    }

    fn references(&mut self) -> Result {
        let node = self.node;
        let get =
            |name, count, index| node.property_get_reference_args(name, NArgs::N(count), index);
        let target = get(c"target", 2, 0)?;
        self.equal(c"arguments", target.as_slice(), &[7, 8]);
        self.labelled(target.fwnode(), c"target");
        self.equal(c"arguments", get(c"target", 1, 0)?.as_slice(), &[7]);
        self.equal(c"arguments", get(c"single", 4, 0)?.is_empty(), true);
        self.equal(c"reference", get(c"single", 0, 1).err(), Some(ENOENT));
        self.equal(c"reference", get(c"target", 17, 0).err(), Some(EINVAL));
        self.equal(c"reference", get(c"word", 0, 0).err(), Some(EINVAL));
        self.equal(c"reference", get(c"absent", 0, 0).err(), Some(ENOENT));
        Ok(())
    }

    fn nodes(&mut self, nodes: &mut KVec<ARef<FwNode>>) -> Result {
        let node = self.node;
        for child in node.children() {
            pr_info!("child {}: {}\n", child.display_name(), &*child);
            nodes.push(child, GFP_KERNEL)?;
        }
        self.equal(c"children", nodes.len(), 3);
        let led = node.get_child_by_name(c"led-1").ok_or(ENOENT)?;
        self.equal(
            c"child",
            led.property_read::<u32>(c"reg").optional(),
            Some(1),
        );
        self.equal(c"child", node.get_child_by_name(c"led-2").is_none(), true);
        self.equal(c"device tree", node.is_of_node(), false);
        Ok(())
    }
}

impl platform::Driver for Props {
    type IdInfo = ();
    type Data<'bound> = Data;
    const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let node = pdev.as_ref().fwnode().ok_or(ENODEV)?;
            let mut checks = Checks::of(node);
            let mut nodes = KVec::new();
            checks.integers();
            checks.strings();
            checks.counts()?;
            checks.guards(pdev.as_ref());
            checks.references()?;
            checks.nodes(&mut nodes)?;
            let irq = pdev.optional_irq_by_index(0).err();
            checks.equal(c"interrupt", irq, Some(ENXIO));
            let irq = pdev.optional_irq_by_name(c"absent").err();
            checks.equal(c"interrupt", irq, Some(ENXIO));
            checks.end();
            Ok(Data { _nodes: nodes })
        })
    }
}

kernel::module_platform_driver! {
    type: Props,
    name: "platform_props",
    authors: ["The Lifebound developers"],
    description: "Reads properties of each type",
    license: "GPL",
}
