// SPDX-License-Identifier: GPL-2.0

//! The errors of those functions of a [`Vec`](super::Vec) that never allocate.

use crate::{
    error::{Error, code::EINVAL},
    fmt,
};

/// The vector is full. The error holds the element.
pub struct PushError<T>(pub T);

/// The element cannot be put there. The error holds the element.
pub enum InsertError<T> {
    /// The index is larger than the length.
    IndexOutOfBounds(T),
    /// The vector is full.
    OutOfCapacity(T),
}

/// There is no element with that index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RemoveError;

impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushError")
    }
}

impl<T> fmt::Debug for InsertError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IndexOutOfBounds(_) => "IndexOutOfBounds",
            Self::OutOfCapacity(_) => "OutOfCapacity",
        })
    }
}

/// `EINVAL`. The element is dropped.
impl<T> From<PushError<T>> for Error {
    fn from(_: PushError<T>) -> Error {
        EINVAL
    }
}

/// `EINVAL`. The element is dropped.
impl<T> From<InsertError<T>> for Error {
    fn from(_: InsertError<T>) -> Error {
        EINVAL
    }
}

/// `EINVAL`.
impl From<RemoveError> for Error {
    fn from(_: RemoveError) -> Error {
        EINVAL
    }
}
