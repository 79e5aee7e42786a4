/*
 * Images of SQLite files: an input changes a good file, so that it needs few bytes to reach far.
 */
#ifndef VIRGA_TESTS_FUZZ_IMAGE_H
#define VIRGA_TESTS_FUZZ_IMAGE_H

#include "input.h"

/* The path of a file in a folder of this process, which is removed at its end. */
const char *image_path(void);

/* Runs one input of a target: writes the file as the input says, and uses it. The file becomes any bytes, or
 * the good one with changes in its bytes, its pages or its rows, or with any SQL executed; nothing else is in
 * its folder then. `use_file` opens the file at image_path and closes it. It is called once without a file at
 * the beginning: what it leaves is the good one. Returns 0. */
int image_fuzz(const uint8_t *data, size_t size, void (*use_file)(struct arena *a));

#endif
