/* Texts of the control API's answers that a table's columns cannot describe. */
#ifndef VIRGA_CLI_REPORTS_H
#define VIRGA_CLI_REPORTS_H

#include "cli/session.h"

/* The answer of GET /_virga/coverage as a table: for each action how often it succeeded, then each code with
 * how often it was answered naturally and by a fault. The last line has the sum. */
struct str coverage_text(struct session *s, const struct node *report);
/* The share of the documented codes that was answered, from 0 to 100; 0 when the report has none. */
double coverage_percent(const struct node *report);

/* The answer of POST /_virga/reset: "removed: flows 1, journal 2", without the kinds of which nothing was
 * removed; "removed: nothing" when there was nothing at all. */
struct str reset_text(struct session *s, const struct node *answer);

#endif
