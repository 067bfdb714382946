/*
 * The launcher: this program under the name attune-launch. It restricts itself as its arguments say, and becomes another
 * program. What cannot be done is said on stderr, with exit code 125, and nothing is run.
 *
 *   attune-launch [cgroup=DIRECTORY]… [nice=N] [open_files=N] [file_bytes=N] [user=UID:GID] [writable=PATH]…
 *                 [filesystem=read-only] [network=none] -- PROGRAM [ARGUMENT]…
 *
 * Instead of a program: `probe` ends with 0 when all of it can be done here, and `probe=DIRECTORY` when what is
 * in there can be reached besides.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILED 125
#define MOST_WRITABLE 32

static void say(const char *text) { if (write(2, text, strlen(text)) < 0) _exit(FAILED); }

__attribute__((noreturn)) static void give_up(const char *what, const char *why)
{
	say("attune-launch: ");
	say(what);
	say(": ");
	say(why);
	say("\n");
	_exit(FAILED);
}

static const char *value_of(const char *argument, const char *name)
{
	size_t length = strlen(name);
	return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : 0;
}

static void join_cgroup(const char *directory)
{
	char path[4096];
	if (strlen(directory) + sizeof "/cgroup.procs" > sizeof path) give_up(directory, "its name is too long");
	strcat(strcpy(path, directory), "/cgroup.procs");
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, "0", 1) != 1) give_up(path, strerror(errno));
	close(file);
}

static void limit(int resource, const char *name, const char *text)
{
	rlim_t most = strtoull(text, 0, 10);
	struct rlimit now;
	if (getrlimit(resource, &now) == 0 && now.rlim_max < most) most = now.rlim_max;
	const struct rlimit wanted = {most, most};
	if (setrlimit(resource, &wanted)) give_up(name, strerror(errno));
}

static void become(const char *text)
{
	char *end;
	uid_t uid = strtoul(text, &end, 10);
	gid_t gid = *end == ':' ? strtoul(end + 1, 0, 10) : uid;
	if (setgroups(0, 0) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid)) give_up("execution_user", strerror(errno));
}

/* ---- nothing new with the file system: Landlock. Its numbers, as musl's headers may be older ---- */

struct landlock_rules { unsigned long long handled_fs; };
struct landlock_below { unsigned long long allowed; int parent; } __attribute__((packed));
#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_WRITE_FILE (1ULL << 1)
#define LANDLOCK_TRUNCATE (1ULL << 14)
/* Removing (4, 5), making (6 to 12), moving (13), truncating (14), and writing to files. */
#define LANDLOCK_CHANGES (LANDLOCK_WRITE_FILE | 0x7ff0ULL)

static void allow_changes(int rules, const char *path)
{
	struct landlock_below below = {LANDLOCK_CHANGES, open(path, O_PATH | O_CLOEXEC)};
	struct stat stat;
	if (below.parent < 0 && errno == ENOENT) return;
	if (below.parent < 0 || fstat(below.parent, &stat)) give_up(path, strerror(errno));
	if (!S_ISDIR(stat.st_mode)) below.allowed = LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE;
	if (syscall(LANDLOCK_ADD, rules, 1, &below, 0)) give_up(path, strerror(errno));
	close(below.parent);
}

static void allow_changes_only(const char *const *paths, int count)
{
	static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
	struct landlock_rules wanted = {LANDLOCK_CHANGES};
	if (syscall(LANDLOCK_CREATE, 0, 0, 1) < 3) give_up("filesystem=read-only", "this kernel has no Landlock of version 3 (Linux 6.2)");
	int rules = syscall(LANDLOCK_CREATE, &wanted, sizeof wanted, 0);
	if (rules < 0) give_up("filesystem=read-only", strerror(errno));
	for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) allow_changes(rules, devices[i]);
	for (int i = 0; i < count; i++) allow_changes(rules, paths[i]);
	if (syscall(LANDLOCK_RESTRICT, rules, 0)) give_up("filesystem=read-only", strerror(errno));
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

static void forbid_network(void)
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
	if (prctl(PR_SET_SECCOMP, 2 /* a filter */, &filter)) give_up("network=none", strerror(errno));
}

static void probe(const char *directory)
{
	if (*directory && access(directory, X_OK)) give_up(directory, strerror(errno));
	_exit(0);
}

__attribute__((noreturn)) void attune_launch(char **arguments)
{
	const char *writable[MOST_WRITABLE], *value, *user = 0, *wants_probe = 0;
	int writables = 0, is_read_only = 0, has_no_network = 0;
	char **one = arguments + 1;
	for (; *one && strcmp(*one, "--"); one++) {
		if ((value = value_of(*one, "cgroup"))) join_cgroup(value);
		else if ((value = value_of(*one, "nice"))) { if (errno = 0, nice(atoi(value)) == -1 && errno) give_up("nice", strerror(errno)); }
		else if ((value = value_of(*one, "open_files"))) limit(RLIMIT_NOFILE, "open_files", value);
		else if ((value = value_of(*one, "file_bytes"))) limit(RLIMIT_FSIZE, "file_bytes", value);
		else if ((value = value_of(*one, "user"))) user = value;
		else if ((value = value_of(*one, "writable"))) { if (writables == MOST_WRITABLE) give_up(value, "too many"); writable[writables++] = value; }
		else if (strcmp(*one, "filesystem=read-only") == 0) is_read_only = 1;
		else if (strcmp(*one, "network=none") == 0) has_no_network = 1;
		else if ((value = value_of(*one, "probe"))) wants_probe = value;
		else if (strcmp(*one, "probe") == 0) wants_probe = "";
		else give_up(*one, "nothing that this launcher knows");
	}
	if (user) become(user);
	/* Landlock and seccomp want it; and who has become another user shall stay it. */
	if ((user || is_read_only || has_no_network) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) give_up("no_new_privs", strerror(errno));
	if (is_read_only) allow_changes_only(writable, writables);
	if (has_no_network) forbid_network();
	if (wants_probe) probe(wants_probe);
	if (!*one || !one[1]) give_up("usage", "no program behind --");
	execv(one[1], one + 1);
	give_up(one[1], strerror(errno));
}
