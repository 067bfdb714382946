/* What another user may do, as the kernel judges it: by modes, groups and access control lists. native.c publishes it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * Tells whether a user may do something (R_OK, W_OK) with a name in a directory, whatever is above that: 1 or 0, or a negative
 * error number. A process of its own takes on the user, as a thread of this one would take on too much.
 */
int attune_may_access(const char *directory, const char *name, unsigned uid, unsigned gid, int mode)
{
	int file = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (file < 0) return -errno;
	volatile int error = 0; /* the child shares this memory, and not its credentials */
	pid_t child = vfork();
	if (child == 0) {
		/* Without the wrappers of libc, which would do it in all threads. */
		if (syscall(SYS_setgroups, 0, 0) || syscall(SYS_setresgid, gid, gid, gid) || syscall(SYS_setresuid, uid, uid, uid) ||
		    syscall(SYS_faccessat, file, name, mode))
			error = errno;
		_exit(0);
	}
	if (child < 0) error = errno;
	else while (waitpid(child, 0, 0) < 0 && errno == EINTR);
	close(file);
	return error == 0 ? 1 : error == EACCES || error == EROFS ? 0 : -error;
}

/* 1 if what is made in a directory gets an access control list from it. */
int attune_has_default_list(const char *directory)
{
	return getxattr(directory, "system.posix_acl_default", 0, 0) > 0;
}
