import { LaneliteError, ModelSourceError } from '../errors.js';
import { getHost } from '../hosts/host.js';

/** Whatever a model can come from. Strings and URLs are fetched; in hosts with files, paths and file: URLs are read. */
export type ModelSource =
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  | Response
  | PromiseLike<Response>
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Blob
  | URL
  | string;

export interface SourceOptions {
  /** Called after each chunk; `total` where it is known. */
  readonly onProgress?: (loaded: number, total?: number) => void;
  /** Stops loading, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface OpenSource {
  /** Bytes announced. A server that compresses on the way may announce another number than comes out in the end. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** All of it, where it lies in memory. */
  readonly bytes?: Uint8Array;
}

/** Closes a source that will not be read. */
export async function discard(opening: Promise<OpenSource>): Promise<void> {
  try {
    for await (const _ of (await opening).chunks) break;
  } catch {
    // Nobody wants to know.
  }
}

/**
 * Any source as a stream of chunks.
 * @throws ModelSourceError where the source cannot be opened; reading throws it too
 */
export async function openSource(source: ModelSource, options: SourceOptions = {}): Promise<OpenSource> {
  const { signal } = options;
  signal?.throwIfAborted();
  try {
    const { chunks, ...opened } = await open(await source, signal);
    return { ...opened, chunks: report(guard(chunks, signal), opened.size, options) };
  } catch (error) {
    throw explained(error, signal);
  }
}

type Source = Awaited<ModelSource>;
type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

type Opened = Omit<OpenSource, 'chunks'> & { readonly chunks: Chunks };

async function open(source: Source, signal?: AbortSignal): Promise<Opened> {
  if (ArrayBuffer.isView(source)) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return { size: bytes.length, chunks: [bytes], bytes };
  }
  // Buffers, blobs and responses of other realms (frames, vm contexts) are not instances of this one's classes.
  const kind = Object.prototype.toString.call(source).slice(8, -1);
  if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') {
    return open(new Uint8Array(source as ArrayBuffer), signal);
  }
  if (kind === 'String' || kind === 'URL') return openUrl(String(source), signal);
  if (kind === 'Blob' || kind === 'File') {
    return { size: (source as Blob).size, chunks: read((source as Blob).stream(), signal) };
  }
  if (kind === 'Response') return openResponse(source as Response, signal);
  if (kind === 'ReadableStream') return { size: undefined, chunks: read(source as ReadableStream<Uint8Array>, signal) };
  if ((source as AsyncIterable<Uint8Array> | null)?.[Symbol.asyncIterator]) {
    return { size: undefined, chunks: source as AsyncIterable<Uint8Array> };
  }
  throw new ModelSourceError(`cannot load a model from ${source === null ? 'null' : typeof source} (${kind})`);
}

async function openUrl(url: string, signal?: AbortSignal) {
  const host = getHost();
  // Two letters at least: `C:` begins a path.
  const scheme = /^([a-z][\w+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (host.openFile && (!scheme || scheme === 'file')) {
    const { size, stream } = await host.openFile(scheme ? new URL(url) : url);
    return { size, chunks: stream };
  }
  const response = await fetch(url, { signal }).catch((cause) => {
    throw new ModelSourceError(`cannot fetch ${url}: ${cause?.message}`, { cause });
  });
  return openResponse(response, signal);
}

async function openResponse(response: Response, signal?: AbortSignal) {
  const { ok, status, url, headers, body, bodyUsed } = response;
  if (!ok) throw new ModelSourceError(`cannot fetch ${url || 'the model'}: status ${status}`);
  if (bodyUsed) throw new ModelSourceError('the response was read already');
  const length = headers.get('content-encoding') ? null : headers.get('content-length');
  const size = length && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return { size, chunks: body ? read(body, signal) : [new Uint8Array(await response.arrayBuffer())] };
}

/** Not every host's streams are async iterables. */
async function* read(stream: ReadableStream<Uint8Array>, signal?: AbortSignal) {
  const reader = stream.getReader();
  const abort = () => reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', abort);
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    finished = true;
  } finally {
    signal?.removeEventListener('abort', abort);
    // The consumer stopped early: the rest need not be sent.
    if (!finished) await abort();
    reader.releaseLock();
  }
}

/** The chunks as plain byte arrays, and errors as our own. */
async function* guard(chunks: Chunks, signal?: AbortSignal) {
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      if (!ArrayBuffer.isView(chunk)) throw new ModelSourceError(`the stream gave a ${typeof chunk}, expected bytes`);
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
    signal?.throwIfAborted();
  } catch (error) {
    throw explained(error, signal);
  }
}

async function* report(chunks: AsyncIterable<Uint8Array>, size: number | undefined, { onProgress }: SourceOptions) {
  let loaded = 0;
  for await (const chunk of chunks) {
    yield chunk;
    loaded += chunk.length;
    onProgress?.(loaded, size);
  }
}

function explained(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof LaneliteError) return error;
  return new ModelSourceError(`cannot read the model: ${(error as Error)?.message}`, { cause: error });
}
