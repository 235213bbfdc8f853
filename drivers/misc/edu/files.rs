// SPDX-License-Identifier: GPL-2.0

//! The files that programs see: `/dev/edu<number>`. The header `edu.h` in this directory is for
//! them.

use kernel::{
    fs::{File, file::Offset},
    io::Io,
    ioctl::{_IOC_SIZE, _IOR, _IOW, _IOWR},
    iov::{IovIterDest, IovIterSource},
    miscdevice::{Files, OpenFile},
    poll::Events,
    prelude::*,
    sync::{Arc, atomic::Relaxed},
    uaccess::UserSlice,
    workqueue::Item,
};

use crate::{
    Edu,
    factorial::{LIMIT, Question},
    recovery::Watchdog,
    regs::{BUFFER_SIZE, EDU, IDENTITY},
    transfer::Turn,
};

const TYPE: u32 = b'E' as u32;
const GET_IDENTITY: u32 = _IOR::<u32>(TYPE, 0);
const COMPUTE: u32 = _IOWR::<u32>(TYPE, 1);
const COPY_IN: u32 = _IOW::<Section>(TYPE, 2);
const COPY_OUT: u32 = _IOW::<Section>(TYPE, 3);

/// `struct edu_copy`.
#[derive(FromBytes, zerocopy::Immutable)]
#[repr(C)]
struct Section {
    /// An address in the program's memory.
    address: u64,
    /// An offset in the device's buffer.
    offset: u32,
    length: u32,
}

impl Section {
    fn range(&self) -> Result<(UserSlice, usize, usize)> {
        let (offset, length) = (self.offset as usize, self.length as usize);
        // The length is checked before memory is allocated for it.
        if length > BUFFER_SIZE {
            return Err(EINVAL);
        }
        let address = UserPtr::from_addr(usize::try_from(self.address)?);
        Ok((UserSlice::new(address, length), offset, length))
    }
}

type Opened<'call> = OpenFile<'call, Arc<Question>>;

/// The state that the files use.
pub(crate) struct Requests<'x, 'bound> {
    pub(crate) edu: &'x Edu<'bound>,
    pub(crate) watchdog: Item<Watchdog<'x, 'bound>>,
}

impl<'bound> Requests<'_, 'bound> {
    fn identity(&self) -> Result<u32> {
        let identity = self.edu.registers.read(IDENTITY);
        if identity.kind() != EDU {
            return Err(self.edu.fault());
        }
        Ok(identity.into_raw())
    }

    /// Makes the device answer `question`, when it has answered earlier ones.
    fn ask(&self, file: &Opened<'_>, question: &Arc<Question>, n: u32) -> Result {
        let (edu, mut asked) = (self.edu, Ok(false));
        file.wait_until(|| {
            let ask = || edu.calculator.ask(&edu.registers, question, n);
            asked = edu.service.begin(ask);
            asked != Ok(false)
        })?;
        self.watchdog.queue_after(LIMIT);
        edu.explained(asked).map(drop)
    }

    fn compute(&self, file: &Opened<'_>, n: u32) -> Result<u32> {
        // This question is not the file's own: that one is for programs that read and write.
        let question = Question::new()?;
        self.ask(file, &question, n)?;
        // A file with `O_NONBLOCK` waits here too, now that the device is computing.
        file.queue()
            .wait_interruptible(|| question.is_answered() || file.is_ending())?;
        question.take_answer().ok_or(ENODEV)?
    }

    fn turn(&self, file: &Opened<'_>) -> Result<Turn<'_, 'bound>> {
        let edu = self.edu;
        file.wait_until(|| !edu.service.is_paused())?;
        let turn = edu.engine.lock(&edu.service, &edu.registers);
        // The device goes away when all calls have returned. Calls that have waited until now
        // return here.
        if file.is_ending() {
            return Err(ENODEV);
        }
        Ok(turn)
    }

    fn copy_in(&self, file: &Opened<'_>, section: &Section) -> Result {
        let (user, offset, _) = section.range()?;
        let mut data = KVec::new();
        user.read_all(&mut data, GFP_KERNEL)?;
        let copied = self.turn(file)?.copy_in(offset, &data);
        self.edu.explained(copied)?;
        self.edu.statistics.bytes_in.add(data.len() as u64, Relaxed);
        Ok(())
    }

    fn copy_out(&self, file: &Opened<'_>, section: &Section) -> Result {
        let (user, offset, length) = section.range()?;
        let mut data = KVec::<u8>::zeroed(length, GFP_KERNEL)?;
        let copied = self.turn(file)?.copy_out(offset, &mut data);
        self.edu.explained(copied)?;
        self.edu
            .statistics
            .bytes_out
            .add(data.len() as u64, Relaxed);
        user.writer().write_slice(&data)
    }
}

#[vtable]
impl Files for Requests<'_, '_> {
    type File = Arc<Question>;

    fn open(&self, _file: &File) -> Result<Arc<Question>> {
        Question::new()
    }

    /// Takes a number of 32 bits; [`read_iter`](Self::read_iter) then gives its factorial.
    fn write_iter(
        &self,
        file: &Opened<'_>,
        _pos: &mut Offset,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        self.ask(file, file.state(), iov.read()?)?;
        Ok(size_of::<u32>())
    }

    fn read_iter(
        &self,
        file: &Opened<'_>,
        _pos: &mut Offset,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        if iov.len() < size_of::<u32>() {
            return Err(EINVAL);
        }
        loop {
            file.wait_until(|| file.state().is_answered())?;
            // Another thread may have been faster.
            if let Some(answer) = file.state().take_answer() {
                self.edu.changed.wake(Events::WRITABLE);
                iov.write(&answer?)?;
                return Ok(size_of::<u32>());
            }
        }
    }

    fn poll(&self, file: &Opened<'_>) -> Events {
        let question = file.state();
        if question.is_answered() {
            Events::READABLE
        } else if question.is_idle()
            && self.edu.calculator.is_free()
            && !self.edu.service.is_paused()
        {
            Events::WRITABLE
        } else {
            Events::NONE
        }
    }

    fn ioctl(&self, file: &Opened<'_>, cmd: u32, arg: usize) -> Result<isize> {
        let user = UserSlice::new(UserPtr::from_addr(arg), _IOC_SIZE(cmd));
        let (mut reader, mut writer) = user.reader_writer();
        match cmd {
            GET_IDENTITY => writer.write(&self.identity()?)?,
            COMPUTE => {
                let answer = self.compute(file, reader.read()?)?;
                writer.write(&answer)?;
            }
            COPY_IN => self.copy_in(file, &reader.read()?)?,
            COPY_OUT => self.copy_out(file, &reader.read()?)?,
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }
}
