/* Knows the RP2040 on a Pico: all clocks from the 12 MHz crystal, serial port 0 on GP0/GP1, LED GP25, tone GP15. */
#include "../cortex_m/hal.h"

#include "../../facts/pb_facts.h"
#include "../cortex_m/core.h"
#include "../cortex_m/pl011.h"
#include "board.h"

#define CLOCK_HZ 12000000u
#define UART_0 0x40034000u

#define RESETS_RESET 0x4000C000u
#define RESETS_DONE 0x4000C008u
#define RESETS_OURS 0x00400120u /* UART0, pads and IO of bank 0 */

#define XOSC_CTRL 0x40024000u
#define XOSC_STATUS 0x40024004u
#define XOSC_STARTUP 0x4002400Cu
#define XOSC_STABLE 0x80000000u
#define CLK_REF_CTRL 0x40008030u
#define CLK_REF_SELECTED 0x40008038u
#define CLK_SYS_CTRL 0x4000803Cu
#define CLK_SYS_SELECTED 0x40008044u
#define CLK_PERI_CTRL 0x40008048u
#define PERI_FROM_XOSC 0x880u

#define IO_CTRL 0x40014004u /* of pin n at + 8 n */
#define FUNCTION_UART 2u
#define FUNCTION_SIO 5u
#define SIO_OUT_SET 0xD0000014u
#define SIO_OUT_CLEAR 0xD0000018u
#define SIO_ENABLE_SET 0xD0000024u
#define MOTOR_PIN 25u
#define TONE_PIN 15u

#define WATCHDOG_CTRL 0x40058000u
#define WATCHDOG_LOAD 0x40058004u
#define WATCHDOG_REASON 0x40058008u
#define WATCHDOG_TICK 0x4005802Cu
#define WATCHDOG_ON 0x47000000u /* stands while a debugger halts a core */
/* The watchdog resets all but the crystal; the boot ROM then finds a RAM image by four words. */
#define PSM_WATCHDOG 0x40010008u
#define PSM_ALL_BUT_OSCILLATORS 0x0001FFFCu
#define WATCHDOG_SCRATCH_4 0x4005801Cu
#define BOOT_MAGIC 0xB007C0D3u
#define BOOT_ENTRY 0x20000001u
#define BOOT_STACK 0x20040000u
/* Silicon counts two for each microsecond. */
#define WATCHDOG_COUNT (HAL_WATCHDOG_S * 2000000u)

static void begin_clock(void)
{
    *hal_register(XOSC_STARTUP) = 47;
    *hal_register(XOSC_CTRL) = 0x00FABAA0u;
    (void)hal_wait(XOSC_STATUS, XOSC_STABLE, XOSC_STABLE);
    *hal_register(CLK_REF_CTRL) = 2;
    (void)hal_wait(CLK_REF_SELECTED, 4, 4);
    *hal_register(CLK_SYS_CTRL) = 0;
    (void)hal_wait(CLK_SYS_SELECTED, 1, 1);
    *hal_register(CLK_PERI_CTRL) = PERI_FROM_XOSC;
}

static void begin_pins(void)
{
    *hal_register(RESETS_RESET) &= ~RESETS_OURS;
    (void)hal_wait(RESETS_DONE, RESETS_OURS, RESETS_OURS);
    *hal_register(IO_CTRL + 8u * 0u) = FUNCTION_UART;
    *hal_register(IO_CTRL + 8u * 1u) = FUNCTION_UART;
    *hal_register(IO_CTRL + 8u * MOTOR_PIN) = FUNCTION_SIO;
    *hal_register(IO_CTRL + 8u * TONE_PIN) = FUNCTION_SIO;
    *hal_register(SIO_ENABLE_SET) = UINT32_C(1) << MOTOR_PIN | UINT32_C(1) << TONE_PIN;
}

static void begin_watchdog(void)
{
    *hal_register(WATCHDOG_SCRATCH_4 + 0u) = BOOT_MAGIC;
    *hal_register(WATCHDOG_SCRATCH_4 + 4u) = BOOT_ENTRY ^ (0u - BOOT_MAGIC);
    *hal_register(WATCHDOG_SCRATCH_4 + 8u) = BOOT_STACK;
    *hal_register(WATCHDOG_SCRATCH_4 + 12u) = BOOT_ENTRY;
    *hal_register(PSM_WATCHDOG) = PSM_ALL_BUT_OSCILLATORS;
    *hal_register(WATCHDOG_TICK) = 0x200u | CLOCK_HZ / 1000000u;
    hal_feed();
    *hal_register(WATCHDOG_CTRL) = WATCHDOG_ON;
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
    *hal_register(WATCHDOG_LOAD) = WATCHDOG_COUNT;
}

uint32_t hal_reset_cause(void)
{
    return *hal_register(WATCHDOG_REASON) != 0 ? PB_RESET_CAUSE_WATCHDOG : PB_RESET_CAUSE_NONE;
}

static void set_pin(uint32_t pin, bool on)
{
    *hal_register(on ? SIO_OUT_SET : SIO_OUT_CLEAR) = UINT32_C(1) << pin;
}

void hal_motor(bool on)
{
    set_pin(MOTOR_PIN, on);
}

void hal_tone(bool on)
{
    set_pin(TONE_PIN, on);
}
