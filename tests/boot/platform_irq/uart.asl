// SPDX-License-Identifier: GPL-2.0
//
// The interrupt of the fourth serial port, which it has in common with the second.

DefinitionBlock ("", "SSDT", 2, "LIFEBD", "UART", 1)
{
    Scope (\_SB)
    {
        Device (UIRQ)
        {
            Name (_HID, "LIFE0006")
            Name (_CRS, ResourceTemplate () { IRQ (Edge, ActiveHigh, Exclusive) { 3 } })
        }
    }
}
