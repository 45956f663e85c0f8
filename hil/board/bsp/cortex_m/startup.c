/* Knows how the processor comes to C: vectors, initial memory, and what a fault does. */
#include <string.h>

#include "../../facts/pb_facts.h"
#include "board.h"
#include "core.h"
#include "hal.h"

#define SCB_VTOR 0xE000ED08u

/* Named by the linker script; only their addresses mean anything. */
extern uint8_t ld_data_from[], ld_data[], ld_data_end[], ld_bss[], ld_bss_end[], ld_stack_top[];

_Noreturn void core_start(void);

/* A fault, or the watchdog's warning where it gives one: the firmware hangs, and says so to the next run. */
static void fault(void)
{
    core_reset(PB_RESET_CAUSE_WATCHDOG);
}

typedef union {
    const void *stack_top;
    void (*handler)(void);
} vector_t;

__attribute__((section(".vectors"), used)) static const vector_t vectors[16u + BOARD_IRQ_COUNT] = {
    [0] = {.stack_top = ld_stack_top},
    [1] = {.handler = core_start},
    [2] = {.handler = fault},
    [3] = {.handler = fault},
#if BOARD_SYSTICK
    [15] = {.handler = core_systick_isr},
#endif
    [16u + BOARD_UART_IRQ] = {.handler = hal_uart_isr},
    [16u + BOARD_WAKE_IRQ] = {.handler = hal_wake_isr},
#ifdef BOARD_WATCHDOG_IRQ
    [16u + BOARD_WATCHDOG_IRQ] = {.handler = fault},
#endif
};

_Noreturn void core_start(void)
{
    memcpy(ld_data, ld_data_from, (size_t)(ld_data_end - ld_data));
    memset(ld_bss, 0, (size_t)(ld_bss_end - ld_bss));
    *hal_register(SCB_VTOR) = (uint32_t)(uintptr_t)vectors;
    core_main();
}
