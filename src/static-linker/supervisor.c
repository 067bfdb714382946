/*
 * The built-in init: a process between the kernel or whoever has started the agent, and the agent. It forwards signals, reaps
 * orphans, and ends what the agent leaves behind. It is part of the agent's file, so the process splits in two.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t agent;
static int owns_pid_namespace;
static int gave_terminal_away;

static void leave_with(pid_t parent);
static void supervise(void);
static int wait_for_signal_or_agent(int *status);
static void end_like(int status) __attribute__((noreturn));

static sigset_t all_signals, signals_at_start;

/* Returns in the child, which goes on as the agent; the parent never returns, and forgets the environment. */
void attune_become_supervised(char *environment, size_t environment_bytes)
{
	owns_pid_namespace = getpid() == 1;
	sigfillset(&all_signals);
	sigdelset(&all_signals, SIGSEGV);
	sigdelset(&all_signals, SIGBUS);
	sigdelset(&all_signals, SIGILL);
	sigdelset(&all_signals, SIGFPE);
	sigprocmask(SIG_SETMASK, &all_signals, &signals_at_start);
	signal(SIGCHLD, SIG_DFL); /* where it is inherited as ignored, nobody could be waited for */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	gave_terminal_away = tcgetpgrp(STDIN_FILENO) == getpgrp();
	pid_t parent = getpid();
	agent = fork();
	if (agent < 0) { /* no process to spare: work unsupervised rather than not at all */
		sigprocmask(SIG_SETMASK, &signals_at_start, 0);
		return;
	}
	if (agent > 0) {
		if (environment_bytes) memset(environment, 0, environment_bytes);
		supervise();
	}
	/* A group of its own: a Ctrl-C of the terminal must reach the agent once, not once more by forwarding. */
	setpgid(0, 0);
	if (gave_terminal_away) tcsetpgrp(STDIN_FILENO, getpgrp());
	leave_with(parent);
	unsetenv("ATTUNE_SUPERVISE");
	sigprocmask(SIG_SETMASK, &signals_at_start, 0);
}

static pid_t supervisor;

/* The kernel sends SIGCONT at the end of the supervisor; anybody else does so to an agent whose supervisor is there. */
static void leave_once_unsupervised(int signal)
{
	static volatile sig_atomic_t is_leaving;
	(void)signal;
	if (is_leaving || getppid() == supervisor) return;
	is_leaving = 1; /* a second SIGTERM would end all at once */
	kill(getpid(), SIGTERM);
}

/*
 * A supervisor killed by SIGKILL must not leave an agent that nobody can stop. The kernel sends SIGCONT, since SIGTERM, by which it
 * drains, would do nothing to an agent that is stopped (SIGSTOP).
 */
static void leave_with(pid_t parent)
{
	const struct sigaction looks = {.sa_handler = leave_once_unsupervised, .sa_flags = SA_RESTART};
	supervisor = parent;
	sigaction(SIGCONT, &looks, 0);
	prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
	if (getppid() != parent) raise(SIGTERM);
}

static void supervise(void)
{
	int status = 0;
	while (!wait_for_signal_or_agent(&status)) {}
	attune_end_descendants(owns_pid_namespace);
	if (gave_terminal_away) tcsetpgrp(STDIN_FILENO, getpgrp());
	end_like(status);
}

/* Reaps every orphan, forwards every other signal. True once the agent itself has ended. */
static int wait_for_signal_or_agent(int *status)
{
	int signal = sigwaitinfo(&all_signals, 0);
	if (signal > 0 && signal != SIGCHLD) kill(agent, signal);
	int ended = 0, one;
	for (pid_t pid; (pid = waitpid(-1, &one, WNOHANG)) > 0;)
		if (pid == agent) ended = 1, *status = one;
	return ended;
}

/* The kernel drops fatal signals that PID 1 sends itself, so there the shell's 128 + n says it. */
static void end_like(int status)
{
	if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
	int signal = WTERMSIG(status);
	if (!owns_pid_namespace) {
		const struct rlimit no_core = {0, 0};
		sigset_t only;
		setrlimit(RLIMIT_CORE, &no_core);
		sigemptyset(&only);
		sigaddset(&only, signal);
		struct sigaction by_default = {.sa_handler = SIG_DFL};
		sigaction(signal, &by_default, 0);
		raise(signal);
		sigprocmask(SIG_UNBLOCK, &only, 0);
	}
	_exit(128 + signal);
}
