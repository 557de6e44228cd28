/* A program that runs one script in XS, with what a device has: TCP sockets, timers, and exact meters of memory.
 *
 * It is linked with the objects of XS that the npm package @agoric/xsnap builds. Here is only what must be in C:
 * `host.js` makes of it the classes of ECMA-419 and Moddable. Nothing here allocates on the heap of XS after the start.
 */

#include "xs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* meters.c */
extern unsigned hostSlots(xsMachine *the);
extern unsigned hostChunks(xsMachine *the);
extern int hostRunJobs(xsMachine *the);
extern int hostVariable(xsMachine *the, xsSlot *function, int index, xsSlot *value);

/* xsLockdown.c */
extern void fx_petrify(xsMachine *the);

/* xsmc.c: the bytes of an ArrayBuffer or a view. */
extern xsIntegerValue _xsmcGetBuffer(xsMachine *the, xsSlot *slot, void **bytes, xsUnsignedValue *length, xsBooleanValue isWritten);

/* xsnapPlatform.c */
extern void fxRunProgramFile(xsMachine *the, const char *path);
extern void fxInitializeSharedCluster(void);
extern unsigned fxGetCurrentMeter(xsMachine *the);
extern void fxBeginMetering(xsMachine *the, xsBooleanValue (*callback)(xsMachine *, xsUnsignedValue), xsUnsignedValue step);

#define MAX_SOCKETS 1024

/* Watched sockets; `host.js` says for which events, POLLIN and POLLOUT. */
static struct pollfd watched[MAX_SOCKETS];
static int watchedCount = 0;
static int status = -1;

static int integerOf(xsMachine *the, int index) { return xsToInteger(xsArg(index)); }

/* print(text) */
static void host_print(xsMachine *the)
{
	fputs(xsToString(xsArg(0)), stdout);
	fputc('\n', stdout);
	fflush(stdout);
}

/* quit(code): ends when the current callback has returned. */
static void host_quit(xsMachine *the) { status = integerOf(the, 0); }

/* now(): milliseconds. */
static void host_now(xsMachine *the)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	xsResult = xsNumber(time.tv_sec * 1e3 + time.tv_nsec / 1e6);
}

/* random(bytes) */
static void host_random(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	FILE *source = fopen("/dev/urandom", "r");
	_xsmcGetBuffer(the, &xsArg(0), &bytes, &length, 1);
	if (!source || fread(bytes, 1, length, source) != length)
		xsUnknownError("no random bytes");
	fclose(source);
}

/* meter(kind): 0 slots, 1 bytes of chunks, both allocated since the last collection or alive; 2 steps of the machine. */
static void host_meter(xsMachine *the)
{
	int kind = integerOf(the, 0);
	xsResult = xsInteger(kind == 0 ? hostSlots(the) : kind == 1 ? hostChunks(the) : fxGetCurrentMeter(the));
}

static void host_collect(xsMachine *the) { xsCollectGarbage(); }

/* open(address, port): a descriptor that is connecting. */
static void host_open(xsMachine *the)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(integerOf(the, 1))};
	int on = 1;
	int fd;
	if (!inet_aton(xsToString(xsArg(0)), &address.sin_addr))
		xsUnknownError("invalid address");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		xsUnknownError("no socket");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	connect(fd, (struct sockaddr *)&address, sizeof address);
	xsResult = xsInteger(fd);
}

/* watch(fd, events): 0 no more. */
static void host_watch(xsMachine *the)
{
	int fd = integerOf(the, 0);
	int events = integerOf(the, 1);
	int i = 0;
	while (i < watchedCount && watched[i].fd != fd)
		i++;
	if (i == MAX_SOCKETS)
		xsUnknownError("too many sockets");
	if (i == watchedCount)
		watched[watchedCount++].fd = fd;
	watched[i].events = events;
}

/* receive(fd, bytes, at): how many bytes; 0 at the end, -1 when there are none, -2 after a failure. */
static void host_receive(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	int at = integerOf(the, 2);
	int count;
	_xsmcGetBuffer(the, &xsArg(1), &bytes, &length, 1);
	count = recv(integerOf(the, 0), (char *)bytes + at, length - at, 0);
	xsResult = xsInteger(count >= 0 ? count : errno == EAGAIN ? -1 : -2);
}

/* send(fd, bytes): how many bytes, or -1. */
static void host_send(xsMachine *the)
{
	void *bytes;
	xsUnsignedValue length;
	_xsmcGetBuffer(the, &xsArg(1), &bytes, &length, 0);
	xsResult = xsInteger(send(integerOf(the, 0), bytes, length, MSG_NOSIGNAL));
}

