// What is said about bad usage: which word was not understood, what was expected, what was probably meant.
import {
  type ApplicationText,
  ArgumentScannerError,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core'
import { visible } from '../base/visible.ts'

export const USAGE_TEXT: ApplicationText = {
  ...text_en,
  headers: {
    ...text_en.headers,
    usage: 'Usage',
    flags: 'Flags',
    commands: 'Commands',
    arguments: 'Arguments',
    aliases: 'Aliases',
  },
  briefs: { ...text_en.briefs, help: 'This text', argumentEscapeSequence: 'What follows is not a flag' },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    said(
      `there is no command ${input}`,
      meant(corrections.map((each) => each.replaceAll('`', ''))) ?? 'anneal --help lists the commands',
    ),
  exceptionWhileParsingArguments: (thrown) =>
    thrown instanceof ArgumentScannerError ? scannerWords(thrown) : said(String(thrown), undefined),
  exceptionWhileRunningCommand: mistake,
  exceptionWhileLoadingCommandFunction: mistake,
  exceptionWhileLoadingCommandContext: mistake,
  commandErrorResult: mistake,
}

function scannerWords(thrown: ArgumentScannerError): string {
  return formatMessageForArgumentScannerError(thrown, {
    FlagNotFoundError: ({ input, corrections }) =>
      said(
        `there is no flag --${input}`,
        meant(corrections.map((each) => `--${kebab(each)}`)) ?? 'add --help to the command to see its flags',
      ),
    AliasNotFoundError: ({ input }) =>
      said(`there is no flag -${input}`, 'add --help to the command to see its flags'),
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      said(
        `${flagOrPlace(name)} is ${JSON.stringify(input)}: ${exception instanceof Error ? exception.message : String(exception)}`,
        undefined,
      ),
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      said(
        `there is no place for ${JSON.stringify(input)}: ${expectedCount === 0 ? 'no argument is' : `at most ${expectedCount} of them are`} taken`,
        undefined,
      ),
    UnsatisfiedPositionalError: ({ placeholder }) => said(`${placeholder} is missing`, SEE_HELP),
    // It is not told whether the flag stands there without a value or not at all.
    UnsatisfiedFlagError: ({ externalFlagName: name }) =>
      said(`--${kebab(name)} wants a value, and none is given`, SEE_HELP),
    UnexpectedFlagError: ({ externalFlagName: name }) => said(`--${name} is given twice`, undefined),
    InvalidNegatedFlagSyntaxError: ({ externalFlagName: name }) =>
      said(`--${name} takes no value`, undefined),
  })
}

const SEE_HELP = 'add --help to the command to see an example'

/** Flags are declared in camel case and typed in kebab case. */
function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Stricli gives names of flags and placeholders alike; placeholders are in capitals. */
function flagOrPlace(name: string): string {
  return /^[a-z]/.test(name) ? `--${name}` : name
}

function said(says: string, next: string | undefined): string {
  const head = `anneal: ${visible(says)}`
  return next === undefined ? head : `${head}\n  next: ${visible(next)}`
}

function meant(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : `did you mean ${words.slice(0, 3).join(' or ')}?`
}

function mistake(thrown: unknown): string {
  const story = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return `anneal: this is a mistake of Anneal, not of yours; what is acknowledged is safe in the journal\n${story}`
}
