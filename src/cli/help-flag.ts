// `--help` of a command: Stricli's text without what goes without saying.
import type { StricliIntegration } from '@stricli/core'
import type { Context } from './command.ts'

export const helpFlag: StricliIntegration<Context> = {
  flag: {
    brief: 'This text',
    aliases: ['h'],
    global: true,
    complete: true,
    defaultForRouteMap: true,
    run(app, { text, result, additionalFlags }) {
      const help = result.target.formatHelp({
        prefix: result.prefix,
        additionalFlags,
        includeArgumentEscapeSequenceFlag: false,
        includeHidden: false,
        config: app.config.documentation,
        aliases: result.aliases['convert-camel-to-kebab'],
        text,
        ansiColor: false,
      })
      this.process.stdout.write(tidied(help))
    },
  },
}

/** That a flag is off unless given, and that it may be left out, is what flags are like. */
function tidied(help: string): string {
  return help
    .replace(/^ {2}anneal .* --help\n/m, '')
    .replace(/ *\[default = false\]$/gm, '')
    .replace(/^(.{0,5} )\[(--[\w-]+)\](\.\.\.)?/gm, '$1$2$3  ')
    .replace('-h  --help', '-h --help ')
    .replace(/ +$/gm, '')
}
