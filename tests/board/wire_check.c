/* Knows how to ask the firmware's wire what it makes of bytes: a line of hex in, a line per frame or fault out. */
#include <stdio.h>

#include "../../hil/board/wire/frame.h"

static void print_hex(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%02x", bytes[i]);
    }
}

/* A frame built anew from what was read must be the frame that came; only a device's frames are ever built. */
static void print_rebuilt(const pb_frame_t *frame, const pb_layout_t *layout, const void *body)
{
    uint8_t wire[PB_FRAME_WIRE_BYTES_MAX];
    size_t count = pb_frame_build(&frame->header, layout, body, wire);
    printf(" ");
    print_hex(wire, count);
}

static void print_frame(const pb_frame_t *frame, bool from_device)
{
    union {
        pb_request_t request;
        pb_answer_t answer;
    } body;
    uint8_t again[PB_FRAME_DECODED_BYTES_MAX] = {0};
    const pb_layout_t *layout = pb_message_find(frame->header.type);
    uint32_t fault = layout ? pb_body_decode(layout, frame->body, frame->body_bytes, &body) : 0;
    if (layout == NULL) {
        printf("unknown %u", frame->header.type);
    } else if (fault != 0) {
        printf("fault %u", fault);
    } else {
        printf("good %u ", frame->header.type);
        print_hex(again, pb_body_encode(layout, &body, again));
        if (from_device) {
            print_rebuilt(frame, layout, layout->struct_bytes > 0 ? &body : NULL);
        }
    }
    printf("\n");
}

static void end_run(pb_receiver_t *receiver, bool from_device)
{
    pb_frame_t frame;
    uint32_t fault = PB_WIRE_FAULT_OVERSIZE;
    if (!receiver->oversize) {
        fault = pb_frame_parse(receiver->run, receiver->count, from_device, receiver->run, &frame);
    }
    if (fault != 0) {
        printf("fault %u\n", fault);
    } else {
        print_frame(&frame, from_device);
    }
    pb_receiver_clear(receiver);
}

static int digit(int letter)
{
    return letter >= 'a' ? letter - 'a' + 10 : letter - '0';
}

/* One line; false: there was none. A line may be any length, so nothing of it is kept. */
static bool judge_line(void)
{
    pb_receiver_t receiver = {.count = 0};
    int direction = getchar();
    if (direction == EOF) {
        return false;
    }
    for (int high = getchar(); high != '\n' && high != EOF; high = getchar()) {
        if (pb_receiver_put(&receiver, (uint8_t)(digit(high) * 16 + digit(getchar())))) {
            end_run(&receiver, direction == 'd');
        }
    }
    printf("end\n");
    return true;
}

int main(void)
{
    while (judge_line()) {
    }
    return 0;
}
