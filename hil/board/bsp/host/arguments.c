/* Knows the words of the command line. */
#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPEED_MAX UINT64_C(1000000)

static bool read_speed(pb_arguments_t *arguments, const char *word)
{
    char *end;
    unsigned long long speed = strtoull(word, &end, 10);
    if (*word < '0' || *word > '9' || *end != '\0' || speed < 1 || speed > SPEED_MAX) {
        fprintf(stderr, "pumpbench-native: --speed %s; expected a whole number from 1 to 1000000\n", word);
        return false;
    }
    arguments->speed = speed;
    return true;
}

static bool read_valued(pb_arguments_t *arguments, const char *word, const char *value)
{
    if (value == NULL) {
        fprintf(stderr, "pumpbench-native: %s without a value; expected --link PATH or --speed N\n", word);
        return false;
    }
    if (strcmp(word, "--speed") == 0) {
        return read_speed(arguments, value);
    }
    arguments->link_path = value;
    return true;
}

bool pb_arguments_read(pb_arguments_t *arguments, int count, char **words)
{
    *arguments = (pb_arguments_t){.speed = 1};
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--link") == 0 || strcmp(words[i], "--speed") == 0) {
            const char *value = i + 1 < count ? words[i + 1] : NULL;
            if (!read_valued(arguments, words[i], value)) {
                return false;
            }
            i++;
        } else if (strcmp(words[i], "--once") == 0) {
            arguments->once = true;
        } else if (strcmp(words[i], "--stdio") == 0) {
            arguments->stdio = true;
        } else {
            fprintf(stderr, "pumpbench-native: %s is not known; expected [--link PATH] [--speed N] [--once] [--stdio]\n",
                    words[i]);
            return false;
        }
    }
    return true;
}
