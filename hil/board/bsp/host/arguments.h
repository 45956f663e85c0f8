/* Knows the words of the command line; it must not act on them. */
#ifndef PB_ARGUMENTS_H
#define PB_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *link_path; /* NULL: no link */
    uint64_t speed;        /* ticks pass so many times faster than the pump's own 100 ms */
    bool once;             /* ends when the peer hangs up */
    bool stdio;            /* frames over stdin and stdout instead of a pty */
} pb_arguments_t;

/* False after a line on stderr says what was wrong. */
bool pb_arguments_read(pb_arguments_t *arguments, int count, char **words);

#endif
