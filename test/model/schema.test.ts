import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DTYPES } from '../../bindings/dtype.js';
import { LAYOUT, OPERATORS } from '../../bindings/model/schema/generated/full-layout.js';
import * as tflite from '../../bindings/model/schema/generated/tflite.js';

test('the generated files are fresh', () => {
  const script = fileURLToPath(new URL('../../scripts/generate-schema.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toContain('are fresh');
});

test('dtypes are the tensor types of the schema', () => {
  const names = Object.keys(tflite.TensorType).filter((key) => Number.isNaN(Number(key)));
  expect(DTYPES).toEqual(names.map((name) => name.toLowerCase()));
});

test('the layout names the operators by code', () => {
  const names = OPERATORS.split('\n').map((line) => line.split(' ')[0]);
  expect(names).toHaveLength(210);
  for (const [code, name] of names.entries()) expect(tflite.BuiltinOperator[code]).toBe(name);
});

test('option tables stand in their unions', () => {
  for (const line of OPERATORS.split('\n')) {
    const [name, member] = line.split(' ');
    if (!member) continue;
    const union = member[0] === '+' ? tflite.BuiltinOptions2 : tflite.BuiltinOptions;
    expect(union[Number(member)], name).toMatch(/Options$/);
  }
  expect(Object.keys(LAYOUT.tables)).toContain('Model');
});
