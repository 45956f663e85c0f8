/* Knows what one pump is in memory: five digested parts, and beside them what follows from these or is no state. */
#ifndef PB_PUMP_H
#define PB_PUMP_H

#include <stdbool.h>

#include "../facts/pb_facts.h"

/* More logged effects than any one tick can emit: nine alarms, five bolus cancels twice, and one of each other code. */
#define PB_PENDING_LOG_MAX 56u

/* A logged effect that waits for its words to be written. */
typedef struct {
    uint64_t life_ticks;
    uint32_t clock_word;
    uint32_t arg_0;
    uint32_t arg_1;
    uint16_t code;
    uint16_t boot_count;
} pb_pending_log_t;

/* The write list of a tick or request, in order: log entries, then the words, then the check-point if it is due. */
typedef struct {
    uint8_t log_count;
    uint8_t word_count;
    uint16_t word_address;
    uint32_t words[PB_UPDATE_WORDS_PER_TICK];
    pb_pending_log_t log[PB_PENDING_LOG_MAX];
} pb_write_list_t;

/* Functions of the state, made anew by pb_cache_refresh whenever something but the tick's own course changes it. */
typedef struct {
    pb_program_t program; /* the image in force, decoded */
    uint32_t basal_nl_per_day;
    uint32_t basal_until_day_ticks; /* the rate holds before this tick of the clock day */
    uint32_t hour_left_ticks;       /* until the tick is a multiple of an hour */
    uint32_t day_left_ticks;
    uint8_t flex_index;
    bool flex;
    bool tone_stale; /* the tone plan has to be derived again */
} pb_cache_t;

/* What happened in the last tick, or since the last request began: bits of `marks`. */
#define PB_MARK_EFFECT 1u
#define PB_MARK_ALARM 2u
#define PB_MARK_TONE 4u
#define PB_MARK_RESET 8u
#define PB_MARK_STEP 16u
#define PB_MARK_SAMPLE 32u

/* One effect as tests and the bench's explanations see it. */
typedef struct {
    uint64_t tick;
    uint32_t arg_0;
    uint32_t arg_1;
    uint16_t code;
} pb_effect_t;

typedef struct {
    pb_config_t config;
    pb_controller_t controller;
    pb_durable_t durable;
    pb_plant_t plant;
    pb_memory_t memory;

    pb_cache_t cache;
    pb_identity_t identity;
    uint64_t now; /* the tick that stamps effects */
    uint32_t marks;
    bool plant_outside;   /* the bench has it, and lets this pump feel it; `plant` holds only what is felt and asked for */
    bool rotor_vouched;   /* outside: every step of the credit that runs turns the rotor */
    uint8_t load;         /* of the last tick: bits of PB_LOAD_* */
    uint32_t effect_count;
    uint32_t effect_crc;
    pb_write_list_t writes;

    pb_effect_t *trace; /* a ring of the caller's, or NULL */
    size_t trace_capacity;
    uint64_t trace_count;
} pb_pump_t;

typedef struct {
    uint16_t refusal;
    uint32_t limit;
    uint32_t value;
} pb_refusal_t;

static inline bool pb_bit(uint32_t bits, uint32_t code)
{
    return (bits & PB_BIT(code)) != 0;
}

#endif
