/* Whole files, in and out, and descriptors that close themselves. Problems are sentences with the path and
 * the reason, in the arena. */
#ifndef VIRGA_BASE_FILE_H
#define VIRGA_BASE_FILE_H

#include "base/arena.h"

/* The end of a template for mkstemp and mkdtemp (POSIX). */
#define FILE_UNIQUE "XXXXXX"

/* Why nothing can be read from or written to the path as a file: "it is a pipe, not a file". NULL when it is
 * a regular file, or a link to one, or nothing that exists. Does not open it, because that may wait or have
 * an effect. */
const char *file_refusal(const char *path);

/* The contents of a regular file of at most `cap` bytes. -1 and *ret_problem. */
int file_read(struct arena *a, const char *path, size_t cap, struct str *ret_text, struct str *ret_problem);

/* The same, also of a pipe, as a shell's <(command) is one: what is written to it until its writers close it;
 * fails after LIMIT_FILE_WAIT_MS without a byte. */
int file_read_input(struct arena *a, const char *path, size_t cap, struct str *ret_text,
                    struct str *ret_problem);

/* Writes the whole text, also in several parts. -1 with errno. */
int file_write_all(int fd, struct str text);

/* Replaces the file at `path` atomically: writes a new file (mode 0600) in the same folder, then renames it.
 * Concurrent readers see the old text or the new one. It does not sync: after a power cut the file may be the
 * old one, the new one or, on some file systems, empty. -1 and *ret_problem; the old file then stays, and so
 * does what is no file. */
int file_replace(struct arena *a, const char *path, struct str text, struct str *ret_problem);

/* Removes what file_replace has left beside `path` when its process was killed, and nothing of a process that
 * runs. */
void file_sweep(struct arena *a, const char *path);

/* A descriptor that is closed at the end of its scope, unless it is negative: `FD_SCOPE fd = open(...)`. */
#define FD_SCOPE __attribute__((cleanup(fd_close))) int
void fd_close(int *fd);

/* Makes the missing folders above `path`, with mode 0700. -1 with errno. */
int file_make_parents(struct arena *a, const char *path);

/* The first folder above `path` that does not exist, in the arena; NULL when none is missing. */
const char *file_missing_folder(struct arena *a, const char *path);

#endif
