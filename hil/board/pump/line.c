/* Knows the drug on its way from pump to tip (SEMANTICS.md, phase 14, step 6). */
#include "line.h"

void pb_line_fill(pb_plant_t *plant, uint32_t ng_per_ml)
{
    for (uint8_t i = 0; i < PB_LINE_PARCELS; i++) {
        plant->line_ng_per_ml[i] = ng_per_ml;
    }
}

static void shift(pb_plant_t *plant)
{
    for (uint8_t i = PB_LINE_PARCELS - 1; i > 0; i--) {
        plant->line_ng_per_ml[i] = plant->line_ng_per_ml[i - 1];
    }
    plant->line_ng_per_ml[0] = plant->reservoir_ng_per_ml;
}

/* Neighbours exchange, pair by pair from the pump; what one loses the other gains. */
static void mix(pb_plant_t *plant, uint32_t mix_ppm)
{
    uint32_t *line = plant->line_ng_per_ml;
    for (uint8_t i = 0; i + 1u < PB_LINE_PARCELS; i++) {
        uint32_t more = line[i] > line[i + 1] ? line[i] - line[i + 1] : line[i + 1] - line[i];
        uint32_t moved = (uint32_t)((uint64_t)more * mix_ppm / (2u * PB_PPM));
        if (line[i] > line[i + 1]) {
            line[i] -= moved;
            line[i + 1] += moved;
        } else {
            line[i] += moved;
            line[i + 1] -= moved;
        }
    }
}

void pb_line_advance(pb_pump_t *pump, uint64_t out_pl, bool bolus)
{
    pb_plant_t *plant = &pump->plant;
    plant->parcel_phase_pl += out_pl;
    if (plant->parcel_phase_pl >= plant->parcel_pl) {
        plant->parcel_phase_pl -= plant->parcel_pl;
        shift(plant);
        mix(plant, bolus ? pump->config.mix_bolus_ppm : pump->config.mix_basal_ppm);
    }
}
