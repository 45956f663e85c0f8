/* Knows Nordic's nRF51 and nRF52: serial port, a 32-bit timer, flash controller, pins. board.h says which and where. */
#include "../cortex_m/hal.h"

#include "../../facts/pb_facts.h"
#include "../cortex_m/core.h"
#include "board.h"

#define CLOCK_HFCLKSTART 0x40000000u
#define CLOCK_HFCLKSTARTED 0x40000100u
#define POWER_RESETREAS 0x40000400u
#define RESETREAS_WATCHDOG 2u

#define UART_STARTRX 0x40002000u
#define UART_STARTTX 0x40002008u
#define UART_RXDRDY 0x40002108u
#define UART_TXDRDY 0x4000211Cu
#define UART_ERROR 0x40002124u
#define UART_INTENSET 0x40002304u
#define UART_ERRORSRC 0x40002480u
#define UART_ENABLE 0x40002500u
#define UART_PSELTXD 0x4000250Cu
#define UART_PSELRXD 0x40002514u
#define UART_RXD 0x40002518u
#define UART_TXD 0x4000251Cu
#define UART_BAUDRATE 0x40002524u
#define INT_RXDRDY_ERROR 0x204u
#define ERROR_OVERRUN 1u

#define TIMER_START 0x40008000u
#define TIMER_CAPTURE_1 0x40008044u
#define TIMER_COMPARE_0 0x40008140u
#define TIMER_INTENSET 0x40008304u
#define TIMER_BITMODE 0x40008508u
#define TIMER_PRESCALER 0x40008510u
#define TIMER_CC_0 0x40008540u
#define TIMER_CC_1 0x40008544u
#define INT_COMPARE_0 0x10000u
#define WAKE_US 10000u

#define WDT_START 0x40010000u
#define WDT_CRV 0x40010504u
#define WDT_RREN 0x40010508u
#define WDT_CONFIG 0x4001050Cu
#define WDT_RR_0 0x40010600u
#define WDT_KEY 0x6E524635u
#define WDT_HZ 32768u

#define NVMC_READY 0x4001E400u
#define NVMC_CONFIG 0x4001E504u
#define NVMC_ERASEPAGE 0x4001E508u
#define NVMC_READ 0u
#define NVMC_WRITE 1u
#define NVMC_ERASE 2u

#define GPIO_OUTSET 0x50000508u
#define GPIO_OUTCLR 0x5000050Cu
#define GPIO_DIRSET 0x50000518u

static void begin_serial(void)
{
    *hal_register(GPIO_OUTSET) = UINT32_C(1) << BOARD_TX_PIN;
    *hal_register(GPIO_DIRSET) = UINT32_C(1) << BOARD_TX_PIN;
    *hal_register(UART_PSELTXD) = BOARD_TX_PIN;
    *hal_register(UART_PSELRXD) = BOARD_RX_PIN;
    *hal_register(UART_BAUDRATE) = BOARD_BAUDRATE;
    *hal_register(UART_ENABLE) = 4;
    *hal_register(UART_INTENSET) = INT_RXDRDY_ERROR;
    *hal_register(UART_STARTTX) = 1;
    *hal_register(UART_STARTRX) = 1;
    core_irq_enable(BOARD_UART_IRQ);
}

/* The counter runs for ever and is read by capture; its comparison only wakes the processor. */
static void begin_time(void)
{
    *hal_register(CLOCK_HFCLKSTARTED) = 0;
    *hal_register(CLOCK_HFCLKSTART) = 1;
    (void)hal_wait(CLOCK_HFCLKSTARTED, 1, 1);
    *hal_register(TIMER_BITMODE) = 3;   /* 32 bits */
    *hal_register(TIMER_PRESCALER) = 4; /* 16 MHz by 16 */
    *hal_register(TIMER_CC_0) = WAKE_US;
    *hal_register(TIMER_INTENSET) = INT_COMPARE_0;
    *hal_register(TIMER_START) = 1;
    core_irq_enable(BOARD_WAKE_IRQ);
}

static void begin_watchdog(void)
{
    *hal_register(WDT_CONFIG) = 1; /* runs in sleep, stands under a debugger */
    *hal_register(WDT_CRV) = WDT_HZ * HAL_WATCHDOG_S;
    *hal_register(WDT_RREN) = 1;
    *hal_register(WDT_START) = 1;
}

void hal_begin(void)
{
    *hal_register(GPIO_DIRSET) = UINT32_C(1) << BOARD_MOTOR_PIN | UINT32_C(1) << BOARD_TONE_PIN;
    begin_serial();
    begin_time();
    begin_watchdog();
}

uint32_t hal_now_us(void)
{
    *hal_register(TIMER_CAPTURE_1) = 1;
    return *hal_register(TIMER_CC_1);
}

void hal_wake_isr(void)
{
    *hal_register(TIMER_COMPARE_0) = 0;
    *hal_register(TIMER_CC_0) = hal_now_us() + WAKE_US;
}

void hal_uart_isr(void)
{
    if (*hal_register(UART_ERROR) != 0) {
        *hal_register(UART_ERROR) = 0;
        uint32_t source = *hal_register(UART_ERRORSRC);
        *hal_register(UART_ERRORSRC) = source;
        if ((source & ERROR_OVERRUN) != 0) {
            core_rx_lost_isr();
        }
    }
    while (*hal_register(UART_RXDRDY) != 0) {
        *hal_register(UART_RXDRDY) = 0;
        core_rx_isr((uint8_t)(*hal_register(UART_RXD) & 0xFFu));
    }
}

void hal_put(uint8_t byte)
{
    *hal_register(UART_TXDRDY) = 0;
    *hal_register(UART_TXD) = byte;
    (void)hal_wait(UART_TXDRDY, 1, 1);
}

void hal_feed(void)
{
    *hal_register(WDT_RR_0) = WDT_KEY;
}

uint32_t hal_reset_cause(void)
{
    uint32_t reason = *hal_register(POWER_RESETREAS);
    *hal_register(POWER_RESETREAS) = reason;
    return (reason & RESETREAS_WATCHDOG) != 0 ? PB_RESET_CAUSE_WATCHDOG : PB_RESET_CAUSE_NONE;
}

static void set_pin(uint32_t pin, bool on)
{
    *hal_register(on ? GPIO_OUTSET : GPIO_OUTCLR) = UINT32_C(1) << pin;
}

void hal_motor(bool on)
{
    set_pin(BOARD_MOTOR_PIN, on);
}

void hal_tone(bool on)
{
    set_pin(BOARD_TONE_PIN, on);
}

/* One change of flash: between these the controller is open for it, and for nothing longer. */
static void flash_open(uint32_t how)
{
    *hal_register(NVMC_CONFIG) = how;
    (void)hal_wait(NVMC_READY, 1, 1);
}

static void flash_close(void)
{
    (void)hal_wait(NVMC_READY, 1, 1);
    *hal_register(NVMC_CONFIG) = NVMC_READ;
    hal_feed();
}

void hal_flash_erase(uintptr_t address)
{
    flash_open(NVMC_ERASE);
    *hal_register(NVMC_ERASEPAGE) = (uint32_t)address;
    flash_close();
}

void hal_flash_write(uintptr_t address, uint32_t word)
{
    flash_open(NVMC_WRITE);
    *hal_register(address) = word;
    flash_close();
}
