// Operators that JavaScript computes between two plans: those whose outputs have the size that their data say, and custom ones.
import { byteLength, type DType, elementCount, type TypedArray, typedArrayOf } from '../../dtype.js';
import { type ModelResources, type Plan, readElements } from '../../graph/compile.js';
import type { Graph } from '../../graph/graph.js';
import { badShape, bytesOf, invalid, type OpNode, type Session, type Shape, type Value } from '../../graph/ir.js';
import { type Strings, stringsOf } from '../../graph/strings.js';
import type { Region } from '../../memory/map.js';
import type { Quantization } from '../../quantization.js';
import type { Activity, CallSite, Inference, Operator } from '../operator.js';

/** An input as the operator sees it. */
export interface HostTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly quantization: Quantization | null;
  /** A copy of the elements; strings are numbers that `HostCall.strings` knows. */
  readonly data: TypedArray;
}

export interface HostCall {
  readonly node: OpNode;
  /** null is an omitted optional input. */
  readonly inputs: readonly (HostTensor | null)[];
  /** What the node is in, with the shapes that all before it have in this run. */
  readonly graph: Graph;
  readonly session: Session;
  readonly strings: Strings;
}

export interface HostResult {
  readonly shape: Shape;
  /** The kind of array that shows the output's dtype. */
  readonly data: TypedArray;
}

export interface HostOperator extends Pick<Operator, 'stateful' | 'macs'> {
  readonly name: string;
  /** Throws for a node that `run` could not compute, before anything runs. */
  check?(node: OpNode, known: Inference): void;
  /** Shapes of the outputs, where they can be told before `run`; those that depend on `data` are asked for once it is there. */
  shapes?(call: HostCall): readonly Shape[];
  run(call: HostCall): readonly HostResult[];
}

/** Thrown where data is read that nobody has computed yet. */
class NotYet {}

class HostActivity implements Activity {
  readonly #regions: Region[] = [];
  results: { shape: Shape; address: number }[] = [];

  constructor(
    readonly site: CallSite,
    readonly operator: HostOperator,
  ) {}

  begin(): null {
    const { node } = this.site;
    const results = this.operator.run(this.#call(true));
    this.#place(results.map(({ shape }) => shape));
    for (const [i, { dtype }] of node.outputs.entries()) {
      const { shape, data } = results[i]!;
      if (data.constructor !== typedArrayOf(dtype) || data.byteLength !== byteLength(dtype, elementCount(shape))) {
        throw badShape(node, `output ${i} is ${data.constructor.name}(${data.length}), not ${dtype} [${shape}]`);
      }
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      this.site.resources.engine.bytes.set(bytes, this.results[i]!.address);
    }
    return null;
  }

  next(): null {
    return null;
  }

  settle(): boolean {
    if (!this.operator.shapes) return false;
    try {
      this.#place(this.operator.shapes(this.#call(false)));
      return true;
    } catch (error) {
      if (error instanceof NotYet) return false;
      throw error;
    }
  }

  readonly plans: readonly Plan[] = [];

  release(): void {
    const { map } = this.site.resources.engine;
    for (const region of this.#regions.splice(0)) map.release(region);
  }

  #call(computed: boolean): HostCall {
    const { node, plan, resources, options } = this.site;
    const inputs = node.inputs.map((value) => value && tensorOf(value, plan, resources, computed));
    return { node, inputs, graph: plan.graph, session: options.session, strings: stringsOf(resources) };
  }

  /** Room for outputs of these shapes. They stay where they are while they fit, for later plans know their places. */
  #place(shapes: readonly Shape[]): void {
    const { node, resources } = this.site;
    const { outputs } = node;
    const { map } = resources.engine;
    if (shapes.length !== outputs.length) throw invalid(node, `computes ${shapes.length} outputs of ${outputs.length}`);
    this.results = shapes.map((shape, i) => {
      const bytes = byteLength(outputs[i]!.dtype, elementCount(shape));
      let region = this.#regions[i];
      if (!region || region.size < bytes + 16) {
        if (region) map.release(region);
        // Outputs that grow bit by bit are not moved each time.
        region = map.allocate(region ? 2 * bytes : bytes, 'arena');
        this.#regions[i] = region;
      }
      return { shape, address: region.address };
    });
  }
}

function tensorOf(value: Value, plan: Plan, { engine }: ModelResources, computed: boolean): HostTensor {
  const { name, dtype, shape, quantization, constant } = value;
  return {
    name,
    dtype,
    shape,
    quantization,
    get data() {
      if (!computed && !constant) throw new NotYet();
      return readElements(engine, value, constant?.address ?? plan.addresses.get(value)!, bytesOf(value));
    },
  };
}

export function hostOperator(operator: HostOperator): Operator {
  const { name, stateful, macs } = operator;
  return {
    name,
    stateful,
    macs,
    infer(node, known) {
      operator.check?.(node, known);
      return known.suspend();
    },
    enter: (site) => new HostActivity(site, operator),
    lower() {},
  };
}
