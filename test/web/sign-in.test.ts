// Signing in at an identity provider, in a real browser: the button, who one is and may do what, the way out, and who may nothing.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CLIENT,
  CLIENT_SECRET,
  type IdentityProvider,
  startIdentityProvider,
} from '../support/identity-provider.ts'
import { barriers, pageSite, type PageSite, says } from './page-site.ts'

let served: PageSite
let provider: IdentityProvider
beforeAll(async () => {
  served = await pageSite()
  // The provider knows the address of the server, and the server the provider's.
  await served.stop()
  provider = await startIdentityProvider(() => `${served.url()}/auth/callback`)
  provider.people.set('ada', ['ops'])
  provider.people.set('eve', ['guests'])
  served.site.write({
    'oidc.secret': `${CLIENT_SECRET}\n`,
    'server.yaml': JSON.stringify({
      oidc: {
        issuer: provider.issuer,
        client_id: CLIENT,
        client_secret: { file: 'oidc.secret' },
        name: 'the provider',
        scopes: ['openid', 'profile', 'groups'],
      },
      roles: [{ group: 'ops', role: 'operator', deployments: ['d'] }],
    }),
  })
  await served.start()
})
afterAll(async () => {
  await served.end()
  await provider.close()
  expect(served.complaints).toEqual([])
})

/** In a browser of their own, by the button. */
async function came(person: string): Promise<Page> {
  provider.expect(person)
  const page = await served.openAsNobody()
  await page.getByRole('link', { name: 'Sign in with the provider' }).click()
  return page
}

test('the page has the button, without barriers', async () => {
  const page = await served.openAsNobody()
  await page.getByRole('link', { name: 'Sign in with the provider' }).waitFor()
  expect(await barriers(page)).toEqual([])
})

test('who signs in is on the board, with name and role, and may what the role may', async () => {
  const page = await came('ada')
  await says(page, /ada@example\.org.*\(operator in d\)/)
  await page.getByRole('grid').waitFor()
  await page.goto(`${served.url()}/node-roles/d/n3/broken`)
  await page.locator('button[aria-disabled="false"]').getByText('Retry').waitFor()
  await page.goto(`${served.url()}/timeline/1`)
  await says(page, 'ada@example.org has not the right read in the whole site')
})

test('who signs out is out, also after a reload, and may come in again', async () => {
  const page = await came('ada')
  await page.getByRole('button', { name: 'sign out' }).click()
  await page.getByRole('heading', { name: 'Anneal: who are you?' }).waitFor()
  await page.reload()
  await page.getByRole('link', { name: 'Sign in with the provider' }).click()
  await says(page, /ada@example\.org/)
})

test('who is in no group that may anything is told so, and is not in', async () => {
  const page = await came('eve')
  await says(page, /eve@example\.org is in no group that may do anything here/)
  await page.getByRole('link', { name: 'Back' }).click()
  await page.getByRole('link', { name: 'Sign in with the provider' }).waitFor()
})
