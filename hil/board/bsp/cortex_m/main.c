/* Knows how the firmware lives on a board: one loop of bytes, time, pins and what is kept, around one device. */
#include <string.h>

#include "../../pump/device.h"
#include "../../pump/plant.h"
#include "../../pump/store.h"
#include "core.h"
#include "hal.h"
#include "nvm.h"

#define US_PER_TICK (PB_TICK_MS * 1000u)
/* Between two looks at the link. */
#define SLICE_TICKS 500u
#define PULSE_US 20000u
#define CHUNK_BYTES 32u

/* No heap: the one device, and what the loop remembers of it. */
static pb_device_t device;
static bool awake;
static bool was_armed;
static uint32_t next_tick_us;

static struct {
    uint64_t steps_seen;
    uint64_t tick_seen;
    uint64_t sounds_seen;
    uint32_t since_us;
    bool high;
} pins;

/* A pump that is just being made writes over nothing. What is written while a bench has it in its hands is not therapy. */
void pb_board_keep(const uint32_t *words, uint16_t address)
{
    if (awake && !device.armed) {
        nvm_keep(words, address);
    }
}

/* Kept words are the memory a pump boots from; without any it is a new pump. */
static void wake(void)
{
    uint32_t cause = core_reset_cause();
    pb_device_begin(&device);
    if (nvm_load(device.pump.memory.words)) {
        device.pump.plant.reset_pending = (uint8_t)cause;
    } else {
        nvm_save(device.pump.memory.words);
    }
    awake = true;
    next_tick_us = hal_now_us();
}

/* As much as there is room for. */
static void receive(void)
{
    uint8_t bytes[CHUNK_BYTES];
    size_t count;
    do {
        size_t room = PB_RX_BYTES - (size_t)device.rx_count;
        count = core_receive(bytes, room < CHUNK_BYTES ? room : CHUNK_BYTES);
        (void)pb_device_push(&device, bytes, count);
    } while (count > 0);
    device.counters.overrun_bytes = core_lost_bytes();
}

static void send(void)
{
    uint8_t bytes[CHUNK_BYTES];
    size_t count;
    receive();
    while ((count = pb_device_drain(&device, bytes, CHUNK_BYTES)) > 0) {
        for (size_t i = 0; i < count; i++) {
            hal_put(bytes[i]);
        }
        receive();
        hal_feed();
    }
}

/* A plant outside counts no sounds here: then the pin follows the plan in the last tick of a slice. */
static bool sounds(const pb_pump_t *pump)
{
    return pump->plant_outside ? !pump->plant.dead && pb_plant_sounds(&pump->plant, pump->plant.tick)
                               : pump->plant.tone_tick_count != pins.sounds_seen;
}

/* One pulse for a tick with a step; the steps of one slice of a credit become one pulse. */
static void show(void)
{
    const pb_pump_t *pump = &device.pump;
    uint32_t now_us = hal_now_us();
    if (pump->durable.step_count != pins.steps_seen) {
        pins.high = true;
        pins.since_us = now_us;
    } else if (pins.high && now_us - pins.since_us >= PULSE_US) {
        pins.high = false;
    }
    hal_motor(pins.high);
    pins.steps_seen = pump->durable.step_count;
    if (pump->plant.tick != pins.tick_seen) {
        hal_tone(sounds(pump));
        pins.tick_seen = pump->plant.tick;
        pins.sounds_seen = pump->plant.tone_tick_count;
    }
}

static void pass_time(void)
{
    uint32_t due = 0;
    while ((int32_t)(hal_now_us() - next_tick_us) >= 0) {
        next_tick_us += US_PER_TICK;
        due++;
    }
    if (device.armed || due == 0) {
        return;
    }
    device.counters.late_tick_count += due - 1;
    for (; due > 0; due--) {
        (void)pb_device_pass(&device, 1, NULL, 0);
        show();
        send();
    }
}

/* A bench let go: the state as it stands is the pump's own again. */
static void follow_armed(void)
{
    if (was_armed && !device.armed) {
        nvm_save(device.pump.memory.words);
    }
    was_armed = device.armed;
}

_Noreturn void core_main(void)
{
    hal_begin();
    wake();
    for (;;) {
        hal_feed();
        receive();
        (void)pb_device_work(&device, SLICE_TICKS, NULL, 0);
        follow_armed();
        send();
        show();
        pass_time();
        if (!pb_device_busy(&device)) {
            core_sleep();
        }
    }
}
