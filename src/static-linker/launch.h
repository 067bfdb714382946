/* What the files of the launcher share: launch.c reads and applies, fork-server.c starts, keeper.c watches over,
 * descendants.c ends, inherited.c compares. */
#ifndef ATTUNE_LAUNCH_H
#define ATTUNE_LAUNCH_H
#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#define MOST_CGROUPS 8

/* What a process gets from the one that makes it (inherited.c). */
struct inherited {
	struct rlimit limits[RLIM_NLIMITS];
	/* struct sched_attr of linux/sched/types.h */
	struct scheduling {
		unsigned size, policy;
		unsigned long long flags;
		int nice;
		unsigned priority;
		unsigned long long runtime, deadline, period;
		unsigned least, most;
	} scheduling;
	int io_priority;
	cpu_set_t processors;
};

/* That of this process. */
void attune_read_inherited(struct inherited *found);

/* False: another process has changed this one, or the one that made it. */
int attune_has_inherited(const struct inherited *expected);

/* Everything that the launcher was asked for. Strings are its own arguments; 0 stands for what was not asked for. */
struct launch {
	int control;
	/* All of them: attune_next_value finds what may be there many times. Copying them would take longer than a fork. */
	char **arguments;
	const char *cgroups[MOST_CGROUPS];
	int cgroup_count;
	const char *nice;
	const char *open_files;
	const char *file_bytes;
	const char *data_bytes;
	const char *user;
	/* Nobody else is that user: whatever process is, belongs to the program. */
	int is_alone;
	int is_read_only;
	/* No other file can be read than those that are `readable=`. */
	int has_readable;
	int has_no_network;
	/* Empty: nothing but the restrictions shall be tried; a directory: and whether it can be entered. */
	const char *probe;
	char **program;
	/* What the program shall run with; 0: with what there is. */
	const struct inherited *expected;
};

/* What one request to the fork server may have: bytes, and texts. The agent knows both (src/execution/native). */
#define ATTUNE_REQUEST_BYTES (128 * 1024)
#define ATTUNE_REQUEST_TEXTS 8192

/* `control`: the socket to the agent; negative: an argument has its number. `expected` as in struct launch. */
void attune_launch(int control, char **arguments, const struct inherited *expected) __attribute__((noreturn));

/* Makes keepers for as long as the agent lives (fork-server.c). */
void attune_serve_forks(void) __attribute__((noreturn));

/* Takes a tree from the user who has filled it (seal.c). */
void attune_seal(char **arguments) __attribute__((noreturn));

/* Reports to the agent, or on stderr without a control socket, what could not be done, and ends this process. */
void attune_give_up(const struct launch *launch, const char *stage, const char *what, int error) __attribute__((noreturn));

/* Starts the program and stays until nothing of it is left. */
void attune_keep(const struct launch *launch) __attribute__((noreturn));

/* In the child that becomes the program. `is_placed`: it is in its cgroup already. */
void attune_become(const struct launch *launch, pid_t keeper, int is_placed) __attribute__((noreturn));

/* The next value of an argument with this name, and moves `one` behind it; 0: there is no more. */
const char *attune_next_value(char ***one, const char *name);

void attune_restrict(const struct launch *launch, int is_placed);

/* Becomes the user that was asked for, for good. */
void attune_become_user(const struct launch *launch);

/* Kills every child, and theirs that become ours, until there is none or 10 s have passed. Needs a subreaper. */
void attune_end_descendants(int owns_pid_namespace);

/* Tells whether a child lives on. */
typedef int (*attune_spares)(pid_t child);
/* Kills the children but those that live on; of these a later call kills what has become a child meanwhile. */
void attune_kill_children(attune_spares spares);

#endif
