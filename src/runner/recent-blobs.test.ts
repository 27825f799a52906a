// What is kept is asked for once, within its measure.
import { expect, test } from 'vitest'
import { recentBlobs } from './recent-blobs.ts'

test('what was asked for is kept, up to so many bytes; what is large or is not there is asked for again', async () => {
  const asked: string[] = []
  const blob = recentBlobs(async (digest) => {
    asked.push(digest)
    return digest === 'none' ? undefined : Buffer.alloc(digest === 'large' ? 11 : 10, digest)
  }, 100)
  for (const digest of ['a', 'a', 'none', 'none', 'large', 'large', 'a']) await blob(digest)
  expect(asked).toEqual(['a', 'none', 'none', 'large', 'large'])
  for (let n = 0; n < 10; n++) await blob(`b${n}`)
  expect(await blob('a')).toEqual(Buffer.alloc(10, 'a'))
  await blob('b9')
  expect(asked.slice(5)).toEqual([...Array.from({ length: 10 }, (_, n) => `b${n}`), 'a'])
})
