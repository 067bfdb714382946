/*
 * The keeper of one execution: the process between the agent and a program. It starts the program, takes over every
 * orphan that the program makes (subreaper), reports the program's end, and ends whatever is left, at the latest when
 * the agent is gone.
 *
 * It talks with the agent over the control socket. Every message to the agent ends with a zero byte:
 *   keeper PID                 the number of the keeper itself, first of all
 *   failed ERRNO STAGE WHAT    the program was not started (launch.c)
 *   exited CODE, signaled N    how the program has ended
 * Every byte from the agent is the number of a signal for the program's process group; SIGKILL, and the end of the
 * socket, which is the death of the agent, end all descendants.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTO_CGROUP 0x200000000ULL
#define CLONE3 435

static pid_t start(const struct launch *launch);
static pid_t start_in_cgroup(const char *directory);
static int reap(const struct launch *launch, pid_t program, int *has_ended);
static int obey(int control, pid_t program, int has_ended);
static void report_end(const struct launch *launch, int status);
static void end_all_of_the_user(const struct launch *launch);
static void wake_up(int signal) { (void)signal; }

static sigset_t all_signals, signals_at_start;

void attune_keep(const struct launch *launch)
{
	fcntl(launch->control, F_SETFD, FD_CLOEXEC);
	dprintf(launch->control, "keeper %d%c", getpid(), 0);
	prctl(PR_SET_NAME, "attune-keeper", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* a program of the same user shall not look in here */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	sigset_t all_but_children;
	sigfillset(&all_signals);
	sigfillset(&all_but_children);
	sigdelset(&all_but_children, SIGCHLD);
	sigprocmask(SIG_SETMASK, &all_signals, &signals_at_start);
	const struct sigaction woken = {.sa_handler = wake_up};
	sigaction(SIGCHLD, &woken, 0);
	pid_t program = start(launch);
	for (int stream = 0; stream <= 2; stream++) close(stream); /* their readers wait until nobody has them open */
	int has_ended = 0;
	struct pollfd control = {launch->control, POLLIN, 0};
	do {
		if (!reap(launch, program, &has_ended)) break;
	} while (ppoll(&control, 1, 0, &all_but_children) < 0 || obey(launch->control, program, has_ended));
	if (!has_ended) {
		int status;
		kill(-program, SIGKILL);
		if (waitpid(program, &status, 0) == program) report_end(launch, status);
	}
	attune_end_descendants(0);
	if (launch->user && launch->is_alone) end_all_of_the_user(launch);
	_exit(0);
}

static pid_t start(const struct launch *launch)
{
	pid_t keeper = getpid();
	int is_placed = launch->cgroup_count == 1;
	pid_t program = is_placed ? start_in_cgroup(launch->cgroups[0]) : -1;
	/* Until the program is executed its process uses this one's memory, and this one waits. */
	if (program < 0) is_placed = 0, program = vfork();
	if (program < 0) attune_give_up(launch, "fork", "a process for the program", errno);
	if (program > 0) return program;
	sigprocmask(SIG_SETMASK, &signals_at_start, 0);
	attune_become(launch, keeper, is_placed);
}

/* Makes the process in its cgroup (version 2, Linux 5.7): moving it takes a lock of the whole machine. Negative: it must be moved. */
static pid_t start_in_cgroup(const char *directory)
{
	int cgroup = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0) return -1;
	const struct {
		unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
	} wanted = {.flags = INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = cgroup};
	pid_t program = syscall(CLONE3, &wanted, sizeof wanted);
	close(cgroup);
	return program;
}

/* Reaps what has ended. False: nothing is left. */
static int reap(const struct launch *launch, pid_t program, int *has_ended)
{
	pid_t pid;
	for (int status; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		if (pid == program) *has_ended = 1, report_end(launch, status);
	return pid == 0 || errno != ECHILD;
}

/* The number of the group is the program's own until that is reaped. False: it is time to end everything. */
static int obey(int control, pid_t program, int has_ended)
{
	unsigned char signal;
	if (read(control, &signal, 1) != 1 || signal == SIGKILL) return 0;
	if (!has_ended) kill(-program, signal);
	return 1;
}

static void report_end(const struct launch *launch, int status)
{
	if (WIFEXITED(status)) dprintf(launch->control, "exited %d%c", WEXITSTATUS(status), 0);
	else dprintf(launch->control, "signaled %d%c", WTERMSIG(status), 0);
}

/*
 * Ends what has escaped, e.g. because a program killed its keeper: the kernel kills all processes of a user in one step,
 * which no fork outruns.
 */
static void end_all_of_the_user(const struct launch *launch)
{
	pid_t helper = fork();
	if (helper > 0) waitpid(helper, 0, 0);
	if (helper != 0) return;
	struct launch silent = *launch;
	silent.control = -1; /* its streams are closed by now, and nobody waits for a report */
	attune_become_user(&silent);
	kill(-1, SIGKILL);
	_exit(0);
}
