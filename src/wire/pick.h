/* One parameter out of a decoded struct, by its path on the wire: "InstanceId", "DBNames.0". */
#ifndef VIRGA_WIRE_PICK_H
#define VIRGA_WIRE_PICK_H

#include "wire/shape.h"

/* The scalar at the path, as the text a form would carry; what the client left out counts with its default.
 * False when there is none: not given, no such path, or a list or an object as a whole. */
bool pick(struct arena *a, const struct shape *shape, const void *value, struct str path,
          struct str *ret_text);

/* Can the path ever lead to a scalar? If not, *ret_part is the part that leads nowhere, and *ret_at the shape
 * whose fields it is not among; NULL where an index or the end of the path is expected. */
bool pick_leads(const struct shape *shape, struct str path, struct str *ret_part,
                const struct shape **ret_at);

#endif
