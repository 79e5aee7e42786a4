/* Every cap in the program, with its reason. A size is in bytes unless its name says otherwise. */
#ifndef VIRGA_BASE_LIMITS_H
#define VIRGA_BASE_LIMITS_H

enum {
    /* The gateway's own sizes (API documentation 213/30435, 1278/46710). */
    LIMIT_TARGET_GET = 32 * 1024,
    LIMIT_BODY_V1 = 1024 * 1024,
    LIMIT_BODY_V3 = 10 * 1024 * 1024,

    /* Ours: a request's headers together; also the most that libmicrohttpd may keep for one connection. */
    LIMIT_HEADERS = 64 * 1024,
    LIMIT_HEADER_COUNT = 100,

    /* Ours: cJSON recurses once a level and this keeps the stack flat; no documented parameter is deeper
       than 4. */
    LIMIT_JSON_DEPTH = 64,
    /* cJSON's own: it cuts a number's text there and then stumbles over the rest. */
    LIMIT_JSON_NUMBER = 63,
    /* Ours: values in one request. Bounds a call's memory to about 200 bytes for each. */
    LIMIT_NODES = 250 * 1000,

    /* Ours: an answer; the largest documented page (100 rows of 56 fields) is far below. */
    LIMIT_ANSWER = 8 * 1024 * 1024,
    LIMIT_LOG_LINE = 4096,

    /* Ours: what the journal keeps of one call, so that a few large ones do not push out all others. The
       texts are those that clients choose freely, such as a trace id. */
    LIMIT_JOURNAL_TEXT = 1024,
    LIMIT_JOURNAL_HEADERS = 16 * 1024,
    LIMIT_JOURNAL_BODY = 16 * 1024,
    /* Ours: what --journal-calls and --journal-bytes may be and are by default. */
    LIMIT_JOURNAL_CALLS_MAX = 1000 * 1000,
    LIMIT_JOURNAL_CALLS = 10 * 1000,
    LIMIT_JOURNAL_BYTES = 64 * 1024 * 1024,
    /* Ours: the FlowIds whose flows the journal's file shows; a start and a reset copy so many at most. */
    LIMIT_JOURNAL_FLOWS = 10 * 1000,
    /* Ours: changes of flows that are kept for listeners to the events. */
    LIMIT_JOURNAL_CHANGES = 1024,
    /* Ours: an answer with the whole journal; escapes may make a text six times as long. */
    LIMIT_JOURNAL_ANSWER = 512 * 1024 * 1024,

    /* Ours: the bodies of all requests that are on their way or not answered yet. */
    LIMIT_BODIES = 256 * 1024 * 1024,

    /* Ours: memory for every open connection is bounded by this and LIMIT_HEADERS,
       beside LIMIT_BODIES. */
    LIMIT_CONNECTIONS = 1000,
    /* Ours: past it, whichever has been idle for the longest time makes room for a new one. */
    LIMIT_CONNECTIONS_KEPT = 950,
    /* Ours: of them, those that listen to the events. */
    LIMIT_SUBSCRIBERS = 32,
    /* Ours: silence on a connection before it is closed. */
    LIMIT_IDLE_SECONDS = 75,

    /* Ours: rules of faults; each call is held against all of them. */
    LIMIT_FAULTS = 1000,
    LIMIT_FAULT_PARAMS = 32,
    /* Ours: an injected delay; clients give up long before. */
    LIMIT_DELAY_MS = 3600 * 1000,
    /* Ours: a body past it is not written anew or hashed once more for each mistake of a signature. */
    LIMIT_DOCTOR_BODY = 64 * 1024,
    /* Ours: texts of a request past the first are made until they come to the second; then a search goes on
     * with what is cheap. Hashing that much takes a few milliseconds, in which nobody else is answered. */
    LIMIT_DOCTOR_TEXT = 1024,
    LIMIT_DOCTOR_WORK = 1280 * 1024,
    /* Ours: the state as one document, in and out. It is in memory twice or three times on its way. */
    LIMIT_STATE = 64 * 1024 * 1024,
    /* Ours: what one answer of the control API lists of what may grow without end. */
    LIMIT_LISTED = 1000,

    LIMIT_WORLD_FILE = 16 * 1024 * 1024,

    /* Ours: what a subcommand reads, from the server or from a file, and prints. A state document or a
       journal may be large. */
    LIMIT_CLI_TEXT = 256 * 1024 * 1024,
    /* Ours: the endpoints file. It is small, but a path in it may be long. */
    LIMIT_ENDPOINTS = 64 * 1024,
    /* Ours: the duration of a flow, ten years; longer than any test waits, far from an overflow in
       milliseconds. */
    LIMIT_FLOW_SECONDS = 10 * 365 * 24 * 3600,
};

/* The largest integer for which JSON's usual carrier, a double, holds every smaller one: 2^53 - 1. */
#define LIMIT_JSON_INTEGER INT64_C(9007199254740991)

#endif
