// The reader of golden scripts: what it leaves alone, and that a wrong expectation shows.
import { expect, test } from 'vitest'
import { parseScript, replay, type Step } from './golden.ts'

const script = `# greets
greet  world
one

two
----
old

# blank lines in the output
blank
----
----
old

old
----
----

quiet
----
`

test('steps carry directive, arguments, body and line', () => {
  const steps = parseScript(script).flatMap((piece) => (typeof piece === 'string' ? [] : [piece.step]))
  expect(steps).toEqual([
    { directive: 'greet', args: 'world', body: 'one\n\ntwo', line: 2 },
    { directive: 'blank', args: '', body: '', line: 10 },
    { directive: 'quiet', args: '', body: '', line: 19 },
  ])
})

test('only outputs are replaced, and a second replay changes nothing', async () => {
  const answer = (step: Step) => ({ greet: 'new\n', blank: 'a\n\nb', quiet: '' })[step.directive] as string
  const once = await replay(script, answer)
  expect(once).toBe(`# greets
greet  world
one

two
----
new

# blank lines in the output
blank
----
----
a

b
----
----

quiet
----
`)
  expect(await replay(once, answer)).toBe(once)
})

test('a block without its rule is an error that names the line', () => {
  expect(() => parseScript('\nlonely\n')).toThrow('line 2')
})
