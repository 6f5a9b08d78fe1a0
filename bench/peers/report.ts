// From measurements to ratios and tables.
import { bytes, milliseconds, table } from '../../bindings/tools/text.js';
import { idle } from '../cores.js';
import type { Difference } from './agreement.js';
import type { Measurement, Timing } from './measure.js';
import type { ModelKind } from './models.js';

export interface ModelResult {
  readonly model: string;
  readonly file: string;
  readonly bytes: number;
  readonly macs: number | null;
  readonly kind: ModelKind;
  readonly threads: number;
  readonly measurements: readonly Measurement[];
  readonly ratios: Ratios | null;
  readonly scaling: Scaling | null;
}

/** How much faster than one thread several are. */
export interface Scaling {
  /** What the machine allowed, before and after the model ran: below the number of threads, something else ran. */
  readonly possible: number;
  /** Our best time on one thread divided by that on several; null where one thread was not measured. */
  readonly ours: number | null;
}

/** The best peer's figure divided by our best one's: above 1 we are ahead. Null where either side has none. */
export interface Ratios {
  readonly time: Timing;
  /** Only our exact arithmetic. */
  readonly exact: number | null;
  readonly startUp: number;
  /** Of a compiled model with a runtime for it alone. */
  readonly compiledStartUp: number | null;
  readonly memory: number;
}

/** A compiled model runs the same kernels; what differs is its start. */
const isCompiled = ({ contender }: Measurement) => contender.endsWith('compiled');

function best(list: readonly Measurement[], figure: (m: Measurement) => number): Measurement | null {
  const ran = list.filter(({ refused }) => !refused);
  return ran.reduce<Measurement | null>((a, b) => (a && figure(a) <= figure(b) ? a : b), null);
}

export const bestOf = (list: readonly Measurement[], ours: boolean) =>
  best(
    list.filter((m) => m.ours === ours && !isCompiled(m)),
    (m) => m.time!.min,
  );

export function ratios(list: readonly Measurement[]): Ratios | null {
  const peers = list.filter((m) => !m.ours && !m.refused);
  const all = list.filter((m) => m.ours && !m.refused);
  const [compiled, ours] = [all.filter(isCompiled), all.filter((m) => !isCompiled(m))];
  if (!peers.length || !ours.length) return null;
  const ratio = (figure: (m: Measurement) => number, mine = ours) =>
    Math.min(...peers.map(figure)) / Math.min(...mine.map(figure));
  const exact = ours.filter(({ contender }) => contender.endsWith('exact'));
  return {
    time: { min: ratio((m) => m.time!.min), median: ratio((m) => m.time!.median) },
    exact: exact.length ? ratio((m) => m.time!.min, exact) : null,
    startUp: ratio((m) => m.startUp!.total.min),
    compiledStartUp: compiled.length ? ratio((m) => m.startUp!.total.min, compiled) : null,
    memory: ratio((m) => m.memory!.end),
  };
}

export const geometricMean = (list: readonly number[]) =>
  Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length);

/** Multiply-adds from which threads must pay. */
const LARGE = 50e6;

export interface Summary {
  readonly threads: number;
  readonly group: string;
  readonly models: number;
  readonly time: Timing;
  readonly slowest: number;
  readonly startUp: number;
  readonly compiledStartUp: number | null;
  readonly memory: number;
}

/** Geometric means over all models and over each kind, by thread count. */
export function summaries(results: readonly ModelResult[]): Summary[] {
  const list: Summary[] = [];
  for (const threads of new Set(results.map((result) => result.threads))) {
    const compared = results.filter((result) => result.threads === threads && result.ratios);
    for (const group of ['all', ...new Set(compared.map(({ kind }) => kind))]) {
      const members = compared.filter(({ kind }) => group === 'all' || kind === group).map((r) => r.ratios!);
      if (!members.length) continue;
      const compiled = members.flatMap(({ compiledStartUp }) => compiledStartUp ?? []);
      list.push({
        threads,
        group,
        models: members.length,
        time: {
          min: geometricMean(members.map(({ time }) => time.min)),
          median: geometricMean(members.map(({ time }) => time.median)),
        },
        slowest: Math.min(...members.map(({ time }) => time.min)),
        startUp: geometricMean(members.map(({ startUp }) => startUp)),
        compiledStartUp: compiled.length ? geometricMean(compiled) : null,
        memory: geometricMean(members.map(({ memory }) => memory)),
      });
    }
  }
  return list;
}

const times = (x: number | null | undefined) => (x == null ? '' : `${x.toFixed(2)}×`);

function differenceText(d: Difference | null): string {
  if (!d) return '';
  if (d.error) return d.error;
  const parts = [];
  if (d.float !== null) parts.push(d.float === 0 ? '0' : d.float.toExponential(1));
  if (d.integer !== null) parts.push(`${d.integer} int`);
  return parts.join(', ');
}

