/**
 * Every error that Lanelite throws on purpose. `code` is stable across versions and safe to switch on;
 * the message says what was expected, what was found, and where.
 */
export class LaneliteError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The file is not a valid TFLite model: broken offsets, wrong identifier, indices out of range. */
export class ModelFormatError extends LaneliteError {
  constructor(message: string, options?: ErrorOptions) {
    super('MODEL_FORMAT', message, options);
  }
}

/** The bytes could not be fetched or read. */
export class ModelSourceError extends LaneliteError {
  constructor(message: string, options?: ErrorOptions) {
    super('MODEL_SOURCE', message, options);
  }
}

/** One operator (or one form of it) that this build cannot run. */
export interface UnsupportedOperator {
  /** Builtin name, or the custom code. */
  readonly op: string;
  /** Position in the subgraph's execution order. */
  readonly index: number;
  readonly reason: string;
}

/** The model needs operators, or forms of operators, that are not available. Lists all of them at once. */
export class UnsupportedOperatorError extends LaneliteError {
  constructor(readonly operators: readonly UnsupportedOperator[]) {
    const lines = new Map<string, number>();
    for (const { op, reason } of operators) {
      const line = `${op}: ${reason}`;
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
    const list = [...lines].map(([line, n]) => `  ${line}${n > 1 ? ` (${n} nodes)` : ''}`);
    super('UNSUPPORTED_OPERATOR', `the model needs operators that are not supported:\n${list.join('\n')}`);
  }
}

/** Where in a graph an error arose. */
export interface NodeLocation {
  readonly op: string;
  readonly index: number;
  readonly tensor?: string;
}

/** Shapes do not fit: in the model, or in what the caller passed. */
export class ShapeError extends LaneliteError {
  constructor(
    message: string,
    readonly location?: NodeLocation,
  ) {
    super('SHAPE', message);
  }
}

/** An operator's options, types or constant inputs make no sense. */
export class InvalidOperatorError extends LaneliteError {
  constructor(
    message: string,
    readonly location?: NodeLocation,
  ) {
    super('INVALID_OPERATOR', message);
  }
}

/** Data of the wrong dtype or length was passed to a tensor. */
export class TensorDataError extends LaneliteError {
  constructor(message: string) {
    super('TENSOR_DATA', message);
  }
}

/** A name, index or signature that the model does not have. */
export class NotFoundError extends LaneliteError {
  constructor(message: string) {
    super('NOT_FOUND', message);
  }
}

/** `maxMemory`, or the host's own limit, would be exceeded. */
export class MemoryLimitError extends LaneliteError {
  constructor(message: string, options?: ErrorOptions) {
    super('MEMORY_LIMIT', message, options);
  }
}

/** The object was used after `close()`, or before it was ready. */
export class StateError extends LaneliteError {
  constructor(message: string) {
    super('STATE', message);
  }
}

/** The host lacks something that was asked for (a wasm feature, a way to read files). */
export class HostError extends LaneliteError {
  constructor(message: string, options?: ErrorOptions) {
    super('HOST', message, options);
  }
}

/** An argument of a public call is not legal. */
export class ArgumentError extends LaneliteError {
  constructor(message: string) {
    super('ARGUMENT', message);
  }
}
