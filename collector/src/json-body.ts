import { MAX_BODY_BYTES } from 'dwelltime/protocol'

/** What a request brought; or why it could not be read. */
export type JsonBody = { value: unknown; problem?: never } | { value?: never; status: 400 | 413; problem: string }

const TOO_LARGE: JsonBody = { status: 413, problem: `body: want at most ${MAX_BODY_BYTES} bytes` }

/** Reads the body as JSON, and never more of it than is allowed. Broken UTF-8 becomes U+FFFD, a BOM goes. */
export async function readJson(request: Request): Promise<JsonBody> {
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) return TOO_LARGE
  let bytes: Uint8Array | undefined
  try {
    bytes = await readBytes(request)
  } catch {
    // The sender went away or broke the framing; whoever still listens learns that nothing came of it.
    return { status: 400, problem: 'body: want all of it' }
  }
  if (!bytes) return TOO_LARGE
  try {
    return { value: JSON.parse(new TextDecoder().decode(bytes)) }
  } catch {
    return { status: 400, problem: 'body: want JSON' }
  }
}

/** Undefined if there are too many. */
async function readBytes(request: Request): Promise<Uint8Array | undefined> {
  if (request.headers.has('content-length')) {
    // Node reads no further than announced, and only this way without building a stream.
    const bytes = new Uint8Array(await request.arrayBuffer())
    return bytes.byteLength > MAX_BODY_BYTES ? undefined : bytes
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
