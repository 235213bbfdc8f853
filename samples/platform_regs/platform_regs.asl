// SPDX-License-Identifier: GPL-2.0
//
// Two devices whose registers are in memory that the kernel leaves alone (memmap=64K$0x1f000000).

DefinitionBlock ("", "SSDT", 2, "LIFEBD", "REGS", 1)
{
    Scope (\_SB)
    {
        // The driver finds this device by its ACPI id.
        Device (REG0)
        {
            Name (_HID, "LIFE0001")
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, 0x1F000000, 0x1000) })
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"), // device properties
                Package ()
                {
                    Package () { "label", "front panel" },
                    Package () { "lifebound,channels", 4 },
                    Package () { "lifebound,levels", Package () { 10, 20, 30 } },
                }
            })
        }

        // The driver finds this device by the string that a device tree would have.
        Device (REG1)
        {
            Name (_HID, "PRP0001")
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, 0x1F001000, 0x1000) })
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package ()
                {
                    Package () { "compatible", "lifebound,regs" },
                    Package () { "label", "back panel" },
                }
            })
        }
    }
}
