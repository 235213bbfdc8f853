// SPDX-License-Identifier: GPL-2.0

DefinitionBlock ("", "SSDT", 2, "LIFEBD", "PROPS", 1)
{
    Scope (\_SB)
    {
        // What the properties of the other device refer to.
        Device (PTGT)
        {
            Name (_HID, "LIFE0004")
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package () { Package () { "label", "target" } }
            })
        }

        Device (PROP)
        {
            Name (_HID, "LIFE0003")
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package ()
                {
                    Package () { "byte", 0xFF },
                    Package () { "word", 0x1234 },
                    Package () { "long", 0x11223344 },
                    Package () { "array", Package () { 1, 2, 3, 300 } },
                    Package () { "string", "hello" },
                    Package () { "strings", Package () { "one", "two" } },
                    Package () { "empty", Package () { } },
                    Package () { "mixed", Package () { 1, "two" } },
                    Package () { "single", \_SB.PTGT },
                    Package () { "target", Package () { \_SB.PTGT, 7, 8 } },
                },
                ToUUID ("dbb8e3e6-5886-4ba6-8795-1319f52a966b"), // nodes below
                Package ()
                {
                    Package () { "led-0", "LED0" },
                    Package () { "led-1", "LED1" },
                },
                ToUUID ("edb12dd0-363d-4085-a3d2-49522ca160c4"), // properties that are buffers
                Package () { Package () { "bytes", "BYTS" } }
            })
            Name (BYTS, Buffer () { 4, 5, 6 })
            Name (LED0, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package () { Package () { "reg", 0 } }
            })
            Name (LED1, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package () { Package () { "reg", 1 } }
            })
            Device (SUB0) { Name (_ADR, 1) }
        }
    }
}
