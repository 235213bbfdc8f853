// SPDX-License-Identifier: GPL-2.0

DefinitionBlock ("", "SSDT", 2, "LIFEBD", "ORDER", 1)
{
    Scope (\_SB)
    {
        Device (ORD0)
        {
            Name (_HID, "LIFE0002")
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, 0xFED1C000, 0x1000) })

            // One of its own registers says whether it has power.
            OperationRegion (REGS, SystemMemory, 0xFED1C010, 4)
            Field (REGS, DWordAcc, NoLock, Preserve) { POWR, 32 }

            Method (_PSC)
            {
                If (POWR == 1) { Return (0) }
                Return (3)
            }
            Method (_PS0) { POWR = 1 }
            Method (_PS3) { POWR = 0 }
        }
    }
}
