// Arguments: help and version, and what is said of wrong ones.

import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../support/command-line'

const { parseArguments } = await import(
  new URL('../../cli/parse-arguments.mjs', import.meta.url).href
)
const given = suite('arguments of the command line')
const URL_GIVEN = 'ws://127.0.0.1:1/'
const read = (path: string) => readFileSync(new URL('../../' + path, import.meta.url), 'utf8')

given('--help and --version', async () => {
  const help = await run(['--help'])
  assert.is(help.code, 0)
  assert.is(help.err, '')
  assert.match(help.out, /^usage: ringlet \[options\] ws:/)
  assert.equal(await run(['-h', 'whatever']), help)
  const { version } = JSON.parse(read('package.json'))
  assert.equal(await run(['--version']), { code: 0, out: version + '\n', err: '' })
})

given('the page lists the options and the exit codes of --help', async () => {
  const { out } = await run(['--help'])
  const [options, codes] = out.split('exit codes: ')
  const page = read('docs/cli.md')
  const inPage = [...page.matchAll(/^\| `(-[^|]*)` \|/gm)].flatMap(([, names]) =>
    names.match(/--[a-z-]+/g),
  )
  assert.equal(inPage.sort(), options.match(/--[a-z][a-z-]+/g)!.sort())
  const codesInPage = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code)
  assert.equal(
    codesInPage,
    [...codes.matchAll(/(?:^|\s)(\d+) [a-z]/g)].map(([, code]) => code),
  )
})

/** What is said of wrong ones, where the arguments are read. */
for (const [args, message] of [
  [[], 'a URL is missing, expected ws://host/path or wss://host/path'],
  [[URL_GIVEN, 'other'], 'one URL is expected, and not 2 arguments'],
  [['--dance', URL_GIVEN], "Unknown option '--dance'"],
  [['-x', URL_GIVEN], "Unknown option '-x'"],
  [[URL_GIVEN, '--ping'], "Option '--ping <value>' argument missing"],
  [['--json=yes', URL_GIVEN], "Option '--json' does not take an argument"],
  [['--ping', 'soon', URL_GIVEN], '--ping soon: expected a number of seconds'],
  [['--wait', '1e3', URL_GIVEN], '--wait 1e3: expected a number of seconds'],
  [['--max-size', '1.5', URL_GIVEN], '--max-size 1.5: expected a whole number above 0'],
  [['--messages', '0', URL_GIVEN], '--messages 0: expected a whole number above 0'],
  [['--json', '--binary', URL_GIVEN], '--json and --binary exclude each other'],
  [['--messages', '1', '--wait', '1', URL_GIVEN], '--messages and --wait exclude each other'],
  [['--ca', 'package.json', '-k', URL_GIVEN], '--ca and --insecure exclude each other'],
  [['-H', 'no colon', URL_GIVEN], "--header: expected 'NAME: VALUE'"],
  [['-H', ': x', URL_GIVEN], "--header: expected 'NAME: VALUE'"],
  [['--ca', 'nowhere.pem', URL_GIVEN], '--ca nowhere.pem: ENOENT: no such file or directory'],
  [['--ca', 'package.json', URL_GIVEN], '--ca package.json: expected PEM with a CERTIFICATE'],
  [['--key', 'package.json', URL_GIVEN], '--key package.json: expected PEM with a PRIVATE KEY'],
] as [string[], string][]) {
  given('wrong: ' + args.join(' '), () => {
    assert.throws(
      () => parseArguments(args),
      (error: Error) => error.message.split(', open')[0] === message,
    )
  })
}

given('wrong ones end with 2, and nothing is printed but what was wrong', async () => {
  assert.equal(await run(['--dance', URL_GIVEN]), {
    code: 2,
    out: '',
    err: "ringlet: Unknown option '--dance'\nringlet --help lists the options\n",
  })
  for (const [args, message] of [
    [['localhost:80'], 'BAD_URL: localhost://, expected ws:// or wss://, a host'],
    [['http://user:secret@h/'], 'BAD_URL: http://h, expected ws://'],
    [['-H', 'Upgrade: x', URL_GIVEN], 'BAD_HEADER: "Upgrade"'],
    [['-s', 'a b', URL_GIVEN], 'BAD_SUBPROTOCOL: number 0'],
  ] as [string[], string][]) {
    const { code, out, err } = await run(args)
    assert.is(code, 2)
    assert.is(out, '')
    assert.is(err.slice(0, 9 + message.length), 'ringlet: ' + message)
  }
})

given('fields of one name become one, and what is set by none stays with the library', () => {
  const { options } = parseArguments(
    [
      '-H',
      'A: 1',
      '-H',
      'cookie:x=1',
      '-H',
      'a:\t2 ',
      '-H',
      'Cookie: y=2',
      '-H',
      '__proto__: p',
    ].concat(['--ping', '2.5', URL_GIVEN]),
  )
  assert.equal(Object.entries(options.headers), [
    ['A', '1, 2'],
    ['cookie', 'x=1; y=2'],
    ['__proto__', 'p'],
  ])
  assert.is(options.pingInterval, 2500)
  assert.is(options.maxMessageSize, undefined)
})

given.run()
