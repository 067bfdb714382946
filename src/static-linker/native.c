/*
 * Native functions: what the agent needs of the kernel and the runtime does not offer. The agent opens them as the
 * library `attune:native` (src/execution/native): the program's dlopen and dlsym are these here, and know no other.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <dlfcn.h>
#include <elf.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LIBRARY "attune:native"

void __dl_seterr(const char *format, ...); /* of musl: what dlerror will answer */

/* ---- the fork server (fork-server.c). Both return 0, or an error number when nothing is open ---- */

/* The two ends of the socket to a fork server: of the agent, and of the fork server, for which a first message is there. */
static int attune_open_fork_server(int *ends)
{
	struct inherited own;
	attune_read_inherited(&own);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return errno;
	return send(ends[0], &own, sizeof own, MSG_NOSIGNAL) == sizeof own ? 0 : EIO;
}

/*
 * Asks the fork server for a keeper, and fills in the agent's end of the socket to it. It does not block, and neither does
 * this: a fork server that does not take the request now is an error. One that was stopped goes on.
 */
static int attune_ask_fork_server(int server, int pid, int *end)
{
	kill(pid, SIGCONT);
	int control[2], error = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control)) return errno;
	fcntl(control[0], F_SETFL, O_NONBLOCK);
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof *control)];
	} carried;
	struct iovec text = {"k", 1};
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = carried.bytes, .msg_controllen = sizeof carried.bytes};
	carried.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof *control), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&carried.header), control + 1, sizeof *control);
	if (sendmsg(server, &message, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) error = errno;
	close(control[1]);
	if (error) close(control[0]);
	else *end = control[0];
	return error;
}

/* ---- files below an open directory, which no link leads out of. All of them return a negative error number ---- */

#define OPENAT2 437
/* RESOLVE_NO_XDEV, RESOLVE_NO_SYMLINKS and RESOLVE_BENEATH of linux/openat2.h: nor into another mount. */
#define STAY_BENEATH (0x01 | 0x04 | 0x08)

static int answer(long result) { return result < 0 ? -errno : (int)result; }

/* Opens one name of a directory. Where openat2 (Linux 5.6) is missing or refused, the caller has another way. */
static int attune_open_at(int directory, const char *name, int flags)
{
	const struct {
		unsigned long long flags, mode, resolve;
	} how = {flags | O_NOFOLLOW | O_CLOEXEC, flags & O_CREAT ? 0644 : 0, STAY_BENEATH};
	if (strchr(name, '/') || strcmp(name, "..") == 0) return -EXDEV;
	return answer(syscall(OPENAT2, directory, name, &how, sizeof how));
}

static int attune_make_directory_at(int directory, const char *name) { return answer(mkdirat(directory, name, 0755)); }

static int attune_rename_at(int directory, const char *from, const char *to)
{
	return answer(renameat(directory, from, directory, to));
}

static int attune_remove_at(int directory, const char *name) { return answer(unlinkat(directory, name, 0)); }

/* The next names of an open directory, as the kernel writes them: struct linux_dirent64. Returns their bytes. */
static int attune_list(int directory, void *entries, int bytes)
{
	return answer(syscall(SYS_getdents64, directory, entries, bytes));
}

/*
 * What the kernel says of a file, which may be the one that a link leads to: device, number, mode, bytes, and the
 * milliseconds of its last modification and change. Returns 0, or a negative error number.
 */
static int attune_stat(const char *path, int follows, double *out)
{
	struct stat found;
	if (fstatat(AT_FDCWD, path, &found, follows ? 0 : AT_SYMLINK_NOFOLLOW)) return -errno;
	out[0] = found.st_dev;
	out[1] = found.st_ino;
	out[2] = found.st_mode;
	out[3] = found.st_size;
	out[4] = found.st_mtim.tv_sec * 1e3 + found.st_mtim.tv_nsec / 1e6;
	out[5] = found.st_ctim.tv_sec * 1e3 + found.st_ctim.tv_nsec / 1e6;
	return 0;
}

/* ---- what another user may do (access.c) ---- */

int attune_may_access(const char *directory, const char *name, unsigned uid, unsigned gid, int mode);
int attune_has_default_list(const char *directory);

/* ---- connections that this process has accepted, which the runtime does not tell ---- */

