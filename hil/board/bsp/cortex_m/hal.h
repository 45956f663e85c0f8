/* Knows what the firmware asks of a microcontroller; each family answers in its own folder, with registers by number. */
#ifndef PB_HAL_H
#define PB_HAL_H

#include <stdbool.h>
#include <stdint.h>

/* Clocks, pins, the serial port at 115200 8N1 with its receive interrupt, a free-running time and the watchdog. */
void hal_begin(void);

/* Free-running, wraps at 2^32. Something must wake the processor at least every 10 ms. */
uint32_t hal_now_us(void);

/* Sends one byte. Waits for room, but never for ever: hardware that stays busy costs the byte, not the pump. */
void hal_put(uint8_t byte);

/* Tells the watchdog that the main loop turns; it must be told within 4 s. */
void hal_feed(void);

/* What the hardware knows of the last reset: PB_RESET_CAUSE_WATCHDOG, or PB_RESET_CAUSE_NONE where it knows nothing. */
uint32_t hal_reset_cause(void);

/* Pins: a pulse for each motor step, a level while the alarm sounds. */
void hal_motor(bool on);
void hal_tone(bool on);

/* Interrupts, in the vector table of startup.c. */
void hal_uart_isr(void);
void hal_wake_isr(void);

/* Families with a program store in flash: a page becomes 0xFF, a word is written once after that. */
void hal_flash_erase(uintptr_t address);
void hal_flash_write(uintptr_t address, uint32_t word);

#define HAL_SPINS_MAX 1000000u
#define HAL_WATCHDOG_S 4u

static inline volatile uint32_t *hal_register(uintptr_t address)
{
    return (volatile uint32_t *)address;
}

/* Whether (register & mask) == wanted came true; bounded, because a flag of dead hardware never does. */
static inline bool hal_wait(uintptr_t address, uint32_t mask, uint32_t wanted)
{
    for (uint32_t spins = 0; spins < HAL_SPINS_MAX; spins++) {
        if ((*hal_register(address) & mask) == wanted) {
            return true;
        }
    }
    return false;
}

#endif
