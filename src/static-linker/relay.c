/* The streams of a program: pipes, of which the keeper passes on what comes and goes, as much as the agent takes. */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is read at once: a frame has a header before it. */
enum { PART = 32 * 1024 };

/* Of stdout and stderr: the keeper's end, or -1 at the end of the stream, and the bytes that the agent takes as yet. */
static struct output {
	char letter;
	int file;
	unsigned window;
} outputs[2] = {{'o', -1, 0}, {'e', -1, 0}};

/* Of stdin: the keeper's end, or -1, and what waits for the program to read it. */
static struct {
	int file;
	char *bytes;
	unsigned at, length;
	int is_last;
} input = {.file = -1};

static void feed(int control);

static void close_one(int *file)
{
	if (*file >= 0) close(*file);
	*file = -1;
}

void attune_open_streams(struct launch *launch)
{
	int ends[3][2];
	for (int stream = 0; stream <= 2; stream++)
		if (pipe2(ends[stream], O_CLOEXEC)) attune_blame(launch, "pipe", "a pipe for the program", errno);
	launch->streams[0] = ends[0][0];
	input.file = ends[0][1];
	for (int i = 0; i < 2; i++) {
		launch->streams[1 + i] = ends[1 + i][1];
		outputs[i].file = ends[1 + i][0];
		outputs[i].window = ATTUNE_WINDOW;
		fcntl(outputs[i].file, F_SETFL, O_NONBLOCK); /* the program may take from its pipe what was promised here */
	}
	fcntl(input.file, F_SETFL, O_NONBLOCK);
}

void attune_close_ends_of_program(const struct launch *launch)
{
	for (int stream = 0; stream <= 2; stream++) close(launch->streams[stream]);
}

static void forget_input(void)
{
	if (input.bytes) memset(input.bytes, 0, input.length);
	free(input.bytes);
	input.bytes = 0;
	input.at = input.length = 0;
}

void attune_close_streams(void)
{
	for (int i = 0; i < 2; i++) close_one(&outputs[i].file);
	close_one(&input.file);
	forget_input();
	input.is_last = 0;
}

int attune_has_output(void) { return outputs[0].file >= 0 || outputs[1].file >= 0; }

static void pass_on(int control, struct output *output)
{
	static char frame[ATTUNE_HEADER + PART];
	ssize_t bytes = read(output->file, frame + ATTUNE_HEADER, output->window < PART ? output->window : PART);
	if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (bytes <= 0) {
		close_one(&output->file);
		return;
	}
	output->window -= bytes;
	attune_send(control, output->letter, frame, bytes);
}

int attune_relay(int control, const sigset_t *signals)
{
	struct pollfd files[] = {
		{control, POLLIN, 0},
		{outputs[0].window ? outputs[0].file : -1, POLLIN, 0},
		{outputs[1].window ? outputs[1].file : -1, POLLIN, 0},
		{input.bytes ? input.file : -1, POLLOUT, 0},
	};
	attune_flush(control);
	if (ppoll(files, sizeof files / sizeof *files, 0, signals) < 0) return 0;
	for (int i = 0; i < 2; i++)
		if (files[1 + i].revents) pass_on(control, outputs + i);
	if (files[3].revents) feed(control);
	return files[0].revents != 0;
}

/* Writes what the pipe takes. Not to read (EPIPE) is the program's right. */
static void feed(int control)
{
	while (input.file >= 0 && input.at < input.length) {
		ssize_t written = write(input.file, input.bytes + input.at, input.length - input.at);
		if (written < 0 && errno == EAGAIN) return;
		if (written < 0) close_one(&input.file);
		else input.at += written;
	}
	forget_input();
	if (input.is_last) close_one(&input.file);
	else attune_say(control, 'i', "");
}

static int hear_input(int control, unsigned length, int is_last)
{
	forget_input();
	input.bytes = malloc(length + 1);
	if (!input.bytes || !attune_hear(control, input.bytes, length)) return 0;
	input.length = length;
	input.is_last = is_last;
	feed(control);
	return 1;
}

int attune_hear_of_streams(int control, int letter, unsigned length)
{
	unsigned taken;
	if (letter == 'i' || letter == 'l') return hear_input(control, length, letter == 'l');
	for (int i = 0; i < 2; i++)
		if (letter == outputs[i].letter && length == sizeof taken && attune_hear(control, &taken, length))
			return outputs[i].window += taken, 1;
	return 0;
}
