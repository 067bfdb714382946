/* What the files of the launcher share: launch.c reads and applies, fork-server.c starts, keeper.c watches over, talk.c and
 * relay.c pass on, inherited.c compares, descendants.c ends. */
#ifndef ATTUNE_LAUNCH_H
#define ATTUNE_LAUNCH_H
#include <sched.h>
#include <signal.h>
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
	/* Of a program that is to be started: its directory and variables, the ends of its streams, and the memory of its texts. */
	const char *directory;
	char **environment;
	int streams[3];
	char **texts;
	char *request;
	size_t request_length;
	/* What it shall have inherited. */
	const struct inherited *expected;
};

/* Tries what the arguments say, and ends (launch.c). */
void attune_probe(char **arguments) __attribute__((noreturn));

/* Reads a request of the agent, which keeps its memory; gives up on what is none. */
struct launch attune_read_request(int control, char *request, size_t length);

/* Overwrites the program, its arguments and its variables: secrets may be among them. */
void attune_forget_request(const struct launch *launch);

/* ---- frames (talk.c). What returns false has found the other end gone ---- */

/* The bytes before what a frame carries. */
#define ATTUNE_HEADER 5

/* Sends a frame, which has room for its header before what it carries. */
void attune_send(int control, char letter, char *frame, unsigned length);

/* A short frame, which leaves with the next one that is sent, before the keeper waits, or by attune_flush. */
void attune_say(int control, char letter, const char *format, ...);
void attune_flush(int control);

/* The letter of the next frame; negative: there is none. What it carries is to be heard, or skipped. */
int attune_hear_header(int control, unsigned *length);
int attune_hear(int control, void *to, size_t length);
int attune_skip(int control, unsigned length);

/* True if something has been read that nobody has heard. */
int attune_has_heard(void);

/* ---- the streams of the program (relay.c) ---- */

/* The bytes of an output that are passed on before the agent has said that it has taken some (src/execution/process). */
#define ATTUNE_WINDOW (128 * 1024)

void attune_open_streams(struct launch *launch);
void attune_close_ends_of_program(const struct launch *launch);
void attune_close_streams(void);

/* True if more output may come. */
int attune_has_output(void);

/* Waits with these signals blocked, and passes on what there is. True: the agent has something to say. */
int attune_relay(int control, const sigset_t *signals);

/* Does what a frame says about streams. False: it is none, or the agent is gone. */
int attune_hear_of_streams(int control, int letter, unsigned length);

/* Makes keepers for as long as the agent lives (fork-server.c). */
void attune_serve_forks(void) __attribute__((noreturn));

/* Takes a tree from the user who has filled it (seal.c). */
void attune_seal(char **arguments) __attribute__((noreturn));

/* Reports to the agent, or on stderr without a control socket, what could not be done, and ends this process. */
void attune_give_up(const struct launch *launch, const char *stage, const char *what, int error) __attribute__((noreturn));

/* The same for what may be the fault of whoever has changed this process. */
void attune_blame(const struct launch *launch, const char *stage, const char *what, int error) __attribute__((noreturn));

/* Keeps one program after another for as long as the agent lives. `expected`: what each shall have inherited; 0: what is now. */
void attune_keep(int control, const struct inherited *expected) __attribute__((noreturn));

/* In the child that becomes the program. `is_placed`: it is in its cgroup already. */
void attune_become(const struct launch *launch, pid_t keeper, int is_placed) __attribute__((noreturn));

/* The next value of an argument with this name, and moves `one` behind it; 0: there is no more. */
const char *attune_next_value(char ***one, const char *name);

void attune_restrict(const struct launch *launch, int is_placed);

/* Becomes the user that was asked for, for good. */
void attune_become_user(const struct launch *launch);

/*
 * Splits the built-in init off: returns in the child, which goes on as the agent, or where there is no process to spare. The
 * parent forgets the variables, which lie there.
 */
void attune_become_supervised(char *environment, size_t environment_bytes);

/* Kills every child, and theirs that become ours, until there is none or 10 s have passed, which is false. Needs a subreaper. */
int attune_end_descendants(int owns_pid_namespace);

/* Tells whether a child lives on. */
typedef int (*attune_spares)(pid_t child);
/* Kills the children but those that live on; of these a later call kills what has become a child meanwhile. */
void attune_kill_children(attune_spares spares);

#endif
