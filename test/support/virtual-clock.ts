// Timers that fire when a test says so, in order of their time and of their setting.

export class VirtualClock {
  now = 0
  /** Timers that have been set, in all. */
  count = 0
  private _timers: { at: number; callback: () => void }[] = []

  readonly setTimer = (callback: () => void, delay: number): unknown => {
    const timer = { at: this.now + delay, callback }
    this.count++
    this._timers.push(timer)
    return timer
  }

  /** Throws for a timer that is not waiting: some platforms do worse. */
  readonly clearTimer = (timer: unknown): void => {
    const index = this._timers.indexOf(timer as never)
    if (index < 0) throw new Error('no such timer waits')
    this._timers.splice(index, 1)
  }

  get waiting(): number {
    return this._timers.length
  }

  /** Fires what is due within `delay`. */
  pass(delay: number): void {
    const end = this.now + delay
    for (;;) {
      let next = this._timers[0]
      for (const timer of this._timers) if (timer.at < next.at) next = timer
      if (!next || next.at > end) break
      this.now = next.at
      this.clearTimer(next)
      next.callback()
    }
    this.now = end
  }
}
