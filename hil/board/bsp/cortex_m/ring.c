/* Knows the bytes between the receive interrupt and the main loop; one side writes each index. */
#include "core.h"

#ifndef PB_RING_BYTES
#define PB_RING_BYTES 512u
#endif

_Static_assert((PB_RING_BYTES & (PB_RING_BYTES - 1u)) == 0, "free-running indices need a power of two");

static volatile uint8_t ring[PB_RING_BYTES];
static volatile uint32_t put_count;
static volatile uint32_t taken_count;
static volatile uint32_t lost_bytes;

void core_rx_isr(uint8_t byte)
{
    if (put_count - taken_count == PB_RING_BYTES) {
        lost_bytes++;
        return;
    }
    ring[put_count % PB_RING_BYTES] = byte;
    put_count++;
}

void core_rx_lost_isr(void)
{
    lost_bytes++;
}

size_t core_receive(uint8_t *out, size_t capacity)
{
    size_t count = 0;
    while (count < capacity && taken_count != put_count) {
        out[count++] = ring[taken_count % PB_RING_BYTES];
        taken_count++;
    }
    return count;
}

bool core_received(void)
{
    return taken_count != put_count;
}

uint32_t core_lost_bytes(void)
{
    return lost_bytes;
}
