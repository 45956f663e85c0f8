/* Knows the numbers of this family that shared code asks for. */
#ifndef PB_BOARD_H
#define PB_BOARD_H

#define BOARD_IRQ_COUNT 19u
#define BOARD_UART_IRQ 5u
#define BOARD_WAKE_IRQ 6u /* unused: the processor's own timer wakes it */
#define BOARD_WATCHDOG_IRQ 18u
#define BOARD_SYSTICK 1

#endif
