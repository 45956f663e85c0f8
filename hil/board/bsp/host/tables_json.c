/* Knows how the hand-written tables read as JSON, so that both languages' tables can be compared. */
#include <stdarg.h>
#include <stdio.h>

#include "../../pump/alarms.h"
#include "../../pump/therapy.h"
#include "library.h"

typedef struct {
    char *out;
    size_t capacity;
    size_t at;
} text_t;

static void add(text_t *text, const char *format, ...)
{
    va_list arguments;
    size_t left = text->at < text->capacity ? text->capacity - text->at : 0;
    va_start(arguments, format);
    int count = vsnprintf(left > 0 ? text->out + text->at : NULL, left, format, arguments);
    va_end(arguments);
    text->at += count > 0 ? (size_t)count : 0;
}

static void add_alarms(text_t *text)
{
    for (uint8_t i = 0; i < PB_ALARM_COUNT; i++) {
        const pb_alarm_row_t *row = &pb_alarm_rows[i];
        add(text, "%s[\"%s\", \"%s\", \"%s\"]", i == 0 ? "" : ", ", row->name, row->critical ? "critical" : "non_critical",
            row->source);
    }
}

static void add_transitions(text_t *text)
{
    static const char *const commands[PB_COMMAND_COUNT] = {
        [PB_COMMAND_STOP] = "stop", [PB_COMMAND_RESUME] = "resume", [PB_COMMAND_BOLUS] = "bolus", [PB_COMMAND_COMMIT] = "commit"};
    static const char *const answers[] = {
        [PB_ANSWER_REFUSED] = "refused", [PB_ANSWER_DONE] = "done", [PB_ANSWER_GO] = "go"};
    for (uint8_t command = 0; command < PB_COMMAND_COUNT; command++) {
        add(text, "%s\"%s\": [", command == 0 ? "" : ", ", commands[command]);
        for (uint8_t state = 0; state < PB_THERAPY_STATE_COUNT; state++) {
            add(text, "%s\"%s\"", state == 0 ? "" : ", ", answers[pb_therapy_answer(command, state)]);
        }
        add(text, "]");
    }
}

size_t pb_tables_json(char *out, size_t cap)
{
    text_t text = {out, cap, 0};
    add(&text, "{\"alarms\": [");
    add_alarms(&text);
    add(&text, "], \"transitions\": {");
    add_transitions(&text);
    add(&text, "}}");
    return text.at < cap ? text.at : 0;
}
