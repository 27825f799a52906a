// What one has looked at is what is changed: the tag of it as it stands goes along, and the server refuses where it moved on.

/** Asks without a tag where there is none; the answer says what that means. */
export async function withTag<T>(
  path: string,
  act: (headers: Record<string, string>) => Promise<T>,
): Promise<T> {
  let tag: string | null = null
  try {
    const response = await fetch(`/api/v1${path}`)
    tag = response.headers.get('etag')
  } catch {
    // The request that follows says that nobody answers.
  }
  return act(tag === null ? {} : { 'if-match': tag })
}
