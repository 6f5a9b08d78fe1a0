// Runs whose plans depend on computed values, and calls of subgraphs. Loaded on demand.
import {
  type CompileOptions,
  compileSegment,
  type ModelResources,
  type Plan,
  readElements,
  type SegmentStart,
} from '../graph/compile.js';
import { bytesOf } from '../graph/ir.js';
import type { Activity } from '../ops/operator.js';
import { cached, type Walk } from './runner.js';

/** A segment's plan, and the segments that followed it, by what decided them. */
interface Segment {
  readonly plan: Plan;
  readonly next: Map<string, Segment>;
  /** What runs between this segment and the next one. */
  activity: Activity | null;
}

/** Continuations kept of a segment, and runs of which segments are kept: enough to alternate, too few to fill memory. */
const KEPT = 4;

/** Gives the number of segments. */
function releaseAll({ next, plan, activity }: Segment): number {
  let released = 1;
  for (const segment of next.values()) released += releaseAll(segment);
  activity?.release();
  plan.release();
  return released;
}

/** Plans segment by segment, as values become known and calls are done. */
export class SegmentedWalk implements Walk {
  #path: Segment[] = [];
  #activity: Activity | null = null;
  /** Segments that there are, and the most that a run took. */
  #segments = 0;
  #longest = 0;
  /** The layout of resources that the plans go by. */
  #layout = -1;

  constructor(
    readonly start: SegmentStart,
    readonly resources: ModelResources,
    readonly options: CompileOptions,
  ) {
    this.#prepare();
  }

  get last(): Plan {
    return this.#path.at(-1)!.plan;
  }

  get plans(): Plan[] {
    return this.#path.flatMap(({ plan, activity }) => [plan, ...(activity?.plans ?? [])]);
  }

  begin(): Plan {
    if (this.#layout !== this.options.session.layout) this.#renew();
    this.#path.length = 1;
    this.#activity = null;
    return this.last;
  }

  next(): Plan | null {
    const segment = this.#path.at(-1)!;
    const { pending } = segment.plan;
    if (!pending) return null;
    if (!pending.value) {
      const plan = this.#activity ? this.#activity.next() : this.#activityOf(segment).begin();
      this.#activity = plan && segment.activity;
      if (plan) return plan;
    }
    this.#path.push(this.#continue(segment));
    this.#prune(this.#path);
    return this.last;
  }

  release(): void {
    this.#drop(this.#path[0]!);
  }

  #drop(segment: Segment): void {
    this.#segments -= releaseAll(segment);
  }

  /** Each segment has few continuations, but theirs would multiply: keeps what this run took alone when they are too many. */
  #prune(path: readonly Segment[]): void {
    this.#longest = Math.max(this.#longest, path.length);
    if (this.#segments <= KEPT * this.#longest) return;
    for (const [i, { next }] of path.entries()) {
      for (const [key, segment] of next) {
        if (segment === path[i + 1]) continue;
        this.#drop(segment);
        next.delete(key);
      }
    }
  }

  #prepare(): void {
    const path = [this.#compile(this.start)];
    try {
      // What a call of a subgraph gives is often known without a run.
      for (let segment = path[0]!; segment.plan.pending?.value === null; path.push(segment)) {
        if (!this.#activityOf(segment).settle()) break;
        segment = this.#continue(segment);
      }
    } catch (error) {
      this.#drop(path[0]!);
      throw error;
    }
    this.#path = path;
    this.#layout = this.options.session.layout;
  }

  /** Compiles anew where resources have other shapes by now. Inputs keep what they hold. */
  #renew(): void {
    const before = this.#path[0]!;
    this.#prepare();
    const { bytes } = this.resources.engine;
    const { graph, addresses } = this.#path[0]!.plan;
    for (const [i, value] of before.plan.graph.inputs.entries()) {
      const from = before.plan.addresses.get(value)!;
      bytes.copyWithin(addresses.get(graph.inputs[i]!)!, from, from + bytesOf(value));
    }
    this.#drop(before);
  }

  #compile(start: SegmentStart): Segment {
    const plan = compileSegment(start, this.resources, this.options);
    this.#segments++;
    return { plan, next: new Map(), activity: null };
  }

  #activityOf(segment: Segment): Activity {
    const { plan } = segment;
    const node = plan.graph.nodes[plan.pending!.node]!;
    const { resources, options } = this;
    segment.activity ??= plan.operators.get(node.op)!.enter!({ node, plan, resources, options });
    return segment.activity;
  }

  /** The segment after one that ended at a value which is now in memory, or at a call which is done. */
  #continue({ plan, next, activity }: Segment): Segment {
    const { graph, known, addresses: before } = plan;
    const { value, node } = plan.pending!;
    const follow = (key: string, start: () => Partial<SegmentStart>) =>
      cached(
        next,
        `${this.options.session.layout}:${key}`,
        KEPT,
        () => this.#compile({ graph, node, known, addresses: before, ...start() }),
        (old) => this.#drop(old),
      );
    if (value) {
      const elements = readElements(this.resources.engine, value, before.get(value)!, bytesOf(value));
      const numbers = Array.from(elements, Number);
      return follow(numbers.join(), () => ({ known: new Map(known).set(value, numbers) }));
    }
    const { results } = activity!;
    if (!results) return follow('', () => ({}));
    return follow(results.map(({ shape, address }) => `${shape}@${address}`).join(), () => {
      const addresses = new Map(before);
      for (const [i, output] of graph.nodes[node]!.outputs.entries()) {
        // The graph is the plan's own, and is cloned before anything else looks at it.
        output.shape = results[i]!.shape;
        addresses.set(output, results[i]!.address);
      }
      return { node: node + 1, addresses };
    });
  }
}
