// The tools of the command line, for use from code (Node only).

export { normalizationOf } from '../model/metadata.js';
export { type Benchmark, type BenchmarkOptions, benchmark, formatBenchmark } from './benchmark.js';
export {
  type BuildTarget,
  buildSelective,
  formatSelectiveBuild,
  type SelectiveBuild,
  type SelectiveBuildOptions,
} from './build.js';
export { Classifier, type PictureShape, pictureShape, setPicture, top } from './classifier.js';
export { type CompiledModel, type CompileModelOptions, compileModel, formatCompiled } from './compile.js';
export { CIFAR10_CLASSES, type Dataset, openDataset, type Sample } from './dataset.js';
export { type EvaluateOptions, type Evaluation, evaluate, formatEvaluation } from './evaluate.js';
export { decodeImage, type Image, toGrey } from './image.js';
export { generateInput, xorshift32 } from './inputs.js';
export {
  formatLabelledImage,
  type LabelImageOptions,
  type LabelledImage,
  labelImages,
  readImage,
} from './label-image.js';
export { alignLabels, findLabels, type Labels, parseLabels, readLabels } from './labels.js';
export { NORMALIZATIONS, type Normalization, parseNormalization, pixelConverter } from './normalization.js';
export { describeInstructions, formatPlan, type PlanInstruction } from './plan.js';
export { main } from './program.js';
export { resizeBilinear } from './resize.js';
export { formatRun, type RunOptions, type RunResult, run } from './run.js';
export { type Statistics, statistics } from './statistics.js';
export { formatSummary, type Summary, summarize } from './summarize.js';
