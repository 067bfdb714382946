/*
 * What a process gets from the one that makes it, and what another process of its user can change meanwhile: limits
 * (prlimit), how it is scheduled (renice, chrt, ionice) and its processors (taskset). A program runs with what the agent
 * had, or not at all: each child of the fork server compares itself before it becomes one.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THIS_PROCESS 1

void attune_read_inherited(struct inherited *found)
{
	memset(found, 0, sizeof *found);
	for (int i = 0; i < RLIM_NLIMITS; i++) getrlimit(i, found->limits + i);
	syscall(SYS_sched_getattr, 0, &found->scheduling, sizeof found->scheduling, 0);
	found->io_priority = syscall(SYS_ioprio_get, THIS_PROCESS, 0);
	sched_getaffinity(0, sizeof found->processors, &found->processors);
}

int attune_has_inherited(const struct inherited *expected)
{
	const unsigned long long resets_on_fork = 1;
	struct inherited own;
	attune_read_inherited(&own);
	/* Children of one that resets how it is scheduled have none of its own. */
	if (expected->scheduling.flags & resets_on_fork) own.scheduling = expected->scheduling;
	return memcmp(&own, expected, sizeof own) == 0;
}
