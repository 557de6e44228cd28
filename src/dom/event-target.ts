// The DOM's EventTarget, for engines that lack it: dom.spec.whatwg.org sections 2.7 and 2.9, without a tree.

import type { Event } from './event'

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown }

interface ListenerOptions {
  capture?: boolean
  once?: boolean
  signal?: { aborted: boolean; addEventListener(type: string, listener: () => void): void }
}

interface Entry {
  type: string
  listener: Listener
  isCapture: boolean
  isOnce: boolean
  isRemoved: boolean
}

/** Not a name that is shortened: users extend the class, and put properties of theirs beside. */
const LISTENERS = 'ringlet listeners'

/** `reportError` gets what a listener throws; the others are called all the same. */
export function eventTargetWith(reportError: (error: unknown) => void) {
  return class EventTarget {
    private [LISTENERS]: Entry[] | undefined

    addEventListener(
      type: string,
      listener: Listener | null,
      options: ListenerOptions | boolean = {},
    ): void {
      const { signal, once } = options as ListenerOptions
      const isCapture = options === true || !!(options as ListenerOptions).capture
      if (!listener || (signal && signal.aborted)) return
      const entries = (this[LISTENERS] = this[LISTENERS] || [])
      if (find(entries, type, listener, isCapture) >= 0) return
      entries.push({ type, listener, isCapture, isOnce: !!once, isRemoved: false })
      if (signal) {
        signal.addEventListener('abort', () => this.removeEventListener(type, listener, isCapture))
      }
    }

    removeEventListener(
      type: string,
      listener: Listener | null,
      options: ListenerOptions | boolean = {},
    ): void {
      const entries = this[LISTENERS] || []
      const isCapture = options === true || !!(options as ListenerOptions).capture
      const index = find(entries, type, listener, isCapture)
      if (index >= 0) entries.splice(index, 1)[0].isRemoved = true
    }

    dispatchEvent(event: Event): boolean {
      event.target = event.currentTarget = this
      event.eventPhase = 2
      // What is added meanwhile is not called; what is removed is not either.
      for (const entry of (this[LISTENERS] || []).slice()) {
        const { type, listener } = entry
        if (type !== event.type || entry.isRemoved || event.isStopped) continue
        if (entry.isOnce) this.removeEventListener(type, listener, entry.isCapture)
        try {
          if (typeof listener === 'function') listener.call(this, event)
          else listener.handleEvent(event)
        } catch (error) {
          reportError(error)
        }
      }
      event.eventPhase = 0
      event.currentTarget = null
      event.isStopped = false
      return !event.defaultPrevented
    }
  }
}

function find(entries: Entry[], type: string, listener: Listener | null, isCapture: boolean) {
  let index = entries.length - 1
  while (index >= 0) {
    const entry = entries[index]
    if (entry.type === type && entry.listener === listener && entry.isCapture === isCapture) break
    index--
  }
  return index
}
