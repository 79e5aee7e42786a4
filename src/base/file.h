/* Whole files, in and out; and descriptors that close themselves. */
#ifndef VIRGA_BASE_FILE_H
#define VIRGA_BASE_FILE_H

#include "base/arena.h"

/* The end of a name that mkstemp and mkdtemp fill in: six of this letter, by POSIX. */
#define FILE_UNIQUE "XXXXXX"

/* The contents of a file of at most `cap` bytes; of a pipe what is written to it, without waiting for more
 * than some seconds in which nothing comes. -1 and a sentence with the path and the reason. */
int file_read(struct arena *a, const char *path, size_t cap, struct str *ret_text, struct str *ret_problem);

/* Puts `text` under `path` at once or not at all: into a new file beside it, which then takes its place. Mode
 * 0600. That is for those who read meanwhile: nothing is forced to the disk, so a power cut may leave either,
 * or on some file systems an empty file. -1 and a sentence. */
int file_replace(struct arena *a, const char *path, struct str text, struct str *ret_problem);

/* A descriptor that is closed when its scope ends, if it is one: `FD_SCOPE fd = open(...)`. */
#define FD_SCOPE __attribute__((cleanup(fd_leave))) int
void fd_leave(int *fd);

/* Makes the folders above `path` that are missing, with mode 0700. -1 with errno. */
int file_make_parents(struct arena *a, const char *path);

#endif
