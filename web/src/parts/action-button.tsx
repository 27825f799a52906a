// A button for what changes the site: off with its reason where it is not allowed, and a dialog that asks why before it is done.
import { Dialog } from '@base-ui/react/dialog'
import { type ReactNode, useId, useState } from 'react'
import type { Asked, Problem } from '../http/ask.ts'
import { CopyCommand } from './copy-command.tsx'
import { ProblemNote } from './problem-note.tsx'

export interface ActionButtonProps {
  label: string
  /** What will happen, said before it does. */
  about: ReactNode
  /** Why it cannot be done here and now. */
  off?: string | undefined
  /** The command that does the same. */
  command: string
  /** It has no `-m`: the reason is kept only of what is done here. */
  commandHasNoWhy?: boolean
  act: (why: string | undefined) => Promise<Asked<unknown>>
  onDone?: () => void
  /** The reason must be given. */
  first?: boolean
}

export function ActionButton({
  label,
  about,
  off,
  command,
  commandHasNoWhy = false,
  act,
  onDone,
  first = false,
}: ActionButtonProps) {
  const [open, setOpen] = useState(false)
  const [why, setWhy] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [acting, setActing] = useState(false)
  const [done, setDone] = useState('')
  const field = useId()
  const go = async (): Promise<void> => {
    setActing(true)
    setProblem(undefined)
    const asked = await act(why.trim() === '' ? undefined : why.trim())
    setActing(false)
    if (!asked.ok) return setProblem(asked.problem)
    setOpen(false)
    setWhy('')
    setDone(`${label}: done`)
    onDone?.()
  }
  return (
    <>
      <button
        type="button"
        className={first ? 'first' : ''}
        aria-disabled={off !== undefined}
        title={off}
        aria-description={off}
        onClick={() => {
          if (off === undefined) setOpen(true)
          else setDone(`${label}: ${off}`)
        }}
      >
        {label}
      </button>
      <span role="status" className="unseen">
        {done}
      </span>
      <Dialog.Root
        open={open}
        onOpenChange={(next) => {
          setOpen(next)
          setProblem(undefined)
        }}
      >
        <Dialog.Portal>
          <Dialog.Backdrop className="dialog-back" />
          <Dialog.Popup className="dialog">
            <Dialog.Title render={<h1 />}>{label}</Dialog.Title>
            <Dialog.Description render={<div />}>{about}</Dialog.Description>
            <form
              onSubmit={(event) => {
                event.preventDefault()
                if (!acting) void go()
              }}
            >
              <p>
                <label htmlFor={field}>Why (it stays in the journal, others will read it)</label>
              </p>
              <textarea
                id={field}
                rows={2}
                maxLength={1_000}
                value={why}
                onChange={(event) => setWhy(event.target.value)}
              />
              {problem === undefined ? null : <ProblemNote problem={problem} />}
              <div className="row" style={{ marginTop: 10 }}>
                <button type="submit" className="first" aria-disabled={acting}>
                  {acting ? 'asking ...' : label}
                </button>
                <Dialog.Close>Cancel</Dialog.Close>
                <span className="grow right">
                  <CopyCommand
                    command={
                      commandHasNoWhy || why.trim() === ''
                        ? command
                        : `${command} -m '${shellQuoted(why.trim())}'`
                    }
                  />
                </span>
              </div>
            </form>
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  )
}

/** Within single quotes of a shell. */
function shellQuoted(text: string): string {
  return text.replaceAll("'", `'\\''`)
}
