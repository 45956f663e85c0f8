/* Knows what every Cortex-M has: interrupt lines, sleep, and a reset whose cause outlives it. */
#include "../../facts/pb_facts.h"
#include "core.h"
#include "hal.h"

#define NVIC_ISER 0xE000E100u
#define SCB_AIRCR 0xE000ED0Cu
#define SCB_AIRCR_RESET 0x05FA0004u

/* RAM that no start clears: after power-on it holds noise, hence the magic. */
#define LEFT_MAGIC UINT32_C(0x4C454654)
static struct {
    uint32_t magic;
    uint32_t cause;
} left __attribute__((section(".noinit")));

void core_irq_enable(uint32_t number)
{
    *hal_register(NVIC_ISER + 4u * (number / 32u)) = UINT32_C(1) << number % 32u;
}

void core_sleep(void)
{
    /* Masked, an interrupt still ends the sleep but runs only after it: none slips in between the question and the sleep. */
    __asm volatile("cpsid i" ::: "memory");
    if (!core_received()) {
        __asm volatile("dsb\n wfi" ::: "memory");
    }
    __asm volatile("cpsie i\n isb" ::: "memory");
}

_Noreturn void core_reset(uint32_t cause)
{
    left.magic = LEFT_MAGIC;
    left.cause = cause;
    __asm volatile("dsb" ::: "memory");
    *hal_register(SCB_AIRCR) = SCB_AIRCR_RESET;
    for (;;) {
    }
}

uint32_t core_reset_cause(void)
{
    uint32_t hardware = hal_reset_cause();
    uint32_t cause = left.magic == LEFT_MAGIC ? left.cause : hardware;
    left.magic = 0;
    return cause == PB_RESET_CAUSE_NONE ? PB_RESET_CAUSE_POWER_CUT : cause;
}
