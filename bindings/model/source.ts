export type ModelSource = Uint8Array;
export interface SourceOptions {
  onProgress?: (loaded: number, total?: number) => void;
}
export async function openSource(
  source: ModelSource,
  _o: SourceOptions,
): Promise<{ size: number | undefined; chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }> {
  return { size: source.length, chunks: [source] };
}
