/* Every limit of the program, with its reason. A size is in bytes unless its name says otherwise. A limit
 * with a source is the gateway's own; the others are virga's. */
#ifndef VIRGA_BASE_LIMITS_H
#define VIRGA_BASE_LIMITS_H

#include <stdint.h>

enum {
    /* --- base and store --- */

    /* One log line, so that a message that quotes a client stays short. */
    LIMIT_LOG_LINE = 4096,
    /* Lines that wait for standard error. A burst that is larger is written in parts. */
    LIMIT_LOG_BUFFER = 16 * LIMIT_LOG_LINE,
    /* The wait for the writer of a pipe that is read at the start, when no signal ends the program yet. */
    LIMIT_FILE_WAIT_MS = 5000,
    /* One request to the system's random numbers: up to 256 bytes it returns all or none (getrandom(2)). */
    LIMIT_RANDOM = 256,
    /* A name that gets suggestions; the longest name of a schema is shorter. */
    LIMIT_SUGGESTION = 64,
    /* From this size on, a block of the heap has pages of its own. Smaller ones are used again without the
     * system. */
    LIMIT_HEAP_BLOCK = 128 * 1024,
    /* When so many bytes of smaller blocks are freed at once, the system gets back what is free. Less is
     * kept, because to ask the system for it again would make the next calls slower. */
    LIMIT_HEAP_KEPT = 1024 * 1024,
    /* Savepoints inside each other: one for the call, a few in its handler. A deeper nest is a bug. */
    LIMIT_SAVEPOINTS = 8,
    /* A statement that is made from the names of a table; the schema's longest has about 2 KB. */
    LIMIT_SQL = 64 * 1024,
    /* Different rows that a change tracker remembers. After more changes its reader copies all
     * rows instead. */
    LIMIT_TRACKED_ROWS = 4096,

    /* --- requests --- */

    /* The gateway's own sizes (API documentation 213/30435, 1278/46710). */
    LIMIT_TARGET_GET = 32 * 1024,
    LIMIT_BODY_V1 = 1024 * 1024,
    LIMIT_BODY_V3 = 10 * 1024 * 1024,
    /* What libmicrohttpd may keep for one connection: the request line, the headers with a record of about 70
     * bytes for each, and the headers of the response. */
    LIMIT_HEADERS = 64 * 1024,
    /* Past it a second Content-Length could hide; clients send about ten. */
    LIMIT_HEADER_COUNT = 100,
    /* cJSON recurses once a level, so this bounds the stack. No documented parameter is deeper than 4. */
    LIMIT_JSON_DEPTH = 64,
    /* cJSON cuts the text of a number here and then fails on the rest. */
    LIMIT_JSON_NUMBER = 63,
    /* Values in one request: bounds the memory of a call to about 200 bytes for each. */
    LIMIT_NODES = 250 * 1000,
    /* A name from a client in an error's path; the longest documented name has 33 characters. */
    LIMIT_PATH_NAME = 256,
    /* The whole path: LIMIT_JSON_DEPTH names of that length would fill the answer. */
    LIMIT_PATH = 4096,
    /* An answer; the largest documented page (100 rows of 56 fields) is far smaller. */
    LIMIT_ANSWER = 8 * 1024 * 1024,

    /* --- journal --- */

    /* What the journal keeps of one call, so that a few large calls do not push out all others. The texts are
     * those that clients choose freely, such as a trace id. */
    LIMIT_JOURNAL_TEXT = 1024,
    LIMIT_JOURNAL_HEADERS = 16 * 1024,
    LIMIT_JOURNAL_BODY = 16 * 1024,
    /* The range and the defaults of --journal-calls and --journal-bytes. */
    LIMIT_JOURNAL_CALLS_MAX = 1000 * 1000,
    LIMIT_JOURNAL_CALLS = 10 * 1000,
    LIMIT_JOURNAL_BYTES = 64 * 1024 * 1024,
    /* FlowIds whose flows the journal's file shows; a start and a reset copy at most this many. */
    LIMIT_JOURNAL_FLOWS = 10 * 1000,
    /* Changes of flows that are kept for subscribers to the events. */
    LIMIT_JOURNAL_CHANGES = 1024,
    /* Calls that one piece of an answer compares with the conditions of its query: by default the whole
     * journal, in less than a millisecond. */
    LIMIT_EXAMINED = 10 * 1000,

