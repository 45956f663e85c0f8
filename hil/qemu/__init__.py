"""QEMU as a board: started, driven and broken from outside by QMP, gdb and qtest. Knows no pump and no frame."""
