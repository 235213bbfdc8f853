// SPDX-License-Identifier: GPL-2.0
//
// Two ports, which the module serdev_model drives, and a thermometer at each.

DefinitionBlock ("", "SSDT", 2, "LIFEBD", "SERDEV", 1)
{
    Scope (\_SB)
    {
        Device (SER0)
        {
            Name (_HID, "LIFE0010")
            Name (_UID, 0)
        }

        Device (SER1)
        {
            Name (_HID, "LIFE0010")
            Name (_UID, 1)
        }

        Device (THM0)
        {
            Name (_HID, "LIFE0011")
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate ()
            {
                UartSerialBusV2 (9600, DataBitsEight, StopBitsOne, 0, LittleEndian, ParityTypeNone,
                    FlowControlNone, 32, 32, "\\_SB.SER0", 0, ResourceConsumer, , Exclusive)
            })
        }

        Device (THM1)
        {
            Name (_HID, "LIFE0011")
            Name (_UID, 1)
            Name (_CRS, ResourceTemplate ()
            {
                UartSerialBusV2 (9600, DataBitsEight, StopBitsOne, 0, LittleEndian, ParityTypeNone,
                    FlowControlNone, 32, 32, "\\_SB.SER1", 0, ResourceConsumer, , Exclusive)
            })
        }
    }
}
