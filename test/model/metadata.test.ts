import { deflateSync, strToU8, zipSync } from 'fflate';
import { Builder } from 'flatbuffers';
import { describe, expect, test } from 'vitest';
import { ModelFormatError } from '../../bindings/errors.js';
import { associatedFiles, normalizationOf, readLabels, readMetadata } from '../../bindings/model/metadata.js';
import * as schema from '../../bindings/model/schema/generated/metadata.js';
import { buildModel } from '../support/build-model.js';
import { readModel } from '../support/operators.js';
import { Rng } from '../support/random.js';
import { readShared, sharedFiles } from '../support/shared.js';

const metadataOf = (bytes: Uint8Array) => readMetadata(bytes, readModel(bytes));
const filesOf = (bytes: Uint8Array) => associatedFiles(() => bytes);
const labelsOf = (bytes: Uint8Array, output?: number) => readLabels(() => bytes, metadataOf(bytes), output);

function labelFile(name: string) {
  return new schema.AssociatedFileT(name, 'the classes', schema.AssociatedFileType.TENSOR_AXIS_LABELS);
}

/** A model with metadata: one image input, two outputs, the second of which has labels. */
function withMetadata(archive: Uint8Array = new Uint8Array()): Uint8Array {
  const image = new schema.TensorMetadataT('image');
  const size = new schema.ImageSizeT(224, 192);
  const properties = new schema.ImagePropertiesT(schema.ColorSpaceType.RGB, size);
  image.content = new schema.ContentT(
    schema.ContentProperties.ImageProperties,
    properties,
    new schema.ValueRangeT(1, 2),
  );
  const normalization = new schema.NormalizationOptionsT([127.5, 0, 1], [127.5]);
  image.processUnits = [new schema.ProcessUnitT(schema.ProcessUnitOptions.NormalizationOptions, normalization)];
  image.stats = new schema.StatsT([1], [-1]);
  const boxes = new schema.TensorMetadataT('boxes');
  const scores = new schema.TensorMetadataT('scores', 'one a class', ['batch', 'class']);
  scores.associatedFiles = [labelFile('labels.txt')];
  const threshold = new schema.ScoreThresholdingOptionsT(0.25);
  scores.processUnits = [new schema.ProcessUnitT(schema.ProcessUnitOptions.ScoreThresholdingOptions, threshold)];
  const main = new schema.SubGraphMetadataT('main', null, [image], [boxes, scores]);
  main.customMetadata = [new schema.CustomMetadataT('mine', [1, 2, 3])];
  const root = new schema.ModelMetadataT('net', 'sorts pictures', '1.2', [main], 'us', 'Apache-2.0');
  const builder = new Builder();
  schema.ModelMetadata.finishModelMetadataBuffer(builder, root.pack(builder));
  const tensor = { dtype: 'float32' as const, shape: [1, 2] };
  const model = buildModel({
    subgraphs: [
      { tensors: [tensor, tensor], inputs: [0], outputs: [1], operators: [{ op: 'RELU', inputs: [0], outputs: [1] }] },
    ],
    metadata: [{ name: 'TFLITE_METADATA', data: builder.asUint8Array() }],
  });
  return new Uint8Array(Buffer.concat([model, archive]));
}

const LABELS = { 'labels.txt': strToU8('cat\r\ndog\n\ngrüner Tee\n\n') };

describe('metadata', () => {
  test('of every kind', () => {
    const metadata = metadataOf(withMetadata())!;
    expect(metadata).toMatchObject({ name: 'net', description: 'sorts pictures', author: 'us', license: 'Apache-2.0' });
    const [main] = metadata.subgraphMetadata;
    expect(main!.inputTensorMetadata).toMatchObject([
      {
        name: 'image',
        content: {
          contentProperties: {
            type: 'ImageProperties',
            value: { colorSpace: 'RGB', defaultSize: { width: 224, height: 192 } },
          },
          range: { min: 1, max: 2 },
        },
        stats: { max: [1], min: [-1] },
      },
    ]);
    expect(main!.outputTensorMetadata[0]).toMatchObject({
      name: 'boxes',
      content: null,
      stats: null,
      associatedFiles: [],
    });
    expect(main!.outputTensorMetadata[1]).toMatchObject({
      name: 'scores',
      dimensionNames: ['batch', 'class'],
      processUnits: [{ options: { type: 'ScoreThresholdingOptions', value: { globalScoreThreshold: 0.25 } } }],
      associatedFiles: [{ name: 'labels.txt', type: 'TENSOR_AXIS_LABELS', locale: '' }],
    });
    expect(main!.customMetadata).toEqual([{ name: 'mine', data: Uint8Array.of(1, 2, 3) }]);
    expect(normalizationOf(metadata)).toEqual({ mean: [127.5, 0, 1], std: [127.5] });
    expect(normalizationOf(metadata, 1)).toBeNull();
  });

  test('a model without', async () => {
    const bytes = buildModel({ subgraphs: [{ tensors: [], inputs: [], outputs: [], operators: [] }] });
    expect(metadataOf(bytes)).toBeNull();
    expect(normalizationOf(null)).toBeNull();
    expect(filesOf(bytes)).toEqual([]);
    expect(await labelsOf(bytes)).toBeNull();
  });

  test('of another kind in the same place', () => {
    const subgraphs = [{ tensors: [], inputs: [], outputs: [], operators: [] }];
    const bytes = buildModel({ subgraphs, metadata: [{ name: 'TFLITE_METADATA', data: strToU8('no flatbuffer') }] });
    expect(() => metadataOf(bytes)).toThrow(/identifier "latb", expected "M001"/);
  });

  test('damaged in thousands of ways', () => {
    const bytes = withMetadata();
    const definition = readModel(bytes);
    const { offset, size } = definition.buffers[definition.metadata[0]!.buffer]!;
    const rng = new Rng(7);
    for (let i = 0; i < 5000; i++) {
      const copy = bytes.slice();
      for (let flips = rng.int(1, 4); flips > 0; flips--) copy[offset + rng.int(0, size - 1)]! ^= 1 << rng.int(0, 7);
      try {
        readMetadata(copy, definition);
      } catch (error) {
        if (!(error instanceof ModelFormatError)) throw error;
      }
    }
  });
});

describe('labels', () => {
  test.each([0, 9] as const)('packed at level %d', async (level) => {
    const bytes = withMetadata(zipSync(LABELS, { level }));
    expect(filesOf(bytes)).toMatchObject([{ name: 'labels.txt', size: LABELS['labels.txt'].length }]);
    const expected = ['cat', 'dog', '', 'grüner Tee'];
    expect(await labelsOf(bytes)).toEqual(expected);
    expect(await labelsOf(bytes, 1)).toEqual(expected);
    expect(await labelsOf(bytes, 0)).toBeNull();
  });

  test('offsets that count from the beginning of the file', async () => {
    const archive = zipSync(LABELS);
    const before = withMetadata().length;
    const view = new DataView(archive.buffer);
    const end = archive.length - 22;
    const start = view.getUint32(end + 16, true);
    view.setUint32(end + 16, start + before, true);
    view.setUint32(start + 42, view.getUint32(start + 42, true) + before, true);
    expect(await labelsOf(withMetadata(archive))).toHaveLength(4);
  });

  test('a file that no metadata names', async () => {
    const model = buildModel({ subgraphs: [{ tensors: [], inputs: [], outputs: [], operators: [] }] });
    const archive = zipSync({ 'note.txt': strToU8('x'), 'some_labels.txt': strToU8('a\nb') });
    expect(await labelsOf(new Uint8Array(Buffer.concat([model, archive])))).toEqual(['a', 'b']);
  });

  test('files beside directories, by name', async () => {
    const archive = zipSync({ folder: { 'a.txt': strToU8('first') }, 'b.bin': new Uint8Array(70_000) });
    const files = filesOf(withMetadata(archive));
    expect(files.map(({ name, size }) => [name, size])).toEqual([
      ['folder/a.txt', 5],
      ['b.bin', 70_000],
    ]);
    expect(new TextDecoder().decode(await files[0]!.read())).toBe('first');
    expect(await files[1]!.read()).toEqual(new Uint8Array(70_000));
  });
});

