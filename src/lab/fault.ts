// Why a lab could not do what was asked: a code for programs, a sentence for people, the cause underneath.

export type LabFaultCode =
  | 'not-possible-here' // the wrong kind of machine or user
  | 'packages-missing' // system packages that the setup script would install
  | 'bad-name' // a lab or host name that cannot be one
  | 'no-such-host'
  | 'no-such-user'
  | 'lab-is-down'
  | 'host-is-down'
  | 'lab-is-busy' // another command works on the same lab
  | 'lab-is-full' // no address left
  | 'made-otherwise' // the host exists with other layers or another disk
  | 'no-own-disk' // filling the disk needs a host with one of its own
  | 'bad-value'
  | 'state-unreadable' // a file of the lab that is not what the lab wrote
  | 'command-failed' // a system command ended badly; its last words are in the message
  | 'not-ready-in-time'

export class LabFault extends Error {
  override name = 'LabFault'
  readonly code: LabFaultCode

  constructor(code: LabFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
  }
}
