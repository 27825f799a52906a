// The shell: where one is, how the site stands, how the line to the server is, and the view that is looked at.
import { Suspense, useMemo } from 'react'
import { Boundary, late } from './parts/late.tsx'
import { Link, Route, Switch, useLocation } from 'wouter'
import { Board } from './board/board.tsx'
import { useAnswer } from './http/use-answer.ts'
import { useLive } from './live/use-live.ts'
import { ConnectionNote } from './parts/connection-note.tsx'
import { KeyHelp } from './parts/key-help.tsx'
import { SignOut } from './parts/sign-out.tsx'
import { SiteLine } from './parts/site-line.tsx'
import { ThemeSwitch } from './parts/theme-switch.tsx'
import { type Me, MeContext } from './parts/use-me.ts'
import { StatusProvider } from './parts/use-status.tsx'
import { SignIn } from './sign-in/sign-in.tsx'

const PastBoard = late(async () => (await import('./timeline/past-board.tsx')).PastBoard)
const NodeRolePage = late(async () => (await import('./node-role/node-role-page.tsx')).NodeRolePage)
const NodePage = late(async () => (await import('./node/node-page.tsx')).NodePage)
const NodesPage = late(async () => (await import('./node/nodes-page.tsx')).NodesPage)
const GraphPage = late(async () => (await import('./graph/graph-page.tsx')).GraphPage)
const TimelinePage = late(async () => (await import('./timeline/timeline-page.tsx')).TimelinePage)
const RevisionPage = late(async () => (await import('./timeline/revision-page.tsx')).RevisionPage)
const CyclesPage = late(async () => (await import('./cycles/cycles-page.tsx')).CyclesPage)
const CyclePage = late(async () => (await import('./cycles/cycle-page.tsx')).CyclePage)

export function App() {
  const { live } = useLive('connection')
  const [location, goTo] = useLocation()
  const signedOut = live.connection.kind === 'signedOut'
  const { value: me } = useAnswer<Me>(signedOut ? undefined : '/me')
  const known = useMemo(() => me, [me])
  if (live.connection.kind === 'signedOut') return <SignIn problem={live.connection.problem} />
  return (
    <MeContext value={known}>
      <StatusProvider>
        <div className="shell">
          <header className="bar">
            <Link href="/" className="brand">
              Anneal
            </Link>
            <nav aria-label="Views">
              {VIEWS.map(([path, name]) => (
                <ViewLink key={path} path={path} name={name} />
              ))}
            </nav>
            <SiteLine />
            <span className="grow" />
            {known === undefined ? null : <SignOut me={known} />}
            <ThemeSwitch />
            <KeyHelp goTo={goTo} />
          </header>
          <ConnectionNote />
          <main>
            <Boundary key={location}>
              <Suspense fallback={<p className="view faint">loading ...</p>}>
                <Switch>
                  <Route path="/" component={Board} />
                  <Route path="/node-roles/:deployment/:node/:role">
                    {({ deployment, node, role }) => (
                      <NodeRolePage
                        key={`${deployment}/${node}/${role}`}
                        id={`${deployment}/${node}/${role}`}
                      />
                    )}
                  </Route>
                  <Route path="/past/:seq">{({ seq }) => <PastBoard key={seq} seq={Number(seq)} />}</Route>
                  <Route path="/nodes" component={NodesPage} />
                  <Route path="/nodes/:node">{({ node }) => <NodePage key={node} node={node} />}</Route>
                  <Route path="/graph" component={GraphPage} />
                  <Route path="/timeline" component={TimelinePage} />
                  <Route path="/timeline/:revision">
                    {({ revision }) => <RevisionPage key={revision} revision={Number(revision)} />}
                  </Route>
                  <Route path="/cycles" component={CyclesPage} />
                  <Route path="/cycles/:cycle">
                    {({ cycle }) => <CyclePage key={cycle} cycle={Number(cycle)} />}
                  </Route>
                  <Route>
                    <div className="view">
                      <h1>There is no such page</h1>
                      <p>
                        The <Link href="/">board</Link> shows every node-role.
                      </p>
                    </div>
                  </Route>
                </Switch>
              </Suspense>
            </Boundary>
          </main>
        </div>
      </StatusProvider>
    </MeContext>
  )
}

const VIEWS: readonly [string, string][] = [
  ['/', 'Board'],
  ['/nodes', 'Nodes'],
  ['/graph', 'Graph'],
  ['/timeline', 'Timeline'],
  ['/cycles', 'Cycles'],
]

function ViewLink({ path, name }: { path: string; name: string }) {
  const [location] = useLocation()
  const current =
    path === '/' ? location === '/' || location.startsWith('/node-roles') : location.startsWith(path)
  return (
    <Link href={path} aria-current={current ? 'page' : undefined}>
      {name}
    </Link>
  )
}
