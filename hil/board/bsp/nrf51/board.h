/* Knows the numbers of this family that shared code asks for; pins are those of the BBC micro:bit v1. */
#ifndef PB_BOARD_H
#define PB_BOARD_H

#define BOARD_IRQ_COUNT 9u
#define BOARD_UART_IRQ 2u
#define BOARD_WAKE_IRQ 8u
#define BOARD_SYSTICK 0

#define BOARD_FLASH_PAGE_BYTES 1024u
#define BOARD_TX_PIN 24u
#define BOARD_RX_PIN 25u
#define BOARD_MOTOR_PIN 2u /* edge connector 1 */
#define BOARD_TONE_PIN 3u  /* edge connector 0 */
#define BOARD_BAUDRATE 0x01D7E000u

#endif
