/* Knows the states of therapy and who may leave them how; it must not know what flows in them. */
#ifndef PB_THERAPY_H
#define PB_THERAPY_H

#include "pump.h"

/* What a commanded transition does in a state. */
#define PB_ANSWER_REFUSED 0u
#define PB_ANSWER_DONE 1u
#define PB_ANSWER_GO 2u

#define PB_COMMAND_STOP 0u
#define PB_COMMAND_RESUME 1u
#define PB_COMMAND_BOLUS 2u
#define PB_COMMAND_COMMIT 3u
#define PB_COMMAND_COUNT 4u
#define PB_THERAPY_STATE_COUNT 6u

uint8_t pb_therapy_answer(uint8_t command, uint8_t state);

bool pb_therapy_stop(pb_pump_t *pump, pb_refusal_t *why);
bool pb_therapy_resume(pb_pump_t *pump, pb_refusal_t *why);

/* The therapy state, or in EMPTY the one a refill goes back to. */
uint8_t *pb_state_behind_empty(pb_durable_t *durable);

/* Sensed: final, or until a commit. Neither is entered from ENDED. */
void pb_therapy_end(pb_pump_t *pump);
void pb_therapy_make_safe(pb_pump_t *pump);

#endif
