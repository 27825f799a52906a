// The files of the page: read once, packed once, and served to browsers; any address within the page is its one document.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export type PageFiles = (path: string, request: Request) => Promise<Response | undefined>

interface PageFile {
  type: string
  bytes: Uint8Array<ArrayBuffer>
  packed: Uint8Array<ArrayBuffer>
  etag: string
  isDocument: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Undefined where it was not built. Nothing outside of the list of its files is ever opened. */
export async function readPage(directory: string): Promise<PageFiles | undefined> {
  const files = new Map<string, PageFile>()
  for (const path of await listed(directory)) {
    const type = TYPES[extname(path)]
    if (type !== undefined) files.set(`/${path}`, await fileAt(join(directory, path), type))
  }
  const document = files.get('/index.html')
  if (document === undefined) return undefined
  return async (path, request) => {
    const file =
      files.get(path) ?? (isForPeople(request) && !path.startsWith('/assets/') ? document : undefined)
    return file && answerOf(file, request)
  }
}

async function listed(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
  } catch {
    return []
  }
}

async function fileAt(path: string, type: string): Promise<PageFile> {
  const bytes = new Uint8Array(await readFile(path))
  const packed = new Uint8Array(await promisify(gzip)(bytes))
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`
  return { type, bytes, packed, etag, isDocument: type.startsWith('text/html') }
}

/** A browser that goes somewhere says so; what asks for data and finds none shall hear that there is none. */
function isForPeople({ headers }: Request): boolean {
  return headers.get('accept')?.includes('text/html') ?? false
}

function answerOf(
  { type, bytes, packed, etag, isDocument }: PageFile,
  { method, headers }: Request,
): Response {
  const own: Record<string, string> = {
    'content-type': type,
    etag,
    vary: 'accept-encoding',
    // All but the document have the digest of their content in their name.
    'cache-control': isDocument ? 'no-cache' : 'public, max-age=31536000, immutable',
  }
  if (headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: own })
  const isPacked = /\bgzip\b/.test(headers.get('accept-encoding') ?? '')
  const body = isPacked ? packed : bytes
  const told = {
    ...own,
    'content-length': String(body.length),
    ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
  }
  return new Response(method === 'HEAD' ? null : body, { headers: told })
}
