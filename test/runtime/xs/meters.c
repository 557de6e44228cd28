/* What the public interface of XS does not tell: its counts of slots and chunk bytes, its queue of promise jobs, and what the
 * variables of a function hold. */

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

/* Puts what the variable number `index` of `function` holds into `value`; 0 if there are not so many. */
int hostVariable(txMachine *the, txSlot *function, int index, txSlot *value)
{
	txSlot *code = function->value.reference->next;
	txSlot *slot = code && (code->kind == XS_CODE_KIND || code->kind == XS_CODE_X_KIND) ? code->value.code.closures : NULL;
	if (slot)
		slot = slot->next;
	for (; slot; slot = slot->next)
		if (slot->kind == XS_CLOSURE_KIND && index-- == 0) {
			txSlot *held = slot->value.closure;
			if (held->kind >= 0) {
				value->kind = held->kind;
				value->value = held->value;
			}
			return 1;
		}
	return 0;
}
