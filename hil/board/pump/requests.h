/* Knows what each accepted therapy request does; it must not know sessions, ids or frames on the wire. */
#ifndef PB_REQUESTS_H
#define PB_REQUESTS_H

#include "boluses.h"

/* One request between ticks: what is asked, and what the device answers. */
typedef struct {
    uint16_t type;
    const pb_request_t *asked;
    pb_fluid_key_t key;
    uint32_t bad_frame_count; /* of the link, for status */
    uint32_t refused_frame_count;

    uint16_t answer_type;
    pb_answer_t answer;
    bool cut; /* power was cut by this request's words */
} pb_call_t;

/* Whether a type is a therapy request at all. */
bool pb_request_known(uint16_t type);

/* A patient's session may ask for little. */
bool pb_request_for_patient(uint16_t type);

/* Carries the request out, writes its words, and answers. */
void pb_request_handle(pb_pump_t *pump, pb_call_t *call);

/* Writes the words of what happened between ticks; true: power was cut. */
bool pb_request_flush(pb_pump_t *pump);

/* Everything between ticks begins so. */
void pb_request_begin(pb_pump_t *pump);

void pb_call_refuse(pb_call_t *call, const pb_refusal_t *why);
void pb_call_done(pb_call_t *call);

#endif
