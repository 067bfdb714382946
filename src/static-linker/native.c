/*
 * Native functions: what the agent needs of the kernel and the runtime does not offer. The agent opens them as the
 * library `attune:native` (src/execution/native): the program's dlopen and dlsym are these here, and know no other.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "attune:native"

void __dl_seterr(const char *format, ...); /* of musl: what dlerror will answer */

/*
 * Three pipes for the standard streams of a child, read end and write end of stdin, stdout, stderr. The ends that the
 * agent keeps (1, 2 and 4) never block. Returns 0, or an error number when nothing is open.
 */
static int attune_open_pipes(int *ends)
{
	static const int own[] = {1, 2, 4};
	for (int i = 0; i < 6; i += 2)
		if (pipe2(ends + i, O_CLOEXEC)) {
			int error = errno;
			while (i > 0) close(ends[--i]);
			return error;
		}
	for (int i = 0; i < 3; i++) fcntl(ends[own[i]], F_SETFL, fcntl(ends[own[i]], F_GETFL) | O_NONBLOCK);
	return 0;
}

static const struct {
	const char *name;
	void *function;
} functions[] = {
	{"attune_open_pipes", (void *)attune_open_pipes},
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
