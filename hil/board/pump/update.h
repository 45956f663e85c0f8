/* Knows how a staged program reaches memory and takes effect, stage by stage; it must not know whether it is allowed. */
#ifndef PB_UPDATE_H
#define PB_UPDATE_H

#include "pump.h"

/* All words but the commit word, eight a tick. */
#define PB_UPDATE_WRITE_WORDS (PB_PROGRAM_SLOT_WORDS - 1u)
#define PB_UPDATE_WRITE_TICKS (PB_UPDATE_WRITE_WORDS / PB_UPDATE_WORDS_PER_TICK)

void pb_update_start(pb_pump_t *pump);

/* One tick of an update that runs. */
void pb_update_advance(pb_pump_t *pump);

/* Flags, therapy state and schedule of a program that has just come into force. */
void pb_update_enter(pb_pump_t *pump);

#endif
