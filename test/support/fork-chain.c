/*
 * Four chains of processes, each of which leaves its session, starts the next one and is gone, for 40 s: faster than
 * anybody could list them.
 */
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static long seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int main(void)
{
	long start = seconds();
	prctl(PR_SET_NAME, "fork-chain", 0, 0, 0);
	for (int chain = 0; chain < 4; chain++) {
		if (fork()) continue;
		for (int stream = 0; stream <= 2; stream++) close(stream);
		while (seconds() - start < 40) {
			if (fork()) _exit(0);
			setsid();
		}
		_exit(0);
	}
	usleep(200 * 1000);
	return 0;
}
