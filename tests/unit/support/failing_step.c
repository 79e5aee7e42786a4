/* The function of the program hides that of the library, and calls it. */
#include "support/failing_step.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <string.h>

static struct {
    int left; /* steps until the one that fails; 0: none */
    int rc;
} plan;

static bool rolls_back(sqlite3_stmt *s)
{
    const char *sql = sqlite3_sql(s);
    return sql && strncmp(sql, "ROLLBACK", strlen("ROLLBACK")) == 0;
}

int sqlite3_step(sqlite3_stmt *s)
{
    static int (*real)(sqlite3_stmt *);
    if (!real)
        *(void **)(void *)&real = dlsym(RTLD_NEXT, "sqlite3_step");
    if (plan.left > 0 && !rolls_back(s) && --plan.left == 0)
        return plan.rc;
    return real(s);
}

void failing_step_arm(int nth, int rc)
{
    plan.left = nth;
    plan.rc = rc;
}

bool failing_step_disarm(void)
{
    bool reached = plan.left == 0;
    plan.left = 0;
    return reached;
}
