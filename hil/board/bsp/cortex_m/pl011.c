/* Knows Arm's PL011 serial port; see pl011.h. */
#include "pl011.h"

#include "core.h"
#include "hal.h"

#define BAUD 115200u
#define DATA 0x00u
#define FLAGS 0x18u
#define BAUD_WHOLE 0x24u
#define BAUD_64THS 0x28u
#define LINE 0x2Cu
#define CONTROL 0x30u
#define MASK 0x38u
#define CLEAR 0x44u

#define FLAG_RX_EMPTY 0x10u
#define FLAG_TX_FULL 0x20u
#define DATA_OVERRUN 0x800u
#define LINE_8_BITS_FIFO 0x70u
#define CONTROL_ON 0x301u
#define INT_RX 0x10u
#define INT_RX_TIMEOUT 0x40u

void pl011_begin(uintptr_t base, uint32_t clock_hz)
{
    /* The rate is the clock by 16 and by this many 64ths, rounded. */
    uint32_t divisor_64ths = (clock_hz * 4u + BAUD / 2u) / BAUD;
    *hal_register(base + CONTROL) = 0;
    *hal_register(base + BAUD_WHOLE) = divisor_64ths / 64u;
    *hal_register(base + BAUD_64THS) = divisor_64ths % 64u;
    *hal_register(base + LINE) = LINE_8_BITS_FIFO;
    *hal_register(base + MASK) = INT_RX | INT_RX_TIMEOUT;
    *hal_register(base + CONTROL) = CONTROL_ON;
}

void pl011_isr(uintptr_t base)
{
    *hal_register(base + CLEAR) = INT_RX | INT_RX_TIMEOUT;
    while ((*hal_register(base + FLAGS) & FLAG_RX_EMPTY) == 0) {
        uint32_t data = *hal_register(base + DATA);
        if ((data & DATA_OVERRUN) != 0) {
            core_rx_lost_isr();
        }
        core_rx_isr((uint8_t)(data & 0xFFu));
    }
}

void pl011_put(uintptr_t base, uint8_t byte)
{
    (void)hal_wait(base + FLAGS, FLAG_TX_FULL, 0);
    *hal_register(base + DATA) = byte;
}
