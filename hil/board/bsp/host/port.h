/* Knows the two file descriptors bytes pass through, a pty of its own or stdin and stdout; it must not know frames. */
#ifndef PB_PORT_H
#define PB_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arguments.h"

typedef struct {
    int in;
    int out;
    bool pty;
    bool hung_up; /* nobody has the other end open */
    const char *link_path;
} pb_port_t;

/* False after a line on stderr says why. A pty's path is the first line of stdout. */
bool pb_port_open(pb_port_t *port, const pb_arguments_t *arguments);
void pb_port_close(pb_port_t *port);

/* Bytes that came, 0 for none. Sets `hung_up`. */
size_t pb_port_read(pb_port_t *port, uint8_t *in, size_t capacity);

/* Bytes that went. What is sent while nobody listens is gone. */
size_t pb_port_write(pb_port_t *port, const uint8_t *out, size_t count);

/* Until bytes come, or there is room to write (if asked), or the time is over. */
void pb_port_wait(pb_port_t *port, bool to_write, int timeout_ms);

#endif
