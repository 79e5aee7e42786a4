/* The official SDKs that are installed for a program in this folder. */
#ifndef VIRGA_CLI_SDK_VERSIONS_H
#define VIRGA_CLI_SDK_VERSIONS_H

#include "base/arena.h"

/* "tencentcloud-sdk-python-common 3.1.195, ...", each name and version once: of Python in $VIRTUAL_ENV,
 * .venv, venv and the system's folders, of Node.js in node_modules, of Go in go.mod. Empty when there are
 * none. At most as many as fit into LIMIT_SDK_VERSIONS. No program is run. */
struct str sdk_versions(struct arena *a);

#endif
