// TFLite Metadata of the digit models: what goes in, what comes out, and where the labels are.
import { Builder } from 'flatbuffers';
import * as schema from '../../../bindings/model/schema/generated/metadata.js';
import { inputSize } from './specs.js';

export const labels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
/** The member of the appended zip archive that holds them. */
export const labelFile = 'labels.txt';

/** The flatbuffer for the model's TFLITE_METADATA entry. */
export function metadata(description: string): Uint8Array {
  const input = new schema.TensorMetadataT('image', 'One digit, about the middle of the picture');
  const size = new schema.ImageSizeT(inputSize, inputSize);
  const picture = new schema.ImagePropertiesT(schema.ColorSpaceType.GRAYSCALE, size);
  input.content = new schema.ContentT(schema.ContentProperties.ImageProperties, picture);
  const normalization = new schema.NormalizationOptionsT([0], [255]);
  input.processUnits = [new schema.ProcessUnitT(schema.ProcessUnitOptions.NormalizationOptions, normalization)];
  input.stats = new schema.StatsT([1], [0]);

  const output = new schema.TensorMetadataT('probabilities', 'Probability of each digit');
  output.content = new schema.ContentT(schema.ContentProperties.FeatureProperties, new schema.FeaturePropertiesT());
  output.stats = new schema.StatsT([1], [0]);
  output.associatedFiles = [
    new schema.AssociatedFileT(labelFile, 'The digits', schema.AssociatedFileType.TENSOR_AXIS_LABELS),
  ];

  const subgraph = new schema.SubGraphMetadataT(null, null, [input], [output]);
  const model = new schema.ModelMetadataT('Digits', description, '1', [subgraph], 'Lanelite', 'Apache-2.0');
  model.minParserVersion = '1.0.0';
  const builder = new Builder(1024);
  schema.ModelMetadata.finishModelMetadataBuffer(builder, model.pack(builder));
  return builder.asUint8Array();
}
