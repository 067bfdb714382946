/*
 * Takes a tree from the user who has filled it: this program with _seal as its first argument.
 *
 *   attune-agent _seal UID DIRECTORY
 *
 * What belongs to UID becomes the property of this process's user, readable for everybody and writable for nobody else;
 * as UID itself, for nobody at all. Whatever is no file, directory or link is removed. It goes by open directories and
 * follows no link, so nothing outside the tree changes. It ends with 0, or says why not on stderr and ends with 125.
 */
#define _GNU_SOURCE
#include "launch.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAILED 125
#define MOST_LEVELS 256

static uid_t from;
static int is_own; /* the same user before and after: there is nothing but the mode to change */

static void seal_directory(int directory, int level);
static void seal_entry(int parent, const char *name, int level);
static int open_at(int parent, const char *name);
static void take(int file, const struct stat *stat);
static void fail(const char *what) __attribute__((noreturn));

void attune_seal(char **arguments)
{
	if (!arguments[0] || !arguments[1]) errno = EINVAL, fail("UID DIRECTORY");
	from = strtoul(arguments[0], 0, 10);
	is_own = from == geteuid();
	int directory = open(arguments[1], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0) fail(arguments[1]);
	seal_directory(directory, 1);
	_exit(0);
}

/* A directory comes before what is in it, so that from then on nobody puts anything else there. */
static void seal_directory(int directory, int level)
{
	struct stat stat;
	if (fstat(directory, &stat)) fail("fstat");
	/* The agent still has to write the note that the tree is complete, at its top. */
	if (!is_own || level > 1) take(directory, &stat);
	DIR *entries = fdopendir(directory);
	if (!entries) fail("fdopendir");
	for (struct dirent *entry; (entry = readdir(entries));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) seal_entry(directory, entry->d_name, level);
	closedir(entries);
}

static void seal_entry(int parent, const char *name, int level)
{
	struct stat stat;
	if (fstatat(parent, name, &stat, AT_SYMLINK_NOFOLLOW)) fail(name);
	if (S_ISLNK(stat.st_mode)) {
		if (!is_own && stat.st_uid == from && fchownat(parent, name, geteuid(), getegid(), AT_SYMLINK_NOFOLLOW)) fail(name);
		return;
	}
	if (!S_ISREG(stat.st_mode) && !S_ISDIR(stat.st_mode)) {
		if (unlinkat(parent, name, 0)) fail(name);
		return;
	}
	int file = open_at(parent, name);
	if (fstat(file, &stat)) fail(name);
	if (S_ISREG(stat.st_mode)) take(file, &stat);
	if (!S_ISDIR(stat.st_mode)) {
		close(file);
		return;
	}
	if (level == MOST_LEVELS) errno = ELOOP, fail(name);
	seal_directory(file, level + 1);
}

static int open_at(int parent, const char *name)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int file = openat(parent, name, flags);
	/* An installer may have taken its own permissions away. */
	if (file < 0 && errno == EACCES && is_own && fchmodat(parent, name, 0700, 0) == 0) file = openat(parent, name, flags);
	if (file < 0) fail(name);
	return file;
}

/* Nobody else's file, which may have a name here too, gets another mode. */
static void take(int file, const struct stat *stat)
{
	if (stat->st_uid != from) return;
	if (!is_own && fchown(file, geteuid(), getegid())) fail("fchown");
	mode_t execute = S_ISDIR(stat->st_mode) || stat->st_mode & 0111 ? 0111 : 0;
	if (fchmod(file, 0444 | execute | (is_own ? 0 : 0200))) fail("fchmod");
}

static void fail(const char *what)
{
	dprintf(2, "attune-launch: %s: %s\n", what, strerror(errno));
	_exit(FAILED);
}
