/* Knows how a program is staged, judged and committed; it must not know how it reaches memory. */
#ifndef PB_STAGING_H
#define PB_STAGING_H

#include "pump.h"

bool pb_stage_program(pb_pump_t *pump, const pb_msg_stage_program_t *asked, pb_msg_staged_t *reply, pb_refusal_t *why);
bool pb_stage_flex(pb_pump_t *pump, const pb_msg_stage_flex_t *asked, pb_msg_staged_t *reply, pb_refusal_t *why);
bool pb_verify_program(pb_pump_t *pump, const pb_msg_verify_program_t *asked, pb_msg_verified_t *reply, pb_refusal_t *why);
bool pb_commit_program(pb_pump_t *pump, const pb_msg_commit_program_t *asked, pb_refusal_t *why);

#endif
