/* Knows where the pump's memory words outlive a reset of the board; it must not know what they mean. */
#ifndef PB_NVM_H
#define PB_NVM_H

#include <stdbool.h>
#include <stdint.h>

/* All PB_MEMORY_WORDS as they were kept; false: nothing was, and `words` is as it was. */
bool nvm_load(uint32_t *words);

/* Keeps all of them. Cut short, it leaves what was kept before. */
void nvm_save(const uint32_t *words);

/* Keeps the one that has just changed. Cut short, it leaves the word old or new. */
void nvm_keep(const uint32_t *words, uint16_t address);

#endif
