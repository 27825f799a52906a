// Parts of the page that load when they are looked at: tried again while the server does not answer, and never taking the rest down.
import { Component, type ComponentType, lazy, type LazyExoticComponent, type ReactNode } from 'react'

const RETRY_MS = 1_000
const TRIES = 60

/** A server that is away for a moment is no reason for a view to be broken. */
export function late<P>(load: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => ({ default: await tried(load, TRIES) }))
}

async function tried<T>(load: () => Promise<T>, times: number): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (times <= 1) throw error
    await new Promise((passed) => window.setTimeout(passed, RETRY_MS))
    return tried(load, times - 1)
  }
}

/** What breaks in here is said here, and everything around it goes on. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true }
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <div className="view" role="alert">
        This part of the page could not be shown: the server does not answer, or is of another version by now.{' '}
        <button type="button" onClick={() => window.location.reload()}>
          Load the page anew
        </button>
      </div>
    )
  }
}
