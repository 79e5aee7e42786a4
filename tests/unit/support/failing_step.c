/* The function of the program hides that of the library, and calls it. */
#include "support/failing_step.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static struct {
    int left; /* steps until the one that fails; 0: none */
    int rc;
    int depth; /* SQLite steps further statements itself, of which it ignores some failures */
    char sql[200];
} plan;

static bool rolls_back(const char *sql)
{
    return strncmp(sql, "ROLLBACK", strlen("ROLLBACK")) == 0;
}

int sqlite3_step(sqlite3_stmt *s)
{
    static int (*real)(sqlite3_stmt *);
    const char *sql = sqlite3_sql(s);
    if (!real)
        *(void **)(void *)&real = dlsym(RTLD_NEXT, "sqlite3_step");
    if (plan.depth == 0 && plan.left > 0 && sql && !rolls_back(sql) && --plan.left == 0) {
        (void)snprintf(plan.sql, sizeof plan.sql, "%s", sql);
        return plan.rc;
    }
    plan.depth++;
    int rc = real(s);
    plan.depth--;
    return rc;
}

void failing_step_arm(int nth, int rc)
{
    plan.left = nth;
    plan.rc = rc;
}

const char *failing_step_sql(void)
{
    return plan.sql;
}

bool failing_step_disarm(void)
{
    bool reached = plan.left == 0;
    plan.left = 0;
    return reached;
}
