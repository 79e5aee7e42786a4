/* What every unit test needs: cmocka with the headers that it requires first, and the definition of a suite.
 */
#ifndef VIRGA_TESTS_SUITE_H
#define VIRGA_TESTS_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Defines a suite: `SUITE(str) { ... return cmocka_run_group_tests(...); }`. A layer's program runs the
 * suites of its layer (support/runner.py). */
#define SUITE(name)                                                                                          \
    int suite_##name(void);                                                                                  \
    int suite_##name(void)

#endif