describe('hostile archives', () => {
  const archive = zipSync(LABELS, { level: 9 });
  const central = new DataView(archive.buffer).getUint32(archive.length - 6, true);
  /** The archive with 16- or 32-bit numbers replaced. */
  const patched = (...patches: [at: number, value: number, bits?: 16 | 32][]) => {
    const copy = archive.slice();
    const view = new DataView(copy.buffer);
    for (const [at, value, bits = 32] of patches) {
      if (bits === 16) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
    }
    return withMetadata(copy);
  };
  const end = archive.length - 22;
  const cases: [string, Uint8Array, RegExp][] = [
    ['directory outside the file', patched([end + 12, 2 ** 31]), /directory/],
    ['offset of the directory', patched([end + 16, 2 ** 31]), /directory outside/],
    ['more entries than there are', patched([end + 10, 7, 16]), /damaged directory/],
    ['name past the end', patched([central + 28, 60_000, 16]), /damaged directory/],
    ['header outside the file', patched([central + 42, 2 ** 31]), /damaged file header/],
    ['data past its end', patched([central + 20, 2 ** 31]), /runs past/],
    ['encrypted', patched([central + 8, 1, 16]), /encrypted/],
    ['unknown method', patched([central + 10, 99, 16]), /unknown method 99/],
    ['unpacks to more than it says', patched([central + 24, 3]), /more than its 3 bytes/],
    ['unpacks to less than it says', patched([central + 24, 300]), /bytes, expected 300/],
    ['a claim of gigabytes', patched([central + 24, 2 ** 32 - 1]), /more than/],
    ['damaged contents', patched([central - 8, 0xffffffff], [central - 12, 0xffffffff]), /labels\.txt/],
  ];
  test.each(cases)('%s', async (_, bytes, message) => {
    const error = await labelsOf(bytes).catch((e) => e);
    expect(error).toBeInstanceOf(ModelFormatError);
    expect(error.message).toMatch(message);
  });

  test('a bomb stops at the size it states', async () => {
    const packed = deflateSync(new Uint8Array(50_000_000), { level: 9 });
    const bomb = zipSync({ 'labels.txt': new Uint8Array(50_000_000) }, { level: 9 });
    expect(bomb.length).toBeLessThan(packed.length + 1000);
    new DataView(bomb.buffer).setUint32(bomb.length - 22 - 46 - 'labels.txt'.length + 24, 1000, true);
    await expect(labelsOf(withMetadata(bomb))).rejects.toThrow(/more than its 1000 bytes/);
  });

  test('damaged in thousands of ways', async () => {
    const whole = withMetadata(archive);
    const metadata = metadataOf(whole);
    const rng = new Rng(11);
    for (let i = 0; i < 3000; i++) {
      const copy = whole.slice(0, rng.bool(0.1) ? whole.length - rng.int(0, 60) : whole.length);
      for (let flips = rng.int(1, 4); flips > 0; flips--) {
        copy[copy.length - rng.int(1, archive.length)]! ^= 1 << rng.int(0, 7);
      }
      await readLabels(() => copy, metadata).catch((error) => {
        if (!(error instanceof ModelFormatError)) throw error;
      });
    }
  });
});

describe('labels of real models (shared/ beside the repository)', () => {
  const expected: [string, number, string, string][] = [
    ['audio/yamnet_audio_classifier_with_metadata.tflite', 521, 'Speech', 'Field recording'],
    ['classification/automl_labeler_model.tflite', 5, 'daisy', 'tulips'],
    [
      'classification/mobilenet_v2_1.0_224_quant.tflite',
      1001,
      'background',
      'toilet tissue, toilet paper, bathroom tissue',
    ],
    ['detection/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite', 90, 'person', 'toothbrush'],
    ['segmentation/deeplabv3.tflite', 21, 'background', 'tv'],
    ['segmentation/selfie_segmenter.tflite', 1, 'selfie', 'selfie'],
  ];
  const there = sharedFiles(['models'], /\.tflite$/);
  test.skipIf(there.length === 0).each(expected)('%s', async (file, count, first, last) => {
    const labels = await labelsOf(readShared(`models/${file}`));
    expect([labels!.length, labels![0], labels!.at(-1)]).toEqual([count, first, last]);
  });
});
