// SPDX-License-Identifier: GPL-2.0

//! Messages of each kind, on adapters that transfer them (`i2c_messages_c.c`), and the SMBus
//! transfers that the I2C core makes of messages. The name of a client says what the driver does
//! with it. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    i2c,
    i2c::{Direction, Functionality, I2cClient, Message, MessageFlags, SMBUS_BLOCK_MAX},
    prelude::*,
};

#[path = "../lib/say.rs"]
mod say;
use say::say;

/// The test that the driver runs with a client.
#[derive(Clone, Copy)]
enum Role {
    /// Tries all calls.
    Messages,
    /// Finds that no device answers.
    Nobody,
    /// Uses an address of ten bits.
    Ten,
    /// Tries operations that the adapter does not support.
    Partial,
}

struct Data;

struct Messages;

kernel::i2c_device_table!(
    TABLE,
    Role,
    [
        (i2c::DeviceId::new(c"lb-messages"), Role::Messages),
        (i2c::DeviceId::new(c"lb-nobody"), Role::Nobody),
        (i2c::DeviceId::new(c"lb-ten"), Role::Ten),
        (i2c::DeviceId::new(c"lb-partial"), Role::Partial)
    ]
);

/// Checks whether the client supports the driver's operations; a driver asks this first.
fn functionality(client: &I2cClient<Bound>) {
    let has = client.adapter().functionality();
    for (what, wanted) in [
        ("has messages", Functionality::I2C),
        (
            "has all",
            Functionality::I2C | Functionality::SMBUS_BLOCK_DATA,
        ),
        ("has no start", Functionality::NO_START),
        (
            "has messages and no start",
            Functionality::I2C | Functionality::NO_START,
        ),
    ] {
        say(client, what, Ok(has.contains(wanted)));
    }
}

/// Reads `N` bytes from a place: sends the place, and reads after a repeated start.
fn read_at<const N: usize>(client: &I2cClient<Bound>, place: u8) -> Result<[u8; N]> {
    let mut bytes = [0xff; N];
    client.transfer(&mut [Message::write(&[place])?, Message::read(&mut bytes)?])?;
    Ok(bytes)
}

fn single(client: &I2cClient<Bound>) {
    let mut two = [0; 2];
    say(client, "write", client.master_send(&[0x10, 1, 2, 3, 4]));
    say(client, "place", client.master_send(&[0x10]));
    for _ in 0..2 {
        let read = client.master_recv(&mut two);
        say(client, "read", read.map(|()| two));
    }
    say(client, "write and read", read_at::<3>(client, 0x11));
}

fn several(client: &I2cClient<Bound>) -> Result {
    let (mut first, mut second) = ([0; 2], [0; 2]);
    let mut messages = [
        Message::write(&[0x20, 9])?,
        Message::write(&[0x10])?,
        Message::read(&mut first)?,
        Message::read(&mut second)?,
    ];
    say(client, "several", client.transfer(&mut messages));
    // The same messages may be transferred again.
    say(client, "again", client.transfer(&mut messages));
    say(client, "read", Ok((first, second)));

    let mut byte = [0];
    let flags = MessageFlags::STOP | MessageFlags::NO_START;
    let flagged = &mut [
        Message::write(&[0x20])?.with_flags(flags),
        Message::read(&mut byte)?.with_flags(MessageFlags::IGNORE_NAK),
    ];
    say(client, "flags", client.transfer(flagged));
    say(client, "read", Ok(byte));

    let mut many = KVec::new();
    for _ in 0..200 {
        many.push(Message::write(&[0x20])?, GFP_KERNEL)?;
    }
    say(client, "many", client.transfer(&mut many));
    Ok(())
}

fn lengths(client: &I2cClient<Bound>) -> Result {
    say(client, "no message", client.transfer(&mut []));
    say(client, "empty write", client.master_send(&[]));
    say(client, "empty read", client.master_recv(&mut []));
    say(client, "place", client.master_send(&[0x10]));
    let mut long = KVec::from_elem(0xff, 65536, GFP_KERNEL)?;
    say(client, "too long", client.master_recv(&mut long));
    say(client, "too long", client.master_send(&long));
    let (last, longest) = long.split_last_mut().ok_or(EINVAL)?;
    say(client, "longest", client.master_recv(longest));
    say(client, "of which", Ok(longest.first_chunk::<4>()));
    // This is place 0x10 again, one round of the memory after the other.
    say(client, "and", Ok(longest.get(0xff00..0xff04)));
    say(client, "after it", Ok(last));
    Ok(())
}

/// Tries errors in the middle: the messages before them are transferred, those after them are not.
fn failures(client: &I2cClient<Bound>) -> Result {
    let (mut whole, mut half) = ([0xaa; 2], [0xaa; 4]);
    let messages = &mut [
        Message::write(&[0x10])?,
        Message::read(&mut whole)?,
        Message::write(&[0x30, 5])?,
        Message::write(&[0xf0])?,
        Message::read(&mut half)?,
        Message::write(&[0x31, 6])?,
    ];
    say(client, "fails", client.transfer(messages));
    say(client, "read", Ok((whole, half)));
    say(client, "done", read_at::<2>(client, 0x30));

    let messages = &mut [
        Message::write(&[0x32, 7])?,
        Message::write(&[0xf1])?,
        Message::read(&mut half)?,
    ];
    say(client, "short", client.transfer(messages));
    say(client, "done", read_at::<1>(client, 0x32));
    say(client, "lost once", read_at::<1>(client, 0xf2));
    say(client, "always lost", read_at::<1>(client, 0xf3));
    Ok(())
}

/// Tries transfers of which the I2C core makes messages.
fn smbus(client: &I2cClient<Bound>) {
    let mut block = [0; SMBUS_BLOCK_MAX];
    let byte = client.smbus_write_byte_data(0x40, 0xa5);
    say(client, "byte", byte);
    say(client, "byte", client.smbus_read_byte_data(0x40));
    let byte = client.smbus_write_byte(0x40);
    say(client, "byte alone", byte);
    say(client, "byte alone", client.smbus_read_byte());
    say(client, "quick", client.smbus_quick(Direction::Read));
    let word = client.smbus_write_word_data(0x50, 0xbeef);
    say(client, "word", word);
    say(client, "word", client.smbus_read_word_data(0x50));
    let written = client.smbus_write_block_data(0x60, b"block");
    say(client, "block", written);
    let read = client.smbus_read_block_data(0x60, &mut block);
    say(client, "block", read);
    let read = client.smbus_read_block_data(0xf4, &mut block);
    say(client, "impossible block", read);
    let written = client.smbus_write_i2c_block_data(0x80, &[7; 32]);
    say(client, "bytes", written);
    let read = client.smbus_read_i2c_block_data(0x81, &mut block);
    say(client, "bytes", read);
    say(client, "of which", Ok(block.last_chunk::<2>()));
    let failed = client.smbus_read_word_data(0xf0);
    say(client, "word fails", failed);
}

fn nobody(client: &I2cClient<Bound>) {
    say(client, "write", client.master_send(&[0x10]));
    say(client, "read", client.master_recv(&mut [0]));
    say(client, "write and read", read_at::<1>(client, 0x10));
    say(client, "byte", client.smbus_read_byte_data(0x10));
}

/// Tries all operations that the adapter supports, and one step further.
fn partial(client: &I2cClient<Bound>) -> Result {
    say(client, "write of 4", client.master_send(&[0x90, 1, 2, 3]));
    let refused = client.master_send(&[0x90, 4, 5, 6, 7]);
    say(client, "write of 5", refused);
    say(client, "read of 8", read_at::<8>(client, 0x90));
    say(client, "read of 9", read_at::<9>(client, 0x90));
    say(client, "empty write", client.master_send(&[]));
    let messages = &mut [
        Message::write(&[0x91])?,
        Message::write(&[0x92])?,
        Message::write(&[0x93])?,
    ];
    say(client, "3 messages", client.transfer(messages));
    if let Some((_, two)) = messages.split_first_mut() {
        say(client, "2 messages", client.transfer(two));
    }
    let mut bytes = [0; 9];
    let read = client.smbus_read_i2c_block_data(0x90, &mut bytes);
    say(client, "9 bytes", read);
    Ok(())
}

impl i2c::Driver for Messages {
    type IdInfo = Role;
    type Data<'bound> = Data;
    const I2C_ID_TABLE: Option<i2c::IdTable<Role>> = Some(&TABLE);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        info: Option<&'bound Role>,
    ) -> impl PinInit<Data, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            dev_info!(client, "probe {}\n", client.type_name());
            match info.ok_or(EINVAL)? {
                Role::Messages => {
                    functionality(client);
                    single(client);
                    several(client)?;
                    lengths(client)?;
                    failures(client)?;
                    smbus(client);
                }
                Role::Nobody => nobody(client),
                Role::Ten => say(client, "write and read", read_at::<2>(client, 0x10)),
                Role::Partial => partial(client)?,
            }
            Ok(Data)
        })
    }

    fn unbind<'bound>(client: &'bound I2cClient<Core<'_>>, _data: Pin<&Data>) {
        say(client, "unbind", read_at::<2>(client, 0x10));
    }
}

kernel::module_i2c_driver! {
    type: Messages,
    name: "i2c_messages",
    authors: ["The Lifebound developers"],
    description: "Transfers I2C messages of each kind",
    license: "GPL",
}
