/* Runs a fuzz target over stored inputs: every file named, every file in a directory named, and for each of them every prefix
 * shorter than PREFIX_MAX, so that a stored input is also an end of input at every offset. */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PREFIX_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long inputs;

static void run_exact(const uint8_t *data, size_t size)
{
    /* A copy of exactly this size, so that reading past the end is seen by ASan and valgrind. */
    uint8_t *copy = malloc(size ? size : 1);

    if (copy == NULL) {
        fprintf(stderr, "replay: no memory for %zu bytes\n", size);
        exit(2);
    }
    if (size) {
        memcpy(copy, data, size);
    }
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    inputs++;
}

static int complain(const char *path)
{
    fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
    return 2;
}

static int run_file(const char *path, size_t length)
{
    uint8_t *data = malloc(length ? length : 1);
    FILE *file = fopen(path, "rb");
    int failed = data == NULL || file == NULL || fread(data, 1, length, file) != length;

    if (!failed) {
        size_t cut, cuts = length < PREFIX_MAX ? length : PREFIX_MAX;

        for (cut = 0; cut < cuts; cut++) {
            run_exact(data, cut);
        }
        run_exact(data, length);
    }
    if (file) {
        fclose(file);
    }
    free(data);
    return failed ? complain(path) : 0;
}

static int run_path(const char *path);

static int run_directory(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int result = 0;

    if (dir == NULL) {
        return complain(path);
    }
    while (result == 0 && (entry = readdir(dir)) != NULL) {
        char name[4096];

        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
            result = run_path(name);
        }
    }
    closedir(dir);
    return result;
}

static int run_path(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        return complain(path);
    }
    return S_ISDIR(info.st_mode) ? run_directory(path) : run_file(path, (size_t)info.st_size);
}

int main(int argc, char **argv)
{
    int i, result = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
        return 2;
    }
    for (i = 1; i < argc && result == 0; i++) {
        result = run_path(argv[i]);
    }
    if (result == 0 && inputs == 0) {
        fprintf(stderr, "replay: no input was found\n");
        result = 2;
    }
    if (result == 0) {
        printf("%lu inputs\n", inputs);
    }
    return result;
}
