/* What a process can be held to before it becomes a program: cgroups, limits, another user, file system, network. */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILESYSTEM "filesystem=read-only"
#define KEYCTL_JOIN_SESSION_KEYRING 1

static void leave_keyring(const struct launch *launch);
static void join_cgroup(const struct launch *launch, const char *directory);
static void add_niceness(const struct launch *launch, int more);
static void limit(const struct launch *launch, int resource, const char *name, const char *text);
static void allow_changes_only(const struct launch *launch);
static void allow_reading_only(const struct launch *launch);
static void forbid_network(const struct launch *launch);

void attune_restrict(const struct launch *launch, int is_placed)
{
	leave_keyring(launch);
	for (int i = 0; i < launch->cgroup_count && !is_placed; i++) join_cgroup(launch, launch->cgroups[i]);
	if (launch->nice) add_niceness(launch, atoi(launch->nice));
	if (launch->open_files) limit(launch, RLIMIT_NOFILE, "open_files", launch->open_files);
	if (launch->file_bytes) limit(launch, RLIMIT_FSIZE, "file_bytes", launch->file_bytes);
	if (launch->data_bytes) limit(launch, RLIMIT_DATA, "data_bytes", launch->data_bytes);
	if (launch->user) attune_become_user(launch);
	/* Landlock and seccomp want it; and who has become another user shall stay it. */
	if (launch->user || launch->is_read_only || launch->has_readable || launch->has_no_network)
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) attune_give_up(launch, "no_new_privs", "no_new_privs", errno);
	if (launch->is_read_only) allow_changes_only(launch);
	if (launch->has_readable) allow_reading_only(launch);
	if (launch->has_no_network) forbid_network(launch);
}

/*
 * Whoever has a session keyring reads the keys in it, whatever user he becomes: that of the agent may hold those of a login,
 * and what one program leaves in it would be there for the next. Where keys do not exist or a policy refuses them, there are none.
 */
static void leave_keyring(const struct launch *launch)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0) >= 0 || errno == ENOSYS || errno == EPERM) return;
	if (launch->user) attune_give_up(launch, "keyring", "session keyring", errno);
}

static void join_cgroup(const struct launch *launch, const char *directory)
{
	char path[PATH_MAX];
	if (strlen(directory) + sizeof "/cgroup.procs" > sizeof path) attune_give_up(launch, "cgroup", directory, ENAMETOOLONG);
	strcat(strcpy(path, directory), "/cgroup.procs");
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, "0", 1) != 1) attune_give_up(launch, "cgroup", path, errno);
	close(file);
}

static void add_niceness(const struct launch *launch, int more)
{
	errno = 0;
	if (nice(more) == -1 && errno) attune_give_up(launch, "nice", "nice", errno);
}

static void limit(const struct launch *launch, int resource, const char *name, const char *text)
{
	rlim_t most = strtoull(text, 0, 10);
	struct rlimit now;
	if (getrlimit(resource, &now) == 0 && now.rlim_max < most) most = now.rlim_max;
	const struct rlimit wanted = {most, most};
	if (setrlimit(resource, &wanted)) attune_give_up(launch, name, name, errno);
}

/* ---- another user, and never root: 4294967295 would mean "as before" to the kernel ---- */

static unsigned read_id(const struct launch *launch, const char **text)
{
	unsigned long long id = 0;
	const char *digit = *text;
	for (; *digit >= '0' && *digit <= '9' && id < UINT_MAX; digit++) id = id * 10 + (*digit - '0');
	if (digit == *text || id == 0 || id >= UINT_MAX) attune_give_up(launch, "user", launch->user, EINVAL);
	*text = digit;
	return id;
}

void attune_become_user(const struct launch *launch)
{
	const char *text = launch->user;
	uid_t uid = read_id(launch, &text), uids[3];
	if (*text++ != ':') attune_give_up(launch, "user", launch->user, EINVAL);
	gid_t gid = read_id(launch, &text), gids[3];
	if (*text) attune_give_up(launch, "user", launch->user, EINVAL);
	/* To open a pipe by the name /dev/stdin takes the rights of a file. */
	for (int stream = 0; stream <= 2 && launch->control >= 0; stream++)
		if (fchown(stream, uid, gid)) attune_give_up(launch, "user", "the standard streams", errno);
	if (setgroups(0, 0) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid)) attune_give_up(launch, "user", "execution_user", errno);
	int is_changed = getresuid(uids, uids + 1, uids + 2) == 0 && getresgid(gids, gids + 1, gids + 2) == 0 && getgroups(0, 0) == 0;
	for (int i = 0; i < 3; i++) is_changed = is_changed && uids[i] == uid && gids[i] == gid;
	if (!is_changed) attune_give_up(launch, "user", "execution_user", EPERM);
}

/* ---- nothing new with the file system: Landlock. Its numbers, as musl's headers may be older ---- */

struct landlock_rules { unsigned long long handled_fs; };
struct landlock_below { unsigned long long allowed; int parent; } __attribute__((packed));
#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_WRITE_FILE (1ULL << 1)
#define LANDLOCK_READ_FILE (1ULL << 2)
#define LANDLOCK_REFER (1ULL << 13)
#define LANDLOCK_TRUNCATE (1ULL << 14)
/* Removing (4, 5), making (6 to 12), moving (13), truncating (14), and writing to files. */
#define LANDLOCK_CHANGES (LANDLOCK_WRITE_FILE | 0x7ff0ULL)

