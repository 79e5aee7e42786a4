/*
 * An SQLite VFS that fails on request: the N-th step that touches the disk returns an error of the test's
 * choice.
 *
 * It lies over the default VFS and takes its place, so that the code under test opens files as always.
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
    bool forever; /* and all after it */
    int rc;       /* with this result code */
};

void failing_vfs_install(void);
void failing_vfs_remove(void);

void failing_vfs_arm(struct failing_plan plan);
/* Ends the plan; how many steps failed. */
int failing_vfs_disarm(void);

#endif
