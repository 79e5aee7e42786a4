/*
 * What every subcommand that asks a server begins with: its options read, the server found, an arena to live
 * in, and the control API by one function.
 */
#ifndef VIRGA_CLI_SESSION_H
#define VIRGA_CLI_SESSION_H

#include "cli/client.h"
#include "cli/endpoints.h"
#include "cli/options.h"
#include "wire/json.h"
#include "wire/shape.h"

/* The first member of a subcommand's own struct, zeroed before session_open. */
struct session {
    struct arena arena;
    bool json;
    struct str_list words; /* what was given beside options */
    /* Where the server is; the later of the two options counts, the file in the user's folder without. */
    const char *endpoints_path;
    struct str endpoint;
    struct str control_token;
    int64_t timeout_ms;
    struct endpoints server; /* once found */
};

/* Setters of the options that many subcommands have; the target begins with a struct session. */
int session_set_json(void *target, struct arena *a, struct str value, struct str *ret_problem);
int session_set_endpoints_file(void *target, struct arena *a, struct str value, struct str *ret_problem);
int session_set_endpoint(void *target, struct arena *a, struct str value, struct str *ret_problem);
int session_set_token(void *target, struct arena *a, struct str value, struct str *ret_problem);
int session_set_timeout(void *target, struct arena *a, struct str value, struct str *ret_problem);
/* Takes a word into session.words. */
int session_add_word(void *target, struct arena *a, struct str value, struct str *ret_problem);

/* Rows of an option table. */
#define SESSION_ROW_JSON                                                                                     \
    {                                                                                                        \
        "--json", NULL, "print JSON, for programs", false, session_set_json                                  \
    }
#define SESSION_ROWS_SERVER                                                                                  \
    {"--endpoints-file", "PATH", "of the server (~/.local/state/virga/endpoints.json)", false,               \
     session_set_endpoints_file},                                                                            \
        {"--endpoint", "URL", "of the server, instead: http://127.0.0.1:8328 or unix:PATH", false,           \
         session_set_endpoint},                                                                              \
        {"--control-token", "TOKEN", "of a server that asks for one", false, session_set_token},             \
    {                                                                                                        \
        "--timeout", "SECONDS", "how long to wait for it (60)", false, session_set_timeout                   \
    }

/* Reads the options. false after --help, which has been printed; ends the program on a wrong one. `target`
 * begins with a struct session. */
bool session_open(void *target, const struct option_table *t, char **argv);

/* Ends the program with a sentence and the usage when there are fewer or more words than that. */
void session_need_words(struct session *s, const struct option_table *t, size_t least, size_t most);

/* Finds the server, or ends the program with EXIT_NO_SERVER. */
void session_find(struct session *s);
/* The same for one that may not be there yet: -1 and a sentence. */
int session_try_find(struct session *s, struct str *ret_problem);

/* One request to the server that was found, within the session's time; ends the program when there is no
 * answer. */
void session_send(struct session *s, const struct request *r, struct client_response *ret_answer);
/* The same for one that may be gone: -1 and a sentence. */
int session_try_send(struct session *s, const struct request *r, struct client_response *ret_answer,
                     struct str *ret_problem);
/* A request to the control API, with the token if there is one; a path behind /_virga: "/health". */
struct request session_control_request(struct session *s, const char *method, struct str path,
                                       struct str body);

/* The control API's answer as a tree. An error is said on standard error and is NULL; with --json it is
 * printed too. */
const struct node *session_judge(struct session *s, const struct client_response *answer);
/* Asks the control API and judges its answer; `body` may be absent. */
const struct node *session_ask(struct session *s, const char *method, struct str path, struct str body,
                               struct client_response *ret_answer);

/* The member's text; a number or true in JSON's words; empty when there is none. */
struct str session_text(struct session *s, const struct node *object, struct str name);

/* Prints the control API's error; returns the exit code for it. */
int session_refused(struct session *s, const struct client_response *answer);

/* Prints the text; with --json instead the answer as it came. Ends the session. The exit code. */
int session_print(struct session *s, struct str text, const struct client_response *answer);

/* Ends the session. The exit code. */
int session_close(struct session *s, int code);

/* The file's text, or standard input's for "-". Ends the program when it cannot be read. */
struct str session_read_file(struct session *s, struct str path);

#endif