function scalingText({ possible, ours }: Scaling, threads: number): string {
  const cores = threads === 2 ? 'second core' : 'other cores';
  return `${cores} idle: ${idle(possible, threads) ? 'yes' : 'no'}, scaling possible ${times(possible)}${ours ? `, ours ${times(ours)}` : ''}`;
}

const right = (title: string) => ({ title, align: 'right' as const });

/** One model, one line a contender. */
export function formatModel({ model, kind, macs, threads, measurements, ratios, scaling }: ModelResult): string {
  const head = `${model}  (${kind}, ${macs === null ? '?' : (macs / 1e6).toFixed(1)} MMAC, ${threads} thread${threads > 1 ? 's' : ''})`;
  const rows = measurements
    .filter(({ refused }) => !refused)
    .map((m) => [
      m.contender,
      String(m.threads),
      milliseconds(m.time!.min),
      milliseconds(m.time!.median),
      macs ? (macs / m.time!.min / 1e6).toFixed(1) : '',
      milliseconds(m.startUp!.total.min),
      `${[m.startUp!.instantiate, m.startUp!.load, m.startUp!.first].map(({ min }) => min.toFixed(1)).join(' + ')}`,
      bytes(m.memory!.loaded),
      bytes(m.memory!.end),
      differenceText(m.difference),
    ]);
  const columns = [
    { title: 'runtime' },
    ...['threads', 'min', 'median', 'GMAC/s', 'start-up', 'inst + load + first', 'loaded', 'after runs'].map(right),
    { title: 'difference' },
  ];
  const refusals = measurements.filter(({ refused }) => refused).map((m) => `${m.contender}: refused: ${m.refused}`);
  const last = ratios
    ? `best peer / ours: ${times(ratios.time.min)} (median ${times(ratios.time.median)}, exact ${times(ratios.exact)}), start-up ${times(ratios.startUp)} (compiled ${times(ratios.compiledStartUp)}), memory ${times(ratios.memory)}`
    : 'no ratio';
  const cores = scaling ? [scalingText(scaling, threads)] : [];
  return [head, table(columns, rows), ...refusals, last, ...cores, ''].join('\n');
}

/** All models, one line each, slowest ratio first. */
export function formatOverview(results: readonly ModelResult[]): string {
  const sorted = [...results].sort((a, b) => (a.ratios?.time.min ?? 1e9) - (b.ratios?.time.min ?? 1e9));
  const rows = sorted.map(({ model, kind, threads, measurements, ratios, scaling }) => {
    const [ours, peer] = [bestOf(measurements, true), bestOf(measurements, false)];
    const cell = (m: Measurement | null) => (m ? milliseconds(m.time!.min) : 'refused');
    return [
      model,
      kind,
      String(threads),
      cell(ours),
      ours?.contender.replace('Lanelite ', '') ?? '',
      cell(peer),
      peer?.contender ?? '',
      ...[
        ratios?.time.min,
        ratios?.time.median,
        ratios?.exact,
        ratios?.startUp,
        ratios?.compiledStartUp,
        ratios?.memory,
      ].map(times),
      ...[scaling?.ours, scaling?.possible].map(times),
    ];
  });
  return table(
    [
      { title: 'model' },
      { title: 'kind' },
      right('threads'),
      right('ours'),
      { title: 'build' },
      right('best peer'),
      { title: 'which' },
      ...['ratio', 'median', 'exact', 'start-up', 'compiled', 'memory', 'scaling', 'possible'].map(right),
    ],
    rows,
  );
}

/** A line for each number of threads: where cores were idle, and what ours made of it on models above `LARGE`. */
export function formatScaling(results: readonly ModelResult[]): string[] {
  const several = results.filter(({ scaling }) => scaling);
  return [...new Set(several.map(({ threads }) => threads))].map((threads) => {
    const runs = several.filter((result) => result.threads === threads);
    const free = runs.filter(({ scaling }) => idle(scaling!.possible, threads));
    const ours = free.filter(({ macs, scaling }) => (macs ?? 0) > LARGE && scaling!.ours).map((r) => r.scaling!.ours!);
    const [least, most] = [Math.min, Math.max].map((f) => times(f(...runs.map(({ scaling }) => scaling!.possible))));
    const own = ours.length
      ? `; there, ours on ${ours.length} models above ${LARGE / 1e6} MMAC: geometric mean ${times(geometricMean(ours))}, least ${times(Math.min(...ours))}`
      : '';
    return `${threads} threads: cores idle for ${free.length} of ${runs.length} models (scaling possible ${least} to ${most})${own}`;
  });
}

export function formatSummaries(list: readonly Summary[]): string {
  return table(
    [
      right('threads'),
      { title: 'geometric mean over' },
      ...['models', 'ratio', 'median', 'slowest', 'start-up', 'compiled', 'memory'].map(right),
    ],
    list.map((s) => [
      String(s.threads),
      s.group,
      String(s.models),
      ...[s.time.min, s.time.median, s.slowest, s.startUp, s.compiledStartUp, s.memory].map(times),
    ]),
  );
}
