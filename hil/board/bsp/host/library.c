/* Knows the pump as a library for a program on this machine; see library.h. */
#include "library.h"

#include <string.h>

#include "../../pump/device.h"
#include "../../pump/snapshot.h"
#include "../../pump/tick.h"

size_t pb_device_bytes(void)
{
    return sizeof(pb_device_t);
}

size_t pb_state_bytes(void)
{
    return offsetof(pb_pump_t, identity);
}

void pb_device_init(void *dev)
{
    pb_device_begin(dev);
}

/* Something that only work done can change. */
static uint64_t progress(const pb_device_t *device, size_t at, size_t sent)
{
    return device->pump.plant.tick + device->seq + at + sent - device->rx_count;
}

size_t pb_device_receive(void *dev, const uint8_t *in, size_t n, uint8_t *out, size_t cap)
{
    pb_device_t *device = dev;
    size_t at = 0, sent = 0;
    uint64_t before;
    do {
        before = progress(device, at, sent);
        at += pb_device_push(device, in + at, n - at);
        sent += pb_device_work(device, UINT64_MAX, out + sent, cap - sent);
    } while ((at < n || pb_device_busy(device)) && progress(device, at, sent) != before);
    device->counters.overrun_bytes += (uint32_t)(n - at);
    return sent;
}

size_t pb_device_advance(void *dev, uint64_t ticks, uint8_t *out, size_t cap)
{
    return pb_device_pass(dev, ticks, out, cap);
}

void pb_device_tick(void *dev, uint64_t n)
{
    pb_device_t *device = dev;
    for (uint64_t i = 0; i < n; i++) {
        pb_tick(&device->pump);
    }
}

size_t pb_snapshot(void *dev, uint8_t *out, size_t cap)
{
    const pb_device_t *device = dev;
    return cap < PB_SNAPSHOT_BYTES ? 0 : pb_snapshot_slice(&device->pump, 0, out, PB_SNAPSHOT_BYTES);
}

int pb_restore(void *dev, const uint8_t *in, size_t n)
{
    pb_device_t *device = dev;
    if (n != PB_SNAPSHOT_BYTES) {
        return 1;
    }
    if (!pb_snapshot_restore(&device->pump, in)) {
        return 2;
    }
    device->session_reply.count = 0;
    pb_device_unsubscribe(device);
    return 0;
}

void pb_digests(void *dev, uint32_t out[3])
{
    const pb_device_t *device = dev;
    const pb_digests_t digests = pb_digests_of(&device->pump);
    out[0] = digests.controller_crc;
    out[1] = digests.plant_crc;
    out[2] = digests.memory_crc;
}

uint64_t pb_build_id(void)
{
    return pb_build_id_value;
}

void pb_effect_trace(void *dev, pb_effect_t *ring, size_t cap)
{
    pb_device_t *device = dev;
    device->pump.trace = ring;
    device->pump.trace_capacity = cap;
    device->pump.trace_count = 0;
}

uint64_t pb_effect_traced(void *dev)
{
    const pb_device_t *device = dev;
    return device->pump.trace_count;
}
