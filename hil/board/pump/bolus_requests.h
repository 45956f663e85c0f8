/* Knows who may have which bolus when; it must not know how it flows. */
#ifndef PB_BOLUS_REQUESTS_H
#define PB_BOLUS_REQUESTS_H

#include "boluses.h"

/* Each starts its bolus and fills the reply, or refuses, logs it and changes nothing else. */
bool pb_patient_bolus(pb_pump_t *pump, pb_fluid_key_t key, pb_msg_started_t *reply, pb_refusal_t *why);
bool pb_clinician_bolus(pb_pump_t *pump, const pb_msg_bolus_t *asked, pb_fluid_key_t key, pb_msg_started_t *reply,
                        pb_refusal_t *why);
bool pb_prime(pb_pump_t *pump, const pb_msg_prime_t *asked, pb_fluid_key_t key, pb_msg_started_t *reply, pb_refusal_t *why);

#endif
