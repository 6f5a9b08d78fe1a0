/**
 * Class names: from the model's metadata, a file the caller names, or one beside the model.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { LaneliteError } from '../errors.js';
import type { Model } from '../index.js';

export interface Labels {
  /** Where they come from, for messages: a file name, or `the model's metadata`. */
  readonly source: string;
  readonly names: readonly string[];
}

/**
 * One label a line; the line number is the class. Files whose every line begins with a rising number (`17  cat`,
 * `17: cat`) say the class themselves.
 */
export function parseLabels(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.length && lines.at(-1)!.trim() === '') lines.pop();
  const numbered = lines.map((line) => /^\s*(\d+)(?:\s*[:,]\s*|\s+)(\S.*)$/.exec(line));
  const rising = numbered.every((m, i) => m && (i === 0 || Number(m[1]) > Number(numbered[i - 1]![1])));
  if (!rising || lines.length < 2 || Number(numbered.at(-1)![1]) > 1_000_000) return lines.map((line) => line.trim());
  const names: string[] = [];
  for (const [, index, name] of numbered as RegExpExecArray[]) names[Number(index)] = name!.trim();
  return Array.from(names, (name) => name ?? '');
}

export function readLabels(file: string): Labels {
  try {
    return { source: file, names: parseLabels(readFileSync(file, 'utf8')) };
  } catch (cause) {
    throw new LaneliteError('FILE', `cannot read the labels file '${file}': ${(cause as Error).message}`, { cause });
  }
}

/** A labels file in the model's folder: `MODEL.txt`, `MODEL_labels.txt`, `MODEL.labels.txt` or `labels.txt`. */
export function labelsBeside(modelPath: string): Labels | null {
  const folder = dirname(modelPath);
  const stem = basename(modelPath, extname(modelPath));
  for (const name of [`${stem}.txt`, `${stem}_labels.txt`, `${stem}.labels.txt`, 'labels.txt']) {
    const file = join(folder, name);
    if (existsSync(file)) return readLabels(file);
  }
  return null;
}

const isBackground = (name: string | undefined) => /^(background|\?+|unlabeled)$/i.test(name ?? '');

/**
 * Labels for `classes` outputs. Lists of ImageNet's 1000 classes and models with a background class before them (1001)
 * are mixed freely in the wild: a list that is one off because of it is shifted, any other mismatch is left alone.
 */
export function alignLabels(names: readonly string[], classes: number): readonly string[] {
  if (names.length === classes + 1 && isBackground(names[0])) return names.slice(1);
  if (classes === 1001 && names.length === 1000) return ['background', ...names];
  return names;
}

/** The labels to use for a model: the caller's file, else the model's own, else a file beside it, else none. */
export async function findLabels(model: Model, path: string, file?: string): Promise<Labels | null> {
  if (file !== undefined) return readLabels(file);
  const names = await model.labels();
  return names ? { source: "the model's metadata", names } : labelsBeside(path);
}
