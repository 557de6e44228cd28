// The fuzzing server: kosoku in a virtual environment that is made here, or one that is running already.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, start } from './processes.mjs'

const VERSION = '0.1.0'
const START_LIMIT = 30000
const REPORT_LIMIT = 60000

/** Groups that need permessage-deflate. */
const DEFLATE_GROUPS = ['12.*', '13.*']

/** Makes the virtual environment unless it is there; returns the path of its Python. */
async function environment(root) {
  const folder = join(root, '.venv')
  const python = join(folder, 'bin', 'python')
  const isInstalled = `import importlib.metadata as m; assert m.version("kosoku") == "${VERSION}"`
  const isThere =
    existsSync(python) &&
    (await run(python, ['-c', isInstalled]).then(
      () => true,
      () => false,
    ))
  if (!isThere) {
    console.log(`Installing kosoku ${VERSION} in .venv (once)`)
    try {
      await run('python3', [
        '-c',
        'import sys, ensurepip; assert sys.version_info >= (3, 10), sys.version',
      ])
    } catch (error) {
      throw new Error(
        'the fuzzing server needs python3, 3.10 or newer, with venv ' +
          '(Debian: apt install python3-venv), or AUTOBAHN_URL for one that is running already\n' +
          error.message,
      )
    }
    await run('python3', ['-m', 'venv', '--clear', folder])
    const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url))
    await run(python, ['-m', 'pip', 'install', '--require-hashes', '-r', requirements])
  }
  return python
}

/**
 * Starts kosoku with the selected cases, on a free port of loopback. It writes its reports and exits when it is
 * asked for them.
 */
export async function startServer(root, { patterns, deflate, reports }) {
  const script = fileURLToPath(new URL('./fuzzing_server.py', import.meta.url))
  const args = [script, '-m', 'fuzzingserver', '127.0.0.1:0', '-o', reports]
  for (const pattern of patterns) args.push('-i', pattern)
  if (!deflate) for (const pattern of DEFLATE_GROUPS) args.push('-x', pattern)
  const program = await environment(root)
  let server
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('kosoku did not begin to listen')), START_LIMIT)
    server = start(program, args, {
      env: { ...process.env, PYTHONUNBUFFERED: '1' },
      onLine(line) {
        const listening = /listening on (ws:\/\/\S+)/.exec(line)
        if (listening) {
          clearTimeout(timer)
          resolve(listening[1])
        }
      },
    })
    server.ended.then((code) => {
      clearTimeout(timer)
      // The last line of a traceback says it all.
      reject(new Error(`kosoku ended with ${code}: ${server.output.trim().split('\n').pop()}`))
    }, reject)
  })
  return {
    url,
    reports,
    /** See relay.mjs. */
    readsWhileWriting: false,
    /** It was started with the selection, so all its cases are to be run. */
    select: (count) => numbersTo(count),
    /** Its exit code says what the reports say too. */
    written: () => server.ended,
  }
}

/**
 * A server that is running already, and where it puts its reports. The original suite says the names of its
 * cases, so some can be chosen; kosoku does not, and must have been started with the selection.
 */
export function foreignServer(url, reports, { patterns, deflate }, ask) {
  const excluded = deflate ? [] : DEFLATE_GROUPS
  const nameOf = async (number) => {
    try {
      return JSON.parse(await ask(`/getCaseInfo?case=${number}`)).id
    } catch {
      return undefined
    }
  }
  return {
    url,
    reports,
    /** The original does. */
    readsWhileWriting: true,
    async select(count) {
      if (count && !(await nameOf(1))) {
        this.readsWhileWriting = false
        if (patterns.length) {
          throw new Error(
            'this server does not name its cases: start it with those that are to run',
          )
        }
        return numbersTo(count)
      }
      const chosen = []
      for (const number of numbersTo(count)) {
        const id = await nameOf(number)
        if ((!patterns.length || matches(id, patterns)) && !matches(id, excluded))
          chosen.push(number)
      }
      return chosen
    },
    /** Waits until the reports are newer than `since`. */
    async written(since) {
      const index = join(reports, 'index.json')
      while (!(existsSync(index) && statSync(index).mtimeMs >= since)) {
        if (Date.now() > since + REPORT_LIMIT) throw new Error(`no new report in ${reports}`)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    },
  }
}

function numbersTo(count) {
  return Array.from({ length: count }, (_, i) => i + 1)
}

/** Whether a case's name is one of the patterns, in which `*` stands for anything. */
export function matches(id, patterns) {
  return patterns.some((pattern) => {
    const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')
    return new RegExp(`^${source}$`).test(id)
  })
}
