/* Knows the words of program slots and check-points, and how a write list goes out; it must not know when. */
#ifndef PB_STORE_H
#define PB_STORE_H

#include "pump.h"

void pb_store_erase(pb_pump_t *pump);

bool pb_slot_erased(const pb_pump_t *pump, uint8_t slot);
bool pb_slot_valid(const pb_pump_t *pump, uint8_t slot);
uint32_t pb_slot_seq(const pb_pump_t *pump, uint8_t slot);
uint16_t pb_slot_address(uint8_t slot);
const uint32_t *pb_slot_body(const pb_pump_t *pump, uint8_t slot);

/* Word `index` (0..56) of a slot that holds `body` under `seq`. */
uint32_t pb_slot_word(uint32_t seq, const uint32_t *body, uint8_t index);

bool pb_checkpoint_valid(const pb_pump_t *pump, uint8_t slot);
uint32_t pb_checkpoint_seq(const pb_pump_t *pump, uint8_t slot);

/* Makes the newest valid check-point the durable part; false where there is none. */
bool pb_checkpoint_load(pb_pump_t *pump);

/* Whether a slot was written and is not valid. */
bool pb_checkpoint_torn(const pb_pump_t *pump);

/* An empty write list. */
void pb_writes_begin(pb_pump_t *pump);

/* Puts a word on the list behind the log entries; words of one list follow each other in memory. */
void pb_writes_add(pb_pump_t *pump, uint16_t address, uint32_t word);

/* The whole list goes out, or as much of it as an armed power cut leaves. True: power was cut. */
bool pb_writes_flush(pb_pump_t *pump);

/* A board supplies it, to keep what has just been written to one address where a reset leaves it. */
void pb_board_keep(const uint32_t *words, uint16_t address);

#endif
