/* Proves that a stream is sent piece by piece, in what order several streams get their pieces, and how a
 * stream ends. */
#include "support/fake_mhd.h"
#include "support/texts.h"

#include "server/connection.h"
#include "server/response.h"
#include "server/sender.h"

enum { MANY = 5 };

/* A stream whose pieces are "<1>", "<2>" and so on. */
struct counting {
    struct stream stream;
    int made, pieces;
    enum stream_result end; /* of the last piece */
    int done;
};

static struct exchange x[MANY];
static struct fake_connection connections[MANY];
static struct connection rows[MANY];
static struct counting streams[MANY];
static struct fake_reader readers[MANY];
static struct senders senders;
static struct connections table;

static enum stream_result next(struct stream *s, struct buf *piece)
{
    struct counting *c = (struct counting *)s;
    buf_printf(piece, "<%d>", ++c->made);
    return c->made < c->pieces ? STREAM_MORE : c->end;
}

static void done(struct stream *s)
{
    ((struct counting *)s)->done++;
}

static int setup(void **state)
{
    (void)state;
    table = (struct connections){.most = MANY};
    senders = (struct senders){.connections = &table};
    for (size_t i = 0; i < MANY; i++) {
        streams[i] = (struct counting){.stream = {next, done}, .pieces = 3, .end = STREAM_END};
        connections[i] = (struct fake_connection){0};
        rows[i] = (struct connection){0};
        x[i] = (struct exchange){.state = EXCHANGE_BODY, .status = 200, .content_type = "application/json"};
        x[i].mhd = fake_mhd_connection(&connections[i]);
        x[i].connection = &rows[i];
        x[i].call.arena = &x[i].arena;
        x[i].call.answer = STR("first");
        x[i].call.stream = &streams[i].stream;
        sender_open(&senders, &x[i]);
        assert_int_equal(response_queue(&x[i]), MHD_YES);
        readers[i] = fake_mhd_reader;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    senders_end(&senders);
    for (size_t i = 0; i < MANY; i++) {
        sender_close(&x[i]);
        sender_close(&x[i]); /* the second time there is nothing to close */
        arena_done(&x[i].arena);
        assert_int_equal(streams[i].done, 1);
    }
    return 0;
}

/* What libmicrohttpd gets for a connection that can take `room` bytes: a text, "(wait)", "(end)" or
 * "(error)". */
static const char *read_some(size_t i, size_t room)
{
    static char text[16];
    assert_true(room < sizeof text);
    ssize_t n = readers[i].read(readers[i].cls, 0, text, room);
    if (n == MHD_CONTENT_READER_END_OF_STREAM)
        return "(end)";
    if (n == MHD_CONTENT_READER_END_WITH_ERROR)
        return "(error)";
    text[n] = '\0';
    return n > 0 ? text : "(wait)";
}

static const char *read_all(size_t i)
{
    return read_some(i, 15);
}

static void pieces_follow_the_first_text(void **state)
{
    (void)state;
    assert_string_equal(read_all(0), "first");
    for (int i = 1; i <= 3; i++) {
        assert_string_equal(read_all(0), "(wait)");
        assert_int_equal(connections[0].suspended, i);
        assert_true(senders_wait(&senders));
        senders_run(&senders);
        assert_int_equal(connections[0].resumed, i);
        assert_false(senders_wait(&senders));
        assert_string_equal(read_all(0), ((const char *const[]){"<1>", "<2>", "<3>"})[i - 1]);
    }
    assert_string_equal(read_all(0), "(end)");
}

/* However long it takes. */
static void a_slow_client_costs_one_piece(void **state)
{
    (void)state;
    assert_string_equal(read_some(0, 2), "fi");
    assert_string_equal(read_some(0, 4), "rst");
    assert_string_equal(read_all(0), "(wait)");
    for (int i = 0; i < 10; i++)
        senders_run(&senders);
    assert_int_equal(streams[0].made, 1);
    assert_string_equal(read_some(0, 1), "<");
    senders_run(&senders);
    assert_int_equal(streams[0].made, 1);
}

/* How many pieces were made. No stream gets far ahead of another: those of one iteration may queue again in
 * either order. */
static int made(void)
{
    int sum = 0, least = streams[0].made, most = least;
    for (size_t i = 0; i < MANY; i++) {
        const int n = streams[i].made;
        least = n < least ? n : least;
        most = n > most ? n : most;
        sum += n;
    }
    assert_in_range(most - least, 0, LIMIT_ITERATION_PIECES);
    return sum;
}

static void an_iteration_makes_a_few_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        assert_string_equal(read_all(i), "first");
        assert_string_equal(read_all(i), "(wait)");
    }
    for (int n = 1; senders_wait(&senders); n++) {
        const int before = made();
        senders_run(&senders);
        assert_in_range(made() - before, 1, LIMIT_ITERATION_PIECES);
        for (size_t i = 0; i < MANY; i++) {
            if (connections[i].resumed < connections[i].suspended || streams[i].made == 3)
                continue;
            assert_int_equal(read_all(i)[0], '<');
            assert_string_equal(read_all(i), "(wait)");
        }
        assert_true(n <= 3 * MANY);
    }
    assert_int_equal(made(), 3 * MANY);
}

/* It must not look like a complete one. */
static void a_broken_stream_ends_with_an_error(void **state)
{
    (void)state;
    streams[0].end = STREAM_BROKEN;
    streams[0].pieces = 1;
    assert_string_equal(read_all(0), "first");
    assert_string_equal(read_all(0), "(wait)");
    senders_run(&senders);
    assert_string_equal(read_all(0), "(error)");
}

static void the_end_of_the_server_cuts_a_stream(void **state)
{
    (void)state;
    streams[1].pieces = 1;
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(read_all(i), "first");
        assert_string_equal(read_all(i), "(wait)");
    }
    senders_run(&senders); /* makes pieces for 0 and 1 */
    senders_end(&senders);
    assert_int_equal(connections[2].resumed, 1);
    assert_string_equal(read_all(2), "(error)");
    assert_string_equal(read_all(0), "<1>");
    assert_string_equal(read_all(0), "(error)");
    assert_string_equal(read_all(1), "<1>");
    assert_string_equal(read_all(1), "(end)"); /* nothing of it is missing */
}

/* A client that stopped reading must not keep its connection while others need one. */
static void the_client_that_reads_least_is_evicted_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        connection_pin(&table, &rows[i]);
        assert_string_equal(read_some(i, 1), "f");
        assert_true(rows[i].listed);
    }
    assert_ptr_equal(table.oldest, &rows[0]);
    assert_string_equal(read_some(0, 1), "i");
    assert_ptr_equal(table.oldest, &rows[1]);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

SUITE(sender)
{
    const struct CMUnitTest tests[] = {
        CASE(pieces_follow_the_first_text),        CASE(a_slow_client_costs_one_piece),
        CASE(an_iteration_makes_a_few_pieces),     CASE(a_broken_stream_ends_with_an_error),
        CASE(the_end_of_the_server_cuts_a_stream), CASE(the_client_that_reads_least_is_evicted_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
