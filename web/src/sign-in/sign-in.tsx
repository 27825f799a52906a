// The page for who is not signed in: how one gets in, and the way through an identity provider where there is one.
import type { Problem } from '../http/ask.ts'
import { useAnswer } from '../http/use-answer.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { ThemeSwitch } from '../parts/theme-switch.tsx'

interface Ways {
  oidc?: { name?: string; url?: string }
}

export function SignIn({ problem }: { problem: Problem }) {
  const { value: ways } = useAnswer<Ways>('/auth')
  return (
    <main className="view" style={{ maxWidth: 620, margin: '8vh auto 0' }}>
      <div className="row">
        <h1 className="grow">Anneal: who are you?</h1>
        <ThemeSwitch />
      </div>
      {problem.code === 'unauthenticated' ? null : <p>{problem.says}</p>}
      <p>
        On the machine where the site is, ask for a link. It signs you in once, in one browser, and is worth
        nothing after it was used, or after a minute.
      </p>
      <p>
        <CopyCommand command="anneal ui" />
      </p>
      {ways?.oidc === undefined ? (
        <p className="faint">
          No identity provider is set for this site; <code>oidc</code> in server.yaml would bring a button
          here.
        </p>
      ) : (
        <p>
          <a className="button" href={ways.oidc.url ?? '/auth/login'}>
            Sign in with {ways.oidc.name ?? 'your identity provider'}
          </a>
        </p>
      )}
      <p className="faint">
        Did a link bring you here? It was used before, or it is too old: ask for another one.
      </p>
    </main>
  )
}
