/*
 * An SQLite VFS that fails on request: the N-th step that touches the disk returns an error of the test's
 * choice.
 *
 * It wraps the default VFS and becomes the default, so that the code under test opens files as usual.
 */
#ifndef VIRGA_TESTS_FAILING_VFS_H
#define VIRGA_TESTS_FAILING_VFS_H

#include <stdbool.h>

enum failing_steps {
    FAIL_WRITES = 1,     /* xWrite: where a full disk shows */
    FAIL_EVERYTHING = 2, /* also xOpen, xRead, xTruncate, xSync, xDelete, xShmMap */
};

struct failing_plan {
    enum failing_steps steps;
    int nth;      /* the step that fails, from 1 */
    bool forever; /* also all later steps */
    int rc;       /* the result code of the failing steps */
};

void failing_vfs_install(void);
void failing_vfs_remove(void);

void failing_vfs_arm(struct failing_plan plan);
/* Ends the plan and returns how many steps failed. */
int failing_vfs_disarm(void);

#endif
