// SPDX-License-Identifier: GPL-2.0

//! The error numbers of C, each as an [`Error`].
//!
//! C headers: [`include/uapi/asm-generic/errno.h`](srctree/include/uapi/asm-generic/errno.h) and
//! [`include/linux/errno.h`](srctree/include/linux/errno.h). The numbers from `ERESTARTSYS` on are
//! for the kernel's own use: user space never sees them when an operation returns to it.

#[cfg(not(target_os = "none"))]
use core::ffi::CStr;

use super::Error;
use crate::bindings;

/// Defines each constant, and the list of all of them.
macro_rules! errnos {
    ($($name:ident $what:literal;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: ", $what, ".")]
            pub const $name: Error = Error::from_constant(bindings::$name);
        )*

        /// Each constant with its name, as C's `errname()` gives it for a positive number.
        #[cfg(not(target_os = "none"))]
        pub(super) const NAMES: &[(Error, &CStr)] = &[$((
            $name,
            match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                Ok(name) => name,
                // PANIC: only while compiling, where this is evaluated; an identifier has no NUL in
                // it.
                Err(_) => panic!(),
            },
        )),*];
    };
}

errnos! {
    EPERM "operation not permitted";
    ENOENT "no such file or directory";
    ESRCH "no such process";
    EINTR "interrupted system call";
    EIO "input or output failed";
    ENXIO "no such device or address";
    E2BIG "the list of arguments is too long";
    ENOEXEC "exec format error";
    EBADF "bad file number";
    ECHILD "no child processes";
    EAGAIN "not now: try again";
    ENOMEM "no memory";
    EACCES "permission denied";
    EFAULT "an address that is not accessible";
    ENOTBLK "block device required";
    EBUSY "the device or resource is in use";
    EEXIST "file exists";
    EXDEV "cross-device link";
    ENODEV "no such device";
    ENOTDIR "not a directory";
    EISDIR "is a directory";
    EINVAL "an argument has a value that is not allowed";
    ENFILE "file table overflow";
    EMFILE "too many open files";
    ENOTTY "the device does not know this ioctl";
    ETXTBSY "text file busy";
    EFBIG "file too large";
    ENOSPC "no room left on the device";
    ESPIPE "illegal seek";
    EROFS "read-only file system";
    EMLINK "too many links";
    EPIPE "broken pipe";
    EDOM "argument outside of the domain of the function";
    ERANGE "the value is out of range";
    EDEADLK "resource deadlock would occur";
    ENAMETOOLONG "file name too long";
    ENOLCK "no record locks available";
    ENOSYS "no such system call";
    ENOTEMPTY "directory not empty";
    ELOOP "too many symbolic links encountered";
    EWOULDBLOCK "the same as `EAGAIN`";
    ENOMSG "no message of desired type";
    EIDRM "identifier removed";
    ECHRNG "channel number out of range";
    EL2NSYNC "level 2 not synchronized";
    EL3HLT "level 3 halted";
    EL3RST "level 3 reset";
    ELNRNG "link number out of range";
    EUNATCH "protocol driver not attached";
    ENOCSI "no CSI structure available";
    EL2HLT "level 2 halted";
    EBADE "invalid exchange";
    EBADR "invalid request descriptor";
    EXFULL "exchange full";
    ENOANO "no anode";
    EBADRQC "invalid request code";
    EBADSLT "invalid slot";
    EDEADLOCK "the same as `EDEADLK` on most architectures";
    EBFONT "bad font file format";
    ENOSTR "device not a stream";
    ENODATA "no data available";
    ETIME "timer expired";
    ENOSR "out of streams resources";
    ENONET "machine is not on the network";
    ENOPKG "package not installed";
    EREMOTE "object is remote";
    ENOLINK "link has been severed";
    EADV "advertise error";
    ESRMNT "srmount error";
    ECOMM "communication error on send";
    EPROTO "protocol error";
    EMULTIHOP "multihop attempted";
    EDOTDOT "RFS specific error";
    EBADMSG "not a data message";
    EOVERFLOW "the value does not fit into its type";
    ENOTUNIQ "name not unique on network";
    EBADFD "file descriptor in bad state";
    EREMCHG "remote address changed";
    ELIBACC "can not access a needed shared library";
    ELIBBAD "accessing a corrupted shared library";
    ELIBSCN "a `.lib` section is corrupted";
    ELIBMAX "attempting to link in too many shared libraries";
    ELIBEXEC "cannot exec a shared library directly";
    EILSEQ "illegal byte sequence";
    ERESTART "the interrupted system call should run again";
    ESTRPIPE "streams pipe error";
    EUSERS "too many users";
    ENOTSOCK "socket operation on non-socket";
    EDESTADDRREQ "destination address required";
    EMSGSIZE "message too long";
    EPROTOTYPE "protocol wrong type for socket";
    ENOPROTOOPT "protocol not available";
    EPROTONOSUPPORT "protocol not supported";
    ESOCKTNOSUPPORT "socket type not supported";
    EOPNOTSUPP "operation not supported on transport endpoint";
    EPFNOSUPPORT "protocol family not supported";
    EAFNOSUPPORT "address family not supported by protocol";
    EADDRINUSE "address already in use";
    EADDRNOTAVAIL "cannot assign requested address";
    ENETDOWN "network is down";
    ENETUNREACH "network is unreachable";
    ENETRESET "network dropped connection because of reset";
    ECONNABORTED "software caused connection abort";
    ECONNRESET "connection reset by peer";
    ENOBUFS "no buffer space available";
    EISCONN "transport endpoint is already connected";
    ENOTCONN "transport endpoint is not connected";
    ESHUTDOWN "cannot send after transport endpoint shutdown";
    ETOOMANYREFS "too many references: cannot splice";
    ETIMEDOUT "no answer in time";
    ECONNREFUSED "connection refused";
    EHOSTDOWN "host is down";
    EHOSTUNREACH "no route to host";
    EALREADY "operation already in progress";
    EINPROGRESS "operation now in progress";
    ESTALE "stale file handle";
    EUCLEAN "structure needs cleaning";
    ENOTNAM "not a XENIX named type file";
    ENAVAIL "no XENIX semaphores available";
    EISNAM "a file of a named type";
    EREMOTEIO "remote I/O error";
    EDQUOT "quota exceeded";
    ENOMEDIUM "no medium found";
    EMEDIUMTYPE "wrong medium type";
    ECANCELED "operation cancelled";
    ENOKEY "required key not available";
    EKEYEXPIRED "key has expired";
    EKEYREVOKED "key has been revoked";
    EKEYREJECTED "key was rejected by service";
    EOWNERDEAD "owner died";
    ENOTRECOVERABLE "state not recoverable";
    ERFKILL "RF-kill forbids the operation";
    EHWPOISON "memory page has hardware error";
    ERESTARTSYS "a signal came; the system call is run again if its action allows that";
    ERESTARTNOINTR "a signal came; the system call is always run again";
    ERESTARTNOHAND "a signal came; the system call is run again if the signal has no handler";
    ENOIOCTLCMD "unknown ioctl; user space sees `ENOTTY`";
    ERESTART_RESTARTBLOCK "a signal came; `sys_restart_syscall()` goes on with the system call";
    EPROBE_DEFER "a resource is not there yet: `probe` is tried again later";
    EOPENSTALE "open found a directory entry that is out of date";
    ENOPARAM "parameter not supported";
    EBADHANDLE "illegal NFS file handle";
    ENOTSYNC "update synchronization mismatch";
    EBADCOOKIE "cookie is stale";
    ENOTSUPP "not supported, inside of the kernel only; user space gets `EOPNOTSUPP`";
    ETOOSMALL "buffer or request is too small";
    ESERVERFAULT "an error of the server that has no translation";
    EBADTYPE "type not supported by server";
    EJUKEBOX "started, but not done before the timeout";
    EIOCBQUEUED "the request is queued and its completion is reported later";
    ERECALLCONFLICT "conflict with recalled state";
    ENOGRACE "NFS file lock reclaim refused";
}
