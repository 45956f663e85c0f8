/* Knows Arm's PL011 serial port, which two families have; they say where and at which clock. */
#ifndef PB_PL011_H
#define PB_PL011_H

#include <stdint.h>

void pl011_begin(uintptr_t base, uint32_t clock_hz);
void pl011_isr(uintptr_t base);
void pl011_put(uintptr_t base, uint8_t byte);

#endif
