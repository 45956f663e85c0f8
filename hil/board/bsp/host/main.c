/* Knows how the firmware lives as a process: bytes, time and signals of this machine around one device. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "../../pump/device.h"
#include "arguments.h"
#include "port.h"

/* Between two looks at the link: well under a millisecond of work. */
#define CHUNK_TICKS UINT64_C(20000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_TICK (PB_TICK_MS * NS_PER_MS)
#define OUT_BYTES 8192u

/* No heap: the one device and what waits to be written stand here. */
static pb_device_t device;
static uint8_t waiting[OUT_BYTES];
static size_t waiting_count;
static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

static void catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ask_to_stop;
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 * NS_PER_MS + (uint64_t)now.tv_nsec;
}

/* Free-run time: ticks that fell due since the last look. */
typedef struct {
    uint64_t ns_per_tick;
    uint64_t next_ns;
} timer_state_t;

static uint64_t due_ticks(timer_state_t *timer)
{
    uint64_t now = now_ns();
    if (now < timer->next_ns) {
        return 0;
    }
    uint64_t due = 1 + (now - timer->next_ns) / timer->ns_per_tick;
    timer->next_ns += due * timer->ns_per_tick;
    return due;
}

static void pass_time(timer_state_t *timer)
{
    uint64_t due = due_ticks(timer);
    if (!device.armed && due > 0) {
        device.counters.late_tick_count += (uint32_t)(due - 1);
        waiting_count += pb_device_pass(&device, due, waiting + waiting_count, OUT_BYTES - waiting_count);
    }
}

static void flush(pb_port_t *port)
{
    size_t sent = pb_port_write(port, waiting, waiting_count);
    waiting_count -= sent;
    memmove(waiting, waiting + sent, waiting_count);
}

static void exchange(pb_port_t *port)
{
    uint8_t in[512];
    size_t free_bytes = PB_RX_BYTES - (size_t)device.rx_count;
    size_t count = pb_port_read(port, in, free_bytes < sizeof in ? free_bytes : sizeof in);
    (void)pb_device_push(&device, in, count);
    waiting_count += pb_device_work(&device, CHUNK_TICKS, waiting + waiting_count, OUT_BYTES - waiting_count);
    flush(port);
}

static int wait_ms(const timer_state_t *timer)
{
    uint64_t now = now_ns();
    if (pb_device_busy(&device) && waiting_count == 0) {
        return 0;
    }
    if (device.armed) {
        return -1;
    }
    return now >= timer->next_ns ? 0 : (int)((timer->next_ns - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* A peer that leaves ends the process where it was asked to, and always on stdio. */
static bool over(const pb_port_t *port, bool once)
{
    bool idle = !pb_device_busy(&device) && waiting_count == 0;
    return stop_asked || (port->hung_up && (once || !port->pty) && idle);
}

static void serve(pb_port_t *port, const pb_arguments_t *arguments)
{
    timer_state_t timer = {.ns_per_tick = NS_PER_TICK / arguments->speed};
    timer.next_ns = now_ns() + timer.ns_per_tick;
    while (!over(port, arguments->once)) {
        pb_port_wait(port, waiting_count > 0, wait_ms(&timer));
        exchange(port);
        pass_time(&timer);
        flush(port);
    }
}

int main(int count, char **words)
{
    pb_arguments_t arguments;
    pb_port_t port;
    if (!pb_arguments_read(&arguments, count, words)) {
        return 2;
    }
    catch_signals();
    if (!pb_port_open(&port, &arguments)) {
        return 4;
    }
    pb_device_begin(&device);
    serve(&port, &arguments);
    pb_port_close(&port);
    return 0;
}
