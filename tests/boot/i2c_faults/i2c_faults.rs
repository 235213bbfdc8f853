// SPDX-License-Identifier: GPL-2.0

//! Transfers of each kind, and clients that a driver makes, on adapters that go first, at the wrong
//! moment, twice. The name of a client says what the driver does with it. See `boot` in this
//! directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    devres::Devres,
    i2c,
    i2c::{
        Direction, Functionality, I2cAdapter, I2cBoardInfo, I2cClient, Message, MessageFlags,
        Registration, SMBUS_BLOCK_MAX,
    },
    pci,
    prelude::*,
    sync::aref::ARef,
    time::{Delta, delay::fsleep},
};

#[path = "../lib/say.rs"]
mod say;
use say::say;

/// The test that the driver runs with a client.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// Tries each transfer.
    Transfers,
    /// Makes a client on the adapter of the parameters.
    Parent,
    /// Forgets the client that it made.
    Forgetful,
    /// Keeps a reference to the adapter of the parameters.
    Keeper,
    /// Stands for the client that was made.
    Child,
}

struct Data<'bound> {
    client: &'bound I2cClient<Bound>,
    role: Role,
    child: Option<Devres<Registration>>,
    kept: Option<ARef<I2cAdapter>>,
}

struct Faults;

kernel::i2c_device_table!(
    TABLE,
    Role,
    [
        (i2c::DeviceId::new(c"lb-transfers"), Role::Transfers),
        (i2c::DeviceId::new(c"lb-parent"), Role::Parent),
        (i2c::DeviceId::new(c"lb-forgetful"), Role::Forgetful),
        (i2c::DeviceId::new(c"lb-keeper"), Role::Keeper),
        (i2c::DeviceId::new(c"lb-child"), Role::Child)
    ]
);

fn smbus(client: &I2cClient<Bound>) {
    let mut block = [0; SMBUS_BLOCK_MAX];
    say(client, "quick", client.smbus_quick(Direction::Write));
    say(client, "send byte", client.smbus_write_byte(0x20));
    say(
        client,
        "write byte",
        client.smbus_write_byte_data(0x20, 0xa5),
    );
    say(client, "read byte", client.smbus_read_byte_data(0x20));
    say(
        client,
        "receive byte",
        client
            .smbus_write_byte(0x20)
            .and_then(|()| client.smbus_read_byte()),
    );
    say(
        client,
        "write word",
        client.smbus_write_word_data(0x30, 0xbeef),
    );
    say(client, "read word", client.smbus_read_word_data(0x30));
    say(
        client,
        "no block",
        client.smbus_read_block_data(0x40, &mut block).map(drop),
    );
    say(
        client,
        "write block",
        client.smbus_write_block_data(0x40, b"block"),
    );
    say(
        client,
        "read block",
        client.smbus_read_block_data(0x40, &mut block),
    );
    say(
        client,
        "empty block",
        client.smbus_write_block_data(0x40, &[]),
    );
    say(
        client,
        "long block",
        client.smbus_write_block_data(0x40, &[0; 33]),
    );
    say(
        client,
        "write bytes",
        client.smbus_write_i2c_block_data(0xf8, &[1; 32]),
    );
    say(
        client,
        "read bytes",
        client.smbus_read_i2c_block_data(0xf8, &mut block),
    );
    say(client, "of which", Ok(block.first_chunk::<9>()));
    say(
        client,
        "no bytes",
        client.smbus_read_i2c_block_data(0, &mut []),
    );
    say(
        client,
        "many bytes",
        client.smbus_read_i2c_block_data(0, &mut [0; 33]),
    );
}

fn messages(client: &I2cClient<Bound>) -> Result {
    let functionality = client.adapter().functionality();
    say(
        client,
        "messages",
        Ok(functionality.contains(Functionality::I2C)),
    );
    say(
        client,
        "blocks",
        Ok(functionality.contains(Functionality::SMBUS_BLOCK_DATA)),
    );
    let mut byte = [0];
    let messages = &mut [
        Message::write(&[0x20])?.with_flags(MessageFlags::STOP),
        Message::read(&mut byte)?,
    ];
    say(client, "transfer", client.transfer(messages));
    say(client, "no message", client.transfer(&mut []));
    say(client, "send", client.master_send(&[1, 2]));
    let mut long = KVec::from_elem(0, 65536, GFP_KERNEL)?;
    say(client, "long message", client.master_recv(&mut long));
    Ok(())
}

