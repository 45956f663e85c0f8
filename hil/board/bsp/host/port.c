/* Knows the two file descriptors bytes pass through. */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* A closed pty reports its hang-up for ever; look again this often for a new peer. */
#define REOPEN_POLL_MS 5

static bool complain(const char *what)
{
    fprintf(stderr, "pumpbench-native: %s: %s\n", what, strerror(errno));
    return false;
}

static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

/* Raw: no echo, no line discipline. Set from the master it holds for whoever opens the other end. */
static bool make_raw(int fd)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) != 0) {
        return false;
    }
    cfmakeraw(&settings);
    return tcsetattr(fd, TCSANOW, &settings) == 0;
}

/* Only a link may be replaced: never a file that somebody made. */
static bool make_link(const char *slave, const char *path)
{
    struct stat found;
    if (lstat(path, &found) == 0) {
        if (!S_ISLNK(found.st_mode)) {
            fprintf(stderr, "pumpbench-native: --link %s exists and is no link; remove it or name another path\n", path);
            return false;
        }
        (void)unlink(path);
    }
    return symlink(slave, path) == 0 || complain(path);
}

static bool open_pty(pb_port_t *port)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0 || !make_raw(fd) || !set_nonblocking(fd)) {
        return complain("no pty");
    }
    port->in = port->out = fd;
    const char *slave = ptsname(fd);
    if (slave == NULL || (port->link_path && !make_link(slave, port->link_path))) {
        port->link_path = NULL;
        return slave != NULL || complain("pty without a name");
    }
    printf("%s\n", slave);
    return fflush(stdout) == 0;
}

bool pb_port_open(pb_port_t *port, const pb_arguments_t *arguments)
{
    *port = (pb_port_t){.in = STDIN_FILENO, .out = STDOUT_FILENO, .pty = !arguments->stdio,
                        .link_path = arguments->stdio ? NULL : arguments->link_path};
    if (port->pty) {
        bool opened = open_pty(port);
        return opened && (arguments->link_path == NULL || port->link_path != NULL);
    }
    return set_nonblocking(port->in) || complain("stdin");
}

void pb_port_close(pb_port_t *port)
{
    if (port->link_path) {
        (void)unlink(port->link_path);
    }
}

size_t pb_port_read(pb_port_t *port, uint8_t *in, size_t capacity)
{
    ssize_t count = read(port->in, in, capacity);
    if (count > 0) {
        port->hung_up = false;
        return (size_t)count;
    }
    bool waiting = count < 0 && (errno == EAGAIN || errno == EINTR);
    if (capacity > 0 && !waiting) {
        port->hung_up = true;
    } else if (waiting) {
        port->hung_up = false;
    }
    return 0;
}

size_t pb_port_write(pb_port_t *port, const uint8_t *out, size_t count)
{
    if (port->pty && port->hung_up) {
        return count;
    }
    ssize_t sent = write(port->out, out, count);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : count;
    }
    return (size_t)sent;
}

void pb_port_wait(pb_port_t *port, bool to_write, int timeout_ms)
{
    struct pollfd fds[2] = {{.fd = port->in, .events = POLLIN}, {.fd = port->out, .events = POLLOUT}};
    if (port->hung_up) {
        bool forever = timeout_ms < 0 || timeout_ms > REOPEN_POLL_MS;
        (void)poll(NULL, 0, forever ? REOPEN_POLL_MS : timeout_ms);
        return;
    }
    (void)poll(fds, to_write ? 2 : 1, timeout_ms);
}
