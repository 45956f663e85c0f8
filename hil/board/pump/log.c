/* Knows how a logged effect becomes a ring entry of eight words, and back (SEMANTICS.md, section 8). */
#include "log.h"

#include "../wire/crc32c.h"
#include "arithmetic.h"

#define CLOCK_VALID UINT32_C(0x80000000)

static uint32_t clock_word(const pb_durable_t *durable)
{
    uint32_t minute = durable->clock_day * PB_MINUTES_PER_DAY + durable->clock_day_ticks / PB_TICKS_PER_MINUTE;
    return durable->clock_valid ? CLOCK_VALID | minute : minute;
}

void pb_log_append(pb_pump_t *pump, uint16_t code, uint32_t arg_0, uint32_t arg_1)
{
    pb_write_list_t *writes = &pump->writes;
    if (writes->log_count < PB_PENDING_LOG_MAX) {
        writes->log[writes->log_count++] = (pb_pending_log_t){
            .life_ticks = pump->durable.life_ticks, .clock_word = clock_word(&pump->durable), .arg_0 = arg_0,
            .arg_1 = arg_1, .code = code, .boot_count = (uint16_t)(pump->durable.boot_count & 0xFFFFu)};
        pump->controller.log_next_seq++;
    }
}

void pb_log_words(const pb_pump_t *pump, uint8_t index, uint32_t words[PB_LOG_ENTRY_WORDS])
{
    const pb_pending_log_t *entry = &pump->writes.log[index];
    words[0] = pump->controller.log_next_seq - pump->writes.log_count + index;
    words[1] = (uint32_t)(entry->life_ticks & UINT32_MAX);
    words[2] = (uint32_t)(entry->life_ticks >> 32);
    words[3] = entry->code | (uint32_t)entry->boot_count << 16;
    words[4] = entry->clock_word;
    words[5] = entry->arg_0;
    words[6] = entry->arg_1;
    words[7] = pb_crc32c_words(words, PB_LOG_ENTRY_WORDS - 1);
}

uint16_t pb_log_address(uint32_t seq)
{
    return (uint16_t)(PB_LOG_ADDRESS + seq % PB_LOG_CAPACITY * PB_LOG_ENTRY_WORDS);
}

bool pb_log_valid(const pb_pump_t *pump, uint16_t address)
{
    const uint32_t *words = &pump->memory.words[address];
    return words[0] != PB_ERASED && words[7] == pb_crc32c_words(words, PB_LOG_ENTRY_WORDS - 1);
}

uint32_t pb_log_next_seq(const pb_pump_t *pump)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < PB_LOG_CAPACITY; i++) {
        uint32_t seq = pump->memory.words[pb_log_address(i)];
        if (pb_log_valid(pump, pb_log_address(i)) && seq >= next) {
            next = seq + 1;
        }
    }
    return next;
}

static bool written(const pb_pump_t *pump, uint16_t address)
{
    for (uint16_t i = 0; i < PB_LOG_ENTRY_WORDS; i++) {
        if (pump->memory.words[address + i] != PB_ERASED) {
            return true;
        }
    }
    return false;
}

uint32_t pb_log_broken(const pb_pump_t *pump)
{
    uint32_t broken = 0;
    for (uint32_t i = 0; i < PB_LOG_CAPACITY; i++) {
        uint16_t address = pb_log_address(i);
        if (written(pump, address) && !pb_log_valid(pump, address)) {
            broken++;
        }
    }
    return broken;
}

static void read_entry(const uint32_t *words, pb_item_log_entry_t *entry)
{
    entry->entry_seq = words[0];
    entry->life_ticks = words[1] | (uint64_t)words[2] << 32;
    entry->code = (uint16_t)(words[3] & 0xFFFFu);
    entry->boot_count = words[3] >> 16;
    entry->clock_minute = words[4];
    entry->arg_0 = words[5];
    entry->arg_1 = words[6];
}

void pb_log_page(const pb_pump_t *pump, uint32_t from_seq, pb_msg_log_page_t *page)
{
    uint32_t next = pump->controller.log_next_seq;
    page->next_seq = next;
    page->oldest_seq = (uint32_t)pb_less(next, PB_LOG_CAPACITY);
    page->entries_count = 0;
    uint32_t start = from_seq > page->oldest_seq ? from_seq : page->oldest_seq;
    for (uint32_t seq = start; seq < next && page->entries_count < PB_LOG_PAGE_ENTRIES; seq++) {
        uint16_t address = pb_log_address(seq);
        if (pb_log_valid(pump, address) && pump->memory.words[address] == seq) {
            read_entry(&pump->memory.words[address], &page->entries[page->entries_count++]);
        }
    }
}
