/*
 * What every subcommand works with: its options and words, an arena, and the server that it asks.
 *
 * A function that ends the program prints one sentence on standard error first.
 */
#ifndef VIRGA_CLI_SESSION_H
#define VIRGA_CLI_SESSION_H

#include "cli/client.h"
#include "cli/command.h"
#include "cli/endpoints.h"
#include "cli/upstream.h"
#include "wire/json.h"

/* The first member of each subcommand's own struct of options. */
struct session {
    struct arena arena; /* for everything that lives until the subcommand ends */
    const struct command *command;
    struct str_list words;  /* what was given beside options */
    struct str_list passed; /* options for another subcommand, "--seed=7" */
    bool json;
    int lang; /* LANG_EN or LANG_ZH: the option, else the locale */
    /* Where the server is; at most one of the two is set. Neither: the default endpoints file. */
    const char *endpoints_path;
    struct str name; /* of a server of virga start, whose file endpoints_path is; p == NULL: none */
    struct str endpoint;
    struct str control_token;         /* p == NULL: none */
    int64_t timeout_ms;               /* for one request */
    struct endpoints server;          /* once found */
    struct upstream_options upstream; /* of a subcommand that calls the cloud */
};

/* Parsers of the three options that name a server; the later one counts. */
int session_parse_name(void *target, struct arena *a, struct str value, struct str *ret_problem);
int session_parse_endpoints_file(void *target, struct arena *a, struct str value, struct str *ret_problem);
int session_parse_endpoint(void *target, struct arena *a, struct str value, struct str *ret_problem);

/* Ends the program when there are fewer or more words than that. */
void session_need_words(struct session *s, size_t min, size_t max);
/* Ends the program with the words that the subcommand knows: `word` is not one of them. */
_Noreturn void session_reject_word(struct session *s, struct str word);

/* Finds the server by --endpoint or the endpoints file and fills in `server`. Ends the program with
 * EXIT_NO_SERVER when there is no such file, or when the process that wrote it no longer runs. */
void session_find(struct session *s);
/* The same for a server that may not have started yet: -1 and a sentence. */
int session_try_find(struct session *s, struct str *ret_problem);

/* One request to the server that was found, within the session's timeout; ends the program when there is no
 * response. */
void session_send(struct session *s, const struct request *r, struct client_response *ret_response);
/* The same for a server that may have ended: -1 and a sentence. */
int session_try_send(struct session *s, const struct request *r, struct client_response *ret_response,
                     struct str *ret_problem);
/* A request to the control API, with the token if there is one; the path follows /_virga: "/health". */
struct request session_control_request(struct session *s, const char *method, struct str path,
                                       struct str body);

/* The body of the control API's response as a tree. An error is printed on standard error, and with --json on
 * standard output too, and gives NULL. */
const struct node *session_answer(struct session *s, const struct client_response *response);
/* Sends to the control API and judges the response; `body` may be absent. */
const struct node *session_ask(struct session *s, const char *method, struct str path, struct str body,
                               struct client_response *ret_response);
/* Prints the control API's error as session_answer does. */
void session_print_error(struct session *s, const struct client_response *response);

/* The member's text; numbers and true as JSON writes them; empty when there is none. */
struct str session_text(struct session *s, const struct node *object, struct str name);

/* Prints the text, which is JSON with --json. Returns the exit code. */
int session_write(const struct session *s, struct str text);
/* Prints lines, with --json as an array of texts. Returns the exit code. */
int session_print_names(struct session *s, struct str lines);
/* Prints the text, or with --json the body of the response as it came. Returns the exit code. */
int session_print(struct session *s, struct str text, const struct client_response *response);

/* The text of the file or pipe, or standard input's for "-". Ends the program when it cannot be read. */
struct str session_read_file(struct session *s, struct str path);

#endif
