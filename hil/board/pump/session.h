/* Knows who may talk to the pump: one session, its timeout, its last request; it must not know what is asked. */
#ifndef PB_SESSION_H
#define PB_SESSION_H

#include "../wire/frame.h"
#include "pump.h"

/* All session fields back to 0, with its event. */
void pb_session_close(pb_pump_t *pump);

/* The session has been silent too long. */
void pb_session_expire(pb_pump_t *pump);

/* What an `open` comes to. */
typedef enum { PB_OPEN_REFUSED, PB_OPEN_AGAIN, PB_OPEN_NEW } pb_open_t;

/* On PB_OPEN_NEW the session is made; `why` is set on PB_OPEN_REFUSED. */
pb_open_t pb_session_open(pb_pump_t *pump, const pb_frame_t *frame, const pb_msg_open_t *asked, pb_refusal_t *why);

#endif
