/*
 * The keeper of a program: the process between the agent and it, which keeps one after another. It starts the program,
 * passes its streams on (relay.c), takes over every orphan that it makes (subreaper), reports its end, and ends whatever is
 * left, at the latest when the agent is gone. It serves another program only when nothing is left of the one before.
 *
 * It talks with the agent over the control socket, in frames (talk.c). To the agent:
 *   k PID                                  the number of the keeper, first of all
 *   b                                      a program is about to begin
 *   o BYTES, e BYTES                       its output and its errors, at most ATTUNE_WINDOW that are not acknowledged
 *   i                                      its input so far is written, or nobody will read it
 *   x failed ERRNO STAGE WHAT              it was not started (launch.c)
 *   x exited CODE, x signaled N            how it has ended
 *   z                                      nothing of it is left; the keeper waits for the next one
 * From the agent:
 *   r TEXTS                                run a program; each text with a zero byte at its end: the directory to start in,
 *                                          the number of arguments, the arguments (launch.c), the environment
 *   i BYTES, l BYTES                       input, and the last of it
 *   o COUNT, e COUNT                       so many bytes were taken (acknowledged)
 *   s N                                    a signal for the program's process group; SIGKILL ends all descendants
 *   f                                      end all descendants, and pass nothing on any more
 * The end of the socket, which is the death of the agent, ends all descendants and the keeper.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTO_CGROUP 0x200000000ULL
#define CLONE3 435
/* How a keeper exits that could not end everything: the fork server goes on. */
#define LEFT_SOME 1

static int next_request(int control, struct launch *launch);
static void keep(struct launch *launch);
static pid_t start(const struct launch *launch);
static pid_t start_in_cgroup(const char *directory);
static void reap(const struct launch *launch);
static void obey(const struct launch *launch);
static void end_program(const struct launch *launch);
static void report_end(const struct launch *launch, int status);
static void end_all_of_the_user(const struct launch *launch);
static void handle_signals_by_default(void);

static volatile sig_atomic_t has_child_ended;
static void note_end(int signal) { (void)signal, has_child_ended = 1; }

static sigset_t signals_at_start, all_but_children;

/* The process of the program that is kept; 0: it has ended. */
static pid_t program;
/* Nothing of it is wanted any more. */
static int is_finished;

void attune_keep(int control, const struct inherited *expected)
{
	sigset_t all_signals;
	struct inherited own;
	attune_read_inherited(&own);
	setsid();
	/* The streams that it began with are not its own: whoever reads them waits until nobody has them open. */
	for (int stream = 0; stream <= 2; stream++) dup2(control, stream);
	fcntl(control, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_NAME, "attune-keeper", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* a program of the same user shall not look in here */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Its program may have stopped it. When the agent is gone it goes on, since it has descendants to end, and then ends. */
	prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
	sigfillset(&all_signals);
	sigfillset(&all_but_children);
	sigdelset(&all_but_children, SIGCHLD);
	sigprocmask(SIG_SETMASK, &all_signals, &signals_at_start);
	handle_signals_by_default();
	const struct sigaction noted = {.sa_handler = note_end};
	sigaction(SIGCHLD, &noted, 0);
	attune_say(control, 'k', "%d", getpid());
	for (struct launch launch; next_request(control, &launch); free(launch.texts), free(launch.request)) {
		launch.expected = expected ? expected : &own;
		keep(&launch);
		int is_all = attune_end_descendants(0);
		if (launch.user && launch.is_alone) end_all_of_the_user(&launch);
		if (!is_all) _exit(LEFT_SOME);
		attune_say(control, 'z', "");
	}
	_exit(0);
}

/* Takes the next request, and drops what is about the program before. False: the agent is gone, or asks for what is none. */
static int next_request(int control, struct launch *launch)
{
	unsigned length;
	for (int letter; (letter = attune_hear_header(control, &length)) != 'r';)
		if (letter < 0 || !attune_skip(control, length)) return 0;
	char *request = malloc(length + 1);
	if (!request || !attune_hear(control, request, length)) return 0;
	request[length] = 0;
	*launch = attune_read_request(control, request, length);
	return 1;
}

/* Runs a program until it has ended, its streams too, or until nothing of it is wanted any more. */
static void keep(struct launch *launch)
{
	attune_open_streams(launch);
	attune_say(launch->control, 'b', "");
	attune_flush(launch->control);
	is_finished = has_child_ended = 0;
	program = start(launch);
	attune_close_ends_of_program(launch);
	attune_forget_request(launch);
	while (!is_finished && (program || attune_has_output())) {
		if (has_child_ended) reap(launch);
		else if (attune_has_heard() || attune_relay(launch->control, &all_but_children)) obey(launch);
	}
	end_program(launch);
	attune_close_streams();
}

static pid_t start(const struct launch *launch)
{
	pid_t keeper = getpid();
	int is_placed = launch->cgroup_count == 1;
	pid_t child = is_placed ? start_in_cgroup(launch->cgroups[0]) : -1;
	/* Until the program is executed its process uses this one's memory, and this one waits. */
	if (child < 0) is_placed = 0, child = vfork();
	if (child < 0) attune_blame(launch, "fork", "a process for the program", errno);
	if (child > 0) return child;
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
	pid_t child = syscall(CLONE3, &wanted, sizeof wanted);
	close(cgroup);
	return child;
}

static void reap(const struct launch *launch)
{
	pid_t pid;
	has_child_ended = 0;
	for (int status; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		if (pid == program) report_end(launch, status);
}

/* Does what the next frame says. The number of the group is the program's own until that is reaped. */
static void obey(const struct launch *launch)
{
	unsigned length;
	unsigned char signal;
	int letter = attune_hear_header(launch->control, &length);
	if (letter == 's' && length == 1 && attune_hear(launch->control, &signal, 1)) {
		if (signal == SIGKILL) end_program(launch), attune_end_descendants(0);
		else if (program) kill(-program, signal);
		return;
	}
	/* Unless it is about the streams nothing is wanted any more, as when the agent is gone. */
	if (!attune_hear_of_streams(launch->control, letter, length)) is_finished = 1;
}

static void end_program(const struct launch *launch)
{
	int status;
	if (!program) return;
	kill(-program, SIGKILL);
	if (waitpid(program, &status, 0) == program) report_end(launch, status);
}

static void report_end(const struct launch *launch, int status)
{
	program = 0;
	if (WIFEXITED(status)) attune_say(launch->control, 'x', "exited %d", WEXITSTATUS(status));
	else attune_say(launch->control, 'x', "signaled %d", WTERMSIG(status));
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

/*
 * Gives every signal its default action, for the programs, by the system call itself: the C library does not let programs touch
 * 32 to 34, and posix_spawn of glibc, by which make and others start programs, leaves them ignored.
 */
static void handle_signals_by_default(void)
{
	static const char by_default[64]; /* the kernel's structure, which differs between processors, is all zero */
	for (int signal = 1; signal <= 64; signal++) syscall(SYS_rt_sigaction, signal, by_default, 0, 8);
}
