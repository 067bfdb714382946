/*
 * The launcher: what a program is held to, as arguments. It becomes the child of a keeper (keeper.c). What cannot be done
 * is reported to the agent, and nothing is run.
 *
 *   [cgroup=DIRECTORY]… [nice=N] [open_files=N] [file_bytes=N] [data_bytes=N] [user=UID:GID [alone]] [writable=PATH]…
 *   [filesystem=read-only] [readable=PATH]… [network=none] -- PROGRAM [ARGUMENT]…
 *
 * With `probe` in place of a program, and _launch as the first argument of this program, it ends with 0 when all of it can be
 * done here, and with `probe=DIRECTORY` when what is in there can be reached besides; else it says why not on stderr and ends
 * with 125. (QEMU may hide the name that a program is started by.)
 */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FAILED 125
/* The stage of what somebody else has changed, and what that was. */
#define CHANGED "changed", "limits or priority"

static struct launch read_arguments(int control, char **arguments);
static int is_read(struct launch *launch, const char *argument);
static const char *value_of(const char *argument, const char *name);

void attune_probe(char **arguments)
{
	const struct launch launch = read_arguments(-1, arguments);
	if (!launch.probe) attune_give_up(&launch, "usage", "probe", EINVAL);
	attune_restrict(&launch, 0);
	if (*launch.probe && access(launch.probe, X_OK)) attune_give_up(&launch, "probe", launch.probe, errno);
	_exit(0);
}

struct launch attune_read_request(int control, char *request, size_t length)
{
	const struct launch nothing = {.control = control};
	size_t count = 0, at = 0;
	for (size_t i = 0; i < length; i++) count += request[i] == 0;
	char **texts = calloc(count + 2, sizeof *texts);
	if (!texts) attune_give_up(&nothing, "fork", "memory for a request", ENOMEM);
	for (char *text = request; at < count; text += strlen(text) + 1) texts[at++] = text;
	char **arguments = texts + 2;
	char **after = arguments + (count < 2 ? 0 : atoi(texts[1]));
	if (count < 2 || after < arguments || after > texts + count) attune_give_up(&nothing, "usage", "a request", EINVAL);
	/* The environment begins behind the arguments, whose list has to end there. */
	memmove(after + 1, after, (texts + count - after) * sizeof *after);
	*after = 0;
	struct launch launch = read_arguments(control, arguments);
	if (!*launch.program) attune_give_up(&launch, "usage", "a program behind --", EINVAL);
	launch.directory = texts[0];
	launch.environment = after + 1;
	launch.texts = texts;
	launch.request = request;
	launch.request_length = length;
	return launch;
}

void attune_forget_request(const struct launch *launch)
{
	memset(*launch->program, 0, launch->request + launch->request_length - *launch->program);
}

void attune_give_up(const struct launch *launch, const char *stage, const char *what, int error)
{
	if (launch->control < 0) dprintf(2, "attune-launch: %s: %s\n", what, strerror(error));
	else attune_say(launch->control, 'x', "failed %d %s %s: %s", error, stage, what, strerror(error));
	attune_flush(launch->control);
	_exit(FAILED);
}

void attune_blame(const struct launch *launch, const char *stage, const char *what, int error)
{
	if (!attune_has_inherited(launch->expected)) attune_give_up(launch, CHANGED, EPERM);
	attune_give_up(launch, stage, what, error);
}

void attune_become(const struct launch *launch, pid_t keeper, int is_placed)
{
	setsid();
	for (int stream = 0; stream <= 2; stream++) dup2(launch->streams[stream], stream);
	if (!attune_has_inherited(launch->expected)) attune_give_up(launch, CHANGED, EPERM);
	if (chdir(launch->directory)) attune_give_up(launch, "directory", launch->directory, errno);
	attune_restrict(launch, is_placed);
	/* The death of the keeper is the program's. Only now: a change of user takes it back. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != keeper) _exit(FAILED);
	execve(*launch->program, launch->program, launch->environment);
	attune_give_up(launch, "program", *launch->program, errno);
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
