#include "support/fake_mhd.h"

struct fake_reader fake_mhd_reader;

struct MHD_Connection *fake_mhd_connection(struct fake_connection *connection)
{
    return (struct MHD_Connection *)(void *)connection;
}

static struct fake_connection *fake(struct MHD_Connection *connection)
{
    return (struct fake_connection *)(void *)connection;
}

void MHD_suspend_connection(struct MHD_Connection *connection)
{
    fake(connection)->suspended++;
}

void MHD_resume_connection(struct MHD_Connection *connection)
{
    fake(connection)->resumed++;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response)
{
    (void)status, (void)response;
    fake(connection)->queued++;
    return MHD_YES;
}

struct MHD_Response *MHD_create_response_from_callback(uint64_t size, size_t block_size,
                                                       MHD_ContentReaderCallback read, void *cls,
                                                       MHD_ContentReaderFreeCallback free_cls)
{
    (void)size, (void)block_size, (void)free_cls;
    fake_mhd_reader = (struct fake_reader){read, cls};
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}
