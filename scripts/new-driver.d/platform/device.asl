// SPDX-License-Identifier: GPL-2.0
//
// The device that the test's machine has.

DefinitionBlock ("", "SSDT", 2, "DRIVER", "TEST", 1)
{
    Scope (\_SB)
    {
        Device (DEV0)
        {
            Name (_HID, "LIFE00FF")
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"), // device properties
                Package () { Package () { "channels", 4 } }
            })
        }
    }
}
