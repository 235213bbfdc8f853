// SPDX-License-Identifier: GPL-2.0

const POLYNOMIAL: u8 = 0x07;

/// The step for each byte.
pub(crate) const TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u8;
        let mut bit = 0;
        while bit < 8 {
            let carry = crc & 0x80 != 0;
            crc = (crc << 1) ^ if carry { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};
