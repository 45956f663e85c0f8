/* Knows the words of program slots and check-points, and how a write list goes out (SEMANTICS.md, section 8). */
#include "store.h"

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "../wire/layout.h"
#include "log.h"
#include "program_rules.h"

#define SLOT_CRC_INDEX (PB_PROGRAM_SLOT_WORDS - 2u)
#define SLOT_COMMIT_INDEX (PB_PROGRAM_SLOT_WORDS - 1u)
#define CHECKPOINT_CRC_INDEX (PB_CHECKPOINT_SLOT_WORDS - 2u)
#define CHECKPOINT_COMMIT_INDEX (PB_CHECKPOINT_SLOT_WORDS - 1u)

void pb_store_erase(pb_pump_t *pump)
{
    for (uint16_t i = 0; i < PB_MEMORY_WORDS; i++) {
        pump->memory.words[i] = PB_ERASED;
    }
}

uint16_t pb_slot_address(uint8_t slot)
{
    return slot == 0 ? PB_PROGRAM_SLOT_ADDRESS_0 : PB_PROGRAM_SLOT_ADDRESS_1;
}

uint32_t pb_slot_seq(const pb_pump_t *pump, uint8_t slot)
{
    return pump->memory.words[pb_slot_address(slot)];
}

const uint32_t *pb_slot_body(const pb_pump_t *pump, uint8_t slot)
{
    return &pump->memory.words[pb_slot_address(slot) + 1];
}

bool pb_slot_erased(const pb_pump_t *pump, uint8_t slot)
{
    return pb_slot_seq(pump, slot) == PB_ERASED;
}

/* Both forms of a slot share head, CRC over head and body, and the commit word. */
static bool sealed(const uint32_t *words, uint32_t crc_index)
{
    return words[crc_index] == pb_crc32c_words(words, crc_index) && words[crc_index + 1] == (words[0] ^ PB_COMMIT_MAGIC);
}

bool pb_slot_valid(const pb_pump_t *pump, uint8_t slot)
{
    return !pb_slot_erased(pump, slot) && sealed(&pump->memory.words[pb_slot_address(slot)], SLOT_CRC_INDEX) &&
           pb_program_sound(pb_slot_body(pump, slot));
}

uint32_t pb_slot_word(uint32_t seq, const uint32_t *body, uint8_t index)
{
    if (index == 0) {
        return seq;
    }
    if (index < SLOT_CRC_INDEX) {
        return body[index - 1];
    }
    if (index == SLOT_COMMIT_INDEX) {
        return seq ^ PB_COMMIT_MAGIC;
    }
    uint32_t running = pb_crc32c_more_words(PB_CRC32C_BEGIN, &seq, 1);
    return pb_crc32c_end(pb_crc32c_more_words(running, body, PB_PROGRAM_BODY_WORDS));
}

static uint16_t checkpoint_address(uint8_t slot)
{
    return slot == 0 ? PB_CHECKPOINT_SLOT_ADDRESS_0 : PB_CHECKPOINT_SLOT_ADDRESS_1;
}

uint32_t pb_checkpoint_seq(const pb_pump_t *pump, uint8_t slot)
{
    return pump->memory.words[checkpoint_address(slot)];
}

/* Canonical bytes of a check-point's image. */
static void checkpoint_bytes(const pb_pump_t *pump, uint8_t slot, uint8_t bytes[PB_CHECKPOINT_BODY_BYTES])
{
    const uint32_t *body = &pump->memory.words[checkpoint_address(slot) + 1];
    for (uint16_t i = 0; i < PB_CHECKPOINT_BODY_WORDS; i++) {
        pb_put_le32(bytes + 4u * i, body[i]);
    }
}

bool pb_checkpoint_valid(const pb_pump_t *pump, uint8_t slot)
{
    uint8_t bytes[PB_CHECKPOINT_BODY_BYTES];
    uint32_t seq = pb_checkpoint_seq(pump, slot);
    if (seq == PB_ERASED || !sealed(&pump->memory.words[checkpoint_address(slot)], CHECKPOINT_CRC_INDEX)) {
        return false;
    }
    /* A CRC vouches for words, not for sense: an index out of its range must never reach the durable part. */
    checkpoint_bytes(pump, slot, bytes);
    return pb_le32(bytes) == seq && pb_layout_in_range(&pb_layout_durable, bytes);
}

