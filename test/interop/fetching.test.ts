// What the interop command does where a mirror does not answer.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fetching } from './fetching.mjs'

const test = suite('fetching')

/** Fails with each of these in turn, then succeeds. */
function failing(...ends: string[]) {
  return async () => {
    const end = ends.shift()
    if (end) throw new Error(end)
    return 'fetched'
  }
}

test('tries again after a failure, and says so', async () => {
  const said: string[] = []
  const got = await fetching('haproxy', failing('busy', 'busy'), [1, 2, 3], (line) =>
    said.push(line),
  )
  assert.is(got, 'fetched')
  assert.equal(said, [
    'haproxy: not fetched, again in 0.001 s',
    'haproxy: not fetched, again in 0.002 s',
  ])
})

test('gives up after the last try, and says what it wanted and how each try ended', async () => {
  const tries = failing('no route', 'no route', 'refused', 'never asked')
  try {
    await fetching('haproxy', tries, [1, 1], () => {})
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'haproxy: not fetched in 3 tries.\nno route\nrefused')
  }
})

test.run()
