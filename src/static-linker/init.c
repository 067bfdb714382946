/*
 * The part of the runtime image that is ours: it runs before the program.
 *
 * The kernel enters the program's own _start, which calls our static __libc_start_main, which runs the runtime's
 * constructors. The last of them is attune_run_program below: it may first split off the built-in init, then starts the program's
 * own constructors, whose addresses the linker has written into attune_program.
 *
 * Nothing here may allocate or start a thread: the process is still single-threaded, and fork must stay safe.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

typedef void (*procedure)(void);

/* Filled in by merge.ts, in this order. Volatile: the compiler must not believe the zeros. */
__attribute__((used)) const volatile struct {
	procedure init;
	procedure *init_array;
	unsigned long init_count;
	procedure fini;
	procedure *fini_array;
	unsigned long fini_count;
} attune_program = {0};

static char **arguments_of_the_program(void);
static void leave_no_core(void);
static void empty_environment_block(void);
static void survive_user_signals(void);

static char *environment;
static size_t environment_bytes;

/*
 * Before all else, whatever this process is: until here another process of its user can open its memory and environment.
 * The C++ library constructs from priority 100 on (GCC 13), and the attribute of constructors knows nothing below 101.
 */
void attune_close_at_once(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
__attribute__((section(".init_array.00000"), used)) static procedure close_at_once = attune_close_at_once;

static void run_program_destructors(void)
{
	for (unsigned long i = attune_program.fini_count; i > 0; i--) attune_program.fini_array[i - 1]();
	if (attune_program.fini) attune_program.fini();
}

/*
 * The last compiler of the runtime takes milliseconds for each function, and thinks ten thousand executions a reason to compile
 * all that is done once for each of them. Fifty times as many calls pay; loops over long output have them at once.
 */
static char for_the_runtime[] = "BUN_JSC_thresholdForFTLOptimizeAfterWarmUp=5000000";

/* The last entry of the runtime's .init_array (runtime-image.ts): whatever the program uses is constructed by then. */
void attune_run_program(void)
{
	char **arguments = arguments_of_the_program();
	const char *first = *arguments && arguments[1] ? arguments[1] : "";
	if (strcmp(first, "_launch") == 0) attune_probe(arguments + 2);
	if (strcmp(first, "_keep") == 0) attune_keep(3, 0);
	if (strcmp(first, "_fork_server") == 0) attune_serve_forks();
	if (strcmp(first, "_seal") == 0) attune_seal(arguments + 2);
	leave_no_core();
	empty_environment_block();
	putenv(for_the_runtime);
	survive_user_signals();
	const char *requested = getenv("ATTUNE_SUPERVISE");
	int asked = requested && strcmp(requested, "1") == 0;
	int refused = requested && strcmp(requested, "0") == 0;
	if (asked || (getpid() == 1 && !refused)) attune_become_supervised(environment, environment_bytes);
	atexit(run_program_destructors);
	if (attune_program.init) attune_program.init();
	for (unsigned long i = 0; i < attune_program.init_count; i++) attune_program.init_array[i]();
}

/* ---- no other process reads this one, by ptrace, /proc or a core dump, even as the same user ---- */

/* What this process executes later is open again, and leaves none either. */
static void leave_no_core(void)
{
	struct rlimit core;
	getrlimit(RLIMIT_CORE, &core);
	core.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &core);
}

/* Below the variables' pointers the kernel has put 0, the arguments, and their number. */
static char **arguments_of_the_program(void)
{
	long count = 0;
	while (((long *)environ)[-2 - count] != count) count++;
	return environ - 1 - count;
}

static size_t bytes_of(const char *variable);
static int would_change_the_runtime(const char *variable);

/* Put before the name of a variable that only children may get. kept-variables.ts takes it off again. */
static const char kept[] = "ATTUNE_KEPT_";

/* The variables move to memory of our own: /proc/PID/environ shows where they were, to whoever may look. */
static void empty_environment_block(void)
{
	for (char **one = environ; *one; one++) environment_bytes += bytes_of(*one);
	if (!environment_bytes) return;
	environment = mmap(0, environment_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (environment == MAP_FAILED) abort();
	char *to = environment;
	for (char **one = environ; *one; one++) {
		char *from = *one;
		size_t length = strlen(from) + 1;
		*one = to;
		if (would_change_the_runtime(from)) {
			memcpy(to, kept, sizeof kept - 1);
			to += sizeof kept - 1;
		}
		memcpy(to, from, length);
		memset(from, 0, length);
		to += length;
	}
}

static size_t bytes_of(const char *variable)
{
	return strlen(variable) + 1 + (would_change_the_runtime(variable) ? sizeof kept - 1 : 0);
}

static int starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/*
 * The runtime that the program is compiled into reads these, in part before any of our code: BUN_BE_BUN=1 makes it a
 * Bun without the program, BUN_OPTIONS adds arguments, BUN_JSC_… and BUN_INSPECT reach into its virtual machine,
 * NODE_TLS_REJECT_UNAUTHORIZED=0 trusts everybody, NODE_CHANNEL_FD takes a descriptor for its own.
 */
static int would_change_the_runtime(const char *variable)
{
	static const char *const runtime[] = {"BUN_",      "NODE_",   "JSC_",  "WTF_", "MIMALLOC_",
	                                      "MI_VERBOSE=", "SIMDUTF_", "ICU_", "UV_THREADPOOL_SIZE="};
	/* More certificates to trust change nothing but that: the agent itself promises to use them. */
	if (starts_with(variable, "NODE_EXTRA_CA_CERTS=")) return 0;
	for (size_t i = 0; i < sizeof runtime / sizeof *runtime; i++)
		if (starts_with(variable, runtime[i])) return 1;
	return 0;
}

/* ---- signals that mean nothing here do not end the agent ---- */

static void ignore_by_handler(int signal)
{
	(void)signal;
}

/* By a handler, which no program that is executed inherits, as it would the request to ignore a signal. */
static void survive_user_signals(void)
{
	const int signals[] = {SIGUSR1, SIGUSR2};
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct sigaction before, after = {.sa_handler = ignore_by_handler, .sa_flags = SA_RESTART};
		sigaction(signals[i], 0, &before);
		if (before.sa_handler == SIG_DFL) sigaction(signals[i], &after, 0);
	}
}