static void allow_changes(const struct launch *launch, int rules, const char *path)
{
	struct landlock_below below = {LANDLOCK_CHANGES, open(path, O_PATH | O_CLOEXEC)};
	struct stat stat;
	if (below.parent < 0 && errno == ENOENT) return;
	if (below.parent < 0 || fstat(below.parent, &stat)) attune_give_up(launch, FILESYSTEM, path, errno);
	if (!S_ISDIR(stat.st_mode)) below.allowed = LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE;
	if (syscall(LANDLOCK_ADD, rules, 1, &below, 0)) attune_give_up(launch, FILESYSTEM, path, errno);
	close(below.parent);
}

static void allow_changes_only(const struct launch *launch)
{
	static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
	struct landlock_rules wanted = {LANDLOCK_CHANGES};
	if (syscall(LANDLOCK_CREATE, 0, 0, 1) < 3) attune_give_up(launch, FILESYSTEM, "Landlock of version 3 (Linux 6.2)", ENOSYS);
	int rules = syscall(LANDLOCK_CREATE, &wanted, sizeof wanted, 0);
	if (rules < 0) attune_give_up(launch, FILESYSTEM, "Landlock", errno);
	for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) allow_changes(launch, rules, devices[i]);
	char **one = launch->arguments;
	for (const char *path; (path = attune_next_value(&one, "writable"));) allow_changes(launch, rules, path);
	if (syscall(LANDLOCK_RESTRICT, rules, 0)) attune_give_up(launch, FILESYSTEM, "Landlock", errno);
	close(rules);
}

/* ---- no other files can be read: a second layer of Landlock ---- */

static void allow_below(const struct launch *launch, int rules, const char *path, unsigned long long allowed)
{
	struct landlock_below below = {allowed, open(path, O_PATH | O_CLOEXEC)};
	if (below.parent < 0 && (errno == ENOENT || errno == EACCES)) return;
	if (below.parent < 0 || syscall(LANDLOCK_ADD, rules, 1, &below, 0)) attune_give_up(launch, "readable", path, errno);
	close(below.parent);
}

static void allow_reading_only(const struct launch *launch)
{
	/* Files may be moved between directories everywhere, but not to where more may be done with them. */
	struct landlock_rules wanted = {LANDLOCK_READ_FILE | LANDLOCK_REFER};
	if (syscall(LANDLOCK_CREATE, 0, 0, 1) < 2) attune_give_up(launch, "readable", "Landlock of version 2 (Linux 5.19)", ENOSYS);
	int rules = syscall(LANDLOCK_CREATE, &wanted, sizeof wanted, 0);
	if (rules < 0) attune_give_up(launch, "readable", "Landlock", errno);
	allow_below(launch, rules, "/", LANDLOCK_REFER);
	char **one = launch->arguments;
	for (const char *path; (path = attune_next_value(&one, "readable"));) allow_below(launch, rules, path, LANDLOCK_READ_FILE);
	if (syscall(LANDLOCK_RESTRICT, rules, 0)) attune_give_up(launch, "readable", "Landlock", errno);
	close(rules);
}

/* ---- no sockets but those of this machine's own files: seccomp, which needs no right at all ---- */

/* The kernel's own headers are not among musl's: numbers of linux/audit.h, linux/filter.h and linux/seccomp.h. */
#if defined __x86_64__
#define OWN_MACHINE 0xc000003e
#elif defined __aarch64__
#define OWN_MACHINE 0xc00000b7
#endif
struct instruction { unsigned short code; unsigned char if_so, if_not; unsigned value; };
struct filter { unsigned short count; const struct instruction *code; };
#define LOAD(at) {0x20, 0, 0, at}
#define IS(value, if_so, if_not) {0x15, if_so, if_not, value}
#define AT_LEAST(value, if_so, if_not) {0x35, if_so, if_not, value}
#define ANSWER(value) {0x06, 0, 0, value}
#define WITH_ERROR 0x00050000u
#define ALLOW 0x7fff0000u
enum { CALL = 0, MACHINE = 4, FIRST_ARGUMENT = 16 };

static void forbid_network(const struct launch *launch)
{
	/* Other ways to call the kernel (32 bits, x32) are closed, and so is io_uring, which opens sockets by itself. */
	static const struct instruction code[] = {
		LOAD(MACHINE),
		IS(OWN_MACHINE, 0, 6),
		LOAD(CALL),
		AT_LEAST(0x40000000, 4, 0),
		IS(425 /* io_uring_setup */, 3, 0),
		IS(SYS_socket, 0, 3),
		LOAD(FIRST_ARGUMENT),
		IS(AF_UNIX, 1, 2),
		ANSWER(WITH_ERROR | ENOSYS),
		ANSWER(ALLOW),
		ANSWER(WITH_ERROR | EACCES),
	};
	const struct filter filter = {sizeof code / sizeof *code, code};
	if (prctl(PR_SET_SECCOMP, 2 /* a filter */, &filter)) attune_give_up(launch, "network=none", "a seccomp filter", errno);
}
