/* Knows who may talk to the pump (SEMANTICS.md, section 7.2). No part of this is authentication. */
#include "session.h"

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "effects.h"
#include "refusal.h"

void pb_session_close(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    pb_emit(pump, PB_EVENT_SESSION_CLOSED, controller->session_role, 0);
    controller->session_id = 0;
    controller->session_role = 0;
    controller->session_idle_ticks = 0;
    controller->session_last_id = 0;
    controller->session_last_crc = 0;
    controller->open_request_id = 0;
    controller->open_crc = 0;
}

void pb_session_expire(pb_pump_t *pump)
{
    pb_emit(pump, PB_EVENT_SESSION_TIMEOUT, pump->controller.session_role, 0);
    pb_session_close(pump);
}

static uint32_t made_id(const pb_durable_t *durable, uint32_t nonce)
{
    uint8_t bytes[12];
    pb_put_le32(bytes, durable->boot_count);
    pb_put_le32(bytes + 4, durable->open_count);
    pb_put_le32(bytes + 8, nonce);
    uint32_t id = pb_crc32c(bytes, sizeof bytes);
    return id == 0 ? 1 : id;
}

static void make(pb_pump_t *pump, const pb_frame_t *frame, const pb_msg_open_t *asked)
{
    pb_controller_t *controller = &pump->controller;
    pb_durable_t *durable = &pump->durable;
    durable->open_count++;
    controller->session_id = made_id(durable, asked->nonce);
    controller->session_role = asked->role;
    controller->session_idle_ticks = 0;
    controller->session_last_id = durable->fluid_highest_id;
    controller->session_last_crc = 0;
    controller->open_request_id = frame->header.request_id;
    controller->open_crc = frame->crc;
    durable->last_session_life_ticks = durable->life_ticks;
    pb_emit(pump, PB_EVENT_SESSION_OPENED, asked->role, durable->open_count);
}

pb_open_t pb_session_open(pb_pump_t *pump, const pb_frame_t *frame, const pb_msg_open_t *asked, pb_refusal_t *why)
{
    const pb_controller_t *controller = &pump->controller;
    if (asked->serial != pump->identity.serial) {
        pb_refuse(why, PB_REFUSAL_SERIAL_MISMATCH, 0, 0);
        return PB_OPEN_REFUSED;
    }
    if (asked->role != PB_ROLE_CLINICIAN && asked->role != PB_ROLE_PATIENT) {
        pb_refuse(why, PB_REFUSAL_MALFORMED, 0, 0);
        return PB_OPEN_REFUSED;
    }
    if (controller->session_id == 0) {
        make(pump, frame, asked);
        return PB_OPEN_NEW;
    }
    if (frame->header.request_id == controller->open_request_id && frame->crc == controller->open_crc) {
        return PB_OPEN_AGAIN;
    }
    if (asked->role == PB_ROLE_CLINICIAN && controller->session_role == PB_ROLE_PATIENT) {
        pb_session_close(pump);
        make(pump, frame, asked);
        return PB_OPEN_NEW;
    }
    pb_refuse(why, PB_REFUSAL_BUSY, 0, 0);
    return PB_OPEN_REFUSED;
}
