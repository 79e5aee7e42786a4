/* The functions of libmicrohttpd that suspend, resume and answer a connection, replaced by ones that only
 * take notes. */
#ifndef VIRGA_TESTS_FAKE_MHD_H
#define VIRGA_TESTS_FAKE_MHD_H

#include <microhttpd.h>

/* What happened to a connection. */
struct fake_connection {
    int suspended, resumed, queued;
};

struct MHD_Connection *fake_mhd_connection(struct fake_connection *connection);

/* The function that the last response from a callback has for its body, and its argument. */
struct fake_reader {
    MHD_ContentReaderCallback read;
    void *cls;
};
extern struct fake_reader fake_mhd_reader;

#endif
