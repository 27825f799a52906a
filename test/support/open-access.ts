// Access for tests of what lies behind it: whoever comes may do everything.
import type { Access } from '../../src/api/caller.ts'

export const OPEN: Access = {
  admit: () => ({ ok: true, value: { name: 'ann', may: () => true, mayEverywhere: () => true } }),
  allow: () => ({ ok: true, value: undefined }),
  note: async () => {},
  routes: [],
}
