/* Texts of the control API's answers that a table's columns cannot describe. */
#ifndef VIRGA_CLI_REPORTS_H
#define VIRGA_CLI_REPORTS_H

#include "cli/session.h"

/* The answer of GET /_virga/coverage as a table, with its sum in the last line. */
struct str coverage_text(struct session *s, const struct node *report);
/* The part of the documented codes that was answered, from 0 to 100. */
double coverage_percent(const struct node *report);

/* The answer of POST /_virga/reset: "removed: flows 1, journal 2". */
struct str reset_text(struct session *s, const struct node *answer);

#endif
