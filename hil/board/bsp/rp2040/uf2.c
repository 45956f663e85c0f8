/* Knows the UF2 file that a Pico's boot drive takes: 256 bytes of the image to a block. Runs on the machine that builds. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_BYTES 512u
#define PAYLOAD_BYTES 256u
#define PAYLOAD_AT 32u
#define LOADED_AT UINT32_C(0x20000000) /* RAM, as in rp2040.ld */
#define BLOCKS_MAX 512u                /* its 128 KiB */
#define FAMILY_PRESENT UINT32_C(0x2000)
#define FAMILY_RP2040 UINT32_C(0xE48BFF56)

static uint8_t image[BLOCKS_MAX * PAYLOAD_BYTES];

static void put(uint8_t *at, uint32_t word)
{
    for (uint8_t i = 0; i < 4; i++, word >>= 8) {
        at[i] = (uint8_t)(word & 0xFFu);
    }
}

static void build(uint8_t *block, uint32_t index, uint32_t count)
{
    const uint32_t head[8] = {0x0A324655u, 0x9E5D5157u, FAMILY_PRESENT, LOADED_AT + index * PAYLOAD_BYTES,
                              PAYLOAD_BYTES, index, count, FAMILY_RP2040};
    memset(block, 0, BLOCK_BYTES);
    for (uint8_t i = 0; i < 8; i++) {
        put(block + 4u * i, head[i]);
    }
    memcpy(block + PAYLOAD_AT, image + index * PAYLOAD_BYTES, PAYLOAD_BYTES);
    put(block + BLOCK_BYTES - 4u, 0x0AB16F30u);
}

/* The image from stdin, the file to stdout; 1 where either fails. */
int main(void)
{
    size_t bytes = fread(image, 1, sizeof image, stdin);
    uint32_t count = (uint32_t)((bytes + PAYLOAD_BYTES - 1u) / PAYLOAD_BYTES);
    if (bytes == 0 || ferror(stdin) || getchar() != EOF) {
        fputs("uf2: expected an image of 1 byte to 128 KiB on stdin\n", stderr);
        return 1;
    }
    for (uint32_t index = 0; index < count; index++) {
        uint8_t block[BLOCK_BYTES];
        build(block, index, count);
        if (fwrite(block, 1, sizeof block, stdout) != sizeof block) {
            return 1;
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
