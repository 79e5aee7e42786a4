/* The control API under /_virga/: virga's own, never the cloud's. Its errors have their own envelope. */
#ifndef VIRGA_SERVER_CONTROL_H
#define VIRGA_SERVER_CONTROL_H

#include "core/call.h"

bool control_owns(struct str path);
/* Runs the request in *c, writes c->answer (JSON) and returns the HTTP status. */
int control_run(struct call *c);

#endif
