// Globs over paths: `*` and `?` within one part of a path, `**` across parts; all else stands for itself.

export function matchesGlob(glob: string, path: string): boolean {
  const pattern = glob.replace(/\*\*\/?|[*?]|[\\^$.+()|[\]{}]/g, (token) => PATTERNS[token] ?? `\\${token}`)
  return new RegExp(`^${pattern}$`, 's').test(path)
}

const PATTERNS: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
