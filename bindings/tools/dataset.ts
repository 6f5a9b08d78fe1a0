/**
 * Labelled pictures to measure accuracy on: CIFAR-10's binary format (records of one label byte and 3072 bytes, planes
 * of 32x32 red, green, blue; gzip too), and folders of pictures, one subfolder per class.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { LaneliteError } from '../errors.js';
import { decodeImage, type Image } from './image.js';
import { NORMALIZATIONS, type Normalization } from './normalization.js';

export interface Sample {
  /** Where it is, for messages. */
  readonly name: string;
  readonly label: number;
  image(): Image;
}

export interface Dataset {
  readonly samples: readonly Sample[];
  /** Names of the classes; the index is the label. Null where only the model knows. */
  readonly classes: readonly string[] | null;
  /** How models trained on this data usually take it. */
  readonly normalization: Normalization | null;
}

export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;

export function datasetError(message: string, cause?: unknown): LaneliteError {
  return new LaneliteError('DATASET', message, { cause });
}

/** A data set by path. `labels` are the model's class names, which a folder's subfolders may use. */
export function openDataset(path: string, labels: readonly string[] | null = null): Dataset {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (cause) {
    throw datasetError(`cannot open '${path}': ${(cause as Error).message}`, cause);
  }
  return isFolder ? imageFolder(path, labels) : cifar10(readFileSync(path), path);
}

export function cifar10(file: Uint8Array, name = 'data set'): Dataset {
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? gunzip(file, name) : file;
  if (bytes.length === 0 || bytes.length % RECORD !== 0) {
    throw datasetError(`'${name}': expected CIFAR-10 records of ${RECORD} bytes, found ${bytes.length} bytes in all`);
  }
  const samples = Array.from({ length: bytes.length / RECORD }, (_, i): Sample => {
    const record = bytes.subarray(i * RECORD, (i + 1) * RECORD);
    const label = record[0]!;
    if (label > 9) throw datasetError(`'${name}': record ${i} has label ${label}; CIFAR-10 has 0 to 9`);
    return { name: `${name} #${i}`, label, image: () => interleave(record.subarray(1)) };
  });
  return { samples, classes: CIFAR10_CLASSES, normalization: NORMALIZATIONS.cifar10! };
}

function gunzip(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw datasetError(`'${name}': ${(cause as Error).message}`, cause);
  }
}

function interleave(planes: Uint8Array): Image {
  const data = new Uint8Array(3 * PLANE);
  for (let i = 0; i < PLANE; i++) {
    for (let c = 0; c < 3; c++) data[i * 3 + c] = planes[c * PLANE + i]!;
  }
  return { width: SIDE, height: SIDE, data };
}

/**
 * `FOLDER/CLASS/picture.jpg`. CLASS is a class number or one of the model's labels; names that are neither count as
 * classes in alphabetical order, which is how most trainers number them, if the model has no labels at all.
 */
function imageFolder(path: string, labels: readonly string[] | null): Dataset {
  const visible = (name: string) => !name.startsWith('.');
  const folders = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && visible(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (folders.length === 0) throw datasetError(`'${path}': expected a subfolder per class, found none`);
  const numbered = folders.every((name) => /^\d+$/.test(name));
  const known = new Map(labels?.map((name, i) => [name.toLowerCase(), i] as const));
  const labelOf = (name: string, position: number) => {
    if (numbered) return Number(name);
    if (!labels) return position;
    const index = known.get(name.toLowerCase()) ?? known.get(name.toLowerCase().replaceAll('_', ' '));
    if (index === undefined) throw datasetError(`'${path}': subfolder '${name}' is not among the model's labels`);
    return index;
  };
  const samples = folders.flatMap((folder, position) => {
    const label = labelOf(folder, position);
    return readdirSync(join(path, folder))
      .filter((name) => visible(name) && /\.(jpe?g|png|bmp)$/i.test(name))
      .sort()
      .map((name): Sample => {
        const file = join(path, folder, name);
        return { name: file, label, image: () => decodeImage(readFileSync(file)) };
      });
  });
  if (samples.length === 0) throw datasetError(`'${path}': no .jpg, .png or .bmp file in its subfolders`);
  return { samples, classes: labels ?? (numbered ? null : folders), normalization: null };
}
