/* Knows the LM3S6965 evaluation board: 8 MHz crystal and PLL to 50 MHz, serial port 0, watchdog, LED on PF0, tone on PB0. */
#include "../cortex_m/hal.h"

#include "../../facts/pb_facts.h"
#include "../cortex_m/core.h"
#include "../cortex_m/pl011.h"
#include "board.h"

#define CLOCK_HZ 50000000u
#define UART_0 0x4000C000u

#define SYSCTL_RIS 0x400FE050u
#define SYSCTL_RESC 0x400FE05Cu
#define SYSCTL_RCC 0x400FE060u
#define SYSCTL_RCGC0 0x400FE100u
#define SYSCTL_RCGC1 0x400FE104u
#define SYSCTL_RCGC2 0x400FE108u
#define RIS_PLL_LOCKED 0x40u
#define RESC_WATCHDOG 8u
#define RCC_CRYSTAL_BYPASSED 0x00002B80u /* main oscillator, 8 MHz, PLL off and not used */
#define RCC_PLL_WARMS_UP 0x00000B80u     /* the same, PLL on */
#define RCC_50_MHZ 0x01C00380u           /* PLL in use, 200 MHz by 4 */

#define GPIO_A 0x40004000u
#define GPIO_B 0x40005000u
#define GPIO_F 0x40025000u
#define GPIO_PIN_0 0x004u /* the address masks which pins a write reaches */
#define GPIO_DIR 0x400u
#define GPIO_AFSEL 0x420u
#define GPIO_DEN 0x51Cu

#define WATCHDOG_LOAD 0x40000000u
#define WATCHDOG_CTL 0x40000008u
#define WATCHDOG_CLEAR 0x4000000Cu

static void begin_clock(void)
{
    *hal_register(SYSCTL_RCC) = RCC_CRYSTAL_BYPASSED;
    *hal_register(SYSCTL_RCC) = RCC_PLL_WARMS_UP;
    /* A PLL that never locks leaves the crystal in use: the serial port is then off its rate, the pump alive. */
    if (hal_wait(SYSCTL_RIS, RIS_PLL_LOCKED, RIS_PLL_LOCKED)) {
        *hal_register(SYSCTL_RCC) = RCC_50_MHZ;
    }
}

static void begin_pins(void)
{
    *hal_register(SYSCTL_RCGC1) |= 1u;
    *hal_register(SYSCTL_RCGC2) |= 0x23u;
    (void)*hal_register(SYSCTL_RCGC2);
    *hal_register(GPIO_A + GPIO_AFSEL) |= 3u;
    *hal_register(GPIO_A + GPIO_DEN) |= 3u;
    *hal_register(GPIO_B + GPIO_DIR) |= 1u;
    *hal_register(GPIO_B + GPIO_DEN) |= 1u;
    *hal_register(GPIO_F + GPIO_DIR) |= 1u;
    *hal_register(GPIO_F + GPIO_DEN) |= 1u;
}

static void begin_watchdog(void)
{
    *hal_register(SYSCTL_RCGC0) |= 8u;
    (void)*hal_register(SYSCTL_RCGC0);
    *hal_register(WATCHDOG_LOAD) = CLOCK_HZ * HAL_WATCHDOG_S;
    *hal_register(WATCHDOG_CTL) = 3; /* first an interrupt, then a reset */
    core_irq_enable(BOARD_WATCHDOG_IRQ);
}

void hal_begin(void)
{
    begin_clock();
    begin_pins();
    pl011_begin(UART_0, CLOCK_HZ);
    core_irq_enable(BOARD_UART_IRQ);
    begin_watchdog();
    core_systick_begin(CLOCK_HZ);
}

void hal_uart_isr(void)
{
    pl011_isr(UART_0);
}

void hal_put(uint8_t byte)
{
    pl011_put(UART_0, byte);
}

void hal_feed(void)
{
    *hal_register(WATCHDOG_CLEAR) = 1;
}

uint32_t hal_reset_cause(void)
{
    uint32_t reasons = *hal_register(SYSCTL_RESC);
    *hal_register(SYSCTL_RESC) = 0;
    return (reasons & RESC_WATCHDOG) != 0 ? PB_RESET_CAUSE_WATCHDOG : PB_RESET_CAUSE_NONE;
}

void hal_motor(bool on)
{
    *hal_register(GPIO_F + GPIO_PIN_0) = on;
}

void hal_tone(bool on)
{
    *hal_register(GPIO_B + GPIO_PIN_0) = on;
}
