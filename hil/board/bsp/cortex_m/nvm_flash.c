/*
 * Knows the kept words as a journal in flash, which can be written once and erased only by pages: two areas, each a seal
 * and records of one word. The newer sealed area counts. A full one is written anew into the other, sealed last.
 */
#include "../../facts/pb_facts.h"
#include "../../wire/crc32c.h"
#include "board.h"
#include "hal.h"
#include "nvm.h"

#define AREA_BYTES 16384u
#define AREA_WORDS (AREA_BYTES / 4u)
#define RECORDS_MAX (AREA_WORDS / 2u - 1u)
#define SEAL_MAGIC UINT32_C(0x5345414C)

_Static_assert(AREA_BYTES % BOARD_FLASH_PAGE_BYTES == 0, "an area is whole pages");
_Static_assert(RECORDS_MAX >= 2u * PB_MEMORY_WORDS, "a rewritten area has room for more");

/* Named by the linker script. */
extern uint8_t ld_nvm[];

static uint8_t area;
static uint32_t area_seq;
static uint16_t record_count;

static uintptr_t at(uint8_t which, uint32_t word_index)
{
    return (uintptr_t)ld_nvm + which * AREA_BYTES + 4u * word_index;
}

static uint32_t seal_of(uint8_t which)
{
    uint32_t seq = *hal_register(at(which, 0));
    return seq != PB_ERASED && *hal_register(at(which, 1)) == (seq ^ SEAL_MAGIC) ? seq : 0;
}

/* Address and check of a record, never erased flash. The check is half a CRC: the store's own CRCs judge what it missed. */
static uint32_t tag(uint16_t address, uint32_t word)
{
    const uint32_t both[2] = {address, word};
    return address | pb_crc32c_words(both, 2) << 16;
}

/* The word first, its tag last: a record cut short has none. */
static void append(uint8_t which, uint16_t address, uint32_t word)
{
    uint32_t index = 2u + 2u * record_count;
    if (word != PB_ERASED) {
        hal_flash_write(at(which, index), word);
    }
    hal_flash_write(at(which, index + 1), tag(address, word));
    record_count++;
}

static void replay(uint32_t *words)
{
    for (uint16_t i = 0; i < PB_MEMORY_WORDS; i++) {
        words[i] = PB_ERASED;
    }
    for (record_count = 0; record_count < RECORDS_MAX; record_count++) {
        uint32_t word = *hal_register(at(area, 2u + 2u * record_count));
        uint32_t found = *hal_register(at(area, 3u + 2u * record_count));
        if (word == PB_ERASED && found == PB_ERASED) {
            return;
        }
        uint16_t address = (uint16_t)(found & 0xFFFFu);
        if (address < PB_MEMORY_WORDS && found == tag(address, word)) {
            words[address] = word;
        }
    }
}

bool nvm_load(uint32_t *words)
{
    uint32_t seals[2] = {seal_of(0), seal_of(1)};
    area = seals[1] > seals[0];
    area_seq = seals[area];
    if (area_seq == 0) {
        return false;
    }
    replay(words);
    return true;
}

void nvm_save(const uint32_t *words)
{
    uint8_t next = (uint8_t)(1u - area);
    for (uint32_t page = 0; page < AREA_BYTES; page += BOARD_FLASH_PAGE_BYTES) {
        hal_flash_erase(at(next, 0) + page);
    }
    record_count = 0;
    for (uint16_t i = 0; i < PB_MEMORY_WORDS; i++) {
        if (words[i] != PB_ERASED) {
            append(next, i, words[i]);
        }
    }
    area_seq++;
    hal_flash_write(at(next, 0), area_seq);
    hal_flash_write(at(next, 1), area_seq ^ SEAL_MAGIC);
    area = next;
}

void nvm_keep(const uint32_t *words, uint16_t address)
{
    if (record_count == RECORDS_MAX) {
        nvm_save(words);
    } else {
        append(area, address, words[address]);
    }
}
