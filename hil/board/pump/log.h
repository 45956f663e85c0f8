/* Knows how a logged effect becomes a ring entry of eight words, and back; it must not know what is logged. */
#ifndef PB_LOG_H
#define PB_LOG_H

#include "pump.h"

/* Puts an entry on the write list with the values of now. */
void pb_log_append(pb_pump_t *pump, uint16_t code, uint32_t arg_0, uint32_t arg_1);

/* The eight words of entry `index` of the write list. */
void pb_log_words(const pb_pump_t *pump, uint8_t index, uint32_t words[PB_LOG_ENTRY_WORDS]);

/* Address of the entry that sequence `seq` has. */
uint16_t pb_log_address(uint32_t seq);

/* Whether the entry at an address verifies. */
bool pb_log_valid(const pb_pump_t *pump, uint16_t address);

/* 1 + the largest sequence of a valid entry, 0 without one. */
uint32_t pb_log_next_seq(const pb_pump_t *pump);

/* How many entries that were written do not verify. */
uint32_t pb_log_broken(const pb_pump_t *pump);

/* Fills a page from `from_seq` on. */
void pb_log_page(const pb_pump_t *pump, uint32_t from_seq, pb_msg_log_page_t *page);

#endif
