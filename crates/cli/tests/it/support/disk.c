/* A disk that can be cut off from power, and that can fail: loaded before the C library into a process under test.
 *
 * What a process has written is in the memory of the system and survives `kill -9`; only what was synced survives a
 * power cut. After each sync of a write-ahead log that went well, this notes how long the log was when the sync began,
 * so that a test can cut it back to that length: nothing beyond it was promised by the disk.
 *
 * DISK_NOTES  where to note: the log's salt (8 bytes, another one each time the log begins anew) and its length (8)
 * DISK_FAILS  while a file of this name is there, no log can be synced
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t noting = PTHREAD_MUTEX_INITIALIZER;
static uint64_t noted[2];

static int is_log(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    return length > 4 && memcmp(path + length - 4, "-wal", 4) == 0;
}

static void note(uint64_t salt, uint64_t length) {
    const char *path = getenv("DISK_NOTES");
    if (path == NULL) return;
    pthread_mutex_lock(&noting);
    /* Two syncs may overlap: the longer one counts. */
    if (noted[0] != salt || noted[1] < length) {
        noted[0] = salt;
        noted[1] = length;
        int notes = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (notes < 0 || pwrite(notes, noted, sizeof noted, 0) != sizeof noted) abort();
        close(notes);
    }
    pthread_mutex_unlock(&noting);
}

static int sync_with(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (!is_log(fd)) return real(fd);
    const char *fails = getenv("DISK_FAILS");
    if (fails != NULL && access(fails, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    struct stat before;
    uint64_t salt = 0;
    if (fstat(fd, &before) != 0 || pread(fd, &salt, sizeof salt, 16) < 0) abort();
    int outcome = real(fd);
    if (outcome == 0) note(salt, (uint64_t)before.st_size);
    return outcome;
}

int fdatasync(int fd) { return sync_with("fdatasync", fd); }
int fsync(int fd) { return sync_with("fsync", fd); }
