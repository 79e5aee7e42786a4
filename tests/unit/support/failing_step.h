/* A statement of the store that fails on request: the N-th step of SQLite returns an error of the test's
 * choice and does nothing. Rolling back never fails, as in SQLite with a healthy memory. */
#ifndef VIRGA_TESTS_FAILING_STEP_H
#define VIRGA_TESTS_FAILING_STEP_H

#include <stdbool.h>

/* The nth step from now, from 1, returns this result code. */
void failing_step_arm(int nth, int rc);
/* The text of the last statement that failed, for messages. */
const char *failing_step_sql(void);
/* Ends the plan; whether the step was reached. */
bool failing_step_disarm(void);

#endif
