/* Knows how to walk a piece of a recording given as a line of hex, in memory of exactly its size; it judges nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "../../hil/board/bsp/host/capture.h"

#define RECORDS 64u

static uint8_t *read_hex(char *line, size_t count)
{
    uint8_t *bytes = malloc(count);
    for (size_t i = 0; i < count; i++) {
        char pair[3] = {line[2 * i], line[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return bytes;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    pb_lane_t lane = {.interface = 1, .direction = 1, .type = 0x8111, .from_device = 1, .interface_count = 2};
    uint8_t *records = malloc(RECORDS * 58u);
    uint64_t *t_ns = malloc(RECORDS * sizeof *t_ns);
    for (ssize_t read = getline(&line, &room, stdin); read > 1; read = getline(&line, &room, stdin)) {
        size_t count = (size_t)(read - 1) / 2;
        uint8_t *piece = read_hex(line, count);
        pb_bulk_t met;
        pb_capture_decode(piece, count, &lane, records, t_ns, RECORDS, &met);
        printf("%llu %llu\n", (unsigned long long)met.frames, (unsigned long long)met.consumed);
        free(piece);
    }
    free(line);
    free(records);
    free(t_ns);
    return 0;
}