/* copy(target, source, at, length): bytes of `source` from `at` on, to the beginning of `target`. */
static void host_copy(xsMachine *the)
{
	void *target, *source;
	xsUnsignedValue targetLength, sourceLength;
	unsigned at = integerOf(the, 2), length = integerOf(the, 3);
	_xsmcGetBuffer(the, &xsArg(0), &target, &targetLength, 1);
	_xsmcGetBuffer(the, &xsArg(1), &source, &sourceLength, 0);
	if (length > targetLength || at + length > sourceLength)
		xsRangeError("copy");
	memmove(target, (char *)source + at, length);
}

/* octets(text): those that XS keeps it in, as `ArrayBuffer.fromString` of Moddable gives them. */
static void host_octets(xsMachine *the)
{
	char *text = xsToString(xsArg(0));
	xsResult = xsArrayBuffer(text, strlen(text));
}

/* close(fd, reset): with RST if `reset`. */
static void host_close(xsMachine *the)
{
	int fd = integerOf(the, 0);
	int i;
	for (i = 0; i < watchedCount; i++)
		if (watched[i].fd == fd)
			watched[i] = watched[--watchedCount];
	close(fd);
}

/* variable(function, index): what it holds, or `host` after the last one. */
static void host_variable(xsMachine *the)
{
	if (!hostVariable(the, &xsArg(0), integerOf(the, 1), &xsResult))
		xsResult = xsThis;
}

static xsBooleanValue goOn(xsMachine *the, xsUnsignedValue index) { return 1; }

static const struct { const char *name; xsCallback callback; } functions[] = {
	{"print", host_print}, {"quit", host_quit}, {"now", host_now}, {"random", host_random}, {"meter", host_meter},
	{"collect", host_collect}, {"open", host_open}, {"watch", host_watch}, {"receive", host_receive},
	{"send", host_send}, {"copy", host_copy}, {"close", host_close}, {"octets", host_octets},
	{"variable", host_variable}, {"petrify", fx_petrify},
};

/* Calls host.onTimers(), which answers how long to wait, or host.onSocket(fd, events). */
static int call(xsMachine *machine, const char *name, int fd, int events)
{
	int result = 0;
	int threw = 0;
	xsBeginHost(machine);
	{
		xsVars(2);
		xsTry {
			xsVar(0) = xsGet(xsGlobal, xsID("host"));
			xsVar(1) = xsCall2(xsVar(0), xsID(name), xsInteger(fd), xsInteger(events));
			result = xsTest(xsVar(1)) ? xsToInteger(xsVar(1)) : 0;
		}
		xsCatch {
			/* As on a device, where it ends the machine. */
			fprintf(stderr, "an exception has left a callback: %s\n", xsToString(xsException));
			threw = 1;
		}
	}
	xsEndHost(machine);
	while (hostRunJobs(machine))
		;
	if (threw) exit(70);
	return result;
}

static void loop(xsMachine *machine)
{
	while (status < 0) {
		int wait = call(machine, "onTimers", 0, 0);
		int i;
		if (status >= 0 || (wait < 0 && watchedCount == 0))
			break;
		poll(watched, watchedCount, wait);
		/* From the end: a callback may close its socket, and the last one takes its place. */
		for (i = watchedCount - 1; i >= 0 && status < 0; i--)
			if (i < watchedCount && watched[i].revents) {
				int events = watched[i].revents;
				watched[i].revents = 0;
				call(machine, "onSocket", watched[i].fd, events);
			}
	}
}

int main(int argc, char *argv[])
{
	xsCreation creation = {
		.initialChunkSize = 64 << 20,
		.incrementalChunkSize = 16 << 20,
		.initialHeapCount = 1 << 20,
		.incrementalHeapCount = 1 << 18,
		.stackCount = 4096,
		.initialKeyCount = 4096,
		.incrementalKeyCount = 1024,
		.nameModulo = 1993,
		.symbolModulo = 127,
		.parserBufferSize = 64 << 10,
		.parserTableModulo = 1993,
	};
	xsMachine *machine;
	int i;
	if (argc < 2) {
		fputs("usage: xs SCRIPT...\n", stderr);
		return 64;
	}
	fxInitializeSharedCluster();
	machine = xsCreateMachine(&creation, "ringlet", NULL);
	fxBeginMetering(machine, goOn, 1 << 30);
	xsBeginHost(machine);
	{
		xsVars(1);
		xsVar(0) = xsNewObject();
		for (i = 0; i < (int)(sizeof functions / sizeof functions[0]); i++)
			xsDefine(xsVar(0), xsID(functions[i].name), xsNewHostFunction(functions[i].callback, 0), xsDefault);
		xsDefine(xsGlobal, xsID("host"), xsVar(0), xsDefault);
	}
	xsEndHost(machine);
	for (i = 1; i < argc; i++) {
		xsBeginHost(machine);
		xsTry {
			fxRunProgramFile(machine, argv[i]);
		}
		xsCatch {
			fprintf(stderr, "%s: %s\n", argv[i], xsToString(xsException));
			exit(70);
		}
		xsEndHost(machine);
		while (hostRunJobs(machine))
			;
	}
	loop(machine);
	return status < 0 ? 0 : status;
}
