/* Knows the kept words as RAM that no start clears: they outlive a reset, not the loss of power. */
#include <string.h>

#include "../../facts/pb_facts.h"
#include "nvm.h"

#define KEPT_MAGIC UINT32_C(0x4B455054)

static struct {
    uint32_t magic;
    uint32_t words[PB_MEMORY_WORDS];
    uint32_t magic_again;
} kept __attribute__((section(".noinit")));

bool nvm_load(uint32_t *words)
{
    if (kept.magic != KEPT_MAGIC || kept.magic_again != ~KEPT_MAGIC) {
        return false;
    }
    memcpy(words, kept.words, sizeof kept.words);
    return true;
}

void nvm_save(const uint32_t *words)
{
    memcpy(kept.words, words, sizeof kept.words);
    kept.magic = KEPT_MAGIC;
    kept.magic_again = ~KEPT_MAGIC;
}

void nvm_keep(const uint32_t *words, uint16_t address)
{
    kept.words[address] = words[address];
}
