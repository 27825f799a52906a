// A figure as people read it: three digits that say something, thousands apart.

export function figureText(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  if (size === 0) return '0'
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size)))
  return value.toFixed(digits)
}
