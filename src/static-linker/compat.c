/*
 * What the program or a glibc-built libstdc++ asks for and static musl lacks. Harmless things are defined here;
 * anything else stays undefined, and the link fails by its name.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>

char __libc_single_threaded; /* 0: never skip a lock */
void *__dso_handle;

unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }

/* libgcc's fast path over glibc's loader; -1 sends it to dl_iterate_phdr. */
int _dl_find_object(void *address, void *result)
{
	(void)address, (void)result;
	return -1;
}

/*
 * Two images with an unwind table each share one process. The runtime comes first: the program's headers list the
 * runtime's segments too, and an unwinder stops at the first image that claims an address.
 */
extern const ElfW(Ehdr) __ehdr_start;

int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *data)
{
	struct dl_phdr_info runtime = {
		.dlpi_name = "",
		.dlpi_phdr = (const ElfW(Phdr) *)((const char *)&__ehdr_start + __ehdr_start.e_phoff),
		.dlpi_phnum = __ehdr_start.e_phnum,
		.dlpi_adds = 2,
	};
	struct dl_phdr_info program = {
		.dlpi_name = "",
		.dlpi_phdr = (const ElfW(Phdr) *)getauxval(AT_PHDR),
		.dlpi_phnum = (ElfW(Half))getauxval(AT_PHNUM),
		.dlpi_adds = 2,
	};
	int answer = visit(&runtime, sizeof runtime, data);
	return answer ? answer : visit(&program, sizeof program, data);
}

/* Destructors of C++ thread_local objects, which glibc keeps per thread. Latest first, at the end of the thread. */
struct thread_exit {
	void (*destroy)(void *);
	void *object;
	struct thread_exit *next;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void run_thread_exits(void *list)
{
	for (struct thread_exit *one = list, *next; one; one = next) {
		next = one->next;
		one->destroy(one->object);
		free(one);
	}
}

static void run_main_thread_exits(void)
{
	void *list = pthread_getspecific(key);
	pthread_setspecific(key, 0);
	run_thread_exits(list);
}

static void create_key(void)
{
	if (pthread_key_create(&key, run_thread_exits)) abort();
	atexit(run_main_thread_exits);
}

int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object, void *dso)
{
	(void)dso;
	struct thread_exit *one = malloc(sizeof *one);
	if (!one) return -1;
	pthread_once(&once, create_key);
	*one = (struct thread_exit){destroy, object, pthread_getspecific(key)};
	return pthread_setspecific(key, one);
}
