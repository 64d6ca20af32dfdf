/* libstrophe. It does not connect again by itself: the application takes the state of stream management out of the
 * connection that ended (xmpp_conn_get_sm_state) and gives it to the next (xmpp_conn_set_sm_state). */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <unistd.h>

static xmpp_ctx_t *ctx;
static xmpp_conn_t *conn;
static xmpp_sm_state_t *sm_state;
static const char *jid, *password;
static unsigned short port;
static int is_up, is_gone;

/* What is to be sent while there is no session that would take it. */
static struct {
    char to[256], body[256];
} waiting[1000];
static int waits;

static void tell(const char *what)
{
    puts(what);
    fflush(stdout);
}

static void say(const char *to, const char *body)
{
    if (!is_up) {
        if (waits == 1000)
            abort();
        strcpy(waiting[waits].to, to);
        strcpy(waiting[waits++].body, body);
        return;
    }
    xmpp_stanza_t *message = xmpp_message_new(ctx, "chat", to, body);
    xmpp_message_set_body(message, body);
    xmpp_send(conn, message);
    xmpp_stanza_release(message);
}

static int received(xmpp_conn_t *c, xmpp_stanza_t *message, void *userdata)
{
    (void)c, (void)userdata;
    char *body = xmpp_message_get_body(message);
    if (body != NULL) {
        printf("got %s\n", body);
        fflush(stdout);
        xmpp_free(ctx, body);
    }
    return 1;
}

static void changed(xmpp_conn_t *c, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *userdata)
{
    (void)error, (void)stream_error, (void)userdata;
    if (event == XMPP_CONN_CONNECT) {
        tell("up");
        xmpp_handler_add(c, received, NULL, "message", NULL, NULL);
        xmpp_stanza_t *presence = xmpp_presence_new(ctx);
        xmpp_send(c, presence);
        xmpp_stanza_release(presence);
        is_up = 1;
        int held = waits;
        waits = 0;
        for (int i = 0; i < held; i++)
            say(waiting[i].to, waiting[i].body);
    } else if (event == XMPP_CONN_DISCONNECT || event == XMPP_CONN_FAIL) {
        tell("down");
        is_up = 0;
        is_gone = 1;
    }
}

static void dial(void)
{
    conn = xmpp_conn_new(ctx);
    xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_TRUST_TLS | XMPP_CONN_FLAG_MANDATORY_TLS);
    xmpp_conn_set_jid(conn, jid);
    xmpp_conn_set_pass(conn, password);
    if (sm_state != NULL && xmpp_conn_set_sm_state(conn, sm_state) != XMPP_EOK)
        abort();
    sm_state = NULL;
    is_gone = xmpp_connect_client(conn, "127.0.0.1", port, changed, NULL) != XMPP_EOK;
}

static void dial_again(void)
{
    sm_state = xmpp_conn_get_sm_state(conn);
    xmpp_conn_release(conn);
    usleep(100 * 1000);
    dial();
}

int main(int argc, char **argv)
{
    char command[1024], to[256], body[256];
    size_t length = 0;
    if (argc < 4)
        return 2;
    jid = argv[1];
    password = argv[2];
    port = (unsigned short)atoi(argv[3]);
    /* The library writes to lines that may be gone. */
    signal(SIGPIPE, SIG_IGN);
    xmpp_initialize();
    ctx = xmpp_ctx_new(NULL, xmpp_get_default_logger(XMPP_LEVEL_ERROR));
    dial();
    for (;;) {
        xmpp_run_once(ctx, 10);
        if (is_gone)
            dial_again();
        struct pollfd in = {STDIN_FILENO, POLLIN, 0};
        while (poll(&in, 1, 0) > 0) {
            if (length == sizeof command - 1 || read(STDIN_FILENO, command + length, 1) != 1)
                return 0;
            if (command[length++] != '\n')
                continue;
            command[length] = '\0';
            length = 0;
            if (sscanf(command, "say %255s %255s", to, body) == 2)
                say(to, body);
        }
    }
}
