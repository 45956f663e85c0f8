"""Reading what Linux's usbmon saw on a bus, as tcpdump or Wireshark saved it: packets, transfers, bytes. Knows no frame."""
