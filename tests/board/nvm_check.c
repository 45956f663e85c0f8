/* Cuts power at every write of a flash journal, rewriting included, and prints how many places were tried; 1 where a word is lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../hil/board/bsp/cortex_m/hal.h"
#include "board.h"
#include "../../hil/board/bsp/cortex_m/nvm.h"
#include "../../hil/board/facts/pb_facts.h"

#define FLASH_BYTES 32768u

/* The linker script's flash, and the changes it still takes before the power goes. */
_Alignas(8) uint8_t ld_nvm[FLASH_BYTES];
static unsigned changes_left;
static unsigned change_count;

static int powered(void)
{
    change_count++;
    if (changes_left == 0) {
        return 0;
    }
    changes_left--;
    return 1;
}

void hal_flash_erase(uintptr_t address)
{
    if (powered()) {
        memset((void *)address, 0xFF, BOARD_FLASH_PAGE_BYTES);
    }
}

/* Flash only clears bits. */
void hal_flash_write(uintptr_t address, uint32_t word)
{
    if (powered()) {
        *(uint32_t *)address &= word;
    }
}

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* The words after `count` changes drawn from `seed`. Erased words come up as often as a store erases its slots. */
static void change(uint32_t *words, uint32_t *state, uint16_t *address)
{
    *address = (uint16_t)(draw(state) % PB_MEMORY_WORDS);
    words[*address] = draw(state) % 8 == 0 ? PB_ERASED : draw(state);
}

/* Whether what is found after a cut in change `count` is what stood before or after it. */
static int cut_at(unsigned cut, uint32_t seed, unsigned changes)
{
    uint32_t words[PB_MEMORY_WORDS], before[PB_MEMORY_WORDS], found[PB_MEMORY_WORDS], state = seed;
    uint16_t address;
    memset(ld_nvm, 0xFF, sizeof ld_nvm);
    memset(words, 0xFF, sizeof words);
    changes_left = cut;
    change_count = 0;
    if (nvm_load(found)) {
        return 0; /* blank flash holds nothing */
    }
    nvm_save(words);
    if (change_count > cut) {
        return 1; /* not yet kept: a new pump */
    }
    for (unsigned i = 0; i < changes && change_count <= cut; i++) {
        memcpy(before, words, sizeof words);
        change(words, &state, &address);
        nvm_keep(words, address);
    }
    changes_left = 1u << 30;
    if (!nvm_load(found) || (memcmp(found, words, sizeof words) != 0 && memcmp(found, before, sizeof words) != 0)) {
        return 0;
    }
    /* And the journal goes on from there. */
    memcpy(words, found, sizeof words);
    for (unsigned i = 0; i < 50; i++) {
        change(words, &state, &address);
        nvm_keep(words, address);
    }
    return nvm_load(found) && memcmp(found, words, sizeof words) == 0;
}

int main(int count, char **given)
{
    uint32_t seed = (uint32_t)strtoul(given[count - 3], NULL, 10);
    unsigned changes = (unsigned)strtoul(given[count - 2], NULL, 10), step = (unsigned)strtoul(given[count - 1], NULL, 10);
    unsigned tried = 0;
    for (unsigned cut = 0;; cut += step) {
        tried++;
        if (!cut_at(cut, seed, changes)) {
            printf("cut at flash change %u\n", cut);
            return 1;
        }
        if (change_count <= cut) {
            printf("%u\n", tried);
            return 0;
        }
    }
}
