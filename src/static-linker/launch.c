/*
 * The launcher: this program with _launch as its first argument. (QEMU may hide the name that a program is started by.)
 * The other arguments say what a program is held to; it runs as the child of a keeper (keeper.c). What cannot be done
 * is reported to the agent, and nothing is run.
 *
 *   attune-agent _launch control=DESCRIPTOR [cgroup=DIRECTORY]… [nice=N] [open_files=N] [file_bytes=N] [data_bytes=N]
 *                        [user=UID:GID [alone]] [writable=PATH]… [filesystem=read-only] [readable=PATH]… [network=none]
 *                        -- PROGRAM [ARGUMENT]…
 *
 * With `probe` in place of `control=` and a program it ends with 0 when all of it can be done here, and with
 * `probe=DIRECTORY` when what is in there can be reached besides; else it says why not on stderr and ends with 125.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILED 125

static struct launch read_arguments(int control, char **arguments);
static int is_read(struct launch *launch, const char *argument);
static const char *value_of(const char *argument, const char *name);
static void handle_signals_by_default(void);

void attune_launch(int control, char **arguments, const struct inherited *expected)
{
	struct launch launch = read_arguments(control, arguments);
	launch.expected = expected;
	if (launch.probe) {
		attune_restrict(&launch, 0);
		if (*launch.probe && access(launch.probe, X_OK)) attune_give_up(&launch, "probe", launch.probe, errno);
		_exit(0);
	}
	if (launch.control < 0 || !*launch.program) attune_give_up(&launch, "usage", "control= or a program behind --", EINVAL);
	attune_keep(&launch);
}

void attune_give_up(const struct launch *launch, const char *stage, const char *what, int error)
{
	if (launch->control < 0) dprintf(2, "attune-launch: %s: %s\n", what, strerror(error));
	else dprintf(launch->control, "failed %d %s %s: %s%c", error, stage, what, strerror(error), 0);
	_exit(FAILED);
}

void attune_become(const struct launch *launch, pid_t keeper, int is_placed)
{
	setsid();
	handle_signals_by_default();
	if (launch->expected && !attune_has_inherited(launch->expected)) attune_give_up(launch, "changed", "limits or priority", EPERM);
	attune_restrict(launch, is_placed);
	/* The death of the keeper is the program's. Only now: a change of user takes it back. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != keeper) _exit(FAILED);
	execv(*launch->program, launch->program);
	attune_give_up(launch, "program", *launch->program, errno);
}

/*
 * Gives every signal its default action, by the system call itself: the C library does not let programs touch 32 to 34,
 * and posix_spawn of glibc, by which make and others start programs, leaves them ignored.
 */
static void handle_signals_by_default(void)
{
	static const char by_default[64]; /* the kernel's structure, which differs between processors, is all zero */
	for (int signal = 1; signal <= 64; signal++) syscall(SYS_rt_sigaction, signal, by_default, 0, 8);
}

static struct launch read_arguments(int control, char **arguments)
{
	struct launch launch = {.control = control, .arguments = arguments};
	char **one = arguments;
	for (; *one && strcmp(*one, "--"); one++)
		if (!is_read(&launch, *one)) attune_give_up(&launch, "usage", *one, EINVAL);
	launch.program = *one ? one + 1 : one;
	return launch;
}

static int is_read(struct launch *launch, const char *argument)
{
	const char *value;
	if (strcmp(argument, "filesystem=read-only") == 0) return launch->is_read_only = 1;
	if (strcmp(argument, "network=none") == 0) return launch->has_no_network = 1;
	if (strcmp(argument, "alone") == 0) return launch->is_alone = 1;
	if (strcmp(argument, "probe") == 0) return launch->probe = "", 1;
	if ((value = value_of(argument, "probe"))) return launch->probe = value, 1;
	if ((value = value_of(argument, "control"))) return launch->control = atoi(value), 1;
	if ((value = value_of(argument, "nice"))) return launch->nice = value, 1;
	if ((value = value_of(argument, "open_files"))) return launch->open_files = value, 1;
	if ((value = value_of(argument, "file_bytes"))) return launch->file_bytes = value, 1;
	if ((value = value_of(argument, "data_bytes"))) return launch->data_bytes = value, 1;
	if ((value = value_of(argument, "user"))) return launch->user = value, 1;
	if ((value = value_of(argument, "cgroup")) && launch->cgroup_count < MOST_CGROUPS)
		return launch->cgroups[launch->cgroup_count++] = value, 1;
	if (value_of(argument, "writable")) return 1;
	if (value_of(argument, "readable")) return launch->has_readable = 1;
	return 0;
}

const char *attune_next_value(char ***one, const char *name)
{
	while (**one && strcmp(**one, "--")) {
		const char *value = value_of(*(*one)++, name);
		if (value) return value;
	}
	return 0;
}

static const char *value_of(const char *argument, const char *name)
{
	size_t length = strlen(name);
	return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : 0;
}
