// SPDX-License-Identifier: GPL-2.0

//! An entry cannot jump out of the initialiser.

use pin_init::{Init, init};

pub struct One {
    pub a: u8,
}

pub fn one() {
    for number in 0.. {
        let one = init!(One {
            a: number,
            _: {
                #[cfg(reject)]
                break; //~ E0267 `break` inside of a closure
            },
        });
        drop(is_init(one));
        #[cfg(not(reject))]
        break;
    }
}

fn is_init(one: impl Init<One>) -> impl Init<One> {
    one
}
