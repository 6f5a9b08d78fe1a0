// Resource variables of specifications.
import type { NodeSpec, TensorSpec } from './spec.js';

export const variable = (sharedName: string, handle: TensorSpec): NodeSpec => ({
  op: 'VAR_HANDLE',
  options: { container: '', sharedName },
  inputs: [],
  outputs: [handle],
});

export const assigning = (handle: TensorSpec, value: TensorSpec): NodeSpec => ({
  op: 'ASSIGN_VARIABLE',
  inputs: [handle, value],
  outputs: [],
});

export const reading = (handle: TensorSpec, { dtype, shape }: TensorSpec): NodeSpec => ({
  op: 'READ_VARIABLE',
  inputs: [handle],
  outputs: [{ dtype, shape }],
});
