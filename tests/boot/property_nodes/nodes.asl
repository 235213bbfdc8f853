// SPDX-License-Identifier: GPL-2.0

DefinitionBlock ("", "SSDT", 2, "LIFEBD", "NODES", 1)
{
    Scope (\_SB)
    {
        Device (NODE)
        {
            Name (_HID, "LIFE0005")
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package ()
                {
                    Package () { "byte", 3 },
                    Package () { "both", "first" },
                }
            })
        }
    }
}
