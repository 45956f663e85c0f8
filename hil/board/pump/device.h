/* Knows a pump at the end of a link: bytes in, bytes out, time granted or passing; it must not know what carries the bytes. */
#ifndef PB_DEVICE_H
#define PB_DEVICE_H

#include "../wire/frame.h"
#include "pump.h"
#include "requests.h"

#ifndef PB_RX_BYTES
#define PB_RX_BYTES 2048u
#endif
#ifndef PB_TX_BYTES
#define PB_TX_BYTES 4096u
#endif
#ifndef PB_DEVICE_TICKS_PER_SECOND
#define PB_DEVICE_TICKS_PER_SECOND 10000000u
#endif
#ifndef PB_DEVICE_LEVEL
#define PB_DEVICE_LEVEL PB_LEVEL_L3
#endif
#ifndef PB_DEVICE_NVM
#define PB_DEVICE_NVM PB_NVM_RAM
#endif

/* Most a frame or a tick can send: notices, telemetry, a reply or report. */
#define PB_NOTICE_BYTES 48u
#define PB_REQUEST_TX_BYTES (PB_FRAME_WIRE_BYTES_MAX + 12u * PB_NOTICE_BYTES)
#define PB_TICK_TX_BYTES (2u * PB_FRAME_WIRE_BYTES_MAX + PB_PENDING_LOG_MAX * PB_NOTICE_BYTES)

_Static_assert(PB_TX_BYTES >= PB_TICK_TX_BYTES && PB_TX_BYTES >= PB_REQUEST_TX_BYTES, "transmit buffer holds a tick");

/* Hash of the sources this was built from. */
extern const uint64_t pb_build_id_value;

/* A reply kept to be sent again, byte for byte. */
typedef struct {
    uint16_t count;
    uint8_t bytes[PB_FRAME_WIRE_BYTES_MAX];
} pb_stored_reply_t;

/* Time granted by run_to that has not run yet; its report is the reply to `header`. */
typedef struct {
    bool active;
    bool aborted;
    bool rotor_vouched;
    uint64_t target_tick;
    uint32_t stop_marks;
    uint16_t stop_mask;
    pb_header_t header;
} pb_credit_t;

typedef struct {
    pb_pump_t pump;
    bool armed;
    uint16_t seq;
    pb_msg_link_counters_t counters;

    uint32_t subscribed_period_ticks; /* 0: no telemetry */
    uint32_t telemetry_left_ticks;

    pb_stored_reply_t session_reply;
    pb_stored_reply_t bench_reply;
    uint32_t bench_last_id;
    uint32_t bench_last_crc;
    pb_credit_t credit;
    uint64_t late_ticks; /* free-run ticks that wait for room to send */

    pb_receiver_t receiver;
    pb_receiver_t watcher; /* looks ahead for an abort while a credit runs */
    uint16_t rx_count;
    uint16_t tx_count;
    uint8_t rx[PB_RX_BYTES];
    uint8_t tx[PB_TX_BYTES];
    uint8_t snapshot[PB_SNAPSHOT_BYTES]; /* restore buffer */
} pb_device_t;

void pb_device_begin(pb_device_t *device);

/* Takes bytes from the link; how many there was room for. An abort among them is seen at once. */
size_t pb_device_push(pb_device_t *device, const uint8_t *in, size_t count);

/* Answers what came and runs at most `ticks` of a credit; bytes to send. Call again while pb_device_busy. */
size_t pb_device_work(pb_device_t *device, uint64_t ticks, uint8_t *out, size_t capacity);

/* Whether work is left that needs no new bytes. */
bool pb_device_busy(const pb_device_t *device);

/* Unarmed: `ticks` pass. When nobody reads, the oldest telemetry is dropped; what must not be dropped makes ticks late. */
size_t pb_device_pass(pb_device_t *device, uint64_t ticks, uint8_t *out, size_t capacity);

/* Bytes that wait to be sent. */
size_t pb_device_drain(pb_device_t *device, uint8_t *out, size_t capacity);

/* For the channels: one frame of the device. `keep` gets a copy of its bytes. */
void pb_device_send(pb_device_t *device, const pb_header_t *request, uint16_t type, const void *body,
                    pb_stored_reply_t *keep);
void pb_device_refuse(pb_device_t *device, const pb_header_t *request, uint32_t refusal, uint64_t limit, uint64_t value);
void pb_device_unsubscribe(pb_device_t *device);

/* After a tick or request: notices of what was logged, then telemetry when it is due. */
void pb_device_notices(pb_device_t *device);
void pb_device_after_tick(pb_device_t *device);

/* The two channels. `fault` is 0, LENGTH or RANGE; `asked` is good where it is 0. */
void pb_therapy_frame(pb_device_t *device, const pb_frame_t *frame, uint32_t fault, const pb_request_t *asked);
void pb_bench_frame(pb_device_t *device, const pb_frame_t *frame, uint32_t fault, const pb_request_t *asked);

/* Time granted by `request`; pb_credit_run runs at most `ticks` of it while there is room to send, and reports when it ends. */
void pb_credit_begin(pb_device_t *device, const pb_header_t *request, const pb_msg_run_to_t *asked);
void pb_credit_run(pb_device_t *device, uint64_t ticks);

/* What the last tick left, as the bench's reply to `request`. */
void pb_report(pb_device_t *device, const pb_header_t *request, uint8_t reason);

void pb_identify(pb_device_t *device, const pb_header_t *request);

#endif
