"""A pump as a USB device, and the ways into it: descriptors, endpoints, sessions, a bus; knows no frame and no pump."""
