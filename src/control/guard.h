/*
 * Who may use the control API.
 *
 * A web page that a user happens to look at must not: its browser would send an Origin that is not ours, or,
 * when the page's own name was bound anew to this machine's address, a Host that is none of ours. Beyond this
 * machine a token is demanded, or the API is closed; who shows it has read it, so that his Host, which may
 * then be any name of this machine, is not looked at. Whoever comes by the Unix socket is this user.
 * GET /_virga/health is open to all of these but foreign pages: it tells nothing, and what watches a
 * container has no token.
 */
#ifndef VIRGA_CONTROL_GUARD_H
#define VIRGA_CONTROL_GUARD_H

#include "control/router.h"

/* 0, or -1 after control_fail. */
int guard_check(struct control *k);

#endif
