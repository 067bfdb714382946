/*
 * The fork server: this program with _fork_server as its first argument. It makes the keepers of an agent by fork, which
 * costs a fraction of what it costs to execute this large file once more for each of them.
 *
 * Its standard input is a socket that keeps messages whole. The first of them says what its children shall have inherited
 * (inherited.c), since another process of its user may change it. Each other one asks for one program: it carries the
 * descriptors for the standard streams and for the control socket of the keeper, and as text, each with a zero byte at its
 * end: the directory to start in, the number of arguments, the arguments of the launcher (launch.c), the environment.
 * The end of the agent closes the socket, and ends the fork server; keepers notice for themselves.
 *
 * What a keeper that is killed leaves behind becomes a child of the fork server (subreaper), and is killed.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STDIN, STDOUT, STDERR, CONTROL, FILES };

static char request[ATTUNE_REQUEST_BYTES];
static char *texts[ATTUNE_REQUEST_TEXTS + 1];
static struct inherited expected;

static ssize_t receive(int *files);
static void become_keeper(const int *files, ssize_t bytes) __attribute__((noreturn));
static void reap(void);
static pid_t fork_keeper(void);
static void wake_up(int signal) { (void)signal; }

void attune_serve_forks(void)
{
	int files[FILES];
	prctl(PR_SET_NAME, "attune-forks", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	sigset_t children, all_but_children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, &all_but_children);
	signal(SIGCHLD, wake_up);
	struct pollfd socket = {STDIN, POLLIN, 0};
	if (recv(STDIN, &expected, sizeof expected, 0) != sizeof expected) _exit(0);
	for (;;) {
		reap();
		if (ppoll(&socket, 1, 0, &all_but_children) < 0) continue;
		ssize_t bytes = receive(files);
		if (bytes <= 0) break;
		pid_t keeper = fork_keeper();
		if (keeper == 0) {
			sigprocmask(SIG_SETMASK, &all_but_children, 0);
			become_keeper(files, bytes);
		}
		if (keeper < 0) dprintf(files[CONTROL], "failed %d fork a keeper: %s%c", errno, strerror(errno), 0);
		for (int i = 0; i < FILES; i++) close(files[i]);
		memset(request, 0, bytes); /* secrets may be among the variables */
	}
	_exit(0);
}

static pid_t *keepers;
static size_t keeper_count, keeper_room;

/* Negative: there is no process, or no memory to remember it. */
static pid_t fork_keeper(void)
{
	if (keeper_count == keeper_room) {
		size_t room = keeper_room ? 2 * keeper_room : 64;
		pid_t *more = realloc(keepers, room * sizeof *keepers);
		if (!more) return -1;
		keepers = more;
		keeper_room = room;
	}
	pid_t keeper = fork();
	if (keeper > 0) keepers[keeper_count++] = keeper;
	return keeper;
}

static size_t place_of(pid_t child)
{
	size_t place = 0;
	while (place < keeper_count && keepers[place] != child) place++;
	return place;
}

static int is_keeper(pid_t child) { return place_of(child) < keeper_count; }

/* Each child that is no keeper was left by one that was killed. The end of each brings the next ones here, and a signal. */
static void reap(void)
{
	int status, has_orphans = 0;
	for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
		size_t place = place_of(child);
		if (place == keeper_count || WIFSIGNALED(status)) has_orphans = 1;
		if (place < keeper_count) keepers[place] = keepers[--keeper_count];
	}
	if (has_orphans) attune_kill_children(is_keeper);
}

/* Takes a request, and returns its length; not positive: the agent is gone, or sends what is none. */
static ssize_t receive(int *files)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(FILES * sizeof(int))];
	} carried;
	struct iovec text = {request, sizeof request};
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = carried.bytes, .msg_controllen = sizeof carried.bytes};
	ssize_t bytes = recvmsg(STDIN, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = bytes > 0 ? CMSG_FIRSTHDR(&message) : 0;
	if (!header || header->cmsg_len != CMSG_LEN(FILES * sizeof(int)) || request[bytes - 1]) return -1;
	memcpy(files, CMSG_DATA(header), FILES * sizeof(int));
	return bytes;
}

static void become_keeper(const int *files, ssize_t bytes)
{
	size_t count = 0;
	for (const char *at = request; at < request + bytes && count < ATTUNE_REQUEST_TEXTS; at += strlen(at) + 1)
		texts[count++] = (char *)at;
	char **arguments = texts + 2;
	char **after = arguments + (count < 2 ? 0 : atoi(texts[1]));
	setsid();
	for (int stream = STDIN; stream <= STDERR; stream++) {
		dup2(files[stream], stream);
		close(files[stream]);
	}
	const struct launch launch = {.control = files[CONTROL]};
	if (count < 2 || after > texts + count) attune_give_up(&launch, "usage", "a request", EINVAL);
	if (chdir(texts[0])) attune_give_up(&launch, "directory", texts[0], errno);
	/* The environment begins behind the arguments, whose list has to end there. */
	memmove(after + 1, after, (texts + count - after) * sizeof *after);
	*after = 0;
	environ = after + 1;
	attune_launch(files[CONTROL], arguments, &expected);
}
