# what: switch off address randomisation and change how programs start
# outcome: ok
for value in (0x0040000, 0x0400000, 0x0008, 0x4000000): fails(hex(value), lambda: call("personality", value))
