/*
 * Knows STM32F405 and the Nucleo boards F446RE, F411RE, F401RE by one image: serial port 2 on PA2/PA3, the 16 MHz internal
 * oscillator as it runs after a reset, PA5 (the LED) for the motor, PA8 for the tone. It knows QEMU by a chip id of zero.
 */
#include "../cortex_m/hal.h"

#include "../../facts/pb_facts.h"
#include "../cortex_m/core.h"
#include "board.h"

#define HSI_HZ 16000000u
#define QEMU_HZ 168000000u
#define BAUD 115200u

#define RCC_AHB1ENR 0x40023830u
#define RCC_APB1ENR 0x40023840u
#define RCC_CSR 0x40023874u
#define CSR_CLEAR 0x01000000u
#define CSR_WATCHDOGS 0x60000000u

#define GPIOA_MODER 0x40020000u
#define GPIOA_PUPDR 0x4002000Cu
#define GPIOA_BSRR 0x40020018u
#define GPIOA_AFRL 0x40020020u
#define MOTOR_PIN 5u
#define TONE_PIN 8u

#define USART_SR 0x40004400u
#define USART_DR 0x40004404u
#define USART_BRR 0x40004408u
#define USART_CR1 0x4000440Cu
#define SR_OVERRUN 0x08u
#define SR_RX 0x20u
#define SR_TX_EMPTY 0x80u
#define CR1_ON 0x202Cu /* port, transmitter, receiver, receive interrupt */

#define IWDG_KR 0x40003000u
#define IWDG_PR 0x40003004u
#define IWDG_RLR 0x40003008u
#define IWDG_SR 0x4000300Cu
#define IWDG_HZ 125u /* 32 kHz by 256 */

#define DBGMCU_IDCODE 0xE0042000u
#define DBGMCU_APB1_FZ 0xE0042008u
#define FREEZE_IWDG 0x1000u

static bool in_qemu(void)
{
    return *hal_register(DBGMCU_IDCODE) == 0;
}

/* Two bits for each pin. */
static void set_pair(uintptr_t address, uint32_t pin, uint32_t value)
{
    uint32_t others = *hal_register(address) & ~(UINT32_C(3) << 2u * pin);
    *hal_register(address) = others | value << 2u * pin;
}

static void begin_pins(void)
{
    *hal_register(RCC_AHB1ENR) |= 1u;
    (void)*hal_register(RCC_AHB1ENR);
    *hal_register(GPIOA_AFRL) = (*hal_register(GPIOA_AFRL) & ~UINT32_C(0xFF00)) | 0x7700u;
    set_pair(GPIOA_PUPDR, 3, 1); /* an open line idles */
    set_pair(GPIOA_MODER, 2, 2);
    set_pair(GPIOA_MODER, 3, 2);
    set_pair(GPIOA_MODER, MOTOR_PIN, 1);
    set_pair(GPIOA_MODER, TONE_PIN, 1);
}

static void begin_serial(void)
{
    *hal_register(RCC_APB1ENR) |= UINT32_C(1) << 17;
    (void)*hal_register(RCC_APB1ENR);
    *hal_register(USART_BRR) = (HSI_HZ + BAUD / 2u) / BAUD;
    *hal_register(USART_CR1) = CR1_ON;
    core_irq_enable(BOARD_UART_IRQ);
}

static void begin_watchdog(void)
{
    *hal_register(DBGMCU_APB1_FZ) |= FREEZE_IWDG;
    *hal_register(IWDG_KR) = 0xCCCCu;
    *hal_register(IWDG_KR) = 0x5555u;
    *hal_register(IWDG_PR) = 6;
    *hal_register(IWDG_RLR) = IWDG_HZ * HAL_WATCHDOG_S;
    (void)hal_wait(IWDG_SR, 3, 0);
    hal_feed();
}

void hal_begin(void)
{
    begin_pins();
    begin_serial();
    if (!in_qemu()) {
        begin_watchdog();
    }
    core_systick_begin(in_qemu() ? QEMU_HZ : HSI_HZ);
}

void hal_uart_isr(void)
{
    uint32_t status = *hal_register(USART_SR);
    if ((status & SR_OVERRUN) != 0) {
        core_rx_lost_isr();
    }
    /* Reading the data after the status clears both flags. */
    uint32_t data = *hal_register(USART_DR);
    if ((status & SR_RX) != 0) {
        core_rx_isr((uint8_t)(data & 0xFFu));
    }
}

void hal_put(uint8_t byte)
{
    (void)hal_wait(USART_SR, SR_TX_EMPTY, SR_TX_EMPTY);
    *hal_register(USART_DR) = byte;
}

void hal_feed(void)
{
    *hal_register(IWDG_KR) = 0xAAAAu;
}

uint32_t hal_reset_cause(void)
{
    uint32_t status = *hal_register(RCC_CSR);
    *hal_register(RCC_CSR) = status | CSR_CLEAR;
    return (status & CSR_WATCHDOGS) != 0 ? PB_RESET_CAUSE_WATCHDOG : PB_RESET_CAUSE_NONE;
}

static void set_pin(uint32_t pin, bool on)
{
    *hal_register(GPIOA_BSRR) = UINT32_C(1) << (on ? pin : pin + 16u);
}

void hal_motor(bool on)
{
    set_pin(MOTOR_PIN, on);
}

void hal_tone(bool on)
{
    set_pin(TONE_PIN, on);
}
