// The beginning of the page: the live site and what is drawn of it.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { Live } from './live/live.ts'
import { LiveContext } from './live/use-live.ts'
import './theme.css'

const live = new Live()
live.begin()
const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <LiveContext value={live}>
        <App />
      </LiveContext>
    </StrictMode>,
  )
}
