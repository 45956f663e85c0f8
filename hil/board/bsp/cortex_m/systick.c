/* Knows the timer inside the processor as a time that wraps; families without it bring their own. */
#include "core.h"
#include "hal.h"

#define SYST_CSR 0xE000E010u
#define SYST_RVR 0xE000E014u
#define SYST_CVR 0xE000E018u
#define PERIOD_US 10000u
#define PERIODS_PER_S 100u

static volatile uint32_t periods;

void core_systick_isr(void)
{
    periods++;
}

uint32_t hal_now_us(void)
{
    return periods * PERIOD_US;
}

void core_systick_begin(uint32_t hz)
{
    *hal_register(SYST_RVR) = hz / PERIODS_PER_S - 1u;
    *hal_register(SYST_CVR) = 0;
    *hal_register(SYST_CSR) = 7; /* counts the processor's clock, interrupts, runs */
}

void hal_wake_isr(void)
{
}
