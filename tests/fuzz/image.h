/*
 * Images of SQLite files: an input changes a good file, so that it needs few bytes to reach far.
 */
#ifndef VIRGA_TESTS_FUZZ_IMAGE_H
#define VIRGA_TESTS_FUZZ_IMAGE_H

#include "input.h"

/* The path of a file in a folder of this process, which is removed at its end. */
const char *image_path(void);

/* Keeps the file at image_path as the good one, once it is closed. */
void image_keep(void);

/* Writes the file again as the input says: as any bytes, or as the good one with changes in its bytes, its
 * pages or its rows, or with any SQL executed. Nothing else is in its folder afterwards. */
void image_write(struct arena *a, struct input *in);

#endif
