// AssemblyScript: y[m, n] += a[m, k] · b[k, n] in float32, the one kernel that training spends its time in.
// `a` may lie transposed: element (i, p) is at a[i * aRow + p * aColumn]. b and y are dense, row by row.

export function gemm(m: i32, n: i32, k: i32, a: usize, aRow: i32, aColumn: i32, b: usize, y: usize): void {
  const m4 = m & ~3;
  const n8 = n & ~7;
  for (let i = 0; i < m4; i += 4) {
    for (let j = 0; j < n8; j += 8) tile4x8(n, k, at(a, i * aRow), aRow, aColumn, at(b, j), at(y, i * n + j));
    for (let j = n8; j < n; j++) {
      for (let r = i; r < i + 4; r++) dot(n, k, at(a, r * aRow), aColumn, at(b, j), at(y, r * n + j));
    }
  }
  for (let i = m4; i < m; i++) {
    for (let j = 0; j < n; j++) dot(n, k, at(a, i * aRow), aColumn, at(b, j), at(y, i * n + j));
  }
}

// @ts-ignore: decorator
@inline
function at(pointer: usize, index: i32): usize {
  return pointer + ((<usize>index) << 2);
}

function dot(n: i32, k: i32, a: usize, aColumn: i32, b: usize, y: usize): void {
  let sum = load<f32>(y);
  for (let p = 0; p < k; p++) sum += load<f32>(at(a, p * aColumn)) * load<f32>(at(b, p * n));
  store<f32>(y, sum);
}

function tile4x8(n: i32, k: i32, a0: usize, aRow: i32, aColumn: i32, b: usize, y0: usize): void {
  const a1 = at(a0, aRow);
  const a2 = at(a1, aRow);
  const a3 = at(a2, aRow);
  const y1 = at(y0, n);
  const y2 = at(y1, n);
  const y3 = at(y2, n);
  let acc00 = v128.load(y0);
  let acc01 = v128.load(y0, 16);
  let acc10 = v128.load(y1);
  let acc11 = v128.load(y1, 16);
  let acc20 = v128.load(y2);
  let acc21 = v128.load(y2, 16);
  let acc30 = v128.load(y3);
  let acc31 = v128.load(y3, 16);
  for (let p = 0, step: usize = 0; p < k; p++, step = at(step, aColumn), b = at(b, n)) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<f32>(a0 + step);
    acc00 = f32x4.add(acc00, f32x4.mul(v, b0));
    acc01 = f32x4.add(acc01, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a1 + step);
    acc10 = f32x4.add(acc10, f32x4.mul(v, b0));
    acc11 = f32x4.add(acc11, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a2 + step);
    acc20 = f32x4.add(acc20, f32x4.mul(v, b0));
    acc21 = f32x4.add(acc21, f32x4.mul(v, b1));
    v = v128.load_splat<f32>(a3 + step);
    acc30 = f32x4.add(acc30, f32x4.mul(v, b0));
    acc31 = f32x4.add(acc31, f32x4.mul(v, b1));
  }
  v128.store(y0, acc00);
  v128.store(y0, acc01, 16);
  v128.store(y1, acc10);
  v128.store(y1, acc11, 16);
  v128.store(y2, acc20);
  v128.store(y2, acc21, 16);
  v128.store(y3, acc30);
  v128.store(y3, acc31, 16);
}