bool pb_checkpoint_load(pb_pump_t *pump)
{
    bool valid[PB_CHECKPOINT_SLOTS] = {pb_checkpoint_valid(pump, 0), pb_checkpoint_valid(pump, 1)};
    uint8_t bytes[PB_CHECKPOINT_BODY_BYTES];
    if (!valid[0] && !valid[1]) {
        return false;
    }
    bool second = valid[1] && (!valid[0] || pb_checkpoint_seq(pump, 1) > pb_checkpoint_seq(pump, 0));
    checkpoint_bytes(pump, second ? 1 : 0, bytes);
    pb_layout_read(&pb_layout_durable, &pump->durable, bytes);
    return true;
}

bool pb_checkpoint_torn(const pb_pump_t *pump)
{
    for (uint8_t slot = 0; slot < PB_CHECKPOINT_SLOTS; slot++) {
        if (pb_checkpoint_seq(pump, slot) != PB_ERASED && !pb_checkpoint_valid(pump, slot)) {
            return true;
        }
    }
    return false;
}

void pb_writes_begin(pb_pump_t *pump)
{
    pump->writes.log_count = 0;
    pump->writes.word_count = 0;
}

void pb_writes_add(pb_pump_t *pump, uint16_t address, uint32_t word)
{
    pb_write_list_t *writes = &pump->writes;
    if (writes->word_count == 0) {
        writes->word_address = address;
    }
    writes->words[writes->word_count++] = word;
}

/* Writes while the budget lasts; each word is written whole or not. */
static void put(pb_pump_t *pump, uint16_t address, uint32_t word, uint32_t *budget_words)
{
    if (*budget_words > 0) {
        *budget_words -= 1;
        pump->memory.words[address] = word;
#ifdef PB_BOARD
        pb_board_keep(pump->memory.words, address);
#endif
    }
}

static void put_log(pb_pump_t *pump, uint32_t *budget_words)
{
    for (uint8_t entry = 0; entry < pump->writes.log_count; entry++) {
        uint32_t words[PB_LOG_ENTRY_WORDS];
        pb_log_words(pump, entry, words);
        uint16_t address = pb_log_address(words[0]);
        for (uint16_t i = 0; i < PB_LOG_ENTRY_WORDS; i++) {
            put(pump, (uint16_t)(address + i), words[i], budget_words);
        }
    }
}

static void put_checkpoint(pb_pump_t *pump, uint32_t *budget_words)
{
    uint32_t words[PB_CHECKPOINT_SLOT_WORDS];
    uint8_t bytes[PB_CHECKPOINT_BODY_BYTES];
    uint32_t seq = ++pump->durable.checkpoint_seq;
    uint16_t address = checkpoint_address((uint8_t)(seq % PB_CHECKPOINT_SLOTS));
    pb_layout_write(&pb_layout_durable, &pump->durable, bytes);
    words[0] = seq;
    for (uint16_t i = 0; i < PB_CHECKPOINT_BODY_WORDS; i++) {
        words[i + 1u] = pb_le32(bytes + 4u * i);
    }
    words[CHECKPOINT_CRC_INDEX] = pb_crc32c_words(words, CHECKPOINT_CRC_INDEX);
    words[CHECKPOINT_COMMIT_INDEX] = seq ^ PB_COMMIT_MAGIC;
    for (uint16_t i = 0; i < PB_CHECKPOINT_SLOT_WORDS; i++) {
        put(pump, (uint16_t)(address + i), words[i], budget_words);
    }
}

bool pb_writes_flush(pb_pump_t *pump)
{
    bool cut = pump->plant.cut_words_count != PB_NO_CUT_WORDS;
    uint32_t budget_words = cut ? pump->plant.cut_words_count : UINT32_MAX;
    put_log(pump, &budget_words);
    for (uint8_t i = 0; i < pump->writes.word_count; i++) {
        put(pump, (uint16_t)(pump->writes.word_address + i), pump->writes.words[i], &budget_words);
    }
    if (pump->controller.checkpoint_due) {
        pump->controller.checkpoint_due = 0;
        put_checkpoint(pump, &budget_words);
    }
    if (cut) {
        pump->plant.cut_words_count = PB_NO_CUT_WORDS;
        pump->plant.reset_pending = PB_RESET_CAUSE_POWER_CUT;
    }
    return cut;
}
