/* Knows the frame; see frame.h. */
#include "frame.h"

#include "bytes.h"
#include "cobs.h"
#include "crc32c.h"

static size_t header_bytes(bool from_device)
{
    return from_device ? PB_DEVICE_BYTES : PB_HOST_BYTES;
}

static pb_header_t read_header(const uint8_t *data, bool from_device)
{
    pb_header_t header = {.flags = data[1], .type = pb_le16(data + 2), .seq = pb_le16(data + 4),
                          .request_id = pb_le32(data + 6), .session = pb_le32(data + 10)};
    if (from_device) {
        header.boot_seq = pb_le32(data + 14);
        header.tick = pb_le64(data + 18);
    }
    return header;
}

uint32_t pb_frame_parse(const uint8_t *run, size_t count, bool from_device, uint8_t *data, pb_frame_t *frame)
{
    const uint8_t sender = from_device ? PB_FLAG_FROM_DEVICE : 0;
    size_t size, start = header_bytes(from_device);
    if (count > PB_ENCODED_BYTES_MAX) {
        return PB_WIRE_FAULT_OVERSIZE;
    }
    if (!pb_cobs_decode(run, count, data, &size)) {
        return PB_WIRE_FAULT_COBS;
    }
    if (size < start + PB_CRC_BYTES) {
        return PB_WIRE_FAULT_SHORT;
    }
    if (pb_crc32c(data, size) != PB_RESIDUE) {
        return PB_WIRE_FAULT_CRC;
    }
    if (data[0] != PB_PROTOCOL_VERSION || ((data[1] ^ sender) & ~PB_FLAG_BENCH) != 0) {
        return PB_WIRE_FAULT_VERSION;
    }
    frame->header = read_header(data, from_device);
    frame->crc = pb_le32(data + size - PB_CRC_BYTES);
    frame->body = data + start;
    frame->body_bytes = size - start - PB_CRC_BYTES;
    return 0;
}

static void put_header(uint8_t *data, const pb_header_t *header)
{
    data[0] = PB_PROTOCOL_VERSION;
    data[1] = (uint8_t)(header->flags | PB_FLAG_FROM_DEVICE);
    pb_put_le16(data + 2, header->type);
    pb_put_le16(data + 4, header->seq);
    pb_put_le32(data + 6, header->request_id);
    pb_put_le32(data + 10, header->session);
    pb_put_le32(data + 14, header->boot_seq);
    pb_put_le64(data + 18, header->tick);
}

size_t pb_frame_build(const pb_header_t *header, const pb_layout_t *layout, const void *body, uint8_t *out)
{
    uint8_t data[PB_FRAME_DECODED_BYTES_MAX];
    size_t size = PB_DEVICE_BYTES;
    put_header(data, header);
    if (body) {
        size += pb_body_encode(layout, body, data + size);
    }
    pb_put_le32(data + size, pb_crc32c(data, size));
    out[0] = 0;
    size_t stuffed = pb_cobs_encode(data, size + PB_CRC_BYTES, out + 1);
    out[1 + stuffed] = 0;
    return stuffed + 2;
}

bool pb_receiver_put(pb_receiver_t *receiver, uint8_t byte)
{
    if (byte == 0) {
        return receiver->count > 0;
    }
    if (receiver->count < PB_ENCODED_BYTES_MAX) {
        receiver->run[receiver->count++] = byte;
    } else {
        receiver->oversize = true;
    }
    return false;
}
