/* Knows what the device says it is; it changes nothing. */
#include "../wire/crc32c.h"
#include "device.h"

void pb_identify(pb_device_t *device, const pb_header_t *request)
{
    const pb_identity_t *identity = &device->pump.identity;
    const pb_msg_identified_t identified = {
        .model = identity->model,
        .serial = identity->serial,
        .build_id = pb_build_id_value,
        .schema_id = PB_SCHEMA_ID,
        .features = PB_BIT(PB_FEATURE_BENCH) | PB_BIT(PB_FEATURE_FREE_RUN),
        .level = PB_DEVICE_LEVEL,
        .nvm = PB_DEVICE_NVM,
        .crc_build = PB_CRC_BUILD_FIRMWARE,
        .armed = device->armed,
        .ticks_per_second = PB_DEVICE_TICKS_PER_SECOND,
        .identity_crc = pb_crc32c_end(pb_layout_crc_more(PB_CRC32C_BEGIN, &pb_layout_identity, identity)),
    };
    pb_device_send(device, request, PB_MSG_IDENTIFIED, &identified, NULL);
}