    /* The text of an exported log, in bytes: the entries after that are left out. It is part of the state. */
    LIMIT_EXPORT_TEXT = 1024 * 1024,

    /* --- server --- */

    /* The memory of a body that an exchange keeps for its next request. */
    LIMIT_BODY_KEPT = 16 * 1024,
    /* Headers of a response beside the content type: those of a console file. */
    LIMIT_RESPONSE_HEADERS = 7,
    /* A piece of an answer that is made while it is sent: no item is added to a piece of this size. Larger
     * ones make a download no faster, and other calls wait longer. */
    LIMIT_PIECE = 32 * 1024,
    /* Such pieces in one iteration of the loop, for all connections together. */
    LIMIT_ITERATION_PIECES = 2,
    /* The longest wait of the loop, in milliseconds, so that a distant timer fits an int. */
    LIMIT_POLL_MS = 60 * 1000,
    /* Descriptors that one wait of the event loop covers: as many as select takes where there is no epoll. */
    LIMIT_POLLED = 1024,
    /* The time for calls in flight after a SIGTERM, in milliseconds, so that the whole end takes less than
     * 100. */
    LIMIT_STOP_MS = 60,

    /* The bodies of all requests that are being received or are not answered yet. */
    LIMIT_BODIES = 256 * 1024 * 1024,
    /* Open connections: bounds their memory together with LIMIT_HEADERS, beside LIMIT_BODIES. */
    LIMIT_CONNECTIONS = 1000,
    /* From here on each new connection closes the one that has been idle for the longest time. */
    LIMIT_CONNECTIONS_KEPT = 950,
    /* Of the connections that are kept, one in this many is left for others when faults delay calls. */
    LIMIT_CONNECTIONS_RESERVE = 5,
    /* Connections that subscribe to the events: each of them stays open. */
    LIMIT_SUBSCRIBERS = 32,
    /* How long a connection without traffic stays open. */
    LIMIT_IDLE_SECONDS = 75,

    /* --- faults, diagnosis, control --- */

