/* What the public interface of XS does not tell: its counts of slots and chunk bytes, and its queue of promise jobs. */

#include "xsAll.h"

unsigned hostSlots(txMachine *the) { return the->currentHeapCount; }

unsigned hostChunks(txMachine *the) { return the->currentChunksSize; }

/* Runs the promise jobs that wait; whether there were any. */
int hostRunJobs(txMachine *the)
{
	if (!the->promiseJobs)
		return 0;
	the->promiseJobs = 0;
	fxRunPromiseJobs(the);
	fxEndJob(the);
	return 1;
}
