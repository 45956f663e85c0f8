/* Knows how a bolus starts and is cancelled, and the ring of records (SEMANTICS.md, sections 5.1 to 5.3). */
#include "boluses.h"

#include "arithmetic.h"
#include "effects.h"
#include "refill.h"

uint64_t pb_owed_nl(uint64_t owed_q)
{
    return (owed_q + PB_Q_PER_NL - 1) / PB_Q_PER_NL;
}

void pb_fluid_record(pb_pump_t *pump, pb_fluid_key_t key, uint8_t kind, uint32_t volume_nl)
{
    pb_durable_t *durable = &pump->durable;
    uint8_t head = durable->fluid_head_index;
    durable->fluid_id[head] = key.id;
    durable->fluid_crc[head] = key.crc;
    durable->fluid_kind[head] = kind;
    durable->fluid_outcome[head] = PB_FLUID_OUTCOME_RUNNING;
    durable->fluid_volume_nl[head] = volume_nl;
    durable->fluid_delivered_nl[head] = 0;
    durable->fluid_head_index = (uint8_t)((head + 1u) % PB_FLUID_RECORDS);
    if (key.id > durable->fluid_highest_id) {
        durable->fluid_highest_id = key.id;
    }
}

int pb_fluid_running(const pb_durable_t *durable, uint8_t kind)
{
    for (int i = 0; i < (int)PB_FLUID_RECORDS; i++) {
        if (durable->fluid_outcome[i] == PB_FLUID_OUTCOME_RUNNING && durable->fluid_kind[i] == kind) {
            return i;
        }
    }
    return -1;
}

int pb_fluid_find(const pb_durable_t *durable, pb_fluid_key_t key)
{
    for (int i = 0; i < (int)PB_FLUID_RECORDS; i++) {
        bool kept = durable->fluid_outcome[i] != PB_FLUID_OUTCOME_NONE;
        if (kept && durable->fluid_id[i] == key.id && durable->fluid_crc[i] == key.crc) {
            return i;
        }
    }
    return -1;
}

uint32_t pb_fluid_delivered_nl(const pb_durable_t *durable, int index)
{
    uint8_t kind = durable->fluid_kind[index];
    if (durable->fluid_outcome[index] != PB_FLUID_OUTCOME_RUNNING || kind >= PB_BOLUS_KINDS) {
        return durable->fluid_delivered_nl[index];
    }
    return (uint32_t)pb_less(durable->fluid_volume_nl[index], pb_owed_nl(durable->owed_q[kind]));
}

uint32_t pb_fluid_end(pb_durable_t *durable, uint8_t kind, uint8_t outcome)
{
    int index = pb_fluid_running(durable, kind);
    if (index < 0) {
        return 0;
    }
    durable->fluid_delivered_nl[index] = pb_fluid_delivered_nl(durable, index);
    durable->fluid_outcome[index] = outcome;
    return durable->fluid_id[index];
}

void pb_bolus_owe(pb_durable_t *durable, uint8_t kind, uint64_t volume_nl, uint64_t rate_q)
{
    durable->owed_q[kind] = volume_nl * PB_Q_PER_NL;
    durable->bolus_q[kind] = (uint32_t)rate_q;
    durable->commanded_q += volume_nl * PB_Q_PER_NL;
}

void pb_bolus_start(pb_pump_t *pump, uint8_t kind, uint64_t volume_nl, uint64_t rate_q)
{
    pb_bolus_owe(&pump->durable, kind, volume_nl, rate_q);
    pb_refill_due_anew(pump);
    pb_emit(pump, PB_EVENT_BOLUS_STARTED, kind, pb_u32(volume_nl));
}

static void cancel(pb_pump_t *pump, uint8_t kind)
{
    pb_durable_t *durable = &pump->durable;
    uint64_t owed_q = durable->owed_q[kind];
    durable->cancelled_q += owed_q;
    pb_fluid_end(durable, kind, PB_FLUID_OUTCOME_CANCELLED);
    pb_emit(pump, PB_EVENT_BOLUS_CANCELLED, kind, pb_u32(pb_owed_nl(owed_q)));
    durable->owed_q[kind] = 0;
    durable->bolus_q[kind] = 0;
}

void pb_boluses_cancel(pb_pump_t *pump, uint32_t kinds)
{
    for (uint8_t kind = 0; kind < PB_BOLUS_KINDS; kind++) {
        if (pb_bit(kinds, kind) && pump->durable.owed_q[kind] > 0) {
            cancel(pump, kind);
        }
    }
}
