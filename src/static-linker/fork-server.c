/*
 * The fork server: this program with _fork_server as its first argument. It makes the keepers of an agent by fork, which
 * costs a fraction of what it costs to execute this large file once more for each of them.
 *
 * Its standard input is a socket that keeps messages whole. The first of them says what programs shall have inherited
 * (inherited.c), since another process of its user may change it. Each other one asks for one keeper, and carries its end of the
 * control socket. The end of the agent closes the socket, and ends the fork server; keepers notice for themselves.
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

static struct inherited expected;

static int receive(void);
static void reap(void);
static pid_t fork_keeper(void);
static void wake_up(int signal) { (void)signal; }

void attune_serve_forks(void)
{
	prctl(PR_SET_NAME, "attune-forks", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Another process of its user may have stopped it, and then it does not read that the agent is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigset_t children, all_but_children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, &all_but_children);
	signal(SIGCHLD, wake_up);
	struct pollfd socket = {0, POLLIN, 0};
	if (recv(0, &expected, sizeof expected, 0) != sizeof expected) _exit(0);
	for (;;) {
		reap();
		if (ppoll(&socket, 1, 0, &all_but_children) < 0) continue;
		int control = receive();
		if (control < 0) break;
		pid_t keeper = fork_keeper();
		if (keeper == 0) {
			sigprocmask(SIG_SETMASK, &all_but_children, 0);
			attune_keep(control, &expected);
		}
		if (keeper < 0) attune_say(control, 'x', "failed %d fork a keeper: %s", errno, strerror(errno)), attune_flush(control);
		close(control);
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

/* Each child that is no keeper was left by one that was killed, or could not end all. The end of each brings the next ones here, and a signal. */
static void reap(void)
{
	int status, has_orphans = 0;
	for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
		size_t place = place_of(child);
		if (place == keeper_count || status != 0) has_orphans = 1;
		if (place < keeper_count) keepers[place] = keepers[--keeper_count];
	}
	if (has_orphans) attune_kill_children(is_keeper);
}

/* Takes a request, and returns the control socket of the keeper; negative: the agent is gone, or sends what is none. */
static int receive(void)
{
	char letter;
	int control;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof control)];
	} carried;
	struct iovec text = {&letter, 1};
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = carried.bytes, .msg_controllen = sizeof carried.bytes};
	ssize_t bytes = recvmsg(0, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = bytes > 0 ? CMSG_FIRSTHDR(&message) : 0;
	if (!header || header->cmsg_len != CMSG_LEN(sizeof control)) return -1;
	memcpy(&control, CMSG_DATA(header), sizeof control);
	return control;
}