/// Returns the adapter that the parameter names.
fn adapter() -> Result<ARef<I2cAdapter>> {
    I2cAdapter::get(module_parameters::adapter.read())
        .inspect_err(|error| pr_info!("no adapter: {error:?}\n"))
}

const CHILD: u16 = 0x55;
const GRANDCHILD: u16 = 0x57;

fn make<'a>(
    client: &'a I2cClient<Bound>,
    adapter: &I2cAdapter,
    address: u16,
) -> Result<Devres<Registration>> {
    let info = I2cBoardInfo::new(c"lb-child", address);
    let child = KBox::pin_init(
        Registration::new(adapter, &info, client.as_ref()),
        GFP_KERNEL,
    );
    say(
        client,
        "client made",
        child.as_ref().map(drop).map_err(|error| *error),
    );
    Ok(KBox::into_inner(Pin::into_inner(child?)))
}

/// Gives the guest time for another action meanwhile.
fn dawdle(milliseconds: u32) {
    fsleep(Delta::from_millis(milliseconds.into()));
}

/// Checks that a device that is no client is not taken for one.
fn conversions(client: &I2cClient<Bound>) {
    let device: &kernel::device::Device<Bound> = client.as_ref();
    let adapter: &kernel::device::Device = client.adapter().as_ref();
    say(
        client,
        "itself",
        <&I2cClient<Bound>>::try_from(device).map(|found| found.addr()),
    );
    say(client, "adapter", <&I2cClient>::try_from(adapter).map(drop));
    say(
        client,
        "PCI",
        <&pci::Device<Bound>>::try_from(device).map(drop),
    );
}

impl i2c::Driver for Faults {
    type IdInfo = Role;
    type Data<'bound> = Data<'bound>;
    const I2C_ID_TABLE: Option<i2c::IdTable<Role>> = Some(&TABLE);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        info: Option<&'bound Role>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let role = *info.ok_or(EINVAL)?;
            dev_info!(client, "probe {}\n", client.type_name());
            let mut data = Data {
                client,
                role,
                child: None,
                kept: None,
            };
            match role {
                Role::Transfers => {
                    smbus(client);
                    messages(client)?;
                    conversions(client);
                }
                Role::Parent => data.child = Some(make(client, &*adapter()?, CHILD)?),
                Role::Forgetful => {
                    core::mem::forget(make(client, &*adapter()?, CHILD)?);
                    core::mem::forget(ARef::<I2cClient>::from(client));
                }
                Role::Keeper => data.kept = Some(adapter()?),
                Role::Child => {
                    dawdle(module_parameters::probe_ms.read());
                    if module_parameters::nested.read() && client.addr() == CHILD {
                        data.child = Some(make(client, &*adapter()?, GRANDCHILD)?);
                    }
                }
            }
            Ok(data)
        })
    }

    fn shutdown<'bound>(client: &'bound I2cClient<Core<'_>>, data: Pin<&Data<'bound>>) {
        if data.role == Role::Child {
            say(client, "shutdown", client.smbus_read_byte_data(0x20));
        }
    }

    fn unbind<'bound>(client: &'bound I2cClient<Core<'_>>, data: Pin<&Data<'bound>>) {
        dev_info!(client, "unbind\n");
        if data.role == Role::Child {
            dawdle(module_parameters::unbind_ms.read());
        }
        // The adapter may be on its way out; references to it work all the same.
        if let Some(kept) = &data.kept {
            let again = kept.clone();
            drop(make(client, &again, CHILD));
            dev_info!(client, "bus {}\n", again.index());
        }
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            drop(child);
            dev_info!(self.client, "client ended\n");
        }
    }
}

kernel::module_i2c_driver! {
    type: Faults,
    name: "i2c_faults",
    authors: ["The Lifebound developers"],
    description: "An I2C driver with faults to choose from",
    license: "GPL",
    params: {
        adapter: i32 {
            default: -1,
            description: "Where clients are made",
        },
        probe_ms: u32 {
            default: 0,
            description: "How long it takes to bind a client that was made",
        },
        nested: bool {
            default: false,
            description: "Whether a client that was made makes one, beside itself",
        },
        unbind_ms: u32 {
            default: 0,
            description: "How long it takes to unbind it",
        },
    },
}
