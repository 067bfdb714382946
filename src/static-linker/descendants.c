/* Ends whatever a process has started, however deep: for the built-in init, the keeper of an execution and the fork server. */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int kill_children_listed_in_proc(attune_spares spares);
static void kill_children_by_scan(attune_spares spares);
static int none(pid_t pid) { return (void)pid, 0; }
static pid_t newest_pid(void);

/* Bound: 10 s. Each round kills the children we have; theirs then become ours (subreaper), for the next round. */
int attune_end_descendants(int owns_pid_namespace)
{
	const struct timespec pause = {0, 5 * 1000 * 1000};
	struct timespec start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		pid_t child;
		while ((child = waitpid(-1, 0, WNOHANG)) > 0) {}
		if (child < 0 && errno == ECHILD) return 1;
		/* kill(-1) is right only for PID 1 of a namespace: anywhere else it would kill the whole machine. */
		if (owns_pid_namespace) kill(-1, SIGKILL);
		else attune_kill_children(none);
		nanosleep(&pause, 0);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - start.tv_sec < 10);
	return 0;
}

void attune_kill_children(attune_spares spares)
{
	if (!kill_children_listed_in_proc(spares)) kill_children_by_scan(spares);
}

/* False: /proc is not there. */
static int kill_children_listed_in_proc(attune_spares spares)
{
	char text[4096];
	pid_t pid = 0;
	int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	if (file < 0) return 0;
	for (ssize_t length; (length = read(file, text, sizeof text)) > 0;)
		for (ssize_t i = 0; i < length; i++) {
			if (text[i] >= '0' && text[i] <= '9') { pid = pid * 10 + (text[i] - '0'); continue; }
			if (pid > 0 && !spares(pid)) kill(pid, SIGKILL);
			pid = 0;
		}
	close(file);
	return 1;
}

/*
 * Without /proc: waitid answers ECHILD for every pid that is no child of ours. Numbers are given in turn, so most children
 * have one below that of the newest process; they begin again at the kernel's PID_MAX_LIMIT, 4194304, so that every 64th
 * round tries all of them, which takes seconds on a busy machine.
 */
static void kill_children_by_scan(attune_spares spares)
{
	static int round;
	pid_t end = newest_pid();
	if (end < 0 || ++round % 64 == 0) end = 4194304;
	for (pid_t pid = 2; pid < end; pid++) {
		siginfo_t info;
		if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !spares(pid)) kill(pid, SIGKILL);
	}
}

/* The pid of a process that begins and ends now; negative: there is no room for one. */
static pid_t newest_pid(void)
{
	pid_t pid = fork();
	if (pid == 0) _exit(0);
	if (pid > 0) waitpid(pid, 0, 0);
	return pid;
}
