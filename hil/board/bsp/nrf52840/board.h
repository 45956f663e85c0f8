/* Knows the numbers of this family that shared code asks for; pins are those of the nRF52840-DK. */
#ifndef PB_BOARD_H
#define PB_BOARD_H

#define BOARD_IRQ_COUNT 9u
#define BOARD_UART_IRQ 2u
#define BOARD_WAKE_IRQ 8u
#define BOARD_SYSTICK 0

#define BOARD_FLASH_PAGE_BYTES 4096u
#define BOARD_TX_PIN 6u
#define BOARD_RX_PIN 8u
#define BOARD_MOTOR_PIN 3u /* A0 */
#define BOARD_TONE_PIN 4u  /* A1 */
#define BOARD_BAUDRATE 0x01D60000u

#endif
