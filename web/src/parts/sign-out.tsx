// Who is signed in, and the way out.
import { useLive } from '../live/use-live.ts'
import type { Me } from './use-me.ts'

export function SignOut({ me }: { me: Me }) {
  const { live } = useLive('connection')
  const leave = (): void => {
    void fetch('/auth/logout', { method: 'POST' }).then(
      () => live.signOut(),
      () => live.signOut(),
    )
  }
  const roles = me.grants.map(
    ({ role, deployments }) => `${role}${deployments ? ` in ${deployments.join(', ')}` : ''}`,
  )
  return (
    <span className="row" style={{ gap: 2 }}>
      <span className="faint">
        {me.name} <span className="unseen">, </span>({[...new Set(roles)].join('; ') || 'no role'})
      </span>
      <button type="button" className="quiet" onClick={leave}>
        sign out
      </button>
    </span>
  )
}
