// In place of uvu while mutants are run: keeps the tests, to be run one by one.

export interface Test {
  name: string
  run(): unknown
}

export const tests: Test[] = []

export function suite(name: string) {
  const own: Test[] = []
  const add = (title: string, run: (context: object) => unknown) => {
    own.push({ name: name + ': ' + title, run: () => run({}) })
  }
  const hook = () => {
    throw new Error('tests with hooks are not for mutants')
  }
  return Object.assign(add, { before: hook, after: hook, run: () => void tests.push(...own) })
}
