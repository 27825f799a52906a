// Completion for bash, zsh and fish: each asks `anneal __complete` for the words that may stand here.

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** One proposal per line, word and explanation separated by a tab. */
export const COMPLETE = '__complete'

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]
}

/** `=` and `:` break words in bash; node-roles have neither, so the words are right as they stand. */
const BASH = `# anneal completion for bash: source <(anneal completion bash)
_anneal() {
  local line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    [ -n "$line" ] && COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _anneal anneal
`

const ZSH = `#compdef anneal
# anneal completion for zsh: source <(anneal completion zsh), or save as _anneal in a directory of $fpath
_anneal() {
  local -a proposals
  local word brief
  while IFS=$'\\t' read -r word brief; do
    [[ -n $word ]] && proposals+=("\${word//:/\\\\:}:$brief")
  done < <("\${words[1]}" ${COMPLETE} "\${(@)words[2,$CURRENT]}" 2>/dev/null)
  if (( \${#proposals} )); then _describe anneal proposals; else _files; fi
}
if [ "$funcstack[1]" = _anneal ]; then _anneal "$@"; else compdef _anneal anneal; fi
`

const FISH = `# anneal completion for fish: anneal completion fish | source
function __anneal_complete
  set -l words (commandline -opc) (commandline -ct)
  command $words[1] ${COMPLETE} $words[2..-1] 2>/dev/null
end
complete -c anneal -f -a '(__anneal_complete)'
`

const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH }
