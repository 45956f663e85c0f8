/* Knows how a bolus starts and is cancelled, and the ring of records of what moved fluid; it must not know who may ask. */
#ifndef PB_BOLUSES_H
#define PB_BOLUSES_H

#include "pump.h"

#define PB_BOLUS_KINDS 5u
#define PB_BOLUS_KINDS_ALL ((1u << PB_BOLUS_KINDS) - 1u)

/* Request id and CRC of type and body: what makes a movement of fluid one of its kind. */
typedef struct {
    uint32_t id;
    uint32_t crc;
} pb_fluid_key_t;

/* owed_q in nl, rounded up. */
uint64_t pb_owed_nl(uint64_t owed_q);

void pb_fluid_record(pb_pump_t *pump, pb_fluid_key_t key, uint8_t kind, uint32_t volume_nl);

/* Index of the RUNNING record of a kind, or -1. */
int pb_fluid_running(const pb_durable_t *durable, uint8_t kind);

/* Index of the record a key names, or -1. */
int pb_fluid_find(const pb_durable_t *durable, pb_fluid_key_t key);

uint32_t pb_fluid_delivered_nl(const pb_durable_t *durable, int index);

/* The RUNNING record of a kind, if there is one, gets its outcome; its id, else 0. */
uint32_t pb_fluid_end(pb_durable_t *durable, uint8_t kind, uint8_t outcome);

/* Owed and commanded from here on, but not told yet. */
void pb_bolus_owe(pb_durable_t *durable, uint8_t kind, uint64_t volume_nl, uint64_t rate_q);

void pb_bolus_start(pb_pump_t *pump, uint8_t kind, uint64_t volume_nl, uint64_t rate_q);

/* The boluses of a set of kinds that are owed, in order of kind. */
void pb_boluses_cancel(pb_pump_t *pump, uint32_t kinds);

#endif