    /* Fault rules: each call is compared with all of them. */
    LIMIT_FAULTS = 1000,
    LIMIT_FAULT_PARAMS = 32,
    /* An injected delay; clients give up long before. */
    LIMIT_DELAY_MS = 3600 * 1000,
    /* A larger body is not rewritten and hashed for each signature mistake. */
    LIMIT_DOCTOR_BODY = 64 * 1024,
    /* Requests with more text than the first use up the second, then the search tries cheap mistakes only. To
     * hash that much takes a few milliseconds, in which no other call is answered. */
    LIMIT_DOCTOR_TEXT = 1024,
    LIMIT_DOCTOR_WORK = 1280 * 1024,
    /* Rejected requests that are kept for a diagnosis on demand, the largest of them, and how many diagnoses
     * on demand a second may have. */
    LIMIT_KEPT_REQUESTS = 64,
    LIMIT_KEPT_REQUEST = 64 * 1024,
    LIMIT_DOCTOR_ON_DEMAND = 20,
    /* Texts that a diagnosis makes, from at most LIMIT_BODY_V3 and LIMIT_DOCTOR_BODY: a canonical request
     * with the body in it, a string to sign of version 1 with three bytes for each escape, JSON with its
     * escapes. */
    LIMIT_DOCTOR_CANONICAL = 16 * 1024 * 1024,
    LIMIT_DOCTOR_STRING = 4 * 1024 * 1024,
    LIMIT_DOCTOR_JSON = 16 * 1024 * 1024,
    /* A sentence with what a diagnosis found: two findings, or two texts of LIMIT_SHOWN_TEXT with their
       escapes. */
    LIMIT_FINDINGS_TEXT = 32 * 1024,
    /* A text with its invisible bytes shown: a request's headers fit, a body is cut. */
    LIMIT_SHOWN_TEXT = 1500,
    /* The state as one document, in and out. One that comes in is in memory two or three times. */
    LIMIT_STATE = 64 * 1024 * 1024,
    /* The copies of the database for all documents that are being sent, so that a client that reads none of
     * its answers takes no more; a database that is larger has a document above LIMIT_STATE. */
    LIMIT_STATE_COPIES = 128 * 1024 * 1024,
    /* A database that is copied in one step, and one step of the copy of a larger one. Nothing else runs
     * meanwhile, for about as long as for one piece of an answer. */
    LIMIT_COPIED_AT_ONCE = 1024 * 1024,
    LIMIT_COPY_STEP = 256 * 1024,
    /* Rows in one answer of the control API, for lists that grow without a bound of their own. */
    LIMIT_LISTED = 1000,
    /* Counters of the rate limits. A client chooses its address, and counters are never removed; above it,
     * new keys share one. */
    LIMIT_RATE_COUNTERS = 64 * 1024,
    /* Signing keys that are kept. To derive one costs as much as to check a signature; the client chooses
     * date and service. */
    LIMIT_SIGNING_KEYS = 256,
    /* The message of an error with its arguments, which may come from the client. */
    LIMIT_MESSAGE = 16 * 1024,
    /* A form of a call's parameters in a code sample; they come from one request. */
    LIMIT_TEMPLATE_TEXT = 16 * 1024 * 1024,
    /* Kinds of flow of all products together. */
    LIMIT_FLOW_TYPES = 64,
    /* A world file: it is in memory as a whole. */
    LIMIT_WORLD_FILE = 16 * 1024 * 1024,

    /* A file of certificates; far larger than a certificate with a name for every region. */
    LIMIT_PEM_FILE = 256 * 1024,
    /* A package.json or a go.mod that virga doctor reads. */
    LIMIT_SDK_FILE = 256 * 1024,
    /* The wait of a start, in milliseconds, for another start that makes two keys at the same time. */
    LIMIT_CA_LOCK_MS = 5000,

    /* --- cli --- */

    /* What a subcommand reads, from the server or from a file, and prints. A state document or a
       journal may be large. */
    LIMIT_CLI_TEXT = 256 * 1024 * 1024,
    /* A file with a credential or a profile of the official clients: a few lines. */
    LIMIT_CREDENTIAL_FILE = 64 * 1024,
    /* How often a call to the cloud is sent that the cloud throttles, or whose answer does not arrive. */
    LIMIT_UPSTREAM_TRIES = 5,
    /* Calls to the cloud of one import: past it a list that never ends would be read for ever. */
    LIMIT_IMPORT_CALLS = 100 * 1000,
    /* Rows of one page of a list that is imported: the product's own maximum. */
    LIMIT_IMPORT_PAGE = 100,
    /* The endpoints file. It is small, but a path in it may be long. */
    LIMIT_ENDPOINTS = 64 * 1024,
    /* The names and versions of SDKs that virga doctor lists. */
    LIMIT_SDK_VERSIONS = 2 * 1024,
    /* The name of a server; it is a folder's name, which file systems bound at 255. */
    LIMIT_SERVER_NAME = 64,
    /* The duration of a flow, ten years; longer than any test waits, far from an overflow in
       milliseconds. */
    LIMIT_FLOW_SECONDS = 10 * 365 * 24 * 3600,
};

/* The largest step of the clock in one request: a hundred years, far from an overflow of milliseconds. */
#define LIMIT_ADVANCE_SECONDS (100.0 * 366 * 24 * 3600)

/* The largest integer for which a double, the usual type of a JSON number, holds every smaller
 * one: 2^53 - 1. */
#define LIMIT_JSON_INTEGER INT64_C(9007199254740991)

/* How fast a scaled clock may run: a year in half a minute, far from where the product of times overflows. */
#define LIMIT_CLOCK_SCALE 1e6

#endif
