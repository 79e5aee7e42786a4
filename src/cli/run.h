/* The server's report of coverage, for people. */
#ifndef VIRGA_CLI_RUN_H
#define VIRGA_CLI_RUN_H

#include "cli/session.h"

/* The report as a table, and its sum in a last line. `report` is the answer of GET /_virga/coverage. */
struct str coverage_text(struct session *s, const struct node *report);

/* The share of the documented codes that was seen, 0 to 100. */
double coverage_percent(const struct node *report);

#endif
