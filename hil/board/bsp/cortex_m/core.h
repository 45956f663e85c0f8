/* Knows what processor and main loop offer to the families and to each other; it must not know a family. */
#ifndef PB_CORE_H
#define PB_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the receive interrupt: a byte, or that hardware lost at least one. Full, the ring drops the byte and counts it. */
void core_rx_isr(uint8_t byte);
void core_rx_lost_isr(void);

/* Bytes that came, oldest first; how many. */
size_t core_receive(uint8_t *out, size_t capacity);
bool core_received(void);
uint32_t core_lost_bytes(void);

/* Cortex-M's own timer as the time of hal_now_us; `hz` is what it counts. */
void core_systick_begin(uint32_t hz);
void core_systick_isr(void);

/* Opens an interrupt line of the controller. */
void core_irq_enable(uint32_t number);

/* Sleeps until an interrupt, unless bytes wait. */
void core_sleep(void);

/* Ends this run of the firmware; the next one is told `cause`. */
_Noreturn void core_reset(uint32_t cause);

/* Why this run began: a PB_RESET_CAUSE_*. To be asked once. */
uint32_t core_reset_cause(void);

_Noreturn void core_main(void);

#endif
