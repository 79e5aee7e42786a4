/* A property that a fuzz target asks for. Not assert(): it must hold in a build without assertions too. */
#ifndef VIRGA_TESTS_DEMAND_H
#define VIRGA_TESTS_DEMAND_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program, which the fuzzer reports with its input, unless `holds`. */
static inline void demand(bool holds, const char *property)
{
    if (holds)
        return;
    (void)fprintf(stderr, "broken: %s\n", property);
    abort();
}

#endif
