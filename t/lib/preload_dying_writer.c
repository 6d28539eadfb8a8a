/* A process that dies while it writes several lines into a file at once. The file @DYING_WRITER@ in the environment is a turn, for one process: it
 * holds how many thousandths are still written. What was to be written is left in a file of the same name with ".lines" behind it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ssize_t write_t(int fd, const void *bytes, size_t len);

static write_t *real_write(void)
{
    static void *found;

    if (!found) {
        found = dlsym(RTLD_NEXT, "write");
    }
    return (write_t *)(size_t)found;
}

static int is_several(int fd, const char *bytes, size_t len)
{
    const char *end = len > 0 ? memchr(bytes, '\n', len - 1) : NULL;
    struct stat status;

    return end && bytes[0] == '{' && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* How many thousandths; -1: it is not its turn. */
static int take_turn(const char *turn, char *taken)
{
    char text[8] = "";
    int fd;

    snprintf(taken, PATH_MAX, "%s.lines", turn);
    if (rename(turn, taken) != 0) {
        return -1;
    }
    fd = open(taken, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) {
        abort();
    }
    close(fd);
    return atoi(text);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    const char *turn = getenv("DYING_WRITER");
    char taken[PATH_MAX];
    int part = turn && is_several(fd, bytes, len) ? take_turn(turn, taken) : -1;
    int kept;

    if (part >= 0) {
        kept = open(taken, O_WRONLY | O_TRUNC);
        if (kept < 0 || real_write()(kept, bytes, len) < 0 || real_write()(fd, bytes, len * (size_t)part / 1000) < 0) {
            abort();
        }
        kill(getpid(), SIGKILL);
    }
    return real_write()(fd, bytes, len);
}
