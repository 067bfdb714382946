/* What a keeper and its agent say to each other: frames, each a letter, the length of what follows in four bytes, and that. */
#define _GNU_SOURCE
#include "launch.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INBOX = 64 * 1024 };

static char inbox[INBOX];
static size_t inbox_at, inbox_end;

/* Short frames, which leave together. */
static char outbox[8192];
static size_t outbox_end;

static void write_all(int file, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(file, bytes, length);
		if (written < 0 && errno == EINTR) continue;
		if (written < 0) return; /* the other end is gone, which who listens to it notices */
		bytes += written;
		length -= written;
	}
}

void attune_flush(int control)
{
	write_all(control, outbox, outbox_end);
	outbox_end = 0;
}

static void write_header(char *to, char letter, unsigned length)
{
	*to = letter;
	memcpy(to + 1, &length, sizeof length);
}

void attune_send(int control, char letter, char *frame, unsigned length)
{
	attune_flush(control);
	write_header(frame, letter, length);
	write_all(control, frame, ATTUNE_HEADER + length);
}

void attune_say(int control, char letter, const char *format, ...)
{
	enum { MOST = 4096 };
	va_list values;
	if (sizeof outbox - outbox_end < ATTUNE_HEADER + MOST) attune_flush(control);
	char *frame = outbox + outbox_end;
	va_start(values, format);
	int length = vsnprintf(frame + ATTUNE_HEADER, MOST, format, values);
	va_end(values);
	if (length >= MOST) length = MOST - 1;
	write_header(frame, letter, length);
	outbox_end += ATTUNE_HEADER + length;
}

int attune_has_heard(void) { return inbox_at < inbox_end; }

int attune_hear(int control, void *to, size_t length)
{
	for (char *at = to; length > 0;) {
		if (inbox_at == inbox_end) {
			attune_flush(control);
			ssize_t bytes = read(control, inbox, sizeof inbox);
			if (bytes < 0 && errno == EINTR) continue;
			if (bytes <= 0) return 0;
			inbox_at = 0;
			inbox_end = bytes;
		}
		size_t part = inbox_end - inbox_at < length ? inbox_end - inbox_at : length;
		memcpy(at, inbox + inbox_at, part);
		memset(inbox + inbox_at, 0, part); /* secrets may be among the variables */
		inbox_at += part;
		at += part;
		length -= part;
	}
	return 1;
}

int attune_hear_header(int control, unsigned *length)
{
	char header[ATTUNE_HEADER];
	if (!attune_hear(control, header, ATTUNE_HEADER)) return -1;
	memcpy(length, header + 1, sizeof *length);
	return (unsigned char)header[0];
}

int attune_skip(int control, unsigned length)
{
	char dropped[4096];
	for (unsigned part; length > 0; length -= part) {
		part = length < sizeof dropped ? length : sizeof dropped;
		if (!attune_hear(control, dropped, part)) return 0;
	}
	return 1;
}
