// Shrinking: of a story that ends badly, the fewest steps found that still end in the same way.
import type { Story } from './story.ts'
import { type Circumstances, tellStory } from './universe.ts'
import { Violation } from './violation.ts'

export async function shortest(story: Story, circumstances: Circumstances = {}): Promise<Story> {
  const ends = async (one: Story): Promise<string | undefined> =>
    endOf((await tellStory(one, circumstances)).broken)
  const end = await ends(story)
  return end === undefined ? story : shrink(story, async (fewer) => (await ends(fewer)) === end)
}

function endOf(broken: Error | undefined): string | undefined {
  return broken instanceof Violation ? broken.invariant : broken?.message
}

/** Without halves, without quarters, ... and then without one after the other. */
async function shrink(story: Story, stillEnds: (story: Story) => Promise<boolean>): Promise<Story> {
  let { steps } = story
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length; ) {
      const fewer = [...steps.slice(0, from), ...steps.slice(from + size)]
      if (await stillEnds({ ...story, steps: fewer })) steps = fewer
      else from += size
    }
  }
  return { ...story, steps }
}
