/* A rule of faults as the control API shows it: in the words in which it was asked for. */
#ifndef VIRGA_CONTROL_FAULTS_H
#define VIRGA_CONTROL_FAULTS_H

#include "core/fault.h"
#include "gen/control.h"

/* In the arena; the texts are the rule's own. */
struct armed_fault fault_view(struct arena *a, const struct fault *f);

#endif
