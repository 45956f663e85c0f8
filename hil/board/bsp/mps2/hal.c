/* Knows Arm's MPS2 board with the AN385 image: CMSDK serial port and watchdog, two LEDs. All clocks stand at 25 MHz. */
#include "../cortex_m/hal.h"

#include "../../facts/pb_facts.h"
#include "../cortex_m/core.h"
#include "board.h"

#define CLOCK_HZ 25000000u
#define BAUD 115200u

#define UART_DATA 0x40004000u
#define UART_STATE 0x40004004u
#define UART_CTRL 0x40004008u
#define UART_INT 0x4000400Cu
#define UART_BAUDDIV 0x40004010u
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define STATE_RX_OVERRUN 8u
#define CTRL_TX_RX_RXIRQ 11u
#define INT_RX 2u

#define WATCHDOG_LOAD 0x40008000u
#define WATCHDOG_CTRL 0x40008008u
#define WATCHDOG_CLEAR 0x4000800Cu
#define WATCHDOG_LOCK 0x40008C00u
#define WATCHDOG_KEY 0x1ACCE551u

#define LEDS 0x40028000u
#define LED_MOTOR 1u
#define LED_TONE 2u

void hal_begin(void)
{
    *hal_register(UART_BAUDDIV) = (CLOCK_HZ + BAUD / 2u) / BAUD;
    *hal_register(UART_CTRL) = CTRL_TX_RX_RXIRQ;
    core_irq_enable(BOARD_UART_IRQ);
    *hal_register(WATCHDOG_LOCK) = WATCHDOG_KEY;
    *hal_register(WATCHDOG_LOAD) = CLOCK_HZ * HAL_WATCHDOG_S;
    *hal_register(WATCHDOG_CTRL) = 3; /* first the NMI, then a reset */
    core_systick_begin(CLOCK_HZ);
}

void hal_uart_isr(void)
{
    *hal_register(UART_INT) = INT_RX;
    if ((*hal_register(UART_STATE) & STATE_RX_OVERRUN) != 0) {
        *hal_register(UART_STATE) = STATE_RX_OVERRUN;
        core_rx_lost_isr();
    }
    while ((*hal_register(UART_STATE) & STATE_RX_FULL) != 0) {
        core_rx_isr((uint8_t)(*hal_register(UART_DATA) & 0xFFu));
    }
}

void hal_put(uint8_t byte)
{
    (void)hal_wait(UART_STATE, STATE_TX_FULL, 0);
    *hal_register(UART_DATA) = byte;
}

void hal_feed(void)
{
    *hal_register(WATCHDOG_CLEAR) = 1;
}

/* The board has no register for it; the NMI leaves a note. */
uint32_t hal_reset_cause(void)
{
    return PB_RESET_CAUSE_NONE;
}

static void show(uint32_t led, bool on)
{
    uint32_t leds = *hal_register(LEDS);
    *hal_register(LEDS) = on ? leds | led : leds & ~led;
}

void hal_motor(bool on)
{
    show(LED_MOTOR, on);
}

void hal_tone(bool on)
{
    show(LED_TONE, on);
}