/* A connection: its descriptor, and the port and the address at its other end. 64 bytes, all of them in host order. */
struct connection {
	int file;
	int port;
	char address[56];
};

/* Fills in where a socket leads to, if it is a connection to this port. */
static int describe_connection(int file, int own_port, struct connection *out)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} end;
	socklen_t length = sizeof end;
	if (getsockname(file, &end.any, &length) || (end.any.sa_family != AF_INET && end.any.sa_family != AF_INET6)) return 0;
	if (ntohs(end.any.sa_family == AF_INET ? end.v4.sin_port : end.v6.sin6_port) != own_port) return 0;
	length = sizeof end;
	if (getpeername(file, &end.any, &length)) return 0;
	int is_v4 = end.any.sa_family == AF_INET;
	const void *address = is_v4 ? (void *)&end.v4.sin_addr : (void *)&end.v6.sin6_addr;
	out->file = file;
	out->port = ntohs(is_v4 ? end.v4.sin_port : end.v6.sin6_port);
	return inet_ntop(end.any.sa_family, address, out->address, sizeof out->address) != 0;
}

/*
 * Lists the connections to a port of this process, as many as there is room for. The directory of descriptors stays
 * open, so that it can be read when no more files may be opened.
 */
static int attune_list_connections(int own_port, struct connection *found, int room)
{
	static int descriptors = -1;
	char entries[8192];
	int count = 0;
	if (descriptors < 0) descriptors = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptors < 0 || lseek(descriptors, 0, SEEK_SET) < 0) return -errno;
	for (;;) {
		int bytes = syscall(SYS_getdents64, descriptors, entries, sizeof entries);
		if (bytes < 0) return -errno;
		if (bytes == 0) return count;
		for (int at = 0; at < bytes;) {
			unsigned short length;
			memcpy(&length, entries + at + 16, sizeof length);
			const char *name = entries + at + 19;
			if (*name != '.' && count < room) count += describe_connection(atoi(name), own_port, found + count);
			at += length;
		}
	}
}

/* Ends a connection in both directions: its owner hears of it, and closes it. */
static int attune_end_connection(int file) { return answer(shutdown(file, SHUT_RDWR)); }

/* ---- memory ---- */

/*
 * Gives back the pages of this file in which nobody writes: its code, its constants and the bundle. Much of them is needed
 * at the start alone, and what is touched again comes from the page cache. They are the segments of the program headers.
 */
static void attune_forget_file_pages(void)
{
	unsigned long page = getauxval(AT_PAGESZ), count = getauxval(AT_PHNUM);
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	for (unsigned long i = 0; headers && i < count; i++) {
		const Elf64_Phdr *one = headers + i;
		if (one->p_type != PT_LOAD || one->p_flags & PF_W) continue;
		unsigned long from = one->p_vaddr & -page, to = (one->p_vaddr + one->p_memsz) & -page;
		if (to > from) madvise((void *)from, to - from, MADV_DONTNEED);
	}
}

static const struct {
	const char *name;
	void *function;
} functions[] = {
	{"attune_open_fork_server", (void *)attune_open_fork_server},
	{"attune_ask_fork_server", (void *)attune_ask_fork_server},
	{"attune_open_at", (void *)attune_open_at},
	{"attune_make_directory_at", (void *)attune_make_directory_at},
	{"attune_rename_at", (void *)attune_rename_at},
	{"attune_remove_at", (void *)attune_remove_at},
	{"attune_list", (void *)attune_list},
	{"attune_stat", (void *)attune_stat},
	{"attune_may_access", (void *)attune_may_access},
	{"attune_has_default_list", (void *)attune_has_default_list},
	{"attune_list_connections", (void *)attune_list_connections},
	{"attune_end_connection", (void *)attune_end_connection},
	{"attune_forget_file_pages", (void *)attune_forget_file_pages},
};

void *dlopen(const char *name, int mode)
{
	(void)mode;
	if (name && strcmp(name, LIBRARY) == 0) return (void *)functions;
	__dl_seterr("%s: a static file loads no libraries", name ? name : "the program itself");
	return 0;
}

void *dlsym(void *restrict library, const char *restrict name)
{
	for (size_t i = 0; library == (void *)functions && i < sizeof functions / sizeof *functions; i++)
		if (strcmp(functions[i].name, name) == 0) return functions[i].function;
	__dl_seterr("%s: no native function of that name", name);
	return 0;
}
