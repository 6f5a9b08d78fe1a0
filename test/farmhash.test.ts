import { expect, test } from 'vitest';
import { fingerprint64 } from '../bindings/ops/shared/farmhash.js';

const fingerprint = (text: string) => fingerprint64(new TextEncoder().encode(text));

// Values that ports of FarmHash (Guava's, Go's) test against.
test.each([
  ['', 0x9ae16a3b2f90404fn],
  ['a', 0xb3454265b6df75e3n],
  ['ab', 0xaa8d6e5242ada51en],
  ['abc', 0x24a5b3a074e7f369n],
  ['abcd', 0x1a5502de4a1f8101n],
  ['abcdefg', 0x3c40c92b1ccb7355n],
  ['abcdefgh', 0xfee9d22990c82909n],
  ['lee@lmmrtech.com', 0x61bec68db00fa2ffn],
  ['docklandsman@gmail.com', 0xb678cf3842309f40n],
  ['C is as portable as Stonehedge!!', 0xb944f8a16261e414n],
  ['Discard medicine more than two years old.', 0xe8f89ab6df9bdd25n],
  ['The days of the digital watch are numbered.  -Tom Stoppard', 0x2a578b80bb82147cn],
  ['For every action there is an equal and opposite government program.', 0x55182f8859eca4cen],
  ['There is no reason for any individual to have a computer in their home. -Ken Olsen, 1977', 0x7e85d7b050ed2967n],
  ['test'.repeat(64), 3500507768004279527n],
])('fingerprint of %j', (text, expected) => {
  expect(fingerprint(text)).toBe(expected);
});
